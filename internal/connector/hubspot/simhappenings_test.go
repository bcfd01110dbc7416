package hubspot_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tandem/internal/connector"
	"tandem/internal/connector/hubspot"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// happened reads a source to its end.
func happened(t *testing.T, c *hubspot.Client, of connector.HappeningSource, since, until time.Time) (all []connector.Happening, pages int) {
	t.Helper()
	err := c.Happenings(t.Context(), of, since, until, func(page []connector.Happening) error {
		all, pages = append(all, page...), pages+1
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, pages
}

// TestACT1_MailEventsAreReadByKindAndWindow over several pages, each once.
func TestACT1_MailEventsAreReadByKindAndWindow(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	c, ada := connect(t, p, static(p)), p.As("Maria")
	base := time.Now().UTC().Truncate(time.Second).Add(-3 * time.Hour)
	for i := range 1203 {
		if err := ada.Mail(hubspotsim.Mail{Email: fmt.Sprintf("P%d@x.example", i), Kind: "OPEN", Campaign: 7, At: base.Add(time.Duration(i) * time.Second), Bot: i == 0}); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range []hubspotsim.Mail{{Kind: "CLICK", URL: "https://x.example/a", At: base}, {Kind: "OPEN", At: base.Add(-time.Second)}} {
		m.Email, m.Campaign = "other@x.example", 7
		if err := ada.Mail(m); err != nil {
			t.Fatal(err)
		}
	}
	all, pages := happened(t, c, connector.HappeningSource{Kind: connector.MailHappening, Of: "OPEN"}, base, base.Add(time.Hour))
	met, bots := map[string]bool{}, 0
	for _, h := range all {
		met[h.ID+h.Address] = true
		if h.Bot {
			bots++
		}
	}
	if len(all) != 1203 || len(met) != 1203 || pages != 2 || bots != 1 || all[1202].Address != "p0@x.example" || all[1202].Mailing != "7" || !all[1202].At.Equal(base) {
		t.Errorf("%d events, %d different on %d pages, %d of bots; the last is %+v", len(all), len(met), pages, bots, all[len(all)-1])
	}
	clicks, _ := happened(t, c, connector.HappeningSource{Kind: connector.MailHappening, Of: "CLICK"}, base, base.Add(time.Hour))
	if len(clicks) != 1 || clicks[0].Values["url"] != "https://x.example/a" {
		t.Errorf("the clicks are %+v", clicks)
	}
	ada.MailCampaign(7, "Letter", "News")
	if m, err := c.Mailing(t.Context(), "7"); err != nil || m.Name != "Letter" || m.Subject != "News" {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err := c.Mailing(t.Context(), "8"); err != nil || m != (connector.Mailing{ID: "8"}) {
		t.Errorf("one that is gone: %+v, %v", m, err)
	}
}

// TestACT1_SubmissionsAreReadBackToAMoment and no page further.
func TestACT1_SubmissionsAreReadBackToAMoment(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	c, ada := connect(t, p, static(p)), p.As("Maria")
	id := ada.CreateForm("Contact us", "email")
	var half time.Time
	for i := range 120 {
		p.Advance(time.Second)
		if _, err := ada.SubmitForm(id, "https://x.example/p", map[string]string{"email": fmt.Sprintf("F%d@x.example", i), "firstname": "Fay"}); err != nil {
			t.Fatal(err)
		}
		if i == 89 {
			half = time.Now().Add(90*time.Second + 500*time.Millisecond)
		}
	}
	forms, err := c.Forms(t.Context())
	if err != nil || len(forms) != 1 || forms[0] != (connector.Form{ID: id, Name: "Contact us"}) {
		t.Fatalf("%+v, %v", forms, err)
	}
	all, pages := happened(t, c, connector.HappeningSource{Kind: connector.FormHappening, Of: id}, half, time.Time{})
	if len(all) != 30 || pages != 1 || all[0].Address != "f119@x.example" || all[0].Values["firstname"] != "Fay" || all[0].Values["page"] != "https://x.example/p" || all[0].ID == "" {
		t.Errorf("%d submissions on %d pages, the first %+v", len(all), pages, all[0])
	}
	if all, pages = happened(t, c, connector.HappeningSource{Kind: connector.FormHappening, Of: id}, time.Time{}, time.Time{}); len(all) != 120 || pages != 3 {
		t.Errorf("%d submissions on %d pages", len(all), pages)
	}
	if all, _ = happened(t, c, connector.HappeningSource{Kind: connector.FormHappening, Of: "gone"}, time.Time{}, time.Time{}); len(all) != 0 {
		t.Errorf("a form that is gone has %d", len(all))
	}
}

// TestACT1_OccurrencesAreRead where the account has them; its refusal concerns nothing else.
func TestACT1_OccurrencesAreRead(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	c, ada := connect(t, p, static(p)), p.As("Maria")
	id, err := ada.Create("contacts", map[string]string{"email": "a@x.example"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 101 {
		if err := ada.Occur("e_visited_page", id, time.Now().Add(-time.Duration(i)*time.Second), map[string]string{"hs_url": fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	of := connector.HappeningSource{Kind: connector.EventHappening, Of: "e_visited_page"}
	all, pages := happened(t, c, of, time.Now().Add(-time.Hour), time.Now().Add(time.Minute))
	if len(all) != 101 || pages != 2 || all[0].Person != id || all[0].Values["hs_url"] != "100" {
		t.Errorf("%d occurrences on %d pages, the first %+v", len(all), pages, all[0])
	}
	if types, err := c.EventTypes(t.Context()); err != nil || len(types) < 5 {
		t.Errorf("%v, %v", types, err)
	}
	tier := "professional"
	if err := p.Configure(hubspotsim.Settings{Tier: &tier, RemoveScopes: []string{"forms", "content"}}); err != nil {
		t.Fatal(err)
	}
	none := func([]connector.Happening) error { return nil }
	_, err = c.Forms(t.Context())
	for name, err := range map[string]error{"forms": err,
		"occurrences": c.Happenings(t.Context(), of, time.Time{}, time.Now(), none),
		"mail":        c.Happenings(t.Context(), connector.HappeningSource{Kind: connector.MailHappening, Of: "OPEN"}, time.Time{}, time.Now(), none),
		"unknown":     c.Happenings(context.Background(), connector.HappeningSource{Kind: "dreams"}, time.Time{}, time.Now(), none)} {
		if connector.ClassOf(err) != core.ClassRejected {
			t.Errorf("%s: %v", name, err)
		}
	}
}

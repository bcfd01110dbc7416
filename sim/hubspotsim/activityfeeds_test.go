package hubspotsim

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestMailEventsPageByOffsetsOfOneQuery(t *testing.T) {
	r := newRig(t, Options{})
	person := r.p.As("ada")
	for i := range 25 {
		r.clock.add(time.Second)
		if err := person.MailEvent(fmt.Sprintf("p%d@x.example", i), "OPEN", 7); err != nil {
			t.Fatal(err)
		}
	}
	const query = "/email/public/v1/events?eventType=OPEN"
	first := r.want(200, "GET", query, nil)
	if n := len(first.at("events").([]any)); n != mailPage || first.at("hasMore") != true || first.str("events", "0", "recipient") != "p24@x.example" {
		t.Fatalf("%d events, %s", n, first.raw)
	}
	// What comes meanwhile shifts no page.
	if err := person.MailEvent("late@x.example", "OPEN", 7); err != nil {
		t.Fatal(err)
	}
	second := r.want(200, "GET", query+"&limit=15&offset="+first.str("offset"), nil)
	if second.str("events", "0", "recipient") != "p14@x.example" || second.at("hasMore") != false || len(second.at("events").([]any)) != 15 {
		t.Error(second.raw)
	}
	r.want(400, "GET", "/email/public/v1/events?eventType=CLICK&offset="+first.str("offset"), nil)
	r.want(400, "GET", query+"&limit=1001", nil)
	r.want(400, "GET", query+"&startTimestamp=yesterday", nil)
	r.clock.add(offsetLife + time.Second)
	r.want(400, "GET", query+"&offset="+first.str("offset"), nil)
}

func TestMailEventsTellWhatTheirKindHas(t *testing.T) {
	r := newRig(t, Options{})
	person := r.p.As("ada")
	person.MailCampaign(7, "Spring letter", "News of spring")
	start := r.p.clock()
	for _, m := range []Mail{{Kind: "SENT"}, {Kind: "OPEN"}, {Kind: "CLICK", URL: "https://x.example/a"}, {Kind: "OPEN", Bot: true}, {Kind: "OPEN", At: start.Add(-time.Hour)}, {Kind: "FORWARD"}} {
		r.clock.add(time.Second)
		m.Email, m.Campaign = "A@x.example", 7
		if err := person.Mail(m); err != nil {
			t.Fatal(err)
		}
	}
	all := r.want(200, "GET", "/email/public/v1/events?recipient=a@x.example", nil)
	kinds := ""
	for i := range all.at("events").([]any) {
		kinds += all.str("events", fmt.Sprint(i), "type") + " "
	}
	if kinds != "FORWARD OPEN CLICK OPEN SENT OPEN " {
		t.Errorf("the kinds are %s: a late event stands at its own time", kinds)
	}
	click, sent := all.at("events", "2").(map[string]any), all.at("events", "4").(map[string]any)
	if click["url"] != "https://x.example/a" || click["filteredEvent"] != false || click["sentBy"].(map[string]any)["id"] != sent["id"] || sent["subject"] != "News of spring" {
		t.Errorf("the click is %v, the sending %v", click, sent)
	}
	if _, has := sent["filteredEvent"]; has {
		t.Errorf("a sending is not filtered: %v", sent)
	}
	people := r.want(200, "GET", "/email/public/v1/events?eventType=OPEN&excludeFilteredEvents=true", nil)
	if n := len(people.at("events").([]any)); n != 2 {
		t.Errorf("%d opens are people's, want 2", n)
	}
	one := r.want(200, "GET", "/email/public/v1/events/"+fmt.Sprintf("%.0f/%s", sent["created"], sent["id"]), nil)
	if one.str("type") != "SENT" {
		t.Error(one.raw)
	}
	r.want(404, "GET", "/email/public/v1/events/1/"+fmt.Sprint(sent["id"]), nil)
	campaign := r.want(200, "GET", "/email/public/v1/campaigns/7", nil)
	if campaign.str("name") != "Spring letter" || campaign.str("subject") != "News of spring" || campaign.at("counters", "open") != 3.0 {
		t.Error(campaign.raw)
	}
	r.want(404, "GET", "/email/public/v1/campaigns/8", nil)
	if list := r.want(200, "GET", "/email/public/v1/campaigns/by-id", nil); list.str("campaigns", "0", "appName") != mailAppName {
		t.Error(list.raw)
	}
	r.drop("content")
	r.want(403, "GET", "/email/public/v1/events", nil)
}

func TestFormsAndTheirSubmissions(t *testing.T) {
	r := newRig(t, Options{})
	person := r.p.As("ada")
	id := person.CreateForm("Contact us", "email", "firstname")
	old := person.CreateForm("Old")
	person.ArchiveForm(old)
	forms := r.want(200, "GET", "/marketing/v3/forms?limit=1", nil)
	if forms.str("results", "0", "id") != id || len(forms.at("results").([]any)) != 1 {
		t.Error(forms.raw)
	}
	known := r.create("contacts", "email", "known@x.example")
	for i := range 55 {
		r.clock.add(time.Second)
		if _, err := person.SubmitForm(id, "https://x.example/contact", map[string]string{"email": fmt.Sprintf("f%d@x.example", i)}); err != nil {
			t.Fatal(err)
		}
	}
	r.clock.add(time.Second)
	contact, err := person.SubmitForm(id, "https://x.example/contact", map[string]string{"email": "Known@x.example", "firstname": "Kay"})
	if err != nil || contact != known || r.value("contacts", known, "firstname") != "Kay" || r.value("contacts", known, "num_conversion_events") != "1" {
		t.Errorf("contact %s, %v", contact, err)
	}
	page := "/form-integrations/v1/submissions/forms/" + id
	first := r.want(200, "GET", page+"?limit=50", nil)
	if !strings.Contains(first.raw, "Kay") || first.str("results", "0", "conversionId") == "" || first.str("results", "0", "pageUrl") != "https://x.example/contact" || len(first.at("results").([]any)) != 50 {
		t.Error(first.raw)
	}
	rest := r.want(200, "GET", page+"?limit=50&after="+first.str("paging", "next", "after"), nil)
	if len(rest.at("results").([]any)) != 6 || rest.at("paging") != nil {
		t.Error(rest.raw)
	}
	r.want(400, "GET", page+"?limit=51", nil)
	r.want(404, "GET", "/form-integrations/v1/submissions/forms/none", nil)
	if err := person.GDPRDelete(known); err != nil {
		t.Fatal(err)
	}
	if left := r.want(200, "GET", page, nil); strings.Contains(strings.ToLower(left.raw), "known@") {
		t.Error("what an erased person submitted is left")
	}
	r.drop("forms")
	r.want(403, "GET", page, nil)
	r.want(403, "GET", "/marketing/v3/forms", nil)
}

func TestOccurrencesAreForEnterprise(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("contacts", "email", "a@x.example")
	person := r.p.As("ada")
	start := r.p.clock()
	for i := range 3 {
		r.clock.add(time.Second)
		if err := person.Occur("e_visited_page", id, time.Time{}, map[string]string{"hs_url": fmt.Sprintf("https://x.example/%d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := person.Occur("pe1_other", id, start.Add(-time.Hour), nil); err != nil {
		t.Fatal(err)
	}
	const query = "/events/v3/events?eventType=e_visited_page&sort=occurredAt&limit=2"
	first := r.want(200, "GET", query, nil)
	if first.str("results", "0", "properties", "hs_url") != "https://x.example/0" || first.str("results", "0", "objectId") != id || first.str("results", "0", "objectType") != "CONTACT" {
		t.Error(first.raw)
	}
	if rest := r.want(200, "GET", query+"&after="+first.str("paging", "next", "after"), nil); len(rest.at("results").([]any)) != 1 {
		t.Error(rest.raw)
	}
	recent := r.want(200, "GET", "/events/v3/events?occurredAfter="+start.UTC().Format("2006-01-02T15:04:05.000Z"), nil)
	if len(recent.at("results").([]any)) != 3 {
		t.Error(recent.raw)
	}
	r.want(400, "GET", "/events/v3/events?objectId=1", nil)
	if types := r.want(200, "GET", "/events/v3/events/event-types", nil); !strings.Contains(types.raw, "pe1_other") {
		t.Error(types.raw)
	}
	tier := professional
	r.configure(Settings{Tier: &tier})
	r.want(403, "GET", "/events/v3/events", nil)
}

func TestActivityControlsMakeFormsAndEvents(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("contacts", "email", "a@x.example")
	form := r.post("records", map[string]any{"do": "create_form", "name": "Contact us", "fields": []string{"email", "firstname"}}).str("id")
	r.post("records", map[string]any{"do": "submit_form", "id": form, "page": "https://x.example", "values": map[string]string{"email": "a@x.example"}})
	r.post("records", map[string]any{"do": "occur", "event": "e_visited_page", "id": id, "values": map[string]string{"hs_url": "x"}})
	r.post("records", map[string]any{"do": "mail_event", "email": "a@x.example", "event": "CLICK", "campaign": 1, "url": "https://x.example", "bot": true})
	for path, want := range map[string]string{"/marketing/v3/forms": `"name":"firstname"`, "/form-integrations/v1/submissions/forms/" + form: "a@x.example", "/events/v3/events": "e_visited_page", "/email/public/v1/events": `"filteredEvent":true`} {
		if got := r.want(200, "GET", path, nil); !strings.Contains(got.raw, want) {
			t.Errorf("%s answers %s", path, got.raw)
		}
	}
}

package simtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// roleRows are the contact roles of an opportunity as "contact role", sorted.
func (w *World) roleRows(opportunity string) (out []string) {
	w.T.Helper()
	rows, err := w.Org.As(admin).Query("SELECT ContactId, Role FROM OpportunityContactRole WHERE OpportunityId = '" + opportunity + "'")
	w.must(err)
	for _, r := range rows {
		role := ""
		if r["Role"] != nil {
			role = fmt.Sprint(r["Role"])
		}
		out = append(out, fmt.Sprint(r["ContactId"])+" "+role)
	}
	slices.Sort(out)
	return out
}

// peopleOf are the contacts of a deal with their labels, sorted.
func (w *World) peopleOf(deal string) (out []string) {
	w.T.Helper()
	for _, one := range w.portalCall("GET", "/crm/v4/objects/deals/"+deal+"/associations/contacts", nil)["results"].([]any) {
		row := one.(map[string]any)
		var labels []string
		for _, t := range row["associationTypes"].([]any) {
			if label, _ := t.(map[string]any)["label"].(string); label != "" {
				labels = append(labels, label)
			}
		}
		slices.Sort(labels)
		out = append(out, fmt.Sprintf("%.0f %s", row["toObjectId"], strings.Join(labels, ";")))
	}
	slices.Sort(out)
	return out
}

func (w *World) wantRoles(opportunity, deal string, contacts [][3]string) {
	w.T.Helper()
	var rows, people []string
	for _, c := range contacts {
		rows, people = append(rows, c[0]+" "+c[2]), append(people, c[1]+" "+c[2])
	}
	slices.Sort(rows)
	slices.Sort(people)
	if got := w.roleRows(opportunity); !slices.Equal(got, rows) {
		w.T.Errorf("the opportunity has the roles %v, want %v", got, rows)
	}
	if got := w.peopleOf(deal); !slices.Equal(got, people) {
		w.T.Errorf("the deal has the contacts %v, want %v", got, people)
	}
}

// withRoles is a world of people and deals with one linked deal and two linked contacts.
func withRoles(t *testing.T, opts ...Option) (w *World, opportunity, deal string, ada, bo [2]string) {
	t.Helper()
	w = New(t, append([]Option{people(becomesContact), deals()}, opts...)...)
	for i, name := range []string{"Ada", "Bo"} {
		id := w.made(core.Contact, "LastName", name, "Email", name+"@x.com")
		w.Sync()
		pair := [2]string{id, w.wantMate(id)}
		if i == 0 {
			ada = pair
		} else {
			bo = pair
		}
	}
	opportunity = w.opportunity("With people")
	w.made(core.ContactRole, "OpportunityId", opportunity, "ContactId", ada[0], "Role", "Decision Maker")
	w.again()
	return w, opportunity, w.wantDealMate(opportunity), ada, bo
}

// TestDEAL9_ContactRolesPassBothWays with their labels: new ones, changed ones and those
// that are taken away, from either side.
func TestDEAL9_ContactRolesPassBothWays(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w, opportunity, deal, ada, bo := withRoles(t, profile)
		w.wantRoles(opportunity, deal, [][3]string{{ada[0], ada[1], "Decision Maker"}})
		w.portalCall("PUT", "/crm/v4/objects/deals/"+deal+"/associations/default/contacts/"+bo[1], nil)
		w.again()
		w.wantRoles(opportunity, deal, [][3]string{{ada[0], ada[1], "Decision Maker"}, {bo[0], bo[1], ""}})
		rows, err := w.Org.As(admin).Query("SELECT Id FROM OpportunityContactRole WHERE ContactId = '" + ada[0] + "'")
		w.must(err)
		w.change(core.ContactRole, fmt.Sprint(rows[0]["Id"]), "Role", "Evaluator")
		w.again()
		w.wantRoles(opportunity, deal, [][3]string{{ada[0], ada[1], "Evaluator"}, {bo[0], bo[1], ""}})
		w.wantStill(t)
		w.must(w.Org.As(admin).Delete("OpportunityContactRole", fmt.Sprint(rows[0]["Id"])))
		w.again()
		w.wantRoles(opportunity, deal, [][3]string{{bo[0], bo[1], ""}})
		w.must(w.Portal.As(admin).Dissociate("deals", deal, "contacts", bo[1]))
		w.change(core.Deals, deal, "amount", "3") // associations move no stamp, and nothing announces them here
		w.again()
		w.wantRoles(opportunity, deal, nil)
		w.wantStill(t)
		w.wantNoIssues()
	})
}

// TestDEAL9_ALabelOfHubSpotIsTheRole: a label that is set there changes the role, and one
// that is no role stays.
func TestDEAL9_ALabelOfHubSpotIsTheRole(t *testing.T) {
	w, opportunity, deal, ada, _ := withRoles(t)
	types := map[string]float64{}
	w.portalCall("POST", "/crm/v4/associations/deals/contacts/labels", map[string]any{"label": "Friend", "name": "friend"})
	for _, one := range w.portalCall("GET", "/crm/v4/associations/deals/contacts/labels", nil)["results"].([]any) {
		row := one.(map[string]any)
		label, _ := row["label"].(string)
		types[label] = row["typeId"].(float64)
	}
	labelled := func(labels ...string) {
		var body []any
		for _, l := range labels {
			body = append(body, map[string]any{"associationCategory": "USER_DEFINED", "associationTypeId": types[l]})
		}
		w.portalCall("PUT", "/crm/v4/objects/deals/"+deal+"/associations/contacts/"+ada[1], body)
		w.change(core.Deals, deal, "amount", fmt.Sprint(len(labels)+w.Now().Second()))
		w.again()
	}
	labelled("Influencer", "Friend")
	if got := w.roleRows(opportunity); !slices.Equal(got, []string{ada[0] + " Influencer"}) {
		t.Errorf("the roles are %v", got)
	}
	labelled("Influencer", "Friend", "Evaluator")
	if got := w.roleRows(opportunity); len(got) != 2 {
		t.Errorf("two labels made the roles %v", got)
	}
	w.must(func() error {
		_, err := w.Org.As(admin).Query("SELECT Id FROM OpportunityContactRole")
		return err
	}())
	w.wantStill(t)
	if got := w.peopleOf(deal); !slices.Equal(got, []string{ada[1] + " Evaluator;Friend;Influencer"}) {
		t.Errorf("the labels are %v", got)
	}
}

// TestDEAL9_ARoleWaitsForItsContact: whoever is linked later is associated then.
func TestDEAL9_ARoleWaitsForItsContact(t *testing.T) {
	var early string
	w := New(t, people(becomesContact), deals(), Before(func(w *World) {
		early = w.made(core.Contact, "LastName", "Early", "Email", "early@x.com")
		w.Advance(time.Hour)
	}))
	id := w.opportunity("Waiting")
	w.made(core.ContactRole, "OpportunityId", id, "ContactId", early, "Role", "Evaluator")
	w.again()
	deal := w.wantDealMate(id)
	if got := w.peopleOf(deal); len(got) != 0 {
		t.Fatalf("associated too early: %v", got)
	}
	w.change(core.Contact, early, "Title", "CFO")
	w.again()
	w.again()
	w.wantRoles(id, deal, [][3]string{{early, w.wantMate(early), "Evaluator"}})
	w.wantStill(t)
}

// makesRole reports a call that makes contact roles.
func makesRole(w *World, side core.Side, r *http.Request) bool {
	if side != core.Salesforce || r.Method != http.MethodPost || r.Body == nil {
		return false
	}
	body, err := io.ReadAll(r.Body)
	w.must(err)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return strings.Contains(r.URL.Path, "/composite/sobjects") && bytes.Contains(body, []byte(`"ContactId"`)) && bytes.Contains(body, []byte(`"records"`))
}

// TestI2_AContactRoleIsMadeOnce although the answer to its create is lost and nothing
// about it is unique.
func TestI2_AContactRoleIsMadeOnce(t *testing.T) {
	w, opportunity, deal, ada, bo := withRoles(t, Settings(func(c *config.Connection) { c.Salesforce.SettleUnknown = config.Duration(time.Minute) }))
	lost := 0
	w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		makes := lost == 0 && makesRole(w, side, r)
		resp, err := next.RoundTrip(r)
		if makes {
			lost++
			return nil, fmt.Errorf("the answer is lost")
		}
		return resp, err
	})
	w.portalCall("PUT", "/crm/v4/objects/deals/"+deal+"/associations/default/contacts/"+bo[1], nil)
	w.Advance(3 * time.Second)
	_, _ = w.TrySync()
	for range 3 {
		w.Advance(2 * time.Minute)
		_, _ = w.TrySync()
	}
	if lost != 1 {
		t.Fatalf("%d answers were lost", lost)
	}
	w.wantRoles(opportunity, deal, [][3]string{{ada[0], ada[1], "Decision Maker"}, {bo[0], bo[1], ""}})
	w.wantStill(t)
}

// TestDEAL9_ASweepFindsWhatNobodyAnnounced: contacts that were taken off a deal, or put on
// one, while HubSpot is polled.
func TestDEAL9_ASweepFindsWhatNobodyAnnounced(t *testing.T) {
	w, opportunity, deal, ada, bo := withRoles(t)
	w.must(w.Portal.As(admin).Dissociate("deals", deal, "contacts", ada[1]))
	w.portalCall("PUT", "/crm/v4/objects/deals/"+deal+"/associations/default/contacts/"+bo[1], nil)
	w.Advance(3 * time.Second)
	w.sweepAll()
	w.wantRoles(opportunity, deal, [][3]string{{bo[0], bo[1], ""}})
	w.wantStill(t)
	before := len(w.Portal.Ledger())
	w.sweepAll()
	if n := len(w.Portal.Ledger()) - before; n != 0 {
		t.Errorf("a sweep with nothing changed wrote %d times", n)
	}
}

// TestI2_AContactRoleThatComesLateIsMadeOnce: a create that takes effect long after its
// answer was given up is waited for, and not sent again.
func TestI2_AContactRoleThatComesLateIsMadeOnce(t *testing.T) {
	w, opportunity, deal, ada, bo := withRoles(t)
	var late func()
	w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if late != nil || !makesRole(w, side, r) {
			return next.RoundTrip(r)
		}
		body, err := io.ReadAll(r.Body)
		w.must(err)
		late = func() {
			again := r.Clone(context.Background())
			again.Body = io.NopCloser(bytes.NewReader(body))
			resp, err := next.RoundTrip(again)
			w.must(err)
			_ = resp.Body.Close()
		}
		return nil, fmt.Errorf("no answer")
	})
	w.portalCall("PUT", "/crm/v4/objects/deals/"+deal+"/associations/default/contacts/"+bo[1], nil)
	for range 3 {
		w.Advance(time.Minute)
		_, _ = w.TrySync()
	}
	if got := w.roleRows(opportunity); len(got) != 1 || late == nil {
		t.Fatalf("while no answer came the roles are %v", got)
	}
	late()
	for range 3 {
		w.Advance(6 * time.Minute)
		_, _ = w.TrySync()
	}
	w.wantRoles(opportunity, deal, [][3]string{{ada[0], ada[1], "Decision Maker"}, {bo[0], bo[1], ""}})
	w.wantStill(t)
}

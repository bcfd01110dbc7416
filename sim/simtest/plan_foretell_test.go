package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// statused maps the status of leads, by its HubSpot options.
func statused(rule string) func(*config.Connection) {
	return func(c *config.Connection) {
		c.Mappings["contact"] = append(c.Mappings["contact"], config.Mapping{HubSpot: "hs_lead_status", Salesforce: "Status", Rule: rule,
			Values: map[string]string{"Open - Not Contacted": "NEW", "Working - Contacted": "OPEN"}})
	}
}

// TestI13_APlanForetellsWhatDefaultsLeadTo: Salesforce gives a new lead a status, which passes
// to HubSpot after the plan was applied. The plan says so beforehand, with the same number, and
// says nothing of whom HubSpot gives a status already, unless Salesforce's always counts.
func TestI13_APlanForetellsWhatDefaultsLeadTo(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for rule, want := range map[string]int{"two_way": 2, "prefer_salesforce": 2, "always_salesforce": 3} {
			t.Run(rule, func(t *testing.T) {
				var has string
				w := New(t, profile, people(statused(rule)), Before(func(w *World) {
					has = w.made(core.Contacts, "email", "has@x.com", "lastname", "Has", "company", "Co", "hs_lead_status", "OPEN")
					for _, n := range []string{"a", "b"} {
						w.made(core.Contacts, "email", n+"@x.com", "lastname", n, "company", "Co")
					}
					w.Advance(time.Hour)
				}))
				w.Sync()
				id, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: core.ContactPair}, nil)
				w.must(err)
				said := fmt.Sprint(counts.Foretold)
				if wanted := fmt.Sprint([]engine.Foretold{
					{Side: "salesforce", Object: core.Lead, Field: "Status", Value: "Open - Not Contacted", Partner: "hs_lead_status", To: "NEW", Records: want}}); said != wanted {
					t.Errorf("foretold %s, want %s", said, wanted)
				}
				_, err = w.Engine.Apply(t.Context(), w.Conn, id)
				w.must(err)
				if rule == "always_salesforce" {
					return // what HubSpot has meets the default as any two values do
				}
				w.thrice()
				if n := w.withStatus("NEW"); n != want {
					t.Errorf("%d contacts have the default status, foretold %d", n, want)
				}
				w.want(core.Contacts, has, "hs_lead_status", "OPEN")
				_, counts, err = w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: core.ContactPair}, nil)
				w.must(err)
				if len(counts.Foretold) > 0 {
					t.Errorf("with nothing to make: %+v", counts.Foretold)
				}
			})
		}
	})
}

// withStatus counts the HubSpot contacts of a lead status.
func (w *World) withStatus(status string) int {
	w.T.Helper()
	by := map[string]any{"propertyName": "hs_lead_status", "operator": "EQ", "value": status}
	out := w.portalCall("POST", "/crm/v3/objects/contacts/search", map[string]any{"limit": 1, "filterGroups": []any{map[string]any{"filters": []any{by}}}})
	return int(out["total"].(float64))
}

// TestSET2_IMP1_APlanCountsWhomTheSettingsWouldNotMake: contacts.from_salesforce is
// update_only, and an import makes people all the same. The plan says of how many.
func TestSET2_IMP1_APlanCountsWhomTheSettingsWouldNotMake(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(func(c *config.Connection) { c.Contacts.FromSalesforce = "update_only" }), Before(func(w *World) {
			w.leadOf("a@x.com", "A")
			w.made(core.Contact, "LastName", "B", "Email", "b@x.com")
			w.made(core.Contacts, "lastname", "A", "email", "a@x.com", "company", "Co")
			w.made(core.Contacts, "lastname", "C", "email", "c@x.com", "company", "Co")
			w.Advance(time.Hour)
		}))
		w.Sync()
		_, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: core.ContactPair}, nil)
		w.must(err)
		if n := counts.Overrides["contacts.from_salesforce"]; n != 1 || len(counts.Overrides) != 1 || counts.Ops["create contacts"] != 1 {
			t.Errorf("overrides %v of %v", counts.Overrides, counts.Ops)
		}
		_, counts, err = w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: core.ContactPair, Sides: []core.Side{core.HubSpot}}, nil)
		w.must(err)
		if len(counts.Overrides) != 0 {
			t.Errorf("from HubSpot alone: %v of %v", counts.Overrides, counts.Ops)
		}
		w.importing(core.ContactPair, core.Sides[:]...)
		w.wantPersons(2, 1, 3)
	})
}

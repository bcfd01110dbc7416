package simtest

import (
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestLIM29_ExplainNamesTheSettingThatHoldsAPerson without a partner, and what can be done,
// however often the person was edited.
func TestLIM29_ExplainNamesTheSettingThatHoldsAPerson(t *testing.T) {
	lead := func(w *World) (core.Object, string) { return core.Lead, w.leadOf("a@x.com", "A") }
	contact := func(w *World) (core.Object, string) {
		return core.Contacts, w.made(core.Contacts, "lastname", "B", "email", "b@x.com", "company", "Co")
	}
	for name, held := range map[string]struct {
		by      func(*config.Connection)
		who     func(w *World) (core.Object, string)
		rule    string
		setting string
	}{
		"update only":            {func(c *config.Connection) { c.Contacts.FromSalesforce = "update_only" }, lead, "SET-2", "contacts.from_salesforce: create_or_update"},
		"nothing":                {func(c *config.Connection) { c.Contacts.FromSalesforce = "nothing" }, lead, "SET-2", "contacts.from_salesforce: create_or_update"},
		"filter from Salesforce": {func(c *config.Connection) { c.Contacts.Filter.FromSalesforce = `Title == "CEO"` }, lead, "LIM-11", "contacts.filter.from_salesforce"},
		"filter from HubSpot":    {func(c *config.Connection) { c.Contacts.Filter.FromHubSpot = `jobtitle == "CEO"` }, contact, "LIM-11", "contacts.filter.from_hubspot"},
		"list":                   {func(c *config.Connection) { c.Contacts.InclusionList = "Take" }, contact, "INC-3", "contacts.inclusion_list"},
	} {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, people(held.by), Before(func(w *World) { w.list("Take", propertyIs("jobtitle", "CEO")) }))
				object, id := held.who(w)
				for range 2 {
					w.again()
					x := w.explainPerson(id)
					if x.Verdict != engine.OutOfScope || lastRule(x) != held.rule || !strings.Contains(x.Mend, held.setting) || len(x.Would) > 0 {
						t.Errorf("%s by %+v, would %v, mend %q, want out of scope by %s and %s named", x.Verdict, x.Rules, x.Would, x.Mend, held.rule, held.setting)
					}
					w.change(object, id, map[core.Object]string{core.Lead: "FirstName", core.Contacts: "firstname"}[object], "Ada")
				}
				if w.mate(id) != "" {
					t.Error("it has a partner")
				}
			})
		})
	}
}

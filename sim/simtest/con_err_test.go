package simtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/mapping"
	"tandem/sim/salesforcesim"
)

// kindOfPerson is what differs between a lead and a contact.
type kindOfPerson struct {
	object        core.Object
	city, address string
}

var kindsOfPeople = []kindOfPerson{{core.Contact, "MailingCity", "MailingAddress"}, {core.Lead, "City", "Address"}}

// personTrouble is one way in which a field of a person does not pass to Salesforce.
type personTrouble struct {
	name     string
	cause    func(w *World, k kindOfPerson, hs string)
	category core.Category
	code     string
	field    func(k kindOfPerson) string
	mend     func(w *World, k kindOfPerson, hs string)
}

func always(field string) func(kindOfPerson) string {
	return func(kindOfPerson) string { return field }
}

var personTroubles = []personTrouble{
	{"ERR-4 validation rule on a field", func(w *World, k kindOfPerson, hs string) {
		w.must(w.Org.AddValidationRule(salesforcesim.ValidationRule{Object: string(k.object), Name: "No_Nowhere", Formula: k.city + ` = "Nowhere"`, Message: "there is no Nowhere", Field: k.city}))
		w.change(core.Contacts, hs, "city", "Nowhere")
	}, core.CategoryCustomCode, "custom_code", func(k kindOfPerson) string { return k.city }, func(w *World, _ kindOfPerson, _ string) { w.Org.ClearRules() }},
	{"ERR-6 field permission", func(w *World, k kindOfPerson, hs string) {
		w.must(w.Org.SetRight(salesforcesim.Right{Object: string(k.object), Field: k.address, Read: true}))
		w.change(core.Contacts, hs, "city", "Bern")
	}, core.CategoryPermissions, "field_permission", func(k kindOfPerson) string { return k.city }, func(w *World, k kindOfPerson, _ string) {
		w.must(w.Org.SetRight(salesforcesim.Right{Object: string(k.object), Field: k.address, Read: true, Edit: true}))
	}},
	{"ERR-7 picklist value", func(w *World, _ kindOfPerson, hs string) { w.change(core.Contacts, hs, "tier", "Lead") },
		core.CategoryPicklist, "option_unknown", always("Tier__c"), func(w *World, _ kindOfPerson, hs string) { w.change(core.Contacts, hs, "tier", "Gold") }},
	{"ERR-9 too long", func(w *World, _ kindOfPerson, hs string) { w.change(core.Contacts, hs, "motto", "longer than ten") },
		core.CategoryValue, "too_long", always("Motto__c"), func(w *World, _ kindOfPerson, hs string) { w.change(core.Contacts, hs, "motto", "short") }},
}

// withMottos gives people a choice and a short text on both sides, and maps them.
func withMottos() Option {
	return func(s *setup) {
		Before(func(w *World) {
			for _, k := range kindsOfPeople {
				w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: string(k.object), Name: "Tier", Label: "Tier", Type: "Picklist", Values: []string{"Gold", "Silver"}, Restricted: true}))
				w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: string(k.object), Name: "Motto", Label: "Motto", Type: "Text", Length: 10}))
			}
			var tiers []map[string]any
			for _, v := range []string{"Gold", "Silver", "Lead"} {
				tiers = append(tiers, map[string]any{"label": v, "value": v})
			}
			w.portalCall("POST", "/crm/v3/properties/contacts", map[string]any{"name": "tier", "label": "Tier", "type": "enumeration", "fieldType": "select", "groupName": "contactinformation", "options": tiers})
			w.portalCall("POST", "/crm/v3/properties/contacts", map[string]any{"name": "motto", "label": "Motto", "type": "string", "fieldType": "text", "groupName": "contactinformation"})
		})(s)
		people(func(c *config.Connection) {
			c.Mappings["contact"] = append(c.Mappings["contact"], config.Mapping{HubSpot: "tier", Salesforce: "Tier__c", Rule: "two_way"},
				config.Mapping{HubSpot: "motto", Salesforce: "Motto__c", Rule: "two_way"})
		})(s)
	}
}

// troubled is a person of a kind and the partner in HubSpot, whose first name is edited
// beside what goes wrong.
func (w *World) troubled(k kindOfPerson) (id, hs string) {
	w.T.Helper()
	fields := []string{"LastName", "Gray", "Email", "ada@x.com"}
	if k.object == core.Lead {
		fields = append(fields, "Company", "Co")
	}
	id = w.made(k.object, fields...)
	w.Sync()
	hs = w.wantMate(id)
	w.Advance(10 * time.Second)
	w.change(core.Contacts, hs, "firstname", "Ada")
	return id, hs
}

// TestERR4_ERR6_ERR7_ERR9_LIM23_ABadFieldOfAPersonHoldsItselfAlone of a lead as of a contact: the
// other fields pass, the issue has its category, explain shows it, and it ends by itself
// once the cause is gone (ERR-11).
func TestERR4_ERR6_ERR7_ERR9_LIM23_ABadFieldOfAPersonHoldsItselfAlone(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, k := range kindsOfPeople {
			for _, c := range personTroubles {
				t.Run(string(k.object)+" "+c.name, func(t *testing.T) {
					w := New(t, profile, withMottos())
					id, hs := w.troubled(k)
					c.cause(w, k, hs)
					w.again()
					w.want(k.object, id, "FirstName", "Ada")
					issue := w.wantIssue(c.category, c.code, c.field(k))
					if issue.Mend == "" || issue.Message == "" || issue.Ref.ID != hs && issue.Ref.ID != id {
						t.Errorf("issue %+v", issue)
					}
					if x := w.explainPerson(id); x.Verdict != engine.Blocked || len(x.Issues) != 1 {
						t.Errorf("explain says %s with %d issues", x.Verdict, len(x.Issues))
					}
					w.Advance(3 * time.Second)
					c.mend(w, k, hs)
					w.Advance(31 * time.Minute)
					w.Sync()
					w.wantNoIssues()
					if x := w.explainPerson(hs); x.Verdict != engine.InSync {
						t.Errorf("explain says %s: %+v", x.Verdict, x.Fields)
					}
				})
			}
		}
	})
}

// TestERR8_APropertyOfPeopleIsDeleted: the mapping that lacks it is named, and the others
// go on.
func TestERR8_APropertyOfPeopleIsDeleted(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, k := range kindsOfPeople {
			t.Run(string(k.object), func(t *testing.T) {
				w := New(t, profile, withMottos())
				id, hs := w.troubled(k)
				w.portalCall("DELETE", "/crm/v3/properties/contacts/motto", nil)
				w.change(k.object, id, "Motto__c", "new")
				w.again()
				w.want(k.object, id, "FirstName", "Ada")
				w.change(k.object, id, "FirstName", "Adele")
				w.again()
				w.want(core.Contacts, hs, "firstname", "Adele")
				w.Restart()
				if !slices.ContainsFunc(w.Conn.Problems, func(p mapping.Problem) bool { return p.Rule == "ERR-8" && strings.Contains(fmt.Sprint(p), "motto") }) {
					t.Errorf("problems %+v, want one of motto", w.Conn.Problems)
				}
			})
		}
	})
}

// TestERR3_APersonIsHeldByAnAccountThatHasNoCompany yet, and goes to it as soon as there is
// one.
func TestERR3_APersonIsHeldByAnAccountThatHasNoCompany(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var account string
		w := New(t, profile, people(), Before(func(w *World) {
			account = w.account("Old")
			w.Advance(time.Hour)
		}))
		contact := w.made(core.Contact, "LastName", "Gray", "Email", "ada@x.com", "AccountId", account)
		w.Sync()
		w.again()
		if issue := w.wantIssue(core.CategoryAssociation, "waiting_for_account", ""); issue.Ref.ID != contact && issue.Ref.ID != w.wantMate(contact) || issue.Mend == "" {
			t.Errorf("issue %+v", issue)
		}
		if x := w.explainPerson(contact); len(x.Issues) != 1 || x.Issues[0].Rule != "ERR-3" {
			t.Errorf("explain: %s, issues %+v", x.Verdict, x.Issues)
		}
		w.importing(core.CompanyPair, core.Salesforce)
		w.again()
		w.wantNoIssues()
		if got := w.Portal.As(admin).Associated("contacts", w.wantMate(contact), "companies"); len(got) != 1 || got[0] != w.partner(account) {
			t.Errorf("companies %v, want %s", got, w.partner(account))
		}
	})
}

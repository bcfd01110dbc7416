package simtest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// loadedOrg loads an export of a real org into a world's org, before the switch.
func loadedOrg(t *testing.T, name string, more ...func(*World)) Option {
	t.Helper()
	dir := filepath.Join(realFolder(), name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the data folder has no %s; set TANDEM_DATA", name)
	}
	return Before(func(w *World) {
		_, err := w.Org.Load(dir)
		w.must(err)
		for _, f := range more {
			f(w)
		}
		w.Advance(time.Hour)
	})
}

// rows are what a person's query finds, by a field.
func (w *World) rows(soql, by string) map[string]map[string]any {
	w.T.Helper()
	found, err := w.Org.As(admin).Query(soql)
	w.must(err)
	out := map[string]map[string]any{}
	for _, row := range found {
		key, _ := row[by].(string)
		out[key] = row
	}
	return out
}

func (w *World) whose(soql string) string {
	w.T.Helper()
	found, err := w.Org.As(admin).Query(soql + " LIMIT 1")
	w.must(err)
	if len(found) == 0 {
		w.T.Fatalf("%s finds nobody", soql)
	}
	return found[0]["Id"].(string)
}

// TestDEDUP1_TheDeveloperOrgWithAllItsTraps imports the sample org that every developer
// gets: whoever has an address once gets one partner, and nobody is taken for another.
func TestDEDUP1_TheDeveloperOrgWithAllItsTraps(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var andy, bertha, stranger string
		all := people(func(c *config.Connection) {
			c.Companies.Match = []string{"id", "contacts", "domain", "name_address"}
			c.Contacts.Match, c.Contacts.Similar = []string{"id", "email", "name_address"}, config.SimilarLink
			c.Mappings["contact"] = append(c.Mappings["contact"], config.Mapping{HubSpot: "mobilephone", Salesforce: "MobilePhone", Rule: "two_way"})
		})
		w := New(t, profile, all, deals(), loadedOrg(t, "salesforce-dev-org", func(w *World) {
			andy = w.made(core.Contacts, "firstname", "Andrew", "lastname", "Young", "email", "A_Young@dickenson.com", "company", "Dickenson plc")
			bertha = w.made(core.Contacts, "firstname", "Bertha", "lastname", "Boxer", "email", "bertha@fcof.net", "company", "Farmers")
			stranger = w.made(core.Contacts, "firstname", "Olga", "lastname", "Operator", "company", "Switchboard", "phone", "(212) 842-5500")
			w.made(core.Companies, "name", "United Oil & Gas", "domain", "uos.com", "phone", "(212) 842-5500")
		}))
		w.importing(core.CompanyPair, core.Salesforce)
		w.importing(core.ContactPair, core.Salesforce)
		w.importDeals()
		w.again()
		w.wantNobodyTwice(t)
		w.wantTraps(t)
		w.wantPhoneTraps(t, stranger)
		if got := w.mate(andy); got != w.whose("SELECT Id FROM Contact WHERE LastName = 'Young'") {
			t.Errorf("Andy Young is linked with %q", got)
		}
		if got := w.wantMate(bertha); got != w.whose("SELECT Id FROM Contact WHERE LastName = 'Boxer'") {
			t.Errorf("Bertha Boxer is linked with %q", got)
		}
		w.wantStill(t)
	})
}

// wantNobodyTwice counts who is there after an import of the developer org: 25 contacts
// less two without an address, 17 open leads less two who are contacts as well, and one
// stranger.
func (w *World) wantNobodyTwice(t *testing.T) {
	t.Helper()
	w.wantPersons(22, 25, 23+15+1)
	if w.accounts() != 18 || w.companyCount() != 19 {
		t.Errorf("%d accounts, %d companies: three of one website are three", w.accounts(), w.companyCount())
	}
}

// wantTraps looks at those of the developer org who are easily taken for somebody else.
func (w *World) wantTraps(t *testing.T) {
	t.Run("blank addresses are not equal", func(t *testing.T) {
		for _, name := range []string{"Nedaerk", "Llorrac"} {
			w.wantLonely(w.whose("SELECT Id FROM Contact WHERE LastName = '"+name+"'"), "IMP-3")
		}
	})
	t.Run("a lead and a contact of one address", func(t *testing.T) {
		for _, name := range []string{"Stumuller", "Young"} {
			contact, lead := w.whose("SELECT Id FROM Contact WHERE LastName = '"+name+"'"), w.whose("SELECT Id FROM Lead WHERE LastName = '"+name+"'")
			if w.mate(contact) == "" || w.mate(lead) != "" {
				t.Errorf("%s: the contact is linked with %q, the lead with %q", name, w.mate(contact), w.mate(lead))
			}
		}
	})
	t.Run("a status that says converted", func(t *testing.T) {
		contact, lead := w.wantMate(w.whose("SELECT Id FROM Contact WHERE LastName = 'Rogers'")), w.wantMate(w.whose("SELECT Id FROM Lead WHERE LastName = 'Rogers'"))
		if contact == lead {
			t.Error("two addresses became one person")
		}
	})
	t.Run("converted leads", w.wantConvertedTargets)
	t.Run("an address that HubSpot refuses", func(t *testing.T) {
		for _, name := range []string{"Levy", "Davis"} {
			id := w.whose("SELECT Id FROM Contact WHERE LastName = '" + name + "'")
			hs := w.wantMate(id)
			w.want(core.Contacts, hs, "lastname", name)
			w.want(core.Contacts, hs, "email", "")
			x := w.explainPerson(id)
			if len(x.Issues) != 1 || x.Issues[0].Field != "email" {
				t.Errorf("%s: issues %+v", name, x.Issues)
			}
		}
	})
	t.Run("a quote in a name", func(t *testing.T) {
		w.want(core.Contacts, w.wantMate(w.whose("SELECT Id FROM Contact WHERE LastName LIKE 'D_Cruz'")), "lastname", "D'Cruz")
	})
}

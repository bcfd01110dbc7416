package simtest

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestDEDUP1_I2_OneAddressEnteredOnBothSidesAtOnce is one person: nobody is made for either,
// whether the two come in one look or the second while the first is being written.
func TestDEDUP1_I2_OneAddressEnteredOnBothSidesAtOnce(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, more := range map[string]Option{"told by polls": func(*setup) {}, "told by events": events()} {
			t.Run(name, func(t *testing.T) {
				w := New(t, profile, people(), more)
				lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "a@x.com")
				hs := w.made(core.Contacts, "email", "A@x.com", "lastname", "Gray", "company", "Co")
				w.again()
				if w.mate(lead) != hs {
					t.Errorf("linked with %q, want %s", w.mate(lead), hs)
				}
				w.wantPersons(1, 0, 1)
			})
		}
	})
}

// TestDEDUP1_I2_OneAddressEnteredWhileItsPartnerIsMade on the other side.
func TestDEDUP1_I2_OneAddressEnteredWhileItsPartnerIsMade(t *testing.T) {
	enters := map[string]struct {
		path string
		of   core.Object
	}{
		"the contact in HubSpot": {"/crm/v3/objects/contacts/batch/create", core.Lead},
		"the lead in Salesforce": {"/composite/sobjects", core.Contacts},
	}
	for name, c := range enters {
		t.Run(name, func(t *testing.T) {
			w := New(t, people())
			first := w.enterPerson(c.of)
			other := map[core.Object]core.Object{core.Lead: core.Contacts, core.Contacts: core.Lead}[c.of]
			var done atomic.Bool
			w.On(func(_ core.Side, r *http.Request) error {
				if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, c.path) && done.CompareAndSwap(false, true) {
					w.enterPerson(other)
				}
				return nil
			})
			w.again()
			for range 3 {
				w.Advance(31 * time.Minute)
				w.Sync()
			}
			w.wantMate(first)
			if !done.Load() {
				t.Fatal("no create was sent")
			}
			leads, _, contacts := w.persons()
			if contacts != 1 || leads > 2 {
				t.Errorf("%d leads, %d contacts", leads, contacts)
			}
			if other == core.Contacts && leads != 1 {
				t.Errorf("%d leads, want 1", leads)
			}
		})
	}
}

// enterPerson makes the person with the address a@x.com.
func (w *World) enterPerson(object core.Object) string {
	w.T.Helper()
	if object == core.Lead {
		return w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "a@x.com")
	}
	return w.made(core.Contacts, "email", "a@x.com", "lastname", "Gray", "company", "Co")
}

// recordType is the id of a record type by its developer name.
func (w *World) recordType(object, name string) string {
	w.T.Helper()
	rows, err := w.Org.As(admin).Query("SELECT Id FROM RecordType WHERE SobjectType = '" + object + "' AND DeveloperName = '" + name + "'")
	w.must(err)
	return fmt.Sprint(rows[0]["Id"])
}

// TestCON10a_AnAccountThatBecomesAPersonAndBack harms nobody: no record is made twice or
// deleted, and the links stay.
func TestCON10a_AnAccountThatBecomesAPersonAndBack(t *testing.T) {
	for _, kind := range []string{"both", "contact", "company"} {
		t.Run(kind, func(t *testing.T) {
			w := New(t, people(func(c *config.Connection) { c.Contacts.PersonAccounts = kind }), Org(withPersons))
			account := w.account("Edge")
			contact := w.made(core.Contact, "LastName", "Gray", "FirstName", "Ann", "Email", "a@x.com", "AccountId", account)
			w.again()
			w.again()
			company, hs := w.partner(account), w.wantMate(contact)
			if company == "" {
				t.Fatal("no company")
			}
			for _, to := range []string{"PersonAccount", "Business_Account"} {
				w.Advance(time.Minute)
				w.must(w.Org.As(admin).Update("Account", account, map[string]any{"RecordTypeId": w.recordType("Account", to)}))
				for range 3 {
					w.again()
				}
				w.change(core.Contacts, hs, "firstname", "Ann "+to)
				w.again()
				w.again()
				if n := w.companyCount(); n != 1 {
					t.Errorf("as %s: %d companies", to, n)
				}
				if n := w.contactCount(); n != 1 {
					t.Errorf("as %s: %d HubSpot contacts", to, n)
				}
				if n := w.accounts(); n != 1 {
					t.Errorf("as %s: %d accounts", to, n)
				}
			}
			if got := w.partner(account); got != company {
				t.Errorf("the account is linked with %q, want %s: %+v", got, company, w.Explain(account).Rules)
			}
			if got := w.mate(contact); got != hs {
				t.Errorf("the contact is linked with %q, want %s: %+v", got, hs, w.explainPerson(contact).Rules)
			}
			w.wantStill(t)
		})
	}
}

package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// theirs is an account id of another org on the portal.
const theirs = "001zoOTHERORG01A5H"

// TestINST6_IdsOfAnotherOrgOnThePortalAreNotOurs: all orgs of a portal share the
// property of the original integration, and each has a key of its own.
func TestINST6_IdsOfAnotherOrgOnThePortalAreNotOurs(t *testing.T) {
	always := Settings(func(c *config.Connection) { c.Companies.CreateAccount = "always" })
	other := Before(func(w *World) { w.property("tandem_key_00dother", "string", "text") })
	create := func(w *World, values map[string]string) string {
		id, err := w.Portal.As(admin).Create("companies", values)
		w.must(err)
		return id
	}
	t.Run("a company of the other org", func(t *testing.T) {
		w := New(t, always, other)
		id := create(w, map[string]string{"name": "Both", "salesforceaccountid": theirs[:15], "tandem_key_00dother": theirs})
		w.Sync()
		account := w.partner(id)
		if w.accounts() != 1 || account == "" {
			t.Fatalf("%d accounts, %+v", w.accounts(), w.Explain(id))
		}
		if got := w.companyValue(id, "salesforceaccountid"); got != theirs[:15] {
			t.Errorf("the other org's id became %q", got)
		}
		if got := w.companyValue(id, w.keyProperty()); got != account {
			t.Errorf("our key is %q, want %s", got, account)
		}
		w.Advance(3 * time.Second)
		w.editAccount(account, "Phone", "7")
		w.Sync()
		w.wantValues(account, "Phone", "7", id, "phone", "7")
	})
	t.Run("an import", func(t *testing.T) {
		w := New(t, always, Before(func(w *World) {
			w.ensure()
			w.property("tandem_key_00dother", "string", "text")
			create(w, map[string]string{"name": "Both", "salesforceaccountid": theirs, "tandem_key_00dother": theirs})
		}))
		w.Import(core.HubSpot, core.Salesforce)
		if w.accounts() != 1 {
			t.Errorf("%d accounts", w.accounts())
		}
	})
	t.Run("nobody knows the id", func(t *testing.T) {
		w := New(t, always, other)
		id := create(w, map[string]string{"name": "Whose", "salesforceaccountid": theirs})
		w.Sync()
		if x := w.Explain(id); x.Verdict != engine.Blocked {
			t.Errorf("verdict %s", x.Verdict)
		}
		w.wantIssue(core.CategoryPermissions, "stored_id_not_visible", "")
		if w.accounts() != 0 {
			t.Errorf("%d accounts", w.accounts())
		}
		w.editCompany(id, "salesforceaccountid", "")
		w.Resync(id)
		w.wantNoIssues()
		if w.accounts() != 1 {
			t.Errorf("%d accounts after the id was cleared", w.accounts())
		}
	})
}

// keyProperty is our key property on companies.
func (w *World) keyProperty() string {
	w.T.Helper()
	return w.Conn.FieldSpecs(core.HubSpot)[0].Specs[0].Name
}

// TestINST6_IdsOfAnotherOrgOnPeopleAreNotOurs: a contact that is in step with another org
// becomes a lead of ours all the same, and what that org stored stays.
func TestINST6_IdsOfAnotherOrgOnPeopleAreNotOurs(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		const theirs, key = "003zoOTHERORG01A5H", "tandem_contact_key_00dother"
		w := New(t, profile, people(), Before(func(w *World) {
			w.portalCall("POST", "/crm/v3/properties/contacts", map[string]any{"name": key, "label": key, "type": "string", "fieldType": "text", "groupName": "contactinformation"})
		}))
		shared := w.made(core.Contacts, "email", "ada@x.com", "lastname", "Gray", "company", "Co", "salesforcecontactid", theirs[:15], key, theirs)
		ours := w.made(core.Contact, "LastName", "Brown", "Email", "bo@x.com")
		same := w.made(core.Contacts, "email", "bo@x.com", "lastname", "Brown", "salesforcecontactid", theirs, key, theirs)
		w.again()
		lead := w.wantMate(shared)
		if got := w.wantMate(ours); got != same {
			t.Errorf("the contact goes with %s, want who has its address", got)
		}
		w.want(core.Contacts, shared, "salesforcecontactid", theirs[:15])
		w.want(core.Contacts, same, "salesforcecontactid", theirs)
		w.want(core.Contacts, same, w.Conn.KeyField(core.HubSpot, core.Contact), ours)
		w.change(core.Lead, lead, "City", "Oslo")
		w.change(core.Contacts, same, "firstname", "Bo")
		w.again()
		w.want(core.Contacts, shared, "city", "Oslo")
		w.want(core.Contact, ours, "FirstName", "Bo")
		w.wantPersons(1, 1, 2)
		w.wantNoIssues()
		w.wantStill(t)
	})
}

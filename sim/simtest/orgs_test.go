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

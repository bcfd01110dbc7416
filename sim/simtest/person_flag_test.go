package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestDEL7_LIM28_ADeletionInHubSpotIsFlaggedOnAPersonAccount, on the row whose partner was deleted:
// the account for the company, the contact behind it for the contact. The tick is taken out once
// the two are in step again.
func TestDEL7_LIM28_ADeletionInHubSpotIsFlaggedOnAPersonAccount(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, setting := range []string{"both", "contact", "company"} {
			t.Run(setting, func(t *testing.T) {
				flagPerson(New(t, profile, Org(withPersons), people(persons(setting), flags)), setting)
			})
		}
	})
}

// flags marks the partner of whatever is deleted in HubSpot.
func flags(c *config.Connection) {
	c.Contacts.WhenHubSpotDeleted, c.Companies.WhenHubSpotDeleted = "flag", "flag"
}

func flagPerson(w *World, setting string) {
	w.T.Helper()
	mark := w.Conn.DeletedField(core.Salesforce)
	w.personAccount("FirstName", "By", "LastName", "Stander", "PersonEmail", "by@stander.example")
	account, behind := w.personAccount("FirstName", "Martha", "LastName", "Brown", "PersonEmail", "m@brown.example")
	w.again()
	rows := map[core.Object]string{}
	if setting != "contact" {
		rows[core.Account] = account
		w.must(w.Portal.As(admin).Archive("companies", w.partner(account)))
	}
	if setting != "company" {
		rows[core.Contact] = behind
		w.must(w.Portal.As(admin).Archive("contacts", w.wantMate(behind)))
	}
	w.Advance(time.Minute)
	w.sweepAll()
	w.again()
	for _, object := range []core.Object{core.Account, core.Contact} {
		w.must(w.Org.GrantField(string(object), mark))
		want := map[bool]string{true: "true", false: "false"}[rows[object] != ""]
		w.want(object, map[core.Object]string{core.Account: account, core.Contact: behind}[object], mark, want)
	}
	w.wantNoIssues()
	w.wantStill(w.T.(*testing.T))
	if setting != "contact" {
		w.Resync(account)
	}
	if setting != "company" {
		w.must(w.Engine.Resync(w.T.Context(), w.Conn, core.ContactPair, []string{behind}))
	}
	w.again()
	w.again()
	for object, id := range rows {
		w.want(object, id, mark, "false")
	}
	w.wantNoIssues()
}

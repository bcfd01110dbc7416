package simtest

import (
	"testing"

	"tandem/internal/core"
)

// TestCON1_LeadsAndContactsBothBecomeContacts creates people in Salesforce and passes
// edits both ways (CON-1, CON-2, SET-2, MAP-9).
func TestCON1_LeadsAndContactsBothBecomeContacts(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		contact := w.made(core.Contact, "LastName", "Gray", "FirstName", "Ada", "Email", "ada@x.com", "MailingCity", "Bergen", "Title", "CFO")
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "bo@y.com", "City", "Oslo")
		w.Sync()
		ada, bo := w.wantMate(contact), w.wantMate(lead)
		for _, v := range [][3]string{{ada, "email", "ada@x.com"}, {ada, "lastname", "Gray"}, {ada, "city", "Bergen"}, {ada, "jobtitle", "CFO"}, {ada, "salesforcecontactid", contact}, {ada, "salesforceleadid", ""},
			{bo, "email", "bo@y.com"}, {bo, "company", "Acme"}, {bo, "city", "Oslo"}, {bo, "salesforceleadid", lead}} {
			w.want(core.Contacts, v[0], v[1], v[2])
		}
		w.wantStill(t)
		w.change(core.Contacts, ada, "firstname", "Adele")
		w.change(core.Contacts, bo, "city", "Moss")
		w.change(core.Contact, contact, "MailingCity", "Voss")
		w.change(core.Lead, lead, "Phone", "7")
		w.again()
		w.want(core.Contact, contact, "FirstName", "Adele")
		w.want(core.Lead, lead, "City", "Moss")
		w.want(core.Contacts, ada, "city", "Voss")
		w.want(core.Contacts, bo, "phone", "7")
		w.wantStill(t)
		w.wantPersons(1, 1, 2)
		w.wantNoIssues()
	})
}

// TestCON3_AHubSpotContactBecomesWhatIsSet creates leads or contacts, never both.
func TestCON3_AHubSpotContactBecomesWhatIsSet(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		t.Run("lead", func(t *testing.T) {
			w := New(t, profile, people())
			hs := w.made(core.Contacts, "email", "cy@z.com", "lastname", "Cyan", "company", "Zeta", "city", "Rome")
			w.Sync()
			lead := w.wantMate(hs)
			w.want(core.Lead, lead, "Company", "Zeta")
			w.want(core.Lead, lead, "City", "Rome")
			w.want(core.Lead, lead, "Email", "cy@z.com")
			w.want(core.Contacts, hs, "salesforceleadid", lead)
			w.wantPersons(1, 0, 1)
			w.wantStill(t)
		})
		t.Run("contact", func(t *testing.T) {
			w := New(t, profile, people(becomesContact))
			hs := w.made(core.Contacts, "email", "cy@z.com", "lastname", "Cyan", "city", "Rome")
			w.Sync()
			contact := w.wantMate(hs)
			w.want(core.Contact, contact, "MailingCity", "Rome")
			w.want(core.Contacts, hs, "salesforcecontactid", contact)
			w.wantPersons(0, 1, 1)
			w.wantStill(t)
		})
	})
}

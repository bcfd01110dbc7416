package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestERR7_AnIssueOutlivesWhatHoldsItsObjectBack: what nobody looks at is not mended. It ends
// once the record is looked at again and is in order.
func TestERR7_AnIssueOutlivesWhatHoldsItsObjectBack(t *testing.T) {
	for name, stop := range map[string]func(w *World){
		"switched off": func(w *World) { w.Restart(func(c *config.Connection) { c.Contacts.Sync = false }) },
		"held back": func(w *World) {
			w.portalCall("DELETE", "/crm/v3/properties/contacts/"+w.Conn.KeyField(core.HubSpot, core.Lead), nil)
			w.Restart()
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, people())
				id := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "bo@y.com")
				w.again()
				hs := w.wantMate(id)
				w.change(core.Contacts, hs, "firstname", strings.Repeat("Bo", 40))
				w.again()
				issues := w.openIssues()
				if len(issues) != 1 {
					t.Fatalf("the issues are %+v", issues)
				}
				stop(w)
				w.change(core.Lead, id, "City", "Rome")
				w.Advance(3 * time.Second)
				_, err := w.TrySync()
				w.must(err)
				if w.Conn.Syncs(core.ContactPair) {
					t.Fatal("people sync")
				}
				w.wantIssue(issues[0].Category, issues[0].Code, issues[0].Field)
				w.ensure()
				w.Restart(func(c *config.Connection) { c.Contacts.Sync = true })
				w.again()
				w.wantIssue(issues[0].Category, issues[0].Code, issues[0].Field)
				w.change(core.Contacts, hs, "firstname", "Bo")
				w.again()
				w.wantNoIssues()
				w.want(core.Lead, id, "FirstName", "Bo")
			})
		})
	}
}

// TestTRIG9_ExplainSaysThatPeopleAreHeldBack, and not that they are switched off.
func TestTRIG9_ExplainSaysThatPeopleAreHeldBack(t *testing.T) {
	w := New(t, people())
	id := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "bo@y.com")
	w.Sync()
	w.wantMate(id)
	w.portalCall("DELETE", "/crm/v3/properties/contacts/"+w.Conn.KeyField(core.HubSpot, core.Lead), nil)
	w.Restart()
	if w.Conn.Held[core.ContactPair] == nil {
		t.Fatal("nothing holds people back")
	}
	if note := w.explainPerson(id).Note; !strings.Contains(note, "held back") || strings.Contains(note, "contacts.sync is off") {
		t.Errorf("the note is %q", note)
	}
}

package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
)

// TestOPT1_TRIG3_TryingAnOptOutAgainBringsNobody: the opt-out of somebody from before the
// switch, whom both sides have, passes and is looked at again until HubSpot shows it. That
// links nobody and overwrites nothing, and the next edit brings the person over.
func TestOPT1_TRIG3_TryingAnOptOutAgainBringsNobody(t *testing.T) {
	type mia struct{ contact, hs string }
	says := map[string]struct{ before, after func(w *World, m mia) }{
		"in Salesforce": {after: func(w *World, m mia) { w.tick(core.Contact, m.contact, true) }},
		"in Salesforce before the switch": {before: func(w *World, m mia) { w.tick(core.Contact, m.contact, true) }, after: func(w *World, _ mia) {
			w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
		}},
		"in HubSpot": {after: func(w *World, _ mia) { w.optOut("mia@x.com") }},
	}
	for name, say := range says {
		t.Run(name, func(t *testing.T) {
			var m mia
			w := New(t, people(), existed(func(w *World) {
				m.contact = w.made(core.Contact, "LastName", "Salesforce", "Title", "CEO", "Email", "mia@x.com")
				m.hs = w.made(core.Contacts, "email", "mia@x.com", "lastname", "HubSpot", "jobtitle", "CFO")
				if say.before != nil {
					say.before(w, m)
				}
			}))
			w.Sync()
			say.after(w, m)
			for range 3 {
				w.thrice()
				w.Advance(20 * time.Minute)
			}
			w.wantOptOut(core.Contact, m.contact, "mia@x.com")
			w.want(core.Contacts, m.hs, "lastname", "HubSpot")
			w.want(core.Contact, m.contact, "LastName", "Salesforce")
			w.wantLonely(m.contact, "CON-1")
			w.change(core.Contact, m.contact, "FirstName", "Mia")
			w.thrice()
			if got := w.wantMate(m.contact); got != m.hs {
				t.Errorf("the edit links with %s, want %s", got, m.hs)
			}
			w.want(core.Contacts, m.hs, "firstname", "Mia")
			w.wantLifts()
		})
	}
}

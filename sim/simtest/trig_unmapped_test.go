package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
)

// TestCON1_TRIG3_AnEditOfWhatNobodyMapsBringsNobody who was there before the switch, by polls,
// which do not say what has changed; the next edit of a mapped field does.
func TestCON1_TRIG3_AnEditOfWhatNobodyMapsBringsNobody(t *testing.T) {
	for name, age := range map[string]time.Duration{"of long ago": 24 * time.Hour, "of just now": 10 * time.Second} {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				var contact, hs string
				w := New(t, profile, people(), Before(func(w *World) {
					contact = w.made(core.Contact, "LastName", "Old", "Email", "old@x.com")
					hs = w.made(core.Contacts, "email", "older@x.com", "lastname", "Older", "company", "Co")
					w.Advance(age)
				}))
				w.Sync()
				w.sweepAll()
				w.Advance(time.Minute)
				w.change(core.Contact, contact, "Description", "a note for the desk")
				w.change(core.Contacts, hs, "message", "a note for the desk")
				w.again()
				w.again()
				w.wantPersons(0, 1, 1)
				w.change(core.Contact, contact, "FirstName", "Ada")
				w.change(core.Contacts, hs, "firstname", "Bo")
				w.again()
				w.again()
				w.want(core.Contacts, w.wantMate(contact), "firstname", "Ada")
				w.wantMate(hs)
				w.wantStill(t)
			})
		})
	}
}

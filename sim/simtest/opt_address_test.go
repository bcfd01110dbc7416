package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// inProfile runs a world in one profile.
func inProfile(p config.Profile) Option {
	return Settings(func(c *config.Connection) { c.Profile = p })
}

// TestOPT7_ATickedBoxMeansTheAddressTheRecordHas: whoever changes the address of somebody who
// is opted out in Salesforce, on either side, leaves the person opted out: HubSpot is told of
// the new address, before its contact has it where the change comes from Salesforce. The way
// back is the person's own.
func TestOPT7_ATickedBoxMeansTheAddressTheRecordHas(t *testing.T) {
	says := map[string]func(w *World, contact string){
		"ticked":       func(w *World, contact string) { w.tick(core.Contact, contact, true) },
		"unsubscribed": func(w *World, _ string) { w.optOut("old@x.com") },
	}
	for name, say := range says {
		for _, side := range core.Sides {
			t.Run(name+", changed in "+side.Label(), func(t *testing.T) {
				w := New(t, people())
				contact, hs := w.optPair("old@x.com")
				say(w, contact)
				w.thrice()
				w.wantOptOut(core.Contact, contact, "old@x.com")
				w.Advance(time.Minute)
				if side == core.Salesforce {
					w.change(core.Contact, contact, "Email", "new@x.com")
				} else {
					w.change(core.Contacts, hs, "email", "new@x.com")
				}
				w.thrice()
				w.want(core.Contacts, hs, "email", "new@x.com")
				w.want(core.Contact, contact, "Email", "new@x.com")
				w.wantOptOut(core.Contact, contact, "new@x.com")
				w.wantOut("old@x.com", true)
				if side == core.Salesforce {
					w.wantOutBefore(hs, "new@x.com")
				}
				if x := w.explainPerson(contact); len(x.Consent) != 1 || x.Consent[0].State != core.OptedOut {
					t.Errorf("explain shows %+v", x.Consent)
				}
				w.wantLifts()
				w.wantStill(t)
				w.Advance(time.Minute)
				w.optBack("new@x.com", "")
				w.thrice()
				w.wantBox(core.Contact, contact, false)
				w.wantLifts(contact)
			})
		}
	}
}

package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// TestA7_WhatWasEditedWhileAFieldWasHiddenPasses once the integration sees the field
// again, whichever side it was
// edited on.
func TestA7_WhatWasEditedWhileAFieldWasHiddenPasses(t *testing.T) {
	for _, side := range core.Sides {
		t.Run(fmt.Sprint("edited in ", side), func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, people())
				contact := w.made(core.Contact, "LastName", "Rose", "Email", "rose@x.com", "MailingCity", "Oslo")
				w.Sync()
				mate := w.wantMate(contact)
				right := salesforcesim.Right{Object: "Contact", Field: "MailingCity"}
				w.must(w.Org.SetRight(right))
				w.Restart()
				w.Advance(time.Hour)
				if side == core.Salesforce {
					w.change(core.Contact, contact, "MailingCity", "Bern")
				} else {
					w.change(core.Contacts, mate, "city", "Bern")
				}
				w.again()
				right.Edit = true
				w.must(w.Org.SetRight(right))
				w.Restart()
				w.again()
				w.want(core.Contacts, mate, "city", "Bern")
				w.want(core.Contact, contact, "MailingCity", "Bern")
				w.wantStill(t)
			})
		})
	}
}

package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
)

// TestOPT2_R19_AnOptOutOutlivesTheErasureOfItsContact: who unsubscribes in HubSpot and is
// erased there on request before anybody looks is opted out in Salesforce all the same, however
// the erasure is heard of, and stays so.
func TestOPT2_R19_AnOptOutOutlivesTheErasureOfItsContact(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, feed := range feeds {
			for _, object := range []core.Object{core.Contact, core.Lead} {
				t.Run(name+" "+string(object), func(t *testing.T) {
					w := New(t, profile, people(), feed.with)
					fields := []string{"LastName", "Gonzalez", "Email", "rose@edge.com"}
					if object == core.Lead {
						fields = append(fields, "Company", "Edge")
					}
					person := w.made(object, fields...)
					w.made(object, append([]string{"LastName", "Bystander", "Email", "by@edge.com"}, fields[4:]...)...)
					w.again()
					mate := w.wantMate(person)
					w.Advance(time.Minute)
					w.optOut("rose@edge.com")
					w.erasePerson(mate, feed.announce)
					w.Advance(time.Minute)
					w.thrice()
					w.wantBox(object, person, true)
					w.wantLifts()
				})
			}
		}
	})
}

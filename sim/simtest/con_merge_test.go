package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/core"
)

// TestDEL6_LIM7_WhoIsDeletedHereAndMergedThereTakesNobodyAlong: a duplicate that is cleaned
// up on both sides before anybody looks costs no living record on either.
func TestDEL6_LIM7_WhoIsDeletedHereAndMergedThereTakesNobodyAlong(t *testing.T) {
	for name, more := range map[string]Option{"told by polls": func(*setup) {}, "told by events": events()} {
		for _, primary := range []string{"the deleted one's", "the other"} {
			t.Run(name+", primary is "+primary, func(t *testing.T) {
				w := New(t, people(deletes), more)
				for i := range 8 { // so that no brake stands in the way
					w.made(core.Lead, "LastName", "X", "Company", "Co", "Email", fmt.Sprintf("x%d@x.com", i))
				}
				gone := w.made(core.Lead, "LastName", "Gone", "Company", "Co", "Email", "a@x.com")
				stays := w.made(core.Lead, "LastName", "Stays", "Company", "Co", "Email", "b@x.com")
				w.Sync()
				first, second := w.wantMate(stays), w.wantMate(gone)
				if primary != "the other" {
					first, second = second, first
				}
				w.Advance(time.Minute)
				w.must(w.Org.As(admin).Delete("Lead", gone))
				survivor, err := w.Portal.As(admin).Merge("contacts", first, second)
				w.must(err)
				for range 3 {
					w.again()
				}
				w.Advance(25 * time.Hour)
				w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
				w.again()
				w.wantPersons(9, 0, 9)
				if got := w.wantMate(stays); got != survivor {
					t.Errorf("linked with %s, want the survivor %s", got, survivor)
				}
			})
		}
	}
}

// TestLIM7_DEDUP5_ThePrimaryOfAMergeKeepsItsPartner, whichever is looked at first: HubSpot
// gives the survivor the primary's values and an id of its own.
func TestLIM7_DEDUP5_ThePrimaryOfAMergeKeepsItsPartner(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, younger := range []bool{false, true} {
			for _, dirty := range []string{"nobody", "the loser", "the winner"} {
				t.Run(fmt.Sprintf("younger wins %v, edited is %s", younger, dirty), func(t *testing.T) {
					w := New(t, profile, people())
					loser, _ := w.optPair("a@x.com")
					winner, _ := w.optPair("b@x.com")
					if !younger {
						loser, winner = winner, loser
					}
					email := [2]string{w.shown(core.Contact, loser, "Email"), w.shown(core.Contact, winner, "Email")}
					w.Advance(time.Minute)
					survivor, err := w.Portal.As(admin).Merge("contacts", w.mate(winner), w.mate(loser))
					w.must(err)
					switch dirty {
					case "the loser":
						w.change(core.Contact, loser, "FirstName", "Ann")
					case "the winner":
						w.change(core.Contact, winner, "FirstName", "Bea")
					}
					for range 3 {
						w.again()
					}
					if got := w.mate(winner); got != survivor {
						t.Errorf("the primary's partner is linked with %q, want %s", got, survivor)
					}
					if w.linkState(loser) != core.LinkParked {
						t.Errorf("the other's link is %s", w.linkState(loser))
					}
					w.want(core.Contact, loser, "Email", email[0])
					w.want(core.Contact, winner, "Email", email[1])
					w.wantPersons(0, 2, 1)
				})
			}
		}
	})
}

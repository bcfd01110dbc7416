package simtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// crowd makes leads that nothing happens to, so that no brake stands in a test's way.
func (w *World) crowd() {
	w.T.Helper()
	for i := range 6 {
		w.made(core.Lead, "LastName", fmt.Sprint("Bystander ", i), "Company", "Co")
	}
}

// alive reports a record that is not deleted.
func (w *World) alive(object core.Object, id string) bool {
	w.T.Helper()
	if inPortal(object) {
		_, ok := w.Portal.As(admin).Get(string(object), id)
		return ok
	}
	rows, err := w.Org.As(admin).Query("SELECT Id FROM " + string(object) + " WHERE Id = '" + id + "'")
	w.must(err)
	return len(rows) == 1
}

// wantAlive fails where a record is deleted.
func (w *World) wantAlive(object core.Object, ids ...string) {
	w.T.Helper()
	for _, id := range ids {
		if !w.alive(object, id) {
			w.T.Errorf("%s %s was deleted", object, id)
		}
	}
}

// within syncs and gives up after a time of the wall.
func (w *World) within(d time.Duration) error {
	ctx, cancel := context.WithTimeout(w.T.Context(), d)
	defer cancel()
	_, err := w.Engine.Once(ctx, w.Conn)
	return err
}

// intoContact is a conversion of a lead into a contact that there is.
func intoContact(account, contact string) salesforcesim.Convert {
	return salesforcesim.Convert{NoOpportunity: true, AccountID: account, ContactID: contact}
}

// TestLIM7_ParkedLinksComeToRest: of two parked links the first holds the survivor of the
// second for a partner that is deleted in the end. It gives way, and a sync ends.
func TestLIM7_ParkedLinksComeToRest(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, setting := range []string{"nothing", "delete"} {
			t.Run(setting, func(t *testing.T) {
				w := New(t, profile, people())
				if setting == "delete" {
					w.Restart(deletes)
				}
				w.crowd()
				a, ha := w.optPair("a@x.com")
				b, hb := w.optPair("b@x.com")
				_, hx := w.optPair("x@x.com")
				w.Advance(time.Minute)
				m, err := w.Portal.As(admin).Merge("contacts", hx, hb) // b is parked
				w.must(err)
				w.again()
				w.again()
				w.must(w.Org.As(admin).Merge("Contact", b, a)) // and so is a, whose survivor b holds
				w.again()
				w.again()
				w.must(w.Portal.As(admin).Archive("contacts", m))
				for range 4 {
					w.Advance(3 * time.Second)
					if err := w.within(20 * time.Second); err != nil {
						t.Fatal("the sync does not end: ", err)
					}
				}
				w.wantAlive(core.Contact, b)
				if mate := w.mate(b); mate != ha {
					t.Errorf("the survivor's partner is %q, want %q, whom the loser left", mate, ha)
				}
			})
		}
	})
}

// TestDEL6_ADeletionSparesWhoAbsorbedAnotherByConversion: a contact whose partner is
// deleted stands as well for the lead that was converted into it, whose own partner lives.
func TestDEL6_ADeletionSparesWhoAbsorbedAnotherByConversion(t *testing.T) {
	for _, chain := range []string{"converted", "merged and converted", "converted and merged"} {
		t.Run(chain, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, people(deletes, becomesContact))
				w.crowd()
				account := w.account("Acme")
				contact := w.made(core.Contact, "LastName", "Gray", "Email", "c@x.com", "AccountId", account)
				lead := w.made(core.Lead, "LastName", "Gray", "Company", "Acme", "Email", "l@x.com")
				w.Sync()
				partner, other := w.wantMate(contact), w.wantMate(lead)
				w.Advance(time.Minute)
				w.absorbByWay(chain, account, contact, lead)
				w.again()
				w.again()
				w.Advance(time.Minute)
				w.must(w.Portal.As(admin).Archive("contacts", partner))
				for range 4 {
					w.again()
				}
				w.wantAlive(core.Contact, contact)
				w.wantAlive(core.Contacts, other)
				if mate := w.mate(contact); mate != other {
					t.Errorf("the contact's partner is %q, want %q, whom the lead left", mate, other)
				}
			})
		})
	}
}

// absorbByWay lets a lead end in a contact, at once or by way of somebody without a partner.
func (w *World) absorbByWay(chain, account, contact, lead string) {
	w.T.Helper()
	user := w.Org.As(admin)
	switch chain {
	case "merged and converted":
		between := w.made(core.Lead, "LastName", "Gray", "Company", "Acme")
		w.must(user.Merge("Lead", between, lead))
		lead = between
	case "converted and merged":
		between := w.made(core.Contact, "LastName", "Gray", "AccountId", account)
		_, err := user.ConvertLead(lead, intoContact(account, between))
		w.must(err)
		w.must(user.Merge("Contact", contact, between))
		return
	}
	_, err := user.ConvertLead(lead, intoContact(account, contact))
	w.must(err)
}

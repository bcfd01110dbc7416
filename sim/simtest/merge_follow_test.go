package simtest

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// duringRead runs act once, while a batch reads HubSpot contacts.
func (w *World) duringRead(act func()) {
	w.T.Helper()
	var done atomic.Bool
	w.On(func(side core.Side, r *http.Request) error {
		if side == core.HubSpot && r.URL.Path == "/crm/v3/objects/contacts/batch/read" && done.CompareAndSwap(false, true) {
			act()
		}
		return nil
	})
	w.Sync()
	w.On(nil)
	if !done.Load() {
		w.T.Fatal("no batch read a contact")
	}
}

// TestACC14_NothingPassesOnceALinkIsEnded while a batch is under way: neither a value nor
// a deletion.
func TestACC14_NothingPassesOnceALinkIsEnded(t *testing.T) {
	for name, edit := range map[string]func(w *World, lead string){
		"a value":    func(w *World, lead string) { w.change(core.Lead, lead, "FirstName", "Ann") },
		"a deletion": func(w *World, lead string) { w.must(w.Org.As(admin).Delete("Lead", lead)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := New(t, people(deletes))
			lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "l@x.com")
			w.Sync()
			hs := w.wantMate(lead)
			w.Advance(time.Minute)
			edit(w, lead)
			w.Advance(3 * time.Second)
			w.duringRead(func() { w.must(w.Engine.Unlink(t.Context(), w.Conn, core.ContactPair, hs)) })
			w.again()
			if _, there := w.Portal.As(admin).Get("contacts", hs); !there {
				t.Error("the contact was deleted")
			}
			w.want(core.Contacts, hs, "firstname", "")
		})
	}
}

// parkedLead are two leads whose HubSpot contacts were merged; the second waits.
func parkedLead(t *testing.T) (w *World, parked string) {
	t.Helper()
	w = New(t, people())
	a := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "a@x.com")
	parked = w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "b@x.com")
	w.Sync()
	ha, hb := w.wantMate(a), w.wantMate(parked)
	w.Advance(time.Minute)
	_, err := w.Portal.As(admin).Merge("contacts", ha, hb)
	w.must(err)
	w.again()
	w.change(core.Lead, parked, "Email", "b2@x.com")
	w.again()
	w.Advance(time.Minute)
	return w, parked
}

// TestLIM7_CON5_WhoWaitsForAMergeIsNotMadeAnew by a conversion, nor by a merge into a
// record that never had a partner: the link waits on with the one they live on in.
func TestLIM7_CON5_WhoWaitsForAMergeIsNotMadeAnew(t *testing.T) {
	for name, move := range map[string]func(w *World, lead string) (core.Object, string){
		"converted": func(w *World, lead string) (core.Object, string) {
			made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
			w.must(err)
			return core.Contact, made.ContactID
		},
		"merged": func(w *World, lead string) (core.Object, string) {
			stray := w.made(core.Lead, "LastName", "Stray", "Company", "Acme")
			w.again()
			w.must(w.Org.As(admin).Merge("Lead", stray, lead))
			w.again()
			w.change(core.Lead, stray, "Email", "stray@x.com")
			return core.Lead, stray
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, lead := parkedLead(t)
			of, id := move(w, lead)
			w.again()
			w.again()
			w.change(of, id, "FirstName", "Bobby")
			w.again()
			if n := w.contactCount(); n != 1 {
				t.Errorf("%d HubSpot contacts, want 1", n)
			}
			if state := w.linkState(id); state != core.LinkParked {
				t.Errorf("the link is %q, want it parked", state)
			}
		})
	}
}

// TestLIM6_WhomAPersonTookApartStaysApart whoever they become: by a conversion, or by a
// merge with somebody else.
func TestLIM6_WhomAPersonTookApartStaysApart(t *testing.T) {
	says := map[string]func(w *World, lead, hs string){
		"unlinked": func(*World, string, string) {},
		"told apart": func(w *World, lead, hs string) {
			_, err := w.Engine.Apart(w.T.Context(), w.Conn, core.ContactPair, lead, hs)
			w.must(err)
		},
	}
	for word, say := range says {
		for _, how := range []string{"converted", "merged in HubSpot"} {
			t.Run(word+", "+how, func(t *testing.T) {
				w := New(t, people())
				lead := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "a@x.com")
				w.Sync()
				hs := w.wantMate(lead)
				w.must(w.Engine.Unlink(t.Context(), w.Conn, core.ContactPair, lead))
				say(w, lead, hs)
				w.again()
				w.Advance(time.Minute)
				of, who := core.Lead, lead
				if how == "converted" {
					made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
					w.must(err)
					of, who = core.Contact, made.ContactID
				} else {
					_, err := w.Portal.As(admin).Merge("contacts", hs, w.made(core.Contacts, "lastname", "Stray"))
					w.must(err)
				}
				w.again()
				w.change(of, who, "FirstName", "Zed")
				w.again()
				w.again()
				if mate := w.mate(who); mate != "" {
					t.Errorf("linked again, with %s", mate)
				}
				if n := w.contactCount(); n != 1 {
					t.Errorf("%d HubSpot contacts, want 1", n)
				}
			})
		}
	}
}

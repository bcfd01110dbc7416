package simtest

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/core"
)

// TestDEDUP1_ALinkSaysHowItsTwoMet, by their address, although the id that the first write puts
// on the HubSpot contact is there when the two are looked at again: by another batch while the
// first is under way, or by the process that follows one which died.
func TestDEDUP1_ALinkSaysHowItsTwoMet(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, of := range []core.Object{core.Lead, core.Contact} {
			t.Run(string(of), func(t *testing.T) {
				t.Run("the process dies in between", func(t *testing.T) { dieBetween(t, profile, of) })
				t.Run("both sides at once", func(t *testing.T) { meetTwice(t, profile, of) })
			})
		}
	})
}

// bothEntered has one person entered on both sides.
func (w *World) bothEntered(of core.Object) (sf, hs string) {
	sf = w.made(of, w.named(of, "a")...)
	return sf, w.made(core.Contacts, w.named(core.Contacts, "a")...)
}

// wantHow fails where the link of a person names another rule than the one it was made by.
func (w *World) wantHow(id, how string) {
	w.T.Helper()
	l, _ := w.personLink(id)
	if l == nil || l.State != core.LinkActive || l.How != how {
		w.T.Errorf("the link is %+v, want an active one by %s", l, how)
	}
}

// firstWrite calls back once, when the first update of a HubSpot contact was answered.
func firstWrite(then func()) Carry {
	var done atomic.Bool
	return func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if side == core.HubSpot && strings.HasSuffix(r.URL.Path, "/contacts/batch/update") && done.CompareAndSwap(false, true) {
			then()
		}
		return resp, err
	}
}

func dieBetween(t *testing.T, profile Option, of core.Object) {
	var dead atomic.Bool
	w := newTrial(t, profile, people())
	w.shut()
	w.BeforeCommit = func(int64) error {
		if dead.Load() {
			return errCrash
		}
		return nil
	}
	w.Open()
	sf, hs := w.bothEntered(of)
	w.Through(firstWrite(func() { dead.Store(true) }))
	w.Advance(3 * time.Second)
	_, err := w.TrySync()
	if w.shown(core.Contacts, hs, "salesforcecontactid")+w.shown(core.Contacts, hs, "salesforceleadid") != sf {
		t.Fatal("the contact does not carry the id of its partner: the test tells nothing")
	}
	w.revive(err)
	w.again()
	w.wantHow(sf, "DEDUP-1")
}

// meetTwice lets a second batch look at the HubSpot contact after the first has written to it
// and before that is stored.
func meetTwice(t *testing.T, profile Option, of core.Object) {
	var hs string
	w := New(t, profile, people(), Workers(2), Before(func(w *World) {
		hs = w.made(core.Contacts, w.named(core.Contacts, "a")...)
		w.Advance(time.Hour)
	}))
	sf := w.made(of, w.named(of, "a")...)
	w.Through(firstWrite(func() {
		if w.linkState(hs) != "" {
			t.Error("the link is stored before the answer: the test tells nothing")
		}
		w.must(w.Engine.Resync(t.Context(), w.Conn, core.ContactPair, []string{hs}))
		w.eventually(func() bool { return w.linkState(hs) == core.LinkActive })
	}))
	w.again()
	w.wantHow(sf, "DEDUP-1")
	w.want(core.Contacts, hs, map[core.Object]string{core.Lead: "salesforceleadid", core.Contact: "salesforcecontactid"}[of], sf)
	w.wantNoIssues()
	w.wantStill(t)
}

// TestPROP1_PROP2_AnEditFindsWhoCarriesTheID: a team moves over whose HubSpot contacts carry
// the ids of Salesforce and another address, or none. The first edit of a lead or contact in
// Salesforce finds its contact, and makes no second one.
func TestPROP1_PROP2_AnEditFindsWhoCarriesTheID(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, object := range []core.Object{core.Contact, core.Lead} {
			for name, address := range map[string][]string{"another address": {"email", "old@x.com"}, "no address": nil} {
				t.Run(string(object)+" with "+name, func(t *testing.T) {
					var person, hs string
					w := New(t, profile, people(), Before(func(w *World) {
						w.ensure()
						fields, carried := []string{"LastName", "Gray", "Email", "new@x.com"}, "salesforcecontactid"
						if object == core.Lead {
							fields, carried = append(fields, "Company", "Co"), "salesforceleadid"
						}
						person = w.made(object, fields...)
						hs = w.made(core.Contacts, append(address, "lastname", "Gray", carried, person[:15])...)
						w.Advance(time.Hour)
					}))
					w.Sync()
					w.change(object, person, "FirstName", "Ann")
					if x := w.explainPerson(person); x.Link == nil && x.Would[core.HubSpot.String()] != "" && strings.HasPrefix(x.Would[core.HubSpot.String()], "create") {
						t.Errorf("explain says %+v", x.Would)
					}
					w.again()
					if got := w.mate(person); got != hs || w.contactCount() != 1 {
						t.Errorf("linked with %q, want %s; %d contacts", got, hs, w.contactCount())
					}
					w.want(core.Contacts, hs, "firstname", "Ann")
					w.wantNoIssues()
				})
			}
		}
	})
}

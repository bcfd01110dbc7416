package simtest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestOPT2_OptedOutAndGoneInHubSpot: who unsubscribes and is deleted, merged away or given
// another address before anybody looks is opted out in Salesforce all the same (LIM-12).
func TestOPT2_OptedOutAndGoneInHubSpot(t *testing.T) {
	goes := map[string]func(w *World, hs, other string){
		"deleted": func(w *World, hs, _ string) { w.must(w.Portal.As(admin).Archive("contacts", hs)) },
		"merged": func(w *World, hs, other string) {
			_, err := w.Portal.As(admin).Merge("contacts", other, hs)
			w.must(err)
		},
		"new address": func(w *World, hs, _ string) { w.change(core.Contacts, hs, "email", "n@x.com") },
	}
	for name, leaves := range goes {
		t.Run(name, func(t *testing.T) {
			w := New(t, people())
			contact, hs := w.optPair("a@x.com")
			twin := w.made(core.Lead, "LastName", "Twin", "Company", "Co", "Email", "a@x.com")
			_, other := w.optPair("b@x.com")
			w.again()
			w.Advance(time.Minute)
			w.optOut("a@x.com")
			leaves(w, hs, other)
			w.Advance(25 * time.Hour)
			w.thrice()
			w.wantOut("a@x.com", true)
			w.wantBox(core.Lead, twin, true)
			if name != "new address" {
				w.wantBox(core.Contact, contact, true)
			}
			w.wantOut("b@x.com", false)
			w.wantOut("n@x.com", name == "new address" && w.box(core.Contact, contact)) // which of the two was heard first is a matter of order
			w.wantLifts()
		})
	}
}

// TestOPT7_ATickOfOursThatWasNotAnswered means the address all the same for which it was
// set: not the one that the record is given in the same call.
func TestOPT7_ATickOfOursThatWasNotAnswered(t *testing.T) {
	w := New(t, people(), inProfile(config.Classic), Settings(func(c *config.Connection) { c.Salesforce.SettleUnknown = config.Duration(time.Second) }))
	contact, hs := w.optPair("a@x.com")
	w.again()
	w.Advance(time.Minute)
	w.optOut("a@x.com")
	w.change(core.Contacts, hs, "email", "n@x.com")
	lost := false
	w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		first := side == core.Salesforce && !lost && ticksBox(w, r)
		resp, err := next.RoundTrip(r)
		if first {
			lost = true
			return nil, errors.New("connection reset by peer")
		}
		return resp, err
	})
	w.Advance(time.Minute)
	_, err := w.TrySync()
	w.must(err)
	if !lost {
		t.Fatal("no box was written")
	}
	w.Advance(time.Hour)
	w.thrice()
	w.wantBox(core.Contact, contact, true)
	w.want(core.Contact, contact, "Email", "n@x.com")
	w.wantOut("a@x.com", true)
	w.wantOut("n@x.com", false)
	w.wantLifts()
}

// TestOPT7_ATickOfOursBesideANewAddress: while Tandem ticks the box of a contact for
// another record's opt-out, the partner is given another address. Salesforce says that this
// person is opted out, and HubSpot says so of the new address as well.
func TestOPT7_ATickOfOursBesideANewAddress(t *testing.T) {
	w := New(t, people())
	contact, hs := w.optPair("a@x.com")
	twin := w.made(core.Lead, "LastName", "Twin", "Company", "Co", "Email", "a@x.com")
	w.thrice()
	w.Advance(time.Minute)
	changed := false
	w.On(func(side core.Side, r *http.Request) error {
		if side == core.Salesforce && !changed && ticksBox(w, r) {
			changed = true
			w.change(core.Contacts, hs, "email", "n@x.com")
		}
		return nil
	})
	w.tick(core.Lead, twin, true)
	w.thrice()
	w.Advance(time.Hour)
	w.change(core.Contact, contact, "FirstName", "Ada") // both are looked at once more
	w.thrice()
	w.wantBox(core.Contact, contact, true)
	w.want(core.Contact, contact, "Email", "n@x.com")
	w.wantOut("a@x.com", true)
	w.wantOut("n@x.com", true)
	w.wantLifts()
}

// ticksBox reports a call that writes a box.
func ticksBox(w *World, r *http.Request) bool {
	again, err := copyOf(r)
	w.must(err)
	if again.Body == nil || r.Method == http.MethodGet {
		return false
	}
	body, err := io.ReadAll(again.Body)
	w.must(err)
	return bytes.Contains(body, []byte(`"HasOptedOutOfEmail":true`))
}

// TestOPT7_WhoIsMergedIntoAnotherSpeaksForOneAddress: whoever is ticked in Salesforce while
// the contact is merged into somebody else's says nothing about the other's address.
func TestOPT7_WhoIsMergedIntoAnotherSpeaksForOneAddress(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		a, ha := w.optPair("a@x.com")
		b, hb := w.optPair("b@x.com")
		w.again()
		w.Advance(time.Minute)
		w.tick(core.Contact, a, true)
		_, err := w.Portal.As(admin).Merge("contacts", hb, ha)
		w.must(err)
		w.thrice()
		w.Advance(time.Hour)
		w.thrice()
		w.wantBox(core.Contact, a, true)
		w.wantBox(core.Contact, b, false)
		w.wantOut("b@x.com", false)
		w.wantLifts()
	})
}

// TestOPT2_TickedAndDeletedStranger: a lead without a partner speaks for its address too,
// where it is ticked and deleted between two looks.
func TestOPT2_TickedAndDeletedStranger(t *testing.T) {
	for _, gone := range []string{"deleted", "merged"} {
		t.Run(gone, func(t *testing.T) {
			w := New(t, people())
			contact, _ := w.optPair("a@x.com")
			master := w.made(core.Lead, "LastName", "Master", "Company", "Co", "Email", "m@x.com")
			twin := w.made(core.Lead, "LastName", "Twin", "Company", "Co", "Email", "a@x.com")
			w.thrice()
			w.Advance(time.Minute)
			w.tick(core.Lead, twin, true)
			if gone == "deleted" {
				w.must(w.Org.As(admin).Delete("Lead", twin))
			} else {
				w.must(w.Org.As(admin).Merge("Lead", master, twin))
			}
			w.thrice()
			w.wantOptOut(core.Contact, contact, "a@x.com")
			w.wantLifts()
		})
	}
}

// TestOPT5_AParkedRecordSpeaksForItsOwnAddress: its contact was merged into another one,
// whose opt-out is not its own, and whose return lifts nothing of its.
func TestOPT5_AParkedRecordSpeaksForItsOwnAddress(t *testing.T) {
	w := New(t, people())
	a, ha := w.optPair("p@x.com")
	b, hb := w.optPair("s@x.com")
	w.optOut("s@x.com")
	w.thrice()
	w.wantBox(core.Contact, b, true)
	w.Advance(time.Minute)
	_, err := w.Portal.As(admin).Merge("contacts", ha, hb)
	w.must(err)
	w.thrice()
	w.optOut("p@x.com")
	w.thrice()
	w.wantBox(core.Contact, a, true)
	w.Advance(time.Hour)
	w.optBack("p@x.com", "")
	w.thrice()
	w.wantOut("s@x.com", true)
	w.wantBox(core.Contact, b, true)
	w.wantLifts(a)
}

// TestOPT1_OurOwnTickBringsNobody: Tandem ticks the box of a person who existed before the
// switch, which is no edit: nobody is linked and nobody is made by it.
func TestOPT1_OurOwnTickBringsNobody(t *testing.T) {
	var lead, hs, eve, fay string
	w := New(t, people(), Before(func(w *World) {
		lead = w.made(core.Lead, "LastName", "Mia", "Company", "Co", "Email", "mia@x.com")
		hs = w.made(core.Contacts, "email", "mia@x.com", "lastname", "Other", "company", "Co", "city", "Oslo")
		w.optOut("mia@x.com")
		eve = w.made(core.Contact, "LastName", "Eve", "Email", "info@x.com")
		fay = w.made(core.Contact, "LastName", "Fay", "Email", "info@x.com")
		w.Advance(time.Hour)
	}))
	w.importing(core.CompanyPair, core.Sides[:]...)
	w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
	w.thrice()
	w.wantBox(core.Lead, lead, true)
	w.tick(core.Contact, eve, true)
	w.thrice()
	w.wantBox(core.Contact, fay, true)
	w.Advance(time.Hour)
	w.thrice()
	w.wantPersons(1, 2, 1)
	w.wantLonely(lead, "CON-1")
	w.want(core.Contacts, hs, "lastname", "Other")
	w.wantNoIssues()

	w.change(core.Lead, lead, "FirstName", "Mia")
	w.change(core.Contact, eve, "FirstName", "Eve")
	w.thrice()
	if w.wantMate(lead) != hs {
		t.Errorf("an edit links the lead with %q, want %s", w.mate(lead), hs)
	}
	w.wantMate(eve)
}

// TestTRIG2_AnEditAfterTheOptOutIsOne: a person from before the switch who is opted out comes
// over by the first edit that cannot be the opt-out, however soon after it; of one that may
// be it, explain says so.
func TestTRIG2_AnEditAfterTheOptOutIsOne(t *testing.T) {
	var lead string
	w := New(t, people(), Before(func(w *World) {
		lead = w.made(core.Lead, "LastName", "Mia", "Company", "Co", "Email", "mia@x.com")
		w.tick(core.Lead, lead, true)
		w.Advance(time.Hour)
	}))
	w.change(core.Lead, lead, "FirstName", "Mia")
	w.thrice()
	w.wantLonely(lead, "CON-1")
	x := w.explainPerson(lead)
	if because := x.Rules[len(x.Rules)-1].Facts["because"]; !strings.Contains(because, "may be that alone") {
		t.Errorf("explain says: %s", because)
	}
	w.Advance(time.Minute)
	w.change(core.Lead, lead, "FirstName", "Maria")
	w.thrice()
	w.want(core.Contacts, w.wantMate(lead), "firstname", "Maria")
	w.wantOptOut(core.Lead, lead, "mia@x.com")
}

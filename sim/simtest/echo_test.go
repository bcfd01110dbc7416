package simtest

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// recordReads counts from now on the calls that read records by their ids.
func (w *World) recordReads() *atomic.Int64 {
	n := new(atomic.Int64)
	w.On(func(_ core.Side, r *http.Request) error {
		if r.Method == http.MethodPost && (strings.HasSuffix(r.URL.Path, "/batch/read") || strings.Contains(r.URL.Path, "/composite/sobjects/")) {
			n.Add(1)
		}
		return nil
	})
	return n
}

// everybodyHere names all contacts of the org.
func everybodyHere() engine.ImportArgs {
	return engine.ImportArgs{Pair: core.ContactPair, Sides: []core.Side{core.Salesforce}}
}

// TestI7_AssociationsThatWeMadeAreEchoes: after a first import of people with their
// companies the events of our own writes cost no reading, whenever they arrive.
func TestI7_AssociationsThatWeMadeAreEchoes(t *testing.T) {
	w := New(t, events(), people(), Before(func(w *World) {
		for i := range 30 {
			account := w.account(fmt.Sprintf("Account %d", i))
			for j := range 5 {
				w.made(core.Contact, "LastName", "Doe", "Email", fmt.Sprintf("p%d.%d@x.example", i, j), "AccountId", account)
			}
		}
	}))
	w.Import()
	w.again()
	reads := w.recordReads()
	w.importPeople(everybodyHere())
	// The people by id in Salesforce, and by their addresses in HubSpot.
	if n := reads.Load(); n > 3 {
		t.Errorf("the import of 150 people took %d reads", n)
	}
	reads.Store(0)
	w.again()
	w.again()
	if n := reads.Load(); n != 0 {
		t.Errorf("%d reads after the import, with nothing changed", n)
	}
	w.wantNoIssues()
}

// TestTheKeysOfASlowBatchAreWrittenWithoutAnotherReading: nobody else writes our key
// field, so there is nothing to confirm where a batch had to wait for its turn.
func TestTheKeysOfASlowBatchAreWrittenWithoutAnotherReading(t *testing.T) {
	var contacts []string
	w := New(t, people(), Before(func(w *World) {
		for i := range 3 {
			contacts = append(contacts, w.made(core.Contact, "LastName", "Doe", "Email", fmt.Sprintf("p%d@x.example", i)))
		}
	}))
	var made, reads, writes atomic.Int64
	w.On(func(_ core.Side, r *http.Request) error {
		switch {
		case strings.HasSuffix(r.URL.Path, "/batch/create"):
			w.Advance(3 * time.Second)
			made.Add(1)
		case r.Method == http.MethodPatch && strings.HasSuffix(r.URL.Path, "/composite/sobjects"):
			writes.Add(1)
		case strings.HasSuffix(r.URL.Path, "/composite/sobjects/Contact") && made.Load() > writes.Load():
			reads.Add(1)
		}
		return nil
	})
	w.importPeople(everybodyHere())
	if n := reads.Load(); n != 0 || made.Load() != 1 || writes.Load() != 1 {
		t.Errorf("%d creates, %d reads before %d writes of the keys", made.Load(), n, writes.Load())
	}
	w.wantPersons(0, 3, 3)
	key := "Tandem_Key_" + w.Portal.Info().PortalID + "__c"
	w.must(w.Org.GrantField("Contact", key))
	for _, id := range contacts {
		w.want(core.Contact, id, key, w.mate(id))
	}
}

// TestI7_AnAssociationOfAPersonIsNoEcho: what somebody changes about a contact's company
// passes, also back to the company that we had given it.
func TestI7_AnAssociationOfAPersonIsNoEcho(t *testing.T) {
	w := New(t, events(), people(), Before(func(w *World) { w.account("Other") }))
	account := w.account("Edge")
	contact := w.made(core.Contact, "LastName", "Doe", "Email", "doe@x.example", "AccountId", account)
	w.Import()
	w.again()
	w.importPeople(everybodyHere())
	w.again()
	hs, company := w.wantMate(contact), w.partner(account)
	other := w.account("Another")
	w.again()
	door := w.Portal.As(admin)
	for _, move := range []struct{ from, to, want string }{{company, w.partner(other), other}, {w.partner(other), company, account}} {
		w.must(door.Dissociate("contacts", hs, "companies", move.from))
		w.again()
		w.must(door.Associate("contacts", hs, "companies", move.to))
		w.again()
		w.want(core.Contact, contact, "AccountId", move.want)
	}
}

package simtest

import (
	"fmt"
	"slices"
	"testing"

	"tandem/internal/core"
)

// TestERR1_StatusCountsWhatDoesNotSync by object and rule, as records come, leave and change,
// and what is gone or goes on as another record is not among them.
func TestERR1_StatusCountsWhatDoesNotSync(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, members(nil, "Oslo"))
		in, out, away := w.resident("In", "Oslo"), w.resident("Out", "Rome"), w.resident("Away", "Rome")
		nameless := w.made(core.Contacts, "lastname", "Nobody", "city", "Oslo")
		contact := w.made(core.Contact, "LastName", "Nobody", "AccountId", w.account("Edge"))
		w.settleLists()
		w.Sync()
		w.settleLists() // who was written to may have left meanwhile
		w.again()
		w.wantUnsynced("at first", "salesforce Contact IMP-3 1", "hubspot contacts INC-3 2", "hubspot contacts CON-6 1")
		w.change(core.Contacts, out, "city", "Oslo")
		w.settleLists()
		w.change(core.Contact, contact, "Email", "nobody@example.com")
		w.change(core.Contacts, nameless, "lastname", "Still nobody")
		w.again()
		w.settleLists()
		w.again()
		w.wantUnsynced("one joined, and the one with an address was made outside the list", "hubspot contacts INC-3 2", "hubspot contacts CON-6 1")
		w.change(core.Contacts, in, "city", "Rome")
		w.again()
		w.settleLists()
		w.again()
		w.wantUnsynced("a linked one left", "hubspot contacts INC-3 3", "hubspot contacts CON-6 1")
		w.must(w.Portal.As(admin).Archive("contacts", away))
		w.sweepAll()
		w.Sync()
		w.wantUnsynced("one is gone", "hubspot contacts INC-3 2", "hubspot contacts CON-6 1")
	})
}

// wantUnsynced checks what the status counts of records that do not sync.
func (w *World) wantUnsynced(when string, want ...string) {
	w.T.Helper()
	st, err := w.Engine.Status(w.T.Context(), w.Conn)
	w.must(err)
	var got []string
	for _, n := range st.Unsynced {
		got = append(got, fmt.Sprint(n.Side, " ", n.Object, " ", n.Rule, " ", n.Count))
		if n.Says == "" {
			w.T.Errorf("rule %s has no words", n.Rule)
		}
	}
	if !slices.Equal(got, want) {
		w.T.Errorf("%s do not sync: %q, want %q", when, got, want)
	}
}

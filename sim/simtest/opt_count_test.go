package simtest

import (
	"maps"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// countedIn is what a sync did with people, beyond what was done before.
func (w *World) countedIn(did func()) engine.Counts {
	w.T.Helper()
	was := w.Conn.CountsOf(core.ContactPair)
	did()
	n := w.Conn.CountsOf(core.ContactPair)
	return engine.Counts{Created: n.Created - was.Created, Updated: n.Updated - was.Updated, OptOuts: n.OptOuts - was.OptOuts, OptIns: n.OptIns - was.OptIns}
}

// wroteSince adds up what runs wrote, by all of them but the first n.
func (w *World) wroteSince(n int) map[string]int {
	w.T.Helper()
	runs, err := w.Engine.Runs(w.T.Context(), w.Conn, 100)
	w.must(err)
	out := map[string]int{}
	for _, r := range runs[:len(runs)-n] {
		for what, n := range r.Wrote {
			out[what] += n
		}
	}
	return out
}

// TestOPT1_OPT2_OPT6_OptOutsAreCounted: a sync and its run tell how many opt-outs they have
// passed, each way, and how many they took back; an ordinary update is none.
func TestOPT1_OPT2_OPT6_OptOutsAreCounted(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		a, _ := w.optPair("a@x.com")
		b, hb := w.optPair("b@x.com")
		runs, err := w.Engine.Runs(t.Context(), w.Conn, 100)
		w.must(err)
		both := func() { w.again(); w.again() }
		n := w.countedIn(func() {
			w.change(core.Contacts, hb, "city", "Oslo")
			both()
		})
		if want := (engine.Counts{Updated: 1}); n != want {
			t.Errorf("an edit counts %+v", n)
		}
		n = w.countedIn(func() {
			w.tick(core.Contact, a, true)
			w.optOut("b@x.com")
			both()
		})
		if want := (engine.Counts{Updated: 1, OptOuts: 2}); n != want {
			t.Errorf("two opt-outs count %+v, want %+v", n, want)
		}
		w.wantOptOut(core.Contact, b, "b@x.com")
		n = w.countedIn(func() {
			w.Advance(time.Minute)
			w.again()
			w.optBack("b@x.com", "")
			both()
		})
		if want := (engine.Counts{Updated: 1, OptIns: 1}); n != want {
			t.Errorf("who comes back counts %+v, want %+v", n, want)
		}
		w.wantBox(core.Contact, b, false)
		if got, want := w.wroteSince(len(runs)), (map[string]int{"update Contact": 3, "opt-out Contact": 1, "opt-in Contact": 1, "unsubscribe contacts": 1}); !maps.Equal(got, want) {
			t.Errorf("the runs wrote %v, want %v", got, want)
		}
	})
}

// TestOPT1_AnImportCountsTheOptOutsItBrings: who is opted out and has no partner yet is made
// with the box ticked, and counts as an opt-out beside the create.
func TestOPT1_AnImportCountsTheOptOutsItBrings(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), Before(func(w *World) {
			w.made(core.Contacts, "email", "out@x.com", "lastname", "Out", "company", "Co")
			w.made(core.Contacts, "email", "in@x.com", "lastname", "In", "company", "Co")
			w.optOut("out@x.com")
			w.Advance(time.Hour)
		}))
		w.Sync()
		run, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ContactPair, Sides: core.Sides[:]})
		w.must(err)
		w.Sync()
		n, left, err := engine.RunList{Store: w.Store, Run: run}.Counts(t.Context())
		w.must(err)
		if want := (engine.Counts{Created: 2, OptOuts: 1}); n != want || left != 0 {
			t.Errorf("the import counts %+v with %d left, want %+v", n, left, want)
		}
	})
}

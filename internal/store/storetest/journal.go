package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

func (f *fixture) journal(entries ...store.Entry) {
	f.Helper()
	f.update(func(tx *store.Tx) error { return tx.JournalAppend(f.conn, entries) })
}

func (f *fixture) history(before int64, limit int, refs ...core.Ref) (out []store.Entry) {
	f.Helper()
	f.view(func(tx *store.Tx) (err error) {
		out, err = tx.History(f.conn, refs, before, limit)
		return err
	})
	return out
}

// bodies names entries by their bodies.
func bodies(entries []store.Entry) (out []string) {
	for _, e := range entries {
		out = append(out, string(e.Body))
	}
	return out
}

func (s suite) testJournal(t *testing.T) {
	f := s.fixture(t)
	a, b := account("a"), companyRef("1")
	f.later(time.Minute)
	full := store.Entry{At: Start, Run: 5, Pair: core.CompanyPair, Ref: a, LinkID: 8, Kind: store.EntryDecision, Body: []byte(`"0"`)}
	rest := []store.Entry{full, {Ref: b, Kind: store.EntryIntent, Body: []byte(`"1"`)}, {Ref: a, Kind: store.EntryOutcome, Run: 6, Body: []byte(`"2"`)},
		{Ref: b, Kind: store.EntryConflict, Run: 5, Body: []byte(`"3"`)}, {Ref: account("c"), Kind: store.EntryConflict, Body: []byte(`"4"`)},
		{Kind: store.EntryNote, Body: []byte(`"of the connection"`)}}
	f.journal(rest...)
	f.journal(store.Entry{Ref: a, Kind: store.EntryNote, Body: []byte(`"5"`)}, store.Entry{Ref: b, Kind: store.EntryNote})
	other := Connect(t, f.s, "other")
	f.update(func(tx *store.Tx) error {
		return tx.JournalAppend(other, []store.Entry{{Ref: a, Kind: store.EntryConflict, Body: []byte("x")}})
	})
	all := f.history(0, 100, a, b, a)
	same(t, "history", bodies(all), []string{"", `"5"`, `"3"`, `"2"`, `"1"`, `"0"`})
	oldest := all[len(all)-1]
	full.Seq = oldest.Seq
	same(t, "an entry", oldest, full)
	same(t, "time of an entry without one", all[1].At, Start.Add(time.Minute))
	same(t, "next page of history", bodies(f.history(all[1].Seq, 2, a, b)), []string{`"3"`, `"2"`})
	f.view(func(tx *store.Tx) error {
		run, err := tx.JournalOfRun(5, 0, 10)
		same(t, "journal of a run", bodies(run), []string{`"0"`, `"3"`})
		if err != nil {
			return err
		}
		end, err := tx.JournalEndOfRun(5, 0, 10)
		same(t, "the end of a run", bodies(end), []string{`"0"`, `"3"`})
		if err != nil {
			return err
		}
		run, err = tx.JournalOfRun(5, run[0].Seq, 10)
		same(t, "next page of a run", bodies(run), []string{`"3"`})
		if err != nil {
			return err
		}
		if none, err := tx.JournalOfRun(0, 0, 10); err != nil || len(none) != 0 {
			t.Errorf("run 0 has %d entries, %v", len(none), err)
		}
		conflicts, err := tx.Conflicts(f.conn, 0, 1)
		same(t, "first conflict", bodies(conflicts), []string{`"3"`})
		if err != nil {
			return err
		}
		conflicts, err = tx.Conflicts(f.conn, conflicts[0].Seq, 9)
		same(t, "later conflicts", bodies(conflicts), []string{`"4"`})
		if err != nil {
			return err
		}
		conflicts, err = tx.ConflictsBack(f.conn, 0, 1)
		same(t, "last conflict", bodies(conflicts), []string{`"4"`})
		if err != nil {
			return err
		}
		conflicts, err = tx.ConflictsBack(f.conn, conflicts[0].Seq, 9)
		same(t, "earlier conflicts", bodies(conflicts), []string{`"3"`})
		return err
	})
	f.view(func(tx *store.Tx) error {
		last, err := tx.JournalLast(f.conn, []core.Ref{b, a, account("none"), a})
		same(t, "last entries", []any{len(last), string(last[a].Body), string(last[b].Body)}, []any{2, `"5"`, ""})
		return err
	})
	f.refuse(store.Invalid, func(tx *store.Tx) error { return tx.JournalAppend(f.conn, []store.Entry{{Ref: a, Kind: "gossip"}}) })
}

func (s suite) testJournalPrune(t *testing.T) {
	f := s.fixture(t)
	a := account("a")
	for i := range 10 {
		f.journal(store.Entry{At: Start.Add(time.Duration(i) * time.Hour), Ref: a, Kind: store.EntryNote, Body: fmt.Appendf(nil, "%01000d", i)})
	}
	left := func() (n int) { return len(f.history(0, 100, a)) }
	prune := func(olderThan time.Time, maxBytes, want int64) {
		t.Helper()
		f.update(func(tx *store.Tx) error {
			n, err := tx.JournalPrune(olderThan, maxBytes)
			if n != want {
				t.Errorf("pruned %d, want %d", n, want)
			}
			return err
		})
	}
	prune(Start, 0, 0)
	prune(Start.Add(2*time.Hour), 0, 2)
	prune(Start, 1<<40, 0)
	prune(Start, 6000, 3) // eight entries of 1,000 bytes and something
	prune(Start, 6000, 0)
	same(t, "entries left", left(), 5)
	same(t, "the newest is left", f.history(0, 1, a)[0].Body, fmt.Appendf(nil, "%01000d", 9))
	last := f.history(0, 1, a)[0].Seq
	prune(Start.Add(24*time.Hour), 0, 5)
	f.journal(store.Entry{Ref: a, Kind: store.EntryNote, Body: []byte("new")})
	if seq := f.history(0, 1, a)[0].Seq; seq <= last {
		t.Errorf("a number is given again after pruning all: %d after %d", seq, last)
	}
	many := slices.Repeat([]store.Entry{{Ref: a, At: Start, Kind: store.EntryNote}}, 6000)
	f.journal(many...)
	prune(Start.Add(time.Hour), 0, 5000)
	prune(Start.Add(time.Hour), 0, 1001)
	prune(Start.Add(time.Hour), 0, 0)
}

func (s suite) testJournalRedact(t *testing.T) {
	f := s.fixture(t)
	a, b := account("a"), account("b")
	secret := []byte(`{"name":"` + fmt.Sprintf("%0500d", 0) + `"}`)
	f.journal(store.Entry{Ref: a, Kind: store.EntryOutcome, Body: secret}, store.Entry{Ref: b, Kind: store.EntryOutcome, Body: secret})
	var plan int64
	f.update(func(tx *store.Tx) (err error) {
		if plan, err = tx.PlanCreate(f.conn, nil); err != nil {
			return err
		}
		if err = tx.PlanAppend(plan, []store.PlanItem{{Seq: 1, Ref: a, Ops: secret, Decisions: secret, Note: "n"}, {Seq: 2, Ref: b, Ops: secret}}); err != nil {
			return err
		}
		return tx.JournalRedact(f.conn, a)
	})
	same(t, "redacted entry", bodies(f.history(0, 9, a)), []string{`{"redacted":true}`})
	same(t, "entry of another record", bodies(f.history(0, 9, b)), []string{string(secret)})
	f.view(func(tx *store.Tx) error {
		items, err := tx.PlanItems(plan, 0, 9)
		same(t, "plan items", items, []store.PlanItem{{Seq: 1, Ref: a, Ops: []byte("[]"), Decisions: []byte("[]"), State: store.ItemRefused},
			{Seq: 2, Ref: b, Ops: secret, State: store.ItemPending}})
		return err
	})
	f.update(func(tx *store.Tx) error { // what is left is b's entry and a's small one
		n, err := tx.JournalPrune(Start, 800)
		if n != 0 {
			t.Errorf("redacting did not shrink the journal: %d entries pruned", n)
		}
		return err
	})
}

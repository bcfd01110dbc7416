package storetest

import (
	"slices"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

func (f *fixture) mark(entries ...core.Dirty) {
	f.Helper()
	f.update(func(tx *store.Tx) error { return tx.Mark(f.conn, entries) })
}

func (f *fixture) due(pair core.Pair, limit int, skip func(core.Ref) bool) (out []core.Dirty) {
	f.Helper()
	f.view(func(tx *store.Tx) (err error) {
		out, err = tx.Due(f.conn, pair, f.now(), limit, skip)
		return err
	})
	return out
}

func (f *fixture) dirty(ref core.Ref) (d core.Dirty, ok bool) {
	f.Helper()
	f.view(func(tx *store.Tx) error {
		m, err := tx.DirtyOf(f.conn, []core.Ref{ref})
		d, ok = m[ref]
		return err
	})
	return d, ok
}

func ids(entries []core.Dirty) []string {
	out := make([]string, len(entries))
	for i, d := range entries {
		out[i] = d.Ref.ID
	}
	return out
}

func (s suite) testDirty(t *testing.T) {
	f := s.fixture(t)
	t.Run("Coalesce", f.sub(coalesced))
	t.Run("Settle", f.sub(settled))
	t.Run("Postpone", f.sub(postponed))
	t.Run("Withdraw", f.sub(withdrawn))
	t.Run("Order", f.sub(ordered))
	t.Run("Stats", f.sub(counted))
	t.Run("Any", f.sub(anyDirty))
	t.Run("Invalid", f.sub(func(f *fixture) {
		f.refuse(store.Invalid, func(tx *store.Tx) error {
			return tx.Mark(f.conn, []core.Dirty{{Ref: account("1"), Pair: core.CompanyPair}})
		})
	}))
}

// sub runs a test on the same store with a connection of its own.
func (f *fixture) sub(test func(*fixture)) func(*testing.T) {
	return func(t *testing.T) {
		test(&fixture{T: t, s: f.s, conn: Connect(t, f.s, t.Name()), ms: f.ms})
	}
}

func coalesced(f *fixture) {
	a := account("0015g00000000AAAAA")
	f.mark(core.Dirty{Ref: a, Pair: core.CompanyPair, Reasons: core.ReasonSweep, NotBefore: Start.Add(time.Hour), Run: 7, Generation: 99, Tries: 9},
		core.Dirty{Ref: a, Pair: core.CompanyPair, Reasons: core.ReasonImport, NotBefore: Start.Add(2 * time.Hour)})
	first, _ := f.dirty(a)
	if first.Generation == 99 {
		f.Error("the generation of what is given was looked at")
	}
	same(f.T, "two marks in one call", first, core.Dirty{Ref: a, Pair: core.CompanyPair, Generation: first.Generation,
		Reasons: core.ReasonSweep | core.ReasonImport, NotBefore: Start.Add(time.Hour), Run: 7})
	f.mark(core.Dirty{Ref: a, Pair: core.CompanyPair, Reasons: core.ReasonEdit, NotBefore: Start, Run: 8})
	second, _ := f.dirty(a)
	same(f.T, "a later mark", second, core.Dirty{Ref: a, Pair: core.CompanyPair, Generation: second.Generation,
		Reasons: core.ReasonSweep | core.ReasonImport | core.ReasonEdit, NotBefore: Start, Run: 8})
	if second.Generation == first.Generation {
		f.Error("a later mark is at the same generation")
	}
	other := Connect(f.T, f.s, f.Name()+" other")
	f.view(func(tx *store.Tx) error {
		m, err := tx.DirtyOf(other, []core.Ref{a})
		if len(m) != 0 {
			f.Errorf("another connection sees %v", m)
		}
		return err
	})
}

func settled(f *fixture) {
	a, b, gone := account("a"), account("b"), account("gone")
	f.mark(core.Dirty{Ref: a, Pair: core.CompanyPair, Reasons: core.ReasonEdit}, core.Dirty{Ref: b, Pair: core.CompanyPair, Reasons: core.ReasonEdit})
	claimed := append(f.due(core.CompanyPair, 10, nil), core.Dirty{Ref: gone, Generation: 1})
	f.mark(core.Dirty{Ref: b, Pair: core.CompanyPair, Reasons: core.ReasonPerson})
	settle := func(want int) {
		f.update(func(tx *store.Tx) error {
			left, err := tx.Settle(f.conn, claimed)
			if left != want {
				f.Errorf("left %d, want %d", left, want)
			}
			return err
		})
	}
	settle(1)
	if _, ok := f.dirty(a); ok {
		f.Error("a settled entry is still there")
	}
	d, ok := f.dirty(b)
	if !ok || !d.Reasons.Has(core.ReasonPerson) {
		f.Errorf("an entry marked meanwhile is %+v, %v", d, ok)
	}
	claimed = []core.Dirty{d}
	settle(0)
	f.mark(core.Dirty{Ref: b, Pair: core.CompanyPair, Reasons: core.ReasonImport})
	settle(1) // what was claimed before it was removed is another entry
}

func withdrawn(f *fixture) {
	a, b := account("a"), account("b")
	f.mark(core.Dirty{Ref: a, Pair: core.CompanyPair, Reasons: core.ReasonPerson | core.ReasonEdit}, core.Dirty{Ref: b, Pair: core.CompanyPair, Reasons: core.ReasonPerson | core.ReasonRetry})
	claimed := f.due(core.CompanyPair, 10, nil)
	for _, r := range []core.Ref{a, b, account("c")} {
		f.update(func(tx *store.Tx) error { return tx.Withdraw(f.conn, r, core.ReasonPerson) })
	}
	if d, ok := f.dirty(a); !ok || d.Reasons != core.ReasonEdit {
		f.Errorf("the entry with another reason is %+v, %v", d, ok)
	}
	if d, ok := f.dirty(b); ok {
		f.Errorf("the entry without another reason is %+v", d)
	}
	f.update(func(tx *store.Tx) error {
		left, err := tx.Settle(f.conn, claimed)
		if left != 1 {
			f.Errorf("left %d of what was claimed before, want 1", left)
		}
		return err
	})
}

func postponed(f *fixture) {
	a := account("a")
	f.mark(core.Dirty{Ref: a, Pair: core.CompanyPair, Reasons: core.ReasonImport, Run: 3})
	d, _ := f.dirty(a)
	later := Start.Add(time.Hour)
	postpone := func(d core.Dirty) {
		f.update(func(tx *store.Tx) error { return tx.Postpone(f.conn, d, later) })
	}
	late := func(want int) {
		f.view(func(tx *store.Tx) error {
			got, err := tx.DirtyStats(f.conn)
			same(f.T, "late", got[core.CompanyPair].Late, want)
			return err
		})
	}
	f.update(func(tx *store.Tx) error { return tx.PutOff(f.conn, d, later) })
	late(1)
	postpone(d)
	late(0)
	want := core.Dirty{Ref: a, Pair: core.CompanyPair, Generation: d.Generation, Reasons: core.ReasonImport | core.ReasonRetry, NotBefore: later, Tries: 2, Run: 3}
	got, _ := f.dirty(a)
	same(f.T, "put off twice", got, want)
	if due := f.due(core.CompanyPair, 10, nil); len(due) != 0 {
		f.Errorf("an entry that is put off is due: %v", due)
	}
	f.mark(core.Dirty{Ref: a, Pair: core.CompanyPair, Reasons: core.ReasonRetry, NotBefore: later})
	got, _ = f.dirty(a)
	want.Generation = got.Generation
	same(f.T, "marked for a retry", got, want)
	f.mark(core.Dirty{Ref: a, Pair: core.CompanyPair, Reasons: core.ReasonEdit | core.ReasonRetry, NotBefore: Start})
	got, _ = f.dirty(a)
	want.Generation, want.Tries, want.NotBefore, want.Reasons = got.Generation, 0, Start, want.Reasons|core.ReasonEdit
	same(f.T, "marked for an edit", got, want)
	postpone(d) // claimed long ago
	got, _ = f.dirty(a)
	same(f.T, "put off at an old generation", got, want)
}

func ordered(f *fixture) {
	at := func(id string, r core.Reasons, after time.Duration) core.Dirty {
		return core.Dirty{Ref: account(id), Pair: core.CompanyPair, Reasons: r, NotBefore: Start.Add(after)}
	}
	f.mark(at("sweep", core.ReasonSweep, -9), at("schema", core.ReasonSchema, -8*time.Second), at("import", core.ReasonImport, -7*time.Second),
		at("retried import", core.ReasonRetry|core.ReasonImport, -6*time.Second), at("retry", core.ReasonRetry, -7*time.Second),
		at("edit", core.ReasonEdit, -time.Second), at("Z person", core.ReasonPerson, -5*time.Second), at("a parent", core.ReasonParent, -5*time.Second),
		at("gap", core.ReasonGap, -2*time.Second), at("create", core.ReasonCreate, -3*time.Second), at("delete", core.ReasonDelete|core.ReasonSweep, -4*time.Second),
		at("now", core.ReasonEdit, 0), at("not yet", core.ReasonEdit, time.Millisecond),
		core.Dirty{Ref: contact("other pair"), Pair: core.ContactPair, Reasons: core.ReasonEdit})
	// Capitals come first: ids are ordered by their bytes.
	want := []string{"Z person", "a parent", "delete", "create", "gap", "edit", "now", "retry", "retried import", "schema", "import", "sweep"}
	same(f.T, "order", ids(f.due(core.CompanyPair, 100, nil)), want)
	for limit := range len(want) + 1 {
		same(f.T, "limited", ids(f.due(core.CompanyPair, limit, nil)), want[:limit])
	}
	skipped := func(r core.Ref) bool { return r.ID != "edit" && r.ID != "import" && r.ID != "sweep" }
	same(f.T, "skipping", ids(f.due(core.CompanyPair, 2, skipped)), []string{"edit", "import"})
	same(f.T, "skipping all but three", ids(f.due(core.CompanyPair, 5, skipped)), []string{"edit", "import", "sweep"})
	sides := []core.Ref{lead("1"), {Side: core.HubSpot, Object: core.Contacts, ID: "1"}, contact("2"), contact("1")}
	for _, r := range sides {
		f.mark(core.Dirty{Ref: r, Pair: core.ContactPair, Reasons: core.ReasonEdit, NotBefore: Start})
	}
	slices.SortFunc(sides, core.Ref.Compare)
	var got []core.Ref
	for _, d := range f.due(core.ContactPair, 9, func(r core.Ref) bool { return r.ID == "other pair" }) {
		got = append(got, d.Ref)
	}
	same(f.T, "refs of one moment", got, sides)
}

func counted(f *fixture) {
	f.mark(core.Dirty{Ref: account("1"), Pair: core.CompanyPair, Reasons: core.ReasonEdit})
	f.mark(core.Dirty{Ref: account("2"), Pair: core.CompanyPair, Reasons: core.ReasonEdit, NotBefore: Start.Add(3 * time.Hour)})
	f.mark(core.Dirty{Ref: account("3"), Pair: core.CompanyPair, Reasons: core.ReasonEdit, NotBefore: Start.Add(2 * time.Hour)})
	f.later(time.Minute)
	f.mark(core.Dirty{Ref: account("4"), Pair: core.CompanyPair, Reasons: core.ReasonEdit}, core.Dirty{Ref: account("1"), Pair: core.CompanyPair, Reasons: core.ReasonEdit},
		core.Dirty{Ref: contact("1"), Pair: core.ContactPair, Reasons: core.ReasonEdit, NotBefore: Start.Add(time.Hour)})
	f.view(func(tx *store.Tx) error {
		got, err := tx.DirtyStats(f.conn)
		same(f.T, "stats", got, map[core.Pair]store.Stats{
			core.CompanyPair: {Due: 2, Waiting: 2, Oldest: Start, Next: Start.Add(2 * time.Hour), Since: [2]time.Time{Start}},
			core.ContactPair: {Waiting: 1, Next: Start.Add(time.Hour)}})
		return err
	})
	company := core.Ref{Side: core.HubSpot, Object: core.Companies, ID: "5"}
	f.mark(core.Dirty{Ref: company, Pair: core.CompanyPair, Reasons: core.ReasonEdit})
	f.view(func(tx *store.Tx) error {
		got, err := tx.DirtyStats(f.conn)
		same(f.T, "stats of both sides", got[core.CompanyPair],
			store.Stats{Due: 3, Waiting: 2, Oldest: Start, Next: Start.Add(2 * time.Hour), Since: [2]time.Time{Start, Start.Add(time.Minute)}})
		return err
	})
	f.update(func(tx *store.Tx) error { return tx.Withdraw(f.conn, company, core.ReasonEdit) })
	same(f.T, "next due", f.nextDue(), Start.Add(time.Hour))
	same(f.T, "due count", f.dueCount(), 2)
	f.later(2 * time.Hour)
	same(f.T, "next due, hours later", f.nextDue(), Start.Add(3*time.Hour))
	same(f.T, "due count, hours later", f.dueCount(), 4)
	f.later(2 * time.Hour)
	same(f.T, "next due, when all is due", f.nextDue(), time.Time{})
}

func (f *fixture) dueCount() (n int) {
	f.T.Helper()
	f.view(func(tx *store.Tx) (err error) { n, err = tx.DueCount(f.conn); return err })
	return n
}

func (f *fixture) nextDue() (at time.Time) {
	f.T.Helper()
	f.view(func(tx *store.Tx) (err error) { at, err = tx.NextDue(f.conn); return err })
	return at
}

func anyDirty(f *fixture) {
	some := func() (some bool) {
		f.view(func(tx *store.Tx) (err error) { some, err = tx.AnyDirty(f.conn); return err })
		return some
	}
	same(f.T, "any in an empty set", some(), false)
	f.mark(core.Dirty{Ref: account("1"), Pair: core.CompanyPair, Reasons: core.ReasonEdit, NotBefore: Start.Add(time.Hour)})
	same(f.T, "any when one waits", some(), true)
	due := func() (pairs map[core.Pair]bool) {
		f.view(func(tx *store.Tx) (err error) { pairs, err = tx.DuePairs(f.conn, Start); return err })
		return pairs
	}
	same(f.T, "pairs with due entries, when all wait", due(), map[core.Pair]bool{})
	f.mark(core.Dirty{Ref: account("2"), Pair: core.ContactPair, Reasons: core.ReasonSweep}, core.Dirty{Ref: account("3"), Pair: core.DealPair, Reasons: core.ReasonEdit})
	same(f.T, "pairs with due entries", due(), map[core.Pair]bool{core.ContactPair: true, core.DealPair: true})
}

package storetest

import (
	"math"
	"slices"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

func (s suite) testSeen(t *testing.T) {
	f := s.fixture(t)
	row := func(ref core.Ref, pass int64, deleted bool) store.SeenRow {
		return store.SeenRow{Ref: ref, Seen: store.Seen{Stamp: Start.Add(time.Duration(pass)), Pass: pass, Deleted: deleted}}
	}
	put := func(rows ...store.SeenRow) { f.update(func(tx *store.Tx) error { return tx.SeenPut(f.conn, rows) }) }
	a, b, c := account("a"), account("B"), account("c")
	put(row(a, 9, true), row(a, 1, false), row(b, 1, false), row(c, 1, true), row(companyRef("a"), 1, false))
	put(row(a, 2, false))
	other := Connect(t, f.s, "other")
	f.update(func(tx *store.Tx) error { return tx.SeenPut(other, []store.SeenRow{row(a, 1, false)}) })
	before := func(pass int64, after string, limit int, want ...store.SeenRow) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.SeenBefore(f.conn, core.Salesforce, core.Account, pass, after, limit)
			same(t, "not visited", got, want)
			return err
		})
	}
	stored := func(r store.SeenRow) store.SeenRow { r.Stamp = r.Stamp.Truncate(time.Millisecond); return r }
	before(1, "", 10)
	before(2, "", 10, stored(row(b, 1, false)))
	before(3, "", 10, stored(row(b, 1, false)), stored(row(a, 2, false)))
	before(3, "", 1, stored(row(b, 1, false)))
	before(3, "B", 10, stored(row(a, 2, false)))
	before(math.MaxInt64, "B", 10, stored(row(a, 2, false))) // whatever the pass
	f.view(func(tx *store.Tx) error {
		got, err := tx.SeenOf(f.conn, []core.Ref{a, c, companyRef("zz"), {Side: core.HubSpot, Object: "never", ID: "1"}})
		same(t, "seen", got, map[core.Ref]store.Seen{a: stored(row(a, 2, false)).Seen, c: stored(row(c, 1, true)).Seen})
		if err != nil {
			return err
		}
		n, err := tx.SeenCount(f.conn, core.Salesforce, core.Account)
		same(t, "count", n, 2)
		return err
	})
}

// testShown: the last word on a record counts, of one connection alone, until it is forgotten
// or the record is erased.
func (s suite) testShown(t *testing.T) {
	f := s.fixture(t)
	a, b := account("a"), account("b")
	put := func(conn int64, shown map[core.Ref]int64) {
		f.update(func(tx *store.Tx) error { return tx.ShownPut(conn, shown) })
	}
	put(f.conn, map[core.Ref]int64{a: 1, b: -2})
	put(f.conn, map[core.Ref]int64{a: math.MinInt64})
	put(Connect(t, f.s, "other"), map[core.Ref]int64{b: 7})
	want := func(want map[core.Ref]int64) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.ShownOf(f.conn, []core.Ref{a, b, companyRef("a"), {Side: core.HubSpot, Object: "never", ID: "1"}})
			same(t, "shown", got, want)
			return err
		})
	}
	want(map[core.Ref]int64{a: math.MinInt64, b: -2})
	f.update(func(tx *store.Tx) error { return tx.ShownDrop(f.conn, []core.Ref{a, companyRef("b")}) })
	want(map[core.Ref]int64{b: -2})
	f.update(func(tx *store.Tx) error { _, err := tx.Erase(f.conn, b, Start); return err })
	want(map[core.Ref]int64{})
}

func (s suite) testIntents(t *testing.T) {
	f := s.fixture(t)
	a, b, h := account("a"), account("b"), companyRef("1")
	update := store.Intent{Op: core.Op{Key: "update/1", Kind: core.OpUpdate, Pair: core.CompanyPair, Target: h, Source: a, Rule: "MAP-4",
		Fields: map[string]string{"name": "nul\x00 <b>"}, Before: map[string]string{"name": ""}, Associate: h, Primary: true, Assign: true},
		LinkID: 4, Dirty: a, Call: "job 7", At: Start.Add(time.Minute), Unknown: Start.Add(time.Hour)}
	create := store.Intent{Op: core.Op{Key: "create/b", Kind: core.OpCreate, Source: b, Target: core.Ref{Side: core.HubSpot, Object: core.Companies},
		UniqueField: "tandem_key", UniqueValue: "b"}, Meets: "DEDUP-1"}
	f.update(func(tx *store.Tx) error { return tx.IntentsPut(f.conn, []store.Intent{update, create}) })
	create.At = Start
	open := func(want ...store.Intent) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.IntentsOpen(f.conn)
			same(t, "open intents", got, want)
			return err
		})
	}
	open(create, update)
	f.view(func(tx *store.Tx) error {
		got, err := tx.IntentEnds(f.conn)
		slices.SortFunc(got, func(x, y store.Ends) int { return core.Ref.Compare(x.Source, y.Source) })
		same(t, "ends of open intents", got, []store.Ends{{Target: h, Source: a, Dirty: a}, {Target: create.Op.Target, Source: b}})
		return err
	})
	f.update(func(tx *store.Tx) error { return tx.IntentUnknown(f.conn, "create/b", Start.Add(time.Second)) })
	create.Unknown = Start.Add(time.Second)
	open(create, update)
	create.Call, create.Unknown = "sent again", time.Time{}
	stale := create
	stale.Call = "sent before"
	f.update(func(tx *store.Tx) error { return tx.IntentsPut(f.conn, []store.Intent{stale, create}) })
	open(create, update)
	f.refuse(store.NotFound, func(tx *store.Tx) error { return tx.IntentUnknown(f.conn, "nothing", Start) })
	f.update(func(tx *store.Tx) error { return tx.IntentsSettle(f.conn, []string{"update/1", "nothing"}) })
	open(create)
}

func (s suite) testPlans(t *testing.T) {
	f := s.fixture(t)
	var first, second int64
	f.update(func(tx *store.Tx) (err error) {
		if first, err = tx.PlanCreate(f.conn, []byte(`{"object":"company"}`)); err != nil {
			return err
		}
		second, err = tx.PlanCreate(f.conn, nil)
		return err
	})
	items := []store.PlanItem{{Seq: 1, Ref: account("a"), Reasons: core.ReasonPerson, Ops: []byte("[1]"), Decisions: []byte("[2]")},
		{Seq: 2, Ref: companyRef("1"), State: store.ItemFailed, Note: "why"}, {Seq: 3, Ref: account("b")}}
	written := slices.Clone(items)
	written[0].Writes, written[2].Writes = []string{"update companies", "create companies", "update companies"}, []string{"update companies"}
	f.update(func(tx *store.Tx) error { return tx.PlanAppend(first, written[:2]) })
	f.update(func(tx *store.Tx) error { return tx.PlanAppend(first, written[2:]) })
	f.refuse(store.Conflict, func(tx *store.Tx) error { return tx.PlanAppend(first, items[:1]) })
	f.update(func(tx *store.Tx) error { return tx.PlanItemDone(first, 3, store.ItemRefused, "changed") })
	f.refuse(store.NotFound, func(tx *store.Tx) error { return tx.PlanItemDone(second, 3, store.ItemApplied, "") })
	f.refuse(store.Invalid, func(tx *store.Tx) error { return tx.PlanItemDone(first, 3, "half", "") })
	items[0].State, items[2].State, items[2].Note = store.ItemPending, store.ItemRefused, "changed"
	saved := store.Plan{ID: first, Conn: f.conn, Meta: []byte(`{"by":"ada"}`), State: store.PlanReady, Counts: []byte(`{"create":2}`), Created: Start}
	f.update(func(tx *store.Tx) error { return tx.PlanSave(saved) })
	f.refuse(store.NotFound, func(tx *store.Tx) error { return tx.PlanSave(store.Plan{ID: 99, State: store.PlanReady}) })
	f.refuse(store.Invalid, func(tx *store.Tx) error { return tx.PlanSave(store.Plan{ID: first, State: "half"}) })
	f.view(func(tx *store.Tx) error {
		page, err := tx.PlanItems(first, 1, 1)
		same(t, "second page", page, items[1:2])
		if err != nil {
			return err
		}
		page, err = tx.PlanItems(first, 0, 9)
		same(t, "items", page, items)
		if err != nil {
			return err
		}
		p, err := tx.Plan(first)
		same(t, "plan", p, saved)
		if err != nil {
			return err
		}
		all, err := tx.Plans(f.conn, 9)
		same(t, "plans", all, []store.Plan{{ID: second, Conn: f.conn, State: store.PlanBuilding, Counts: []byte("{}"), Created: Start}, saved})
		return err
	})
	f.wantItems(first, "update companies", 0, items[0], items[2])
	f.wantItems(first, "update companies", 1, items[2])
	f.wantItems(first, "create companies", 0, items[0])
	f.wantItems(first, "archive companies", 0)
	f.view(func(tx *store.Tx) error {
		one, err := tx.PlanItem(first, 2)
		same(t, "one item", one, items[1])
		return err
	})
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, err := tx.PlanItem(first, 4); return err })
	f.update(func(tx *store.Tx) error { return tx.PlanEmpty(first) })
	f.update(func(tx *store.Tx) error { return tx.PlanAppend(first, written[:1]) }) // anew
	f.update(func(tx *store.Tx) error { return tx.PlanDrop(first) })
	f.wantItems(first, "update companies", 0)
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, err := tx.Plan(first); return err })
	f.view(func(tx *store.Tx) error {
		left, err := tx.PlanItems(first, 0, 9)
		same(t, "items of a dropped plan", len(left), 0)
		return err
	})
}

// wantItems wants the items of a plan that would write so, behind one.
func (f *fixture) wantItems(plan int64, what string, after int64, want ...store.PlanItem) {
	f.Helper()
	f.view(func(tx *store.Tx) error {
		got, err := tx.PlanItemsOf(plan, what, after, 9)
		same(f.T, "items that "+what, got, want)
		return err
	})
}

func (s suite) testRuns(t *testing.T) {
	f := s.fixture(t)
	want := store.Run{Conn: f.conn, Kind: "import", Args: []byte(`{"all":true}`), State: store.RunQueued, Created: Start}
	var second int64
	f.update(func(tx *store.Tx) (err error) {
		if want.ID, err = tx.RunCreate(store.Run{Conn: f.conn, Kind: "import", Args: want.Args}); err != nil {
			return err
		}
		second, err = tx.RunCreate(store.Run{Conn: f.conn, Kind: "resync", State: store.RunRunning})
		return err
	})
	read := func() {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.Run(want.ID)
			same(t, "run", got, want)
			return err
		})
	}
	read()
	want.State, want.Total, want.Done, want.Failed, want.Checkpoint = store.RunFailed, 10, 7, 1, "after 001x"
	want.Started, want.Ended, want.Error = Start.Add(time.Second), Start.Add(time.Minute), "stopped"
	f.update(func(tx *store.Tx) error { return tx.RunSave(want) })
	read()
	f.view(func(tx *store.Tx) error {
		all, err := tx.Runs(f.conn, 9)
		if err == nil && (len(all) != 2 || all[0].ID != second || all[1].ID != want.ID) {
			t.Errorf("runs are %+v", all)
		}
		return err
	})
	f.view(func(tx *store.Tx) error {
		open, err := tx.RunsOpen(f.conn)
		if err == nil && (len(open) != 1 || open[0].ID != second) {
			t.Errorf("open runs are %+v, want the one that has not ended", open)
		}
		if err != nil {
			return err
		}
		for kind, id := range map[string]int64{"import": want.ID, "resync": second, "sweep": 0} {
			r, ok, err := tx.RunLast(f.conn, kind)
			if err != nil || r.ID != id || ok != (id != 0) {
				t.Errorf("the last %s is %+v, %v, %v", kind, r, ok, err)
			}
		}
		return nil
	})
	f.refuse(store.NotFound, func(tx *store.Tx) error { return tx.RunSave(store.Run{ID: 99, State: store.RunDone}) })
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, err := tx.Run(99); return err })
	f.refuse(store.Invalid, func(tx *store.Tx) error {
		_, err := tx.RunCreate(store.Run{Conn: f.conn, Kind: "x", State: "half"})
		return err
	})
	f.update(func(tx *store.Tx) error {
		if _, err := tx.RunCreate(store.Run{Conn: f.conn, Kind: "import", State: store.RunDone}); err != nil {
			return err
		}
		return tx.RunsForget(f.conn, "import")
	})
	f.view(func(tx *store.Tx) error {
		left, err := tx.Runs(f.conn, 9)
		same(t, "runs behind the forgetting of those that are done", len(left), 2)
		return err
	})
	t.Run("Pending", f.sub(pending))
}

// pending: a run's list of what it still has to do.
func pending(f *fixture) {
	const run = 77
	var generation int64 // of the one mark
	dirty := func(ref core.Ref, run int64) core.Dirty {
		return core.Dirty{Ref: ref, Pair: core.CompanyPair, Reasons: core.ReasonImport, Run: run, Generation: generation}
	}
	f.mark(dirty(account("b"), run), dirty(companyRef("1"), run), dirty(account("a"), run), dirty(account("c"), run+1), dirty(account("d"), 0))
	marked, _ := f.dirty(account("a"))
	generation = marked.Generation
	f.view(func(tx *store.Tx) error {
		got, err := tx.RunPending(run, core.Ref{}, 2)
		same(f.T, "pending", got, []core.Dirty{dirty(account("a"), run), dirty(account("b"), run)})
		if err != nil {
			return err
		}
		got, err = tx.RunPending(run, got[1].Ref, 2)
		same(f.T, "rest", got, []core.Dirty{dirty(companyRef("1"), run)})
		if err != nil {
			return err
		}
		none, err := tx.RunPending(0, core.Ref{}, 9)
		same(f.T, "pending of no run", len(none), 0)
		return err
	})
	later := Start.Add(time.Hour)
	f.update(func(tx *store.Tx) error {
		for i, ref := range []core.Ref{account("a"), account("b"), account("c")} {
			if err := tx.Postpone(f.conn, dirty(ref, run), later.Add(-time.Duration(i)*time.Minute)); err != nil {
				return err
			}
		}
		return tx.PutOff(f.conn, dirty(account("b"), run), later.Add(-time.Minute))
	})
	f.view(func(tx *store.Tx) error {
		left, err := tx.RunLeft(run)
		same(f.T, "left of the run", left, store.RunLeft{Untried: 1, Retried: 2, Late: 1, Next: later.Add(-time.Minute)})
		if err != nil {
			return err
		}
		none, err := tx.RunLeft(0)
		same(f.T, "left of no run", none, store.RunLeft{})
		return err
	})
}

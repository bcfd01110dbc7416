package connectortest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"tandem/internal/connector"
	"tandem/internal/core"
)

func testReadByID(t *testing.T, w *world) {
	a := w.Create(map[string]string{w.Name: "Alpha", w.Text: "Ä & <b>"})
	b := w.record("Beta")
	got := w.read(connector.Query{Values: []string{b, w.Missing, a, b}})
	if len(got) != 4 {
		t.Fatalf("%d records for 4 ids", len(got))
	}
	for i, want := range []struct {
		id       string
		presence core.Presence
	}{{b, core.Live}, {w.Missing, core.Absent}, {a, core.Live}, {b, core.Live}} {
		if got[i].Ref != w.ref(want.id) || got[i].Presence != want.presence {
			t.Errorf("place %d: %v with presence %d, want %s with %d", i, got[i].Ref, got[i].Presence, want.id, want.presence)
		}
	}
	if v, told := got[2].Get(w.Text); v != "Ä & <b>" || !told {
		t.Errorf("%s of Alpha is %q (told %v)", w.Text, v, told)
	}
	if v, told := got[0].Get(w.Text); v != "" || !told {
		t.Errorf("a field never set is %q (told %v), want blank and told", v, told)
	}
	if got[0].Stamp.IsZero() || got[0].Created.IsZero() || got[0].Created.After(got[0].Stamp) {
		t.Errorf("created %v, modified %v", got[0].Created, got[0].Stamp)
	}
}

func testReadDeleted(t *testing.T, w *world) {
	live, gone := w.record("Live"), w.record("Gone")
	w.Delete(gone)
	if got := w.read(connector.Query{Values: []string{gone}}); got[0].Presence != core.Absent {
		t.Errorf("a deleted record is told as %d where deleted ones were not asked for", got[0].Presence)
	}
	got := w.read(connector.Query{Values: []string{gone, live, w.Missing}, Deleted: true})
	for i, want := range []core.Presence{core.Deleted, core.Live, core.Absent} {
		if got[i].Presence != want {
			t.Errorf("place %d: presence %d, want %d", i, got[i].Presence, want)
		}
	}
}

// testReadMerged: a side answers for an absorbed id with the survivor, or with
// the deleted row that names it.
func testReadMerged(t *testing.T, w *world) {
	if w.Merge == nil {
		t.Skip("this account has no merge")
	}
	a, b := w.record("First"), w.record("Second")
	kept := w.Merge(a, b)
	got := w.read(connector.Query{Values: []string{b, kept}, Deleted: true})
	loser := got[0]
	followed := loser.Ref.ID == kept && loser.Presence == core.Live && slices.Contains(loser.Aliases, b)
	named := loser.Ref.ID == b && loser.Presence == core.Deleted && loser.MergedInto == kept
	if !followed && !named {
		t.Errorf("the absorbed %s (into %s) is told as %+v", b, kept, loser)
	}
	if got[1].Ref.ID != kept || got[1].Presence != core.Live {
		t.Errorf("the survivor is told as %+v", got[1])
	}
}

func testReadByKey(t *testing.T, w *world) {
	w.ensureKey()
	one, two, none := w.key(), w.key(), w.key()
	made := w.write(w.create(one, "One"), w.create(two, "Two"))
	got := w.read(connector.Query{By: w.Key, Values: []string{two, none, one}})
	if len(got) != 2 {
		t.Fatalf("%d records for two keys that are held and one that is not", len(got))
	}
	for i := range got {
		if got[i].Ref.ID != made[i].ID || got[i].Presence != core.Live {
			t.Errorf("place %d: %v, want %s: matches come in id order", i, got[i].Ref, made[i].ID)
		}
	}
}

// testReadMany crosses the limits of a call, by several readers at once.
func testReadMany(t *testing.T, w *world) {
	ids := w.makeMany(w.Connector.Caps().ReadSize + 1)
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			got, err := w.Connector.Read(w.ctx(), connector.Query{Object: w.Object, Values: ids, Fields: []string{w.Name}})
			if err != nil || len(got) != len(ids) {
				t.Errorf("%d records for %d ids: %v", len(got), len(ids), err)
				return
			}
			for i, r := range got {
				if r.Ref.ID != ids[i] || r.Presence != core.Live {
					t.Errorf("place %d: %v", i, r.Ref)
					return
				}
			}
		})
	}
	readers.Wait()
}

// makeMany makes n records through the connector, in its own batches.
func (w *world) makeMany(n int) []string {
	w.t.Helper()
	ops := make([]core.Op, 0, n)
	for i := range n {
		ops = append(ops, w.create(fmt.Sprintf("%s-many-%d", w.t.Name(), i), fmt.Sprintf("Many %d", i)))
	}
	w.ensureKey()
	ids := make([]string, 0, n)
	for _, o := range w.write(ops...) {
		w.want(o, core.Applied, "")
		ids = append(ids, o.ID)
	}
	return ids
}

func testReadPage(t *testing.T, w *world) {
	id := w.record("Page")
	w.arm(PageOnRead)
	_, err := w.Connector.Read(w.ctx(), connector.Query{Object: w.Object, Values: []string{id}, Fields: []string{w.Name}})
	var e *connector.Error
	if !errors.As(err, &e) || e.Class != core.ClassTransient || e.Code != connector.CodeNotJSON {
		t.Fatalf("a page instead of JSON gives %v", err)
	}
	if got := w.read(connector.Query{Values: []string{id}}); got[0].Presence != core.Live {
		t.Errorf("after the page: %+v", got[0])
	}
}

package connectortest

import (
	"errors"
	"testing"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

func testScanAll(t *testing.T, w *world) {
	ids := w.makeMany(2*w.Page + 5)
	w.Delete(ids[3])
	found, covered := w.scan(connector.Scan{})
	for i, id := range ids {
		r, ok := found[id]
		if ok != (i != 3) || (ok && (r.Presence != core.Live || r.Values[w.Name] == "" || r.Stamp.IsZero())) {
			t.Fatalf("record %d of %d (%s): found %v, %+v", i, len(ids), id, ok, r)
		}
	}
	if covered.IsZero() {
		t.Error("a complete scan says nothing about the time it covers")
	}
	w.resumeAll(ids[3], found)
}

var errStop = errors.New("stop here")

// resumeAll stops a scan of everything after its first page and goes on behind it.
func (w *world) resumeAll(gone string, all map[string]core.Record) {
	w.t.Helper()
	first, next := map[string]bool{}, ""
	err := w.Connector.Scan(w.ctx(), connector.Scan{Object: w.Object, Fields: []string{w.Name}}, func(p connector.Page) error {
		for _, r := range p.Records {
			first[r.Ref.ID] = true
		}
		next = p.Next
		return errStop
	})
	if !errors.Is(err, errStop) {
		w.t.Fatalf("a scan that is stopped by its caller gives %v", err)
	}
	if next == "" {
		return // all in one page
	}
	rest, _ := w.scan(connector.Scan{After: next})
	for id := range all {
		if _, again := rest[id]; again == first[id] {
			w.t.Errorf("record %s: on the first page %v, behind it %v", id, first[id], again)
		}
	}
	if _, found := rest[gone]; found {
		w.t.Errorf("the deleted record %s is among the live ones", gone)
	}
}

func testScanDeleted(t *testing.T, w *world) {
	live, gone := w.record("Live"), w.record("Gone")
	w.Delete(gone)
	w.Settle()
	found, _ := w.scan(connector.Scan{Deleted: true})
	if _, ok := found[live]; ok {
		t.Error("a live record is among the deleted ones")
	}
	if r, ok := found[gone]; !ok || r.Presence != core.Deleted {
		t.Errorf("the deleted record: found %v, %+v", ok, r)
	}
}

// testScanWindow follows changes by windows that meet: each change is seen, and
// what lies before a window is not.
func testScanWindow(t *testing.T, w *world) {
	old, edited := w.record("Old"), w.record("Edited")
	w.Settle()
	_, start := w.scan(connector.Scan{Since: time.Unix(0, 0).Add(time.Hour)})
	if start.IsZero() {
		t.Fatal("the window says nothing about the time it covers")
	}
	w.Update(edited, map[string]string{w.Text: "changed"})
	fresh := w.record("Fresh")
	w.Settle()
	found, covered := w.scan(connector.Scan{Since: start})
	if _, ok := found[old]; ok {
		t.Error("a record that did not change is in the window")
	}
	if found[edited].Values[w.Text] != "changed" || found[fresh].Values[w.Name] != "Fresh" {
		t.Errorf("edited %+v, fresh %+v", found[edited], found[fresh])
	}
	if !covered.After(start) {
		t.Errorf("covered %v after %v", covered, start)
	}
	found, _ = w.scan(connector.Scan{Since: covered})
	if _, ok := found[fresh]; ok {
		t.Error("the next window begins before its start")
	}
	if found, _ = w.scan(connector.Scan{Since: start, Until: start}); len(found) != 0 {
		t.Errorf("an empty window holds %d records", len(found))
	}
}

// testScanTies has many records with the same stamp, over several pages, and
// resumes in the middle of them.
func testScanTies(t *testing.T, w *world) {
	_, start := w.scan(connector.Scan{Since: time.Unix(0, 0).Add(time.Hour)})
	ids := w.makeMany(2*w.Page + 5)
	w.Settle()
	all, _ := w.scan(connector.Scan{Since: start})
	for _, id := range ids {
		if _, ok := all[id]; !ok {
			t.Fatalf("record %s is not in the window", id)
		}
	}
	seen := map[string]int{}
	after := ""
	for pages := 0; pages == 0 || after != ""; pages++ {
		err := w.Connector.Scan(w.ctx(), connector.Scan{Object: w.Object, Since: start, After: after, Fields: []string{w.Name}}, func(p connector.Page) error {
			for _, r := range p.Records {
				seen[r.Ref.ID]++
			}
			if after = p.Next; after != "" {
				return errStop
			}
			return nil
		})
		if (err != nil) != (after != "") || (err != nil && !errors.Is(err, errStop)) || pages > len(ids) {
			t.Fatalf("page %d: %v", pages, err)
		}
	}
	for _, id := range ids {
		if seen[id] != 1 {
			t.Errorf("record %s is given %d times", id, seen[id])
		}
	}
}

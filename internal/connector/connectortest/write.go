package connectortest

import (
	"testing"

	"tandem/internal/connector"
	"tandem/internal/core"
)

func testWriteRoundTrip(t *testing.T, w *world) {
	w.ensureKey()
	key := w.key()
	op := w.create(key, "Round & trip")
	op.Fields[w.Text] = "first"
	made := w.write(op)[0]
	w.want(made, core.Applied, "")
	if got, live := w.Get(made.ID); !live || got[w.Name] != "Round & trip" || got[w.Text] != "first" || got[w.Key] != key {
		t.Fatalf("created %+v, live %v", got, live)
	}
	w.want(w.write(w.update(made.ID, map[string]string{w.Text: "", w.Name: "Renamed"}))[0], core.Applied, "")
	got := w.read(connector.Query{Values: []string{made.ID}})[0]
	if got.Values[w.Text] != "" || got.Values[w.Name] != "Renamed" {
		t.Errorf("after the update: %v", got.Values)
	}
}

func testWriteOneBad(t *testing.T, w *world) {
	w.ensureKey()
	var ops []core.Op
	for range 7 {
		ops = append(ops, w.create(w.key(), "Good"))
	}
	ops[4].Fields[w.BadField] = w.BadValue
	for i, o := range w.write(ops...) {
		if i != 4 {
			w.want(o, core.Applied, "")
			continue
		}
		w.want(o, core.Rejected, core.ClassRejected)
		if len(o.Fields) != 1 || o.Fields[0] != w.BadField || o.Code == "" || o.Message == "" {
			t.Errorf("the refusal blames %v: %s %s", o.Fields, o.Code, o.Message)
		}
	}
	if n := len(w.holders(ops[4].UniqueValue)); n != 0 {
		t.Errorf("%d records of the refused op", n)
	}
}

func testWriteGone(t *testing.T, w *world) {
	live, gone := w.record("Live"), w.record("Gone")
	w.Delete(gone)
	got := w.write(w.update(gone, map[string]string{w.Text: "x"}), w.update(live, map[string]string{w.Text: "x"}), w.update(w.Missing, map[string]string{w.Text: "x"}))
	w.want(got[0], core.Stale, core.ClassGone)
	w.want(got[1], core.Applied, "")
	w.want(got[2], core.Stale, core.ClassGone)
}

func testWriteArchive(t *testing.T, w *world) {
	a, b := w.record("A"), w.record("B")
	got := w.write(core.Op{Key: "archive", Kind: core.OpArchive, Target: w.ref(a)})
	w.want(got[0], core.Applied, "")
	records := w.read(connector.Query{Values: []string{a, b}, Deleted: true})
	if records[0].Presence != core.Deleted || records[1].Presence != core.Live {
		t.Errorf("presences %d and %d", records[0].Presence, records[1].Presence)
	}
}

func testUniqueTwice(t *testing.T, w *world) {
	w.ensureKey()
	key := w.key()
	first := w.write(w.create(key, "First"))[0]
	w.want(first, core.Applied, "")
	other := w.create(w.key(), "Other")
	got := w.write(w.create(key, "Second"), other)
	w.want(got[0], core.Rejected, core.ClassDuplicate)
	w.want(got[1], core.Applied, "")
	if got[0].Existing != first.ID {
		t.Errorf("the duplicate names %q, want %q", got[0].Existing, first.ID)
	}
	if n := len(w.holders(key)); n != 1 {
		t.Errorf("%d records hold the key", n)
	}
}

func testUniqueTwiceAtOnce(t *testing.T, w *world) {
	w.ensureKey()
	key := w.key()
	a, b := w.create(key, "A"), w.create(key, "B")
	b.Key += "-again"
	applied := 0
	for _, o := range w.write(a, b) {
		if o.Status == core.Applied {
			applied++
		}
	}
	if n := len(w.holders(key)); n > 1 || applied != n {
		t.Errorf("%d records hold the key, %d ops say that they were applied", n, applied)
	}
}

func testLostAnswer(t *testing.T, w *world) { w.ambiguous(LostAnswer) }
func testHalfAnswer(t *testing.T, w *world) { w.ambiguous(HalfAnswer) }

// ambiguous has a create happen without a usable answer: its outcome is
// unknown, a read by key settles it, and a second try finds the record.
func (w *world) ambiguous(fault Fault) {
	w.t.Helper()
	w.ensureKey()
	key := w.key()
	w.arm(fault)
	op := w.create(key, "Ambiguous")
	w.want(w.write(op)[0], core.Unknown, "")
	held := w.holders(key)
	if len(held) != 1 {
		w.t.Fatalf("%d records hold the key", len(held))
	}
	again := w.write(op)[0]
	w.want(again, core.Rejected, core.ClassDuplicate)
	if again.Existing != held[0].Ref.ID {
		w.t.Errorf("the second try names %q, want %q", again.Existing, held[0].Ref.ID)
	}
}

func testWritePage(t *testing.T, w *world) {
	w.ensureKey()
	key := w.key()
	w.arm(PageOnWrite)
	op := w.create(key, "Page")
	w.want(w.write(op)[0], core.Unknown, "")
	w.want(w.write(op)[0], core.Applied, "")
	if n := len(w.holders(key)); n != 1 {
		t.Errorf("%d records hold the key", n)
	}
}

func testExpiredToken(t *testing.T, w *world) {
	w.ensureKey()
	one, two := w.key(), w.key()
	w.write(w.create(w.key(), "Before"))
	w.arm(ExpiredToken)
	for _, o := range w.write(w.create(one, "One"), w.create(two, "Two")) {
		w.want(o, core.Applied, "")
	}
	if a, b := len(w.holders(one)), len(w.holders(two)); a != 1 || b != 1 {
		t.Errorf("%d and %d records", a, b)
	}
}

// testRefused: what the side refuses for load was surely not applied, and says
// when to come back.
func testRefused(t *testing.T, w *world) {
	w.ensureKey()
	key := w.key()
	w.arm(Refused)
	got, err := w.Connector.Write(w.ctx(), []core.Op{w.create(key, "Later")})
	if err == nil {
		w.want(got[0], core.Rejected, core.ClassTransient)
	} else if connector.ClassOf(err) != core.ClassTransient {
		t.Errorf("refused for load: %v", err)
	}
	if n := len(w.holders(key)); n != 0 {
		t.Errorf("%d records hold the key", n)
	}
}

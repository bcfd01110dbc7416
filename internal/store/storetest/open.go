package storetest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

func (s suite) testOpen(t *testing.T) {
	address := s.address(t)
	now := func() time.Time { return Start }
	for _, o := range []store.Options{{Now: now, ReadOnly: true}, {Now: now, Guest: true}} {
		if _, err := store.Open(t.Context(), address, o); store.CodeOf(err) != store.NotFound {
			t.Errorf("opening an absent store with %+v: %v, want not_found", o, err)
		}
	}
	if _, err := store.Open(t.Context(), address, store.Options{}); store.CodeOf(err) != store.Invalid {
		t.Errorf("opening without a clock: %v, want invalid", err)
	}
	first, err := store.Open(t.Context(), address, store.Options{Now: now, Random: bytes.NewReader(bytes.Repeat([]byte{0xab}, 16))})
	if err != nil {
		t.Fatal(err)
	}
	if got := first.Epoch(); got != (store.Epoch{Identity: strings.Repeat("ab", 16), Opens: 1}) {
		t.Errorf("epoch of a new store is %+v", got)
	}
	Connect(t, first, "acme")
	closeStore(t, first)
	second := Open(t, address, store.Options{})
	if got := second.Epoch(); got != (store.Epoch{Identity: strings.Repeat("ab", 16), Opens: 2}) {
		t.Errorf("epoch of the second open is %+v", got)
	}
	size, err := second.Size(t.Context())
	if err != nil || size < 10_000 || size > 5_000_000 {
		t.Errorf("size of an empty store is %d, %v", size, err)
	}
	if err := second.Analyze(t.Context()); err != nil {
		t.Error(err)
	}
}

// testLock: one engine a store; readers and guests beside it.
func (s suite) testLock(t *testing.T) {
	f := s.addressedFixture(t)
	_, err := store.Open(t.Context(), f.address, store.Options{Now: f.now})
	if !errors.Is(err, store.ErrLocked) {
		t.Fatalf("a second engine: %v, want locked", err)
	}
	reader := Open(t, f.address, store.Options{Now: f.now, ReadOnly: true})
	engineRuns(t, reader, true)
	if reader.Epoch() != f.s.Epoch() {
		t.Errorf("a reader sees epoch %+v, the engine %+v", reader.Epoch(), f.s.Epoch())
	}
	if err := reader.Update(t.Context(), func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a reader's update: %v, want read_only", err)
	}
	for what, view := range map[string]func(*store.Tx) error{
		"connection": func(tx *store.Tx) error { _, err := tx.ConnectionEnsure("other"); return err },
		"seen":       func(tx *store.Tx) error { return tx.SeenPut(f.conn, []store.SeenRow{{Ref: account("1")}}) },
		"plan":       func(tx *store.Tx) error { _, err := tx.PlanCreate(f.conn, nil); return err },
	} {
		if err := f.s.View(t.Context(), view); !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("writing a %s in a view: %v, want read_only", what, err)
		}
	}
	f.guestCommand()
}

// guestCommand puts a command beside the running engine, which sees it.
func (f *addressed) guestCommand() {
	f.Helper()
	guest := Open(f.T, f.address, store.Options{Now: f.now, Guest: true})
	var id int64
	err := guest.Update(f.Context(), func(tx *store.Tx) (err error) {
		id, err = tx.CommandPut("resync", []byte(`{"object":"company"}`))
		if err == nil {
			err = tx.CursorSet(f.conn, core.HubSpot, "from a guest", "1")
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.view(func(tx *store.Tx) error {
		open, err := tx.CommandsOpen()
		if err == nil && (len(open) != 1 || open[0].ID != id) {
			f.Errorf("the engine sees the commands %+v", open)
		}
		return err
	})
}

type addressed struct {
	*fixture
	address string
}

func (s suite) addressedFixture(t *testing.T) *addressed {
	address := s.address(t)
	same := suite{func(testing.TB) string { return address }}
	return &addressed{same.fixture(t), address}
}

var errCrash = errors.New("crash")

// testCommit: what a crash before or after a commit leaves, and what a failing
// or panicking function leaves.
func (s suite) testCommit(t *testing.T) {
	address := s.address(t)
	var before, after int64 // the commit to crash at
	hook := func(at *int64) func(int64) error {
		return func(n int64) error {
			if n == *at {
				return errCrash
			}
			return nil
		}
	}
	var begin error
	st := Open(t, address, store.Options{BeforeCommit: hook(&before), AfterCommit: hook(&after), BeforeBegin: func(context.Context) error { return begin }})
	conn := Connect(t, st, "acme") // the second commit: the first counted the open
	set := func(value string) error {
		return st.Update(t.Context(), func(tx *store.Tx) error { return tx.CursorSet(conn, core.HubSpot, "poll", value) })
	}
	expect := func(step, want string) {
		t.Helper()
		_ = st.View(t.Context(), func(tx *store.Tx) error {
			c, _, err := tx.Cursor(conn, core.HubSpot, "poll")
			if err != nil || c.Value != want {
				t.Errorf("%s: cursor is %q, %v; want %q", step, c.Value, err, want)
			}
			return nil
		})
	}
	begin = errCrash
	if err := set("not begun"); !errors.Is(err, errCrash) {
		t.Errorf("a transaction that may not begin: %v", err)
	}
	if err := st.View(t.Context(), func(*store.Tx) error { return nil }); !errors.Is(err, errCrash) {
		t.Errorf("a view that may not begin: %v", err)
	}
	begin = nil
	before = 3
	if err := set("lost"); !errors.Is(err, errCrash) {
		t.Errorf("crash before the commit: %v", err)
	}
	expect("crash before the commit", "")
	after = 4
	if err := set("kept"); !errors.Is(err, errCrash) {
		t.Errorf("crash after the commit: %v", err)
	}
	expect("crash after the commit", "kept")
	failing := func(tx *store.Tx) error { return errors.Join(tx.CursorSet(conn, core.HubSpot, "poll", "no"), errCrash) }
	if err := st.Update(t.Context(), failing); !errors.Is(err, errCrash) {
		t.Errorf("the function's error is not returned: %v", err)
	}
	expect("error", "kept")
	mustPanic(t, func() { _ = st.Update(t.Context(), func(tx *store.Tx) error { _ = failing(tx); panic("planted") }) })
	expect("panic", "kept")
	ctx, cancel := context.WithCancel(t.Context())
	err := st.Update(ctx, func(tx *store.Tx) error { cancel(); return tx.CursorSet(conn, core.HubSpot, "poll", "no") })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled update: %v", err)
	}
	expect("cancelled", "kept")
}

func mustPanic(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("the panic did not come through")
		}
	}()
	f()
}

// testNames: a name made in a transaction that rolled back is not taken for
// stored, and one made by another process is found.
func (s suite) testNames(t *testing.T) {
	f := s.addressedFixture(t)
	custom := core.Ref{Side: core.Salesforce, Object: "Project__c", ID: "a01"}
	seen := func(tx *store.Tx) error { return tx.SeenPut(f.conn, []store.SeenRow{{Ref: custom}}) }
	err := f.s.Update(t.Context(), func(tx *store.Tx) error { return errors.Join(seen(tx), errCrash) })
	if !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	f.view(func(tx *store.Tx) error {
		n, err := tx.SeenCount(f.conn, core.Salesforce, "Project__c")
		if n != 0 {
			t.Errorf("%d records of an object that was never stored", n)
		}
		return err
	})
	f.update(func(tx *store.Tx) error { // moves the numbers on, so that a stale one would show
		return tx.SeenPut(f.conn, []store.SeenRow{{Ref: core.Ref{Side: core.HubSpot, Object: "p_other", ID: "1"}}})
	})
	guest := Open(t, f.address, store.Options{Now: f.now, Guest: true})
	err = guest.Update(t.Context(), func(tx *store.Tx) error {
		note := store.Entry{Ref: account("1"), Pair: "project", Kind: store.EntryNote}
		return errors.Join(seen(tx), tx.JournalAppend(f.conn, []store.Entry{note, note}))
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range f.history(0, 9, account("1")) { // the name is met while rows are being read
		same(t, "pair that a guest named", e.Pair, core.Pair("project"))
	}
	f.view(func(tx *store.Tx) error {
		rows, err := tx.SeenBefore(f.conn, core.Salesforce, "Project__c", 1, "", 10)
		if err == nil && (len(rows) != 1 || rows[0].Ref != custom) {
			t.Errorf("the guest's record reads as %+v", rows)
		}
		return err
	})
}

// testText: text that a database cannot hold is mended, the rest kept.
func (s suite) testText(t *testing.T) {
	f := s.fixture(t)
	for in, want := range map[string]string{
		"plain":         "plain",
		"":              "",
		"nul\x00inside": "nul\uFFFDinside",
		"bad\xffutf8":   "bad\uFFFDutf8",
		"Ωœ∑ 田中さん 🤷 \u202Etest \\x22": "Ωœ∑ 田中さん 🤷 \u202Etest \\x22",
		`"'; DROP TABLE links; --`:    `"'; DROP TABLE links; --`,
	} {
		var issues []core.Issue
		var cursor store.Cursor
		f.update(func(tx *store.Tx) (err error) {
			if err = tx.IssueOpen(f.conn, core.Issue{Ref: account("1"), Category: core.CategoryOther, Message: in}); err != nil {
				return err
			}
			if issues, err = tx.Issues(f.conn, store.IssueFilter{}); err != nil {
				return err
			}
			if err = tx.CursorSet(f.conn, core.HubSpot, "poll", in); err != nil {
				return err
			}
			cursor, _, err = tx.Cursor(f.conn, core.HubSpot, "poll")
			return err
		})
		if issues[0].Message != want || cursor.Value != want {
			t.Errorf("%q reads as %q and %q, want %q", in, issues[0].Message, cursor.Value, want)
		}
	}
}

func engineRuns(t *testing.T, s *store.Store, want bool) {
	t.Helper()
	if got, err := s.EngineRuns(t.Context()); err != nil || got != want {
		t.Errorf("an engine runs: %v, %v; want %v", got, err, want)
	}
}

// testEngineRuns: a reader tells whether an engine is there without being in the
// way of the next one.
func (s suite) testEngineRuns(t *testing.T) {
	address, now := s.address(t), func() time.Time { return Start }
	first, err := store.Open(t.Context(), address, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	reader := Open(t, address, store.Options{ReadOnly: true})
	engineRuns(t, reader, true)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	engineRuns(t, reader, false)
	next := Open(t, address, store.Options{})
	engineRuns(t, reader, true)
	engineRuns(t, next, true)
}

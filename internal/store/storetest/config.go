package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/core"
	"tandem/internal/store"
)

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (s suite) testConnections(t *testing.T) {
	f := s.fixture(t)
	f.update(func(tx *store.Tx) error {
		again, err := tx.ConnectionEnsure("acme")
		if again.ID != f.conn {
			t.Errorf("ensuring twice gives %d, then %d", f.conn, again.ID)
		}
		return err
	})
	want := store.Connection{ID: f.conn, Name: "acme", Accounts: [2]string{"00D000000000001EAA", "424242"}, Paused: true,
		Suspended: "the org id changed", Cause: core.ClassAuth,
		Switched:     map[core.Pair]time.Time{core.CompanyPair: Start, core.ContactPair: Start.Add(time.Millisecond)},
		Disconnected: Start.Add(time.Hour)}
	f.update(func(tx *store.Tx) error { return tx.ConnectionSave(want) })
	other := Connect(t, f.s, "zeta")
	f.view(func(tx *store.Tx) error {
		all, err := tx.Connections()
		same(t, "connections", all, []store.Connection{want, {ID: other, Name: "zeta", Switched: map[core.Pair]time.Time{}}})
		if err != nil {
			return err
		}
		one, err := tx.Connection("acme")
		same(t, "connection", one, want)
		return err
	})
	f.refuse(store.NotFound, func(tx *store.Tx) error { return tx.ConnectionSave(store.Connection{ID: 999, Name: "x"}) })
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, err := tx.Connection("nobody"); return err })
	f.refuse(store.Invalid, func(tx *store.Tx) error { _, err := tx.ConnectionEnsure(""); return err })
}

func (s suite) testSettings(t *testing.T) {
	f := s.fixture(t)
	other := Connect(t, f.s, "zeta")
	f.view(func(tx *store.Tx) error {
		_, ok, err := tx.SettingsLatest(f.conn)
		if ok {
			t.Error("there are settings before the first")
		}
		return err
	})
	bodies := [][]byte{[]byte("companies: {sync: true}"), nil}
	var want []store.Settings
	for i, body := range bodies {
		at := f.later(time.Minute)
		f.update(func(tx *store.Tx) error {
			version, err := tx.SettingsAppend(f.conn, body, "ada")
			if version != int64(i+1) {
				t.Errorf("version %d, want %d", version, i+1)
			}
			return err
		})
		want = append([]store.Settings{{Version: int64(i + 1), Body: body, By: "ada", At: at}}, want...)
	}
	f.update(func(tx *store.Tx) error { _, err := tx.SettingsAppend(other, bodies[0], "bo"); return err })
	f.view(func(tx *store.Tx) error {
		all, err := tx.SettingsList(f.conn)
		same(t, "settings", all, want)
		if err != nil {
			return err
		}
		back, err := tx.SettingsBack(f.conn, 0, 1)
		same(t, "the newest version", back, want[:1])
		if err != nil {
			return err
		}
		back, err = tx.SettingsBack(f.conn, 2, 5)
		same(t, "versions before the second", back, want[1:])
		if err != nil {
			return err
		}
		latest, ok, err := tx.SettingsLatest(f.conn)
		same(t, "latest settings", latest, want[0])
		if err != nil || !ok {
			t.Error(ok, err)
		}
		first, err := tx.SettingsAt(f.conn, 1)
		same(t, "first settings", first, want[1])
		return err
	})
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, err := tx.SettingsAt(other, 2); return err })
	f.view(func(tx *store.Tx) error { return tx.SettingsNewest(f.conn, 2) })
	f.refuse(store.Stale, func(tx *store.Tx) error { return tx.SettingsNewest(f.conn, 1) })
	f.refuse(store.Stale, func(tx *store.Tx) error { return tx.SettingsNewest(f.conn, 3) })
}

func (s suite) testCursors(t *testing.T) {
	f := s.fixture(t)
	other := Connect(t, f.s, "zeta")
	set := func(conn int64, side core.Side, name, value string) {
		f.update(func(tx *store.Tx) error { return tx.CursorSet(conn, side, name, value) })
	}
	set(f.conn, core.HubSpot, "poll", "1")
	set(f.conn, core.Salesforce, "poll", "2")
	set(f.conn, core.Salesforce, "events", "3")
	set(other, core.Salesforce, "events", "of another connection")
	at := f.later(time.Minute)
	set(f.conn, core.Salesforce, "events", "4")
	f.view(func(tx *store.Tx) error {
		all, err := tx.Cursors(f.conn)
		same(t, "cursors", all, []store.Cursor{{Side: core.Salesforce, Name: "events", Value: "4", At: at},
			{Side: core.Salesforce, Name: "poll", Value: "2", At: Start}, {Side: core.HubSpot, Name: "poll", Value: "1", At: Start}})
		return err
	})
	f.update(func(tx *store.Tx) error { return tx.CursorClear(f.conn, core.Salesforce, "events") })
	f.view(func(tx *store.Tx) error {
		if _, ok, err := tx.Cursor(f.conn, core.Salesforce, "events"); ok || err != nil {
			t.Errorf("a cleared cursor is there: %v %v", ok, err)
		}
		c, ok, err := tx.Cursor(other, core.Salesforce, "events")
		if !ok || c.Value != "of another connection" {
			t.Errorf("the other connection's cursor is %+v", c)
		}
		return err
	})
}

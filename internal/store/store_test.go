package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tandem/internal/core"
	"tandem/internal/store/storetest/pgtest"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func open(t testing.TB, dsn string, o Options) *Store {
	t.Helper()
	s, err := openStarted(t, dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openStarted(t testing.TB, dsn string, o Options) (*Store, error) {
	o.Now = func() time.Time { return start }
	return Open(t.Context(), dsn, o)
}

// onBoth runs a test on a new store of each database.
func onBoth(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, "sqlite://"+filepath.Join(t.TempDir(), "tandem.db")) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, pgtest.Address(t)) })
}

func touch(ctx context.Context, s *Store) error {
	return s.Update(ctx, func(tx *Tx) error { return tx.CursorSet(1, core.HubSpot, "poll", "x") })
}

// An engine that another has followed must write nothing any more, even where
// its lock was lost without its notice.
func TestFence(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn, Options{})
		guest := open(t, dsn, Options{Guest: true})
		if err := touch(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if _, err := guest.write.Exec(`UPDATE epoch SET opens = opens + 1`); err != nil {
			t.Fatal(err)
		}
		if err := touch(t.Context(), s); !errors.Is(err, ErrLocked) {
			t.Errorf("a followed engine writes: %v, want locked", err)
		}
		if err := touch(t.Context(), guest); err != nil {
			t.Errorf("a guest is fenced: %v", err)
		}
	})
}

func TestClosedStoreIsFree(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		for i := range 3 {
			s, err := openStarted(t, dsn, Options{})
			if err != nil {
				t.Fatalf("open %d: %v", i, err)
			}
			if err := s.Close(); err != nil {
				t.Fatalf("close %d: %v", i, err)
			}
		}
	})
}

func TestSchemaVersions(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s, err := openStarted(t, dsn, Options{})
		if err != nil {
			t.Fatal(err)
		}
		known, err := s.schemaVersion(t.Context())
		if err != nil || known < 1 {
			t.Fatalf("schema version %d, %v", known, err)
		}
		setVersion := func(v int) {
			if _, err := s.write.Exec(`INSERT INTO `+versionTable+` (version_id, is_applied) VALUES ($1, $2)`, v, true); err != nil {
				t.Fatal(err)
			}
		}
		setVersion(known + 1)
		guest, err := openStarted(t, dsn, Options{Guest: true})
		if CodeOf(err) != NewerSchema {
			t.Errorf("a guest of a newer store: %v %v", guest, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err = openStarted(t, dsn, Options{}); CodeOf(err) != NewerSchema {
			t.Errorf("an engine on a newer store: %v", err)
		}
	})
}

// An older store is refused to those who may not migrate it.
func TestOlderSchema(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn, Options{})
		if _, err := s.write.Exec(`UPDATE ` + versionTable + ` SET version_id = version_id - 1 WHERE version_id > 0`); err != nil {
			t.Fatal(err)
		}
		known, err := s.d.migrations()
		if err != nil {
			t.Fatal(err)
		}
		want := OlderSchema
		if len(known) == 1 {
			want = NotFound // before the first migration there is no store
		}
		if _, err := openStarted(t, dsn, Options{ReadOnly: true}); CodeOf(err) != want {
			t.Errorf("a reader of an older store: %v, want %s", err, want)
		}
	})
}

// Transactions of one connection see each other's writes, however many run at
// once: no update is lost.
func TestNoLostUpdate(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn, Options{})
		const workers, rounds = 6, 15
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for range rounds {
					if err := s.Update(t.Context(), grow); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		err := s.View(t.Context(), func(tx *Tx) error {
			c, _, err := tx.Cursor(1, core.HubSpot, "count")
			if len(c.Value) != workers*rounds {
				t.Errorf("%d of %d updates are there", len(c.Value), workers*rounds)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func grow(tx *Tx) error {
	c, _, err := tx.Cursor(1, core.HubSpot, "count")
	if err != nil {
		return err
	}
	return tx.CursorSet(1, core.HubSpot, "count", c.Value+"x")
}

// A View sees one moment, even when another transaction commits in its midst.
func TestViewIsASnapshot(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn, Options{})
		err := s.View(t.Context(), func(tx *Tx) error {
			if _, _, err := tx.Cursor(1, core.HubSpot, "poll"); err != nil {
				return err
			}
			if err := touch(t.Context(), s); err != nil {
				return err
			}
			_, ok, err := tx.Cursor(1, core.HubSpot, "poll")
			if ok {
				t.Error("a view sees what was committed after it began")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// An address that cannot be used says so without showing the password in it.
func TestNoSecretInErrors(t *testing.T) {
	for _, dsn := range []string{"postgres://ada:hunter2@127.0.0.1:1/db?connect_timeout=2", "postgres://ada:hunter2@[bad", "mysql://ada:hunter2@h/d"} {
		_, err := openStarted(t, dsn, Options{})
		if CodeOf(err) == "" || strings.Contains(fmt.Sprint(err), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}

// A base that was damaged in the store is reported, not used.
func TestDamagedBase(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn, Options{})
		ref := core.Ref{Side: core.Salesforce, Object: core.Account, ID: "1"}
		l := &core.Link{Pair: core.CompanyPair, State: core.LinkActive, Base: core.Base{"Name": {"a", "a"}},
			Refs: [2]core.Ref{ref, {Side: core.HubSpot, Object: core.Companies, ID: "1"}}}
		if err := s.Update(t.Context(), func(tx *Tx) error { return tx.LinkInsert(1, l) }); err != nil {
			t.Fatal(err)
		}
		if _, err := s.write.Exec(`UPDATE links SET base = $1`, []byte{1, 2, 3, 4, 5, 6}); err != nil {
			t.Fatal(err)
		}
		err := s.View(t.Context(), func(tx *Tx) error {
			_, err := tx.LinksOf(1, []core.Ref{ref})
			return err
		})
		if CodeOf(err) != Corrupt {
			t.Errorf("reading a damaged base: %v, want corrupt", err)
		}
	})
}

// The store in memory works within a bubble of virtual time, where whole-system
// runs live.
func TestMemoryInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(t.Context(), "sqlite::memory:", Options{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		time.Sleep(time.Hour)
		if err := touch(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		err = s.View(t.Context(), func(tx *Tx) error {
			c, _, err := tx.Cursor(1, core.HubSpot, "poll")
			if !c.At.Equal(time.Now()) {
				t.Errorf("the cursor's time is %v, want %v", c.At, time.Now())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

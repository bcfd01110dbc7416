package store

import (
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"tandem/internal/core"
	"tandem/internal/store/storetest/pgtest"
)

// Copy must know every table there is.
func TestCopyNamesEveryTable(t *testing.T) {
	s := open(t, "sqlite::memory:", Options{})
	var have []string
	must(t, s.View(t.Context(), func(tx *Tx) (err error) {
		have, err = list(tx, func(r *sql.Rows) (name string, err error) { err = r.Scan(&name); return name, err },
			`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> $1 ORDER BY name`, versionTable)
		return err
	}))
	want := slices.Sorted(slices.Values(append(slices.Clone(copied), notCopied...)))
	if !slices.Equal(have, want) {
		t.Errorf("the store has the tables\n%v, copied or not are\n%v", have, want)
	}
}

// fill puts rows of several kinds into a store: numbers, texts, bytes and nothing.
func fill(t *testing.T, s *Store) core.Ref {
	t.Helper()
	ref := core.Ref{Side: core.HubSpot, Object: "companies", ID: "9007199254740993"}
	must(t, s.Update(t.Context(), func(tx *Tx) error {
		conn, err := tx.ConnectionEnsure("acmé \u2028")
		must(t, err)
		must(t, tx.Mark(conn.ID, []core.Dirty{{Pair: core.CompanyPair, Ref: ref, Reasons: core.ReasonEdit}}))
		for range 3 {
			_, err := tx.CommandPut("noop", nil)
			must(t, err)
		}
		_, err = tx.CommandPut("bytes", []byte{0, 1, 0xff})
		must(t, err)
		return tx.CommandDrop(4) // its number must not be drawn again
	}))
	return ref
}

func TestCopy(t *testing.T) {
	lite := func(t *testing.T) string { return "sqlite://" + filepath.Join(t.TempDir(), "store.db") }
	full := func(t *testing.T) string { return pgtest.Address(t) }
	for name, at := range map[string][2]func(*testing.T) string{"to PostgreSQL": {lite, full}, "to SQLite": {full, lite}} {
		t.Run(name, func(t *testing.T) {
			from, target := open(t, at[0](t), Options{}), at[1](t)
			ref := fill(t, from)
			to, err := openStarted(t, target, Options{})
			must(t, err)
			rows := map[string]int64{}
			must(t, Copy(t.Context(), from, to, func(c Copied) { rows[c.Table] = c.Rows }))
			must(t, to.Close())
			if rows["commands"] != 3 || rows["connections"] != 1 || rows["dirty"] != 1 || rows["epoch"] != 1 {
				t.Errorf("rows %v", rows)
			}
			again := open(t, target, Options{})
			if a, b := from.Epoch(), again.Epoch(); a.Identity != b.Identity || b.Opens != a.Opens+1 {
				t.Errorf("epoch %+v became %+v", a, b)
			}
			must(t, again.Update(t.Context(), func(tx *Tx) error {
				conn, err := tx.Connection("acmé \u2028")
				must(t, err)
				waiting, err := tx.DirtyOf(conn.ID, []core.Ref{ref})
				must(t, err)
				if waiting[ref].Ref != ref {
					t.Errorf("dirty %+v", waiting)
				}
				if restored, err := tx.Restored(); err != nil || restored {
					t.Errorf("a copy passes for a backup (%v)", err)
				}
				if id, err := tx.CommandPut("next", nil); err != nil || id != 5 {
					t.Errorf("the next command is %d (%v), want 5", id, err)
				}
				return nil
			}))
			if err := Copy(t.Context(), from, again, func(Copied) {}); !errors.Is(err, ErrConflict) {
				t.Errorf("a copy over a store: %v, want a refusal", err)
			}
		})
	}
}

// An error in the middle leaves the target empty, so that the copy can be tried again.
func TestCopyIsAllOrNothing(t *testing.T) {
	from, target := open(t, "sqlite::memory:", Options{}), pgtest.Address(t)
	fill(t, from)
	stop := errors.New("stop")
	to := open(t, target, Options{BeforeCommit: func(n int64) error {
		if n > 1 {
			return stop
		}
		return nil
	}})
	if err := Copy(t.Context(), from, to, func(Copied) {}); !errors.Is(err, stop) {
		t.Fatalf("copy: %v", err)
	}
	must(t, to.Close())
	again := open(t, target, Options{})
	must(t, Copy(t.Context(), from, again, func(Copied) {}))
}

// What arrives otherwise than it was sent is noticed.
func TestCopyNoticesADifference(t *testing.T) {
	a, b := open(t, "sqlite::memory:", Options{}), open(t, "sqlite::memory:", Options{})
	fill(t, a)
	must(t, b.Update(t.Context(), func(tx *Tx) error {
		_, err := tx.exec(`CREATE TRIGGER spoil AFTER INSERT ON commands BEGIN UPDATE commands SET verb = 'other' WHERE id = NEW.id; END`)
		return err
	}))
	if err := Copy(t.Context(), a, b, func(Copied) {}); CodeOf(err) != Corrupt {
		t.Errorf("a spoiled copy: %v, want corrupt", err)
	}
}

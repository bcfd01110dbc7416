//go:build unix

package killtest

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"tandem/internal/store/storetest/pgtest"
)

// served is a world on a store whose pairs are in step, and a daemon on it.
func served(t *testing.T, store string) (*world, *worker) {
	t.Helper()
	w := newWorld(t, fleetExports(), store)
	w.finishImport("company")
	w.finish()
	return w, w.serve()
}

// lives fails where a daemon has ended.
func (w *world) lives(p *worker) {
	w.t.Helper()
	select {
	case <-p.end:
		w.t.Errorf("the daemon ended:\n%s", p.out)
	default:
	}
}

// touch has a user edit one of a few accounts: so many that no brake is pulled.
func (w *world) touch(n int) {
	w.t.Helper()
	a := w.accounts()[n%10]
	w.onOrg(http.MethodPatch, "Account/"+a.ID, map[string]any{"BillingCity": fmt.Sprintf("Edit %d", n)}, nil)
}

// tells waits until a daemon has said something.
func (w *world) tells(p *worker, within time.Duration, what string) {
	w.t.Helper()
	w.eventually(within, "the daemon says "+what, func() bool { return strings.Contains(p.out.String(), what) })
}

// TestP3_AFullDisk fills the disk of the store under a working daemon: it says so by a
// code, writes nothing that it could not note before, and goes on by itself once there is
// space again.
func TestP3_AFullDisk(t *testing.T) {
	t.Parallel()
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("a small disk of one's own takes the right to mount one: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	w, p := served(t, "sqlite://"+filepath.Join(disk, "tandem.db"))
	w.passes(takeover, "Before")
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast)
	n := 0
	w.eventually(takeover, "the daemon says that the store is full", func() bool {
		n++
		w.touch(n)
		return strings.Contains(p.out.String(), "no space left")
	})
	w.lives(p)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	w.passes(takeover, "After")
	w.settles()
	w.lives(p)
}

// fill writes a file until the disk takes no more.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
}

// TestP5_ALockedDatabase has another program hold the lock of the store's file for longer
// than the daemon waits for it: it says so by a code and goes on when the lock is gone.
func TestP5_ALockedDatabase(t *testing.T) {
	t.Parallel()
	w, p := served(t, "")
	w.passes(takeover, "Before")
	other, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, "tandem.db")+"?_txlock=immediate&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	w.touch(1)
	w.tells(p, takeover, "another program")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	w.passes(takeover, "After")
	w.settles()
	w.lives(p)
}

// TestP6_SessionsAreEnded ends the sessions of PostgreSQL again and again while a worker
// works through edits: it goes on, and no process has to be started.
func TestP6_SessionsAreEnded(t *testing.T) {
	store := pgtest.Address(t)
	t.Parallel()
	w, all := newFleet(t, store, short, 1)
	db, err := sql.Open("pgx", store)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	w.passes(takeover, "Before")
	ended := 0
	for n := range 8 {
		w.touch(n)
		var n int
		// The tests' servers share a cluster: only this worker's sessions are meant.
		err := db.QueryRowContext(t.Context(), `SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a JOIN workers w ON w.name = a.application_name`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		ended += n
	}
	if ended == 0 {
		t.Error("no session was ended, so nothing was tested")
	}
	w.passes(takeover, "After")
	w.settles()
	w.lives(all[0])
}

// TestP7_ABackupIsRestored puts a backup back after both sides have gone on: records were
// made that the store does not know, and a value went back to what the store holds as
// agreed, so that the older one of the other side looks new. A brake stops the connection
// before anything is written; released, nothing is made twice and the newer value stands.
func TestP7_ABackupIsRestored(t *testing.T) {
	for _, db := range []string{"sqlite", "postgres"} {
		t.Run(db, func(t *testing.T) {
			store := ""
			if db == "postgres" {
				store = pgtest.Address(t)
			}
			t.Parallel()
			w := newWorld(t, fleetExports(), store)
			w.rewrite(func(text string) string {
				return strings.Replace(text, "salesforce: BillingCity\n      rule: prefer_salesforce", "salesforce: BillingCity\n      rule: two_way", 1)
			})
			w.finishImport("company")
			w.finish()
			restore := w.backup(store)
			all := w.companies()
			c := all[slices.IndexFunc(all, func(c company) bool { return c.Properties.City != "" })]
			city := c.Properties.City
			move := func(to string) {
				w.onPortal(http.MethodPatch, "companies/"+c.ID, map[string]any{"properties": map[string]any{"city": to}}, nil)
			}
			move("Meanwhile")
			w.onOrg(http.MethodPost, "Account", map[string]any{"Name": "Made meanwhile"}, nil)
			w.finish()
			w.laterOn("10m") // edits of one moment are Salesforce's
			move(city)
			before := w.ledgers()
			restore()
			if e := w.run("sync", "--once"); e.code != 1 || !strings.Contains(e.out, "brake store") {
				t.Errorf("sync on the restored store: exit %d\n%s", e.code, e.out)
			}
			if after := w.ledgers(); after != before {
				t.Errorf("%d writes before anybody released the brake", after-before)
			}
			if e := w.run("resume", "--clear-brake", "store"); e.code != 0 {
				t.Fatalf("resume: exit %d\n%s", e.code, e.out)
			}
			w.finish()
			w.judge(fleetPairs + 1)
			for _, now := range w.companies() {
				if now.ID == c.ID && now.Properties.City != city {
					t.Errorf("the city is %q, and a user gave %q last", now.Properties.City, city)
				}
			}
		})
	}
}

// laterOn moves the clocks of both sides forward.
func (w *world) laterOn(by string) {
	w.t.Helper()
	w.call(http.MethodPost, w.at.Salesforce.URL+"/_sim/clock", w.at.Salesforce.Token, map[string]any{"advance": by}, nil)
	w.call(http.MethodPost, w.at.HubSpot.URL+"/_sim/clock", w.at.HubSpot.Token, map[string]any{"advance": by}, nil)
}

// ledgers counts the entries of both ledgers.
func (w *world) ledgers() int {
	w.t.Helper()
	return len(w.ledger(w.at.Salesforce.URL)) + len(w.ledger(w.at.HubSpot.URL))
}

// backup takes a backup of a store that nobody works on; a blank one is SQLite.
func (w *world) backup(store string) (restore func()) {
	w.t.Helper()
	if store != "" {
		return pgtest.Backup(w.t, store)
	}
	file := filepath.Join(w.dir, "tandem.db")
	saved, err := os.ReadFile(file)
	w.must(err)
	return func() {
		w.t.Helper()
		w.must(os.WriteFile(file, saved, 0o600))
		for _, beside := range []string{"-wal", "-shm"} {
			if err := os.Remove(file + beside); !os.IsNotExist(err) {
				w.must(err)
			}
		}
	}
}

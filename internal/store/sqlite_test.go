package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestSQLiteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder", "50% #&.db")
	s := open(t, "sqlite://"+path, Options{})
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %o: others can read what the CRMs hold", info.Mode().Perm())
	}
	if lock, err := os.ReadFile(path + ".lock"); err != nil || strings.TrimSpace(string(lock)) != fmt.Sprint(os.Getpid()) {
		t.Errorf("the lock file holds %q, %v", lock, err)
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "1", "busy_timeout": "10000"} {
		var got string
		if err := s.write.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, %v; want %s", pragma, got, err, want)
		}
	}
	var cache int
	if err := s.write.QueryRow("PRAGMA cache_size").Scan(&cache); err != nil {
		t.Fatal(err)
	}
	total := -cache
	if err := s.read.QueryRow("PRAGMA cache_size").Scan(&cache); err != nil {
		t.Fatal(err)
	}
	if total += -cache * sqliteReaders; total > 16<<10 {
		t.Errorf("the page caches take %d KiB together, more than 16 MiB", total)
	}
}

// A damaged file is named as such, and never half read.
func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tandem.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openStarted(t, "sqlite://"+path, Options{}); CodeOf(err) != Corrupt {
		t.Errorf("opening a file of another kind: %v, want corrupt", err)
	}
}

// A full disk fails the transaction as such, and what was there stays readable.
func TestFullDisk(t *testing.T) {
	s := open(t, "sqlite://"+filepath.Join(t.TempDir(), "tandem.db"), Options{})
	var pages int
	if err := s.write.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+4)); err != nil {
		t.Fatal(err)
	}
	if err := touch(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	err := s.Update(t.Context(), func(tx *Tx) error {
		return tx.JournalAppend(1, []Entry{{Kind: EntryNote, Body: make([]byte, 1<<20)}})
	})
	if CodeOf(err) != Full {
		t.Errorf("writing without space: %v, want full", err)
	}
	if err := touch(t.Context(), s); err != nil {
		t.Errorf("a small write after it: %v", err)
	}
}

// dying is a context that ends when it is asked for the n-th time whether it has.
type dying struct {
	context.Context
	left atomic.Int64
	once sync.Once
	end  context.CancelFunc
}

func (d *dying) Done() <-chan struct{} {
	if d.left.Add(-1) < 0 {
		d.once.Do(d.end)
	}
	return d.Context.Done()
}

// A store whose making ends half way is made by the next opening.
func TestP8_MigrationsThatEndHalfWayAreGoneOnWith(t *testing.T) {
	ended := 0
	for n := int64(0); ; n = n*3/2 + 1 {
		dsn := "sqlite://" + filepath.Join(t.TempDir(), "tandem.db")
		ctx, cancel := context.WithCancel(t.Context())
		dies := &dying{Context: ctx, end: cancel}
		dies.left.Store(n)
		s, err := Open(dies, dsn, Options{Now: func() time.Time { return start }})
		cancel()
		if err == nil {
			_ = s.Close()
			break
		}
		ended++
		s = open(t, dsn, Options{})
		known, err := s.d.migrations()
		if err != nil {
			t.Fatal(err)
		}
		if version, err := s.schemaVersion(t.Context()); err != nil || version < len(known) {
			t.Errorf("ended after %d questions: version %d of %d, %v", n, version, len(known), err)
		}
		if err := touch(t.Context(), s); err != nil {
			t.Errorf("ended after %d questions: %v", n, err)
		}
	}
	if ended < 5 {
		t.Errorf("it ended %d times only", ended)
	}
}

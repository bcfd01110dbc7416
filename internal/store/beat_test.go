package store

import (
	"os"
	"path/filepath"
	"testing"

	"tandem/internal/store/storetest/pgtest"
)

// A store is known as restored when it has fewer beats than were noted, until
// somebody was told; a beat that was not noted tells nothing.
func TestBeat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tandem.db")
	run := func(what string, want bool, do func(*Store)) {
		t.Helper()
		s, err := openStarted(t, "sqlite://"+path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		err = s.View(t.Context(), func(tx *Tx) error {
			got, err := tx.Restored()
			if got != want {
				t.Errorf("%s: restored %v, want %v", what, got, want)
			}
			return err
		})
		if err == nil && do != nil {
			do(s)
		}
		if closed := s.Close(); err != nil || closed != nil {
			t.Fatal(what, err, closed)
		}
	}
	read := func(file string) []byte {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	write := func(file string, text []byte) {
		t.Helper()
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run("a new store", false, nil)
	backup, note := read(path), read(path+beatFile)
	run("opened again", false, nil)
	latest := read(path + beatFile)
	write(path+beatFile, note)
	run("killed before its beat was noted", false, nil)
	write(path, backup)
	run("restored", true, nil)
	run("restored, opened again", true, func(s *Store) {
		if err := s.Update(t.Context(), (*Tx).RestoredTold); err != nil {
			t.Error(err)
		}
	})
	run("told", false, nil)
	write(path, backup)
	write(path+beatFile, []byte("torn"))
	run("the note is torn", false, nil)
	write(path+beatFile, append([]byte("another"), latest...))
	run("the note of another store", false, func(s *Store) {
		backup = nil
		if err := s.Beat(t.Context()); err != nil {
			t.Error(err)
		}
		backup = read(path)
		if err := s.Beat(t.Context()); err != nil {
			t.Error(err)
		}
		latest = read(path + beatFile)
	})
	write(path, backup)
	write(path+beatFile, latest)
	run("a copy made between two beats", true, nil)
}

// A PostgreSQL store is known as restored when a backup was read back, until somebody was
// told.
func TestP7_ARestoredDumpIsNoticed(t *testing.T) {
	address := pgtest.Address(t)
	run := func(what string, want bool) {
		t.Helper()
		s, err := openStarted(t, address, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		err = s.Update(t.Context(), func(tx *Tx) error {
			got, err := tx.Restored()
			if err == nil && got != want {
				t.Errorf("%s: restored %v, want %v", what, got, want)
			}
			if err == nil && got {
				err = tx.RestoredTold()
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	run("a new store", false)
	restore := pgtest.Backup(t, address)
	run("opened again", false)
	restore()
	run("restored", true)
	run("told", false)
	restore()
	run("restored once more", true)
}

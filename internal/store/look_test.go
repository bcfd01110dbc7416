package store

import (
	"errors"
	"path/filepath"
	"testing"
)

// One look of a kind at a time; what the last one found stays until the next one has found
// something.
func TestLook(t *testing.T) {
	s, err := openStarted(t, "sqlite://"+filepath.Join(t.TempDir(), "tandem.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	look := func(step string, fn func(*Tx, int64) error) (l Look) {
		t.Helper()
		err := s.Update(t.Context(), func(tx *Tx) error {
			c, err := tx.ConnectionEnsure("acme")
			if err != nil {
				return err
			}
			if err := fn(tx, c.ID); err != nil {
				return err
			}
			l, _, err = tx.Look(c.ID, "check")
			return err
		})
		if err != nil {
			t.Fatal(step, err)
		}
		return l
	}
	begin := func(tx *Tx, conn int64) error { return tx.LookBegin(conn, "check", "ada", []byte("{}")) }
	if l := look("never", func(*Tx, int64) error { return nil }); l.Open() {
		t.Errorf("one that never began is open: %+v", l)
	}
	if l := look("begin", begin); !l.Open() || l.By != "ada" || !l.Found.IsZero() {
		t.Errorf("begun: %+v", l)
	}
	if err := s.Update(t.Context(), func(tx *Tx) error { return begin(tx, 1) }); CodeOf(err) != Invalid {
		t.Errorf("begun twice: %v", err)
	}
	l := look("stop", func(tx *Tx, conn int64) error {
		if stop, err := tx.LookGoesOn(conn, "check", "rights", 3, 9); stop || err != nil {
			return errors.Join(err, errors.New("it is to end"))
		}
		return tx.LookStop(conn, "check")
	})
	if !l.Stop || l.Done != 3 || l.Total != 9 || l.Stage != "rights" {
		t.Errorf("to be stopped: %+v", l)
	}
	look("end", func(tx *Tx, conn int64) error { return tx.LookEnd(conn, "check", []byte("1"), "") })
	look("again", begin)
	l = look("failed", func(tx *Tx, conn int64) error { return tx.LookEnd(conn, "check", nil, "no answer") })
	if l.Open() || l.Error != "no answer" || string(l.Body) != "1" || l.Found.IsZero() {
		t.Errorf("failed: %+v", l)
	}
}

package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// beatFile stands beside a SQLite file and holds the store's identity and the
// beats it surely had. A PostgreSQL store has none: there the place of its tables
// tells of a backup that was read back.
const beatFile = ".beat"

// Beat counts one beat of the engine in the store, makes all commits so far
// durable and notes the beat beside the file. A store that is put back from a
// backup has fewer beats than were noted.
func (s *Store) Beat(ctx context.Context) error {
	if s.beside == "" {
		return nil
	}
	if err := s.countBeat(ctx); err != nil {
		return err
	}
	if err := s.checkpoint(ctx); err != nil {
		return fmt.Errorf("make the store durable: %w", s.d.coded(err))
	}
	return s.noteBeats()
}

// checkpoint moves what the log beside the file holds into the file. After an erasure the
// log is emptied as well, since it keeps what pages held before; where a reader is in the
// way, the next beat tries again.
func (s *Store) checkpoint(ctx context.Context) error {
	mode, erased := "PASSIVE", s.erased.Swap(false)
	if erased {
		mode = "TRUNCATE"
	}
	var busy, frames, moved int
	err := s.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(`+mode+`)`).Scan(&busy, &frames, &moved)
	if erased && (err != nil || busy != 0) {
		s.erased.Store(true)
	}
	return err
}

func (s *Store) countBeat(ctx context.Context) error {
	return s.Update(ctx, func(t *Tx) error {
		if _, err := t.exec(`UPDATE epoch SET beats = beats + 1`); err != nil {
			return fmt.Errorf("count a beat: %w", err)
		}
		return t.one(`SELECT beats FROM epoch`, nil, &s.beats)
	})
}

// noteBeats replaces the file in one step, so that a crash leaves one of the two.
func (s *Store) noteBeats() error {
	text := s.epoch.Identity + " " + strconv.FormatInt(s.beats, 10) + "\n"
	if err := os.WriteFile(s.beside+".new", []byte(text), 0o600); err != nil {
		return fmt.Errorf("note the store's beat: %w", err)
	}
	if err := os.Rename(s.beside+".new", s.beside); err != nil {
		return fmt.Errorf("note the store's beat: %w", err)
	}
	return nil
}

// noted are the beats that stand beside the file for an identity; 0 for none.
func (s *Store) noted(identity string) (int64, error) {
	text, err := os.ReadFile(s.beside)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, &Error{Code: BadReference, Message: "cannot read " + s.beside + ": give the right to read it, or remove it", Err: err}
	}
	of, count, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	n, err := strconv.ParseInt(count, 10, 64)
	if of != identity || err != nil {
		return 0, nil //nolint:nilerr // the note of another store, or one that is torn, tells nothing
	}
	return n, nil
}

// compareBeats marks a store with fewer beats than were noted as restored, and
// counts on from what was noted.
func (s *Store) compareBeats(t *Tx) error {
	if s.beside == "" {
		return nil
	}
	var have int64
	if err := t.one(`SELECT beats FROM epoch`, nil, &have); err != nil {
		return fmt.Errorf("read the store's beats: %w", err)
	}
	noted, err := s.noted(s.epoch.Identity)
	if err != nil {
		return err
	}
	restored := int64(0)
	if noted > have {
		have, restored = noted, 1
	}
	s.beats = have + 1
	if _, err := t.exec(`UPDATE epoch SET beats = $1, restored = CASE WHEN $2 = 1 THEN 1 ELSE restored END`, s.beats, restored); err != nil {
		return fmt.Errorf("count a beat: %w", err)
	}
	return nil
}

// comparePlace marks a PostgreSQL store whose tables are not those that were opened last
// as restored: pg_restore makes them anew.
func (t *Tx) comparePlace() error {
	var was, is string
	err := t.one(t.s.d.place, nil, &is)
	if err == nil {
		err = t.one(`SELECT place FROM epoch`, nil, &was)
	}
	if err != nil {
		return fmt.Errorf("look where the store's tables are: %w", err)
	}
	_, err = t.exec(`UPDATE epoch SET place = $1, restored = CASE WHEN $2 = 1 THEN 1 ELSE restored END`, is, flag(was != "" && is != "" && was != is))
	if err != nil {
		return fmt.Errorf("note where the store's tables are: %w", err)
	}
	return nil
}

// notePlace notes where the tables are into which a store was copied: it is no backup.
func (t *Tx) notePlace() error {
	var is string
	if err := t.one(t.s.d.place, nil, &is); err != nil {
		return fmt.Errorf("look where the store's tables are: %w", err)
	}
	if _, err := t.exec(`UPDATE epoch SET place = $1`, is); err != nil {
		return fmt.Errorf("note where the store's tables are: %w", err)
	}
	return nil
}

// Restored reports that the store is an older copy of itself, put back from a
// backup, and that nobody was told yet. It is known for SQLite files, and for PostgreSQL
// where the backup was read into new tables.
func (t *Tx) Restored() (bool, error) {
	var n int64
	if err := t.one(`SELECT restored FROM epoch`, nil, &n); err != nil {
		return false, fmt.Errorf("look whether the store was restored: %w", err)
	}
	return n == 1, nil
}

// RestoredSet notes that the store was put back from a backup, where a person says so.
func (t *Tx) RestoredSet() error {
	if _, err := t.exec(`UPDATE epoch SET restored = 1`); err != nil {
		return fmt.Errorf("note that the store was restored: %w", err)
	}
	return nil
}

// RestoredTold notes that somebody was told.
func (t *Tx) RestoredTold() error {
	if _, err := t.exec(`UPDATE epoch SET restored = 0`); err != nil {
		return fmt.Errorf("note that the store was restored: %w", err)
	}
	return nil
}

// lastBeat is the beat of an orderly end: closing the files makes it durable.
func (s *Store) lastBeat() (counted bool) {
	return s.beside != "" && s.write != nil && s.countBeat(context.Background()) == nil // a store that takes no beat any more tells nothing false
}

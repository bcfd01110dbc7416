package store

import (
	"database/sql"
	"fmt"
	"time"
)

// Look is a look at both sides that takes its time, under way or ended.
type Look struct {
	What         string // what is looked at, and of what: one of each at a time
	By           string
	Began, Ended time.Time // Ended is zero while it is under way
	Asked        []byte    // JSON
	// Stage says what it is at; Done and Total count its records or steps, Total is 0 where
	// nobody can tell.
	Stage       string
	Done, Total int
	Stop        bool      // somebody wants it to end early
	Error       string    // why it found nothing; blank where it did
	Found       time.Time // when the last one that came to its end did
	Body        []byte    // JSON, what that one found
}

// Open reports that a look is under way.
func (l *Look) Open() bool { return l.Ended.IsZero() && !l.Began.IsZero() }

const lookColumns = `what, by_whom, began, ended, asked, stage, done, total, stop, error, found, body`

// LookBegin begins a look; Invalid where one of it is under way. What the last one found
// stays until this one ends.
func (t *Tx) LookBegin(conn int64, what, by string, asked []byte) error {
	if err := t.own(conn); err != nil {
		return err
	}
	n, err := t.exec(`INSERT INTO looks (conn, what, by_whom, began, ended, asked, stage, done, total, stop, error, found, body) VALUES ($1, $2, $3, $4, 0, $5, '', 0, 0, 0, '', 0, $6)
		ON CONFLICT (conn, what) DO UPDATE SET by_whom = excluded.by_whom, began = excluded.began, ended = 0, asked = excluded.asked, stage = '', done = 0, total = 0, stop = 0, error = ''
		WHERE looks.ended <> 0`, conn, what, by, ms(t.now), blob(asked), blob(nil))
	if err != nil {
		return fmt.Errorf("begin look %s: %w", what, err)
	}
	if n == 0 {
		return errorf(Invalid, "this is looked at already")
	}
	return nil
}

// LookGoesOn notes how far a look is, and tells whether it is to end early.
func (t *Tx) LookGoesOn(conn int64, what, stage string, done, total int) (stop bool, err error) {
	if err := t.own(conn); err != nil {
		return false, err
	}
	if _, err := t.exec(`UPDATE looks SET stage = $1, done = $2, total = $3 WHERE conn = $4 AND what = $5 AND ended = 0`, stage, int64(done), int64(total), conn, what); err != nil {
		return false, fmt.Errorf("note look %s: %w", what, err)
	}
	l, ok, err := t.Look(conn, what)
	return ok && l.Stop, err
}

// LookStop has a look end early.
func (t *Tx) LookStop(conn int64, what string) error {
	if err := t.own(conn); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE looks SET stop = 1 WHERE conn = $1 AND what = $2 AND ended = 0`, conn, what)
	return err
}

// LookEnd ends a look with what it found, or with why it did not.
func (t *Tx) LookEnd(conn int64, what string, body []byte, errText string) error {
	if err := t.own(conn); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE looks SET ended = $1, error = $2 WHERE conn = $3 AND what = $4`, ms(t.now), errText, conn, what)
	if err == nil && errText == "" {
		_, err = t.exec(`UPDATE looks SET found = $1, body = $2 WHERE conn = $3 AND what = $4`, ms(t.now), blob(body), conn, what)
	}
	if err != nil {
		return fmt.Errorf("end look %s: %w", what, err)
	}
	return nil
}

// Look gives a look; ok is false where there never was one.
func (t *Tx) Look(conn int64, what string) (l Look, ok bool, err error) {
	l, ok, err = only(t, scanLook, `SELECT `+lookColumns+` FROM looks WHERE conn = $1 AND what = $2`, conn, what)
	if err != nil {
		return l, false, fmt.Errorf("read look %s: %w", what, err)
	}
	return l, ok, nil
}

func scanLook(r *sql.Rows) (l Look, err error) {
	var began, ended, done, total, stop, found int64
	err = r.Scan(&l.What, &l.By, &began, &ended, &l.Asked, &l.Stage, &done, &total, &stop, &l.Error, &found, &l.Body)
	l.Began, l.Ended, l.Found = instant(began), instant(ended), instant(found)
	l.Done, l.Total, l.Stop = int(done), int(total), stop == 1
	return l, err
}

package store

import (
	"database/sql"
	"fmt"
	"slices"
	"time"

	"tandem/internal/core"
)

// HappeningState is how far a happening has come on its way to a task.
type HappeningState string

// Happening states, in the order of their stored numbers, from 1.
const (
	HappeningDue     HappeningState = "due"
	HappeningSent    HappeningState = "sent" // its task was sent, and what came of it is not stored yet
	HappeningMade    HappeningState = "made"
	HappeningLeft    HappeningState = "left_out" // no task is made for it
	HappeningRefused HappeningState = "refused"  // tried again when it is due
)

var happeningStates = []HappeningState{HappeningDue, HappeningSent, HappeningMade, HappeningLeft, HappeningRefused}

// Happening is what somebody did that is no record, and what became of it.
type Happening struct {
	// Key is the same for what is to make one task together.
	Key  string
	Kind string
	At   time.Time
	// Person is the HubSpot contact, zero where it is not known yet.
	Person core.Ref
	State  HappeningState
	// Due is when it is looked at next; since when it is sent, made or left out.
	Due   time.Time
	Tries int
	// Lasting rows are never pruned: the key may come again.
	Lasting bool
	Task    string // the id of the task that was made
	Reason  string // why it waits, was left out or refused
	Body    []byte // what the task is made of; empty once the row has ended
}

const happeningColumns = `s.key, s.kind, s.at, s.person_kind, s.person, s.state, s.due, s.tries, s.lasting, s.task, s.reason, s.body`

const happeningInsert = `INSERT INTO happenings (conn, key, kind, at, person_kind, person, state, due, tries, lasting, task, reason, body)
	SELECT r.conn, r.key, r.kind, r.at, r.person_kind, r.person, r.state, r.due, r.tries, r.lasting, r.task, r.reason, r.body FROM {rows} WHERE true
	ON CONFLICT (conn, key) `

const happeningRow = "conn int, key text, kind int, at int, person_kind int, person text, state int, due int, tries int, lasting int, task text, reason text, body blob"

var (
	happeningsAdd = newBulk(happeningRow, happeningInsert+`DO NOTHING`)
	happeningsPut = newBulk(happeningRow, happeningInsert+`DO UPDATE SET person_kind = excluded.person_kind, person = excluded.person, state = excluded.state,
		due = excluded.due, tries = excluded.tries, task = excluded.task, reason = excluded.reason, body = excluded.body`)
)

// HappeningsAdd stores happenings whose keys are not known yet, and gives how many those
// are: what is told twice is stored once.
func (t *Tx) HappeningsAdd(conn int64, all []Happening) (added int64, err error) {
	return t.happenings(conn, happeningsAdd, all)
}

// HappeningsPut stores how far happenings have come.
func (t *Tx) HappeningsPut(conn int64, all []Happening) error {
	_, err := t.happenings(conn, happeningsPut, all)
	return err
}

func (t *Tx) happenings(conn int64, statement *bulk, all []Happening) (int64, error) {
	if err := t.own(conn); err != nil {
		return 0, err
	}
	var rows [][]any
	for _, h := range lastOf(all, func(h Happening) string { return h.Key }) {
		kind, err := t.nameID(h.Kind)
		if err != nil {
			return 0, fmt.Errorf("store happening %s: %w", h.Key, err)
		}
		person, err := t.kindID(h.Person)
		if err != nil {
			return 0, fmt.Errorf("store happening %s: %w", h.Key, err)
		}
		state := int64(slices.Index(happeningStates, h.State)) + 1
		rows = append(rows, []any{conn, h.Key, kind, ms(h.At), person, h.Person.ID, state, ms(h.Due), int64(h.Tries), flag(h.Lasting), h.Task, h.Reason, blob(h.Body)})
	}
	n, err := t.execRows(statement, rows)
	if err != nil {
		return 0, fmt.Errorf("store %d happenings: %w", len(rows), err)
	}
	return n, nil
}

func (t *Tx) scanHappening(r *sql.Rows) (h Happening, err error) {
	var kind, at, person, state, due, lasting int64
	if err := r.Scan(&h.Key, &kind, &at, &person, &h.Person.ID, &state, &due, &h.Tries, &lasting, &h.Task, &h.Reason, into(&h.Body)); err != nil {
		return h, err
	}
	h.At, h.Due, h.State, h.Lasting = instant(at), instant(due), happeningStates[state-1], lasting == 1
	if h.Kind, err = t.nameText(kind); err != nil {
		return h, err
	}
	h.Person, err = t.ref(person, h.Person.ID)
	return h, err
}

// HappeningsIn lists up to limit happenings in a state whose time has come by a moment,
// the earliest first.
func (t *Tx) HappeningsIn(conn int64, state HappeningState, by time.Time, limit int) ([]Happening, error) {
	out, err := list(t, t.scanHappening, `SELECT `+happeningColumns+` FROM happenings s
		WHERE s.conn = $1 AND s.state = $2 AND s.due <= $3 ORDER BY s.due, s.at, s.key LIMIT CAST($4 AS BIGINT)`, conn, int64(slices.Index(happeningStates, state))+1, ms(by), int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list happenings that are %s: %w", state, err)
	}
	return out, nil
}

// HappeningsOf lists the last happenings of a person, the latest first.
func (t *Tx) HappeningsOf(conn int64, person core.Ref, limit int) ([]Happening, error) {
	kind, err := t.kindID(person)
	if err != nil {
		return nil, fmt.Errorf("list the happenings of %s: %w", person, err)
	}
	out, err := list(t, t.scanHappening, `SELECT `+happeningColumns+` FROM happenings s
		WHERE s.conn = $1 AND s.person_kind = $2 AND s.person = $3 AND s.person <> '' ORDER BY s.at DESC, s.key LIMIT CAST($4 AS BIGINT)`, conn, kind, person.ID, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list the happenings of %s: %w", person, err)
	}
	return out, nil
}

// HappeningCount is how many happenings of a kind are in a state.
type HappeningCount struct {
	Kind  string
	State HappeningState
	Count int
	// Reason is that of one of them.
	Reason string
}

// HappeningCounts counts the happenings by kind and state, in the order of both.
func (t *Tx) HappeningCounts(conn int64) ([]HappeningCount, error) {
	out, err := list(t, t.scanHappeningCount, `SELECT kind, state, count(*), max(reason) FROM happenings WHERE conn = $1 GROUP BY kind, state ORDER BY kind, state`, conn)
	if err != nil {
		return nil, fmt.Errorf("count happenings: %w", err)
	}
	return out, nil
}

func (t *Tx) scanHappeningCount(r *sql.Rows) (c HappeningCount, err error) {
	var kind, state int64
	if err := r.Scan(&kind, &state, &c.Count, &c.Reason); err != nil {
		return c, err
	}
	c.State = happeningStates[state-1]
	c.Kind, err = t.nameText(kind)
	return c, err
}

// HappeningsSpent counts the tasks that were sent since a moment.
func (t *Tx) HappeningsSpent(conn int64, since time.Time) (n int, err error) {
	err = t.one(`SELECT count(*) FROM happenings WHERE conn = $1 AND state IN (2, 3) AND due > $2`, []any{conn, ms(since)}, &n)
	if err != nil {
		return 0, fmt.Errorf("count the tasks of happenings: %w", err)
	}
	return n, nil
}

// HappeningsRetry makes those that were refused due now.
func (t *Tx) HappeningsRetry(conn int64) error {
	if err := t.own(conn); err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE happenings SET due = $1 WHERE conn = $2 AND state = 5`, ms(t.now), conn); err != nil {
		return fmt.Errorf("try refused happenings again: %w", err)
	}
	return nil
}

// HappeningsPrune forgets what ended before a moment and cannot be told again.
func (t *Tx) HappeningsPrune(conn int64, before time.Time) error {
	if err := t.own(conn); err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM happenings WHERE conn = $1 AND state IN (3, 4) AND lasting = 0 AND due < $2`, conn, ms(before)); err != nil {
		return fmt.Errorf("forget old happenings: %w", err)
	}
	return nil
}

// eraseHappenings takes out what people did who were erased on request. The keys stay,
// so that nothing is made for them later.
func (t *Tx) eraseHappenings(conn int64, people []core.Ref) error {
	for _, p := range people {
		kind, err := t.kindID(p)
		if err != nil {
			return err
		}
		_, err = t.exec(`UPDATE happenings SET body = $1, reason = '', state = CASE WHEN state IN (1, 5) THEN 4 ELSE state END
			WHERE conn = $2 AND person_kind = $3 AND person = $4 AND person <> ''`, []byte{}, conn, kind, p.ID)
		if err != nil {
			return fmt.Errorf("erase what %s did: %w", p, err)
		}
	}
	return nil
}

package store

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	"tandem/internal/core"
)

// names is the table of names in memory. Names are never changed or removed, so
// what was once read stays true.
type names struct {
	mu     sync.RWMutex
	byText map[string]int64
	byID   map[int64]string
}

type name struct {
	id   int64
	text string
}

// unknownName is the id of a name that the store has never seen: no row has it.
const unknownName = -1

func (n *names) learn(learned []name) {
	if len(learned) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.byText == nil {
		n.byText, n.byID = map[string]int64{}, map[int64]string{}
	}
	for _, l := range learned {
		n.byText[l.text], n.byID[l.id] = l.id, l.text
	}
}

func (n *names) id(text string) (int64, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	id, ok := n.byText[text]
	return id, ok
}

func (n *names) text(id int64) (string, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	text, ok := n.byID[id]
	return text, ok
}

// nameID is the small number of a name: 0 for the blank one, unknownName in a
// reading transaction for one that is not stored.
func (t *Tx) nameID(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	if id, ok := t.s.names.id(text); ok {
		return id, nil
	}
	for _, l := range t.learned {
		if l.text == text {
			return l.id, nil
		}
	}
	id, err := t.findName(text)
	if err != nil {
		return 0, fmt.Errorf("number the name %q: %w", text, err)
	}
	if id != unknownName {
		t.learned = append(t.learned, name{id, text})
	}
	return id, nil
}

func (t *Tx) findName(text string) (id int64, err error) {
	const find = `SELECT id FROM names WHERE name = $1`
	if err = t.one(find, []any{text}, &id); !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	if !t.writes {
		return unknownName, nil
	}
	err = t.one(`INSERT INTO names (name) VALUES ($1) ON CONFLICT (name) DO NOTHING RETURNING id`, []any{text}, &id)
	if errors.Is(err, sql.ErrNoRows) { // another transaction was faster
		err = t.one(find, []any{text}, &id)
	}
	return id, err
}

// nameText is the reverse of nameID.
func (t *Tx) nameText(id int64) (string, error) {
	if id == 0 {
		return "", nil
	}
	if text, ok := t.s.names.text(id); ok {
		return text, nil
	}
	for _, l := range t.learned {
		if l.id == id {
			return l.text, nil
		}
	}
	text, err := t.lookUpName(id)
	if err != nil {
		return "", missing(err, "the store has no name number %d", id)
	}
	t.learned = append(t.learned, name{id, text})
	return text, nil
}

// lookUpName finds a name that another process has made. It runs while rows are
// being read, when PostgreSQL's session is busy: there it asks on a session of
// its own.
func (t *Tx) lookUpName(id int64) (text string, err error) {
	const find = `SELECT name FROM names WHERE id = $1`
	if t.s.aside == nil {
		err = t.one(find, []any{id}, &text)
		return text, err
	}
	err = t.s.aside.QueryRowContext(t.ctx, find, id).Scan(&text)
	return text, t.s.d.coded(err)
}

// kindID numbers the side and object of a ref; 0 for the zero Ref.
func (t *Tx) kindID(ref core.Ref) (int64, error) { return t.nameID(kindName(ref)) }

func kindName(ref core.Ref) string {
	if ref.Object == "" {
		return ""
	}
	return ref.Side.String() + "/" + string(ref.Object)
}

// ref is the reverse of kindID, with the record's id.
func (t *Tx) ref(kind int64, id string) (core.Ref, error) {
	if kind == 0 {
		return core.Ref{}, nil
	}
	text, err := t.nameText(kind)
	if err != nil {
		return core.Ref{}, err
	}
	side, object, ok := strings.Cut(text, "/")
	if !ok {
		return core.Ref{}, errorf(Corrupt, "name %d is not a kind of record: %q", kind, text)
	}
	r := core.Ref{Side: core.Salesforce, Object: core.Object(object), ID: id}
	if side == core.HubSpot.String() {
		r.Side = core.HubSpot
	}
	return r, nil
}

// warmNames reads all names at once: there are few.
func (t *Tx) warmNames() error {
	return t.each(`SELECT id, name FROM names`, nil, func(r *sql.Rows) error {
		var n name
		err := r.Scan(&n.id, &n.text)
		t.learned = append(t.learned, n)
		return err
	})
}

package console

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// lost is a value that was given up because both sides had changed.
type lost struct {
	engine.Conflict
	pair core.Pair
	ref  core.Ref
	at   time.Time
	run  int64
	seq  int64
}

// conflictList is a page of values that were given up, the newest first.
type conflictList struct {
	all   []lost
	pairs []core.Pair
	pair  core.Pair // chosen; blank for all
	first bool
	next  int64 // the entry to go on before; 0 at the end
	names map[core.Ref]string
}

// conflictsLooked bounds how many entries of the journal one page looks through for those
// of an object.
const conflictsLooked = 2000

func (c *Console) conflictsPage(v *visit) error {
	e, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	f, err := chosenIssues(url.Values{"object": v.r.URL.Query()["object"], "after": v.r.URL.Query()["before"]}, conn)
	if err != nil {
		return err
	}
	l := conflictList{pairs: conn.Pairs.Names(), pair: f.Pair, first: f.After == 0}
	err = e.View(v.r.Context(), func(tx *store.Tx) error { return l.load(tx, conn.ID, f.After) })
	if err != nil {
		return err
	}
	var refs []core.Ref
	for _, one := range l.all {
		refs = append(refs, one.ref)
	}
	l.names = c.namesOf(v, refs)
	return v.show(conflictsView(v, l))
}

// load reads the conflicts before an entry of the journal until a page is full.
func (l *conflictList) load(tx *store.Tx, connection, before int64) error {
	for looked := 0; looked < conflictsLooked && len(l.all) < reviewShown; looked += reviewShown {
		page, err := tx.ConflictsBack(connection, before, reviewShown)
		if err != nil {
			return err
		}
		for _, en := range page {
			if before = en.Seq; l.pair != "" && en.Pair != l.pair {
				continue
			}
			if err := l.take(en); err != nil {
				return err
			}
		}
		if len(page) < reviewShown {
			l.next = 0
			return nil
		}
		l.next = before
	}
	return nil
}

func (l *conflictList) take(en store.Entry) error {
	var body engine.Entry
	if err := json.Unmarshal(en.Body, &body); err != nil {
		return fmt.Errorf("read journal entry %d: %w", en.Seq, err)
	}
	for _, one := range body.Conflicts {
		l.all = append(l.all, lost{Conflict: one, pair: en.Pair, ref: en.Ref, at: en.At, run: en.Run, seq: en.Seq})
	}
	return nil
}

// conflictsAt is the address of a list of conflicts.
func (v *visit) conflictsAt(pair core.Pair, before int64) string {
	q := url.Values{}
	if pair != "" {
		q.Set("object", string(pair))
	}
	if before > 0 {
		q.Set("before", strconv.FormatInt(before, 10))
	}
	if len(q) == 0 {
		return v.at("review", "conflicts")
	}
	return v.at("review", "conflicts") + "?" + q.Encode()
}

// value is one side's value in a conflict.
func (l lost) value(side core.Side) string {
	if l.Side == side.String() {
		return l.Lost
	}
	return l.Kept
}

// blank shows that a value is one.
func blank(value string) string {
	if value == "" {
		return "(blank)"
	}
	return value
}

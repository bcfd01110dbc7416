package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/store"
)

// guardEmptied halts where a side lists none of an object's records, some of which are
// linked. It is listed once more for that: what was made and linked during a listing is in
// the next one. A person who releases the brake lets that object's records be looked at, for
// an hour.
func (e *Engine) guardEmptied(ctx context.Context, c *Conn, s step) error {
	agreed, known := false, 0
	err := e.View(ctx, func(tx *store.Tx) (err error) {
		if agreed, err = e.agreedEmpty(tx, c, s.object); err != nil || agreed {
			return err
		}
		known, err = linkedOfStep(tx, c, s)
		return err
	})
	if err != nil || agreed || known == 0 {
		return err
	}
	if none, err := listsNone(ctx, c, s); err != nil || !none {
		return err
	}
	if brake := core.CheckEmptied(s.side, s.object, c.Pairs.Title(s.object), known, 0); brake != nil {
		return c.gate.Halt(ctx, &e.Env, brake)
	}
	return nil
}

// listsNone reports that a side lists no record of a step's object.
func listsNone(ctx context.Context, c *Conn, s step) (bool, error) {
	err := c.Sides[s.side].Scan(ctx, connector.Scan{Object: s.object}, func(p connector.Page) error {
		if len(p.Records) > 0 {
			return errListed
		}
		return nil
	})
	if errors.Is(err, errListed) {
		return false, nil
	}
	return err == nil, err
}

var errListed = errors.New("the side lists a record")

// agreedEmpty reports that a person released the brake of an object just before.
func (e *Engine) agreedEmpty(tx *store.Tx, c *Conn, object core.Object) (bool, error) {
	last, released, err := tx.BrakeLast(c.ID, string(core.BrakeEmptied))
	if err != nil || released.IsZero() || e.Now().Sub(released) >= brakeWindow {
		return false, err
	}
	var b core.Brake
	err = json.Unmarshal(last.Details, &b)
	return b.Object == object, err
}

// linkedOfStep counts the linked records of a step's object, but for those of which an issue
// says already that nobody sees them, and those that Tandem itself archives just now.
func linkedOfStep(tx *store.Tx, c *Conn, s step) (n int, err error) {
	pair, _ := c.Pairs.Of(s.side, s.object)
	leaving, err := archiving(tx, c)
	if err != nil {
		return 0, err
	}
	for after := int64(0); ; {
		page, err := tx.Links(c.ID, pair, core.LinkActive, after, forgetPage)
		if err != nil || len(page) == 0 {
			return n, err
		}
		var refs []core.Ref
		for _, l := range page {
			refs = append(refs, l.Refs[:]...)
		}
		issues, err := tx.IssuesOf(c.ID, refs)
		if err != nil {
			return n, err
		}
		for _, l := range page {
			after = l.ID
			if r := l.Refs[s.side]; r.Object == s.object && !leaving[r] && !unseen(issues, l) {
				n++
			}
		}
	}
}

// archiving are the records that open writes archive.
func archiving(tx *store.Tx, c *Conn) (map[core.Ref]bool, error) {
	open, err := tx.IntentsOpen(c.ID)
	out := map[core.Ref]bool{}
	for _, in := range open {
		if in.Op.Kind == core.OpArchive {
			out[in.Op.Target] = true
		}
	}
	return out, err
}

// unseen reports an open issue by which a side does not show one of a link's records.
func unseen(issues map[core.Ref][]core.Issue, l *core.Link) bool {
	return slices.ContainsFunc(slices.Concat(issues[l.Refs[0]], issues[l.Refs[1]]), func(i core.Issue) bool { return i.Code == codeUnreadable })
}

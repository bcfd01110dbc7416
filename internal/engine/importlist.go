package engine

import (
	"context"
	"slices"
	"strconv"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// namedPage is how many records of a list are made due at a time.
const namedPage = 200

// RefNamed is the record of an object pair that an id names. Of Salesforce it has 15
// or 18 characters and begins as the ids of its object may, of HubSpot it is a number;
// ok is false for anything else, and for an id of another object.
func RefNamed(pairs core.PairSet, p core.Pair, id string) (ref core.Ref, ok bool) {
	if full, whole := core.SalesforceID(id); whole && (id[0] == '0' || !allDigits(id)) {
		o := objectOf(pairs, p, full)
		return core.Ref{Side: core.Salesforce, Object: o, ID: full}, begins(full, o)
	}
	if r := conn.ActivityNamed(id); p == core.ActivityPair {
		return r, !r.IsZero() && allDigits(r.ID)
	}
	number := id != "" && len(id) < 20 && id[0] != '0' && allDigits(id)
	return core.Ref{Side: core.HubSpot, Object: pairs.Objects(p)[core.HubSpot][0], ID: id}, number
}

// answersFirst reports that an import stands for a yes to the first one of its pair: that
// is of all, and one of some leaves it open.
func (a *ImportArgs) answersFirst() bool { return len(a.Refs) == 0 && a.Pick.blank() }

// named are the steps of an import of single records. HubSpot's records that carry the id
// of one of Salesforce's come first, so that none of them is created again.
func (a *ImportArgs) named(objects [2][]core.Object, why core.Reasons) []step {
	var out []step
	if slices.ContainsFunc(a.Refs, func(r core.Ref) bool { return r.Side == core.Salesforce }) {
		out = append(out, step{side: core.HubSpot, object: objects[core.HubSpot][0], stored: true, carried: a.Refs, why: why})
	}
	return append(out, step{refs: a.Refs, why: why})
}

// look makes the records of a list due, page by page. The checkpoint counts them.
func (e *Engine) look(ctx context.Context, c *Conn, r *store.Run, s step, at int, after string) error {
	from, _ := strconv.Atoi(after)
	for page := range slices.Chunk(s.refs[min(from, len(s.refs)):], namedPage) {
		from += len(page)
		accounts, err := e.accountsOfNamed(ctx, c, page)
		if err != nil {
			return err
		}
		due := room.DirtyOf(c.Pairs, slices.Concat(page, accounts), s.why, r.ID, e.Now())
		err = e.listed(ctx, c, r, checkpoint(at, strconv.Itoa(from)), maxBacklog, func(tx *store.Tx) (int, error) {
			return len(page), tx.Mark(c.ID, due)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

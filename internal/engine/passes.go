package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/gate"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// Kinds of passes: they list what changes without a stamp, and make due what is not as both
// sides agreed.
const (
	runRelations = "associations" // whom people and deals belong to, and what other records name
	runFormulas  = "formulas"     // mapped fields that are calculated
)

// passes are the kinds of runs that nobody waits for.
var passes = []string{capture.SweepRun, runRelations, runFormulas, runOptOuts}

// passArgs say what a pass over associations compares.
type passArgs struct {
	Pair core.Pair `json:"pair"`
	// Asked says that a person waits for it: what it finds is listed as its own.
	Asked bool `json:"asked,omitempty"`
}

// StartRelations queues a comparison of all associations of a pair on a person's word: the
// company of each contact or deal, the contacts of deals, whom and what activities are
// about, and what the lookups of other records name. It is refused while the connection
// may not work.
func (e *Engine) StartRelations(ctx context.Context, c *Conn, p core.Pair) (id int64, err error) {
	if !c.relates(p) {
		return 0, &room.Error{Code: room.CodeUsage, Message: "the associations of " + c.Pairs.Plural(p) + " do not sync", Mend: "contacts, deals, activities and records with lookups have associations, where they and what they belong to sync"}
	}
	err = e.Update(ctx, func(tx *store.Tx) error {
		if err := gate.MayWork(tx, &c.Known); err != nil {
			return err
		}
		id, err = e.queuePass(tx, c, runRelations, room.MustJSON(passArgs{Pair: p, Asked: true}))
		return err
	})
	return id, err
}

// relates reports that the records of a pair belong to others.
func (c *Conn) relates(p core.Pair) bool {
	return (p == core.ContactPair || p == core.DealPair || c.namesOthers(p)) && c.Follows(p)
}

// queuePass queues a pass, unless the same is open. Passes of the kind that have ended are
// forgotten, but for the last ones: nothing stands under them.
func (e *Engine) queuePass(tx *store.Tx, c *Conn, kind string, args []byte) (int64, error) {
	open, err := openRun(tx, c, kind, args)
	if err != nil || open != 0 {
		return open, err
	}
	return tx.RunCreate(store.Run{Conn: c.ID, Kind: kind, Args: args, State: store.RunQueued, Created: e.Now()})
}

// queueRelations queues the comparison of a pair's associations.
func (e *Engine) queueRelations(tx *store.Tx, c *Conn, p core.Pair) error {
	if !c.relates(p) {
		return nil
	}
	_, err := e.queuePass(tx, c, runRelations, room.MustJSON(passArgs{Pair: p}))
	return err
}

// relationSteps are HubSpot's side, whose associations move no stamp, and of deals
// Salesforce's, whose contact roles do not either.
func relationSteps(pairs core.PairSet, r store.Run) ([]step, error) {
	var a passArgs
	if err := json.Unmarshal(r.Args, &a); err != nil {
		return nil, fmt.Errorf("read what run %d compares: %w", r.ID, err)
	}
	objects := pairs.Objects(a.Pair)
	out := []step{{side: core.HubSpot, object: objects[core.HubSpot][0], pair: a.Pair, asked: a.Asked}}
	if a.Pair == core.DealPair {
		out = append(out, step{side: core.Salesforce, object: objects[core.Salesforce][0], pair: a.Pair, asked: a.Asked})
	}
	return out, nil
}

// relationPage is how many links are compared at a time: as many as HubSpot reads the
// associations of with one call, so that 100,000 contacts take 100 calls. Deals take 100
// more for their contacts, and 500 of Salesforce for contact roles. Other records take 100
// for each object that they may name.
const relationPage = 1000

// compareRelations makes the linked records of a pair due whose associations on a side are
// not those that both sides agreed on. The checkpoint is the last link's number.
func (e *Engine) compareRelations(ctx context.Context, c *Conn, r *store.Run, s step, at int, after string) error {
	ctx = connector.WithPriority(ctx, connector.Backfill)
	last, _ := strconv.ParseInt(after, 10, 64)
	run := r.ID
	if !s.asked {
		run = 0
	}
	for {
		var page []*core.Link
		err := e.View(ctx, func(tx *store.Tx) (err error) {
			page, err = tx.Links(c.ID, s.pair, core.LinkActive, last, relationPage)
			return err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		last = page[len(page)-1].ID
		due, err := e.unrelated(ctx, c, s, page)
		if err != nil {
			return err
		}
		err = e.listed(ctx, c, r, checkpoint(at, strconv.FormatInt(last, 10)), sweepBacklog, func(tx *store.Tx) (int, error) {
			return len(page), tx.Mark(c.ID, room.DirtyOf(c.Pairs, due, core.ReasonParent, run, e.Now()))
		})
		if err != nil {
			return err
		}
	}
}

// unrelated are the records of links whose associations on a side are not those agreed on.
func (e *Engine) unrelated(ctx context.Context, c *Conn, s step, page []*core.Link) (due []core.Ref, err error) {
	if s.side == core.HubSpot {
		if c.namesOthers(s.pair) {
			return e.otherNamed(ctx, c, s.pair, page)
		}
		if due, err = e.otherParents(ctx, c, page); err != nil {
			return nil, err
		}
	}
	book, on := c.roles()
	if s.pair != core.DealPair || !on {
		return due, nil
	}
	for some := range slices.Chunk(page, rolesPage) {
		others, err := e.otherRoles(ctx, c, book, some, s.side)
		if err != nil {
			return nil, err
		}
		due = append(due, others...)
	}
	return due, nil
}

// otherParents are the HubSpot records whose primary company is not the one agreed on. One
// whose company has no partner waits for that already, and a lead has no account.
func (e *Engine) otherParents(ctx context.Context, c *Conn, page []*core.Link) ([]core.Ref, error) {
	reads, ok := c.Sides[core.HubSpot].(connector.Relations)
	if !ok || !c.Settings.Companies.Sync {
		return nil, nil
	}
	ids := make([]string, len(page))
	for i, l := range page {
		ids[i] = l.Refs[core.HubSpot].ID
	}
	got, err := reads.Relations(ctx, page[0].Refs[core.HubSpot].Object, core.Companies, ids)
	if err != nil {
		return nil, err
	}
	parents := make(map[int64]core.Ref, len(page))
	var refs []core.Ref
	for _, l := range page {
		parent := primary(&core.Record{Related: map[core.Object][]core.Relation{core.Companies: got[l.Refs[core.HubSpot].ID]}})
		parents[l.ID] = companyRef(parent)
		if parent != "" {
			refs = append(refs, parents[l.ID])
		}
	}
	var links map[core.Ref]*core.Link
	err = e.View(ctx, func(tx *store.Tx) (err error) { links, err = tx.LinksOf(c.ID, refs); return err })
	var due []core.Ref
	for _, l := range page {
		if l.Refs[core.Salesforce].Object != core.Lead && !sameParent(l, parents[l.ID], links) {
			due = append(due, l.Refs[core.HubSpot])
		}
	}
	return due, err
}

// sameParent reports that a company is the one agreed on for a link, or that nothing can be
// said of it. One that HubSpot's record no longer has is none of Salesforce's either where
// that was noticed before.
func sameParent(l *core.Link, company core.Ref, links map[core.Ref]*core.Link) bool {
	account := ""
	if !company.IsZero() {
		parent := links[company]
		if parent == nil || parent.State != core.LinkActive {
			return true
		}
		account = parent.Refs[core.Salesforce].ID
	}
	if _, _, agreed := l.Base.Of(conn.RelationKey); !agreed {
		return account == ""
	}
	return l.Base.Holds(core.HubSpot, conn.RelationKey, account)
}

// rereadWhenDue queues a comparison of calculated fields where the last one, or the given
// moment, is a period of formula_reread old (LIM-18).
func (e *Engine) rereadWhenDue(ctx context.Context, c *Conn, last time.Time) error {
	every := c.Settings.FormulaReread.D()
	if every <= 0 {
		return nil
	}
	return e.Update(ctx, func(tx *store.Tx) error {
		r, _, err := tx.RunLast(c.ID, runFormulas)
		if err != nil || e.Now().Sub(room.Latest(last, r.Created)) < every {
			return err
		}
		if err := tx.RunsForget(c.ID, runFormulas); err != nil {
			return err
		}
		for _, p := range c.Pairs.Names() {
			if c.Switched[p].IsZero() {
				continue
			}
			if err := e.queueReread(tx, c, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *Engine) queueReread(tx *store.Tx, c *Conn, p core.Pair) error {
	for _, side := range core.Sides {
		for _, o := range c.Pairs.Objects(p)[side] {
			if len(c.calculated(side, o)) == 0 {
				continue
			}
			if _, err := e.queuePass(tx, c, runFormulas, capture.SweepArgs{Side: side, Object: o}.JSON()); err != nil {
				return err
			}
		}
	}
	return nil
}

// reread lists the calculated fields of an object, page by page, and makes due what is not
// at its base.
func (e *Engine) reread(ctx context.Context, c *Conn, r *store.Run, s step, at int, after string) error {
	fields := c.calculated(s.side, s.object)
	if len(fields) == 0 {
		return nil
	}
	scan := connector.Scan{Object: s.object, Fields: fields, After: after}
	return c.Sides[s.side].Scan(connector.WithPriority(ctx, connector.Backfill), scan, func(p connector.Page) error {
		return e.listed(ctx, c, r, behind(at, p), sweepBacklog, func(tx *store.Tx) (int, error) {
			return len(p.Records), e.formulaPage(tx, c, p.Records)
		})
	})
}

package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/gate"
	"tandem/internal/engine/room"
	"tandem/internal/engine/timeline"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// Conn is one connection at work.
type Conn struct {
	conn.Known
	counters  []counters // by the place of the object pair
	census    census
	scope     scopeLook
	schema    schemaLook
	pipes     pipelineLook
	campaigns campaignOptions
	line      *timeline.Keeper // nil where nothing beside records becomes tasks
	// opened is what reaching both sides and reading their schemas cost; untold
	// is the same until a result has told it.
	opened callsAt
	untold atomic.Pointer[callsAt]
	wake   chan struct{} // capacity 1: something became due
	pulse  atomic.Pointer[chan struct{}]
	gate   *gate.Gate
	chains chains
}

// settled is closed when the next batch is settled.
func (c *Conn) settled() <-chan struct{} { return *c.pulse.Load() }

// pulseNow tells everyone who waits that a batch was settled.
func (c *Conn) pulseNow() {
	next := make(chan struct{})
	close(*c.pulse.Swap(&next))
}

// counters are what a run reports; they only grow.
type counters struct {
	created, updated, deleted, linked, issues atomic.Int64
}

// Counts is a snapshot of what was done since the connection was opened.
type Counts struct {
	Created int64 `json:"created"`
	Updated int64 `json:"updated"`
	Linked  int64 `json:"linked"`
	Issues  int64 `json:"issues"`
	// Deleted are the records that were archived or deleted for a deletion on the other side.
	Deleted int64 `json:"deleted,omitempty"`
}

// Counts is what this process did so far with companies, and with people in so far as
// companies need them.
func (c *Conn) Counts() Counts { return c.CountsOf(core.CompanyPair) }

// CountsOf is what this process did so far with the records of an object pair.
func (c *Conn) CountsOf(p core.Pair) Counts {
	n := c.tally(p)
	return Counts{Created: n.created.Load(), Updated: n.updated.Load(), Linked: n.linked.Load(), Issues: n.issues.Load(), Deleted: n.deleted.Load()}
}

// tally counts what is done with an object pair. People who do not sync are looked at
// for the sake of companies, and count there.
func (c *Conn) tally(p core.Pair) *counters {
	at := max(slices.Index(c.Pairs.Names(), p), 0)
	if p == core.ContactPair && !c.SyncsPeople() {
		at = 0
	}
	return &c.counters[at]
}

// newConn is a connection before its sides and the store were asked.
func newConn(s config.Connection, sides [2]connector.Connector) *Conn {
	c := &Conn{Known: conn.New(s, sides), wake: make(chan struct{}, 1)}
	c.counters, c.gate = make([]counters, len(c.Pairs)), gate.New(&c.Known)
	first := make(chan struct{})
	c.pulse.Store(&first)
	return c
}

func (e *Engine) open(ctx context.Context, s Setup) (*Conn, error) {
	c := newConn(s.Settings, s.Sides)
	before := c.spent()
	c.schema.doubt = make(chan struct{}, 1)
	for _, side := range core.Sides {
		if err := e.identify(ctx, c, side); err != nil {
			return nil, err
		}
	}
	if err := e.pin(ctx, c); err != nil {
		return nil, err
	}
	if err := e.tellRestored(ctx); err != nil {
		return nil, err
	}
	if err := c.LoadSchemas(ctx); err != nil {
		return nil, err
	}
	c.schema.at = e.Now()
	if err := e.holdBack(ctx, c); err != nil {
		return nil, err
	}
	if err := c.Compile(ctx, e.Now()); err != nil {
		return nil, err
	}
	if err := e.openPipelines(ctx, c); err != nil {
		return nil, err
	}
	if err := e.switches(ctx, c); err != nil {
		return nil, err
	}
	if err := e.openTimeline(ctx, c); err != nil {
		return nil, err
	}
	if err := e.recallIntents(ctx, c); err != nil {
		return nil, err
	}
	if err := e.endUnopened(ctx, c); err != nil {
		return nil, err
	}
	c.opened = c.spent().less(before)
	c.untold.Store(&c.opened)
	return c, nil
}

// identify asks a side who we are and compares with what the settings pin.
func (e *Engine) identify(ctx context.Context, c *Conn, side core.Side) error {
	id, err := c.Sides[side].Identity(ctx)
	if err != nil {
		return withoutAPI(err)
	}
	want := c.Settings.Salesforce.OrgID
	if side == core.HubSpot {
		want = c.Settings.HubSpot.PortalID
	}
	if want != "" && !strings.EqualFold(want, id.ID) && !sameOrg(want, id.ID) {
		return wrongAccount(side, want, id.ID)
	}
	c.Accounts[side] = id
	if !id.Clock.IsZero() {
		// A Date header has whole seconds: half of one is the best guess.
		c.Offsets[side] = id.Clock.Add(time.Second / 2).Sub(e.Now())
	}
	if side == core.Salesforce && strings.Contains(id.Edition, "Group") {
		return &room.Error{Code: room.CodeEdition, Message: "Salesforce Group Edition has no API access and cannot be synced (INST-2)", Mend: mendEdition}
	}
	return nil
}

const mendEdition = "use an edition with API access: Professional with API, Enterprise, Unlimited, Performance or Developer"

// withoutAPI names the cause where an org has no API at all, as every Group
// Edition.
func withoutAPI(err error) error {
	var ce *connector.Error
	if errors.As(err, &ce) && ce.Code == "API_DISABLED_FOR_ORG" {
		return &room.Error{Code: room.CodeEdition, Message: "the Salesforce org has no API access and cannot be synced (INST-2): " + ce.Message, Mend: mendEdition}
	}
	return err
}

// sameOrg compares a 15-character org id with its 18-character form.
func sameOrg(a, b string) bool {
	return len(a) >= 15 && len(b) >= 15 && a[:15] == b[:15]
}

func wrongAccount(side core.Side, want, got string) error {
	what := "org"
	if side == core.HubSpot {
		what = "portal"
	}
	return &room.Error{Code: room.CodeIdentity,
		Message: fmt.Sprintf("the %s credentials belong to %s %s, but this connection is pinned to %s", side.Label(), what, got, want),
		Mend:    "correct the credentials; to move the connection to another " + what + " create a new connection"}
}

// pin stores the account ids at the first opening and refuses others later.
func (e *Engine) pin(ctx context.Context, c *Conn) error {
	return e.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.ConnectionEnsure(c.Settings.Name)
		if err != nil {
			return err
		}
		c.ID = row.ID
		for _, side := range core.Sides {
			if row.Accounts[side] == "" {
				row.Accounts[side] = c.Accounts[side].ID
			}
			if b := core.CheckIdentity(side, row.Accounts[side], c.Accounts[side].ID); b != nil {
				return wrongAccount(side, row.Accounts[side], c.Accounts[side].ID)
			}
		}
		return tx.ConnectionSave(row)
	})
}

// switches notes the moment each pair's sync is switched on, which ACC-4 needs.
func (e *Engine) switches(ctx context.Context, c *Conn) error {
	on := c.switched()
	return e.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.ConnectionEnsure(c.Settings.Name)
		if err != nil {
			return err
		}
		if row.Switched == nil {
			row.Switched = map[core.Pair]time.Time{}
		}
		fresh := map[core.Pair]bool{}
		for _, p := range slices.Concat(c.Pairs.Names(), []core.Pair{conn.PeopleToHubSpot, conn.PeopleEverywhere, conn.PeopleSync}) {
			switch _, was := row.Switched[p]; {
			case !row.Disconnected.IsZero(): // resuming it switches on
			case on[p] && !was:
				row.Switched[p], fresh[p] = e.Now(), true
				if err := e.switchOn(tx, c, p); err != nil {
					return err
				}
			case !on[p] && was:
				delete(row.Switched, p)
				if p == conn.PeopleToHubSpot || p == conn.PeopleEverywhere {
					continue
				}
				if err := decideFirstImport(tx, c.ID, conn.PairSwitchedBy(p)); err != nil {
					return err
				}
			}
		}
		if err := e.switchWays(tx, c, &row, fresh); err != nil {
			return err
		}
		if err := e.fieldsBack(tx, c); err != nil {
			return err
		}
		c.Switched, row.Held = row.Switched, heldRows(c, row.Held, e.Now())
		return tx.ConnectionSave(row)
	})
}

// switchOn starts what a switch is for.
func (e *Engine) switchOn(tx *store.Tx, c *Conn, p core.Pair) error {
	switch p {
	case conn.PeopleSync: // people are followed already
		return e.beginPeople(tx, c)
	case conn.PeopleToHubSpot:
		return e.compareAgreed(tx, c)
	case conn.PeopleEverywhere:
		return e.hearEverybody(tx, c)
	}
	return e.begin(tx, c, p)
}

// switched are the pairs whose records are followed because a switch is on.
func (c *Conn) switched() map[core.Pair]bool {
	people := c.Wanted.Contacts
	on := map[core.Pair]bool{conn.PeopleSync: people.Sync, conn.PeopleToHubSpot: people.Sync && people.FromSalesforce != policy.DoNothing,
		conn.PeopleEverywhere: people.Sync && c.everywhere()}
	for _, p := range c.Pairs.Names() {
		on[p] = c.Wanted.Syncs(p)
	}
	on[core.ContactPair] = on[core.CompanyPair] || on[core.ContactPair]
	return on
}

// begin starts the sync of a pair from now on. Records that were linked before are
// compared once: nobody announces what changed on them meanwhile.
func (e *Engine) begin(tx *store.Tx, c *Conn, p core.Pair) error {
	if err := e.startCursors(tx, c, p); err != nil {
		return err
	}
	if p != core.ContactPair && p != core.ActivityPair { // of people it is wanted with their own switch, of activities only when asked for (ACT-4)
		if err := c.wantFirstImport(tx, p); err != nil {
			return err
		}
	}
	links, err := tx.LinkCounts(c.ID)
	if err != nil || links[p][core.LinkActive] == 0 {
		return err
	}
	for _, side := range core.Sides {
		for _, o := range c.FollowedOf(p, side) {
			r := store.Run{Conn: c.ID, Kind: capture.SweepRun, Args: capture.SweepArgs{Side: side, Object: o}.JSON(), State: store.RunQueued, Created: e.Now()}
			if _, err := tx.RunCreate(r); err != nil {
				return err
			}
		}
	}
	return e.queueRelations(tx, c, p)
}

// beginPeople starts the sync of people, who are followed already for the sake of
// companies.
func (e *Engine) beginPeople(tx *store.Tx, c *Conn) error {
	if err := c.wantFirstImport(tx, core.ContactPair); err != nil {
		return err
	}
	return e.compareAgreed(tx, c)
}

// startCursors puts the poll cursors of a pair at the moment of the switch, in
// each side's own clock: what is older stays away until imported or edited.
func (e *Engine) startCursors(tx *store.Tx, c *Conn, p core.Pair) error {
	for _, side := range core.Sides {
		for _, o := range c.Pairs.Objects(p)[side] {
			at := e.Now().Add(c.Offsets[side])
			if err := tx.CursorSet(c.ID, side, capture.PollCursor(o), room.StampText(at)); err != nil {
				return err
			}
		}
	}
	return nil
}

// running says whether the connection may work at all.
func (e *Engine) running(ctx context.Context, c *Conn) error {
	if err := e.MayWork(ctx, c); err != nil {
		return err
	}
	if err := c.RequireObjects(); err != nil {
		return err
	}
	if err := c.HeldBack(core.CompanyPair); err != nil { // who is what hangs on companies
		return err
	}
	if err := e.guardScope(ctx, c); err != nil {
		return err
	}
	return e.KeepPipelines(ctx, c)
}

// MayWork is nil while the connection may work, or says what stops it, since when
// and what ends that: a disconnect, a pause, a suspension or a brake.
func (e *Engine) MayWork(ctx context.Context, c *Conn) error {
	return e.View(ctx, func(tx *store.Tx) error { return gate.MayWork(tx, &c.Known) })
}

// sideWide reports an error that concerns a whole side, not one batch.
func sideWide(err error) bool {
	var ce *connector.Error
	return errors.As(err, &ce) && ce.Class == core.ClassAuth
}

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
	"tandem/internal/engine/conn"
	"tandem/internal/engine/gate"
	"tandem/internal/engine/room"
	"tandem/internal/engine/timeline"
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
	// since is from when on a switch that is on stands by the versions of the settings, in
	// our clock; begun says that this opening turned one on.
	since    map[core.Pair]time.Time
	begun    bool
	suspects suspects
	ahead    ahead
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
	created, updated, deleted, linked, issues, optOuts, optIns atomic.Int64
}

// Counts is a snapshot of what was done since the connection was opened.
type Counts struct {
	Created int64 `json:"created"`
	Updated int64 `json:"updated"`
	Linked  int64 `json:"linked"`
	Issues  int64 `json:"issues"`
	// Deleted are the records that were archived or deleted for a deletion on the other side.
	Deleted int64 `json:"deleted,omitempty"`
	// OptOuts are the opt-outs of e-mail that were written: addresses unsubscribed in HubSpot
	// and boxes ticked in Salesforce. OptIns are boxes cleared for who came back. The boxes are
	// among the updates or creates too.
	OptOuts int64 `json:"opt_outs,omitempty"`
	OptIns  int64 `json:"opt_ins,omitempty"`
}

// Counts is what this process did so far with companies, and with people in so far as
// companies need them.
func (c *Conn) Counts() Counts { return c.CountsOf(core.CompanyPair) }

// CountsOf is what this process did so far with the records of an object pair.
func (c *Conn) CountsOf(p core.Pair) Counts {
	n := c.tally(p)
	return Counts{Created: n.created.Load(), Updated: n.updated.Load(), Linked: n.linked.Load(), Issues: n.issues.Load(), Deleted: n.deleted.Load(),
		OptOuts: n.optOuts.Load(), OptIns: n.optIns.Load()}
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
	c := &Conn{Known: conn.New(s, sides), wake: make(chan struct{}, 1), ahead: ahead{given: map[core.Ref]int64{}}}
	c.counters, c.gate = make([]counters, len(c.Pairs)), gate.New(&c.Known)
	first := make(chan struct{})
	c.pulse.Store(&first)
	return c
}

func (e *Engine) open(ctx context.Context, s Setup) (c *Conn, err error) {
	c = newConn(s.Settings, s.Sides)
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
	if c.line, err = timeline.Open(&c.Known); err != nil {
		return nil, err
	}
	if err := e.switches(ctx, c); err != nil {
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
		if err := alone(tx, row); err != nil {
			return err
		}
		return tx.ConnectionSave(row)
	})
}

// alone refuses a connection of an org and a portal that an older one keeps in step: each
// would make its own partner for every record, and take the other's writes for edits.
func alone(tx *store.Tx, row store.Connection) error {
	all, err := tx.Connections()
	if err != nil {
		return err
	}
	oldest, ok := store.OldestOf(all, row.Accounts)
	if !ok || oldest.ID >= row.ID {
		return nil
	}
	return &room.Error{Code: room.CodeIdentity,
		Message: fmt.Sprintf("connection %s keeps org %s and portal %s in step already; connection %s would do it twice", oldest.Name, row.Accounts[core.Salesforce], row.Accounts[core.HubSpot], row.Name),
		Mend:    fmt.Sprintf("go on with connection %s; where it is to end, run tandem disconnect --connection %s while the settings still name it", oldest.Name, oldest.Name)}
}

// running says whether the connection may work at all.
func (e *Engine) running(ctx context.Context, c *Conn) error {
	if err := e.mayWorkLifted(ctx, c); err != nil {
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

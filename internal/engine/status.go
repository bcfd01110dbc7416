package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/gate"
	"tandem/internal/engine/room"
	"tandem/internal/engine/timeline"
	"tandem/internal/store"
)

// usage asks a side for its API use as last told; a failure counts as unknown.
func (c *Conn) usage(ctx context.Context, side core.Side) connector.Usage {
	u, _ := c.Sides[side].Usage(ctx)
	return u
}

// usedShare is the larger used share of our daily allocations, and the calls of
// the busier side.
func (c *Conn) usedShare() (share float64, calls int) {
	for _, side := range core.Sides {
		spent, limit := c.Sides[side].Spent()
		if limit > 0 {
			share = max(share, float64(spent)/float64(limit))
		}
		calls = max(calls, spent)
	}
	return share, calls
}

// limited reports that an allocation is set on a side.
func (c *Conn) limited() bool {
	return c.Settings.AllocatedCalls(core.Salesforce) > 0 || c.Settings.AllocatedCalls(core.HubSpot) > 0
}

// callsAt are calls by side.
type callsAt [2]int

// spent is what was sent to each side up to now.
func (c *Conn) spent() (n callsAt) {
	for _, side := range core.Sides {
		n[side], _ = c.Sides[side].Spent()
	}
	return n
}

// callsFrom is where the count of a piece of work begins. The first one counts
// the opening of the connection as well, which was done for its sake.
func (c *Conn) callsFrom() callsAt {
	n := c.spent()
	if opened := c.untold.Swap(nil); opened != nil {
		n = n.less(*opened)
	}
	return n
}

func (n callsAt) less(m callsAt) callsAt { return callsAt{n[0] - m[0], n[1] - m[1]} }

// bySide gives the counts the names of the sides.
func (n callsAt) bySide() map[string]int {
	return map[string]int{core.Salesforce.String(): n[core.Salesforce], core.HubSpot.String(): n[core.HubSpot]}
}

func (e *Engine) result(ctx context.Context, c *Conn, began time.Time, before callsAt) (Result, error) {
	r := Result{Objects: c.byObject(), Seconds: e.Now().Sub(began).Seconds(), Calls: c.spent().less(before).bySide()}
	err := e.View(ctx, func(tx *store.Tx) error {
		stats, err := tx.DirtyStats(c.ID)
		if err != nil {
			return err
		}
		due := 0
		for _, s := range stats {
			due += s.Due
			r.Waiting += s.Waiting
			r.PutOff += s.Late
		}
		open, err := tx.IntentsOpen(c.ID)
		if err != nil {
			return err
		}
		tasks, err := timeline.Unsettled(tx, &c.Known)
		if err != nil {
			return err
		}
		r.Unsettled = len(open) + tasks
		if err := openIssues(tx, c, r.Objects); err != nil {
			return err
		}
		if r.First, err = Offered(tx, c.ID, c.Pairs); err != nil {
			return err
		}
		brakes, err := tx.Brakes(c.ID)
		if err != nil {
			return err
		}
		if r.Off = !slices.ContainsFunc(c.Pairs.Names(), c.Syncs); !r.Off {
			r.Blocked, err = tx.LinksBlocked(c.ID)
		}
		r.Held = heldWords(c, heldRows(c, nil, e.Now()))
		r.Converged = due == 0 && len(r.Held) == 0 && r.Unsettled == 0 && len(brakes) == 0 && r.Blocked == 0
		return err
	})
	return r, err
}

// byObject are the counts of companies, and of the other pairs that sync.
func (c *Conn) byObject() map[string]Counts {
	out := map[string]Counts{}
	for _, p := range c.Pairs.Names() {
		if p == core.CompanyPair || c.Syncs(p) {
			out[c.Pairs.Plural(p)] = c.CountsOf(p)
		}
	}
	return out
}

// openIssues puts the number of open issues of each object pair into a result.
func openIssues(tx *store.Tx, c *Conn, objects map[string]Counts) error {
	counts, err := tx.IssueCounts(c.ID)
	for _, p := range c.Pairs.Names() {
		name := c.Pairs.Plural(p)
		k, told := objects[name]
		if !told {
			continue
		}
		k.Issues = 0
		for _, n := range counts {
			if n.Pair == p {
				k.Issues += int64(n.Count)
			}
		}
		objects[name] = k
	}
	return err
}

func (e *Engine) dueNow(ctx context.Context, c *Conn) (due int, err error) {
	err = e.View(ctx, func(tx *store.Tx) (err error) { due, err = tx.DueCount(c.ID); return err })
	return due, err
}

// SideStatus is what is known of one side's budget and feed.
type SideStatus struct {
	Account string          `json:"account"`
	Usage   connector.Usage `json:"usage"`
	Feed    string          `json:"feed"` // cdc, journal, webhooks or poll
	Covered time.Time       `json:"covered"`
}

// Status is the state of a connection as a person needs it.
type Status struct {
	Connection string                               `json:"connection"`
	Pairs      core.PairSet                         `json:"-"` // in the order that they are shown in
	Paused     bool                                 `json:"paused"`
	Ended      bool                                 `json:"disconnected"`
	Unserved   bool                                 `json:"unserved,omitempty"` // no process works on the store
	Suspended  string                               `json:"suspended,omitempty"`
	Cause      core.Class                           `json:"-"` // of the suspension
	Brakes     []store.Brake                        `json:"brakes,omitempty"`
	Held       []string                             `json:"held_back,omitempty"` // pairs that do not sync, and what they lack
	Sides      map[string]SideStatus                `json:"sides"`
	Links      map[core.Pair]map[core.LinkState]int `json:"links"`
	Work       map[core.Pair]store.Stats            `json:"work"`
	Issues     []store.IssueCount                   `json:"issues"`
	Unsynced   []Unsynced                           `json:"-"` // records that do not sync, by object and rule, as of the last look at each
	Problems   []string                             `json:"mapping_problems,omitempty"`
	Runs       []store.Run                          `json:"runs,omitempty"`
	Lag        map[string]time.Duration             `json:"lag"`
	First      []FirstImport                        `json:"first_import,omitempty"`
	Activities []timeline.Standing                  `json:"activities,omitempty"` // that are no records
	Swept      time.Time                            `json:"swept,omitzero"`       // when the last comparison of all records with what is known of them ended
	PollEvery  time.Duration                        `json:"-"`                    // how often both sides are asked, by the settings
}

// Status gathers it without a call to either side beyond what usage needs.
func (e *Engine) Status(ctx context.Context, c *Conn) (Status, error) {
	s := Status{Connection: c.Settings.Name, Pairs: c.Pairs, Sides: map[string]SideStatus{}, Lag: map[string]time.Duration{}}
	for _, p := range c.Problems {
		s.Problems = append(s.Problems, fmt.Sprintf("%s: %s (%s)", p.Pair(), p.Message, p.Mend))
	}
	for _, side := range core.Sides {
		s.Sides[side.String()] = SideStatus{Account: c.Accounts[side].ID, Usage: c.usage(ctx, side), Feed: c.feedName(side)}
	}
	err := e.View(ctx, func(tx *store.Tx) error { return e.fillStatus(tx, c, &s) })
	return s, err
}

func (e *Engine) fillStatus(tx *store.Tx, c *Conn, s *Status) (err error) {
	row, err := gate.Row(tx, &c.Known)
	if err != nil {
		return err
	}
	s.Paused, s.Suspended, s.Cause, s.Ended = row.Paused || c.Settings.Paused, row.Suspended, row.Cause, !row.Disconnected.IsZero()
	s.Held, s.PollEvery = heldWords(c, row.Held), c.Settings.PollEvery.D()
	if s.Brakes, err = tx.Brakes(c.ID); err != nil {
		return err
	}
	if s.Links, err = tx.LinkCounts(c.ID); err != nil {
		return err
	}
	if s.Work, err = tx.DirtyStats(c.ID); err != nil {
		return err
	}
	for p, w := range s.Work {
		s.Lag[string(p)] = e.Since(w.Oldest)
	}
	if s.Issues, err = tx.IssueCounts(c.ID); err != nil {
		return err
	}
	if s.Unsynced, err = unsynced(tx, c); err != nil {
		return err
	}
	if s.Runs, err = lastRuns(tx, c, 5); err != nil {
		return err
	}
	if s.Activities, err = timeline.Standings(tx, &c.Known); err != nil {
		return err
	}
	if s.First, err = Offered(tx, c.ID, c.Pairs); err != nil {
		return err
	}
	if swept, _, err := tx.RunLast(c.ID, capture.SweepRun); err != nil {
		return err
	} else if swept.State == store.RunDone {
		s.Swept = swept.Ended
	}
	cursors, err := tx.Cursors(c.ID)
	for _, cur := range cursors {
		side := s.Sides[cur.Side.String()]
		side.Covered = room.Latest(side.Covered, coveredBy(cur))
		s.Sides[cur.Side.String()] = side
	}
	return err
}

// coveredBy is up to when a cursor says that its side is covered, zero for one that
// says nothing about that. What a poll covers stands in it; a feed that delivers, or
// tells that nothing is new, has announced what happened by then.
func coveredBy(cur store.Cursor) time.Time {
	switch {
	case cur.Name == capture.FeedCursor:
		return cur.At
	case strings.HasPrefix(cur.Name, capture.PollCursor("")):
		return room.ParseStamp(cur.Value)
	}
	return time.Time{}
}

func (c *Conn) feedName(side core.Side) string {
	switch {
	case side == core.Salesforce && c.fast(side):
		return "cdc"
	case side == core.HubSpot && c.fast(side):
		return "journal"
	case side == core.HubSpot && c.Webhooks() != nil:
		return "webhooks"
	}
	return "poll"
}

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }

package engine

import (
	"context"
	"slices"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/engine/timeline"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// reconnected is under what the moment is kept at which the connection was connected again:
// no switch counts from before it (INST-11).
const reconnected core.Pair = "reconnected"

// switches notes the moment each pair's sync is switched on, which ACC-4 needs: when the
// settings that switch it on were stored, however much later this opening is.
func (e *Engine) switches(ctx context.Context, c *Conn) error {
	return e.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.ConnectionEnsure(c.Settings.Name)
		if err != nil {
			return err
		}
		if row.Switched == nil {
			row.Switched = map[core.Pair]time.Time{}
		}
		if row.Disconnected.IsZero() { // otherwise resuming it switches on
			if c.since, err = e.standing(tx, c, row.Switched[reconnected]); err != nil {
				return err
			}
			if err := e.turn(tx, c, row.Switched); err != nil {
				return err
			}
			if err := c.line.Begin(tx, &c.Known, e.Now(), c.since); err != nil {
				return err
			}
		}
		if err := e.fieldsBack(tx, c); err != nil {
			return err
		}
		c.Switched, row.Held = row.Switched, heldRows(c, row.Held, e.Now())
		return tx.ConnectionSave(row)
	})
}

// turn brings the noted moments in line with the switches as they stand.
func (e *Engine) turn(tx *store.Tx, c *Conn, noted map[core.Pair]time.Time) error {
	on, fresh := c.switched(), map[core.Pair]bool{}
	for _, p := range slices.Concat(c.Pairs.Names(), []core.Pair{conn.PeopleToHubSpot, conn.PeopleEverywhere, conn.PeopleSync}) {
		if was, known := noted[p]; known && (!on[p] || c.since[p].After(was)) {
			delete(noted, p)
			if err := switchOff(tx, c, p); err != nil {
				return err
			}
		}
		if _, known := noted[p]; !on[p] || known {
			continue
		}
		noted[p], fresh[p], c.begun = e.from(c, p), true, true
		if err := e.switchOn(tx, c, p); err != nil {
			return err
		}
	}
	if err := e.turnMakings(tx, c, noted); err != nil {
		return err
	}
	return e.switchWays(tx, c, noted, fresh)
}

// turnMakings notes the moment from which each direction makes records, and has those polled
// from it on where it is later than the switch of their pair: the settings from before looked
// at them since, and made nothing.
func (e *Engine) turnMakings(tx *store.Tx, c *Conn, noted map[core.Pair]time.Time) error {
	for _, m := range c.Makings() {
		was, known := noted[m.Name]
		at, told := c.since[m.Name]
		switch {
		case !m.On:
			delete(noted, m.Name)
			continue
		case known && !at.After(was):
			continue
		case !told: // no version of the settings tells of a time when it was off
			at = noted[m.Switch()]
		}
		noted[m.Name], c.begun = at, true
		if !at.After(noted[m.Switch()]) {
			continue
		}
		if err := e.rewind(tx, c, m.Pair, at); err != nil {
			return err
		}
	}
	return nil
}

// standing gives, of each switch that is on, since when it is on without a break by the
// versions of the settings, and not from before the connection was connected again. One of
// which no version tells is not in it.
func (e *Engine) standing(tx *store.Tx, c *Conn, connected time.Time) (map[core.Pair]time.Time, error) {
	versions, err := tx.SettingsList(c.ID)
	if err != nil {
		return nil, err
	}
	since, open := map[core.Pair]time.Time{}, turnedOn(c)
	for _, v := range versions {
		settings, unread := config.Stored(c.Wanted, v.Body)
		if unread != nil || len(open) == 0 {
			break // an earlier release wrote it: what stands by the version after it stands since then
		}
		then := turnedOn(newConn(settings, [2]connector.Connector{}))
		for name := range open {
			if !then[name] {
				delete(open, name)
				continue
			}
			since[name] = room.Latest(v.At, connected)
		}
	}
	return since, nil //nolint:nilerr // what cannot be read says nothing
}

// turnedOn are all switches that are on, by the names under which their moments are kept.
func turnedOn(c *Conn) map[core.Pair]bool {
	on := map[core.Pair]bool{}
	for p, is := range c.switched() {
		if is {
			on[p] = true
		}
	}
	for _, w := range c.Ways() {
		if w.On {
			on[w.Name] = true
		}
	}
	for _, m := range c.Makings() {
		if m.On {
			on[m.Name] = true
		}
	}
	for _, name := range timeline.Switched(&c.Wanted.Activities.Timeline) {
		on[name] = true
	}
	return on
}

// from is the moment from which a switch counts that is turned on at this opening.
func (e *Engine) from(c *Conn, name core.Pair) time.Time {
	if at, told := c.since[name]; told {
		return at
	}
	return e.Now()
}

// switchOff withdraws what waits for a person's yes.
func switchOff(tx *store.Tx, c *Conn, p core.Pair) error {
	if slices.Contains([]core.Pair{conn.PeopleToHubSpot, conn.PeopleEverywhere}, p) {
		return nil
	}
	return decideFirstImport(tx, c.ID, conn.PairSwitchedBy(p))
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

// begin starts the sync of a pair from its switch on. Records that were linked before are
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
	if err := e.rewind(tx, c, core.ContactPair, e.from(c, conn.PeopleSync)); err != nil {
		return err
	}
	return e.compareAgreed(tx, c)
}

// startCursors puts the poll cursors of a pair at the moment of the switch, in
// each side's own clock: what is older stays away until imported or edited.
func (e *Engine) startCursors(tx *store.Tx, c *Conn, p core.Pair) error {
	return e.moveCursors(tx, c, p, e.from(c, p), false)
}

// rewind has a pair that is followed already polled from a switch on: what was met between
// the switch and this opening was looked at by the settings from before.
func (e *Engine) rewind(tx *store.Tx, c *Conn, p core.Pair, at time.Time) error {
	return e.moveCursors(tx, c, p, at, true)
}

// moveCursors puts the poll cursors of a pair at a moment of our clock, those that stand
// earlier only where they need not go back.
func (e *Engine) moveCursors(tx *store.Tx, c *Conn, p core.Pair, at time.Time, back bool) error {
	for _, side := range core.Sides {
		from := c.ClockOf(side, at)
		for _, o := range c.Pairs.Objects(p)[side] {
			cur, known, err := tx.Cursor(c.ID, side, capture.PollCursor(o))
			if err != nil {
				return err
			}
			if known && back && !room.ParseStamp(cur.Value).After(from) {
				continue
			}
			if err := tx.CursorSet(c.ID, side, capture.PollCursor(o), room.StampText(from)); err != nil {
				return err
			}
		}
	}
	return nil
}

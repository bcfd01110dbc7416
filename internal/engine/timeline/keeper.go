package timeline

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/gate"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// Keeper turns one connection's happenings into tasks. A nil Keeper has none.
type Keeper struct {
	c      *conn.Known
	portal connector.Timeline
	kinds  []*kind
	mu     connector.CallMutex // one round at a time
	// mailings are those that were read, by id; formsAt is when the forms were asked last.
	mailings map[string]connector.Mailing
	formsAt  time.Time
	refused  map[string]bool // kinds that HubSpot refuses, as told
}

// Hands are what the room needs of whoever runs the connection.
type Hands struct {
	Gate *gate.Gate
	// Tell puts tasks that were sent into the journal, in the transaction that stores what
	// came of them.
	Tell func(*store.Tx, []Sent) error
}

// Sent is a task that was sent for a person, with what came of it.
type Sent struct {
	Person   core.Ref
	LinkID   int64
	Op       core.Op
	Outcome  core.Outcome
	Decision core.Decision
	Note     string
}

// Open makes the kinds of happenings ready that the settings switch on; there is no Keeper
// where none is.
func Open(c *conn.Known) (*Keeper, error) {
	if !c.Settings.Activities.Timeline.On() {
		return nil, nil
	}
	portal, has := c.Sides[core.HubSpot].(connector.Timeline)
	if !has {
		return nil, &room.Error{Code: room.CodeUsage, Message: "this side tells of no happenings (ACT-1)", Mend: "take activities.timeline out of the settings"}
	}
	kinds, err := kindsOf(c)
	return &Keeper{c: c, portal: portal, kinds: kinds, mailings: map[string]connector.Mailing{}, refused: map[string]bool{}}, err
}

func (k *Keeper) settings() *config.Timeline { return &k.c.Settings.Activities.Timeline }

// cursorPrefix begins the names of the cursors, of which each kind has one.
const cursorPrefix = "timeline/"

// Begin starts the kinds that were switched on since the connection was opened last: from
// the moment that since has for each, or now, in our clock. Of those that were switched
// off it forgets how far they were read, also where they are on again.
func (k *Keeper) Begin(tx *store.Tx, c *conn.Known, now time.Time, since map[core.Pair]time.Time) error {
	on := map[string]time.Time{}
	if k != nil {
		for _, x := range k.kinds {
			on[cursorPrefix+x.name] = since[core.Pair(cursorPrefix+x.name)]
		}
	}
	cursors, err := tx.Cursors(c.ID)
	if err != nil {
		return err
	}
	for _, cur := range cursors {
		if cur.Side != core.HubSpot || !strings.HasPrefix(cur.Name, cursorPrefix) {
			continue
		}
		was, err := readingFrom(cur)
		if err != nil {
			return err
		}
		if at, is := on[cur.Name]; is && !c.ClockOf(core.HubSpot, at).After(was.On.Add(conn.ClockDoubt)) {
			delete(on, cur.Name)
			continue
		}
		if err := tx.CursorClear(c.ID, core.HubSpot, cur.Name); err != nil {
			return err
		}
		if err := tx.IssueClose(c.ID, feedRef(strings.TrimPrefix(cur.Name, cursorPrefix))); err != nil {
			return err
		}
	}
	for _, name := range room.SortedKeys(on) {
		at := on[name]
		if at.IsZero() {
			at = now
		}
		at = c.ClockOf(core.HubSpot, at)
		start := reading{On: at, Covered: at}
		if err := tx.CursorSet(c.ID, core.HubSpot, name, string(room.MustJSON(start))); err != nil {
			return err
		}
	}
	return nil
}

// feed is the name under which the problems of a kind are told.
const feed core.Object = "timeline"

func feedRef(name string) core.Ref { return core.Ref{Side: core.HubSpot, Object: feed, ID: name} }

// reading is how far a kind has been read.
type reading struct {
	// On is when the kind was switched on, Covered up to when it was read; by the portal's
	// clock.
	On      time.Time `json:"on"`
	Covered time.Time `json:"covered"`
	// Forms are the last submissions that were read, by form.
	Forms map[string]time.Time `json:"forms,omitempty"`
}

func (k *Keeper) reading(tx *store.Tx, x *kind) (r reading, err error) {
	cur, known, err := tx.Cursor(k.c.ID, core.HubSpot, cursorPrefix+x.name)
	if err != nil || !known {
		return r, err
	}
	return readingFrom(cur)
}

func readingFrom(cur store.Cursor) (r reading, err error) {
	err = json.Unmarshal([]byte(cur.Value), &r)
	return r, err
}

func (k *Keeper) move(tx *store.Tx, x *kind, r reading) error {
	return tx.CursorSet(k.c.ID, core.HubSpot, cursorPrefix+x.name, string(room.MustJSON(r)))
}

// kindNamed is the kind that a stored happening is of; nil for one that is switched off.
func (k *Keeper) kindNamed(name string) *kind {
	if i := slices.IndexFunc(k.kinds, func(x *kind) bool { return x.name == name }); i >= 0 {
		return k.kinds[i]
	}
	return nil
}

// Round reads what happened since the last round and makes the tasks that are due.
func (k *Keeper) Round(ctx context.Context, e *room.Env, h Hands) error {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	w := &worker{k, e, h}
	if err := w.gather(connector.WithPriority(ctx, connector.Backfill)); err != nil {
		return err
	}
	return w.write(ctx, 0)
}

// soon is how much ahead of its time something is looked at whose person may just have
// been linked: more than its first rest, and less than its second.
const soon = 45 * time.Second

// Again makes the tasks of those who were linked since the last round, without asking for
// news.
func (k *Keeper) Again(ctx context.Context, e *room.Env, h Hands) error {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return (&worker{k, e, h}).write(ctx, soon)
}

// worker is one round.
type worker struct {
	*Keeper
	*room.Env
	Hands
}

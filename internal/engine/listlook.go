package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// listCursor is where the look at the inclusion list keeps its listLook.
const listCursor = "list"

// listLook is how far the members of the inclusion list are compared. It moves only
// in the transaction that stores the members it stands for and what they make due.
type listLook struct {
	// List is the id of the list that is followed; blank while none is chosen.
	List string `json:"list"`
	// Filters is a digest of its definition when the last pass began.
	Filters string `json:"filters,omitempty"`
	// Pass numbers the listings of all members; Open says that one is under way, Page
	// where it goes on, Listed that it has met everybody and who left is to be told.
	Pass   int64  `json:"pass,omitempty"`
	Open   bool   `json:"open,omitempty"`
	Page   string `json:"page,omitempty"`
	Listed bool   `json:"listed,omitempty"`
	// First is a pass that only learns who is in: choosing a list moves nobody
	// (INC-5). FromAll says that everybody was in scope before it.
	First   bool `json:"first,omitempty"`
	FromAll bool `json:"from_all,omitempty"`
	// Tail asks for the last page, on which or behind which those are who join.
	Tail string `json:"tail,omitempty"`
	// Members are how many are stored.
	Members int `json:"members"`
	// Doubt says that their number is not HubSpot's: somebody has left.
	Doubt bool `json:"doubt,omitempty"`
	// At is when the stored members last were all and only those of the list, Whole
	// when the last pass ended; in our clock.
	At    time.Time `json:"at,omitzero"`
	Whole time.Time `json:"whole,omitzero"`
	// Asked says that this list pulled the brake: a look after it means that a person
	// agrees to who left.
	Asked bool `json:"asked,omitempty"`
}

// passEvery is how often all members are listed at most to find who left, unless the
// list's definition changed: 400 calls for 100,000 members.
const passEvery = time.Hour

// listEvery is how often it is looked who joined and who left.
func (c *Conn) listEvery() time.Duration {
	return room.OrDefault(c.Settings.Contacts.ListEvery.D(), 10*time.Minute)
}

// lookAtList finds who joined the inclusion list since the last look, makes them due
// (TRIG-8), and who left (INC-10). It costs two calls where nobody did: the
// definition, and the last page in join order; the number of members tells whether
// anybody has left.
func (e *Engine) lookAtList(ctx context.Context, c *Conn) error {
	if c.Switched[core.ContactPair].IsZero() {
		return nil
	}
	c.listMu.Lock()
	defer c.listMu.Unlock()
	look, known, err := e.listLook(ctx, c)
	if err != nil {
		return err
	}
	if c.list.Load() == nil {
		return e.noteNoList(ctx, c, look, known)
	}
	in, err := e.renewList(ctx, c)
	if err != nil || in == nil || !in.list.Settled {
		return err
	}
	ctx = connector.WithPriority(ctx, connector.Backfill)
	look.begins(in, known)
	if !look.Open && look.Filters == in.digest() {
		if err := e.readJoined(ctx, c, &look); err != nil || !look.passDue(e.Now(), c.sweepEvery()) {
			return err
		}
	}
	if !look.Open {
		look.start(in)
	}
	return e.passList(ctx, c, &look)
}

// begins starts over where another list is followed than before.
func (k *listLook) begins(in *inclusion, known bool) {
	if k.List == in.list.ID {
		return
	}
	*k = listLook{List: in.list.ID, Pass: k.Pass, Members: k.Members, First: true, FromAll: known && k.List == ""}
	k.start(in)
}

// start opens a pass.
func (k *listLook) start(in *inclusion) {
	k.Pass, k.Open, k.Page, k.Listed, k.Filters = k.Pass+1, true, "", false, in.digest()
}

// passDue reports that all members are to be listed, though the definition of the list
// is the same.
func (k *listLook) passDue(now time.Time, every time.Duration) bool {
	age := now.Sub(k.Whole)
	return k.Doubt && age >= passEvery || age >= every
}

// digest tells one definition of the list from another.
func (in *inclusion) digest() string {
	sum := sha256.Sum256(in.list.Filters)
	return hex.EncodeToString(sum[:8])
}

func (e *Engine) listLook(ctx context.Context, c *Conn) (look listLook, known bool, err error) {
	err = e.View(ctx, func(tx *store.Tx) (err error) { look, known, err = listLookOf(tx, c); return err })
	return look, known, err
}

func listLookOf(tx *store.Tx, c *Conn) (look listLook, known bool, err error) {
	cur, known, err := tx.Cursor(c.ID, core.HubSpot, listCursor)
	if err != nil || !known {
		return look, false, err
	}
	return look, true, json.Unmarshal([]byte(cur.Value), &look)
}

func (k *listLook) save(tx *store.Tx, c *Conn) error {
	return tx.CursorSet(c.ID, core.HubSpot, listCursor, string(room.MustJSON(k)))
}

// noteNoList remembers that everybody is in scope, so that a list chosen later is
// known to drop people.
func (e *Engine) noteNoList(ctx context.Context, c *Conn, look listLook, known bool) error {
	if known && look.List == "" {
		return nil
	}
	return e.Update(ctx, func(tx *store.Tx) error {
		if err := tx.MembersClear(c.ID); err != nil {
			return err
		}
		none := listLook{Pass: look.Pass}
		return none.save(tx, c)
	})
}

// renewList reads the definition of the list again, which a person may have edited.
// One that is gone or no longer active suspends the connection: that is not
// everybody having left (INC-4).
func (e *Engine) renewList(ctx context.Context, c *Conn) (*inclusion, error) {
	in, err := e.openList(ctx, c)
	var misfit *room.Error
	if errors.As(err, &misfit) {
		return nil, cmp.Or(e.suspend(ctx, c, err), e.MayWork(ctx, c))
	}
	if err == nil {
		c.list.Store(in)
	}
	return in, err
}

// readJoined reads the end of the list in join order.
func (e *Engine) readJoined(ctx context.Context, c *Conn, look *listLook) error {
	began := e.Now()
	err := c.Sides[core.HubSpot].Memberships(ctx, look.List, look.Tail, func(p connector.MemberPage) error {
		return e.takeMembers(ctx, c, look, p, func() {
			look.Tail = p.Cursor
			if p.Next == "" {
				if look.Doubt = look.Members != p.Total; !look.Doubt {
					look.At = began
				}
			}
		})
	})
	if connector.ClassOf(err) != core.ClassRejected {
		return err
	}
	look.Tail, look.Doubt = "", true // the cursor has expired: only a pass tells
	return nil
}

// takeMembers stores a page of members and makes due who joined since they were last
// listed, together with how far the look has come.
func (e *Engine) takeMembers(ctx context.Context, c *Conn, look *listLook, p connector.MemberPage, move func()) error {
	refs, rows := make([]core.Ref, len(p.Members)), make([]store.Member, len(p.Members))
	for i, m := range p.Members {
		refs[i] = core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: m.ID}
		rows[i] = store.Member{Ref: refs[i], Joined: m.Joined, Pass: look.Pass}
	}
	before := *look
	err := e.Update(ctx, func(tx *store.Tx) error {
		*look = before
		known, err := tx.MembersOf(c.ID, refs)
		if err != nil {
			return err
		}
		joined := look.joined(rows, known)
		look.Members += newMembers(refs, known)
		move()
		if err := tx.MembersPut(c.ID, rows); err != nil {
			return err
		}
		if err := tx.Mark(c.ID, room.DirtyOf(joined, core.ReasonListed, 0, e.Now())); err != nil {
			return err
		}
		return look.save(tx, c)
	})
	if err != nil {
		return err
	}
	return e.keepUp(ctx, c, maxBacklog)
}

// newMembers counts the refs, each once, that are not stored as members.
func newMembers(refs []core.Ref, known map[core.Ref]store.Member) int {
	met := map[core.Ref]bool{}
	for _, r := range refs {
		if _, ok := known[r]; !ok {
			met[r] = true
		}
	}
	return len(met)
}

// joined are those who were not in the list when it was last listed, or left and
// came back since. The first pass moves nobody (INC-5).
func (k *listLook) joined(rows []store.Member, known map[core.Ref]store.Member) []core.Ref {
	if k.First {
		return nil
	}
	var out []core.Ref
	for _, m := range rows {
		if was, ok := known[m.Ref]; !ok || m.Joined.After(was.Joined) {
			out = append(out, m.Ref)
		}
	}
	return out
}

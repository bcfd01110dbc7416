package inclusion

import (
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

// listCursor is where the look at a list keeps its standing; that of contacts has the
// bare name.
const listCursor = "list"

func (k *Keeper) cursor() string {
	if k.pair == core.ContactPair {
		return listCursor
	}
	return listCursor + "/" + string(k.pair)
}

// standing is how far the members of the list are compared. It moves only
// in the transaction that stores the members it stands for and what they make due.
type standing struct {
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

// Hands are what a look needs of whoever runs the connection.
type Hands struct {
	// Suspend stops the connection for a cause that a person has to mend, and says so.
	Suspend func(context.Context, error) error
	// Halt pulls a brake and gives the error that ends the work.
	Halt func(context.Context, *core.Brake) error
	// KeepUp waits until the work is not far behind what was made due.
	KeepUp func(context.Context) error
}

// looker is one look at a list.
type looker struct {
	*Keeper
	*room.Env
	Hands
}

// Look finds who joined the inclusion list since the last look, makes them due
// (TRIG-8), and who left (INC-10). It costs two calls where nobody did: the
// definition, and the last page in join order; the number of members tells whether
// anybody has left.
func (k *Keeper) Look(ctx context.Context, e *room.Env, h Hands) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return (&looker{k, e, h}).look(ctx)
}

func (l *looker) look(ctx context.Context) error {
	look, known, err := l.standing(ctx)
	if err != nil {
		return err
	}
	if l.List() == nil {
		return l.noteNoList(ctx, look, known)
	}
	in, err := l.renewList(ctx)
	if err != nil || in == nil || !in.def.Settled {
		return err
	}
	ctx = connector.WithPriority(ctx, connector.Backfill)
	look.begins(in, known)
	if !look.Open && look.Filters == in.digest() {
		if err := l.readJoined(ctx, &look); err != nil || !look.passDue(l.Now(), l.sweepEvery) {
			return err
		}
	}
	if !look.Open {
		look.start(in)
	}
	return l.passList(ctx, &look)
}

// begins starts over where another list is followed than before.
func (k *standing) begins(in *List, known bool) {
	if k.List == in.ID() {
		return
	}
	*k = standing{List: in.ID(), Pass: k.Pass, Members: k.Members, First: true, FromAll: known && k.List == ""}
	k.start(in)
}

// start opens a pass.
func (k *standing) start(in *List) {
	k.Pass, k.Open, k.Page, k.Listed, k.Filters = k.Pass+1, true, "", false, in.digest()
}

// passDue reports that all members are to be listed, though the definition of the list
// is the same.
func (k *standing) passDue(now time.Time, every time.Duration) bool {
	age := now.Sub(k.Whole)
	return k.Doubt && age >= passEvery || age >= every
}

// digest tells one definition of the list from another.
func (in *List) digest() string {
	sum := sha256.Sum256(in.def.Filters)
	return hex.EncodeToString(sum[:8])
}

func (l *looker) standing(ctx context.Context) (look standing, known bool, err error) {
	err = l.View(ctx, func(tx *store.Tx) (err error) { look, known, err = l.standingOf(tx); return err })
	return look, known, err
}

func (k *Keeper) standingOf(tx *store.Tx) (look standing, known bool, err error) {
	cur, known, err := tx.Cursor(k.conn, core.HubSpot, k.cursor())
	if err != nil || !known {
		return look, false, err
	}
	return look, true, json.Unmarshal([]byte(cur.Value), &look)
}

func (k *Keeper) save(tx *store.Tx, look *standing) error {
	return tx.CursorSet(k.conn, core.HubSpot, k.cursor(), string(room.MustJSON(look)))
}

// noteNoList remembers that all records are in scope, so that a list chosen later is
// known to drop some. Linked records are compared where a list held some back until now:
// nobody announces again what changed on them meanwhile.
func (l *looker) noteNoList(ctx context.Context, look standing, known bool) error {
	if known && look.List == "" {
		return nil
	}
	return l.Update(ctx, func(tx *store.Tx) error {
		if err := tx.MembersClear(l.conn, core.HubSpot, l.object); err != nil {
			return err
		}
		if known {
			if err := l.compareLinked(tx); err != nil {
				return err
			}
		}
		return l.save(tx, &standing{Pass: look.Pass})
	})
}

// compareLinked makes all linked records due.
func (l *looker) compareLinked(tx *store.Tx) error {
	for after := int64(0); ; {
		page, err := tx.Links(l.conn, l.pair, core.LinkActive, after, leftPage)
		if err != nil || len(page) == 0 {
			return err
		}
		refs := make([]core.Ref, len(page))
		for i, link := range page {
			after, refs[i] = link.ID, link.Refs[core.HubSpot]
		}
		if err := tx.Mark(l.conn, room.DirtyOf(core.StandardPairs, refs, core.ReasonSchema, 0, l.Now())); err != nil {
			return err
		}
	}
}

// renewList reads the definition of the list again, which a person may have edited.
// One that is gone or no longer active suspends the connection: that is not
// everybody having left (INC-4).
func (l *looker) renewList(ctx context.Context) (*List, error) {
	in, err := Open(ctx, l.portal, l.named())
	var misfit *room.Error
	if errors.As(err, &misfit) {
		return nil, l.Suspend(ctx, err)
	}
	if err == nil {
		l.list.Store(in)
	}
	return in, err
}

// readJoined reads the end of the list in join order.
func (l *looker) readJoined(ctx context.Context, look *standing) error {
	began := l.Now()
	err := l.portal.Memberships(ctx, look.List, look.Tail, func(p connector.MemberPage) error {
		return l.takeMembers(ctx, look, p, func() {
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
func (l *looker) takeMembers(ctx context.Context, look *standing, p connector.MemberPage, move func()) error {
	refs, rows := make([]core.Ref, len(p.Members)), make([]store.Member, len(p.Members))
	for i, m := range p.Members {
		refs[i] = core.Ref{Side: core.HubSpot, Object: l.object, ID: m.ID}
		rows[i] = store.Member{Ref: refs[i], Joined: m.Joined, Pass: look.Pass}
	}
	before := *look
	err := l.Update(ctx, func(tx *store.Tx) error {
		*look = before
		known, err := tx.MembersOf(l.conn, refs)
		if err != nil {
			return err
		}
		joined := look.joined(rows, known)
		look.Members += newMembers(refs, known)
		move()
		if err := tx.MembersPut(l.conn, rows); err != nil {
			return err
		}
		if err := tx.Mark(l.conn, room.DirtyOf(l.settings.Pairs(), joined, core.ReasonListed, 0, l.Now())); err != nil {
			return err
		}
		return l.save(tx, look)
	})
	if err != nil {
		return err
	}
	return l.KeepUp(ctx)
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
func (k *standing) joined(rows []store.Member, known map[core.Ref]store.Member) []core.Ref {
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

package capture

import (
	"context"
	"slices"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/gate"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// FeedCursor is the cursor of a side's feed: its position.
const FeedCursor = "feed"

// PollCursor is the cursor of an object's poll: up to when its side is covered, in the
// side's own clock.
func PollCursor(o core.Object) string { return "poll/" + string(o) }

// Take stores one delivery of a side's feed: what it announces becomes dirty
// entries, in the transaction that moves the feed's position.
func Take(ctx context.Context, e *room.Env, c *conn.Known, side core.Side, d connector.Events) error {
	events := knownEvents(c, d.Events)
	return e.Update(ctx, func(tx *store.Tx) error {
		if d.Position != "" { // a feed reads on only while the connection works; what is pushed is kept
			if err := gate.MayWork(tx, c); err != nil {
				return err
			}
		}
		w, err := load(e, tx, c, eventRefs(events))
		if err != nil {
			return err
		}
		var marks []core.Dirty
		for _, ev := range events {
			marks = append(marks, marksOf(e, c, w, ev)...)
		}
		if err := tx.Mark(c.ID, marks); err != nil {
			return err
		}
		if err := captureMerged(tx, c, events); err != nil {
			return err
		}
		if err := captureErased(e, tx, c, events); err != nil {
			return err
		}
		if err := captureEnds(tx, c, events); err != nil {
			return err
		}
		if err := captureOverflow(e, tx, c, side, events); err != nil || d.Position == "" {
			return err
		}
		return tx.CursorSet(c.ID, side, FeedCursor, d.Position)
	})
}

// World is what the store knows about the refs of one capture.
type World struct {
	Links   map[core.Ref]*core.Link
	Dirty   map[core.Ref]core.Dirty
	intents map[core.Ref]bool
	// creating says on which side creates of ours are on their way: an announced
	// creation may be one of them, and its settling is about to tell.
	creating [2]bool
	// seen are the versions of polled records met before, since is when the last
	// poll began, in the side's clock.
	seen  map[core.Ref]store.Seen
	since time.Time
	// shown are digests of what polled records without a link showed before.
	shown map[core.Ref]int64
	// absorbing are the polled records that absorbed another one whose link is open.
	absorbing map[core.Ref]bool
}

// ownDelay is how long an announced creation waits for the settling of our own
// creates that are on their way.
const ownDelay = 2 * time.Second

func load(e *room.Env, tx *store.Tx, c *conn.Known, refs []core.Ref) (w World, err error) {
	if w.Links, err = tx.LinksOf(c.ID, refs); err != nil {
		return w, err
	}
	both := slices.Clone(refs)
	for _, r := range refs {
		if l := w.Links[r]; l != nil {
			both = append(both, l.Refs[0], l.Refs[1])
		}
	}
	if w.Dirty, err = waiting(tx, c, both); err != nil {
		return w, err
	}
	return w, w.loadIntents(tx, c)
}

// waiting are the dirty entries of refs. A long poll page mostly meets an empty
// set, which is asked first.
func waiting(tx *store.Tx, c *conn.Known, refs []core.Ref) (map[core.Ref]core.Dirty, error) {
	if some, err := tx.AnyDirty(c.ID); err != nil || !some {
		return nil, err
	}
	return tx.DirtyOf(c.ID, refs)
}

// loadIntents notes the refs that open intents write or stem from; there are as
// many as ops are on their way.
func (w *World) loadIntents(tx *store.Tx, c *conn.Known) error {
	open, err := tx.IntentEnds(c.ID)
	w.intents = map[core.Ref]bool{}
	for _, in := range open {
		w.intents[in.Target], w.intents[in.Source], w.intents[in.Dirty] = true, true, true
		w.creating[in.Target.Side] = w.creating[in.Target.Side] || in.Target.Object != "" && in.Target.ID == ""
	}
	return err
}

// quiet reports that neither record of the link is waiting or being written.
func (w World) quiet(r core.Ref) bool {
	l := w.Links[r]
	if l == nil {
		return false
	}
	for _, ref := range l.Refs {
		if _, waits := w.Dirty[ref]; waits || w.intents[ref] {
			return false
		}
	}
	return true
}

// marksOf turns an event into what has to be looked at again. Only an update and an
// association that was added can be an echo; whatever else a feed announces is looked at.
func marksOf(e *room.Env, c *conn.Known, w World, ev connector.Event) []core.Dirty {
	if ev.Ref.ID == "" {
		return nil // it names no record: the whole object is looked at
	}
	if ev.Kind == connector.EventAssociate {
		if marks, told := marksOfRelation(e, w, ev); told {
			return marks
		}
	}
	why := reasonOf(ev.Kind)
	if ev.Kind == connector.EventUpdate || ev.Kind == connector.EventCreate && w.Links[ev.Ref] != nil {
		switch newsOf(c, w.Links[ev.Ref], ev.Ref, ev.Changed) {
		case unmapped:
			if ev.Kind == connector.EventUpdate {
				return nil // TRIG-4
			}
			why = core.ReasonOwn
		case asBase:
			if w.quiet(ev.Ref) {
				return nil
			}
		}
	}
	if ev.Kind == connector.EventUpdate && namesField(c, ev) {
		why |= core.ReasonField
	}
	if ev.Kind == connector.EventCreate && ev.Own {
		why = core.ReasonOwn
	}
	refs := []core.Ref{ev.Ref}
	for _, r := range []core.Ref{ev.Into, ev.Related} {
		if !r.IsZero() {
			refs = append(refs, r)
		}
	}
	at := e.Now()
	if ev.Kind == connector.EventCreate && w.creating[ev.Ref.Side] {
		at = at.Add(ownDelay)
	}
	return room.DirtyOf(c.Pairs, refs, why, 0, at)
}

func reasonOf(k connector.EventKind) core.Reasons {
	switch k {
	case connector.EventCreate:
		return core.ReasonCreate
	case connector.EventUpdate:
		return core.ReasonEdit
	case connector.EventAssociate:
		return core.ReasonParent
	case connector.EventGap, connector.EventOverflow:
		return core.ReasonGap
	}
	return core.ReasonDelete
}

// news is how a change looks against the base.
type news int

const (
	changed  news = iota // some mapped value differs from the base
	unmapped             // nothing that we sync or that a rule looks at
	asBase               // mapped values, all as agreed
	beside               // mapped values as agreed, and others that a filter or a transform looks at
)

// newsOf compares announced values with the base of a link; without a link or
// without values everything is news.
func newsOf(c *conn.Known, l *core.Link, r core.Ref, values map[string]string) news {
	if values == nil {
		return changed
	}
	rec := core.Record{Ref: r, Values: relevant(c, r, values)}
	switch {
	case len(rec.Values) == 0:
		return unmapped
	case l == nil || l.State != core.LinkActive || c.MappingOf(l) == nil:
		return changed
	case !EqualsBase(c, l, &rec):
		return changed
	case accountsFor(c, l, &rec):
		return asBase
	}
	return beside
}

// namesField reports an event that names a field of a person, other than that of an
// opt-out, which a mapping or a rule looks at.
func namesField(c *conn.Known, ev connector.Event) bool {
	if pair, _ := c.Pairs.Of(ev.Ref.Side, ev.Ref.Object); pair != core.ContactPair {
		return false
	}
	named := relevant(c, ev.Ref, ev.Changed)
	for name := range named {
		if !strings.EqualFold(name, conn.OptOutField[ev.Ref.Side]) {
			return true
		}
	}
	return false
}

// accountsFor reports whether the base holds every field that rec answers, so
// that comparing with it tells whether anything is new. It does not hold what
// only a filter or a transform looks at, or a reference read by name.
func accountsFor(c *conn.Known, l *core.Link, rec *core.Record) bool {
	m := c.MappingOf(l)
	_, readable := m.Canon(rec.Ref.Side, *rec)
	held := c.HeldBeside(l, rec)
	for i, f := range m.Synced() {
		if readable[i] {
			held[strings.ToLower(f.Names[rec.Ref.Side])] = true
		}
	}
	for name := range rec.Values {
		if !held[strings.ToLower(name)] {
			return false
		}
	}
	return true
}

// relevant keeps the fields that mappings and rules look at.
func relevant(c *conn.Known, r core.Ref, values map[string]string) map[string]string {
	wanted := watchFields(c, r.Side, r.Object)
	out := map[string]string{}
	for k, v := range values {
		if slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(w, k) }) {
			out[k] = v
		}
	}
	return out
}

// watchFields are the fields whose change makes a record worth another look.
func watchFields(c *conn.Known, side core.Side, object core.Object) []string {
	pair, _ := c.Pairs.Of(side, object)
	if pair == core.ContactPair && !c.SyncsPeople() {
		return c.ReadFields(side, object)
	}
	out := append(c.MappedFields(side, object), c.FilterFields(object)...)
	for _, m := range c.MappingsOf(side, object) {
		for _, f := range m.Synced() {
			out = append(out, f.Names[side])
		}
	}
	return append(out, c.IdentityFields(side, object)...)
}

// EqualsBase reports whether every mapped field that rec answers is as agreed.
func EqualsBase(c *conn.Known, l *core.Link, rec *core.Record) bool {
	m := c.MappingOf(l)
	if m == nil || !c.SameRelation(l, rec) || !c.SameConsent(l, rec) || !c.SameStage(l, rec) || !c.SameCampaigns(l, rec) {
		return false
	}
	values, readable := m.Canon(rec.Ref.Side, *rec)
	for i, f := range m.Synced() {
		if readable[i] && !l.Base.Holds(rec.Ref.Side, f.Key, values[i]) {
			return false
		}
	}
	return true
}

func knownEvents(c *conn.Known, events []connector.Event) []connector.Event {
	return slices.DeleteFunc(slices.Clone(events), func(ev connector.Event) bool {
		pair, ok := c.Pairs.Of(ev.Ref.Side, ev.Ref.Object)
		return !ok || !c.Follows(pair)
	})
}

func eventRefs(events []connector.Event) []core.Ref {
	var out []core.Ref
	for _, ev := range events {
		if ev.Ref.ID != "" {
			out = append(out, ev.Ref)
		}
		if ev.Related.ID != "" {
			out = append(out, ev.Related)
		}
	}
	return out
}

// capturePage stores one page of a poll: what differs from the base becomes
// dirty, what is as agreed is dropped as an echo.
func capturePage(e *room.Env, tx *store.Tx, c *conn.Known, recs []core.Record, since time.Time) (marked int, err error) {
	refs := make([]core.Ref, len(recs))
	seen := make([]store.SeenRow, len(recs))
	for i, r := range recs {
		refs[i], seen[i] = r.Ref, store.SeenRow{Ref: r.Ref, Seen: store.Seen{Stamp: r.Stamp, Deleted: r.Presence == core.Deleted}}
	}
	w, err := load(e, tx, c, refs)
	if err != nil {
		return 0, err
	}
	w.since = since
	if w.seen, err = tx.SeenOf(c.ID, refs); err != nil {
		return 0, err
	}
	if err := w.loadAbsorbed(tx, c, recs); err != nil {
		return 0, err
	}
	if err := w.loadShown(tx, c, recs); err != nil {
		return 0, err
	}
	var marks []core.Dirty
	gone := map[core.Ref]string{} // of those without a partner nothing but the count has to learn
	for _, r := range recs {
		if why := pollReason(c, w, &r); why != 0 {
			marks = append(marks, room.DirtyOf(c.Pairs, []core.Ref{r.Ref}, why, 0, e.Now())...)
		} else if r.Presence == core.Deleted {
			gone[r.Ref] = ""
		}
	}
	if err := tx.UnsyncedNote(c.ID, gone); err != nil {
		return 0, err
	}
	if err := tx.SeenPut(c.ID, seen); err != nil {
		return 0, err
	}
	if err := knowBefore(tx, c, w, recs); err != nil {
		return 0, err
	}
	return len(marks), tx.Mark(c.ID, marks)
}

func pollReason(c *conn.Known, w World, r *core.Record) core.Reasons {
	l := w.Links[r.Ref]
	switch {
	case r.Presence == core.Deleted && l == nil && lastWord(c, w, r):
		return core.ReasonDelete
	case r.Presence == core.Deleted && (l == nil || l.State == core.LinkClosed || l.State == core.LinkParked && w.seen[r.Ref].Deleted):
		return 0
	case r.Presence == core.Deleted:
		return core.ReasonDelete
	case echoes(c, l, r) && w.quiet(r.Ref) && !w.absorbing[r.Ref], w.captured(r, c.Sides[r.Ref.Side].Caps().StampUnit):
		return 0
	case l != nil && l.State == core.LinkClosed:
		return core.ReasonDelete // it lives again: an undelete
	case l == nil && r.Stamp.Before(c.SwitchedOn(r.Ref)):
		return 0 // met again in the overlap: last changed before the switch
	case w.showsNothingNew(c, r):
		return 0
	}
	return core.ReasonEdit
}

// lastWord reports the ticked opt-out box of a person without a link who was deleted since
// the switch, and was not met deleted before: it speaks for the address.
func lastWord(c *conn.Known, w World, r *core.Record) bool {
	return c.SyncsPeople() && r.Values[conn.OptOutField[core.Salesforce]] == "true" && r.Ref.Side == core.Salesforce &&
		!w.seen[r.Ref].Deleted && !r.Stamp.Before(c.SwitchedOn(r.Ref))
}

// captured reports that an earlier poll met this very version and that what it
// asked for is done or waiting: the overlap of polls must not bring forward what
// was put off. A stamp counts only once its unit was surely over when that poll
// began, by a clock that is known no better than conn.ClockDoubt: until then a second
// change may hide behind the same stamp.
func (w World) captured(r *core.Record, unit time.Duration) bool {
	was, met := w.seen[r.Ref]
	if !met || was.Deleted || !was.Stamp.Equal(r.Stamp) || r.Stamp.Add(unit+conn.ClockDoubt).After(w.since) {
		return false
	}
	if l := w.Links[r.Ref]; l != nil {
		return l.State == core.LinkActive
	}
	return w.Dirty[r.Ref].Reasons.Has(core.ReasonEdit | core.ReasonCreate)
}

// echoes reports that a polled record of a link tells nothing new.
func echoes(c *conn.Known, l *core.Link, r *core.Record) bool {
	switch newsOf(c, l, r.Ref, r.Values) {
	case asBase:
		return true
	case beside:
		return r.Stamp.Equal(l.Stamps[r.Ref.Side])
	}
	return false
}

// Poll scans one object of a side for changes since its cursor and moves the
// cursor page by page with what it covers.
func Poll(ctx context.Context, e *room.Env, c *conn.Known, side core.Side, object core.Object) error {
	return PollFrom(ctx, e, c, side, object, time.Time{})
}

// PollFrom is poll from a moment that may be earlier than the cursor; zero is the
// cursor.
func PollFrom(ctx context.Context, e *room.Env, c *conn.Known, side core.Side, object core.Object, from time.Time) error {
	if _, visible := c.Schemas[side][object]; !visible {
		return nil
	}
	since, err := e.CursorAt(ctx, c.ID, side, PollCursor(object), time.Time{})
	if err != nil {
		return err
	}
	if !from.IsZero() && from.Before(since) {
		since = from
	}
	for _, deleted := range []bool{true, false} {
		if deleted && side == core.HubSpot {
			continue // HubSpot lists archived records without a window: the sweep does that
		}
		err := pollScan(ctx, e, c, side, object, since, deleted)
		if deleted && connector.LostPosition(err) {
			err = deletionsForgotten(ctx, e, c, side, object)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// deletionsForgotten has an object compared as a whole: nobody asked for so long that the
// side does not tell any more what was deleted since.
func deletionsForgotten(ctx context.Context, e *room.Env, c *conn.Known, side core.Side, object core.Object) error {
	e.Log.Warn("deletions are told for fifteen days, and nobody has asked for longer; all records are compared", "connection", c.Settings.Name, "object", object)
	return e.Update(ctx, func(tx *store.Tx) error {
		return QueueLost(e, tx, c, SweepArgs{Side: side, Object: object, Lost: true})
	})
}

// openEnd is how far beyond now the window of a poll reaches.
const openEnd = 366 * 24 * time.Hour

// pollScan takes whatever is visible, up to now and beyond: a record whose stamp
// keeps moving would slip out of a closed window, and our clock may be set back.
// The cursor stays behind by what the side may show late, and the overlap covers
// long transactions. It never passes the side's own time: our clock may jump
// ahead of what it was when it was compared.
func pollScan(ctx context.Context, e *room.Env, c *conn.Known, side core.Side, object core.Object, since time.Time, deleted bool) error {
	caps := c.Sides[side].Caps()
	began := e.Now().Add(c.Offsets[side])
	scan := connector.Scan{Object: object, Fields: c.ReadFields(side, object), Since: since.Add(-caps.Overlap), Until: began.Add(time.Hour), Deleted: deleted}
	if !deleted {
		scan.Until = room.Latest(since, began).Add(openEnd)
	}
	first := true
	return c.Sides[side].Scan(ctx, scan, func(p connector.Page) error {
		if first && !p.At.IsZero() && p.At.Before(began) {
			began = p.At
		}
		first = false
		return e.Update(ctx, func(tx *store.Tx) error {
			if _, err := capturePage(e, tx, c, p.Records, since); err != nil {
				return err
			}
			covered := began.Add(-caps.ScanLag)
			if p.Next != "" || deleted || !covered.After(since) {
				return nil
			}
			return tx.CursorSet(c.ID, side, PollCursor(object), room.StampText(covered))
		})
	})
}

// captureErased carries out the privacy deletions of a delivery in the
// transaction that stores it: from then on the store holds no value of the
// record, whatever becomes of the engine.
func captureErased(e *room.Env, tx *store.Tx, c *conn.Known, events []connector.Event) error {
	for _, ev := range events {
		if ev.Kind != connector.EventPrivacy || ev.Ref.ID == "" {
			continue
		}
		absorbed, err := tx.Absorbed(c.ID, ev.Ref)
		if err != nil {
			return err
		}
		for _, r := range append(absorbed, ev.Ref) {
			if err := eraseRecord(e, tx, c, r, ev.At); err != nil {
				return err
			}
		}
	}
	return nil
}

package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// HubSpot moves the version of a record by itself: it counts associations anew a while after
// they are made. Whether anybody else touched a record that a run made is told by the
// histories of all its properties, and by whom it is associated with.

// stampProperties are the versions themselves, which say nothing of who moved them.
var stampProperties = []string{"lastmodifieddate", "hs_lastmodifieddate"}

const (
	// versionsKept is how many values HubSpot keeps of a property at least ("Property history").
	versionsKept = 20
	// stampLag is by how much a version may be later than the value that moved it.
	stampLag = time.Second
)

// touched says what shows that a record which the run made is not as the run left it;
// blank where it surely is.
func (b *batch) touched(u *undoing, c *change, rec *core.Record) string {
	if f := b.changedValue(c, rec); f != "" {
		return f + " was changed since the run made the record"
	}
	why, looked := u.touches[c.ref]
	switch {
	case looked:
		return why
	case b.asLeft(u, c, rec):
		return ""
	case b.madeAt(c, rec).IsZero() || rec.Stamp.IsZero():
		return "it cannot be told whether anybody touched the record since the run made it"
	}
	return "the record was touched since the run made it, at " + room.StampText(rec.Stamp) + b.lastByUs(c, rec)
}

// lastByUs says of a record of Salesforce which the integration's own user changed last why
// it stays all the same.
func (b *batch) lastByUs(c *change, rec *core.Record) string {
	if c.ref.Side != core.Salesforce || rec.ModifiedBy != b.conn.Accounts[core.Salesforce].UserID {
		return ""
	}
	return ", last by Tandem's own user or by Salesforce itself on its behalf; whether somebody else did so before is not told by Salesforce"
}

// changedValue is the first field that is not as the run left it; blank for none.
func (b *batch) changedValue(c *change, rec *core.Record) string {
	for _, f := range room.SortedKeys(c.last) {
		if now, shown := rec.Get(f); shown && !b.ours(c.ref.Side, f) && !b.sameValue(c.ref, f, now, c.last[f]) {
			return f
		}
	}
	return ""
}

// asLeft reports a record that has the version in which the run, or our own bookkeeping since,
// left it.
func (b *batch) asLeft(u *undoing, c *change, rec *core.Record) bool {
	made := b.madeAt(c, rec)
	return !made.IsZero() && !rec.Stamp.IsZero() && rec.Stamp.Equal(b.keptUntil(u, c, made))
}

// madeAt is the version that the run left of a record which it made. Where the answer was
// never heard, it is the one that Salesforce says it was created in, if that is still ours;
// zero where it cannot be told.
func (b *batch) madeAt(c *change, rec *core.Record) time.Time {
	switch {
	case !c.born.IsZero():
		return c.stamp
	case c.stamp.IsZero() && c.ref.Side == core.Salesforce && rec.ModifiedBy == b.conn.Accounts[core.Salesforce].UserID:
		return rec.Created
	}
	return time.Time{}
}

// keptUntil is the version to which nobody but our own bookkeeping has brought a record that
// the run made: each of its writes replaced the version that the one before left.
func (b *batch) keptUntil(u *undoing, c *change, at time.Time) time.Time {
	for _, w := range slices.Backward(u.since) {
		theirs := func(field string) bool { return !b.ours(c.ref.Side, field) }
		if w.Kind == core.OpUpdate && w.ref() == c.ref && w.Over.Equal(at) && !slices.ContainsFunc(room.SortedKeys(w.After), theirs) {
			at = w.Stamp
		}
	}
	return at
}

// vouching is what is looked at to tell who touched the records of one object.
type vouching struct {
	past map[string]map[string][]connector.Version
	with map[core.Object]map[string][]core.Relation
	// blind says what could not be read.
	blind string
}

// readTouches finds out who moved the versions of records that a run made in HubSpot and that
// are to be archived.
func (e *Engine) readTouches(ctx context.Context, b *batch) error {
	h, told := b.conn.Sides[core.HubSpot].(historian)
	rel, related := b.conn.Sides[core.HubSpot].(connector.Relations)
	moved, refs := b.movedCreates()
	if !told || !related || len(refs) == 0 {
		return nil
	}
	for _, g := range groupRefs(refs) {
		v, err := b.vouchFor(ctx, h, rel, g)
		if err != nil {
			return err
		}
		err = e.View(ctx, func(tx *store.Tx) error {
			for _, id := range g.ids {
				ref := core.Ref{Side: g.side, Object: g.object, ID: id}
				why, err := b.touchedBy(tx, v, moved[ref], ref)
				if err != nil {
					return err
				}
				moved[ref].undo.touches[ref] = why
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// movedCreates are the items and records that the run made in HubSpot, that have the values
// that it left, and whose version is another one or was never seen.
func (b *batch) movedCreates() (moved map[core.Ref]*item, refs []core.Ref) {
	moved = map[core.Ref]*item{}
	for _, it := range b.items {
		if it.undo == nil || !it.undo.args.DeleteCreated {
			continue
		}
		for _, c := range it.undo.changes {
			rec := it.undo.recs[c.ref]
			if c.created && c.ref.Side == core.HubSpot && rec != nil && rec.Ref == c.ref && rec.Presence == core.Live && b.changedValue(c, rec) == "" && !b.asLeft(it.undo, c, rec) {
				moved[c.ref], refs = it, append(refs, c.ref)
			}
		}
	}
	return moved, refs
}

// vouchFor reads the histories and associations of records of one object.
func (b *batch) vouchFor(ctx context.Context, h historian, rel connector.Relations, g refGroup) (v vouching, err error) {
	var names []string
	for _, f := range b.conn.Schemas[g.side][g.object].Fields {
		if !slices.Contains(stampProperties, f.Name) {
			names = append(names, f.Name)
		}
	}
	if v.past, err = h.History(ctx, g.object, g.ids, names); err != nil {
		return refusedRead(v, "the histories of its properties", err)
	}
	v.with = map[core.Object]map[string][]core.Relation{}
	for _, to := range b.associable(g.object) {
		if v.with[to], err = rel.Relations(ctx, g.object, to, g.ids); err != nil {
			return refusedRead(v, "its associations with "+string(to), err)
		}
	}
	return v, nil
}

// refusedRead notes what the integration may not read, with what is to be done; other errors end
// the look. The records themselves were just read, so that a refusal is about what is asked here.
func refusedRead(v vouching, what string, err error) (vouching, error) {
	var refused *connector.Error
	if !errors.As(err, &refused) || !slices.Contains([]core.Class{core.ClassSchema, core.ClassRejected, core.ClassAuth}, refused.Class) {
		return v, err
	}
	v.blind = "it cannot be told whether anybody touched the record since the run made it: HubSpot does not let the integration read " + what
	if refused.Mend != "" {
		v.blind += "; " + refused.Mend
	}
	return v, nil
}

// associable are the objects that a record of HubSpot may be associated with by people.
func (b *batch) associable(object core.Object) []core.Object {
	activities := []core.Object{core.Notes, core.Tasks, core.Calls, core.Emails, core.Meetings}
	all := []core.Object{core.Contacts, core.Companies, core.Deals, core.Tickets}
	switch {
	case object == core.Products:
		return nil
	case object == core.LineItems:
		return []core.Object{core.Deals}
	case slices.Contains(activities, object):
		return all
	case object == core.Deals:
		all = append(all, core.LineItems)
	}
	for _, d := range b.conn.Pairs {
		if d.Custom {
			all = append(all, d.Objects[core.HubSpot][0])
		}
	}
	return append(all, activities...)
}

// touchedBy says what shows that anybody but Tandem and HubSpot itself touched a record;
// blank where surely nobody did.
func (b *batch) touchedBy(tx *store.Tx, v vouching, it *item, ref core.Ref) (string, error) {
	if v.blind != "" {
		return v.blind, nil
	}
	u := it.undo
	c := u.changes[slices.IndexFunc(u.changes, func(c *change) bool { return c.ref == ref })]
	if why := otherHand(v.past[ref.ID], c.born); why != "" {
		return why, nil
	}
	for _, to := range room.SortedKeys(keyed(v.with)) {
		if why, err := b.otherTies(tx, ref, core.Object(to), v.with[core.Object(to)][ref.ID]); why != "" || err != nil {
			return why, err
		}
	}
	cut, err := b.cutTie(tx, v, u, c)
	return cmp.Or(cut, unexplained(v.past[ref.ID], u.recs[ref].Stamp)), err
}

// otherHand finds in the histories of a record, behind the version in which it was made, a
// value that neither Tandem nor HubSpot's own calculation wrote.
func otherHand(past map[string][]connector.Version, born time.Time) string {
	for _, name := range room.SortedKeys(past) {
		for i, v := range past[name] {
			switch {
			case !v.At.After(born):
			case !v.Own && !v.Calculated:
				return fmt.Sprintf("%s was written at %s by %s", name, room.StampText(v.At), byText(v))
			case i+1 >= versionsKept && i+1 == len(past[name]):
				return "it cannot be told whether anybody touched the record since the run made it: HubSpot no longer tells all values that " + name + " had"
			}
		}
	}
	return ""
}

// unexplained says that the version a record has now is not that of a value of which its
// histories tell.
func unexplained(past map[string][]connector.Version, now time.Time) string {
	var newest time.Time
	for _, versions := range past {
		for _, v := range versions {
			newest = room.Latest(newest, v.At)
		}
	}
	if now.Sub(newest) > stampLag {
		return "the record was touched since the run made it, at " + room.StampText(now) + ", and no property's history tells by whom"
	}
	return ""
}

// byText is who wrote a value, in HubSpot's words.
func byText(v connector.Version) string {
	if v.SourceID == "" {
		return v.Source
	}
	return v.Source + " " + v.SourceID
}

// otherTies finds an association, or a label of one, that Tandem did not make.
func (b *batch) otherTies(tx *store.Tx, ref core.Ref, to core.Object, relations []core.Relation) (string, error) {
	for _, r := range relations {
		other := core.Ref{Side: ref.Side, Object: to, ID: r.ID}
		ours, labels, err := b.tied(tx, ref, other)
		switch {
		case err != nil:
			return "", err
		case !ours:
			return "it is associated with " + b.label(other) + ", which Tandem did not do", nil
		case to == core.Companies && (ref.Object == core.Contacts || ref.Object == core.Deals) && !r.Primary:
			return b.label(other) + " is no longer its primary company", nil
		}
		for _, label := range r.Labels {
			if !slices.Contains(labels, label) {
				return "its association with " + b.label(other) + " has the label " + label + ", which Tandem did not set", nil
			}
		}
	}
	return "", nil
}

// tied reports that the association of two records of HubSpot is of our making, and with
// which labels: the journal tells of both of them.
func (b *batch) tied(tx *store.Tx, x, y core.Ref) (ours bool, labels []string, err error) {
	refs := []core.Ref{x, y}
	links, err := tx.LinksOf(b.conn.ID, refs)
	if err != nil {
		return false, nil, err
	}
	for _, r := range refs[:2] {
		if l := links[r]; l != nil {
			refs = append(refs, l.Partner(r.Side))
		}
	}
	for before := int64(0); ; {
		page, err := tx.History(b.conn.ID, refs, before, toldPage)
		if err != nil {
			return false, nil, err
		}
		for _, en := range page {
			before = en.Seq
			var body Entry
			if err := json.Unmarshal(en.Body, &body); err != nil {
				return false, nil, err
			}
			for _, w := range slices.Backward(body.Writes) {
				switch {
				case w.Status != core.Applied || !w.ties(x, y) && !w.ties(y, x):
				case w.Kind == core.OpDissociate && len(w.Labels) == 0:
					return ours, labels, nil
				case w.Kind != core.OpDissociate:
					ours, labels = true, append(labels, w.Labels...)
				}
			}
		}
		if len(page) < toldPage {
			return ours, labels, nil
		}
	}
}

// ties reports a write that made or ended the association of its record with another one.
func (w Write) ties(ref, with core.Ref) bool {
	return w.ref() == ref && (w.Associate != nil && *w.Associate == with || slices.Contains(w.Beside, with))
}

// cutTie says which association that the run made of a record is no more, though no later
// run ended it, or archived the other record.
func (b *batch) cutTie(tx *store.Tx, v vouching, u *undoing, c *change) (string, error) {
	for _, with := range c.with {
		relations, read := v.with[with.Object]
		ended := slices.ContainsFunc(u.since, func(w sinceWrite) bool { return w.Kind == core.OpDissociate && w.ties(c.ref, with) })
		if !read || ended || slices.ContainsFunc(relations[c.ref.ID], func(r core.Relation) bool { return r.ID == with.ID }) {
			continue
		}
		if gone, err := archivedByUs(tx, b.conn.ID, with); err != nil || !gone {
			return "its association with " + b.label(with) + " was removed", err
		}
	}
	return "", nil
}

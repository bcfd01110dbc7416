package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/gate"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// maxRounds bounds how often one op is sent again without the write groups that
// were refused.
const maxRounds = 4

// apply sends the ops of a batch: creates before updates, so that an update can
// carry the new counterpart's id. Each call has its intents in the journal
// before it is sent and one outcome per op after it. What stops it in between, a
// stop or a side that fails, is returned as stop with the batch cut down to what was
// sent, which is to be settled at once: what a user does meanwhile to a record that was
// made must not hide it.
func (e *Engine) apply(ctx context.Context, b *batch) (stop, err error) {
	ctx = connector.WithPriority(ctx, room.PriorityOf(b.reasons()))
	if err := e.offerCampaigns(ctx, b); err != nil {
		return nil, err
	}
	stop = e.sendAll(ctx, b)
	if stop != nil && !cuts(ctx, stop) {
		return nil, stop
	}
	if err := e.seekHolders(ctx, b); err != nil {
		return nil, err
	}
	if err := e.checkOverwritten(ctx, b); err != nil {
		return nil, err
	}
	if err := e.readBack(ctx, b); err != nil {
		return nil, err
	}
	if stop != nil {
		b.cutShort()
	}
	return stop, nil
}

// sendAll sends the ops kind after kind: an address is opted out before a contact
// stands that could be written to.
func (e *Engine) sendAll(ctx context.Context, b *batch) error {
	for _, kind := range []core.OpKind{core.OpUnsubscribe, core.OpCreate, core.OpUpdate, core.OpAssociate, core.OpDissociate, core.OpArchive} {
		if kind == core.OpUpdate {
			b.stampKeys()
		}
		for _, side := range core.Sides {
			ops := b.opsOf(side, kind)
			var err error
			switch kind {
			case core.OpCreate:
				ops, err = e.stillAlone(ctx, b, b.consentFirst(ops))
			case core.OpUpdate:
				if ops, err = e.stillLinked(ctx, b, b.consentFirst(ops)); err == nil {
					ops, err = e.recheck(ctx, b, ops)
				}
				if err == nil {
					ops, err = e.stillBack(ctx, b, ops)
				}
			case core.OpAssociate, core.OpArchive:
				ops, err = e.stillLinked(ctx, b, ops)
			}
			if err != nil {
				return err
			}
			b.stampTimes(ops)
			if err := e.sendUpdates(ctx, b, side, ops); err != nil {
				return err
			}
			if kind != core.OpCreate {
				continue
			}
			if err := e.adopt(ctx, b, side); err != nil {
				return err
			}
		}
	}
	return nil
}

// consentFirst are the writes but for those that bring an address into HubSpot whose
// opt-out could not be told just now: nobody may be mailed in between. They are looked at
// again.
func (b *batch) consentFirst(all []sending) []sending {
	return slices.DeleteFunc(all, func(s sending) bool {
		_, addressed := s.op.Fields[conn.AddressField[core.HubSpot]]
		if s.op.Target.Side != core.HubSpot || s.op.Target.Object != core.Contacts || s.op.Kind == core.OpUpdate && !addressed || !s.it.untold() {
			return false
		}
		s.it.ops, s.it.newLink, s.it.results, s.it.relation = [2]*core.Op{}, nil, nil, nil
		s.it.again(b.at)
		return true
	})
}

// untold reports an opt-out of the item that HubSpot was not told for a passing reason.
func (it *item) untold() bool {
	return slices.ContainsFunc(it.extra, func(op core.Op) bool {
		o := it.outcomes[op.Key]
		return op.Kind == core.OpUnsubscribe && o.Status != core.Applied && o.Class != core.ClassRejected && o.Class != core.ClassAuth
	})
}

// stillAlone are the creates whose source nobody has linked since the batch read its
// links: a merge or a conversion may have given it a partner meanwhile. The others are
// looked at again, and nothing is made for them.
func (e *Engine) stillAlone(ctx context.Context, b *batch, all []sending) ([]sending, error) {
	refs := make([]core.Ref, len(all))
	for i, s := range all {
		refs[i] = s.op.Source
	}
	if len(refs) == 0 {
		return nil, nil
	}
	var links map[core.Ref]*core.Link
	err := e.View(ctx, func(tx *store.Tx) (err error) { links, err = tx.LinksOf(b.conn.ID, refs); return err })
	return slices.DeleteFunc(all, func(s sending) bool {
		l := links[s.op.Source]
		if beside(s.op) {
			return false // its source is linked: that is why it is made
		}
		if l == nil || l.State == core.LinkClosed || l.Refs[s.op.Source.Side] != s.op.Source {
			return false
		}
		s.it.ops, s.it.extra = [2]*core.Op{}, nil
		s.it.newLink, s.it.results, s.it.relation = nil, nil, nil
		s.it.again(b.at)
		return true
	}), err
}

// stillLinked are the ops of items whose link is as the batch read it: one that a person
// ended meanwhile lets nothing pass any more, neither a value nor a deletion.
func (e *Engine) stillLinked(ctx context.Context, b *batch, all []sending) ([]sending, error) {
	var refs []core.Ref
	for _, s := range all {
		if s.it.linkOpen() {
			refs = append(refs, s.it.link.Refs[core.Salesforce])
		}
	}
	if len(refs) == 0 {
		return all, nil
	}
	var links map[core.Ref]*core.Link
	err := e.View(ctx, func(tx *store.Tx) (err error) { links, err = tx.LinksOf(b.conn.ID, refs); return err })
	return slices.DeleteFunc(all, func(s sending) bool {
		if err != nil || !s.it.linkOpen() || unchanged(s.it.link, links[s.it.link.Refs[core.Salesforce]]) {
			return false
		}
		s.it.outcomes[s.op.Key] = core.Outcome{Key: s.op.Key, Status: core.Stale, Class: core.ClassStale, Code: connector.CodeChanged,
			Message: "the link of the two records changed between reading and writing"}
		return true
	}), err
}

// sending is one op on its way, with the item it belongs to.
type sending struct {
	it *item
	op *core.Op
}

func (b *batch) opsOf(side core.Side, kind core.OpKind) []sending {
	var out []sending
	for _, it := range b.items {
		if op := it.ops[side]; op != nil && op.Kind == kind {
			out = append(out, sending{it, op})
		}
	}
	for _, it := range b.items {
		for i := range it.extra {
			if op := &it.extra[i]; op.Target.Side == side && op.Kind == kind {
				out = append(out, sending{it, op})
			}
		}
	}
	slices.SortStableFunc(out, func(x, y sending) int {
		return cmp.Or(cmp.Compare(x.op.Target.Object, y.op.Target.Object), cmp.Compare(x.op.Associate.Object, y.op.Associate.Object), cmpBool(x.op.Assign, y.op.Assign), cmpBool(x.op.Person != "", y.op.Person != ""))
	})
	return out
}

func cmpBool(x, y bool) int {
	switch {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}

// send writes ops of one kind, one call's worth at a time per object and
// assignment choice, and sends what remains of an op again when a side blamed
// single fields: a bad field fails its write group, not the record.
func (e *Engine) send(ctx context.Context, b *batch, side core.Side, all []sending) error {
	for round := 0; len(all) > 0 && round < maxRounds; round++ {
		var again []sending
		for len(all) > 0 {
			n := sameCall(all)
			outs, err := e.call(ctx, b, side, all[:n])
			for i := range outs {
				if outs[i].Status != "" && e.settleOutcome(b, all[i], outs[i]) {
					again = append(again, all[i])
				}
			}
			if err != nil {
				return err
			}
			all = all[n:]
		}
		all = again
	}
	return nil
}

// sameCall is the length of the prefix that one Write may carry: a record is written by one
// op a call.
func sameCall(all []sending) int {
	n, first := 1, all[0].op
	twice := map[core.Ref]bool{first.Target: first.Kind == core.OpUpdate}
	for n < len(all) && !twice[all[n].op.Target] && all[n].op.Target.Object == first.Target.Object && all[n].op.Associate.Object == first.Associate.Object && all[n].op.Assign == first.Assign && (all[n].op.Person != "") == (first.Person != "") {
		twice[all[n].op.Target] = first.Kind == core.OpUpdate
		n++
	}
	return n
}

// call journals the intents, sends, and returns one outcome per op; of an op that
// a stop kept from leaving a blank one. Whoever stores a stop waits for the calls
// under way.
func (e *Engine) call(ctx context.Context, b *batch, side core.Side, ss []sending) ([]core.Outcome, error) {
	ops := make([]core.Op, len(ss))
	intents := make([]store.Intent, len(ss))
	for i, s := range ss {
		ops[i] = *s.op
		intents[i] = store.Intent{Op: *s.op, Dirty: s.it.ref(), At: e.Now()}
		if s.it.link != nil {
			intents[i].LinkID = s.it.link.ID
		}
		if s.it.newLink != nil {
			intents[i].Meets = s.it.newLink.How
		}
	}
	defer b.conn.gate.Flight()()
	shut, _ := b.conn.gate.State()
	err := e.Update(ctx, func(tx *store.Tx) error {
		if err := gate.MayWork(tx, &b.conn.Known); err != nil {
			return err
		}
		return tx.IntentsPut(b.conn.ID, intents)
	})
	if err != nil {
		return nil, err
	}
	outs, err := b.conn.Sides[side].Write(connector.WithStop(ctx, shut), ops)
	if err == nil || held(err) {
		outs = slices.Grow(outs, len(ops))[:len(ops)]
		return outs, e.unsent(ctx, b.conn, ops, outs, err)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err() // intents stay open: the next start settles them by reading
	}
	keys := make([]string, len(ops))
	for i := range ops {
		keys[i] = ops[i].Key
	}
	if serr := e.Update(ctx, func(tx *store.Tx) error { return tx.IntentsSettle(b.conn.ID, keys) }); serr != nil {
		return nil, serr
	}
	return nil, err
}

// settleOutcome notes what happened to an op and says whether it should be sent
// again with fewer fields.
func (e *Engine) settleOutcome(b *batch, s sending, o core.Outcome) (again bool) {
	o.Key = s.op.Key
	if isMember(s.op) && s.op.Kind == core.OpCreate && o.Class == core.ClassDuplicate {
		o.Status, o.Class = core.Stale, core.ClassStale // a member already: the next look sees that
	}
	if o.Status != core.Rejected || len(o.Fields) == 0 || o.Class == core.ClassDuplicate && s.op.Kind == core.OpCreate || o.Class == core.ClassTransient {
		s.it.outcomes[s.op.Key] = o
		return false
	}
	kept, dropped := dropGroups(s.op, o.Fields)
	dropped = b.dropMoney(s.it, s.op, kept, dropped)
	if len(dropped) == 0 || len(untimed(kept)) == 0 || b.nameless(s.op, dropped) {
		s.it.outcomes[s.op.Key] = o
		return false
	}
	e.fieldIssues(b, s, o, dropped)
	s.op.Fields = kept
	s.op.Key = nextKey(s.op.Key)
	return true
}

// dropGroups takes the write groups of the blamed fields out of an op.
func dropGroups(op *core.Op, blamed []string) (kept map[string]string, dropped []string) {
	bad := map[string]bool{}
	for _, f := range blamed {
		bad[core.Group(op.Target.Side, op.Target.Object, canonicalName(op.Fields, f))] = true
	}
	kept = maps.Clone(op.Fields)
	for f := range op.Fields {
		if bad[core.Group(op.Target.Side, op.Target.Object, f)] {
			delete(kept, f)
			dropped = append(dropped, f)
		}
	}
	slices.Sort(dropped)
	return kept, dropped
}

// readBack reads what Salesforce stored for the records written with mapped
// values: a field counts as observed only then.
func (e *Engine) readBack(ctx context.Context, b *batch) error {
	for _, side := range core.Sides {
		if b.conn.Sides[side].Caps().ReturnsRow {
			continue
		}
		for _, object := range b.conn.Pairs.Objects(b.pair)[side] {
			if err := e.readBackOf(ctx, b, side, object); err != nil {
				return e.unread(ctx, b, err)
			}
		}
	}
	return nil
}

func (e *Engine) readBackOf(ctx context.Context, b *batch, side core.Side, object core.Object) error {
	byID := map[string]*item{}
	var ids []string
	for _, it := range b.items {
		if id := it.writtenID(side); id != "" && it.ops[side].Target.Object == object && it.carriesValues(b, side) {
			byID[id] = it
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	recs, err := b.conn.Sides[side].Read(ctx, connector.Query{Object: object, Values: ids, Fields: b.conn.ReadFields(side, object)})
	for i := range recs {
		if recs[i].Presence == core.Live {
			it := byID[ids[i]]
			it.written[side], it.stamps[side] = recs[i].Values, recs[i].Stamp
		}
	}
	return err
}

// unread keeps what was written when the read-back fails: the base does not move
// and the records are looked at again.
func (e *Engine) unread(ctx context.Context, b *batch, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, it := range b.items {
		if len(it.outcomes) > 0 {
			it.later(e.Now().Add(room.Backoff(1)))
			it.unseen = true
		}
	}
	e.Log.Warn("written values not read back yet", "connection", b.conn.Settings.Name, "cause", err)
	return nil
}

// writtenID is the id of the side's record that this item's op surely wrote.
func (it *item) writtenID(side core.Side) string {
	op := it.ops[side]
	if op == nil {
		return ""
	}
	if o := it.outcomes[op.Key]; o.Status == core.Applied {
		return cmp.Or(o.ID, op.Target.ID)
	}
	return ""
}

// carriesValues reports that the op wrote more than our own bookkeeping fields.
func (it *item) carriesValues(b *batch, side core.Side) bool {
	own := b.conn.OwnFields(side)
	for f := range it.ops[side].Fields {
		if !slices.Contains(own, f) {
			return true
		}
	}
	return false
}

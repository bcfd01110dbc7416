package engine

import (
	"maps"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// addConsentOps turns the answers for addresses into writes. A record may stand for two
// addresses, its own and its partner's: one that is opted out ticks the box, and
// keeps another from clearing it.
func (b *batch) addConsentOps(open []*voice) {
	for _, v := range open {
		a := b.consents.answers[v.address]
		switch {
		case a.Unsubscribe:
			b.unsubscribe(v, a)
		case b.consents.unread != nil:
			b.raiseUnread(v)
		}
		for _, r := range a.Tick {
			b.writeBox(v, r, a, true)
		}
		if a.Next.State == core.OptedOut {
			if v.further == nil { // who is made has the contact's first address
				b.createTicked(v, a)
			}
			b.raiseHidden(v, a)
		}
	}
	for _, v := range open {
		a := b.consents.answers[v.address]
		for _, r := range a.Clear {
			switch {
			case b.holderOf(r) == nil: // its partner may have another address: its own look hears both
				v.it.marks = append(v.it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{r}, core.ReasonSweep, 0, b.at)...)
			case !b.heldOut(r):
				b.writeBox(v, r, a, false)
			}
		}
	}
}

// heldOut reports that an address of the record is opted out.
func (b *batch) heldOut(r core.Ref) bool {
	for address, v := range b.consents.voices {
		if v.boxes[r] != nil && b.consents.after(address).State == core.OptedOut {
			return true
		}
	}
	return false
}

// after is what is known of an address once the batch was decided.
func (cs *consents) after(address string) core.Consent {
	if a, decided := cs.answers[address]; decided {
		return a.Next
	}
	return cs.stored[address]
}

func (b *batch) unsubscribe(v *voice, a policy.ConsentAnswer) {
	op := core.Op{Key: b.opKey("unsubscribe", v.it.ref()), Kind: core.OpUnsubscribe, Pair: b.pair, Source: a.Next.Origin, Rule: a.Rule,
		Target: core.Ref{Side: core.HubSpot, Object: core.Contacts}, UniqueField: conn.AddressField[core.HubSpot], UniqueValue: v.address,
		Fields: map[string]string{conn.OptOutField[core.HubSpot]: "true"}, Before: map[string]string{conn.OptOutField[core.HubSpot]: ""}}
	if v.contact != nil {
		op.Target = v.contact.Ref
	}
	for slices.ContainsFunc(v.it.extra, func(x core.Op) bool { return x.Key == op.Key }) {
		op.Key += "/2" // the two addresses of a pair
	}
	v.it.extra = append(v.it.extra, op)
	b.notice(v.it, a.Decision)
}

// notice adds a decision ahead of the item's own answer.
func (b *batch) notice(it *item, d core.Decision) {
	it.decisions = slices.Insert(it.decisions, max(len(it.decisions)-1, 0), d)
	if b.dry && it.verdict == InSync {
		it.verdict = Pending
	}
}

// writeBox ticks or clears the box of a record: beside what else is written to it, where
// it is one of the batch.
func (b *batch) writeBox(v *voice, r core.Ref, a policy.ConsentAnswer, tick bool) {
	if !b.conn.writesBox(r.Object) {
		return
	}
	field, value, before := conn.OptOutField[core.Salesforce], "true", "false"
	if !tick {
		value, before = "false", "true"
	}
	rule := a.Rule
	it := b.holderOf(r)
	if tick && (it == nil || it.results == nil) {
		rule = "LIM-12"
	}
	if it == nil {
		it = v.it
	}
	op := it.boxOp(b, v.boxes[r], rule)
	if _, have := op.Fields[field]; have && tick == (op.Fields[field] == "true") {
		return
	}
	op.Fields[field], op.Before[field] = value, before
	if !tick {
		op.Strict, op.Unmodified = true, v.boxes[r].Stamp
	}
	a.Decision.Rule = rule
	b.notice(it, a.Decision)
}

// holderOf is the item of the batch whose own record r is.
func (b *batch) holderOf(r core.Ref) *item {
	for _, it := range b.items {
		if rec := it.recs[core.Salesforce]; rec != nil && rec.Ref == r {
			return it
		}
	}
	return nil
}

// boxOp is the item's update of a record: its own, or one that has the same address.
func (it *item) boxOp(b *batch, rec *core.Record, rule string) *core.Op {
	side := core.Salesforce
	if own := it.recs[side]; own != nil && own.Ref == rec.Ref {
		if it.ops[side] == nil {
			it.ops[side] = b.updateOp(it, side, map[string]string{}, rule)
		}
		return it.ops[side]
	}
	for i := range it.extra {
		if x := &it.extra[i]; x.Kind == core.OpUpdate && x.Target == rec.Ref {
			return x
		}
	}
	it.extra = append(it.extra, core.Op{Key: b.updateKey(rec.Ref), Kind: core.OpUpdate, Pair: b.pair, Target: rec.Ref, Rule: rule,
		Fields: map[string]string{}, Before: map[string]string{}, Unmodified: rec.Stamp})
	return &it.extra[len(it.extra)-1]
}

// createTicked lets a lead or contact that is about to be made come ticked.
func (b *batch) createTicked(v *voice, a policy.ConsentAnswer) {
	if op := v.it.ops[core.Salesforce]; v.it.creates(core.Salesforce) && b.conn.writesBox(op.Target.Object) {
		op.Fields[conn.OptOutField[core.Salesforce]] = "true"
		b.notice(v.it, a.Decision)
	}
}

// writesBox reports that the integration may write the box of an object.
func (c *Conn) writesBox(object core.Object) bool {
	return slices.ContainsFunc(c.Schemas[core.Salesforce][object].Fields, func(f connector.Field) bool {
		return f.Name == conn.OptOutField[core.Salesforce] && f.Updatable
	})
}

// raiseHidden tells of an opt-out that cannot be written to a record, because its box
// is hidden or may not be edited.
func (b *batch) raiseHidden(v *voice, a policy.ConsentAnswer) {
	field := conn.OptOutField[core.Salesforce]
	refs := slices.Collect(maps.Keys(v.boxes))
	slices.SortFunc(refs, core.Ref.Compare)
	for _, r := range refs {
		if _, shown := v.boxes[r].Get(field); shown && (ticked(v.boxes[r]) || b.conn.writesBox(r.Object)) {
			continue
		}
		it := b.holderOf(r)
		if it == nil {
			it = v.it
		}
		it.raise(core.Issue{Pair: b.pair, Ref: r, Field: field, Category: core.CategoryPermissions, Code: "opt_out_not_written", Rule: a.Rule,
			Message: r.Label() + " has an address that is opted out of e-mail, and its box " + field + " cannot be ticked",
			Mend:    "give the integration user read and edit access to " + field + "; until then tick the box by hand (ERR-6)"})
	}
}

// raiseUnread tells that HubSpot does not let the app ask about an address.
func (b *batch) raiseUnread(v *voice) {
	ce := b.consents.unread
	category, code, mend := policy.Categorize(core.HubSpot, ce.Class, ce.Code, ce.Message, nil)
	v.it.raise(core.Issue{Pair: b.pair, Field: conn.OptOutField[core.HubSpot], Category: category, Code: code, Rule: "OPT-2", Mend: mend,
		Message: core.HubSpot.Label() + " does not tell what the address says, so its opt-out stands: " + ce.Message})
}

// settleConsent stores since when HubSpot knows of opt-outs, and for whom the ticked
// boxes were ticked that the batch met.
func (b *batch) settleConsent(tx *store.Tx) error {
	if b.consents == nil {
		return nil
	}
	known := map[string]core.Consent{}
	for _, it := range b.items {
		for i := range it.extra {
			op := &it.extra[i]
			if o := it.outcomes[op.Key]; op.Kind == core.OpUnsubscribe && o.Status == core.Applied {
				c := b.consents.after(op.UniqueValue)
				c.Known = room.Latest(c.Known, o.Stamp)
				known[op.UniqueValue] = c
			}
		}
	}
	if err := tx.ConsentPut(b.conn.ID, known); err != nil {
		return err
	}
	return b.settleTicks(tx)
}

// boxAfter is a record's box after the batch's writes.
func (b *batch) boxAfter(r core.Ref, rec *core.Record) bool {
	for _, it := range b.items {
		for _, op := range it.sent() {
			if value, carried := op.Fields[conn.OptOutField[core.Salesforce]]; carried && op.Target == r && it.outcomes[op.Key].Status == core.Applied {
				return value == "true"
			}
		}
	}
	return ticked(rec)
}

// advanceConsent notes in the base what both sides show of an opt-out, so that its
// echoes cause no look. Where HubSpot surely knows, its property is about to say so. Opt-outs
// that pass for pairs which no filter lets sync are noted as well: who comes back shows what
// a base without the opt-out would take for an echo.
func (b *batch) advanceConsent(it *item) {
	l := it.activeLink()
	if l == nil || b.consents == nil || it.results == nil && !b.heard(it) || it.recs[core.Salesforce] == nil || it.recs[core.HubSpot] == nil {
		return
	}
	var now [2]string
	if b.boxAfter(it.recs[core.Salesforce].Ref, it.recs[core.Salesforce]) {
		now[core.Salesforce] = "true"
	}
	if hs := it.recs[core.HubSpot]; hs.Values[conn.OptOutField[core.HubSpot]] == "true" || b.toldHubSpot(it, conn.EmailOf(hs)) {
		now[core.HubSpot] = "true"
	}
	if _, kept := l.Base[conn.OptOutKey]; !kept && now == [2]string{} {
		return
	}
	if it.results == nil && l.Base.Holds(core.Salesforce, conn.OptOutKey, now[core.Salesforce]) && l.Base.Holds(core.HubSpot, conn.OptOutKey, now[core.HubSpot]) {
		return
	}
	l.Base, it.consented = core.AdvanceField(l.Base, conn.OptOutKey, now[core.Salesforce], now[core.HubSpot]), true
}

// heard reports that the opt-outs of an item passed although its fields do not.
func (b *batch) heard(it *item) bool {
	return b.conn.everywhere() && it.link != nil && !it.moved && it.unknown.IsZero() && !b.strange(it)
}

func (b *batch) toldHubSpot(it *item, address string) bool {
	return slices.ContainsFunc(it.extra, func(op core.Op) bool {
		return op.Kind == core.OpUnsubscribe && op.UniqueValue == address && it.outcomes[op.Key].Status == core.Applied
	})
}

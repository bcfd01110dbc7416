package salesforcesim

import (
	"fmt"
	"slices"
	"time"

	"tandem/sim/salesforcesim/pubsub"
)

// change is what a transaction did to one record in all.
type change struct {
	before, after *record
}

func (c change) object() *object { return objectOf(c.before, c.after) }

func (c change) id() string {
	if c.after != nil {
		return c.after.id
	}
	return c.before.id
}

// kind names the change the way the ledger and the events do; "" is a record
// that came and went within the transaction.
func (c change) kind() string {
	was, is := c.before != nil && !c.before.deleted, c.after != nil && !c.after.deleted
	switch {
	case c.before == nil && is:
		return "create"
	case was && is:
		return "update"
	case was:
		return "delete"
	case c.before != nil && is:
		return "undelete"
	}
	return ""
}

// changes joins the steps to one change a record, in the order of first touch.
func (t *tx) changes() []change {
	at := make(map[string]int, len(t.steps))
	var out []change
	for _, s := range t.steps {
		id := change(s).id()
		if i, ok := at[id]; ok {
			out[i].after = s.after
			continue
		}
		at[id] = len(out)
		out = append(out, change(s))
	}
	return slices.DeleteFunc(out, func(c change) bool { return c.kind() == "" })
}

// commit makes the transaction known: set-up takes effect, the ledger and the
// subscribers learn of it. It frees the org's lock and then runs automation
// that works in transactions of its own.
func (t *tx) commit() {
	o := t.o
	for _, publish := range t.outbox {
		publish()
	}
	if all := t.changes(); len(all) > 0 {
		o.commits++
		key := o.transactionKey()
		for _, c := range all {
			o.applySetup(c)
			o.written++
			c.object().records.tidy()
		}
		o.record(t, key, all)
		o.publish(t, key, all)
	}
	o.mu.Unlock()
	for _, work := range t.later {
		work()
	}
}

func (o *Org) transactionKey() string {
	a, b := o.rng.Uint64(), o.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", uint32(a), uint16(a>>32), uint16(a>>48), uint16(b), b>>16)
}

var changeTypes = map[string]pubsub.ChangeType{
	"create": pubsub.Create, "update": pubsub.Update, "delete": pubsub.Delete, "undelete": pubsub.Undelete,
}

// publish hands the transaction to the event bus, which drops what is not
// selected.
func (o *Org) publish(t *tx, key string, all []change) {
	out := pubsub.Transaction{Key: key, CommitTime: time.Unix(t.seen, 0).UTC(), CommitNumber: o.commitBase + o.commits, User: t.by.userID, Origin: t.by.changeOrigin()}
	for _, c := range all {
		if c.object().triggerable && !(c.object().name == "User" && c.kind() == "delete") {
			out.Changes = append(out.Changes, o.event(c))
		}
	}
	if len(out.Changes) == 0 {
		return
	}
	if err := o.bus.Publish(out); err != nil {
		o.gaps++
	}
	o.published += int64(len(out.Changes))
}

func (a actor) changeOrigin() string {
	if a.origin == "" || a.client == "" {
		return a.origin
	}
	return a.origin + ";client=" + a.client
}

// event describes one change to the bus. What no channel selects only takes
// its place in the order.
func (o *Org) event(c change) pubsub.Change {
	out := pubsub.Change{Entity: c.object().name, IDs: []string{c.id()}, Type: changeTypes[c.kind()]}
	if out.Type == pubsub.Delete || !o.isSelected(out.Entity) {
		return out
	}
	out.Values = map[string]any{}
	person := out.Entity == "Account" && o.isPerson(c.after)
	for _, f := range c.object().fields {
		if !f.inEvents() {
			continue
		}
		if person && o.leavesOut(f, out.Type) {
			continue
		}
		now := o.value(c.after, f)
		if out.Type != pubsub.Update {
			if !now.IsNull() {
				out.Values[f.name] = f.announced(now)
			}
			continue
		}
		o.eventField(&out, c, f, now)
	}
	return out
}

// leavesOut: the event of a person account has the name in parts, and changes of
// what is the contact's only where contacts are selected as well.
func (o *Org) leavesOut(f *field, kind pubsub.ChangeType) bool {
	if f.person == nil || kind != pubsub.Update {
		return f.name == "Name"
	}
	return f.compound != "Name" && !o.isSelected("Contact")
}

func (o *Org) eventField(out *pubsub.Change, c change, f *field, now value) {
	was := o.value(c.before, f)
	if was == now && f.sys != sysModified {
		return
	}
	out.Changed = append(out.Changed, f.name)
	if now.IsNull() {
		out.Nulled = append(out.Nulled, f.name)
	} else {
		out.Values[f.name] = f.announced(now)
	}
	if f.typ == "textarea" && len(was.Str()) >= 1000 {
		if out.Before == nil {
			out.Before = map[string]string{}
		}
		out.Before[f.name] = was.Str()
	}
}

// announced is a value as change events carry it: encrypted text stays hidden.
func (f *field) announced(v value) any {
	if f.mask != nil {
		v = f.mask.hide(v)
	}
	return plainValue(v, f.typ)
}

// inEvents reports whether change events carry the field: stored fields and
// the audit columns do, derived ones do not (Change Data Capture Guide,
// "Change Event Fields").
func (f *field) inEvents() bool {
	return !f.quiet && f.sys != sysID && f.formula == nil && (f.compute == nil || f.typ == "boolean" || f.typ == "picklist")
}

// entity describes an object to the event bus.
func (o *Org) entity(ob *object) pubsub.Entity {
	e := pubsub.Entity{Name: ob.name}
	for _, f := range ob.fields {
		if f.inEvents() {
			e.Fields = append(e.Fields, pubsub.Field{Name: f.name, Type: f.typ, Compound: f.compound, ID: f.id})
		}
	}
	return e
}

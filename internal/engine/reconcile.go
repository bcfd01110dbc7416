package engine

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
)

// reconcile compares the mapped fields of an item three ways and builds the ops
// that bring the sides together. A side without a record counts as all blank, so
// that a create is the first meeting with nothing.
func (b *batch) reconcile(it *item, rule string) {
	b.compare(it)
	due := [2]map[string]string{b.fieldsFor(it, core.Salesforce), b.fieldsFor(it, core.HubSpot)}
	b.holdMoney(it, due)
	for _, side := range core.Sides {
		fields, notes := due[side], b.notes(it, side)
		why := rule
		if len(fields) == 0 {
			why = noteRule
		}
		maps.Copy(fields, notes)
		b.keepPrice(it, side, fields)
		switch {
		case it.recs[side] == nil:
			it.ops[side] = b.createOp(it, side, fields, rule)
		case len(fields) > 0:
			it.ops[side] = b.updateOp(it, side, fields, why)
		}
	}
}

// compare fills inputs and results of an item.
func (b *batch) compare(it *item) {
	m := b.mapping(it)
	var values [2][]string
	var readable [2][]bool
	for _, side := range core.Sides {
		values[side], readable[side] = b.canon(it, side)
	}
	base := b.baseOf(it)
	it.inputs = slices.Grow(it.inputs[:0], len(m.Synced()))
	for i, f := range m.Synced() {
		in := core.FieldInput{Key: f.Key, Rule: f.Prevailing(values[core.HubSpot][i]), Later: it.recency[f.Key]}
		in.Base, in.Heir, in.HasBase = base.Of(f.Key)
		if f.Kind == mapping.Owner && !in.HasBase {
			in.Later = b.firstOwner(it, f, values[core.Salesforce][i], values[core.HubSpot][i])
		}
		if wins, set := b.winner(); set {
			in.Later = wins
		}
		for _, side := range core.Sides {
			in.Now[side], in.Readable[side] = values[side][i], readable[side][i]
			if !in.Readable[side] {
				b.conn.doubtSchema() // the opening saw the field
			}
			in.Writable[side] = f.Writable(side, it.recs[side] == nil) && !b.barred(it, side)
		}
		b.withhold(it, f, &in)
		b.followSum(it, f, &in)
		it.inputs = append(it.inputs, in)
	}
	it.results = core.Reconcile(it.inputs)
	for i, f := range m.Synced() {
		nameReset(f, &it.inputs[i], &it.results[i])
		b.keepAddresses(it, f, &it.inputs[i], &it.results[i])
		keepApart(f, &it.inputs[i], &it.results[i], it.recs[core.HubSpot] == nil)
		b.nameWithheld(it, f, &it.results[i])
		b.keepAdapted(it, f, i)
	}
}

// keepAdapted leaves the issue of a value open that a side keeps in another form, for as
// long as the two differ and the source has it: nothing is to be written any more, and who
// looks for the difference finds it nowhere else.
func (b *batch) keepAdapted(it *item, f *mapping.Field, i int) {
	now, r := it.inputs[i].Now, it.results[i]
	if r.Write[core.Salesforce] || r.Write[core.HubSpot] || core.Same(now[core.Salesforce], now[core.HubSpot]) {
		return
	}
	for _, ref := range it.refs() {
		for _, was := range b.issues[ref] {
			for _, side := range core.Sides {
				if was.Code == mapping.CodeAdapted && was.Field == f.Names[side] && was.Value == core.Digest(now[side.Other()]) && !it.says(was.Field) {
					it.raise(was)
				}
			}
		}
	}
}

// canon are the canonical values of a side; a record that is yet to be created
// answers blank for every field.
func (b *batch) canon(it *item, side core.Side) ([]string, []bool) {
	m := b.mapping(it)
	if it.recs[side] != nil {
		return m.Canon(side, *it.recs[side])
	}
	n := len(m.Synced())
	readable := make([]bool, n)
	for i := range readable {
		readable[i] = true
	}
	return make([]string, n), readable
}

// fieldsFor are the values to write to a side, in that side's own notation. A
// value that the side cannot hold becomes a field issue and takes its write
// group with it; the rest goes.
func (b *batch) fieldsFor(it *item, side core.Side) map[string]string {
	out := map[string]string{}
	bad := map[string]bool{}
	object := b.object(it, side)
	for i, f := range b.mapping(it).Synced() {
		if !it.results[i].Write[side] {
			continue
		}
		name, source := f.Names[side], it.inputs[i].Now[side.Other()]
		value, issue := f.ToSide(side, source)
		if issue != nil {
			if issue.Code == mapping.CodeStageUnknown {
				b.conn.doubtSchema() // it may be new
			}
			it.raise(b.mappingIssue(it, side, issue, source))
			if issue.Refused {
				bad[core.Group(side, object, name)] = true
				continue
			}
		}
		if b.refusedBefore(it, name, source) {
			bad[core.Group(side, object, name)] = true
			continue
		}
		out[name] = value
		maps.Copy(out, b.companions(it, side, f, source))
	}
	for name := range out {
		if bad[core.Group(side, object, name)] {
			delete(out, name)
		}
	}
	return out
}

// companions are the fields that are written along with a stage where they differ: its
// pipeline, or its record type.
func (b *batch) companions(it *item, side core.Side, f *mapping.Field, canonical string) map[string]string {
	out := f.Companions(side, canonical)
	for name, v := range out {
		if valueOf(it.recs[side], name) == v {
			delete(out, name)
		}
	}
	return out
}

// refusedBefore reports an open issue about this very value: it is tried again
// when the source value, the schema or a person changes, or the retry is due.
func (b *batch) refusedBefore(it *item, field, source string) bool {
	if it.reasons.Has(core.ReasonRetry|core.ReasonPerson|core.ReasonSchema|core.ReasonImport) || b.dry {
		return false
	}
	for _, r := range it.refs() {
		for _, i := range b.issues[r] {
			if i.Field == field && i.Value == core.Digest(source) {
				it.raise(i) // still open
				return true
			}
		}
	}
	return false
}

func (b *batch) mappingIssue(it *item, side core.Side, i *mapping.FieldIssue, source string) core.Issue {
	return core.Issue{Pair: b.pair, Ref: it.ref(), Field: i.Field, Category: i.Category, Code: i.Code, Rule: i.Rule, Mend: i.Mend,
		Message: fmt.Sprintf("%s field %s: %s", side.Label(), i.Field, i.Message), Value: core.Digest(source)}
}

// createOp inserts a record that carries the counterpart's id in our unique key
// field, so that a second insert of the same thing cannot succeed.
func (b *batch) createOp(it *item, side core.Side, fields map[string]string, rule string) *core.Op {
	c, source := b.conn, it.recs[side.Other()].Ref
	object, of := b.object(it, side), b.object(it, core.Salesforce)
	key := c.KeyField(side, of)
	b.fillOwner(it, side, fields)
	b.fillAddress(it, side, fields)
	b.fillCurrency(it, side, fields)
	b.fillActivity(it, side, fields)
	b.newProduct(side, fields)
	b.priceLater(it, side)
	fields[key], fields[c.OriginField(side)] = c.KeyValue(source), c.Settings.Name
	person := ""
	if it.asPerson && side == core.Salesforce {
		person = c.PersonType
		b.completeLater(it)
	}
	if native := conn.NativeID[of]; side == core.HubSpot && native != "" {
		fields[native] = source.ID
	}
	return &core.Op{Key: fmt.Sprintf("create/%d/%s/%s", c.ID, object, c.KeyValue(source)), Kind: core.OpCreate, Pair: b.pair,
		Target: core.Ref{Side: side, Object: object}, Source: source, Fields: fields, UniqueField: key, UniqueValue: c.KeyValue(source), Rule: rule,
		Assign: object == core.Lead && fields["OwnerId"] == "", Person: person} // OWN-5
}

func (b *batch) updateOp(it *item, side core.Side, fields map[string]string, rule string) *core.Op {
	target := it.recs[side].Ref
	before := map[string]string{}
	for name := range fields {
		before[name], _ = it.recs[side].Get(name)
	}
	var source core.Ref
	if other := it.recs[side.Other()]; other != nil {
		source = other.Ref
	}
	return &core.Op{Key: b.updateKey(target), Kind: core.OpUpdate, Pair: b.pair, Target: target, Source: source, Fields: fields, Before: before, Rule: rule}
}

// alsoWrite writes a field beside whatever else is written to a record of an item. An
// update that carried notes alone has the rule of the field from then on.
func (b *batch) alsoWrite(it *item, side core.Side, name, value, rule string) *core.Op {
	op := it.ops[side]
	switch {
	case op == nil:
		op = b.updateOp(it, side, map[string]string{}, rule)
		it.ops[side] = op
	case op.Rule == noteRule && rule != KeyRule:
		op.Rule = rule
	}
	op.Fields[name], op.Before[name] = value, valueOf(it.recs[side], name)
	return op
}

// updateKey is unique among open intents: a record is in one batch at a time.
func (b *batch) updateKey(target core.Ref) string { return b.opKey("update", target) }

func (b *batch) opKey(what string, target core.Ref) string {
	return fmt.Sprintf("%s/%d/%s/%s/%s", what, b.conn.ID, target.Object, target.ID, strconv.FormatInt(b.at.UnixNano(), 36))
}

// nextKey is the key of what remains of an op after a part was refused.
func nextKey(key string) string { return key + "+" }

// KeyRule is the rule of an update that carries nothing but the partner's id. It is
// no change of a record, and no count tells it as one.
const KeyRule = "key"

// stampKeys adds the counterpart's id to both records of a link where it does
// not stand yet. It runs after the creates, when every id is known. People carry
// keys once they sync.
func (b *batch) stampKeys() {
	for _, it := range b.items {
		it.finishCreate()
		l := it.activeLink()
		if l == nil || b.pair == core.ContactPair && it.results == nil || b.pair == core.ActivityPair { // one key is enough: nothing else finds an activity
			continue
		}
		for _, side := range core.Sides {
			if !l.Keyed[side] && !l.Refs[side].IsZero() && it.recs[side] != nil {
				b.stampKey(it, side, b.conn.KeyValue(l.Partner(side)))
			}
		}
	}
}

func (b *batch) stampKey(it *item, side core.Side, partner string) {
	of := it.activeLink().Refs[core.Salesforce].Object
	want := map[string]string{b.conn.KeyField(side, of): partner}
	if side == core.HubSpot && conn.NativeID[of] != "" && !b.conn.ForeignID(it.recs[side], of) { // the org that came first keeps the shared property
		want[conn.NativeID[of]] = partner
	}
	for f, v := range want {
		if have, _ := it.recs[side].Get(f); have == v {
			delete(want, f)
		}
	}
	for f, v := range want {
		b.alsoWrite(it, side, f, v, KeyRule)
	}
}

// activeLink is the link that will stand after the batch: the new one or the
// stored one.
func (it *item) activeLink() *core.Link {
	if it.newLink != nil {
		return it.newLink
	}
	if it.link != nil && it.link.State == core.LinkActive && it.live(core.Salesforce) && it.live(core.HubSpot) {
		return it.link
	}
	return nil
}

// finishCreate completes a new link with the id its create brought; a create
// that was not applied leaves no link.
func (it *item) finishCreate() {
	if it.newLink == nil {
		return
	}
	for _, side := range core.Sides {
		op := it.ops[side]
		if op == nil || op.Kind != core.OpCreate {
			continue
		}
		o, sent := it.outcomes[op.Key]
		if sent && o.Status != core.Applied {
			it.newLink = nil
		}
		if !sent || o.Status != core.Applied {
			return
		}
		it.newLink.Refs[side] = core.Ref{Side: side, Object: op.Target.Object, ID: o.ID}
		it.newLink.Keyed[side] = true
		it.newLink.Origin = side.Other().String()
	}
}

package salesforcesim

import (
	"slices"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// actor is on whose behalf a write happens and what the call asked for.
type actor struct {
	access     *access
	userID     string
	client     string // Sforce-Call-Options client
	origin     string // changeOrigin of the events, without the client
	noAssign   bool   // Sforce-Auto-Assign: FALSE
	allowAlert bool   // Sforce-Duplicate-Rule-Header: allowSave=true
	system     bool   // automation and set-up: no permission checks, no duplicate rules
}

// step is one change of one row within a transaction.
type step struct {
	before, after *record
}

// tx is the one path by which records change: it validates, stamps, and on
// commit writes the ledger and publishes the change events. Its holder has
// the org's lock from begin to commit or abort.
type tx struct {
	o     *Org
	by    actor
	at    int64 // unix second of every stamp
	seen  int64 // unix second at which others see the work; later than at when a fault delays the commit
	steps []step
	later []func() // automation that runs after commit, in transactions of its own

	outbox []func() // events published whatever becomes of the transaction

	firstBin int // entries of the recycle bin that are not of this transaction
}

func (o *Org) begin(by actor) *tx {
	o.mu.Lock()
	now := o.now().Unix()
	return &tx{o: o, by: by, at: now, seen: now, firstBin: len(o.bins)}
}

// mark is a savepoint: what was done after it can be undone.
type mark struct{ steps, later, bins, outbox int }

func (t *tx) mark() mark { return mark{len(t.steps), len(t.later), len(t.o.bins), len(t.outbox)} }

// rollback undoes what came after a savepoint, so that a bad row leaves no
// trace. The zero mark is the beginning.
func (t *tx) rollback(to mark) {
	for _, s := range slices.Backward(t.steps[to.steps:]) {
		ob := objectOf(s.before, s.after)
		ob.records.undo(s.before, s.after)
		t.noteRules(ob)
	}
	t.steps, t.later = t.steps[:to.steps], t.later[:to.later]
	t.o.bins = t.o.bins[:max(to.bins, t.firstBin)]
}

func (t *tx) abort() {
	t.rollback(mark{})
	t.o.mu.Unlock()
}

// write puts a new version of a row in place.
func (t *tx) write(before, after *record) {
	ob := objectOf(before, after)
	ob.records.set(before, after)
	t.steps = append(t.steps, step{before, after})
	t.noteRules(ob)
}

func (t *tx) noteRules(ob *object) {
	if ob.setup {
		t.o.rules++
	}
}

// stamp gives the next version of a row its audit columns. Whoever changed the
// row before held it until then, so its stamp never runs back.
func (t *tx) stamp(r *record) {
	if t.at < t.seen {
		r.modified, r.stamp, r.modifiedBy = max(t.at, r.modified), max(t.at, r.stamp), t.by.userID
		return
	}
	r.modified, r.stamp, r.modifiedBy = t.at, t.at, t.by.userID
}

// each runs one row's work under a savepoint and undoes it if it fails.
func (t *tx) each(work func() rowErrors) rowErrors {
	before := t.mark()
	errs := work()
	if len(errs) > 0 {
		t.rollback(before)
	}
	return errs
}

// insert creates a record and gives its id.
func (t *tx) insert(ob *object, sets []assignment) (string, rowErrors) {
	if !t.by.system && !(ob.createable && t.by.access.may(ob, mayCreate)) {
		return "", refuse("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: "+ob.label)
	}
	r := &record{object: ob, createdBy: t.by.userID}
	t.delayed(r)
	r.created = t.at
	r.puts(sets)
	t.fillDefaults(r)
	var id string
	errs := t.each(func() rowErrors {
		if errs := t.save(nil, r, sets); len(errs) > 0 {
			return errs
		}
		id = r.id
		return t.after(nil, r)
	})
	return id, errs
}

// fillDefaults gives a new record what nobody set.
func (t *tx) fillDefaults(r *record) {
	var fill []assignment
	for _, f := range r.object.fields {
		if !r.cells.at(f.idx).IsNull() || f.compute != nil || f.formula != nil {
			continue
		}
		switch {
		case f.numbering != nil:
			fill = append(fill, assignment{f, soql.Text(f.numbering.next())})
		case f.name == "OwnerId":
			fill = append(fill, assignment{f, soql.Text(t.by.userID)})
		case !f.def.IsNull():
			fill = append(fill, assignment{f, f.def})
		}
	}
	r.puts(fill)
}

// update changes fields of a live record. Like the real org it stamps the
// record even when every value is what it was.
func (t *tx) update(ob *object, id string, sets []assignment) rowErrors {
	if !t.by.system && !(ob.updateable && t.by.access.may(ob, mayEdit)) {
		return refuse("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
	}
	before, errs := t.live(ob, id)
	if errs != nil {
		return errs
	}
	if t.o.guardedFrom(t.by.access, before.id) {
		return readOnly()
	}
	if ob.name == "Lead" && before.named("IsConverted").Bool() && !t.by.system {
		return refuse("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
	}
	t.delayed(before)
	return t.each(func() rowErrors {
		after := before.with(sets)
		if errs := t.save(before, after, sets); len(errs) > 0 {
			return errs
		}
		return t.after(before, after)
	})
}

// live finds a record that is neither deleted nor hidden from the actor.
func (t *tx) live(ob *object, id string) (*record, rowErrors) {
	full, ok := canonicalID(id)
	if !ok {
		return nil, refuse("MALFORMED_ID", "malformed id "+id)
	}
	if full[:3] != ob.prefix {
		return nil, refuse("MALFORMED_ID", ob.label+" ID: id value of incorrect type: "+id, "Id")
	}
	r := ob.records.find(full)
	switch {
	case r == nil || t.o.hiddenFrom(t.by.access, full):
		return nil, refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
	case r.deleted:
		return nil, entityDeleted()
	}
	return r, nil
}

// save runs the checks of one version of a row in the vendor's order and
// writes it.
func (t *tx) save(before, after *record, sets []assignment) rowErrors {
	t.derive(before, after, sets)
	t.assign(before, after)
	if errs := t.checkPlaces(before, after, sets); len(errs) > 0 {
		return errs
	}
	if errs := t.asPerson(before, after, sets); len(errs) > 0 {
		return errs
	}
	for _, check := range []func(before, after *record) rowErrors{
		t.checkFault, t.checkHook, t.checkRequired, t.checkReferences, t.checkUnique, t.checkRules, t.checkDuplicates,
	} {
		if errs := check(before, after); len(errs) > 0 {
			return errs
		}
	}
	if after.id == "" {
		after.id = t.o.newID(after.object)
	}
	t.nameContact(before, after)
	t.stamp(after)
	t.write(before, after)
	t.mirror(before, after)
	return nil
}

// remove puts a record and what hangs on it into the recycle bin.
func (t *tx) remove(ob *object, id string) rowErrors {
	if !t.by.system && !(ob.deletable && t.by.access.may(ob, mayDelete)) {
		return refuse("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
	}
	r, errs := t.live(ob, id)
	if errs != nil {
		return errs
	}
	if t.o.guardedFrom(t.by.access, r.id) {
		return readOnly()
	}
	if t.o.personOf(r) != nil {
		return refuse("INVALID_PERSON_ACCOUNT_OPERATION", "delete the person account instead of its contact")
	}
	t.delayed(r)
	t.bin(r, r.id, nil)
	if physical[ob.name] {
		t.purge(r.id)
	}
	if ob.name == "OpportunityLineItem" {
		t.sumLines(r.named("OpportunityId").Str())
	}
	return nil
}

// physical are the objects whose records do not go through the recycle bin when
// they are deleted themselves, only when their parent is (Object Reference,
// "OpportunityContactRole"; Change Data Capture Guide, "Event Enrichment
// Considerations").
var physical = map[string]bool{"OpportunityContactRole": true, "CampaignMember": true}

// purge takes a record that this transaction deleted, and what went with it, out
// of the recycle bin. The log of deletions goes on naming them.
func (t *tx) purge(root string) {
	for _, b := range t.o.bins[t.firstBin:] {
		if r := b.object.records.find(b.id); b.root == root && r != nil {
			t.write(r, nil)
		}
	}
}

// bin marks a row and its dependents deleted; extra values go with the mark.
func (t *tx) bin(r *record, root string, extra []assignment) {
	if r.object.setup {
		t.write(r, nil)
		return
	}
	for _, f := range r.object.children {
		if !f.cascade {
			continue
		}
		for _, child := range f.object.records.withValue(f, strings.ToLower(r.id)) {
			if !child.deleted {
				t.bin(child, root, nil)
			}
		}
	}
	next := r.with(extra)
	next.deleted = true
	t.stamp(next)
	t.write(r, next)
	t.o.bins = append(t.o.bins, binned{object: r.object, id: r.id, root: root, at: t.at})
}

// restore takes a record out of the recycle bin with all that went in with it.
func (t *tx) restore(ob *object, id string) rowErrors {
	full, ok := canonicalID(id)
	r := ob.records.find(full)
	switch {
	case !ob.undeletable:
		return refuse("INVALID_TYPE_FOR_OPERATION", "entity type "+ob.name+" does not support undelete")
	case !ok || r == nil:
		return refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
	case !r.deleted:
		return refuse("UNDELETE_FAILED", "Entity is not in the recycle bin")
	}
	for _, b := range slices.Backward(t.o.bins) {
		row := b.object.records.find(b.id)
		if b.root != full || row == nil || !row.deleted {
			continue
		}
		next := row.with(nil)
		next.deleted = false
		if f := b.object.field("MasterRecordId"); f != nil {
			next.put(f, value{})
		}
		if errs := t.checkUnique(row, next); len(errs) > 0 {
			return errs
		}
		t.stamp(next)
		t.write(row, next)
	}
	return nil
}

// binned is an entry of the recycle bin's log, which getDeleted reads.
type binned struct {
	object   *object
	id, root string
	at       int64
}

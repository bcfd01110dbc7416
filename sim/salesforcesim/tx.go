package salesforcesim

import (
	"slices"

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
	if errs := checkSums(before, after, sets); len(errs) > 0 {
		return errs
	}
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

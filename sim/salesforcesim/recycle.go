package salesforcesim

import (
	"slices"
	"strings"
	"time"

	"tandem/sim/salesforcesim/soql"
)

// binned is an entry of the recycle bin's log, which getDeleted reads.
type binned struct {
	object   *object
	id, root string
	at       int64
	links    []cutLink // the look-ups that the deletion cleared
}

// cutLink is a look-up that a deletion cleared.
type cutLink struct {
	f  *field
	id string // of the record that had it
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
	if errs := t.checkDelete(r); errs != nil {
		return errs
	}
	t.delayed(r)
	if errs := t.each(func() rowErrors { return t.binAll(r) }); errs != nil {
		return errs
	}
	if physical[ob.name] {
		t.purge(r.id)
	}
	t.promote(r)
	if ob.name == "OpportunityLineItem" {
		t.sumLines(r.named("OpportunityId").Str())
	}
	return nil
}

// binAll puts a record and its dependents into the recycle bin unless something
// that stays needs one of them, and clears what looks up to them.
func (t *tx) binAll(r *record) rowErrors {
	first := len(t.o.bins)
	t.bin(r, r.id, nil)
	for i := first; i < len(t.o.bins); i++ {
		b := t.o.bins[i]
		if errs := t.checkHeld(b.object.records.find(b.id)); errs != nil {
			return errs
		}
	}
	t.unlink(first)
	return nil
}

// checkDelete looks for what the deletion of an account would have to take along
// and may not (SOAP API Developer Guide, "API Call Basics", Referential Integrity).
func (t *tx) checkDelete(r *record) rowErrors {
	if r.object.name != "Account" {
		return nil
	}
	if errs := t.checkCases(r, "AccountId"); errs != nil {
		return errs
	}
	return t.checkDeals(r)
}

// checkHeld: the contact of a case stays, and so does what a look-up field points
// at that restricts deletion.
func (t *tx) checkHeld(r *record) rowErrors {
	if r.object.name == "Contact" {
		if errs := t.checkCases(r, "ContactId"); errs != nil {
			return errs
		}
	}
	for _, f := range r.object.children {
		if !f.restricts {
			continue
		}
		var names []string
		for _, child := range f.object.records.withValue(f, strings.ToLower(r.id)) {
			if !child.deleted {
				names = append(names, t.o.nameOf(child))
			}
		}
		if errs := t.undeletable(r, "it is associated with the following "+strings.ToLower(f.object.plural)+".", names); errs != nil {
			return errs
		}
	}
	return nil
}

func (t *tx) checkCases(r *record, reference string) rowErrors {
	var numbers []string
	for c := range t.o.related("case", reference, r.id) {
		numbers = append(numbers, c.named("CaseNumber").Str())
	}
	return t.undeletable(r, "it is associated with the following cases.", numbers)
}

// checkDeals: the opportunities of an account go with it only while they are the
// caller's own and not won.
func (t *tx) checkDeals(account *record) rowErrors {
	var won, foreign []string
	for d := range t.o.related("opportunity", "AccountId", account.id) {
		switch {
		case t.o.stageOf(d).won:
			won = append(won, d.named("Name").Str())
		case d.named("OwnerId").Str() != t.by.userID:
			foreign = append(foreign, d.named("Name").Str())
		}
	}
	const listed = " The opportunities that could not be deleted are shown below."
	if errs := t.undeletable(account, "some opportunities in that account were closed won."+listed, won); errs != nil {
		return errs
	}
	return t.undeletable(account, "some opportunities in that account are owned by other users."+listed, foreign)
}

// undeletable refuses a deletion if something is named that stands against it.
// The vendor's text ends with a line feed.
func (t *tx) undeletable(r *record, because string, names []string) rowErrors {
	if len(names) == 0 {
		return nil
	}
	return refuse("DELETE_FAILED", "Your attempt to delete "+t.o.nameOf(r)+" could not be completed because "+because+": "+strings.Join(names, ", ")+"\n")
}

// nameOf is the name by which messages call a record.
func (o *Org) nameOf(r *record) string {
	for _, f := range r.object.fields {
		if f.nameField {
			return o.value(r, f).Str()
		}
	}
	return r.id
}

// physical are the objects whose records do not go through the recycle bin when
// they are deleted themselves, only when their parent is (Object Reference,
// "OpportunityContactRole", "OpportunityLineItem"; Change Data Capture Guide, "Event Enrichment
// Considerations").
var physical = map[string]bool{"OpportunityContactRole": true, "CampaignMember": true, "OpportunityLineItem": true}

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
	if child := t.o.copyOfInvited(r); child != nil {
		t.bin(child, root, nil)
	}
	next := r.with(extra)
	next.deleted = true
	t.stamp(next)
	t.write(r, next)
	t.o.bins = append(t.o.bins, binned{object: r.object, id: r.id, root: root, at: t.at})
}

// unlink clears the look-ups of live records to what went into the bin from an
// entry on, and notes them there.
func (t *tx) unlink(first int) {
	for i := first; i < len(t.o.bins); i++ {
		b := &t.o.bins[i]
		for _, f := range t.o.lookups(b.object) {
			for _, r := range f.object.records.withValue(f, strings.ToLower(b.id)) {
				if !r.deleted {
					b.links = append(b.links, cutLink{f, r.id})
					t.relink(r, f, value{})
				}
			}
		}
	}
}

// lookups lists the fields that are cleared when what they point at is deleted.
func (o *Org) lookups(ob *object) []*field {
	var out []*field
	for _, key := range sortedKeys(o.objects) {
		for _, f := range o.objects[key].indexed {
			if f.cleared && f.pointsAt(ob.name) {
				out = append(out, f)
			}
		}
	}
	return out
}

// relink sets a look-up as the org itself does: SystemModstamp moves, and the
// last modification stays whose it was.
func (t *tx) relink(r *record, f *field, v value) {
	next := r.with([]assignment{{f, v}})
	t.stamp(next)
	next.modified, next.modifiedBy = r.modified, r.modifiedBy
	t.write(r, next)
	t.mirror(r, next)
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
	case !r.deleted || !t.o.inBin(r) || t.orphaned(r):
		return refuse("UNDELETE_FAILED", "Entity is not in the recycle bin")
	}
	back := t.o.binnedUnder(full)
	for _, b := range back {
		if errs := t.revive(b.object.records.find(b.id)); errs != nil {
			return errs
		}
	}
	for _, b := range back {
		t.restoreLinks(b)
	}
	return nil
}

func (t *tx) revive(r *record) rowErrors {
	next := r.with(nil)
	next.deleted = false
	for _, f := range r.object.indexed {
		if f.cleared && t.gone(r.at(f).Str()) {
			next.put(f, value{})
		}
	}
	if f := r.object.field("MasterRecordId"); f != nil {
		next.put(f, value{})
	}
	if errs := t.checkUnique(r, next); len(errs) > 0 {
		return errs
	}
	t.stamp(next)
	t.write(r, next)
	return nil
}

// restoreLinks gives look-ups back that the deletion cleared and that nobody has
// filled since, where the vendor does (Apex Developer Guide, "Deleting and
// Restoring Records").
func (t *tx) restoreLinks(b binned) {
	for _, l := range b.links {
		r := l.f.object.records.find(l.id)
		if l.f.restored && r != nil && !r.deleted && r.at(l.f).IsNull() {
			t.relink(r, l.f, soql.Text(b.id))
		}
	}
}

// orphaned reports that what the record hangs on is deleted.
func (t *tx) orphaned(r *record) bool {
	for _, f := range r.object.indexed {
		if f.cascade && t.gone(r.at(f).Str()) {
			return true
		}
	}
	return false
}

// gone reports that an id names no live record.
func (t *tx) gone(id string) bool {
	r := t.o.find(id)
	return id != "" && (r == nil || r.deleted)
}

// emptiedTime is how long queryAll still shows what the recycle bin was emptied of
// (SOAP API Developer Guide, "emptyRecycleBin").
const emptiedTime = 24 * time.Hour

// empty takes a record and what went with it out of the recycle bin for good. It
// makes no event, and getDeleted goes on listing the records.
func (t *tx) empty(ob *object, id string) rowErrors {
	r := ob.records.find(id)
	if r == nil || !r.deleted || !t.o.inBin(r) {
		return refuse("INVALID_ID_FIELD", "the record is not in the recycle bin")
	}
	for _, b := range t.o.binnedUnder(id) {
		t.o.emptied[b.id] = t.at
	}
	return nil
}

// dropEmptied drops the records that were taken out of the bin long enough ago.
func (o *Org) dropEmptied() {
	limit := o.now().Add(-emptiedTime).Unix()
	for _, id := range sortedKeys(o.emptied) {
		if o.emptied[id] > limit {
			continue
		}
		if r := o.find(id); r != nil {
			r.object.records.set(r, nil)
		}
		delete(o.emptied, id)
	}
}

// inBin reports that a record can be restored or purged by its own id: it was not
// taken along by another, and the bin was not emptied of it.
func (o *Org) inBin(r *record) bool {
	if _, gone := o.emptied[r.id]; gone {
		return false
	}
	for _, b := range slices.Backward(o.bins) {
		if b.id == r.id {
			return b.root == r.id
		}
	}
	return false
}

// binnedUnder lists what one deletion took along and no other since, latest first.
func (o *Org) binnedUnder(root string) []binned {
	var out []binned
	later := map[string]bool{}
	for _, b := range slices.Backward(o.bins) {
		if r := b.object.records.find(b.id); b.root == root && !later[b.id] && r != nil && r.deleted {
			out = append(out, b)
		}
		later[b.id] = true
	}
	return out
}

package salesforcesim

import (
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// maxLosers is how many records may be merged into a master at once.
const maxLosers = 2

// merge moves what hangs on the losers to the master and deletes them with
// the master's id left on them.
func (t *tx) merge(ob *object, master string, fields map[string]any, losers []string) rowErrors {
	if !ob.mergeable {
		return refuse("INVALID_TYPE", "Merge is not supported for "+ob.name)
	}
	if len(losers) == 0 || len(losers) > maxLosers {
		return refuse("INVALID_NUMBER_OF_MERGE_RECORDS", "a merge takes one master and one or two other records")
	}
	if !t.by.access.may(ob, mayDelete|mayEdit) {
		return refuse("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
	}
	winner, errs := t.live(ob, master)
	if errs != nil {
		return errs
	}
	for _, id := range losers {
		if errs := t.mergeOne(ob, winner, id); errs != nil {
			return errs
		}
	}
	if len(fields) == 0 {
		return nil
	}
	sets, errs := t.parse(ob, fields, false)
	if len(errs) > 0 {
		return errs
	}
	return t.update(ob, winner.id, sets)
}

func (t *tx) mergeOne(ob *object, winner *record, id string) rowErrors {
	loser, errs := t.live(ob, id)
	switch {
	case errs != nil:
		return errs
	case loser.id == winner.id:
		return refuse("MERGE_FAILED", "a record cannot be merged with itself")
	case ob.name == "Lead" && (loser.named("IsConverted").Bool() || winner.named("IsConverted").Bool()):
		return refuse("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
	}
	if errs := t.mergePersons(winner, loser); errs != nil {
		return errs
	}
	t.moveChildren(loser.id, winner.id)
	t.bin(loser, loser.id, []assignment{{ob.field("MasterRecordId"), soql.Text(winner.id)}})
	return nil
}

// mergePersons: persons merge with persons only, as accounts, and then so do the
// contacts behind them.
func (t *tx) mergePersons(winner, loser *record) rowErrors {
	if t.o.personOf(loser) != nil || t.o.personOf(winner) != nil {
		return refuse("INVALID_PERSON_ACCOUNT_OPERATION", "the contact of a person account merges with its account only")
	}
	if loser.object.name != "Account" || !t.o.isPerson(loser) && !t.o.isPerson(winner) {
		return nil
	}
	if t.o.isPerson(loser) != t.o.isPerson(winner) {
		return refuse("MERGE_FAILED", "a person account merges with person accounts only")
	}
	contact, behind := t.o.find(loser.named("PersonContactId").Str()), winner.named("PersonContactId").Str()
	t.moveChildren(contact.id, behind)
	t.bin(contact, loser.id, []assignment{{contact.object.field("MasterRecordId"), soql.Text(behind)}})
	return nil
}

// moveChildren makes every live reference to one record point at another.
func (t *tx) moveChildren(from, to string) {
	for _, key := range sortedKeys(t.o.objects) {
		child := t.o.objects[key]
		if child.setup {
			continue
		}
		for _, f := range child.indexed {
			if f.typ != "reference" || f.name == "MasterRecordId" || f.name == "PersonContactId" {
				continue
			}
			for _, r := range child.records.withValue(f, strings.ToLower(from)) {
				if r.deleted || r.id == to {
					continue
				}
				next := r.with([]assignment{{f, soql.Text(to)}})
				t.stamp(next)
				t.write(r, next)
			}
		}
	}
}

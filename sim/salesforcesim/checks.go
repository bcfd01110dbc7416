package salesforcesim

import (
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// derive fills the columns that follow from others unless they were given.
func (t *tx) derive(before, after *record, sets []assignment) {
	given := func(name string) bool {
		for _, a := range sets {
			if a.f.name == name {
				return true
			}
		}
		return false
	}
	changed := func(name string) bool { return before == nil || before.named(name) != after.named(name) }
	ob := after.object
	t.deriveSales(before, after, given)
	switch ob.name {
	case "Opportunity":
		if changed("StageName") && !given("Probability") {
			after.put(ob.field("Probability"), soql.Number(t.o.stageNamed(after.named("StageName").Str()).probability))
		}
		if changed("StageName") && !given("ForecastCategoryName") {
			after.put(ob.field("ForecastCategoryName"), value{})
		}
	case "Task":
		if done := after.named("Status").Str() == taskClosed; changed("Status") {
			when := value{}
			if done {
				when = seconds(t.at)
			}
			after.put(ob.field("CompletedDateTime"), when)
		}
	}
}

// assign lets the org's assignment rule choose the owner, unless the call
// said Sforce-Auto-Assign: FALSE.
func (t *tx) assign(before, after *record) {
	rule := t.o.assignments[after.object.name]
	if rule == nil || t.by.noAssign || t.by.system || !rule.when.truth(t.o, before, after) {
		return
	}
	after.put(after.object.field("OwnerId"), soql.Text(rule.owner))
}

func (t *tx) checkRequired(_, after *record) rowErrors {
	var missing []string
	for _, f := range after.object.fields {
		if f.required && f.compute == nil && after.at(f).IsNull() {
			missing = append(missing, f.name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return refuse("REQUIRED_FIELD_MISSING", "Required fields are missing: ["+strings.Join(missing, ", ")+"]", missing...)
}

// checkReferences looks at the references that this write sets: they must
// name live records of the right object, and owners must be active.
func (t *tx) checkReferences(before, after *record) rowErrors {
	if errs := checkOwned(before, after); errs != nil {
		return errs
	}
	for idx, v := range after.cells.all() {
		f := after.object.slots[idx]
		if f.typ != "reference" || before != nil && before.at(f) == v {
			continue
		}
		if errs := t.checkReference(after, f, v.Str()); errs != nil {
			return errs
		}
	}
	return nil
}

func (t *tx) checkReference(r *record, f *field, id string) rowErrors {
	target := t.o.byPrefix[id[:3]]
	if target == nil || !f.pointsAt(target.name) {
		if t.o.knowsPrefix(f, id) {
			return refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", f.name)
		}
		return refuse("FIELD_INTEGRITY_EXCEPTION", f.label+": id value of incorrect type: "+id, f.name)
	}
	parent := target.records.find(id)
	switch {
	case parent == nil:
		return refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", f.name)
	case parent.deleted:
		return refuse("ENTITY_IS_DELETED", "entity is deleted", f.name)
	case target == r.object && t.loops(r, f, parent):
		return refuse("CIRCULAR_DEPENDENCY", "attempting to create a circular dependency: "+f.name, f.name)
	case f.name == "OwnerId":
		return t.checkOwner(r, f, parent)
	}
	return t.checkReach(f, parent)
}

func (f *field) pointsAt(object string) bool {
	for _, target := range f.refTo {
		if target == object {
			return true
		}
	}
	return false
}

// knowsPrefix reports that the field points at an object this org does not
// simulate, so that any id of it is well formed but names nothing.
func (o *Org) knowsPrefix(f *field, id string) bool {
	for _, target := range f.refTo {
		if o.objects[strings.ToLower(target)] == nil {
			return o.byPrefix[id[:3]] == nil
		}
	}
	return false
}

// loops follows a hierarchy upwards from a new parent.
func (t *tx) loops(r *record, f *field, parent *record) bool {
	if r.id == "" {
		return false
	}
	for range 500 {
		if parent.id == r.id {
			return true
		}
		next := r.object.records.find(parent.at(f).Str())
		if next == nil {
			return false
		}
		parent = next
	}
	return true
}

// queueOwns reports whether a queue may own an object's records.
func (o *Org) queueOwns(queue, object string) bool {
	links := o.objects["queuesobject"]
	for _, r := range links.records.withValue(links.field("QueueId"), strings.ToLower(queue)) {
		if r.named("SobjectType").Str() == object {
			return true
		}
	}
	return false
}

// checkUnique looks for another live record with the same unique value. The
// id in the message has 15 characters, as the vendor prints it.
func (t *tx) checkUnique(before, after *record) rowErrors {
	for _, f := range after.object.indexed {
		v := after.at(f)
		if !f.unique || v.IsNull() || before != nil && !before.deleted && before.at(f) == v {
			continue
		}
		for _, other := range after.object.records.withValue(f, fold(v)) {
			if other.id != after.id && !other.deleted && (!f.caseSensitive || other.at(f) == v) {
				return rowErrors{{code: "DUPLICATE_VALUE", message: "duplicate value found: " + f.name + " duplicates value on record with id: " + other.id[:15], fields: []string{}}}
			}
		}
	}
	return nil
}

// checkRules evaluates the admin's validation rules; all that fail are told.
func (t *tx) checkRules(before, after *record) rowErrors {
	var errs rowErrors
	for _, rule := range t.o.validations {
		if rule.object != after.object.name || !rule.when.truth(t.o, before, after) {
			continue
		}
		fields := []string{}
		if rule.field != "" {
			fields = []string{rule.field}
		}
		errs = append(errs, rowError{code: "FIELD_CUSTOM_VALIDATION_EXCEPTION", message: rule.message, fields: fields})
	}
	return errs
}

// duplicate is what a duplicate rule found.
type duplicate struct {
	detail  []byte // the rendered match, on single-record resources
	rule    *duplicateRule
	matches []string
}

const duplicateText = "You're creating a duplicate record. We recommend you use an existing record instead."

// checkDuplicates runs the org's duplicate rules: a block rule always
// refuses, an alert rule unless the caller allows the save.
func (t *tx) checkDuplicates(before, after *record) rowErrors {
	if t.by.system {
		return nil
	}
	for i := range t.o.duplicates {
		rule := &t.o.duplicates[i]
		if rule.Object != after.object.name || rule.Action != "block" && t.by.allowAlert || !rule.touched(before, after) {
			continue
		}
		if matches := t.o.matching(rule, after); len(matches) > 0 {
			return rowErrors{{code: "DUPLICATES_DETECTED", message: duplicateText, fields: []string{}, dup: &duplicate{rule: rule, matches: matches}}}
		}
	}
	return nil
}

// touched: on an update a rule runs only if a field it matches by changed.
func (d *duplicateRule) touched(before, after *record) bool {
	if before == nil {
		return true
	}
	for _, name := range d.Fields {
		if before.named(name) != after.named(name) {
			return true
		}
	}
	return false
}

// matching lists live records that agree in every field of the rule.
func (o *Org) matching(rule *duplicateRule, r *record) []string {
	var out []string
	consider := func(other *record) {
		if other == nil || other.deleted || other.id == r.id {
			return
		}
		for _, name := range rule.Fields {
			if v := r.named(name); v.IsNull() || fold(v) != fold(other.named(name)) {
				return
			}
		}
		out = append(out, other.id)
	}
	rows := r.object.records.rows
	if f := r.object.field(rule.Fields[0]); f.indexed {
		rows = r.object.records.withValue(f, fold(r.at(f)))
	}
	for _, other := range rows {
		consider(other)
	}
	return out
}

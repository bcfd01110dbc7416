package salesforcesim

import (
	"tandem/sim/salesforcesim/soql"
)

// maxWhos is to how many contacts an activity may be related where activities are shared
// (Object Reference, "TaskRelation").
const maxWhos = 50

// taskRelationFields are the columns of TaskRelation: whom and what a task is about.
var taskRelationFields = []field{
	ref("RelationId", "Relation ID", "Relation", "TaskRelations", "Contact", "Lead", "Account", "Opportunity", "Case", "Campaign").must().createOnly().cascading(),
	ref("TaskId", "Task ID", "Task", "TaskRelations", "Task").must().createOnly().cascading(), flag("IsWhat", "Is What").createOnly(),
}

// EnableSharedActivities lets a task be about several contacts. There is no way back here,
// though the vendor has one.
func (o *Org) EnableSharedActivities() {
	o.mu.Lock()
	defer o.mu.Unlock()
	relations := o.objects["taskrelation"]
	if !relations.absent {
		return
	}
	relations.absent = false
	for _, count := range []string{"Who", "What"} {
		f := computed(whole(count+"Count", "Relation Count "+count, 9).fixed().silent(), func(o *Org, r *record) value {
			n := 0
			for x := range o.related("taskrelation", "TaskId", r.id) {
				if x.named("IsWhat").Bool() == (count == "What") {
					n++
				}
			}
			return soql.Number(float64(n))
		})
		o.objects["task"].add(&f)
	}
	for _, r := range o.objects["task"].records.rows {
		if r != nil && !r.deleted {
			o.seedRelations(r)
		}
	}
	o.touchSchema(relations)
	o.touchSchema(o.objects["task"])
}

func (o *Org) seedRelations(r *record) {
	for _, name := range []string{"WhoId", "WhatId"} {
		if id := r.named(name); !id.IsNull() {
			o.seed("TaskRelation", "TaskId", r.id, "RelationId", id.Str(), "IsWhat", name == "WhatId")
		}
	}
}

// relate keeps the relations of a task in line with the person and the record it names.
func (t *tx) relate(before, after *record) rowErrors {
	relations := t.o.objects["taskrelation"]
	if relations.absent || after.object.name != "Task" {
		return nil
	}
	for _, name := range []string{"WhoId", "WhatId"} {
		var was value
		if before != nil {
			was = before.named(name)
		}
		is := after.named(name)
		if was == is {
			continue
		}
		if have := t.relation(after.id, was.Str()); have != nil {
			t.bin(have, have.id, nil)
		}
		if is.IsNull() || t.relation(after.id, is.Str()) != nil {
			continue
		}
		r := &record{object: relations, createdBy: t.by.userID, created: t.at}
		r.puts([]assignment{{relations.field("TaskId"), soql.Text(after.id)}, {relations.field("RelationId"), is}, {relations.field("IsWhat"), soql.Bool(name == "WhatId")}})
		r.id = t.o.newID(relations)
		t.stamp(r)
		t.write(nil, r)
	}
	return nil
}

func (t *tx) relation(task, with string) *record {
	for r := range t.o.related("taskrelation", "TaskId", task) {
		if with != "" && r.named("RelationId").Str() == with {
			return r
		}
	}
	return nil
}

// checkRelation: a task is about one lead or up to fifty contacts, each once, and about one
// other record.
func (t *tx) checkRelation(r *record) rowErrors {
	who := t.o.find(r.named("RelationId").Str())
	if who == nil {
		return nil // told by the check of references
	}
	person := who.object.name == "Contact" || who.object.name == "Lead"
	if person == r.named("IsWhat").Bool() {
		return refuse("FIELD_INTEGRITY_EXCEPTION", "IsWhat does not fit the related record", "IsWhat")
	}
	n := 0
	for have := range t.o.related("taskrelation", "TaskId", r.named("TaskId").Str()) {
		if have.named("RelationId") == r.named("RelationId") {
			return refuse("DUPLICATE_VALUE", "The task is related to this record already", "RelationId")
		}
		if have.named("IsWhat").Bool() == person {
			continue
		}
		n++
		if other := t.o.find(have.named("RelationId").Str()); !person || who.object.name == "Lead" || other != nil && other.object.name == "Lead" {
			return refuse("FIELD_INTEGRITY_EXCEPTION", "A task is about one lead or several contacts, and about one other record", "RelationId")
		}
	}
	if n >= maxWhos {
		return refuse("FIELD_INTEGRITY_EXCEPTION", "A task is about 50 contacts at most", "RelationId")
	}
	return nil
}

// promote has a task whose first person, or record, is no more related to it name the next.
func (t *tx) promote(gone *record) {
	if gone.object.name != "TaskRelation" {
		return
	}
	task, name := t.o.find(gone.named("TaskId").Str()), "WhoId"
	if gone.named("IsWhat").Bool() {
		name = "WhatId"
	}
	if task == nil || task.deleted || task.named(name) != gone.named("RelationId") {
		return
	}
	var heir value
	for r := range t.o.related("taskrelation", "TaskId", task.id) {
		if r.named("IsWhat") == gone.named("IsWhat") && r.id != gone.id {
			heir = r.named("RelationId")
			break
		}
	}
	next := task.with([]assignment{{task.object.field(name), heir}})
	t.stamp(next)
	t.write(task, next)
}

// adopt has a task without a person, or a record, name the first that is related to it.
func (t *tx) adopt(r *record) {
	task, name := t.o.find(r.named("TaskId").Str()), "WhoId"
	if r.named("IsWhat").Bool() {
		name = "WhatId"
	}
	if task == nil || !task.named(name).IsNull() {
		return
	}
	next := task.with([]assignment{{task.object.field(name), r.named("RelationId")}})
	t.stamp(next)
	t.write(task, next)
}

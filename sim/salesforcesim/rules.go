package salesforcesim

import (
	"fmt"
	"slices"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// ValidationRule is an admin's rule that refuses a save.
type ValidationRule struct {
	Object  string `json:"object"`
	Name    string `json:"name"`
	Formula string `json:"formula"` // the save is refused when it is true
	Message string `json:"message"`
	Field   string `json:"field,omitempty"` // where the page shows the message
}

// Automation is a workflow or flow that changes a field after a save.
type Automation struct {
	Object string `json:"object"`
	Name   string `json:"name"`
	When   string `json:"when"`  // formula; always when empty
	Field  string `json:"field"` // what it sets
	Value  string `json:"value"` // formula of the new value
	// Async makes it run in a transaction of its own as the Automated Process
	// user, as a scheduled flow does; otherwise it is part of the save and
	// shows as a change by whoever saved.
	Async bool `json:"async"`
}

// DuplicateRule finds records that agree in all of Fields.
type DuplicateRule struct {
	Object string   `json:"object"`
	Name   string   `json:"name"`
	Fields []string `json:"fields"`
	Action string   `json:"action"` // alert or block
}

// AssignmentRule re-owns records whose save did not switch assignment off.
type AssignmentRule struct {
	Object string `json:"object"`
	When   string `json:"when"`  // formula; on create when empty
	Owner  string `json:"owner"` // id or user name of a user, id or developer name of a queue
}

type validation struct {
	object, name, message, field string
	when                         *formula
}

type automation struct {
	object, name string
	when, set    *formula
	target       *field
	async        bool
}

type duplicateRule struct{ DuplicateRule }

type ownerRule struct {
	owner string
	when  *formula
}

func (o *Org) objectNamed(name string) (*object, error) {
	ob := o.objects[strings.ToLower(name)]
	if ob == nil {
		return nil, fmt.Errorf("find object %q: this org has none of that name", name)
	}
	return ob, nil
}

// AddValidationRule switches a rule on; one with the same name is replaced.
func (o *Org) AddValidationRule(r ValidationRule) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	ob, err := o.objectNamed(r.Object)
	if err != nil {
		return err
	}
	when, err := parseFormula(r.Formula)
	if err != nil {
		return fmt.Errorf("read validation rule %s: %w", r.Name, err)
	}
	o.validations = slices.DeleteFunc(o.validations, func(v validation) bool { return v.object == ob.name && v.name == r.Name })
	o.validations = append(o.validations, validation{object: ob.name, name: r.Name, message: r.Message, field: r.Field, when: when})
	return nil
}

// AddAutomation switches an automation on; one with the same name is replaced.
func (o *Org) AddAutomation(a Automation) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	ob, err := o.objectNamed(a.Object)
	if err != nil {
		return err
	}
	target := ob.field(a.Field)
	if target == nil || target.compute != nil || target.sys != sysNone {
		return fmt.Errorf("read automation %s: %s.%s cannot be set", a.Name, ob.name, a.Field)
	}
	when, err := parseFormula(orTrue(a.When))
	if err != nil {
		return fmt.Errorf("read automation %s: %w", a.Name, err)
	}
	set, err := parseFormula(a.Value)
	if err != nil {
		return fmt.Errorf("read automation %s: %w", a.Name, err)
	}
	o.automations = slices.DeleteFunc(o.automations, func(v automation) bool { return v.object == ob.name && v.name == a.Name })
	o.automations = append(o.automations, automation{object: ob.name, name: a.Name, when: when, set: set, target: target, async: a.Async})
	return nil
}

func orTrue(s string) string {
	if s == "" {
		return "TRUE"
	}
	return s
}

// AddDuplicateRule switches a duplicate rule on; one with the same name is
// replaced.
func (o *Org) AddDuplicateRule(r DuplicateRule) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	ob, err := o.objectNamed(r.Object)
	if err != nil {
		return err
	}
	if len(r.Fields) == 0 || r.Action != "alert" && r.Action != "block" {
		return fmt.Errorf("read duplicate rule %s: it needs fields and the action alert or block", r.Name)
	}
	for _, name := range r.Fields {
		if f := ob.field(name); f == nil || f.compute != nil {
			return fmt.Errorf("read duplicate rule %s: %s has no stored field %q", r.Name, ob.name, name)
		}
	}
	if r.Name == "" {
		r.Name = "Standard_" + ob.name + "_Duplicate_Rule"
	}
	r.Object = ob.name
	o.duplicates = slices.DeleteFunc(o.duplicates, func(d duplicateRule) bool { return d.Object == ob.name && d.Name == r.Name })
	o.duplicates = append(o.duplicates, duplicateRule{r})
	return nil
}

// SetAssignmentRule makes the active assignment rule of an object; an empty
// owner switches it off.
func (o *Org) SetAssignmentRule(r AssignmentRule) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	ob, err := o.objectNamed(r.Object)
	if err != nil {
		return err
	}
	if r.Owner == "" {
		delete(o.assignments, ob.name)
		return nil
	}
	owner := o.principal(r.Owner)
	if owner == "" {
		return fmt.Errorf("read assignment rule of %s: no user or queue %q", ob.name, r.Owner)
	}
	if r.When == "" {
		r.When = "ISNEW()"
	}
	when, err := parseFormula(r.When)
	if err != nil {
		return fmt.Errorf("read assignment rule of %s: %w", ob.name, err)
	}
	o.assignments[ob.name] = &ownerRule{owner: owner, when: when}
	return nil
}

// ClearRules switches every rule and automation off.
func (o *Org) ClearRules() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.validations, o.automations, o.duplicates = nil, nil, nil
	clear(o.assignments)
}

// maxPasses bounds automations that trigger each other.
const maxPasses = 5

// after runs the automations of a saved record.
func (t *tx) after(before, after *record) rowErrors {
	switch after.object.name {
	case "OpportunityLineItem":
		t.sumLines(after.named("OpportunityId").Str())
	case "OpportunityContactRole":
		t.onlyPrimary(after)
	case "Task", "Event":
		if errs := t.spread(before, after); len(errs) > 0 {
			return errs
		}
		after = t.o.find(after.id)
	case "EventRelation":
		if before == nil {
			if errs := t.invite(after); len(errs) > 0 {
				return errs
			}
		}
	case "TaskRelation":
		t.adopt(after)
	case "Opportunity":
		if before != nil {
			break
		}
		if errs := t.makePrimary(after); len(errs) > 0 {
			return errs
		}
	}
	current := after
	for range maxPasses {
		sets := t.automatic(before, current)
		if len(sets) == 0 {
			return nil
		}
		next := current.with(sets)
		for _, a := range sets {
			if a.f.typ == "reference" && !a.v.IsNull() {
				if errs := t.checkReference(next, a.f, a.v.Str()); errs != nil {
					return errs
				}
			}
		}
		if errs := t.checkUnique(current, next); errs != nil {
			return errs
		}
		t.stamp(next)
		t.write(current, next)
		current = next
	}
	return nil
}

// spread makes what a task or an event brings with it.
func (t *tx) spread(before, after *record) rowErrors {
	if before == nil {
		if errs := t.repeat(after); len(errs) > 0 {
			return errs
		}
	} else if after.object.name == "Event" {
		t.retell(after)
	}
	return t.relate(before, t.o.find(after.id))
}

// automatic collects what the automations want changed; asynchronous ones
// are put off until after the commit.
func (t *tx) automatic(before, r *record) []assignment {
	if len(t.o.automations) == 0 {
		return nil
	}
	var sets []assignment
	for _, a := range t.o.automations {
		if a.object != r.object.name || !a.when.truth(t.o, before, r) {
			continue
		}
		v, errs := a.target.coerce(plainText(a.set.eval(t.o, before, r)))
		if len(errs) > 0 || v == r.at(a.target) {
			continue
		}
		if a.async {
			t.postpone(r, assignment{a.target, v})
			continue
		}
		sets = append(sets, assignment{a.target, v})
	}
	return sets
}

// postpone sets a field in a later transaction of the automated process.
func (t *tx) postpone(r *record, set assignment) {
	if t.by.userID == t.o.robotID {
		return
	}
	o, ob, id := t.o, r.object, r.id
	t.later = append(t.later, func() {
		t := o.begin(actor{userID: o.robotID, system: true})
		if errs := t.update(ob, id, []assignment{set}); len(errs) > 0 {
			t.abort()
			return
		}
		t.commit()
	})
}

// plainText gives a formula's result in the form that coerce reads.
func plainText(v value) any {
	switch v.Kind() {
	case soql.KindNull:
		return nil
	case soql.KindNumber:
		return v.Num()
	case soql.KindBool:
		return v.Bool()
	case soql.KindDateTime:
		return v.Time()
	}
	return v.Str()
}

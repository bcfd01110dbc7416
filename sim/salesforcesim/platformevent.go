package salesforcesim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"tandem/sim/salesforcesim/pubsub"
)

// EventSpec is a platform event as an administrator would define it.
type EventSpec struct {
	Name        string      `json:"name"`         // with or without __e
	Fields      []FieldSpec `json:"fields"`       // Object and Hidden say nothing here
	AfterCommit bool        `json:"after_commit"` // publish once the transaction is committed; immediately otherwise
}

var eventName = regexp.MustCompile(`^[A-Za-z]([A-Za-z0-9]|_[A-Za-z0-9])*__e$`)

// eventFieldTypes are the types that a field of a platform event may have
// (Platform Events Developer Guide, "Platform Event Fields").
var eventFieldTypes = map[string]bool{"Checkbox": true, "Date": true, "DateTime": true, "Number": true, "Text": true, "LongTextArea": true}

// AddEvent defines a platform event, or defines it anew: clients may publish it
// over REST, Bulk API 2.0 and the Pub/Sub API and subscribe to /event/Name__e.
// Everybody who may do something with data may publish it and read it.
func (o *Org) AddEvent(s EventSpec) error {
	if !strings.HasSuffix(s.Name, "__e") {
		s.Name += "__e"
	}
	if !eventName.MatchString(s.Name) {
		return fmt.Errorf("add event: %q is no API name", s.Name)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	ob := o.newEvent(s)
	for _, spec := range s.Fields {
		f, err := eventField(ob, spec)
		if err != nil {
			return fmt.Errorf("add event %s: %w", s.Name, err)
		}
		f.id = o.ids.make("00N")[:15]
		ob.add(f)
	}
	first := o.events[strings.ToLower(s.Name)] == nil
	o.events[strings.ToLower(s.Name)] = ob
	if first {
		o.grantEvent(ob)
	}
	o.touchSchema(ob)
	return nil
}

// newEvent builds the event with its system fields, which the event bus adds to
// the schema of its own. The key prefix of an event that is defined anew stays.
func (o *Org) newEvent(s EventSpec) *object {
	n := len(o.events)
	label := strings.ReplaceAll(strings.TrimSuffix(s.Name, "__e"), "_", " ")
	ob := &object{name: s.Name, label: label, plural: label, prefix: fmt.Sprintf("e%c%c", base62[n/len(base62)%len(base62)], base62[n%len(base62)]),
		byName: map[string]*field{}, byRelation: map[string]*field{}, records: newTable(),
		createable: true, triggerable: true, custom: true, event: true, afterCommit: s.AfterCommit}
	if have := o.events[strings.ToLower(s.Name)]; have != nil {
		ob.prefix = have.prefix
	}
	replay := text("ReplayId", "Replay ID", 1333).readonly().fixed().silent()
	ob.add(&replay)
	ob.add(&field{name: "CreatedDate", label: "Created Date", typ: "datetime", sys: sysCreated, defaulted: true, quiet: true})
	ob.add(&field{name: "CreatedById", label: "Created By ID", typ: "reference", length: 18, refTo: []string{"User"},
		relation: "CreatedBy", sys: sysCreatedBy, defaulted: true, quiet: true})
	return ob
}

// eventField builds a field of an event. Field-level security does not reach
// it, and nobody updates what was published.
func eventField(ob *object, s FieldSpec) (*field, error) {
	if !eventFieldTypes[s.Type] || !strings.HasSuffix(s.Name, "__c") {
		return nil, fmt.Errorf("field %s of type %q: a field's name ends in __c and its type is Checkbox, Date, DateTime, Number, Text or LongTextArea", s.Name, s.Type)
	}
	raw, err := json.Marshal(s.metadata())
	if err != nil {
		return nil, fmt.Errorf("field %s: %w", s.Name, err)
	}
	var m metadataMap
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("field %s: %w", s.Name, err)
	}
	f, errs := fieldFromMetadata(ob, s.Name, m)
	if len(errs) > 0 {
		return nil, fmt.Errorf("field %s: %w", s.Name, errs)
	}
	f.permissionable, f.updateable = false, false
	return f, nil
}

// grantEvent lets the holders of data rights publish an event and read it.
func (o *Org) grantEvent(ob *object) {
	for _, set := range o.dataSets() {
		o.seed("ObjectPermissions", "ParentId", set, "SobjectType", ob.name, "PermissionsCreate", true, "PermissionsRead", true)
	}
}

// sobject finds an object or a platform event. The caller holds the org's lock.
func (o *Org) sobject(name string) *object {
	if ob := o.objects[strings.ToLower(name)]; ob != nil {
		return ob
	}
	return o.events[strings.ToLower(name)]
}

// visibleEvent finds a platform event that the user may read.
func (o *Org) visibleEvent(c *call, name string) *object {
	var out *object
	c.read(func(a *access) {
		if ob := o.events[strings.ToLower(name)]; ob != nil && a.may(ob, mayRead) {
			out = ob
		}
	})
	return out
}

// eventResource answers /sobjects/Name__e and what is below it. A published
// event is no record: nothing reads, changes or deletes it here.
func (o *Org) eventResource(c *call, ob *object, rest []string) *answer {
	switch {
	case len(rest) == 0:
		return c.methods(map[string]func() *answer{"GET": func() *answer { return o.basicInfo(c, ob) }, "POST": func() *answer { return o.publishOne(c, ob) }})
	case len(rest) == 1 && rest[0] == "describe":
		return c.methods(map[string]func() *answer{"GET": func() *answer { return o.describe(c, ob) }})
	}
	return refusal(notFound())
}

func (o *Org) publishOne(c *call, ob *object) *answer {
	raw, errs := c.object()
	if errs != nil {
		return refusal(errs)
	}
	var s saved
	c.write(func(t *tx) { s = t.publishRow(ob, raw) })
	if len(s.errs) > 0 {
		return refusal(s.errs)
	}
	return jsonAnswer(http.StatusCreated, s.append(nil))
}

// publishRow checks an event as a row is checked and queues it. The result
// carries the event's UUID in what is otherwise an error (Platform Events
// Developer Guide, "Publish Event Messages with Salesforce APIs"); the id names
// nothing.
func (t *tx) publishRow(ob *object, raw map[string]any) saved {
	if !t.by.system && !t.by.access.may(ob, mayCreate) {
		return saved{errs: refuse("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: "+ob.label)}
	}
	sets, errs := t.parse(ob, raw, true)
	if len(errs) > 0 {
		return saved{errs: errs}
	}
	r := &record{object: ob}
	r.puts(sets)
	t.fillDefaults(r)
	if errs := t.checkRequired(nil, r); len(errs) > 0 {
		return saved{errs: errs}
	}
	uuid, publish, err := t.o.bus.Enqueue(pubsub.PlatformEvent{Entity: ob.name, Values: eventValues(r, raw), Created: time.Unix(t.at, 0).UTC(), CreatedBy: t.by.userID})
	if err != nil {
		return saved{errs: refuse("PLATFORM_EVENT_PUBLISHING_UNAVAILABLE", err.Error())}
	}
	if ob.afterCommit {
		t.later = append(t.later, publish)
	} else {
		t.outbox = append(t.outbox, publish)
	}
	return saved{id: t.o.ids.make(ob.prefix), notes: rowErrors{{code: "OPERATION_ENQUEUED", message: uuid}}, final: !ob.afterCommit}
}

// eventValues are the values of an event message. A text that was given empty
// stays empty, where a record would have null (Platform Events Developer Guide,
// "Considerations for Publishing and Subscribing to Platform Events with Apex
// and APIs").
func eventValues(r *record, raw map[string]any) map[string]any {
	out := map[string]any{}
	for _, f := range r.object.fields {
		if v := r.at(f); f.custom && !v.IsNull() {
			out[f.name] = plainValue(v, f.typ)
		}
	}
	for key, v := range raw {
		f := r.object.field(key)
		if s, given := v.(string); given && f != nil && f.text() && strings.TrimSpace(s) == "" {
			out[f.name] = ""
		}
	}
	return out
}

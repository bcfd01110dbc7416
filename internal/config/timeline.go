package config

import (
	"fmt"
	"slices"
	"time"

	"tandem/internal/mapping"
)

// Timeline are the settings of what people did in HubSpot that is no record there, and
// becomes Salesforce tasks: marketing e-mail, forms, and the events of the events API.
type Timeline struct {
	EmailSends      TaskOf    `yaml:"email_sends,omitempty"`
	EmailOpens      TaskOf    `yaml:"email_opens,omitempty"`
	EmailClicks     TaskOf    `yaml:"email_clicks,omitempty"`
	FormSubmissions TaskOf    `yaml:"form_submissions,omitempty"`
	Events          []EventOf `yaml:"events,omitempty"`
	// Repeats is RepeatsOnce or RepeatsEach, Bots BotsLeaveOut or BotsTake.
	Repeats string `yaml:"repeats,omitempty"`
	Bots    string `yaml:"bots,omitempty"`
	// Wait is how long something waits for its person to be linked.
	Wait       Duration `yaml:"wait,omitempty"`
	FormsEvery Duration `yaml:"forms_every,omitempty"`
	TasksADay  int      `yaml:"tasks_a_day,omitempty"`
}

// What repeated opens and clicks of one e-mail by one address make (ACT-3, LIM-8).
const (
	RepeatsOnce = "once"
	RepeatsEach = "each"
)

// What becomes of opens and clicks that HubSpot takes for a machine's.
const (
	BotsLeaveOut = "leave_out"
	BotsTake     = "take"
)

// TaskOf says whether one kind of activity becomes tasks, which of them, and how these look.
type TaskOf struct {
	Sync   bool   `yaml:"sync,omitempty"`
	Filter string `yaml:"filter,omitempty"`
	// Subject and the values of Fields are formats: texts with names in braces.
	Subject string            `yaml:"subject,omitempty"`
	Type    string            `yaml:"type,omitempty"`
	Status  string            `yaml:"status,omitempty"`
	Fields  map[string]string `yaml:"fields,omitempty"`
}

// EventOf is TaskOf for one type of event of the events API. Listing it switches it on.
type EventOf struct {
	Event string `yaml:"event"`
	// Properties of the event that filter and formats use.
	Properties []string `yaml:"properties,omitempty"`
	// Same are those of them by which two events are the same thing.
	Same    []string          `yaml:"same,omitempty"`
	Filter  string            `yaml:"filter,omitempty"`
	Subject string            `yaml:"subject,omitempty"`
	Type    string            `yaml:"type,omitempty"`
	Status  string            `yaml:"status,omitempty"`
	Fields  map[string]string `yaml:"fields,omitempty"`
}

// Task is the event's settings in the common form.
func (e *EventOf) Task() TaskOf {
	return TaskOf{Sync: true, Filter: e.Filter, Subject: e.Subject, Type: e.Type, Status: e.Status, Fields: e.Fields}
}

// kinds are the blocks of a fixed name, with what their tasks are called by default.
func (t *Timeline) kinds() []struct {
	key     string
	of      *TaskOf
	subject string
} {
	return []struct {
		key     string
		of      *TaskOf
		subject string
	}{
		{".email_sends", &t.EmailSends, "E-mail sent: {subject}"}, {".email_opens", &t.EmailOpens, "E-mail opened: {subject}"},
		{".email_clicks", &t.EmailClicks, "E-mail clicked: {subject}"}, {".form_submissions", &t.FormSubmissions, "Form submitted: {form}"},
	}
}

// On reports that something becomes tasks.
func (t *Timeline) On() bool {
	return len(t.Events) > 0 || t.EmailSends.Sync || t.EmailOpens.Sync || t.EmailClicks.Sync || t.FormSubmissions.Sync
}

// complete fills in the defaults. The original makes a task of each raw event (ACT-3).
func (t *Timeline) complete(p Profile) {
	if !t.On() {
		return
	}
	repeats, bots := RepeatsOnce, BotsLeaveOut
	if p == Classic {
		repeats, bots = RepeatsEach, BotsTake
	}
	set(&t.Repeats, repeats)
	set(&t.Bots, bots)
	set(&t.Wait, Duration(24*time.Hour))
	set(&t.FormsEvery, Duration(10*time.Minute))
	set(&t.TasksADay, 10_000)
	for _, k := range t.kinds() {
		if k.of.Sync {
			set(&k.of.Subject, k.subject)
			set(&k.of.Status, doneStatus)
		}
	}
	for i := range t.Events {
		set(&t.Events[i].Subject, "HubSpot event: {event}")
		set(&t.Events[i].Status, doneStatus)
	}
}

// doneStatus is the status of a task about what is over.
const doneStatus = "Completed"

// leastFormLook is the shortest time between two looks at the forms: each takes a call a
// form.
const leastFormLook = time.Minute

func (c *Connection) checkTimeline(at finder) error {
	t := &c.Activities.Timeline
	if !t.On() {
		return nil
	}
	at = at.under(".activities.timeline")
	switch {
	case !c.Contacts.Sync:
		return at.refuse("", "tasks belong to leads and contacts, and contact sync is off (ACT-1)", "set contacts.sync: true, or take the block out")
	case t.FormsEvery.D() < leastFormLook:
		return at.refuse(".forms_every", "looking this often would burn calls: each look takes a call for each form", "write 1m or more; 10m is the default")
	case t.TasksADay < 1:
		return at.refuse(".tasks_a_day", "a number of tasks is above 0", "10000 is the default; what is above it waits")
	case t.Wait.D() < 0:
		return at.refuse(".wait", "a time is not negative", "24h is the default")
	}
	if err := oneOf(at, ".repeats", t.Repeats, RepeatsOnce, RepeatsEach); err != nil {
		return err
	}
	if err := oneOf(at, ".bots", t.Bots, BotsLeaveOut, BotsTake); err != nil {
		return err
	}
	for _, k := range t.kinds() {
		if err := k.of.check(at.under(k.key)); err != nil {
			return err
		}
	}
	return t.checkEvents(at)
}

func (t *Timeline) checkEvents(at finder) error {
	met := map[string]bool{}
	for i := range t.Events {
		e, at := &t.Events[i], at.under(fmt.Sprintf(".events[%d]", i))
		stray := slices.IndexFunc(e.Same, func(name string) bool { return !slices.Contains(e.Properties, name) })
		switch {
		case e.Event == "":
			return at.refuse(".event", "the name of the event's type is missing", "tandem check lists the types that HubSpot knows")
		case met[e.Event]:
			return at.refuse(".event", e.Event+" is listed twice", "keep one of the two")
		case stray >= 0:
			return at.refuse(".same", e.Same[stray]+" is not one of the event's properties", "add it to properties")
		}
		met[e.Event] = true
		of := e.Task()
		if err := of.check(at); err != nil {
			return err
		}
	}
	return nil
}

// reservedFields of a task are Tandem's to write.
var reservedFields = []string{"Id", "WhoId", "Subject", "Status", "Type", "ActivityDate", "OwnerId", "IsRecurrence"}

func (o *TaskOf) check(at finder) error {
	const names = "write names in braces, such as {subject}; docs/activities.md lists them"
	if err := checkExpression(at, ".filter", o.Filter, `write an expression over what is told of the activity, such as subject contains "webinar"`); err != nil {
		return err
	}
	if _, err := mapping.ParseFormat(o.Subject); err != nil {
		return at.refuse(".subject", err.Error(), names)
	}
	for _, field := range sortedKeys(o.Fields) {
		if slices.Contains(reservedFields, field) {
			return at.refuse(".fields", field+" is written by Tandem itself", "subject, type and status have keys of their own; take the others out")
		}
		if _, err := mapping.ParseFormat(o.Fields[field]); err != nil {
			return at.refuse(".fields."+field, err.Error(), names)
		}
	}
	return nil
}

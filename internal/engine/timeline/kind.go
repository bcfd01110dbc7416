package timeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
)

// kind is one kind of happening that becomes tasks.
type kind struct {
	// name is what the settings call it; an event has that of its type behind it.
	name string
	// sort begins the keys of its tasks, which tells them from those of activities that
	// are records.
	sort string
	// of is where HubSpot keeps it; Of is blank for forms, of which each is a list.
	of connector.HappeningSource
	// reader says that it is something a reader of an e-mail does, again and again.
	reader  bool
	same    []string // values by which two are the same thing
	filter  *mapping.Predicate
	names   []string // that its filter and formats may use
	subject *mapping.Format
	fields  map[string]*mapping.Format
	set     config.TaskOf
}

// What is told of each kind, by name.
var (
	toldOfMail  = []string{"email", "mailing", "mailing_id", "subject", "url", "when"}
	toldOfForm  = []string{"email", "form", "form_id", "page", "when"}
	toldOfEvent = []string{"event", "when"}
)

// Names of the kinds, as the settings have them.
const (
	EmailSends      = "email_sends"
	EmailOpens      = "email_opens"
	EmailClicks     = "email_clicks"
	FormSubmissions = "form_submissions"
	events          = "events"
)

// Switched are the kinds that settings switch on, by the names under which it is kept how
// far they were read.
func Switched(t *config.Timeline) (out []core.Pair) {
	for _, k := range switchedOn(t, nil) {
		out = append(out, core.Pair(cursorPrefix+k.name))
	}
	return out
}

// switchedOn are the kinds that settings switch on; ofForms is what a form tells.
func switchedOn(t *config.Timeline, ofForms []string) []*kind {
	mail := func(name, sort, of string, reader bool, set config.TaskOf) *kind {
		return &kind{name: name, sort: sort, of: connector.HappeningSource{Kind: connector.MailHappening, Of: of}, reader: reader, names: toldOfMail, set: set}
	}
	all := []*kind{
		mail(EmailSends, "mailsent", "SENT", false, t.EmailSends), mail(EmailOpens, "mailopen", "OPEN", true, t.EmailOpens), mail(EmailClicks, "mailclick", "CLICK", true, t.EmailClicks),
		{name: FormSubmissions, sort: "form", of: connector.HappeningSource{Kind: connector.FormHappening}, names: ofForms, set: t.FormSubmissions},
	}
	for i := range t.Events {
		e := &t.Events[i]
		all = append(all, &kind{name: events + "/" + e.Event, sort: "event", of: connector.HappeningSource{Kind: connector.EventHappening, Of: e.Event}, same: e.Same,
			names: slices.Concat(toldOfEvent, e.Properties), set: e.Task()})
	}
	return slices.DeleteFunc(all, func(k *kind) bool { return !k.set.Sync })
}

// kindsOf are the kinds of a connection, ready to be used.
func kindsOf(c *conn.Known) ([]*kind, error) {
	all := switchedOn(&c.Settings.Activities.Timeline, formNames(c))
	for _, k := range all {
		if err := k.compile(); err != nil {
			return nil, conn.Misfit("activities.timeline."+k.name, core.HubSpot, core.Contacts, err)
		}
	}
	return all, nil
}

// formNames are what a form tells: its fields are properties of contacts.
func formNames(c *conn.Known) []string {
	out := slices.Clone(toldOfForm)
	for _, f := range c.Schemas[core.HubSpot][core.Contacts].Fields {
		out = append(out, f.Name)
	}
	return out
}

func (k *kind) compile() (err error) {
	if k.set.Filter != "" {
		defs := make([]mapping.FieldDef, len(k.names))
		for i, n := range k.names {
			defs[i] = mapping.FieldDef{Name: n, Type: "string", FieldType: "text"}
		}
		if k.filter, err = mapping.CompilePredicate(k.set.Filter, defs); err != nil {
			return err
		}
	}
	if k.subject, err = k.format(k.set.Subject); err != nil {
		return err
	}
	k.fields = map[string]*mapping.Format{}
	for field, text := range k.set.Fields {
		if k.fields[field], err = k.format(text); err != nil {
			return fmt.Errorf("fields.%s: %w", field, err)
		}
	}
	return nil
}

func (k *kind) format(text string) (*mapping.Format, error) {
	f, err := mapping.ParseFormat(text)
	if err != nil {
		return nil, err
	}
	for _, n := range f.Names() {
		if !slices.Contains(k.names, n) {
			return nil, fmt.Errorf("{%s} is not told of %s", n, k.name)
		}
	}
	return f, nil
}

// matches evaluates the filter; what is not told is blank.
func (k *kind) matches(values map[string]string) (bool, error) {
	if k.filter == nil {
		return true, nil
	}
	full := maps.Clone(values)
	for _, n := range k.filter.Fields() {
		full[n] = values[n]
	}
	return k.filter.Match(full)
}

// event is the name of the type of an event.
func (k *kind) event() string { return strings.TrimPrefix(k.name, events+"/") }

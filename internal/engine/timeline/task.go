package timeline

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/owners"
)

// Lengths of a task's fields (Salesforce, object reference "Task").
const (
	subjectLength     = 255
	descriptionLength = 32000
)

// tell completes what is told of a happening by name.
func (w *worker) tell(ctx context.Context, it *item) error {
	v := map[string]string{}
	for name, value := range it.body.Values {
		v[name] = value
	}
	v["when"] = it.row.At.In(w.zone()).Format("2006-01-02 15:04 MST")
	switch it.kind.of.Kind {
	case connector.MailHappening:
		m, err := w.mailing(ctx, it.body.Mailing)
		if err != nil {
			return err
		}
		v["email"], v["mailing"], v["mailing_id"], v["subject"] = it.body.Address, m.Name, it.body.Mailing, m.Subject
	case connector.FormHappening:
		v["form"], v["form_id"] = it.body.Form.Name, it.body.Form.ID
	case connector.EventHappening:
		v["event"] = it.kind.event()
	}
	it.body.Values = v
	return nil
}

func (w *worker) zone() *time.Location {
	if zone := conn.Zone(w.c.Settings, w.c.Accounts[core.Salesforce]); zone != nil {
		return zone
	}
	return time.UTC
}

// mailingsKept bounds how many e-mails are remembered.
const mailingsKept = 1000

// mailing reads an e-mail once. One that may not be read has its id for a name.
func (w *worker) mailing(ctx context.Context, id string) (connector.Mailing, error) {
	if m, read := w.mailings[id]; read {
		return m, nil
	}
	m, err := w.portal.Mailing(ctx, id)
	if connector.ClassOf(err) == core.ClassRejected {
		m, err = connector.Mailing{ID: id}, nil
	}
	if err != nil {
		return m, err
	}
	if m.Name == "" {
		m.Name = id
	}
	if m.Subject == "" {
		m.Subject = m.Name
	}
	if len(w.mailings) >= mailingsKept {
		clear(w.mailings)
	}
	w.mailings[id] = m
	return m, nil
}

// task is the creation of the task of a happening, and a note where a text did not fit.
func (w *worker) task(it *item, owner string) (op *core.Op, note string) {
	value := func(name string) string { return it.body.Values[name] }
	field := w.c.KeyField(core.Salesforce, core.Task)
	fields := map[string]string{"WhoId": it.link.Refs[core.Salesforce].ID, "Status": it.kind.set.Status,
		"ActivityDate": it.row.At.In(w.zone()).Format(time.DateOnly), field: it.row.Key, w.c.OriginField(core.Salesforce): w.c.Settings.Name}
	for name, f := range it.kind.fields {
		fields[name] = f.Text(value)
	}
	if it.kind.set.Type != "" {
		fields["Type"] = it.kind.set.Type
	}
	if owner != "" {
		fields[owners.Field] = owner
	}
	subject := strings.Join(strings.Fields(it.kind.subject.Text(value)), " ")
	text := w.description(it)
	if _, given := fields["Description"]; given {
		text = fields["Description"]
	}
	if fields["Subject"] = cut(subject, subjectLength, "…"); fields["Subject"] != subject {
		text = subject + "\n" + text // whole, below the line that has no room for it
	}
	const rest = "\n… (cut by Tandem: Salesforce takes no longer text; the whole of it is in HubSpot)"
	if fields["Description"] = cut(text, descriptionLength, rest); fields["Description"] != text {
		note = "the text was longer than the 32,000 characters that a task takes; its end is in HubSpot alone"
	}
	return &core.Op{Key: "happening/" + it.row.Key, Kind: core.OpCreate, Pair: core.ContactPair, Target: core.Ref{Side: core.Salesforce, Object: core.Task}, Source: it.link.Refs[core.HubSpot],
		Fields: fields, UniqueField: field, UniqueValue: it.row.Key, Rule: it.decision.Rule}, note
}

// description tells the rest of what happened, a line each.
func (w *worker) description(it *item) string {
	v := it.body.Values
	var lines []string
	line := func(label, text string) {
		if text != "" {
			lines = append(lines, label+": "+text)
		}
	}
	line("When", v["when"])
	switch it.kind.of.Kind {
	case connector.MailHappening:
		line("E-mail", v["mailing"])
		line("Address", v["email"])
		line("Link", v["url"])
	case connector.FormHappening:
		line("Form", v["form"])
		line("Page", v["page"])
		for _, name := range sortedNames(v, toldOfForm) {
			line(name, v[name])
		}
		line("email", v["email"])
	case connector.EventHappening:
		line("Event", v["event"])
		for _, name := range sortedNames(v, toldOfEvent) {
			line(name, v[name])
		}
	}
	return strings.Join(lines, "\n")
}

// cut is a text of at most so many characters; one that is longer ends with the word
// given.
func cut(text string, most int, end string) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-utf8.RuneCountInString(end)]) + end
}

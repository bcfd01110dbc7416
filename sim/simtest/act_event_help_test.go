package simtest

import (
	"fmt"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// happening switches people and all kinds of activities on that are no records; people
// become contacts.
func happening(changes ...func(*config.Timeline)) Option {
	return people(becomesContact, func(c *config.Connection) {
		l := &c.Activities.Timeline
		for _, kind := range []*config.TaskOf{&l.EmailSends, &l.EmailOpens, &l.EmailClicks, &l.FormSubmissions} {
			kind.Sync = true
		}
		l.Events = []config.EventOf{{Event: "e_visited_page", Properties: []string{"hs_url"}}}
		l.FormsEvery = config.Duration(1)
		for _, change := range changes {
			change(l)
		}
		c.Complete()
	})
}

// reader is a contact of both sides, linked.
func (w *World) reader(email string) (contact, partner string) {
	w.T.Helper()
	contact = w.made(core.Contacts, "email", email, "firstname", "Rea", "lastname", "Der")
	w.again()
	return contact, w.wantMate(contact)
}

// mail has something happen to the e-mail numbered 7.
func (w *World) mail(email, kind string, change ...func(*hubspotsim.Mail)) {
	w.T.Helper()
	m := hubspotsim.Mail{Email: email, Kind: kind, Campaign: 7}
	for _, f := range change {
		f(&m)
	}
	w.must(w.Portal.As(admin).Mail(m))
}

// taskRows are the tasks of the org with some fields, in the order they were made.
func (w *World) taskRows() []map[string]any {
	w.T.Helper()
	w.must(w.Org.GrantField("Task", w.taskKey()))
	rows, err := w.Org.As(admin).Query("SELECT Id,WhoId,OwnerId,Subject,Status,Description,ActivityDate," + w.taskKey() + " FROM Task ORDER BY Subject,CreatedDate,Id")
	w.must(err)
	return rows
}

func (w *World) taskKey() string { return "Tandem_Key_" + w.Portal.Info().PortalID + "__c" }

// wantTasks compares the subjects of all tasks, sorted.
func (w *World) wantTasks(subjects ...string) {
	w.T.Helper()
	var got []string
	for _, r := range w.taskRows() {
		got = append(got, fmt.Sprint(r["Subject"]))
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", subjects) {
		w.T.Errorf("the tasks are %q, want %q", got, subjects)
	}
}

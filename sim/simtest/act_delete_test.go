package simtest

import (
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
)

// ended is a type of activities, with one that each side makes.
type ended struct {
	object core.Object // of HubSpot
	in     core.Object // of Salesforce
	fields []string
	title  string
}

var endings = []ended{
	{core.Tasks, core.Task, nil, "hs_task_subject"},
	{core.Calls, core.Task, []string{"TaskSubtype", "Call"}, "hs_call_title"},
	{core.Emails, core.Task, []string{"TaskSubtype", "Email"}, "hs_email_subject"},
	{core.Meetings, core.Event, []string{"StartDateTime", "2030-03-04T15:00:00Z", "DurationInMinutes", "30"}, "hs_meeting_title"},
}

// TestACT9_EveryTypeAndEveryAnswerToADeletion: an activity that was deleted on one side stays on
// the other, is marked there or goes, as the setting of its type and direction says, and is never
// made again.
func TestACT9_EveryTypeAndEveryAnswerToADeletion(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, e := range someInClassic(t, 2, endings) {
			for _, answer := range []string{"nothing", "flag", "archive", "delete"} {
				t.Run(string(e.object)+"/"+answer, func(t *testing.T) { e.judge(t, profile, answer) })
			}
		}
	})
}

func (e *ended) judge(t *testing.T, profile Option, answer string) {
	w := New(t, profile, activities(func(a *config.Activities) {
		bothWays(a)
		of := a.Of(e.object)
		if of.WhenSalesforceDeleted = answer; answer != "flag" { // tasks and events have no field for a mark
			of.WhenHubSpotDeleted = answer
		}
	}))
	_, contact, _, mate := w.friend()
	both := func(title string) (ours, theirs string) {
		ours = w.made(e.in, append([]string{"Subject", title, "WhoId", contact}, e.fields...)...)
		theirs = w.logged(e.object, mate, e.title, title)
		return ours, theirs
	}
	ours, theirs := both("Goes")
	both("Stays") // no side is emptied
	w.again()
	there, here := w.wantActivity(e.in, ours, e.object), w.activityPartner(e.object, theirs)
	w.must(w.Org.As(admin).Delete(string(e.in), ours))
	w.must(w.Portal.As(admin).Archive(string(e.object), theirs))
	w.again()
	w.sweepAll()
	w.again()
	goes := answer == "archive" || answer == "delete"
	rec, live := w.Portal.As(admin).Get(string(e.object), there)
	if live == goes || live && (rec["salesforcedeleted"] == "true") != (answer == "flag") {
		t.Errorf("%s after its %s was deleted: live %v, marked %q", e.object, e.in, live, rec["salesforcedeleted"])
	}
	row := w.Org.As(admin).Get(string(here.Object), here.ID)
	if gone := row == nil || row["IsDeleted"] == true; gone != goes {
		t.Errorf("%s after its %s was archived: %v", here.Object, e.object, row)
	}
	w.wantStill(t)
}

// activityPartner is the Salesforce record of an activity of HubSpot.
func (w *World) activityPartner(object core.Object, id string) core.Ref {
	w.T.Helper()
	l := w.activityLink(object, id)
	if l == nil || l.State != core.LinkActive {
		w.T.Fatalf("%s %s has no partner: %+v", object, id, w.explainActivity(object, id))
	}
	return l.Refs[core.Salesforce]
}

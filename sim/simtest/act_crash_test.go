package simtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// ofActivities is an import of activities of one person, who is linked.
var ofActivities = importing{world: activityImport, args: engine.ImportArgs{Pair: core.ActivityPair, Sides: core.Sides[:]}, finish: (*trial).finishActivities, sparse: true}

func activityImport(t testing.TB) *trial {
	w := newTrial(t, activities(bothWays), Before(func(w *World) {
		contact := w.made(core.Contact, "LastName", "Friend", "Email", "friend@acme.example")
		mate := w.made(core.Contacts, "lastname", "Friend", "email", "friend@acme.example")
		for i := range 3 {
			w.made(core.Task, "Subject", fmt.Sprintf("T%d", i), "WhoId", contact)
			w.made(core.Task, "Subject", fmt.Sprintf("C%d", i), "WhoId", contact, "TaskSubtype", "Call")
			w.logged(core.Notes, mate, "hs_note_body", fmt.Sprintf("N%d", i))
		}
		w.made(core.Event, "Subject", "E", "WhoId", contact, "StartDateTime", "2030-06-01T09:00:00.000Z", "DurationInMinutes", "30")
		w.made(core.Task, "Subject", "SE", "WhoId", contact, "TaskSubtype", "Email")
		w.logged(core.Emails, mate, "hs_email_subject", "M")
		w.logged(core.Tasks, mate, "hs_task_subject", "HT")
		w.logged(core.Calls, mate, "hs_call_title", "HC")
		w.logged(core.Meetings, mate, "hs_meeting_title", "HM")
		w.Advance(time.Hour)
	}), Settings(func(c *config.Connection) {
		c.Salesforce.SettleUnknown, c.HubSpot.SettleUnknown = config.Duration(time.Second), config.Duration(time.Second)
	}))
	w.Through(new(schemas).carry)
	w.importPeople(engine.ImportArgs{Sides: core.Sides[:]})
	return w
}

// finishActivities is the end of an import of activities: each once on each side, about
// the same person.
func (w *trial) finishActivities() string {
	w.T.Helper()
	w.heal()
	rows, err := w.Org.As(admin).Query("SELECT Id, Subject, WhoId FROM Task")
	w.must(err)
	var out []string
	for _, r := range rows {
		id := fmt.Sprint(r["Id"])
		l := w.activityLink(core.Task, id)
		if l == nil || l.State != core.LinkActive {
			w.T.Fatalf("%v has no partner: %+v", r["Subject"], w.explainActivity(core.Task, id))
		}
		hs := l.Refs[core.HubSpot]
		w.wantAbout(hs.Object, hs.ID, core.Contacts, w.wantMate(fmt.Sprint(r["WhoId"])))
		out = append(out, strings.Join([]string{fmt.Sprint(r["Subject"]), string(hs.Object), l.Origin}, " "))
	}
	for o, n := range map[core.Object]int{core.Task: 14, core.Event: 1, core.Tasks: 4, core.Calls: 4, core.Notes: 3, core.Meetings: 2, core.Emails: 2} {
		w.wantCount(o, n)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// TestP1_CrashAtEveryCommitOfAnImportOfActivities lets the process die before or after
// each commit: no activity is made twice although none is matched by what it says (I2, ACT-1).
func TestP1_CrashAtEveryCommitOfAnImportOfActivities(t *testing.T) { ofActivities.crash(t, 14) }

// TestP1_KillAroundTheCallOfAnImportOfActivities kills the process around every write call.
func TestP1_KillAroundTheCallOfAnImportOfActivities(t *testing.T) { ofActivities.kill(t) }

package simtest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// older is a world with activities that existed before their types were switched on: a task of
// Salesforce and a note of HubSpot, of one linked person.
func older(t *testing.T, more ...Option) (w *World, task, note string) {
	w = New(t, append(more, activities(bothWays), Before(func(w *World) {
		contact := w.made(core.Contact, "LastName", "Friend", "Email", "friend@acme.example")
		mate := w.made(core.Contacts, "lastname", "Friend", "email", "friend@acme.example")
		task = w.made(core.Task, "Subject", "Older", "WhoId", contact)
		note = w.logged(core.Notes, mate, "hs_note_body", "Older")
		w.Advance(time.Hour)
	}))...)
	w.importPeople(engine.ImportArgs{Sides: core.Sides[:]})
	w.again()
	return w, task, note
}

// TestI13_ACT4_APlanOfActivitiesWritesWhatItShows and refuses what changed since.
func TestI13_ACT4_APlanOfActivitiesWritesWhatItShows(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w, task, note := older(t, profile)
		var shown []string
		plan, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: core.ActivityPair}, func(op core.Op) error {
			shown = append(shown, string(op.Kind)+" "+string(op.Target.Object)+" of "+op.Source.ID)
			return nil
		})
		w.must(err)
		if counts.Ops["create tasks"] != 1 || counts.Ops["create Task"] != 1 || !strings.Contains(strings.Join(shown, "; "), task) || !strings.Contains(strings.Join(shown, "; "), note) {
			t.Fatalf("planned are %+v: %q", counts, shown)
		}
		w.wantCount(core.Tasks, 0)
		w.wantCount(core.Task, 1)
		w.change(core.Notes, note, "hs_note_body", "Edited since")
		done, err := w.Engine.Apply(t.Context(), w.Conn, plan)
		w.must(err)
		if done.Applied != 1 || done.Refused != 1 {
			t.Errorf("applied are %+v", done)
		}
		w.want(core.Tasks, w.wantActivity(core.Task, task, core.Tasks), "hs_task_subject", "Older")
		w.wantCount(core.Task, 1)
	})
}

// TestTRIG9_CARD1_ActivitiesByHand: a resync brings one that existed before, by the id of
// either side, and explain and history tell of it.
func TestTRIG9_CARD1_ActivitiesByHand(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w, task, note := older(t, profile)
		w.wantNoActivity(core.Task, task, "ACT-4")
		w.must(w.Engine.Resync(t.Context(), w.Conn, core.ActivityPair, []string{task[:15], "note-" + note}))
		w.Sync()
		hs, sf := w.wantActivity(core.Task, task, core.Tasks), w.wantActivity(core.Notes, note, core.Task)
		for of, made := range map[string]string{task: hs, "note-" + note: sf} {
			rows, err := w.Engine.History(t.Context(), w.Conn, core.ActivityPair, of, 10)
			w.must(err)
			told := false
			for _, h := range rows {
				for _, e := range h.Writes {
					told = told || e.ID == made && e.Status == core.Applied
				}
			}
			if !told {
				t.Errorf("the history of %s does not tell of %s: %+v", of, made, rows)
			}
		}
		x := w.explainActivity(core.Tasks, hs)
		if x.Verdict != engine.InSync || x.Link == nil || len(x.Fields) == 0 {
			t.Errorf("explain says %+v", x)
		}
		wantCode(t, w.Engine.Resync(t.Context(), w.Conn, core.ActivityPair, []string{"call-1"}), engine.CodeNotFound)
	})
}

// TestLIM16_AnUndoOfActivities puts back what a run wrote on either side, and archives those
// that it made where that is asked for.
func TestLIM16_AnUndoOfActivities(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(bothWays))
		_, contact, _, mate := w.friend()
		task, call := w.made(core.Task, "Subject", "One", "WhoId", contact), w.logged(core.Calls, mate, "hs_call_title", "One")
		w.again()
		hs, sf := w.wantActivity(core.Task, task, core.Tasks), w.wantActivity(core.Calls, call, core.Task)
		w.Advance(3 * time.Second)
		w.change(core.Task, task, "Subject", "Two")
		w.change(core.Calls, call, "hs_call_title", "Two")
		w.again()
		w.want(core.Tasks, hs, "hs_task_subject", "Two")
		w.Advance(3 * time.Second)
		if v := w.undo(engine.UndoArgs{Run: w.lastRun()}); v.Fields != 2 || len(v.Left) != 0 {
			t.Errorf("undone %+v", v)
		}
		w.want(core.Tasks, hs, "hs_task_subject", "One")
		w.want(core.Task, sf, "Subject", "Call: One")
		w.want(core.Task, task, "Subject", "Two")
		w.wantStill(t)
		w.made(core.Task, "Subject", "Three", "WhoId", contact)
		w.logged(core.Notes, mate, "hs_note_body", "Three")
		w.again()
		w.wantCount(core.Tasks, 2)
		w.wantCount(core.Task, 4)
		w.Advance(3 * time.Second)
		v := w.undo(engine.UndoArgs{Run: w.lastRun(), DeleteCreated: true})
		w.wantCount(core.Tasks, 1)
		w.wantCount(core.Task, 3)
		w.wantCount(core.Notes, 1)
		w.sweepAll()
		w.wantStill(t)
		if w.wantCount(core.Tasks, 1); len(v.Left) != 0 {
			t.Errorf("left alone are %+v", v.Left)
		}
	})
}

// TestTRIG9_CARD1_OfActivitiesWithOneNumberTheTypeIsAsked: HubSpot counts each type by itself. A
// resync, explain and unlink by the number alone name those that have it, and touch none.
func TestTRIG9_CARD1_OfActivitiesWithOneNumberTheTypeIsAsked(t *testing.T) {
	w := New(t, activities(bothWays))
	_, _, _, mate := w.friend()
	call, task := w.logged(core.Calls, mate, "hs_call_title", "Rang"), w.logged(core.Tasks, mate, "hs_task_subject", "Do it")
	if call != task {
		t.Fatalf("the call %s and the task %s do not have one number", call, task)
	}
	w.again()
	_, explained := w.Engine.Explain(t.Context(), w.Conn, core.ActivityPair, call)
	for what, err := range map[string]error{
		"resync":  w.Engine.Resync(t.Context(), w.Conn, core.ActivityPair, []string{call}),
		"explain": explained,
		"unlink":  w.Engine.Unlink(t.Context(), w.Conn, core.ActivityPair, call),
	} {
		var e *engine.Error
		if !errors.As(err, &e) || e.Code != engine.CodeUsage || !strings.Contains(e.Mend, "call-"+call) || !strings.Contains(e.Mend, "task-"+task) || strings.Contains(e.Mend, "note-") {
			t.Errorf("%s answers %+v", what, err)
		}
	}
	w.must(w.Engine.Unlink(t.Context(), w.Conn, core.ActivityPair, "task-"+task))
	w.wantActivity(core.Calls, call, core.Task)
	if l := w.activityLink(core.Tasks, task); l == nil || l.State != core.LinkClosed {
		t.Errorf("the link of the task is %+v", l)
	}
	w.logged(core.Notes, mate, "hs_note_body", "First")
	alone := w.logged(core.Notes, mate, "hs_note_body", "Second") // the number that no other type has come to
	w.must(w.Engine.Resync(t.Context(), w.Conn, core.ActivityPair, []string{alone}))
}

// TestLIM1_ActivitiesArriveByTheFeeds of both sides within seconds: changes of tasks and events
// by change events, those of HubSpot by the journal.
func TestLIM1_ActivitiesArriveByTheFeeds(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := New(t, events(), activities(bothWays), Before(func(w *World) { w.must(w.Org.SelectEntities("Account", "Contact", "Lead", "Task", "Event")) }))
		_, contact, _, mate := w.friend()
		w.byFeeds()
		task := w.made(core.Task, "Subject", "Ask", "WhoId", contact)
		var hs string
		w.eventually(func() bool {
			l := w.activityLink(core.Task, task)
			if l != nil {
				hs = l.Refs[core.HubSpot].ID
			}
			return hs != ""
		})
		w.change(core.Task, task, "Subject", "Ask again")
		w.shows("the task", func() string { return w.shown(core.Tasks, hs, "hs_task_subject") }, "Ask again")
		w.change(core.Tasks, hs, "hs_task_status", "COMPLETED")
		w.shows("the status", func() string { return w.shown(core.Task, task, "Status") }, "Completed")
		call := w.logged(core.Calls, mate, "hs_call_title", "Rang")
		w.eventually(func() bool { return w.activityLink(core.Calls, call) != nil })
		w.wantCount(core.Tasks, 1)
		w.wantCount(core.Task, 2)
	})
}

// TestERR1_IssuesOfActivitiesNameTheRecord and go once it is mended.
func TestERR1_IssuesOfActivitiesNameTheRecord(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(bothWays), Settings(func(c *config.Connection) {
			c.Mappings["call"] = []config.Mapping{{HubSpot: "hs_call_title", Salesforce: "Subject", Rule: "two_way"}, {HubSpot: "hs_call_duration", Salesforce: "CallDurationInSeconds", Rule: "two_way"}}
		}))
		_, _, _, mate := w.friend()
		call := w.logged(core.Calls, mate, "hs_call_title", strings.Repeat("x", 300))
		w.again()
		i := w.openIssues()
		if len(i) != 1 || i[0].Ref.ID == "" || i[0].Field != "Subject" || i[0].Pair != core.ActivityPair {
			t.Fatalf("the issues are %+v", i)
		}
		w.change(core.Calls, call, "hs_call_title", "Short")
		w.again()
		w.want(core.Task, w.wantActivity(core.Calls, call, core.Task), "Subject", "Call: Short")
		w.wantNoIssues()
	})
}

package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestACT10_AnActivityIsAboutARecordOfACustomObject both ways, alone or beside a person, and
// is exchanged as any other; one whose record has no partner yet waits for it (ERR-3).
func TestACT10_AnActivityIsAboutARecordOfACustomObject(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var old string
		w := New(t, profile, activities(bothWays), existed(func(w *World) { old = w.made(core.Object(w.custom("project").Salesforce), "Name", "Old") }))
		sf, hs := w.ends("project")
		_, contact, _, mate := w.friend()
		id := w.made(sf, "Name", "Bridge")
		w.again()
		project := w.wantMateOf("project", id)
		alone := w.made(core.Task, "Subject", "Inspect", "WhatId", id)
		both := w.made(core.Event, "Subject", "Meet", "WhoId", contact, "WhatId", id, "StartDateTime", "2030-06-01T09:00:00.000Z", "DurationInMinutes", "30")
		note := w.made(core.Notes, "hs_timestamp", "2030-03-04T15:00:00Z", "hs_note_body", "Poured")
		w.about(core.Notes, note, hs, project)
		w.again()
		task, meeting := w.wantActivity(core.Task, alone, core.Tasks), w.wantActivity(core.Event, both, core.Meetings)
		w.wantAbout(core.Tasks, task, hs, project)
		w.wantAbout(core.Meetings, meeting, hs, project)
		w.wantAbout(core.Meetings, meeting, core.Contacts, mate)
		w.want(core.Task, w.wantActivity(core.Notes, note, core.Task), "WhatId", id)
		other := w.made(sf, "Name", "Tunnel")
		w.again()
		w.change(core.Task, alone, "WhatId", other)
		w.about(core.Meetings, meeting, hs, w.wantMateOf("project", other))
		w.portalCall("DELETE", "/crm/v4/objects/meetings/"+meeting+"/associations/"+string(hs)+"/"+project, nil)
		w.change(core.Meetings, meeting, "hs_meeting_title", "Meet there")
		w.again()
		w.wantAbout(core.Tasks, task, hs, w.wantMateOf("project", other))
		w.want(core.Event, both, "WhatId", other)
		w.wantNoIssues()
		w.wantStill(t)
		waits := w.made(core.Task, "Subject", "Early", "WhoId", contact, "WhatId", old)
		w.again()
		w.minutes(3)
		w.wantIssue(core.CategoryAssociation, "waiting_for_project", "project")
		w.importOf("project")
		w.Advance(time.Hour)
		w.Sync()
		w.wantAbout(core.Tasks, w.wantActivity(core.Task, waits, core.Tasks), hs, w.wantMateOf("project", old))
		w.wantNoIssues()
		w.wantCount(core.Tasks, 2)
		w.wantCount(core.Meetings, 1)
	})
}

// TestLIM16_CO4_AnUndoDeletesNothingThatDetailsOfOthersGoWith: a record of a custom object is
// deleted with the account that it is a detail of.
func TestLIM16_CO4_AnUndoDeletesNothingThatDetailsOfOthersGoWith(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.Companies.CreateAccount = "always" }), Before(func(w *World) { w.custom("project", "!Account__c>company") }))
	sf, _ := w.ends("project")
	kept, gone := w.firm("Kept", "Oslo"), w.firm("Gone", "Rome")
	w.Sync()
	with, without := w.wantAccount(kept), w.wantAccount(gone)
	run := w.lastRun()
	w.Advance(3 * time.Second)
	id := w.made(sf, "Name", "Theirs", "Account__c", with)
	v := w.undo(engine.UndoArgs{Run: run, DeleteCreated: true})
	if w.Org.As(admin).Get("Account", with) == nil || w.Org.As(admin).Get(string(sf), id) == nil {
		t.Error("an account is gone that details of others went with")
	}
	if w.Org.As(admin).Get("Account", without) != nil {
		t.Error("an account that had none stands")
	}
	told := false
	for _, l := range v.Samples.Left {
		told = told || l.Ref.ID == with && strings.Contains(l.Why, "would be deleted with it")
	}
	if !told {
		t.Errorf("left alone are %+v", v.Samples.Left)
	}
}

// TestLIM16_CO4_AssociationsGoWithWhatAnUndoDeletes, and are told of no more; they stay with
// what it leaves.
func TestLIM16_CO4_AssociationsGoWithWhatAnUndoDeletes(t *testing.T) {
	w := New(t, Before(func(w *World) { w.custom("project", "Account__c>company") }))
	sf, hs := w.ends("project")
	account := w.account("Acme")
	w.again()
	w.made(sf, "Name", "Bridge", "Account__c", account)
	w.again()
	run := w.lastRun()
	v, err := w.Engine.PlanUndo(t.Context(), w.Conn, engine.UndoArgs{Run: run})
	w.must(err)
	told := false
	for _, l := range v.Samples.Left {
		told = told || strings.HasSuffix(l.Why, "stays with the record, which the run made")
	}
	if !told {
		t.Errorf("left alone are %+v", v.Samples.Left)
	}
	if v = w.undo(engine.UndoArgs{Run: run, DeleteCreated: true}); len(v.Left) != 0 {
		t.Errorf("left alone are %+v", v.Samples.Left)
	}
	if n := w.countOf(hs, true); n != 0 {
		t.Errorf("%d stand", n)
	}
}

package cli

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// spokenOf is an object and how the tests make, name and refuse records of it.
type spokenOf struct {
	word, plural      string // of the object in the command line and in sums
	object, of, field string // of Salesforce and of HubSpot, and the field that names a record
	blocked           func(r *rig) (id string)
	code              string // of the issue that blocks it
	in                func(r *rig) map[string]any
}

// TestCASE1_ACT1_CO1_EveryVerbSpeaksOfTheObject: a ticket, an activity and a record of a custom
// object are planned, imported, explained, listed, kept in the history, looked at again, undone
// and taken apart by the same verbs as companies.
func TestCASE1_ACT1_CO1_EveryVerbSpeaksOfTheObject(t *testing.T) {
	t.Parallel()
	for _, v := range []spokenOf{
		{word: "ticket", plural: "tickets", object: "Case", of: "tickets", field: "Subject",
			in: func(*rig) map[string]any { return map[string]any{"Status": "New"} },
			blocked: func(r *rig) string {
				return r.person("Case", map[string]any{"Subject": "Odd", "Status": "Nowhere"})
			}, code: "stage_unknown"},
		{word: "activity", plural: "activities", object: "Task", of: "tasks", field: "Subject",
			in: func(r *rig) map[string]any {
				return map[string]any{"WhatId": r.someLink().Salesforce, "Status": "Not Started", "Priority": "Normal"}
			}},
		{word: "site", plural: "site", object: "Site__c", of: "site", field: "Name",
			in: func(*rig) map[string]any { return map[string]any{} }},
	} {
		t.Run(v.word, func(t *testing.T) {
			t.Parallel()
			v.speaks(t)
		})
	}
}

// newVerbsRig syncs all of the objects, with companies in step.
func newVerbsRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	object := r.site()
	r.edit(func(f *config.File) {
		c := &f.Connections[0]
		c.Tickets.Sync, c.Activities.Tasks.FromSalesforce, c.Activities.Tasks.FromHubSpot = true, true, true
		c.CustomObjects = []config.CustomObject{{Name: "site", Salesforce: "Site__c", HubSpot: object, Sync: true}}
		c.Mappings["site"] = []config.Mapping{{HubSpot: "title", Salesforce: "Name"}, {HubSpot: "note", Salesforce: "Note__c"}}
	})
	r.must(0, "init", "--fields", "--yes")
	r.must(0, "import", "company")
	return r
}

func (v spokenOf) speaks(t *testing.T) {
	r := newVerbsRig(t)
	fields := func(name string) map[string]any {
		out := v.in(r)
		out[v.field] = name
		return out
	}
	id := r.person(v.object, fields("Passed over"))
	planned := lastJSON[struct{ Counts map[string]int }](t, r.must(0, "plan", v.word, "--json"))
	create := "create " + v.inHubSpot(r)
	if planned.Counts[create] == 0 {
		t.Fatalf("planned are %v", planned.Counts)
	}
	res := lastJSON[bulkResult](t, r.must(0, "import", v.word, "--from", "salesforce", "--json"))
	if n := res.Objects[v.plural].Created; n != int64(planned.Counts[create]) {
		t.Errorf("import ended with %+v, planned were %v", res.Objects, planned.Counts)
	}
	x := v.explained(r, id)
	if x.Verdict != engine.InSync || x.Link == nil || len(x.Fields) == 0 {
		t.Fatalf("explained as %+v", x)
	}
	contains(t, r.must(0, "history", v.word, id), id, "create")
	contains(t, r.must(0, "links", "list", v.word), id, x.Link.HubSpot)
	contains(t, r.must(0, "resync", v.word, id), "in step")
	v.isUndone(r, id)
	v.hasIssue(r)
	contains(t, r.must(0, "links", "unlink", v.word, id), id)
	if x := v.explained(r, id); x.Link == nil || !x.Link.Unlinked {
		t.Errorf("unlinked is explained as %+v", x.Link)
	}
	v.isHidden(r, id)
}

func (v spokenOf) explained(r *rig, id string) engine.Explanation {
	r.t.Helper()
	return lastJSON[engine.Explanation](r.t, r.must(0, "explain", v.word, id, "--json"))
}

// isUndone has an edit pass and be put back.
func (v spokenOf) isUndone(r *rig, id string) {
	r.t.Helper()
	if err := r.sims.org.As("admin").Update(v.object, id, map[string]any{v.field: "Renamed"}); err != nil {
		r.t.Fatal(err)
	}
	contains(r.t, r.must(0, "plan", v.word), "update "+v.of)
	r.must(0, "sync", "--once")
	run := r.newest()
	number := strconv.FormatInt(run.Run, 10)
	contains(r.t, r.must(0, "undo", number, "--plan"), "update "+v.of+": 1", "nothing was written")
	r.must(0, "undo", number)
	for _, f := range v.explained(r, id).Fields {
		if f.Salesforce == v.field && (f.SalesforceValue != "Renamed" || f.HubSpotValue != "Passed over") {
			r.t.Errorf("undone shows %+v", f)
		}
	}
}

// hasIssue has a record blocked, and told of.
func (v spokenOf) hasIssue(r *rig) {
	r.t.Helper()
	if v.blocked == nil {
		if err := r.sims.org.AddValidationRule(salesforcesim.ValidationRule{Object: v.object, Name: "Stop", Formula: v.field + ` = "Stopped"`, Message: "stop", Field: v.field}); err != nil {
			r.t.Fatal(err)
		}
		v.code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
		v.blocked = func(r *rig) string { return v.refused(r) }
	}
	id := v.blocked(r)
	r.run("sync", "--once")
	out := r.must(0, "issues", v.word, "--json")
	contains(r.t, out, v.code)
	contains(r.t, r.must(0, "issues", v.word), id)
	contains(r.t, r.must(0, "waiting", "--json"), id)
}

// refused is a linked record of HubSpot whose edit Salesforce refuses; its id there.
func (v spokenOf) refused(r *rig) string {
	r.t.Helper()
	made := r.person(v.object, func() map[string]any { out := v.in(r); out[v.field] = "Edited there"; return out }())
	r.must(0, "sync", "--once")
	hs := v.explained(r, made).Link.HubSpot
	property := map[string]string{"tasks": "hs_task_subject", "site": "title"}[v.of]
	r.sims.portal.Advance(5 * time.Second)
	if err := r.sims.portal.As("").Update(v.inHubSpot(r), hs, map[string]string{property: "Stopped"}); err != nil {
		r.t.Fatal(err)
	}
	return hs
}

// inHubSpot is the object there, as its API calls it.
func (v spokenOf) inHubSpot(r *rig) string {
	if v.of == "site" {
		return r.load().Connections[0].CustomObjects[0].HubSpot
	}
	return v.of
}

// isHidden hides a linked record and one whose link is closed from the integration user, and one
// that nobody ever saw: explain says that this may be why, and denies none of them.
func (v spokenOf) isHidden(r *rig, unlinked string) {
	r.t.Helper()
	linked := r.person(v.object, func() map[string]any { out := v.in(r); out[v.field] = "Linked"; return out }())
	r.must(0, "sync", "--once")
	unseen := r.person(v.object, func() map[string]any { out := v.in(r); out[v.field] = "Unseen"; return out }())
	if err := r.sims.org.SetHidden(salesforcesim.Hidden{Hide: []string{linked, unlinked, unseen}}); err != nil {
		r.t.Fatal(err)
	}
	for id, want := range map[string]string{linked: "hidden from the integration user", unlinked: "hidden from the integration user", unseen: "hidden from the integration"} {
		_, out, errs := r.run("explain", v.word, id)
		if !strings.Contains(out+errs, want) {
			r.t.Errorf("of a hidden record explain does not say %q:\n%s%s", want, out, errs)
		}
	}
}

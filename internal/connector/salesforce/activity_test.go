package salesforce

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// TestACT1_TheKeyOfActivitiesIsDefinedOnActivity: one definition serves tasks and events,
// and a second task of one key cannot be made.
func TestACT1_TheKeyOfActivitiesIsDefinedOnActivity(t *testing.T) {
	org, c := simulated(t)
	ctx := context.Background()
	spec := connector.FieldSpec{Name: "Tandem_Key__c", Label: "Tandem key", Type: "text", Length: 64, Unique: true}
	for object, want := range map[core.Object]string{"Task": stateCreated, "Event": statePresent} {
		if object == "Event" {
			must(c.Ensure(ctx, "Task", []connector.FieldSpec{spec}))
		}
		if r := must(c.Ensure(ctx, object, []connector.FieldSpec{spec})); r[0].State != want && r[0].State != statePresent {
			t.Errorf("%s: %+v", object, r[0])
		}
	}
	op := core.Op{Key: "a", Kind: core.OpCreate, Target: core.Ref{Object: "Task"}, Fields: map[string]string{"Subject": "Call"}, UniqueField: "Tandem_Key__c", UniqueValue: "call-1"}
	first, second := must(c.Write(ctx, []core.Op{op}))[0], must(c.Write(ctx, []core.Op{op}))[0]
	if first.Status != core.Applied || second.Class != core.ClassDuplicate || second.Existing != first.ID {
		t.Errorf("first %+v, second %+v", first, second)
	}
	found := must(c.Read(ctx, connector.Query{Object: "Task", By: "Tandem_Key__c", Values: []string{"call-1"}, Fields: []string{"Subject"}}))
	if len(found) != 1 || found[0].Ref.ID != first.ID {
		t.Errorf("by the key: %+v", found)
	}
	if r := org.As("admin").Get("Task", first.ID)["Subject"]; r != "Call" {
		t.Errorf("the task shows %v", r)
	}
}

// TestACT1_AnArchivedActivityIsNotDeleted: a scan of all lists it, and whoever asks for it by
// its id is told that it lives, of the recycle bin as well.
func TestACT1_AnArchivedActivityIsNotDeleted(t *testing.T) {
	org, c := simulated(t)
	id := must(org.As("admin").Create("Task", map[string]any{"Subject": "Old", "Status": "Completed", "ActivityDate": "2020-01-01"}))
	gone := must(org.As("admin").Create("Task", map[string]any{"Subject": "Gone"}))
	if err := org.As("admin").Delete("Task", gone); err != nil || org.ArchiveActivities() != 1 {
		t.Fatal(err)
	}
	for _, all := range []bool{false, true} {
		recs := must(c.Read(context.Background(), connector.Query{Object: "Task", Values: []string{id, gone}, Fields: []string{"Subject"}, Deleted: all}))
		want := [2]core.Presence{core.Live, core.Absent}
		if all {
			want = [2]core.Presence{core.Live, core.Deleted}
		}
		if got := [2]core.Presence{recs[0].Presence, recs[1].Presence}; got != want {
			t.Errorf("with the recycle bin %v: %v, want %v", all, got, want)
		}
	}
	var seen []string
	err := c.Scan(context.Background(), connector.Scan{Object: "Task"}, func(p connector.Page) error {
		for _, r := range p.Records {
			seen = append(seen, r.Ref.ID)
		}
		return nil
	})
	if err != nil || !slices.Contains(seen, id) || slices.Contains(seen, gone) {
		t.Errorf("a scan of all shows %v, %v", seen, err)
	}
}

// TestACT1_ABulkScanListsArchivedActivitiesToo as one by pages does.
func TestACT1_ABulkScanListsArchivedActivitiesToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c, _ := bulky(t, func(cfg *Config) { cfg.BulkFrom = 1 })
		for _, day := range []string{"1990-01-01", "1999-12-31"} {
			must(org.As("admin").Create("Task", map[string]any{"Subject": day, "Status": "Completed", "ActivityDate": day}))
		}
		org.ArchiveActivities()
		if recs, _ := scanAll(t, c, connector.Scan{Object: "Task", Fields: []string{"Subject"}}); len(recs) != 2 {
			t.Errorf("%d records, want both tasks", len(recs))
		}
	})
}

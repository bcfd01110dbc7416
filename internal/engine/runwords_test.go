package engine

import (
	"testing"

	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/store"
)

// TestRunsAreNamedInAnAdminsWords: each kind of run, with what it was asked for.
func TestRunsAreNamedInAnAdminsWords(t *testing.T) {
	pairs := append(core.PairSet{{Name: "boat", Plural: "boats", Custom: true, Objects: [2][]core.Object{{"Boat__c"}, {"2-4711"}}}}, core.StandardPairs...)
	for _, c := range []struct{ kind, args, want string }{
		{runSync, ``, "sync of changes"},
		{runApply, `{"plan": 7}`, "plan 7 applied"},
		{runImport, `{"pair": "company"}`, "import of companies"},
		{runImport, `{"pair": "boat"}`, "import of boat records"},
		{runBackfill, `{"pair": "line_item"}`, "back-fill of line items"},
		{runResync, ``, "resync"},
		{runUndo, `{"run": 12}`, "undo of run 12"},
		{runRelations, `{"pair": "deal"}`, "comparison of associations of deals"},
		{runFormulas, ``, "comparison of calculated fields"},
		{capture.SweepRun, `{"side": "hubspot", "object": "companies"}`, "comparison of every HubSpot company"},
		{capture.SweepRun, `{"side": "hubspot", "object": "2-4711"}`, "comparison of every HubSpot boat"},
		{capture.SweepRun, ``, "comparison of all records"},
		{"of a newer release", ``, "of a newer release"},
	} {
		if got := RunWords(pairs, store.Run{Kind: c.kind, Args: []byte(c.args)}); got != c.want {
			t.Errorf("a run %s %s is called %q, want %q", c.kind, c.args, got, c.want)
		}
	}
	if got := StateWords(store.RunRunning); got != "under way" {
		t.Errorf("a running run is %q", got)
	}
	if got := StateWords(store.RunFailed); got != "failed" {
		t.Errorf("a failed run is %q", got)
	}
}

package policy

import (
	"testing"

	"tandem/internal/core"
)

// Of what a record waits for, only a deal's is surely an account (ERR-3).
func TestERR3_ARecordSaysWhatItWaitsFor(t *testing.T) {
	for pair, want := range map[core.Pair]string{
		core.DealPair:     "Waiting for account to sync",
		core.LineItemPair: "Waiting for a record that it names to sync",
		core.TicketPair:   "Waiting for a record that it names to sync",
		"project":         "Waiting for a record that it names to sync",
	} {
		s := Scope{Pair: pair, SyncOn: true, Reasons: core.ReasonImport, Filter: Member}
		d := CreateRecord(core.Salesforce, RecordFacts{Scope: s, Listed: Listed{Segment: Member}, Parent: ParentPending, Pipeline: Member})
		if d.Rule != "ERR-3" || d.Outcome != Wait || d.Facts["because"] != want {
			t.Errorf("a %s that waits says %+v, want %q", pair, d, want)
		}
	}
}

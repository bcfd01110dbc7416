package policy

import (
	"testing"

	"tandem/internal/core"
)

// TestDEAL3_ThePipelineOfRecordsWithoutARecordType is the one that was taken while there were
// no record types, one that the settings name for them, or one of its own; never that of a
// record type.
func TestDEAL3_ThePipelineOfRecordsWithoutARecordType(t *testing.T) {
	processes := []core.Pipeline{{ID: "012zo0000010001AAA", Label: "New"}, {ID: "012zo0000010002AAA", Label: "Old"}, {Label: "Master"}}
	have := []core.Pipeline{{ID: "7", Label: "Salesforce - Default"}, {ID: "8", Label: "Sales"}}
	join := func(recordType string) []PipelineJoin {
		return []PipelineJoin{{RecordType: recordType, Pipeline: "Sales"}}
	}
	for name, c := range map[string]struct {
		taken []core.PipelineLink
		joins []PipelineJoin
		id    string
	}{
		"taken without record types": {taken: []core.PipelineLink{{Pipeline: "7"}}, id: "7"},
		"taken for a record type":    {taken: []core.PipelineLink{{RecordType: "012zo0000010001AAA", Pipeline: "7"}}},
		"never taken":                {},
		"named by its name":          {joins: join("master"), id: "8"},
		"the only row":               {joins: join(""), id: "8"},
	} {
		plans := Pipelines(processes, have, c.taken, c.joins)
		if got := plans[2]; got.ID != c.id || got.Label == defaultPipeline && c.id != "7" {
			t.Errorf("%s: the pipeline %q called %q, want %q", name, got.ID, got.Label, c.id)
		}
		if plans[0].Joined || plans[1].Joined {
			t.Errorf("%s: a record type was joined too", name)
		}
	}
}

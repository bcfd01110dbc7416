package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// masterPipeline is the pipeline of the opportunities without a record type where there are
// several: it goes by the id that Salesforce has for that.
const masterPipeline = "Salesforce - 012000000000000AAA"

// TestDEAL3_OpportunitiesWithoutARecordTypeHaveTheirPipeline: they are older than the record
// types, and pass both ways as the others do, from one pipeline to another too.
func TestDEAL3_OpportunitiesWithoutARecordTypeHaveTheirPipeline(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var types [2]string
		var id string
		w := New(t, profile, deals(), Before(func(w *World) {
			id = w.opportunity("Older than record types", "StageName", "Perception Analysis")
			types = w.recordTypes()
			w.Advance(time.Hour)
		}))
		w.Sync()
		w.importOf(core.DealPair)
		deal := w.wantDealMate(id)
		line, stages := w.pipeline(masterPipeline)
		lineA, stagesA := w.pipeline("Salesforce - " + types[0])
		w.wantEach(core.Deals, deal, "pipeline", line, "dealstage", stages["Perception Analysis"])
		w.change(core.Deals, deal, "dealstage", stages["Negotiation/Review"])
		w.again()
		w.wantEach(core.Opportunity, id, "StageName", "Negotiation/Review", "RecordTypeId", "")
		w.must(w.Portal.As(admin).Update("deals", deal, map[string]string{"pipeline": lineA, "dealstage": stagesA["Qualification"]}))
		w.again()
		w.wantEach(core.Opportunity, id, "StageName", "Qualification", "RecordTypeId", types[0])
		w.must(w.Portal.As(admin).Update("deals", deal, map[string]string{"pipeline": line, "dealstage": stages["Prospecting"]}))
		w.again()
		w.wantEach(core.Opportunity, id, "StageName", "Prospecting", "RecordTypeId", "")
		w.wantDeals(1, 1)
		w.wantStill(t)
		w.wantNoIssues()
	})
}

// TestDEAL3_RecordTypesThatComeLaterStopNoDeal: what was linked while there were none, or one,
// goes on, and its deal moves once its opportunity gets a record type.
func TestDEAL3_RecordTypesThatComeLaterStopNoDeal(t *testing.T) {
	for name, first := range map[string]int{"none": 0, "one": 1} {
		t.Run(name, func(t *testing.T) {
			w := New(t, deals(), Before(func(w *World) { w.addRecordTypes(first) }))
			id := w.opportunity("Steady", "Amount", "1")
			w.again()
			deal := w.wantDealMate(id)
			types := w.addRecordTypes(2)
			w.Restart()
			w.change(core.Deals, deal, "amount", "2")
			w.again()
			w.want(core.Opportunity, id, "Amount", "2")
			w.change(core.Opportunity, id, "StageName", "Qualification")
			w.again()
			label := "Salesforce - Default"
			if first == 1 { // which the record type carries that was the only one
				label = masterPipeline
			}
			line, stages := w.pipeline(label)
			w.wantEach(core.Deals, deal, "amount", "2", "pipeline", line, "dealstage", stages["Qualification"])
			w.wantNoIssues()
			w.change(core.Opportunity, id, "RecordTypeId", types[len(types)-1])
			w.again()
			line, stages = w.pipeline("Salesforce - " + types[len(types)-1])
			w.wantEach(core.Deals, deal, "pipeline", line, "dealstage", stages["Qualification"])
			w.wantDeals(1, 1)
			w.wantNoIssues()
			w.wantStill(t)
		})
	}
}

// addRecordTypes gives opportunities as many record types more, with all stages, and tells the
// ids of all in order of their making.
func (w *World) addRecordTypes(n int) (ids []string) {
	w.T.Helper()
	before, err := w.Org.As(admin).Query("SELECT Id FROM RecordType WHERE SobjectType = 'Opportunity'")
	w.must(err)
	have := len(before)
	for i := range n {
		name := "Late " + string(rune('A'+have+i))
		w.must(w.Org.AddBusinessProcess(salesforcesim.BusinessProcess{Object: "Opportunity", Name: name, Values: []string{"Prospecting", "Qualification", "Closed Won"}}))
		w.must(w.Org.AddRecordType(salesforcesim.RecordTypeSpec{Object: "Opportunity", Name: name, Process: name}))
	}
	rows, err := w.Org.As(admin).Query("SELECT Id FROM RecordType WHERE SobjectType = 'Opportunity' ORDER BY Id")
	w.must(err)
	for _, row := range rows {
		ids = append(ids, row["Id"].(string))
	}
	return ids
}

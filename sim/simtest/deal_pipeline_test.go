package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/store"
)

// ownPipeline joins the only sales process to the pipeline that a portal has from the start.
// HubSpot's stages there are appointmentscheduled, qualifiedtobuy, presentationscheduled,
// decisionmakerboughtin, contractsent, closedwon and closedlost.
func ownPipeline(name string) func(*config.Deals) {
	return func(d *config.Deals) {
		d.Pipelines = []config.DealPipeline{{Pipeline: name, Stages: map[string]string{"Prospecting": "appointmentscheduled", "Qualification": "Qualified To Buy", "Needs Analysis": "qualifiedtobuy"}}}
	}
}

// TestDEAL5_DEAL3_APipelineOfHubSpotThatTheSettingsJoin carries the opportunities: deals made in
// it come to Salesforce, stages are paired by the settings or by their names, and nothing in
// it is changed.
func TestDEAL5_DEAL3_APipelineOfHubSpotThatTheSettingsJoin(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals(ownPipeline("sales pipeline")))
		was := w.portalCall("GET", "/crm/v3/pipelines/deals", nil)["results"].([]any)
		id := w.opportunity("Ours")
		theirs := w.made(core.Deals, "dealname", "Theirs", "pipeline", "default", "dealstage", "qualifiedtobuy", "closedate", "2030-05-31")
		w.again()
		deal := w.wantDealMate(id)
		w.want(core.Deals, deal, "pipeline", "default")
		w.want(core.Deals, deal, "dealstage", "appointmentscheduled")
		made := w.wantDealMate(theirs)
		w.want(core.Opportunity, made, "StageName", "Qualification")
		w.change(core.Deals, deal, "dealstage", "closedwon") // by its label
		w.change(core.Opportunity, made, "StageName", "Needs Analysis")
		w.again()
		w.want(core.Opportunity, id, "StageName", "Closed Won")
		w.want(core.Deals, theirs, "dealstage", "qualifiedtobuy")
		w.want(core.Opportunity, made, "StageName", "Needs Analysis")
		w.wantStill(t)
		w.wantNoIssues()
		w.change(core.Deals, deal, "dealstage", "contractsent")
		w.again()
		if i := w.wantIssue(core.CategoryPicklist, "stage_unknown", "StageName"); !strings.Contains(i.Mend, "deals.pipelines") {
			t.Errorf("the mend is %q", i.Mend)
		}
		now := w.portalCall("GET", "/crm/v3/pipelines/deals", nil)["results"].([]any)
		if len(now) != len(was) || len(now[0].(map[string]any)["stages"].([]any)) != len(was[0].(map[string]any)["stages"].([]any)) {
			t.Errorf("the pipelines are %+v", now)
		}
	})
}

// TestDEAL3_ARecordTypeOfTwoIsJoined and the other has a pipeline made for it. A row that names a
// pipeline which is not there keeps its record type from syncing, and says so.
func TestDEAL3_ARecordTypeOfTwoIsJoined(t *testing.T) {
	var types [2]string
	w := New(t, deals(func(d *config.Deals) {
		d.Pipelines = []config.DealPipeline{{RecordType: "kind 0", Pipeline: "default", Stages: map[string]string{"Prospecting": "appointmentscheduled"}}}
	}), Before(func(w *World) { types = w.recordTypes() }))
	joined, own := w.opportunity("Joined", "RecordTypeId", types[0]), w.opportunity("Own", "RecordTypeId", types[1], "StageName", "Needs Analysis")
	w.again()
	w.want(core.Deals, w.wantDealMate(joined), "pipeline", "default")
	line, _ := w.pipeline("Salesforce - " + types[1])
	w.want(core.Deals, w.wantDealMate(own), "pipeline", line)
	theirs := w.made(core.Deals, "dealname", "Theirs", "pipeline", "default", "dealstage", "appointmentscheduled", "closedate", "2030-05-31")
	w.again()
	w.want(core.Opportunity, w.wantDealMate(theirs), "RecordTypeId", types[0])
	w.wantNoIssues()
	w.Restart(func(c *config.Connection) { c.Deals.Pipelines[0].Pipeline = "Nowhere" })
	late := w.opportunity("Late", "RecordTypeId", types[0])
	w.again()
	if w.dealMate(late) != "" {
		t.Error("a deal was made in a pipeline that the settings do not name")
	}
	var said bool
	for _, i := range w.openIssues() {
		said = said || i.Code == "no_pipeline" && strings.Contains(i.Message, "Nowhere") && strings.Contains(i.Mend, "deals.pipelines")
	}
	if !said {
		t.Errorf("the issues are %+v", w.openIssues())
	}
}

// TestDEAL5_ALinkedDealThatLeftItsPipelineIsAnIssue that names both pipelines, and that goes
// once the deal is back or its pipeline is joined.
func TestDEAL5_ALinkedDealThatLeftItsPipelineIsAnIssue(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		id := w.opportunity("Wanderer")
		w.again()
		deal := w.wantDealMate(id)
		line, stages := w.pipeline("Salesforce - Default")
		w.must(w.Portal.As(admin).Update("deals", deal, map[string]string{"pipeline": "default", "dealstage": "qualifiedtobuy"}))
		w.again()
		i := w.wantIssue(core.CategoryOther, "left_pipeline", "pipeline")
		if i.Ref.ID != deal || i.Rule != "DEAL-5" || !strings.Contains(i.Message, "Sales Pipeline") || !strings.Contains(i.Mend, "Salesforce - Default") {
			t.Errorf("the issue is %+v", i)
		}
		w.must(w.Portal.As(admin).Update("deals", deal, map[string]string{"pipeline": line, "dealstage": stages["Qualification"]}))
		w.again()
		w.wantNoIssues()
		w.want(core.Opportunity, id, "StageName", "Qualification")
		w.Advance(time.Minute)
		w.must(w.Portal.As(admin).Update("deals", deal, map[string]string{"pipeline": "default", "dealstage": "appointmentscheduled"}))
		w.again()
		w.wantIssue(core.CategoryOther, "left_pipeline", "pipeline")
		w.Restart(func(c *config.Connection) { ownPipeline("Sales Pipeline")(&c.Deals) })
		w.Advance(time.Minute)
		_, err := w.Engine.Retry(t.Context(), w.Conn, store.IssueFilter{})
		w.must(err)
		w.again()
		w.want(core.Opportunity, id, "StageName", "Prospecting")
		w.wantNoIssues()
		w.wantStill(t)
	})
}

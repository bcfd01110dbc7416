package salesforce

import (
	"context"
	"math"
	"strconv"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// layoutsAnswer is what an object with several record types says of each (REST API
// Developer Guide, "Get Layouts and Descriptions for an Object With Multiple Record
// Types").
type layoutsAnswer struct {
	Types []recordTypeLayout `json:"recordTypeMappings"`
}

// recordTypeLayout is what is said of one record type. Records without any are of the master.
type recordTypeLayout struct {
	ID        string `json:"recordTypeId"`
	Name      string `json:"name"`
	Active    bool   `json:"active"`
	Master    bool   `json:"master"`
	Picklists []struct {
		Name   string `json:"picklistName"`
		Values []struct {
			Value  string `json:"value"`
			Active bool   `json:"active"`
		} `json:"picklistValues"`
	} `json:"picklistsForRecordType"`
}

// stageList is where an object's stages stand, and the field of a record that names its
// own (Object Reference, OpportunityStage and CaseStatus).
type stageList struct{ field, soql string }

var stageLists = map[core.Object]stageList{
	core.Opportunity: {"StageName", "SELECT ApiName,MasterLabel,IsClosed,IsWon,DefaultProbability FROM OpportunityStage WHERE IsActive = true ORDER BY SortOrder"},
	core.SupportCase: {"Status", "SELECT ApiName,MasterLabel,IsClosed FROM CaseStatus ORDER BY SortOrder"},
}

// Processes lists what each active record type of an object offers as stages, and what
// its records without one have: those that are older than the record types. An object
// without record types has no such page and offers every active stage.
func (c *Client) Processes(ctx context.Context, object core.Object) ([]core.Pipeline, error) {
	list := stageLists[object]
	stages, err := c.stages(ctx, list)
	if err != nil {
		return nil, err
	}
	var raw layoutsAnswer
	_, err = c.get(ctx, c.data("/sobjects/%s/describe/layouts", object), "", &raw)
	if err != nil && connector.ClassOf(err) != core.ClassGone {
		return nil, err
	}
	var out, master []core.Pipeline
	for i := range raw.Types {
		switch t := &raw.Types[i]; {
		case t.Master:
			master = append(master, core.Pipeline{Label: t.Name, Stages: t.offered(list.field, stages)})
		case t.Active:
			out = append(out, core.Pipeline{ID: core.ID18(t.ID), Label: t.Name, Stages: t.offered(list.field, stages)})
		}
	}
	switch len(out) {
	case 0:
		return []core.Pipeline{{Stages: stages}}, nil
	case 1: // carries the records without a record type as well
		return out, nil
	}
	untyped, err := c.queryAll(ctx, "query", "SELECT Id FROM "+string(object)+" WHERE RecordTypeId = null LIMIT 1")
	if len(untyped) > 0 {
		out = append(out, master...)
	}
	return out, err
}

// offered are the stages of an object that a record type offers in a field.
func (t *recordTypeLayout) offered(field string, stages []core.Stage) (out []core.Stage) {
	values := map[string]bool{}
	for _, picks := range t.Picklists {
		for _, v := range picks.Values {
			values[v.Value] = values[v.Value] || picks.Name == field && v.Active
		}
	}
	for _, s := range stages {
		if values[s.ID] {
			out = append(out, s)
		}
	}
	return out
}

// stages are the active stages of an object in their order.
func (c *Client) stages(ctx context.Context, list stageList) ([]core.Stage, error) {
	rows, err := c.queryAll(ctx, "query", list.soql)
	var out []core.Stage
	for _, r := range rows {
		v := record("", r, nil).Values
		chance, _ := strconv.ParseFloat(v["DefaultProbability"], 64)
		out = append(out, core.Stage{ID: v["ApiName"], Label: v["MasterLabel"], Chance: int(math.Round(chance)), Closed: v["IsClosed"] == "true", Won: v["IsWon"] == "true"})
	}
	return out, err
}

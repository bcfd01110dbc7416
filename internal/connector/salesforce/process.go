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
	Types []struct {
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
	} `json:"recordTypeMappings"`
}

// stageList is where an object's stages stand, and the field of a record that names its
// own (Object Reference, OpportunityStage and CaseStatus).
type stageList struct{ field, soql string }

var stageLists = map[core.Object]stageList{
	core.Opportunity: {"StageName", "SELECT ApiName,MasterLabel,IsClosed,IsWon,DefaultProbability FROM OpportunityStage WHERE IsActive = true ORDER BY SortOrder"},
	core.SupportCase: {"Status", "SELECT ApiName,MasterLabel,IsClosed FROM CaseStatus ORDER BY SortOrder"},
}

// Processes lists what each active record type of an object offers as stages. An object
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
	var out []core.Pipeline
	for _, t := range raw.Types {
		if !t.Active || t.Master {
			continue
		}
		p := core.Pipeline{ID: core.ID18(t.ID), Label: t.Name}
		offered := map[string]bool{}
		for _, picks := range t.Picklists {
			for _, v := range picks.Values {
				offered[v.Value] = offered[v.Value] || picks.Name == list.field && v.Active
			}
		}
		for _, s := range stages {
			if offered[s.ID] {
				p.Stages = append(p.Stages, s)
			}
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		out = append(out, core.Pipeline{Stages: stages})
	}
	return out, nil
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

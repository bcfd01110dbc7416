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

const stageObject core.Object = "OpportunityStage"

// SalesProcesses lists what each active record type of opportunities offers as stages.
// An object without record types has no such page and offers every active stage.
func (c *Client) SalesProcesses(ctx context.Context) ([]core.Pipeline, error) {
	stages, err := c.stages(ctx)
	if err != nil {
		return nil, err
	}
	var raw layoutsAnswer
	_, err = c.get(ctx, c.data("/sobjects/%s/describe/layouts", core.Opportunity), "", &raw)
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
		for _, list := range t.Picklists {
			for _, v := range list.Values {
				offered[v.Value] = offered[v.Value] || list.Name == "StageName" && v.Active
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

// stages are the active stages of opportunities in their order.
func (c *Client) stages(ctx context.Context) ([]core.Stage, error) {
	rows, err := c.queryAll(ctx, "query", "SELECT ApiName,MasterLabel,IsClosed,IsWon,DefaultProbability FROM OpportunityStage WHERE IsActive = true ORDER BY SortOrder")
	var out []core.Stage
	for _, r := range rows {
		v := record(stageObject, r, nil).Values
		chance, _ := strconv.ParseFloat(v["DefaultProbability"], 64)
		out = append(out, core.Stage{ID: v["ApiName"], Label: v["MasterLabel"], Chance: int(math.Round(chance)), Closed: v["IsClosed"] == "true", Won: v["IsWon"] == "true"})
	}
	return out, err
}

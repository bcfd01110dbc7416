package cli

import (
	"cmp"
	"fmt"
	"strings"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// plannedPipelines says which pipelines of a pair stand, which are made at the first sync,
// and which stages of those that the settings name are paired.
func (p *preflight) plannedPipelines(d *core.PairDef, processes []core.Pipeline, plans []policy.PipelinePlan) {
	there, missing, joined := 0, 0, 0
	for i := range plans {
		switch {
		case plans[i].Joined:
			joined++
			p.joinedPipeline(&plans[i], processes[i].Label)
		case plans[i].ID == "":
			missing++
		default:
			there++
		}
	}
	if joined < len(p.settings.Joins(d.Name)) {
		p.add(red, core.Salesforce, "deals.pipelines", "a row names none of the active record types: "+cmp.Or(labelsOf(processes), "there are none"), "correct record_type", "DEAL-3")
	}
	found := fmt.Sprintf("%d processes, of which %d have their pipeline; the others are made at the first sync", len(processes), there+joined)
	if joined > 0 {
		found = fmt.Sprintf("%d processes: %d are joined to a pipeline of yours, %d have their own; %d are made at the first sync", len(processes), joined, there, missing)
	}
	p.good(core.HubSpot, "pipelines of "+d.Plural, found)
}

// labelsOf names record types; blank in an org without.
func labelsOf(processes []core.Pipeline) string {
	var out []string
	for _, p := range processes {
		if p.Label != "" {
			out = append(out, p.Label)
		}
	}
	return strings.Join(out, ", ")
}

// joinedPipeline says how the stages of a pipeline that the settings name are paired.
func (p *preflight) joinedPipeline(plan *policy.PipelinePlan, process string) {
	what := "pipeline " + plan.Label
	if plan.ID == "" {
		p.add(red, core.HubSpot, what, "is not there, and deals.pipelines names it", "correct the name, or make the pipeline in HubSpot", "DEAL-3")
		return
	}
	var paired, alone, odd []string
	for _, s := range plan.Stages {
		pair := s.Salesforce + " ⇄ " + s.Want.Label
		if s.Want.ID == "" {
			alone = append(alone, s.Salesforce)
			continue
		}
		if paired = append(paired, pair); s.Odd {
			odd = append(odd, pair)
		}
	}
	p.good(core.HubSpot, what, "carries "+cmp.Or(process, "all opportunities")+": "+strings.Join(paired, ", "))
	if len(alone)+len(plan.Unpaired) > 0 {
		p.add(yellow, core.HubSpot, "stages of "+what, "stages without a counterpart: "+cmp.Or(strings.Join(alone, ", "), "none")+" of Salesforce; "+cmp.Or(strings.Join(plan.Unpaired, ", "), "none")+" of HubSpot",
			"pair them under deals.pipelines[].stages; a record in such a stage is an issue", "DEAL-3")
	}
	if len(odd) > 0 {
		p.add(yellow, core.HubSpot, "ends of "+what, "stages that end otherwise than their counterpart: "+strings.Join(odd, ", "), "pair open with open, won with won and lost with lost, or correct the stage in HubSpot", "DEAL-3")
	}
}

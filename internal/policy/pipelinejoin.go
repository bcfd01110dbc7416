package policy

import (
	"slices"
	"strings"

	"tandem/internal/core"
)

// PipelineJoin is what the settings say of the pipeline of a record type.
type PipelineJoin struct {
	RecordType string // its id or its name; blank for the only sales process, or for records without a record type
	Pipeline   string // its id or its name
	// Stages are HubSpot's stages by those of Salesforce, by id or label; the others are
	// paired by equal labels.
	Stages map[string]string
}

// joinOf is the join of a sales process; nil where the settings name no pipeline for it.
func joinOf(joins []PipelineJoin, p core.Pipeline, processes int) *PipelineJoin {
	i := slices.IndexFunc(joins, func(j PipelineJoin) bool {
		return j.RecordType == "" && (processes == 1 || p.ID == "") || j.RecordType != "" && (core.ID18(j.RecordType) == p.ID || strings.EqualFold(j.RecordType, p.Label))
	})
	if i < 0 {
		return nil
	}
	return &joins[i]
}

// joined is the plan of a sales process whose pipeline the settings name. A stage without a
// counterpart has none: nothing is made in a pipeline that is a person's own.
func joined(p core.Pipeline, have []core.Pipeline, j *PipelineJoin) PipelinePlan {
	plan := PipelinePlan{RecordType: p.ID, Label: j.Pipeline, Joined: true}
	there := pipelineOf(have, func(h core.Pipeline) bool { return h.ID == j.Pipeline })
	if there == nil {
		there = pipelineOf(have, func(h core.Pipeline) bool { return strings.EqualFold(h.Label, j.Pipeline) })
	}
	if there == nil {
		there = &core.Pipeline{}
	}
	plan.ID = there.ID
	used := map[string]bool{}
	for i, s := range p.Stages {
		next := StagePlan{Salesforce: s.ID, Want: core.Stage{Label: s.Label, Closed: s.Closed, Won: s.Won}, Order: i, Stands: true}
		if at := j.stage(s, there.Stages); at >= 0 {
			next.Want = there.Stages[at]
			next.Odd = next.Want.Closed != s.Closed || next.Want.Won != s.Won
			used[next.Want.ID] = true
		}
		plan.Stages = append(plan.Stages, next)
	}
	for _, s := range there.Stages {
		if !used[s.ID] {
			plan.Unpaired = append(plan.Unpaired, s.Label)
		}
	}
	return plan
}

// stage is the place of HubSpot's stage that stands for one of Salesforce, -1 where none
// does: the one that the settings say, else the one of the same label.
func (j *PipelineJoin) stage(s core.Stage, have []core.Stage) int {
	want, said := s.Label, false
	for of, to := range j.Stages {
		if strings.EqualFold(of, s.ID) || strings.EqualFold(of, s.Label) {
			want, said = to, true
		}
	}
	at := slices.IndexFunc(have, func(h core.Stage) bool { return said && h.ID == want })
	if at < 0 {
		at = slices.IndexFunc(have, func(h core.Stage) bool { return strings.EqualFold(h.Label, want) })
	}
	return at
}

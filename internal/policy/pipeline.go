package policy

import (
	"cmp"
	"slices"
	"strings"

	"tandem/internal/core"
)

// Names of the pipelines that the original integration makes (DEAL-3).
const (
	pipelinePrefix  = "Salesforce - "
	defaultPipeline = pipelinePrefix + "Default"
	// masterType is Salesforce's id of having no record type.
	masterType = "012000000000000AAA"
)

// PipelineName is what the pipeline of a sales process is called: by the id of its
// record type, or "Salesforce - Default" where it is the only one (DEAL-3). Among several
// that of the records without a record type goes by the id that Salesforce has for that:
// the default one may carry the record type that was the only one before.
func PipelineName(recordType string, processes int) string {
	if processes == 1 {
		return defaultPipeline
	}
	return pipelinePrefix + cmp.Or(recordType, masterType)
}

// PipelinePlan is what is to be done for the pipeline of one sales process.
type PipelinePlan struct {
	RecordType string
	// ID is HubSpot's id of the pipeline, blank where it is to be made; Label is the
	// name it is made under.
	ID     string
	Label  string
	Stages []StagePlan
	// Joined says that the settings name the pipeline: nothing in it is changed, and it is
	// not made where it is not there.
	Joined bool
	// Unpaired are the labels of HubSpot's stages of a joined pipeline that stand for none.
	Unpaired []string
}

// StagePlan is one stage as it is to stand in HubSpot.
type StagePlan struct {
	Salesforce string // the API value of StageName
	// Want is the stage as it is to be; its ID is blank where it is to be made.
	Want core.Stage
	// Order is its place in the pipeline, from 0.
	Order int
	// Stands says that nothing about it is to be changed.
	Stands bool
	// Odd says of a stage of a joined pipeline that it ends otherwise than Salesforce's.
	Odd bool
}

// Pipelines decides for each sales process which pipeline carries its deals and what
// its stages are to be (DEAL-3): the one that was taken before, whatever it is called
// by now, else the one of the name, else a new one. A stage stays the one that was
// taken before, else it is found by its label. Stages that only HubSpot has are left
// alone, and none is deleted: deals may stand in it. A process that the settings join to a
// pipeline has that one.
func Pipelines(processes, have []core.Pipeline, taken []core.PipelineLink, joins []PipelineJoin) []PipelinePlan {
	out := make([]PipelinePlan, 0, len(processes))
	for _, p := range processes {
		if j := joinOf(joins, p, len(processes)); j != nil {
			out = append(out, joined(p, have, j))
			continue
		}
		plan := PipelinePlan{RecordType: p.ID, Label: PipelineName(p.ID, len(processes))}
		before := linkOf(taken, p.ID, len(processes) == 1)
		stands := pipelineOf(have, func(h core.Pipeline) bool { return before != nil && h.ID == before.Pipeline })
		if stands == nil {
			before = nil
			stands = pipelineOf(have, func(h core.Pipeline) bool { return strings.EqualFold(h.Label, plan.Label) })
		}
		if stands == nil {
			stands = &core.Pipeline{}
		}
		plan.ID, plan.Stages = stands.ID, stagePlans(p.Stages, stands.Stages, before)
		out = append(out, plan)
	}
	return out
}

// linkOf is the pipeline that was taken for a record type before. The only sales
// process goes on with the only pipeline that was taken, also where a first record
// type came meanwhile.
func linkOf(taken []core.PipelineLink, recordType string, only bool) *core.PipelineLink {
	i := slices.IndexFunc(taken, func(l core.PipelineLink) bool { return l.RecordType == recordType })
	switch {
	case i >= 0:
		return &taken[i]
	case only && len(taken) == 1:
		return &taken[0]
	}
	return nil
}

func pipelineOf(have []core.Pipeline, is func(core.Pipeline) bool) *core.Pipeline {
	if i := slices.IndexFunc(have, is); i >= 0 {
		return &have[i]
	}
	return nil
}

func stagePlans(want, have []core.Stage, before *core.PipelineLink) []StagePlan {
	out := make([]StagePlan, 0, len(want))
	used := map[string]bool{}
	for i, s := range want {
		next := core.Stage{Label: s.Label, Chance: Chance(s), Closed: s.Closed, Won: s.Won}
		at := stageOf(have, used, s, before)
		plan := StagePlan{Salesforce: s.ID, Want: next, Order: i}
		if at >= 0 {
			plan.Want.ID, used[have[at].ID] = have[at].ID, true
			plan.Stands = at == i && have[at].Label == next.Label && have[at].Chance == next.Chance
		}
		out = append(out, plan)
	}
	return out
}

// stageOf is the place of HubSpot's stage that stands for one of Salesforce, -1 where
// none does.
func stageOf(have []core.Stage, used map[string]bool, s core.Stage, before *core.PipelineLink) int {
	if before != nil {
		for _, l := range before.Stages {
			if i := slices.IndexFunc(have, func(h core.Stage) bool { return h.ID == l.HubSpot }); l.Salesforce == s.ID && i >= 0 && !used[l.HubSpot] {
				return i
			}
		}
	}
	return slices.IndexFunc(have, func(h core.Stage) bool { return strings.EqualFold(h.Label, s.Label) && !used[h.ID] })
}

// Chance is the probability of a stage in HubSpot, in percent. HubSpot takes a stage of
// 0 or of 100 for closed, so that an open stage gets neither, and a closed one the one
// that says how it ended (HubSpot's pipelines guide, "metadata"; DEAL-3).
func Chance(s core.Stage) int {
	switch {
	case s.Closed && s.Won:
		return 100
	case s.Closed:
		return 0
	}
	return min(max(s.Chance, 1), 99)
}

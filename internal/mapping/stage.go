package mapping

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"tandem/internal/core"
)

// A record that goes through stages says where it stands by its stage alone: that says
// the pipeline and the record type as well, which are written with it.

// StageBook holds the stages that are paired now. Mappings share it, so that a stage
// that comes later is known to them. It is safe for concurrent use.
type StageBook struct {
	fields  core.StageFields
	current atomic.Pointer[stages]
}

// NewStageBook is the book of a pair whose records say by these fields where they stand,
// with no stages in it yet.
func NewStageBook(fields core.StageFields) *StageBook { return &StageBook{fields: fields} }

// Way is the field of a side that names the pipeline or the record type.
func (b *StageBook) Way(side core.Side) string { return b.fields.Way[side] }

type stages struct {
	links []core.PipelineLink
	only  bool
}

// Renew puts newly paired pipelines in place. Where there is only one sales process its
// pipeline carries the opportunities of every record type, and those without.
func (b *StageBook) Renew(links []core.PipelineLink, only bool) {
	b.current.Store(&stages{slices.Clone(links), only})
}

// Links are the pipelines last put in place.
func (b *StageBook) Links() []core.PipelineLink {
	if b == nil || b.current.Load() == nil {
		return nil
	}
	return b.current.Load().links
}

// only reports that there is one sales process, so that the record type of an
// opportunity tells nothing.
func (b *StageBook) only() bool { return len(b.Links()) == 1 && b.current.Load().only }

// Process is the pipeline that carries the opportunities of a record type; nil where
// none does.
func (b *StageBook) Process(recordType string) *core.PipelineLink {
	all := b.Links()
	if b.only() {
		return &all[0]
	}
	id := core.ID18(recordType)
	if i := slices.IndexFunc(all, func(l core.PipelineLink) bool { return l.RecordType == id }); i >= 0 {
		return &all[i]
	}
	return nil
}

// Pipeline is the link of a pipeline of HubSpot; nil for one that does not sync.
func (b *StageBook) Pipeline(id string) *core.PipelineLink {
	all := b.Links()
	if i := slices.IndexFunc(all, func(l core.PipelineLink) bool { return l.Pipeline == id }); i >= 0 {
		return &all[i]
	}
	return nil
}

// stage finds a stage by HubSpot's id, which is one of one pipeline.
func (b *StageBook) stage(id string) (line *core.PipelineLink, name string) {
	all := b.Links()
	for i := range all {
		for _, s := range all[i].Stages {
			if s.HubSpot == id {
				return &all[i], s.Salesforce
			}
		}
	}
	return nil, ""
}

// stagesOf are the fields by which the records of a pair say where they stand; nil for a
// pair that has no stages.
func stagesOf(pair core.Pair) *core.StageFields { return core.StandardPairs.Def(pair).Stages }

// isStage reports the mapping that says where a record stands.
func isStage(f *core.StageFields, names [2]string) bool {
	return f != nil && strings.EqualFold(names[core.Salesforce], f.Stage[core.Salesforce]) && strings.EqualFold(names[core.HubSpot], f.Stage[core.HubSpot])
}

// misplaced reports a mapping that would take the stage, or what is written along with
// it, apart.
func misplaced(f *core.StageFields, names [2]string) bool {
	if f == nil || isStage(f, names) {
		return false
	}
	return slices.ContainsFunc(core.Sides[:], func(side core.Side) bool {
		return strings.EqualFold(names[side], f.Stage[side]) || strings.EqualFold(names[side], f.Way[side])
	})
}

// stageFrom is the canonical stage of a record: HubSpot's id of it. What has none there
// stays the name that Salesforce has.
func (f *Field) stageFrom(side core.Side, rec *core.Record) (value string, readable bool) {
	raw, told := rec.Get(f.Names[side])
	if side == core.HubSpot || !told {
		return strings.TrimSpace(raw), told
	}
	recordType, told := rec.Get(f.stages.Way(core.Salesforce))
	if !told && !f.stages.only() {
		return "", false
	}
	if line := f.stages.Process(recordType); line != nil {
		for _, s := range line.Stages {
			if strings.EqualFold(s.Salesforce, strings.TrimSpace(raw)) {
				return s.HubSpot, true
			}
		}
	}
	return strings.TrimSpace(raw), true
}

// stageTo is the value of a stage on a side.
func (f *Field) stageTo(side core.Side, canonical string) (string, *FieldIssue) {
	line, name := f.stages.stage(canonical)
	switch {
	case line == nil:
		return "", issueStage(side, &f.Defs[side], canonical)
	case side == core.Salesforce:
		return name, nil
	}
	return canonical, nil
}

// CodeStageUnknown is the code of a stage that stands for none of the other side.
const CodeStageUnknown = "stage_unknown"

func issueStage(side core.Side, d *FieldDef, value string) *FieldIssue {
	return &FieldIssue{Side: side, Field: d.Name, Category: core.CategoryPicklist, Code: CodeStageUnknown, Rule: "DEAL-3", Refused: true,
		Message: fmt.Sprintf("the stage %s of %s stands for none of %s", shown(value), side.Other().Label(), side.Label()),
		Mend:    "move the record to a stage of its process, or add the stage to the sales or support process of the record type in Salesforce; tandem makes it in HubSpot, but for a pipeline that deals.pipelines names: pair the stage under stages there"}
}

// Companions are the fields that say the pipeline or the record type of a stage and are
// written along with it, by their names on a side; nil for other fields.
func (f *Field) Companions(side core.Side, canonical string) map[string]string {
	if f.Kind != Stage {
		return nil
	}
	line, _ := f.stages.stage(canonical)
	switch {
	case line == nil:
		return nil
	case side == core.HubSpot:
		return map[string]string{f.stages.Way(side): line.Pipeline}
	case line.RecordType == "" && f.stages.only():
		return nil
	}
	return map[string]string{f.stages.Way(side): line.RecordType}
}

package hubspotsim

import (
	"fmt"
	"slices"
	"strings"
)

// stand puts a row of an object with pipelines into its stage. The portal that wrote the
// file has the pipelines and stages that this one does not know, so they are added.
func (l *loader) stand(s *draftRow) {
	if s.t.pipeline == "" {
		return
	}
	line := l.lineNamed(s.t, s.line, s.at)
	for name, id := range map[string]string{s.t.pipeline: line.ID, s.t.stage: l.stageNamed(line, s.at)} {
		s.sets = append(s.sets, setting{s.t.schema.find(name), id})
	}
}

// lineNamed is a pipeline by its label or id; where the file does not say, the one that has
// the stage, or else the first.
func (l *loader) lineNamed(t *table, name, stage string) *pipeline {
	list := l.lines[t.id]
	if list == nil {
		list = slices.Clone(l.p.pipelines[t.id])
		for i := range list {
			list[i].Stages = slices.Clone(list[i].Stages)
		}
		l.lines[t.id] = list
	}
	for i := range list {
		if named(name, list[i].ID, list[i].Label) || name == "" && list[i].place(stage) >= 0 {
			return &list[i]
		}
	}
	if name == "" {
		return &list[0]
	}
	l.note("the pipeline %q of %s was added to the portal's own", name, t.plural)
	at := formatMS(l.p.nowMS())
	l.lines[t.id] = append(list, pipeline{Label: name, ID: fmt.Sprintf("loaded-%d", len(list)), DisplayOrder: len(list), CreatedAt: at, UpdatedAt: at})
	return &l.lines[t.id][len(list)]
}

// stageNamed is the id of a stage by its label or id, the first of the pipeline where the
// file does not say. A stage whose label says won or lost closes a deal.
func (l *loader) stageNamed(p *pipeline, name string) string {
	if i := p.place(name); i >= 0 {
		return p.Stages[i].ID
	}
	if name == "" && len(p.Stages) > 0 {
		return p.Stages[0].ID
	}
	l.note("the stage %q was added to the pipeline %q", name, p.Label)
	at, spec := formatMS(l.p.nowMS()), stageSpec{value: "0.5"}
	switch lower := strings.ToLower(name); {
	case strings.Contains(lower, "won"):
		spec.value, spec.closed = "1.0", true
	case strings.Contains(lower, "lost"):
		spec.value, spec.closed = "0.0", true
	}
	s := stage{Label: name, ID: fmt.Sprintf("%s-%d", p.ID, len(p.Stages)), DisplayOrder: len(p.Stages), CreatedAt: at, UpdatedAt: at,
		Metadata: map[string]string{"isClosed": fmt.Sprint(spec.closed), "probability": spec.value}, WritePermissions: "CRM_PERMISSIONS_ENFORCEMENT"}
	p.Stages = append(p.Stages, s)
	return s.ID
}

// place is where a stage stands in the pipeline, by its label or id; -1 for nowhere.
func (l *pipeline) place(name string) int {
	return slices.IndexFunc(l.Stages, func(s stage) bool { return named(name, s.ID, s.Label) })
}

func named(name, id, label string) bool {
	return name != "" && (name == id || strings.EqualFold(name, label))
}

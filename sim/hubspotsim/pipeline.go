package hubspotsim

import "fmt"

// stage is one step of a pipeline.
type stage struct {
	Label            string            `json:"label"`
	DisplayOrder     int               `json:"displayOrder"`
	Metadata         map[string]string `json:"metadata"`
	ID               string            `json:"id"`
	CreatedAt        string            `json:"createdAt"`
	UpdatedAt        string            `json:"updatedAt"`
	WritePermissions string            `json:"writePermissions"`
	Archived         bool              `json:"archived"`
}

// pipeline is a sequence of stages of one object type.
type pipeline struct {
	Label        string  `json:"label"`
	DisplayOrder int     `json:"displayOrder"`
	ID           string  `json:"id"`
	Stages       []stage `json:"stages"`
	CreatedAt    string  `json:"createdAt"`
	UpdatedAt    string  `json:"updatedAt"`
	Archived     bool    `json:"archived"`
}

func (s stage) closed() bool { return s.Metadata["isClosed"] == "true" }
func (s stage) won() bool    { return s.closed() && s.Metadata["probability"] == "1.0" }
func (s stage) lost() bool   { return s.closed() && s.Metadata["probability"] == "0.0" }

// stageSpec is a row of the default pipelines: id, label, metadata value.
type stageSpec struct {
	id, label, value string
	closed           bool
}

func newPipeline(id, label, key string, specs []stageSpec) pipeline {
	const epoch = "1970-01-01T00:00:00Z"
	p := pipeline{Label: label, ID: id, CreatedAt: epoch, UpdatedAt: epoch}
	for i, s := range specs {
		p.Stages = append(p.Stages, stage{Label: s.label, DisplayOrder: i, ID: s.id, CreatedAt: epoch, UpdatedAt: epoch,
			Metadata:         map[string]string{"isClosed": fmt.Sprint(s.closed), key: s.value},
			WritePermissions: "CRM_PERMISSIONS_ENFORCEMENT"})
	}
	return p
}

func lifecyclePipeline(id string) pipeline {
	specs := []stageSpec{{"subscriber", "Subscriber", "OPEN", false}, {"lead", "Lead", "OPEN", false},
		{"marketingqualifiedlead", "Marketing Qualified Lead", "OPEN", false},
		{"salesqualifiedlead", "Sales Qualified Lead", "OPEN", false}, {"opportunity", "Opportunity", "OPEN", false},
		{"customer", "Customer", "OPEN", false}, {"evangelist", "Evangelist", "OPEN", false}, {"other", "Other", "CLOSED", true}}
	return newPipeline(id, "Lifecycle Stage Pipeline", "state", specs)
}

func defaultPipelines() map[string][]pipeline {
	return map[string][]pipeline{
		typeContact: {lifecyclePipeline("contacts-lifecycle-pipeline")},
		typeCompany: {lifecyclePipeline("companies-lifecycle-pipeline")},
		typeDeal: {newPipeline("default", "Sales Pipeline", "probability", []stageSpec{
			{"appointmentscheduled", "Appointment Scheduled", "0.2", false}, {"qualifiedtobuy", "Qualified To Buy", "0.4", false},
			{"presentationscheduled", "Presentation Scheduled", "0.6", false},
			{"decisionmakerboughtin", "Decision Maker Bought-In", "0.8", false}, {"contractsent", "Contract Sent", "0.9", false},
			{"closedwon", "Closed Won", "1.0", true}, {"closedlost", "Closed Lost", "0.0", true}})},
		typeTicket: {newPipeline("0", "Support Pipeline", "ticketState", []stageSpec{{"1", "New", "OPEN", false},
			{"2", "Waiting on contact", "OPEN", false}, {"3", "Waiting on us", "OPEN", false}, {"4", "Closed", "CLOSED", true}})},
	}
}

func (p *Portal) findPipeline(t *table, id string) *pipeline {
	list := p.pipelines[t.id]
	for i := range list {
		if list[i].ID == id {
			return &list[i]
		}
	}
	return nil
}

func (l *pipeline) stage(id string) (stage, bool) {
	if l != nil {
		for _, s := range l.Stages {
			if s.ID == id {
				return s, true
			}
		}
	}
	return stage{}, false
}

// dealStage is the stage a deal stands in.
func (w view) dealStage() stage {
	s, _ := w.p.findPipeline(w.t, w.get("pipeline")).stage(w.get("dealstage"))
	return s
}

// applyPipeline holds a record to a stage of its own pipeline; a change of the
// pipeline needs a stage in the same write.
func (p *Portal) applyPipeline(d *draft) *apiError {
	if d.t.pipeline == "" || d.by.system {
		return nil
	}
	if d.r == nil && d.get(d.t.pipeline) == "" && len(p.pipelines[d.t.id]) > 0 {
		d.put(d.t.pipeline, p.pipelines[d.t.id][0].ID)
	}
	line, at := d.set(d.t.pipeline), d.set(d.t.stage)
	if line == nil && at == nil {
		return nil
	}
	found := p.findPipeline(d.t, d.get(d.t.pipeline))
	s, ok := found.stage(d.get(d.t.stage))
	switch {
	case found == nil:
		return p.badProperties([]propError{refusedStage(d, d.t.pipeline)})
	case !ok, line != nil && at == nil && line.text != d.old(line.d):
		return p.badProperties([]propError{refusedStage(d, d.t.stage)})
	}
	if d.t.id == typeDeal && s.closed() && p.movesDate(d, s) {
		d.put("closedate", formatMS(p.nowMS()))
	}
	return nil
}

// movesDate says whether a deal that comes to a closed stage closes now: always where
// it has no date, otherwise where a person closes it, or turns won into lost (knowledge
// base, "default deal properties"), without a date in the same write.
func (p *Portal) movesDate(d *draft, to stage) bool {
	if d.get("closedate") == "" {
		return true
	}
	if d.r == nil || d.set("closedate") != nil || !d.by.person && !p.readings.closingMoves {
		return false
	}
	from := p.see(d.t, d.r).dealStage()
	return !from.closed() || from.won() != to.won()
}

func refusedStage(d *draft, name string) propError {
	return propError{fmt.Sprintf("%q was not one of the allowed options for pipeline %q", d.get(name), d.get(d.t.pipeline)), "INVALID_OPTION", name}
}

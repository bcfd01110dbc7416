package hubspotsim

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
)

func (p *Portal) pipelineRoutes(rt routeTable) {
	read := func(pattern string, handle func(*call) (reply, *apiError)) {
		rt.add(route{handle: handle, scopes: reads}, "GET", "pipelines/{type}"+pattern)
	}
	change := func(method, pattern string, handle func(*call) (reply, *apiError)) {
		rt.add(route{handle: handle, scopes: editsSchema, write: true}, method, "pipelines/{type}"+pattern)
	}
	const one, stages, oneStage = "/{id}", "/{id}/stages", "/{id}/stages/{stage}"
	read("", p.listPipelines)
	read(one, p.getPipeline)
	read(one+"/audit", p.pipelineAudit)
	read(stages, p.listStages)
	read(oneStage, p.getStage)
	read(oneStage+"/audit", p.stageAudit)
	change("POST", "", p.createPipeline)
	change("PUT", one, p.replacePipeline)
	change("PATCH", one, p.patchPipeline)
	change("DELETE", one, p.deletePipeline)
	change("POST", stages, p.createStage)
	change("PUT", oneStage, p.replaceStage)
	change("PATCH", oneStage, p.patchStage)
	change("DELETE", oneStage, p.deleteStage)
}

func (p *Portal) listPipelines(c *call) (reply, *apiError) {
	list := slices.Clone(p.pipelines[c.t.id])
	if list == nil {
		list = []pipeline{}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].DisplayOrder < list[j].DisplayOrder })
	return ok(map[string]any{"results": list})
}

func (p *Portal) getPipeline(c *call) (reply, *apiError) {
	l := p.findPipeline(c.t, c.vars["id"])
	if l == nil {
		return reply{}, notFound()
	}
	return ok(l)
}

func (p *Portal) listStages(c *call) (reply, *apiError) {
	l := p.findPipeline(c.t, c.vars["id"])
	if l == nil {
		return reply{}, notFound()
	}
	return ok(map[string]any{"results": l.Stages})
}

func (p *Portal) getStage(c *call) (reply, *apiError) {
	s, found := p.findPipeline(c.t, c.vars["id"]).stage(c.vars["stage"])
	if !found {
		return reply{}, notFound()
	}
	return ok(s)
}

// stageBody is a stage of a create, replacement or patch; what a patch leaves
// out stays.
type stageBody struct {
	ID       string            `json:"stageId"`
	Label    *string           `json:"label"`
	Order    *int              `json:"displayOrder"`
	Metadata map[string]string `json:"metadata"`
}

type pipelineBody struct {
	ID     string      `json:"pipelineId"`
	Label  *string     `json:"label"`
	Order  *int        `json:"displayOrder"`
	Stages []stageBody `json:"stages"`
}

// maxStages is the most stages that a pipeline takes.
const maxStages = 100

// ownPipelines: only these types have pipelines that an administrator makes.
func (t *table) ownPipelines() bool { return t.stage != "" }

func (p *Portal) createPipeline(c *call) (reply, *apiError) {
	var in pipelineBody
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	if !c.t.ownPipelines() {
		return reply{}, invalid("Pipelines cannot be created for object type " + c.t.id)
	}
	if most := p.opts.Pipelines; most > 0 && len(p.pipelines[c.t.id]) >= most {
		return reply{}, invalid(fmt.Sprintf("You have reached your limit of %d pipelines for object type %s", most, c.t.id))
	}
	at := formatMS(p.nowMS())
	l := pipeline{ID: in.ID, CreatedAt: at, UpdatedAt: at}
	if l.ID == "" {
		l.ID = p.takePipelineID()
	}
	if p.findPipeline(c.t, l.ID) != nil {
		return reply{}, invalid("A pipeline with id " + l.ID + " already exists")
	}
	if e := p.fillPipeline(c, &l, in); e != nil {
		return reply{}, e
	}
	p.pipelines[c.t.id] = append(p.pipelines[c.t.id], l)
	p.audit(c, l.ID, "CREATE", l)
	return reply{status: http.StatusCreated, body: l}, nil
}

// takePipelineID numbers custom pipelines and stages from one sequence.
func (p *Portal) takePipelineID() string {
	p.nextPipeline++
	return strconv.Itoa(700_000_000 + p.nextPipeline)
}

// fillPipeline gives a pipeline what a body says; nothing changes on an error.
func (p *Portal) fillPipeline(c *call, l *pipeline, in pipelineBody) *apiError {
	if in.Label == nil || in.Order == nil || in.Stages == nil {
		return badJSON("Cannot build PipelineInput, some of required attributes are not set [label, displayOrder, stages]")
	}
	if e := p.freePipelineLabel(c.t, l.ID, *in.Label); e != nil {
		return e
	}
	if len(in.Stages) > maxStages {
		return invalid(fmt.Sprintf("A pipeline can have at most %d stages", maxStages))
	}
	next := pipeline{}
	for _, one := range in.Stages {
		s, e := p.newStage(c.t, &next, one)
		if e != nil {
			return e
		}
		next.Stages = append(next.Stages, s)
	}
	l.Label, l.DisplayOrder, l.Stages = *in.Label, *in.Order, next.Stages
	return nil
}

func (p *Portal) freePipelineLabel(t *table, id, label string) *apiError {
	for _, other := range p.pipelines[t.id] {
		if other.Label == label && other.ID != id {
			return invalid("A pipeline with the label '" + label + "' already exists")
		}
	}
	return nil
}

func (p *Portal) newStage(t *table, l *pipeline, in stageBody) (stage, *apiError) {
	if in.Label == nil || in.Order == nil {
		return stage{}, badJSON("Cannot build PipelineStageInput, some of required attributes are not set [label, displayOrder]")
	}
	at := formatMS(p.nowMS())
	s := stage{ID: in.ID, CreatedAt: at, WritePermissions: "CRM_PERMISSIONS_ENFORCEMENT"}
	if s.ID == "" {
		s.ID = p.takePipelineID()
	}
	if e := p.changeStage(t, l, &s, in); e != nil {
		return stage{}, e
	}
	return s, nil
}

// changeStage gives a stage what a body says; nothing changes on an error.
func (p *Portal) changeStage(t *table, l *pipeline, s *stage, in stageBody) *apiError {
	for _, other := range l.Stages {
		if in.Label != nil && other.Label == *in.Label && other.ID != s.ID {
			return invalid("Stage labels must be unique within a pipeline: " + *in.Label)
		}
	}
	metadata, e := stageMetadata(t, s.Metadata, in.Metadata)
	if e != nil {
		return e
	}
	s.Metadata, s.UpdatedAt = metadata, formatMS(p.nowMS())
	set(&s.Label, in.Label)
	set(&s.DisplayOrder, in.Order)
	return nil
}

// stageMetadata: a deal stage has a probability, from which it is open, won or
// lost; a ticket stage is open or closed.
func stageMetadata(t *table, old, in map[string]string) (map[string]string, *apiError) {
	out := map[string]string{}
	for _, from := range []map[string]string{old, in} {
		for key, v := range from {
			out[key] = v
		}
	}
	if t.id != typeDeal {
		if out["ticketState"] == "" {
			out["ticketState"] = "OPEN"
		}
		out["isClosed"] = strconv.FormatBool(out["ticketState"] == "CLOSED")
		return out, nil
	}
	chance, err := strconv.ParseFloat(out["probability"], 64)
	if err != nil || chance < 0 || chance > 1 {
		return nil, invalid("Deal stages need a probability between 0.0 and 1.0 in their metadata")
	}
	out["probability"] = strconv.FormatFloat(chance, 'f', -1, 64)
	if chance == 0 || chance == 1 {
		out["probability"] += ".0"
	}
	out["isClosed"] = strconv.FormatBool(chance == 0 || chance == 1)
	return out, nil
}

func (p *Portal) replacePipeline(c *call) (reply, *apiError) {
	var in pipelineBody
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	l := p.findPipeline(c.t, c.vars["id"])
	if l == nil {
		return reply{}, notFound()
	}
	if e := p.unreferenced(c, l.ID, ""); e != nil {
		return reply{}, e
	}
	if e := p.fillPipeline(c, l, in); e != nil {
		return reply{}, e
	}
	return p.updatedPipeline(c, l)
}

func (p *Portal) updatedPipeline(c *call, l *pipeline) (reply, *apiError) {
	l.UpdatedAt = formatMS(p.nowMS())
	p.audit(c, l.ID, "UPDATE", *l)
	return ok(*l)
}

func (p *Portal) patchPipeline(c *call) (reply, *apiError) {
	var in pipelineBody
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	l := p.findPipeline(c.t, c.vars["id"])
	if l == nil {
		return reply{}, notFound()
	}
	if in.Label != nil {
		if e := p.freePipelineLabel(c.t, l.ID, *in.Label); e != nil {
			return reply{}, e
		}
	}
	set(&l.Label, in.Label)
	set(&l.DisplayOrder, in.Order)
	return p.updatedPipeline(c, l)
}

func (p *Portal) deletePipeline(c *call) (reply, *apiError) {
	l := p.findPipeline(c.t, c.vars["id"])
	if l == nil {
		return reply{}, notFound()
	}
	if e := p.unreferenced(c, l.ID, ""); e != nil {
		return reply{}, e
	}
	if len(p.pipelines[c.t.id]) == 1 {
		return reply{}, invalid("The last pipeline of an object type cannot be deleted")
	}
	p.audit(c, l.ID, "DELETE", *l)
	id := l.ID
	p.pipelines[c.t.id] = slices.DeleteFunc(p.pipelines[c.t.id], func(have pipeline) bool { return have.ID == id })
	return noContent()
}

// unreferenced refuses to delete what records stand in, where the call asks for
// that check.
func (p *Portal) unreferenced(c *call, line, at string) *apiError {
	q := c.r.URL.Query()
	if !queryBool(q, "validateReferencesBeforeDelete") && !queryBool(q, "validateDealStageUsagesBeforeDelete") {
		return nil
	}
	used := map[string]bool{}
	for _, r := range c.t.order {
		w := p.see(c.t, r)
		if stage := w.get(c.t.stage); r.live() && w.get(c.t.pipeline) == line && (at == "" || stage == at) {
			used[stage] = true
		}
	}
	if len(used) == 0 {
		return nil
	}
	e := invalid("Stages are in use and cannot be deleted")
	e.SubCategory, e.Context = "PipelineError.STAGE_ID_IN_USE", map[string][]string{"stageIds": sortedKeys(used)}
	return e
}

func (p *Portal) createStage(c *call) (reply, *apiError) {
	var in stageBody
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	l := p.findPipeline(c.t, c.vars["id"])
	if l == nil {
		return reply{}, notFound()
	}
	if len(l.Stages) >= maxStages {
		return reply{}, invalid(fmt.Sprintf("A pipeline can have at most %d stages", maxStages))
	}
	s, e := p.newStage(c.t, l, in)
	if e != nil {
		return reply{}, e
	}
	l.Stages = append(l.Stages, s)
	p.audit(c, s.ID, "CREATE", s)
	return reply{status: http.StatusCreated, body: s}, nil
}

// stageAt finds the stage of the path.
func (p *Portal) stageAt(c *call) (*pipeline, *stage) {
	l := p.findPipeline(c.t, c.vars["id"])
	if l == nil {
		return nil, nil
	}
	i := slices.IndexFunc(l.Stages, func(s stage) bool { return s.ID == c.vars["stage"] })
	if i < 0 {
		return nil, nil
	}
	return l, &l.Stages[i]
}

func (p *Portal) replaceStage(c *call) (reply, *apiError) { return p.updateStage(c, true) }
func (p *Portal) patchStage(c *call) (reply, *apiError)   { return p.updateStage(c, false) }

func (p *Portal) updateStage(c *call, whole bool) (reply, *apiError) {
	var in stageBody
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	l, s := p.stageAt(c)
	if s == nil {
		return reply{}, notFound()
	}
	if whole && (in.Label == nil || in.Order == nil) {
		return reply{}, badJSON("Cannot build PipelineStageInput, some of required attributes are not set [label, displayOrder]")
	}
	if e := p.changeStage(c.t, l, s, in); e != nil {
		return reply{}, e
	}
	p.audit(c, s.ID, "UPDATE", *s)
	return ok(*s)
}

func (p *Portal) deleteStage(c *call) (reply, *apiError) {
	l, s := p.stageAt(c)
	if s == nil {
		return reply{}, notFound()
	}
	if e := p.unreferenced(c, l.ID, s.ID); e != nil {
		return reply{}, e
	}
	p.audit(c, s.ID, "DELETE", *s)
	id := s.ID
	l.Stages = slices.DeleteFunc(l.Stages, func(have stage) bool { return have.ID == id })
	return noContent()
}

// auditRow is one change of a pipeline or stage.
type auditRow struct {
	PortalID   int64  `json:"portalId"`
	Identifier string `json:"identifier"`
	Action     string `json:"action"`
	Timestamp  string `json:"timestamp"`
	Message    string `json:"message"`
	Raw        any    `json:"rawObject"`
	UserID     int    `json:"fromUserId"`
	typeID     string
}

func (p *Portal) audit(c *call, id, action string, raw any) {
	p.audits = append(p.audits, auditRow{PortalID: p.portalNumber, Identifier: id, Action: action,
		Timestamp: formatMS(p.nowMS()), Message: action + " " + id, Raw: raw, UserID: c.b.userID, typeID: c.t.id})
}

func (p *Portal) pipelineAudit(c *call) (reply, *apiError) { return p.auditOf(c, c.vars["id"]) }
func (p *Portal) stageAudit(c *call) (reply, *apiError)    { return p.auditOf(c, c.vars["stage"]) }

// auditOf lists the changes of one pipeline or stage, newest first.
func (p *Portal) auditOf(c *call, id string) (reply, *apiError) {
	list := []auditRow{}
	for _, row := range slices.Backward(p.audits) {
		if row.typeID == c.t.id && row.Identifier == id {
			list = append(list, row)
		}
	}
	return ok(map[string]any{"results": list})
}

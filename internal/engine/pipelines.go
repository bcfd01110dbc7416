package engine

import (
	"context"
	"encoding/json"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// pipelinesOf is the name under which it is kept which pipelines and stages of a pair
// were taken for which process.
func pipelinesOf(p core.Pair) string {
	if p == core.DealPair {
		return "pipelines"
	}
	return "pipelines/" + string(p)
}

// pipelineLook is what was found of processes and pipelines when they were compared
// last.
type pipelineLook struct {
	mu connector.CallMutex
	of map[core.Pair]*processLook
	// done says that HubSpot's pipelines stand as planned, or were refused.
	done  bool
	roles roleBook
}

// processLook is what was found for one object pair.
type processLook struct {
	object core.Object // of HubSpot
	plans  []policy.PipelinePlan
	// refused is why no pipeline carries a record type.
	refused map[string]string
	// labels are what HubSpot's pipelines are called, by their ids.
	labels map[string]string
}

// openPipelines compares the processes with the pipelines and takes what stands already,
// for each pair that syncs and goes through stages. It writes nothing.
func (e *Engine) openPipelines(ctx context.Context, c *Conn) error {
	c.pipes.mu.Lock()
	defer c.pipes.mu.Unlock()
	c.pipes.of, c.pipes.done = map[core.Pair]*processLook{}, false
	for _, p := range c.Staged() {
		if err := e.lookAtPipelines(ctx, c, p); err != nil {
			return err
		}
	}
	if !c.SyncsDeals() {
		return nil
	}
	return e.openRoles(ctx, c)
}

func (e *Engine) lookAtPipelines(ctx context.Context, c *Conn, p core.Pair) error {
	sf, knows := c.Sides[core.Salesforce].(connector.Processes)
	hs, has := c.Sides[core.HubSpot].(connector.Pipelines)
	if !knows || !has {
		return nil
	}
	of := c.Pairs.Objects(p)
	processes, err := sf.Processes(ctx, of[core.Salesforce][0])
	if err != nil {
		return err
	}
	have, err := hs.Pipelines(ctx, of[core.HubSpot][0])
	if err != nil {
		return err
	}
	taken, err := e.takenPipelines(ctx, c, p)
	if err != nil {
		return err
	}
	look := &processLook{object: of[core.HubSpot][0], plans: policy.Pipelines(processes, have, taken, c.Settings.Joins(p)), refused: map[string]string{}, labels: labelsOf(have)}
	c.pipes.of[p] = look
	c.Stages[p].Renew(standing(look.plans), len(look.plans) == 1)
	return nil
}

// unmade are the labels of the pipelines of a pair that the next sync makes in HubSpot: a
// plan makes none, and until then the records that belong in them wait.
func (c *Conn) unmade(p core.Pair) (out []string) {
	c.pipes.mu.Lock()
	defer c.pipes.mu.Unlock()
	if look := c.pipes.of[p]; look != nil {
		for _, line := range look.plans {
			if line.ID == "" && !line.Joined && look.refused[line.RecordType] == "" {
				out = append(out, line.Label)
			}
		}
	}
	return out
}

func (e *Engine) takenPipelines(ctx context.Context, c *Conn, p core.Pair) (taken []core.PipelineLink, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		cur, known, err := tx.Cursor(c.ID, core.HubSpot, pipelinesOf(p))
		if err != nil || !known {
			return err
		}
		return json.Unmarshal([]byte(cur.Value), &taken)
	})
	return taken, err
}

// standing are the pipelines and stages of plans that are there.
func standing(plans []policy.PipelinePlan) (out []core.PipelineLink) {
	for _, p := range plans {
		if p.ID == "" {
			continue
		}
		l := core.PipelineLink{RecordType: p.RecordType, Pipeline: p.ID}
		for _, s := range p.Stages {
			if s.Want.ID != "" {
				l.Stages = append(l.Stages, core.StageLink{Salesforce: s.Salesforce, HubSpot: s.Want.ID})
			}
		}
		out = append(out, l)
	}
	return out
}

// KeepPipelines makes the pipelines and stages of the processes in HubSpot and brings
// those that stand in step (DEAL-3, CASE-2), once for each opening and whenever the
// processes are looked at again. What HubSpot refuses stays away, and the records that
// need it say why (DEAL-4).
func (e *Engine) KeepPipelines(ctx context.Context, c *Conn) error {
	c.pipes.mu.Lock()
	defer c.pipes.mu.Unlock()
	hs, has := c.Sides[core.HubSpot].(connector.Pipelines)
	if !has || c.pipes.done {
		return nil
	}
	for _, p := range c.Staged() {
		if err := e.keepPipelinesOf(ctx, c, hs, p); err != nil {
			return err
		}
	}
	if err := e.keepLabels(ctx, c); err != nil {
		return err
	}
	if err := e.keepLookupLabels(ctx, c); err != nil {
		return err
	}
	c.pipes.done = true
	return nil
}

func (e *Engine) keepPipelinesOf(ctx context.Context, c *Conn, hs connector.Pipelines, p core.Pair) error {
	look := c.pipes.of[p]
	if look == nil {
		return nil
	}
	for i := range look.plans {
		if err := e.keepPipeline(ctx, c, hs, look, &look.plans[i]); err != nil {
			return err
		}
	}
	links := standing(look.plans)
	err := e.Update(ctx, func(tx *store.Tx) error {
		return tx.CursorSet(c.ID, core.HubSpot, pipelinesOf(p), string(room.MustJSON(links)))
	})
	if err != nil {
		return err
	}
	c.Stages[p].Renew(links, len(look.plans) == 1)
	return nil
}

// keepPipeline brings one pipeline in step. A refusal is kept as the reason why its
// record type does not sync; any other error ends the work, which is tried again.
func (e *Engine) keepPipeline(ctx context.Context, c *Conn, hs connector.Pipelines, look *processLook, p *policy.PipelinePlan) error {
	if p.Joined {
		if p.ID == "" {
			look.refused[p.RecordType] = "HubSpot has no pipeline " + p.Label + ", which deals.pipelines names for it"
		}
		return nil
	}
	err := savePipeline(ctx, hs, look.object, p)
	switch connector.ClassOf(err) {
	case core.ClassRejected, core.ClassSchema, core.ClassDuplicate, core.ClassAuth, core.ClassGone:
		look.refused[p.RecordType] = "HubSpot did not make it: " + err.Error()
		e.Log.Warn("a pipeline could not be brought in step", "connection", c.Settings.Name, "object", look.object, "pipeline", p.Label, "cause", err)
		return nil
	}
	if p.ID != "" {
		look.labels[p.ID] = p.Label
	}
	return err
}

func savePipeline(ctx context.Context, hs connector.Pipelines, object core.Object, p *policy.PipelinePlan) error {
	if p.ID == "" {
		return makePipeline(ctx, hs, object, p)
	}
	for i := range p.Stages {
		s := &p.Stages[i]
		if s.Stands {
			continue
		}
		id, err := hs.StageSave(ctx, object, p.ID, s.Want, s.Order)
		if err != nil {
			return err
		}
		s.Want.ID, s.Stands = id, true
	}
	return nil
}

// makePipeline makes a pipeline with its stages. HubSpot has a name once, so that one
// whose answer was lost is found by it at the next look.
func makePipeline(ctx context.Context, hs connector.Pipelines, object core.Object, p *policy.PipelinePlan) error {
	want := core.Pipeline{Label: p.Label}
	for _, s := range p.Stages {
		want.Stages = append(want.Stages, s.Want)
	}
	made, err := hs.PipelineCreate(ctx, object, want)
	if err != nil {
		return err
	}
	p.ID = made.ID
	for i := range p.Stages {
		at := slices.IndexFunc(made.Stages, func(s core.Stage) bool { return s.Label == p.Stages[i].Want.Label })
		if at >= 0 {
			p.Stages[i].Want.ID, p.Stages[i].Stands = made.Stages[at].ID, true
		}
	}
	return nil
}

// raiseRefusedPipeline says on a record of Salesforce that HubSpot refused its pipeline.
func (b *batch) raiseRefusedPipeline(it *item) {
	rec, book := it.recs[core.Salesforce], b.conn.Stages[b.pair]
	if rec == nil || book == nil {
		return
	}
	recordType, _ := rec.Get(book.Way(core.Salesforce))
	b.conn.pipes.mu.Lock()
	look, why := b.conn.pipes.of[b.pair], ""
	if look != nil {
		why = look.refused[core.ID18(recordType)]
	}
	b.conn.pipes.mu.Unlock()
	if why == "" || book.Process(recordType) != nil {
		return
	}
	plural := b.conn.Pairs.Plural(b.pair)
	it.raise(core.Issue{Pair: b.pair, Category: core.CategoryOther, Code: "no_pipeline", Rule: "DEAL-4",
		Message: "No pipeline of HubSpot carries the record type of " + rec.Ref.Label() + ": " + why,
		Mend:    "correct deals.pipelines where it names the pipeline; else free a pipeline in HubSpot or extend the subscription, give the app the right to change the pipelines of " + plural + ", or leave the record type out with " + plural + ".filter.from_salesforce"})
}

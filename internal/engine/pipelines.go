package engine

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// pipelinesCursor is the name under which it is kept which pipelines and stages were
// taken for which sales process.
const pipelinesCursor = "pipelines"

// pipelineLook is what was found of sales processes and pipelines when they were
// compared last.
type pipelineLook struct {
	mu    sync.Mutex
	plans []policy.PipelinePlan
	// done says that HubSpot's pipelines stand as planned, or were refused.
	done bool
	// refused is why HubSpot did not make the pipeline of a record type.
	refused map[string]string
	roles   roleBook
}

// openPipelines compares the sales processes with the pipelines and takes what stands
// already, where deals sync. It writes nothing.
func (e *Engine) openPipelines(ctx context.Context, c *Conn) error {
	c.pipes.mu.Lock()
	defer c.pipes.mu.Unlock()
	return e.lookAtPipelines(ctx, c)
}

func (e *Engine) lookAtPipelines(ctx context.Context, c *Conn) error {
	sf, knows := c.Sides[core.Salesforce].(connector.SalesProcesses)
	hs, has := c.Sides[core.HubSpot].(connector.Pipelines)
	if !knows || !has || !c.SyncsDeals() {
		return nil
	}
	processes, err := sf.SalesProcesses(ctx)
	if err != nil {
		return err
	}
	have, err := hs.Pipelines(ctx, core.Deals)
	if err != nil {
		return err
	}
	taken, err := e.takenPipelines(ctx, c)
	if err != nil {
		return err
	}
	c.pipes.plans, c.pipes.done, c.pipes.refused = policy.Pipelines(processes, have, taken), false, map[string]string{}
	c.Stages.Renew(standing(c.pipes.plans), len(c.pipes.plans) == 1)
	return e.openRoles(ctx, c)
}

func (e *Engine) takenPipelines(ctx context.Context, c *Conn) (taken []core.PipelineLink, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		cur, known, err := tx.Cursor(c.ID, core.HubSpot, pipelinesCursor)
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

// KeepPipelines makes the pipelines and stages of the sales processes in HubSpot and
// brings those that stand in step (DEAL-3), once for each opening and whenever the
// processes are looked at again. What HubSpot refuses stays away, and the opportunities
// that need it say why (DEAL-4).
func (e *Engine) KeepPipelines(ctx context.Context, c *Conn) error {
	c.pipes.mu.Lock()
	defer c.pipes.mu.Unlock()
	hs, has := c.Sides[core.HubSpot].(connector.Pipelines)
	if !c.SyncsDeals() || !has || c.pipes.done {
		return nil
	}
	for i := range c.pipes.plans {
		if err := e.keepPipeline(ctx, c, hs, &c.pipes.plans[i]); err != nil {
			return err
		}
	}
	if err := e.keepLabels(ctx, c); err != nil {
		return err
	}
	links := standing(c.pipes.plans)
	err := e.Update(ctx, func(tx *store.Tx) error {
		return tx.CursorSet(c.ID, core.HubSpot, pipelinesCursor, string(room.MustJSON(links)))
	})
	if err != nil {
		return err
	}
	c.Stages.Renew(links, len(c.pipes.plans) == 1)
	c.pipes.done = true
	return nil
}

// keepPipeline brings one pipeline in step. A refusal is kept as the reason why its
// record type does not sync; any other error ends the work, which is tried again.
func (e *Engine) keepPipeline(ctx context.Context, c *Conn, hs connector.Pipelines, p *policy.PipelinePlan) error {
	err := savePipeline(ctx, hs, p)
	switch connector.ClassOf(err) {
	case core.ClassRejected, core.ClassSchema, core.ClassDuplicate, core.ClassAuth, core.ClassGone:
		c.pipes.refused[p.RecordType] = err.Error()
		e.Log.Warn("a pipeline could not be brought in step", "connection", c.Settings.Name, "pipeline", p.Label, "cause", err)
		return nil
	}
	return err
}

func savePipeline(ctx context.Context, hs connector.Pipelines, p *policy.PipelinePlan) error {
	if p.ID == "" {
		return makePipeline(ctx, hs, p)
	}
	for i := range p.Stages {
		s := &p.Stages[i]
		if s.Stands {
			continue
		}
		id, err := hs.StageSave(ctx, core.Deals, p.ID, s.Want, s.Order)
		if err != nil {
			return err
		}
		s.Want.ID, s.Stands = id, true
	}
	return nil
}

// makePipeline makes a pipeline with its stages. HubSpot has a name once, so that one
// whose answer was lost is found by it at the next look.
func makePipeline(ctx context.Context, hs connector.Pipelines, p *policy.PipelinePlan) error {
	want := core.Pipeline{Label: p.Label}
	for _, s := range p.Stages {
		want.Stages = append(want.Stages, s.Want)
	}
	made, err := hs.PipelineCreate(ctx, core.Deals, want)
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

// raiseRefusedPipeline says on an opportunity that HubSpot refused its pipeline.
func (b *batch) raiseRefusedPipeline(it *item) {
	rec := it.recs[core.Salesforce]
	if rec == nil || !b.conn.SyncsDeals() {
		return
	}
	recordType, _ := rec.Get(conn.PipelineField[core.Salesforce])
	b.conn.pipes.mu.Lock()
	why := b.conn.pipes.refused[core.ID18(recordType)]
	b.conn.pipes.mu.Unlock()
	if why == "" || b.conn.Stages.Process(recordType) != nil {
		return
	}
	it.raise(core.Issue{Pair: b.pair, Category: core.CategoryOther, Code: "no_pipeline", Rule: "DEAL-4",
		Message: "HubSpot made no pipeline for the record type of " + rec.Ref.Label() + ": " + why,
		Mend:    "free a pipeline in HubSpot or extend the subscription, give the app the scope crm.schemas.deals.write, or leave the record type out with deals.filter.from_salesforce"})
}

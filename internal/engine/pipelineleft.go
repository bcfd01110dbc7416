package engine

import (
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// labelsOf are what pipelines are called, by their ids.
func labelsOf(all []core.Pipeline) map[string]string {
	out := map[string]string{}
	for _, p := range all {
		out[p.ID] = p.Label
	}
	return out
}

// raiseLeftPipeline says of a linked deal or ticket that it stands in a pipeline that
// does not sync, because it was moved or its record type went: from then on nothing passes between the two, which nobody would learn
// otherwise (DEAL-5).
func (b *batch) raiseLeftPipeline(it *item) {
	hs, book := it.recs[core.HubSpot], b.conn.Stages[b.pair]
	if book == nil || it.activeLink() == nil || !it.live(core.HubSpot) || !it.live(core.Salesforce) {
		return
	}
	if m, _ := b.conn.InPipeline(hs); m != policy.NotMember {
		return
	}
	b.conn.pipes.mu.Lock()
	defer b.conn.pipes.mu.Unlock()
	look, here := b.conn.pipes.of[b.pair], valueOf(hs, book.Way(core.HubSpot))
	if look == nil {
		return
	}
	it.raise(core.Issue{Pair: b.pair, Ref: hs.Ref, Field: book.Way(core.HubSpot), Category: core.CategoryOther, Code: "left_pipeline", Rule: policy.ElsewhereRule(b.pair), Value: core.Digest(here),
		Message: hs.Ref.Label() + " stands in the pipeline " + look.name(here) + ", which does not sync: nothing passes between it and " + it.recs[core.Salesforce].Ref.Label(),
		Mend:    "move it to " + look.carrying(book.Links()) + ", name its pipeline in the settings (deals.pipelines), or unlink the two: tandem links unlink " + string(b.pair) + " " + hs.Ref.ID})
}

// name is what a pipeline is called, its id where nobody knows.
func (p *processLook) name(id string) string {
	if label := p.labels[id]; label != "" {
		return label
	}
	return id
}

// carrying names the pipelines that sync.
func (p *processLook) carrying(links []core.PipelineLink) string {
	var out []string
	for _, l := range links {
		out = append(out, p.name(l.Pipeline))
	}
	slices.Sort(out)
	return strings.Join(out, " or ")
}

package engine

import (
	"context"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/likeness"
	"tandem/internal/policy"
)

// stillAsked are the questions about similar records that stand although nobody is looked for
// any more: without them a record would get a partner of its own for no better reason than
// that nobody has answered. A question ends with its last candidate who is there, free, and
// not said to be somebody else.
func (e *Engine) stillAsked(ctx context.Context, b *batch, recs []*core.Record, taken func(core.Ref) bool) (map[core.Ref]policy.Match, error) {
	asked := map[core.Ref]core.Issue{}
	k := &kin{recs: map[core.Ref]*core.Record{}}
	var want []core.Ref
	for _, rec := range recs {
		for _, i := range b.issues[rec.Ref] {
			if i.Code == CodeSimilar {
				asked[rec.Ref], k.recs[rec.Ref] = i, rec
				want = append(want, i.Candidates...)
			}
		}
	}
	if len(asked) == 0 {
		return nil, nil
	}
	slices.SortFunc(want, core.Ref.Compare)
	got, err := e.fetch(ctx, b, slices.Compact(want))
	if err != nil {
		return nil, err
	}
	for ref, rec := range got {
		if rec.Ref == ref && rec.Presence == core.Live && conn.ConvertedTo(rec) == "" && !taken(ref) {
			k.recs[ref] = rec
		}
	}
	if err := e.knowKin(ctx, b.conn, k); err != nil {
		return nil, err
	}
	out := map[core.Ref]policy.Match{}
	for ref, i := range asked {
		if free := k.stillFree(ref, i); len(free) > 0 {
			out[ref] = askAlike(free)
		}
	}
	return out, nil
}

// stillFree are the candidates of a question who may still be the one it is about.
func (k *kin) stillFree(one core.Ref, asked core.Issue) (out []alike) {
	for n, other := range asked.Candidates {
		if k.recs[other] == nil || k.taken(other) || k.apart.has(one, other) {
			continue
		}
		var like likeness.Likeness
		if n < len(asked.Evidence) {
			like.Evidence = asked.Evidence[n : n+1]
		}
		out = append(out, alike{one, other, like})
	}
	return out
}

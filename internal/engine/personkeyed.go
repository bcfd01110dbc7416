package engine

import (
	"cmp"
	"context"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
)

// personKeys are the keys that people are matched by, in order. While their fields do
// not sync they are known by their address alone, for the sake of companies.
func (c *Conn) personKeys() []string {
	m := c.Matching(core.ContactPair)
	if !c.SyncsPeople() {
		return []string{policy.KeyEmail}
	}
	return slices.DeleteFunc(slices.Clone(m.Match), func(key string) bool { return key == policy.KeyExternal && !m.ExternalKey.Set() })
}

// strangers are the people who may still find a partner.
func (p *people) strangers() (out []*core.Record) {
	for _, r := range p.sorted() {
		if rec := p.recs[r]; !p.taken(r) && conn.ConvertedTo(rec) == "" && p.erased[conn.EmailOf(rec)].IsZero() {
			out = append(out, rec)
		}
	}
	return out
}

// doubted reports that a person must say who somebody is: no later key decides.
func (b *batch) doubted(r core.Ref) bool {
	_, doubted := b.doubts[r]
	return doubted
}

// proposal are two people who are the same by a key.
type proposal struct{ one, other core.Ref }

// proposeKeyed links people with those of the other side who are the same by a key, and
// notes of whom a person must choose. What a search told is read again first.
func (e *Engine) proposeKeyed(ctx context.Context, b *batch, k *kin, key string) error {
	var found []proposal
	for _, rec := range b.folk.strangers() {
		m := policy.MatchRecord(policy.MatchFacts{Ref: rec.Ref, Keys: []string{key}, Candidates: b.keyCandidates(k, key, rec)})
		switch {
		case b.doubted(rec.Ref):
		case m.Outcome == policy.Link:
			found = append(found, proposal{rec.Ref, m.Partner})
		case m.Outcome == policy.Review:
			b.doubt(rec.Ref, m)
		}
	}
	if err := e.readProposed(ctx, b, found); err != nil {
		return err
	}
	for _, p := range found {
		b.proposeSame(key, p)
	}
	return nil
}

// resemblePersons links people of the batch with those who are certainly the same, and
// notes of whom a person must say whether they are.
func (e *Engine) resemblePersons(ctx context.Context, b *batch) error {
	var recs []*core.Record
	for _, it := range b.items {
		if !it.unlinkedLive(it.from) || it.keptApart() {
			continue
		}
		if rec := it.recs[it.from]; !b.folk.taken(rec.Ref) && !b.doubted(rec.Ref) && conn.ConvertedTo(rec) == "" && b.folk.erased[conn.EmailOf(rec)].IsZero() {
			recs = append(recs, rec)
		}
	}
	matches, err := e.resemble(ctx, b, core.ContactPair, recs, func(r core.Ref) bool { return b.folk.taken(r) || b.doubted(r) })
	if err != nil {
		return err
	}
	var found []proposal
	for _, rec := range recs {
		switch m := matches[rec.Ref]; m.Outcome {
		case policy.Link:
			found = append(found, proposal{rec.Ref, m.Partner})
		case policy.Review:
			b.doubt(rec.Ref, m)
		}
	}
	if err := e.readProposed(ctx, b, found); err != nil {
		return err
	}
	for _, p := range found {
		b.proposeSame(keyAlike, p)
	}
	return nil
}

// keyCandidates are those of the other side with the key, as far as the batch itself
// has not linked them.
func (b *batch) keyCandidates(k *kin, key string, rec *core.Record) []policy.Candidate {
	out := k.candidates(b.conn, key, rec)
	for i := range out {
		out[i].Linked = out[i].Linked || b.folk.taken(out[i].Ref)
	}
	return out
}

func (b *batch) doubt(r core.Ref, m policy.Match) {
	if b.doubts == nil {
		b.doubts = map[core.Ref]policy.Match{}
	}
	b.doubts[r] = m
}

func (b *batch) proposeSame(key string, p proposal) {
	one, other := b.folk.recs[p.one], b.folk.recs[p.other]
	if other == nil || b.folk.taken(p.one) || b.folk.taken(p.other) || b.conn.KeyOf(key, one) != b.conn.KeyOf(key, other) {
		return
	}
	if b.folk.erased[conn.EmailOf(other)].IsZero() && conn.ConvertedTo(other) == "" && !b.leavesOut(one) && !b.leavesOut(other) {
		b.propose(p.one, p.other, "LIM-4")
	}
}

// readProposed reads the partners that were found, with the companies they belong to.
func (e *Engine) readProposed(ctx context.Context, b *batch, found []proposal) error {
	missing := map[core.Object][]string{}
	for _, p := range found {
		if b.folk.recs[p.other] == nil {
			missing[p.other.Object] = append(missing[p.other.Object], p.other.ID)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return cmp.Or(e.readPersons(ctx, b, missing), e.loadPersonLinks(ctx, b))
}

// decideDoubt asks a person who somebody is. What a person asks for is done all the
// same.
func (b *batch) decideDoubt(it *item) bool {
	rec := it.recs[it.from]
	if rec == nil || !b.doubted(rec.Ref) {
		return false
	}
	m := b.doubts[rec.Ref]
	if it.reasons.Has(core.ReasonPerson) && !m.FirmReview() {
		return false
	}
	it.match = &m
	it.say(Blocked, m.Decision)
	b.raiseReview(it)
	if m.FirmReview() {
		b.raiseFirm(it)
	}
	it.marks = append(it.marks, b.parentMarks(it)...)
	return true
}

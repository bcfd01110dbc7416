package engine

import (
	"context"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
)

// rivalsOf are the people who have an address of a couple that is about to be linked and no
// partner: the link answers for them as well, so that each is looked at again (DEDUP-9).
// Nobody announces that; the look is a sweep's, which makes nobody.
func (b *batch) rivalsOf(l *core.Link) []core.Dirty {
	if b.folk == nil || l.Pair != core.ContactPair || l.State != core.LinkActive {
		return nil
	}
	var rivals []core.Ref
	for _, email := range b.folk.addresses(l.Refs) {
		for _, r := range b.folk.named(email) {
			if !slices.Contains(l.Refs[:], r) && !b.folk.taken(r) && !b.toldInUse(r, l) {
				rivals = append(rivals, r)
			}
		}
	}
	return room.DirtyOf(b.conn.Pairs, rivals, core.ReasonSweep, 0, b.at)
}

// addresses are those of the records of a couple that the batch has read, each once.
func (p *people) addresses(couple [2]core.Ref) (out []string) {
	for _, r := range couple {
		rec := p.recs[r]
		if rec == nil {
			continue
		}
		for _, email := range append(conn.FurtherEmails(rec), conn.EmailOf(rec)) {
			if email != "" && !slices.Contains(out, email) {
				out = append(out, email)
			}
		}
	}
	return out
}

// toldInUse reports that this very batch says of a record that its address is in use, and by
// whom: the partner of the link, which nobody knows before it is made.
func (b *batch) toldInUse(r core.Ref, l *core.Link) bool {
	return slices.ContainsFunc(b.items, func(it *item) bool {
		return it.ref() == r && slices.ContainsFunc(it.issues, func(i core.Issue) bool {
			return i.Code == codeAddressInUse && slices.Contains(i.Candidates, l.Refs[core.HubSpot])
		})
	})
}

// rivalsBy are the rivals of two people whom a person links; none of other records.
func (e *Engine) rivalsBy(ctx context.Context, c *Conn, l *core.Link) ([]core.Dirty, error) {
	if l.Pair != core.ContactPair {
		return nil, nil
	}
	b := &batch{conn: c, pair: l.Pair, at: e.Now(), folk: newPeople()}
	got, err := e.fetch(ctx, b, l.Refs[:])
	if err != nil {
		return nil, err
	}
	for _, r := range sortedRefs(got) {
		b.folk.put(got[r])
	}
	err = e.readNamesakes(ctx, b, b.folk.addresses(l.Refs))
	return b.rivalsOf(l), err
}

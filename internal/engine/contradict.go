package engine

import (
	"context"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// What speaks for a candidate where a stored id and an address contradict each other.
const (
	byCarriedID = "the HubSpot contact carries the Salesforce id"
	byAddress   = "the e-mail address is the same"
)

// contradicted reports that the address of one of two people, of whom one carries the
// other's id, is somebody else's, and notes that a person must choose among all of them.
func (b *batch) contradicted(r, stored core.Ref, rule string) bool {
	sf, hs := r, stored
	if sf.Side == core.HubSpot {
		sf, hs = hs, sf
	}
	rivals := b.rivalsByAddress(sf, hs)
	if len(rivals) == 0 {
		return false
	}
	ask := map[core.Ref][]core.Ref{sf: {hs}, hs: {sf}}
	for _, rival := range rivals {
		meant := hs
		if rival.Side == core.HubSpot {
			meant = sf
		}
		ask[rival], ask[meant] = append(ask[rival], meant), append(ask[meant], rival)
	}
	for of, candidates := range ask {
		if b.folk.taken(of) {
			continue
		}
		evidence := make([]string, len(candidates))
		for i, c := range candidates {
			evidence[i] = byAddress
			if c == sf && of == hs || c == hs && of == sf {
				evidence[i] = byCarriedID
			}
		}
		b.doubt(of, policy.AskPerson(rule, candidates, evidence))
	}
	return true
}

// rivalsByAddress are the people who have the address of one of the two and could be the
// other: nobody where the two have an address in common, or carry each other's id.
func (b *batch) rivalsByAddress(sf, hs core.Ref) (out []core.Ref) {
	one, two := b.folk.recs[sf], b.folk.recs[hs]
	if sameAddress(one, two) || b.conn.StoredRef(one) == hs && b.conn.StoredRef(two) == sf {
		return nil
	}
	for _, r := range b.folk.sorted() {
		rec, meant := b.folk.recs[r], two
		if r.Side == core.HubSpot {
			meant = one
		}
		if r == sf || r == hs || conn.EmailOf(rec) == "" || conn.EmailOf(rec) != conn.EmailOf(meant) || conn.ConvertedTo(rec) != "" || b.folk.apart.has(r, meant.Ref) {
			continue
		}
		out = append(out, r)
	}
	return out
}

// sameAddress reports that a HubSpot contact has the address of a Salesforce person, were
// it one of its further ones.
func sameAddress(sf, hs *core.Record) bool {
	more, _ := hs.Get("hs_additional_emails")
	all := append(strings.Split(core.FoldAddress(more), ";"), conn.EmailOf(hs))
	return slices.Contains(all, conn.EmailOf(sf))
}

// raiseFirm asks the question at everybody whom it is about, not only at the record that
// is looked at: none of them is linked or made alone meanwhile.
func (b *batch) raiseFirm(it *item) {
	asked := it.refs()
	for next := slices.Clone(it.match.Candidates); len(next) > 0; next = next[1:] {
		m, open := b.doubts[next[0]]
		if slices.Contains(asked, next[0]) || !open {
			continue
		}
		i := b.reviewIssue(it, next[0], next[0])
		i.Candidates, i.Evidence = m.Candidates, m.Evidence
		i.Message = b.maySame(next[0], m.Candidates)
		it.raise(i)
		asked, next = append(asked, next[0]), append(next, m.Candidates...)
	}
}

// firm reports the issue of such a question.
func firm(i core.Issue) bool { return i.Code == CodeSeveral && i.Evidence != nil }

// firmlyAsked are the people whom such questions name at records of the batch, at those
// people, and so on: they are read again, to see whether the question stands.
func (e *Engine) firmlyAsked(ctx context.Context, b *batch) (out []core.Ref, err error) {
	var at []core.Ref
	for _, it := range b.items {
		at = append(at, it.refs()...)
	}
	asked, issues := map[core.Ref]bool{}, b.issues
	for err == nil && len(at) > 0 {
		var next []core.Ref
		for _, r := range at {
			asked[r] = true
			for _, i := range issues[r] {
				if firm(i) {
					next = append(next, i.Candidates...)
				}
			}
		}
		at = slices.DeleteFunc(next, func(r core.Ref) bool { return asked[r] })
		out = append(out, at...)
		if len(at) > 0 {
			err = e.View(ctx, func(tx *store.Tx) (err error) { issues, err = tx.IssuesOf(b.conn.ID, at); return err })
		}
	}
	return slices.DeleteFunc(out, func(r core.Ref) bool { return b.folk.recs[r] != nil }), err
}

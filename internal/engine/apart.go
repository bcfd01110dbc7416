package engine

import (
	"context"

	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// Apart notes on a person's word that a record of Salesforce and one of HubSpot are not
// the same thing: neither is proposed or linked for the other again, until a person
// links them. Without a HubSpot id the record, of either side, is none of the
// candidates that its review names. It gives the couples that are apart now.
func (e *Engine) Apart(ctx context.Context, c *Conn, p core.Pair, ids ...string) (couples []store.Couple, err error) {
	defer c.poke()
	err = e.Update(ctx, func(tx *store.Tx) error {
		if couples, err = couplesOf(tx, c, p, ids); err != nil {
			return err
		}
		var refs []core.Ref
		for _, couple := range couples {
			refs = append(refs, couple[:]...)
		}
		if err := refuseLinked(tx, c, couples); err != nil {
			return err
		}
		if err := tx.ApartPut(c.ID, couples...); err != nil {
			return err
		}
		if err := e.audit(tx, "apart", couples); err != nil {
			return err
		}
		return tx.Mark(c.ID, room.DirtyOf(c.Pairs, refs, core.ReasonRetry, 0, e.Now()))
	})
	return couples, err
}

// refuseLinked keeps a link and the word that its records are apart from standing side
// by side.
func refuseLinked(tx *store.Tx, c *Conn, couples []store.Couple) error {
	for _, couple := range couples {
		links, err := tx.LinksOf(c.ID, couple[:])
		if err != nil {
			return err
		}
		if l := links[couple[core.Salesforce]]; l != nil && l.State != core.LinkClosed && l.Refs == couple {
			return &room.Error{Code: room.CodeUsage, Message: c.Pairs.Label(couple[0]) + " and " + c.Pairs.Label(couple[1]) + " are linked with each other", Mend: "unlink them with tandem links unlink; they stay apart then"}
		}
	}
	return nil
}

// couplesOf are the records that the ids name, or with one id the record and each of
// its candidates.
func couplesOf(tx *store.Tx, c *Conn, p core.Pair, ids []string) ([]store.Couple, error) {
	if len(ids) == 2 {
		return []store.Couple{{
			{Side: core.Salesforce, Object: objectOf(c.Pairs, p, ids[0]), ID: core.ID18(ids[0])},
			hubspotNamed(c.Pairs, p, ids[1])}}, nil
	}
	refs := refsFor(c.Pairs, p, ids[0])
	issues, err := tx.IssuesOf(c.ID, refs)
	if err != nil {
		return nil, err
	}
	var out []store.Couple
	for _, r := range refs {
		for _, i := range issues[r] {
			out = append(out, couplesWith(r, i)...)
		}
	}
	if len(out) == 0 {
		return nil, &room.Error{Code: room.CodeNotFound, Message: string(p) + " " + ids[0] + " has no candidates in review", Mend: "tandem links review lists those that have; name a Salesforce id and a HubSpot id to keep any two apart"}
	}
	return out, nil
}

// TakeBackApart forgets that two records are not the same: they are looked at again, and
// proposed where they still resemble each other.
func (e *Engine) TakeBackApart(ctx context.Context, c *Conn, p core.Pair, salesforce, hubspot string) error {
	defer c.poke()
	return e.Update(ctx, func(tx *store.Tx) error {
		couples, err := couplesOf(tx, c, p, []string{salesforce, hubspot})
		if err != nil {
			return err
		}
		couple := couples[0]
		have, err := tx.ApartOf(c.ID, couple[:1])
		if err != nil {
			return err
		}
		if !have[couple] {
			return &room.Error{Code: room.CodeNotFound, Message: "nobody has said that " + c.Pairs.Label(couple[0]) + " and " + c.Pairs.Label(couple[1]) + " are not the same", Mend: "tandem links apart says it"}
		}
		if err := tx.ApartDrop(c.ID, couple); err != nil {
			return err
		}
		if err := e.audit(tx, "take back apart", couple); err != nil {
			return err
		}
		return tx.Mark(c.ID, room.DirtyOf(c.Pairs, couple[:], core.ReasonRetry, 0, e.Now()))
	})
}

func couplesWith(r core.Ref, i core.Issue) (out []store.Couple) {
	if !InReview(i) {
		return nil
	}
	for _, candidate := range i.Candidates {
		if candidate.Side == r.Side {
			continue
		}
		var couple store.Couple
		couple[r.Side], couple[candidate.Side] = r, candidate
		out = append(out, couple)
	}
	return out
}

// InReview reports an issue that asks a person which of its candidates a record is.
func InReview(i core.Issue) bool { return i.Code == CodeSeveral || i.Code == CodeSimilar }

// Parked reports an issue of a record whose partner was merged into another one: it waits
// for the same merge on its own side.
func Parked(i core.Issue) bool { return i.Code == CodeMerged }

// CodeMerged is the code of such an issue.
const CodeMerged = "partner_merged"

// CodeSimilar is the issue that asks a person whether similar records are the same.
const CodeSimilar = "similar_record"

// markRivals asks for another look at the candidates of records about which a person
// decided: their own review may have nothing left to ask.
func (e *Engine) markRivals(tx *store.Tx, c *Conn, refs []core.Ref) error {
	issues, err := tx.IssuesOf(c.ID, refs)
	if err != nil {
		return err
	}
	var rivals []core.Ref
	for _, r := range refs {
		for _, i := range issues[r] {
			if InReview(i) {
				rivals = append(rivals, i.Candidates...)
			}
		}
	}
	return tx.Mark(c.ID, room.DirtyOf(c.Pairs, rivals, core.ReasonRetry, 0, e.Now()))
}

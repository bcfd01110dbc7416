package engine

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
)

// scope are the facts that hold for a record before any rule about creating. The
// switch is put into the clock of the record's side.
func (b *batch) scope(it *item, side core.Side) policy.Scope {
	s := policy.Scope{Pair: b.pair, Plural: b.conn.Pairs.Plural(b.pair), Custom: b.conn.Pairs.Def(b.pair).Custom, SyncOn: b.conn.Syncs(b.pair), Paused: b.conn.Settings.Paused, Reasons: it.reasons, Filter: policy.Member}
	if lack := b.conn.Held[b.pair]; lack != nil {
		s.Lack = lack.Message
	}
	s.SwitchedOn = b.conn.SwitchedOn(core.Ref{Side: side, Object: b.conn.Pairs.Objects(b.pair)[side][0]})
	s.Parted = it.closed() && !conn.TakenUp(it.link) || b.barredHeir(it)
	s.Undone = it.closed() && conn.Undone(it.link)
	if rec := it.recs[side]; rec != nil {
		s.Created = rec.Created
		s.MadeBy = cmp.Or(b.conn.MadeBy(rec), b.bornOf(rec))
		s.Filter, s.FilterNote = b.filter(rec)
	}
	return s
}

// stranger are those facts of a record without a partner. What was last saved before records
// of its kind are made is neither new nor edited, whatever announces it: polls meet again
// what they met, feeds tell late, and what waits may have been marked by other settings.
func (b *batch) stranger(it *item) policy.Scope {
	s := b.scope(it, it.from)
	rec := it.recs[it.from]
	if rec == nil {
		return s
	}
	s.SwitchedOn, s.Since = b.conn.CountsFrom(rec)
	if !b.touchedSince(rec, s.SwitchedOn) {
		s.Reasons &^= core.ReasonEdit | core.ReasonCreate | core.ReasonGap
	}
	return s
}

// touchedSince reports that a record, or another person of Salesforce with the address, whom
// this one stands for (LIM-6), was made or edited since a moment.
func (b *batch) touchedSince(rec *core.Record, since time.Time) bool {
	if !rec.Stamp.Before(since) {
		return true
	}
	if b.pair != core.ContactPair || rec.Ref.Side != core.Salesforce || conn.EmailOf(rec) == "" {
		return false
	}
	return slices.ContainsFunc(b.folk.named(conn.EmailOf(rec)), func(r core.Ref) bool {
		other := b.folk.recs[r]
		return r.Side == core.Salesforce && other != nil && !other.Stamp.Before(since)
	})
}

// bornOf is the other connection that made the lead of which a conversion made a contact,
// blank where none did: a conversion does not copy the mark.
func (b *batch) bornOf(rec *core.Record) string {
	for i := range b.converted {
		lead := &b.converted[i]
		if rec.Ref.Object == core.Contact && conn.ConvertedTo(lead) == rec.Ref.ID && bornFrom(rec, lead) {
			return b.conn.MadeBy(lead)
		}
	}
	return ""
}

// filter evaluates the setting's filter for a record's direction on its new
// values.
func (b *batch) filter(rec *core.Record) (policy.Membership, string) {
	p := b.conn.Filters[rec.Ref.Object]
	if p == nil {
		return policy.Member, ""
	}
	in, note := membership(p.Match(rec.Values))
	if in == policy.NotMember {
		pair, _ := b.conn.Pairs.Of(rec.Ref.Side, rec.Ref.Object)
		note = b.conn.Pairs.Plural(pair) + ".filter.from_" + strings.ToLower(rec.Ref.Side.Label())
	}
	return in, note
}

func membership(ok bool, err error) (policy.Membership, string) {
	switch {
	case err != nil:
		return policy.UnknownMembership, err.Error()
	case ok:
		return policy.Member, ""
	}
	return policy.NotMember, ""
}

// inScope asks whether a linked pair syncs: the stricter answer of the filters of
// both directions counts.
func (b *batch) inScope(it *item) core.Decision {
	switch {
	case b.pair == core.ActivityPair:
		return b.mayUpdateActivity(it, true)
	case b.carried():
		b.raiseRefusedPipeline(it)
		b.raiseLeftPipeline(it)
		return policy.MayUpdateRecord(b.recordFacts(it, b.scope(it, core.Salesforce), core.Sides[:]...))
	}
	s := b.scope(it, core.Salesforce)
	if m, note := b.filter(it.recs[core.HubSpot]); m != policy.Member {
		s.Filter, s.FilterNote = m, note
	}
	return policy.MayUpdate(policy.PairFacts{Scope: s, Listed: b.listed(it.recs[core.HubSpot])})
}

// mayMeet asks whether a pair that identity found may be linked: what keeps linked
// records from syncing keeps these from meeting. That one of them had another
// partner once is no hindrance.
func (b *batch) mayMeet(it *item) core.Decision {
	switch {
	case b.pair == core.ActivityPair:
		return b.mayUpdateActivity(it, false)
	case b.carried():
		f := b.recordFacts(it, b.scope(it, core.Salesforce), core.Sides[:]...)
		f.Parted = false
		return policy.MayUpdateRecord(f)
	}
	s := b.scope(it, core.Salesforce)
	s.Parted = false
	f := policy.PairFacts{Scope: s, Listed: policy.Listed{Segment: policy.Member}}
	if it.live(core.HubSpot) {
		hs := it.recs[core.HubSpot]
		f.Listed = b.listed(hs)
		if m, note := b.filter(hs); m != policy.Member {
			f.Filter, f.FilterNote = m, note
		}
	}
	return policy.MayUpdate(f)
}

func (b *batch) accountFacts(it *item) policy.AccountFacts {
	return policy.AccountFacts{Scope: b.stranger(it), Contacts: len(b.folk.colleagues(it.recs[core.Salesforce].Ref.ID))}
}

func (b *batch) companyFacts(it *item) policy.CompanyFacts {
	rec := it.recs[core.HubSpot]
	f := policy.CompanyFacts{Scope: b.stranger(it), Listed: b.listed(rec), Mode: policy.Mode(b.conn.Settings.Companies.CreateAccount), PeopleNote: b.conn.Lists.Of(core.Contacts).Note()}
	if b.conn.Create != nil {
		f.Mode = policy.Expression
		f.Expression, _ = membership(b.conn.Create.Match(rec.Values))
	}
	f.Source.Source, _ = rec.Get("hs_object_source")
	f.Source.Label, _ = rec.Get("hs_object_source_label")
	f.Source.Detail, _ = rec.Get("hs_object_source_detail_1")
	for _, p := range b.folk.of(rec) {
		f.People = append(f.People, b.personFacts(p))
	}
	for n := len(f.People); n < len(rec.Related[core.Contacts]); n++ {
		f.People = append(f.People, policy.Person{Kind: policy.UnresolvedKind})
	}
	return f
}

// personFacts says what a HubSpot contact syncs with, and whether it qualifies
// for the inclusion list.
func (b *batch) personFacts(rec *core.Record) policy.Person {
	p := policy.Person{Ref: rec.Ref, Kind: policy.WithNothing, Creates: b.conn.BecomesOf(rec), Qualifies: b.qualifies(rec)}
	sf := b.folk.recs[b.folk.partner[rec.Ref]]
	if sf == nil {
		if p.Creates == core.Lead && p.Qualifies == policy.Member && b.becomesSoon(rec) {
			p.Kind = policy.WithLead
		}
		return p
	}
	account, _ := sf.Get("AccountId")
	switch {
	case conn.ConvertedTo(sf) != "":
		p.Kind = policy.UnresolvedKind // until its link follows to the contact
	case sf.Ref.Object == core.Lead:
		p.Kind = policy.WithLead
	case account == "":
		p.Kind = policy.WithPrivate
	default:
		p.Kind = policy.WithContact
	}
	return p
}

// becomesSoon reports that a HubSpot contact without a partner gets one by itself: whether
// its company is decided before it or after must make no difference (ACC-8b).
func (b *batch) becomesSoon(rec *core.Record) bool {
	at := b.conn.SwitchedOn(rec.Ref)
	in, _ := b.filter(rec)
	return b.conn.SyncsPeople() && in == policy.Member && conn.EmailOf(rec) != "" && !at.IsZero() && !rec.Created.Before(at)
}

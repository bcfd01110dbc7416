package policy

import "tandem/internal/core"

// DealFacts are what is known of an opportunity or a deal without a partner. No
// existing record is ever the same by its values: deals are not de-duplicated
// (DEAL-11).
type DealFacts struct {
	Scope
	// Pipeline says whether the record stands in a pipeline, or has a record type, that
	// syncs; Place names it.
	Pipeline Membership
	Place    string
	// Parent is what is known of its account or primary company.
	Parent Parent
}

// CreateDeal decides whether a deal is made for an opportunity: DEAL-2, DEAL-3,
// DEAL-7. It waits for its account to be decided, and needs none (DEAL-1).
func CreateDeal(d DealFacts) core.Decision {
	return d.create("DEAL-7", "the opportunity")
}

// CreateOpportunity decides whether an opportunity is made for a deal: DEAL-5, DEAL-8.
// No inclusion list has a say in it (INC-8).
func CreateOpportunity(d DealFacts) core.Decision {
	return d.create("DEAL-8", "the deal")
}

func (d *DealFacts) create(rule, what string) core.Decision {
	f := d.facts()
	if no := d.barred(f); no != nil {
		return *no
	}
	if no := d.elsewhere(f); no != nil {
		return *no
	}
	why, due := d.due(what)
	switch {
	case !due:
		return f.decide(rule, None, why)
	case d.Parent == ParentPending:
		return f.decide("ERR-3", Wait, "Waiting for account to sync")
	}
	return f.decide(rule, Create, why)
}

// due tells a record that gives cause to sync from one that only existed before the
// switch. A sweep is no cause.
func (d *DealFacts) due(what string) (why string, due bool) {
	switch {
	case d.isNew():
		return what + " is new since deal sync was switched on", true
	case d.Reasons.Has(core.ReasonPerson):
		return "a person asked for it", true
	case d.Reasons.Has(core.ReasonImport):
		return what + " was imported", true
	case d.Reasons.Has(core.ReasonEdit | core.ReasonGap):
		return what + " was edited", true
	case d.Reasons.Has(awaited):
		return what + " was due before and is tried again", true
	}
	return what + " existed before deal sync was switched on, and was neither imported nor edited since", false
}

// MayUpdateDeal decides whether a linked deal syncs. One that was moved to a pipeline
// that is not synced, or given such a record type, stops, and goes on once it is moved
// back (DEAL-5).
func MayUpdateDeal(d DealFacts) core.Decision {
	f := d.facts()
	if no := d.blocked(f); no != nil {
		return *no
	}
	if no := d.elsewhere(f); no != nil {
		return *no
	}
	return f.decide("DEAL-11", Update, "the two are linked and in scope")
}

// elsewhere is the decision about a record in a pipeline that does not sync; nil for
// any other.
func (d *DealFacts) elsewhere(f facts) *core.Decision {
	var out core.Decision
	switch d.Pipeline {
	case NotMember:
		out = f.decide("DEAL-5", OutOfScope, "its pipeline or record type does not sync")
	case UnknownMembership:
		out = f.decide("DEAL-5", Wait, "its pipeline or record type is not shown")
	default:
		return nil
	}
	return &out
}

func (d *DealFacts) facts() facts {
	f := d.describe(facts{}).text("parent", d.Parent.String())
	return f.text("pipeline", d.Place).text("pipeline_syncs", d.Pipeline.String())
}

package policy

import "tandem/internal/core"

// ActivityFacts are what is known of an activity. No existing record is ever the same by
// its values: equal calls are made twice.
type ActivityFacts struct {
	Scope
	// From is where the activity was found, Type what HubSpot calls its kind.
	From core.Side
	Type string
	// On says which directions of the type are switched on, by the side where they begin.
	On [2]bool
	// Kept says why an activity stays where it is whatever the switches say; blank for others.
	Kept string
	// About is what is known of the person, the company and the deal that it is about.
	About Parent
}

// CreateActivity decides whether an activity is made on the other side: ACT-1 and ACT-4.
// One that is about nothing that syncs is made nowhere, since nobody would find it there.
func CreateActivity(a ActivityFacts) core.Decision {
	f, rule := a.facts(), a.rule()
	if no := a.away(f); no != nil {
		return *no
	}
	if no := a.barred(f); no != nil {
		return *no
	}
	why, due := a.due()
	switch {
	case !due:
		return f.decide(rule, None, why)
	case a.About == ParentPending:
		return f.decide("ERR-3", Wait, "Waiting for the record that it is about to sync")
	case a.About == NoParent:
		return f.decide(rule, None, "nothing that it is about syncs: no person, company or deal of it has a partner")
	}
	return f.decide(rule, Create, why)
}

func (a *ActivityFacts) rule() string {
	if a.From == core.Salesforce {
		return "ACT-4"
	}
	return "ACT-1"
}

// due tells an activity that gives cause to sync from one that only existed before the
// switch.
func (a *ActivityFacts) due() (why string, due bool) {
	switch {
	case a.isNew():
		return "the activity is new since its type was switched on", true
	case a.Reasons.Has(core.ReasonPerson):
		return "a person asked for it", true
	case a.Reasons.Has(core.ReasonImport):
		return "the activity was imported", true
	case a.Reasons.Has(core.ReasonEdit | core.ReasonGap):
		return "the activity was edited", true
	case awaited(a.Reasons):
		return "the activity was due before and is tried again", true
	}
	return "the activity existed before its type was switched on, and was neither imported nor edited since", false
}

// MayUpdateActivity decides whether a linked activity syncs: where its type does in some
// direction (ACT-6).
func MayUpdateActivity(a ActivityFacts) core.Decision {
	f := a.facts()
	if no := a.away(f); no != nil {
		return *no
	}
	if no := a.blocked(f); no != nil {
		return *no
	}
	return f.decide("ACT-6", Update, "the two are linked and in scope")
}

// away is the decision about an activity that stays where it is; nil for others.
func (a *ActivityFacts) away(f facts) *core.Decision {
	var d core.Decision
	switch {
	case a.Kept != "":
		d = f.decide(a.rule(), OutOfScope, a.Kept)
	case !a.Paused && !a.SyncOn:
		d = f.decide("SET-9", None, a.Type+" do not sync in this direction")
	default:
		return nil
	}
	return &d
}

func (a *ActivityFacts) facts() facts {
	f := a.describe(facts{}).text("type", a.Type).text("about", a.About.String())
	return f.flag("from_salesforce", a.On[core.Salesforce]).flag("from_hubspot", a.On[core.HubSpot])
}

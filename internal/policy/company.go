package policy

import "tandem/internal/core"

// AccountFacts are what is known of a Salesforce account without a partner, for
// which MatchRecord found none.
type AccountFacts struct {
	Scope
	// Contacts counts the account's Salesforce contacts; none is needed (ACC-6).
	Contacts int
	// Unresolved counts contacts that could not be read or matched yet: identity
	// comes from them, so nothing is created before (DEDUP-7).
	Unresolved int
}

// CreateCompany decides whether a HubSpot company is made for an account: ACC-1
// to ACC-4, ACC-6.
func CreateCompany(a AccountFacts) core.Decision {
	f := a.describe(facts{}).count("contacts", a.Contacts).count("unresolved", a.Unresolved)
	if d := a.barred(f); d != nil {
		return *d
	}
	rule, why, due := a.due()
	switch {
	case !due:
		return f.decide(rule, None, why)
	case a.Unresolved > 0:
		return f.decide("DEDUP-7", Wait, "the account's contacts are not all known yet")
	}
	return f.decide(rule, Create, why)
}

// due tells a new account, which syncs by itself, from one that existed before
// the switch and needs an import, an edit or a person. A sweep is no edit.
func (a *AccountFacts) due() (rule, why string, due bool) {
	switch {
	case a.isNew():
		return "ACC-3", "the account is new since company sync was switched on", true
	case a.Reasons.Has(core.ReasonPerson):
		return "TRIG-9", "a person asked for it", true
	case a.Reasons.Has(core.ReasonImport):
		return "ACC-4", "the account was imported", true
	case a.Reasons.Has(core.ReasonEdit | core.ReasonGap):
		return "ACC-4", "the account was edited", true
	case awaited(a.Reasons):
		return "ACC-4", "the account was due before and is tried again", true
	}
	return "ACC-4", "the account existed before company sync was switched on, and was neither imported nor edited since", false
}

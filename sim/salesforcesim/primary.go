package salesforcesim

import "tandem/sim/salesforcesim/soql"

// primaryContact is who stands in Opportunity.ContactId: the contact of the
// primary role. The column is given when an opportunity is created, which makes
// that role, and follows it from then on (Object Reference, "Opportunity").
func primaryContact(o *Org, r *record) value {
	for role := range o.related("opportunitycontactrole", "OpportunityId", r.id) {
		if role.named("IsPrimary").Bool() {
			return role.named("ContactId")
		}
	}
	return value{}
}

// makePrimary makes the primary role of an opportunity that was created with a
// contact. It is the org's doing and asks for no right on roles.
func (t *tx) makePrimary(deal *record) rowErrors {
	contact := deal.at(deal.object.field("ContactId"))
	if contact.IsNull() {
		return nil
	}
	by := t.by
	t.by.system = true
	defer func() { t.by = by }()
	role := t.o.objects["opportunitycontactrole"]
	_, errs := t.insert(role, []assignment{
		{role.field("OpportunityId"), soql.Text(deal.id)}, {role.field("ContactId"), contact}, {role.field("IsPrimary"), soql.Bool(true)},
	})
	return errs
}

// onlyPrimary takes the mark from the other roles of an opportunity: one of them
// has it.
func (t *tx) onlyPrimary(role *record) {
	if !role.named("IsPrimary").Bool() {
		return
	}
	f := role.object.field("IsPrimary")
	for other := range t.o.related("opportunitycontactrole", "OpportunityId", role.named("OpportunityId").Str()) {
		if other.id != role.id && other.named("IsPrimary").Bool() {
			next := other.with([]assignment{{f, soql.Bool(false)}})
			t.stamp(next)
			t.write(other, next)
		}
	}
}

// checkActivity: who a lead is already says the company, so an activity of a lead
// is related to nothing else.
// An archived one is not changed any more.
func (t *tx) checkActivity(before, r *record) rowErrors {
	if before != nil && t.o.archived[before.id] {
		return refuse("ENTITY_IS_ARCHIVED", "entity is archived")
	}
	who := t.o.find(r.named("WhoId").Str())
	if who != nil && who.object.name == "Lead" && !r.named("WhatId").IsNull() {
		return refuse("FIELD_INTEGRITY_EXCEPTION", "An activity of a lead cannot be related to another record", "WhoId", "WhatId")
	}
	return nil
}

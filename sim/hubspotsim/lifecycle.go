package hubspotsim

import "time"

// What the portal's own settings do to lifecycle stages, where they are on.

const (
	automationDelay = time.Second
	lifecycleName   = "lifecyclestage"
)

// automation is the portal at work by its own rules.
var automation = &actor{client: "portal", who: "portal", source: "AUTOMATION_PLATFORM", system: true}

// automate starts what a write sets off.
func (p *Portal) automate(t *table, r *record, changes []change) {
	if p.silent {
		return
	}
	p.itemsMoved(t, r)
	for _, c := range changes {
		if c.d.name == "dealstage" {
			p.dealMoved(t, r)
		}
		if c.d.name == lifecycleName && t.id == typeContact && p.companyFollows {
			p.later(automationDelay, func() { p.leadCompany(t, r) })
		}
	}
}

// tied starts what a new association sets off.
func (p *Portal) tied(t *table, r *record, ot *table, other *record) {
	if p.silent {
		return
	}
	p.dealMoved(t, r)
	p.dealMoved(ot, other)
	p.itemsMoved(t, r)
	p.itemsMoved(ot, other)
}

// dealMoved has the deal's contacts and companies follow its stage.
func (p *Portal) dealMoved(t *table, r *record) {
	if t.id == typeDeal && p.dealsAdvance {
		p.later(automationDelay, func() { p.advanceByDeal(t, r) })
	}
}

// advanceByDeal: who has a deal is an opportunity, who has a won one a customer.
func (p *Portal) advanceByDeal(t *table, r *record) {
	if !r.live() || t.records[r.id] != r {
		return
	}
	stage := "opportunity"
	if p.see(t, r).dealStage().won() {
		stage = "customer"
	}
	for _, typeID := range []string{typeContact, typeCompany} {
		ot := p.names[typeID]
		for _, l := range r.linksTo(ot.n) {
			p.advance(ot, ot.records[l.to], stage)
		}
	}
}

// leadCompany has a contact's primary company follow its stage.
func (p *Portal) leadCompany(t *table, r *record) {
	companies := p.names[typeCompany]
	if l := p.primaryLabel(t, companies); l != nil && r.live() && t.records[r.id] == r {
		p.advance(companies, companies.records[p.primaryHolder(r, companies, l.n)], p.see(t, r).get(lifecycleName))
	}
}

// advance moves a record on to a stage of the vendor's; nothing moves it back.
func (p *Portal) advance(t *table, r *record, stage string) {
	if r == nil || !r.live() || lifecycleRank[stage] <= lifecycleRank[p.see(t, r).get(lifecycleName)] {
		return
	}
	if e := p.update(t, r, automation, map[string]string{lifecycleName: stage}); e != nil {
		panic("advance a lifecycle stage: " + e.Message) // a stage of the vendor's own list
	}
}

package conn

import (
	"time"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// Making is a direction of a pair whose settings may link and update and yet make nothing
// by itself. Since when records are made in it is kept under its name: who was new or edited
// before is none of those (CON-1, ACC-4).
type Making struct {
	Name core.Pair
	Pair core.Pair
	From core.Side
	On   bool
	// Turn is what happens at that moment, in the words of the settings.
	Turn string
}

// Switch is under what the moment is kept from which the pair syncs.
func (m Making) Switch() core.Pair {
	if m.Pair == core.ContactPair {
		return PeopleSync
	}
	return m.Pair
}

// Makings are those of people, companies, and the pairs whose directions are set one by one.
func (c *Known) Makings() []Making {
	out := []Making{
		{Name: "contact/made", Pair: core.ContactPair, From: core.Salesforce, Turn: "contacts.from_salesforce became " + policy.CreateOrUpdate},
		{Name: "company/made", Pair: core.CompanyPair, From: core.HubSpot, Turn: "companies.create_account was changed from " + string(policy.Never)},
	}
	for _, d := range c.Pairs {
		for _, side := range core.Sides {
			if d.Carried {
				out = append(out, Making{Name: d.Name + core.Pair("/made/"+side.String()), Pair: d.Name, From: side,
					Turn: d.Plural + ".from_" + side.String() + " became " + policy.CreateOrUpdate})
			}
		}
	}
	for i, m := range out {
		out[i].On = c.Wanted.Syncs(m.Pair) && c.Wanted.Makes(m.Pair, m.From)
	}
	return out
}

// CountsFrom is the moment from which a new or edited record without a partner gets one, in
// the clock of its side, and what happened then: blank where that is the pair's own switch.
func (c *Known) CountsFrom(rec *core.Record) (since time.Time, turn string) {
	pair, _ := c.Pairs.Of(rec.Ref.Side, rec.Ref.Object)
	if pair == core.ActivityPair {
		of := rec.Ref.Object
		if rec.Ref.Side == core.Salesforce {
			of = ActivityOf(rec)
		}
		return c.ActivitySwitchedOn(of, rec.Ref.Side), ""
	}
	since = c.SwitchedOn(rec.Ref)
	for _, m := range c.Makings() {
		if m.Pair != pair || m.From != rec.Ref.Side || pair == core.ContactPair && !c.SyncsPeople() {
			continue
		}
		if at := c.switchedOn(m.Name, m.From); at.After(since) {
			return at, m.Turn
		}
	}
	return since, ""
}

package engine

import (
	"maps"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// roll are the people of a batch in a fixed order, and by what they are asked for.
type roll struct {
	order []core.Ref
	// byEmail has those of an address, byFurther the HubSpot contacts of which it is a
	// further one, byAccount the contacts of an account.
	byEmail, byFurther, byAccount map[string][]core.Ref
}

// put takes a record in.
func (p *people) put(rec *core.Record) {
	p.recs[rec.Ref], p.called = rec, nil
}

func (p *people) roll() *roll {
	if p.called != nil {
		return p.called
	}
	c := &roll{order: slices.Collect(maps.Keys(p.recs)), byEmail: map[string][]core.Ref{}, byFurther: map[string][]core.Ref{}, byAccount: map[string][]core.Ref{}}
	slices.SortFunc(c.order, core.Ref.Compare)
	for _, r := range c.order {
		email := conn.EmailOf(p.recs[r])
		c.byEmail[email] = append(c.byEmail[email], r)
		if r.Object == core.Contacts {
			for _, more := range conn.FurtherEmails(p.recs[r]) {
				c.byFurther[more] = append(c.byFurther[more], r)
			}
		}
		if r.Object == core.Contact {
			account, _ := p.recs[r].Get("AccountId")
			c.byAccount[account] = append(c.byAccount[account], r)
		}
	}
	p.called = c
	return c
}

func (p *people) sorted() []core.Ref { return p.roll().order }

// named are those who have an address.
func (p *people) named(email string) []core.Ref { return p.roll().byEmail[email] }

// having are those who have an address, be it a further one.
func (p *people) having(email string) []core.Ref {
	return slices.Concat(p.named(email), p.roll().byFurther[email])
}

// ofAccount are the Salesforce contacts of an account.
func (p *people) ofAccount(id string) []*core.Record {
	var out []*core.Record
	for _, r := range p.roll().byAccount[id] {
		out = append(out, p.recs[r])
	}
	return out
}

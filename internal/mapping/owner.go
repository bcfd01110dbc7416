package mapping

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"tandem/internal/core"
)

// Principal is somebody who owns records: a Salesforce user or queue, or a
// HubSpot owner.
type Principal struct {
	ID, Name, Email string
	Active, Queue   bool
}

// OwnerRules say how the owners of the two sides are matched.
type OwnerRules struct {
	// Strict wants the names to agree too, not the e-mail addresses alone.
	Strict bool
	// Map pairs who does not match alone: a Salesforce user or queue with a HubSpot
	// owner, each by id or e-mail address. It goes before the e-mail address.
	Map map[string]string
	// Fallback owns new records whose owner has no partner: by e-mail address, or
	// by the id on one side.
	Fallback string
}

// Owners are the owners of both sides, paired.
type Owners struct {
	people   [2]map[string]*Principal
	to       map[string]string // Salesforce id → HubSpot id
	from     map[string]string // HubSpot id → id of an active Salesforce user
	fallback [2]string
}

// OwnerBook holds the owners as last read; fields that look into it see new ones
// at once. Its zero value knows nobody.
type OwnerBook struct{ current atomic.Pointer[Owners] }

// Renew puts newly read owners in place.
func (b *OwnerBook) Renew(o *Owners) { b.current.Store(o) }

// Owners are those last put in place.
func (b *OwnerBook) Owners() *Owners {
	if b == nil || b.current.Load() == nil {
		return &Owners{}
	}
	return b.current.Load()
}

// Matched is the number of Salesforce users and queues that have a HubSpot owner.
func (o *Owners) Matched() int { return len(o.to) }

// HubSpot is the id of the HubSpot owner of a Salesforce user; ok is false for
// one who exists in Salesforce only.
func (o *Owners) HubSpot(user string) (owner string, ok bool) {
	owner, ok = o.to[core.ID18(user)]
	return owner, ok
}

// StandIn is the id of the HubSpot owner whom a Salesforce user's records get; blank where he
// has none who is active.
func (o *Owners) StandIn(user string) string {
	owner, _ := o.HubSpot(user)
	if p := o.Person(core.HubSpot, owner); p == nil || !p.Active {
		return ""
	}
	return owner
}

// Person is who has an id on a side; nil where nobody known has it.
func (o *Owners) Person(side core.Side, id string) *Principal { return o.people[side][core.ID18(id)] }

// Fallback is the owner that a side gives to new records without one that
// matches; blank where none is set.
func (o *Owners) Fallback(side core.Side) string { return o.fallback[side] }

// Word names an owner for a person; blank for nobody.
func (o *Owners) Word(side core.Side, id string) string {
	if id == "" {
		return ""
	}
	return o.describe(side, id)
}

// describe names an owner for a person.
func (o *Owners) describe(side core.Side, id string) string {
	p := o.Person(side, id)
	switch {
	case p == nil:
		return shown(id)
	case p.Email == "":
		return fmt.Sprintf("%s (%s)", strings.Trim(shown(p.Name), `"`), p.ID)
	}
	return fmt.Sprintf("%s (%s)", strings.Trim(shown(p.Name), `"`), strings.Trim(shown(p.Email), `"`))
}

// canonOwner gives the HubSpot owner that stands for an owner, or the Salesforce
// id of one who has none.
func (f *Field) canonOwner(side core.Side, raw string) string {
	raw = strings.TrimSpace(raw)
	if side == core.HubSpot {
		return raw
	}
	for _, id := range []string{raw, raw[:min(15, len(raw))]} {
		if owner, ok := f.values.to[id]; ok {
			return owner
		}
	}
	if owner, ok := f.owners.Owners().HubSpot(raw); ok {
		return owner
	}
	return core.ID18(raw)
}

// salesforceOwner is the active user that stands for a HubSpot owner.
func (f *Field) salesforceOwner(owner string) (user string, ok bool) {
	if user, ok = f.values.from[owner]; ok {
		return user, true
	}
	user, ok = f.owners.Owners().from[owner]
	return user, ok
}

// Prevailing is the rule for a field of a pair whose HubSpot value is given. It is
// the field's rule but for owners: one whom Salesforce does not know as an active
// user, or none at all, never passes to Salesforce and is set back to Salesforce's
// (OWN-3, OWN-4, OWN-8).
func (f *Field) Prevailing(hubspot string) core.Rule {
	if f.Kind != Owner {
		return f.Rule
	}
	if _, ok := f.salesforceOwner(hubspot); ok {
		return f.Rule
	}
	return core.AlwaysSalesforce
}

// FallbackOwner is the owner that a new record of the side gets where its own has
// no partner; blank for other fields and where none is set.
func (f *Field) FallbackOwner(side core.Side) string {
	if f.Kind != Owner {
		return ""
	}
	return f.owners.Owners().Fallback(side)
}

// Unmatched says that the owner of the record with this canonical value has no
// partner on a side; nil where he has, and for other fields.
func (f *Field) Unmatched(side core.Side, canonical string) *FieldIssue {
	if f.Kind != Owner || canonical == "" {
		return nil
	}
	_, issue := f.ownerTo(side, canonical)
	return issue
}

// ownerTo gives the id that stands for an owner on a side. Nobody inactive is made
// the owner of anything.
func (f *Field) ownerTo(side core.Side, canonical string) (string, *FieldIssue) {
	book, from := f.owners.Owners(), side.Other()
	if side == core.Salesforce {
		if user, ok := f.salesforceOwner(canonical); ok {
			return user, nil
		}
		return "", issueOwner(side, &f.Defs[side], book.describe(from, canonical))
	}
	if book.Person(core.HubSpot, canonical) == nil && !f.values.names(canonical) {
		return "", issueOwner(side, &f.Defs[side], book.describe(from, canonical))
	}
	if p := book.Person(core.HubSpot, canonical); p != nil && !p.Active {
		return "", issueInactiveOwner(side, &f.Defs[side], book.describe(side, canonical))
	}
	return canonical, nil
}

// names reports that a value map leads to a HubSpot value.
func (c choiceMap) names(hubspot string) bool {
	_, ok := c.from[hubspot]
	return ok
}

// Pairing is two principals that stand for each other, or one who has nobody.
type Pairing struct {
	Salesforce, HubSpot *Principal
	// Other says that the HubSpot owner passes to another user, or to none.
	Other bool
}

// Pairings are all principals: those of Salesforce by name with whoever stands for them,
// then the HubSpot owners who stand for nobody.
func (o *Owners) Pairings() []Pairing {
	var out []Pairing
	paired := map[string]bool{}
	for _, user := range byName(o.people[core.Salesforce]) {
		owner := o.people[core.HubSpot][o.to[user.ID]]
		if owner != nil {
			paired[owner.ID] = true
		}
		out = append(out, Pairing{user, owner, owner != nil && o.from[owner.ID] != user.ID})
	}
	for _, owner := range byName(o.people[core.HubSpot]) {
		if !paired[owner.ID] {
			out = append(out, Pairing{nil, owner, false})
		}
	}
	return out
}

func byName(of map[string]*Principal) []*Principal {
	return slices.SortedFunc(maps.Values(of), func(a, b *Principal) int {
		return cmp.Or(cmp.Compare(nameKey(a.Name), nameKey(b.Name)), cmp.Compare(a.ID, b.ID))
	})
}

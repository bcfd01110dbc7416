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

// MatchOwners pairs the users of both sides by e-mail address, whatever its case
// (OWN-3, AMB-19), after the pairs that a person gave (LIM-17). Of several with
// one address the active one counts, then the one with the lowest id. Warnings
// are what a person should look at.
func MatchOwners(salesforce, hubspot []Principal, r OwnerRules) (*Owners, []Problem) {
	m := ownerMatch{rules: r, Owners: &Owners{to: map[string]string{}, from: map[string]string{}}}
	for side, all := range [2][]Principal{salesforce, hubspot} {
		m.people[side], m.byEmail[side] = map[string]*Principal{}, map[string][]*Principal{}
		for i := range all {
			p := &all[i]
			p.ID = core.ID18(p.ID)
			m.people[side][p.ID] = p
			if key := emailKey(p.Email); key != "" {
				m.byEmail[side][key] = append(m.byEmail[side][key], p)
			}
		}
		for _, same := range m.byEmail[side] {
			slices.SortFunc(same, preferActive)
		}
	}
	m.byAddress()
	m.byMap()
	m.findFallback()
	return m.Owners, m.problems
}

type ownerMatch struct {
	*Owners
	rules    OwnerRules
	byEmail  [2]map[string][]*Principal
	problems []Problem
}

func emailKey(email string) string { return core.FoldAddress(email) }

func nameKey(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

func preferActive(a, b *Principal) int {
	if a.Active != b.Active {
		return pick(a.Active, -1, 1)
	}
	return cmp.Compare(a.ID, b.ID)
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// byAddress gives each Salesforce user the HubSpot owner with its address, and
// each owner the active user with his.
func (m *ownerMatch) byAddress() {
	for _, email := range slices.Sorted(maps.Keys(m.byEmail[core.Salesforce])) {
		owners := m.byEmail[core.HubSpot][email]
		if len(owners) == 0 {
			continue
		}
		owner := owners[0]
		for _, user := range m.byEmail[core.Salesforce][email] {
			if user.Queue || !m.namesAgree(user, owner) {
				continue
			}
			m.to[user.ID] = owner.ID
			for _, o := range owners {
				if _, taken := m.from[o.ID]; user.Active && !taken {
					m.from[o.ID] = user.ID
				}
			}
		}
	}
}

func (m *ownerMatch) namesAgree(user, owner *Principal) bool {
	switch {
	case nameKey(user.Name) == nameKey(owner.Name):
		return true
	case !user.Active:
		return !m.rules.Strict
	}
	message := fmt.Sprintf("%s is called %s in Salesforce and %s in HubSpot", user.Email, shown(user.Name), shown(owner.Name))
	mend := "write the name alike on both sides"
	if m.rules.Strict {
		message, mend = message+", so the two do not match", mend+", or pair the two under owners.map"
	}
	m.warn("OWN-3", message, mend)
	return !m.rules.Strict
}

// byMap adds the pairs given. An owner who has an active user of the same address
// keeps that one for the way to Salesforce: several users may stand for one owner.
func (m *ownerMatch) byMap() {
	for _, key := range slices.Sorted(maps.Keys(m.rules.Map)) {
		user, owner := m.find(core.Salesforce, key), m.find(core.HubSpot, m.rules.Map[key])
		if user == nil || owner == nil {
			side, name := core.Salesforce, key
			if user != nil {
				side, name = core.HubSpot, m.rules.Map[key]
			}
			m.warn("LIM-17", fmt.Sprintf("owners.map names %s, whom %s does not know", shown(name), side.Label()), "correct the id or the e-mail address")
			continue
		}
		m.to[user.ID] = owner.ID
		if _, taken := m.from[owner.ID]; !taken && user.Active && !user.Queue {
			m.from[owner.ID] = user.ID
		}
	}
}

func (m *ownerMatch) findFallback() {
	if m.rules.Fallback == "" {
		return
	}
	user, owner := m.find(core.Salesforce, m.rules.Fallback), m.find(core.HubSpot, m.rules.Fallback)
	if user != nil && user.Active {
		m.fallback[core.Salesforce] = user.ID
		m.fallback[core.HubSpot] = m.to[user.ID]
	}
	if owner != nil && owner.Active {
		m.fallback[core.HubSpot] = owner.ID
		m.fallback[core.Salesforce] = pick(m.fallback[core.Salesforce] == "", m.from[owner.ID], m.fallback[core.Salesforce])
	}
	if m.fallback == [2]string{} {
		m.warn("LIM-17", fmt.Sprintf("owners.fallback names %s, who is no active user of either side", shown(m.rules.Fallback)), "name an active user by e-mail address")
	}
}

// find is the principal with an id or an e-mail address.
func (m *ownerMatch) find(side core.Side, who string) *Principal {
	if p := m.people[side][core.ID18(who)]; p != nil {
		return p
	}
	if same := m.byEmail[side][emailKey(who)]; len(same) > 0 {
		return same[0]
	}
	return nil
}

func (m *ownerMatch) warn(rule, message, mend string) {
	m.problems = append(m.problems, Problem{Salesforce: "OwnerId", HubSpot: "hubspot_owner_id", Rule: rule, Severity: Warning, Message: message, Mend: mend})
}

// Matched is the number of Salesforce users and queues that have a HubSpot owner.
func (o *Owners) Matched() int { return len(o.to) }

// HubSpot is the id of the HubSpot owner of a Salesforce user; ok is false for
// one who exists in Salesforce only.
func (o *Owners) HubSpot(user string) (owner string, ok bool) {
	owner, ok = o.to[core.ID18(user)]
	return owner, ok
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
type Pairing struct{ Salesforce, HubSpot *Principal }

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
		out = append(out, Pairing{user, owner})
	}
	for _, owner := range byName(o.people[core.HubSpot]) {
		if !paired[owner.ID] {
			out = append(out, Pairing{nil, owner})
		}
	}
	return out
}

func byName(of map[string]*Principal) []*Principal {
	return slices.SortedFunc(maps.Values(of), func(a, b *Principal) int {
		return cmp.Or(cmp.Compare(nameKey(a.Name), nameKey(b.Name)), cmp.Compare(a.ID, b.ID))
	})
}

package mapping

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tandem/internal/core"
)

// MatchOwners pairs the users of both sides by e-mail address, whatever its case
// (OWN-3, AMB-19), after the pairs that a person gave (LIM-17). Of several with
// one address the active one counts, then the one with the lowest id; which of several
// active users an owner passes to, standIns says. Warnings are what a person should look at.
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
		users := m.usersOf(email, owners[0])
		for _, user := range users {
			m.to[user.ID] = owners[0].ID
		}
		users = slices.DeleteFunc(users, func(u *Principal) bool { return !u.Active })
		for i, o := range owners {
			fit := m.standIns(users, o)
			if len(fit) > 0 {
				m.from[o.ID] = fit[0].ID
			}
			if i == 0 && len(users) > 1 && !m.rules.pair(fit[0], o) {
				m.warnShared(email, users, fit[0], o)
			}
		}
	}
}

// usersOf are the users of an address who match an owner.
func (m *ownerMatch) usersOf(email string, owner *Principal) (out []*Principal) {
	all := slices.DeleteFunc(slices.Clone(m.byEmail[core.Salesforce][email]), func(u *Principal) bool { return u.Queue })
	shared := len(all) > 1 && all[1].Active // the active ones come first
	for _, user := range all {
		if m.namesAgree(user, owner, shared) {
			out = append(out, user)
		}
	}
	return out
}

// standIns are the users of one address whom an owner may pass to, the first of whom he does:
// those whom owners.map pairs with him, else those of his name, else all, by id.
func (m *ownerMatch) standIns(users []*Principal, owner *Principal) []*Principal {
	for _, fits := range []func(*Principal) bool{
		func(u *Principal) bool { return m.rules.pair(u, owner) },
		func(u *Principal) bool { return nameKey(u.Name) == nameKey(owner.Name) },
	} {
		if fit := slices.DeleteFunc(slices.Clone(users), func(u *Principal) bool { return !fits(u) }); len(fit) > 0 {
			return fit
		}
	}
	return users
}

// pair reports that owners.map pairs a user, by id, with an owner.
func (r OwnerRules) pair(user, owner *Principal) bool {
	for key, who := range r.Map {
		if core.ID18(key) == user.ID && (who == owner.ID || emailKey(who) == emailKey(owner.Email)) {
			return true
		}
	}
	return false
}

// warnShared tells of active users with one address, of whom nobody said who is meant.
func (m *ownerMatch) warnShared(email string, users []*Principal, chosen, owner *Principal) {
	var named []string
	for _, u := range users {
		named = append(named, fmt.Sprintf("%s (%s)", strings.Trim(shown(u.Name), `"`), u.ID))
	}
	m.warn("LIM-17", fmt.Sprintf("%d active users of Salesforce have the address %s: %s; the records of each are %s's in HubSpot, who passes to %s alone", len(users), email, strings.Join(named, ", "), strings.Trim(shown(owner.Name), `"`), chosen.ID),
		"pair the one who is meant with the HubSpot owner under owners.map, by his id, or give each an address of his own")
}

// namesAgree reports that a user and an owner of one address match; that it is shared is
// told apart from how they are called.
func (m *ownerMatch) namesAgree(user, owner *Principal, shared bool) bool {
	switch {
	case nameKey(user.Name) == nameKey(owner.Name):
		return true
	case !user.Active || shared && !m.rules.Strict:
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
		users, owner := m.named(key), m.find(core.HubSpot, m.rules.Map[key])
		if len(users) == 0 || owner == nil {
			side, name := core.Salesforce, key
			if len(users) > 0 {
				side, name = core.HubSpot, m.rules.Map[key]
			}
			m.warn("LIM-17", fmt.Sprintf("owners.map names %s, whom %s does not know", shown(name), side.Label()), "correct the id or the e-mail address")
			continue
		}
		for _, user := range users {
			m.to[user.ID] = owner.ID
			if _, taken := m.from[owner.ID]; !taken && user.Active && !user.Queue {
				m.from[owner.ID] = user.ID
			}
		}
	}
	m.warnLeft()
}

// warnLeft tells of pairs of owners.map one of whom has left, so that records reach nobody.
// Users who have left are paired on purpose where somebody active is too: that one inherits.
func (m *ownerMatch) warnLeft() {
	for _, key := range slices.Sorted(maps.Keys(m.rules.Map)) {
		users, owner := m.named(key), m.find(core.HubSpot, m.rules.Map[key])
		if len(users) == 0 || owner == nil {
			continue
		}
		if !owner.Active {
			m.warn("LIM-17", "owners.map gives records to "+m.Word(core.HubSpot, owner.ID)+", who is deactivated in HubSpot", "name an active owner of HubSpot, or take the pair out")
		} else if _, back := m.from[owner.ID]; !back && !users[0].Queue {
			m.warn("LIM-17", fmt.Sprintf("owners.map pairs %s with %s, who is deactivated in Salesforce, and with nobody else: a change to this owner in HubSpot does not reach Salesforce",
				m.Word(core.HubSpot, owner.ID), m.Word(core.Salesforce, users[0].ID)), "pair an active user with this owner too")
		}
	}
}

// named are the users or the queue whom owners.map names: all users of an address.
func (m *ownerMatch) named(key string) []*Principal {
	first := m.find(core.Salesforce, key)
	if first == nil || first.ID == core.ID18(key) {
		return slices.DeleteFunc([]*Principal{first}, func(p *Principal) bool { return p == nil })
	}
	return slices.DeleteFunc(slices.Clone(m.byEmail[core.Salesforce][emailKey(key)]), func(p *Principal) bool { return p.Queue != first.Queue })
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

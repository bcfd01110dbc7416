package policy

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
)

// Match keys, the settings' companies.match and contacts.match (LIM-4).
const (
	KeyID          = "id"           // an id that one record stores of the other
	KeyExternal    = "external_key" // a key of a third system on both records
	KeyContacts    = "contacts"     // a linked person in common (DEDUP-7)
	KeyEmail       = "email"        // of people (DEDUP-1)
	KeyDomain      = "domain"       // of companies, where nobody else has it
	KeyNameAddress = "name_address"
)

// DefaultKeys is the order used for companies where the settings name none. It holds
// no domain: the original does not match by it (AMB-3).
var DefaultKeys = []string{KeyID, KeyExternal, KeyContacts}

// MatchFacts are the records of the other side that a record without a partner
// may be the same thing as.
type MatchFacts struct {
	Ref        core.Ref
	Keys       []string // in order of trust; DefaultKeys where empty
	Candidates []Candidate
	// TakeOldest links the oldest of several candidates instead of asking a
	// person (AMB-5).
	TakeOldest bool
}

// Candidate is one record of the other side and the key it was found by. A record
// found by two keys is listed twice.
type Candidate struct {
	Ref     core.Ref
	Key     string
	Created time.Time
	// Linked says that the record is linked with another one already.
	Linked bool
	// Shared says that another record of the asking side has the key in common with
	// this one as well.
	Shared bool
}

// Match is the decision about a record's identity.
type Match struct {
	core.Decision
	Partner    core.Ref   // for Link
	Candidates []core.Ref // for Review, sorted
	// Evidence says what speaks for each of them, where they differ in that.
	Evidence []string
}

// MatchRecord decides which existing record another one is the same thing as: of
// companies DEDUP-7 in both directions, ACC-5, ACC-14, DEDUP-11, and of all LIM-4. The
// first key in order that finds anybody decides; several candidates are a review, never
// a guess (AMB-5). A domain decides where one record of each side has it; where several
// do, a later key has to choose among them.
func MatchRecord(m MatchFacts) Match {
	keys := m.Keys
	if len(keys) == 0 {
		keys = DefaultKeys
	}
	f := facts{}.text("keys", strings.Join(keys, ", "))
	var among []Candidate // by a domain that several share
	for _, key := range keys {
		free, linked := m.found(key)
		f.count("candidates."+key, len(free)).count("linked."+key, len(linked))
		if key == KeyDomain && shared(free, linked) {
			among = free
			continue
		}
		if match, ok := m.choose(f, key, free, linked); ok {
			return match.within(f, among)
		}
	}
	if len(among) > 0 {
		return severalBy(f, KeyDomain, among)
	}
	return Match{Decision: f.decide("DEDUP-7", None, "no existing record is the same by any key")}
}

// shared reports that a key is several records' on either side.
func shared(free, linked []Candidate) bool {
	return len(free)+len(linked) > 1 || len(free) == 1 && free[0].Shared
}

// within takes a link back that names none of the records which share the domain.
func (m Match) within(f facts, among []Candidate) Match {
	if m.Outcome != Link || len(among) == 0 || slices.ContainsFunc(among, func(c Candidate) bool { return c.Ref == m.Partner }) {
		return m
	}
	return severalBy(f, KeyDomain, append(slices.Clone(among), Candidate{Ref: m.Partner}))
}

func severalBy(f facts, key string, list []Candidate) Match {
	why := "several records are the same by " + key + ", and a guess could be wrong"
	return Match{Decision: f.text("key", key).decide("AMB-5", Review, why), Candidates: refsOf(list)}
}

// exclusive are keys that must be one record's on each side, linked or not: what the
// customer keeps unique, or takes to be.
func exclusive(key string) bool { return key == KeyExternal || key == KeyNameAddress }

// choose decides by one key; ok is false where the next key is to be asked.
func (m *MatchFacts) choose(f facts, key string, free, linked []Candidate) (Match, bool) {
	switch {
	case len(free) > 0 && exclusive(key) && shared(free, linked) && !m.TakeOldest:
		return severalBy(f, key, slices.Concat(free, linked)), true
	case len(free) == 1 || len(free) > 1 && m.TakeOldest:
		f.text("key", key).text("partner", free[0].Ref.String())
		why := "one record is the same by " + key
		if len(free) > 1 {
			why = "the oldest of several records that are the same by " + key
		}
		return Match{Decision: f.decide(ruleOf(key), Link, why), Partner: free[0].Ref}, true
	case len(free) > 1:
		return severalBy(f, key, free), true
	case len(linked) > 0 && (key == KeyID || exclusive(key)):
		d := f.text("key", key).decide("DEDUP-11", Review, "the record that is the same by "+key+" is linked with another one already")
		return Match{Decision: d, Candidates: refsOf(linked)}, true
	}
	return Match{}, false
}

// ruleOf is the requirement that a key stems from.
func ruleOf(key string) string {
	if key == KeyID || key == KeyContacts {
		return "DEDUP-7"
	}
	return "LIM-4"
}

// found lists the candidates of one key once each, the oldest first, those that
// are linked already apart (ACC-14).
func (m *MatchFacts) found(key string) (free, linked []Candidate) {
	seen := map[core.Ref]bool{}
	for _, c := range m.Candidates {
		if c.Key != key || c.Ref.IsZero() || seen[c.Ref] {
			continue
		}
		seen[c.Ref] = true
		if c.Linked {
			linked = append(linked, c)
		} else {
			free = append(free, c)
		}
	}
	slices.SortFunc(free, olderFirst)
	slices.SortFunc(linked, olderFirst)
	return free, linked
}

func olderFirst(a, b Candidate) int {
	return cmp.Or(a.Created.Compare(b.Created), a.Ref.Compare(b.Ref))
}

func refsOf(list []Candidate) []core.Ref {
	out := make([]core.Ref, len(list))
	for i, c := range list {
		out[i] = c.Ref
	}
	slices.SortFunc(out, core.Ref.Compare)
	return out
}

// PersonCandidate is a Salesforce contact or lead that has a HubSpot contact's
// e-mail address.
type PersonCandidate struct {
	Ref       core.Ref
	Created   time.Time
	Converted bool // a converted lead: it can never be written again (CON-5)
	Linked    bool // linked with another person already
}

// LinkPerson picks the Salesforce person that a HubSpot contact with the given
// address is: by e-mail only (DEDUP-1), a contact before a lead, then the oldest,
// and for good (LIM-6). A blank address matches nobody.
func LinkPerson(email string, candidates []PersonCandidate) (PersonCandidate, core.Decision) {
	f := facts{}.count("candidates", len(candidates))
	if strings.TrimSpace(email) == "" {
		return PersonCandidate{}, f.decide("DEDUP-1", None, "without an e-mail address nobody is the same person")
	}
	open := slices.DeleteFunc(slices.Clone(candidates), func(p PersonCandidate) bool { return p.Converted || p.Linked })
	f.count("eligible", len(open))
	if len(open) == 0 {
		return PersonCandidate{}, f.decide("DEDUP-1", None, "no unlinked contact or unconverted lead has the address")
	}
	pick := slices.MinFunc(open, comparePersons)
	rule := "DEDUP-1"
	if len(open) > 1 {
		rule = "LIM-6"
	}
	return pick, f.text("partner", pick.Ref.String()).decide(rule, Link, "the e-mail address is the same")
}

func comparePersons(a, b PersonCandidate) int {
	return cmp.Or(personRank(a)-personRank(b), a.Created.Compare(b.Created), a.Ref.Compare(b.Ref))
}

// personRank puts contacts before leads.
func personRank(p PersonCandidate) int {
	if p.Ref.Object == core.Contact {
		return 0
	}
	return 1
}

package config

import (
	"fmt"
	"slices"

	"tandem/internal/policy"
)

// Matching says which records of the two sides are the same thing (LIM-4).
type Matching struct {
	// Match are keys in order of trust: policy.KeyID and the like.
	Match []string
	// ExternalKey is where both sides keep the key of a third system.
	ExternalKey FieldPair
	OnSeveral   string // review
	Similar     string // SimilarOff, SimilarReview or SimilarLink
}

// Matching is how companies are matched.
func (c *Companies) Matching() Matching {
	return Matching{c.Match, c.ExternalKey, c.OnSeveral, c.Similar}
}

func (c *Companies) setMatching(m Matching) {
	c.Match, c.ExternalKey, c.OnSeveral, c.Similar = m.Match, m.ExternalKey, m.OnSeveral, m.Similar
}

// Matching is how people are matched.
func (c *Contacts) Matching() Matching {
	return Matching{c.Match, c.ExternalKey, c.OnSeveral, c.Similar}
}

func (c *Contacts) setMatching(m Matching) {
	c.Match, c.ExternalKey, c.OnSeveral, c.Similar = m.Match, m.ExternalKey, m.OnSeveral, m.Similar
}

// FieldPair is a field of Salesforce with the HubSpot property that holds the same.
type FieldPair struct {
	Salesforce string `yaml:"salesforce"`
	HubSpot    string `yaml:"hubspot"`
}

// Set reports that both ends are named.
func (f FieldPair) Set() bool { return f.Salesforce != "" && f.HubSpot != "" }

// What is done about records that are only similar.
const (
	SimilarOff    = "off"
	SimilarReview = "review" // a person decides
	SimilarLink   = "link"   // as review, but what is certain is linked
)

func (m Matching) completed(keys ...string) Matching {
	if len(m.Match) == 0 {
		m.Match = slices.Clone(keys)
	}
	set(&m.OnSeveral, "review")
	set(&m.Similar, SimilarOff)
	return m
}

// The keys that each object pair may be matched by.
var (
	companyKeys = []string{policy.KeyID, policy.KeyExternal, policy.KeyContacts, policy.KeyDomain, policy.KeyNameAddress}
	personKeys  = []string{policy.KeyID, policy.KeyExternal, policy.KeyEmail, policy.KeyNameAddress}
)

func (m Matching) check(at finder, known []string) error {
	for i, k := range m.Match {
		if err := oneOf(at, fmt.Sprintf(".match[%d]", i), k, known...); err != nil {
			return err
		}
		if slices.Contains(m.Match[:i], k) {
			return at.refuse(fmt.Sprintf(".match[%d]", i), fmt.Sprintf("%q is given twice", k), "give each key once, the most trusted first")
		}
	}
	if (m.ExternalKey.Salesforce == "") != (m.ExternalKey.HubSpot == "") {
		return at.refuse(".external_key", "a key has two ends, and one is missing", "write {salesforce: FIELD, hubspot: property}")
	}
	if m.ExternalKey.Set() && !slices.Contains(m.Match, policy.KeyExternal) {
		return at.refuse(".external_key", "external_key is not in match, so that nothing would be found by it", "put external_key into match, or take this out")
	}
	if err := oneOf(at, ".on_several", m.OnSeveral, "review"); err != nil {
		return err
	}
	return oneOf(at, ".similar", m.Similar, SimilarOff, SimilarReview, SimilarLink)
}

// checkMatching keeps the e-mail address among the keys of people: HubSpot has each
// address once, so that whoever has it is the same person in any case.
func (c *Contacts) checkMatching(at finder) error {
	if !slices.Contains(c.Match, policy.KeyEmail) {
		return at.refuse(".match", "people are the same by their e-mail address in any case: HubSpot has each address once (DEDUP-1)", "put email into match")
	}
	return c.Matching().check(at, personKeys)
}

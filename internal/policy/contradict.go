package policy

import (
	"tandem/internal/core"
)

// AskPerson is the review of one of several people of whom a stored id and an address say
// different things: the id that a HubSpot contact carries names one (PROP-1, PROP-2), and
// the address of either is somebody else's. An id may be years old and an address may have
// gone to a successor, so that neither is written over the other. evidence says what
// speaks for each candidate.
func AskPerson(rule string, candidates []core.Ref, evidence []string) Match {
	d := facts{}.text("key", KeyID).decide(rule, Review, "the id that a HubSpot contact carries names one person, and an e-mail address another")
	return Match{Decision: d, Candidates: candidates, Evidence: evidence}
}

// FirmReview reports a review that a person answers by choosing alone: making a partner
// of its own for the record would collide with an address that is taken.
func (m Match) FirmReview() bool {
	return m.Outcome == Review && m.Facts["key"] == KeyID && m.Evidence != nil
}

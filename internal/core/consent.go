package core

import "time"

// ConsentState is what is known of an e-mail address.
type ConsentState string

// Consent states. The blank one says that no opt-out was ever met.
const (
	OptedOut     ConsentState = "opted_out"
	Resubscribed ConsentState = "resubscribed" // opted out before, and taken back in HubSpot
)

// Consent is the opt-out of one e-mail address with where it comes from. In HubSpot it
// belongs to the address, whatever becomes of contacts; in Salesforce each record has a
// box of its own.
type Consent struct {
	Address string // in lower case; blank once the person behind it was erased
	State   ConsentState
	// Since is when the opt-out was given: HubSpot's own time, or the version of the
	// Salesforce record on which the box was met ticked.
	Since time.Time
	// Origin is the record on which the opt-out was met.
	Origin Ref
	// Known is when HubSpot says that the address opted out; zero until it was seen to
	// know of it. An opt-out that HubSpot does not know cannot have been taken back there.
	Known time.Time
	// Back is when the address was taken back, Source and Basis who did so and on which
	// legal basis, in HubSpot's words.
	Back   time.Time
	Source string
	Basis  string
	Rule   string // that decided the last change
}

// ConsentStatus is what HubSpot answers about an address.
type ConsentStatus struct {
	Out bool      // opted out of everything
	At  time.Time // since when
	// Back is the latest moment at which the address was subscribed to anything; zero for
	// none. Source and Basis go with it.
	Back   time.Time
	Source string
	Basis  string
}

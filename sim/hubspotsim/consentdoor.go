package hubspotsim

import (
	"strconv"
	"time"
)

// Consent is what an address says, for tests and pages to judge by.
type Consent struct {
	// OptedOut of everything; At is when that was said, or taken back. Zero: never.
	OptedOut bool
	At       time.Time
	// Each is SUBSCRIBED, UNSUBSCRIBED or NOT_SPECIFIED by subscription type.
	Each map[int]string
}

// Consent tells what an address says at this moment, without the lag of the
// contact's properties.
func (d Door) Consent(email string) Consent {
	d.p.mu.RLock()
	defer d.p.mu.RUnlock()
	a := d.p.consent.peek(email)
	out := Consent{OptedOut: a.outOfAll(), Each: map[int]string{}}
	if a.all != nil {
		out.At = time.UnixMilli(a.all.at)
	}
	for _, s := range d.p.consent.types {
		out.Each[s.id] = a.said(s.id).state
	}
	return out
}

// OptOut has the person behind an address unsubscribe from everything, by the
// link in an e-mail.
func (d Door) OptOut(email string) error {
	return d.do(typeContact, func(*table) *apiError {
		d.p.optOut(email, sourceSelfOut, d.by)
		return nil
	})
}

// Unsubscribe takes an address off one subscription type.
func (d Door) Unsubscribe(email string, subscription int) error {
	return d.consents(email, subscription, status{state: unsubscribed, source: sourcePerson})
}

// Resubscribe takes an address back into one subscription type. With a legal
// basis a user of the portal does so on the contact's record and says why;
// without one the person behind the address does, by the link in an e-mail.
func (d Door) Resubscribe(email string, subscription int, basis, explanation string) error {
	s := status{state: subscribed, source: sourceSelfBack, basis: basis, explanation: explanation}
	if basis != "" {
		s.source = sourcePerson
	}
	return d.consents(email, subscription, s)
}

func (d Door) consents(email string, subscription int, s status) error {
	return d.do(typeContact, func(*table) *apiError {
		if !d.p.consent.knows(subscription) {
			return invalid("Subscription type " + strconv.Itoa(subscription) + " does not exist in this account")
		}
		if e := checkBasis(s.basis); e != nil {
			return e
		}
		d.p.setConsent(email, subscription, s, d.by)
		return nil
	})
}

package hubspotsim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Subscription states of an address.
const (
	subscribed   = "SUBSCRIBED"
	unsubscribed = "UNSUBSCRIBED"
	notSpecified = "NOT_SPECIFIED"
)

// Where a status came from, as the API words it.
const (
	sourceNone        = "Not specified"
	sourceAPI         = "Public status API"
	sourcePerson      = "Manual update"
	sourceSelfOut     = "Self Service Unsubscribe"
	sourceSelfBack    = "Self Service Resubscription"
	reasonSame        = "NO_STATUS_CHANGE"
	reasonChanged     = "REQUESTED_CHANGE_OCCURRED"
	reasonBack        = "RESUBSCRIBE_OCCURRED"
	reasonOutOfAll    = "UNSUBSCRIBE_FROM_ALL_OCCURRED"
	everything        = 0 // stands for all subscription types
	consentObject     = "communication_preferences"
	opConsent         = "consent"
	optOutProperty    = "hs_email_optout"
	defaultConsentLag = time.Second
)

// subscription is a kind of e-mail that people can opt out of.
type subscription struct {
	id                int
	name, description string
	purpose           string
	internal, byRule  bool // for one-to-one mail; made by the vendor
}

// status is what an address said to one subscription, or to everything.
type status struct {
	state, source, basis, explanation string
	at                                int64
}

// address is the consent of one e-mail address. It outlives contacts.
type address struct {
	all     *status // said about everything; SUBSCRIBED once an opt-out was taken back
	each    map[int]status
	shown   map[int]bool // what the properties of its contact show as opted out
	blocked bool         // erased for privacy
}

type consents struct {
	types []subscription
	byKey map[string]*address
	late  map[uint64]string // contacts whose properties still show an earlier address
}

func (p *Portal) loadConsent() {
	p.consent = consents{byKey: map[string]*address{}, late: map[uint64]string{}, types: []subscription{
		{39644612, "Marketing Information", "Marketing offers and updates", "Marketing", false, true},
		{39644613, "One to One", "One to one e-mails", "Sales", true, true},
		{39644614, "Customer Service Communication", "Feedback requests and customer service information", "Customer Service", true, true}}}
	contacts := p.names[typeContact]
	for _, s := range p.consent.types {
		id := s.id
		contacts.schema.add(&property{name: optOutName(id), label: "Opted out of email: " + s.name, kind: typeBool,
			field: "booleancheckbox", group: "emailinformation", readOnly: true, vendor: true, readOnlyDefinition: true,
			sensitivity: notSensitive, created: catalogStamp, updated: catalogStamp, order: len(contacts.schema.list),
			derive: func(w view) string { return w.p.shownOptOut(w, id) }})
	}
}

// optOutName is the contact property that shows an opt-out.
func optOutName(subscription int) string {
	if subscription == everything {
		return optOutProperty
	}
	return optOutProperty + "_" + strconv.Itoa(subscription)
}

func addressKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// of gives the consent of an address, for writing.
func (s *consents) of(email string) *address {
	key := addressKey(email)
	a := s.byKey[key]
	if a == nil {
		a = &address{each: map[int]status{}, shown: map[int]bool{}}
		s.byKey[key] = a
	}
	return a
}

// peek gives the consent of an address, for reading.
func (s *consents) peek(email string) *address {
	if a := s.byKey[addressKey(email)]; a != nil {
		return a
	}
	return &address{}
}

func (s *consents) knows(id int) bool {
	return slices.ContainsFunc(s.types, func(t subscription) bool { return t.id == id })
}

// ids lists the subscription types after the one for everything.
func (s *consents) ids() []int {
	out := []int{everything}
	for _, t := range s.types {
		out = append(out, t.id)
	}
	return out
}

// outOfAll says whether the address opted out of everything and has not come back.
func (a *address) outOfAll() bool { return a.all != nil && a.all.state == unsubscribed }

// said is the status that holds for a subscription type.
func (a *address) said(id int) status {
	if a.outOfAll() {
		return *a.all
	}
	if st, known := a.each[id]; known {
		return st
	}
	return status{state: notSpecified, source: sourceNone}
}

func (a *address) optedOut(id int) bool {
	if id == everything {
		return a.outOfAll()
	}
	return a.said(id).state == unsubscribed
}

func (p *Portal) block(email string) {
	if email == "" {
		return
	}
	a := p.consent.of(email)
	a.blocked = true
	a.forget()
	for i := range p.ledger {
		if b := &p.ledger[i]; b.t == nil && b.address == addressKey(email) {
			b.address = ""
		}
	}
}

// forget drops who said what and why; an opt-out stands, since a blocked address
// gets no mail.
func (a *address) forget() {
	if a.all != nil {
		a.all = &status{state: a.all.state, source: sourceNone, at: a.all.at}
	}
	for id, s := range a.each {
		a.each[id] = status{state: s.state, source: sourceNone, at: s.at}
	}
}

// blocked says whether a contact with this address was deleted for privacy.
func (p *Portal) blocked(email string) bool {
	a := p.consent.byKey[email]
	return a != nil && a.blocked
}

// setConsent notes a status and says what that did. Opting in to one type lifts
// an opt-out of everything for that type only.
func (p *Portal) setConsent(email string, id int, s status, by *actor) (reason string) {
	a := p.consent.of(email)
	before := a.said(id).state
	if before == s.state {
		return reasonSame
	}
	s.at = p.stamp()
	if a.outOfAll() && s.state == subscribed {
		p.spreadOptOut(a)
		a.all = &status{state: subscribed, source: s.source, at: s.at}
		p.noteConsent(email, by, everything, unsubscribed, subscribed)
	}
	a.each[id] = s
	if a.said(id).state == before {
		return reasonSame
	}
	p.noteConsent(email, by, id, before, s.state)
	p.showConsent(email, by)
	if before == unsubscribed && s.state == subscribed {
		return reasonBack
	}
	return reasonChanged
}

// spreadOptOut turns an opt-out of everything into one of each type.
func (p *Portal) spreadOptOut(a *address) {
	for _, t := range p.consent.types {
		a.each[t.id] = a.said(t.id)
	}
}

// optOut has an address opt out of everything.
func (p *Portal) optOut(email string, source string, by *actor) (reason string) {
	a := p.consent.of(email)
	if a.outOfAll() {
		return reasonSame
	}
	before := notSpecified
	if a.all != nil {
		before = a.all.state
	}
	a.all = &status{state: unsubscribed, source: source, at: p.stamp()}
	p.noteConsent(email, by, everything, before, unsubscribed)
	p.showConsent(email, by)
	return reasonOutOfAll
}

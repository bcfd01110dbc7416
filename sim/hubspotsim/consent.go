package hubspotsim

import (
	"strconv"
	"strings"
)

// Subscription states of an address.
const (
	subscribed   = "SUBSCRIBED"
	unsubscribed = "UNSUBSCRIBED"
	notSpecified = "NOT_SPECIFIED"
)

// subscription is a kind of e-mail that people can opt out of.
type subscription struct {
	id                int
	name, description string
	purpose           string
}

// status is what an address said to one subscription.
type status struct {
	state, source, basis, explanation string
	at                                int64
}

// address is the consent of one e-mail address. It outlives contacts.
type address struct {
	all     *status // said about everything
	each    map[int]status
	blocked bool // erased for privacy
}

type consents struct {
	types []subscription
	byKey map[string]*address
}

func (p *Portal) loadConsent() {
	p.consent = consents{byKey: map[string]*address{}, types: []subscription{
		{39644612, "Marketing Information", "Marketing offers and updates", "Marketing"},
		{39644613, "One to One", "One to one e-mails", "Sales"},
		{39644614, "Customer Service Communication", "Feedback requests and customer service information", "Customer Service"}}}
	contacts := p.names[typeContact]
	for _, s := range p.consent.types {
		id := s.id
		contacts.schema.add(&property{name: "hs_email_optout_" + strconv.Itoa(id), label: "Opted out of email: " + s.name, kind: typeBool,
			field: "booleancheckbox", group: "emailinformation", readOnly: true, vendor: true, readOnlyDefinition: true,
			sensitivity: notSensitive, created: catalogStamp, updated: catalogStamp, order: len(contacts.schema.list),
			derive: func(w view) string { return w.p.optedOut(w.get("email"), id) }})
	}
}

func (s *consents) of(email string) *address {
	key := strings.ToLower(strings.TrimSpace(email))
	a := s.byKey[key]
	if a == nil {
		a = &address{each: map[int]status{}}
		s.byKey[key] = a
	}
	return a
}

// optedOut is the value of the opt-out properties: "true" or nothing.
func (p *Portal) optedOut(email string, subscription int) string {
	a := p.consent.byKey[email]
	if email == "" || a == nil {
		return ""
	}
	if a.all != nil && a.all.state == unsubscribed || subscription != 0 && a.each[subscription].state == unsubscribed {
		return "true"
	}
	return ""
}

func (p *Portal) block(email string) {
	if email != "" {
		p.consent.of(email).blocked = true
	}
}

// blocked says whether a contact with this address was deleted for privacy.
func (p *Portal) blocked(email string) bool {
	a := p.consent.byKey[email]
	return a != nil && a.blocked
}

func (p *Portal) consentRoutes(rt routeTable) {
	read := func(method, pattern string, handle func(*call) (reply, *apiError)) {
		rt.add(route{scopes: consentScope(".read"), write: true, handle: handle}, method, "communication-preferences/"+pattern)
	}
	change := func(method, pattern string, handle func(*call) (reply, *apiError)) {
		rt.add(route{scopes: consentScope(".write"), write: true, handle: handle}, method, "communication-preferences/"+pattern)
	}
	read("GET", "definitions", p.listSubscriptions)
	read("POST", "statuses/batch/read", p.batchStatuses)
	read("POST", "statuses/batch/unsubscribe-all/read", p.batchWide)
	change("POST", "statuses/batch/write", p.batchSetStatuses)
	change("POST", "statuses/batch/unsubscribe-all", p.batchUnsubscribe)
	read("GET", "statuses/{email}", p.getStatuses)
	change("POST", "statuses/{email}", p.setStatus)
	read("GET", "statuses/{email}/unsubscribe-all", p.getUnsubscribeAll)
	change("POST", "statuses/{email}/unsubscribe-all", p.unsubscribeAll)
	read("GET", "status/email/{email}", p.getStatusV3)
	change("POST", "subscribe", p.subscribeV3)
	change("POST", "unsubscribe", p.unsubscribeV3)
}

func consentScope(verb string) func(*call) [][]string {
	return func(*call) [][]string {
		return [][]string{{"communication_preferences" + verb}, {"communication_preferences.read_write"}}
	}
}

func (p *Portal) listSubscriptions(c *call) (reply, *apiError) {
	list := []map[string]any{}
	for _, s := range p.consent.types {
		list = append(list, map[string]any{"id": strconv.Itoa(s.id), "name": s.name, "description": s.description, "purpose": s.purpose,
			"communicationMethod": "Email", "isActive": true, "isDefault": true, "isInternal": s.purpose == "Sales", "businessUnitId": 0,
			"createdAt": formatMS(catalogStamp), "updatedAt": formatMS(catalogStamp)})
	}
	key := "results"
	if c.ver == "v3" {
		return ok(map[string]any{"subscriptionDefinitions": list})
	}
	return ok(map[string]any{"status": "COMPLETE", key: list})
}

// statusBody has a number where the definition has a text.
type statusBody struct {
	BusinessUnit int     `json:"businessUnitId"`
	Channel      string  `json:"channel"`
	Address      string  `json:"subscriberIdString"`
	Subscription int     `json:"subscriptionId"`
	Status       string  `json:"status"`
	Source       string  `json:"source"`
	Basis        *string `json:"legalBasis"`
	Explanation  *string `json:"legalBasisExplanation"`
	Success      *string `json:"setStatusSuccessReason"`
	Timestamp    string  `json:"timestamp"`
}

func (p *Portal) statusesOf(email string) []statusBody {
	a := p.consent.of(email)
	list := []statusBody{}
	for _, s := range p.consent.types {
		list = append(list, p.statusOf(a, email, s.id))
	}
	return list
}

func (p *Portal) statusOf(a *address, email string, id int) statusBody {
	st, known := a.each[id]
	if a.all != nil && (!known || a.all.at >= st.at) {
		st, known = *a.all, true
	}
	if !known {
		st = status{state: notSpecified}
	}
	return statusBody{Channel: "EMAIL", Address: email, Subscription: id, Status: st.state, Source: st.source,
		Basis: orNull(st.basis), Explanation: orNull(st.explanation), Timestamp: formatMS(st.at)}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (p *Portal) getStatuses(c *call) (reply, *apiError) {
	if e := needChannel(c); e != nil {
		return reply{}, e
	}
	return ok(map[string]any{"status": "SUCCESS", "results": p.statusesOf(c.vars["email"])})
}

func needChannel(c *call) *apiError {
	if c.r.URL.Query().Get("channel") != "EMAIL" {
		return invalid("Query parameter channel is required and must be EMAIL")
	}
	return nil
}

type setStatusBody struct {
	Subscription text   `json:"subscriptionId"`
	State        string `json:"statusState"`
	Channel      string `json:"channel"`
	Basis        string `json:"legalBasis"`
	Explanation  string `json:"legalBasisExplanation"`
}

func (p *Portal) setStatus(c *call) (reply, *apiError) {
	var in setStatusBody
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	body, e := p.setOne(c.vars["email"], in, c.b.by)
	if e != nil {
		return reply{}, e
	}
	return ok(body)
}

func (p *Portal) setOne(email string, in setStatusBody, by *actor) (statusBody, *apiError) {
	id := in.Subscription.number(0)
	if !p.consent.knows(id) || in.State != subscribed && in.State != unsubscribed && in.State != notSpecified {
		return statusBody{}, invalid("Unknown subscription or status state")
	}
	reason := p.setConsent(email, id, status{state: in.State, source: by.who, basis: in.Basis, explanation: in.Explanation}, by)
	body := p.statusOf(p.consent.of(email), email, id)
	body.Success = &reason
	return body, nil
}

func (s *consents) knows(id int) bool {
	for _, t := range s.types {
		if t.id == id {
			return true
		}
	}
	return false
}

// setConsent notes a status and says what that did. Opting in to one type lifts
// an opt-out of everything for that type only.
func (p *Portal) setConsent(email string, id int, s status, by *actor) string {
	a := p.consent.of(email)
	s.at = p.stamp()
	before := p.statusOf(a, email, id).Status
	if a.all != nil && s.state == subscribed {
		p.spreadOptOut(a)
	}
	a.each[id] = s
	p.consentChanged(email, by, "subscription:"+strconv.Itoa(id), before, s.state)
	switch {
	case before == s.state:
		return "NO_STATUS_CHANGE"
	case before == unsubscribed:
		return "RESUBSCRIBE_OCCURRED"
	}
	return "REQUESTED_CHANGE_OCCURRED"
}

// spreadOptOut turns an opt-out of everything into one of each type.
func (p *Portal) spreadOptOut(a *address) {
	for _, t := range p.consent.types {
		if st, known := a.each[t.id]; !known || st.at <= a.all.at {
			a.each[t.id] = *a.all
		}
	}
	a.all = nil
}

// consentChanged books the change and moves the contact that has the address.
func (p *Portal) consentChanged(email string, by *actor, what, before, after string) {
	t := p.names[typeContact]
	id, ok := t.emails[strings.ToLower(email)]
	if !ok {
		return
	}
	r := t.records[id]
	next := *r.cur
	w := write{op: opUpdate, by: by, t: t, r: r, next: &next, notes: []note{{what, before, after}}}
	w.events = p.optOutEvents(r)
	p.commit(w)
}

func (p *Portal) getUnsubscribeAll(c *call) (reply, *apiError) {
	if e := needChannel(c); e != nil {
		return reply{}, e
	}
	return ok(map[string]any{"status": "SUCCESS", "results": []any{p.wideStatus(c.vars["email"])}})
}

func (p *Portal) wideStatus(email string) map[string]any {
	out := map[string]any{"subscriberIdString": email, "wideStatusType": "PORTAL_WIDE", "status": subscribed, "channel": "EMAIL",
		"businessUnitId": 0, "timestamp": nil}
	if all := p.consent.of(email).all; all != nil {
		out["status"], out["timestamp"] = all.state, formatMS(all.at)
	}
	return out
}

func (p *Portal) unsubscribeAll(c *call) (reply, *apiError) {
	if e := needChannel(c); e != nil {
		return reply{}, e
	}
	email := c.vars["email"]
	p.optOut(email, c.b.by)
	if !queryBool(c.r.URL.Query(), "verbose") {
		return noContent()
	}
	return ok(map[string]any{"status": "SUCCESS", "results": p.statusesOf(email)})
}

func (p *Portal) optOut(email string, by *actor) {
	a := p.consent.of(email)
	before := "false"
	if p.optedOut(strings.ToLower(email), 0) != "" {
		before = "true"
	}
	a.all = &status{state: unsubscribed, source: by.who, at: p.stamp()}
	p.consentChanged(email, by, "hs_email_optout", before, "true")
}

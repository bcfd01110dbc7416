package hubspotsim

import "strconv"

// The third version of communication preferences knows two states only, and
// takes nobody back who has opted out.

const notSubscribedV3 = "NOT_SUBSCRIBED"

type statusV3 struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Status      string  `json:"status"`
	Source      string  `json:"sourceOfStatus"`
	Brand       *int    `json:"brandId"`
	Group       *string `json:"preferenceGroupName"`
	Basis       *string `json:"legalBasis"`
	Explanation *string `json:"legalBasisExplanation"`
}

func (p *Portal) statusV3(email string, s subscription) statusV3 {
	a := p.consent.peek(email)
	said := a.said(s.id)
	out := statusV3{ID: strconv.Itoa(s.id), Name: s.name, Description: s.description, Status: notSubscribedV3,
		Source: "SUBSCRIPTION_STATUS", Basis: orNull(said.basis), Explanation: orNull(said.explanation)}
	if said.state == subscribed {
		out.Status = subscribed
	}
	if a.outOfAll() {
		out.Source = "PORTAL_WIDE_STATUS"
	}
	return out
}

func (p *Portal) getStatusV3(c *call) (reply, *apiError) {
	email, e := checkedAddress(c.vars["email"])
	if e != nil {
		return reply{}, e
	}
	list := []statusV3{}
	for _, s := range p.consent.types {
		list = append(list, p.statusV3(email, s))
	}
	return ok(map[string]any{"recipient": email, "subscriptionStatuses": list})
}

type consentV3 struct {
	Email        string `json:"emailAddress"`
	Subscription text   `json:"subscriptionId"`
	Basis        string `json:"legalBasis"`
	Explanation  string `json:"legalBasisExplanation"`
}

// subscribeV3 refuses an address that has opted out.
func (p *Portal) subscribeV3(c *call) (reply, *apiError) { return p.changeV3(c, subscribed) }

func (p *Portal) unsubscribeV3(c *call) (reply, *apiError) { return p.changeV3(c, unsubscribed) }

func (p *Portal) changeV3(c *call, state string) (reply, *apiError) {
	in, s, e := p.readV3(c)
	if e != nil {
		return reply{}, e
	}
	before := p.consent.peek(in.Email).said(s.id).state
	switch {
	case before == state:
		verb := map[string]string{subscribed: "subscribed to", unsubscribed: "unsubscribed from"}[state]
		return reply{}, invalid(in.Email + " is already " + verb + " subscription " + strconv.Itoa(s.id))
	case state == subscribed && before == unsubscribed:
		return reply{}, invalid("You cannot subscribe an unsubscribed address.")
	}
	p.setConsent(in.Email, s.id, status{state: state, source: apiSource(c.b.by), basis: in.Basis, explanation: in.Explanation}, c.b.by)
	return ok(p.statusV3(in.Email, s))
}

func (p *Portal) readV3(c *call) (in consentV3, s subscription, e *apiError) {
	if e := c.decode(&in); e != nil {
		return in, s, e
	}
	if in.Email == "" || in.Subscription == "" {
		return in, s, badJSON("Cannot build PublicUpdateSubscriptionStatusRequest, some of required attributes are not set [" + unsetV3(in) + "]")
	}
	if e := checkBasis(in.Basis); e != nil {
		return in, s, e
	}
	if _, e := checkedAddress(in.Email); e != nil {
		return in, s, e
	}
	for _, t := range p.consent.types {
		if t.id == in.Subscription.number(-1) {
			return in, t, p.needBasis(in.Basis, in.Explanation)
		}
	}
	return in, s, invalid("Subscription type " + string(in.Subscription) + " does not exist in this account")
}

func unsetV3(in consentV3) string {
	switch {
	case in.Email != "":
		return "subscriptionId"
	case in.Subscription != "":
		return "emailAddress"
	}
	return "emailAddress, subscriptionId"
}

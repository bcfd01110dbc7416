package hubspotsim

import (
	"strconv"

	"tandem/sim/hubspotsim/notify"
)

// The third version of communication preferences.

func (p *Portal) getStatusV3(c *call) (reply, *apiError) {
	email := c.vars["email"]
	list := []map[string]any{}
	for i, s := range p.statusesOf(email) {
		list = append(list, map[string]any{"id": strconv.Itoa(s.Subscription), "name": p.consent.types[i].name,
			"description": p.consent.types[i].description, "status": s.Status, "sourceOfStatus": "SUBSCRIPTION_STATUS", "legalBasis": s.Basis})
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
	var in consentV3
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	id := in.Subscription.number(0)
	if !p.consent.knows(id) || !validEmail(in.Email) {
		return reply{}, invalid("Unknown subscription or invalid e-mail address")
	}
	before := p.statusOf(p.consent.of(in.Email), in.Email, id).Status
	if state == subscribed && before == unsubscribed {
		return reply{}, invalid(in.Email + " has unsubscribed and cannot be subscribed by API")
	}
	p.setConsent(in.Email, id, status{state: state, source: c.b.by.who, basis: in.Basis, explanation: in.Explanation}, c.b.by)
	return ok(map[string]any{"id": string(in.Subscription), "status": state, "legalBasis": in.Basis})
}

// optOutEvents tells the read-only opt-out properties of a contact.
func (p *Portal) optOutEvents(r *record) []notify.Change {
	t := p.names[typeContact]
	return []notify.Change{{Kind: notify.PropertyChange, Property: "hs_email_optout", Value: p.see(t, r).get("hs_email_optout")}}
}

package certify

import (
	"net/http"
	"net/url"
)

var portalConsent = []Check{
	{ID: "portal.consent.types", Relies: "subscription types have text ids and say whether they are in use",
		Fact: "communication preferences API v4, definitions", run: portalSubscriptions},
	{ID: "portal.consent.unknown", Relies: "an address that never said anything has NOT_SPECIFIED for each type, and an empty answer to whether it opted out of all",
		Fact: "communication preferences API v4, statuses", run: portalNothingSaid},
	{ID: "portal.schemas", Relies: "custom objects name their type id, properties and links; they are synced by that id",
		Fact: "custom objects API, schemas", run: portalSchemas},
	{ID: "portal.journal.subscriptions", Relies: "the journal's subscriptions tell their object type and actions; missing ones are added",
		Fact: "webhooks journal guide, subscriptions", run: portalSubscribed},
}

var portalOptOuts = []Check{
	{ID: "portal.consent.optout", Writes: true, Relies: "an address that opts out of all is out of each type, with the time; consent is read at the address, not at a contact",
		Fact: "communication preferences API v4, unsubscribe-all", run: portalOptOut},
}

var channel = url.Values{"channel": {"EMAIL"}}

func portalSubscriptions(p *probe) {
	for _, r := range p.get("/communication-preferences/v4/definitions").status(http.StatusOK).json().at("results").rows() {
		r.at("id").is(digits)
		r.fields(text, "name", "communicationMethod")
		r.fields(boolean, "isActive", "isInternal", "isDefault")
	}
}

// consentOf reads what an address says to each type, checking its shape.
func consentOf(p *probe, email string) []node {
	rows := p.ask("/communication-preferences/v4/statuses/{}", channel, email).status(http.StatusOK).json().at("results").rows()
	for _, r := range rows {
		r.at("subscriptionId").is(number)
		r.at("subscriberIdString").is(text)
		r.at("timestamp").is(instant)
		r.at("legalBasis").is(text.or(null))
		r.at("status").is(text).says("SUBSCRIBED", "UNSUBSCRIBED", "NOT_SPECIFIED")
	}
	return rows
}

func outOfAll(p *probe, email string) node {
	return p.ask("/communication-preferences/v4/statuses/{}/unsubscribe-all", channel, email).status(http.StatusOK).json().at("results")
}

// stranger is an address that nobody uses.
const stranger = namePrefix + "nobody@example.com"

func portalNothingSaid(p *probe) {
	for _, r := range consentOf(p, stranger) {
		r.at("status").says("NOT_SPECIFIED")
	}
	outOfAll(p, stranger).count(0)
}

func portalOptOut(p *probe) {
	email := p.address("consent")
	a := p.do(call{method: http.MethodPost, path: "/communication-preferences/v4/statuses/{}/unsubscribe-all", args: []string{email}, query: channel})
	if a = a.status(http.StatusOK, http.StatusNoContent); !a.ok {
		return
	}
	for _, r := range consentOf(p, email) {
		r.at("status").says("UNSUBSCRIBED")
	}
	row := outOfAll(p, email).first()
	row.at("status").is(text).says("UNSUBSCRIBED")
	row.at("wideStatusType").is(text).says("PORTAL_WIDE", "BUSINESS_UNIT_WIDE")
	row.at("timestamp").is(instant)
}

var customType = matching("type id of a custom object", `^2-\d+$`)

func portalSchemas(p *probe) {
	for _, r := range p.get("/crm-object-schemas/v3/schemas").status(http.StatusOK).json().at("results").rows() {
		r.at("objectTypeId").is(customType)
		r.fields(text, "name", "fullyQualifiedName")
		r.at("labels").is(object)
		r.fields(list, "properties", "associations", "requiredProperties")
	}
}

func portalSubscribed(p *probe) {
	if !p.o.Journal {
		p.skip("the connection does not read the journal")
		return
	}
	for _, r := range p.get("/webhooks-journal/subscriptions/2026-03").status(http.StatusOK).json().at("results").rows() {
		r.at("id").is(number)
		r.at("subscriptionType").is(text)
		r.at("actions").is(list)
	}
}

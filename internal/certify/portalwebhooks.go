package certify

import (
	"net/http"
	"net/url"
)

var portalWebhooks = []Check{
	{ID: "portal.webhooks", Relies: "an app's webhooks tell where they go, and each subscription its event and whether it is on; one that is off announces nothing",
		Fact: "webhooks API v3, settings and subscriptions", run: portalWebhookApp},
}

// portalWebhookApp asks with the developer's key, which opens the app and no portal.
func portalWebhookApp(p *probe) {
	if p.o.WebhookApp == "" || p.o.DeveloperKey == "" {
		p.skip("an app's webhooks can be read with its developer's key only, which was not given")
		return
	}
	ask := func(what string) answer {
		return p.do(call{method: http.MethodGet, path: "/webhooks/v3/{}/" + what, args: []string{p.o.WebhookApp}, query: url.Values{"hapikey": {p.o.DeveloperKey}},
			header: map[string]string{"Authorization": ""}})
	}
	if a := ask("settings"); a.code != http.StatusNotFound { // no target yet
		root := a.status(http.StatusOK).json()
		root.at("targetUrl").is(text)
		root.at("throttling", "maxConcurrentRequests").is(number)
	}
	for _, r := range ask("subscriptions").status(http.StatusOK).json().at("results").rows() {
		r.at("id").is(digits.or(number))
		r.at("eventType").is(eventType)
		r.at("active").is(boolean)
		r.at("createdAt").is(instant)
	}
}

var eventType = matching("object and event, with a dot between", `^\w+\.\w+$`)

var portalOwnValues = []Check{
	{ID: "portal.website", Writes: true, Relies: "a website stands as it was written, and a company's is not made from its domain; a value of the portal's own would be passed on as somebody's edit",
		Fact: "none: the documents are silent", run: portalWebsite},
}

func portalWebsite(p *probe) {
	for _, c := range []struct {
		objects string
		given   map[string]any
		want    string
	}{{contacts, map[string]any{"website": "example.com"}, "example.com"}, {companies, map[string]any{"domain": "example.com"}, ""}} {
		_, id := portalMake(p, c.objects, "website", c.given)
		if id == "" {
			return
		}
		set := p.ask("/crm/v3/objects/"+c.objects+"/{}", url.Values{"properties": {"website"}}, id).status(http.StatusOK).json().at("properties", "website").is(text.or(null))
		set.effect(set.text() == c.want, "what was written", "another value")
	}
}

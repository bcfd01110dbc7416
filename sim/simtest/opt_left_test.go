package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestOPT6_LIM12_WhoLeftTheScopeComesBack: the way back of an opt-out is open to linked people
// whom a filter or a list left out since, in the profile where opt-outs pass for them.
func TestOPT6_LIM12_WhoLeftTheScopeComesBack(t *testing.T) {
	for name, leave := range map[string]func(c *config.Connection){
		"by HubSpot's filter":    func(c *config.Connection) { c.Contacts.Filter.FromHubSpot = `jobtitle == "VIP"` },
		"by Salesforce's filter": func(c *config.Connection) { c.Contacts.Filter.FromSalesforce = `Title == "VIP"` },
		"by both": func(c *config.Connection) {
			c.Contacts.Filter = config.Filter{FromSalesforce: `Title == "VIP"`, FromHubSpot: `jobtitle == "VIP"`}
		},
		"by the list": func(c *config.Connection) { c.Contacts.InclusionList = "vip" },
	} {
		for way, basis := range map[string]string{"by the person": "", "with a legal basis": "CONSENT_WITH_NOTICE"} {
			t.Run(name+" "+way, func(t *testing.T) { leaveAndComeBack(t, leave, basis) })
		}
	}
}

// leaveAndComeBack opts two linked contacts out that left the scope, one on each side, and has
// both subscribe again.
func leaveAndComeBack(t *testing.T, leave func(c *config.Connection), basis string) {
	alike := people(func(c *config.Connection) { c.Mappings["contact"] = c.Mappings["contact"][:5] }) // the links account for all that is polled
	w := New(t, alike, Before(func(w *World) { w.list("vip", propertyIs("jobtitle", "VIP")) }))
	a, _ := w.optPair("a@x.com")
	b, _ := w.optPair("b@x.com")
	w.Restart(leave)
	w.again()
	w.optOut("a@x.com")
	w.tick(core.Contact, b, true)
	w.again()
	w.again()
	w.wantOptOut(core.Contact, a, "a@x.com")
	w.wantOptOut(core.Contact, b, "b@x.com")
	for range 3 { // HubSpot shows the opt-outs, and nothing waits to be looked at
		w.Advance(time.Hour)
		w.again()
	}
	w.optBack("a@x.com", basis)
	w.optBack("b@x.com", basis)
	for range 3 {
		w.again()
	}
	w.wantBox(core.Contact, a, false)
	w.wantBox(core.Contact, b, false)
	w.wantLifts(a, b)
	w.change(core.Contact, a, "Title", "CFO")
	w.again()
	w.again()
	w.wantOut("a@x.com", false)
	w.wantBox(core.Contact, a, false)
}

package simtest

import (
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// TestOPT2_WhatHubSpotDoesNotTellIsAnIssue: the app may not ask what an address says. What
// the contact shows stands until it may, and the record says so.
func TestOPT2_WhatHubSpotDoesNotTellIsAnIssue(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		c, _ := w.optPair("a@x.com")
		scopes := []string{"communication_preferences.read", "communication_preferences.read_write"}
		w.must(w.Portal.Configure(hubspotsim.Settings{RemoveScopes: scopes}))
		w.optOut("a@x.com")
		w.again()
		w.again()
		w.wantBox(core.Contact, c, true)
		if i := w.wantIssue(core.CategoryPermissions, "missing_scope", "hs_email_optout"); i.Mend == "" {
			t.Errorf("the issue says no mend: %+v", i)
		}
		w.wantLifts()
	})
}

// TestDEDUP1_WhoIsMadeHasTheAddress though it is not mapped: the two are known by it.
func TestDEDUP1_WhoIsMadeHasTheAddress(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(func(c *config.Connection) { c.Mappings["contact"] = c.Mappings["contact"][1:] }))
		lead := w.leadOf("a@x.com", "A")
		hs := w.made(core.Contacts, "lastname", "B", "email", "b@x.com", "company", "Co")
		w.again()
		w.want(core.Contacts, w.wantMate(lead), "email", "a@x.com")
		w.want(core.Lead, w.wantMate(hs), "Email", "b@x.com")
	})
}

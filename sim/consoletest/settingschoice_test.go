package consoletest

import (
	"strings"
	"testing"

	"tandem/internal/config"
)

// TestLIM5_WhatOtherRulesMakeIsShownBeforeItIsSaved of HubSpot contacts without a partner.
func TestLIM5_WhatOtherRulesMakeIsShownBeforeItIsSaved(t *testing.T) {
	w := newWorld(t, func(c *config.Connection) { c.Paused = true }) // she stays without a partner
	b := w.visit()
	b.setUp()
	w.call("POST", w.sims.HubSpot.URL+"/crm/v3/objects/contacts", w.sims.HubSpot.AdminToken,
		map[string]any{"properties": map[string]string{"email": "olga@rules.example", "lastname": "Olga", "city": "Rule City"}}, &struct{}{})
	text := w.run("settings", "export")
	rules := strings.Replace(text, "from_hubspot: lead", `from_hubspot: {rules: [{when: 'city == "Rule City"', create: contact}]}`, 1)
	if rules == text {
		t.Fatalf("people do not become leads:\n%s", text)
	}
	b.open("/c/simulated/settings/import")
	b.paste("settings", rules)
	b.press("Show what it would do")
	b.sees("What HubSpot contacts without a partner become")
	b.sees("nothing: no rule holds")
	b.sees("olga@rules.example")
	b.press("Save")
	b.sees("Version 2 counts now")
}

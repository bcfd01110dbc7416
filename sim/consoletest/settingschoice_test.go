package consoletest

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

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

// TestSET1_AHintLeadsToTheSettingThatItNames on the tab of that setting.
func TestSET1_AHintLeadsToTheSettingThatItNames(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/settings/deals")
	b.lacks("companies.sync")
	b.do(chromedp.Click(`//p[@id="about-deals.sync"]//a[.="Sync companies"]`))
	b.sees("Settings: Companies")
	w.eventually("the link leads to the switch", func() bool {
		return eval[string](b, `document.querySelector("input[role=switch]:target")?.labels[0]?.innerText.trim() ?? ""`) == "Sync companies"
	})
	b.open("/c/simulated/settings/tickets")
	b.do(chromedp.Click(`//p[@id="about-tickets.sync"]//a[contains(., "Create fields")]`))
	b.sees("Connect: simulated")
}

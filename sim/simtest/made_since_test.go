package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// madeSince is a pair of which a side makes nothing by itself, until its setting lets it.
type madeSince struct {
	pair    core.Pair
	options func(profile Option) []Option
	off, on func(*config.Connection)
	make    func(w *World, name string) string
	edit    func(w *World, id string)
	rule    string
}

// eachMadeSince are the pairs and directions whose settings let a side make nothing by itself.
func eachMadeSince() map[string]madeSince {
	ways := func(set func(c *config.Connection, way string)) (off, on func(*config.Connection)) {
		return func(c *config.Connection) { set(c, "update_only") }, func(c *config.Connection) { set(c, "create_or_update") }
	}
	of := func(more Option) func(Option) []Option {
		return func(profile Option) []Option { return []Option{profile, more} }
	}
	out := map[string]madeSince{}
	add := func(name string, c madeSince, set func(c *config.Connection, way string)) {
		if set != nil {
			c.off, c.on = ways(set)
		}
		out[name] = c
	}
	add("case", madeSince{pair: core.TicketPair, rule: "CASE-1", options: of(tickets(ticketsBothWays)),
		make: func(w *World, name string) string { return w.made(core.SupportCase, "Subject", name, "Status", "New") },
		edit: func(w *World, id string) { w.change(core.SupportCase, id, "Description", "edited") }},
		func(c *config.Connection, way string) { c.Tickets.FromSalesforce = way })
	add("ticket", madeSince{pair: core.TicketPair, rule: "CASE-1", options: of(tickets(ticketsBothWays)),
		make: func(w *World, name string) string {
			line, stages := w.lineOf(core.Tickets, "Salesforce - Default")
			return w.made(core.Tickets, "subject", name, "hs_pipeline", line, "hs_pipeline_stage", stages["New"])
		},
		edit: func(w *World, id string) { w.change(core.Tickets, id, "content", "edited") }},
		func(c *config.Connection, way string) { c.Tickets.FromHubSpot = way })
	add("product of Salesforce", madeSince{pair: core.ProductPair, rule: "LIM-14", options: of(products()),
		make: func(w *World, name string) string { return w.sold(name, 5) },
		edit: func(w *World, id string) { w.change(core.Product, id, "Description", "edited") }},
		func(c *config.Connection, way string) { c.Products.FromSalesforce = way })
	add("product of HubSpot", madeSince{pair: core.ProductPair, rule: "LIM-14", options: of(products()),
		make: func(w *World, name string) string { return w.made(core.Products, "name", name) },
		edit: func(w *World, id string) { w.change(core.Products, id, "description", "edited") }},
		func(c *config.Connection, way string) { c.Products.FromHubSpot = way })
	custom := func(profile Option) []Option {
		return []Option{profile, Before(func(w *World) { w.custom("project") })}
	}
	add("custom of Salesforce", madeSince{pair: "project", rule: "CO-5", options: custom,
		make: func(w *World, name string) string { sf, _ := w.ends("project"); return w.made(sf, "Name", name) },
		edit: func(w *World, id string) { sf, _ := w.ends("project"); w.change(sf, id, "Note__c", "edited") }},
		func(c *config.Connection, way string) { c.Custom("project").FromSalesforce = way })
	add("custom of HubSpot", madeSince{pair: "project", rule: "CO-5", options: custom,
		make: func(w *World, name string) string { _, hs := w.ends("project"); return w.made(hs, "title", name) },
		edit: func(w *World, id string) { _, hs := w.ends("project"); w.change(hs, id, "note", "edited") }},
		func(c *config.Connection, way string) { c.Custom("project").FromHubSpot = way })
	company := madeSince{pair: core.CompanyPair, rule: "INST-8", options: func(profile Option) []Option { return []Option{profile} },
		off:  func(c *config.Connection) { c.Companies.CreateAccount = "never" },
		on:   func(c *config.Connection) { c.Companies.CreateAccount = "always" },
		make: func(w *World, name string) string { return w.made(core.Companies, "name", name) },
		edit: func(w *World, id string) { w.change(core.Companies, id, "city", "Voss") }}
	add("company", company, nil)
	company.options = func(profile Option) []Option { return []Option{profile, events()} } // which tell late what was made before
	add("company by events", company, nil)
	return out
}

// TestLIM10_CO3_RecordsFromBeforeTheyWereMadeStayAway: while a side makes nothing by itself,
// what is new or edited there stays without a partner, and does so once it makes some,
// whether a poll or a sweep meets it again: what counts is the moment of the setting.
func TestLIM10_CO3_RecordsFromBeforeTheyWereMadeStayAway(t *testing.T) {
	for name, c := range eachMadeSince() {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, c.options(profile)...)
				w.apply(c.off)
				w.Restart()
				w.again() // pipelines are made before anything stands in them
				w.Advance(3 * time.Second)
				edited, met := c.make(w, "Edited"), c.make(w, "Met")
				w.again()
				unmet := c.make(w, "Unmet")
				w.Advance(3 * time.Second)
				w.apply(c.on)
				w.Advance(3 * time.Second)
				fresh := c.make(w, "Fresh")
				w.Restart()
				w.again()
				w.sweepAll()
				w.again()
				w.wantMateOf(c.pair, fresh)
				for _, id := range []string{edited, met, unmet} {
					w.wantNone(c.pair, id, c.rule)
				}
				c.edit(w, edited)
				w.again()
				w.wantMateOf(c.pair, edited)
				w.importOf(c.pair)
				w.wantMateOf(c.pair, met)
				w.wantMateOf(c.pair, unmet)
			})
		})
	}
}

// inBothByFeed runs a test in both profiles, with polls alone and with the change feeds, which
// tell late what happened before.
func inBothByFeed(t *testing.T, test func(t *testing.T, profile, feed Option)) {
	t.Helper()
	inBoth(t, func(t *testing.T, profile Option) {
		t.Run("polls", func(t *testing.T) { test(t, profile, func(*setup) {}) })
		t.Run("events", func(t *testing.T) { test(t, profile, events()) })
	})
}

// TestCON1_INC5_ContactsFromBeforeTheSwitchStayAway though their events come after it: people are
// followed for the sake of companies before they sync.
func TestCON1_INC5_ContactsFromBeforeTheSwitchStayAway(t *testing.T) {
	inBothByFeed(t, func(t *testing.T, profile, feed Option) {
		w := New(t, profile, feed, people(becomesContact))
		w.Restart(func(c *config.Connection) { c.Contacts.Sync = false })
		w.apply()
		w.again()
		older := w.made(core.Contacts, "email", "older@acme.example", "lastname", "Older")
		w.Advance(3 * time.Second)
		w.apply(func(c *config.Connection) { c.Contacts.Sync = true })
		w.Advance(3 * time.Second)
		fresh := w.made(core.Contacts, "email", "fresh@acme.example", "lastname", "Fresh")
		w.Restart()
		w.again()
		w.wantLonely(older, "CON-1")
		w.wantMate(fresh)
		w.change(core.Contacts, older, "firstname", "Ola")
		w.again()
		w.wantMate(older)
	})
}

// TestACC4_AccountsFromBeforeTheSwitchStayAway: what a poll of their edits, made shortly before
// the switch, meets in its overlap counts for nothing, nor does a sweep; an edit since does.
func TestACC4_AccountsFromBeforeTheSwitchStayAway(t *testing.T) {
	inBothByFeed(t, func(t *testing.T, profile, feed Option) {
		w := New(t, profile, feed, Settings(func(c *config.Connection) { c.Companies.CreateAccount = "always" }))
		w.apply(func(c *config.Connection) { c.Companies.Sync = false })
		w.Restart()
		account, company := w.account("Older"), w.made(core.Companies, "name", "Olden")
		w.Advance(time.Minute)
		w.editAccount(account, "Phone", "1")
		w.change(core.Companies, company, "city", "Voss")
		w.Advance(3 * time.Second)
		w.apply(func(c *config.Connection) { c.Companies.Sync = true })
		w.Advance(3 * time.Second)
		w.Restart()
		w.again()
		w.sweepAll()
		w.again()
		w.wantRule(account, "ACC-4", engine.OutOfScope)
		w.wantRule(company, "INST-8", engine.OutOfScope)
		w.editAccount(account, "Phone", "2")
		w.change(core.Companies, company, "city", "Bergen")
		w.again()
		w.wantMateOf(core.CompanyPair, account)
		w.wantMateOf(core.CompanyPair, company)
	})
}

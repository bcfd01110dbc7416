package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// TestLIM11_WhatAFilterHeldBackPassesWithoutIt: nobody announces anew what users changed on
// linked records while a filter left these out.
func TestLIM11_WhatAFilterHeldBackPassesWithoutIt(t *testing.T) {
	bySalesforce, byHubSpot := config.Filter{FromSalesforce: `Title != "Out"`}, config.Filter{FromHubSpot: `jobtitle != "Out"`}
	for name, filters := range map[string][2]config.Filter{
		"taken out": {bySalesforce, {}}, "another": {bySalesforce, {FromSalesforce: `Title != "Other"`}}, "of HubSpot": {byHubSpot, {}},
	} {
		t.Run(name, func(t *testing.T) {
			w := New(t, people())
			contact, hs := w.optPair("a@x.com")
			account, company := w.linked("Edge", "Phone", "1")
			w.change(core.Contact, contact, "Title", "Out")
			w.again()
			w.Restart(func(c *config.Connection) {
				c.Contacts.Filter, c.Companies.Filter = filters[0], config.Filter{FromSalesforce: `Phone != "1"`}
			})
			w.Advance(time.Minute)
			w.change(core.Contact, contact, "FirstName", "Ann")
			w.change(core.Contacts, hs, "city", "Oslo")
			w.editCompany(company, "city", "Oslo")
			w.again()
			w.want(core.Contacts, hs, "firstname", "")
			w.want(core.Contact, contact, "MailingCity", "")
			w.Restart(func(c *config.Connection) { c.Contacts.Filter, c.Companies.Filter = filters[1], config.Filter{} })
			w.again()
			w.want(core.Contacts, hs, "firstname", "Ann")
			w.want(core.Contact, contact, "MailingCity", "Oslo")
			w.want(core.Account, account, "BillingCity", "Oslo")
			w.wantStill(t)
		})
	}
}

// TestINC1_WhatAListHeldBackPassesWithoutIt, as what a filter held back.
func TestINC1_WhatAListHeldBackPassesWithoutIt(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), Before(func(w *World) { w.list("Members", touchedSince(), inCities("Bern")) }))
		contact, hs := w.optPair("a@x.com")
		w.Restart(func(c *config.Connection) { c.Contacts.InclusionList = "Members" })
		w.settleLists()
		w.again()
		w.change(core.Contact, contact, "FirstName", "Ann")
		w.again()
		w.want(core.Contacts, hs, "firstname", "")
		w.Restart(func(c *config.Connection) { c.Contacts.InclusionList = "" })
		w.again()
		w.again()
		w.want(core.Contacts, hs, "firstname", "Ann")
	})
}

// TestLIM12_OPT4_AnotherProfilePassesWhatWasHeldBack: in the profile classic an opt-out
// passes between pairs that sync alone, and in tandem for everybody, whenever it was said.
func TestLIM12_OPT4_AnotherProfilePassesWhatWasHeldBack(t *testing.T) {
	w := New(t, people(func(c *config.Connection) { c.Profile = config.Classic }))
	a, _ := w.optPair("a@x.com")
	b, _ := w.optPair("b@x.com")
	twin := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "a@x.com")
	for _, contact := range []string{a, b} {
		w.change(core.Contact, contact, "Title", "Out")
	}
	w.again()
	w.Restart(func(c *config.Connection) { c.Contacts.Filter.FromSalesforce = `Title != "Out"` })
	w.Advance(time.Minute)
	w.optOut("a@x.com")
	w.tick(core.Contact, b, true)
	w.again()
	w.again()
	w.wantBox(core.Contact, a, false)
	w.wantOut("b@x.com", false)
	w.Restart(func(c *config.Connection) { c.Profile = config.Tandem })
	w.again()
	w.again()
	w.wantOptOut(core.Contact, a, "a@x.com")
	w.wantOptOut(core.Contact, b, "b@x.com")
	w.wantBox(core.Lead, twin, true)
	w.wantLifts()
	w.Restart() // the same once more looks at nobody
	calls := w.Org.Stats().Calls
	w.again()
	if n := w.Org.Stats().Calls - calls; n > 20 {
		t.Errorf("%d calls after another start", n)
	}
}

// TestLIM12_WhatWasSaidBeforeTheSwitchPasses: people were met while companies alone synced, and
// nobody announces again what they said then. It brings nobody over.
func TestLIM12_WhatWasSaidBeforeTheSwitchPasses(t *testing.T) {
	w := New(t, people(func(c *config.Connection) { c.Contacts.Sync = false }), Before((*World).ensurePeople))
	a := w.made(core.Contact, "LastName", "Gray", "Email", "a@x.com", "HasOptedOutOfEmail", "true")
	w.made(core.Contacts, "email", "a@x.com", "lastname", "Gray")
	b := w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "b@x.com")
	w.made(core.Contacts, "email", "b@x.com", "lastname", "Brown")
	w.made(core.Lead, "LastName", "Alone", "Company", "Co", "Email", "c@x.com", "HasOptedOutOfEmail", "true")
	w.optOut("b@x.com")
	w.thrice()
	w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
	w.thrice()
	w.wantOut("a@x.com", false)
	w.Restart(func(c *config.Connection) { c.Contacts.Sync = true })
	w.thrice()
	w.wantOptOut(core.Contact, a, "a@x.com")
	w.wantOptOut(core.Lead, b, "b@x.com")
	w.wantPersons(2, 1, 2)
	w.wantLifts()
}

// TestLIM25_CON5_WhatAConversionMakesOfAnothersLead is no more the other portal's than the
// lead was: a conversion does not copy the mark of who made it.
func TestLIM25_CON5_WhatAConversionMakesOfAnothersLead(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		first := New(t, profile, people())
		second := New(serial{t}, profile, people(), Beside(first))
		hs := first.made(core.Contacts, "email", "ada@x.com", "lastname", "Gray", "company", "Co")
		first.again()
		lead := first.wantMate(hs)
		second.again()
		second.wantLonely(lead, "LIM-25")
		res, err := first.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
		first.must(err)
		second.again()
		first.again()
		second.again()
		if mate := first.mate(hs); mate != res.ContactID {
			t.Errorf("the partner is %q, want the contact", mate)
		}
		second.wantLonely(res.ContactID, "LIM-25")
		first.change(core.Contact, res.ContactID, "FirstName", "Ada")
		first.again()
		second.again()
		second.wantLonely(res.ContactID, "LIM-25")
		second.wantPersons(1, 1, 0)
		own := first.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "bo@x.com") // of a person of the org
		res, err = first.Org.As(admin).ConvertLead(own, salesforcesim.Convert{NoOpportunity: true})
		first.must(err)
		second.again()
		second.wantMate(res.ContactID)
	})
}

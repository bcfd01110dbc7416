package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/hubspotsim"
)

// TestACC4_ASwitchCountsFromWhenItsSettingsWereStored, however much later the engine opens by
// them and whatever other settings were stored since.
func TestACC4_ASwitchCountsFromWhenItsSettingsWereStored(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Settings(func(c *config.Connection) { c.Companies.Sync = false }))
		w.apply()
		before := w.account("Before")
		w.Advance(time.Minute)
		w.apply(func(c *config.Connection) { c.Companies.Sync = true })
		w.Advance(5 * time.Second)
		first := w.account("First")
		w.apply(func(c *config.Connection) { c.Companies.CreateAccount = "always" })
		second := w.account("Second")
		w.Sync()
		w.Advance(48 * time.Hour)
		w.Restart()
		w.Sync()
		if w.partner(first) == "" || w.partner(second) == "" {
			t.Errorf("made after the switch: %+v, %+v", w.Explain(first), w.Explain(second))
		}
		w.wantRule(before, "ACC-4", engine.OutOfScope)
	})
}

// TestACC4_WhatWasMadeWhileASwitchWasOffStaysAway though the engine never opened while it was.
func TestACC4_WhatWasMadeWhileASwitchWasOffStaysAway(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile)
		w.apply()
		linked := w.account("Linked")
		w.Sync()
		w.Advance(time.Minute)
		w.apply(func(c *config.Connection) { c.Companies.Sync = false })
		w.Advance(time.Minute)
		while := w.account("While it was off")
		w.editAccount(linked, "Name", "Linked, edited")
		w.Advance(time.Minute)
		w.apply(func(c *config.Connection) { c.Companies.Sync = true })
		w.Advance(5 * time.Second)
		after := w.account("After")
		w.Advance(time.Minute)
		w.Restart()
		w.Sync()
		w.wantRule(while, "ACC-4", engine.OutOfScope)
		if w.partner(after) == "" {
			t.Errorf("made after the switch: %+v", w.Explain(after))
		}
		if got := w.companyValue(w.partner(linked), "name"); got != "Linked, edited" {
			t.Errorf("the linked company is called %q", got)
		}
		w.Advance(time.Minute)
		w.Restart() // opens anew by the same settings: no switch
		late := w.account("Late")
		w.Restart()
		w.Sync()
		if w.partner(late) == "" {
			t.Errorf("made before an opening: %+v", w.Explain(late))
		}
	})
}

// TestINST11_AReconnectCountsFromWhenItWasAskedFor, however much later the engine opens.
func TestINST11_AReconnectCountsFromWhenItWasAskedFor(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile)
		w.apply()
		w.must(w.Engine.Disconnect(t.Context(), w.Conn))
		w.Advance(time.Minute)
		meanwhile := w.account("Made while disconnected")
		w.Advance(time.Minute)
		offline, err := w.Engine.Offline(t.Context(), w.settings)
		w.must(err)
		w.must(w.Engine.Resume(t.Context(), offline))
		w.Advance(5 * time.Second)
		after := w.account("Made after it was resumed")
		w.Advance(48 * time.Hour)
		w.Restart()
		w.Sync()
		w.wantRule(meanwhile, "ACC-4", engine.OutOfScope)
		if w.partner(after) == "" {
			t.Errorf("made after the reconnect: %+v", w.Explain(after))
		}
	})
}

// TestCON1_PeopleWhomTheEngineMetBetweenSwitchAndOpeningPass: the settings from before looked
// at them for the sake of companies alone.
func TestCON1_PeopleWhomTheEngineMetBetweenSwitchAndOpeningPass(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact))
		w.Restart(func(c *config.Connection) { c.Contacts.Sync = false })
		w.apply()
		account := w.account("Acme")
		w.again()
		older := w.contact("Older", "older@acme.example", account)
		w.again()
		w.Advance(time.Minute)
		w.apply(func(c *config.Connection) { c.Contacts.Sync = true })
		w.Advance(5 * time.Second)
		friend := w.contact("Friend", "friend@acme.example", account)
		visitor := w.made(core.Contacts, "email", "visitor@x.example", "lastname", "Visitor")
		w.again()
		w.Advance(10 * time.Minute)
		w.Restart()
		w.again()
		w.wantMate(friend)
		w.wantMate(visitor)
		w.wantLonely(older, "CON-1")
	})
}

// TestACT4_ActivitiesThatTheEngineMetBetweenSwitchAndOpeningPass, on both sides, though
// another type kept the records followed.
func TestACT4_ActivitiesThatTheEngineMetBetweenSwitchAndOpeningPass(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(bothWays))
		f := w.talking()
		w.apply(func(c *config.Connection) {
			c.Activities.Calls.FromSalesforce, c.Activities.Tasks.FromHubSpot = false, false
		})
		w.Restart()
		w.Advance(time.Minute)
		early := w.made(core.Task, "Subject", "Early", "TaskSubtype", "Call", "WhoId", f.contacts[0])
		w.again()
		w.Advance(time.Minute)
		w.apply(func(c *config.Connection) {
			c.Activities.Calls.FromSalesforce, c.Activities.Tasks.FromHubSpot = true, true
		})
		w.Advance(5 * time.Second)
		call := w.made(core.Task, "Subject", "Rang", "TaskSubtype", "Call", "WhoId", f.contacts[0])
		task := w.logged(core.Tasks, f.mates[0], "hs_task_subject", "To do")
		w.again() // by the settings from before
		w.wantNoActivity(core.Task, call, "SET-9")
		w.Advance(10 * time.Minute)
		w.Restart()
		w.again()
		w.wantActivity(core.Task, call, core.Calls)
		w.wantActivity(core.Tasks, task, core.Task)
		w.wantNoActivity(core.Task, early, "ACT-4")
	})
}

// TestACT2_WhatHappensBetweenSwitchAndOpeningIsTold, and what happened while a kind was off
// is not.
func TestACT2_WhatHappensBetweenSwitchAndOpeningIsTold(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, happening())
		w.reader("rea@x.example")
		w.apply()
		w.apply(func(c *config.Connection) { c.Activities.Timeline.EmailOpens.Sync = false })
		w.Advance(time.Minute)
		w.mail("rea@x.example", "CLICK")
		w.mail("rea@x.example", "OPEN", ofMailing(8))
		w.Advance(time.Minute)
		w.apply(func(c *config.Connection) { c.Activities.Timeline.EmailOpens.Sync = true })
		w.Advance(time.Minute)
		w.mail("rea@x.example", "OPEN", ofMailing(9))
		w.Advance(10 * time.Minute)
		w.Restart()
		w.again()
		w.again()
		w.wantTasks("E-mail clicked: E-mail 7", "E-mail opened: E-mail 9")
	})
}

// ofMailing has something happen to the e-mail of a number.
func ofMailing(number int64) func(*hubspotsim.Mail) {
	return func(m *hubspotsim.Mail) { m.Campaign = number }
}

// TestCON1_SET2_PeopleFromBeforeTheyWereMadeStayAway: while nobody is made by itself, a new
// or an edited person stays without a partner, and does so once people are made: what
// counts is the moment of the switch, not whether a poll meets somebody again.
func TestCON1_SET2_PeopleFromBeforeTheyWereMadeStayAway(t *testing.T) {
	for _, was := range []string{"update_only", "nothing"} {
		t.Run(was, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, people(func(c *config.Connection) { c.Contacts.FromSalesforce = was }))
				w.apply()
				elder := w.made(core.Contact, "LastName", "Elder", "Email", "shared@x.com")
				named := w.made(core.Contact, "LastName", "Named", "Email", "named@x.com")
				met := w.made(core.Contact, "LastName", "Met", "Email", "met@x.com")
				w.again()
				unmet := w.made(core.Lead, "LastName", "Unmet", "Company", "Y", "Email", "unmet@x.com")
				w.Advance(3 * time.Second)
				w.apply(func(c *config.Connection) { c.Contacts.FromSalesforce = "create_or_update" })
				w.Advance(3 * time.Second)
				fresh := w.made(core.Lead, "LastName", "Fresh", "Company", "Y", "Email", "fresh@x.com")
				w.Restart()
				w.again()
				w.sweepAll()
				w.again()
				w.wantMate(fresh)
				for _, id := range []string{elder, named, met, unmet} {
					w.wantLonely(id, "CON-1")
				}
				w.wantPersons(2, 3, 1)
				w.change(core.Contact, met, "FirstName", "Mia")
				younger := w.made(core.Contact, "LastName", "Younger", "Email", "shared@x.com")
				_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ContactPair, Refs: []core.Ref{{Side: core.Salesforce, Object: core.Contact, ID: named}}})
				w.must(err)
				w.again()
				w.again()
				w.wantMate(met)
				w.wantMate(named)
				w.wantMate(elder) // asked for by the younger one of the same address
				w.wantLonely(younger, "DEDUP-9")
				w.wantLonely(unmet, "CON-1")
			})
		})
	}
}

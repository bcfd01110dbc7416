package simtest

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// TestE8_AStreamThatEndsInTheMiddleOfAConversion: the events of one transaction come by two
// subscriptions, and the conversion is followed as one.
func TestE8_AStreamThatEndsInTheMiddleOfAConversion(t *testing.T) {
	for _, object := range []string{"Account", "Contact", "Lead"} {
		t.Run(object, func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w := New(t, events(), people(becomesContact))
				w.linked("Other")
				lead := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "bo@y.com")
				w.again()
				hs := w.wantMate(lead)
				w.byFeeds()
				w.must(w.Org.AddFault(salesforcesim.Fault{Do: "cut_stream", Match: salesforcesim.Match{Object: object}, Times: 1}))
				made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
				w.must(err)
				w.eventually(func() bool { return w.mate(made.ContactID) == hs && w.partner(made.AccountID) != "" })
				w.nothingDue()
				w.stop()
				w.wantPersons(1, 1, 1)
				if n := w.companyCount(); n != 2 {
					t.Errorf("%d companies, want 2", n)
				}
			})
		})
	}
}

// TestE9_OurOwnCreateIsToldBeforeItsAnswer: the feeds tell of a record before the engine
// knows that it made it, and it is neither made twice nor linked with anybody else.
func TestE9_OurOwnCreateIsToldBeforeItsAnswer(t *testing.T) {
	for _, side := range core.Sides {
		t.Run(side.String(), func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w := newTrial(t, events())
				w.heal()
				w.byFeeds()
				var told atomic.Int32
				w.Through(func(s core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
					before := w.feedPosition(side)
					resp, err := next.RoundTrip(r)
					if s == side && r.Method == http.MethodPost && isWrite(r) {
						time.Sleep(20 * time.Second)
						if w.feedPosition(side) != before {
							told.Add(1)
						}
					}
					return resp, err
				})
				for _, name := range []string{"One", "Two", "Three"} {
					w.account(name)
					w.company("Of "+name, w.person(name, name+"@x.com"))
				}
				time.Sleep(4 * time.Minute)
				w.stop()
				if got := len(w.pairs()); got != 6 || told.Load() == 0 {
					t.Errorf("%d pairs by the feeds, want 6; of %d creates they told before the answer", got, told.Load())
				}
				w.heal()
				if got := len(w.settled()); got != 6 {
					t.Errorf("%d pairs, want 6", got)
				}
				wantNoIssues(t, w)
			})
		})
	}
}

// TestE11_WhatAutomationSetsBesideOurWritePasses: the same save, by the same user, and yet a
// change that HubSpot does not have.
func TestE11_WhatAutomationSetsBesideOurWritePasses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, async := range map[string]bool{"in the save": false, "after the save": true} {
			t.Run(name, func(t *testing.T) {
				bubble(t, func(t testing.TB) {
					w := New(t, profile, events())
					account, company := w.linked("Edge", "BillingCity", "Bern", "Phone", "1")
					w.must(w.Org.AddAutomation(salesforcesim.Automation{Object: "Account", Name: "Dial", When: `BillingCity = "Rome"`, Field: "Phone", Value: `"39"`, Async: async}))
					w.byFeeds()
					w.editCompany(company, "city", "Rome")
					w.accountShows(account, "BillingCity", "Rome")
					w.companyShows(company, "phone", "39")
					w.stop()
				})
			})
		}
	})
}

// TestE12_WhatAnEventNamesIsGoneOrHiddenWhenItIsRead and nothing is deleted, made or blanked
// for it; the events behind it count.
func TestE12_WhatAnEventNamesIsGoneOrHiddenWhenItIsRead(t *testing.T) {
	for name, befalls := range map[string]func(w *World, id string) error{
		"deleted": func(w *World, id string) error { return w.Org.As(admin).Delete("Account", id) },
		"hidden":  func(w *World, id string) error { return w.Org.SetHidden(hide(id)) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w := New(t, events())
				account, company := w.linked("Edge")
				other, mate := w.linked("Other")
				w.byFeeds()
				w.stop()
				fresh := w.account("Fresh")
				w.editAccount(account, "Name", "Edited")
				w.must(befalls(w, account))
				w.must(befalls(w, fresh))
				w.Restart()
				w.byFeeds()
				w.editAccount(other, "Name", "Passes")
				w.companyShows(mate, "name", "Passes")
				w.nothingDue()
				w.stop()
				if n := w.companyCount(); n != 2 || w.companyValue(company, "name") != "Edge" {
					t.Errorf("%d companies, want 2; the one of the account that is %s is called %q", n, name, w.companyValue(company, "name"))
				}
			})
		})
	}
}

// TestE16_WhatSearchDoesNotShowYetIsNotMadeAgain: a person whom somebody entered a moment
// before, and a company whose create had no answer.
func TestE16_WhatSearchDoesNotShowYetIsNotMadeAgain(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := newTrial(t, people(becomesContact), Portal(func(o *hubspotsim.Options) { o.IndexLag = time.Minute }),
			Settings(func(c *config.Connection) { c.HubSpot.IndexLag = config.Duration(time.Minute) }))
		hs := w.made(core.Contacts, "email", "a@x.com", "lastname", "Gray")
		contact := w.made(core.Contact, "LastName", "Gray", "Email", "a@x.com")
		w.account("Edge")
		w.breakPortal("timeout_after", "POST", "companies/batch/create", 1)
		_, _ = w.syncFor(time.Hour)
		time.Sleep(3 * time.Minute)
		w.heal()
		if got := w.wantMate(contact); got != hs {
			t.Errorf("the contact is linked with %s, want %s", got, hs)
		}
		w.wantPersons(0, 1, 1)
		if got := len(w.settled()); got != 1 {
			t.Errorf("%d pairs, want 1", got)
		}
	})
}

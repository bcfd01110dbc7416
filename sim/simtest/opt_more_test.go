package simtest

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// TestOPT6_WhoComesBackBeforeThePropertyShowsIt is back all the same: nobody announces it.
func TestOPT6_WhoComesBackBeforeThePropertyShowsIt(t *testing.T) {
	inBubble(t, func(t testing.TB) {
		w := newTrial(t, people(), Portal(func(o *hubspotsim.Options) { o.ConsentLag = 5 * time.Minute }))
		c := w.made(core.Contact, "LastName", "Gray", "Email", "a@x.com")
		w.Sync()
		time.Sleep(time.Minute)
		w.tick(core.Contact, c, true)
		w.Sync()
		w.wantOptOut(core.Contact, c, "a@x.com")
		time.Sleep(time.Minute)
		w.optBack("a@x.com", "")
		w.rest()
		w.wantBox(core.Contact, c, false)
		w.wantOut("a@x.com", false)
		w.wantLifts(c)
	})
}

// TestOPT2_TheLaggingPropertyDecidesNothing: while it shows an opt-out that is over, or
// none where there is one, edits of other fields lead to no write of consent.
func TestOPT2_TheLaggingPropertyDecidesNothing(t *testing.T) {
	inBubble(t, func(t testing.TB) {
		w := newTrial(t, people(), Portal(func(o *hubspotsim.Options) { o.ConsentLag = time.Hour }))
		c := w.made(core.Contact, "LastName", "Gray", "Email", "a@x.com")
		w.Sync()
		hs := w.wantMate(c)
		w.optOut("a@x.com")
		time.Sleep(2 * time.Hour)
		w.Sync()
		w.wantBox(core.Contact, c, true)
		time.Sleep(time.Hour)
		w.optBack("a@x.com", "") // the property shows it an hour later
		time.Sleep(time.Minute)
		w.change(core.Contacts, hs, "city", "Oslo")
		w.Sync()
		w.wantBox(core.Contact, c, false) // our own write was about to hide who came first
		w.want(core.Contact, c, "MailingCity", "Oslo")
		w.change(core.Contacts, hs, "city", "Bergen")
		w.rest()
		w.wantBox(core.Contact, c, false)
		w.wantOut("a@x.com", false)
		w.wantLifts(c)
	})
}

// TestOPT2_AnOptOutOutlivesItsRecord: conversion, merges and deletions on both sides.
func TestOPT2_AnOptOutOutlivesItsRecord(t *testing.T) {
	t.Run("conversion", func(t *testing.T) {
		w := New(t, people())
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "a@x.com")
		w.Sync()
		w.again()
		w.optOut("a@x.com")
		w.Advance(3 * time.Second)
		made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
		w.must(err)
		w.Sync()
		w.again()
		w.again()
		w.wantOptOut(core.Contact, made.ContactID, "a@x.com")
		w.wantLifts()
	})
	t.Run("merge in Salesforce", func(t *testing.T) {
		w := New(t, people())
		a, _ := w.optPair("a@x.com")
		loser := w.made(core.Contact, "LastName", "Gray", "Email", "a@x.com")
		w.tick(core.Contact, loser, true)
		w.again()
		w.must(w.Org.As(admin).Merge("Contact", a, loser))
		w.again()
		w.again()
		w.wantOptOut(core.Contact, a, "a@x.com")
		w.wantLifts()
	})
	t.Run("merge in HubSpot", func(t *testing.T) {
		w := New(t, people())
		a, hs := w.optPair("a@x.com")
		second := w.made(core.Contacts, "email", "b@x.com", "lastname", "Gray", "company", "Co")
		w.again()
		w.optOut("a@x.com")
		_, err := w.Portal.As(admin).Merge("contacts", hs, second)
		w.must(err)
		w.again()
		w.again()
		w.wantOptOut(core.Contact, a, "a@x.com")
		w.wantLifts()
	})
	t.Run("deletion in HubSpot", func(t *testing.T) {
		w := New(t, people())
		a, hs := w.optPair("a@x.com")
		w.tick(core.Contact, a, true)
		w.again()
		w.must(w.Portal.As(admin).Archive("contacts", hs))
		w.again()
		w.tick(core.Contact, a, false)
		w.again()
		w.wantOptOut(core.Contact, a, "a@x.com")
		w.must(w.Engine.Resync(t.Context(), w.Conn, core.ContactPair, []string{a}))
		w.again()
		w.again()
		w.wantMate(a)
		w.wantOptOut(core.Contact, a, "a@x.com")
		w.wantLifts()
	})
}

// TestR19_AnErasedPersonStaysOptedOut without a name: whoever has the address again is
// ticked, though never made again. In classic nothing passes for who does not sync (OPT-4).
func TestR19_AnErasedPersonStaysOptedOut(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), events())
		c, hs := w.optPair("gone@x.com")
		w.optOut("gone@x.com")
		w.again()
		w.again()
		w.wantBox(core.Contact, c, true)
		w.must(w.Portal.As(admin).GDPRDelete(hs))
		w.again()
		w.again()
		w.must(w.Store.View(t.Context(), func(tx *store.Tx) error {
			all, err := tx.Consents(w.Conn.ID, []string{"gone@x.com"})
			if s := all["gone@x.com"]; s.State != core.OptedOut || s.Address != "" {
				t.Errorf("the store keeps %+v", s)
			}
			return err
		}))
		lead := w.made(core.Lead, "LastName", "Again", "Company", "Co", "Email", "gone@x.com")
		w.again()
		w.wantLonely(lead, "AMB-13")
		w.wantBox(core.Lead, lead, w.Conn.Settings.Profile != config.Classic)
		w.wantLifts()
	})
}

// TestLIM12_FiltersHoldNoOptOutBack in either direction.
func TestLIM12_FiltersHoldNoOptOutBack(t *testing.T) {
	w := New(t, people())
	a, _ := w.optPair("a@x.com")
	b, _ := w.optPair("b@x.com")
	w.Restart(func(c *config.Connection) {
		c.Contacts.Filter.FromSalesforce, c.Contacts.Filter.FromHubSpot = `Title == "Boss"`, `jobtitle == "Boss"`
	})
	w.tick(core.Contact, a, true)
	w.optOut("b@x.com")
	w.again()
	w.again()
	w.wantOptOut(core.Contact, a, "a@x.com")
	w.wantOptOut(core.Contact, b, "b@x.com")
	w.wantLifts()
}

// TestI10_AMassOfOptOutsWaitsForAPerson: nobody but the people themselves takes them back.
func TestI10_AMassOfOptOutsWaitsForAPerson(t *testing.T) {
	w := New(t, people(func(c *config.Connection) { c.Brakes.Changed = config.BrakeLimit{AtLeast: 5, Share: 0.5} }))
	var all []string
	for i := range 12 {
		c := w.made(core.Contact, "LastName", "P", "Email", string(rune('a'+i))+"@x.com")
		all = append(all, c)
	}
	w.Sync()
	w.again()
	for _, c := range all {
		w.tick(core.Contact, c, true)
	}
	w.Advance(3 * time.Second)
	_, err := w.TrySync()
	wantCode(t, err, engine.CodeBrake)
	w.wantOut("a@x.com", false)
	w.must(w.Engine.Resume(t.Context(), w.Conn, string(core.BrakeChanged)))
	w.again()
	w.again()
	for i, c := range all {
		w.wantOptOut(core.Contact, c, string(rune('a'+i))+"@x.com")
	}
}

// TestI13_APlanShowsOptOuts and applies them.
func TestI13_APlanShowsOptOuts(t *testing.T) {
	var c string
	w := New(t, people(), Before(func(w *World) {
		c = w.made(core.Contact, "LastName", "Old", "Email", "old@x.com", "HasOptedOutOfEmail", "true")
		w.Advance(time.Hour)
	}))
	id, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: core.ContactPair}, nil)
	w.must(err)
	if counts.Ops["unsubscribe contacts"] != 1 || counts.Ops["create contacts"] != 1 {
		text, _ := json.Marshal(counts)
		t.Errorf("the plan counts %s", text)
	}
	w.wantOut("old@x.com", false)
	done, err := w.Engine.Apply(t.Context(), w.Conn, id)
	w.must(err)
	if done.Applied != 1 || done.Refused+done.Failed != 0 {
		t.Errorf("applied %+v", done)
	}
	w.wantOptOut(core.Contact, c, "old@x.com")
	w.wantMate(c)
}

// TestOPT6_AnOptOutAtTheMomentOfClearingStands: somebody in Salesforce clears the box and
// ticks it again between our reading and our writing, before HubSpot is asked or after.
func TestOPT6_AnOptOutAtTheMomentOfClearingStands(t *testing.T) {
	for name, now := range map[string]func(core.Side, *http.Request) bool{
		"as HubSpot is asked": func(side core.Side, r *http.Request) bool {
			return side == core.HubSpot && strings.Contains(r.URL.Path, "communication-preferences")
		},
		"as it is written": func(side core.Side, r *http.Request) bool { return side == core.Salesforce && isWrite(r) },
	} {
		t.Run(name, func(t *testing.T) {
			w := New(t, people())
			c, hs := w.optPair("a@x.com")
			w.optOut("a@x.com")
			w.again()
			w.again()
			w.Advance(time.Minute)
			w.optBack("a@x.com", "")
			w.change(core.Contacts, hs, "firstname", "Ada") // so that the box does not go alone
			w.Advance(3 * time.Second)
			var once sync.Once
			w.On(func(side core.Side, r *http.Request) error {
				if now(side, r) {
					once.Do(func() {
						w.Advance(3 * time.Second)
						w.tick(core.Contact, c, false)
						w.tick(core.Contact, c, true)
					})
				}
				return nil
			})
			w.Sync()
			w.On(nil)
			w.again()
			w.again()
			w.wantOptOut(core.Contact, c, "a@x.com")
			w.wantLifts()
		})
	}
}

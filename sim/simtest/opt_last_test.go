package simtest

import (
	"context"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// TestOPT2_ATickIsHeardThoughItsRecordIsGone: converted into somebody else, merged away or
// deleted before anybody looked; it was the person's last word.
func TestOPT2_ATickIsHeardThoughItsRecordIsGone(t *testing.T) {
	ways := map[string]func(w *World, lead, other string) error{
		"converted": func(w *World, lead, other string) error {
			account := w.account("Acc")
			w.change(core.Contact, other, "AccountId", account)
			_, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true, AccountID: account, ContactID: other})
			return err
		},
		"deleted": func(w *World, lead, _ string) error { return w.Org.As(admin).Delete("Lead", lead) },
		"merged": func(w *World, lead, _ string) error {
			return w.Org.As(admin).Merge("Lead", w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "other@x.com"), lead)
		},
	}
	for name, goes := range ways {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, people())
				lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "l@x.com")
				w.Sync()
				hs := w.wantMate(lead)
				other := w.made(core.Contact, "LastName", "Gray", "Email", "l@x.com")
				w.again()
				w.Advance(time.Minute)
				w.tick(core.Lead, lead, true)
				w.must(goes(w, lead, other))
				w.again()
				w.again()
				w.wantOut("l@x.com", true)
				if name == "converted" && w.mate(hs) != other {
					t.Errorf("linked with %q, want %s", w.mate(hs), other)
				}
				w.wantLifts()
			})
		})
	}
}

// TestOPT7_ATickOfOursMeansOneAddress: a box that we ticked for the address that opted out
// never opts out the partner's, whatever is edited later.
func TestOPT7_ATickOfOursMeansOneAddress(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		w.optPair("a@x.com")
		b, _ := w.optPair("b@x.com")
		w.optOut("a@x.com")
		w.again()
		w.again()
		w.Advance(time.Minute)
		w.change(core.Contact, b, "Email", "a@x.com") // which HubSpot refuses to b's partner
		w.again()
		w.again()
		w.change(core.Contact, b, "FirstName", "Bea")
		w.again()
		w.again()
		w.Advance(2 * time.Hour)
		w.again()
		w.wantOut("b@x.com", false)
		w.wantOut("a@x.com", true)
	})
}

// TestOPT7_AHiddenBoxIsNotAClearOne: shown again, it is nobody's new tick.
func TestOPT7_AHiddenBoxIsNotAClearOne(t *testing.T) {
	w := New(t, people(), inProfile(config.Classic))
	c, hs := w.optPair("a@x.com")
	w.optOut("a@x.com")
	w.again()
	w.again()
	w.wantBox(core.Contact, c, true)
	w.Advance(time.Minute)
	w.change(core.Contact, c, "Email", "b@x.com")
	w.again()
	w.again()
	w.want(core.Contacts, hs, "email", "b@x.com")
	right := salesforcesim.Right{Object: "Contact", Field: "HasOptedOutOfEmail"}
	for _, shown := range []bool{false, true} {
		right.Read, right.Edit = shown, shown
		w.must(w.Org.SetRight(right))
		w.Advance(2 * time.Hour)
		w.change(core.Contact, c, "FirstName", map[bool]string{false: "Hid", true: "Seen"}[shown])
		w.again()
		w.again()
	}
	w.wantOut("b@x.com", false)
}

// TestOPT2_NobodyIsMadeBeforeTheOptOutIsTold where HubSpot does not take it for a while.
func TestOPT2_NobodyIsMadeBeforeTheOptOutIsTold(t *testing.T) {
	w := New(t, people())
	f := hubspotsim.Fault{Do: "status", Status: 500, Times: 1000}
	f.Match.Path = "/communication-preferences/"
	w.must(w.Portal.Break(f))
	contact := w.made(core.Contact, "LastName", "Gray", "Email", "a@x.com", "HasOptedOutOfEmail", "true")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, _ = w.Engine.Once(ctx, w.Conn)
	w.wantPersons(0, 1, 0)
	w.Portal.Mend()
	w.Advance(time.Hour)
	w.Sync()
	w.wantMate(contact)
	w.wantOptOut(core.Contact, contact, "a@x.com")
	if out, made := w.ledgerSeq("a@x.com", "unsubscribe-all"), w.ledgerSeq(w.wantMate(contact), ""); out == 0 || out > made {
		t.Errorf("opted out by write %d, made by %d", out, made)
	}
}

// TestOPT2_SET2_WhatWasSaidWhileContactSyncWasOffPasses once it is on again, opt-outs and
// edits alike, of those who were in step before.
func TestOPT2_SET2_WhatWasSaidWhileContactSyncWasOffPasses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		a, ha := w.optPair("a@x.com")
		b, _ := w.optPair("b@x.com")
		w.Restart(func(c *config.Connection) { c.Contacts.Sync = false })
		w.Sync()
		w.Advance(time.Minute)
		w.tick(core.Contact, a, true)
		w.optOut("b@x.com")
		w.change(core.Contacts, ha, "firstname", "Off")
		w.again()
		w.wantOut("a@x.com", false)
		w.Advance(time.Minute)
		w.Restart(func(c *config.Connection) { c.Contacts.Sync = true })
		w.again()
		w.again()
		w.wantOptOut(core.Contact, a, "a@x.com")
		w.wantOptOut(core.Contact, b, "b@x.com")
		w.want(core.Contact, a, "FirstName", "Off")
		w.wantStill(t)
	})
}

// TestOPT6_TheOtherAddressOfAPairHoldsItsBox, though the pair is not in the batch in which
// the one comes back.
func TestOPT6_TheOtherAddressOfAPairHoldsItsBox(t *testing.T) {
	w := New(t, people(func(c *config.Connection) { c.Mappings["contact"][0].Rule = "none" }))
	first := w.made(core.Contact, "LastName", "Zero", "Email", "a@x.com")
	w.Sync()
	w.wantMate(first)
	second, _ := w.optPair("b@x.com")
	w.change(core.Contact, second, "Email", "a@x.com") // its partner keeps b@x.com
	w.again()
	w.optOut("a@x.com")
	w.again()
	w.again()
	w.Advance(time.Minute)
	w.optOut("b@x.com")
	w.again()
	w.again()
	w.Advance(time.Hour)
	w.again()
	w.wantOut("b@x.com", true)
	w.optBack("a@x.com", "")
	w.again()
	w.again()
	w.wantLifts(first)
	w.wantBox(core.Contact, first, false)
	w.wantBox(core.Contact, second, true)
}

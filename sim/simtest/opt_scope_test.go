package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// vip makes a world in which only bosses are in the inclusion list.
func vip(t *testing.T, profile Option) *World {
	return New(t, profile, people(func(c *config.Connection) { c.Contacts.InclusionList = "vip" }),
		Before(func(w *World) { w.list("vip", propertyIs("jobtitle", "Boss")) }))
}

// TestOPT4_OutsideTheList: in classic nothing passes for a contact outside the inclusion
// list until it syncs, in tandem the opt-out does (LIM-12).
func TestOPT4_OutsideTheList(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := vip(t, profile)
		classic := w.Conn.Settings.Profile == config.Classic
		c, hs := w.optPair("a@x.com")
		d, _ := w.optPair("b@x.com")
		w.tick(core.Contact, c, true)
		w.optOut("b@x.com")
		w.again()
		w.again()
		w.wantOut("a@x.com", !classic)
		w.wantBox(core.Contact, d, !classic)
		if x := w.explainPerson(c); classic && (len(x.Consent) != 1 || x.Consent[0].Rule.Rule != "OPT-4") {
			t.Errorf("explain shows %+v", x.Consent)
		}
		w.change(core.Contact, c, "Title", "Boss")
		w.change(core.Contacts, hs, "jobtitle", "Boss")
		w.again()
		w.again()
		w.wantOut("a@x.com", true)
		w.wantLifts()
	})
}

// TestLIM12_EveryoneWithTheAddressIsTicked, linked or not; an opt-out of somebody who has
// no contact in HubSpot is kept until there is one.
func TestLIM12_EveryoneWithTheAddressIsTicked(t *testing.T) {
	var old string
	w := New(t, people(), Before(func(w *World) {
		old = w.made(core.Lead, "LastName", "Old", "Company", "Co", "Email", "A@x.com")
		w.Advance(time.Hour)
	}))
	c, _ := w.optPair("a@x.com")
	w.optOut("a@x.com")
	w.again()
	w.again()
	w.wantBox(core.Contact, c, true)
	w.wantBox(core.Lead, old, true)
	w.Advance(time.Minute)
	w.optBack("a@x.com", "")
	w.again()
	w.again()
	w.wantBox(core.Contact, c, false)
	w.wantBox(core.Lead, old, false)
	w.wantLifts(c, old)
	w.Advance(time.Minute)
	w.tick(core.Lead, old, true)
	w.again()
	w.again()
	w.wantOptOut(core.Contact, c, "a@x.com")
	fresh := w.made(core.Lead, "LastName", "New", "Company", "Co", "Email", "a@x.com")
	w.again()
	w.wantBox(core.Lead, fresh, true)
	w.wantStill(t)
}

// TestLIM12_AnOptOutWaitsForItsContact: a lead that HubSpot has no contact for keeps its
// opt-out, also after it is gone, until a contact with the address appears.
func TestLIM12_AnOptOutWaitsForItsContact(t *testing.T) {
	w := New(t, people(func(c *config.Connection) { c.Contacts.FromSalesforce = "update_only" }))
	lead := w.made(core.Lead, "LastName", "Lone", "Company", "Co", "Email", "lone@x.com", "HasOptedOutOfEmail", "true")
	w.Sync()
	w.wantOut("lone@x.com", false)
	if x := w.explainPerson(lead); len(x.Consent) != 1 || x.Consent[0].State != core.OptedOut || x.Consent[0].Known != nil || !strings.Contains(x.Consent[0].Origin, lead) {
		t.Errorf("explain shows %+v", x.Consent)
	}
	w.must(w.Org.As(admin).Delete("Lead", lead))
	w.again()
	w.made(core.Contacts, "email", "Lone@x.com", "lastname", "Lone", "company", "Co")
	w.again()
	w.again()
	w.wantOut("lone@x.com", true)
	w.wantLifts()
}

// TestOPT2_WhoIsMadeComesOptedOut: the record that is made for somebody opted out is made
// ticked, and an address is opted out before its contact stands.
func TestOPT2_WhoIsMadeComesOptedOut(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		w.optOut("hs@x.com")
		hs := w.made(core.Contacts, "email", "hs@x.com", "lastname", "Hs", "company", "Co")
		w.Advance(3 * time.Second)
		sf := w.made(core.Contact, "LastName", "Sf", "Email", "sf@x.com", "HasOptedOutOfEmail", "true")
		w.Sync()
		lead := w.wantMate(hs)
		w.wantOptOut(core.Lead, lead, "hs@x.com")
		w.wantOptOut(core.Contact, sf, "sf@x.com")
		for _, e := range w.Org.Ledger() {
			if e.ID == lead && e.Field == "HasOptedOutOfEmail" && e.Op != "create" {
				t.Errorf("the lead was ticked later: %+v", e)
			}
		}
		if out, made := w.ledgerSeq("sf@x.com", "unsubscribe-all"), w.ledgerSeq(w.wantMate(sf), ""); out == 0 || out > made {
			t.Errorf("opted out by write %d, made by %d", out, made)
		}
		w.again()
		w.wantStill(t)
		w.wantLifts()
	})
}

// ledgerSeq is the number of the portal's first write of a property of a record.
func (w *World) ledgerSeq(id, property string) int64 {
	for _, e := range w.Portal.Ledger() {
		if e.ID == id && (e.Property == property || property == "") {
			return e.Seq
		}
	}
	return 0
}

// TestOPT7_ANewAddressDoesNotInheritTheOptOut in the original's profile: the box stays on the record, the old address
// stays opted out, the new one is not; ticking it again opts that out.
func TestOPT7_ANewAddressDoesNotInheritTheOptOut(t *testing.T) {
	w := New(t, inProfile(config.Classic), people())
	c, hs := w.optPair("old@x.com")
	w.tick(core.Contact, c, true)
	w.again()
	w.again()
	w.wantOut("old@x.com", true)
	w.change(core.Contact, c, "Email", "new@x.com")
	w.again()
	w.again()
	w.want(core.Contacts, hs, "email", "new@x.com")
	w.wantOut("new@x.com", false)
	w.wantOptOut(core.Contact, c, "old@x.com")
	if x := w.explainPerson(c); len(x.Consent) != 1 || x.Consent[0].Rule.Rule != "OPT-7" {
		t.Errorf("explain shows %+v", x.Consent)
	}
	w.wantStill(t)
	w.tick(core.Contact, c, false)
	w.again()
	w.wantBox(core.Contact, c, false)
	w.tick(core.Contact, c, true)
	w.again()
	w.again()
	w.wantOptOut(core.Contact, c, "new@x.com")
	w.change(core.Contact, c, "Email", "third@x.com")
	w.tick(core.Contact, c, false)
	w.again()
	w.change(core.Contact, c, "Email", "old@x.com") // back to one that is opted out
	w.again()
	w.again()
	w.wantBox(core.Contact, c, true)
	w.wantLifts()
}

// apart makes a pair whose records have different addresses, which do not pass.
func apart(t *testing.T) (w *World, contact string) {
	w = New(t, people(func(c *config.Connection) { c.Mappings["contact"] = c.Mappings["contact"][1:] }))
	contact, hs := w.optPair("a@x.com")
	w.change(core.Contacts, hs, "email", "b@x.com")
	w.again()
	return w, contact
}

// TestOPT7_APairWithTwoAddresses: HubSpot's opt-out ticks the partner's box and says nothing
// about the partner's own address; a person's tick opts out both, and one that is back
// clears nothing.
func TestOPT7_APairWithTwoAddresses(t *testing.T) {
	t.Run("from HubSpot", func(t *testing.T) {
		w, c := apart(t)
		w.optOut("b@x.com")
		w.again()
		w.again()
		w.wantBox(core.Contact, c, true)
		w.change(core.Contact, c, "Title", "CFO")
		w.again()
		w.wantOut("a@x.com", false)
		w.Advance(time.Minute)
		w.optBack("b@x.com", "")
		w.again()
		w.again()
		w.wantBox(core.Contact, c, false)
		w.wantLifts(c)
	})
	t.Run("from Salesforce", func(t *testing.T) {
		w, c := apart(t)
		w.tick(core.Contact, c, true)
		w.again()
		w.wantOut("a@x.com", false) // HubSpot has nobody with it: it is kept here
		w.wantOut("b@x.com", true)
		w.Advance(time.Minute)
		w.optBack("b@x.com", "")
		w.again()
		w.again()
		w.wantBox(core.Contact, c, true)
		w.wantOut("b@x.com", false)
		w.wantLifts()
	})
}

// TestOPT3_AnIntegrationsSubscriptionDoesNotCount without a legal basis: the box stays and
// the address is opted out again (LIM-13).
func TestOPT3_AnIntegrationsSubscriptionDoesNotCount(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		c, _ := w.optPair("a@x.com")
		w.optOut("a@x.com")
		w.again()
		w.Advance(time.Minute)
		w.again()
		w.subscribeByAPI("a@x.com")
		w.wantOut("a@x.com", false)
		w.again()
		w.again()
		w.wantOptOut(core.Contact, c, "a@x.com")
		w.wantBox(core.Contact, c, true)
	})
}

// TestOPT2_WhatIsNotAllowedIsAnIssue of the record, and nothing else stops.
func TestOPT2_WhatIsNotAllowedIsAnIssue(t *testing.T) {
	t.Run("scopes", func(t *testing.T) {
		w := New(t, people())
		c, hs := w.optPair("a@x.com")
		scopes := []string{"communication_preferences.read", "communication_preferences.write", "communication_preferences.read_write"}
		w.must(w.Portal.Configure(hubspotsim.Settings{RemoveScopes: scopes}))
		w.tick(core.Contact, c, true)
		w.change(core.Contact, c, "FirstName", "Ada")
		w.again()
		w.want(core.Contacts, hs, "firstname", "Ada")
		w.wantIssue(core.CategoryPermissions, "missing_scope", "")
		w.must(w.Portal.Configure(hubspotsim.Settings{AddScopes: scopes}))
		w.Advance(time.Hour)
		w.Sync()
		w.again()
		w.wantOptOut(core.Contact, c, "a@x.com")
		w.wantNoIssues()
	})
	for name, read := range map[string]bool{"a hidden box": false, "a box to read only": true} {
		t.Run(name, func(t *testing.T) {
			w := New(t, people())
			c, hs := w.optPair("a@x.com")
			right := salesforcesim.Right{Object: "Contact", Field: "HasOptedOutOfEmail", Read: read}
			w.must(w.Org.SetRight(right))
			w.Restart()
			w.optOut("a@x.com")
			w.change(core.Contacts, hs, "firstname", "Ada")
			w.again()
			w.again()
			w.want(core.Contact, c, "FirstName", "Ada")
			w.wantIssue(core.CategoryPermissions, "opt_out_not_written", "HasOptedOutOfEmail")
			right.Read, right.Edit = true, true
			w.must(w.Org.SetRight(right))
			w.Restart()
			w.Advance(time.Hour)
			w.Sync()
			w.again()
			w.wantOptOut(core.Contact, c, "a@x.com")
			w.wantNoIssues()
		})
	}
}

// TestOPT6_ExplainTellsWhoSaidWhat with the record, the time and the legal basis.
func TestOPT6_ExplainTellsWhoSaidWhat(t *testing.T) {
	w := New(t, people())
	c, hs := w.optPair("a@x.com")
	if x := w.explainPerson(c); x.Consent != nil {
		t.Errorf("nobody opted out, and explain shows %+v", x.Consent)
	}
	w.optOut("a@x.com")
	w.again()
	w.again()
	x := w.explainPerson(c)
	if len(x.Consent) != 1 || x.Verdict != engine.InSync {
		t.Fatalf("explain shows %+v, %s", x.Consent, x.Verdict)
	}
	v := x.Consent[0]
	if v.State != core.OptedOut || !v.Salesforce || !v.HubSpot || v.Known == nil || v.Since == nil || !strings.Contains(v.Origin, hs) || v.Rule.Rule != "OPT-2" {
		t.Errorf("explain shows %+v", v)
	}
	w.Advance(time.Minute)
	w.optBack("a@x.com", "CONSENT_WITH_NOTICE")
	w.again()
	w.again()
	if v := w.explainPerson(c).Consent[0]; v.State != core.Resubscribed || v.Salesforce || v.HubSpot || v.Back == nil || v.Basis != "CONSENT_WITH_NOTICE" || v.Source != "Manual update" || v.Rule.Rule != "OPT-6" {
		t.Errorf("explain shows %+v", v)
	}
}

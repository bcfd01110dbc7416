package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// meeting joins a contact of Salesforce with one of HubSpot that has another address, as a
// person does or a match key other than the address.
func meeting(t *testing.T, profile Option, optOut func(w *World, contact string)) (w *World, contact, hs string) {
	w = New(t, profile, people())
	contact = w.made(core.Contact, "LastName", "Dora", "Email", "sf@x.com")
	hs = w.made(core.Contacts, "email", "hs@x.com", "lastname", "Dora")
	optOut(w, contact)
	w.must(w.Engine.Link(t.Context(), w.Conn, core.ContactPair, contact, hs))
	w.Advance(3 * time.Second)
	w.Sync()
	if w.wantMate(contact) != hs {
		t.Fatal("they are not linked")
	}
	return w, contact, hs
}

// wantOutBefore fails unless an address was opted out before the contact got it.
func (w *World) wantOutBefore(hs, email string) {
	w.T.Helper()
	var out, moved int64
	for _, e := range w.Portal.Ledger() {
		switch {
		case e.ID == email && e.Op == "consent" && out == 0:
			out = e.Seq
		case e.ID == hs && e.Property == "email" && e.After == email:
			moved = e.Seq
		}
	}
	if out == 0 || moved == 0 || out > moved {
		w.T.Errorf("%s was opted out by write %d, and given to the contact by write %d", email, out, moved)
	}
}

// TestOPT2_OPT7_WhoMeetsUnderTwoAddressesStaysOptedOut: nobody changed an address, so the
// opt-out of either is the person's, and the address that stays has it from the start.
func TestOPT2_OPT7_WhoMeetsUnderTwoAddressesStaysOptedOut(t *testing.T) {
	t.Run("in HubSpot", func(t *testing.T) {
		inBoth(t, func(t *testing.T, profile Option) {
			w, contact, hs := meeting(t, profile, func(w *World, _ string) { w.optOut("hs@x.com") })
			w.want(core.Contacts, hs, "email", "sf@x.com")
			w.wantOptOut(core.Contact, contact, "sf@x.com")
			w.wantOutBefore(hs, "sf@x.com")
			w.again()
			if x := w.explainPerson(contact); len(x.Consent) != 1 || x.Consent[0].State != core.OptedOut {
				t.Errorf("explain shows %+v", x.Consent)
			}
			w.wantStill(t)
			w.Advance(time.Minute)
			w.again()
			w.optBack("sf@x.com", "")
			w.again()
			w.again()
			w.wantBox(core.Contact, contact, false)
			w.wantLifts(contact)
			w.wantStill(t)
		})
	})
	t.Run("in Salesforce", func(t *testing.T) {
		inBoth(t, func(t *testing.T, profile Option) {
			w, contact, hs := meeting(t, profile, func(w *World, contact string) { w.tick(core.Contact, contact, true) })
			w.want(core.Contacts, hs, "email", "sf@x.com")
			w.wantOptOut(core.Contact, contact, "sf@x.com")
			w.wantOutBefore(hs, "sf@x.com")
			w.wantStill(t)
			w.wantLifts()
		})
	})
}

// TestOPT1_TRIG2_TRIG3_SayingGoodbyeMakesNobody on the other side: who existed before the
// switch and opts out stays away, and comes with a later edit of a mapped field.
func TestOPT1_TRIG2_TRIG3_SayingGoodbyeMakesNobody(t *testing.T) {
	for name, more := range map[string]Option{"told by polls": func(*setup) {}, "told by events": events()} {
		t.Run(name, func(t *testing.T) {
			var lead, hs, company string
			w := New(t, people(), more, existed(func(w *World) {
				lead = w.made(core.Lead, "LastName", "Otto", "Company", "Co", "Email", "otto@x.com")
				hs = w.made(core.Contacts, "email", "quin@x.com", "lastname", "Quin", "company", "Co")
				company = w.company("Co", hs)
			}))
			w.Sync()
			w.optOut("quin@x.com")
			w.tick(core.Lead, lead, true)
			for range 3 {
				w.again()
			}
			w.wantPersons(1, 0, 1)
			w.wantLonely(hs, "CON-1")
			w.wantLonely(lead, "CON-1")
			if w.partner(company) != "" {
				t.Error("an account was made")
			}
			w.Advance(time.Hour)
			w.change(core.Contacts, hs, "city", "Rome")
			w.change(core.Lead, lead, "City", "Oslo")
			w.again()
			w.again()
			w.wantOptOut(core.Lead, w.wantMate(hs), "quin@x.com")
			w.want(core.Contacts, w.wantMate(lead), "city", "Oslo")
			w.wantOut("otto@x.com", true)
			w.wantLifts()
		})
	}
}

// TestOPT1_OPT4_TRIG3_InClassicSayingGoodbyeIsAnEdit: there the opt-out is one of the mapped
// fields, so that it brings over who existed before the switch, opted out from the start.
func TestOPT1_OPT4_TRIG3_InClassicSayingGoodbyeIsAnEdit(t *testing.T) {
	var lead, hs string
	w := New(t, Settings(func(c *config.Connection) { c.Profile = config.Classic }), people(), existed(func(w *World) {
		lead = w.made(core.Lead, "LastName", "Otto", "Company", "Co", "Email", "otto@x.com")
		hs = w.made(core.Contacts, "email", "quin@x.com", "lastname", "Quin", "company", "Co")
	}))
	w.Sync()
	w.wantPersons(1, 0, 1)
	w.tick(core.Lead, lead, true)
	w.optOut("quin@x.com")
	for range 3 {
		w.again()
	}
	w.wantMate(lead)
	w.wantOptOut(core.Lead, w.wantMate(hs), "quin@x.com")
	w.wantOptOut(core.Lead, lead, "otto@x.com")
	if out, made := w.ledgerSeq("otto@x.com", "unsubscribe-all"), w.ledgerSeq(w.mate(lead), ""); out == 0 || out > made {
		t.Errorf("opted out by write %d, made by %d", out, made)
	}
	w.wantLifts()
}

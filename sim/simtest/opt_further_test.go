package simtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// merged is a HubSpot contact with the first address p@x.com and the further one s@x.com,
// which opted out before the two were merged where before says so.
func merged(w *World, before bool) string {
	w.T.Helper()
	first := w.made(core.Contacts, "email", "p@x.com", "lastname", "Prim", "company", "Co")
	second := w.made(core.Contacts, "email", "s@x.com", "lastname", "Sec", "company", "Co")
	if before {
		w.optOut("s@x.com")
	}
	id, err := w.Portal.As(admin).Merge("contacts", first, second)
	w.must(err)
	return id
}

// TestOPT2_OPT7_AFurtherAddressIsHeard: consent belongs to the address, also to one that is
// not the first of its contact and that no contact of HubSpot can be made for.
func TestOPT2_OPT7_AFurtherAddressIsHeard(t *testing.T) {
	w := New(t, people())
	hs := merged(w, true)
	w.Sync()
	lead := w.wantMate(hs)
	w.Advance(time.Minute)
	contact := w.made(core.Contact, "LastName", "Second", "Email", "s@x.com")
	w.again()
	w.again()
	w.wantOptOut(core.Contact, contact, "s@x.com")
	w.wantBox(core.Lead, lead, false)
	w.wantOut("p@x.com", false)
	w.Advance(time.Hour)
	w.optBack("s@x.com", "")
	w.Advance(25 * time.Hour)
	w.again()
	w.again()
	w.wantBox(core.Contact, contact, false)
	w.wantLifts(contact)
}

// TestOPT2_OPT7_ATickPassesToAFurtherAddress, and to no other of its contact.
func TestOPT2_OPT7_ATickPassesToAFurtherAddress(t *testing.T) {
	w := New(t, people())
	hs := merged(w, false)
	w.Sync()
	lead := w.wantMate(hs)
	w.Advance(time.Minute)
	contact := w.made(core.Contact, "LastName", "Second", "Email", "s@x.com", "HasOptedOutOfEmail", "true")
	w.again()
	w.again()
	w.wantOptOut(core.Contact, contact, "s@x.com")
	w.wantBox(core.Lead, lead, false)
	w.wantOut("p@x.com", false)
}

// TestOPT7_AConversionIsNoNewTick: it copies the box, and whoever ticked it meant the
// address that the lead had then.
func TestOPT7_AConversionIsNoNewTick(t *testing.T) {
	for name, more := range map[string]Option{"told by polls": func(*setup) {}, "told by events": events()} {
		t.Run(name, func(t *testing.T) {
			w := New(t, people(), inProfile(config.Classic), more)
			lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "a@x.com")
			w.Sync()
			hs := w.wantMate(lead)
			w.tick(core.Lead, lead, true)
			w.again()
			w.again()
			w.Advance(time.Minute)
			w.change(core.Lead, lead, "Email", "b@x.com")
			w.again()
			w.again()
			w.want(core.Contacts, hs, "email", "b@x.com")
			made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
			w.must(err)
			w.again()
			w.again()
			w.change(core.Contact, made.ContactID, "FirstName", "Ann")
			w.again()
			w.again()
			if w.mate(hs) != made.ContactID {
				t.Fatal("the link did not move")
			}
			w.wantOut("b@x.com", false)
			w.wantOut("a@x.com", true)
			w.tick(core.Contact, made.ContactID, false)
			w.again()
			w.tick(core.Contact, made.ContactID, true) // a person's word about the address it has now
			w.again()
			w.wantOut("b@x.com", true)
		})
	}
}

// TestOPT7_ManyConversionsAreNoNewTicks, whether the lead or the contact is looked at first.
func TestOPT7_ManyConversionsAreNoNewTicks(t *testing.T) {
	w := New(t, inProfile(config.Classic), people())
	leads := make([]string, 16)
	for i := range leads {
		leads[i] = w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", fmt.Sprintf("a%d@x.com", i))
	}
	w.Sync()
	for _, lead := range leads {
		w.tick(core.Lead, lead, true)
	}
	w.again()
	w.Advance(time.Minute)
	for i, lead := range leads {
		w.change(core.Lead, lead, "Email", fmt.Sprintf("b%d@x.com", i))
	}
	w.again()
	w.again()
	for _, lead := range leads {
		made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
		w.must(err)
		w.again()
		w.change(core.Contact, made.ContactID, "FirstName", "Ann")
	}
	w.again()
	for i := range leads {
		w.wantOut(fmt.Sprintf("a%d@x.com", i), true)
		w.wantOut(fmt.Sprintf("b%d@x.com", i), false)
	}
}

// TestOPT2_AConvertedContactHasAWordOfItsOwn: who was there before the conversion ticked
// the box for her own address.
func TestOPT2_AConvertedContactHasAWordOfItsOwn(t *testing.T) {
	w := New(t, people())
	lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "a@x.com")
	w.Sync()
	hs := w.wantMate(lead)
	w.tick(core.Lead, lead, true)
	w.again()
	w.change(core.Lead, lead, "Email", "b@x.com")
	w.again()
	w.again()
	account := w.account("Edge")
	contact := w.made(core.Contact, "LastName", "Gray", "Email", "b@x.com", "AccountId", account)
	w.Advance(time.Minute)
	w.tick(core.Contact, contact, true)
	_, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true, AccountID: account, ContactID: contact})
	w.must(err)
	w.again()
	w.again()
	if w.mate(hs) != contact {
		t.Fatal("the link did not move")
	}
	w.wantOptOut(core.Contact, contact, "b@x.com")
}

// TestOPT2_NobodyIsGivenAnAddressBeforeItsOptOutIsTold where HubSpot does not take it for a
// while: of two records that meet under two addresses, the one that opted out comes later.
func TestOPT2_NobodyIsGivenAnAddressBeforeItsOptOutIsTold(t *testing.T) {
	w := New(t, people())
	contact := w.made(core.Contact, "LastName", "Dora", "Email", "sf@x.com")
	hs := w.made(core.Contacts, "email", "hs@x.com", "lastname", "Dora")
	w.tick(core.Contact, contact, true)
	f := hubspotsim.Fault{Do: "status", Status: 500, Times: 1000}
	f.Match.Path = "/communication-preferences/"
	w.must(w.Portal.Break(f))
	w.must(w.Engine.Link(t.Context(), w.Conn, core.ContactPair, contact, hs))
	w.Advance(3 * time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, _ = w.Engine.Once(ctx, w.Conn)
	w.want(core.Contacts, hs, "email", "hs@x.com")
	w.Portal.Mend()
	w.Advance(time.Hour)
	w.Sync()
	w.want(core.Contacts, hs, "email", "sf@x.com")
	w.wantOptOut(core.Contact, contact, "sf@x.com")
	w.wantOutBefore(hs, "sf@x.com")
}

// TestOPT7_ExplainTellsOfAFurtherAddressThatOptedOut beside the first one, which did not.
func TestOPT7_ExplainTellsOfAFurtherAddressThatOptedOut(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		hs := merged(w, false)
		w.Sync()
		lead := w.wantMate(hs)
		w.Advance(time.Minute)
		w.optOut("s@x.com")
		w.again()
		w.again()
		x := w.explainPerson(lead)
		if len(x.Consent) != 1 || x.Consent[0].Address != "s@x.com" || x.Consent[0].State != core.OptedOut || !x.Consent[0].HubSpot {
			t.Errorf("explain shows %+v", x.Consent)
		}
	})
}

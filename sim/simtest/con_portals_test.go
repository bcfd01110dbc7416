package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestINST7_LIM25_TwoPortalsOnOneOrg have a key field each, and what the one brings into
// the org is not made again in the other; an import or a person brings it all the same.
func TestINST7_LIM25_TwoPortalsOnOneOrg(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		first := New(t, profile, people(becomesContact))
		second := New(serial{t}, profile, people(becomesContact), Beside(first))
		both := func() {
			first.again()
			second.again()
		}
		hs := first.made(core.Contacts, "email", "ada@x.com", "lastname", "Gray")
		company := first.company("Edge")
		first.Resync(company)
		both()
		contact, account := first.wantMate(hs), first.partner(company)
		second.wantLonely(contact, "LIM-25")
		if x := second.Explain(account); x.Verdict != engine.OutOfScope || x.Rules[len(x.Rules)-1].Rule != "LIM-25" {
			t.Errorf("the account: %s, %+v", x.Verdict, x.Rules)
		}
		first.change(core.Contact, contact, "FirstName", "Ada") // an edit is no word for it
		both()
		second.wantLonely(contact, "LIM-25")
		own := first.made(core.Contact, "LastName", "Brown", "Email", "bo@x.com") // a person of the org makes it
		both()
		bo := [2]string{first.wantMate(own), second.wantMate(own)}
		second.must(second.Engine.Resync(t.Context(), second.Conn, core.ContactPair, []string{contact}))
		both()
		ada := second.wantMate(contact)
		first.change(core.Contacts, hs, "firstname", "Adele")
		both()
		second.want(core.Contacts, ada, "firstname", "Adele")
		second.change(core.Contacts, bo[1], "firstname", "Bo")
		second.again()
		first.again()
		first.want(core.Contacts, bo[0], "firstname", "Bo")
		first.wantPersons(0, 2, 2)
		second.wantPersons(0, 2, 2)
		first.wantStill(t)
		second.wantStill(t)
	})
}

// TestOPT6_INST7_WhoComesBackInOnePortalStaysBack: another portal of the org still has the
// address opted out and keeps the one box ticked, which says nothing new to the first. A
// word in the other portal clears it; a new opt-out there passes as any does.
func TestOPT6_INST7_WhoComesBackInOnePortalStaysBack(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		first := New(t, profile, people())
		second := New(serial{t}, profile, people(), Beside(first), Unopened())
		first.joinedBy(second)
		both := func() {
			for range 3 {
				first.again()
				second.again()
			}
		}
		contact := first.made(core.Contact, "LastName", "Gray", "Email", "a@x.com")
		both()
		first.wantMate(contact)
		second.wantMate(contact)
		first.Advance(time.Minute)
		first.optOut("a@x.com")
		both()
		first.wantBox(core.Contact, contact, true)
		second.wantOut("a@x.com", true)

		first.Advance(time.Hour)
		first.optBack("a@x.com", "")
		both()
		first.change(core.Contact, contact, "FirstName", "Ada")
		both()
		first.wantOut("a@x.com", false)
		second.wantOut("a@x.com", true)
		first.wantBox(core.Contact, contact, true)

		first.Advance(time.Hour)
		second.optBack("a@x.com", "")
		both()
		first.wantBox(core.Contact, contact, false)
		first.wantOut("a@x.com", false)
		second.wantOut("a@x.com", false)

		first.Advance(time.Hour)
		second.optOut("a@x.com")
		both()
		first.wantOptOut(core.Contact, contact, "a@x.com")
	})
}

// joinedBy serves a world that is not open yet by the same engine and store.
func (w *World) joinedBy(second *World) {
	w.T.Helper()
	_ = w.Store.Close()
	w.Join(second, "second")
	w.Open()
	w.Advance(3 * time.Second)
}

// TestINST7_TRIG3_AnImportForOnePortalBringsNobodyToTheOther: the key that it puts on people of
// before the switch is no edit of theirs.
func TestINST7_TRIG3_AnImportForOnePortalBringsNobodyToTheOther(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var old string
		first := New(t, profile, people(), Before(func(w *World) {
			old = w.made(core.Contact, "LastName", "Old", "Email", "old@x.com")
			w.Advance(time.Hour)
		}))
		second := New(serial{t}, profile, people(), Beside(first))
		both := func() {
			first.again()
			second.again()
		}
		both()
		second.sweepAll()
		first.importing(core.ContactPair, core.Salesforce)
		both()
		both()
		first.wantMate(old)
		second.wantLonely(old, "CON-1")
		second.change(core.Contact, old, "FirstName", "Ada")
		both()
		both()
		second.want(core.Contacts, second.wantMate(old), "firstname", "Ada")
	})
}

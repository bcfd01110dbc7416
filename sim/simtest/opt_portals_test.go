package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
)

// TestOPT6_INST7_TheBoxIsHeldByEachPortalThatKnowsTheOptOut, served or paused: who comes back
// in one portal has the box back once the other has heard so too, and until then nobody
// clears it, not even for a moment.
func TestOPT6_INST7_TheBoxIsHeldByEachPortalThatKnowsTheOptOut(t *testing.T) {
	for _, name := range []string{"served", "paused"} {
		t.Run(name, func(t *testing.T) {
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
				second.wantMate(contact)
				second.Advance(time.Minute)
				second.optOut("a@x.com")
				both()
				first.wantOptOut(core.Contact, contact, "a@x.com")

				if name == "paused" {
					second.must(second.Engine.Pause(t.Context(), second.Conn))
				}
				first.Advance(time.Hour)
				first.optBack("a@x.com", "")
				first.again()
				if name == "served" {
					both()
				}
				first.again()
				first.wantBox(core.Contact, contact, true)
				first.Advance(time.Hour)
				first.change(core.Contact, contact, "FirstName", "Ada") // no new word about the opt-out
				first.again()
				first.again()
				first.wantOut("a@x.com", false)
				second.wantOut("a@x.com", true)
				first.wantLifts()

				if name == "paused" {
					second.must(second.Engine.Resume(t.Context(), second.Conn))
				}
				first.Advance(time.Hour)
				second.optBack("a@x.com", "")
				both()
				first.wantBox(core.Contact, contact, false)
				first.wantOut("a@x.com", false)
				second.wantOut("a@x.com", false)
				first.wantLifts(contact)
				first.wantStill(t)
				second.wantStill(t)
			})
		})
	}
}

// TestOPT6_INST7_ADisconnectedPortalHoldsNoBox: nobody could ever come back there.
func TestOPT6_INST7_ADisconnectedPortalHoldsNoBox(t *testing.T) {
	first := New(t, people())
	second := New(serial{t}, people(), Beside(first), Unopened())
	first.joinedBy(second)
	contact := first.made(core.Contact, "LastName", "Gray", "Email", "a@x.com")
	first.again()
	second.again()
	second.Advance(time.Minute)
	second.optOut("a@x.com")
	for range 3 {
		second.again()
		first.again()
	}
	first.wantOptOut(core.Contact, contact, "a@x.com")
	first.Advance(time.Hour)
	first.optBack("a@x.com", "")
	first.again()
	first.wantBox(core.Contact, contact, true)
	second.must(second.Engine.Disconnect(t.Context(), second.Conn))
	first.Advance(time.Hour)
	first.again()
	first.wantBox(core.Contact, contact, false)
	first.wantLifts(contact)
}

// TestOPT6_INST7_WhoComesBackInBothPortalsAtOnceIsBack: each connection finds the opt-out
// with the other, and the one that looks again clears the box.
func TestOPT6_INST7_WhoComesBackInBothPortalsAtOnceIsBack(t *testing.T) {
	first := New(t, people())
	second := New(serial{t}, people(), Beside(first), Unopened())
	first.joinedBy(second)
	contact := first.made(core.Contact, "LastName", "Gray", "Email", "a@x.com")
	first.again()
	second.again()
	first.Advance(time.Minute)
	first.tick(core.Contact, contact, true)
	for range 3 {
		first.again()
		second.again()
	}
	second.wantOptOut(core.Contact, contact, "a@x.com")
	first.Advance(time.Hour)
	first.optBack("a@x.com", "")
	second.optBack("a@x.com", "")
	first.again()
	first.wantBox(core.Contact, contact, true) // the other has not heard of it yet
	second.again()
	first.wantBox(core.Contact, contact, false)
	first.Advance(time.Hour)
	first.again()
	second.again()
	first.wantLifts(contact)
	first.wantOut("a@x.com", false)
	second.wantOut("a@x.com", false)
}

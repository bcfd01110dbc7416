package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
)

// mergeAs merges two contacts of HubSpot and names the survivor.
func (w *World) mergeAs(primary, loser string) (survivor string) {
	w.T.Helper()
	survivor, err := w.Portal.As(admin).Merge("contacts", primary, loser)
	w.must(err)
	return survivor
}

// TestLIM7_DEDUP9_WhoIsMergedOnBothSidesStaysLinked where a lead with one of the addresses
// waits for a partner: the survivor in HubSpot is that of the survivor in Salesforce.
func TestLIM7_DEDUP9_WhoIsMergedOnBothSidesStaysLinked(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, more := range map[string]Option{"told by polls": func(*setup) {}, "told by events": events()} {
			t.Run(name, func(t *testing.T) {
				w := New(t, profile, people(), more)
				ann, first := w.optPair("ann@x.com")
				bea, second := w.optPair("bea@x.com")
				lead := w.made(core.Lead, "LastName", "Able", "Company", "Co", "Email", "ann@x.com", "Phone", "+1 999")
				w.again()
				w.wantInUse(lead, first)
				w.Advance(time.Minute)
				w.must(w.Org.As(admin).Merge("Contact", bea, ann))
				w.again()
				if !w.parked(first) {
					t.Fatalf("the link of the merged one is %q", w.linkState(first))
				}
				w.Advance(time.Minute)
				survivor := w.mergeAs(first, second)
				for range 3 {
					w.again()
				}
				if got := w.mate(bea); got != survivor {
					t.Errorf("the survivor of Salesforce is linked with %q, want %s", got, survivor)
				}
				w.wantInUse(lead, survivor)
				w.want(core.Lead, lead, "Phone", "+1 999")
				w.wantPersons(1, 1, 1)
			})
		}
	})
}

// leftOver are a contact of Salesforce and one of HubSpot that each wait since a merge: the
// one's partner was merged into the other, whose own partner was merged into somebody else.
func leftOver(t *testing.T, profile Option) (w *World, contact, hs string) {
	t.Helper()
	w = New(t, profile, people())
	contact, gone := w.optPair("c@x.com")
	other, primary := w.optPair("x@x.com")
	third, _ := w.optPair("q@x.com")
	hs = w.mergeAs(primary, gone)
	w.again()
	w.again()
	if state := w.linkState(contact); state != core.LinkParked {
		t.Fatalf("the link of the merged one is %q", state)
	}
	w.Advance(time.Minute)
	w.must(w.Org.As(admin).Merge("Contact", third, other))
	return w, contact, hs
}

// TestLIM7_TwoHalvesThatAMergeLeftOverAreLinked: whoever waits for the survivor of a merge
// has it as soon as nobody else does.
func TestLIM7_TwoHalvesThatAMergeLeftOverAreLinked(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w, contact, hs := leftOver(t, profile)
		for range 3 {
			w.again()
		}
		if got := w.mate(contact); got != hs {
			t.Errorf("%s is linked with %q, want %s: %+v", contact, got, hs, w.openIssues())
		}
		w.wantNoIssues()
		w.wantPersons(0, 2, 2)
		w.change(core.Contacts, hs, "phone", "+1 777")
		w.again()
		w.want(core.Contact, contact, "Phone", "+1 777")
	})
}

// TestLIM7_ACC14_WhoWaitsSinceAMergeIsLinkedInOneStep on a person's word, with anybody who
// is free or waits as well.
func TestLIM7_ACC14_WhoWaitsSinceAMergeIsLinkedInOneStep(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, halves := range map[string]bool{"whom the partner was merged into": true, "somebody else": false} {
			t.Run(name, func(t *testing.T) {
				w := New(t, profile, people())
				contact, gone := w.optPair("c@x.com")
				other, primary := w.optPair("x@x.com")
				to := w.mergeAs(primary, gone)
				w.again()
				w.again()
				if halves { // the survivor's own link ends, and the other's waits for it
					w.must(w.Engine.Unlink(t.Context(), w.Conn, core.ContactPair, other))
				} else {
					to = w.made(core.Contacts, "lastname", "Gray", "firstname", "New")
				}
				w.must(w.Engine.Link(t.Context(), w.Conn, core.ContactPair, contact, to))
				for range 3 {
					w.again()
				}
				if got := w.mate(contact); got != to {
					t.Errorf("linked with %q, want %s", got, to)
				}
				if w.parked(contact) {
					t.Errorf("the issue of the merge is open: %+v", w.openIssues())
				}
				w.change(core.Contact, contact, "FirstName", "Zed")
				w.again()
				w.want(core.Contacts, to, "firstname", "Zed")
			})
		}
	})
}

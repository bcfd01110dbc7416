package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
)

// tookOver are a contact of Salesforce whose own partner was merged into that of a lead, and
// its partner since: that of a second contact, which was merged into it.
func tookOver(t *testing.T, more ...Option) (w *World, contact, hs string) {
	t.Helper()
	w = New(t, append(more, people())...)
	lead := w.made(core.Lead, "LastName", "Lead", "Company", "Co", "Email", "lead@x.com")
	contact, own := w.optPair("c@x.com")
	other, hs := w.optPair("x@x.com")
	w.again()
	w.mergeAs(w.wantMate(lead), own)
	for range 2 {
		w.again()
	}
	if state := w.linkState(contact); state != core.LinkParked {
		t.Fatalf("the link of the merged one is %q", state)
	}
	w.Advance(time.Minute)
	w.must(w.Org.As(admin).Merge("Contact", contact, other))
	w.change(core.Contact, contact, "Email", "new@x.com") // its own is one of whom the lead's partner absorbed
	for range 3 {
		w.again()
	}
	if got := w.mate(contact); got != hs {
		t.Fatalf("the survivor is linked with %q, want %s", got, hs)
	}
	return w, contact, hs
}

// TestLIM7_I1_AKeyThatAMergeLeftStandsInNobodysWay: a HubSpot contact has the key of a lead
// and one of a contact, and keeps that of whom it absorbed. Where that one has another
// partner since, the key goes to it.
func TestLIM7_I1_AKeyThatAMergeLeftStandsInNobodysWay(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w, contact, hs := tookOver(t, profile)
		w.wantNoIssues()
		w.want(core.Contacts, hs, "salesforcecontactid", contact)
		w.change(core.Contact, contact, "Phone", "+1 777")
		w.again()
		w.want(core.Contacts, hs, "phone", "+1 777")
		w.wantStill(t)
	})
}

// TestERR1_I22_AClosedLinkClosesNobodysIssue: what is wrong with a pair stays told while one
// looks at the record that one of the two was linked with before.
func TestERR1_I22_AClosedLinkClosesNobodysIssue(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w, contact, _ := tookOver(t, profile)
		w.optPair("taken@x.com")
		w.Advance(time.Minute)
		w.change(core.Contact, contact, "Email", "taken@x.com")
		w.again()
		told := w.openIssues()
		if len(told) != 1 || told[0].Ref.ID != contact {
			t.Fatalf("issues %+v, want one of %s", told, contact)
		}
		w.Advance(25 * time.Hour)
		w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
		w.again()
		if left := w.openIssues(); len(left) != 1 || left[0].ID != told[0].ID {
			t.Errorf("issues %+v, want that of %s", left, contact)
		}
	})
}

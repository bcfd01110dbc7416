package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

// TestDEDUP9_TwoPeopleChangeTheirAddresses with each other in Salesforce: neither can be
// written before the other, both issues name the two and the way out, and that works.
func TestDEDUP9_TwoPeopleChangeTheirAddresses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		a, ha := w.optPair("a@x.com")
		b, hb := w.optPair("b@x.com")
		w.again()
		w.Advance(time.Minute)
		w.change(core.Contact, a, "Email", "b@x.com")
		w.change(core.Contact, b, "Email", "a@x.com")
		w.thrice()
		issues := w.openIssues()
		for _, i := range issues {
			if !strings.Contains(i.Message, a) || !strings.Contains(i.Message, b) || !strings.Contains(i.Mend, "third address") || len(i.Candidates) != 2 {
				t.Errorf("the issue of %s says %q, %q, %v", i.Ref, i.Message, i.Mend, i.Candidates)
			}
		}
		if len(issues) != 2 {
			t.Fatalf("%d issues: %+v", len(issues), issues)
		}
		w.change(core.Contact, a, "Email", "moment@x.com")
		w.thrice()
		_, err := w.Engine.Retry(t.Context(), w.Conn, store.IssueFilter{})
		w.must(err)
		w.thrice()
		w.change(core.Contact, a, "Email", "b@x.com")
		w.thrice()
		w.want(core.Contacts, ha, "email", "b@x.com")
		w.want(core.Contacts, hb, "email", "a@x.com")
		w.want(core.Contact, a, "Email", "b@x.com")
		w.want(core.Contact, b, "Email", "a@x.com")
		w.wantNoIssues()
	})
}

// TestDEDUP9_AnAddressInUseIsNoSwap where the other person kept the address.
func TestDEDUP9_AnAddressInUseIsNoSwap(t *testing.T) {
	w := New(t, people())
	a, _ := w.optPair("a@x.com")
	w.optPair("b@x.com")
	w.again()
	w.Advance(time.Minute)
	w.change(core.Contact, a, "Email", "b@x.com")
	w.thrice()
	issues := w.openIssues()
	if len(issues) != 1 || strings.Contains(issues[0].Message, "with each other") {
		t.Errorf("issues %+v", issues)
	}
}

// TestDEDUP9_PeopleWhoMeetWithEachOthersAddresses: one of the two is linked in the same
// look in which she is refused her address.
func TestDEDUP9_PeopleWhoMeetWithEachOthersAddresses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, similar("link"))
		other, _ := w.optPair("evelyn.dean@old.com")
		w.again()
		w.change(core.Contact, other, "Email", "e.dean@new.com")
		contact, hs := w.alikePair()
		w.importing(core.ContactPair, core.Sides[:]...)
		if mate := w.mate(hs); mate != contact {
			t.Fatalf("the contact is linked with %q, want %q: %+v", mate, contact, w.openIssues())
		}
		w.Advance(time.Hour) // whoever was refused before the two met is told again
		w.thrice()
		for _, i := range w.openIssues() {
			if !strings.Contains(i.Message, contact) || !strings.Contains(i.Message, other) {
				t.Errorf("the issue of %s says %q", i.Ref, i.Message)
			}
		}
		if issues := w.openIssues(); len(issues) != 2 {
			t.Errorf("%d issues: %+v", len(issues), issues)
		}
	})
}

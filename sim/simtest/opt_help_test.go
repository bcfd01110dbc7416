package simtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
)

// Kinds of e-mail that the portal knows.
const marketing = 39644612

// box is the opt-out box of a lead or contact.
func (w *World) box(object core.Object, id string) bool {
	w.T.Helper()
	return w.shown(object, id, "HasOptedOutOfEmail") == "true"
}

func (w *World) wantBox(object core.Object, id string, want bool) {
	w.T.Helper()
	if got := w.box(object, id); got != want {
		w.T.Errorf("the opt-out box of %s %s is %v, want %v", object, id, got, want)
	}
}

// tick sets the box of a lead or contact, as a person does.
func (w *World) tick(object core.Object, id string, on bool) {
	w.T.Helper()
	w.must(w.Org.As(admin).Update(string(object), id, map[string]any{"HasOptedOutOfEmail": on}))
}

// optOut has the person behind an address unsubscribe in HubSpot.
func (w *World) optOut(email string) {
	w.T.Helper()
	w.must(w.Portal.As(admin).OptOut(email))
}

// optBack has an address subscribed again: by the person without a legal basis, by a
// user of the portal with one.
func (w *World) optBack(email, basis string) {
	w.T.Helper()
	w.must(w.Portal.As(admin).Resubscribe(email, marketing, basis, "asked by phone"))
}

func (w *World) wantOut(email string, want bool) {
	w.T.Helper()
	if got := w.Portal.As(admin).Consent(email).OptedOut; got != want {
		w.T.Errorf("%s is opted out in HubSpot: %v, want %v", email, got, want)
	}
}

// wantOptOut is an address that is opted out on both sides.
func (w *World) wantOptOut(object core.Object, id, email string) {
	w.T.Helper()
	w.wantBox(object, id, true)
	w.wantOut(email, true)
}

// optPair makes a contact of Salesforce that is in step with one of HubSpot.
func (w *World) optPair(email string) (contact, hs string) {
	w.T.Helper()
	contact = w.made(core.Contact, "LastName", "Gray", "Email", email)
	w.Sync()
	hs = w.wantMate(contact)
	w.Advance(10 * time.Second)
	return contact, hs
}

// lifts are our own writes that turned an opt-out into an opt-in.
func (w *World) lifts() (out []string) {
	w.T.Helper()
	for _, e := range w.Org.Ledger() {
		if e.Client == w.client() && e.Field == "HasOptedOutOfEmail" && fmt.Sprint(e.Before) == "true" && fmt.Sprint(e.After) != "true" {
			out = append(out, e.ID)
		}
	}
	for _, e := range w.Portal.Ledger() {
		if e.Op == "consent" && strings.Contains(e.Source, "INTEGRATION") && e.After != "UNSUBSCRIBED" {
			out = append(out, e.ID)
		}
	}
	return out
}

// wantLifts fails unless we cleared exactly the boxes of the given records, and
// subscribed nobody.
func (w *World) wantLifts(ids ...string) {
	w.T.Helper()
	got := w.lifts()
	slices.Sort(got)
	slices.Sort(ids)
	if !slices.Equal(got, ids) {
		w.T.Errorf("we lifted the opt-outs of %v, want %v", got, ids)
	}
}

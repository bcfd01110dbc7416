package simtest

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// afterStatuses acts once, behind HubSpot's answer about an address.
func (w *World) afterStatuses(act func()) (done func() bool) {
	var acted atomic.Bool
	w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if side == core.HubSpot && strings.Contains(r.URL.Path, "/statuses/") && !strings.Contains(r.URL.Path, "unsubscribe-all") && acted.CompareAndSwap(false, true) {
			act()
		}
		return resp, err
	})
	return acted.Load
}

// returned is somebody who came back, and another record of the address, where a minute passes
// between HubSpot's answer about it and the writing, in which somebody acts.
func returned(t *testing.T, profile Option, act func(w *World, address, lead string)) (w *World, contact, address string) {
	t.Helper()
	w = New(t, profile, people())
	address = "ann@x.com"
	contact, _ = w.optPair(address)
	w.optOut(address)
	w.again()
	w.wantBox(core.Contact, contact, true)
	w.Advance(time.Minute)
	w.optBack(address, "LEGITIMATE_INTEREST_OTHER")
	lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", address)
	done := w.afterStatuses(func() {
		w.Advance(time.Minute)
		act(w, address, lead)
	})
	for range 3 {
		w.again()
	}
	if !done() {
		t.Fatal("HubSpot is not asked")
	}
	return w, contact, address
}

// TestOPT3_I6_AnAgedAnswerClearsNoBox: who came back opts out again while the batch waits for
// its turn. HubSpot is asked once more before the box is cleared.
func TestOPT3_I6_AnAgedAnswerClearsNoBox(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w, contact, address := returned(t, profile, func(w *World, address, _ string) { w.optOut(address) })
		w.wantLifts()
		w.wantOptOut(core.Contact, contact, address)
	})
	inBoth(t, func(t *testing.T, profile Option) {
		w, contact, _ := returned(t, profile, func(*World, string, string) {})
		w.wantLifts(contact)
		w.wantBox(core.Contact, contact, false)
	})
}

// TestOPT2_I6_ATickOfAnotherRecordKeepsTheBox that is about to be cleared for one address.
func TestOPT2_I6_ATickOfAnotherRecordKeepsTheBox(t *testing.T) {
	w, contact, address := returned(t, Settings(func(c *config.Connection) { c.Profile = config.Tandem }), func(w *World, _, lead string) { w.tick(core.Lead, lead, true) })
	w.wantLifts()
	w.wantOptOut(core.Contact, contact, address)
}

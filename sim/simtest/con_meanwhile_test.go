package simtest

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"tandem/internal/core"
)

// TestDEDUP11_NobodyIsMadeForWhoGotAPartnerMeanwhile: a person links a contact while a
// batch reads it, or has read it as a stranger, and the batch makes no second partner.
func TestDEDUP11_NobodyIsMadeForWhoGotAPartnerMeanwhile(t *testing.T) {
	moments := map[string]func(side core.Side, r *http.Request) bool{
		"while it is read": func(side core.Side, r *http.Request) bool {
			return side == core.Salesforce && strings.Contains(r.URL.Query().Get("q"), "ConvertedContactId IN")
		},
		"before it is made": func(side core.Side, r *http.Request) bool {
			return side == core.HubSpot && r.Method != http.MethodGet && strings.Contains(r.URL.Path, "communication-preferences")
		},
	}
	for name, moment := range moments {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) { linkedMeanwhile(t, profile, moment) })
		})
	}
}

func linkedMeanwhile(t *testing.T, profile Option, moment func(core.Side, *http.Request) bool) {
	var hs string
	w := New(t, profile, people(), Before(func(w *World) {
		hs = w.made(core.Contacts, "email", "other@x.com", "lastname", "Gray")
	}))
	contact := w.made(core.Contact, "LastName", "Gray", "Email", "ada@x.com")
	w.change(core.Contact, contact, "HasOptedOutOfEmail", "true")
	var linked atomic.Bool
	w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if moment(side, r) && linked.CompareAndSwap(false, true) {
			w.must(w.Engine.Link(t.Context(), w.Conn, core.ContactPair, contact, hs))
		}
		return next.RoundTrip(r)
	})
	w.Sync()
	w.Through(nil)
	w.again()
	if !linked.Load() {
		t.Fatal("the moment did not come")
	}
	if got := w.wantMate(contact); got != hs {
		t.Errorf("linked with %s, want %s", got, hs)
	}
	w.wantPersons(0, 1, 1)
}

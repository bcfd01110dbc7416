package simtest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
)

// TestINST3_N13_ADescriptionLedAstrayHidesNoObject answers what an object looks like with a
// redirect, once: that says nothing of the rights on it, so that the engine does not open, or
// goes on with what it knew, and never goes on without the object.
func TestINST3_N13_ADescriptionLedAstrayHidesNoObject(t *testing.T) {
	for _, object := range []string{"companies", "contacts"} {
		t.Run(object, func(t *testing.T) { bubble(t, func(t testing.TB) { describedAstray(t, object) }) })
	}
}

func describedAstray(t testing.TB, object string) {
	w, ps := inStep(t)
	_ = w.Store.Close()
	led := false
	w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if led || side != core.HubSpot || !strings.HasSuffix(r.URL.Path, "/properties/"+object) {
			return next.RoundTrip(r)
		}
		led = true
		resp := answerWith(r, http.StatusTemporaryRedirect, "text/html", "moved")
		resp.Header.Set("Location", "https://login."+canary+r.URL.Path)
		return resp, nil
	})
	err := w.TryOpen()
	if !led || err == nil || !strings.Contains(err.Error(), "redirect") {
		t.Fatalf("opened without %s, of which nothing was told: %v", object, err)
	}
	w.Open()
	w.editAccount(ps[0].account, "Name", "Renamed")
	if _, err := w.syncFor(time.Hour); err != nil {
		t.Fatal(err)
	}
	w.settledAfter(1)
}

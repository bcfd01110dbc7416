package simtest

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
)

// TestLIM7_DEL6_ASurvivorThatGoesWhileItsMergeIsLookedAt leaves the partner of whom it absorbed:
// it is deleted, and its own partner with it, between two readings of the same look.
func TestLIM7_DEL6_ASurvivorThatGoesWhileItsMergeIsLookedAt(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(deletes), Workers(1))
		w.made(core.Lead, "LastName", "Stays", "Company", "Co", "Email", "stays@x.com") // so that neither side is emptied
		kept := w.made(core.Lead, "LastName", "Kept", "Company", "Co", "Email", "kept@x.com")
		lost := w.made(core.Lead, "LastName", "Lost", "Company", "Co", "Email", "lost@x.com")
		w.again()
		partner, parked := w.wantMate(kept), w.wantMate(lost)
		w.Advance(time.Minute)
		w.must(w.Org.As(admin).Merge("Lead", kept, lost))
		w.again()
		gone := false
		w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			if side == core.HubSpot && !gone && strings.HasSuffix(r.URL.Path, "/contacts/batch/read") && bytes.Contains(w.body(r), []byte(`"`+partner+`"`)) {
				gone = true
				w.must(w.Org.As(admin).Delete("Lead", kept))
				w.must(w.Portal.As(admin).Archive("contacts", partner))
			}
			return next.RoundTrip(r)
		})
		w.must(w.Engine.Resync(t.Context(), w.Conn, core.ContactPair, []string{parked}))
		w.again()
		if !gone {
			t.Fatal("the partner of the survivor was not read")
		}
		w.Advance(25 * time.Hour)
		w.again()
		w.again()
		if _, stands := w.Portal.As(admin).Get("contacts", parked); !stands {
			t.Error("the partner of the one that was merged away was deleted")
		}
	})
}

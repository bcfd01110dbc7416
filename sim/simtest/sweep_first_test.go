package simtest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

// TestI10_TheFirstRecordOfASideThatASweepListedBeforePullsNoBrake: its batch began before the
// sweep, and the side has it only behind the listing.
func TestI10_TheFirstRecordOfASideThatASweepListedBeforePullsNoBrake(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile)
		w.Sync()
		account := w.account("First")
		w.Advance(25 * time.Hour) // a sweep is due
		creates, listed := make(chan struct{}), make(chan struct{})
		w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			switch {
			case side == core.HubSpot && strings.HasSuffix(r.URL.Path, "/companies/batch/create"):
				close(creates)
				<-listed
			case side == core.HubSpot && r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/objects/companies"):
				<-creates
				res, err := next.RoundTrip(r)
				select {
				case <-listed:
				default:
					close(listed)
					w.eventually(func() bool { return w.linkCount(core.CompanyPair) == 1 })
				}
				return res, err
			}
			return next.RoundTrip(r)
		})
		w.Sync()
		if w.partner(account) == "" {
			t.Errorf("the account has no company: %+v", w.Explain(account))
		}
	})
}

// linkCount counts the active links of a pair.
func (w *World) linkCount(p core.Pair) (n int) {
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		counts, err := tx.LinkCounts(w.Conn.ID)
		n = counts[p][core.LinkActive]
		return err
	}))
	return n
}

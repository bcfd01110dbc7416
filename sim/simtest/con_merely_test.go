package simtest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestCON1_WhoWasMerelyMetStaysAwayHoweverOftenLookedAt: an account that is imported has its
// people looked at, and HubSpot does not answer for them at once. To be tried again makes nobody.
func TestCON1_WhoWasMerelyMetStaysAwayHoweverOftenLookedAt(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), Settings(func(c *config.Connection) { c.Contacts.Similar = config.SimilarReview }), Before(func(w *World) {
			w.contact("Old", "old@x.com", w.account("Edge"))
			w.Advance(time.Hour)
		}))
		w.Sync()
		made, until := false, time.Time{}
		w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			if made && w.Now().Before(until) && strings.Contains(r.URL.Path, "/objects/contacts/") {
				return answerWith(r, http.StatusServiceUnavailable, "text/html", "busy"), nil
			}
			if strings.HasSuffix(r.URL.Path, "/companies/batch/create") {
				made, until = true, w.Now().Add(2*time.Minute)
			}
			return next.RoundTrip(r)
		})
		_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.CompanyPair, Sides: []core.Side{core.Salesforce}})
		w.must(err)
		_, _ = w.TrySync() // HubSpot is busy
		w.Advance(time.Hour)
		w.thrice()
		if _, _, h := w.persons(); !made || h != 0 {
			t.Errorf("the account was imported: %v; %d contacts were made of a person whom nobody imported or edited", made, h)
		}
	})
}

package simtest

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"tandem/internal/core"
)

// TestI2_TheResultNamesWritesWithoutAnAnswer loses a create on its way: nobody knows whether it
// arrives.
func TestI2_TheResultNamesWritesWithoutAnAnswer(t *testing.T) {
	w := New(t)
	w.account("Edge")
	w.Through(func(s core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if s == core.HubSpot && strings.HasSuffix(r.URL.Path, "/batch/create") {
			return nil, errors.New("the line broke")
		}
		return next.RoundTrip(r)
	})
	res, err := w.Engine.Once(t.Context(), w.Conn)
	w.must(err)
	if res.Unsettled != 1 || res.Converged {
		t.Errorf("the result says %+v", res)
	}
}

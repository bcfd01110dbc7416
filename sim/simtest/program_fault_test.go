package simtest

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

// failOn has the program fail where it writes a name to HubSpot: before the request is
// served, or once it is.
func (w *World) failOn(name string, served bool) {
	w.faulty = true
	w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if side != core.HubSpot || !strings.HasSuffix(r.URL.Path, "/batch/create") {
			return next.RoundTrip(r)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !bytes.Contains(body, []byte(name)) {
			return next.RoundTrip(r)
		}
		if served {
			if _, err := next.RoundTrip(r); err != nil {
				return nil, err
			}
		}
		panic("index out of range")
	})
}

// TestP10_P16_LIM23_AFaultOfTheProgramHoldsOneRecord and neither ends the process nor loses or
// doubles anything: the others pass, status and issues name the record, and it passes once
// the program does not fail on it.
func TestP10_P16_LIM23_AFaultOfTheProgramHoldsOneRecord(t *testing.T) {
	for name, served := range map[string]bool{"before the call is served": false, "after it": true} {
		t.Run(name, func(t *testing.T) {
			w := New(t, people())
			w.failOn("boom@x.com", served)
			bad := w.made(core.Contact, "LastName", "Boom", "Email", "boom@x.com")
			var good []string
			for _, who := range []string{"a", "b", "c", "d"} {
				good = append(good, w.made(core.Contact, "LastName", who, "Email", who+"@x.com"))
			}
			for range 6 {
				_, err := w.TrySync()
				w.must(err)
				w.Advance(10 * time.Minute)
			}
			for _, id := range good {
				w.wantMate(id)
			}
			if issues := w.openIssues(); served && len(issues) != 0 || !served && (len(issues) != 1 || issues[0].Code != "program_fault" || issues[0].Ref.ID != bad ||
				!strings.Contains(issues[0].Message, "index out of range")) {
				t.Fatalf("issues %+v", issues) // what was served is found by its key, and needs no call
			}
			w.Through(nil)
			w.Advance(3 * time.Second)
			_, err := w.Engine.Retry(t.Context(), w.Conn, store.IssueFilter{})
			w.must(err)
			w.thrice()
			w.wantMate(bad)
			w.wantNoIssues()
			if n := w.countOf(core.Contacts, true); n != 5 {
				t.Errorf("%d contacts in HubSpot, want 5", n)
			}
		})
	}
}

// TestP10_LIM23_AFaultInALoopIsTriedAgain: the daemon goes on with what its loops do.
func TestP10_LIM23_AFaultInALoopIsTriedAgain(t *testing.T) {
	w := New(t)
	w.faulty = true
	var failed atomic.Int32
	w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if side == core.Salesforce && strings.Contains(r.URL.RawQuery, "FROM") && failed.Add(1) <= 2 {
			panic("nil map")
		}
		return next.RoundTrip(r)
	})
	w.account("Goes on")
	w.serveUntil(func() bool { return w.companyCount() == 1 })
	if failed.Load() < 3 {
		t.Errorf("the program failed %d times only", failed.Load())
	}
}

package simtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"tandem/internal/core"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

type (
	ledgerOrg    = salesforcesim.Entry
	ledgerPortal = hubspotsim.Entry
)

// errCrash stands for the end of the process at a commit of the store.
var errCrash = errors.New("the process died")

// harms are what may befall a request between the engine and a side.
var harms = []string{"reset before", "reset after", "timeout before", "timeout after", "late", "page", "page after", "503", "500 after", "429", "truncated", "twice", "slow"}

// lateBy is how long after it was sent a request may still take effect: shorter
// than what either vendor lets a request run.
const lateBy = 90 * time.Second

// befall plays one harm on a request; none for a blank one.
func befall(harm string, rng *rand.Rand, r *http.Request, next http.RoundTripper) (*http.Response, error) {
	switch harm {
	case "reset before":
		return nil, errReset
	case "timeout before":
		return hung(r)
	case "late":
		return carriedLate(r, next)
	case "page":
		return answerWith(r, http.StatusOK, "text/html", "<html><body>We'll be right back</body></html>"), nil
	case "503":
		return answerWith(r, http.StatusServiceUnavailable, "text/html", "<html>503</html>"), nil
	case "429":
		return tooMany(r, rng), nil
	case "twice":
		return twice(r, next)
	case "slow":
		time.Sleep(time.Duration(rng.IntN(20)) * time.Second)
	}
	resp, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	return spoil(harm, r, resp)
}

// spoil plays what befalls an answer.
func spoil(harm string, r *http.Request, resp *http.Response) (*http.Response, error) {
	switch harm {
	case "reset after":
		return nil, errReset
	case "timeout after":
		return hung(r)
	case "page after":
		return answerWith(r, http.StatusOK, "text/html", "<html>gateway</html>"), nil
	case "500 after":
		return answerWith(r, http.StatusInternalServerError, "application/json", `{"message":"internal error"}`), nil
	case "truncated":
		body, _ := io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), broken{}))
	}
	return resp, nil
}

// broken is the end of a connection in the middle of a body.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// hung never answers; the client's own deadline ends the call.
func hung(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// carriedLate drops the client at once and brings creates to the side much
// later; other calls never arrive, since a late update may undo a newer one and
// neither API can be asked not to.
func carriedLate(r *http.Request, next http.RoundTripper) (*http.Response, error) {
	if r.Method != http.MethodPost || !strings.Contains(r.URL.Path, "batch/create") && !strings.HasSuffix(r.URL.Path, "/composite/sobjects") {
		return nil, errReset
	}
	again, err := copyOf(r)
	if err != nil {
		return nil, err
	}
	go func() {
		time.Sleep(lateBy)
		_, _ = next.RoundTrip(again)
	}()
	return nil, errReset
}

// twice brings a request to the side twice, as a proxy that repeats does, and
// gives the second answer.
func twice(r *http.Request, next http.RoundTripper) (*http.Response, error) {
	again, err := copyOf(r)
	if err != nil {
		return nil, err
	}
	if _, err := next.RoundTrip(r); err != nil {
		return nil, err
	}
	return next.RoundTrip(again)
}

// copyOf takes a request's body and gives a request of its own, which outlives
// the caller's context.
func copyOf(r *http.Request) (*http.Request, error) {
	again := r.Clone(context.WithoutCancel(r.Context()))
	if r.Body == nil {
		return again, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body, again.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
	return again, nil
}

func answerWith(r *http.Request, status int, kind, body string) *http.Response {
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// tooMany refuses with one of the forms that Retry-After takes in the wild.
func tooMany(r *http.Request, rng *rand.Rand) *http.Response {
	resp := answerWith(r, http.StatusTooManyRequests, "application/json", `{"status":"error","message":"too many","errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}`)
	if form := []string{"", "3", "0", "-5", "soon", "Fri, 31 Dec 1999 23:59:59 GMT"}[rng.IntN(6)]; form != "" {
		resp.Header.Set("Retry-After", form)
	}
	return resp
}

// schemas answers what a start asks about fields from memory: it is most of the
// work of a start, and in these worlds it never changes.
type schemas struct {
	mu    sync.Mutex
	known map[string][]byte
}

func (s *schemas) carry(_ core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
	key := r.URL.Path + "?" + r.URL.RawQuery
	if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/describe") && !strings.HasPrefix(r.URL.Path, "/crm/v3/properties/") {
		return next.RoundTrip(r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if body, ok := s.known[key]; ok {
		return answerWith(r, http.StatusOK, "application/json", string(body)), nil
	}
	resp, err := next.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if s.known == nil {
		s.known = map[string][]byte{}
	}
	s.known[key] = body
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, err
}

// viaSchemas is the way to a side past the remembered schemas.
type viaSchemas struct {
	*schemas
	next http.RoundTripper
}

// RoundTrip answers from memory what is remembered.
func (v viaSchemas) RoundTrip(r *http.Request) (*http.Response, error) {
	return v.carry(core.Salesforce, r, v.next)
}

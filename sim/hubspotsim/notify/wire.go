package notify

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"tandem/sim/hubspotsim/jackson"
)

// maxBody bounds request bodies, in bytes.
const maxBody = 1 << 20

// ids makes UUIDs from a seeded source.
type ids struct {
	mu  sync.Mutex
	rng *rand.Rand
}

func (s *ids) uuid() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, b := s.rng.Uint64(), s.rng.Uint64()
	a = a&^0xf000 | 0x4000
	b = b&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&(1<<48-1))
}

// wireError is an error answer in HubSpot's shape.
type wireError struct {
	code          int
	Status        string              `json:"status"`
	Message       string              `json:"message"`
	CorrelationID string              `json:"correlationId"`
	Context       map[string][]string `json:"context,omitempty"`
	Category      string              `json:"category,omitempty"`
	ErrorType     string              `json:"errorType,omitempty"`
	PolicyName    string              `json:"policyName,omitempty"`
}

func badRequest(format string, args ...any) *wireError {
	return &wireError{code: http.StatusBadRequest, Message: fmt.Sprintf(format, args...), Category: "VALIDATION_ERROR"}
}

func notFound(format string, args ...any) *wireError {
	return &wireError{code: http.StatusNotFound, Message: fmt.Sprintf(format, args...), Category: "OBJECT_NOT_FOUND"}
}

func unauthorized() *wireError {
	return &wireError{code: http.StatusUnauthorized, Category: "INVALID_AUTHENTICATION",
		Message: "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more " +
			"details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"}
}

func missingScopes(scopes ...string) *wireError {
	return &wireError{code: http.StatusForbidden, Category: "MISSING_SCOPES",
		Message: "One or more of the following scopes are required.",
		Context: map[string][]string{"requiredGranularScopes": scopes}}
}

func tooMany() *wireError {
	return &wireError{code: http.StatusTooManyRequests, Message: "You have reached your secondly limit.",
		ErrorType: "RATE_LIMIT", PolicyName: "SECONDLY"}
}

// answer is what a handler gives: a body, nothing, or an error.
type answer struct {
	code int
	body any
	err  *wireError
}

func ok(body any) answer           { return answer{code: http.StatusOK, body: body} }
func failed(err *wireError) answer { return answer{err: err} }

var noContent = answer{code: http.StatusNoContent}

// write sends an answer; correlation names it in logs.
func (a answer) write(w http.ResponseWriter, correlation string) {
	w.Header().Set("X-HubSpot-Correlation-Id", correlation)
	if a.err != nil {
		a.err.Status, a.err.CorrelationID = "error", correlation
		a.code, a.body = a.err.code, a.err
	}
	if a.body == nil {
		w.WriteHeader(a.code)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(a.code)
	_ = json.NewEncoder(w).Encode(a.body) // the client is gone; nobody is left to tell
}

// readJSON reads a bounded request body.
func readJSON(r *http.Request, into any) *wireError {
	raw, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return badRequest("Invalid input: the body cannot be read or is larger than %d bytes", maxBody)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		problem, at := jackson.Problem(raw, err)
		return &wireError{code: http.StatusBadRequest, Message: jackson.Message(raw, problem, at)}
	}
	return nil
}

// stamp is a time as the wire writes it: UTC with milliseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

package dst

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// errCrash stands for the end of the process.
var errCrash = errors.New("the process died")

// errDisk is what a commit fails with that finds no space.
var errDisk = errors.New("no space left on device")

var errReset = errors.New("connection reset by peer")

// fault is one of those of the reliability catalogue that a history can have.
type fault struct {
	id string
	// may says which requests it can befall; nil for a fault of the store.
	may func(c *call) bool
	// befall answers a request in its place.
	befall func(r *run, c *call)
}

func anyCall(*call) bool    { return true }
func create(c *call) bool   { return c.creates() }
func write(c *call) bool    { return c.writes() }
func read(c *call) bool     { return !c.writes() && !hasPath(c, "/oauth") }
func inPortal(c *call) bool { return c.side != 0 && !hasPath(c, "/oauth") }

func hasPath(c *call, part string) bool { return strings.Contains(c.req.URL.Path, part) }

// lateBy is how long after it was sent a request may still take effect: shorter than
// the longest that either vendor lets a request run.
const lateBy = 90 * time.Second

type lateCall struct {
	at time.Time
	c  *call
}

// faultOf finds a fault by its id.
func faultOf(id string) (fault, bool) {
	for _, f := range faults {
		if f.id == id {
			return f, true
		}
	}
	return fault{}, false
}

// hang leaves a request without an answer: the client's own deadline ends it.
func (r *run) hang(*call) {}

// half is an answer whose connection breaks in the middle of the body.
func (got reply) half() reply {
	if got.err != nil {
		return got
	}
	body, _ := io.ReadAll(got.resp.Body)
	got.resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), broken{}))
	return got
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func answer(c *call, status int, kind, body string) reply {
	return reply{resp: &http.Response{StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: c.req,
		Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}}
}

// tooMany refuses with one of the forms that Retry-After takes in the wild.
func tooMany(rng *rand.Rand, c *call) reply {
	got := answer(c, http.StatusTooManyRequests, "application/json", `{"status":"error","message":"too many","errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}`)
	if form := pick(rng, "", "3", "0", "-5", "soon", "Fri, 31 Dec 1999 23:59:59 GMT"); form != "" {
		got.resp.Header.Set("Retry-After", form)
	}
	return got
}

package certify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// probe is one check while it runs. What could not be asked or was not as
// expected leaves void answers and nodes, whose further checks pass, so that one
// cause is told once.
type probe struct {
	ctx         context.Context
	o           Options
	side        core.Side
	differences []Difference
	failed      string // why the check could not run
	skipped     string // why it does not apply
	clock       time.Time
}

// call is one request. In path each {} takes the next of args; the report shows
// the path as it stands here.
type call struct {
	method, path string
	args         []string
	query        url.Values
	body         any        // sent as JSON
	form         url.Values // sent instead of body
	csv          string     // sent instead of body
	xml          string     // sent instead of body
	accept       string
	header       map[string]string
}

const (
	maxAnswer = 32 << 20
	// slow is the time from which Salesforce counts a call against its limit of
	// concurrent long calls (API request limits); HubSpot has none so long.
	slow = 20 * time.Second
)

func (p *probe) get(path string, args ...string) answer {
	return p.do(call{method: http.MethodGet, path: path, args: args})
}

func (p *probe) ask(path string, query url.Values, args ...string) answer {
	return p.do(call{method: http.MethodGet, path: path, query: query, args: args})
}

func (p *probe) post(path string, body any, args ...string) answer {
	return p.do(call{method: http.MethodPost, path: path, body: body, args: args})
}

func (p *probe) send(method, path string, body any, args ...string) answer {
	return p.do(call{method: method, path: path, body: body, args: args})
}

// do makes a call. An answer that never came is no difference: the check could
// not run.
func (p *probe) do(c call) answer {
	a := answer{p: p, endpoint: c.method + " " + c.path}
	req, err := p.request(c)
	if err != nil {
		p.fail("the request could not be built")
		return a
	}
	from := p.o.Now()
	resp, err := p.o.Doors[p.side](req)
	if err != nil {
		p.fail("no answer: " + reasonOf(err))
		return a
	}
	defer func() { _ = resp.Body.Close() }()
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		p.fail("the answer broke off")
		return a
	}
	a.code, a.header, a.ok = resp.StatusCode, resp.Header, true
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		p.clock = date
	}
	if took := p.o.Now().Sub(from); took >= slow {
		a.differ(KindTiming, "", "an answer within 20 s", timingClass(took))
	}
	return a
}

func (p *probe) request(c call) (*http.Request, error) {
	path := c.path
	if p.side == core.Salesforce && !strings.HasPrefix(path, "/services/") {
		path = "/services/data/" + p.o.Version + path
	}
	for _, arg := range c.args {
		path = strings.Replace(path, "{}", url.PathEscape(arg), 1)
	}
	body, kind, err := c.content()
	if err != nil {
		return nil, err
	}
	if len(c.query) > 0 {
		path += "?" + c.query.Encode()
	}
	req, err := http.NewRequestWithContext(p.ctx, c.method, path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	} else {
		req.Body, req.ContentLength = http.NoBody, 0
	}
	req.Header.Set("Accept", orElse(c.accept, "application/json"))
	for name, value := range c.header {
		req.Header[name] = []string{value}
	}
	return req, nil
}

// content is the body of a call and its media type.
func (c call) content() ([]byte, string, error) {
	switch {
	case c.form != nil:
		return []byte(c.form.Encode()), "application/x-www-form-urlencoded", nil
	case c.csv != "":
		return []byte(c.csv), "text/csv", nil
	case c.xml != "":
		return []byte(c.xml), "text/xml; charset=UTF-8", nil
	case c.body == nil:
		return nil, "", nil
	}
	body, err := json.Marshal(c.body)
	return body, "application/json", err
}

// ownCodes are the connectors' own codes, which tell nothing of an account.
var ownCodes = map[string]bool{connector.CodeNetwork: true, connector.CodeNotJSON: true, connector.CodeForeignHost: true,
	connector.CodeTooLarge: true, connector.CodeBudget: true}

// reasonOf is a word for a failed call: errors' texts may hold hosts.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, context.DeadlineExceeded):
		return "too slow"
	}
	var classified *connector.Error
	if errors.As(err, &classified) && (words[classified.Code] || ownCodes[classified.Code]) {
		return classified.Code
	}
	return "the connection failed"
}

func (p *probe) fail(why string) {
	if p.failed == "" {
		p.failed = why
	}
}

func (p *probe) skip(why string) {
	if p.skipped == "" {
		p.skipped = why
	}
}

func (p *probe) differ(d Difference) {
	if !slices.Contains(p.differences, d) {
		p.differences = append(p.differences, d)
	}
}

// now is the side's own time where an answer told it.
func (p *probe) now() time.Time {
	if p.clock.IsZero() {
		return p.o.Now()
	}
	return p.clock
}

// poll asks until done says so, with growing pauses, for at most the given time.
func (p *probe) poll(limit time.Duration, done func() bool) (took time.Duration, ok bool) {
	from, pause := p.o.Now(), 250*time.Millisecond
	for {
		if done() {
			return p.o.Now().Sub(from), true
		}
		if p.o.Now().Sub(from) >= limit || p.failed != "" {
			return limit, false
		}
		if err := p.o.Wait(p.ctx, pause); err != nil {
			p.fail("interrupted")
			return 0, false
		}
		pause = min(2*pause, 5*time.Second)
	}
}

// namePrefix begins the name or the address of every record made here.
const namePrefix = "tandem-certify-"

// name is a name for a record of this run.
func (p *probe) name(what string) string { return namePrefix + p.o.Mark + "-" + what }

// address is an e-mail address for a contact of this run. Its domain is reserved
// for documentation (RFC 2606), so nobody gets mail.
func (p *probe) address(what string) string { return p.name(what) + "@example.com" }

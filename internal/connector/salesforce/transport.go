package salesforce

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// Limits of one call. The deadline is the longest time that Salesforce works on
// a request; a paced transport bounds a call more tightly from the moment it is
// sent, and waiting for a turn is in here too. An answer above the size cap is
// refused rather than held.
const (
	callDeadline   = 10 * time.Minute
	streamDeadline = 30 * time.Minute
	headDeadline   = 150 * time.Second // to the first byte of an answer, for an unpaced transport
	maxAnswer      = 64 << 20
	maxStream      = 1 << 30
	maxErrorBody   = 1 << 20
	maxURI         = 16000 // the vendor answers 414 above 16,384 bytes, host and path included
)

const (
	typeJSON = "application/json"
	typeCSV  = "text/csv"
)

// call is one request before it has a host and a token.
type call struct {
	method string
	path   string // below the instance, beginning with /services/
	query  string // encoded
	body   []byte
	typ    string // of the body; blank is JSON
	accept string // blank is JSON
	assign bool   // let assignment rules run
	batch  int    // rows a page, 0 to leave it to the server
	stream bool   // the answer is read while it arrives
}

// answer is a success, read whole.
type answer struct {
	status   int
	header   http.Header
	body     []byte
	instance string    // the host that answered
	clock    time.Time // the org's time of the answer
}

// data is the path of a REST resource of the pinned version.
func (c *Client) data(format string, args ...any) string {
	for i, a := range args {
		args[i] = url.PathEscape(fmt.Sprint(a))
	}
	return "/services/data/" + c.cfg.APIVersion + fmt.Sprintf(format, args...)
}

// get reads JSON from a resource into v.
func (c *Client) get(ctx context.Context, path, query string, v any) (answer, error) {
	return c.json(ctx, call{method: http.MethodGet, path: path, query: query}, v)
}

// post sends v and reads the answer into out; out may be nil.
func (c *Client) post(ctx context.Context, path string, v, out any) (answer, error) {
	return c.sendJSON(ctx, http.MethodPost, path, v, out)
}

// patch sends v; success has no body worth reading.
func (c *Client) patch(ctx context.Context, path string, v any) (answer, error) {
	return c.sendJSON(ctx, http.MethodPatch, path, v, nil)
}

func (c *Client) sendJSON(ctx context.Context, method, path string, v, out any) (answer, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return answer{}, fmt.Errorf("encode request: %w", err)
	}
	return c.json(ctx, call{method: method, path: path, body: body}, out)
}

// json makes a call whose success must be JSON.
func (c *Client) json(ctx context.Context, cl call, v any) (answer, error) {
	ans, err := c.do(ctx, cl)
	if err != nil || v == nil {
		return ans, err
	}
	return ans, c.decode(ans, v)
}

// decode refuses what is not JSON: a login or maintenance page with status 200
// must never be read as an empty result.
func (c *Client) decode(ans answer, v any) error {
	body := bytes.TrimPrefix(ans.body, []byte("\xef\xbb\xbf"))
	media, _, _ := mime.ParseMediaType(ans.header.Get("Content-Type"))
	if media != "" && !strings.Contains(media, "json") {
		return c.unreadable(ans, body)
	}
	if err := json.Unmarshal(body, v); err != nil {
		e := c.unreadable(ans, body)
		e.Err = err
		return e
	}
	if list, ok := v.(interface{ whole() bool }); ok && !list.whole() {
		return c.unreadable(ans, body)
	}
	return nil
}

// unreadable is unreadable of an answer that may echo our session.
func (c *Client) unreadable(ans answer, body []byte) *connector.Error {
	return unreadable(ans.status, ans.header, connector.Redact(body, c.tokens.secrets()...), c.cfg.Now())
}

// do makes a call and reads the whole answer.
func (c *Client) do(ctx context.Context, cl call) (answer, error) {
	resp, tok, err := c.open(ctx, cl)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := readCapped(resp.Body, maxAnswer)
	if err != nil {
		return answer{}, c.broken(ctx, err)
	}
	ans := answer{status: resp.StatusCode, header: resp.Header, body: body, instance: tok.instance, clock: c.meter.clock()}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		ans.clock = date
	}
	return ans, nil
}

// open makes a call and returns its success with the body still to be read.
// An expired session is renewed once; the call was refused, so it is safe to
// send it again.
func (c *Client) open(ctx context.Context, cl call) (*http.Response, token, error) {
	tok, err := c.tokens.get(ctx)
	if err != nil {
		return nil, tok, err
	}
	resp, err := c.send(ctx, cl, tok)
	if !expired(err) {
		return resp, tok, err
	}
	if tok, err = c.tokens.renew(ctx, tok, err); err != nil {
		return nil, tok, err
	}
	resp, err = c.send(ctx, cl, tok)
	return resp, tok, err
}

// expired reports that a new token may help. A session that is "not valid for
// use with the REST API" stays so with any token of the same kind.
func expired(err error) bool {
	var e *connector.Error
	if !errors.As(err, &e) || e.Class != core.ClassAuth {
		return false
	}
	switch e.Code {
	case "INVALID_SESSION_ID":
		return !strings.Contains(e.Message, "not valid for use with the REST API")
	case "INVALID_AUTH_HEADER", "Bad_OAuth_Token":
		return true
	}
	return false
}

// send makes one attempt with one token.
func (c *Client) send(ctx context.Context, cl call, tok token) (*http.Response, error) {
	limit := callDeadline
	if cl.stream {
		limit = streamDeadline
	}
	within, cancel := context.WithTimeout(ctx, limit)
	resp, err := c.roundTrip(within, c.request(cl, tok))
	if err != nil {
		cancel()
		return nil, c.broken(ctx, err)
	}
	resp.Body = &cappedBody{body: resp.Body, left: maxStream, cancel: cancel}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := readCapped(resp.Body, maxErrorBody)
	if err != nil {
		return nil, c.broken(ctx, err)
	}
	body = connector.Redact(connector.Redact(body, tok.access), c.tokens.secrets()...)
	return nil, classify(resp.StatusCode, resp.Header, body, c.cfg.Now())
}

func (c *Client) roundTrip(ctx context.Context, req *http.Request) (*http.Response, error) {
	resp, err := c.http.Do(req.WithContext(ctx))
	if err == nil {
		c.meter.observe(resp.Header)
	}
	return resp, err
}

// request builds the HTTP request of a call.
func (c *Client) request(cl call, tok token) *http.Request {
	full := tok.instance + cl.path
	if cl.query != "" {
		full += "?" + cl.query
	}
	req, err := http.NewRequest(cl.method, full, bytes.NewReader(cl.body))
	if err != nil {
		panic(fmt.Sprintf("salesforce: path %q was not escaped", cl.path))
	}
	c.label(req.Header, cl)
	req.Header.Set("Authorization", "Bearer "+tok.access)
	return req
}

// label sets the headers that make this connection's calls known and quiet: a
// sync neither re-owns records nor fills anyone's recently viewed list.
func (c *Client) label(h http.Header, cl call) {
	h.Set("Accept", orElse(cl.accept, typeJSON))
	if cl.body != nil {
		h.Set("Content-Type", orElse(cl.typ, typeJSON))
	}
	h.Set("Sforce-Call-Options", "client="+c.cfg.ClientName)
	h.Set("Sforce-Mru", "updateMru=false")
	h.Set("Sforce-Auto-Assign", "FALSE")
	if cl.assign {
		h.Set("Sforce-Auto-Assign", "TRUE")
	}
	if cl.batch > 0 {
		h.Set("Sforce-Query-Options", fmt.Sprintf("batchSize=%d", cl.batch))
	}
}

func orElse(v, otherwise string) string {
	if v == "" {
		return otherwise
	}
	return v
}

// broken classifies a call that brought no complete answer. What the pacer
// refused, what never reached a server and what a server may have executed are
// told apart, because only the last leaves a write's effect unknown.
func (c *Client) broken(ctx context.Context, err error) error {
	var classified *connector.Error
	if errors.As(err, &classified) {
		return classified
	}
	if ctx.Err() != nil {
		return fmt.Errorf("call salesforce: %w", context.Cause(ctx))
	}
	e := &connector.Error{Side: core.Salesforce, Class: core.ClassTransient, Code: connector.CodeNetwork,
		Message: clip(oneLine(withoutURL(err).Error()), 200), RetryAt: c.cfg.Now().Add(15 * time.Second), Sent: true, Err: err}
	switch {
	case errors.Is(err, errForeignRedirect):
		e.Code, e.Mend = connector.CodeForeignHost, "use the org's My Domain as login url"
	case errors.Is(err, errTooLarge):
		e.Code, e.Class, e.RetryAt = connector.CodeTooLarge, core.ClassRejected, time.Time{}
	case neverSent(err):
		e.Sent, e.Mend = false, "check the network, the proxy and the login url"
	}
	return e
}

// withoutURL drops the address from a client error, since it carries the query
// and with it values of records.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// neverSent reports that no connection came about.
func neverSent(err error) bool {
	var dial *net.OpError
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	return errors.As(err, &dial) && dial.Op == "dial" || errors.As(err, &dns) || errors.As(err, &cert)
}

var errTooLarge = errors.New("answer above the size cap")

// readCapped reads all, or fails when there is more than the limit.
func readCapped(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = fmt.Errorf("%w of %d bytes", errTooLarge, limit)
	}
	return body, err
}

// cappedBody bounds a streamed answer and ends its deadline when closed.
type cappedBody struct {
	body   io.ReadCloser
	left   int64
	cancel context.CancelFunc
}

func (b *cappedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.body.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func (b *cappedBody) Close() error {
	defer b.cancel()
	return b.body.Close()
}

package hubspot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"crypto/tls"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// Caps on what one call may take: a page of 200 records with a thousand
// properties is far smaller than maxBody; callDeadline is a backstop behind the
// paced transport's own deadline, which does not count waiting.
const (
	maxBody      = 64 << 20
	callDeadline = 15 * time.Minute
)

const formType = "application/x-www-form-urlencoded"

// request is one call to the API before it has a token.
type request struct {
	method string
	path   string // below the base URL, escaped (pathOf)
	query  url.Values
	body   any        // sent as JSON; nil for none
	form   url.Values // sent instead of body
	tokens *tokens    // nil: no token
}

// answer is a 2xx answer with its body read.
type answer struct {
	status int
	header http.Header
	body   []byte
	at     time.Time // the portal's Date
}

// call sends a request with the portal's token and decodes the answer into out
// (nil: the body, if any, must still be JSON).
func (c *Client) call(ctx context.Context, r request, out any) (answer, error) {
	r.tokens = c.tokens
	return c.callAs(ctx, r, out)
}

func (c *Client) callAs(ctx context.Context, r request, out any) (answer, error) {
	a, err := c.authorized(ctx, r)
	if err != nil {
		return answer{}, err
	}
	return a, c.decode(a, out)
}

// authorized sends with a token, and once more with a fresh one where the
// portal says that the token is no good: it has not processed the call then.
func (c *Client) authorized(ctx context.Context, r request) (answer, error) {
	if r.tokens == nil {
		return c.send(ctx, r, "")
	}
	token, err := r.tokens.get(ctx, "")
	if err != nil {
		return answer{}, err
	}
	a, err := c.send(ctx, r, token)
	if !isUnauthorized(err) || !r.tokens.renewable() {
		return a, err
	}
	if token, err = r.tokens.get(ctx, token); err != nil {
		return answer{}, err
	}
	return c.send(ctx, r, token)
}

func isUnauthorized(err error) bool {
	var e *connector.Error
	return errors.As(err, &e) && errors.Is(e.Err, errUnauthorized)
}

// send makes one call and classifies everything but a 2xx.
func (c *Client) send(ctx context.Context, r request, token string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, callDeadline)
	defer cancel()
	req, err := buildRequest(ctx, c.base, r, token)
	if err != nil {
		return answer{}, err
	}
	return c.receive(req)
}

// receive sends a built request and reads its answer.
func (c *Client) receive(req *http.Request) (answer, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, c.failed(err)
	}
	defer func() { _ = resp.Body.Close() }() // the body is read or given up by then
	body, err := readBody(resp.Body)
	if err != nil {
		return answer{}, c.failed(err)
	}
	at := c.observe(resp.Header)
	if resp.StatusCode/100 != 2 {
		body = connector.Redact(body, secretsOf(req)...)
		return answer{}, classify(resp.StatusCode, resp.Header, body, c.cfg.Now())
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: body, at: at}, nil
}

// secretsOf are the secrets that a request carried and its answer may echo.
func secretsOf(req *http.Request) []string {
	out := []string{strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")}
	if req.GetBody == nil || req.Header.Get("Content-Type") != formType {
		return out
	}
	body, err := req.GetBody()
	if err != nil {
		return out
	}
	text, _ := io.ReadAll(body) // of a strings.Reader
	form, _ := url.ParseQuery(string(text))
	return append(out, form.Get("client_secret"), form.Get("refresh_token"), form.Get("code"))
}

func buildRequest(ctx context.Context, base *url.URL, r request, token string) (*http.Request, error) {
	body, kind, err := encodeBody(r)
	if err != nil {
		return nil, fmt.Errorf("encode %s %s: %w", r.method, r.path, err)
	}
	address := base.String() + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return nil, fmt.Errorf("build %s %s: %w", r.method, r.path, err)
	}
	req.Header.Set("Accept", "application/json")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req, nil
}

func encodeBody(r request) (io.Reader, string, error) {
	switch {
	case r.form != nil:
		return strings.NewReader(r.form.Encode()), formType, nil
	case r.body == nil:
		return nil, "", nil
	}
	text, err := json.Marshal(r.body)
	return bytes.NewReader(text), "application/json", err
}

func readBody(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if len(body) > maxBody {
		return nil, &connector.Error{Side: core.HubSpot, Class: core.ClassTransient, Code: connector.CodeTooLarge, Sent: true,
			Message: fmt.Sprintf("the answer is larger than %d MiB", maxBody>>20)}
	}
	return body, nil
}

var utf8BOM = []byte("\xef\xbb\xbf")

// decode reads a JSON answer. Anything else (a login or maintenance page) is an
// error, never an empty result.
func (c *Client) decode(a answer, out any) error {
	body := bytes.TrimPrefix(a.body, utf8BOM)
	if out == nil && (len(bytes.TrimSpace(body)) == 0 || json.Valid(body)) {
		return nil
	}
	err := errors.New("no JSON value")
	if out != nil {
		err = json.Unmarshal(body, out)
	}
	if list, ok := out.(interface{ whole() bool }); ok && err == nil && !list.whole() {
		err = errors.New("the list is missing")
	}
	if err == nil {
		return nil
	}
	return &connector.Error{Side: core.HubSpot, Class: core.ClassTransient, Code: connector.CodeNotJSON, Sent: true,
		RetryAt: c.cfg.Now().Add(serverPause), Err: err,
		Message: fmt.Sprintf("the answer (status %d, %s) is not the JSON that was due", a.status, contentType(a.header))}
}

func contentType(h http.Header) string {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	if kind == "" || len(kind) > 60 {
		return "no content type"
	}
	return kind
}

// failed classifies a call without an answer. The transport's own refusals pass
// through; an error before the connection stood says that nothing was sent.
func (c *Client) failed(err error) error {
	var own *connector.Error
	if errors.As(err, &own) {
		return own
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // the rest is the URL, which says nothing new
	}
	return &connector.Error{Side: core.HubSpot, Class: core.ClassTransient, Code: connector.CodeNetwork, Sent: !neverSent(err),
		RetryAt: c.cfg.Now().Add(networkPause), Message: "no answer: " + oneLine(err.Error()), Err: err,
		Mend: "check the network, the proxy and hubspot.base_url"}
}

// asError is the *connector.Error in err's chain, or nil.
func asError(err error) *connector.Error {
	var e *connector.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

func neverSent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	return (errors.As(err, &op) && op.Op == "dial") || errors.As(err, &dns) || errors.As(err, &cert)
}

// observe takes the clock and the account's use from an answer.
func (c *Client) observe(h http.Header) time.Time {
	at := c.clock.observe(h)
	c.observeUsage(h)
	return at
}

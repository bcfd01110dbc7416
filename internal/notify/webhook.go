package notify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tandem/internal/connector"
)

// Webhook tells by a signed POST of a Message as JSON, in the form of Standard Webhooks.
type Webhook struct {
	URL, Secret string
	// OwnNetwork lets the address lead into the own network; otherwise it has to be public.
	OwnNetwork bool
	Timeout    time.Duration
	Now        func() time.Time
}

// Codes of errors.
const (
	CodeUnreachable = "webhook_unreachable" // no answer
	CodeOwnNetwork  = "webhook_own_network" // the address leads into the own network
	CodeRefused     = "webhook_refused"     // the answer is no 2xx
)

// Error says why a message was not taken, and what to do.
type Error struct {
	Code, Message, Mend string
}

// Error is one line.
func (e *Error) Error() string { return e.Message }

// Name is webhook.
func (*Webhook) Name() string { return "webhook" }

// To is the host: the rest of the address may be a secret.
func (w *Webhook) To() string {
	u, err := url.Parse(w.URL)
	if err != nil {
		return "an address that cannot be read"
	}
	return u.Host
}

// Send posts a message; nil means that the answer was 2xx. No redirect is followed.
func (w *Webhook) Send(ctx context.Context, m *Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(w.Timeout, sendTime))
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return &Error{Code: CodeUnreachable, Message: "the address of the webhook cannot be read", Mend: "correct notify.webhook.url in the settings"}
	}
	w.sign(r.Header, m.ID, w.Now(), body)
	answer, err := w.client().Do(r)
	if err != nil {
		return w.broken(err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, mostAnswer))
	if answer.StatusCode/100 != 2 {
		return &Error{Code: CodeRefused, Message: fmt.Sprintf("%s has answered %d", w.To(), answer.StatusCode), Mend: "look there why; the answer has to be 2xx"}
	}
	return nil
}

const (
	sendTime   = 15 * time.Second
	mostAnswer = 64 << 10 // bytes that are read of an answer nobody looks at
)

// Probe connects to the address and sends nothing.
func (w *Webhook) Probe(ctx context.Context) error {
	u, err := url.Parse(w.URL)
	if err != nil {
		return w.broken(err)
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(w.Timeout, sendTime))
	defer cancel()
	conn, err := w.dialer().DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), u.Scheme)))
	if err != nil {
		return w.broken(err)
	}
	return conn.Close()
}

// sign sets the headers by which the receiver knows who sends, that nothing was changed, when
// it was sent, and what it has had already.
func (w *Webhook) sign(h http.Header, id string, at time.Time, body []byte) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key(w.Secret))
	_, _ = io.WriteString(mac, id+"."+stamp+".")
	_, _ = mac.Write(body)
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "tandem")
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", stamp)
	h.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// key is the key of a secret: what follows whsec_ is base64, anything else is the key itself.
func key(secret string) []byte {
	if text, marked := strings.CutPrefix(secret, "whsec_"); marked {
		if k, err := base64.StdEncoding.DecodeString(text); err == nil {
			return k
		}
	}
	return []byte(secret)
}

// client reaches nothing but the address itself: no proxy, no redirect, and the address that
// the name leads to is looked at when it is connected to.
func (w *Webhook) client() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: w.dialer().DialContext, DisableKeepAlives: true, TLSHandshakeTimeout: sendTime},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (w *Webhook) dialer() *net.Dialer {
	return &net.Dialer{Timeout: cmp.Or(w.Timeout, sendTime), Control: func(_, found string, _ syscall.RawConn) error { return w.allow(found) }}
}

func (w *Webhook) allow(found string) error {
	at, err := netip.ParseAddrPort(found)
	if w.OwnNetwork || err == nil && connector.Public(at.Addr().Unmap()) {
		return nil
	}
	return &Error{Code: CodeOwnNetwork, Message: w.To() + " leads into the own network",
		Mend: "name a public address, or allow this one by notify.webhook.own_network: true"}
}

// broken says why there is no answer, without the address, whose path may be a secret.
func (w *Webhook) broken(err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	return &Error{Code: CodeUnreachable, Message: "no answer of " + w.To() + ": " + strings.Join(strings.Fields(err.Error()), " "), Mend: "check notify.webhook.url and the way there"}
}

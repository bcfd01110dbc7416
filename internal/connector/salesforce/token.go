package salesforce

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/sync/singleflight"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// token is an open session. Salesforce tells no expiry: a session ends when an
// answer says so.
type token struct {
	access   string
	instance string // origin that the API is served from
	org      string // id of the org, blank where the grant does not tell
}

// tokens hands out the session and renews it, one renewal at a time.
type tokens struct {
	c      *Client
	key    *rsa.PrivateKey
	flight singleflight.Group

	mu      sync.Mutex
	current token
	refresh string // the refresh token now valid
	unsaved *token // a renewed session whose rotated refresh token is not persisted yet
}

func newTokens(c *Client, key *rsa.PrivateKey) *tokens {
	t := &tokens{c: c, key: key}
	if a := c.cfg.Auth.RefreshToken; a != nil {
		t.refresh = a.Token
	}
	if a := c.cfg.Auth.AccessToken; a != nil {
		origin := c.hosts.trusted[len(c.hosts.trusted)-1]
		t.current = token{access: a.Token, instance: origin}
	}
	return t
}

// secrets are what must not come back out of an answer.
func (t *tokens) secrets() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := []string{t.current.access, t.refresh}
	if a := t.c.cfg.Auth.ClientCredentials; a != nil {
		out = append(out, a.Secret)
	}
	if a := t.c.cfg.Auth.RefreshToken; a != nil {
		out = append(out, a.ClientSecret)
	}
	return out
}

// get is the open session, or a new one where none was opened.
func (t *tokens) get(ctx context.Context) (token, error) {
	t.mu.Lock()
	cur := t.current
	t.mu.Unlock()
	if cur.access != "" {
		return cur, nil
	}
	return t.renew(ctx, token{}, nil)
}

// renew replaces the stale session. Callers that come together share one
// request; one that comes late gets the session that replaced its own. cause
// is the refusal of the stale session.
func (t *tokens) renew(ctx context.Context, stale token, cause error) (token, error) {
	if t.c.cfg.Auth.AccessToken != nil {
		return token{}, cannotRenew(cause)
	}
	done := t.flight.DoChan("", func() (any, error) { return t.replace(ctx, stale) })
	fresh, err := connector.AwaitRenewal(ctx, done, t.c.cfg.Auth.RefreshToken != nil)
	if err != nil {
		return token{}, err
	}
	return fresh.(token), nil
}

func cannotRenew(cause error) error {
	e := &connector.Error{Side: core.Salesforce, Class: core.ClassAuth, Code: "INVALID_SESSION_ID", Message: "the access token is no longer accepted", Err: cause}
	e.Mend = "give a new access token, or connect with client credentials"
	return e
}

// replace opens a new session unless somebody else did meanwhile. It outlives
// the caller that started it, since others wait for the same session.
func (t *tokens) replace(ctx context.Context, stale token) (token, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	t.mu.Lock()
	cur, unsaved := t.current, t.unsaved
	t.mu.Unlock()
	if cur.access != stale.access {
		return cur, nil
	}
	if unsaved == nil {
		fresh, err := t.request(ctx)
		if err != nil {
			return token{}, err
		}
		unsaved = &fresh
	}
	return t.keep(ctx, *unsaved)
}

// keep persists a rotated refresh token before the session is used: the old one
// is dead already, so losing the new one would lose the connection.
func (t *tokens) keep(ctx context.Context, fresh token) (token, error) {
	t.mu.Lock()
	refresh, rotated := t.refresh, t.unsaved != nil
	t.mu.Unlock()
	if rotated && t.c.cfg.TokenChanged != nil {
		if err := t.c.cfg.TokenChanged(ctx, refresh); err != nil {
			return token{}, &connector.Error{Side: core.Salesforce, Class: core.ClassTransient, Code: "token_not_saved",
				Message: "the new refresh token could not be stored", Mend: "check the store; the connection is lost if Tandem stops now",
				RetryAt: t.c.cfg.Now().Add(5 * time.Second), Err: err}
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current, t.unsaved = fresh, nil
	return fresh, nil
}

// request asks the token endpoint.
func (t *tokens) request(ctx context.Context) (token, error) {
	if err := t.takeKept(ctx); err != nil {
		return token{}, err
	}
	ans, err := t.exchange(ctx)
	if connector.ClassOf(err) == core.ClassAuth && t.renewedElsewhere(ctx) {
		ans, err = t.exchange(ctx)
	}
	if err != nil {
		return token{}, err
	}
	fresh, err := t.c.session(ans)
	if err != nil {
		return token{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if ans.RefreshToken != "" && t.c.cfg.Auth.RefreshToken != nil && ans.RefreshToken != t.refresh {
		t.refresh, t.unsaved = ans.RefreshToken, &fresh
	}
	return fresh, nil
}

// exchange sends what the connection signs in with.
func (t *tokens) exchange(ctx context.Context) (tokenAnswer, error) {
	form, err := t.form()
	if err != nil {
		return tokenAnswer{}, err
	}
	return t.c.postForm(ctx, form)
}

// renewedElsewhere takes the refresh token that another process got for the one that
// was just refused: both used it at the same moment, and that one came first.
func (t *tokens) renewedElsewhere(ctx context.Context) bool {
	t.mu.Lock()
	sent := t.refresh
	t.mu.Unlock()
	fresh, err := connector.RenewedElsewhere(ctx, t.c.cfg.TokenKept, sent)
	if err != nil || fresh == "" {
		return false // the refusal tells more
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refresh = fresh
	return true
}

// takeKept takes the refresh token that another process has renewed: the one known
// here is dead then, and using it once more may end the whole grant.
func (t *tokens) takeKept(ctx context.Context) error {
	if t.c.cfg.TokenKept == nil {
		return nil
	}
	kept, err := t.c.cfg.TokenKept(ctx)
	if err != nil {
		return &connector.Error{Side: core.Salesforce, Class: core.ClassTransient, Code: "token_not_read", Message: "the refresh token that counts could not be looked up",
			Mend: "check the store", RetryAt: t.c.cfg.Now().Add(5 * time.Second), Err: err}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refresh = orElse(kept, t.refresh)
	return nil
}

// session checks a token answer before anything is sent to the host it names.
func (c *Client) session(ans tokenAnswer) (token, error) {
	instance, err := c.hosts.instance(ans.InstanceURL)
	if err != nil {
		return token{}, err
	}
	return token{access: ans.AccessToken, instance: instance, org: orgOf(ans.ID)}, nil
}

// orgOf reads the org out of an identity URL, …/id/<org>/<user>.
func orgOf(identity string) string {
	u, err := url.Parse(identity)
	if err != nil {
		return ""
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) != 3 || parts[0] != "id" {
		return ""
	}
	return ID18(parts[1])
}

// form is the body of the token request of the configured grant.
func (t *tokens) form() (url.Values, error) {
	a := t.c.cfg.Auth
	switch {
	case a.ClientCredentials != nil:
		return url.Values{"grant_type": {"client_credentials"}, "client_id": {a.ClientCredentials.ID}, "client_secret": {a.ClientCredentials.Secret}}, nil
	case a.JWT != nil:
		assertion, err := assertion(*a.JWT, t.key, t.c.cfg.LoginURL, t.c.cfg.Now())
		return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {a.RefreshToken.ClientID}, "refresh_token": {t.refresh}}
	if a.RefreshToken.ClientSecret != "" {
		form.Set("client_secret", a.RefreshToken.ClientSecret)
	}
	return form, nil
}

// assertion signs the claims of the JWT bearer flow; Salesforce takes an expiry
// at most a few minutes ahead and one audience as text.
func assertion(j JWT, key *rsa.PrivateKey, login string, now time.Time) (string, error) {
	claims := jwt.MapClaims{"iss": j.ClientID, "sub": j.Username, "aud": orElse(j.Audience, strings.TrimSuffix(login, "/")), "exp": now.Add(3 * time.Minute).Unix()}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
	if err != nil {
		return "", errors.New("sign salesforce assertion: the private key was not accepted")
	}
	return signed, nil
}

// postForm asks the token endpoint of the login host. The form holds secrets,
// so errors carry only what the server said.
func (c *Client) postForm(ctx context.Context, form url.Values) (tokenAnswer, error) {
	var out tokenAnswer
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, originOf(c.hosts.login)+"/services/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		return out, errors.New("build token request: the login url is malformed")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", typeJSON)
	resp, err := c.roundTrip(ctx, req)
	if err != nil {
		return out, unsent(c.broken(ctx, err))
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := readCapped(resp.Body, maxErrorBody)
	if err != nil {
		return out, unsent(c.broken(ctx, err))
	}
	if resp.StatusCode != http.StatusOK {
		body = connector.Redact(body, form.Get("assertion"))
		body = connector.Redact(body, c.tokens.secrets()...)
		return out, refusedGrant(resp.StatusCode, resp.Header, body, c.cfg.Now())
	}
	if json.Unmarshal(body, &out) != nil || out.AccessToken == "" {
		return out, unsent(c.unreadable(answer{status: resp.StatusCode, header: resp.Header}, body))
	}
	return out, nil
}

// unsent marks that no write was sent, whatever became of the token request.
func unsent(err error) error {
	var e *connector.Error
	if errors.As(err, &e) {
		e.Sent = false
	}
	return err
}

// grantMends say what to do about the token endpoint's own codes.
var grantMends = map[string]string{
	"invalid_grant":          "reconnect Salesforce: the grant was revoked, expired, or is not allowed on this login host",
	"invalid_client":         "check client id and secret of the external client app",
	"invalid_client_id":      "check the client id of the external client app",
	"inactive_user":          "activate the integration user",
	"inactive_org":           "the org is locked or has ended",
	"unsupported_grant_type": "switch this flow on in the external client app",
}

func refusedGrant(status int, header http.Header, body []byte, now time.Time) error {
	e := classify(status, header, body, now)
	e.Sent = false
	if status >= 500 || e.Code == connector.CodeNotJSON {
		return e
	}
	e.Class, e.Mend, e.RetryAt = core.ClassAuth, grantMends[e.Code], time.Time{}
	if e.Code == "rate_limit_exceeded" {
		e.Class, e.RetryAt = core.ClassTransient, retryAfter(header, now)
	}
	return e
}

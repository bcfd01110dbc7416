package hubspot

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"tandem/internal/connector"
	"tandem/internal/core"
)

const (
	// defaultLife is an access token's life where the answer names no sane one
	// (OAuth guide: 30 minutes).
	defaultLife = 30 * time.Minute
	minLife     = time.Minute
	// renewShare is the part of its life after which a token is replaced.
	renewShare = 0.75
	// refusedPause keeps a refused credential from being tried again and again.
	refusedPause = time.Minute
)

// grant is a fresh access token and how long it lives.
type grant struct {
	token string
	life  time.Duration
}

// tokens keeps one access token fresh: by the clock, and when the portal
// refuses it. Concurrent callers share one fetch.
type tokens struct {
	fetch func(context.Context) (grant, error) // nil for a static token
	now   func() time.Time
	// rotates says that a fetch may end the credential it is made with.
	rotates bool
	flight  singleflight.Group

	mu      sync.Mutex
	token   string
	renewAt time.Time
	dies    time.Time
	refused error // the last fetch's refusal
	retryAt time.Time
}

func (t *tokens) renewable() bool { return t.fetch != nil }

// get is a token to use now. stale names a token that the portal has just
// refused.
func (t *tokens) get(ctx context.Context, stale string) (string, error) {
	token, alive, err := t.current(stale)
	if err != nil || alive && token != "" {
		return token, err
	}
	// The fetch outlives the caller that happens to start it: others wait for it.
	shared := context.WithoutCancel(ctx)
	done := t.flight.DoChan("token", func() (any, error) { return t.renew(connector.WithPriority(shared, connector.Live), stale) })
	fresh, err := connector.AwaitRenewal(ctx, done, t.rotates)
	if err != nil {
		return "", err
	}
	return fresh.(string), nil
}

// current is the token in hand and whether it needs no renewal.
func (t *tokens) current(stale string) (token string, alive bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fetch == nil {
		return t.token, true, nil
	}
	now := t.now()
	if t.refused != nil && now.Before(t.retryAt) {
		return "", false, t.refused
	}
	return t.token, t.token != stale && now.Before(t.renewAt), nil
}

// renew fetches a token unless another caller just did.
func (t *tokens) renew(ctx context.Context, stale string) (string, error) {
	if token, alive, err := t.current(stale); err != nil || alive {
		return token, err
	}
	g, err := t.fetch(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if err != nil {
		return t.keepOld(err, stale, now)
	}
	t.refused = nil
	t.token, t.dies, t.renewAt = g.token, now.Add(g.life), now.Add(time.Duration(float64(g.life)*renewShare))
	return t.token, nil
}

// keepOld goes on with a token that has not died yet when renewing it failed
// for a passing reason. Callers hold t.mu.
func (t *tokens) keepOld(err error, stale string, now time.Time) (string, error) {
	if class := connector.ClassOf(err); class == core.ClassAuth || class == core.ClassRejected {
		t.refused, t.retryAt = err, now.Add(refusedPause)
		return "", err
	}
	if t.token == "" || t.token == stale || !now.Before(t.dies) {
		return "", err
	}
	t.renewAt = now.Add(min(networkPause, t.dies.Sub(now)))
	return t.token, nil
}

// wireToken answers the token endpoint. expires_in is a number, but is read as
// text so that nonsense does not cost the token.
type wireToken struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    text   `json:"expires_in"`
}

func (w *wireToken) grant() grant {
	seconds, err := strconv.ParseFloat(string(w.ExpiresIn), 64)
	if err != nil || seconds <= 0 || seconds > defaultLife.Seconds()*100 {
		return grant{w.AccessToken, defaultLife}
	}
	return grant{w.AccessToken, max(minLife, time.Duration(seconds*float64(time.Second)))}
}

const tokenPath = "/oauth/v1/token"

func (c *Client) portalTokens() *tokens {
	if c.cfg.OAuth == nil {
		return &tokens{token: c.cfg.StaticToken, now: c.cfg.Now}
	}
	refresh := c.cfg.OAuth.RefreshToken // only the single flight touches it
	return &tokens{now: c.cfg.Now, rotates: true, fetch: func(ctx context.Context) (grant, error) {
		if c.cfg.OAuth.TokenKept != nil {
			kept, err := c.cfg.OAuth.TokenKept(ctx)
			if err != nil {
				return grant{}, &connector.Error{Side: core.HubSpot, Class: core.ClassTransient, Code: "token_store", RetryAt: c.cfg.Now().Add(serverPause),
					Message: "the refresh token that counts could not be looked up", Err: err}
			}
			refresh = cmp.Or(kept, refresh)
		}
		w, err := c.exchange(ctx, refresh)
		if connector.ClassOf(err) == core.ClassAuth {
			// Another process may have used it at the same moment, and come first.
			if fresh, kerr := connector.RenewedElsewhere(ctx, c.cfg.OAuth.TokenKept, refresh); kerr == nil && fresh != "" {
				refresh = fresh
				w, err = c.exchange(ctx, refresh)
			}
		}
		if err != nil {
			return grant{}, err
		}
		if err := c.rotated(ctx, refresh, w.RefreshToken); err != nil {
			return grant{}, err
		}
		refresh = cmp.Or(w.RefreshToken, refresh)
		return w.grant(), nil
	}}
}

// exchange trades a refresh token for an access token.
func (c *Client) exchange(ctx context.Context, refresh string) (wireToken, error) {
	return c.fetchToken(ctx, url.Values{"grant_type": {"refresh_token"}, "client_id": {c.cfg.OAuth.ClientID},
		"client_secret": {c.cfg.OAuth.ClientSecret}, "refresh_token": {refresh}})
}

// rotated has a new refresh token stored before anything uses its access token.
func (c *Client) rotated(ctx context.Context, old, fresh string) error {
	if fresh == "" || fresh == old || c.cfg.OAuth.TokenChanged == nil {
		return nil
	}
	if err := c.cfg.OAuth.TokenChanged(ctx, fresh); err != nil {
		return &connector.Error{Side: core.HubSpot, Class: core.ClassTransient, Code: "token_store", RetryAt: c.cfg.Now().Add(serverPause),
			Message: "the rotated refresh token could not be stored, so its access token is not used: " + oneLine(err.Error()), Err: err}
	}
	return nil
}

// journalScopes is what reading the journal and keeping its subscriptions needs
// (webhooks journal guide).
const journalScopes = "developer.webhooks_journal.read developer.webhooks_journal.subscriptions.read developer.webhooks_journal.subscriptions.write"

func (c *Client) journalTokens() *tokens {
	if c.cfg.Journal == nil {
		return nil
	}
	return &tokens{now: c.cfg.Now, fetch: func(ctx context.Context) (grant, error) {
		w, err := c.fetchToken(ctx, url.Values{"grant_type": {"client_credentials"}, "client_id": {c.cfg.Journal.ClientID},
			"client_secret": {c.cfg.Journal.ClientSecret}, "scope": {journalScopes}})
		if err != nil {
			return grant{}, err
		}
		return w.grant(), nil
	}}
}

func (c *Client) fetchToken(ctx context.Context, form url.Values) (wireToken, error) {
	var w wireToken
	_, err := c.callAs(ctx, request{method: http.MethodPost, path: tokenPath, form: form}, &w)
	if err != nil {
		return w, tokenRefused(err)
	}
	if w.AccessToken == "" {
		return w, &connector.Error{Side: core.HubSpot, Class: core.ClassTransient, Code: connector.CodeNotJSON,
			Message: "the token endpoint answered without an access token", RetryAt: c.cfg.Now().Add(serverPause)}
	}
	return w, nil
}

// tokenRefused gives a refused grant its class: the token endpoint answers 400
// for a revoked token and for wrong credentials alike (OAuth guide). A token
// request writes no record, whatever became of it.
func tokenRefused(err error) error {
	var e *connector.Error
	if !errors.As(err, &e) {
		return err
	}
	e.Sent = false
	if e.Class == core.ClassTransient || e.Class == core.ClassQuota {
		return e
	}
	e.Class, e.Err = core.ClassAuth, nil
	e.Mend = "connect HubSpot again: the app was removed from the portal or its refresh token was revoked"
	switch e.Code {
	case "BAD_CLIENT_ID", "BAD_CLIENT_SECRET", "BAD_GRANT_TYPE", "BAD_SCOPES", "BAD_REDIRECT_URI":
		e.Mend = "check the HubSpot app's client id, client secret and scopes in the settings"
	}
	return e
}

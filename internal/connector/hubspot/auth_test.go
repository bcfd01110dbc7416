package hubspot

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// oauthPortal hands out access tokens AT1, AT2 …; only the newest is good.
type oauthPortal struct {
	mu      sync.Mutex
	grants  int
	current string
	refused bool
	life    string // expires_in as JSON; 1800 when blank
	rotate  bool
	used    []string
	down    bool
}

func (p *oauthPortal) answer(c seen) *http.Response {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.path != tokenPath {
		token := strings.TrimPrefix(c.header.Get("Authorization"), "Bearer ")
		p.used = append(p.used, token)
		if token != p.current {
			return respond(401, `{"message":"expired","category":"EXPIRED_AUTHENTICATION"}`)
		}
		return respond(200, `{"portalId":77,"results":[]}`)
	}
	switch {
	case p.down:
		return respond(503, ``)
	case p.refused:
		return respond(400, `{"status":"BAD_REFRESH_TOKEN","message":"refresh token is invalid, expired or revoked","error":"invalid_grant"}`)
	}
	p.grants++
	p.current = "AT" + string(rune('0'+p.grants))
	refresh := "RT0"
	if p.rotate {
		refresh = "RT" + string(rune('0'+p.grants))
	}
	life := p.life
	if life == "" {
		life = "1800"
	}
	return respond(200, `{"access_token":"`+p.current+`","refresh_token":"`+refresh+`","expires_in":`+life+`}`)
}

func oauthClient(t *testing.T, p *oauthPortal, changed func(context.Context, string) error) (*Client, *script) {
	t.Helper()
	s := &script{answer: p.answer}
	c, err := New(Config{OAuth: &OAuth{ClientID: "id", ClientSecret: "client-secret", RefreshToken: "RT0", TokenChanged: changed},
		Transport: s, Now: time.Now, PortalID: "77"})
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

func ping(c *Client, ctx context.Context) error {
	_, err := c.call(ctx, request{method: "GET", path: accountPath}, nil)
	return err
}

func TestTokenIsFetchedOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &oauthPortal{}
		c, s := oauthClient(t, p, nil)
		for range 3 {
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					if err := ping(c, t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			time.Sleep(1351 * time.Second) // 75 % of 1800 s
		}
		if p.grants != 3 {
			t.Errorf("%d grants, want one per life of a token", p.grants)
		}
		form, err := url.ParseQuery(s.calls[0].body)
		if err != nil || form.Get("grant_type") != "refresh_token" || form.Get("refresh_token") != "RT0" || s.calls[0].query != "" {
			t.Errorf("token request %q: %v", s.calls[0].body, err)
		}
	})
}

// A caller who ends while the portal answers waits until the rotated token is stored: a
// process that stopped before would have a dead one. It does not wait for ever.
func TestARotatedRefreshTokenIsStoredAlthoughItsCallerEnds(t *testing.T) {
	for _, answers := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			p := &oauthPortal{rotate: true}
			asked, answer := make(chan struct{}), make(chan struct{})
			stored := ""
			c, s := oauthClient(t, p, func(ctx context.Context, token string) error { stored = token; return ctx.Err() })
			s.answer = func(c seen) *http.Response { close(asked); <-answer; return p.answer(c) }
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- ping(c, ctx) }()
			<-asked
			stop()
			synctest.Wait()
			if len(ended) > 0 {
				t.Error("the caller did not wait for the token")
			}
			if answers {
				close(answer)
			}
			began := time.Now()
			if err := <-ended; !errors.Is(err, context.Canceled) || answers != (stored == "RT1") || time.Since(began) > time.Minute {
				t.Errorf("the call ends with %v, stored %q after %s", err, stored, time.Since(began))
			}
			if !answers {
				close(answer)
			}
		})
	}
}

// I14: two processes use the same rotating token at once. The one whose use is
// refused goes on with what the other one was given, which is stored a moment later.
func TestATokenExchangedElsewhereAtTheSameMomentIsTakenUp(t *testing.T) {
	for _, stored := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			p := &oauthPortal{}
			s := &script{answer: func(c seen) *http.Response {
				if c.path == tokenPath && !strings.Contains(c.body, "refresh_token=RT-elsewhere") {
					return respond(400, `{"status":"BAD_REFRESH_TOKEN","message":"refresh token is invalid, expired or revoked","error":"invalid_grant"}`)
				}
				return p.answer(c)
			}}
			began := time.Now()
			kept := func(context.Context) (string, error) {
				if stored && time.Since(began) > time.Second {
					return "RT-elsewhere", nil
				}
				return "", nil
			}
			c, err := New(Config{OAuth: &OAuth{RefreshToken: "RT0", TokenKept: kept}, Transport: s, Now: time.Now, PortalID: "77"})
			if err != nil {
				t.Fatal(err)
			}
			if err := ping(c, t.Context()); (err == nil) != stored || !stored && connector.ClassOf(err) != core.ClassAuth {
				t.Errorf("stored elsewhere: %t, and the call ends with %v", stored, err)
			}
		})
	}
}

func TestATokenRefusedInMidLifeIsReplacedOnce(t *testing.T) {
	p := &oauthPortal{}
	c, _ := oauthClient(t, p, nil)
	if err := ping(c, t.Context()); err != nil {
		t.Fatal(err)
	}
	p.current = "taken away"
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := ping(c, t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if p.grants != 2 {
		t.Errorf("%d grants, want 2", p.grants)
	}
}

func TestAnUnusableTokenIsNotTriedForEver(t *testing.T) {
	s := &script{answer: func(c seen) *http.Response {
		if c.path == tokenPath {
			return respond(200, `{"access_token":"AT","expires_in":1800}`)
		}
		return respond(401, `{"message":"no","category":"INVALID_AUTHENTICATION"}`)
	}}
	c, _ := New(Config{OAuth: &OAuth{RefreshToken: "RT0"}, Transport: s, Now: time.Now})
	e := wantError(t, ping(c, t.Context()))
	if e.Class != core.ClassAuth || len(s.calls) != 4 {
		t.Errorf("%d calls, %+v", len(s.calls), e)
	}
}

func TestARotatedRefreshTokenIsStoredBeforeUse(t *testing.T) {
	p := &oauthPortal{rotate: true}
	var stored []string
	c, _ := oauthClient(t, p, func(_ context.Context, token string) error {
		if slices.Contains(p.used, p.current) {
			t.Errorf("access token %s was used before %s was stored", p.current, token)
		}
		stored = append(stored, token)
		return nil
	})
	if err := ping(c, t.Context()); err != nil {
		t.Fatal(err)
	}
	p.current = "gone"
	if err := ping(c, t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(stored, []string{"RT1", "RT2"}) {
		t.Errorf("stored %v", stored)
	}
	c, _ = oauthClient(t, &oauthPortal{rotate: true}, func(context.Context, string) error { return errors.New("disk full") })
	if err := ping(c, t.Context()); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("a token that could not be stored was used: %v", err)
	}
}

func TestARevokedRefreshTokenAsksForReconnecting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &oauthPortal{refused: true}
		c, s := oauthClient(t, p, nil)
		for range 5 {
			e := wantError(t, ping(c, t.Context()))
			if e.Class != core.ClassAuth || e.Sent || !strings.Contains(e.Mend, "connect HubSpot again") || e.Code != "BAD_REFRESH_TOKEN" {
				t.Fatalf("%+v", e)
			}
		}
		if len(s.calls) != 1 {
			t.Errorf("%d token calls within a minute, want 1", len(s.calls))
		}
		time.Sleep(refusedPause + time.Second)
		p.refused = false
		if err := ping(c, t.Context()); err != nil {
			t.Errorf("after reconnecting: %v", err)
		}
	})
}

func TestAWorkingTokenOutlivesATroubledTokenEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &oauthPortal{}
		c, _ := oauthClient(t, p, nil)
		if err := ping(c, t.Context()); err != nil {
			t.Fatal(err)
		}
		p.down = true
		time.Sleep(1500 * time.Second)
		if err := ping(c, t.Context()); err != nil {
			t.Errorf("token with 300 s left: %v", err)
		}
		time.Sleep(301 * time.Second)
		if e := wantError(t, ping(c, t.Context())); e.Class != core.ClassTransient {
			t.Errorf("after its death: %+v", e)
		}
	})
}

func TestOddLivesOfTokensCauseNoStorm(t *testing.T) {
	for _, life := range []string{"0", "-5", `"soon"`, "null", "1e99", `"1800"`} {
		synctest.Test(t, func(t *testing.T) {
			p := &oauthPortal{life: life}
			c, _ := oauthClient(t, p, nil)
			for range 10 {
				if err := ping(c, t.Context()); err != nil {
					t.Fatalf("expires_in %s: %v", life, err)
				}
				time.Sleep(time.Second)
			}
			if p.grants != 1 {
				t.Errorf("expires_in %s: %d grants in 10 s", life, p.grants)
			}
		})
	}
}

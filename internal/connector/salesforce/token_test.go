package salesforce

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// session is an org whose sessions can be ended: only the last token counts.
type session struct {
	*wire
	issued  atomic.Int64
	instead string // instance_url, testHost when blank
	rotate  bool
}

func newSession(t *testing.T) *session {
	s := &session{wire: newWire(t)}
	s.on("POST /services/oauth2/token", func(rw http.ResponseWriter, r *http.Request) {
		n := s.issued.Add(1)
		refresh := ""
		if s.rotate {
			refresh = fmt.Sprintf(`,"refresh_token":"refresh-%d"`, n)
		}
		answerJSON(rw, 200, fmt.Sprintf(`{"access_token":"token-%d","instance_url":%q,"id":"https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA"%s}`, n, orElse(s.instead, testHost), refresh))
	})
	s.on("GET /limits", func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", s.issued.Load()) {
			answerJSON(rw, 401, `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`)
			return
		}
		answerJSON(rw, 200, `{"DailyApiRequests":{"Max":100,"Remaining":60}}`)
	})
	return s
}

func clientCredentials(cfg *Config) {
	cfg.Auth = Auth{ClientCredentials: &ClientCredentials{ID: "id", Secret: "hush"}}
}

func refreshToken(cfg *Config) {
	cfg.Auth = Auth{RefreshToken: &RefreshToken{ClientID: "id", ClientSecret: "hush", Token: "refresh-0"}}
}

func TestOneRenewalForManyCallers(t *testing.T) {
	s := newSession(t)
	c := client(t, s, clientCredentials)
	for round := range 3 {
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := c.Usage(context.Background()); err != nil {
					t.Errorf("usage: %v", err)
				}
			})
		}
		all.Wait()
		if got, want := s.issued.Load(), int64(round*2+1); got != want {
			t.Fatalf("round %d: %d sessions were opened, want %d", round, got, want)
		}
		s.issued.Add(1) // the session ends
	}
}

// A refused session is renewed once: a second refusal ends the call.
func TestRenewalIsNotRepeated(t *testing.T) {
	s := newSession(t)
	s.body("GET /limits", 401, `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`)
	_, err := client(t, s, clientCredentials).Usage(context.Background())
	if e := wantCode(t, err, "INVALID_SESSION_ID"); e.Class != core.ClassAuth {
		t.Errorf("class %q, want auth", e.Class)
	}
	if got := s.issued.Load(); got != 2 {
		t.Errorf("%d sessions were opened, want 2", got)
	}
}

func TestSessionOfAnotherKindIsNotRenewed(t *testing.T) {
	s := newSession(t)
	s.body("GET /limits", 401, `[{"message":"This session is not valid for use with the REST API","errorCode":"INVALID_SESSION_ID"}]`)
	_, err := client(t, s, clientCredentials).Usage(context.Background())
	wantCode(t, err, "INVALID_SESSION_ID")
	if got := s.issued.Load(); got != 1 {
		t.Errorf("%d sessions were opened, want 1", got)
	}
}

func TestGivenAccessTokenIsNotRenewed(t *testing.T) {
	s := newSession(t)
	_, err := client(t, s).Usage(context.Background())
	if e := wantCode(t, err, "INVALID_SESSION_ID"); e.Mend == "" {
		t.Error("no mend")
	}
	if got := s.issued.Load(); got != 0 {
		t.Errorf("%d sessions were opened, want none", got)
	}
}

// The rotated refresh token is stored before its session is used, and not lost
// when storing fails at first.
func TestRotatedRefreshTokenIsStoredFirst(t *testing.T) {
	s := newSession(t)
	s.rotate = true
	var stored []string
	fail := true
	c := client(t, s, refreshToken, func(cfg *Config) {
		cfg.TokenChanged = func(_ context.Context, token string) error {
			if n := s.count("GET /limits"); n != 0 {
				t.Errorf("the session was used %d times before its refresh token was stored", n)
			}
			if fail {
				return errors.New("disk full")
			}
			stored = append(stored, token)
			return nil
		}
	})
	_, err := c.Usage(context.Background())
	if e := wantCode(t, err, "token_not_saved"); e.Class != core.ClassTransient {
		t.Errorf("class %q, want transient", e.Class)
	}
	fail = false
	if _, err := c.Usage(context.Background()); err != nil {
		t.Fatal(err)
	}
	if s.issued.Load() != 1 || len(stored) != 1 || stored[0] != "refresh-1" {
		t.Errorf("%d sessions, stored %v; want one session and refresh-1", s.issued.Load(), stored)
	}
	s.answers["GET /limits"] = func(rw http.ResponseWriter, r *http.Request) {
		answerJSON(rw, 200, `{"DailyApiRequests":{"Max":100,"Remaining":60}}`)
	}
	c.cfg.TokenChanged = nil
	if _, err := c.tokens.renew(context.Background(), c.tokens.current, nil); err != nil {
		t.Fatal(err)
	}
	if last := s.bodies[len(s.bodies)-1]; !strings.Contains(last, "refresh_token=refresh-1") {
		t.Errorf("the second renewal sent %s, want the rotated token", last)
	}
}

// A caller who ends while the org answers waits until the rotated token is stored: a process
// that stopped before would have a dead one.
func TestARotatedRefreshTokenIsStoredAlthoughItsCallerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSession(t)
		s.rotate = true
		asked, answer := make(chan struct{}), make(chan struct{})
		opens := s.answers["POST /services/oauth2/token"]
		s.on("POST /services/oauth2/token", func(rw http.ResponseWriter, r *http.Request) {
			close(asked)
			<-answer
			opens(rw, r)
		})
		stored := ""
		c := client(t, s, refreshToken, func(cfg *Config) {
			cfg.TokenChanged = func(ctx context.Context, token string) error { stored = token; return ctx.Err() }
		})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { _, err := c.Usage(ctx); ended <- err }()
		<-asked
		stop()
		synctest.Wait()
		if len(ended) > 0 {
			t.Error("the caller did not wait for the token")
		}
		close(answer)
		if err := <-ended; !errors.Is(err, context.Canceled) || stored != "refresh-1" {
			t.Errorf("the call ends with %v, stored %q; want refresh-1", err, stored)
		}
	})
}

// I14: two processes use the same rotating token at once. The one whose use is
// refused goes on with what the other one was given, which is stored a moment later.
func TestATokenExchangedElsewhereAtTheSameMomentIsTakenUp(t *testing.T) {
	for name, row := range map[string]struct {
		stored bool
		grants int64
	}{"by another process": {true, 1}, "by nobody": {false, 0}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSession(t)
				opens := s.answers["POST /services/oauth2/token"]
				s.on("POST /services/oauth2/token", func(rw http.ResponseWriter, r *http.Request) {
					if r.FormValue("refresh_token") != "refresh-elsewhere" {
						answerJSON(rw, 400, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`)
						return
					}
					opens(rw, r)
				})
				began := time.Now()
				c := client(t, s, refreshToken, func(cfg *Config) {
					cfg.TokenKept = func(context.Context) (string, error) {
						if row.stored && time.Since(began) > time.Second {
							return "refresh-elsewhere", nil
						}
						return "", nil
					}
				})
				_, err := c.Usage(t.Context())
				if row.stored && err != nil {
					t.Fatal(err)
				}
				if !row.stored {
					wantCode(t, err, "invalid_grant")
				}
				if got := s.issued.Load(); got != row.grants {
					t.Errorf("%d sessions were opened, want %d", got, row.grants)
				}
			})
		})
	}
}

func TestRefusedGrants(t *testing.T) {
	cases := []struct {
		status int
		body   string
		class  core.Class
		code   string
	}{
		{400, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`, core.ClassAuth, "invalid_grant"},
		{401, `{"error":"invalid_client","error_description":"invalid client credentials"}`, core.ClassAuth, "invalid_client"},
		{400, `{"error":"rate_limit_exceeded","error_description":"slow down"}`, core.ClassTransient, "rate_limit_exceeded"},
		{503, `<html>maintenance</html>`, core.ClassTransient, connector.CodeNotJSON},
		{200, `<html>log in</html>`, core.ClassTransient, connector.CodeNotJSON},
		{200, `{}`, core.ClassTransient, connector.CodeNotJSON},
	}
	for _, tc := range cases {
		s := newSession(t)
		s.body("POST /services/oauth2/token", tc.status, tc.body)
		_, err := client(t, s, refreshToken).Usage(context.Background())
		e := wantCode(t, err, tc.code)
		if e.Class != tc.class || e.Sent {
			t.Errorf("%s: class %q sent %v, want %q and not sent", tc.body, e.Class, e.Sent, tc.class)
		}
		if strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "refresh-0") {
			t.Errorf("the message holds a secret: %v", err)
		}
	}
}

func TestTokenForAForeignInstanceIsNotUsed(t *testing.T) {
	s := newSession(t)
	s.instead = "https://evil.example"
	_, err := client(t, s, clientCredentials).Usage(context.Background())
	wantCode(t, err, connector.CodeForeignHost)
	if n := s.count("GET /limits"); n != 0 {
		t.Errorf("%d calls were made with the token", n)
	}
}

func TestJWTAssertion(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	s := newSession(t)
	c := client(t, s, func(cfg *Config) { cfg.Auth = Auth{JWT: &JWT{ClientID: "app", Username: "int@acme", KeyPEM: block}} })
	if _, err := c.Usage(context.Background()); err != nil {
		t.Fatal(err)
	}
	form, _ := c.tokens.form()
	var claims jwt.MapClaims
	_, err = jwt.ParseWithClaims(form.Get("assertion"), &claims, func(*jwt.Token) (any, error) { return &key.PublicKey, nil }, jwt.WithTimeFunc(c.cfg.Now))
	if err != nil || claims["iss"] != "app" || claims["sub"] != "int@acme" || claims["aud"] != testHost {
		t.Errorf("claims %v, %v", claims, err)
	}
	if exp, err := claims.GetExpirationTime(); err != nil || exp.Sub(epoch).Minutes() > 5 || !exp.After(epoch) {
		t.Errorf("expiry %v, %v; want a few minutes ahead", exp, err)
	}
}

func TestWebLogin(t *testing.T) {
	s := newSession(t)
	s.rotate = true
	w := WebLogin{LoginURL: testHost, ClientID: "app", RedirectURL: "http://127.0.0.1:1717/callback", Transport: inProcess(s)}
	verifier := w.Verifier()
	u := w.AuthorizeURL("state-1", verifier)
	for _, part := range []string{testHost + "/services/oauth2/authorize?", "code_challenge_method=S256", "response_type=code", "state=state-1", "scope=api+refresh_token"} {
		if !strings.Contains(u, part) {
			t.Errorf("authorize url %s lacks %s", u, part)
		}
	}
	if strings.Contains(u, verifier) {
		t.Error("the verifier is in the browser's url")
	}
	refresh, err := w.Exchange(context.Background(), "code-1", verifier)
	if err != nil || refresh != "refresh-1" {
		t.Fatalf("exchange: %q, %v", refresh, err)
	}
	if sent := s.bodies[0]; !strings.Contains(sent, "code_verifier="+verifier) || !strings.Contains(sent, "code=code-1") {
		t.Errorf("exchange sent %s", sent)
	}
	s.body("POST /services/oauth2/token", 400, `{"error":"invalid_grant","error_description":"invalid code verifier"}`)
	if _, err := w.Exchange(context.Background(), "code-1", verifier); err == nil || !strings.Contains(err.Error(), "invalid_grant: invalid code verifier") {
		t.Errorf("error %v, want the server's code", err)
	}
}

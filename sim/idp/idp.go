// Package idp is an identity provider that speaks OpenID Connect, for tests: discovery,
// keys, the authorization code flow with PKCE, and what it tells of a person. Whoever it
// is asked for is signed in at once, without a page.
package idp

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc/oidctest"
)

// Client is the app that may ask.
const (
	ClientID     = "tandem"
	ClientSecret = "the app's secret"
)

// Person is who signs in next.
type Person struct {
	Claims map[string]any // of the ID token; sub names the person
	Info   map[string]any // told at the userinfo endpoint
	Deny   bool           // the person does not agree
}

// Provider runs until its test ends.
type Provider struct {
	URL string
	key *rsa.PrivateKey
	now func() time.Time

	mu     sync.Mutex
	person Person
	forge  func(claims map[string]any)
	asked  map[string]url.Values // what a code was given for
	issued map[string]Person     // by access token
}

// New starts a provider on a free port of this machine, whose clock is now.
func New(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{now: now, key: key, asked: map[string]url.Values{}, issued: map[string]Person{}}
	keys := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "one", Algorithm: "RS256"}}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.Handle("GET /keys", keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userinfo)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	p.URL = s.URL
	keys.SetIssuer(s.URL)
	return p
}

// Next says who signs in from now on.
func (p *Provider) Next(who Person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.person = who
}

// Forge changes the claims of every ID token before it is signed.
func (p *Provider) Forge(change func(claims map[string]any)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forge = change
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
		"jwks_uri": p.URL + "/keys", "userinfo_endpoint": p.URL + "/userinfo", "id_token_signing_alg_values_supported": []string{"RS256"}})
}

// authorize sends the browser back with a code, or with the person's no.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" {
		http.Error(w, "this is no request of the app", http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	out := url.Values{"state": {q.Get("state")}}
	if p.person.Deny {
		out.Set("error", "access_denied")
	} else {
		code := rand.Text()
		p.asked[code] = q
		out.Set("code", code)
	}
	back.RawQuery = out.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// token gives an ID token for a code, once.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	code := r.PostFormValue("code")
	asked, known := p.asked[code]
	delete(p.asked, code)
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	name, secret, _ := r.BasicAuth()
	secret, _ = url.QueryUnescape(secret)
	switch {
	case name != ClientID || secret != ClientSecret:
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	case !known || asked.Get("redirect_uri") != r.PostFormValue("redirect_uri") || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]):
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	claims := map[string]any{"iss": p.URL, "aud": ClientID, "nonce": asked.Get("nonce"), "iat": p.now().Unix(), "exp": p.now().Add(time.Hour).Unix()}
	maps.Copy(claims, p.person.Claims)
	if p.forge != nil {
		p.forge(claims)
	}
	text, _ := json.Marshal(claims) // of texts and numbers
	access := rand.Text()
	p.issued[access] = p.person
	answer(w, http.StatusOK, map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 3600, "id_token": oidctest.SignIDToken(p.key, "one", "RS256", string(text))})
}

func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	who, known := p.issued[token]
	if !known {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
		return
	}
	info := map[string]any{"sub": who.Claims["sub"]}
	maps.Copy(info, who.Info)
	answer(w, http.StatusOK, info)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that went away reads nothing
}

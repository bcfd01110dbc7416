package salesforcesim

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const form = "application/x-www-form-urlencoded"

func (w *wire) post(path string, v url.Values) reply {
	w.t.Helper()
	return w.raw("POST", path, v.Encode(), form)
}

func (w *wire) tokenForm(pairs ...string) url.Values {
	info := w.org.Info()
	v := url.Values{"client_id": {info.IntegrationClientID}, "client_secret": {info.IntegrationClientSecret}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func (w *wire) refused(v url.Values, code, about string) {
	w.t.Helper()
	got := w.post("/services/oauth2/token", v).want(400).object()
	if got["error"] != code || about != "" && got["error_description"] != about {
		w.t.Errorf("%v, want %s %s", got, code, about)
	}
}

func TestClientCredentials(t *testing.T) {
	w := newWire(t)
	got := w.post("/services/oauth2/token", w.tokenForm("grant_type", "client_credentials")).want(200).object()
	if sortedJoin(got) != "access_token id instance_url issued_at scope signature token_type" || got["instance_url"] != "http://example.com" || !strings.HasPrefix(got["access_token"].(string), w.org.id()[:15]+"!") {
		t.Fatal(got)
	}
	w.refused(w.tokenForm("grant_type", "client_credentials", "client_secret", "x"), "invalid_client", "invalid client credentials")
	w.refused(w.tokenForm("grant_type", "client_credentials", "client_id", "x"), "invalid_client_id", "client identifier invalid")
	w.refused(w.tokenForm("grant_type", "password"), "invalid_grant", "authentication failure")
	w.refused(w.tokenForm("grant_type", "device"), "unsupported_grant_type", "")
}

func sortedJoin(m map[string]any) string { return strings.Join(sortedKeys(m), " ") }

func TestSessionsExpire(t *testing.T) {
	w := newWire(t)
	for range 3 {
		w.clock.move(90 * time.Minute)
		w.api("GET", "/limits", "").want(200)
	}
	w.clock.move(121 * time.Minute)
	w.api("GET", "/limits", "").want(401).same(`[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`)
	w.asAdmin().api("GET", "/limits", "").want(200)
}

func TestRefreshTokens(t *testing.T) {
	w := newWire(t)
	refresh := must[string](t)(w.org.IssueRefreshToken("integration"))
	v := w.tokenForm("grant_type", "refresh_token", "refresh_token", refresh)
	if got := w.post("/services/oauth2/token", v).want(200).object(); got["refresh_token"] != nil {
		t.Fatal(got)
	}
	rotate := true
	ok(t, w.org.RegisterApp(App{Rotate: &rotate}))
	next, _ := w.post("/services/oauth2/token", v).want(200).object()["refresh_token"].(string)
	w.refused(v, "invalid_grant", "expired access/refresh token")
	v.Set("refresh_token", next)
	w.post("/services/oauth2/token", v).want(200)
	w.org.RevokeGrants()
	w.refused(v, "invalid_grant", "expired access/refresh token")
}

func testKey(t *testing.T) (*rsa.PrivateKey, string) {
	t.Helper()
	key := must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 2048))
	der := must[[]byte](t)(x509.MarshalPKIXPublicKey(&key.PublicKey))
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func TestJWTBearer(t *testing.T) {
	key, public := testKey(t)
	stranger, _ := testKey(t)
	w := newWire(t, func(o *Options) { o.JWTCertificate = public })
	info := w.org.Info()
	assert := func(with *rsa.PrivateKey, iss, sub, aud string, exp time.Duration) url.Values {
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.RegisteredClaims{Issuer: iss, Subject: sub, Audience: jwt.ClaimStrings{aud}, ExpiresAt: jwt.NewNumericDate(w.clock.now().Add(exp))})
		return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {must[string](t)(token.SignedString(with))}}
	}
	const login = "https://login.salesforce.com"
	id, user := info.IntegrationClientID, info.IntegrationUsername
	w.post("/services/oauth2/token", assert(key, id, user, login, time.Minute)).want(200)
	w.post("/services/oauth2/token", assert(key, id, user, "http://example.com", time.Minute)).want(200)
	w.refused(assert(stranger, id, user, login, time.Minute), "invalid_grant", "invalid assertion")
	w.refused(assert(key, id, user, login, -time.Minute), "invalid_grant", "")
	w.refused(assert(key, id, user, "https://evil.example", time.Minute), "invalid_grant", "audience is invalid")
	w.refused(assert(key, id, "nobody@example.com", login, time.Minute), "invalid_grant", "user hasn't approved this consumer")
	w.refused(assert(key, "x", user, login, time.Minute), "invalid_client_id", "client identifier invalid")
}

func TestWebServerFlow(t *testing.T) {
	w := newWire(t)
	sum := sha256.Sum256([]byte("verifier"))
	q := url.Values{"response_type": {"code"}, "client_id": {w.org.Info().IntegrationClientID}, "redirect_uri": {"http://localhost:1717/callback"}, "scope": {"api refresh_token"},
		"state": {"s&1"}, "code_challenge": {pkce(sum[:])}, "code_challenge_method": {"S256"}}
	page := string(w.raw("GET", "/services/oauth2/authorize?"+q.Encode(), "", "").want(200).body)
	if !strings.Contains(page, `name="state" value="s&amp;1"`) || !strings.Contains(page, w.org.Info().IntegrationUsername) {
		t.Fatal(page)
	}
	approve := func(answer string) url.Values {
		v := url.Values{"answer": {answer}, "username": {w.org.Info().IntegrationUsername}}
		for k, x := range q {
			v[k] = x
		}
		back := must[*url.URL](t)(url.Parse(w.post("/services/oauth2/authorize", v).want(302).header.Get("Location")))
		if back.Host != "localhost:1717" || back.Query().Get("state") != "s&1" {
			t.Fatal(back)
		}
		return back.Query()
	}
	if got := approve("deny"); got.Get("error") != "access_denied" || got.Get("code") != "" {
		t.Fatal(got)
	}
	code := approve("allow").Get("code")
	exchange := w.tokenForm("grant_type", "authorization_code", "code", code, "redirect_uri", "http://localhost:1717/callback", "code_verifier", "wrong")
	w.refused(exchange, "invalid_grant", "invalid code verifier")
	exchange.Set("code_verifier", "verifier")
	w.refused(exchange, "invalid_grant", "invalid authorization code")
	exchange.Set("code", approve("allow").Get("code"))
	got := w.post("/services/oauth2/token", exchange).want(200).object()
	if got["refresh_token"] == nil {
		t.Fatal(got)
	}
	exchange.Set("code", approve("allow").Get("code"))
	w.clock.move(16 * time.Minute)
	w.refused(exchange, "invalid_grant", "expired authorization code")
	q.Set("redirect_uri", "https://evil.example/")
	w.raw("GET", "/services/oauth2/authorize?"+q.Encode(), "", "").want(400)
}

func TestIdentityRevokeIntrospect(t *testing.T) {
	w := newWire(t)
	got := w.raw("GET", "/services/oauth2/userinfo", "", "").want(200).object()
	if got["organization_id"] != w.org.id() || got["user_id"] != w.org.integrationID || !strings.HasPrefix(got["id"].(string), "https://") || got["preferred_username"] != w.org.Info().IntegrationUsername {
		t.Fatal(got)
	}
	w.raw("GET", "/id/"+w.org.id()+"/"+w.org.adminID, "", "").want(200)
	discovered := w.raw("GET", "/.well-known/openid-configuration", "", "").want(200).object()
	if at, _ := discovered["token_endpoint"].(string); !strings.HasSuffix(at, "/services/oauth2/token") {
		t.Error(discovered)
	}
	if got := w.post("/services/oauth2/introspect", w.tokenForm("token", w.token)).want(200).object(); got["active"] != true || got["username"] != w.org.Info().IntegrationUsername {
		t.Fatal(got)
	}
	w.post("/services/oauth2/revoke", url.Values{"token": {w.token}}).want(200)
	if got := w.post("/services/oauth2/introspect", w.tokenForm("token", w.token)).want(200).object(); got["active"] != false {
		t.Fatal(got)
	}
	if got := w.raw("GET", "/services/oauth2/userinfo", "", ""); got.status != 403 || !strings.Contains(string(got.body), "Bad_OAuth_Token") {
		t.Fatal(got.status, string(got.body))
	}
}

func TestEditionsWithoutAPI(t *testing.T) {
	for edition, status := range map[string]int{"Group Edition": 403, "Contact Manager Edition": 403, "Professional Edition": 200, "Enterprise Edition": 200, "Unlimited Edition": 200, "Developer Edition": 200} {
		w := newWire(t, func(o *Options) { o.Edition = edition })
		got := w.api("GET", "/query?q=SELECT+OrganizationType+FROM+Organization", "")
		if got.status != status {
			t.Errorf("%s: %d %s", edition, got.status, got.body)
		}
	}
}

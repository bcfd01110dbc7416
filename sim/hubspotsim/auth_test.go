package hubspotsim

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// form sends a token request.
func (r *rig) form(path string, kv ...string) response {
	r.t.Helper()
	q := url.Values{}
	for i := 0; i < len(kv); i += 2 {
		q.Set(kv[i], kv[i+1])
	}
	req := httptest.NewRequest("POST", path, strings.NewReader(q.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.send(req)
}

func (r *rig) oauthToken(version string) response {
	r.t.Helper()
	i := r.p.Info()
	return r.form("/oauth/"+version+"/token", "grant_type", "refresh_token", "client_id", i.ClientID, "client_secret", i.ClientSecret, "refresh_token", i.RefreshToken)
}

func TestTokensThatAreMissingOldOrUnknown(t *testing.T) {
	r := newRig(t, Options{})
	r.token = ""
	if got := r.want(401, "GET", companies, nil); got.str("category") != "INVALID_AUTHENTICATION" || !strings.HasPrefix(got.str("message"), "Authentication credentials not found.") {
		t.Fatal(got.raw)
	}
	r.token = "nonsense"
	if got := r.want(401, "GET", companies, nil); got.str("category") != "EXPIRED_AUTHENTICATION" || !strings.Contains(got.str("message"), "day(s) ago") {
		t.Fatal(got.raw)
	}
	r.token = r.oauthToken("v1").str("access_token")
	r.want(200, "GET", companies, nil)
	r.clock.add(30*time.Minute + 75*time.Second)
	if got := r.want(401, "GET", companies, nil); got.str("message") != "The OAuth token used to make this call expired 75 second(s) ago." || got.str("context", "expire time", "0") == "" {
		t.Fatal(got.raw)
	}
}

func TestTokenAnswersByVersion(t *testing.T) {
	r := newRig(t, Options{})
	v1, v3 := r.oauthToken("v1"), r.oauthToken("2026-03")
	if len(v1.body) != 4 || v1.at("expires_in") != 1800.0 || v1.str("refresh_token") != r.p.Info().RefreshToken {
		t.Fatal(v1.raw)
	}
	if v3.at("hub_id") == nil || v3.str("token_use") != "access_token" {
		t.Fatal(v3.raw)
	}
}

func TestTokenErrorsHaveBothShapes(t *testing.T) {
	r := newRig(t, Options{})
	i := r.p.Info()
	cases := []struct{ grant, id, secret, refresh, status, code string }{
		{"refresh_token", i.ClientID, i.ClientSecret, "nonsense", "BAD_REFRESH_TOKEN", "invalid_grant"},
		{"refresh_token", "x", i.ClientSecret, i.RefreshToken, "BAD_CLIENT_ID", "invalid_client"},
		{"refresh_token", i.ClientID, "x", i.RefreshToken, "BAD_CLIENT_SECRET", "invalid_client"},
		{"password", i.ClientID, i.ClientSecret, "", "BAD_GRANT_TYPE", "unsupported_grant_type"},
		{"authorization_code", i.ClientID, i.ClientSecret, "", "BAD_AUTH_CODE", "invalid_grant"},
	}
	for _, c := range cases {
		got := r.form("/oauth/v3/token", "grant_type", c.grant, "client_id", c.id, "client_secret", c.secret, "refresh_token", c.refresh)
		if got.status != 400 || got.str("status") != c.status || got.str("error") != c.code || got.str("error_description") == "" {
			t.Errorf("%+v: %d %s", c, got.status, got.raw)
		}
	}
	req := r.request("POST", "/oauth/v3/token", map[string]string{"grant_type": "refresh_token"})
	if got := r.send(req); got.status != http.StatusUnsupportedMediaType {
		t.Errorf("a JSON body: %d", got.status)
	}
}

func TestAuthorizePageGivesACodeThatIsGoodOnce(t *testing.T) {
	r := newRig(t, Options{})
	i := r.p.Info()
	q := url.Values{"client_id": {i.ClientID}, "redirect_uri": {"http://127.0.0.1:9/back"}, "scope": {"oauth crm.objects.companies.read"}, "state": {"s 1"}}
	page := r.call("GET", "/oauth/authorize?"+q.Encode(), nil)
	if page.status != 200 || !strings.Contains(page.raw, "crm.objects.companies.read") {
		t.Fatal(page.raw)
	}
	q.Set("answer", "approve")
	req := httptest.NewRequest("POST", "/oauth/authorize", strings.NewReader(q.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	to, err := url.Parse(r.send(req).header.Get("Location"))
	if err != nil || to.Query().Get("state") != "s 1" || to.Query().Get("code") == "" {
		t.Fatalf("sent to %v: %v", to, err)
	}
	exchange := func(redirect string) response {
		return r.form("/oauth/v3/token", "grant_type", "authorization_code", "client_id", i.ClientID, "client_secret", i.ClientSecret,
			"redirect_uri", redirect, "code", to.Query().Get("code"))
	}
	got := exchange("http://127.0.0.1:9/back")
	if got.status != 200 || got.str("refresh_token") == i.RefreshToken {
		t.Fatal(got.raw)
	}
	if again := exchange("http://127.0.0.1:9/back"); again.str("status") != "BAD_AUTH_CODE" {
		t.Fatal(again.raw)
	}
	r.token = got.str("access_token")
	r.want(200, "GET", companies, nil)
	denied := r.want(403, "GET", contacts, nil)
	if denied.str("category") != "MISSING_SCOPES" || denied.str("errors", "0", "context", "requiredGranularScopes", "0") != "crm.objects.contacts.read" {
		t.Fatal(denied.raw)
	}
}

func TestAuthorizeRefusesAStrangerAndAForeignForm(t *testing.T) {
	r := newRig(t, Options{})
	if got := r.call("GET", "/oauth/authorize?client_id=x&redirect_uri=http://a.example", nil); got.status != 400 {
		t.Fatal(got.status)
	}
	req := httptest.NewRequest("POST", "/oauth/authorize", strings.NewReader("answer=approve"))
	req.Header.Set("Origin", "https://evil.example")
	if got := r.send(req); got.status != http.StatusForbidden {
		t.Fatal(got.status)
	}
}

func TestScopesPerArea(t *testing.T) {
	cases := []struct{ scope, method, path string }{
		{"crm.objects.companies.read", "GET", companies}, {"crm.objects.companies.write", "POST", companies},
		{"crm.schemas.companies.write", "POST", "/crm/v3/properties/companies"}, {"crm.objects.owners.read", "GET", "/crm/v3/owners"},
		{"crm.lists.read", "POST", "/crm/v3/lists/search"}, {"crm.lists.write", "POST", "/crm/v3/lists"}, {"tickets", "GET", "/crm/v3/objects/tickets"},
		{"crm.objects.contacts.read", "GET", "/crm/v3/objects/tasks"},
	}
	for _, c := range cases {
		r := newRig(t, Options{})
		r.drop(c.scope)
		if got := r.call(c.method, c.path, map[string]any{}); got.status != 403 || !strings.Contains(got.raw, c.scope) {
			t.Errorf("%s %s without %s: %d %s", c.method, c.path, c.scope, got.status, got.raw)
		}
	}
}

func TestRevokedTokensStayRevoked(t *testing.T) {
	r := newRig(t, Options{})
	if err := r.p.Configure(Settings{RevokeTokens: true}); err != nil {
		t.Fatal(err)
	}
	r.want(401, "GET", companies, nil)
	if got := r.oauthToken("v3"); got.str("status") != "BAD_REFRESH_TOKEN" {
		t.Fatal(got.raw)
	}
}

func TestWhoWroteShows(t *testing.T) {
	r := newRig(t, Options{})
	mine := r.create("companies", "name", "A")
	r.token = r.p.Info().AdminToken
	theirs := r.create("companies", "name", "B")
	a, _ := r.p.As("ada").Get("companies", mine)
	b, _ := r.p.As("ada").Get("companies", theirs)
	if a["hs_object_source"] != "INTEGRATION" || a["hs_object_source_id"] != r.p.integration().sourceID {
		t.Fatalf("%v", a)
	}
	if b["hs_object_source"] != "CRM_UI" || !strings.HasPrefix(b["hs_object_source_id"], "userId:") {
		t.Fatalf("%v", b)
	}
}

func TestPrivateAppTokenInfo(t *testing.T) {
	r := newRig(t, Options{})
	got := r.want(200, "POST", "/oauth/v2/private-apps/get/access-token-info", map[string]string{"tokenKey": r.token})
	if got.at("appId") != float64(r.p.Info().AppID) || len(got.at("scopes").([]any)) == 0 {
		t.Fatal(got.raw)
	}
}

func TestACodeWithAChallengeNeedsItsVerifier(t *testing.T) {
	r := newRig(t, Options{})
	i := r.p.Info()
	const verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // RFC 7636, appendix B
	exchange := func(verifier string) response {
		form := url.Values{"client_id": {i.ClientID}, "redirect_uri": {"http://127.0.0.1:9/back"}, "scope": {"oauth"}, "answer": {"approve"},
			"code_challenge": {challenge}, "code_challenge_method": {"S256"}}
		req := httptest.NewRequest("POST", "/oauth/authorize", strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		to, err := url.Parse(r.send(req).header.Get("Location"))
		if err != nil || to.Query().Get("code") == "" {
			t.Fatalf("sent to %v: %v", to, err)
		}
		return r.form("/oauth/v3/token", "grant_type", "authorization_code", "client_id", i.ClientID, "client_secret", i.ClientSecret,
			"redirect_uri", "http://127.0.0.1:9/back", "code", to.Query().Get("code"), "code_verifier", verifier)
	}
	if got := exchange("another"); got.status != 400 || got.str("status") != "BAD_CODE_VERIFIER" {
		t.Error(got.raw)
	}
	if got := exchange(verifier); got.status != 200 || got.str("access_token") == "" {
		t.Error(got.raw)
	}
}

func TestTokensAreIntrospectedAndRevoked(t *testing.T) {
	r := newRig(t, Options{})
	i := r.p.Info()
	token := r.oauthToken("2026-03").str("access_token")
	ask := func(what string) response {
		return r.form("/oauth/2026-03/token/"+what, "client_id", i.ClientID, "client_secret", i.ClientSecret, "token", token)
	}
	if got := ask("introspect"); got.at("active") != true || got.str("token_use") != "access_token" {
		t.Error(got.raw)
	}
	if got := ask("revoke"); got.status >= 300 {
		t.Error(got.raw)
	}
	if got := ask("introspect"); got.at("active") != false {
		t.Error(got.raw)
	}
	r.token = token
	r.want(401, "GET", contacts, nil)
}

package salesforcesim

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// oauthError is a refusal of the token endpoint.
type oauthError struct {
	status      int
	code, about string
}

func denied(code, about string) *oauthError { return &oauthError{http.StatusBadRequest, code, about} }

// serveOAuth answers everything under /services/oauth2/.
func (o *Org) serveOAuth(w http.ResponseWriter, r *http.Request, what string) {
	switch what {
	case "token":
		o.serveToken(w, r)
	case "authorize":
		o.serveAuthorize(w, r)
	case "revoke":
		o.serveRevoke(w, r)
	case "introspect":
		o.serveIntrospect(w, r)
	case "userinfo":
		o.serveIdentity(w, r, true)
	default:
		http.NotFound(w, r)
	}
}

func (o *Org) serveToken(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		writeOAuthError(w, denied("invalid_request", "must use HTTP POST"))
		return
	}
	if err := r.ParseForm(); err != nil {
		writeOAuthError(w, denied("invalid_request", "the form cannot be read"))
		return
	}
	var body map[string]string
	var oe *oauthError
	switch r.PostForm.Get("grant_type") {
	case "client_credentials":
		body, oe = o.byClientCredentials(r)
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		body, oe = o.byAssertion(r)
	case "refresh_token":
		body, oe = o.byRefreshToken(r)
	case "password":
		body, oe = o.byPasswordGrant(r)
	case "authorization_code":
		body, oe = o.byCode(r)
	default:
		oe = denied("unsupported_grant_type", "grant type not supported")
	}
	if oe != nil {
		writeOAuthError(w, oe)
		return
	}
	writeJSON(w, http.StatusOK, body)
}

func writeOAuthError(w http.ResponseWriter, e *oauthError) {
	writeJSON(w, e.status, map[string]string{"error": e.code, "error_description": e.about})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// client authenticates the app; a public client (PKCE, refresh) may come
// without a secret.
func (o *Org) client(r *http.Request, secretNeeded bool) (*app, *oauthError) {
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	a := o.auth.apps[id]
	if a == nil {
		return nil, denied("invalid_client_id", "client identifier invalid")
	}
	if secret == "" && !secretNeeded {
		return a, nil
	}
	if subtle.ConstantTimeCompare([]byte(secret), []byte(a.secret)) != 1 {
		return nil, denied("invalid_client", "invalid client credentials")
	}
	return a, nil
}

func (o *Org) byClientCredentials(r *http.Request) (map[string]string, *oauthError) {
	o.auth.mu.Lock()
	a, oe := o.client(r, true)
	o.auth.mu.Unlock()
	switch {
	case oe != nil:
		return nil, oe
	case a.runAs == "":
		return nil, denied("invalid_grant", "no client credentials user enabled")
	}
	return o.issue(r, grant{userID: a.runAs, clientID: a.id, scope: "api"})
}

func (o *Org) byAssertion(r *http.Request) (map[string]string, *oauthError) {
	claims := jwt.RegisteredClaims{}
	var used *app
	o.auth.mu.Lock()
	_, err := jwt.ParseWithClaims(r.PostForm.Get("assertion"), &claims, func(*jwt.Token) (any, error) {
		used = o.auth.apps[claims.Issuer]
		if used == nil || used.key == nil {
			return nil, jwt.ErrTokenUnverifiable
		}
		return used.key, nil
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(o.now), jwt.WithExpirationRequired())
	o.auth.mu.Unlock()
	switch {
	case used == nil && claims.Issuer != "":
		return nil, denied("invalid_client_id", "client identifier invalid")
	case err != nil && strings.Contains(err.Error(), "expired"):
		return nil, denied("invalid_grant", "expired authorization code")
	case err != nil:
		return nil, denied("invalid_grant", "invalid assertion")
	case !o.isAudience(r, claims.Audience):
		return nil, denied("invalid_grant", "audience is invalid")
	}
	o.mu.RLock()
	user := o.userNamed(claims.Subject)
	o.mu.RUnlock()
	if user == nil {
		return nil, denied("invalid_grant", "user hasn't approved this consumer")
	}
	return o.issue(r, grant{userID: user.id, clientID: used.id, scope: "api"})
}

// isAudience: clients name the login host of their kind of org or this org.
func (o *Org) isAudience(r *http.Request, audience jwt.ClaimStrings) bool {
	for _, a := range audience {
		switch strings.TrimSuffix(a, "/") {
		case "https://login.salesforce.com", "https://test.salesforce.com", baseURL(r):
			return true
		}
	}
	return false
}

func (o *Org) byRefreshToken(r *http.Request) (map[string]string, *oauthError) {
	o.auth.mu.Lock()
	a, oe := o.client(r, false)
	token := r.PostForm.Get("refresh_token")
	g, known := o.auth.refresh[token]
	next := ""
	if oe == nil && known && g.clientID == a.id && a.rotate {
		delete(o.auth.refresh, token)
		next = o.auth.grantRefresh(g)
	}
	o.auth.mu.Unlock()
	switch {
	case oe != nil:
		return nil, oe
	case !known || g.clientID != a.id:
		return nil, denied("invalid_grant", "expired access/refresh token")
	}
	body, oe := o.issue(r, g)
	if oe == nil && next != "" {
		body["refresh_token"] = next
	}
	return body, oe
}

func (o *Org) byCode(r *http.Request) (map[string]string, *oauthError) {
	o.auth.mu.Lock()
	a, oe := o.client(r, r.PostForm.Get("code_verifier") == "")
	code := r.PostForm.Get("code")
	g, known := o.auth.codes[code]
	delete(o.auth.codes, code)
	o.auth.mu.Unlock()
	switch {
	case oe != nil:
		return nil, oe
	case !known || g.clientID != a.id:
		return nil, denied("invalid_grant", "invalid authorization code")
	case o.now().After(g.expires):
		return nil, denied("invalid_grant", "expired authorization code")
	case g.redirect != r.PostForm.Get("redirect_uri"):
		return nil, denied("redirect_uri_mismatch", "redirect_uri must match configuration")
	case !proves(g.challenge, r.PostForm.Get("code_verifier")):
		return nil, denied("invalid_grant", "invalid code verifier")
	}
	body, oe := o.issue(r, g)
	if oe == nil && strings.Contains(g.scope, "refresh_token") {
		o.auth.mu.Lock()
		body["refresh_token"] = o.auth.grantRefresh(grant{userID: g.userID, clientID: g.clientID, scope: g.scope})
		o.auth.mu.Unlock()
	}
	return body, oe
}

func proves(challenge, verifier string) bool {
	if challenge == "" {
		return true
	}
	sum := sha256.Sum256([]byte(verifier))
	return pkce(sum[:]) == challenge
}

// issue opens a session and renders the token answer; it has no expires_in.
func (o *Org) issue(r *http.Request, g grant) (map[string]string, *oauthError) {
	o.mu.RLock()
	user := o.find(g.userID)
	active := user != nil && user.named("IsActive").Bool()
	o.mu.RUnlock()
	if !active {
		return nil, denied("inactive_user", "user is inactive")
	}
	o.auth.mu.Lock()
	s := o.auth.open(g.userID, g.clientID, g.scope)
	secret := o.auth.apps[g.clientID].secret
	o.auth.mu.Unlock()
	id := baseURL(r) + "/id/" + o.id() + "/" + g.userID // under the host that was logged in to
	issued := strconv.FormatInt(s.issued.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(id + issued))
	return map[string]string{
		"access_token": s.token, "signature": base64.StdEncoding.EncodeToString(mac.Sum(nil)), "scope": g.scope,
		"instance_url": baseURL(r), "id": id, "token_type": "Bearer", "issued_at": issued,
	}, nil
}

// baseURL is the address under which the caller reached the org.
func baseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (o *Org) serveRevoke(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		writeOAuthError(w, denied("invalid_request", "the form cannot be read"))
		return
	}
	token := r.Form.Get("token")
	o.auth.mu.Lock()
	_, refresh := o.auth.refresh[token]
	_, access := o.auth.sessions[token]
	delete(o.auth.refresh, token)
	delete(o.auth.sessions, token)
	o.auth.mu.Unlock()
	if !refresh && !access {
		writeOAuthError(w, denied("invalid_token", "invalid token: "+token[:min(4, len(token))]+"…"))
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (o *Org) serveIntrospect(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		writeOAuthError(w, denied("invalid_request", "the form cannot be read"))
		return
	}
	o.auth.mu.Lock()
	_, oe := o.client(r, true)
	s := o.auth.sessions[r.PostForm.Get("token")]
	o.auth.mu.Unlock()
	switch {
	case oe != nil:
		writeOAuthError(w, oe)
	case s == nil || !s.lasting && o.now().After(s.expires):
		writeJSON(w, http.StatusOK, map[string]any{"active": false})
	default:
		o.mu.RLock()
		name := o.username(s.userID)
		o.mu.RUnlock()
		writeJSON(w, http.StatusOK, map[string]any{"active": true, "scope": s.scope, "client_id": s.clientID, "username": name, "token_type": "access_token",
			"sub": "https://login.salesforce.com/id/" + o.id() + "/" + s.userID, "exp": s.expires.Unix(), "iat": s.issued.Unix(), "nbf": s.issued.Unix()})
	}
}

const codeLifetime = 15 * time.Minute

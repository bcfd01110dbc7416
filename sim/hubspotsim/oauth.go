package hubspotsim

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	accessTokenLife = 30 * time.Minute
	codeLife        = 10 * time.Minute
)

// oauthCode is what the consent page gave an app; it is good once.
type oauthCode struct {
	redirect, challenge, method string
	scopes                      []string
	expires                     int64
}

// oauthState is the app's registration and what was granted to it.
type oauthState struct {
	codes   map[string]oauthCode
	refresh map[string][]string // refresh token: granted scopes
}

// issueCredentials makes the tokens that Info tells.
func (p *Portal) issueCredentials() {
	app := 1_000_000 + p.rand.IntN(9_000_000)
	p.info = Info{PortalID: p.portalID, AppID: app, AdminToken: "pat-na1-" + p.newUUID(), IntegrationToken: "pat-na1-" + p.newUUID(),
		ClientID: p.newUUID(), ClientSecret: p.newUUID(), RefreshToken: "na1-" + p.newUUID(),
		JournalClientID: p.newUUID(), JournalClientSecret: p.newUUID()}
	admin := p.owners[0]
	p.addBearer(&bearer{token: p.info.AdminToken, kind: grantPerson, by: personActor("admin", admin.UserID), scopes: allScopes, userID: admin.UserID})
	p.addBearer(&bearer{token: p.info.IntegrationToken, kind: grantPrivateApp, app: app, by: integrationActor(app, "integration"),
		scopes: allScopes, userID: admin.UserID})
	p.oauth = oauthState{codes: map[string]oauthCode{}, refresh: map[string][]string{p.info.RefreshToken: allScopes}}
}

func (p *Portal) oauthRoutes(rt routeTable) {
	open := func(method, pattern string, handle func(*call) (reply, *apiError)) {
		rt.add(route{open: true, write: true, budget: unmetered, handle: handle}, method, pattern)
	}
	form := func(pattern string, handle func(*call) (reply, *apiError)) {
		rt.add(route{open: true, write: true, budget: unmetered, body: "application/x-www-form-urlencoded", handle: handle}, "POST", pattern)
	}
	form("oauth/token", p.token)
	form("oauth/token/introspect", p.introspect)
	form("oauth/token/revoke", p.revoke)
	open("GET", "oauth/access-tokens/{token}", p.accessTokenInfo)
	open("GET", "oauth/refresh-tokens/{token}", p.refreshTokenInfo)
	open("DELETE", "oauth/refresh-tokens/{token}", p.deleteRefreshToken)
	open("POST", "oauth/private-apps/get/access-token-info", p.privateAppInfo)
	rt.add(route{write: true, handle: p.uninstall}, "DELETE", "appinstalls/external-install")
}

// tokenError has both the vendor's and the standard's shape.
func tokenError(status, code, message string) (reply, *apiError) {
	return reply{status: http.StatusBadRequest, body: map[string]string{"status": status, "message": message,
		"error": code, "error_description": message}}, nil
}

// form reads the parameters of a token call. Only v1 also takes them from the query.
func (c *call) form() (url.Values, bool) {
	if !strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil, false
	}
	q, err := url.ParseQuery(string(c.body))
	if err != nil {
		return nil, false
	}
	if c.ver == "v1" {
		for k, v := range c.r.URL.Query() {
			if q.Get(k) == "" {
				q[k] = v
			}
		}
	}
	return q, true
}

func (p *Portal) token(c *call) (reply, *apiError) {
	q, ok := c.form()
	if !ok {
		return reply{status: http.StatusUnsupportedMediaType, body: html("<html><body><h2>HTTP ERROR 415 Unsupported Media Type</h2></body></html>")}, nil
	}
	id, secret := p.info.ClientID, p.info.ClientSecret
	if q.Get("grant_type") == "client_credentials" {
		if q.Get("client_id") == p.info.JournalClientID {
			id, secret = p.info.JournalClientID, p.info.JournalClientSecret
		}
	}
	switch {
	case q.Get("client_id") != id:
		return tokenError("BAD_CLIENT_ID", "invalid_client", "missing or unknown client id")
	case q.Get("client_secret") != secret:
		return tokenError("BAD_CLIENT_SECRET", "invalid_client", "missing or invalid client secret")
	}
	switch q.Get("grant_type") {
	case "authorization_code":
		return p.tokenByCode(c, q)
	case "refresh_token":
		return p.tokenByRefresh(c, q)
	case "client_credentials":
		return p.tokenForApp(q)
	}
	return tokenError("BAD_GRANT_TYPE", "unsupported_grant_type", "missing or unknown grant type")
}

func (p *Portal) tokenByCode(c *call, q url.Values) (reply, *apiError) {
	code, ok := p.oauth.codes[q.Get("code")]
	delete(p.oauth.codes, q.Get("code"))
	switch {
	case !ok || code.expires <= p.nowMS():
		return tokenError("BAD_AUTH_CODE", "invalid_grant", "missing or unknown auth code")
	case code.redirect != q.Get("redirect_uri"):
		return tokenError("BAD_REDIRECT_URI", "invalid_request", "redirect URI does not match the one the code was issued for")
	case !code.verified(q.Get("code_verifier")):
		return tokenError("BAD_CODE_VERIFIER", "invalid_grant", "code verifier does not match the challenge")
	}
	refresh := "na1-" + p.newUUID()
	p.oauth.refresh[refresh] = code.scopes
	return p.grantTokens(c, refresh, code.scopes)
}

// verified checks the PKCE verifier; a code without a challenge needs none.
func (c oauthCode) verified(verifier string) bool {
	switch {
	case c.challenge == "":
		return true
	case c.method == "plain" || c.method == "":
		return verifier == c.challenge
	}
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:]) == c.challenge
}

func (p *Portal) tokenByRefresh(c *call, q url.Values) (reply, *apiError) {
	scopes, ok := p.oauth.refresh[q.Get("refresh_token")]
	if !ok {
		return tokenError("BAD_REFRESH_TOKEN", "invalid_grant", "refresh token is invalid, expired or revoked")
	}
	return p.grantTokens(c, q.Get("refresh_token"), scopes)
}

func (p *Portal) grantTokens(c *call, refresh string, scopes []string) (reply, *apiError) {
	b := p.addBearer(&bearer{token: "C" + strings.ReplaceAll(p.newUUID()+p.newUUID(), "-", ""), kind: grantOAuth, app: p.info.AppID,
		by: p.integration(), scopes: scopes, userID: p.owners[0].UserID, expires: p.nowMS() + accessTokenLife.Milliseconds()})
	body := map[string]any{"token_type": "bearer", "access_token": b.token, "refresh_token": refresh, "expires_in": int(accessTokenLife.Seconds())}
	if c.ver != "v1" {
		body["hub_id"], body["user_id"], body["scopes"], body["token_use"] = p.portalNumber, b.userID, scopes, "access_token"
	}
	return ok(body)
}

// integration is the actor of the integration's app.
func (p *Portal) integration() *actor { return p.tokens[p.info.IntegrationToken].by }

// tokenForApp gives a token of the app itself, for the journal.
func (p *Portal) tokenForApp(q url.Values) (reply, *apiError) {
	scopes := strings.Fields(q.Get("scope"))
	if len(scopes) == 0 {
		return tokenError("BAD_SCOPES", "invalid_scope", "missing scopes")
	}
	for _, s := range scopes {
		if !contains(journalScopes, s) {
			return tokenError("BAD_SCOPES", "invalid_scope", "unknown scope "+s)
		}
	}
	b := p.addBearer(&bearer{token: "A" + strings.ReplaceAll(p.newUUID(), "-", ""), kind: grantApp, app: p.info.AppID,
		by: p.integration(), scopes: scopes, expires: p.nowMS() + accessTokenLife.Milliseconds()})
	return ok(map[string]any{"token_type": "bearer", "access_token": b.token, "expires_in": int(accessTokenLife.Seconds()),
		"scopes": scopes, "token_use": "access_token"})
}

// tokenIn finds the token of an introspection or revocation under any of its names.
func tokenIn(q url.Values) string {
	for _, name := range []string{"token", "access_token", "refresh_token"} {
		if q.Get(name) != "" {
			return q.Get(name)
		}
	}
	return ""
}

func (p *Portal) introspect(c *call) (reply, *apiError) {
	q, valid := c.form()
	if !valid || q.Get("client_id") != p.info.ClientID || q.Get("client_secret") != p.info.ClientSecret {
		return tokenError("BAD_CLIENT_ID", "invalid_client", "missing or unknown client id")
	}
	token := tokenIn(q)
	out := map[string]any{"active": true, "hub_id": p.portalNumber, "user_id": p.owners[0].UserID, "client_id": p.info.ClientID,
		"app_id": p.info.AppID, "user": p.owners[0].Email, "hub_domain": hubDomain, "token_type": "bearer", "is_private_distribution": false}
	if scopes, ok := p.oauth.refresh[token]; ok {
		out["scopes"], out["token_use"] = scopes, "refresh_token"
		return reply{status: http.StatusOK, body: out}, nil
	}
	b := p.tokens[token]
	if b == nil || b.kind != grantOAuth || b.expires <= p.nowMS() {
		return ok(map[string]any{"active": false})
	}
	out["scopes"], out["token_use"], out["expires_in"] = b.scopes, "access_token", (b.expires-p.nowMS())/1000
	return ok(out)
}

const hubDomain = "portal.example"

func (p *Portal) revoke(c *call) (reply, *apiError) {
	q, valid := c.form()
	if !valid || q.Get("client_id") != p.info.ClientID || q.Get("client_secret") != p.info.ClientSecret {
		return tokenError("BAD_CLIENT_ID", "invalid_client", "missing or unknown client id")
	}
	delete(p.oauth.refresh, tokenIn(q))
	if b := p.tokens[tokenIn(q)]; b != nil && b.kind == grantOAuth {
		delete(p.tokens, b.token)
	}
	return ok(map[string]any{})
}

func (p *Portal) accessTokenInfo(c *call) (reply, *apiError) {
	b := p.tokens[c.vars["token"]]
	if b == nil || b.kind != grantOAuth || b.expires <= p.nowMS() {
		return reply{}, &apiError{Status: http.StatusNotFound, Message: "access token is invalid or expired"}
	}
	return ok(map[string]any{"token": b.token, "user": p.owners[0].Email, "hub_domain": hubDomain, "scopes": b.scopes,
		"hub_id": p.portalNumber, "app_id": b.app, "expires_in": (b.expires - p.nowMS()) / 1000, "user_id": b.userID, "token_type": "access"})
}

func (p *Portal) refreshTokenInfo(c *call) (reply, *apiError) {
	scopes, found := p.oauth.refresh[c.vars["token"]]
	if !found {
		return reply{}, &apiError{Status: http.StatusNotFound, Message: "refresh token is invalid, expired or revoked"}
	}
	return ok(map[string]any{"token": c.vars["token"], "user": p.owners[0].Email, "hub_domain": hubDomain, "scopes": scopes,
		"hub_id": p.portalNumber, "client_id": p.info.ClientID, "user_id": p.owners[0].UserID, "token_type": "refresh"})
}

func (p *Portal) deleteRefreshToken(c *call) (reply, *apiError) {
	delete(p.oauth.refresh, c.vars["token"])
	return noContent()
}

func (p *Portal) privateAppInfo(c *call) (reply, *apiError) {
	var in struct {
		Key string `json:"tokenKey"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	b := p.tokens[in.Key]
	if b == nil || b.kind == grantOAuth {
		return reply{}, &apiError{Status: http.StatusNotFound, Message: "token not found"}
	}
	return ok(map[string]any{"userId": b.userID, "hubId": p.portalNumber, "appId": b.app, "scopes": b.scopes})
}

// uninstall ends everything granted to the calling app.
func (p *Portal) uninstall(c *call) (reply, *apiError) {
	for _, key := range sortedKeys(p.tokens) {
		if b := p.tokens[key]; b.app == c.b.app && b.kind != grantPerson {
			delete(p.tokens, key)
		}
	}
	p.oauth.refresh = map[string][]string{}
	return noContent()
}

// authorizeJournal names the app of a journal request.
func (p *Portal) authorizeJournal(r *http.Request) (int64, []string, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	b, e := p.authenticate(r)
	if e != nil {
		return 0, nil, false
	}
	return int64(b.app), b.scopes, true
}

// authorizeWebhooks admits the developer key (here the client secret) as a
// query parameter, or the app's own token; a customer's token will not do.
func (p *Portal) authorizeWebhooks(r *http.Request, appID int64) int {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if r.URL.Query().Get("hapikey") == p.info.ClientSecret {
		return 0
	}
	b, e := p.authenticate(r)
	switch {
	case e != nil:
		return http.StatusUnauthorized
	case b.kind == grantApp && int64(b.app) == appID, b.kind == grantPerson:
		return 0
	}
	return http.StatusForbidden
}

package salesforcesim

import (
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// session is what an access token stands for.
type session struct {
	token, userID, clientID, scope string
	issued, expires                time.Time
	lasting                        bool // the administrator's token does not expire
}

// app is a connected app or external client app of the org.
type app struct {
	id, secret string
	runAs      string         // user of the client-credentials flow
	key        *rsa.PublicKey // of the JWT bearer flow
	rotate     bool
	callbacks  []string // any loopback address when empty
}

// grant is a refresh token's or an authorization code's content.
type grant struct {
	userID, clientID, scope string
	redirect, challenge     string
	expires                 time.Time
}

// authority holds the org's apps, sessions and grants. It has a lock of its
// own, which is never held while the org's is taken.
type authority struct {
	org        *Org
	app        *app
	adminToken string
	apiOff     atomic.Bool
	mu         sync.Mutex
	rng        *rand.Rand
	apps       map[string]*app
	sessions   map[string]*session
	refresh    map[string]grant
	codes      map[string]grant
	passwords  map[string]string // of users, by id
}

func newAuthority(o *Org, rng *rand.Rand) *authority {
	a := &authority{org: o, rng: rng, apps: map[string]*app{}, sessions: map[string]*session{}, refresh: map[string]grant{}, codes: map[string]grant{}, passwords: map[string]string{}}
	a.app = &app{id: "3MVG9" + a.random(80), secret: strings.ToUpper(a.random(64)), runAs: o.integrationID, rotate: o.options().RotateRefreshTokens}
	if o.options().JWTCertificate != "" {
		key, err := publicKey(o.options().JWTCertificate)
		if err != nil {
			panic("salesforcesim: " + err.Error())
		}
		a.app.key = key
	}
	a.apps[a.app.id] = a.app
	admin := a.open(o.adminID, "", "full")
	admin.lasting = true
	a.adminToken = admin.token
	return a
}

// publicKey reads a PEM certificate or public key.
func publicKey(pem string) (*rsa.PublicKey, error) {
	key, err := jwt.ParseRSAPublicKeyFromPEM([]byte(pem))
	if err != nil {
		return nil, errors.New("read JWT certificate: it is no PEM certificate with an RSA key")
	}
	return key, nil
}

// random gives n characters of the kind that tokens consist of. The caller
// holds the lock or is alone.
func (a *authority) random(n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = base62[a.rng.IntN(62)]
	}
	return string(out)
}

// open starts a session. Tokens begin with the org's id and "!".
func (a *authority) open(userID, clientID, scope string) *session {
	now := a.org.now()
	s := &session{token: a.org.id()[:15] + "!AQ" + a.random(90), userID: userID, clientID: clientID, scope: scope, issued: now, expires: now.Add(a.org.options().AccessTokenTTL)}
	a.sessions[s.token] = s
	return s
}

// use finds a live session and prolongs it.
func (a *authority) use(token string) *session {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.sessions[token]
	if s == nil {
		return nil
	}
	now := a.org.now()
	if !s.lasting && now.After(s.expires) {
		delete(a.sessions, token)
		return nil
	}
	s.expires = now.Add(a.org.options().AccessTokenTTL)
	return s
}

// ExpireSessions ends every session but the administrator's.
func (o *Org) ExpireSessions() {
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	for token, s := range o.auth.sessions {
		if !s.lasting {
			delete(o.auth.sessions, token)
		}
	}
}

// RevokeGrants makes every refresh token useless.
func (o *Org) RevokeGrants() {
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	clear(o.auth.refresh)
}

// IssueRefreshToken makes a refresh token of a user for the integration's
// app, as if that user had approved it in the browser.
func (o *Org) IssueRefreshToken(user string) (string, error) {
	o.mu.RLock()
	u := o.userNamed(user)
	o.mu.RUnlock()
	if u == nil {
		return "", errors.New("issue refresh token: the org has no user " + user)
	}
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	return o.auth.grantRefresh(grant{userID: u.id, clientID: o.auth.app.id, scope: "refresh_token api"}), nil
}

func (a *authority) grantRefresh(g grant) string {
	token := "5Aep861" + a.random(80)
	a.refresh[token] = g
	return token
}

func (o *Org) authorizeEvents(token, _, tenant string) error {
	if o.auth.use(token) == nil {
		return errors.New("the access token is not valid or has expired")
	}
	if id, ok := canonicalID(tenant); !ok || id != o.id() {
		return errors.New("the tenant id is not this org's")
	}
	return nil
}

// pkce computes the S256 challenge of a verifier's digest.
func pkce(digest []byte) string { return base64.RawURLEncoding.EncodeToString(digest) }

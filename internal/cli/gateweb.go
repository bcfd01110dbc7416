package cli

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"tandem/internal/config"
	"tandem/internal/connector/salesforce"
	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/store"
)

// secretLeaving names the sign-in of a side that is under way in a browser.
var secretLeaving = [2]string{"salesforce.leaving", "hubspot.leaving"}

// leaving is a sign-in in the browser that has begun: it ends in the session that it began in.
type leaving struct {
	Access   access    `json:"access"`
	State    string    `json:"state"`
	Session  string    `json:"session"`
	Verifier string    `json:"verifier"`
	Back     string    `json:"back"`
	Until    time.Time `json:"until"`
}

// Leave begins a sign-in in the browser.
func (g gate) Leave(ctx context.Context, c console.Credentials, session, back string) (string, error) {
	c.Way = console.WayBrowser
	a, err := g.given(c)
	if err != nil {
		return "", err
	}
	k, _, err := g.w.keeper(ctx, c.Connection)
	if err != nil {
		return "", err
	}
	l := leaving{Access: a, State: rand.Text() + "." + c.Side.String() + "." + c.Connection, Session: session, Verifier: oauth2.GenerateVerifier(),
		Back: back, Until: g.w.app.now().Add(signInTime)}
	sealed, err := k.sealed(secretLeaving[c.Side], l)
	if err != nil {
		return "", err
	}
	err = g.w.store.Update(ctx, func(tx *store.Tx) error { return tx.SecretSet(k.conn, secretLeaving[c.Side], sealed) })
	if err != nil {
		return "", err
	}
	if c.Side == core.Salesforce {
		return l.salesforce().AuthorizeURL(l.State, l.Verifier), nil
	}
	f, err := g.w.file().Connection(c.Connection)
	return l.hubspot(f).address(l.State, l.Verifier), err
}

func (l *leaving) salesforce() salesforce.WebLogin {
	return salesforce.WebLogin{LoginURL: l.Access.LoginURL, ClientID: l.Access.ClientID, ClientSecret: l.Access.ClientSecret, RedirectURL: l.Back}
}

func (l *leaving) hubspot(c config.Connection) portalLogin {
	return portalLoginOf(c.HubSpot.BaseURL, l.Access.ClientID, l.Access.ClientSecret, l.Back)
}

// Return ends a sign-in in the browser with what the side has answered.
func (g gate) Return(ctx context.Context, session string, answer url.Values) (c console.Credentials, err error) {
	state := answer.Get("state")
	if c, err = signInOf(state); err != nil {
		return c, err
	}
	f, err := g.w.file().Connection(c.Connection)
	if err != nil {
		return console.Credentials{}, strayAnswer()
	}
	l, err := g.take(ctx, c, func(l leaving) bool {
		return subtle.ConstantTimeCompare([]byte(l.State), []byte(state)) == 1 && l.Session == session && g.w.app.now().Before(l.Until)
	})
	if err != nil {
		return c, err
	}
	c.By = l.Access.By
	if answer.Get("code") == "" {
		return c, refused(c.Side.Label()+" has not let Tandem in: "+orElse(answer.Get("error_description"), orElse(answer.Get("error"), "no code came back")), "sign in again, and allow access")
	}
	ctx, cancel := context.WithTimeout(ctx, exchangeTime)
	defer cancel()
	if l.Access.Secret, err = l.exchange(ctx, f, c.Side, answer.Get("code")); err != nil {
		return c, refused(err.Error(), "check the app's client id and secret, then sign in again")
	}
	return c, g.enter(ctx, c.Connection, c.Side, l.Access)
}

// exchangeTime is how long a side may take to give a token for a code.
const exchangeTime = 30 * time.Second

func (l *leaving) exchange(ctx context.Context, f config.Connection, side core.Side, code string) (string, error) {
	if side == core.Salesforce {
		return l.salesforce().Exchange(ctx, code, l.Verifier)
	}
	return l.hubspot(f).exchange(ctx, code, l.Verifier)
}

// signInOf reads which sign-in an answer is of.
func signInOf(state string) (c console.Credentials, err error) {
	part := strings.SplitN(state, ".", 3)
	if len(part) == 3 {
		for _, side := range core.Sides {
			if side.String() == part[1] {
				return console.Credentials{Connection: part[2], Side: side}, nil
			}
		}
	}
	return c, strayAnswer()
}

func strayAnswer() error {
	return refused("this answer belongs to no sign-in that you have begun, or to one of more than ten minutes ago", "begin the sign-in again under Connect")
}

// take ends what was begun, once. An answer that does not fit leaves it: it may be of
// somebody else's making.
func (g gate) take(ctx context.Context, c console.Credentials, fits func(leaving) bool) (l leaving, err error) {
	k, _, err := g.w.keeper(ctx, c.Connection)
	if err != nil {
		return l, err
	}
	err = g.w.store.Update(ctx, func(tx *store.Tx) error {
		ok, err := k.unseal(tx, secretLeaving[c.Side], &l)
		if err != nil {
			return err
		}
		if !ok || !fits(l) {
			return strayAnswer()
		}
		return tx.SecretSet(k.conn, secretLeaving[c.Side], nil)
	})
	return l, err
}

// portalLogin is the sign-in to a portal in the browser.
type portalLogin struct{ oauth2.Config }

// portalLoginOf signs in by an app. Another address of the API, that of a simulated portal,
// serves its own page.
func portalLoginOf(base, clientID, secret, back string) portalLogin {
	page := base
	if base == "" || base == hubspotAPI {
		base, page = hubspotAPI, "https://app.hubspot.com"
	}
	return portalLogin{oauth2.Config{ClientID: clientID, ClientSecret: secret, RedirectURL: back, Scopes: hubspotScopes,
		Endpoint: oauth2.Endpoint{AuthURL: page + "/oauth/authorize", TokenURL: base + "/oauth/v1/token", AuthStyle: oauth2.AuthStyleInParams}}}
}

// hubspotAPI is the address of HubSpot's API.
const hubspotAPI = "https://api.hubapi.com"

func (p portalLogin) address(state, verifier string) string {
	return p.AuthCodeURL(state, oauth2.SetAuthURLParam("optional_scope", dealScopes), oauth2.S256ChallengeOption(verifier))
}

func (p portalLogin) exchange(ctx context.Context, code, verifier string) (string, error) {
	token, err := p.Exchange(context.WithValue(ctx, oauth2.HTTPClient, &http.Client{CheckRedirect: stay}), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return "", plainExchange(err)
	}
	return token.RefreshToken, nil
}

package cli

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"tandem/internal/config"
	"tandem/internal/connector/salesforce"
)

// redirectURL is where a vendor sends the browser back to; it has to be
// registered with the app.
func (f *initFlags) redirectURL() string { return "http://" + f.redirect + "/callback" }

// signInTime is how long a person may take in the browser.
const signInTime = 10 * time.Minute

// signIn gets refresh tokens in the browser and puts them into the settings.
func (a *app) signIn(ctx context.Context, f *initFlags, c *config.Connection) error {
	if v, ok := a.env("TANDEM_SECRETS_KEY"); !ok || v == "" {
		return usage("TANDEM_SECRETS_KEY is not set", "set it to a long random text, such as "+rand.Text()+", and keep it: it encrypts renewed tokens")
	}
	secret, _ := a.env(f.secretEnv) // a public app has none
	w := salesforce.WebLogin{LoginURL: strings.TrimRight(f.loginURL, "/"), ClientID: f.clientID, ClientSecret: secret, RedirectURL: f.redirectURL()}
	verifier := w.Verifier()
	code, err := a.inBrowser(ctx, f.redirect, "Salesforce", func(state string) string { return w.AuthorizeURL(state, verifier) })
	if err != nil {
		return err
	}
	token, err := w.Exchange(ctx, code, verifier)
	if err != nil {
		return err
	}
	c.Salesforce.Auth.RefreshToken = &config.RefreshToken{ClientID: f.clientID, Token: config.Secret(token)}
	if secret != "" {
		c.Salesforce.Auth.RefreshToken.ClientSecret = variable(f.secretEnv)
	}
	if f.hubspotClientID == "" {
		return nil
	}
	return a.signInHubSpot(ctx, f, c)
}

// hubspotScopes are the rights that the sync of companies and people needs and no
// more (LIM-24).
var hubspotScopes = []string{"oauth", "crm.objects.companies.read", "crm.objects.companies.write", "crm.objects.contacts.read", "crm.objects.contacts.write",
	"crm.schemas.companies.read", "crm.schemas.companies.write", "crm.schemas.contacts.read", "crm.schemas.contacts.write", "crm.objects.owners.read", "crm.lists.read",
	"communication_preferences.read", "communication_preferences.write"}

// dealScopes are the rights that deals need besides: an app without them signs in all the
// same.
const dealScopes = "crm.objects.deals.read crm.objects.deals.write crm.schemas.deals.read crm.schemas.deals.write"

func (a *app) signInHubSpot(ctx context.Context, f *initFlags, c *config.Connection) error {
	secret, _ := a.env(f.hubspotSecretEnv)
	if secret == "" {
		return usage(f.hubspotSecretEnv+" is not set", "set it to the client secret of the HubSpot app")
	}
	login, verifier := portalLoginOf(f.baseURL, f.hubspotClientID, secret, f.redirectURL()), oauth2.GenerateVerifier()
	code, err := a.inBrowser(ctx, f.redirect, "HubSpot", func(state string) string { return login.address(state, verifier) })
	if err != nil {
		return err
	}
	token, err := login.exchange(ctx, code, verifier)
	if err != nil {
		return err
	}
	c.HubSpot.Auth.OAuth = &config.RefreshToken{ClientID: f.hubspotClientID, ClientSecret: variable(f.hubspotSecretEnv), Token: config.Secret(token)}
	return nil
}

// plainExchange keeps the portal's code and text and drops the raw answer.
func plainExchange(err error) error {
	var refusal *oauth2.RetrieveError
	if errors.As(err, &refusal) {
		err = fmt.Errorf("%s: %s", refusal.ErrorCode, refusal.ErrorDescription)
	}
	return fmt.Errorf("exchange hubspot code: %w; start the login again", err)
}

// stay keeps a form with a secret from being sent on to where an answer points.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// inBrowser shows a login address and waits for the code that comes back.
func (a *app) inBrowser(ctx context.Context, redirect, who string, address func(state string) string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, signInTime)
	defer cancel()
	l, err := net.Listen("tcp", redirect)
	if err != nil {
		return "", usage("wait for the browser at "+redirect+": "+err.Error(), "choose another --redirect")
	}
	state, answers := rand.Text(), make(chan url.Values, 1)
	web := &http.Server{Handler: callback(state, answers), ReadHeaderTimeout: time.Minute}
	go func() { _ = web.Serve(l) }() // it ends with Close
	defer web.Close()
	a.note("Open this address in the browser and allow access to %s:\n  %s", who, address(state))
	select {
	case got := <-answers:
		if got.Get("code") == "" {
			return "", refused(who+" refused the login: "+orElse(got.Get("error_description"), got.Get("error")), "start again, and allow access")
		}
		return got.Get("code"), nil
	case <-ctx.Done():
		return "", refused("nobody came back from the browser", "start again")
	}
}

// callback takes the one answer that carries our state.
func callback(state string, answers chan<- url.Values) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /callback", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(state)) != 1 {
			http.Error(w, "this answer belongs to another login", http.StatusBadRequest)
			return
		}
		select {
		case answers <- q:
		default:
		}
		_, _ = io.WriteString(w, "Done. You can close this window and go back to the terminal.\n")
	})
	return mux
}

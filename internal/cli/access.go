package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/internal/config"
	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/store"
)

// codeNotConnected says that nobody has signed a side in yet.
const codeNotConnected = "not_connected"

// secretAccess names how each side was signed in to at the console.
var secretAccess = [2]string{"salesforce.access", "hubspot.access"}

// access is how somebody signed a side in at the console. It counts where the settings file
// gives no way.
type access struct {
	Way          string    `json:"way"`
	By           string    `json:"by"`
	At           time.Time `json:"at"`
	LoginURL     string    `json:"login_url,omitempty"`
	ClientID     string    `json:"client_id,omitempty"`
	ClientSecret string    `json:"client_secret,omitempty"`
	Username     string    `json:"username,omitempty"`
	Secret       string    `json:"secret"` // the token or key of the way
}

// into gives a connection this way of signing in.
func (a *access) into(c *config.Connection, side core.Side) {
	token := &config.RefreshToken{ClientID: a.ClientID, ClientSecret: config.Secret(a.ClientSecret), Token: config.Secret(a.Secret)}
	if side == core.HubSpot {
		c.HubSpot.Auth = config.HubSpotAuth{OAuth: token}
		if a.Way == console.WayToken {
			c.HubSpot.Auth = config.HubSpotAuth{StaticToken: token.Token}
		}
		return
	}
	c.Salesforce.LoginURL = a.LoginURL
	switch a.Way {
	case console.WayApp:
		c.Salesforce.Auth = config.SalesforceAuth{ClientCredentials: &config.ClientCredentials{ClientID: a.ClientID, ClientSecret: token.ClientSecret}}
	case console.WayCertificate:
		c.Salesforce.Auth = config.SalesforceAuth{JWT: &config.JWT{ClientID: a.ClientID, Username: a.Username, Key: token.Token}}
	default:
		c.Salesforce.Auth = config.SalesforceAuth{RefreshToken: token}
	}
}

// wayInFile is how the settings file has a side signed in to, blank where it leaves that out.
func wayInFile(c config.Connection, side core.Side) string {
	sf, hs := c.Salesforce.Auth, c.HubSpot.Auth
	switch {
	case side == core.HubSpot && hs.OAuth != nil, side == core.Salesforce && sf.RefreshToken != nil:
		return console.WayBrowser
	case side == core.HubSpot && hs.StaticToken != "":
		return console.WayToken
	case side == core.HubSpot:
		return ""
	case sf.ClientCredentials != nil:
		return console.WayApp
	case sf.JWT != nil:
		return console.WayCertificate
	case sf.AccessToken != nil:
		return console.WaySession
	}
	return ""
}

// outside are the sides that a connection does not say how to sign in to.
func outside(c config.Connection) []core.Side {
	return slices.DeleteFunc(slices.Clone(core.Sides[:]), func(side core.Side) bool { return wayInFile(c, side) != "" })
}

// signedInAtConsole are the sides that somebody signs in to at the console.
func signedInAtConsole(c config.Connection) (out [2]bool) {
	for _, side := range outside(c) {
		out[side] = true
	}
	return out
}

// notConnected tells that nobody has signed in to sides yet.
func notConnected(c config.Connection, sides []core.Side) error {
	names := make([]string, len(sides))
	for i, side := range sides {
		names[i] = side.Label()
	}
	return &problem{Code: codeNotConnected, Message: "connection " + c.Name + " is not connected to " + strings.Join(names, " and ") + " yet",
		Mend: "sign in at the console of tandem serve, under Connect, or give auth in the settings file", exit: exitNot}
}

// access is what somebody gave for a side at the console; ok is false for nothing.
func (k *keeper) access(ctx context.Context, side core.Side) (a access, ok bool, err error) {
	err = k.store.View(ctx, func(tx *store.Tx) (err error) { ok, err = k.unseal(tx, secretAccess[side], &a); return err })
	return a, ok, err
}

// admit keeps how a side is signed in to, and pins the account that was reached first.
func (k *keeper) admit(ctx context.Context, side core.Side, a access, account string) error {
	sealed, err := k.sealed(secretAccess[side], a)
	if err != nil {
		return err
	}
	return k.store.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Connection(k.name)
		if err == nil && row.Accounts[side] == "" {
			row.Accounts[side] = account
			err = tx.ConnectionSave(row)
		}
		if err != nil {
			return err
		}
		return tx.SecretSet(k.conn, secretAccess[side], sealed)
	})
}

// forget drops all that is kept of a sign-in to a side at the console.
func (k *keeper) forget(ctx context.Context, side core.Side) error {
	return k.store.Update(ctx, func(tx *store.Tx) error {
		for _, name := range []string{secretAccess[side], secretLeaving[side], [2]string{secretSalesforce, secretHubSpot}[side]} {
			if err := tx.SecretSet(k.conn, name, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// granted puts in what was given at the console where the settings leave it out.
func (k *keeper) granted(ctx context.Context, c *config.Connection) error {
	for _, side := range outside(*c) {
		a, ok, err := k.access(ctx, side)
		if err != nil {
			return err
		}
		if ok {
			a.into(c, side)
		}
	}
	return nil
}

// sealed encrypts a value for a place.
func (k *keeper) sealed(name string, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("keep secret %s: %w", name, err)
	}
	return k.vault.seal(k.place(name), text)
}

// unseal reads an encrypted value; ok is false where there is none.
func (k *keeper) unseal(tx *store.Tx, name string, into any) (ok bool, err error) {
	sealed, ok, err := tx.Secret(k.conn, name)
	if err != nil || !ok {
		return false, err
	}
	text, _, err := k.vault.open(k.place(name), sealed)
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal(text, into)
}

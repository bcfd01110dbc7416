package console

import (
	"context"
	"net/url"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// Ways to sign in to a side.
const (
	WayBrowser     = "browser"     // a person allows an app
	WayApp         = "app"         // an app by itself (client credentials)
	WayCertificate = "certificate" // an app that trusts a certificate (JWT)
	WayToken       = "token"       // a token of a private app
	WaySession     = "session"     // an access token that somebody else got
)

// Gate signs a connection in to its sides. What it takes is kept encrypted and never shown.
type Gate interface {
	// SignedIn tells how each side is signed in to.
	SignedIn(ctx context.Context, connection string) ([2]SignedIn, error)
	// Enter keeps credentials once the side has let them in.
	Enter(ctx context.Context, c Credentials) error
	// Leave begins a sign-in in the browser, and gives the address of the side's page. The
	// side sends the browser to back, which must be of the same session.
	Leave(ctx context.Context, c Credentials, session, back string) (address string, err error)
	// Return ends it with what the side has answered, and gives what was signed in to.
	Return(ctx context.Context, session string, answer url.Values) (Credentials, error)
	// Forget drops what was kept of a sign-in at the console. The account stays the
	// connection's.
	Forget(ctx context.Context, connection, by string, side core.Side) error
	// Add makes a connection with nothing switched on, which nobody is signed in to yet.
	Add(ctx context.Context, n NewConnection) error
	// Added reports that a connection was made by Add: the settings file says nothing of it.
	Added(connection string) bool
	// Remove takes back a connection that was added, while nobody is signed in to either side.
	Remove(ctx context.Context, connection, by string) error
}

// NewConnection is what somebody says of a connection that is to be.
type NewConnection struct {
	Name, By string
	Profile  config.Profile
	// Beside is the connection whose org this one shares, blank for an org of its own, which
	// LoginURL is signed in at.
	Beside, LoginURL string
	Portal           string // its id, blank for the first that is signed in to
	// UpdateOnly keeps the org's people out of the portal but for those who are linked (INST-7).
	UpdateOnly bool
}

// SignedIn says how a side is signed in to, without secrets.
type SignedIn struct {
	Way    string // blank for not yet
	InFile bool   // the settings file says how
	Host   string
	By     string // who signed in at the console
	At     time.Time
}

// Credentials are what somebody gives for signing a side in.
type Credentials struct {
	Connection, By string
	Side           core.Side
	Way            string
	LoginURL       string // of Salesforce
	ClientID       string
	ClientSecret   config.Secret
	Username       string
	Key            config.Secret // PEM
	Token          config.Secret
}

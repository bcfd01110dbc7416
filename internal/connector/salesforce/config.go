package salesforce

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/grpc"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// DefaultAPIVersion is the REST version asked where the configuration names
// none: Winter '26.
const DefaultAPIVersion = "v65.0"

// defaultPollEvery is the first wait between two looks at a bulk job.
const defaultPollEvery = time.Second

// Config says which org to speak to, as whom, and over what.
type Config struct {
	// LoginURL is the My Domain, or login./test.salesforce.com for grants
	// other than client credentials. https, except for a loopback host.
	LoginURL   string
	APIVersion string // "v65.0" or "65.0"; blank is DefaultAPIVersion
	Auth       Auth
	// ClientName is sent as Sforce-Call-Options client= and comes back in
	// change events; it is unique per connection and has no blanks, commas or
	// semicolons.
	ClientName string
	// PubSubAddr is host:port or https://host:port of the Pub/Sub API, by TLS;
	// http://host:port speaks plain text.
	PubSubAddr string
	// PermissionSet is the API name of the permission set that Ensure grants
	// field access in; blank picks one that is assigned to the running user.
	PermissionSet string
	// Events are the objects whose changes Listen announces; nil is Account,
	// Contact and Lead.
	Events []core.Object
	// PriceBook is the name or id of the price book whose prices products have; blank is
	// the standard one.
	PriceBook string
	// Transport carries all requests and is already paced; nil is a clone of
	// http.DefaultTransport.
	Transport http.RoundTripper
	PubSub    grpc.ClientConnInterface // nil dials PubSubAddr at the first Listen
	Now       func() time.Time
	// TokenChanged persists a rotated refresh token; it is called before the
	// access token that came with it is used.
	TokenChanged func(ctx context.Context, refreshToken string) error
	// TokenKept gives the refresh token that counts now, which another process may
	// have renewed; blank is the one known here. Nil asks nobody.
	TokenKept func(ctx context.Context) (refreshToken string, err error)
	// JobStarted persists a bulk job and the keys of its ops; it is called
	// before the rows are uploaded, so that ResumeJob can settle them after a
	// crash. Nil keeps Write from using bulk ingest.
	JobStarted func(ctx context.Context, jobID string, keys []string) error
	// BulkFrom is the number of rows above which a scan of everything is a bulk
	// query; zero is 100,000.
	BulkFrom int
	// PollEvery is the first wait between two looks at a bulk job; it grows to
	// fifteen times that. Zero is one second.
	PollEvery time.Duration
}

// Auth is exactly one of the grants.
type Auth struct {
	ClientCredentials *ClientCredentials
	JWT               *JWT
	RefreshToken      *RefreshToken
	AccessToken       *AccessToken
}

// ClientCredentials is the grant of an app with a run-as user; only a My
// Domain host answers it.
type ClientCredentials struct{ ID, Secret string }

// JWT is the bearer grant of an app that trusts a certificate.
type JWT struct {
	ClientID, Username string
	KeyPEM             []byte // RSA private key
	Audience           string // blank is the login URL
}

// RefreshToken is the grant that the web-server flow leaves behind.
type RefreshToken struct{ ClientID, ClientSecret, Token string }

// AccessToken is a session that somebody else opened; it cannot be renewed.
type AccessToken struct{ Token, InstanceURL string }

var (
	clientNamePattern = regexp.MustCompile(`^[A-Za-z0-9._/-]{1,100}$`)
	versionPattern    = regexp.MustCompile(`^v\d{2,3}\.0$`)
)

// complete checks the configuration and fills its defaults in.
func (cfg *Config) complete() (*rsa.PrivateKey, error) {
	if cfg.Now == nil {
		return nil, errors.New("configure salesforce: a clock is missing")
	}
	if cfg.APIVersion == "" {
		cfg.APIVersion = DefaultAPIVersion
	}
	if !strings.HasPrefix(cfg.APIVersion, "v") {
		cfg.APIVersion = "v" + cfg.APIVersion
	}
	if !versionPattern.MatchString(cfg.APIVersion) {
		return nil, fmt.Errorf("configure salesforce: api version %q is not like v65.0", cfg.APIVersion)
	}
	if !clientNamePattern.MatchString(cfg.ClientName) {
		return nil, fmt.Errorf("configure salesforce: client name %q must be letters, digits, dots, dashes", cfg.ClientName)
	}
	if cfg.BulkFrom == 0 {
		cfg.BulkFrom = defaultBulkFrom
	}
	if cfg.PollEvery == 0 {
		cfg.PollEvery = defaultPollEvery
	}
	if cfg.Events == nil {
		cfg.Events = []core.Object{core.Account, core.Contact, core.Lead}
	}
	return cfg.Auth.check()
}

// check demands exactly one grant and parses the key of a JWT grant.
func (a Auth) check() (*rsa.PrivateKey, error) {
	given := 0
	for _, has := range []bool{a.ClientCredentials != nil, a.JWT != nil, a.RefreshToken != nil, a.AccessToken != nil} {
		if has {
			given++
		}
	}
	if given != 1 {
		return nil, fmt.Errorf("configure salesforce: %d ways to authenticate are given, name exactly one", given)
	}
	if a.JWT == nil {
		return nil, nil
	}
	key, err := jwt.ParseRSAPrivateKeyFromPEM(a.JWT.KeyPEM)
	if err != nil {
		return nil, errors.New("configure salesforce: the JWT key is not an RSA private key in PEM form")
	}
	return key, nil
}

// Client is one connection's view of an org. Safe for concurrent use.
type Client struct {
	cfg     Config
	http    *http.Client
	hosts   hosts
	tokens  *tokens
	meter   meter
	schemas schemas
	bus     bus
	book    chosenBook
}

var _ connector.Connector = (*Client)(nil)

// New checks the configuration; it makes no call.
func New(cfg Config) (*Client, error) {
	key, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	h, err := newHosts(cfg)
	if err != nil {
		return nil, err
	}
	if cfg.Transport == nil {
		plain := http.DefaultTransport.(*http.Transport).Clone()
		plain.ResponseHeaderTimeout = headDeadline
		cfg.Transport = plain
	}
	c := &Client{cfg: cfg, hosts: h}
	c.http = &http.Client{Transport: cfg.Transport, CheckRedirect: sameHostOnly}
	c.tokens = newTokens(c, key)
	c.meter.now = cfg.Now
	return c, nil
}

// Close ends the connection to the event bus and gives idle connections back.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return c.bus.close()
}

// Caps are what Salesforce's limits allow: 200 rows a collections call, 2,000
// ids a retrieve, stamps of one second. A change becomes visible at commit with
// the stamp of its transaction's start, so polls re-read two minutes.
func (c *Client) Caps() connector.Caps {
	return connector.Caps{BatchSize: maxCollection, ReadSize: maxRetrieve, StampUnit: time.Second, Overlap: 2 * time.Minute}
}

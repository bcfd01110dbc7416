package hubspot

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tandem/internal/connector"
	"tandem/internal/connector/pace"
	"tandem/internal/core"
)

// OAuth are the credentials of a public app in one portal.
type OAuth struct {
	ClientID, ClientSecret, RefreshToken string
	// TokenChanged stores a rotated refresh token before the access token that
	// came with it is used. Nil ignores rotation.
	TokenChanged func(ctx context.Context, refreshToken string) error
	// TokenKept gives the refresh token that counts now, which another process may
	// have renewed; blank is the one known here. Nil asks nobody.
	TokenKept func(ctx context.Context) (refreshToken string, err error)
}

// Journal are the client credentials of the app whose webhooks journal is read.
type Journal struct {
	ClientID, ClientSecret string
	// Hosts are further hosts that journal entries may be downloaded from,
	// beside the API's own and the vendor's.
	Hosts []string
	// Lists are the ids of lists whose membership changes are wanted.
	Lists []string
	// Properties are the changed properties wanted by object; an object without
	// an entry announces all it can.
	Properties map[core.Object][]string
}

// Config of a Client. One of StaticToken and OAuth is required.
type Config struct {
	BaseURL     string // https://api.hubapi.com when blank
	StaticToken string // private app or service key
	OAuth       *OAuth
	Journal     *Journal // nil: the portal is polled
	// AppID is the id of our own app, for marking our own changes; asked for
	// when blank.
	AppID string
	// Transport is the account's paced transport; nil means
	// http.DefaultTransport.
	Transport http.RoundTripper
	Now       func() time.Time // required
	// PortalID is what the journal is read for and what webhooks must name;
	// learned by Identity when blank.
	PortalID string
	// IndexLag is how far behind the portal's clock a window ends, because
	// search sees a change only "a few moments" later; 10 s when zero.
	IndexLag time.Duration
	// Events are the objects whose changes the journal is to announce, and which are all
	// looked at where it tells what cannot be read; nil is companies and contacts.
	Events []core.Object
}

const (
	defaultBaseURL  = "https://api.hubapi.com"
	defaultIndexLag = 10 * time.Second
)

// Client is one portal. It implements connector.Connector and is safe for
// concurrent use.
type Client struct {
	cfg     Config
	base    *url.URL
	http    *http.Client
	tokens  *tokens
	journal *tokens // nil without journal credentials
	clock   clock
	// noBatches says that the portal refused batches of consent.
	noBatches atomic.Bool

	mu       sync.Mutex
	portalID string
	appInfo  appInfo
	usage    connector.Usage
}

var _ connector.Connector = (*Client)(nil)

// New checks the configuration; it makes no call.
func New(cfg Config) (*Client, error) {
	if cfg.Now == nil {
		return nil, fmt.Errorf("configure hubspot: Now is required")
	}
	if (cfg.StaticToken == "") == (cfg.OAuth == nil) {
		return nil, fmt.Errorf("configure hubspot: give either a static token or OAuth credentials")
	}
	base, err := parseBase(cmp.Or(cfg.BaseURL, defaultBaseURL))
	if err != nil {
		return nil, err
	}
	cfg.Events = followed(cfg.Events)
	cfg.IndexLag = cmp.Or(cfg.IndexLag, defaultIndexLag)
	c := &Client{cfg: cfg, base: base, portalID: cfg.PortalID, appInfo: appInfo{id: cfg.AppID}, clock: clock{now: cfg.Now}}
	c.http = &http.Client{Transport: cfg.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	c.tokens = c.portalTokens()
	c.journal = c.journalTokens()
	return c, nil
}

// parseBase accepts https, and plain http only on this machine.
func parseBase(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil {
		return nil, fmt.Errorf("configure hubspot base_url %q: %w", text, err)
	}
	if u.Host == "" || u.User != nil || u.RawQuery != "" || (u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname()))) {
		return nil, fmt.Errorf("configure hubspot base_url %q: must be https://host (http only for a loopback address)", text)
	}
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Caps are what HubSpot's API can do (CRM API guides, batch limits). A window ends
// at the Date header, which has whole seconds, less the index lag.
func (c *Client) Caps() connector.Caps {
	return connector.Caps{BatchSize: batchSize, ReadSize: batchSize, StampUnit: time.Millisecond, ReturnsRow: true,
		Overlap: 2 * time.Minute, TracksField: true, ScanLag: c.cfg.IndexLag + time.Second}
}

// Limits are the burst limits that HubSpot documents, as a pace.Transport takes
// them: the smallest tier's, until answers tell the account's own. Search and
// associations have limits of their own and count in the general one as well.
func Limits() map[pace.Bucket]pace.Limit {
	return map[pace.Bucket]pace.Limit{
		pace.General:      {Calls: 100, Per: 10 * time.Second, Learn: true},
		pace.Search:       {Calls: 5, Per: time.Second, Within: pace.General},
		pace.Associations: {Calls: 100, Per: 10 * time.Second, Within: pace.General},
		pace.Journal:      {Calls: 50, Per: time.Second, OffBudget: true},
	}
}

// Classify names the bucket of a request, for pace.Config. A request to another
// path than the API's is a download and does not count.
func Classify(r *http.Request) pace.Bucket {
	path := r.URL.Path
	switch {
	case strings.HasSuffix(path, "/search") && strings.Contains(path, "/objects/"):
		return pace.Search
	case strings.Contains(path, "/associations/"):
		return pace.Associations
	case strings.HasPrefix(path, journalRoot):
		return pace.Journal
	case r.Header.Get("Authorization") == "" && r.Method == http.MethodGet:
		return pace.Uncounted
	}
	return pace.General
}

// clock follows the portal's clock by the Date header of its answers.
type clock struct {
	now   func() time.Time
	mu    sync.Mutex
	date  time.Time // as told
	local time.Time // when it was told
}

// observe books an answer's Date header.
func (k *clock) observe(h http.Header) time.Time {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.date, k.local = date.UTC(), k.now()
	return k.date
}

// read is the portal's time now, never ahead of it; ok is false before the
// first answer.
func (k *clock) read() (at time.Time, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.date.IsZero() {
		return time.Time{}, false
	}
	return k.date.Add(k.now().Sub(k.local)), true
}

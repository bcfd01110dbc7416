package hubspotsim

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"tandem/sim/hubspotsim/notify"
	"tandem/sim/hubspotsim/segment"
)

// Options say what kind of portal New makes. The zero value is an Enterprise
// portal without limits or latency on the machine's clock.
type Options struct {
	// Seed fixes ids, tokens and every other random choice.
	Seed uint64
	// Now is the base clock; nil means time.Now. POST /_sim/clock adds to it.
	Now func() time.Time
	// Limits switches the vendor's rate limits on.
	Limits bool
	// Latency is waited before each API answer.
	Latency time.Duration
	// Tier is "enterprise" (default), "professional" or "starter".
	Tier string
	// IndexLag is how far search runs behind the records; 0 means 3 s, negative means none.
	IndexLag time.Duration
	// AutoCompanies creates and associates companies from contacts' e-mail domains.
	AutoCompanies bool
	// TimeZone is the portal's, "US/Eastern" when empty. New panics on one that there is not.
	TimeZone string
	// MergeMode is "new_id" (default) or "keep_primary".
	MergeMode string
	// NoopBumps makes a write without a change move the modified stamp.
	NoopBumps bool
	// Burst requests per Interval and app, Daily requests per account, and
	// SearchPerSecond per account override the tier's numbers where not zero.
	Burst           int
	Interval        time.Duration
	Daily           int
	SearchPerSecond int
	// ConsentLag is how far the opt-out properties of contacts run behind the
	// consent of their addresses; 0 means 1 s, negative means none.
	ConsentLag time.Duration
	// DataPrivacy requires a legal basis with every status of a subscription.
	DataPrivacy bool
	// Pipelines is how many pipelines of an object the subscription has; 0 for no limit.
	Pipelines int
	// LedgerCap is how many writes the ledger keeps at least; 0 keeps all.
	LedgerCap int
	// WebhookClient sends webhooks; nil means a client of our own.
	WebhookClient *http.Client
}

// Info is what a client needs to connect.
type Info struct {
	PortalID string
	// AdminToken is a person's token: writes by it are CRM_UI edits.
	AdminToken string
	// IntegrationToken is the private-app token of the integration.
	IntegrationToken string
	// AppID is the integration's app, as it shows in sourceId of its own writes.
	AppID                                int
	ClientID, ClientSecret               string
	RefreshToken                         string
	JournalClientID, JournalClientSecret string
}

// mergeKeepsPrimary is the mode of merges before 2025: the primary keeps its id.
const mergeKeepsPrimary = "keep_primary"

// Portal is one HubSpot account. It is safe for concurrent use.
type Portal struct {
	opts   Options
	zone   *time.Location
	info   Info
	routes routeTable
	pages  http.Handler
	closed atomic.Bool
	done   chan struct{}
	skew   atomic.Int64 // ns that the clock was advanced

	correlations atomic.Uint64

	mu                 sync.RWMutex
	rand               *rand.Rand
	portalID           string
	portalNumber       int64
	currencies         []string // beside the account's own
	firstID            uint64
	tier               tier
	indexLag           time.Duration
	autoCompanies      bool
	mergeKeeps         bool
	noopBumps          bool
	uniqueAsValidation bool // unique properties conflict as a property error, not as 409
	domainAsKey        bool // companies may be read and upserted by domain
	rollupsKeep        bool // a recalculated roll-up moves no stamp
	consentLag         time.Duration
	dataPrivacy        bool // a status needs a legal basis
	dealsAdvance       bool // a deal moves its contacts and companies on
	dealAmounts        bool // a deal's amount is the sum of its line items
	companyFollows     bool // a company's lifecycle stage follows its contacts'
	readings           readings
	silent             bool // loading: nothing is told, nothing runs by itself

	tables    []*table
	names     map[string]*table
	labels    []*label
	pairs     map[[2]int][]*label
	pipelines map[string][]pipeline
	owners    []owner
	consent   consents
	lists     *segment.Store

	lastStamp    int64
	nextPairing  int // numbers of pairs the vendor does not list
	nextLabel    int // numbers of custom labels
	nextPipeline int // numbers of custom pipelines and stages
	audits       []auditRow
	imports      []*importJob
	timeline     timeline
	mails        []mailEvent
	campaigns    []*mailCampaign
	forms        []*form
	occurrences  []occurrence
	indexQueue   []shown
	tasks        taskHeap
	taskSeq      int64
	timer        *time.Timer
	ledger       []booked
	dropped      int // writes that the ledger has let go

	tokens   map[string]*bearer
	oauth    oauthState
	webhooks *notify.Webhooks
	journal  *notify.Journal

	meter  meter
	faults faultList
}

// New makes an empty portal with the vendor's properties, pipelines and owners.
func New(o Options) *Portal {
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Portal{opts: o, done: make(chan struct{}), rand: rand.New(rand.NewPCG(o.Seed, 0x9e3779b97f4a7c15)),
		names: map[string]*table{}, pairs: map[[2]int][]*label{}, tokens: map[string]*bearer{},
		pipelines: defaultPipelines(), owners: defaultOwners(), nextPairing: 2000,
		autoCompanies: o.AutoCompanies, mergeKeeps: o.MergeMode == mergeKeepsPrimary, noopBumps: o.NoopBumps}
	p.indexLag, p.consentLag, p.dataPrivacy = indexLag(o.IndexLag), consentLag(o.ConsentLag), o.DataPrivacy
	p.tier = tierOf(o)
	p.currencies = []string{}
	p.zone = zoneOf(o)
	p.meter.zone = p.zone
	p.portalNumber = 40_000_000 + int64(p.rand.IntN(9_000_000))
	p.portalID = strconv.FormatInt(p.portalNumber, 10)
	p.firstID = 20_000_000_000 + p.rand.Uint64N(1_000_000_000)
	for _, t := range standardTypes() {
		p.addTable(t)
	}
	p.loadCatalog()
	p.loadLabels()
	p.loadConsent()
	p.issueCredentials()
	p.startNotify()
	p.lists = segment.NewStore(segment.Options{World: world{p}, Now: p.clock, Lag: listLag, Zone: p.zone})
	p.meter.init()
	p.routes = p.buildRoutes()
	p.pages = p.buildPages()
	return p
}

// listLag is how long the evaluation of active lists takes.
const listLag = 2 * time.Second

// zoneOf is the portal's time zone; account details tell its present offset.
func zoneOf(o Options) *time.Location {
	name := o.TimeZone
	if name == "" {
		name = "US/Eastern"
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		panic("load time zone " + name + ": " + err.Error()) // package segment embeds the zones
	}
	return z
}

func indexLag(d time.Duration) time.Duration {
	switch {
	case d == 0:
		return 3 * time.Second
	case d < 0:
		return 0
	}
	return d
}

func (p *Portal) startNotify() {
	derive := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(p.opts.Seed, n)) }
	p.webhooks = notify.NewWebhooks(notify.WebhookOptions{Now: p.clock, Rand: derive(1), Client: p.opts.WebhookClient,
		Authorize: p.authorizeWebhooks})
	p.webhooks.SetApp(notify.App{ID: int64(p.info.AppID), ClientSecret: p.info.ClientSecret})
	p.journal = notify.NewJournal(notify.JournalOptions{Now: p.clock, Rand: derive(2), PortalID: p.portalNumber,
		Limits: p.opts.Limits, Authorize: p.authorizeJournal, Snapshot: p.snapshot})
}

// Info gives ids and credentials of the portal.
func (p *Portal) Info() Info { return p.info }

// Close stops what the portal does by itself: tasks, deliveries, held requests.
func (p *Portal) Close() {
	if p.closed.Swap(true) {
		return
	}
	close(p.done)
	p.mu.Lock()
	if p.timer != nil {
		p.timer.Stop()
	}
	p.mu.Unlock()
	p.webhooks.Close()
}

// clock is the portal's own time: the base clock and what was added to it.
func (p *Portal) clock() time.Time { return p.opts.Now().Add(time.Duration(p.skew.Load())) }

func (p *Portal) nowMS() int64 { return p.clock().UnixMilli() }

// Advance moves the portal's clock on and does what falls due by that.
func (p *Portal) Advance(d time.Duration) {
	p.skew.Add(int64(d))
	p.wake()
	p.mu.Lock()
	p.emptyBin()
	p.mu.Unlock()
	p.webhooks.ClockMoved()
}

// Subscribe delivers every event of an app to a target URL, signed with secret.
// An app id of 0 means the integration's app, an empty secret its client secret.
func (p *Portal) Subscribe(url, secret string, appID int) {
	if appID == 0 {
		appID = p.info.AppID
	}
	if secret == "" {
		secret = p.info.ClientSecret
	}
	p.webhooks.SetApp(notify.App{ID: int64(appID), ClientSecret: secret, TargetURL: url})
	if err := p.webhooks.SubscribeAll(int64(appID)); err != nil {
		panic("subscribe to every event of a known app: " + err.Error())
	}
}

package simtest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/connector/hubspot"
	"tandem/internal/connector/pace"
	"tandem/internal/connector/salesforce"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/engine/conn"
	"tandem/internal/store"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// World is an org, a portal and the engine between them.
type World struct {
	T      testing.TB
	Org    *salesforcesim.Org
	Portal *hubspotsim.Portal
	Store  *store.Store
	Engine *engine.Engine
	Conn   *engine.Conn
	// BeforeCommit and AfterCommit see every commit of the stores opened from now
	// on; an error stands for a crash there.
	BeforeCommit, AfterCommit func(n int64) error
	// BeforeBegin sees the begin of every transaction of those stores.
	BeforeBegin func(ctx context.Context) error
	// Log takes the engine's log lines; nil for nowhere.
	Log io.Writer

	workers  int
	offset   *atomic.Int64
	settings config.Connection
	dsn      string
	tap      *Tap
	cleanup  []func()
	stop     func() // ends the serving in the background
	// patience is how long a sync may take where that is more than a minute.
	patience time.Duration
	// faulty says that the test itself makes the program fail.
	faulty bool
	// joined are worlds whose connections the same engine serves, from the same store.
	joined []*World
}

// Option changes a world before it starts.
type Option func(*setup)

type setup struct {
	org      salesforcesim.Options
	portal   hubspotsim.Options
	settings []func(*config.Connection)
	before   []func(*World)
	dsn      string
	bare     bool
	unopened bool
	workers  int
	beside   *World
}

// Settings changes the connection's settings.
func Settings(change func(*config.Connection)) Option {
	return func(s *setup) { s.settings = append(s.settings, change) }
}

// Org changes the org's options, Portal the portal's.
func Org(change func(*salesforcesim.Options)) Option { return func(s *setup) { change(&s.org) } }

// Portal changes the portal's options.
func Portal(change func(*hubspotsim.Options)) Option { return func(s *setup) { change(&s.portal) } }

// Beside shares org and clock with another world, whose portal stays its own.
func Beside(w *World) Option {
	return func(s *setup) { s.beside, s.portal.Seed = w, 2 }
}

// Before runs before the engine opens: records that existed before the switch.
func Before(f func(*World)) Option { return func(s *setup) { s.before = append(s.before, f) } }

// WithStore uses the store at an address instead of a fresh SQLite file.
func WithStore(dsn string) Option { return func(s *setup) { s.dsn = dsn } }

// WithoutFields leaves our own fields uncreated, as before init.
func WithoutFields() Option { return func(s *setup) { s.bare = true } }

// Workers is how many batches are in flight at a time; the engine's default
// without it.
func Workers(n int) Option { return func(s *setup) { s.workers = n } }

// Unopened leaves the engine closed: TryOpen opens it.
func Unopened() Option { return func(s *setup) { s.unopened = true } }

// New makes a world whose engine is open with company sync on.
func New(t testing.TB, opts ...Option) *World {
	t.Helper()
	if p, ok := t.(interface{ Parallel() }); ok {
		p.Parallel() // a sync waits out the search index; nothing is shared
	}
	s := setup{org: salesforcesim.Options{Seed: 1}, portal: hubspotsim.Options{Seed: 1, IndexLag: -1}}
	w := &World{T: t, offset: new(atomic.Int64)}
	s.org.Now, s.portal.Now = w.Now, w.Now
	for _, o := range opts {
		o(&s)
	}
	w.Portal = hubspotsim.New(s.portal)
	if s.beside != nil {
		w.Org, w.offset = s.beside.Org, s.beside.offset
	} else {
		w.Org = salesforcesim.New(s.org)
	}
	t.Cleanup(w.close)
	w.settings, w.workers = w.defaults(), s.workers
	for _, change := range s.settings {
		change(&w.settings)
	}
	w.dsn = s.dsn
	if w.dsn == "" {
		w.dsn = "sqlite://" + filepath.Join(t.TempDir(), "tandem.db")
	}
	for _, f := range s.before {
		f(w)
	}
	if len(s.before) > 0 {
		w.Advance(2 * time.Second) // clocks are compared by whole seconds: the switch is surely later
	}
	if !s.bare {
		w.ensure()
	}
	if s.unopened {
		return w
	}
	w.Open()
	w.Advance(3 * time.Second) // what a test does next is surely after the switch
	return w
}

// Path is the file of the world's store, where that is SQLite's.
func (w *World) Path() string { return strings.TrimPrefix(w.dsn, "sqlite://") }

// Now is the world's clock: the machine's, plus what Advance added.
func (w *World) Now() time.Time { return time.Now().Add(time.Duration(w.offset.Load())) }

// Advance moves the clock of all three forward.
func (w *World) Advance(d time.Duration) {
	w.offset.Add(int64(d))
	w.Portal.Advance(0) // does what falls due by that
}

func (w *World) defaults() config.Connection {
	c := config.Connection{Name: "acme", Companies: config.Companies{Sync: true}}
	c.Salesforce = config.Salesforce{LoginURL: "http://127.0.0.1", Events: "poll",
		Auth: config.SalesforceAuth{ClientCredentials: &config.ClientCredentials{ClientID: w.Org.Info().IntegrationClientID, ClientSecret: config.Secret(w.Org.Info().IntegrationClientSecret)}}}
	c.HubSpot = config.HubSpot{Auth: config.HubSpotAuth{StaticToken: config.Secret(w.Portal.Info().IntegrationToken)}, IndexLag: config.Duration(time.Millisecond)}
	if strings.Contains(w.T.Name(), "/classic") {
		c.Profile = config.Classic
	}
	c.Complete()
	c.Mappings = map[string][]config.Mapping{"company": {
		{HubSpot: "name", Salesforce: "Name", Rule: "two_way"},
		{HubSpot: "phone", Salesforce: "Phone", Rule: "prefer_salesforce"},
		{HubSpot: "domain", Salesforce: "Website", Rule: "prefer_salesforce"},
		{HubSpot: "city", Salesforce: "BillingCity", Rule: "two_way"},
		{HubSpot: "description", Salesforce: "Description", Rule: "always_salesforce"},
		{HubSpot: "numberofemployees", Salesforce: "NumberOfEmployees", Rule: "two_way"},
	}}
	return c
}

// connectors are the real ones, over the simulators in this process.
func (w *World) connectors() (out [2]connector.Connector) {
	w.tap = w.tap.heir([2]handlerTransport{{w.Org}, {w.Portal}})
	info := w.Portal.Info()
	sf, err := salesforce.New(salesforce.Config{LoginURL: w.settings.Salesforce.LoginURL, ClientName: "tandem-acme", PriceBook: w.settings.Products.PriceBook, Now: w.Now, PollEvery: time.Millisecond, Events: w.settings.FollowedObjects(core.Salesforce),
		Auth:      salesforce.Auth{ClientCredentials: &salesforce.ClientCredentials{ID: w.Org.Info().IntegrationClientID, Secret: w.Org.Info().IntegrationClientSecret}},
		PubSub:    w.dialPubSub(),
		Transport: pace.New(pace.Config{Side: core.Salesforce, Base: w.tap.Side(core.Salesforce), Now: w.Now, DailyCalls: w.settings.Salesforce.DailyAPICalls})})
	w.must(err)
	cfg := hubspot.Config{StaticToken: info.IntegrationToken, Now: w.Now, IndexLag: w.settings.HubSpot.IndexLag.D(), Events: w.settings.FollowedObjects(core.HubSpot),
		Transport: pace.New(pace.Config{Side: core.HubSpot, Base: w.tap.Side(core.HubSpot), Classify: hubspot.Classify, Limits: w.limits(), Now: w.Now, DailyCalls: w.settings.HubSpot.DailyAPICalls})}
	if w.settings.HubSpot.Events.Journal != nil {
		cfg.Journal = &hubspot.Journal{ClientID: info.JournalClientID, ClientSecret: info.JournalClientSecret}
	}
	hs, err := hubspot.New(cfg)
	w.must(err)
	return [2]connector.Connector{sf, unlagged{hs}}
}

// unlagged is the HubSpot connector over a portal whose search index is always
// current, which the worlds' portals are: a sync need not wait for it.
type unlagged struct{ *hubspot.Client }

// Caps are the connector's own with hardly any lag.
func (u unlagged) Caps() connector.Caps {
	caps := u.Client.Caps()
	caps.ScanLag = 20 * time.Millisecond
	return caps
}

// limits are none: the simulators' own limits are off unless a test asks.
func (w *World) limits() map[pace.Bucket]pace.Limit { return nil }

func (w *World) dialPubSub() grpc.ClientConnInterface {
	l := bufconn.Listen(1 << 20)
	srv := w.Org.GRPC()
	go func() { _ = srv.Serve(l) }()
	conn, err := grpc.NewClient("passthrough:///org", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }))
	w.must(err)
	w.cleanup = append(w.cleanup, func() { _, _ = conn.Close(), l.Close() })
	return conn
}

// ensure creates our fields on both sides, as init does.
func (w *World) ensure() {
	w.T.Helper()
	sides := w.connectors()
	c := conn.New(w.settings, sides)
	ctx := context.Background()
	for _, side := range core.Sides {
		id, err := sides[side].Identity(ctx)
		w.must(err)
		c.Accounts[side] = id
	}
	for _, side := range core.Sides {
		for _, need := range c.FieldSpecs(side) {
			results, err := sides[side].Ensure(ctx, need.Object, need.All())
			w.must(err)
			for _, r := range results {
				if r.State == "missing" || r.State == "conflict" {
					w.T.Fatalf("ensure %s on %s: %s %s", r.Name, side, r.State, r.Message)
				}
			}
		}
	}
}

// ensurePeople creates the fields that people need too, before they sync.
func (w *World) ensurePeople() {
	was := w.settings.Contacts.Sync
	w.settings.Contacts.Sync = true
	w.ensure()
	w.settings.Contacts.Sync = was
}

// Open opens store and engine; Close before it stands for a restart.
func (w *World) Open() {
	w.T.Helper()
	w.must(w.TryOpen())
}

// TryOpen is Open with its error.
func (w *World) TryOpen() error {
	ctx := context.Background()
	var err error
	if w.Store, err = store.Open(ctx, w.dsn, store.Options{Now: w.Now, BeforeCommit: w.BeforeCommit, AfterCommit: w.AfterCommit, BeforeBegin: w.BeforeBegin}); err != nil {
		return err
	}
	setups := []engine.Setup{{Settings: w.settings, Sides: w.connectors()}}
	for _, o := range w.joined {
		setups = append(setups, engine.Setup{Settings: o.settings, Sides: o.connectors()})
	}
	w.Engine, err = engine.New(ctx, engine.Options{Store: w.Store, Now: w.Now, Log: w.logger(), By: "test", Workers: w.workers}, setups)
	if err != nil {
		_ = w.Store.Close()
		return err
	}
	for _, o := range append([]*World{w}, w.joined...) {
		o.Engine, o.Store = w.Engine, w.Store
		if o.Conn, err = w.Engine.Conn(o.settings.Name); err != nil {
			return err
		}
	}
	return nil
}

// Join has the same engine and store serve the connection of another world, whose name it
// sets, from the next opening on.
func (w *World) Join(other *World, name string) {
	other.settings.Name = name
	w.joined = append(w.joined, other)
}

// Restart closes store and engine and opens them again, with changed settings if
// any are given.
func (w *World) Restart(changes ...func(*config.Connection)) {
	w.T.Helper()
	_ = w.Store.Close()
	for _, change := range changes {
		change(&w.settings)
	}
	w.Open()
}

func (w *World) logger() *slog.Logger {
	out := w.Log
	if out == nil {
		out = io.Discard
	}
	if os.Getenv("TANDEM_TEST_LOG") != "" {
		out = io.MultiWriter(out, os.Stderr)
	}
	return slog.New(&faultWatch{slog.NewTextHandler(out, nil), w})
}

// faultWatch fails the test where the engine logs a fault of the program: it keeps the
// process alive, so nothing else may show.
type faultWatch struct {
	slog.Handler
	w *World
}

func (f *faultWatch) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError && !f.w.faulty {
		var said strings.Builder
		r.Attrs(func(a slog.Attr) bool { fmt.Fprintf(&said, " %s=%v", a.Key, a.Value); return true })
		f.w.T.Errorf("%s:%s", r.Message, said.String())
	}
	return f.Handler.Handle(ctx, r)
}

func (w *World) close() {
	if w.stop != nil {
		w.stop()
	}
	for _, f := range w.cleanup {
		f()
	}
	if w.Store != nil {
		_ = w.Store.Close()
	}
	w.Portal.Close()
}

func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Sync runs sync --once and fails the test where it does not converge, for another
// reason than records that a side hides or refuses.
func (w *World) Sync() engine.Result {
	w.T.Helper()
	res, err := w.TrySync()
	w.must(err)
	if !res.Converged && res.Blocked == 0 {
		w.T.Fatalf("not converged: %+v", res)
	}
	return res
}

// TrySync is Sync with its error, bounded in time.
func (w *World) TrySync() (engine.Result, error) {
	ctx, cancel := context.WithTimeout(context.Background(), max(w.patience, 60*time.Second))
	defer cancel()
	return w.Engine.Once(ctx, w.Conn)
}

// Import imports companies from the given sides (Salesforce where none is given)
// and syncs.
func (w *World) Import(sides ...core.Side) engine.Result {
	w.T.Helper()
	if len(sides) == 0 {
		sides = []core.Side{core.Salesforce}
	}
	_, err := w.Engine.StartImport(context.Background(), w.Conn, "import", engine.ImportArgs{Pair: core.CompanyPair, Sides: sides})
	w.must(err)
	return w.Sync()
}

// Resync asks for one company by hand and syncs.
func (w *World) Resync(id string) engine.Result {
	w.T.Helper()
	w.must(w.Engine.Resync(context.Background(), w.Conn, core.CompanyPair, []string{id}))
	return w.Sync()
}

// Explain explains a company or account.
func (w *World) Explain(id string) *engine.Explanation {
	w.T.Helper()
	x, err := w.Engine.Explain(context.Background(), w.Conn, core.CompanyPair, id)
	w.must(err)
	return x
}

// Mappings replaces the company mapping.
func Mappings(ms ...config.Mapping) Option {
	return Settings(func(c *config.Connection) { c.Mappings = map[string][]config.Mapping{"company": ms} })
}

// serveUntil serves the connection until a condition holds; the test fails where
// it does not within half a minute.
func (w *World) serveUntil(ok func() bool) {
	w.T.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Engine.Serve(ctx, w.Conn) }()
	defer func() {
		cancel()
		<-done
	}()
	w.eventually(ok)
}

// eventually waits for a condition.
func (w *World) eventually(ok func() bool) {
	w.T.Helper()
	ctx, cancel := context.WithTimeout(w.T.Context(), 90*time.Second)
	defer cancel()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for !ok() {
		select {
		case <-look.C:
		case <-ctx.Done():
			w.T.Fatal("it did not come about within 90 s")
		}
	}
}

package salesforcesim

import (
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"tandem/sim/salesforcesim/pubsub"
)

// Org is one simulated org. It is safe for concurrent use.
type Org struct {
	opt    atomic.Pointer[Options] // as they are now: Configure puts others in their place
	zone   *time.Location
	offset atomic.Int64 // nanoseconds that the clock was advanced

	mu       sync.RWMutex       // guards everything down to the blank line
	objects  map[string]*object // by lower-case name
	byPrefix map[string]*object
	ids      *idMaker
	rng      *rand.Rand
	stages   map[string]stage
	persons  bool              // there are person accounts
	places   bool              // addresses are held to lists of states and countries
	hidden   map[string]bool   // ids that sharing hides from all but administrators
	archived map[string]bool   // ids of tasks and events that were archived
	copies   map[string]string // ids of invitees' copies of events, by that of the invitation
	guarded  map[string]bool   // ids that sharing lets only administrators change
	bins     []binned
	emptied  map[string]int64 // when the recycle bin was emptied of a record that is still kept, in unix seconds
	ledger   []entry
	dropped  int64  // changes that the ledger has let go
	rules    uint64 // moves when schema or permissions change

	validations []validation
	automations []automation
	duplicates  []duplicateRule
	assignments map[string]*ownerRule

	commits, commitBase, written, published, gaps int64

	purgeAt  atomic.Int64 // unix second at which the recycle bin is looked through again
	accessMu sync.Mutex
	accesses map[string]*access

	orgID                           atomic.Pointer[string] // a refresh of a sandbox changes it
	adminID, integrationID, robotID string

	auth   *authority
	calls  *meter
	faults *faultBox
	jobs   *jobList
	cursor *cursorList
	viewed *recentList

	bus      *pubsub.Bus
	grpc     *grpc.Server
	entities atomic.Pointer[map[string]pubsub.Entity]
	selected atomic.Pointer[map[string][]string] // channel → entities
	managed  atomic.Pointer[map[string]pubsub.ManagedSubscription]

	processes map[string][]string // the values that a business process offers, by id; all where it has none here; guarded by mu

	events map[string]*object // the platform events by lower-case name; guarded by mu
}

// New makes an empty org with an administrator, an integration user and the
// standard objects.
func New(opt Options) *Org {
	opt = opt.withDefaults()
	rng := rand.New(rand.NewPCG(opt.Seed, 0x5f0e))
	o := &Org{
		zone: zoneOf(opt),
		rng:  rng, ids: newIDMaker(rng), objects: newSchema(), byPrefix: map[string]*object{}, stages: map[string]stage{},
		hidden: map[string]bool{}, guarded: map[string]bool{}, assignments: map[string]*ownerRule{}, accesses: map[string]*access{},
		events: map[string]*object{}, emptied: map[string]int64{}, processes: map[string][]string{},
		calls: newMeter(), faults: &faultBox{}, jobs: newJobList(), cursor: newCursorList(), viewed: &recentList{byUser: map[string][]string{}},
	}
	o.opt.Store(&opt)
	o.addObjects(opt.Objects)
	for _, name := range sortedKeys(o.objects) {
		o.byPrefix[o.objects[name].prefix] = o.objects[name]
	}
	o.commitBase = o.now().UnixMilli() * 1000
	o.setUp()
	o.auth = newAuthority(o, rand.New(rand.NewPCG(opt.Seed, 0xa07)))
	o.snapshotEvents()
	o.snapshotManaged()
	o.bus = pubsub.New(pubsub.Options{
		Now: o.now, OrgID: o.id, Seed: opt.Seed, Authorize: o.authorizeEvents, Entity: o.eventEntity, Selected: o.isSelected, Channel: o.channel,
		Managed:         o.managedSubscription,
		DailyDeliveries: opt.EventsPerDay,
	})
	o.grpc = grpc.NewServer()
	o.bus.Register(o.grpc)
	o.addObjectFields(opt.Objects)
	if opt.PlacePicklists {
		o.EnablePlacePicklists()
	}
	if opt.PersonAccounts {
		o.EnablePersonAccounts()
	}
	if opt.SharedActivities {
		o.EnableSharedActivities()
	}
	return o
}

func (opt Options) withDefaults() Options {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Edition == "" {
		opt.Edition = "Enterprise Edition"
	}
	opt.TimeZone = orElse(opt.TimeZone, "America/Los_Angeles")
	if opt.MyDomain == "" {
		opt.MyDomain = "tandem-sim"
	}
	if opt.DailyAPICalls == 0 {
		opt.DailyAPICalls = 100_000
	}
	if opt.AccessTokenTTL == 0 {
		opt.AccessTokenTTL = 2 * time.Hour
	}
	if opt.BulkDelay == 0 {
		opt.BulkDelay = time.Second
	}
	return opt
}

// options are the org's settings at this moment; they are not to be changed.
func (o *Org) options() *Options { return o.opt.Load() }

// now is the org's clock: the base clock plus what it was advanced by.
func (o *Org) now() time.Time { return o.options().Now().Add(time.Duration(o.offset.Load())) }

// Advance moves the org's clock forward; jobs, sessions and the recycle bin
// follow it.
func (o *Org) Advance(by time.Duration) {
	o.offset.Add(int64(by))
	o.runJobs()
	o.purge()
}

// GRPC is the Pub/Sub service for a port of its own; ServeHTTP answers the
// same calls on the REST port.
func (o *Org) GRPC() *grpc.Server { return o.grpc }

// Events reaches the event bus in process: a client connection without a
// transport, faults and expiry.
func (o *Org) Events() *pubsub.Bus { return o.bus }

// Info tells how to reach the org and as whom.
func (o *Org) Info() Info {
	app := o.auth.app
	o.mu.RLock()
	defer o.mu.RUnlock()
	return Info{
		OrgID: o.id(), AdminToken: o.auth.adminToken, AdminUsername: o.username(o.adminID), AdminUserID: o.adminID,
		IntegrationClientID: app.id, IntegrationClientSecret: app.secret, IntegrationUsername: o.username(o.integrationID), IntegrationUserID: o.integrationID,
	}
}

// id is the org's own id.
func (o *Org) id() string { return *o.orgID.Load() }

// find gives any record by its 18-character id.
func (o *Org) find(id string) *record {
	if len(id) != 18 {
		return nil
	}
	ob := o.byPrefix[id[:3]]
	if ob == nil {
		return nil
	}
	return ob.records.find(id)
}

// newID gives an id that no record of the object has; loaded files may have
// brought ids of the same pod.
func (o *Org) newID(ob *object) string {
	for {
		if id := o.ids.make(ob.prefix); ob.records.find(id) == nil {
			return id
		}
	}
}

func (o *Org) username(id string) string {
	if u := o.find(id); u != nil {
		return u.named("Username").Str()
	}
	return ""
}

// userNamed finds a user by id or user name; "admin" and "integration" stand
// for the two that every org has.
func (o *Org) userNamed(name string) *record {
	switch name {
	case "admin":
		return o.find(o.adminID)
	case "integration":
		return o.find(o.integrationID)
	}
	users := o.objects["user"]
	if id, ok := canonicalID(name); ok {
		return users.records.find(id)
	}
	for _, u := range users.records.withValue(users.field("Username"), strings.ToLower(name)) {
		return u
	}
	return nil
}

// principal resolves what may own records: a user, or a queue by id or
// developer name.
func (o *Org) principal(name string) string {
	if u := o.userNamed(name); u != nil {
		return u.id
	}
	for _, g := range o.objects["group"].records.rows {
		if g != nil && (g.id == name || g.named("DeveloperName").Str() == name) {
			return g.id
		}
	}
	return ""
}

// recycleTime is how long deleted records can be found and restored.
const recycleTime = 15 * 24 * time.Hour

// upkeep does what the passing of time brings.
func (o *Org) upkeep() {
	o.runJobs()
	if o.now().Unix() >= o.purgeAt.Load() {
		o.purge()
	}
}

// purge empties the recycle bin of what has been there for too long. The
// deletion log goes with it, as getDeleted reaches no further back.
func (o *Org) purge() {
	limit := o.now().Add(-recycleTime).Unix()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.purgeAt.Store(o.now().Unix() + secondsInHour)
	kept := 0
	for ; kept < len(o.bins) && o.bins[kept].at < limit; kept++ {
		b := o.bins[kept]
		if r := b.object.records.find(b.id); r != nil && r.deleted && r.stamp <= b.at {
			b.object.records.set(r, nil)
		}
	}
	o.bins = o.bins[kept:]
	o.dropEmptied()
}

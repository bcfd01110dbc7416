package pubsub

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

// Options say how the bus sees the org it belongs to.
type Options struct {
	Now       func() time.Time                     // the org's clock; it must not wait for a lock
	After     func(time.Duration) <-chan time.Time // timer for keepalives; nil is time.After
	Retention time.Duration                        // how long events are kept; 0 is 72 h
	OrgID     func() string                        // 18 characters; replay ids of another org are refused
	Seed      uint64                               // of the gaps between replay ids and of event ids

	// Authorize checks the metadata of a call; an error makes it UNAUTHENTICATED. Nil accepts all.
	Authorize func(token, instanceURL, tenantID string) error
	// Entity describes an object (Account) or a platform event (Order__e) by its exact API name.
	Entity func(name string) (Entity, bool)
	// Selected tells whether changes of an object are published at all (PlatformEventChannelMember). Nil selects all.
	Selected func(entity string) bool
	// Channel lists the objects of a custom channel ("Sales__chn"). Nil means there are none.
	Channel func(name string) (entities []string, ok bool)
	// Managed resolves a managed subscription by id or developer name. Nil means there are none.
	Managed func(idOrName string) (ManagedSubscription, bool)

	MaxStreams      int // subscriptions open at once; 0 is no limit
	DailyDeliveries int // events delivered in 24 h; 0 is no limit
}

// ManagedSubscription is a ManagedEventSubscription record of the Tooling API.
type ManagedSubscription struct {
	ID      string // prefix 18x
	Topic   string
	Running bool // state RUN; a stopped subscription is refused

	Earliest        bool // begins with the earliest event while nothing was committed, else with what comes next
	RecoverEarliest bool // the same when the committed replay id has expired
}

// Entity is an object or platform event as the event schema sees it.
type Entity struct {
	Name   string
	Fields []Field // any order: the standard order is applied, unknown fields follow in the given order
}

// Field is one field of an entity.
type Field struct {
	Name     string // API name: BillingStreet, Industry, Level__c
	Type     string // describe type: string, picklist, reference, datetime, currency …
	Compound string // the compound field it is a part of: BillingAddress, Name; else empty
	ID       string // 00N… of a custom field, for the schema's doc tag
}

// ChangeType is what happened to the records of a change; the values are those of the Avro enum.
type ChangeType uint8

// The change types, in the order of the enum of the event schema.
const (
	Create ChangeType = iota
	Update
	Delete
	Undelete
	GapCreate
	GapUpdate
	GapDelete
	GapUndelete
	GapOverflow
)

// Transaction is one committed transaction of the org.
type Transaction struct {
	Key          string // transactionKey, the same for all its events
	CommitTime   time.Time
	CommitNumber int64 // grows from transaction to transaction
	User         string
	Origin       string // com/salesforce/api/<kind>/<version>[;client=<id>]; empty for automation and the classic UI
	Changes      []Change
}

// Change is one change of one record, or the same change of several.
type Change struct {
	Entity string
	IDs    []string // 18 characters
	Type   ChangeType
	// Values by API name, compound parts under their own API names (BillingStreet, FirstName). Create and Undelete take all
	// values, Update needs those in Changed, Delete none. Kinds: nil, string, bool, int, int64, float64, time.Time (dates may
	// also be "2006-01-02" strings).
	Values  map[string]any
	Changed []string // Update: API names of the changed fields; LastModifiedDate is added when missing
	Nulled  []string // Update: those of Changed that are now null; changed fields without a value are added
	// Before holds the former text of changed long text areas: from 1,000 characters on the event carries a unified diff.
	Before map[string]string
}

// Bus keeps the events and serves them. It is safe for concurrent use. Callbacks of [Options]
// except Now are never called with a lock of the bus held.
type Bus struct {
	opt Options

	schemaMu sync.Mutex
	current  map[string]*cachedSchema // by entity
	schemas  map[string]*eventSchema  // by id, old ones too

	mu      sync.Mutex
	random  *rand.Rand
	log     log
	fault   func(EventInfo) Verdict
	held    []heldEvent
	changed chan struct{} // closed and replaced when something was appended
	broken  chan struct{} // closed and replaced to break every stream
	streams int
	quota   quota
	commits map[string][]byte // committed replay ids of managed subscriptions
}

type cachedSchema struct {
	entity Entity
	schema *eventSchema
}

// New makes a bus.
func New(opt Options) *Bus {
	if opt.After == nil {
		opt.After = time.After
	}
	if opt.Retention == 0 {
		opt.Retention = 72 * time.Hour
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	b := &Bus{opt: opt, current: map[string]*cachedSchema{}, schemas: map[string]*eventSchema{}, commits: map[string][]byte{},
		random: rand.New(rand.NewPCG(opt.Seed, 0x5f0bb)), changed: make(chan struct{}), broken: make(chan struct{})}
	b.log.serial = firstSerial
	b.log.append(entry{at: opt.Now()}, 0)
	return b
}

// serviceName is what clients call; the generated code has another package name.
const serviceName = "eventbus.v1.PubSub"

// serviceDesc is the generated description under the real name.
func serviceDesc() *grpc.ServiceDesc {
	desc := eventbuspb.PubSub_ServiceDesc
	desc.ServiceName = serviceName
	return &desc
}

// Register adds the service to a gRPC server under its real name, eventbus.v1.PubSub.
func (b *Bus) Register(s *grpc.Server) { s.RegisterService(serviceDesc(), &service{bus: b}) }

// schemaOf gives the current schema of an entity, a new one if its field list has changed. Old ones stay resolvable.
func (b *Bus) schemaOf(e Entity) *eventSchema {
	b.schemaMu.Lock()
	defer b.schemaMu.Unlock()
	if c := b.current[e.Name]; c != nil && slices.Equal(c.entity.Fields, e.Fields) {
		return c.schema
	}
	s := newSchema(e)
	b.current[e.Name] = &cachedSchema{entity: Entity{Name: e.Name, Fields: slices.Clone(e.Fields)}, schema: s}
	b.schemas[s.id] = s
	return s
}

func (b *Bus) schemaByID(id string) (*eventSchema, bool) {
	b.schemaMu.Lock()
	defer b.schemaMu.Unlock()
	s, ok := b.schemas[id]
	return s, ok
}

// Disconnect breaks every open stream with UNAVAILABLE.
func (b *Bus) Disconnect() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.broken)
	b.broken = make(chan struct{})
}

// Expire forgets the events published before t, as if retention had passed.
func (b *Bus) Expire(t time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.log.forget(t)
}

// forgetOld applies the retention.
func (b *Bus) forgetOld() { b.log.forget(b.opt.Now().Add(-b.opt.Retention)) }

// uuid makes a random id; the caller holds mu.
func (b *Bus) uuid() string {
	hi, lo := b.random.Uint64(), b.random.Uint64()
	hi, lo = hi&^0xf000|0x4000, lo&^(3<<62)|2<<62 // version 4, variant 1 (RFC 9562)
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&(1<<48-1))
}

func (b *Bus) newUUID() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.uuid()
}

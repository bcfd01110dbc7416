package pubsub

import (
	"errors"
	"time"

	"google.golang.org/grpc"
)

// Options say how the bus sees the org it belongs to.
type Options struct {
	Now       func() time.Time                     // the org's clock
	After     func(time.Duration) <-chan time.Time // timer for keepalives; nil is time.After
	Retention time.Duration                        // how long events are kept; 0 is 72 h
	OrgID     string                               // 18 characters; replay ids of another org are refused
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

// Bus keeps the events and serves them.
type Bus struct{ opt Options }

// New makes a bus.
func New(opt Options) *Bus { return &Bus{opt: opt} }

// Register adds the service to a gRPC server under its real name, eventbus.v1.PubSub.
func (b *Bus) Register(s *grpc.Server) {}

// Conn is a client connection to the service without a transport: calls run in this process, on bytes.
func (b *Bus) Conn() grpc.ClientConnInterface { return nil }

// Publish appends the events of a transaction and wakes the subscribers; it never waits for them. A change whose values
// do not fit its entity becomes a gap event, as an internal error does in Salesforce, and is reported in the error.
func (b *Bus) Publish(tx Transaction) error { return errors.New("publish transaction: not built yet") }

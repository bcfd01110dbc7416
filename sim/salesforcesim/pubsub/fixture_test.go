package pubsub

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/avro"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

const orgID = "00D000000000001EAA"

// world is an org with a clock, an entity list and a bus.
type world struct {
	mu       sync.Mutex
	now      time.Time
	entities map[string]Entity
	selected map[string]bool // false: not selected
	tokens   map[string]bool
	bus      *Bus
	n        int64
}

func newWorld(change ...func(*Options)) *world {
	w := &world{now: time.Date(2026, 11, 18, 15, 0, 0, 0, time.UTC), selected: map[string]bool{}, tokens: map[string]bool{"good": true}}
	w.entities = map[string]Entity{"Account": account(), "Contact": contact(),
		"Gizmo__c": {Name: "Gizmo__c", Fields: []Field{{Name: "Name", Type: "string"}, {Name: "Size__c", Type: "double", ID: "00N1"}, {Name: "LastModifiedDate", Type: "datetime"}}},
		"Ping__e":  {Name: "Ping__e", Fields: []Field{{Name: "Text__c", Type: "string", ID: "00N2"}}}}
	opt := Options{Now: w.clock, OrgID: func() string { return orgID }, Seed: 7, Entity: w.entity,
		Selected: func(e string) bool { s, set := w.selected[e]; return s || !set },
		Authorize: func(token, instance, tenant string) error {
			if !w.tokens[token] || tenant != orgID {
				return errors.New("bad session")
			}
			return nil
		},
		Channel: func(name string) ([]string, bool) { return []string{"Contact", "Gizmo__c"}, name == "Sales__chn" }}
	for _, c := range change {
		c(&opt)
	}
	w.bus = New(opt)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) entity(name string) (Entity, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e, ok := w.entities[name]
	return e, ok
}

// account lists fields out of order on purpose.
func account() Entity {
	fields := []Field{{Name: "Id", Type: "id"}, {Name: "IsDeleted", Type: "boolean"}, {Name: "SystemModstamp", Type: "datetime"},
		{Name: "Level__c", Type: "picklist", ID: "00NDp00000BbvCj"}, {Name: "BillingAddress", Type: "address"}, {Name: "Name", Type: "string"}}
	for _, part := range strings.Fields("Street City State PostalCode Country") {
		fields = append(fields, Field{Name: "Billing" + part, Type: "string", Compound: "BillingAddress"},
			Field{Name: "Shipping" + part, Type: "string", Compound: "ShippingAddress"})
	}
	fields = append(fields, Field{Name: "BillingLatitude", Type: "double", Compound: "BillingAddress"})
	for name, typ := range map[string]string{"OwnerId": "reference", "CreatedDate": "datetime", "CreatedById": "reference",
		"LastModifiedDate": "datetime", "LastModifiedById": "reference", "AnnualRevenue": "currency", "NumberOfEmployees": "int"} {
		fields = append(fields, Field{Name: name, Type: typ})
	}
	for _, name := range strings.Fields("Site Rating Description TickerSymbol Ownership Industry Sic Website AccountNumber Fax Phone ParentId Type") {
		fields = append(fields, Field{Name: name, Type: "string"})
	}
	return Entity{Name: "Account", Fields: fields}
}

func contact() Entity {
	return Entity{Name: "Contact", Fields: []Field{{Name: "AccountId", Type: "reference"}, {Name: "Name", Type: "string"},
		{Name: "Salutation", Type: "picklist", Compound: "Name"}, {Name: "FirstName", Type: "string", Compound: "Name"},
		{Name: "LastName", Type: "string", Compound: "Name"}, {Name: "Email", Type: "email"}, {Name: "Birthdate", Type: "date"},
		{Name: "DoNotCall", Type: "boolean"}, {Name: "LastModifiedDate", Type: "datetime"}}}
}

// publish commits one transaction with these changes.
func (w *world) publish(t *testing.T, changes ...Change) Transaction {
	t.Helper()
	tx := w.tx(changes...)
	if err := w.bus.Publish(tx); err != nil {
		t.Fatal(err)
	}
	return tx
}

func (w *world) tx(changes ...Change) Transaction {
	w.n++
	return Transaction{Key: "0000be70-a756-e601-9202-32967602a6be", CommitTime: w.clock(), CommitNumber: w.n, User: "005000000000001AAA",
		Origin: "com/salesforce/api/rest/65.0;client=tandem", Changes: changes}
}

// create is a change that makes one account of that name.
func create(name string) Change {
	return Change{Entity: "Account", IDs: []string{"001000000000001AAA"}, Type: Create, Values: map[string]any{"Name": name}}
}

// renamed calls the service by its real name through the generated client.
type renamed struct{ grpc.ClientConnInterface }

func realName(method string) string {
	return strings.Replace(method, "/salesforcesim.eventbus.v1.", "/eventbus.v1.", 1)
}

func (r renamed) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	return r.ClientConnInterface.Invoke(ctx, realName(method), args, reply, opts...)
}

func (r renamed) NewStream(ctx context.Context, d *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return r.ClientConnInterface.NewStream(ctx, d, realName(method), opts...)
}

// client is a real gRPC client over an in-memory transport.
func (w *world) client(t *testing.T) eventbuspb.PubSubClient {
	t.Helper()
	server := grpc.NewServer()
	w.bus.Register(server)
	lis := bufconn.Listen(1 << 20)
	go server.Serve(lis)
	t.Cleanup(server.Stop)
	cc, err := grpc.NewClient("passthrough:bus", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(16<<20)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cc.Close() })
	return eventbuspb.NewPubSubClient(renamed{cc})
}

// direct is the client without a transport.
func (w *world) direct() eventbuspb.PubSubClient {
	return eventbuspb.NewPubSubClient(renamed{w.bus.Conn()})
}

// signedIn is a context with good metadata that ends after five minutes.
func signedIn(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(withToken(context.Background(), "good"), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func withToken(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "accesstoken", token, "instanceurl", "https://x.my.salesforce.com", "tenantid", orgID)
}

type fetchStream = grpc.BidiStreamingClient[eventbuspb.FetchRequest, eventbuspb.FetchResponse]

func subscribe(t *testing.T, ctx context.Context, c eventbuspb.PubSubClient, req *eventbuspb.FetchRequest) fetchStream {
	t.Helper()
	st, err := c.Subscribe(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Send(req); err != nil {
		t.Fatal(err)
	}
	return st
}

func earliest(topic string, n int32) *eventbuspb.FetchRequest {
	return &eventbuspb.FetchRequest{TopicName: topic, ReplayPreset: eventbuspb.ReplayPreset_EARLIEST, NumRequested: n}
}

// receive reads n events.
func receive(t *testing.T, st fetchStream, n int) []*eventbuspb.ConsumerEvent {
	t.Helper()
	var all []*eventbuspb.ConsumerEvent
	for len(all) < n {
		r, err := st.Recv()
		if err != nil {
			t.Fatalf("after %d of %d events: %v", len(all), n, err)
		}
		all = append(all, r.GetEvents()...)
	}
	if len(all) > n {
		t.Fatalf("%d events, want %d", len(all), n)
	}
	return all
}

// decode reads an event by the schema it names, with an Avro library that is not ours.
func decode(t *testing.T, c eventbuspb.PubSubClient, e *eventbuspb.ConsumerEvent) map[string]any {
	t.Helper()
	info, err := c.GetSchema(signedIn(t), &eventbuspb.SchemaRequest{SchemaId: e.GetEvent().GetSchemaId()})
	if err != nil {
		t.Fatal(err)
	}
	schema, err := avro.Parse(info.GetSchemaJson())
	if err != nil {
		t.Fatalf("schema %s: %v", info.GetSchemaJson(), err)
	}
	var v any
	rest, err := schema.Decode(e.GetEvent().GetPayload(), &v)
	if err != nil || len(rest) > 0 {
		t.Fatalf("decode: %v, %d bytes left", err, len(rest))
	}
	return v.(map[string]any)
}

func headerOf(event map[string]any) map[string]any {
	return event["ChangeEventHeader"].(map[string]any)
}

// names reads the Name of account events.
func names(t *testing.T, c eventbuspb.PubSubClient, events []*eventbuspb.ConsumerEvent) string {
	t.Helper()
	var all []string
	for _, e := range events {
		name, _ := decode(t, c, e)["Name"].(string)
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

// wantRefused reads until the stream fails, and checks code and trailers.
func wantRefused(t *testing.T, st fetchStream, code codes.Code, errorCode string) {
	t.Helper()
	var err error
	for err == nil {
		_, err = st.Recv()
	}
	checkRefusal(t, err, st.Trailer(), code, errorCode)
}

func checkRefusal(t *testing.T, err error, trailer metadata.MD, code codes.Code, errorCode string) {
	t.Helper()
	if status.Code(err) != code {
		t.Fatalf("error %v, want %v", err, code)
	}
	got, rpc := trailer.Get("error-code"), trailer.Get("rpc-id")
	if len(got) != 1 || got[0] != "sfdc.platform.eventbus.grpc."+errorCode || len(rpc) != 1 {
		t.Fatalf("trailers %v, want error code %s and an rpc id", trailer, errorCode)
	}
	if !strings.HasSuffix(status.Convert(err).Message(), " rpcId: "+rpc[0]) {
		t.Errorf("message %q does not end with the rpc id %s", status.Convert(err).Message(), rpc[0])
	}
}

package salesforcesim

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/twmb/avro"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

// realName calls the service by its name on the wire; the generated code has
// a package name of its own.
type realName struct{ grpc.ClientConnInterface }

func (r realName) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	return r.ClientConnInterface.Invoke(ctx, strings.Replace(method, "salesforcesim.", "", 1), args, reply, opts...)
}

func (r realName) NewStream(ctx context.Context, d *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return r.ClientConnInterface.NewStream(ctx, d, strings.Replace(method, "salesforcesim.", "", 1), opts...)
}

// listener reads decoded change events.
type listener struct {
	w      *wire
	client eventbuspb.PubSubClient
	stream grpc.BidiStreamingClient[eventbuspb.FetchRequest, eventbuspb.FetchResponse]
	ctx    context.Context
	queue  []map[string]any
}

func (w *wire) eventContext() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	w.t.Cleanup(cancel)
	return metadata.AppendToOutgoingContext(ctx, "accesstoken", w.token, "instanceurl", "http://example.com", "tenantid", w.org.id())
}

func (w *wire) listen(conn grpc.ClientConnInterface) *listener {
	w.t.Helper()
	l := &listener{w: w, client: eventbuspb.NewPubSubClient(realName{conn}), ctx: w.eventContext()}
	l.stream = must[grpc.BidiStreamingClient[eventbuspb.FetchRequest, eventbuspb.FetchResponse]](w.t)(l.client.Subscribe(l.ctx))
	ok(w.t, l.stream.Send(&eventbuspb.FetchRequest{TopicName: "/data/ChangeEvents", ReplayPreset: eventbuspb.ReplayPreset_EARLIEST, NumRequested: 100}))
	return l
}

// next gives the next event: its header, and the values of the body.
func (l *listener) next() (header, body map[string]any) {
	l.w.t.Helper()
	for len(l.queue) == 0 {
		res := must[*eventbuspb.FetchResponse](l.w.t)(l.stream.Recv())
		for _, e := range res.GetEvents() {
			l.queue = append(l.queue, l.decode(e.GetEvent()))
		}
	}
	event := l.queue[0]
	l.queue = l.queue[1:]
	header = event["ChangeEventHeader"].(map[string]any)
	body = map[string]any{}
	for k, v := range event {
		if v != nil && k != "ChangeEventHeader" {
			body[k] = v
		}
	}
	return header, body
}

func (l *listener) decode(e *eventbuspb.ProducerEvent) map[string]any {
	l.w.t.Helper()
	info := must[*eventbuspb.SchemaInfo](l.w.t)(l.client.GetSchema(l.ctx, &eventbuspb.SchemaRequest{SchemaId: e.GetSchemaId()}))
	schema, err := avro.Parse(info.GetSchemaJson())
	ok(l.w.t, err)
	var v any
	_, err = schema.Decode(e.GetPayload(), &v)
	ok(l.w.t, err)
	return v.(map[string]any)
}

func newEventWire(t *testing.T) *wire {
	w := newWire(t)
	ok(t, w.org.SelectEntities("Account", "Contact", "Lead", "Opportunity"))
	return w
}

func strs(v any) string { return fmt.Sprint(v) }

func TestChangeEventsOfARecord(t *testing.T) {
	w := newEventWire(t)
	mine := w.with("Sforce-Call-Options", "client=sync; defaultNamespace=x")
	id := mine.create("Account", `{"Name":"A","BillingStreet":"S","AnnualRevenue":5}`)
	w.clock.move(time.Minute)
	mine.api("PATCH", "/sobjects/Account/"+id, `{"BillingStreet":"T","AnnualRevenue":null}`).want(204)
	ok(t, w.org.As("admin").Update("Account", id, map[string]any{"Industry": "Energy"}))
	w.api("DELETE", "/sobjects/Account/"+id, "").want(204)
	ok(t, w.org.As("admin").Undelete("Account", id))
	l := w.listen(w.org.Events().Conn())

	h, b := l.next()
	if h["changeType"] != "CREATE" || h["changeOrigin"] != "com/salesforce/api/rest/65.0;client=sync" || h["commitUser"] != w.org.integrationID || strs(h["recordIds"]) != "["+id+"]" ||
		b["Name"] != "A" || b["OwnerId"] != w.org.integrationID || b["CleanStatus"] != "Pending" || strs(h["changedFields"]) != "[]" || b["CreatedDate"] == nil {
		t.Fatal(h, b)
	}
	h, b = l.next()
	if h["changeType"] != "UPDATE" || strs(h["changedFields"]) != "[0x401000 4-0x01]" || strs(h["nulledFields"]) != "[0x1000]" {
		t.Fatal(h, b)
	}
	if len(b) != 2 || b["LastModifiedDate"] == nil {
		t.Fatalf("an update carries only what changed: %v", b)
	}
	h, b = l.next()
	if h["changeOrigin"] != lightning || h["commitUser"] != w.org.adminID || b["Industry"] != "Energy" || b["LastModifiedById"] != w.org.adminID {
		t.Fatal(h, b)
	}
	if h, b = l.next(); h["changeType"] != "DELETE" || len(b) != 0 {
		t.Fatal(h, b)
	}
	if h, b = l.next(); h["changeType"] != "UNDELETE" || b["Name"] != "A" {
		t.Fatal(h, b)
	}
}

func TestOnlySelectedEntitiesPublish(t *testing.T) {
	w := newWire(t)
	w.create("Account", `{"Name":"before"}`)
	ok(t, w.org.SelectEntities("Account"))
	w.create("Contact", `{"LastName":"L"}`)
	w.create("Account", `{"Name":"after"}`)
	if h, b := w.listen(w.org.Events().Conn()).next(); h["entityName"] != "Account" || b["Name"] != "after" {
		t.Fatal(h, b)
	}
}

// A conversion is one transaction whose events come in the vendor's order.
func TestConversionEvents(t *testing.T) {
	w := newEventWire(t)
	lead := w.create("Lead", `{"LastName":"L","Company":"C"}`)
	must[Converted](t)(w.org.As("admin").ConvertLead(lead, Convert{}))
	l := w.listen(w.org.Events().Conn())
	l.next()
	var order []string
	keys := map[any]bool{}
	last := -1
	for range 4 {
		h, _ := l.next()
		order = append(order, strs(h["entityName"])+" "+strs(h["changeType"]))
		keys[h["transactionKey"]] = true
		seq := int(reflect.ValueOf(h["sequenceNumber"]).Int())
		if seq <= last {
			t.Errorf("sequence %d after %d", seq, last)
		}
		last = seq
	}
	if got := strings.Join(order, ", "); got != "Account CREATE, Contact CREATE, Opportunity CREATE, Lead UPDATE" || len(keys) != 1 {
		t.Fatal(got, keys)
	}
}

// Several changes of a record in one transaction are one event.
func TestSameTransactionIsOneEvent(t *testing.T) {
	w := newEventWire(t)
	ok(t, w.org.AddAutomation(Automation{Object: "Account", Name: "phone", Field: "Phone", Value: `"+" & SUBSTITUTE(Phone, " ", "")`, When: `AND(NOT(ISBLANK(Phone)), NOT(BEGINS(Phone, "+")))`}))
	id := w.create("Account", `{"Name":"A","Phone":"1 2"}`)
	h, b := w.listen(w.org.Events().Conn()).next()
	if h["changeType"] != "CREATE" || b["Phone"] != "+12" || w.org.As("admin").Get("Account", id)["Phone"] != "+12" {
		t.Fatal(h, b)
	}
	if n := w.org.Stats().EventsPublished; n != 1 {
		t.Errorf("%d events", n)
	}
}

// An asynchronous automation is a change of its own by another user.
func TestAsynchronousAutomation(t *testing.T) {
	w := newEventWire(t)
	ok(t, w.org.AddAutomation(Automation{Object: "Account", Name: "rate", Field: "Rating", Value: `"Hot"`, When: "AnnualRevenue > 10", Async: true}))
	w.create("Account", `{"Name":"A","AnnualRevenue":11}`)
	l := w.listen(w.org.Events().Conn())
	l.next()
	if h, b := l.next(); h["changeType"] != "UPDATE" || b["Rating"] != "Hot" || h["commitUser"] != w.org.robotID || h["changeOrigin"] != "" {
		t.Fatal(h, b)
	}
}

func TestEventFaults(t *testing.T) {
	w := newEventWire(t)
	ok(t, w.org.AddFault(Fault{Do: "drop_event", Match: Match{Object: "Account"}, Times: 1}))
	w.create("Account", `{"Name":"dropped"}`)
	ok(t, w.org.AddFault(Fault{Do: "gap_event", Match: Match{Object: "Account"}, Times: 1}))
	w.create("Account", `{"Name":"gap"}`)
	ok(t, w.org.AddFault(Fault{Do: "dup_event", Times: 1}))
	w.create("Account", `{"Name":"twice"}`)
	l := w.listen(w.org.Events().Conn())
	if h, b := l.next(); h["changeType"] != "GAP_CREATE" || len(b) != 0 {
		t.Fatal(h, b)
	}
	for range 2 {
		if _, b := l.next(); b["Name"] != "twice" {
			t.Fatal(b)
		}
	}
}

func TestSchemaFollowsTheFieldList(t *testing.T) {
	w := newEventWire(t)
	topic := func() string {
		client := eventbuspb.NewPubSubClient(realName{w.org.Events().Conn()})
		return must[*eventbuspb.TopicInfo](t)(client.GetTopic(w.eventContext(), &eventbuspb.TopicRequest{TopicName: "/data/AccountChangeEvent"})).GetSchemaId()
	}
	before := topic()
	w.keyField("Account", true)
	if topic() == before {
		t.Error("a new field left the schema id")
	}
	w.create("Account", `{"Name":"A","Ext__c":"k"}`)
	if _, b := w.listen(w.org.Events().Conn()).next(); b["Ext__c"] != "k" {
		t.Fatal(b)
	}
}

// REST and gRPC share one port over plain HTTP/2, as they do in the simulate
// command; a dead session is refused there as the vendor does.
func TestEventsOverTheRESTPort(t *testing.T) {
	w := newEventWire(t)
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: w.org, Protocols: &protocols}
	lis := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	go server.Serve(lis)
	t.Cleanup(func() { server.Close() })
	conn := must[*grpc.ClientConn](t)(grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials())))
	t.Cleanup(func() { conn.Close() })
	l := w.listen(conn)
	w.create("Account", `{"Name":"A"}`)
	if _, b := l.next(); b["Name"] != "A" {
		t.Fatal(b)
	}
	w.org.ExpireSessions()
	_, err := l.client.GetTopic(l.ctx, &eventbuspb.TopicRequest{TopicName: "/data/ChangeEvents"})
	if status.Code(err) != codes.Unauthenticated {
		t.Fatal(err)
	}
}

package pubsub

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

const accountTopic = "/data/AccountChangeEvent"

func TestFlowControlDeliversWhatIsAskedFor(t *testing.T) {
	w := newWorld()
	c := w.client(t)
	for i := range 250 {
		w.publish(t, create(fmt.Sprint("a", i)))
	}
	st := subscribe(t, signedIn(t), c, earliest(accountTopic, 1000))
	first := receive(t, st, 100) // 1000 is taken as 100
	if err := st.Send(&eventbuspb.FetchRequest{NumRequested: 30}); err != nil {
		t.Fatal(err)
	}
	if err := st.Send(&eventbuspb.FetchRequest{TopicName: accountTopic, NumRequested: 70}); err != nil {
		t.Fatal(err)
	}
	second := receive(t, st, 100)
	if err := st.Send(&eventbuspb.FetchRequest{NumRequested: 100}); err != nil {
		t.Fatal(err)
	}
	var got []*eventbuspb.ConsumerEvent
	var pending int32
	for len(got) < 50 {
		r, err := st.Recv()
		if err != nil {
			t.Fatal(err)
		}
		got, pending = append(got, r.Events...), r.PendingNumRequested
	}
	if pending != 50 {
		t.Errorf("pending %d after 50 of 100, want 50", pending)
	}
	for i, e := range append(append(first, second...), got...) {
		if name := decode(t, c, e)["Name"]; name != fmt.Sprint("a", i) {
			t.Fatalf("event %d is %v", i, name)
		}
	}
	if err := st.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Recv(); err != io.EOF {
		t.Errorf("after the client's end: %v, want EOF", err)
	}
}

func TestReplayIDsGrowWithGapsAndStayExactAsDoubles(t *testing.T) {
	w := newWorld()
	c := w.client(t)
	for i := range 50 {
		w.publish(t, create(fmt.Sprint(i)))
	}
	var before uint64
	steps := map[uint64]bool{}
	for _, e := range receive(t, subscribe(t, signedIn(t), c, earliest(accountTopic, 100)), 50) {
		n := binary.BigEndian.Uint64(e.ReplayId)
		if len(e.ReplayId) != 8 || n <= before || n >= 1<<53 {
			t.Fatalf("replay id %d after %d", n, before)
		}
		steps[n-before] = true
		before = n
	}
	if len(steps) < 4 {
		t.Errorf("only %d different gaps", len(steps))
	}
}

func TestPresets(t *testing.T) {
	w := newWorld()
	c := w.client(t)
	w.publish(t, create("one"))
	w.publish(t, create("two"))
	all := receive(t, subscribe(t, signedIn(t), c, earliest(accountTopic, 10)), 2)

	custom := subscribe(t, signedIn(t), c, &eventbuspb.FetchRequest{TopicName: accountTopic, ReplayPreset: eventbuspb.ReplayPreset_CUSTOM, ReplayId: all[0].ReplayId, NumRequested: 10})
	if got := names(t, c, receive(t, custom, 1)); got != "two" {
		t.Errorf("after the first: %s", got)
	}
	latest := subscribe(t, signedIn(t), w.direct(), &eventbuspb.FetchRequest{TopicName: accountTopic, NumRequested: 1})
	eventually(t, func() bool { return w.streams() == 3 })
	w.publish(t, create("three"))
	if got := names(t, c, receive(t, latest, 1)); got != "three" {
		t.Errorf("latest: %s", got)
	}
}

func (w *world) streams() int {
	w.bus.mu.Lock()
	defer w.bus.mu.Unlock()
	return w.bus.streams
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatal("does not come about")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestTopics(t *testing.T) {
	w := newWorld()
	c := w.client(t)
	w.publish(t, create("acme"))
	w.publish(t, Change{Entity: "Contact", IDs: []string{"003"}, Type: Create, Values: map[string]any{"LastName": "Lee"}})
	w.publish(t, Change{Entity: "Gizmo__c", IDs: []string{"a00"}, Type: Create, Values: map[string]any{"Name": "g"}})
	for topic, want := range map[string]string{"/data/ChangeEvents": "Account Contact Gizmo__c", accountTopic: "Account",
		"/data/Gizmo__ChangeEvent": "Gizmo__c", "/data/Sales__chn": "Contact Gizmo__c"} {
		events := receive(t, subscribe(t, signedIn(t), c, earliest(topic, 10)), len(strings.Fields(want)))
		var got []string
		for _, e := range events {
			got = append(got, headerOf(decode(t, c, e))["entityName"].(string))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", topic, got, want)
		}
	}
	for _, topic := range []string{"/data/accountChangeEvent", "/data/NopeChangeEvent", "/data/Other__chn", "/event/Account", "Account", ""} {
		var trailer metadata.MD
		_, err := c.GetTopic(signedIn(t), &eventbuspb.TopicRequest{TopicName: topic}, grpc.Trailer(&trailer))
		checkRefusal(t, err, trailer, codes.NotFound, "topic.not.found")
		wantRefused(t, subscribe(t, signedIn(t), c, earliest(topic, 1)), codes.NotFound, "topic.not.found")
	}
}

func TestRefusedFetchRequests(t *testing.T) {
	w := newWorld()
	c := w.client(t)
	w.publish(t, create("one"))
	w.publish(t, Change{Entity: "Contact", IDs: []string{"003"}, Type: Delete})
	own := receive(t, subscribe(t, signedIn(t), c, earliest(accountTopic, 1)), 1)[0].ReplayId
	elsewhere := receive(t, subscribe(t, signedIn(t), c, earliest("/data/ChangeEvents", 2)), 2)[0].ReplayId
	foreign := newWorld(func(o *Options) { o.OrgID = func() string { return "00D000000000002EAA" } })
	foreign.tokens = nil
	otherOrg := replayID(foreign.bus.log.serial, tagOf("00D000000000002EAA", accountTopic))
	next := binary.BigEndian.AppendUint64(nil, binary.BigEndian.Uint64(own)+1<<tagBits*maxGap*10)
	tests := []struct {
		name string
		id   []byte
		code string
	}{
		{"empty", nil, "subscription.fetch.replayid.corrupted"},
		{"short", own[:5], "subscription.fetch.replayid.corrupted"},
		{"of another topic", elsewhere, "subscription.fetch.replayid.validation.failed"},
		{"of another org", otherOrg, "subscription.fetch.replayid.validation.failed"},
		{"computed", next, "subscription.fetch.replayid.validation.failed"},
		{"noise", []byte("12345678"), "subscription.fetch.replayid.validation.failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st := subscribe(t, signedIn(t), c, &eventbuspb.FetchRequest{TopicName: accountTopic, ReplayPreset: eventbuspb.ReplayPreset_CUSTOM, ReplayId: tt.id, NumRequested: 1})
			wantRefused(t, st, codes.InvalidArgument, tt.code)
		})
	}
	for _, n := range []int32{0, -1} {
		wantRefused(t, subscribe(t, signedIn(t), c, earliest(accountTopic, n)), codes.InvalidArgument, "subscription.fetch.request.invalid")
	}
	st := subscribe(t, signedIn(t), c, earliest(accountTopic, 1))
	receive(t, st, 1)
	if err := st.Send(earliest("/data/ChangeEvents", 1)); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, st, codes.InvalidArgument, "subscription.fetch.request.invalid")
}

func TestEventsExpireAndTheirReplayIDsWithThem(t *testing.T) {
	w := newWorld()
	c := w.client(t)
	w.publish(t, create("old"))
	old := receive(t, subscribe(t, signedIn(t), c, earliest(accountTopic, 1)), 1)[0].ReplayId
	w.advance(71 * time.Hour)
	w.publish(t, create("young"))
	custom := &eventbuspb.FetchRequest{TopicName: accountTopic, ReplayPreset: eventbuspb.ReplayPreset_CUSTOM, ReplayId: old, NumRequested: 9}
	if got := names(t, c, receive(t, subscribe(t, signedIn(t), c, custom), 1)); got != "young" {
		t.Errorf("within retention: %s", got)
	}
	w.advance(2 * time.Hour)
	wantRefused(t, subscribe(t, signedIn(t), c, custom), codes.InvalidArgument, "subscription.fetch.replayid.validation.failed")
	if got := names(t, c, receive(t, subscribe(t, signedIn(t), c, earliest(accountTopic, 9)), 1)); got != "young" {
		t.Errorf("earliest: %s", got)
	}
	w.bus.Expire(w.clock().Add(time.Second))
	w.publish(t, create("last"))
	if got := names(t, c, receive(t, subscribe(t, signedIn(t), c, earliest(accountTopic, 9)), 1)); got != "last" {
		t.Errorf("after Expire: %s", got)
	}
}

func TestAuthentication(t *testing.T) {
	w := newWorld()
	c := w.client(t)
	bad := map[string]context.Context{
		"none":         context.Background(),
		"wrong token":  withToken(context.Background(), "stale"),
		"no tenant":    metadata.AppendToOutgoingContext(context.Background(), "accesstoken", "good", "instanceurl", "x"),
		"wrong tenant": metadata.AppendToOutgoingContext(context.Background(), "accesstoken", "good", "instanceurl", "x", "tenantid", "00Dother"),
	}
	for name, ctx := range bad {
		t.Run(name, func(t *testing.T) {
			var trailer metadata.MD
			_, err := c.GetTopic(ctx, &eventbuspb.TopicRequest{TopicName: accountTopic}, grpc.Trailer(&trailer))
			checkRefusal(t, err, trailer, codes.Unauthenticated, "service.auth.error")
			st, err := c.Subscribe(ctx)
			if err != nil {
				t.Fatal(err)
			}
			wantRefused(t, st, codes.Unauthenticated, "service.auth.error")
		})
	}
	t.Run("an expiring session leaves a running stream alone", func(t *testing.T) {
		st := subscribe(t, signedIn(t), c, earliest(accountTopic, 1))
		eventually(t, func() bool { return w.streams() == 1 })
		w.tokens["good"] = false
		w.publish(t, create("still"))
		receive(t, st, 1)
		if err := st.Send(&eventbuspb.FetchRequest{NumRequested: 1, AuthRefresh: "stale"}); err != nil {
			t.Fatal(err)
		}
		wantRefused(t, st, codes.Unauthenticated, "service.auth.refresh.invalid")
	})
}

func TestLimits(t *testing.T) {
	t.Run("streams", func(t *testing.T) {
		w := newWorld(func(o *Options) { o.MaxStreams = 1 })
		c := w.client(t)
		ctx, cancel := context.WithCancel(signedIn(t))
		subscribe(t, ctx, c, earliest(accountTopic, 1))
		eventually(t, func() bool { return w.streams() == 1 })
		wantRefused(t, subscribe(t, signedIn(t), c, earliest(accountTopic, 1)), codes.ResourceExhausted, "concurrent.client.limit.exceeded")
		cancel()
		eventually(t, func() bool { return w.streams() == 0 })
		w.publish(t, create("x"))
		receive(t, subscribe(t, signedIn(t), c, earliest(accountTopic, 1)), 1)
	})
	t.Run("deliveries a day", func(t *testing.T) {
		w := newWorld(func(o *Options) { o.DailyDeliveries = 2 })
		c := w.client(t)
		for range 3 {
			w.publish(t, create("x"))
		}
		st := subscribe(t, signedIn(t), c, earliest(accountTopic, 10))
		receive(t, st, 2)
		wantRefused(t, st, codes.ResourceExhausted, "subscription.limit.exceeded")
		w.advance(25 * time.Hour)
		receive(t, subscribe(t, signedIn(t), c, earliest(accountTopic, 2)), 2)
	})
}

func TestTwoSubscribersGetEverythingFromOneCopy(t *testing.T) {
	w := newWorld()
	c := w.client(t)
	a := subscribe(t, signedIn(t), c, earliest(accountTopic, 100))
	b := subscribe(t, signedIn(t), c, earliest("/data/ChangeEvents", 100))
	for i := range 100 {
		w.publish(t, create(fmt.Sprint(i)))
	}
	x, y := receive(t, a, 100), receive(t, b, 100)
	for i := range x {
		if x[i].Event.Id != y[i].Event.Id || !bytes.Equal(x[i].Event.Payload, y[i].Event.Payload) || bytes.Equal(x[i].ReplayId, y[i].ReplayId) {
			t.Fatalf("event %d: %v and %v", i, x[i], y[i])
		}
	}
}

func TestSlowSubscriberHoldsUpNobody(t *testing.T) {
	w := newWorld()
	big := strings.Repeat("x", 100_000)
	slow := subscribe(t, signedIn(t), w.direct(), earliest(accountTopic, 100)) // never reads
	fast := subscribe(t, signedIn(t), w.client(t), earliest(accountTopic, 100))
	for range 90 {
		w.publish(t, Change{Entity: "Account", IDs: []string{"001"}, Type: Create, Values: map[string]any{"Description": big}})
	}
	receive(t, fast, 90)
	receive(t, slow, 90)
}

func TestDisconnectBreaksStreams(t *testing.T) {
	w := newWorld()
	c := w.client(t)
	st := subscribe(t, signedIn(t), c, earliest(accountTopic, 1))
	eventually(t, func() bool { return w.streams() == 1 })
	w.bus.Disconnect()
	wantRefused(t, st, codes.Unavailable, "service.unavailable")
	w.publish(t, create("x"))
	receive(t, subscribe(t, signedIn(t), c, earliest(accountTopic, 1)), 1)
}

// The org serves REST and gRPC on one port: the gRPC server is an http.Handler behind cleartext HTTP/2.
func TestServesBehindNetHTTP(t *testing.T) {
	w := newWorld()
	w.publish(t, create("over http"))
	server := grpc.NewServer()
	w.bus.Register(server)
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &http.Server{Handler: server, Protocols: new(http.Protocols)}
	h.Protocols.SetUnencryptedHTTP2(true)
	go h.Serve(lis)
	t.Cleanup(func() { h.Close() })
	cc, err := grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cc.Close() })
	c := eventbuspb.NewPubSubClient(renamed{cc})
	st := subscribe(t, signedIn(t), c, earliest(accountTopic, 5))
	if got := names(t, c, receive(t, st, 1)); got != "over http" {
		t.Error(got)
	}
	wantRefused(t, subscribe(t, signedIn(t), c, earliest("/data/x", 5)), codes.NotFound, "topic.not.found")
}

func TestUnknownSchemaIsRefused(t *testing.T) {
	var trailer metadata.MD
	_, err := newWorld().direct().GetSchema(signedIn(t), &eventbuspb.SchemaRequest{SchemaId: "nope"}, grpc.Trailer(&trailer))
	checkRefusal(t, err, trailer, codes.NotFound, "schema.not.found")
	if status.Code(err) != codes.NotFound {
		t.Error(err)
	}
}

package pubsub

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/avro"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

const pingTopic = "/event/Ping__e"

// ping is a platform event encoded by an Avro library that is not ours.
func ping(t *testing.T, c eventbuspb.PubSubClient, text string) *eventbuspb.ProducerEvent {
	t.Helper()
	info, err := c.GetTopic(signedIn(t), &eventbuspb.TopicRequest{TopicName: pingTopic})
	if err != nil || !info.CanPublish {
		t.Fatalf("topic %v, %v", info, err)
	}
	s, err := c.GetSchema(signedIn(t), &eventbuspb.SchemaRequest{SchemaId: info.SchemaId})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := avro.MustParse(s.SchemaJson).Encode(map[string]any{"CreatedDate": int64(5), "CreatedById": "005", "Text__c": text})
	if err != nil {
		t.Fatal(err)
	}
	return &eventbuspb.ProducerEvent{Id: "key " + text, SchemaId: info.SchemaId, Payload: payload}
}

func TestPublishTakesPlatformEvents(t *testing.T) {
	w := newWorld()
	c := w.client(t)
	broken := ping(t, c, "cut short")
	broken.Payload = broken.Payload[:3]
	strange := &eventbuspb.ProducerEvent{Id: "s", SchemaId: w.bus.schemaOf(w.entities["Account"]).id}
	out, err := c.Publish(signedIn(t), &eventbuspb.PublishRequest{TopicName: pingTopic, Events: []*eventbuspb.ProducerEvent{ping(t, c, "hello"), broken, strange}})
	if err != nil || len(out.Results) != 3 {
		t.Fatalf("%v, %v", out, err)
	}
	if r := out.Results[0]; r.Error != nil || len(r.ReplayId) != 8 || r.CorrelationKey != "key hello" {
		t.Errorf("good event: %v", r)
	}
	for _, r := range out.Results[1:] {
		if r.Error.GetCode() != eventbuspb.ErrorCode_PUBLISH || len(r.ReplayId) != 0 {
			t.Errorf("bad event: %v", r)
		}
	}
	st := subscribe(t, signedIn(t), c, earliest(pingTopic, 5))
	e := decode(t, c, receive(t, st, 1)[0])
	if e["Text__c"] != "hello" || e["CreatedDate"] != int64(5) {
		t.Errorf("event %v", e)
	}
}

func TestChangeEventTopicsRefusePublishing(t *testing.T) {
	c := newWorld().client(t)
	for _, topic := range []string{accountTopic, "/data/ChangeEvents", "/data/Sales__chn"} {
		var trailer metadata.MD
		_, err := c.Publish(signedIn(t), &eventbuspb.PublishRequest{TopicName: topic}, grpc.Trailer(&trailer))
		checkRefusal(t, err, trailer, codes.PermissionDenied, "publish.topic.denied")
	}
}

func TestPublishStreamAnswersEachRequestAndEndsInSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := timed()
		c := w.direct()
		st, err := c.PublishStream(withToken(t.Context(), "good"))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"one", "two"} {
			req := &eventbuspb.PublishRequest{Events: []*eventbuspb.ProducerEvent{ping(t, c, text)}}
			if text == "one" {
				req.TopicName = pingTopic
			}
			if err := st.Send(req); err != nil {
				t.Fatal(err)
			}
			out, err := st.Recv()
			if err != nil || out.Results[0].CorrelationKey != "key "+text || out.Results[0].Error != nil {
				t.Fatalf("%v, %v", out, err)
			}
		}
		start := time.Now()
		if _, err := st.Recv(); err != io.EOF || time.Since(start) != 70*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestManagedSubscriptionResumesAfterItsCommit(t *testing.T) {
	state := ManagedSubscription{ID: "18x000000000001AAA", Topic: accountTopic, Running: true}
	w := newWorld(func(o *Options) {
		o.Managed = func(name string) (ManagedSubscription, bool) { return state, name == state.ID || name == "Main" }
	})
	c := w.client(t)
	open := func(req *eventbuspb.ManagedFetchRequest) grpc.BidiStreamingClient[eventbuspb.ManagedFetchRequest, eventbuspb.ManagedFetchResponse] {
		st, err := c.ManagedSubscribe(signedIn(t))
		if err == nil {
			err = st.Send(req)
		}
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	st := open(&eventbuspb.ManagedFetchRequest{DeveloperName: "Main", NumRequested: 10})
	eventually(t, func() bool { return w.streams() == 1 })
	w.publish(t, create("one"))
	r, err := st.Recv()
	if err != nil || names(t, c, r.Events) != "one" {
		t.Fatalf("%v, %v", r, err)
	}
	w.publish(t, create("two"))
	if r2, err := st.Recv(); err != nil || names(t, c, r2.Events) != "two" {
		t.Fatalf("%v, %v", r2, err)
	}
	for key, id := range map[string][]byte{"good": r.Events[0].ReplayId, "bad": []byte("12345678")} {
		if err := st.Send(&eventbuspb.ManagedFetchRequest{CommitReplayIdRequest: &eventbuspb.CommitReplayRequest{CommitRequestId: key, ReplayId: id}}); err != nil {
			t.Fatal(err)
		}
		answer, err := st.Recv()
		if err != nil || answer.CommitResponse.CommitRequestId != key || (answer.CommitResponse.Error != nil) != (key == "bad") || answer.CommitResponse.ProcessTime == 0 {
			t.Fatalf("commit %s: %v, %v", key, answer, err)
		}
	}
	again := open(&eventbuspb.ManagedFetchRequest{SubscriptionId: state.ID, NumRequested: 10})
	if r, err := again.Recv(); err != nil || names(t, c, r.Events) != "two" {
		t.Errorf("resumed with %v, %v", r, err)
	}
	state.Running = false
	stopped := open(&eventbuspb.ManagedFetchRequest{SubscriptionId: state.ID, NumRequested: 10})
	_, err = stopped.Recv()
	checkRefusal(t, err, stopped.Trailer(), codes.FailedPrecondition, "managed.subscription.stopped")
	unknown := open(&eventbuspb.ManagedFetchRequest{SubscriptionId: "18xnone", NumRequested: 10})
	_, err = unknown.Recv()
	checkRefusal(t, err, unknown.Trailer(), codes.NotFound, "managed.subscription.not.found")
}

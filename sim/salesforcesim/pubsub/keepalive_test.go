package pubsub

import (
	"bytes"
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

// timed is a world whose clock is that of the test's bubble.
func timed() *world {
	return newWorld(func(o *Options) { o.Now = time.Now })
}

func TestKeepaliveEvery270Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := timed()
		ctx, cancel := context.WithCancel(withToken(t.Context(), "good"))
		defer cancel()
		st := subscribe(t, ctx, w.direct(), earliest(accountTopic, 7))
		start := time.Now()
		var before []byte
		for i := range 3 {
			r, err := st.Recv()
			if err != nil {
				t.Fatal(err)
			}
			if at := time.Since(start); at != time.Duration(i+1)*270*time.Second {
				t.Errorf("keepalive %d after %v", i, at)
			}
			if len(r.Events) != 0 || len(r.LatestReplayId) != 8 || r.PendingNumRequested != 7 || r.RpcId == "" {
				t.Errorf("keepalive %v", r)
			}
			before = r.LatestReplayId
		}
		if !bytes.Equal(before, replayID(w.bus.log.serial, tagOf(orgID, accountTopic))) {
			t.Error("the keepalive does not have the newest replay id")
		}
	})
}

func TestQuietStreamCanBeResumedAfterDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := timed()
		ctx, cancel := context.WithCancel(withToken(t.Context(), "good"))
		st := subscribe(t, ctx, w.direct(), earliest(accountTopic, 7))
		start := time.Now()
		var newest []byte
		for time.Since(start) < 100*time.Hour {
			r, err := st.Recv()
			if err != nil {
				t.Fatal(err)
			}
			newest = r.LatestReplayId
		}
		cancel()
		if n := len(w.bus.log.entries); n > 110 {
			t.Errorf("a quiet log has %d places", n)
		}
		ctx, cancel = context.WithCancel(withToken(t.Context(), "good"))
		defer cancel()
		st = subscribe(t, ctx, w.direct(), &eventbuspb.FetchRequest{TopicName: accountTopic, ReplayPreset: eventbuspb.ReplayPreset_CUSTOM, ReplayId: newest, NumRequested: 1})
		synctest.Wait()
		w.publish(t, create("x"))
		receive(t, st, 1)
	})
}

func TestStreamThatAsksForNothingMoreIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := timed()
		w.publish(t, create("x"))
		st := subscribe(t, withToken(t.Context(), "good"), w.direct(), earliest(accountTopic, 1))
		receive(t, st, 1)
		start := time.Now()
		if _, err := st.Recv(); err != io.EOF {
			t.Errorf("idle stream: %v, want EOF", err)
		}
		if at := time.Since(start); at != 270*time.Second {
			t.Errorf("closed after %v", at)
		}
		if err := st.Send(&eventbuspb.FetchRequest{NumRequested: 1}); err != io.EOF {
			t.Errorf("send after the end: %v, want EOF", err)
		}
	})
}

func TestInProcessStreamEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := timed()
		ctx, cancel := context.WithCancel(withToken(t.Context(), "good"))
		st := subscribe(t, ctx, w.direct(), earliest(accountTopic, 1))
		synctest.Wait()
		cancel()
		if _, err := st.Recv(); err == nil {
			t.Error("no error after cancellation")
		}
		synctest.Wait()
		if n := w.streams(); n != 0 {
			t.Errorf("%d streams left open", n)
		}
	})
}

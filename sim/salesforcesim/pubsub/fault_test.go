package pubsub

import (
	"bytes"
	"testing"

	"google.golang.org/grpc/codes"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

// spoil publishes accounts named after letters, the faults given by letter.
func spoil(t *testing.T, w *world, letters string, faults map[string]Verdict) {
	t.Helper()
	var name string
	w.bus.SetFault(func(e EventInfo) Verdict {
		if e.Topic != accountTopic || e.Entity != "Account" || len(e.IDs) != 1 || e.Type != Create || e.Transaction == "" {
			t.Errorf("info %+v", e)
		}
		return faults[name]
	})
	for _, l := range letters {
		name = string(l)
		w.publish(t, create(name))
	}
}

func TestFaultsDropCopyAndReorder(t *testing.T) {
	tests := []struct {
		name   string
		faults map[string]Verdict
		want   string
		n      int
	}{
		{"drop", map[string]Verdict{"b": {Drop: true}}, "a c d", 3},
		{"copy", map[string]Verdict{"b": {Copies: 2}}, "a b b b c d", 6},
		{"hold back by one", map[string]Verdict{"b": {HoldBack: 1}}, "a c b d", 4},
		{"hold back by two", map[string]Verdict{"a": {HoldBack: 2}, "b": {HoldBack: 1}}, "c b d a", 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			c := w.client(t)
			spoil(t, w, "abcd", tt.faults)
			events := receive(t, subscribe(t, signedIn(t), c, earliest(accountTopic, 100)), tt.n)
			if got := names(t, c, events); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestCopiesHaveOneIDAndSeveralReplayIDs(t *testing.T) {
	w := newWorld()
	c := w.client(t)
	spoil(t, w, "a", map[string]Verdict{"a": {Copies: 1}})
	e := receive(t, subscribe(t, signedIn(t), c, earliest(accountTopic, 100)), 2)
	if e[0].Event.Id != e[1].Event.Id || bytes.Equal(e[0].ReplayId, e[1].ReplayId) {
		t.Errorf("events %v", e)
	}
}

func TestHeldEventsAreReleasedWhenTheFaultEnds(t *testing.T) {
	w := newWorld()
	c := w.client(t)
	st := subscribe(t, signedIn(t), c, earliest(accountTopic, 100))
	spoil(t, w, "ab", map[string]Verdict{"a": {HoldBack: 50}})
	if got := names(t, c, receive(t, st, 1)); got != "b" {
		t.Errorf("first %s", got)
	}
	w.bus.SetFault(nil)
	if got := names(t, c, receive(t, st, 1)); got != "a" {
		t.Errorf("then %s", got)
	}
}

func TestFaultMakesGapEvents(t *testing.T) {
	for name, verdict := range map[string]Verdict{"GAP_CREATE": {Gap: true}, "GAP_OVERFLOW": {Overflow: true}} {
		w := newWorld()
		c := w.client(t)
		spoil(t, w, "a", map[string]Verdict{"a": verdict})
		e := decode(t, c, receive(t, subscribe(t, signedIn(t), c, earliest(accountTopic, 100)), 1)[0])
		ids, _ := headerOf(e)["recordIds"].([]any)
		if headerOf(e)["changeType"] != name || e["Name"] != nil || len(ids) > 0 != verdict.Gap {
			t.Errorf("event %v", e)
		}
	}
}

func TestCutBreaksTheStreamOnceAfterTheEvent(t *testing.T) {
	w := newWorld()
	c := w.client(t)
	st := subscribe(t, signedIn(t), c, earliest(accountTopic, 100))
	eventually(t, func() bool { return w.streams() == 1 })
	spoil(t, w, "abc", map[string]Verdict{"b": {Cut: true}})
	last := receive(t, st, 2)[1]
	if got := names(t, c, []*eventbuspb.ConsumerEvent{last}); got != "b" {
		t.Errorf("last event %s", got)
	}
	wantRefused(t, st, codes.Unavailable, "service.unavailable")
	again := subscribe(t, signedIn(t), c, &eventbuspb.FetchRequest{TopicName: accountTopic, ReplayPreset: eventbuspb.ReplayPreset_CUSTOM, ReplayId: last.ReplayId, NumRequested: 9})
	if got := names(t, c, receive(t, again, 1)); got != "c" {
		t.Errorf("after the cut %s", got)
	}
}

package certify

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/twmb/avro"
	"google.golang.org/grpc"
)

// Where a subscription begins (ReplayPreset of pubsub_api.proto).
const (
	fromNow      = 0
	fromPosition = 2
)

// subscription is an open stream of a topic's events.
type subscription struct {
	p       *probe
	topic   string
	stream  grpc.ClientStream
	opened  error
	got     chan busAnswer
	close   func()
	schemas map[string]*avro.Schema
}

// asked is how many events are wanted at once: the most that may be.
const asked = 100

// trailersOf keeps the trailers of a call.
func trailersOf(a *busAnswer) grpc.CallOption { return grpc.Trailer(&a.trailer) }

// subscribe opens a stream. The bus says nothing until there is an event or a
// refusal.
func (p *probe) subscribe(topic string, preset uint64, replay []byte) *subscription {
	s := &subscription{p: p, topic: topic, got: make(chan busAnswer, 1), schemas: map[string]*avro.Schema{}}
	var ctx context.Context
	ctx, s.close = context.WithCancel(p.signed(p.grant().json().may("access_token").text()))
	s.stream, s.opened = p.o.Bus.NewStream(ctx, &grpc.StreamDesc{StreamName: "Subscribe", ClientStreams: true, ServerStreams: true}, busMethods+"Subscribe")
	if s.opened != nil {
		s.got <- busAnswer{answer: s.endpoint(), err: s.opened}
		return s
	}
	first := message{}.text(1, topic).whole(2, preset).whole(4, asked)
	if len(replay) > 0 {
		first = first.blob(3, replay)
	}
	_ = s.stream.SendMsg(raw(first)) // why it failed is told to the one who receives
	go s.receive(ctx)
	return s
}

func (s *subscription) endpoint() answer { return answer{p: s.p, endpoint: "PubSub Subscribe"} }

// receive hands on what comes, up to the end of the stream.
func (s *subscription) receive(ctx context.Context) {
	for {
		a, out := busAnswer{answer: s.endpoint()}, raw(nil)
		if a.err = s.stream.RecvMsg(out); a.err != nil {
			a.trailer = s.stream.Trailer()
		} else {
			a.body = out.ProtoReflect().GetUnknown()
		}
		select {
		case s.got <- a:
		case <-ctx.Done():
			return
		}
		if a.err != nil {
			return
		}
	}
}

// next is the next answer; it is void, without an error, where none came in time.
func (s *subscription) next(within time.Duration) busAnswer {
	ctx, cancel := context.WithTimeout(s.p.ctx, within)
	defer cancel()
	select {
	case a := <-s.got:
		if a.err == nil {
			a.read(fetchResponse, raw(a.body))
			s.refill(a)
		}
		return a
	case <-ctx.Done():
		if s.p.ctx.Err() != nil {
			s.p.fail("interrupted")
		}
		return busAnswer{answer: s.endpoint()}
	}
}

// refill asks for more where a busy org has used up most of what was asked for.
func (s *subscription) refill(a busAnswer) {
	if pending, ok := a.fields["pending_num_requested"].(uint64); ok && pending < asked/2 {
		_ = s.stream.SendMsg(raw(message{}.text(1, s.topic).whole(4, asked-pending))) // as above
	}
}

// find is the event of a kind about a record; void where none comes in time.
func (s *subscription) find(within time.Duration, id, kind string) event {
	from := s.p.o.Now()
	for s.p.failed == "" && len(s.p.differences) == 0 {
		a := s.next(within - s.p.o.Now().Sub(from))
		if a.err != nil && !errors.Is(a.err, io.EOF) {
			a.granted()
		}
		if a.err != nil || !a.ok {
			return event{}
		}
		if e := s.among(a, id, kind); e.ok {
			return e
		}
	}
	return event{}
}

func (s *subscription) among(a busAnswer, id, kind string) event {
	events, _ := a.fields["events"].([]any)
	for _, v := range events {
		fields, _ := v.(map[string]any)
		e := s.event(fields)
		h := e.may("ChangeEventHeader")
		if h.may("changeType").text() == kind && slices.ContainsFunc(h.may("recordIds").rows(), func(n node) bool { return n.text() == id }) {
			return e
		}
	}
	return event{}
}

// siteValue begins what an update writes.
const siteValue = "change "

// updated changes a record until an event tells of it: the bus does not say when it
// begins to follow, so that the first changes may come before.
func (s *subscription) updated(id string) event {
	for i, pause := 0, s.p.within()/64; i < maxUpdates; i, pause = i+1, 2*pause {
		s.p.send(http.MethodPatch, "/sobjects/Account/{}", map[string]any{"Site": siteValue + string(rune('a'+i))}, id).status(http.StatusNoContent)
		if e := s.find(pause, id, "UPDATE"); e.ok || s.p.failed != "" || len(s.p.differences) > 0 {
			return e
		}
	}
	s.missed("a change")
	return event{}
}

// missed tells that an event did not come, unless something else explains it.
func (s *subscription) missed(of string) {
	if s.p.failed != "" || len(s.p.differences) > 0 {
		return
	}
	if _, known := s.p.announced(); !known {
		s.p.fail("no event came, and whether accounts are selected for Change Data Capture could not be read")
		return
	}
	s.endpoint().differ(KindTiming, "events", "an event of "+of, "none")
}

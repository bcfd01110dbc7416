package pubsub

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

const (
	maxRequested = 100               // events that one fetch request may ask for; more is taken as this
	keepalive    = 270 * time.Second // silence after which an empty answer with the latest replay id is sent
	maxResponse  = 3 << 20           // bytes of events in one answer; the guide tells clients to have room for so much
	freshMarker  = time.Hour         // age from which a keepalive gives a quiet stream a newer position
)

// subscription is one open stream over a topic.
type subscription struct {
	bus     *Bus
	topic   *topic
	at      uint64 // serial up to which the log was looked through
	opened  uint64 // newest serial when the stream was opened
	pending int    // events the client still wants
	broken  <-chan struct{}
}

// request is what the client said, of whatever kind of subscription.
type request struct {
	topic     string
	requested int32
	auth      string
	commit    *eventbuspb.CommitReplayRequest
	err       error
}

// reply is what the server sends, of whatever kind of subscription.
type reply struct {
	events  []*eventbuspb.ConsumerEvent
	latest  []byte
	pending int32
	commit  *eventbuspb.CommitReplayResponse
}

// Subscribe streams the events of one topic.
func (s *service) Subscribe(st grpc.BidiStreamingServer[eventbuspb.FetchRequest, eventbuspb.FetchResponse]) error {
	return s.stream(st, func(rpcID string) error {
		first, err := st.Recv()
		if err != nil {
			return ended(err)
		}
		sub, err := s.bus.open(first.GetTopicName(), first.GetReplayPreset(), first.GetReplayId())
		if err != nil {
			return err
		}
		defer s.bus.closeStream()
		receive := func() request {
			r, err := st.Recv()
			return request{topic: r.GetTopicName(), requested: r.GetNumRequested(), auth: r.GetAuthRefresh(), err: err}
		}
		send := func(r reply) error {
			return st.Send(&eventbuspb.FetchResponse{Events: r.events, LatestReplayId: r.latest, RpcId: rpcID, PendingNumRequested: r.pending})
		}
		head := request{topic: first.GetTopicName(), requested: first.GetNumRequested()}
		return sub.serve(st.Context(), head, receive, send, sub.handle)
	})
}

// ended hides the ordinary end of a stream.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// open finds the topic and the place to begin at.
func (b *Bus) open(name string, preset eventbuspb.ReplayPreset, id []byte) (*subscription, error) {
	t, ok := b.topic(name)
	if !ok {
		return nil, errTopic
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forgetOld()
	sub := &subscription{bus: b, topic: t, opened: b.log.serial, broken: b.broken}
	switch preset {
	case eventbuspb.ReplayPreset_LATEST:
		sub.at = b.log.serial
	case eventbuspb.ReplayPreset_CUSTOM:
		serial, refused := b.validate(id, t)
		if refused != nil {
			return nil, refused
		}
		sub.at = serial
	}
	if b.opt.MaxStreams > 0 && b.streams >= b.opt.MaxStreams {
		return nil, errStreams
	}
	b.streams++
	return sub, nil
}

func (b *Bus) closeStream() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.streams--
}

// validate accepts a replay id of this topic that retention still covers.
func (b *Bus) validate(id []byte, t *topic) (uint64, *refusal) {
	if len(id) != 8 {
		return 0, errCorrupted
	}
	serial, tag := splitReplayID(id)
	if tag != t.tag || !b.log.has(serial) {
		return 0, errReplay
	}
	return serial, nil
}

// conversation is a subscription with the two directions of its stream.
type conversation struct {
	sub      *subscription
	requests <-chan request
	send     func(reply) error
	handle   func(context.Context, request) (*eventbuspb.CommitReplayResponse, error)
	silence  <-chan time.Time // fires when a keepalive is due
}

// errDone ends a stream without an error.
var errDone = errors.New("stream is done")

// serve runs the stream until the client ends it, an error, or nothing more being asked for. It sends whenever there are both
// events and demand, and waits otherwise.
func (s *subscription) serve(ctx context.Context, head request, receive func() request, send func(reply) error,
	handle func(context.Context, request) (*eventbuspb.CommitReplayResponse, error)) error {
	c := &conversation{sub: s, requests: receiveAll(ctx, head, receive), send: send, handle: handle, silence: s.bus.opt.After(keepalive)}
	for {
		out, wake, err := s.next()
		switch {
		case err != nil:
		case len(out.events) > 0:
			err = c.deliver(out)
		default:
			err = c.wait(ctx, wake)
		}
		if errors.Is(err, errDone) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (c *conversation) deliver(out reply) error {
	if err := c.answer(out); err != nil {
		return err
	}
	if c.sub.cut(out) {
		return errUnavailable
	}
	return nil
}

// answer sends and begins to count silence anew.
func (c *conversation) answer(out reply) error {
	c.silence = c.sub.bus.opt.After(keepalive)
	return c.send(out)
}

// wait returns when something has changed; errDone when the stream has come to its end.
func (c *conversation) wait(ctx context.Context, wake <-chan struct{}) error {
	select {
	case r := <-c.requests:
		return c.take(ctx, r)
	case <-wake:
		return nil
	case <-c.silence:
		if c.sub.pending == 0 {
			return errDone
		}
		return c.answer(c.sub.keepalive(nil))
	case <-c.sub.broken:
		return errUnavailable
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *conversation) take(ctx context.Context, r request) error {
	if errors.Is(r.err, io.EOF) {
		return errDone
	}
	if r.err != nil {
		return r.err
	}
	commit, err := c.handle(ctx, r)
	if err == nil && commit != nil {
		err = c.answer(c.sub.keepalive(commit))
	}
	return err
}

// receiveAll passes on what the client sends, the first request foremost.
func receiveAll(ctx context.Context, head request, receive func() request) <-chan request {
	requests := make(chan request)
	go func() {
		for r := head; ; r = receive() {
			select {
			case requests <- r:
			case <-ctx.Done():
				return
			}
			if r.err != nil {
				return
			}
		}
	}()
	return requests
}

// handle takes a fetch request: demand adds up, the topic stays.
func (s *subscription) handle(ctx context.Context, r request) (*eventbuspb.CommitReplayResponse, error) {
	if r.topic != "" && r.topic != s.topic.name {
		return nil, errOtherTopic
	}
	return nil, s.demand(ctx, r)
}

func (s *subscription) demand(ctx context.Context, r request) error {
	if refused := s.bus.reauthorize(ctx, r.auth); refused != nil {
		return refused
	}
	if r.requested <= 0 {
		return errRequested
	}
	s.pending += min(int(r.requested), maxRequested)
	return nil
}

// next takes the events that can be sent now, and the signal that there may be more.
func (s *subscription) next() (reply, <-chan struct{}, error) {
	b := s.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	var out reply
	size := 0
	for _, e := range b.log.entries[b.log.after(s.at):] {
		if s.pending == 0 || size >= maxResponse {
			break
		}
		if e.event == nil || !s.topic.accepts(e.event.entity) {
			s.at = e.serial
			continue
		}
		if !b.quota.take(b.opt.Now(), b.opt.DailyDeliveries) {
			if len(out.events) == 0 {
				return out, nil, errQuota
			}
			break
		}
		s.at = e.serial
		s.pending--
		size += len(e.event.payload)
		out.events = append(out.events, consumerEvent(e, s.topic.tag))
		if e.cut && e.serial > s.opened {
			break
		}
	}
	out.latest, out.pending = replayID(s.at, s.topic.tag), int32(s.pending)
	return out, b.changed, nil
}

func consumerEvent(e entry, tag uint16) *eventbuspb.ConsumerEvent {
	return &eventbuspb.ConsumerEvent{ReplayId: replayID(e.serial, tag),
		Event: &eventbuspb.ProducerEvent{Id: e.event.id, SchemaId: e.event.schemaID, Payload: e.event.payload}}
}

// cut reports whether the last event sent is one after which the stream breaks.
func (s *subscription) cut(out reply) bool {
	b := s.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	last := out.events[len(out.events)-1].GetReplayId()
	i := b.log.after(s.at) - 1
	if i < 0 || !bytes.Equal(replayID(b.log.entries[i].serial, s.topic.tag), last) {
		return false
	}
	return b.log.entries[i].cut && s.at > s.opened
}

// keepalive is an answer without events. When nothing was published for long, the log gets a fresh place, so that a quiet
// stream can be resumed after more than the retention.
func (s *subscription) keepalive(commit *eventbuspb.CommitReplayResponse) reply {
	b := s.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.opt.Now()
	newest, ok := b.log.newest()
	if s.pending > 0 && (!ok || s.at >= newest.serial && now.Sub(newest.at) >= freshMarker) {
		s.at = b.log.append(entry{at: now}, b.random.Uint64N(maxGap))
	}
	return reply{latest: replayID(s.at, s.topic.tag), pending: int32(s.pending), commit: commit}
}

// quota counts deliveries in windows of a day.
type quota struct {
	since time.Time
	n     int
}

func (q *quota) take(now time.Time, limit int) bool {
	if limit == 0 {
		return true
	}
	if now.Sub(q.since) >= 24*time.Hour {
		q.since, q.n = now, 0
	}
	q.n++
	return q.n <= limit
}

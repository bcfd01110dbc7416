package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"tandem/internal/connector"
	"tandem/internal/connector/salesforce/eventbus"
	"tandem/internal/core"
)

// allChanges is the topic of all selected objects.
const allChanges = "/data/" + standardChannel

// maxOneChannel is how many selected objects make one subscription the cheaper
// one: as many as an org announces without the add-on.
const maxOneChannel = 5

// Limits of a subscription: a hundred events may be asked for at once, and a
// silent one is told it lives every 270 seconds.
const (
	maxRequested = 100
	refillBelow  = 50
	silence      = 10 * time.Minute
)

// place is a position: the replay id after which each topic goes on.
type place map[string][]byte

func parsePlace(position string) (place, error) {
	p := place{}
	if position == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(position), &p); err != nil || p == nil {
		return nil, &connector.Error{Side: core.Salesforce, Class: core.ClassRejected, Code: connector.CodePositionLost, Message: "the stored position is unreadable", Mend: "listen again from now", Err: err}
	}
	return p, nil
}

func (p place) String() string {
	b, _ := json.Marshal(p)
	return string(b)
}

// listener is one Listen under way.
type listener struct {
	c    *Client
	bus  eventbus.PubSubClient
	tok  token
	emit func(context.Context, connector.Events) error

	mu    connector.CallMutex // one delivery at a time: each stores all topics' positions
	at    place
	heard bool
}

// Listen announces changes over the Pub/Sub API, on one topic for all objects
// or on one for each.
func (c *Client) Listen(ctx context.Context, position string, emit func(context.Context, connector.Events) error) error {
	conn, err := c.bus.conn(c.cfg)
	if err != nil {
		return err
	}
	at, err := parsePlace(position)
	if err != nil {
		return err
	}
	topics, err := c.topics(ctx, at)
	if err != nil {
		return err
	}
	l := &listener{c: c, bus: eventbus.NewPubSubClient(conn), emit: emit, at: at}
	err = l.attempt(ctx, topics)
	if len(at) == 0 && !l.heard && topics[0] == allChanges && connector.ClassOf(err) == core.ClassSchema {
		err = l.attempt(ctx, c.ownTopics()) // the channel of all objects needs View All Data; those of single objects do not
	}
	return err
}

// attempt follows the topics, once more with a new session where the first was
// refused before anything came.
func (l *listener) attempt(ctx context.Context, topics []string) error {
	tok, err := l.c.tokens.get(ctx)
	if err != nil {
		return err
	}
	l.tok = tok
	err = l.run(ctx, topics)
	if connector.ClassOf(err) != core.ClassAuth {
		return err
	}
	if l.tok, err = l.c.tokens.renew(ctx, tok, err); err != nil {
		return err
	}
	return l.run(ctx, topics)
}

// topics are those of the position, and without one as few as serve all
// objects.
func (c *Client) topics(ctx context.Context, at place) ([]string, error) {
	if _, ok := at[allChanges]; ok {
		return []string{allChanges}, nil
	}
	if len(at) > 0 {
		return c.ownTopics(), nil
	}
	selected, err := c.Selected(ctx)
	if declined(err) {
		return c.ownTopics(), nil
	}
	if len(selected) > 0 && len(selected) <= maxOneChannel {
		return []string{allChanges}, err
	}
	return c.ownTopics(), err
}

func (c *Client) ownTopics() []string {
	out := make([]string, len(c.cfg.Events))
	for i, object := range c.cfg.Events {
		out[i] = "/data/" + eventName(object)
	}
	return out
}

// run follows all topics until one breaks. A topic that the position does not
// know was added since: what happened on it before is swept for.
func (l *listener) run(ctx context.Context, topics []string) error {
	ctx, err := l.c.signed(ctx, l.tok)
	if err != nil {
		return err
	}
	if len(l.at) > 0 {
		if err := l.announceNew(ctx, topics); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, topic := range topics {
		group.Go(func() error { return l.follow(ctx, topic) })
	}
	return group.Wait()
}

func (l *listener) announceNew(ctx context.Context, topics []string) error {
	var events []connector.Event
	for i, topic := range topics {
		if _, known := l.at[topic]; !known && topic != allChanges {
			events = append(events, connector.Event{Kind: connector.EventOverflow, Ref: core.Ref{Side: core.Salesforce, Object: l.c.cfg.Events[i]}, At: l.c.meter.clock()})
		}
	}
	if len(events) == 0 {
		return nil
	}
	return l.deliver(ctx, "", nil, events)
}

// errSilent ends a subscription that brings not even signs of life.
var errSilent = errors.New("no sign of life from the event bus for ten minutes")

// follow delivers one topic's events until its stream ends.
func (l *listener) follow(ctx context.Context, topic string) error {
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(silence, func() { cancel(errSilent) })
	defer watch.Stop()
	stream, err := l.bus.Subscribe(within)
	if err != nil {
		return l.c.busError(ctx, topic, err, nil)
	}
	if err := l.ask(stream, l.first(topic)); err != nil {
		return l.c.busError(ctx, topic, err, stream.Trailer())
	}
	open := int32(maxRequested) // asked for and not yet come: what an answer tells of it is older than the last request
	for {
		resp, err := stream.Recv()
		if err != nil {
			return l.c.busError(ctx, topic, err, stream.Trailer())
		}
		watch.Reset(silence)
		if err := l.take(within, topic, resp); err != nil {
			return err
		}
		if open -= int32(len(resp.GetEvents())); open < refillBelow {
			if err := l.ask(stream, &eventbus.FetchRequest{TopicName: topic, NumRequested: maxRequested - open}); err != nil {
				return l.c.busError(ctx, topic, err, stream.Trailer())
			}
			open = maxRequested
		}
	}
}

// ask sends a request. A failed send hides its reason, which only Recv tells.
func (l *listener) ask(stream grpc.BidiStreamingClient[eventbus.FetchRequest, eventbus.FetchResponse], req *eventbus.FetchRequest) error {
	if stream.Send(req) == nil {
		return nil
	}
	for {
		if _, err := stream.Recv(); err != nil {
			return err
		}
	}
}

// first is the request that opens a subscription: behind the stored position,
// or from now on. The bus itself refuses a position that it no longer has.
func (l *listener) first(topic string) *eventbus.FetchRequest {
	l.mu.Lock()
	defer l.mu.Unlock()
	req := &eventbus.FetchRequest{TopicName: topic, NumRequested: maxRequested}
	if id, ok := l.at[topic]; ok {
		req.ReplayPreset, req.ReplayId = eventbus.ReplayPreset_CUSTOM, id
	}
	return req
}

// take delivers one response. Without events it is a sign of life whose replay
// id is as good a position.
func (l *listener) take(ctx context.Context, topic string, resp *eventbus.FetchResponse) error {
	replay := resp.GetLatestReplayId()
	var events []connector.Event
	for _, one := range resp.GetEvents() {
		decoded, err := l.decode(ctx, topic, one.GetEvent())
		if err != nil {
			return err
		}
		events = append(events, decoded...)
		replay = one.GetReplayId()
	}
	return l.deliver(ctx, topic, replay, events)
}

// decode turns one event into announcements. One that cannot be decoded says at
// least that something happened to its object.
func (l *listener) decode(ctx context.Context, topic string, event *eventbus.ProducerEvent) ([]connector.Event, error) {
	schema, err := l.c.bus.schema(ctx, l.bus, event.GetSchemaId())
	if err != nil && !errors.Is(err, errUndecodable) {
		return nil, l.c.busError(ctx, topic, err, nil)
	}
	var change changeEvent
	if err == nil {
		change, err = schema.decode(event.GetPayload())
	}
	if err != nil {
		return l.lost(topic, schema), nil //nolint:nilerr // what cannot be read is announced, and the stream goes on
	}
	if !slices.Contains(l.c.cfg.Events, change.object) {
		return nil, nil
	}
	return change.events(l.c.cfg.ClientName), nil
}

// lost announces that any record may have changed: of the event's object, or of
// all objects where not even that is known.
func (l *listener) lost(topic string, schema *eventSchema) []connector.Event {
	objects := l.c.cfg.Events
	if schema != nil {
		objects = []core.Object{schema.object}
	} else if topic != allChanges {
		objects = []core.Object{entityOf(topic[len("/data/"):])}
	}
	var out []connector.Event
	for _, object := range objects {
		if slices.Contains(l.c.cfg.Events, object) {
			out = append(out, connector.Event{Kind: connector.EventOverflow, Ref: core.Ref{Side: core.Salesforce, Object: object}, At: l.c.meter.clock()})
		}
	}
	return out
}

// deliver hands over events with the position behind them. The position moves
// only when it was stored.
func (l *listener) deliver(ctx context.Context, topic string, replay []byte, events []connector.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := maps.Clone(l.at)
	if len(replay) > 0 {
		next[topic] = replay
	}
	l.heard = true
	if err := l.emit(ctx, connector.Events{Events: events, Position: next.String(), Clock: l.c.meter.clock()}); err != nil {
		return err
	}
	l.at = next
	return nil
}

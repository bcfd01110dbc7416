package pubsub

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/avro"
	"google.golang.org/grpc"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

// publishIdle is how long a publishing stream may be silent.
const publishIdle = 70 * time.Second

// Publish takes platform events.
func (s *service) Publish(ctx context.Context, req *eventbuspb.PublishRequest) (*eventbuspb.PublishResponse, error) {
	var out *eventbuspb.PublishResponse
	err := s.unary(ctx, func(rpcID string) *refusal {
		t, refused := s.bus.producible(req.GetTopicName())
		if refused == nil {
			out = s.bus.produce(t, req.GetEvents(), rpcID)
		}
		return refused
	})
	return out, err
}

// PublishStream takes platform events of one topic until the client ends it or falls silent.
func (s *service) PublishStream(st grpc.BidiStreamingServer[eventbuspb.PublishRequest, eventbuspb.PublishResponse]) error {
	return s.stream(st, func(rpcID string) error {
		requests := receivePublish(st)
		name := ""
		for {
			select {
			case r := <-requests:
				if r.err != nil {
					return ended(r.err)
				}
				if name == "" {
					name = r.req.GetTopicName()
				}
				out, err := s.produceNext(st.Context(), name, r.req, rpcID)
				if err != nil {
					return err
				}
				if err := st.Send(out); err != nil {
					return err
				}
			case <-s.bus.opt.After(publishIdle):
				return nil
			case <-st.Context().Done():
				return st.Context().Err()
			}
		}
	})
}

type publishRequest struct {
	req *eventbuspb.PublishRequest
	err error
}

func receivePublish(st grpc.BidiStreamingServer[eventbuspb.PublishRequest, eventbuspb.PublishResponse]) <-chan publishRequest {
	requests := make(chan publishRequest)
	go func() {
		for {
			req, err := st.Recv()
			select {
			case requests <- publishRequest{req, err}:
			case <-st.Context().Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return requests
}

func (s *service) produceNext(ctx context.Context, name string, req *eventbuspb.PublishRequest, rpcID string) (*eventbuspb.PublishResponse, error) {
	if refused := s.bus.reauthorize(ctx, req.GetAuthRefresh()); refused != nil {
		return nil, refused
	}
	if req.GetTopicName() != "" && req.GetTopicName() != name {
		return nil, errOtherTopic
	}
	t, refused := s.bus.producible(name)
	if refused != nil {
		return nil, refused
	}
	return s.bus.produce(t, req.GetEvents(), rpcID), nil
}

// producible finds a topic that clients may publish to: platform events, never change events.
func (b *Bus) producible(name string) (*topic, *refusal) {
	t, ok := b.topic(name)
	switch {
	case !ok:
		return nil, errTopic
	case !t.publish:
		return nil, errNoPublish
	}
	return t, nil
}

// produce appends the events that fit their schema; the others are refused one by one.
func (b *Bus) produce(t *topic, events []*eventbuspb.ProducerEvent, rpcID string) *eventbuspb.PublishResponse {
	out := &eventbuspb.PublishResponse{SchemaId: b.topicSchema(t), RpcId: rpcID}
	var faulty []error
	for _, e := range events {
		faulty = append(faulty, b.checkEvent(t, e))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forgetOld()
	for i, e := range events {
		result := &eventbuspb.PublishResult{CorrelationKey: e.GetId()}
		if faulty[i] != nil {
			result.Error = &eventbuspb.Error{Code: eventbuspb.ErrorCode_PUBLISH, Msg: faulty[i].Error()}
		} else {
			serial := b.appendOne(&stored{id: e.GetId(), entity: t.entity, schemaID: e.GetSchemaId(), payload: e.GetPayload()}, false)
			result.ReplayId = replayID(serial, t.tag)
		}
		out.Results = append(out.Results, result)
	}
	b.wake()
	return out
}

// checkEvent reads the payload by the schema it names.
func (b *Bus) checkEvent(t *topic, e *eventbuspb.ProducerEvent) error {
	s, ok := b.schemaByID(e.GetSchemaId())
	if !ok || s.header {
		return fmt.Errorf("schema %q is not one of topic %s", e.GetSchemaId(), t.name)
	}
	schema, err := avro.Parse(s.text)
	if err != nil {
		return fmt.Errorf("read schema %s: %w", s.id, err)
	}
	var v any
	rest, err := schema.Decode(e.GetPayload(), &v)
	if err == nil && len(rest) > 0 {
		err = errors.New("bytes left over")
	}
	if err != nil {
		return fmt.Errorf("decode payload: %w", err)
	}
	return nil
}

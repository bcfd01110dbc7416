package pubsub

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

// service answers the calls.
type service struct {
	eventbuspb.UnimplementedPubSubServer
	bus *Bus
}

// unary gives a unary call its rpc id and renders its refusal.
func (s *service) unary(ctx context.Context, answer func(rpcID string) *refusal) error {
	rpcID := s.bus.newUUID()
	r := s.bus.authorize(ctx)
	if r == nil {
		r = answer(rpcID)
	}
	if r == nil {
		return nil
	}
	trailer, err := r.status(rpcID)
	if e := grpc.SetTrailer(ctx, trailer); e != nil {
		return e
	}
	return err
}

// GetTopic describes a topic.
func (s *service) GetTopic(ctx context.Context, req *eventbuspb.TopicRequest) (*eventbuspb.TopicInfo, error) {
	info := &eventbuspb.TopicInfo{TopicName: req.GetTopicName(), TenantGuid: s.bus.opt.OrgID(), CanSubscribe: true}
	err := s.unary(ctx, func(rpcID string) *refusal {
		t, ok := s.bus.topic(req.GetTopicName())
		if !ok {
			return errTopic
		}
		info.RpcId, info.CanPublish, info.SchemaId = rpcID, t.publish, s.bus.topicSchema(t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return info, nil
}

// topicSchema is the id of the schema of a topic's events now; a channel of several entities has none of its own.
func (b *Bus) topicSchema(t *topic) string {
	if e, ok := b.opt.Entity(t.entity); ok && t.entity != "" {
		return b.schemaOf(e).id
	}
	return ""
}

// GetSchema gives a schema by its id, which never changes meaning.
func (s *service) GetSchema(ctx context.Context, req *eventbuspb.SchemaRequest) (*eventbuspb.SchemaInfo, error) {
	info := &eventbuspb.SchemaInfo{SchemaId: req.GetSchemaId()}
	err := s.unary(ctx, func(rpcID string) *refusal {
		schema, ok := s.bus.schemaByID(req.GetSchemaId())
		if !ok {
			return errSchema
		}
		info.RpcId, info.SchemaJson = rpcID, schema.text
		return nil
	})
	if err != nil {
		return nil, err
	}
	return info, nil
}

// trailed is the part of a stream that a refusal needs.
type trailed interface {
	Context() context.Context
	SetTrailer(metadata.MD)
}

// stream runs a streaming call and renders its refusal.
func (s *service) stream(st trailed, run func(rpcID string) error) error {
	rpcID := s.bus.newUUID()
	var err error
	if r := s.bus.authorize(st.Context()); r != nil {
		err = r
	} else {
		err = run(rpcID)
	}
	var r *refusal
	if errors.As(err, &r) {
		trailer, rendered := r.status(rpcID)
		st.SetTrailer(trailer)
		return rendered
	}
	return err
}

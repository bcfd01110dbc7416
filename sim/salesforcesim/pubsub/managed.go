package pubsub

import (
	"context"
	"errors"

	"google.golang.org/grpc"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

// ManagedSubscribe streams the events of a managed subscription, which begins where its last commit says, and takes commits.
func (s *service) ManagedSubscribe(st grpc.BidiStreamingServer[eventbuspb.ManagedFetchRequest, eventbuspb.ManagedFetchResponse]) error {
	return s.stream(st, func(rpcID string) error {
		first, err := st.Recv()
		if err != nil {
			return ended(err)
		}
		m, err := s.bus.managed(first)
		if err != nil {
			return err
		}
		sub, err := s.bus.openManaged(m)
		if err != nil {
			return err
		}
		defer s.bus.closeStream()
		receive := func() request { return managedRequest(st.Recv()) }
		send := func(r reply) error {
			return st.Send(&eventbuspb.ManagedFetchResponse{Events: r.events, LatestReplayId: r.latest, RpcId: rpcID,
				PendingNumRequested: r.pending, CommitResponse: r.commit})
		}
		handle := func(ctx context.Context, r request) (*eventbuspb.CommitReplayResponse, error) {
			return sub.handleManaged(ctx, m.ID, r)
		}
		return sub.serve(st.Context(), managedRequest(first, nil), receive, send, handle)
	})
}

func managedRequest(r *eventbuspb.ManagedFetchRequest, err error) request {
	return request{requested: r.GetNumRequested(), auth: r.GetAuthRefresh(), commit: r.GetCommitReplayIdRequest(), err: err}
}

// managed resolves the subscription by id or developer name.
func (b *Bus) managed(r *eventbuspb.ManagedFetchRequest) (ManagedSubscription, error) {
	name := r.GetSubscriptionId()
	if name == "" {
		name = r.GetDeveloperName()
	}
	if b.opt.Managed == nil {
		return ManagedSubscription{}, errManaged
	}
	m, ok := b.opt.Managed(name)
	switch {
	case !ok:
		return m, errManaged
	case !m.Running:
		return m, errStopped
	}
	return m, nil
}

// openManaged begins after the committed replay id, or where the subscription says if there is none or it has expired.
func (b *Bus) openManaged(m ManagedSubscription) (*subscription, error) {
	b.mu.Lock()
	committed := b.commits[m.ID]
	b.mu.Unlock()
	earliest := m.Earliest
	if committed != nil {
		earliest = m.RecoverEarliest
		if sub, err := b.open(m.Topic, eventbuspb.ReplayPreset_CUSTOM, committed); !errors.Is(err, errReplay) {
			return sub, err
		}
	}
	if earliest {
		return b.open(m.Topic, eventbuspb.ReplayPreset_EARLIEST, nil)
	}
	return b.open(m.Topic, eventbuspb.ReplayPreset_LATEST, nil)
}

// handleManaged takes demand, a commit, or both.
func (s *subscription) handleManaged(ctx context.Context, id string, r request) (*eventbuspb.CommitReplayResponse, error) {
	if r.commit == nil {
		return nil, s.demand(ctx, r)
	}
	if r.requested > 0 {
		if err := s.demand(ctx, r); err != nil {
			return nil, err
		}
	}
	return s.commit(id, r.commit), nil
}

// commit stores a replay id of the topic for the next time.
func (s *subscription) commit(id string, c *eventbuspb.CommitReplayRequest) *eventbuspb.CommitReplayResponse {
	b := s.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	answer := &eventbuspb.CommitReplayResponse{CommitRequestId: c.GetCommitRequestId(), ReplayId: c.GetReplayId(),
		ProcessTime: b.opt.Now().UnixMilli()}
	if _, refused := b.validate(c.GetReplayId(), s.topic); refused != nil {
		answer.Error = &eventbuspb.Error{Code: eventbuspb.ErrorCode_COMMIT, Msg: refused.message}
		return answer
	}
	b.commits[id] = c.GetReplayId()
	return answer
}

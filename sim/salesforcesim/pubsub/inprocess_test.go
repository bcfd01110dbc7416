package pubsub

import (
	"context"
	"io"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

// sessionCredentials brings the metadata of a call the way a client's credentials do.
type sessionCredentials struct{ token string }

func (c sessionCredentials) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	if c.token == "" {
		return nil, io.ErrUnexpectedEOF
	}
	return map[string]string{"accesstoken": c.token, "instanceurl": "https://x.my.salesforce.com", "tenantid": orgID}, nil
}

func (c sessionCredentials) RequireTransportSecurity() bool { return false }

func TestInProcessCallsBehaveAsOverATransport(t *testing.T) {
	w := newWorld()
	c := w.direct()
	t.Run("refused stream has its trailers", func(t *testing.T) {
		wantRefused(t, subscribe(t, signedIn(t), c, earliest("/data/nope", 1)), codes.NotFound, "topic.not.found")
	})
	t.Run("trailer option of a stream", func(t *testing.T) {
		var trailer metadata.MD
		st, err := c.Subscribe(withToken(t.Context(), "stale"), grpc.Trailer(&trailer))
		if err != nil {
			t.Fatal(err)
		}
		_, err = st.Recv()
		checkRefusal(t, err, trailer, codes.Unauthenticated, "service.auth.error")
	})
	t.Run("the client's end ends the stream", func(t *testing.T) {
		w.publish(t, create("x"))
		st := subscribe(t, signedIn(t), c, earliest(accountTopic, 5))
		receive(t, st, 1)
		for range 2 {
			if err := st.CloseSend(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := st.Recv(); err != io.EOF {
			t.Errorf("%v, want EOF", err)
		}
		eventually(t, func() bool { return w.streams() == 0 })
	})
	t.Run("call credentials", func(t *testing.T) {
		if _, err := c.GetTopic(t.Context(), &eventbuspb.TopicRequest{TopicName: accountTopic}, grpc.PerRPCCredentials(sessionCredentials{"good"})); err != nil {
			t.Error(err)
		}
		_, err := c.GetTopic(t.Context(), &eventbuspb.TopicRequest{TopicName: accountTopic}, grpc.PerRPCCredentials(sessionCredentials{}))
		if status.Code(err) != codes.Unauthenticated {
			t.Errorf("failing credentials: %v", err)
		}
	})
	t.Run("unknown methods", func(t *testing.T) {
		conn := w.bus.Conn()
		if err := conn.Invoke(t.Context(), "/eventbus.v1.PubSub/Nope", &eventbuspb.TopicRequest{}, &eventbuspb.TopicInfo{}); status.Code(err) != codes.Unimplemented {
			t.Error(err)
		}
		if _, err := conn.NewStream(t.Context(), &grpc.StreamDesc{}, "/other.Service/Subscribe"); status.Code(err) != codes.Unimplemented {
			t.Error(err)
		}
	})
}

package salesforce

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"tandem/internal/connector"
	"tandem/internal/connector/salesforce/eventbus"
	"tandem/internal/core"
)

// maxDelivery is the receive buffer of a subscription: a hundred events of the
// usual size with room to spare; a single event is at most 1 MB.
const maxDelivery = 16 << 20

// bus is the connection to the Pub/Sub API and what was learnt over it.
type bus struct {
	mu      sync.Mutex
	dialled *grpc.ClientConn
	schemas map[string]*eventSchema
}

func (b *bus) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dialled == nil {
		return nil
	}
	err := b.dialled.Close()
	b.dialled = nil
	return err
}

// conn is the configured connection or the one dialled on first use.
func (b *bus) conn(cfg Config) (grpc.ClientConnInterface, error) {
	if cfg.PubSub != nil {
		return cfg.PubSub, nil
	}
	if cfg.PubSubAddr == "" {
		return nil, &connector.Error{Side: core.Salesforce, Class: core.ClassRejected, Code: connector.CodeUnsupported,
			Message: "no event bus is configured", Mend: "set pubsub, or let the org be polled"}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dialled != nil {
		return b.dialled, nil
	}
	address, plain := strings.CutPrefix(cfg.PubSubAddr, "http://")
	security := insecure.NewCredentials()
	if !plain {
		address = strings.TrimPrefix(address, "https://")
		security = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	}
	conn, err := grpc.NewClient(strings.TrimSuffix(address, "/"), grpc.WithTransportCredentials(security),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxDelivery)))
	if err != nil {
		return nil, fmt.Errorf("dial event bus %s: %w; it must be host:port", address, err)
	}
	b.dialled = conn
	return conn, nil
}

// signed adds to a call's metadata what the event bus wants to know.
func (c *Client) signed(ctx context.Context, tok token) (context.Context, error) {
	org, err := c.orgID(ctx, tok)
	if err != nil {
		return ctx, err
	}
	return metadata.AppendToOutgoingContext(ctx, "accesstoken", tok.access, "instanceurl", tok.instance, "tenantid", org), nil
}

// schema is the parsed schema of an id; ids never change meaning, so it is
// asked once.
func (b *bus) schema(ctx context.Context, client eventbus.PubSubClient, id string) (*eventSchema, error) {
	b.mu.Lock()
	known := b.schemas[id]
	b.mu.Unlock()
	if known != nil {
		return known, nil
	}
	info, err := client.GetSchema(ctx, &eventbus.SchemaRequest{SchemaId: id})
	if status.Code(err) == codes.NotFound || status.Code(err) == codes.InvalidArgument {
		return nil, fmt.Errorf("%w %s: %w", errUndecodable, id, err)
	}
	if err != nil {
		return nil, err
	}
	parsed, err := parseSchema(info.GetSchemaJson())
	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", errUndecodable, id, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.schemas == nil {
		b.schemas = map[string]*eventSchema{}
	}
	b.schemas[id] = parsed
	return parsed, nil
}

// errorCodePrefix begins the error-code trailer of the Pub/Sub API.
const errorCodePrefix = "sfdc.platform.eventbus.grpc."

// busError classifies how a call to the event bus ended, by the error-code
// trailer where there is one (Pub/Sub API guide, "Handling Errors").
func (c *Client) busError(ctx context.Context, topic string, err error, trailer metadata.MD) error {
	var classified *connector.Error
	if errors.As(err, &classified) {
		return classified
	}
	if ctx.Err() != nil {
		return fmt.Errorf("listen to salesforce: %w", context.Cause(ctx))
	}
	st := status.Convert(err)
	code := st.Code().String()
	if told := trailer.Get("error-code"); len(told) > 0 {
		code = strings.TrimPrefix(told[0], errorCodePrefix)
	}
	e := &connector.Error{Side: core.Salesforce, Class: core.ClassTransient, Code: code, Message: topic + ": " + oneLine(st.Message()), Err: err}
	c.placeBusError(e, st.Code())
	return e
}

// placeBusError gives the error its class.
func (c *Client) placeBusError(e *connector.Error, code codes.Code) {
	now := c.cfg.Now()
	switch {
	case strings.Contains(e.Code, "replayid"):
		e.Class, e.Code, e.Mend = core.ClassRejected, connector.CodePositionLost, "changes since then are found by comparing; listen again from now"
	case strings.HasSuffix(e.Code, "subscription.limit.exceeded"):
		e.Class, e.RetryAt, e.Mend = core.ClassQuota, now.Add(time.Hour), "the org's daily event deliveries are used up; let the org be polled or buy the add-on"
	case code == codes.Unauthenticated:
		e.Class, e.Mend = core.ClassAuth, "reconnect Salesforce"
	case code == codes.NotFound, code == codes.PermissionDenied:
		e.Class, e.Mend = core.ClassSchema, "select the object for Change Data Capture and give the integration user View All on it"
	case code == codes.ResourceExhausted:
		e.RetryAt = now.Add(time.Minute)
	default:
		e.RetryAt = now.Add(5 * time.Second)
	}
}

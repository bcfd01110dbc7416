package pubsub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Conn is a client connection to the service without a transport: calls run in this process, on goroutines and channels only,
// so that they work under testing/synctest. Messages still cross as bytes, because the client has types of its own. Of the
// call options, Header, Trailer and PerRPCCredentials have effect.
func (b *Bus) Conn() grpc.ClientConnInterface {
	return &conn{desc: serviceDesc(), service: &service{bus: b}}
}

type conn struct {
	desc    *grpc.ServiceDesc
	service *service
}

// streamBuffer is how many messages may be under way in one direction, as a transport's window would allow.
const streamBuffer = 4

func marshal(m any) ([]byte, error) {
	msg, ok := m.(proto.Message)
	if !ok {
		return nil, status.Errorf(codes.Internal, "message of type %T is not a protocol buffer", m)
	}
	return proto.Marshal(msg)
}

func unmarshal(data []byte, m any) error {
	msg, ok := m.(proto.Message)
	if !ok {
		return status.Errorf(codes.Internal, "message of type %T is not a protocol buffer", m)
	}
	return proto.Unmarshal(data, msg)
}

// methodName is the last part of a full method of this service.
func (c *conn) methodName(full string) string {
	name, _ := strings.CutPrefix(full, "/"+c.desc.ServiceName+"/")
	return name
}

// callOptions are the options that matter without a transport.
type callOptions struct {
	header, trailer []*metadata.MD
	credentials     map[string]string
}

func readOptions(ctx context.Context, method string, opts []grpc.CallOption) (o callOptions, err error) {
	for _, opt := range opts {
		switch opt := opt.(type) {
		case grpc.HeaderCallOption:
			o.header = append(o.header, opt.HeaderAddr)
		case grpc.TrailerCallOption:
			o.trailer = append(o.trailer, opt.TrailerAddr)
		case grpc.PerRPCCredsCallOption:
			if o.credentials, err = opt.Creds.GetRequestMetadata(ctx, "https://in-process"+method); err != nil {
				return o, status.Errorf(codes.Unauthenticated, "get call credentials: %v", err)
			}
		}
	}
	return o, nil
}

// incoming turns the client's outgoing metadata into the server's context.
func (o callOptions) incoming(ctx context.Context) context.Context {
	out, _ := metadata.FromOutgoingContext(ctx)
	md := out.Copy()
	if md == nil {
		md = metadata.MD{}
	}
	for k, v := range o.credentials {
		md.Set(k, v)
	}
	return metadata.NewIncomingContext(ctx, md)
}

// Invoke runs a unary call.
func (c *conn) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	o, err := readOptions(ctx, method, opts)
	if err != nil {
		return err
	}
	data, err := marshal(args)
	if err != nil {
		return err
	}
	for _, m := range c.desc.Methods {
		if m.MethodName != c.methodName(method) {
			continue
		}
		transport := &unaryTransport{method: method}
		serverCtx := grpc.NewContextWithServerTransportStream(o.incoming(ctx), transport)
		answer, err := m.Handler(c.service, serverCtx, func(v any) error { return unmarshal(data, v) }, nil)
		for _, t := range o.trailer {
			*t = transport.trailer
		}
		if err != nil {
			return status.Convert(err).Err()
		}
		if data, err = marshal(answer); err != nil {
			return err
		}
		return unmarshal(data, reply)
	}
	return status.Errorf(codes.Unimplemented, "unknown method %s", method)
}

// unaryTransport takes the trailers of a unary call.
type unaryTransport struct {
	method  string
	trailer metadata.MD
}

func (t *unaryTransport) Method() string               { return t.method }
func (t *unaryTransport) SetHeader(metadata.MD) error  { return nil }
func (t *unaryTransport) SendHeader(metadata.MD) error { return nil }
func (t *unaryTransport) SetTrailer(md metadata.MD) error {
	t.trailer = metadata.Join(t.trailer, md)
	return nil
}

// NewStream opens a streaming call; its handler runs until it returns or ctx ends.
func (c *conn) NewStream(ctx context.Context, _ *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	o, err := readOptions(ctx, method, opts)
	if err != nil {
		return nil, err
	}
	for _, d := range c.desc.Streams {
		if d.StreamName != c.methodName(method) {
			continue
		}
		p := &pipe{toServer: make(chan []byte, streamBuffer), toClient: make(chan []byte, streamBuffer),
			closed: make(chan struct{}), done: make(chan struct{}), ctx: ctx}
		serverCtx, stop := context.WithCancel(o.incoming(ctx))
		go func() {
			defer stop()
			p.finish(d.Handler(c.service, &serverEnd{pipe: p, ctx: serverCtx}), o.trailer)
		}()
		return &clientEnd{pipe: p}, nil
	}
	return nil, status.Errorf(codes.Unimplemented, "unknown method %s", method)
}

// pipe joins the two ends of a stream.
type pipe struct {
	ctx      context.Context
	toServer chan []byte
	toClient chan []byte
	closed   chan struct{} // the client sends no more
	done     chan struct{} // the handler has returned
	err      error         // its status; set before done is closed
	mu       sync.Mutex
	trailer  metadata.MD
	sentLast bool
}

func (p *pipe) finish(err error, into []*metadata.MD) {
	if err != nil {
		p.err = status.Convert(contextStatus(err)).Err()
	}
	for _, t := range into {
		*t = p.trailers()
	}
	close(p.done)
}

// contextStatus gives a context's end the code that a transport would.
func contextStatus(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return status.FromContextError(err).Err()
	}
	return err
}

func (p *pipe) trailers() metadata.MD {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.trailer.Copy()
}

// clientEnd is the client's view of a stream.
type clientEnd struct{ *pipe }

// Header is always empty.
func (c *clientEnd) Header() (metadata.MD, error) { return metadata.MD{}, nil }

// Trailer has the trailers once RecvMsg has given an error.
func (c *clientEnd) Trailer() metadata.MD { return c.trailers() }

// Context is the context of the call.
func (c *clientEnd) Context() context.Context { return c.ctx }

// CloseSend says that the client sends no more.
func (c *clientEnd) CloseSend() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.sentLast {
		c.sentLast = true
		close(c.closed)
	}
	return nil
}

// SendMsg gives io.EOF once the handler has ended; the status comes from RecvMsg.
func (c *clientEnd) SendMsg(m any) error {
	data, err := marshal(m)
	if err != nil {
		return err
	}
	select {
	case <-c.done:
		return io.EOF
	case <-c.ctx.Done():
		return status.FromContextError(c.ctx.Err()).Err()
	default:
	}
	select {
	case c.toServer <- data:
		return nil
	case <-c.done:
		return io.EOF
	case <-c.ctx.Done():
		return status.FromContextError(c.ctx.Err()).Err()
	}
}

// RecvMsg gives what the server has sent, then the status of the handler.
func (c *clientEnd) RecvMsg(m any) error {
	select {
	case data := <-c.toClient:
		return unmarshal(data, m)
	case <-c.ctx.Done():
		return status.FromContextError(c.ctx.Err()).Err()
	case <-c.done:
	}
	select {
	case data := <-c.toClient: // sent before the handler returned
		return unmarshal(data, m)
	default:
	}
	if c.err != nil {
		return c.err
	}
	return io.EOF
}

// serverEnd is the handler's view of a stream.
type serverEnd struct {
	*pipe
	ctx context.Context
}

// SetHeader is ignored.
func (s *serverEnd) SetHeader(metadata.MD) error { return nil }

// SendHeader is ignored.
func (s *serverEnd) SendHeader(metadata.MD) error { return nil }

// SetTrailer adds to the trailers.
func (s *serverEnd) SetTrailer(md metadata.MD) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trailer = metadata.Join(s.trailer, md)
}

// Context ends with the call.
func (s *serverEnd) Context() context.Context { return s.ctx }

// SendMsg waits while the client does not read.
func (s *serverEnd) SendMsg(m any) error {
	data, err := marshal(m)
	if err != nil {
		return fmt.Errorf("send message: %w", err)
	}
	select {
	case s.toClient <- data:
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// RecvMsg gives io.EOF after the client's last message.
func (s *serverEnd) RecvMsg(m any) error {
	select {
	case data := <-s.toServer:
		return unmarshal(data, m)
	case <-s.ctx.Done():
		return s.ctx.Err()
	case <-s.closed:
	}
	select {
	case data := <-s.toServer: // sent before the client closed
		return unmarshal(data, m)
	default:
		return io.EOF
	}
}

package certify_test

import (
	"bytes"
	"context"
	"regexp"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"tandem/internal/certify"
)

// bus is the org's event bus with the world's plant in between, whose requests are
// "PubSub METHOD".
type bus struct {
	grpc.ClientConnInterface
	w *world
}

func (b bus) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	err := b.ClientConnInterface.Invoke(ctx, method, args, reply, opts...)
	return b.w.alterBus(method, reply, err)
}

func (b bus) NewStream(ctx context.Context, d *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	s, err := b.ClientConnInterface.NewStream(ctx, d, method, opts...)
	return busStream{s, b.w, method}, err
}

type busStream struct {
	grpc.ClientStream
	w      *world
	method string
}

func (s busStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	return s.w.alterBus(s.method, m, err)
}

func (w *world) alterBus(method string, out any, err error) error {
	line := "PubSub " + method[len("/eventbus.v1.PubSub/"):]
	p := w.plants[org]
	if p == nil || !regexp.MustCompile(p.on).MatchString(line) {
		return err
	}
	m := out.(*emptypb.Empty).ProtoReflect()
	r := &reply{w: w, body: bytes.Clone(m.GetUnknown()), err: err}
	p.change(r)
	if !bytes.Equal(r.body, m.GetUnknown()) || r.err != err {
		p.hits++
	}
	m.SetUnknown(r.body)
	return r.err
}

// refusedAs changes the gRPC code of a refusal.
func refusedAs(from, to codes.Code) func(*reply) {
	return func(r *reply) {
		if grpcstatus.Code(r.err) == from {
			r.err = grpcstatus.Error(to, "altered")
		}
	}
}

func eventPlants() []*plant {
	return []*plant{
		{name: "topic may be written", side: org, on: "PubSub GetTopic", change: flipped(3), want: []string{"org.events.schema"}},
		{name: "schema begins otherwise", side: org, on: "PubSub GetSchema", change: perhaps(`"name":"changeOrigin"`, `"name":"changeSource"`), want: []string{"org.events.change", "org.events.schema"}},
		{name: "kinds in another order", side: org, on: "PubSub GetSchema", change: perhaps(`"CREATE","UPDATE"`, `"UPDATE","CREATE"`), want: []string{"org.events.change", "org.events.schema"}},
		{name: "dead session not found", side: org, on: "PubSub GetTopic", change: refusedAs(codes.Unauthenticated, codes.InvalidArgument), want: []string{"org.events.refused"}},
		{name: "old position out of range", side: org, on: "PubSub Subscribe", change: refusedAs(codes.InvalidArgument, codes.OutOfRange), want: []string{"org.events.expired"}},
		{name: "old position taken", side: org, on: "PubSub Subscribe", change: func(r *reply) {
			if grpcstatus.Code(r.err) == codes.InvalidArgument {
				r.err = nil
			}
		}, want: []string{"org.events.expired"}},
		{name: "bitmap in lower case", side: org, on: "PubSub Subscribe", change: perhaps("0x4([0-9]{3})", "0xa$1"), want: []string{"org.events.change"}},
		{name: "change by another way", side: org, on: "PubSub Subscribe", change: perhaps("com/salesforce/api/rest", "com/salesforce/api/soap"), want: []string{"org.events.change"}},
		{name: "event of another name", side: org, on: "PubSub Subscribe", change: perhaps("tandem-certify-a1b2-announced", "tandem-certify-a1b2-xxnounced"), want: []string{"org.events.change"}},
	}
}

// flipped turns a flag of a message round: an absent one is false.
func flipped(field byte) func(*reply) {
	return func(r *reply) {
		if r.err == nil {
			r.body = append(r.body, field<<3, 1)
		}
	}
}

func TestWithoutABusNoEventsAreChecked(t *testing.T) {
	w := newWorld(t)
	w.options.Bus = nil
	r := w.run()
	if r.Counts[certify.Skipped] != 4 || r.Counts[certify.Different]+r.Counts[certify.NotRun] != 0 {
		t.Errorf("%v", r.Counts)
	}
}

func TestAnOrgThatAnnouncesNoAccounts(t *testing.T) {
	w := newWorld(t)
	w.plants[org] = &plant{side: org, on: "GET .*/tooling/query", change: perhaps("AccountChangeEvent", "ContactChangeEvent")}
	r := w.run()
	if r.Counts[certify.Skipped] != 1 || r.Counts[certify.Different] != 0 {
		t.Errorf("%v\n%s", r.Counts, text(t, r))
	}
}

package certify

import (
	"encoding/json"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/emptypb"
)

// The messages of the Pub/Sub API are written and read by their wire numbers
// (pubsub_api.proto), so that generated code cannot hide what was really sent.

// busMethods is what the path of a call begins with.
const busMethods = "/eventbus.v1.PubSub/"

// message is a protocol buffer as it is written.
type message []byte

func (m message) text(n protowire.Number, s string) message { return m.blob(n, []byte(s)) }

func (m message) blob(n protowire.Number, b []byte) message {
	return protowire.AppendBytes(protowire.AppendTag(m, n, protowire.BytesType), b)
}

func (m message) whole(n protowire.Number, v uint64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, n, protowire.VarintType), v)
}

// raw is a message as gRPC takes it: one without fields, to which everything is
// unknown and is kept as it came.
func raw(m message) *emptypb.Empty {
	e := &emptypb.Empty{}
	e.ProtoReflect().SetUnknown([]byte(m))
	return e
}

// spec names the fields of a message by their wire numbers.
type spec map[protowire.Number]part

// part is a field of a message; of is set for messages, which may repeat.
type part struct {
	name string
	void any // what an absent one stands for; its type says how it is read
	of   spec
}

var (
	topicInfo     = spec{1: {name: "topic_name", void: ""}, 2: {name: "tenant_guid", void: ""}, 3: {name: "can_publish", void: false}, 4: {name: "can_subscribe", void: false}, 5: {name: "schema_id", void: ""}, 6: {name: "rpc_id", void: ""}}
	schemaInfo    = spec{1: {name: "schema_json", void: ""}, 2: {name: "schema_id", void: ""}, 3: {name: "rpc_id", void: ""}}
	producerEvent = spec{1: {name: "id", void: ""}, 2: {name: "schema_id", void: ""}, 3: {name: "payload", void: []byte(nil)}}
	consumerEvent = spec{1: {name: "event", of: producerEvent}, 2: {name: "replay_id", void: []byte(nil)}}
	fetchResponse = spec{1: {name: "events", of: consumerEvent}, 2: {name: "latest_replay_id", void: []byte(nil)}, 3: {name: "rpc_id", void: ""}, 4: {name: "pending_num_requested", void: uint64(0)}}
)

// read takes a message apart; ok is false where it is none of the specified.
func (s spec) read(b []byte) (out map[string]any, ok bool) {
	out = map[string]any{}
	for _, f := range s {
		if out[f.name] = f.void; f.of != nil {
			out[f.name] = []any{}
		}
	}
	for len(b) > 0 {
		n, kind, tag := protowire.ConsumeTag(b)
		if tag < 0 {
			return nil, false
		}
		size := protowire.ConsumeFieldValue(n, kind, b[tag:])
		if size < 0 || !s[n].take(out, kind, b[tag:tag+size]) {
			return nil, false
		}
		b = b[tag+size:]
	}
	return out, true
}

// take puts a field's value in its place; one that nobody named is passed over. A
// value of another wire type than the field has is none.
func (f part) take(out map[string]any, kind protowire.Type, b []byte) bool {
	if f.name == "" {
		return true
	}
	if _, flag := f.void.(bool); flag || f.void == uint64(0) {
		whole, _ := protowire.ConsumeVarint(b)
		if out[f.name] = whole; flag {
			out[f.name] = whole != 0
		}
		return kind == protowire.VarintType
	}
	if kind != protowire.BytesType {
		return false
	}
	bytes, _ := protowire.ConsumeBytes(b)
	switch f.void.(type) {
	case string:
		out[f.name] = string(bytes)
	case []byte:
		out[f.name] = bytes
	default:
		inner, ok := f.of.read(bytes)
		rows, _ := out[f.name].([]any)
		out[f.name] = append(rows, inner)
		return ok
	}
	return true
}

// busAnswer is what the event bus said to one call.
type busAnswer struct {
	answer
	fields  map[string]any
	err     error
	trailer metadata.MD
}

// bus makes a call that has one answer.
func (p *probe) bus(method string, request message, of spec) busAnswer {
	a := busAnswer{answer: answer{p: p, endpoint: "PubSub " + method}}
	out := raw(nil)
	a.err = p.o.Bus.Invoke(p.signed(p.grant().json().may("access_token").text()), busMethods+method, raw(request), out, grpc.Trailer(&a.trailer))
	if a.err == nil {
		a.read(of, out)
	}
	return a
}

// read takes a message; one that is not as specified is a difference.
func (a *busAnswer) read(of spec, m *emptypb.Empty) {
	if a.fields, a.ok = of.read(m.ProtoReflect().GetUnknown()); !a.ok {
		a.differ(KindShape, "", "a message of the API", "other fields")
	}
	a.body, _ = json.Marshal(a.fields) // of texts, flags and numbers
}

// granted expects an answer. Lack of a right and a busy service say nothing about
// the API.
func (a busAnswer) granted() node {
	if a.err == nil {
		return a.json()
	}
	switch code := status.Code(a.err); code {
	case codes.Unauthenticated, codes.PermissionDenied, codes.NotFound, codes.Unavailable, codes.ResourceExhausted, codes.DeadlineExceeded, codes.Canceled, codes.Unimplemented:
		a.p.fail(a.endpoint + " was refused with " + code.String())
	default:
		a.differ(KindStatus, "", codes.OK.String(), code.String())
	}
	return node{}
}

// busErrors begins the error codes of the Pub/Sub API.
const busErrors = "sfdc.platform.eventbus.grpc."

// refused expects a refusal with its trailers.
func (a busAnswer) refused(code codes.Code, names ...string) {
	got := status.Code(a.err)
	if got != code {
		if got == codes.Unavailable || got == codes.ResourceExhausted || got == codes.Canceled {
			a.p.fail(a.endpoint + " was refused with " + got.String())
			return
		}
		a.differ(KindStatus, "", code.String(), got.String())
		return
	}
	var full []string
	for _, n := range names {
		full = append(full, busErrors+n)
	}
	told := node{a: a.answer, path: "error-code", v: strings.Join(a.trailer.Get("error-code"), " "), ok: true}
	told.says(full...)
	if len(a.trailer.Get("rpc-id")) == 0 {
		a.differ(KindHeader, "rpc-id", "present", "absent")
	}
}

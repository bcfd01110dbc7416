package certify

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/twmb/avro"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
)

var orgEvents = []Check{
	{ID: "org.events.schema", Relies: "the topic of an object's changes can be followed and not written, and its schema begins with the header that tells record, kind and order",
		Fact: "Pub/Sub API guide, GetTopic and GetSchema; Change Data Capture guide, ChangeEventHeader", run: orgEventSchema},
	{ID: "org.events.refused", Relies: "a session that is no longer good is refused with a code of its own in the trailers; by it alone the session is renewed",
		Fact: "Pub/Sub API guide, Handling Errors", run: orgEventsRefused},
	{ID: "org.events.expired", Relies: "a position that the bus no longer has is refused and never moved in silence; what was missed is then found by comparing",
		Fact: "Pub/Sub API guide, Handling Errors; Event Message Durability", run: orgEventsExpired},
}

var orgEventWrites = []Check{
	{ID: "org.events.change", Writes: true, Relies: "a change is announced with record, kind, origin, the fields that changed and their values; from its position on, what came after it is announced again",
		Fact: "Pub/Sub API guide, Subscribe; Change Data Capture guide, Change Event Fields", run: orgEventsChange},
}

const (
	accountTopic = "/data/AccountChangeEvent"
	maxUpdates   = 6
)

// within is how long an event is waited for.
func (p *probe) within() time.Duration {
	if p.o.EventWithin > 0 {
		return p.o.EventWithin
	}
	return time.Minute
}

// listens reports that there is a bus to ask and a session to ask it with.
func (p *probe) listens() bool {
	if p.o.Bus == nil {
		p.skip("the connection does not listen to change events")
		return false
	}
	return p.session() != ""
}

// signed is a context whose calls carry a session.
func (p *probe) signed(token string) context.Context {
	grant := p.grant().json()
	org := ""
	if _, after, ok := strings.Cut(grant.may("id").text(), "/id/"); ok {
		org, _, _ = strings.Cut(after, "/")
	}
	return metadata.AppendToOutgoingContext(p.ctx, "accesstoken", token, "instanceurl", grant.may("instance_url").text(), "tenantid", org)
}

var filled = matching("text", `.`)

func orgEventSchema(p *probe) {
	if !p.listens() {
		return
	}
	topic := p.bus("GetTopic", message{}.text(1, accountTopic), topicInfo).granted()
	topic.fields(filled, "topic_name", "tenant_guid", "schema_id", "rpc_id")
	for name, want := range map[string]bool{"can_subscribe": true, "can_publish": false} {
		may := topic.at(name)
		may.effect(may.v == want, map[bool]string{true: "true", false: "false"}[want], "otherwise")
	}
	id := topic.may("schema_id").text()
	if id == "" {
		return
	}
	info := p.bus("GetSchema", message{}.text(1, id), schemaInfo).granted()
	info.at("schema_id").effect(info.may("schema_id").text() == id, "the id asked for", "another")
	headerOf(schemaNode(info))
}

// schemaNode is the Avro schema in a schema's answer.
func schemaNode(info node) node {
	inner := info.a
	inner.body, inner.ok = []byte(info.at("schema_json").is(filled).text()), info.ok
	return inner.json()
}

// eventHeader are the fields of a change event's header, in their order.
var eventHeader = strings.Fields("entityName recordIds changeType changeOrigin transactionKey sequenceNumber commitTimestamp commitNumber commitUser nulledFields diffFields changedFields")

// changeTypes are the kinds of change by their numbers in Avro.
var changeTypes = strings.Fields("CREATE UPDATE DELETE UNDELETE GAP_CREATE GAP_UPDATE GAP_DELETE GAP_UNDELETE GAP_OVERFLOW")

func headerOf(schema node) {
	first := schema.at("fields").first()
	first.at("name").says("ChangeEventHeader")
	var names, kinds []string
	for _, f := range first.at("type", "fields").rows() {
		names = append(names, f.at("name").text())
		if f.may("name").text() != "changeType" {
			continue
		}
		for _, s := range f.at("type", "symbols").rows() {
			kinds = append(kinds, s.text())
		}
	}
	first.effect(slices.Equal(names, eventHeader), "the header's twelve fields in their order", "others")
	// A release may add kinds behind those known.
	first.effect(len(kinds) >= len(changeTypes) && slices.Equal(kinds[:len(changeTypes)], changeTypes), "the nine kinds of change in their order", "others")
}

func orgEventsRefused(p *probe) {
	if !p.listens() {
		return
	}
	a := busAnswer{answer: answer{p: p, endpoint: "PubSub GetTopic"}}
	a.err = p.o.Bus.Invoke(p.signed("00D000000000000!nosession"), busMethods+"GetTopic", raw(message{}.text(1, accountTopic)), raw(nil), trailersOf(&a))
	a.refused(codes.Unauthenticated, "service.auth.error")
}

// longAgo is a position of the right form that lies before every retention.
var longAgo = []byte{0, 0, 0, 0, 0, 0, 0, 1}

func orgEventsExpired(p *probe) {
	if !p.listens() {
		return
	}
	s := p.subscribe(accountTopic, fromPosition, longAgo)
	defer s.close()
	a := s.next(p.within())
	if a.err == nil && !a.ok {
		a.differ(KindEffect, "", "a refusal", "silence")
		return
	}
	a.refused(codes.InvalidArgument, "subscription.fetch.replayid.validation.failed", "subscription.fetch.replayid.corrupted")
}

// announced reports that the org announces changes of accounts; where that could
// not be read it may.
func (p *probe) announced() (yes, known bool) {
	a := p.ask("/tooling/query", url.Values{"q": {"SELECT EventChannel, SelectedEntity FROM PlatformEventChannelMember"}})
	if !a.ok || a.code != http.StatusOK {
		return true, false
	}
	for _, r := range a.json().at("records").rows() {
		if r.may("SelectedEntity").text() == "AccountChangeEvent" {
			return true, true
		}
	}
	return false, true
}

func orgEventsChange(p *probe) {
	if !p.listens() {
		return
	}
	if yes, _ := p.announced(); !yes {
		p.skip("accounts are not selected for Change Data Capture")
		return
	}
	_, changed := orgMake(p, "event", nil)
	if changed == "" {
		return
	}
	s := p.subscribe(accountTopic, fromNow, nil)
	defer s.close()
	update := s.updated(changed)
	if !update.ok {
		return
	}
	update.changed("Site")
	_, made := orgMake(p, "announced", nil)
	if made == "" {
		return
	}
	create := s.find(p.within(), made, "CREATE")
	create.expected(s, p.name("announced"))
	again := p.subscribe(accountTopic, fromPosition, update.replay)
	defer again.close()
	again.find(p.within(), made, "CREATE").expected(again, p.name("announced"))
}

// event is a change event and the position behind it; void where none came.
type event struct {
	node
	schema []string // names of the fields, in the order that bitmaps count
	replay []byte
}

// expected is the event of a new account with a name.
func (e event) expected(s *subscription, name string) {
	if !e.ok {
		s.missed("a new record")
		return
	}
	e.header("CREATE")
	e.at("ChangeEventHeader", "changedFields").count(0)
	told := e.at("Name").is(text)
	told.effect(told.text() == name, "the name written", "another")
}

// header is what each event tells of its change.
func (e event) header(kind string) {
	h := e.at("ChangeEventHeader")
	h.at("entityName").says("Account")
	h.at("changeType").says(kind)
	for _, id := range h.at("recordIds").rows() {
		id.is(orgID)
	}
	h.fields(filled, "transactionKey", "commitUser")
	h.fields(number, "sequenceNumber", "commitTimestamp", "commitNumber")
	origin := h.at("changeOrigin").is(text)
	origin.effect(strings.HasPrefix(origin.text(), "com/salesforce/api/rest/") && strings.Contains(origin.text(), ";client="), "the REST API and the client's name", "another origin")
}

// changed expects an update that marks a field and tells its value.
func (e event) changed(field string) {
	e.header("UPDATE")
	bits := e.at("ChangeEventHeader", "changedFields").first().is(bitmap)
	bits.effect(marks(bits.text(), slices.Index(e.schema, field)), "the changed field marked", "it is not")
	told := e.at(field).is(text)
	told.effect(strings.HasPrefix(told.text(), siteValue), "the value written", "another")
	name := e.at("Name")
	name.effect(name.v == nil, "nothing for a field that did not change", "a value")
}

var bitmap = matching("bitmap in upper-case hexadecimal", `^0x([0-9A-F]{2})+$`)

// marks reports that a bitmap has a field's bit, the lowest being the first field's.
func marks(bits string, field int) bool {
	b, err := hex.DecodeString(strings.TrimPrefix(bits, "0x"))
	at := len(b) - 1 - field/8
	return err == nil && field >= 0 && at >= 0 && b[at]>>(field%8)&1 == 1
}

// event reads one event by the schema that it names.
func (s *subscription) event(fields map[string]any) event {
	body, _ := fields["event"].([]any)
	if len(body) != 1 {
		return event{}
	}
	produced, _ := body[0].(map[string]any)
	id, _ := produced["schema_id"].(string)
	payload, _ := produced["payload"].([]byte)
	schema := s.schema(id)
	if schema == nil {
		return event{}
	}
	var value any
	if rest, err := schema.Decode(payload, &value); err != nil || len(rest) > 0 {
		s.endpoint().differ(KindShape, "events[].event.payload", "Avro by the schema that it names", "something else")
		return event{}
	}
	a := s.endpoint()
	a.body, _ = json.Marshal(value)
	a.ok = true
	e := event{node: a.json()}
	e.replay, _ = fields["replay_id"].([]byte)
	for _, f := range schema.Root().Fields {
		e.schema = append(e.schema, f.Name)
	}
	return e
}

// schema is the schema of an id, asked once.
func (s *subscription) schema(id string) *avro.Schema {
	if known, ok := s.schemas[id]; ok {
		return known
	}
	info := s.p.bus("GetSchema", message{}.text(1, id), schemaInfo).granted()
	parsed, err := avro.Parse(info.may("schema_json").text())
	if info.ok && err != nil {
		info.at("schema_json").effect(false, "an Avro schema", "something else")
	}
	s.schemas[id] = parsed
	return parsed
}

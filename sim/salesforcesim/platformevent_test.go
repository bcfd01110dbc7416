package salesforcesim

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

// message is an event as a subscriber of its topic gets it.
type message struct {
	id   string
	body map[string]any
}

// messages reads a topic from its earliest event on until n have come.
func (w *wire) messages(topic string, n int) []message {
	w.t.Helper()
	l := &listener{w: w, client: eventbuspb.NewPubSubClient(realName{w.org.Events().Conn()}), ctx: w.eventContext()}
	stream, err := l.client.Subscribe(l.ctx)
	ok(w.t, err)
	ok(w.t, stream.Send(&eventbuspb.FetchRequest{TopicName: topic, ReplayPreset: eventbuspb.ReplayPreset_EARLIEST, NumRequested: 100}))
	var out []message
	for len(out) < n {
		for _, e := range must[*eventbuspb.FetchResponse](w.t)(stream.Recv()).GetEvents() {
			out = append(out, message{e.GetEvent().GetId(), l.decode(e.GetEvent())})
		}
	}
	return out
}

// models are the models that messages carry, in order.
func models(all []message) string {
	var out []string
	for _, m := range all {
		out = append(out, strs(m.body["Printer_Model__c"]))
	}
	return strings.Join(out, " ")
}

func lowInk(w *wire, name string, afterCommit bool) {
	w.t.Helper()
	ok(w.t, w.org.AddEvent(EventSpec{Name: name, AfterCommit: afterCommit, Fields: []FieldSpec{
		{Name: "Printer_Model__c", Type: "Text", Length: 10, Required: true}, {Name: "Note__c", Type: "LongTextArea"}, {Name: "Level__c", Type: "Number", Precision: 4, Scale: 2},
		{Name: "Urgent__c", Type: "Checkbox"}, {Name: "Due__c", Type: "Date"}, {Name: "At__c", Type: "DateTime"}}}))
}

// enqueued reads the answer to a publish: the id, and the UUID in the error's place.
func enqueued(t *testing.T, row map[string]any) (id, uuid string) {
	t.Helper()
	notes, _ := row["errors"].([]any)
	if row["success"] != true || len(notes) != 1 {
		t.Fatalf("%v", row)
	}
	note := notes[0].(map[string]any)
	if note["statusCode"] != "OPERATION_ENQUEUED" || strs(note["fields"]) != "[]" {
		t.Fatalf("%v", row)
	}
	return strs(row["id"]), strs(note["message"])
}

func TestPlatformEventsArePublishedOverREST(t *testing.T) {
	w := newWire(t)
	lowInk(w, "Low_Ink", false)
	res := w.api("POST", "/sobjects/Low_Ink__e/", `{"Printer_Model__c":" XZO-5 ","Note__c":"","Level__c":12.345,"Due__c":"2026-04-01","At__c":"2026-04-01T10:00:00Z"}`).want(201)
	id, uuid := enqueued(t, res.object())
	if len(id) != 18 || id[:3] != "e00" || len(uuid) != 36 {
		t.Errorf("id %s, UUID %s", id, uuid)
	}
	got := w.messages("/event/Low_Ink__e", 1)[0]
	if got.id != uuid {
		t.Errorf("delivered as %s, answered as %s", got.id, uuid)
	}
	at := time.Date(2026, 4, 1, 10, 0, 0, 0, time.UTC)
	want := map[string]any{"Printer_Model__c": "XZO-5", "Note__c": "", "Level__c": 12.35, "Urgent__c": false, "Due__c": at.Add(-10 * time.Hour).UnixMilli(), "At__c": at.UnixMilli(),
		"CreatedById": w.org.integrationID, "CreatedDate": w.clock.now().UnixMilli()}
	if fmt.Sprint(got.body) != fmt.Sprint(want) {
		t.Errorf("carries %v\nwant    %v", got.body, want)
	}
}

func TestPlatformEventsAreCheckedAsRecordsAre(t *testing.T) {
	w := newWire(t)
	lowInk(w, "Low_Ink", false)
	for body, code := range map[string]string{
		`{"Printer_Model__c":"A","Pages__c":1}`:               "INVALID_FIELD",
		`{"Printer_Model__c":"A","EventUuid":"x"}`:            "INVALID_FIELD",
		`{"Printer_Model__c":"A","ReplayId":"1"}`:             "INVALID_FIELD_FOR_INSERT_UPDATE",
		`{"Printer_Model__c":"A","CreatedDate":"2026-04-01"}`: "INVALID_FIELD_FOR_INSERT_UPDATE",
		`{"Note__c":"A"}`:                              "REQUIRED_FIELD_MISSING",
		`{"Printer_Model__c":"12345678901"}`:           "STRING_TOO_LONG",
		`{"Printer_Model__c":"A","Level__c":100}`:      "NUMBER_OUTSIDE_VALID_RANGE",
		`{"Printer_Model__c":"A","Urgent__c":"maybe"}`: "JSON_PARSER_ERROR",
	} {
		if got := w.api("POST", "/sobjects/Low_Ink__e", body).want(400).code(); got != code {
			t.Errorf("%s: %s, want %s", body, got, code)
		}
	}
	ok(t, w.org.SetRight(Right{Set: "Integration", Object: "Low_Ink__e", Read: true}))
	ok(t, w.org.SetRight(Right{Set: "Minimum Access - API Only Integrations", Object: "Low_Ink__e", Read: true}))
	if got := w.api("POST", "/sobjects/Low_Ink__e", `{"Printer_Model__c":"A"}`).want(400).code(); got != "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" {
		t.Error(got)
	}
	w.asAdmin().api("POST", "/sobjects/Low_Ink__e", `{"Printer_Model__c":"last"}`).want(201)
	if got := models(w.messages("/event/Low_Ink__e", 1)); got != "last" {
		t.Errorf("published: %s", got)
	}
}

// What was published is no record: it is described, and never read or changed.
func TestPlatformEventsAreNoRecords(t *testing.T) {
	w := newWire(t)
	lowInk(w, "Low_Ink", false)
	id, _ := enqueued(t, w.api("POST", "/sobjects/Low_Ink__e", `{"Printer_Model__c":"A"}`).want(201).object())
	for _, c := range []struct{ method, path, code string }{
		{"GET", "/sobjects/Low_Ink__e/" + id, "NOT_FOUND"},
		{"PATCH", "/sobjects/Low_Ink__e/" + id, "NOT_FOUND"},
		{"DELETE", "/sobjects/Low_Ink__e/" + id, "NOT_FOUND"},
		{"GET", "/sobjects/Low_Ink__e/updated?start=2026-03-02T09:00:00Z&end=2026-03-02T10:00:00Z", "NOT_FOUND"},
		{"GET", "/query?q=SELECT+Printer_Model__c+FROM+Low_Ink__e", "INVALID_TYPE"},
	} {
		if got := w.api(c.method, c.path, map[bool]string{true: `{"Note__c":"B"}`}[c.method == "PATCH"]).code(); got != c.code {
			t.Errorf("%s %s: %s", c.method, c.path, got)
		}
	}
	d := w.api("GET", "/sobjects/Low_Ink__e/describe", "").want(200).object()
	if flags := fmt.Sprint(d["createable"], d["queryable"], d["retrieveable"], d["updateable"], d["deletable"], d["replicateable"]); flags != "true false false false false false" || d["keyPrefix"] != "e00" {
		t.Errorf("%s %v", flags, d["keyPrefix"])
	}
	var names []string
	for _, f := range d["fields"].([]any) {
		names = append(names, strs(f.(map[string]any)["name"]))
	}
	if got := strings.Join(names, " "); got != "ReplayId CreatedDate CreatedById Printer_Model__c Note__c Level__c Urgent__c Due__c At__c" {
		t.Error(got)
	}
	if !strings.Contains(string(w.api("GET", "/sobjects", "").want(200).body), `"name":"Low_Ink__e"`) {
		t.Error("describe global leaves the event out")
	}
}

// An event that is published immediately cares for no transaction; one that is
// published after the commit goes with it.
func TestPlatformEventsAndAllOrNone(t *testing.T) {
	w := newWire(t)
	lowInk(w, "Now", false)
	lowInk(w, "Later", true)
	rows := func(event string) string {
		return `{"allOrNone":true,"records":[{"attributes":{"type":"` + event + `"},"Printer_Model__c":"kept"},{"attributes":{"type":"` + event + `"}}]}`
	}
	now := w.api("POST", "/composite/sobjects", rows("Now__e")).want(200).list()
	enqueued(t, now[0])
	later := w.api("POST", "/composite/sobjects", rows("Later__e")).want(200).list()
	if got := strs(later[0]["errors"]); !strings.Contains(got, "ALL_OR_NONE_OPERATION_ROLLED_BACK") {
		t.Error(got)
	}
	sub := func(ref, event, model string) string {
		return `{"method":"POST","url":"/services/data/v65.0/sobjects/` + event + `","referenceId":"` + ref + `","body":{"Printer_Model__c":"` + model + `"}}`
	}
	w.api("POST", "/composite", `{"allOrNone":true,"compositeRequest":[`+sub("a", "Now__e", "again")+`,`+sub("b", "Later__e", "never")+`,`+sub("c", "Now__e", "")+`]}`).want(200)
	w.api("POST", "/composite", `{"allOrNone":true,"compositeRequest":[`+sub("a", "Now__e", "end")+`,`+sub("b", "Later__e", "end")+`]}`).want(200)
	if got := models(w.messages("/event/Now__e", 3)); got != "kept again end" {
		t.Errorf("immediately: %s", got)
	}
	if got := models(w.messages("/event/Later__e", 1)); got != "end" {
		t.Errorf("after the commit: %s", got)
	}
}

// A value that does not parse fails a whole collection before anything of it is
// published.
func TestPlatformEventsOfARequestThatDoesNotParse(t *testing.T) {
	w := newWire(t)
	lowInk(w, "Now", false)
	row := func(rest string) string { return `{"attributes":{"type":"Now__e"},"Printer_Model__c":"` + rest + `}` }
	w.api("POST", "/composite/sobjects", `{"records":[`+row(`lost"`)+`,`+row(`x","Level__c":"much"`)+`]}`).want(400)
	w.api("POST", "/composite/sobjects", `{"records":[`+row(`sent"`)+`]}`).want(200)
	if got := models(w.messages("/event/Now__e", 1)); got != "sent" {
		t.Error(got)
	}
}

func TestPlatformEventsByBulkInsert(t *testing.T) {
	w := newWire(t)
	lowInk(w, "Low_Ink", false)
	if got := w.api("POST", "/jobs/ingest", `{"object":"Low_Ink__e","operation":"update"}`).want(400).code(); got != "INVALIDENTITY" {
		t.Error(got)
	}
	_, job := w.ingest(`{"object":"Low_Ink__e","operation":"insert","lineEnding":"LF"}`, "Printer_Model__c,Level__c\nA,1\n,2\nB,3\n")
	if job["state"] != "JobComplete" || strs(job["numberRecordsFailed"]) != "1" {
		t.Fatalf("%v", job)
	}
	if got := models(w.messages("/event/Low_Ink__e", 2)); got != "A B" {
		t.Error(got)
	}
}

// Other fields of an event are refused, and defining it anew keeps its prefix.
func TestPlatformEventsAreDefinedAnew(t *testing.T) {
	w := newWire(t)
	lowInk(w, "First", false)
	lowInk(w, "Second", false)
	for _, typ := range []string{"Picklist", "Lookup", "Email"} {
		if w.org.AddEvent(EventSpec{Name: "Second", Fields: []FieldSpec{{Name: "X__c", Type: typ}}}) == nil {
			t.Errorf("a field of type %s is taken", typ)
		}
	}
	ok(t, w.org.AddEvent(EventSpec{Name: "First", Fields: []FieldSpec{{Name: "Text__c", Type: "Text"}}}))
	id, _ := enqueued(t, w.api("POST", "/sobjects/First__e", `{"Text__c":"A"}`).want(201).object())
	other, _ := enqueued(t, w.api("POST", "/sobjects/Second__e", `{"Printer_Model__c":"A"}`).want(201).object())
	if id[:3] != "e00" || other[:3] != "e01" {
		t.Errorf("%s %s", id, other)
	}
}

package hubspotsim

import (
	"strconv"
	"testing"
	"time"
)

func (r *rig) configure(s Settings) {
	r.t.Helper()
	if err := r.p.Configure(s); err != nil {
		r.t.Fatal(err)
	}
}

// journalEvents reads everything in the journal of an app's token.
func (r *rig) journalEvents(app string) []map[string]any {
	r.t.Helper()
	kept := r.token
	defer func() { r.token = kept }()
	r.token = app
	page := r.want(200, "GET", "/webhooks-journal/journal/2026-03/batch/earliest/50", nil)
	var out []map[string]any
	for i := range page.at("results").([]any) {
		url := page.str("results", strconv.Itoa(i), "url")
		body := r.want(200, "GET", url[len("http://example.com"):], nil)
		for _, e := range body.at("journalEvents").([]any) {
			out = append(out, e.(map[string]any))
		}
	}
	return out
}

func TestJournalNamesASourceOnlyWhereSwitchedOn(t *testing.T) {
	for _, on := range []bool{false, true} {
		r := newRig(t, Options{})
		r.configure(Settings{JournalSource: &on})
		integration := r.token
		r.journalSubscribe("0-2", "name")
		app := r.token
		r.token = integration
		r.create("companies", "name", "A")
		r.pass(time.Second)
		events := r.journalEvents(app)
		if len(events) == 0 {
			t.Fatal("the journal is empty")
		}
		for _, e := range events {
			if source, told := e["changeSource"]; told != on || on && (source != sourceIntegration || e["sourceId"] != strconv.Itoa(r.p.Info().AppID)) {
				t.Errorf("switch %v: event %v", on, e)
			}
		}
	}
}

func TestRollUpsMayLeaveTheStamp(t *testing.T) {
	for _, keep := range []bool{false, true} {
		r := newRig(t, Options{})
		r.configure(Settings{RollupsKeepStamp: &keep})
		contact, company := r.create("contacts", "email", "a@x.example"), r.create("companies", "name", "A")
		before := r.want(200, "GET", companies+"/"+company, nil).str("updatedAt")
		r.tie(contact, company)
		r.pass(2 * time.Second)
		after := r.want(200, "GET", companies+"/"+company+"?properties=num_associated_contacts", nil)
		if stays := after.str("updatedAt") == before; stays != keep {
			t.Errorf("switch %v: stamp stays %v", keep, stays)
		}
		if after.str("properties", "num_associated_contacts") != "1" {
			t.Errorf("switch %v: the roll-up was not recalculated", keep)
		}
	}
}

func TestPropertyRulesBindFromSeptember2026(t *testing.T) {
	r := newRig(t, Options{})
	const rules = "/crm/v3/property-validations/0-1"
	r.want(204, "PUT", rules+"/zip/rule-type/ALPHANUMERIC", map[string]any{"ruleArguments": []string{"NUMERIC_ONLY"}})
	r.want(204, "PUT", rules+"/zip/rule-type/MAX_LENGTH", map[string]any{"ruleArguments": []string{"5"}})
	r.want(400, "PUT", rules+"/zip/rule-type/NO_SUCH", map[string]any{"ruleArguments": []string{"5"}})
	if got := r.want(200, "GET", rules, nil); got.str("results", "0", "propertyName") != "zip" || len(got.at("results", "0", "propertyValidationRules").([]any)) != 2 {
		t.Fatal(got.raw)
	}
	bad := props("zip", "12a")
	id := r.want(201, "POST", "/crm/v3/objects/contacts", bad).str("id")
	r.want(201, "POST", "/crm/objects/2026-03/contacts", bad)
	r.want(200, "PATCH", "/crm/objects/2026-03/contacts/"+id, bad)
	for _, body := range []any{bad, props("zip", "123456")} {
		got := r.want(400, "PATCH", "/crm/objects/2026-09/contacts/"+id, body)
		if got.str("errors", "0", "context", "propertyName", "0") != "zip" {
			t.Error(got.raw)
		}
	}
	r.want(400, "POST", "/crm/objects/2026-09/contacts/batch/create", map[string]any{"inputs": []any{bad}})
	r.want(200, "PATCH", "/crm/objects/2026-09/contacts/"+id, props("zip", "12345"))
	r.want(200, "PATCH", "/crm/objects/2026-09/contacts/"+id, props("zip", ""))
}

func TestMailEventsAreToldAndCounted(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("contacts", "email", "a@x.example")
	person := r.p.As("ada")
	for _, kind := range []string{"SENT", "OPEN", "OPEN", "CLICK"} {
		r.clock.add(time.Second)
		if err := person.MailEvent("A@x.example", kind, 7); err != nil {
			t.Fatal(err)
		}
	}
	if err := person.MailEvent("a@x.example", "READ", 7); err == nil {
		t.Error("an unknown kind of event was taken")
	}
	got := r.want(200, "GET", "/crm/v3/objects/contacts/"+id+"?properties=hs_email_open,hs_email_click,hs_email_last_send_date", nil)
	if got.str("properties", "hs_email_open") != "2" || got.str("properties", "hs_email_click") != "1" || got.str("properties", "hs_email_last_send_date") == "" {
		t.Error(got.raw)
	}
	page := r.want(200, "GET", "/email/public/v1/events?recipient=a@x.example&limit=3", nil)
	if page.at("hasMore") != true || page.str("events", "0", "type") != "CLICK" {
		t.Error(page.raw)
	}
	rest := r.want(200, "GET", "/email/public/v1/events?recipient=a@x.example&limit=3&offset="+page.str("offset"), nil)
	if rest.at("hasMore") != false || rest.str("events", "0", "type") != "SENT" {
		t.Error(rest.raw)
	}
	opens := r.want(200, "GET", "/email/public/v1/events?eventType=OPEN", nil)
	if len(opens.at("events").([]any)) != 2 {
		t.Error(opens.raw)
	}
	if err := person.GDPRDelete(id); err != nil {
		t.Fatal(err)
	}
	if left := r.want(200, "GET", "/email/public/v1/events", nil); len(left.at("events").([]any)) != 0 {
		t.Errorf("events of an erased address are left: %s", left.raw)
	}
}

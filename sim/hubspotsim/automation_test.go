package hubspotsim

import (
	"testing"
	"time"
)

func (r *rig) stageOf(object, id string) string {
	r.t.Helper()
	return r.want(200, "GET", "/crm/v3/objects/"+object+"/"+id+"?properties=lifecyclestage", nil).str("properties", "lifecyclestage")
}

// linked makes a contact, a company and a deal that belong together.
func (r *rig) linked() (contact, company, deal string) {
	r.t.Helper()
	contact, company = r.create("contacts", "email", "a@x.example"), r.create("companies", "name", "A")
	r.tie(contact, company)
	deal = r.create("deals", "dealname", "D", "dealstage", "appointmentscheduled")
	for object, id := range map[string]string{"contacts": contact, "companies": company} {
		r.want(200, "PUT", "/crm/v4/objects/deals/"+deal+"/associations/default/"+object+"/"+id, nil)
	}
	return contact, company, deal
}

func TestDealsAdvanceLifecycleStages(t *testing.T) {
	for _, on := range []bool{false, true} {
		r := newRig(t, Options{})
		r.configure(Settings{DealsAdvance: &on})
		contact, company, deal := r.linked()
		r.pass(2 * automationDelay)
		want := map[bool]string{false: "lead", true: "opportunity"}[on]
		if got := r.stageOf("contacts", contact) + " " + r.stageOf("companies", company); got != want+" "+want {
			t.Errorf("switch %v: %s after the deal was made", on, got)
		}
		r.want(200, "PATCH", "/crm/v3/objects/deals/"+deal, props("dealstage", "closedwon"))
		r.pass(2 * automationDelay)
		if want = map[bool]string{false: "lead", true: "customer"}[on]; r.stageOf("contacts", contact) != want {
			t.Errorf("switch %v: %s after the deal was won", on, r.stageOf("contacts", contact))
		}
		r.want(200, "PATCH", "/crm/v3/objects/deals/"+deal, props("dealstage", "closedlost"))
		r.pass(2 * automationDelay)
		if r.stageOf("companies", company) != want {
			t.Errorf("switch %v: a stage went back to %s", on, r.stageOf("companies", company))
		}
		for _, e := range r.p.Ledger() {
			if e.Property == lifecycleName && e.After != "lead" && (e.Source != "AUTOMATION_PLATFORM" || e.Who != "portal") {
				t.Errorf("the ledger must name the portal: %+v", e)
			}
		}
	}
}

func TestCompanyFollowsItsContacts(t *testing.T) {
	for _, on := range []bool{false, true} {
		r := newRig(t, Options{})
		r.configure(Settings{CompanyFollows: &on})
		contact, company, _ := r.linked()
		r.want(200, "PATCH", contacts+"/"+contact, props("lifecyclestage", "salesqualifiedlead"))
		r.pass(2 * automationDelay)
		if got := r.stageOf("companies", company); (got == "salesqualifiedlead") != on {
			t.Errorf("switch %v: the company is %s", on, got)
		}
		r.want(200, "PATCH", "/crm/v3/objects/companies/"+company, props("lifecyclestage", "customer"))
		r.pass(2 * automationDelay)
		if got := r.stageOf("contacts", contact); got != "salesqualifiedlead" {
			t.Errorf("switch %v: the contact followed its company to %s", on, got)
		}
	}
}

func TestRichTextIsCleaned(t *testing.T) {
	r := newRig(t, Options{})
	for in, want := range map[string]string{
		"plain & simple":                                   "plain & simple",
		"<p>A <b>bold</b> &amp;amp; word</p>":              "<p>A <b>bold</b> &amp;amp; word</p>",
		`<p onclick="x()">A</p>`:                           "<p>A</p>",
		`<a href="java script:x()" title="t">A</a>`:        `<a title="t">A</a>`,
		`<a href="https://a.example">A</a>`:                `<a href="https://a.example">A</a>`,
		"a<script>alert('<p>')</script>b<!-- c -->":        "ab",
		"<html><body><form><p>kept</p></form></body>":      "<p>kept</p>",
		"<p>not closed <i>here":                            "<p>not closed <i>here",
		`<iframe src="x"></iframe><img src="y" onerror=z>`: `<img src="y">`,
		"<script>only</script>":                            "",
	} {
		id := r.create("notes", "hs_timestamp", "1790856000000", "hs_note_body", in)
		read := func() string {
			return r.want(200, "GET", "/crm/v3/objects/notes/"+id+"?properties=hs_note_body", nil).str("properties", "hs_note_body")
		}
		got := read()
		if got != want {
			t.Errorf("%s\nbecame %q\n  want %q", in, got, want)
		}
		if r.want(200, "PATCH", "/crm/v3/objects/notes/"+id, props("hs_note_body", got)); read() != got {
			t.Errorf("%s is cleaned again to %s", got, read())
		}
	}
	deal := r.create("deals", "dealname", "<script>x</script>", "dealstage", "appointmentscheduled")
	if got := r.want(200, "GET", "/crm/v3/objects/deals/"+deal, nil).str("properties", "dealname"); got != "<script>x</script>" {
		t.Error("plain text is no rich text: " + got)
	}
}

func TestAccountDetailsFollowTheClockChange(t *testing.T) {
	r := newRig(t, Options{})
	offset := func() string {
		got := r.want(200, "GET", "/account-info/v3/details", nil)
		if ms := got.at("utcOffsetMilliseconds").(float64); got.str("timeZone") != "US/Eastern" || (ms == -4*3600e3) != (got.str("utcOffset") == "-04:00") {
			t.Error(got.raw)
		}
		return got.str("utcOffset")
	}
	if got := offset(); got != "-04:00" {
		t.Error(got)
	}
	r.pass(60 * 24 * time.Hour)
	if got := offset(); got != "-05:00" {
		t.Error("in winter: " + got)
	}
}

func TestTierCanBeSet(t *testing.T) {
	r := newRig(t, Options{Limits: true})
	r.want(200, "POST", consentPath+"statuses/batch/read?channel=EMAIL", map[string]any{"inputs": []string{}})
	if got := r.post("settings", map[string]any{"tier": "starter"}); got.status != 200 {
		t.Fatal(got.raw)
	}
	r.want(403, "POST", consentPath+"statuses/batch/read?channel=EMAIL", map[string]any{"inputs": []string{}})
	if got := r.call("GET", companies, nil).header.Get("X-HubSpot-RateLimit-Max"); got != "100" {
		t.Error("the limit is " + got)
	}
	if got := r.post("settings", map[string]any{"tier": "gold"}); got.status != 400 {
		t.Error(got.raw)
	}
}

func TestVendorDefinitionsAreReadOnly(t *testing.T) {
	r := newRig(t, Options{})
	const path = "/crm/v3/properties/contacts/"
	was := r.want(200, "GET", path+"email", nil)
	r.want(400, "PATCH", path+"email", map[string]any{"label": "Mail"})
	r.want(400, "PATCH", path+"email", map[string]any{"type": "number"})
	r.want(200, "PATCH", path+"email", map[string]any{"label": was.str("label"), "displayOrder": 3})
	if got := r.want(200, "GET", path+"email", nil); got.str("label") != was.str("label") {
		t.Error(got.raw)
	}
	r.want(201, "POST", "/crm/v3/properties/contacts", map[string]any{"name": "own", "label": "Own", "type": "string", "fieldType": "text", "groupName": "contactinformation"})
	if got := r.want(200, "PATCH", path+"own", map[string]any{"label": "Ours"}); got.str("label") != "Ours" {
		t.Error(got.raw)
	}
}

func TestArchivedActivities(t *testing.T) {
	for object, required := range map[string][]string{"tasks": nil, "notes": nil, "calls": nil, "meetings": nil, "emails": {"hs_email_direction", "EMAIL"},
		"communications": {"hs_communication_channel_type", "SMS"}} {
		r := newRig(t, Options{IndexLag: -1})
		contact := r.create("contacts", "email", "a@x.example")
		id := r.create(object, append([]string{"hs_timestamp", "1790856000000"}, required...)...)
		path := "/crm/v3/objects/" + object
		r.want(200, "PUT", "/crm/v4/objects/"+object+"/"+id+"/associations/default/contacts/"+contact, nil)
		r.want(204, "DELETE", path+"/"+id, nil)
		r.want(404, "GET", path+"/"+id, nil)
		gone := r.want(200, "GET", path+"/"+id+"?archived=true", nil)
		if gone.at("archived") != true || gone.str("archivedAt") == "" {
			t.Errorf("%s: %s", object, gone.raw)
		}
		if got := r.want(200, "GET", path+"?archived=true", nil); got.str("results", "0", "id") != id {
			t.Errorf("%s: not in the bin: %s", object, got.raw)
		}
		if got := r.want(200, "POST", path+"/search", map[string]any{}); got.at("total") != 0.0 {
			t.Errorf("%s: search finds an archived one: %s", object, got.raw)
		}
		if got := r.links("contacts", contact, object); got != "" {
			t.Errorf("%s: an archived one is still linked: %s", object, got)
		}
		if err := r.p.As("ada").Restore(object, id); err != nil {
			t.Fatal(err)
		}
		if got := r.links("contacts", contact, object); got == "" {
			t.Errorf("%s: a restored one lost its contact", object)
		}
	}
}

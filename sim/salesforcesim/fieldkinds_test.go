package salesforcesim

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"
)

// kindsWire is an org whose accounts have a time, a place and an encrypted text.
func kindsWire(t *testing.T, opts ...func(*Options)) *wire {
	w := newWire(t, opts...)
	for _, f := range []string{
		`{"object":"Account","name":"Opens","type":"Time"}`,
		`{"object":"Account","name":"Spot","type":"Location","scale":4,"displayLocationInDecimal":true}`,
		`{"object":"Account","name":"Secret","type":"EncryptedText","length":20,"maskType":"lastFour","maskChar":"X"}`,
	} {
		w.sim("field", f).want(200)
	}
	return w
}

func TestTimesPlacesAndEncryptedTextsAreWrittenAndRead(t *testing.T) {
	w := kindsWire(t)
	id := w.create("Account", `{"Name":"A","Opens__c":"10:30:00.000Z","Spot__Latitude__s":37.77541,"Spot__Longitude__s":-122.4,"Secret__c":"4111-1111-1234"}`)
	const want = `"Opens__c":"10:30:00.000Z","Spot__c":{"latitude":37.7754,"longitude":-122.4},"Spot__Latitude__s":37.7754,"Secret__c":"XXXXXXXXXX1234"}`
	fields := "Opens__c,Spot__c,Spot__Latitude__s,Secret__c"
	for _, res := range []reply{
		w.api("GET", "/sobjects/Account/"+id+"?fields="+fields, ""), w.api("GET", "/composite/sobjects/Account?ids="+id+"&fields="+fields, ""),
		w.api("GET", "/query?q=SELECT+"+fields+"+FROM+Account", ""),
	} {
		if body := string(res.want(200).body); !strings.Contains(body, want) {
			t.Error(body)
		}
	}
	if got := w.query("SELECT Id FROM Account WHERE Opens__c > 10:00:00.000Z AND Spot__Latitude__s < 40"); len(got) != 1 {
		t.Error(got)
	}
	ok(t, w.org.SetRight(Right{System: permDecrypt, Edit: true}))
	if got := w.query("SELECT Secret__c FROM Account")[0]["Secret__c"]; got != "4111-1111-1234" {
		t.Error(got)
	}
	w.api("PATCH", "/sobjects/Account/"+id, `{"Spot__Latitude__s":null,"Spot__Longitude__s":null,"Opens__c":"09:05"}`).want(204)
	if got := w.query("SELECT Spot__c, Opens__c FROM Account")[0]; got["Spot__c"] != nil || got["Opens__c"] != "09:05:00.000Z" {
		t.Error(got)
	}
}

func TestWhatTimesPlacesAndEncryptedTextsRefuse(t *testing.T) {
	w := kindsWire(t)
	for _, c := range []struct{ body, code, says string }{
		{`{"Opens__c":"half past"}`, "JSON_PARSER_ERROR", "Cannot deserialize instance of time from VALUE_STRING value half past"},
		{`{"Opens__c":1030}`, "JSON_PARSER_ERROR", "VALUE_NUMBER_INT"},
		{`{"Spot__c":{"latitude":1}}`, "INVALID_FIELD_FOR_INSERT_UPDATE", "Spot__c"},
		{`{"Spot__c":null}`, "INVALID_FIELD_FOR_INSERT_UPDATE", "Spot__c"},
		{`{"Spot__Latitude__s":90.5}`, "NUMBER_OUTSIDE_VALID_RANGE", "Spot (Latitude)"},
		{`{"Spot__Longitude__s":-181}`, "NUMBER_OUTSIDE_VALID_RANGE", "Spot (Longitude)"},
		{`{"Secret__c":"` + strings.Repeat("s", 21) + `"}`, "STRING_TOO_LONG", "max length=20"},
	} {
		got := w.api("POST", "/sobjects/Account", `{"Name":"A",`+c.body[1:]).want(400).list()[0]
		if text, _ := got["message"].(string); got["errorCode"] != c.code || !strings.Contains(text, c.says) {
			t.Errorf("%s: %v", c.body, got)
		}
	}
	for _, q := range []string{"WHERE+Secret__c='x'", "ORDER+BY+Secret__c", "WHERE+Spot__c=null", "ORDER+BY+Spot__c"} {
		w.api("GET", "/query?q=SELECT+Id+FROM+Account+"+q, "").want(400)
	}
	for _, f := range []string{
		`{"object":"Account","name":"Long","type":"EncryptedText","length":176}`, `{"object":"Account","name":"Odd","type":"EncryptedText","length":9,"maskType":"some"}`,
		`{"object":"Account","name":"Boss","type":"Hierarchy","referenceTo":"User"}`, `{"object":"Account","name":"Opens","type":"Text"}`,
		`{"object":"Account","name":"Spot","type":"Number"}`, `{"object":"Account","name":"Key","type":"Time","unique":true}`,
	} {
		w.sim("field", f).want(400)
	}
	w.sim("field", `{"object":"User","name":"Boss","type":"Hierarchy","relationshipName":"Staff"}`).want(200)
}

func TestDescribeOfTimesPlacesAndEncryptedTexts(t *testing.T) {
	w := kindsWire(t)
	fields := map[string]map[string]any{}
	for _, raw := range w.api("GET", "/sobjects/Account/describe", "").want(200).object()["fields"].([]any) {
		f := raw.(map[string]any)
		fields[f["name"].(string)] = f
	}
	for name, want := range map[string]map[string]any{
		"Opens__c":           {"type": "time", "soapType": "xsd:time", "createable": true, "sortable": true, "groupable": false, "custom": true},
		"Spot__c":            {"type": "location", "soapType": "urn:location", "createable": false, "updateable": false, "queryByDistance": true, "filterable": false, "permissionable": true},
		"Spot__Latitude__s":  {"type": "double", "scale": 4.0, "precision": 7.0, "compoundFieldName": "Spot__c", "createable": true, "displayLocationInDecimal": true, "permissionable": false},
		"Spot__Longitude__s": {"type": "double", "compoundFieldName": "Spot__c", "custom": true},
		"Secret__c":          {"type": "encryptedstring", "length": 20.0, "mask": "X", "maskType": "lastFour", "filterable": false, "sortable": false, "encrypted": false},
	} {
		for member, value := range want {
			if got := fields[name][member]; got != value {
				t.Errorf("%s.%s is %v, want %v", name, member, got, value)
			}
		}
	}
	// Field-level security of the whole reaches its parts.
	ok(t, w.org.SetRight(Right{Object: "Account", Field: "Spot__c"}))
	if c := w.api("POST", "/sobjects/Account", `{"Name":"A","Spot__Latitude__s":1}`).want(400).code(); c != "INVALID_FIELD" {
		t.Error(c)
	}
}

func TestEventsOfTimesPlacesAndEncryptedTexts(t *testing.T) {
	w := kindsWire(t)
	ok(t, w.org.SelectEntities("Account"))
	id := w.create("Account", `{"Name":"A","Opens__c":"10:30:00.500Z","Spot__Latitude__s":1.5,"Spot__Longitude__s":-2,"Secret__c":"abcdef"}`)
	w.api("PATCH", "/sobjects/Account/"+id, `{"Spot__Longitude__s":3,"Opens__c":null}`).want(204)
	l := w.listen(w.org.Events().Conn())
	_, b := l.next()
	if spot := b["Spot__c"].(map[string]any); spot["Latitude"] != 1.5 || spot["Longitude"] != -2.0 || b["Secret__c"] != "XXcdef" {
		t.Error(b)
	}
	if opens := b["Opens__c"]; opens != int64(37_800_500) {
		t.Errorf("%T %v", opens, opens)
	}
	h, b := l.next()
	if spot := b["Spot__c"].(map[string]any); spot["Latitude"] != nil || spot["Longitude"] != 3.0 || len(h["nulledFields"].([]any)) != 1 {
		t.Error(h, b)
	}
}

func TestBulkOfTimesPlacesAndEncryptedTexts(t *testing.T) {
	w := kindsWire(t)
	id, _ := w.ingest(`{"object":"Account","operation":"insert"}`, "Name,Opens__c,Spot__Latitude__s,Spot__Longitude__s,Secret__c\nA,10:30:00Z,1,2,abcdef\nB,noon,1,2,\n")
	failed := string(w.api("GET", "/jobs/ingest/"+id+"/failedResults/", "").want(200).body)
	if !strings.Contains(failed, "'noon' is not a valid value for the type xsd:time") {
		t.Error(failed)
	}
	query := w.job("query", `{"operation":"query","query":"SELECT Opens__c, Spot__Latitude__s, Spot__Longitude__s, Secret__c FROM Account"}`)
	w.clock.move(5 * time.Second)
	rows := must[[][]string](t)(csv.NewReader(bytes.NewReader(w.api("GET", "/jobs/query/"+query+"/results", "").want(200).body)).ReadAll())
	if len(rows) != 2 || strings.Join(rows[1], "|") != "10:30:00.000Z|1.0|2.0|XXcdef" {
		t.Error(rows)
	}
	w.api("POST", "/jobs/query", `{"operation":"query","query":"SELECT Spot__c FROM Account"}`).want(400)
}

func TestPlacesComeAndGoByTooling(t *testing.T) {
	w := newWire(t)
	id, _ := w.api("POST", "/tooling/sobjects/CustomField", `{"FullName":"Account.Spot__c","Metadata":{"type":"Location","label":"Spot","scale":2}}`).want(201).object()["id"].(string)
	ok(t, w.org.GrantField("Account", "Spot__c"))
	w.create("Account", `{"Name":"A","Spot__Latitude__s":1.256}`)
	w.api("PATCH", "/tooling/sobjects/CustomField/"+id, `{"Metadata":{"type":"Location","label":"Place","scale":5}}`).want(204)
	if f := w.org.objects["account"].field("Spot__Latitude__s"); f.scale != 5 || f.label != "Place (Latitude)" {
		t.Error(f.scale, f.label)
	}
	if got := w.query("SELECT Spot__c FROM Account")[0]["Spot__c"].(map[string]any); got["latitude"] != 1.26 || got["longitude"] != nil {
		t.Error(got)
	}
	w.api("DELETE", "/tooling/sobjects/CustomField/"+id, "").want(204)
	for _, name := range []string{"Spot__c", "Spot__Latitude__s", "Spot__Longitude__s"} {
		w.api("GET", "/query?q=SELECT+"+name+"+FROM+Account", "").want(400)
	}
}

// Days are kept from 1700 to 4000, and moments up to midnight UTC of the last day.
func TestTheYearsThatAreKept(t *testing.T) {
	w := newWire(t, func(o *Options) { o.TimeZone = "Pacific/Auckland" })
	w.sim("field", `{"object":"Account","name":"Day","type":"Date"}`).want(200)
	w.sim("field", `{"object":"Account","name":"Moment","type":"DateTime"}`).want(200)
	for value, status := range map[string]int{
		`"Day__c":"1700-01-01"`: 201, `"Day__c":"1699-12-31"`: 400, `"Day__c":"4000-12-31"`: 201, `"Day__c":"4001-01-01"`: 400,
		`"Moment__c":"1700-01-01T00:00:00Z"`: 201, `"Moment__c":"1700-01-01T00:00:00+01:00"`: 400, `"Moment__c":"4000-12-31T00:00:00Z"`: 201, `"Moment__c":"4000-12-31T00:00:01Z"`: 400,
	} {
		if got := w.api("POST", "/sobjects/Account", `{"Name":"A",`+value+`}`); got.status != status {
			t.Errorf("%s: %d, want %d", value, got.status, status)
		}
	}
	if got := w.query("SELECT TimeZoneSidKey FROM Organization")[0]["TimeZoneSidKey"]; got != "Pacific/Auckland" {
		t.Errorf("the org lies in %v", got)
	}
	w.api("POST", "/sobjects/Account", `{"Name":"Late","Moment__c":"2026-03-01T12:00:00Z"}`).want(201)
	if got := w.query("SELECT DAY_ONLY(convertTimezone(Moment__c)) d FROM Account WHERE Name = 'Late' GROUP BY DAY_ONLY(convertTimezone(Moment__c))"); len(got) != 1 || got[0]["d"] != "2026-03-02" {
		t.Errorf("its day is %v", got)
	}
}

// A rich text area is a text area that says so, and keeps no tag that runs anything.
func TestRichTextAreas(t *testing.T) {
	w := newWire(t)
	w.sim("field", `{"object":"Account","name":"Story","type":"Html","length":32768}`).want(200)
	id := w.create("Account", `{"Name":"A","Story__c":"<p onclick=\"x()\">One <b>two</b></p><script>run()</script><form>three</form><!-- no --> 1 &lt; 2"}`)
	if got, want := w.query("SELECT Story__c FROM Account WHERE Id = '" + id + "'")[0]["Story__c"], "<p>One <b>two</b></p>three 1 &lt; 2"; got != want {
		t.Errorf("kept as %v, want %s", got, want)
	}
	described := string(w.api("GET", "/sobjects/Account/describe", "").want(200).body)
	at := strings.Index(described, `"name":"Story__c"`)
	if at < 0 || !strings.Contains(described[max(0, at-2000):at], `"extraTypeInfo":"richtextarea"`) || !strings.Contains(described[max(0, at-2000):at], `"htmlFormatted":true`) {
		t.Error("the field does not say that it is rich text")
	}
}

package pubsub

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

// last publishes a change of an account and gives the event as decoded.
func last(t *testing.T, w *world, c Change) map[string]any {
	t.Helper()
	client := w.client(t)
	st := subscribe(t, signedIn(t), client, &eventbuspb.FetchRequest{TopicName: topicOfEntity(c.Entity), ReplayPreset: eventbuspb.ReplayPreset_EARLIEST, NumRequested: 10})
	w.publish(t, c)
	return decode(t, client, receive(t, st, 1)[0])
}

func update(values map[string]any, changed ...string) Change {
	return Change{Entity: "Account", IDs: []string{"001000000000001AAA"}, Type: Update, Values: values, Changed: changed}
}

// The vectors are those of the Pub/Sub API guide for the standard field list of Account.
func TestChangedFieldsAreTheBitmapsOfTheGuide(t *testing.T) {
	long := strings.Repeat("word ", 300)
	tests := []struct {
		name    string
		change  Change
		changed []string
		nulled  []string
		diffed  []string
	}{
		{"street", update(map[string]any{"BillingStreet": "1 Main St"}, "BillingStreet"), []string{"0x400000", "4-0x01"}, nil, nil},
		{"industry", update(map[string]any{"Industry": "Energy"}, "Industry"), []string{"0x400800"}, nil, nil},
		{"description as a difference", Change{Entity: "Account", IDs: []string{"001"}, Type: Update, Changed: []string{"Description", "LastModifiedDate"},
			Values: map[string]any{"Description": long}, Before: map[string]string{"Description": "old"}}, []string{"0x410000"}, nil, []string{"0x010000"}},
		{"nulled", update(map[string]any{"Phone": nil, "BillingCity": ""}, "Phone", "BillingCity"),
			[]string{"0x400040", "4-0x02"}, []string{"0x40", "4-0x02"}, nil},
		{"two compounds", update(map[string]any{"ShippingStreet": "s", "BillingStreet": "b", "BillingCountry": "c"}, "ShippingStreet", "BillingCountry", "BillingStreet"),
			[]string{"0x400000", "4-0x11", "5-0x01"}, nil, nil},
		{"hidden field", update(map[string]any{"SystemModstamp": time.Now()}, "SystemModstamp"), []string{"0x400000"}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := headerOf(last(t, newWorld(), tt.change))
			for key, want := range map[string][]string{"changedFields": tt.changed, "nulledFields": tt.nulled, "diffFields": tt.diffed} {
				if got := texts(h[key]); !slices.Equal(got, want) {
					t.Errorf("%s %q, want %q", key, got, want)
				}
			}
		})
	}
}

func texts(v any) []string {
	var all []string
	for _, s := range v.([]any) {
		all = append(all, s.(string))
	}
	return all
}

func TestRecordTypesShiftTheBitmaps(t *testing.T) {
	w := newWorld()
	e := w.entities["Account"]
	e.Fields = append(e.Fields, Field{Name: "RecordTypeId", Type: "reference"})
	w.entities["Account"] = e
	h := headerOf(last(t, w, update(map[string]any{"BillingStreet": "x"}, "BillingStreet")))
	if got := texts(h["changedFields"]); !slices.Equal(got, []string{"0x800000", "5-0x01"}) {
		t.Errorf("changedFields %q", got)
	}
}

func TestUpdateCarriesChangedValuesOnly(t *testing.T) {
	w := newWorld()
	e := last(t, w, update(map[string]any{"Name": "Kept out", "Industry": "Energy", "BillingStreet": "1 Main St"}, "Industry", "BillingStreet"))
	if e["Industry"] != "Energy" || e["Name"] != nil {
		t.Errorf("Industry %v, Name %v", e["Industry"], e["Name"])
	}
	address := e["BillingAddress"].(map[string]any)
	if address["Street"] != "1 Main St" || address["City"] != nil {
		t.Errorf("BillingAddress %v", address)
	}
	if e["LastModifiedDate"] != w.now.UnixMilli() {
		t.Errorf("LastModifiedDate %v, want the commit time %v", e["LastModifiedDate"], w.now.UnixMilli())
	}
}

func TestHeaderTellsTheTransaction(t *testing.T) {
	w := newWorld()
	h := headerOf(last(t, w, create("Acme")))
	want := map[string]any{"entityName": "Account", "recordIds": []any{"001000000000001AAA"}, "changeType": "CREATE",
		"changeOrigin": "com/salesforce/api/rest/65.0;client=tandem", "transactionKey": "0000be70-a756-e601-9202-32967602a6be",
		"sequenceNumber": int32(1), "commitTimestamp": w.now.UnixMilli(), "commitNumber": int64(1), "commitUser": "005000000000001AAA",
		"nulledFields": []any{}, "diffFields": []any{}, "changedFields": []any{}}
	if !reflect.DeepEqual(h, want) {
		t.Errorf("header %v\nwant   %v", h, want)
	}
}

func TestCreateCarriesEveryKindOfValue(t *testing.T) {
	born := time.Date(1980, 2, 3, 0, 0, 0, 0, time.UTC)
	e := last(t, newWorld(), Change{Entity: "Contact", IDs: []string{"003000000000001AAA"}, Type: Create, Values: map[string]any{
		"FirstName": "Jo", "LastName": "O'Neil \u00e9", "Email": "jo@x.example", "Birthdate": "1980-02-03", "DoNotCall": true,
		"LastModifiedDate": "2026-11-18T15:00:00.000+0000", "AccountId": ""}})
	name := e["Name"].(map[string]any)
	if name["FirstName"] != "Jo" || name["LastName"] != "O'Neil \u00e9" || name["Salutation"] != nil {
		t.Errorf("Name %v", name)
	}
	if e["Birthdate"] != born.UnixMilli() || e["DoNotCall"] != true || e["AccountId"] != nil || e["Email"] != "jo@x.example" {
		t.Errorf("event %v", e)
	}
	if e["LastModifiedDate"] != time.Date(2026, 11, 18, 15, 0, 0, 0, time.UTC).UnixMilli() {
		t.Errorf("LastModifiedDate %v", e["LastModifiedDate"])
	}
	a := last(t, newWorld(), Change{Entity: "Account", IDs: []string{"001"}, Type: Undelete,
		Values: map[string]any{"Name": "Acme", "AnnualRevenue": 12.5, "NumberOfEmployees": 7, "BillingLatitude": -1.25}})
	if a["Name"] != "Acme" || a["AnnualRevenue"] != 12.5 || a["NumberOfEmployees"] != int32(7) || a["BillingAddress"].(map[string]any)["Latitude"] != -1.25 {
		t.Errorf("account %v", a)
	}
}

func TestDeleteHasNoValues(t *testing.T) {
	e := last(t, newWorld(), Change{Entity: "Account", IDs: []string{"001"}, Type: Delete, Values: map[string]any{"Name": "gone"}})
	for k, v := range e {
		if k != "ChangeEventHeader" && v != nil {
			t.Errorf("%s = %v", k, v)
		}
	}
	if headerOf(e)["changeType"] != "DELETE" {
		t.Error(headerOf(e))
	}
}

func TestLongTextIsSentAsADifference(t *testing.T) {
	before := "one\n" + strings.Repeat("x", 1000) + "\nthree"
	after := "one\n" + strings.Repeat("x", 1000) + "\n3\n4"
	c := update(map[string]any{"Description": after}, "Description")
	c.Before = map[string]string{"Description": before}
	got := last(t, newWorld(), c)["Description"].(string)
	head, hunk, _ := strings.Cut(got, "@@")
	if !strings.HasPrefix(head, "--- \n+++ ") || len(head) != len("--- \n+++ \n")+64 {
		t.Errorf("head %q", head)
	}
	if hunk != " -3,1 +3,2 @@\n-three\n+3\n+4\n" {
		t.Errorf("hunk %q", hunk)
	}
}

func TestSchemaHasFieldsAndDocTagsInStandardOrder(t *testing.T) {
	w := newWorld()
	schema := newSchema(w.entities["Account"])
	var got struct {
		Name, Namespace string
		Fields          []struct{ Name, Doc string }
	}
	if err := json.Unmarshal([]byte(schema.text), &got); err != nil {
		t.Fatal(err)
	}
	var order []string
	doc := map[string]string{}
	for _, f := range got.Fields {
		order = append(order, f.Name)
		doc[f.Name] = f.Doc
	}
	want := "ChangeEventHeader Name Type ParentId BillingAddress ShippingAddress Phone Fax AccountNumber Website Sic Industry AnnualRevenue " +
		"NumberOfEmployees Ownership TickerSymbol Description Rating Site OwnerId CreatedDate CreatedById LastModifiedDate LastModifiedById Level__c"
	if strings.Join(order, " ") != want {
		t.Errorf("order %s\nwant  %s", strings.Join(order, " "), want)
	}
	if got.Name != "AccountChangeEvent" || got.Namespace != "com.sforce.eventbus" {
		t.Errorf("record %s.%s", got.Namespace, got.Name)
	}
	for name, tag := range map[string]string{"ChangeEventHeader": "Data:ComplexValueType", "Name": "Data:Switchable_PersonName",
		"BillingAddress": "Data:Address", "OwnerId": "ForeignKey:EntityId", "CreatedDate": "CreatedDate:DateTime", "AnnualRevenue": "Data:Currency",
		"Level__c": "Data:DynamicEnum:00NDp00000BbvCj"} {
		if doc[name] != tag {
			t.Errorf("doc of %s is %q, want %q", name, doc[name], tag)
		}
	}
}

// A recorded event of a real org lists every field of its schema in order.
func TestFieldOrderIsThatOfARecordedEvent(t *testing.T) {
	body := recorded(t, "subscription_new_account.json")
	keys := objectKeys(t, body)[1:]
	e := Entity{Name: "Account"}
	for _, k := range slices.Backward(keys) {
		if k == "BillingAddress" || k == "ShippingAddress" {
			e.Fields = append(e.Fields, Field{Name: strings.TrimSuffix(k, "Address") + "City", Type: "string", Compound: k})
			continue
		}
		if !strings.HasSuffix(k, "__c") {
			e.Fields = append(e.Fields, Field{Name: k, Type: "string"})
		}
	}
	for _, k := range keys {
		if strings.HasSuffix(k, "__c") {
			e.Fields = append(e.Fields, Field{Name: k, Type: "string"})
		}
	}
	var got []string
	for _, f := range newSchema(e).fields {
		got = append(got, f.name)
	}
	if !slices.Equal(got, keys) {
		t.Errorf("order %v\nwant  %v", got, keys)
	}
}

func recorded(t *testing.T, name string) []byte {
	t.Helper()
	data := os.Getenv("TANDEM_DATA")
	if data == "" {
		data = "../../../../shared/data"
	}
	body, err := os.ReadFile(filepath.Join(data, "../recorded/salesforce", name))
	if err != nil {
		t.Skipf("recorded answers are not here: %v", err)
	}
	return body
}

// objectKeys lists the keys of a JSON object in order.
func objectKeys(t *testing.T, body []byte) []string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	d.Token()
	var keys []string
	for d.More() {
		k, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k.(string))
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

func TestSchemaChangesGetANewIDAndOldOnesStay(t *testing.T) {
	w := newWorld()
	c := w.client(t)
	st := subscribe(t, signedIn(t), c, earliest("/data/AccountChangeEvent", 10))
	w.publish(t, create("before"))
	e := w.entities["Account"]
	e.Fields = append([]Field{{Name: "RecordTypeId", Type: "reference"}}, e.Fields...)
	w.mu.Lock()
	w.entities["Account"] = e
	w.mu.Unlock()
	w.publish(t, Change{Entity: "Account", IDs: []string{"001"}, Type: Create, Values: map[string]any{"Name": "after", "RecordTypeId": "012"}})
	events := receive(t, st, 2)
	if events[0].Event.SchemaId == events[1].Event.SchemaId || len(events[0].Event.SchemaId) != 22 {
		t.Errorf("schema ids %q and %q", events[0].Event.SchemaId, events[1].Event.SchemaId)
	}
	if got := names(t, c, events); got != "before after" {
		t.Errorf("names %s", got)
	}
	if got := decode(t, c, events[1])["RecordTypeId"]; got != "012" {
		t.Errorf("RecordTypeId %v", got)
	}
	info, err := c.GetTopic(signedIn(t), &eventbuspb.TopicRequest{TopicName: "/data/AccountChangeEvent"})
	if err != nil || info.SchemaId != events[1].Event.SchemaId || info.CanPublish || !info.CanSubscribe || info.TenantGuid != orgID {
		t.Errorf("topic %v, %v", info, err)
	}
}

func TestGapEvents(t *testing.T) {
	many := Change{Entity: "Account", Type: Update, Changed: []string{"Name"}, Values: map[string]any{"Name": "x"}}
	for range maxChanges + 1 {
		many.IDs = append(many.IDs, "001000000000001AAA")
	}
	tests := []struct {
		name   string
		change Change
		want   string
		ids    int
		failed bool
	}{
		{"event over a megabyte", Change{Entity: "Account", IDs: []string{"001"}, Type: Create, Values: map[string]any{"Description": strings.Repeat("x", maxPayload)}}, "GAP_CREATE", 1, false},
		{"value of a wrong type", update(map[string]any{"AnnualRevenue": "much"}, "AnnualRevenue"), "GAP_UPDATE", 1, true},
		{"explicit", Change{Entity: "Account", IDs: []string{"001", "002"}, Type: GapDelete}, "GAP_DELETE", 2, false},
		{"overflow", many, "GAP_OVERFLOW", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			c := w.client(t)
			if err := w.bus.Publish(w.tx(tt.change)); (err != nil) != tt.failed {
				t.Errorf("error %v", err)
			}
			st := subscribe(t, signedIn(t), c, earliest("/data/ChangeEvents", 10))
			e := decode(t, c, receive(t, st, 1)[0])
			h := headerOf(e)
			if h["changeType"] != tt.want || len(h["recordIds"].([]any)) != tt.ids || len(h["changedFields"].([]any)) != 0 || e["Name"] != nil {
				t.Errorf("event %v", h)
			}
		})
	}
}

func TestEqualChangesAreMergedAndUnselectedOnesLeaveASequenceGap(t *testing.T) {
	w := newWorld()
	w.selected["Contact"] = false
	c := w.client(t)
	st := subscribe(t, signedIn(t), c, earliest("/data/ChangeEvents", 10))
	same := func(id string) Change {
		return Change{Entity: "Account", IDs: []string{id}, Type: Update, Changed: []string{"Industry"}, Values: map[string]any{"Industry": "Energy"}}
	}
	other := same("d")
	other.Values = map[string]any{"Industry": "Banking"}
	w.publish(t, same("a"), same("b"), same("c"), Change{Entity: "Contact", IDs: []string{"x"}, Type: Delete}, other)
	events := receive(t, st, 2)
	first, second := headerOf(decode(t, c, events[0])), headerOf(decode(t, c, events[1]))
	if got := texts(first["recordIds"]); !slices.Equal(got, []string{"a", "b", "c"}) || first["sequenceNumber"] != int32(1) {
		t.Errorf("first %v", first)
	}
	if got := texts(second["recordIds"]); !slices.Equal(got, []string{"d"}) || second["sequenceNumber"] != int32(3) {
		t.Errorf("second %v", second)
	}
}

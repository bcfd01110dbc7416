package salesforce

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/avro"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// accountEvent is the beginning of a real account change event's schema, in the
// order of the Change Data Capture guide.
const accountEvent = `{"type":"record","name":"AccountChangeEvent","namespace":"com.sforce.eventbus","fields":[
 {"name":"ChangeEventHeader","type":{"type":"record","name":"ChangeEventHeader","fields":[{"name":"entityName","type":"string"},{"name":"recordIds","type":{"type":"array","items":"string"}},
  {"name":"changeType","type":{"type":"enum","name":"ChangeType","namespace":"","symbols":["CREATE","UPDATE","DELETE","UNDELETE","GAP_CREATE","GAP_UPDATE","GAP_DELETE","GAP_UNDELETE","GAP_OVERFLOW","SNAPSHOT"]}},{"name":"changeOrigin","type":"string"},{"name":"transactionKey","type":"string"},
  {"name":"sequenceNumber","type":"int"},{"name":"commitTimestamp","type":"long"},{"name":"commitNumber","type":"long"},{"name":"commitUser","type":"string"},
  {"name":"nulledFields","type":{"type":"array","items":"string"}},{"name":"diffFields","type":{"type":"array","items":"string"}},{"name":"changedFields","type":{"type":"array","items":"string"}}]}},
 {"name":"Name","type":["null","string",{"type":"record","name":"Switchable_PersonName","fields":[{"name":"Salutation","type":["null","string"],"default":null},{"name":"FirstName","type":["null","string"],"default":null},{"name":"LastName","type":["null","string"],"default":null}]}],"doc":"Data:Switchable_PersonName","default":null},
 {"name":"Type","type":["null","string"],"default":null},{"name":"ParentId","type":["null","string"],"default":null},
 {"name":"BillingAddress","type":["null",{"type":"record","name":"Address","fields":[{"name":"Street","type":["null","string"],"default":null},{"name":"City","type":["null","string"],"default":null},{"name":"Latitude","type":["null","double"],"default":null}]}],"doc":"Data:Address","default":null},
 {"name":"ShippingAddress","type":["null","Address"],"doc":"Data:Address","default":null},
 {"name":"Phone","type":["null","string"],"default":null},{"name":"Fax","type":["null","string"],"default":null},{"name":"AccountNumber","type":["null","string"],"default":null},{"name":"Website","type":["null","string"],"default":null},{"name":"Sic","type":["null","string"],"default":null},
 {"name":"Industry","type":["null","string"],"default":null},{"name":"AnnualRevenue","type":["null","double"],"doc":"Data:Currency","default":null},{"name":"NumberOfEmployees","type":["null","int"],"doc":"Data:Integer","default":null},
 {"name":"Ownership","type":["null","string"],"default":null},{"name":"TickerSymbol","type":["null","string"],"default":null},{"name":"Description","type":["null","string"],"default":null},{"name":"Rating","type":["null","string"],"default":null},{"name":"Site","type":["null","string"],"default":null},{"name":"OwnerId","type":["null","string"],"default":null},
 {"name":"CreatedDate","type":["null","long"],"doc":"CreatedDate:DateTime","default":null},{"name":"CreatedById","type":["null","string"],"default":null},{"name":"LastModifiedDate","type":["null","long"],"doc":"Data:DateTime","default":null},{"name":"LastModifiedById","type":["null","string"],"default":null},
 {"name":"Expires__c","type":["null","long"],"doc":"Data:DateOnly:00N","default":null},{"name":"Active__c","type":["null","boolean"],"doc":"Data:Boolean:00N","default":null}]}`

// change makes an event; header and values override the usual ones.
func change(header, values map[string]any) map[string]any {
	h := map[string]any{"entityName": "Account", "recordIds": []string{accountID(1)}, "changeType": "UPDATE", "changeOrigin": "", "transactionKey": "t", "sequenceNumber": 1,
		"commitTimestamp": epoch.UnixMilli(), "commitNumber": int64(1), "commitUser": "005000000000001AAA", "nulledFields": []string{}, "diffFields": []string{}, "changedFields": []string{}}
	for k, v := range header {
		h[k] = v
	}
	body := map[string]any{"ChangeEventHeader": h}
	for k, v := range values {
		body[k] = v
	}
	return body
}

func decodeChange(t *testing.T, body map[string]any) changeEvent {
	t.Helper()
	s, err := parseSchema(accountEvent)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := avro.MustParse(accountEvent).Encode(body)
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.decode(payload)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSetBits(t *testing.T) {
	cases := map[string][]int{"0x01": {0}, "0x400000": {22}, "0x400800": {11, 22}, "0x010000": {16}, "0x410000": {16, 22}, "0x0180": {7, 8}, "0x00": nil}
	for bitmap, want := range cases {
		got, err := setBits(bitmap)
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("setBits(%s) = %v, %v; want %v", bitmap, got, err, want)
		}
	}
	for _, bad := range []string{"", "40", "0xZZ", "0x1"} {
		if _, err := setBits(bad); err == nil {
			t.Errorf("setBits(%q) is accepted", bad)
		}
	}
}

func TestChangedFieldsOfTheGuide(t *testing.T) {
	modified := map[string]any{"LastModifiedDate": epoch.UnixMilli()}
	stamp := "2026-05-04T12:00:00.000+0000"
	cases := []struct {
		name   string
		header map[string]any
		values map[string]any
		want   map[string]string
	}{
		{"street", map[string]any{"changedFields": []string{"0x400000", "4-0x01"}}, map[string]any{"BillingAddress": map[string]any{"Street": "1 Main"}}, map[string]string{"LastModifiedDate": stamp, "BillingStreet": "1 Main"}},
		{"industry", map[string]any{"changedFields": []string{"0x400800"}}, map[string]any{"Industry": "Energy"}, map[string]string{"LastModifiedDate": stamp, "Industry": "Energy"}},
		{"industry cleared", map[string]any{"changedFields": []string{"0x400800"}, "nulledFields": []string{"0x000800"}}, nil, map[string]string{"LastModifiedDate": stamp, "Industry": ""}},
		{"street cleared with its address", map[string]any{"changedFields": []string{"0x400000", "4-0x03"}}, nil, map[string]string{"LastModifiedDate": stamp, "BillingStreet": "", "BillingCity": ""}},
		{"second address", map[string]any{"changedFields": []string{"0x400000", "5-0x02"}}, map[string]any{"ShippingAddress": map[string]any{"City": "Bonn"}}, map[string]string{"LastModifiedDate": stamp, "ShippingCity": "Bonn"}},
		{"plain name", map[string]any{"changedFields": []string{"0x400002"}}, map[string]any{"Name": "Acme"}, map[string]string{"LastModifiedDate": stamp, "Name": "Acme"}},
		{"person name", map[string]any{"changedFields": []string{"0x400000", "1-0x06"}}, map[string]any{"Name": map[string]any{"FirstName": "Ann", "LastName": "Lee"}}, map[string]string{"LastModifiedDate": stamp, "FirstName": "Ann", "LastName": "Lee"}},
		{"whole compound", map[string]any{"changedFields": []string{"0x400010"}}, map[string]any{"BillingAddress": map[string]any{"Street": "S", "Latitude": 50.5}}, map[string]string{"LastModifiedDate": stamp, "BillingStreet": "S", "BillingCity": "", "BillingLatitude": "50.5"}},
		{"types", map[string]any{"changedFields": []string{"0x03403000"}}, map[string]any{"AnnualRevenue": 1234567890.5, "NumberOfEmployees": 7, "Expires__c": epoch.Truncate(24 * time.Hour).UnixMilli(), "Active__c": false},
			map[string]string{"LastModifiedDate": stamp, "AnnualRevenue": "1234567890.5", "NumberOfEmployees": "7", "Expires__c": "2026-05-04", "Active__c": "false"}},
		{"description as a difference", map[string]any{"diffFields": []string{"0x010000"}, "changedFields": []string{"0x410000"}}, map[string]any{"Description": "--- \n+++ abc\n@@ -1 +1 @@"}, nil},
		{"bitmap beyond the schema", map[string]any{"changedFields": []string{"0x8000000000"}}, nil, nil},
		{"part beyond the compound", map[string]any{"changedFields": []string{"4-0x80"}}, nil, nil},
		{"no bitmap", map[string]any{"changedFields": []string{"Name"}}, nil, nil},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			values := map[string]any{"LastModifiedDate": modified["LastModifiedDate"]}
			for k, v := range tc.values {
				values[k] = v
			}
			if diff := cmp.Diff(tc.want, decodeChange(t, change(tc.header, values)).changed); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPINames(t *testing.T) {
	cases := []struct{ compound, part, want string }{{"BillingAddress", "Street", "BillingStreet"}, {"MailingAddress", "PostalCode", "MailingPostalCode"},
		{"Address", "City", "City"}, {"Name", "FirstName", "FirstName"}, {"BillingAddress", "CountryCode", "BillingCountryCode"}, {"Plant__c", "Street", "Plant__Street__s"}}
	for _, tc := range cases {
		if got := apiName(tc.compound, tc.part); got != tc.want {
			t.Errorf("apiName(%s, %s) = %s, want %s", tc.compound, tc.part, got, tc.want)
		}
	}
}

func TestEventsOfAChange(t *testing.T) {
	ref := func(n int) core.Ref { return core.Ref{Side: core.Salesforce, Object: core.Account, ID: accountID(n)} }
	whole := core.Ref{Side: core.Salesforce, Object: core.Account}
	type short struct {
		Kind connector.EventKind
		Ref  core.Ref
		Own  bool
	}
	cases := []struct {
		name   string
		header map[string]any
		want   []short
	}{
		{"create", map[string]any{"changeType": "CREATE"}, []short{{connector.EventCreate, ref(1), false}}},
		{"merged events", map[string]any{"recordIds": []string{accountID(1), accountID(2)}}, []short{{connector.EventUpdate, ref(1), false}, {connector.EventUpdate, ref(2), false}}},
		{"delete", map[string]any{"changeType": "DELETE"}, []short{{connector.EventDelete, ref(1), false}}},
		{"undelete", map[string]any{"changeType": "UNDELETE"}, []short{{connector.EventUndelete, ref(1), false}}},
		{"gap", map[string]any{"changeType": "GAP_DELETE"}, []short{{connector.EventGap, ref(1), false}}},
		{"overflow", map[string]any{"changeType": "GAP_OVERFLOW", "recordIds": []string{}}, []short{{connector.EventOverflow, whole, false}}},
		{"wildcard", map[string]any{"recordIds": []string{"001*"}}, []short{{connector.EventOverflow, whole, false}}},
		{"unknown kind", map[string]any{"changeType": "SNAPSHOT"}, []short{{connector.EventGap, ref(1), false}}},
		{"own", map[string]any{"changeOrigin": "com/salesforce/api/rest/65.0;client=tandem-test"}, []short{{connector.EventUpdate, ref(1), true}}},
		{"own with a slash", map[string]any{"changeOrigin": "com/salesforce/api/bulkapi/65.0;client=tandem-test/"}, []short{{connector.EventUpdate, ref(1), true}}},
		{"a name that begins like ours", map[string]any{"changeOrigin": "com/salesforce/api/rest/65.0;client=tandem-test2"}, []short{{connector.EventUpdate, ref(1), false}}},
		{"browser", map[string]any{"changeOrigin": "com/salesforce/api/soap/65.0;client=SfdcInternalAPI/"}, []short{{connector.EventUpdate, ref(1), false}}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			var got []short
			for _, e := range decodeChange(t, change(tc.header, nil)).events("tandem-test") {
				got = append(got, short{e.Kind, e.Ref, e.Own})
				if !e.At.Equal(epoch) {
					t.Errorf("at %v, want %v", e.At, epoch)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDamagedPayloadIsUndecodable(t *testing.T) {
	s, err := parseSchema(accountEvent)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := avro.MustParse(accountEvent).Encode(change(nil, map[string]any{"Name": "Acme"}))
	if err != nil {
		t.Fatal(err)
	}
	for n := range payload {
		if e, err := s.decode(payload[:n]); err == nil {
			t.Fatalf("%d of %d bytes decode to %+v", n, len(payload), e)
		}
	}
	if _, err := s.decode(append(payload, 0)); err == nil {
		t.Error("a byte too many is accepted")
	}
	if _, err := parseSchema(`{"type":"record","name":"X","fields":[{"name":"A","type":"string"}]}`); err == nil {
		t.Error("a schema without header is accepted")
	}
}

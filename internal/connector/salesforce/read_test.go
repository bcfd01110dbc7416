package salesforce

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/connector"
	"tandem/internal/core"
)

func TestReadByIDKeepsTheOrderAsked(t *testing.T) {
	w := newWire(t)
	w.body("POST /composite/sobjects/Account", 200, fmt.Sprintf(`[{"attributes":{"type":"Account"},"Id":%q,"Name":"One","AnnualRevenue":1000.0,"Phone":null,"Active__c":false,
	 "SystemModstamp":"2026-05-04T10:00:00.000+0000","CreatedDate":"2026-01-02T03:04:05.000+0000","LastModifiedById":"005000000000001AAA"},null]`, accountID(1)))
	recs, err := client(t, w).Read(context.Background(), connector.Query{Object: core.Account,
		Values: []string{"no id", accountID(2), accountID(1)[:15], accountID(1)}, Fields: []string{"Name", "AnnualRevenue", "Phone", "Active__c"}})
	if err != nil || len(recs) != 4 {
		t.Fatalf("%d records, %v", len(recs), err)
	}
	for i, want := range []core.Presence{core.Absent, core.Absent, core.Live, core.Live} {
		if recs[i].Presence != want {
			t.Errorf("record %d has presence %d, want %d", i, recs[i].Presence, want)
		}
	}
	one := recs[3]
	want := map[string]string{"Id": accountID(1), "Name": "One", "AnnualRevenue": "1000.0", "Phone": "", "Active__c": "false",
		"SystemModstamp": "2026-05-04T10:00:00.000+0000", "CreatedDate": "2026-01-02T03:04:05.000+0000", "LastModifiedById": "005000000000001AAA"}
	if diff := cmp.Diff(want, one.Values); diff != "" {
		t.Errorf("values: %s", diff)
	}
	if !one.Stamp.Equal(time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)) || one.Created.IsZero() || one.ModifiedBy != "005000000000001AAA" || one.Ref.ID != accountID(1) {
		t.Errorf("record %+v", one)
	}
	if body := w.bodies[0]; strings.Count(body, accountID(1)) != 1 || strings.Contains(body, "no id") {
		t.Errorf("asked %s, want each id once", body)
	}
}

func TestReadSplitsAtTwoThousand(t *testing.T) {
	w := newWire(t)
	w.body("POST /composite/sobjects/Account", 200, `[]`)
	ids := make([]string, 2001)
	for i := range ids {
		ids[i] = accountID(i)
	}
	recs, err := client(t, w).Read(context.Background(), connector.Query{Object: core.Account, Values: ids})
	if err != nil || len(recs) != 2001 || w.count("POST /composite/sobjects/Account") != 2 {
		t.Errorf("%d records in %d calls, %v", len(recs), w.count("POST /composite/sobjects/Account"), err)
	}
}

// A page with status 200 must never be read as "nothing there".
func TestHTMLIsNotAnEmptyResult(t *testing.T) {
	page := func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html; charset=UTF-8")
		_, _ = io.WriteString(rw, "<html><title>Login | Salesforce</title></html>")
	}
	unlabelled := func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header()["Content-Type"] = nil
		_, _ = io.WriteString(rw, "<html>")
	}
	for name, answer := range map[string]http.HandlerFunc{"html": page, "unlabelled": unlabelled} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t).on("POST /composite/sobjects/Account", answer).on("GET /query", answer).on("GET /sobjects/Account/describe", answer).
				on("GET /services/oauth2/userinfo", answer).on("GET /sobjects/Account/deleted/", answer)
			c, ctx := client(t, w), context.Background()
			_, byID := c.Read(ctx, connector.Query{Object: core.Account, Values: []string{accountID(1)}})
			_, byField := c.Read(ctx, connector.Query{Object: core.Account, By: "Key__c", Values: []string{"x"}})
			_, describe := c.Describe(ctx, core.Account)
			_, identity := c.Identity(ctx)
			scan := c.Scan(ctx, connector.Scan{Object: core.Account, Since: epoch, Until: epoch.Add(time.Hour)}, func(connector.Page) error { return nil })
			deleted := c.Scan(ctx, connector.Scan{Object: core.Account, Since: epoch, Until: epoch.Add(time.Hour), Deleted: true}, func(connector.Page) error { return nil })
			for what, err := range map[string]error{"by id": byID, "by field": byField, "describe": describe, "identity": identity, "scan": scan, "deleted": deleted} {
				if e := wantCode(t, err, connector.CodeNotJSON); e.Class != core.ClassTransient {
					t.Errorf("%s: class %q, want transient", what, e.Class)
				}
			}
		})
	}
}

// A field that the user no longer sees is absent from the values, not blank.
func TestHiddenFieldIsAbsentNotBlank(t *testing.T) {
	w := newWire(t).describable()
	refuse := true
	w.on("POST /composite/sobjects/Account", func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if refuse && strings.Contains(string(body), "Secret__c") {
			answerJSON(rw, 400, `[{"message":"No such column 'Secret__c' on entity 'Account'.","errorCode":"INVALID_FIELD"}]`)
			return
		}
		secret := ""
		if strings.Contains(string(body), "Secret__c") {
			secret = `,"Secret__c":null`
		}
		answerJSON(rw, 200, fmt.Sprintf(`[{"Id":%q,"Name":"One"%s}]`, accountID(1), secret))
	})
	clock := epoch
	c := client(t, w, func(cfg *Config) { cfg.Now = func() time.Time { return clock } })
	read := func() (string, bool) {
		t.Helper()
		recs, err := c.Read(context.Background(), connector.Query{Object: core.Account, Values: []string{accountID(1)}, Fields: []string{"Name", "Secret__c"}})
		if err != nil {
			t.Fatal(err)
		}
		return recs[0].Get("Secret__c")
	}
	if _, answered := read(); answered {
		t.Error("the hidden field is answered")
	}
	if _, answered := read(); answered || w.count("GET /sobjects/Account/describe") != 1 {
		t.Errorf("second read: answered %v after %d descriptions, want absent after one", answered, w.count("GET /sobjects/Account/describe"))
	}
	refuse, clock = false, clock.Add(hiddenFor)
	if v, answered := read(); !answered || v != "" {
		t.Errorf("after the right came back: %q, answered %v", v, answered)
	}
}

// A refused field that the description does show is no reason to drop it.
func TestRefusedVisibleFieldIsAnError(t *testing.T) {
	w := newWire(t).describable()
	w.body("POST /composite/sobjects/Account", 400, `[{"message":"No such column 'Name' on entity 'Account'.","errorCode":"INVALID_FIELD"}]`)
	_, err := client(t, w).Read(context.Background(), connector.Query{Object: core.Account, Values: []string{accountID(1)}, Fields: []string{"Name"}})
	wantCode(t, err, "INVALID_FIELD")
}

func TestReadByFieldFindsAllPagesInIDOrder(t *testing.T) {
	w := newWire(t)
	w.body("GET /query", 200, fmt.Sprintf(`{"done":false,"nextRecordsUrl":"/services/data/v65.0/query/01g-2000","records":[{"Id":%q},{"Id":%q}]}`, accountID(3), accountID(1)))
	w.body("GET /query/01g-2000", 200, fmt.Sprintf(`{"done":true,"records":[{"Id":%q}]}`, accountID(2)))
	recs, err := client(t, w).Read(context.Background(), connector.Query{Object: core.Account, By: "Key__c", Values: []string{"a'b", "", "a'b", strings.Repeat("x", 5000)}})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range recs {
		ids = append(ids, r.Ref.ID)
	}
	if diff := cmp.Diff([]string{accountID(1), accountID(2), accountID(3)}, ids); diff != "" {
		t.Error(diff)
	}
	if want := `Key__c+IN+('a%5C'b')`; !strings.HasSuffix(w.asked[0], want) {
		t.Errorf("asked %s, want it to end in %s", w.asked[0], want)
	}
}

func TestReadByBlankValuesAsksNothing(t *testing.T) {
	w := newWire(t)
	recs, err := client(t, w).Read(context.Background(), connector.Query{Object: core.Account, By: "Key__c", Values: []string{"", ""}})
	if err != nil || len(recs) > 0 || len(w.asked) > 0 {
		t.Errorf("%d records, %v, asked %v", len(recs), err, w.asked)
	}
}

// One id of another object spoils a call; the others are read all the same.
func TestForeignIDIsAbsentAlone(t *testing.T) {
	w := newWire(t)
	stranger := ID18("005000000000009")
	w.on("POST /composite/sobjects/Account", func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), stranger) {
			answerJSON(rw, 400, `[{"message":"malformed id `+stranger+`","errorCode":"MALFORMED_ID"}]`)
			return
		}
		var rows []string
		for _, id := range decodeJSON[retrieveRequest](t, string(body)).IDs {
			rows = append(rows, fmt.Sprintf(`{"Id":%q}`, id))
		}
		answerJSON(rw, 200, "["+strings.Join(rows, ",")+"]")
	})
	recs, err := client(t, w).Read(context.Background(), connector.Query{Object: core.Account, Values: []string{accountID(1), stranger, accountID(2), accountID(3)}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []core.Presence{core.Live, core.Absent, core.Live, core.Live} {
		if recs[i].Presence != want {
			t.Errorf("record %d has presence %d, want %d", i, recs[i].Presence, want)
		}
	}
}

func TestDeletedRowsTellTheSurvivor(t *testing.T) {
	w := newWire(t)
	w.body("GET /queryAll", 200, fmt.Sprintf(`{"done":true,"records":[{"Id":%q,"IsDeleted":true,"MasterRecordId":%q},{"Id":%q,"IsDeleted":false,"MasterRecordId":null}]}`, accountID(1), accountID(2), accountID(2)))
	recs, err := client(t, w).Read(context.Background(), connector.Query{Object: core.Account, Values: []string{accountID(1), accountID(2), accountID(3)}, Deleted: true})
	if err != nil {
		t.Fatal(err)
	}
	if recs[0].Presence != core.Deleted || recs[0].MergedInto != accountID(2) || recs[1].Presence != core.Live || recs[2].Presence != core.Absent {
		t.Errorf("records %+v", recs)
	}
}

func TestRelationshipValuesKeepTheirPath(t *testing.T) {
	w := newWire(t)
	w.body("GET /query", 200, fmt.Sprintf(`{"done":true,"records":[
	 {"attributes":{"type":"Account"},"Id":%q,"Owner":{"attributes":{"type":"User"},"Name":"Ann"},"BillingAddress":{"city":"Bonn","street":null}},
	 {"attributes":{"type":"Account"},"Id":%q,"Owner":null,"BillingAddress":null}]}`, accountID(1), accountID(2)))
	recs, err := client(t, w).Read(context.Background(), connector.Query{Object: core.Account, Values: []string{accountID(1), accountID(2)}, Fields: []string{"Owner.Name", "BillingAddress"}})
	if err != nil {
		t.Fatal(err)
	}
	if v := recs[0].Values; v["Owner.Name"] != "Ann" || v["BillingAddress"] != `{"city":"Bonn","street":null}` {
		t.Errorf("values %v", v)
	}
	if v, answered := recs[1].Get("Owner.Name"); v != "" || !answered {
		t.Errorf("blank owner: %q, answered %v", v, answered)
	}
}

func TestRecordedQueryPages(t *testing.T) {
	for file, n := range map[string]int{"read-list-contacts.json": 20, "read-list-leads.json": 8, "read-opportunity-with-account.json": 2} {
		t.Run(file, func(t *testing.T) {
			w := newWire(t).body("GET /query", 200, string(recorded(t, file)))
			rows, err := client(t, w).queryAll(context.Background(), "query", "SELECT Id FROM Contact")
			if err != nil || len(rows) != n {
				t.Errorf("%d rows, %v; want %d", len(rows), err, n)
			}
		})
	}
}

func TestDescribeMapsFieldsAndAsksForRightsOnce(t *testing.T) {
	w := newWire(t)
	w.body("GET /services/oauth2/userinfo", 200, `{"user_id":"005000000000001AAA","organization_id":"00D000000000001EAA"}`)
	w.body("GET /query", 200, `{"done":true,"records":[{"SobjectType":"Account"}]}`)
	w.body("GET /sobjects/Account/describe", 200, accountFields)
	c := client(t, w)
	for range 2 {
		s, err := c.Describe(context.Background(), core.Account)
		if err != nil {
			t.Fatal(err)
		}
		if s.UniqueName != "Name" || !s.ViewAll || !s.Creatable || len(s.Fields) != 11 {
			t.Fatalf("schema %+v", s)
		}
		name, key, parent, active := s.Fields[1], s.Fields[4], s.Fields[5], s.Fields[3]
		if !name.Required || name.Length != 255 || !key.Unique || !key.ExternalID || key.Required || parent.References[0] != core.Account || active.Required {
			t.Errorf("fields %+v", s.Fields)
		}
	}
	if n := w.count("GET /query"); n != 1 {
		t.Errorf("the rights were asked %d times for an unchanged object, want once", n)
	}
}

// TestRightsOfManyObjectsAreOneQuestion, and one that is missing is asked for again: an
// admin may have just given it.
func TestRightsOfManyObjectsAreOneQuestion(t *testing.T) {
	w := newWire(t)
	w.body("GET /services/oauth2/userinfo", 200, `{"user_id":"005000000000001AAA","organization_id":"00D000000000001EAA"}`)
	w.body("GET /query", 200, `{"done":true,"records":[{"SobjectType":"Account"},{"SobjectType":"Lead"},{"SobjectType":"Account"}]}`)
	c := client(t, w)
	for i, step := range []struct {
		object core.Object
		all    bool
		asked  int
	}{{core.Account, true, 1}, {core.Lead, true, 1}, {core.Contact, false, 2}, {core.Contact, false, 3}, {core.Account, true, 3}} {
		all, err := c.viewAll(t.Context(), step.object)
		if n := w.count("GET /query"); err != nil || all != step.all || n != step.asked {
			t.Errorf("step %d, %s: %v after %d questions, %v; want %v after %d", i, step.object, all, n, err, step.all, step.asked)
		}
	}
}

// TestAFieldShownInTheSecondOfTheLastLookIsSeen: a right that changes need not move the
// object's own date, and does not within the second of the look before.
func TestAFieldShownInTheSecondOfTheLastLookIsSeen(t *testing.T) {
	w := newWire(t)
	w.body("GET /services/oauth2/userinfo", 200, `{"user_id":"005000000000001AAA","organization_id":"00D000000000001EAA"}`)
	w.body("GET /query", 200, `{"done":true,"records":[]}`)
	const date = "Mon, 04 May 2026 11:00:00 GMT"
	fields := []string{`{"name":"Account","fields":[{"name":"Id","type":"id"}]}`, `{"name":"Account","fields":[{"name":"Id","type":"id"},{"name":"Phone","type":"phone"}]}`}
	w.on("GET /sobjects/Account/describe", func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-Modified-Since") == date {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
		rw.Header().Set("Last-Modified", date)
		answerJSON(rw, 200, fields[0])
	})
	c := client(t, w)
	for n := range 2 {
		s, err := c.Describe(context.Background(), core.Account)
		if err != nil || len(s.Fields) != n+1 {
			t.Fatalf("look %d: %+v, %v; want %d fields", n+1, s.Fields, err, n+1)
		}
		fields = fields[1:]
	}
}

func TestDescribeOfAnUnseenObjectIsASchemaError(t *testing.T) {
	_, err := client(t, newWire(t)).Describe(context.Background(), "Ghost__c")
	if e := wantCode(t, err, "NOT_FOUND"); e.Class != core.ClassSchema || e.Mend == "" {
		t.Errorf("error %+v", e)
	}
}

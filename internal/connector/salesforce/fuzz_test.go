package salesforce

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/twmb/avro"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/fuzzseed"
	"tandem/sim/salesforcesim/soql"
)

// told fails where an error is none that the engine can judge.
func told(t *testing.T, in string, err error) {
	t.Helper()
	var e *connector.Error
	if err != nil && (!errors.As(err, &e) || e.Code == "" || e.Class == core.ClassNone) {
		t.Fatalf("%q: an error without class or code: %v", in, err)
	}
}

// FuzzAnswers demands that no answer of the org's stops the reader, and that what is
// no answer becomes an error and never an empty result.
func FuzzAnswers(f *testing.F) {
	fuzzseed.Add(f,
		`{"done":true,"totalSize":1,"records":[{"attributes":{"type":"Account","url":"/x"},"Id":"001000000000001AAA","Name":"A\u00e9\ud83d\ude00","AnnualRevenue":1.5E10,"Owner":{"Name":"O"},"SystemModstamp":"2026-05-04T10:00:00.000+0000"}]}`,
		`{"done":false,"nextRecordsUrl":"/services/data/v65.0/query/01g-2000","records":[]}`,
		`[{"message":"no","errorCode":"DUPLICATES_DETECTED","fields":["Name"],"duplicateResut":{"matchResults":[{"entityType":"Account","matchRecords":[{"record":{"attributes":{"type":"Account"},"Id":"001000000000001AAA"}}]}]}}]`,
		`<?xml version="1.0" encoding="UTF-8"?><Errors><Error><errorCode>INVALID_SESSION_ID</errorCode><message>gone</message></Error></Errors>`,
		`{"error":"invalid_grant","error_description":"expired"}`, `<html><body>maintenance</body></html>`)
	f.Fuzz(func(t *testing.T, body string) {
		w := newWire(t)
		w.body("GET /query", 200, body).body("GET /query/01g-2000", 200, body).body("GET /sobjects/Account/describe", 200, body).
			body("POST /composite/sobjects", 200, body).body("GET /limits", 500, body).body("POST /composite/sobjects/Account", 400, body)
		c := client(t, w)
		rows, err := c.queryAll(t.Context(), "query", "SELECT Id FROM Account")
		told(t, body, err)
		for _, r := range rows {
			record(core.Account, r, []string{"Name", "Owner.Name"})
		}
		_, err = c.Read(t.Context(), connector.Query{Object: core.Account, Values: []string{accountID(1)}, Fields: []string{"Name"}})
		told(t, body, err)
		_, err = c.Usage(t.Context())
		told(t, body, err)
		_, err = c.Write(t.Context(), creates(1))
		told(t, body, err)
	})
}

// FuzzResults demands that no list of results stops its reader.
func FuzzResults(f *testing.F) {
	fuzzseed.Add(f, "\"Id\",\"Name\"\n\"001000000000001AAA\",\"a \"\"b\"\"\nc\"\n", "\"sf__Id\",\"sf__Created\",\"Key__c\"\n\"\",\"\",\"k\"\n", "sf__Error,Name\nSTRING_TOO_LONG:data value too large: x (max length=2):Name --,x\n")
	f.Fuzz(func(t *testing.T, body string) {
		c, lines := client(t, newWire(t)), 0
		err := c.eachLine(t.Context(), &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/csv"}}, Body: io.NopCloser(strings.NewReader(body))}, func(values map[string]string) {
			lines++
			recordOf(core.Account, values)
			splitJobError(values["sf__Error"])
		})
		told(t, body, err)
		if err == nil && lines > strings.Count(body, "\n")+strings.Count(body, "\r")+1 {
			t.Fatalf("%q has %d lines", body, lines)
		}
	})
}

// FuzzChanges demands that no payload and no schema stops the reader of change events.
func FuzzChanges(f *testing.F) {
	whole, err := avro.MustParse(accountEvent).Encode(change(map[string]any{"changedFields": []string{"0x0a", "2-0x01"}}, map[string]any{"Name": "Acme"}))
	if err != nil {
		f.Fatal(err)
	}
	fuzzseed.Add(f, string(whole), accountEvent)
	s, err := parseSchema(accountEvent)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if e, err := s.decode([]byte(in)); err == nil {
			for _, ev := range e.events("tandem") {
				if ev.Ref.Side != core.Salesforce {
					t.Fatalf("%q tells of %+v", in, ev)
				}
			}
		} else if !errors.Is(err, errUndecodable) {
			t.Fatalf("%q: %v", in, err)
		}
		if other, err := parseSchema(in); err == nil {
			_, _ = other.decode(whole) // of another schema: anything but a panic
		}
	})
}

// FuzzPlaces demands that what the store or an answer names as a place is understood or
// refused, and never leads to another host.
func FuzzPlaces(f *testing.F) {
	fuzzseed.Add(f, `{"/data/ChangeEvents":"AAAAAAAAAAE="}`, `{"until":"2026-05-04T10:00:00Z","id":"001000000000001AAA","job":"750","at":"MTAw"}`,
		"/services/data/v65.0/query/01g-2000", "https://acme.my.salesforce.com/services/data/v65.0/query/01g-2000", "//evil.example/services/data/x", "001000000000001AAA", "null")
	f.Fuzz(func(t *testing.T, in string) {
		at, err := parsePlace(in)
		told(t, in, err)
		if err == nil {
			at["/data/ChangeEvents"] = []byte{1}
		}
		_, err = client(t, newWire(t)).startOf(t.Context(), connector.Scan{Object: core.Account, After: in})
		if in != "" {
			told(t, in, err)
		}
		path, err := nextPath(testHost, in)
		told(t, in, err)
		if err == nil {
			r, err := http.NewRequest(http.MethodGet, testHost+path, nil)
			if err != nil || originOf(r.URL) != testHost || !strings.HasPrefix(path, "/services/data/") {
				t.Fatalf("%q leads to %q, %v", in, path, err)
			}
		}
		if id := ID18(in); id != "" && (len(id) != 18 || ID18(id) != id) {
			t.Fatalf("%q is the id %q", in, id)
		}
	})
}

// FuzzQuoted demands that a value in a statement is one literal with that value and
// nothing else, as the org's own parser reads it (X8).
func FuzzQuoted(f *testing.F) {
	fuzzseed.Add(f, "O'Neil", `' OR Name LIKE '%`, `\' OR Id != '`, "a\\", "x') LIMIT 1 --", "\u2019 OR 1", "\r\n", "%_", "{!$User}", "\\u0027")
	f.Fuzz(func(t *testing.T, value string) {
		clean := string([]rune(value)) // as JSON and an address carry it
		q, err := soql.Parse("SELECT Id FROM Account WHERE Name = " + quote(value) + " AND Id != null LIMIT 1")
		if err != nil {
			t.Fatalf("%q is not quoted: %v", value, err)
		}
		if got := q.Texts(); len(got) != 1 || got[0] != clean {
			t.Fatalf("%q is read as %q", value, got)
		}
		q, err = soql.Parse("SELECT Id FROM Account WHERE Name IN (" + quoteAll([]string{value, "end"}) + ")")
		if err != nil {
			t.Fatalf("%q is not quoted in a list: %v", value, err)
		}
		if got := q.Texts(); len(got) != 2 || got[0] != clean || got[1] != "end" {
			t.Fatalf("%q is read in a list as %q", value, got)
		}
	})
}

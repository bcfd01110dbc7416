package hubspot

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// fakeSearch answers searches over n records, all with the same stamp.
func fakeSearch(t *testing.T, n int, stamp time.Time) func(seen) *http.Response {
	return func(c seen) *http.Response {
		var in wireSearch
		c.decode(t, &in)
		after, since, until := 0, int64(0), int64(0)
		for _, f := range in.Groups[0].Filters {
			v, err := strconv.ParseInt(f.Value, 10, 64)
			if err != nil {
				t.Error(err)
			}
			switch f.Property + f.Operator {
			case "hs_object_idGT":
				after = int(v)
			case "hs_lastmodifieddateGTE":
				since = v
			case "hs_lastmodifieddateLT":
				until = v
			}
		}
		var results []string
		for id := after + 1; id <= n && len(results) < in.Limit && since <= stamp.UnixMilli() && stamp.UnixMilli() < until; id++ {
			results = append(results, recordJSON(strconv.Itoa(id), `{"hs_lastmodifieddate":"`+stamp.Format(time.RFC3339Nano)+`"}`, false))
		}
		paging := ""
		if after+len(results) < n {
			paging = `,"paging":{"next":{"after":"200"}}`
		}
		return respond(200, `{"total":1,"results":[`+strings.Join(results, ",")+`]`+paging+`}`)
	}
}

func TestScanOfAWindowPagesByIDPastTenThousandTies(t *testing.T) {
	stamp := testNow.Add(-time.Hour)
	c, s := scripted(t, fakeSearch(t, 12345, stamp))
	total, last := 0, 0
	err := c.Scan(t.Context(), connector.Scan{Object: core.Companies, Since: stamp, Until: testNow}, func(p connector.Page) error {
		for _, r := range p.Records {
			id, _ := strconv.Atoi(r.Ref.ID)
			if id != last+1 {
				t.Fatalf("record %d follows %d", id, last)
			}
			last = id
			total++
		}
		if !p.Covered.Equal(testNow) {
			t.Fatalf("covered %v", p.Covered)
		}
		return nil
	})
	if err != nil || total != 12345 || len(s.calls) != 62 {
		t.Errorf("%d records in %d calls: %v", total, len(s.calls), err)
	}
}

func TestScanResumesBehindAPageInTheSameWindow(t *testing.T) {
	stamp := testNow.Add(-time.Hour)
	c, s := scripted(t, fakeSearch(t, 500, stamp))
	scan := connector.Scan{Object: core.Companies, Since: stamp.Add(-time.Minute)}
	c.clock.observe(http.Header{"Date": {testNow.Format(http.TimeFormat)}})
	stop := errors.New("stop")
	var next string
	if err := c.Scan(t.Context(), scan, func(p connector.Page) error { next = p.Next; return stop }); !errors.Is(err, stop) {
		t.Fatalf("yield's error: %v", err)
	}
	c.clock.observe(http.Header{"Date": {testNow.Add(time.Hour).Format(http.TimeFormat)}})
	scan.After = next
	var got []string
	var covered time.Time
	if err := c.Scan(t.Context(), scan, func(p connector.Page) error { got = append(got, ids(p.Records)...); covered = p.Covered; return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 300 || got[0] != "201" || got[299] != "500" {
		t.Errorf("%d records resumed, from %s", len(got), got[0])
	}
	if want := testNow.Add(-defaultIndexLag); !covered.Equal(want) {
		t.Errorf("covered %v, want the first run's end %v", covered, want)
	}
	if !strings.Contains(s.calls[1].body, fmt.Sprint(testNow.Add(-defaultIndexLag).UnixMilli())) {
		t.Errorf("the resumed search has another window: %s", s.calls[1].body)
	}
	scan.After = "nonsense"
	if err := c.Scan(t.Context(), scan, nil); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("foreign position: %v", err)
	}
}

func TestScanEndsAtThePortalsOwnTimeLessTheLag(t *testing.T) {
	c, s := scripted(t, func(c seen) *http.Response {
		r := respond(200, `{"results":[]}`)
		r.Header.Set("Date", testNow.Add(-7*time.Minute).Format(http.TimeFormat)) // our clock is ahead
		return r
	})
	var covered time.Time
	err := c.Scan(t.Context(), connector.Scan{Object: core.Contacts, Since: testNow.Add(-time.Hour)}, func(p connector.Page) error { covered = p.Covered; return nil })
	if want := testNow.Add(-7*time.Minute - defaultIndexLag); err != nil || !covered.Equal(want) {
		t.Errorf("covered %v, want %v (%v)", covered, want, err)
	}
	if want := []string{"GET " + accountPath, "POST /crm/v3/objects/contacts/search"}; !slices.Equal(s.paths(), want) {
		t.Errorf("calls %v", s.paths())
	}
}

func TestScanOfEverythingUsesTheList(t *testing.T) {
	c, s := scripted(t, func(c seen) *http.Response {
		q, _ := url.ParseQuery(c.query)
		switch {
		case c.path == accountPath:
			return respond(200, `{}`)
		case q.Get("after") == "":
			return respond(200, `{"results":[`+recordJSON("1", `{}`, false)+`],"paging":{"next":{"after":"2","link":"https://evil.example/"}}}`)
		}
		return respond(200, `{"results":[`+recordJSON("2", `{}`, false)+`]}`)
	})
	var got, nexts []string
	err := c.Scan(t.Context(), connector.Scan{Object: core.Companies, Fields: []string{"name"}}, func(p connector.Page) error {
		got = append(got, ids(p.Records)...)
		nexts = append(nexts, p.Next)
		return nil
	})
	if err != nil || !slices.Equal(got, []string{"1", "2"}) || nexts[0] == "" || nexts[1] != "" {
		t.Errorf("%v, next %v: %v", got, nexts, err)
	}
	q, _ := url.ParseQuery(s.calls[1].query)
	if q.Get("limit") != "100" || q.Get("properties") != "createdate,hs_lastmodifieddate,hs_merged_object_ids,name" || q.Has("archived") {
		t.Errorf("list asks %v", q)
	}
}

func TestScanStopsAtACursorThatDoesNotMove(t *testing.T) {
	c, s := scripted(t, func(c seen) *http.Response { return respond(200, `{"results":[],"paging":{"next":{"after":"5"}}}`) })
	err := c.Scan(t.Context(), connector.Scan{Object: core.Companies, Until: testNow}, func(connector.Page) error { return nil })
	if e := wantError(t, err); e.Class != core.ClassTransient || len(s.calls) != 2 {
		t.Errorf("%d calls, %+v", len(s.calls), e)
	}
}

func TestScanOfDeletedRecordsKeepsToTheWindow(t *testing.T) {
	c, s := scripted(t, func(c seen) *http.Response {
		return respond(200, `{"results":[
			{"id":"1","properties":{},"archived":true,"archivedAt":"2026-11-01T00:00:00Z"},
			{"id":"2","properties":{},"archived":true,"archivedAt":"2026-11-02T12:00:00Z"},
			{"id":"3","properties":{},"archived":true,"archivedAt":"2026-11-03T12:00:00Z"}]}`)
	})
	var got []core.Record
	scan := connector.Scan{Object: core.Companies, Deleted: true, Since: testNow.Add(-36 * time.Hour), Until: testNow, Related: []core.Object{core.Contacts}}
	err := c.Scan(t.Context(), scan, func(p connector.Page) error { got = append(got, p.Records...); return nil })
	if err != nil || !slices.Equal(ids(got), []string{"2"}) || got[0].Presence != core.Deleted {
		t.Errorf("%v, %v", got, err)
	}
	if q, _ := url.ParseQuery(s.calls[0].query); q.Get("archived") != "true" || q.Has("associations") || len(s.calls) != 1 {
		t.Errorf("asked %v in %d calls", q, len(s.calls))
	}
}

func TestScanReadsAssociationsWithTheList(t *testing.T) {
	c, s := scripted(t, func(c seen) *http.Response {
		if strings.Contains(c.path, "associations") {
			return respond(200, `{"results":[{"from":{"id":"3"},"to":[{"toObjectId":8,"associationTypes":[]},{"toObjectId":9,"associationTypes":[]}]}]}`)
		}
		return respond(200, `{"results":[
			{"id":"1","properties":{}},
			{"id":"2","properties":{},"associations":{"companies":{"results":[{"id":"9","type":"contact_to_company_unlabeled"},{"id":"9","type":"contact_to_company"},{"id":"7","type":"contact_to_company_unlabeled"}]}}},
			{"id":"3","properties":{},"associations":{"companies":{"results":[{"id":"8","type":"contact_to_company_unlabeled"}],"paging":{"next":{"after":"9"}}}}}]}`)
	})
	var got []core.Record
	scan := connector.Scan{Object: core.Contacts, Until: testNow, Related: []core.Object{core.Companies}}
	if err := c.Scan(t.Context(), scan, func(p connector.Page) error { got = append(got, p.Records...); return nil }); err != nil {
		t.Fatal(err)
	}
	want := [][]core.Relation{nil, {{ID: "7"}, {ID: "9", Primary: true}}, {{ID: "8"}, {ID: "9"}}}
	for i, r := range got {
		if !reflect.DeepEqual(r.Related[core.Companies], want[i]) {
			t.Errorf("contact %s: %v, want %v", r.Ref.ID, r.Related, want[i])
		}
	}
	if len(s.calls) != 2 {
		t.Errorf("%d calls: %v", len(s.calls), s.paths())
	}
}

func TestScanWithManyFieldsReadsThemInBatches(t *testing.T) {
	var fields []string
	for i := range 300 {
		fields = append(fields, fmt.Sprintf("a_rather_long_property_name_%03d", i))
	}
	for name, scan := range map[string]connector.Scan{"list": {Object: core.Companies, Until: testNow}, "search": {Object: core.Companies, Since: testNow.Add(-time.Hour), Until: testNow}} {
		t.Run(name, func(t *testing.T) {
			c, s := scripted(t, func(c seen) *http.Response {
				if strings.HasSuffix(c.path, "/batch/read") {
					return respond(200, `{"results":[`+recordJSON("2", `{"x":"full 2"}`, false)+`,`+recordJSON("1", `{"x":"full 1"}`, false)+`]}`)
				}
				if len(c.query) > 8000 || (c.body != "" && len(c.body) > 3000) {
					t.Errorf("%s: %d characters of query, %d of body", c.path, len(c.query), len(c.body))
				}
				return respond(200, `{"results":[`+recordJSON("1", `{}`, false)+`,`+recordJSON("2", `{}`, false)+`]}`)
			})
			scan.Fields = fields
			var got []core.Record
			if err := c.Scan(t.Context(), scan, func(p connector.Page) error { got = p.Records; return nil }); err != nil {
				t.Fatal(err)
			}
			if got[0].Values["x"] != "full 1" || got[1].Values["x"] != "full 2" || len(s.calls) != 2 {
				t.Errorf("%v in %v", got, s.paths())
			}
		})
	}
}

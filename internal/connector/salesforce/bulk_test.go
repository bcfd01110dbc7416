package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// bulkRows is the size from which the clients of these tests read in bulk.
const bulkRows = 5 * pageRows

// bulky is a simulated org with a key field, inside a bubble of synthetic time,
// and a client that remembers the jobs it started.
func bulky(t *testing.T, change ...func(*Config)) (*salesforcesim.Org, *Client, *[]string) {
	t.Helper()
	org := salesforcesim.New(salesforcesim.Options{Seed: 7})
	if err := org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Key__c", Type: "Text", Length: 40, Unique: true, ExternalID: true}); err != nil {
		t.Fatal(err)
	}
	var jobs []string
	c := clientOf(t, org, append([]func(*Config){func(cfg *Config) {
		cfg.Now, cfg.PollEvery, cfg.BulkFrom = time.Now, time.Second, bulkRows
		cfg.JobStarted = func(_ context.Context, id string, keys []string) error {
			jobs = append(jobs, fmt.Sprintf("%s %d", id, len(keys)))
			return nil
		}
	}}, change...)...)
	return org, c, &jobs
}

func statuses(out []core.Outcome) map[core.Status]int {
	n := map[core.Status]int{}
	for _, o := range out {
		n[o.Status]++
	}
	return n
}

// calls are how often the org served an endpoint.
func calls(org *salesforcesim.Org, part string) int {
	n := 0
	for endpoint, k := range org.Stats().ByEndpoint {
		if strings.Contains(endpoint, part) {
			n += int(k)
		}
	}
	return n
}

func TestBulkScanOfEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c, _ := bulky(t)
		const n = 2*resultRows + 50
		for i := range n {
			must(org.As("admin").Create("Account", map[string]any{"Name": fmt.Sprintf("A \"%d\",\n", i)}))
		}
		time.Sleep(time.Minute)
		start := time.Now()
		s := connector.Scan{Object: core.Account, Fields: []string{"Name", "Phone"}}
		recs, pages := scanAll(t, c, s)
		if len(recs) != n || len(pages) != 3 || calls(org, "/jobs/query") == 0 {
			t.Fatalf("%d records in %d pages, %d bulk calls", len(recs), len(pages), calls(org, "/jobs/query"))
		}
		if v, ok := recs[0].Get("Phone"); v != "" || !ok || !strings.HasPrefix(recs[0].Values["Name"], "A \"") || recs[0].Stamp.IsZero() {
			t.Errorf("record %+v", recs[0])
		}
		if cov := pages[2].Covered; cov.After(start) || start.Sub(cov) > 5*time.Second {
			t.Errorf("covered %v, want just before %v", cov, start)
		}
		s.After = pages[0].Next
		rest, again := scanAll(t, c, s)
		if !slices.EqualFunc(rest, recs[resultRows:], func(a, b core.Record) bool { return a.Ref == b.Ref }) || !again[0].Covered.Equal(pages[0].Covered) {
			t.Errorf("resumed with %d records, covered %v", len(rest), again[0].Covered)
		}
		s.After = cursor{Until: start, Job: "750000000000001AAA", At: "x"}.String()
		err := c.Scan(context.Background(), s, func(connector.Page) error { return nil })
		wantCode(t, err, connector.CodePositionLost)
	})
}

func TestBulkScanWithoutAHiddenField(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c, _ := bulky(t)
		for i := range bulkRows + 1 {
			must(org.As("admin").Create("Account", map[string]any{"Name": fmt.Sprint(i), "Industry": "Energy"}))
		}
		if err := org.SetRight(salesforcesim.Right{Object: "Account", Field: "Industry"}); err != nil {
			t.Fatal(err)
		}
		recs, _ := scanAll(t, c, connector.Scan{Object: core.Account, Fields: []string{"Name", "Industry"}})
		if _, answered := recs[0].Get("Industry"); answered || len(recs) != bulkRows+1 {
			t.Errorf("%d records, the first %v", len(recs), recs[0].Values)
		}
	})
}

func TestBulkCreates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c, jobs := bulky(t)
		taken := must(org.As("admin").Create("Account", map[string]any{"Name": "taken", "Key__c": "hs-5"}))
		ops := creates(bulkFrom + 3)
		ops[7].Fields["Name"] = strings.Repeat("x", 300)
		ops[8].Fields["Name"] = "#N/A"
		ops[9].Fields["Name"] = " A \"q\", 'x'\nline Ü🙂"
		ops[10].UniqueField, ops[10].UniqueValue = "", ""
		out, err := c.Write(context.Background(), ops)
		if err != nil {
			t.Fatal(err)
		}
		if n := statuses(out); n[core.Applied] != len(ops)-2 || n[core.Rejected] != 2 {
			t.Errorf("statuses %v", n)
		}
		if o := out[5]; o.Class != core.ClassDuplicate || o.Existing != taken || o.Key != "op-5" {
			t.Errorf("duplicate %+v, want existing %s", o, taken)
		}
		if o := out[7]; o.Class != core.ClassRejected || !slices.Contains(o.Fields, "Name") {
			t.Errorf("too long: %+v", o)
		}
		if len(*jobs) != 1 || !strings.HasSuffix((*jobs)[0], fmt.Sprint(" ", bulkFrom+1)) {
			t.Errorf("jobs %v", *jobs)
		}
		for i, want := range map[int]string{8: "#N/A", 9: strings.TrimSpace(ops[9].Fields["Name"]), 11: "Acme 11"} {
			if got := org.As("admin").Get("Account", out[i].ID); got["Name"] != want {
				t.Errorf("account %d is %v, want %q", i, got["Name"], want)
			}
		}
	})
}

func TestBulkUpdatesTouchOnlyTheirFields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c, jobs := bulky(t)
		var ops []core.Op
		for i := range bulkFrom + 1 {
			id := must(org.As("admin").Create("Account", map[string]any{"Name": fmt.Sprint(i), "Phone": "1", "Fax": "2"}))
			ops = append(ops, core.Op{Key: fmt.Sprint(i), Kind: core.OpUpdate, Target: core.Ref{Object: core.Account, ID: id}, Fields: map[string]string{"Phone": "9"}})
		}
		ops[1].Fields = map[string]string{"Fax": ""}
		ops = append(ops, core.Op{Key: "again", Kind: core.OpUpdate, Target: ops[0].Target, Fields: map[string]string{"Phone": "10"}})
		out, err := c.Write(context.Background(), ops)
		if n := statuses(out); err != nil || n[core.Applied] != len(ops) || len(*jobs) != 1 {
			t.Fatalf("statuses %v, jobs %v, %v", n, *jobs, err)
		}
		zero, one, two := org.As("admin").Get("Account", ops[0].Target.ID), org.As("admin").Get("Account", ops[1].Target.ID), org.As("admin").Get("Account", ops[2].Target.ID)
		if zero["Phone"] != "10" || one["Phone"] != "1" || one["Fax"] != nil || two["Phone"] != "9" || two["Fax"] != "2" || two["Name"] != "2" {
			t.Errorf("accounts %v %v %v", zero["Phone"], one, two)
		}
	})
}

// A bulk job does not tell what a duplicate rule matched; the records are then
// sent by themselves, within bounds.
func TestBulkDuplicatesTellTheMatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c, _ := bulky(t)
		id := must(org.As("admin").Create("Account", map[string]any{"Name": "Same"}))
		if err := org.AddDuplicateRule(salesforcesim.DuplicateRule{Name: "Same_Name", Object: "Account", Fields: []string{"Name"}, Action: "block"}); err != nil {
			t.Fatal(err)
		}
		ops := creates(bulkFrom + 1)
		for i := range maxLearned + 1 {
			ops[i].Fields["Name"] = "Same"
		}
		out, err := c.Write(context.Background(), ops)
		if err != nil {
			t.Fatal(err)
		}
		if first, last := out[0], out[maxLearned]; first.Existing != id || last.Existing != "" || last.Class != core.ClassDuplicate {
			t.Errorf("first %+v, last %+v; want the first to name %s", first, last, id)
		}
	})
}

// The job's id is stored before any row is sent; without that nothing is sent.
func TestBulkJobIsStoredFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c, _ := bulky(t, func(cfg *Config) {
			cfg.JobStarted = func(context.Context, string, []string) error { return errors.New("disk full") }
		})
		_, err := c.Write(context.Background(), creates(bulkFrom+1))
		wantCode(t, err, "job_not_saved")
		time.Sleep(time.Minute)
		if n := org.Stats().Records["Account"]; n != 0 {
			t.Errorf("%d accounts, want none", n)
		}
	})
}

// cut breaks the answers to one request of a job while it is on.
type cut struct {
	on             bool
	method, suffix string
}

func (k *cut) into(cfg *Config) {
	base := cfg.Transport
	cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := base.RoundTrip(r)
		if k.on && r.Method == k.method && strings.HasSuffix(r.URL.Path, k.suffix) {
			return nil, errors.New("connection reset by peer")
		}
		return resp, err
	})
}

func TestInterruptedBulkJobIsResumedNotRepeated(t *testing.T) {
	for name, k := range map[string]*cut{
		"results lost":                  {method: "GET", suffix: "successfulResults/"},
		"close lost after it was taken": {method: "PATCH"},
		"state lost":                    {method: "GET"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				org, c, jobs := bulky(t, k.into)
				ops := creates(bulkFrom + 1)
				must(c.Describe(context.Background(), core.Account))
				k.on = true
				out, err := c.Write(context.Background(), ops)
				if n := statuses(out); err != nil || n[core.Unknown] != len(ops) {
					t.Fatalf("statuses %v, %v; want all unknown", n, err)
				}
				k.on = false
				id, _, _ := strings.Cut((*jobs)[0], " ")
				out, err = c.ResumeJob(context.Background(), id, ops)
				if n := statuses(out); err != nil || n[core.Applied] != len(ops) {
					t.Errorf("resumed: statuses %v, %v", n, err)
				}
				if n := org.Stats().Records["Account"]; int(n) != len(ops) {
					t.Errorf("%d accounts, want %d", n, len(ops))
				}
			})
		})
	}
}

// A job whose rows never arrived, or that was never closed, has applied
// nothing: its ops are free to be sent again.
func TestUnclosedBulkJobAppliesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org, c, _ := bulky(t)
		ops := creates(3)
		var job jobInfo
		if _, err := c.post(context.Background(), c.data(ingestJobs), jobRequest{Operation: "insert", Object: "Account", ContentType: "CSV", LineEnding: "LF"}, &job); err != nil {
			t.Fatal(err)
		}
		items := must(c.items(context.Background(), core.OpCreate, core.Account, ops))
		if _, err := c.do(context.Background(), call{method: http.MethodPut, path: c.data(ingestJobs+"/%s/batches", job.ID), body: encodeCSV(items), typ: typeCSV}); err != nil {
			t.Fatal(err)
		}
		out, err := c.ResumeJob(context.Background(), job.ID, ops)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range out {
			if o.Status != core.Rejected || o.Class != core.ClassTransient || o.RetryAt.IsZero() {
				t.Errorf("outcome %+v, want rejected and free to try again", o)
			}
		}
		if n := org.Stats().Records["Account"]; n != 0 {
			t.Errorf("%d accounts, want none", n)
		}
	})
}

func TestBulkJobWithAnUnknownColumnIsASchemaError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c, _ := bulky(t)
		ops := creates(bulkFrom + 1)
		for i := range ops {
			ops[i].Fields["Ghost__c"] = "x"
		}
		out, err := c.Write(context.Background(), ops)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range out {
			if o.Status != core.Rejected || o.Class != core.ClassSchema || !slices.Equal(o.Fields, []string{"Ghost__c"}) {
				t.Fatalf("outcome %+v", o)
			}
		}
	})
}

func TestRecordedBulkFailures(t *testing.T) {
	c := client(t, newWire(t))
	job := decodeJSON[jobInfo](t, string(recorded(t, "bulk_info_complete-failure.json")))
	if e := c.jobFailure(job); job.State != "Failed" || e.Class != core.ClassSchema || !slices.Equal(e.Fields, []string{"StageName_invalid_field_on_purpose"}) {
		t.Errorf("job %+v, error %+v", job, e)
	}
	w := newWire(t)
	w.on("GET /rows", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/csv")
		_, _ = rw.Write(recorded(t, "bulk_info_partial-failure.csv"))
	})
	c = client(t, w)
	resp, _, err := c.open(context.Background(), call{method: http.MethodGet, path: c.data("/rows"), stream: true})
	if err != nil {
		t.Fatal(err)
	}
	var failure *connector.Error
	err = c.eachLine(context.Background(), resp, func(values map[string]string) {
		failure = (&writing{c: c}).rowFailure(values["sf__Error"])
	})
	if err != nil || failure == nil || failure.Class != core.ClassRejected || failure.Code != "INVALID_FIELD" || !slices.Equal(failure.Fields, []string{"CloseDate"}) {
		t.Errorf("row %+v, %v", failure, err)
	}
}

func TestBulkRowFailures(t *testing.T) {
	cases := []struct {
		cell, code, message string
		fields              []string
	}{
		{"REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --", "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", []string{"Name"}},
		{"UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--", "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", nil},
		{"FIELD_CUSTOM_VALIDATION_EXCEPTION:Ratio 1:2 is wrong:A__c,B__c --", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Ratio 1:2 is wrong", []string{"A__c", "B__c"}},
		{"something odd happened", "BULK_ERROR", "something odd happened", nil},
	}
	w := &writing{c: client(t, newWire(t))}
	for _, tc := range cases {
		e := w.rowFailure(tc.cell)
		if e.Code != tc.code || e.Message != tc.message || !slices.Equal(e.Fields, tc.fields) {
			t.Errorf("%q: %q %q %v", tc.cell, e.Code, e.Message, e.Fields)
		}
	}
}

// A results answer that stops early is never taken for the whole.
func TestCutBulkResultsAreAnError(t *testing.T) {
	w := newWire(t)
	w.on("GET /jobs/query/750/results", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/csv")
		rw.Header().Set("Sforce-NumberOfRecords", "3")
		_, _ = rw.Write([]byte("\"Id\",\"Name\"\n\"" + accountID(1) + "\",\"A\"\n"))
	})
	c := client(t, w)
	_, _, err := c.results(context.Background(), core.Account, cursor{Job: "750"})
	if e := wantCode(t, err, connector.CodeNetwork); e.Class != core.ClassTransient {
		t.Errorf("class %q", e.Class)
	}
}

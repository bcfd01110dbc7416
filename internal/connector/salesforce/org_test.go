package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// orgLogin is where the simulated org is said to be; nothing listens there.
const orgLogin = "http://127.0.0.1:1"

// dial answers requests by the simulated org in this process. A connection that
// the org drops half-way is a broken body, one dropped before is no answer.
func dial(org http.Handler) http.RoundTripper {
	return roundTripper(func(r *http.Request) (resp *http.Response, err error) {
		asServer := r.Clone(r.Context())
		if asServer.Body == nil {
			asServer.Body = http.NoBody
		}
		asServer.RequestURI, asServer.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:2"
		w := httptest.NewRecorder()
		defer func() {
			if caught := recover(); caught == nil {
				return
			} else if !errors.Is(caught.(error), http.ErrAbortHandler) {
				panic(caught)
			}
			resp, err = nil, &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
			if w.Body.Len() > 0 {
				resp, err = w.Result(), nil
				resp.Body = brokenBody{resp.Body.(io.Reader)}
			}
		}()
		org.ServeHTTP(w, asServer)
		resp = w.Result()
		resp.Request = r
		if resp.Header.Get("Date") == "" {
			resp.Header.Set("Date", orgClock(org).Format(http.TimeFormat))
		}
		return resp, nil
	})
}

// orgClock is the org's time, which a server sends as Date.
func orgClock(org http.Handler) time.Time {
	w := httptest.NewRecorder()
	org.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/_sim/clock", nil))
	var clock struct{ Now time.Time }
	if err := json.Unmarshal(w.Body.Bytes(), &clock); err != nil {
		panic(err)
	}
	return clock.Now
}

// simulated is an org with a clock of its own, three hours ahead of ours, and a
// client of it.
func simulated(t *testing.T, change ...func(*Config)) (*salesforcesim.Org, *Client) {
	t.Helper()
	start := time.Now().UTC().Truncate(time.Minute)
	org := salesforcesim.New(salesforcesim.Options{Seed: 7, Now: func() time.Time { return start.Add(3 * time.Hour) }})
	return org, clientOf(t, org, append([]func(*Config){func(c *Config) { c.Now = func() time.Time { return start } }}, change...)...)
}

func clientOf(t *testing.T, org *salesforcesim.Org, change ...func(*Config)) *Client {
	t.Helper()
	info := org.Info()
	all := append([]func(*Config){func(cfg *Config) {
		cfg.LoginURL, cfg.Transport, cfg.PubSub = orgLogin, dial(org), org.Events().Conn()
		cfg.Auth = Auth{ClientCredentials: &ClientCredentials{ID: info.IntegrationClientID, Secret: info.IntegrationClientSecret}}
	}}, change...)
	return client(t, org, all...)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func names(recs []core.Record) []string {
	var out []string
	for _, r := range recs {
		out = append(out, r.Values["Name"])
	}
	return out
}

// scanAll reads a scan to its end, page by page.
func scanAll(t *testing.T, c *Client, s connector.Scan) (recs []core.Record, pages []connector.Page) {
	t.Helper()
	err := c.Scan(context.Background(), s, func(p connector.Page) error {
		recs, pages = append(recs, p.Records...), append(pages, p)
		return nil
	})
	if err != nil {
		t.Fatalf("scan: %v", err)
	}
	return recs, pages
}

// TestIdentityTellsTheClockOfNow after all of its calls, each of which takes a second here:
// the engine compares it with its own of then.
func TestIdentityTellsTheClockOfNow(t *testing.T) {
	const ahead = 3 * time.Hour
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	org := salesforcesim.New(salesforcesim.Options{Seed: 7, Now: func() time.Time { return now.Add(ahead) }})
	c := clientOf(t, org, func(cfg *Config) {
		cfg.Now = func() time.Time { return now }
		cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := dial(org).RoundTrip(r)
			now = now.Add(time.Second)
			return resp, err
		})
	})
	for _, lap := range []string{"the first time, with a sign-in", "again"} {
		id, err := c.Identity(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if off := id.Clock.Sub(now) - ahead; off < -time.Second || off > 0 {
			t.Errorf("%s: the clock is %s off", lap, off)
		}
	}
}

func TestOrgIdentity(t *testing.T) {
	org, c := simulated(t)
	id, err := c.Identity(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	info := org.Info()
	if id.ID != info.OrgID || id.UserID != info.IntegrationUserID || id.Username != info.IntegrationUsername || id.Edition != "Enterprise Edition" || id.Name == "" || id.TimeZone == "" {
		t.Errorf("identity %+v", id)
	}
	if !slices.Contains(id.Versions, DefaultAPIVersion) || id.Clock.Sub(c.cfg.Now()) < 2*time.Hour {
		t.Errorf("versions %v, clock %v", id.Versions, id.Clock)
	}
}

func TestINST2_EditionWithoutAPI(t *testing.T) {
	org := salesforcesim.New(salesforcesim.Options{Seed: 7, Edition: "Group Edition"})
	_, err := clientOf(t, org).Identity(context.Background())
	if e := wantCode(t, err, "API_DISABLED_FOR_ORG"); e.Class != core.ClassAuth || e.Mend == "" {
		t.Errorf("error %+v", e)
	}
}

func TestOrgReadsAndWrites(t *testing.T) {
	org, c := simulated(t)
	ctx := context.Background()
	ops := []core.Op{
		{Key: "a", Kind: core.OpCreate, Target: core.Ref{Object: core.Account}, Fields: map[string]string{"Name": `O'Neil \ "Söhne" 🙂`, "AnnualRevenue": "12500000", "BillingCity": "Bonn"}},
		{Key: "b", Kind: core.OpCreate, Target: core.Ref{Object: core.Account}, Fields: map[string]string{"Name": strings.Repeat("x", 300)}},
		{Key: "c", Kind: core.OpCreate, Target: core.Ref{Object: core.Account}, Fields: map[string]string{"Name": "C", "NumberOfEmployees": "many"}},
	}
	out, err := c.Write(ctx, ops)
	if err != nil {
		t.Fatal(err)
	}
	if out[0].Status != core.Applied || out[1].Status != core.Rejected || !slices.Equal(out[1].Fields, []string{"Name"}) || out[2].Status != core.Rejected {
		t.Fatalf("outcomes %+v", out)
	}
	recs, err := c.Read(ctx, connector.Query{Object: core.Account, By: "Name", Values: []string{ops[0].Fields["Name"]}, Fields: []string{"Name", "AnnualRevenue", "BillingCity", "Phone"}})
	if err != nil || len(recs) != 1 {
		t.Fatalf("%d records, %v", len(recs), err)
	}
	if v := recs[0].Values; v["AnnualRevenue"] != "12500000.0" || v["BillingCity"] != "Bonn" || v["Phone"] != "" || recs[0].ModifiedBy != org.Info().IntegrationUserID || recs[0].Stamp.IsZero() {
		t.Errorf("record %+v", recs[0])
	}
	id := out[0].ID
	out, err = c.Write(ctx, []core.Op{{Key: "u", Kind: core.OpUpdate, Target: core.Ref{Object: core.Account, ID: id}, Fields: map[string]string{"AnnualRevenue": "", "Phone": "1"}}})
	if err != nil || out[0].Status != core.Applied || out[0].ID != id {
		t.Fatalf("update %+v, %v", out, err)
	}
	got := org.As("admin").Get("Account", id)
	if got["AnnualRevenue"] != nil || got["Phone"] != "1" {
		t.Errorf("after the update: %v", got)
	}
	for _, e := range org.Ledger() {
		if e.Client != c.cfg.ClientName {
			t.Errorf("the ledger names client %q for %s", e.Client, e.Field)
		}
	}
}

func TestOrgUniqueKeyIsAtMostOnce(t *testing.T) {
	org, c := simulated(t)
	ctx := context.Background()
	spec := connector.FieldSpec{Name: "Tandem_Key__c", Label: "Tandem key", Type: "text", Length: 40, Unique: true}
	if r := must(c.Ensure(ctx, core.Account, []connector.FieldSpec{spec})); r[0].State != stateCreated {
		t.Fatalf("ensure: %+v", r)
	}
	op := core.Op{Key: "a", Kind: core.OpCreate, Target: core.Ref{Object: core.Account}, Fields: map[string]string{"Name": "Acme"}, UniqueField: "Tandem_Key__c", UniqueValue: "hs-1"}
	first := must(c.Write(ctx, []core.Op{op}))[0]
	second := must(c.Write(ctx, []core.Op{op}))[0]
	if first.Status != core.Applied || second.Status != core.Rejected || second.Class != core.ClassDuplicate || second.Existing != first.ID {
		t.Errorf("first %+v, second %+v", first, second)
	}
	if n := org.Stats().Records["Account"]; n != 1 {
		t.Errorf("%d accounts, want 1", n)
	}
}

// Whatever happens to the answer, the key finds out later whether the create
// came about, and nothing is claimed until then.
func TestOrgInterruptedCreateIsUnknown(t *testing.T) {
	for _, fault := range []string{"timeout_after", "timeout_before", "reset", "status_after", "html"} {
		t.Run(fault, func(t *testing.T) {
			org, c := simulated(t)
			ctx := context.Background()
			must(c.Describe(ctx, core.Account))
			if err := org.AddFault(salesforcesim.Fault{Do: fault, Match: salesforcesim.Match{Method: "POST", Path: "composite/sobjects$"}, Times: 1, Delay: "1ms"}); err != nil {
				t.Fatal(err)
			}
			op := core.Op{Key: "a", Kind: core.OpCreate, Target: core.Ref{Object: core.Account}, Fields: map[string]string{"Name": "Acme"}}
			out, err := c.Write(ctx, []core.Op{op})
			if err != nil || out[0].Status != core.Unknown {
				t.Fatalf("outcome %+v, %v; want unknown", out, err)
			}
			found, err := c.Read(ctx, connector.Query{Object: core.Account, By: "Name", Values: []string{"Acme"}})
			if err != nil || len(found) != int(org.Stats().Records["Account"]) {
				t.Errorf("%d found of %d, %v", len(found), org.Stats().Records["Account"], err)
			}
		})
	}
}

func TestOrgSessionEndsInMidWork(t *testing.T) {
	org, c := simulated(t)
	must(c.Describe(context.Background(), core.Account))
	if err := org.AddFault(salesforcesim.Fault{Do: "expire_token", Match: salesforcesim.Match{Path: "composite/sobjects"}, Times: 1}); err != nil {
		t.Fatal(err)
	}
	ops := make([]core.Op, 250)
	for i := range ops {
		ops[i] = core.Op{Key: fmt.Sprint(i), Kind: core.OpCreate, Target: core.Ref{Object: core.Account}, Fields: map[string]string{"Name": fmt.Sprintf("A%d", i)}}
	}
	out := must(c.Write(context.Background(), ops))
	for _, o := range out {
		if o.Status != core.Applied {
			t.Fatalf("outcome %+v", o)
		}
	}
	if n := org.Stats().Records["Account"]; n != 250 {
		t.Errorf("%d accounts, want 250", n)
	}
}

func TestOrgLosesAField(t *testing.T) {
	org, c := simulated(t)
	ctx := context.Background()
	id := must(org.As("admin").Create("Account", map[string]any{"Name": "A", "Industry": "Energy", "Phone": "1"}))
	q := connector.Query{Object: core.Account, Values: []string{id}, Fields: []string{"Name", "Industry", "Phone"}}
	if v, ok := must(c.Read(ctx, q))[0].Get("Industry"); v != "Energy" || !ok {
		t.Fatalf("industry %q, %v", v, ok)
	}
	if err := org.SetRight(salesforcesim.Right{Object: "Account", Field: "Industry"}); err != nil {
		t.Fatal(err)
	}
	rec := must(c.Read(ctx, q))[0]
	if _, answered := rec.Get("Industry"); answered || rec.Values["Phone"] != "1" {
		t.Errorf("values %v; want Industry absent", rec.Values)
	}
	recs, _ := scanAll(t, c, connector.Scan{Object: core.Account, Fields: []string{"Name", "Industry"}})
	if _, answered := recs[0].Get("Industry"); answered || recs[0].Values["Name"] != "A" {
		t.Errorf("scanned %v; want Industry absent", recs[0].Values)
	}
	out := must(c.Write(ctx, []core.Op{{Key: "u", Kind: core.OpUpdate, Target: core.Ref{Object: core.Account, ID: id}, Fields: map[string]string{"Industry": "Retail"}}}))
	if out[0].Status != core.Rejected || out[0].Class != core.ClassSchema || !slices.Contains(out[0].Fields, "Industry") {
		t.Errorf("outcome %+v; want schema, Industry", out[0])
	}
}

func TestOrgDuplicateRuleNamesTheMatch(t *testing.T) {
	org, c := simulated(t)
	id := must(org.As("admin").Create("Account", map[string]any{"Name": "Acme"}))
	if err := org.AddDuplicateRule(salesforcesim.DuplicateRule{Name: "Same_Name", Object: "Account", Fields: []string{"Name"}, Action: "block"}); err != nil {
		t.Fatal(err)
	}
	out := must(c.Write(context.Background(), []core.Op{{Key: "a", Kind: core.OpCreate, Target: core.Ref{Object: core.Account}, Fields: map[string]string{"Name": "Acme"}}}))
	if out[0].Class != core.ClassDuplicate || out[0].Existing != id {
		t.Errorf("outcome %+v; want duplicate of %s", out[0], id)
	}
}

func TestOrgScanPagesThroughTies(t *testing.T) {
	org, c := simulated(t)
	const n = 4500
	since := must(c.Identity(context.Background())).Clock
	for i := range n {
		if i == 3000 {
			org.Advance(time.Second)
		}
		must(org.As("admin").Create("Account", map[string]any{"Name": fmt.Sprintf("A%04d", i)}))
	}
	org.Advance(time.Minute)
	s := connector.Scan{Object: core.Account, Fields: []string{"Name"}, Since: since}
	recs, pages := scanAll(t, c, s)
	if len(pages) != 3 || len(recs) != n {
		t.Fatalf("%d records in %d pages", len(recs), len(pages))
	}
	seen := map[string]bool{}
	for i, r := range recs {
		seen[r.Ref.ID] = true
		if i > 0 && (r.Stamp.Before(recs[i-1].Stamp) || r.Stamp.Equal(recs[i-1].Stamp) && r.Ref.ID <= recs[i-1].Ref.ID) {
			t.Fatalf("record %d is out of order", i)
		}
	}
	if len(seen) != n {
		t.Errorf("%d different records, want %d", len(seen), n)
	}
	for i, p := range pages {
		if p.Covered.Before(since.Add(50*time.Second)) || p.Covered.After(since.Add(61*time.Second)) || (p.Next == "") != (i == 2) {
			t.Errorf("page %d: covered %v after %v, next %q", i, p.Covered, since, p.Next)
		}
	}
	s.After = pages[0].Next
	rest, again := scanAll(t, c, s)
	if len(rest) != n-pageRows || rest[0].Ref != recs[pageRows].Ref || !again[0].Covered.Equal(pages[0].Covered) {
		t.Errorf("resumed: %d records from %s, covered %v", len(rest), rest[0].Ref, again[0].Covered)
	}
	s.After, s.Until = "", since.Add(time.Second)
	if early, _ := scanAll(t, c, s); len(early) != 3000 {
		t.Errorf("%d records before the end of the window, want 3000", len(early))
	}
}

func TestOrgScanOfEverythingResumes(t *testing.T) {
	org, c := simulated(t)
	for i := range 2100 {
		must(org.As("admin").Create("Account", map[string]any{"Name": fmt.Sprintf("A%04d", i)}))
	}
	recs, pages := scanAll(t, c, connector.Scan{Object: core.Account, Fields: []string{"Name"}})
	if len(recs) != 2100 || len(pages) != 2 {
		t.Fatalf("%d records in %d pages", len(recs), len(pages))
	}
	org.Advance(time.Hour)
	rest, resumed := scanAll(t, c, connector.Scan{Object: core.Account, Fields: []string{"Name"}, After: pages[0].Next})
	if !slices.Equal(names(rest), names(recs[pageRows:])) || !resumed[0].Covered.Equal(pages[0].Covered) {
		t.Errorf("resumed with %d records, covered %v, want %v", len(rest), resumed[0].Covered, pages[0].Covered)
	}
	stop := errors.New("enough")
	if err := c.Scan(context.Background(), connector.Scan{Object: core.Account}, func(connector.Page) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error %v, want the callback's", err)
	}
}

func TestOrgScanOfDeletedRows(t *testing.T) {
	org, c := simulated(t)
	admin := org.As("admin")
	create := func(name string) string { return must(admin.Create("Account", map[string]any{"Name": name})) }
	winner, loser, gone, back, live := create("winner"), create("loser"), create("gone"), create("back"), create("live")
	since := must(c.Identity(context.Background())).Clock
	org.Advance(5 * time.Minute)
	for _, err := range []error{admin.Merge("Account", winner, loser), admin.Delete("Account", gone), admin.Delete("Account", back), admin.Undelete("Account", back)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	org.Advance(5 * time.Minute)
	recs, pages := scanAll(t, c, connector.Scan{Object: core.Account, Fields: []string{"Name"}, Since: since, Deleted: true})
	into := map[string]string{}
	for _, r := range recs {
		if r.Presence != core.Deleted {
			t.Errorf("%s has presence %d", r.Ref, r.Presence)
		}
		into[r.Ref.ID] = r.MergedInto
	}
	if want := map[string]string{loser: winner, gone: ""}; !maps.Equal(into, want) {
		t.Errorf("deleted %v, want %v (back %s, live %s)", into, want, back, live)
	}
	last := pages[len(pages)-1]
	if last.Next != "" || last.Covered.Before(since.Add(9*time.Minute)) {
		t.Errorf("last page: next %q, covered %v", last.Next, last.Covered)
	}
	err := c.Scan(context.Background(), connector.Scan{Object: core.Account, Since: since.Add(-30 * 24 * time.Hour), Deleted: true}, func(connector.Page) error { return nil })
	wantCode(t, err, connector.CodePositionLost)
}

func TestOrgReadOfAMergedRecord(t *testing.T) {
	org, c := simulated(t)
	admin := org.As("admin")
	winner := must(admin.Create("Account", map[string]any{"Name": "winner"}))
	loser := must(admin.Create("Account", map[string]any{"Name": "loser"}))
	if err := admin.Merge("Account", winner, loser); err != nil {
		t.Fatal(err)
	}
	q := connector.Query{Object: core.Account, Values: []string{loser, winner}, Fields: []string{"Name"}}
	if recs := must(c.Read(context.Background(), q)); recs[0].Presence != core.Absent || recs[1].Presence != core.Live {
		t.Errorf("without the recycle bin: %+v", recs)
	}
	q.Deleted = true
	if recs := must(c.Read(context.Background(), q)); recs[0].Presence != core.Deleted || recs[0].MergedInto != winner || recs[1].Presence != core.Live {
		t.Errorf("with the recycle bin: %+v", recs)
	}
}

func TestINST3_EnsureSaysWhatAnAdminMustDo(t *testing.T) {
	org, c := simulated(t)
	ctx := context.Background()
	specs := []connector.FieldSpec{
		{Name: "Tandem_Key__c", Label: "Tandem key", Type: "text", Length: 40, Unique: true, Description: "d"},
		{Name: "Tandem_At__c", Label: "Tandem at", Type: "datetime"},
		{Name: "Tandem_Origin__c", Label: "Tandem origin", Type: "bool"},
		{Name: "Hidden__c", Label: "Hidden", Type: "text", Length: 18},
		{Name: "Taken__c", Label: "Taken", Type: "text", Length: 18, Unique: true},
	}
	for _, f := range []salesforcesim.FieldSpec{{Object: "Account", Name: "Hidden__c", Label: "Hidden", Type: "Text", Length: 18, Hidden: true}, {Object: "Account", Name: "Taken__c", Label: "Taken", Type: "Number"}} {
		if err := org.AddField(f); err != nil {
			t.Fatal(err)
		}
	}
	states := func() string {
		var out []string
		for _, r := range must(c.Ensure(ctx, core.Account, specs)) {
			out = append(out, r.State)
		}
		return strings.Join(out, " ")
	}
	if got, want := states(), "created created created granted conflict"; got != want {
		t.Errorf("first: %s, want %s", got, want)
	}
	if got, want := states(), "present present present present conflict"; got != want {
		t.Errorf("second: %s, want %s", got, want)
	}
	for _, right := range []string{"PermissionsCustomizeApplication", "PermissionsAssignPermissionSets"} {
		if err := org.SetRight(salesforcesim.Right{System: right}); err != nil {
			t.Fatal(err)
		}
		r := must(c.Ensure(ctx, core.Contact, specs[:1]))
		if r[0].State != stateMissing || !strings.Contains(r[0].Message, "Contact.Tandem_Key__c (Text(40), unique") {
			t.Errorf("without %s: %+v", right, r[0])
		}
	}
}

func TestOrgUsersAndUsage(t *testing.T) {
	org, c := simulated(t)
	queue := must(org.AddQueue(salesforcesim.Queue{Name: "Inbound", Objects: []string{"Lead"}}))
	users := must(c.Users(context.Background()))
	byID := map[string]connector.User{}
	for _, u := range users {
		byID[u.ID] = u
	}
	if u := byID[org.Info().AdminUserID]; !u.Active || u.Email == "" || u.Name == "" || u.Queue {
		t.Errorf("admin %+v", u)
	}
	if u := byID[queue]; !u.Queue || u.Name != "Inbound" {
		t.Errorf("queue %+v", u)
	}
	u := must(c.Usage(context.Background()))
	if u.Max != 100_000 || u.Used == 0 || u.Ours < 3 || u.At.IsZero() {
		t.Errorf("usage %+v", u)
	}
}

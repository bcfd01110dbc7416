package hubspot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tandem/internal/connector"
	"tandem/internal/connector/hubspot"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

func asError(t *testing.T, err error) *connector.Error {
	t.Helper()
	var e *connector.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v", err)
	}
	return e
}

func TestIdentityAndUsage(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{Limits: true})
	for name, change := range map[string]func(*hubspot.Config){"oauth": nil, "static": static(p)} {
		c := connect(t, p, change)
		id, err := c.Identity(t.Context())
		if err != nil || id.ID != p.Info().PortalID || id.UserID != fmt.Sprint(p.Info().AppID) || id.Currency != "USD" || id.Sandbox {
			t.Errorf("%s: %+v, %v", name, id, err)
		}
		u, err := c.Usage(t.Context())
		if err != nil || (name == "static") != (u.Max == 1_000_000 && u.Used > 0) {
			t.Errorf("%s: usage %+v, %v", name, u, err)
		}
	}
}

// TestIdentityTellsTheClockOfNow after all of its calls, each of which takes a second here:
// the engine compares it with its own of then.
func TestIdentityTellsTheClockOfNow(t *testing.T) {
	const ahead = 3 * time.Hour
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	p := newPortal(t, hubspotsim.Options{Now: func() time.Time { return now.Add(ahead) }})
	c := connect(t, p, func(cfg *hubspot.Config) {
		cfg.Now = func() time.Time { return now }
		cfg.Transport = slow{cfg.Transport, func() { now = now.Add(time.Second) }}
	})
	for _, lap := range []string{"the first time, with a sign-in", "again"} {
		id, err := c.Identity(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if off := id.Clock.Sub(now) - ahead; off < -time.Second || off > 0 {
			t.Errorf("%s: the clock is %s off", lap, off)
		}
	}
}

// slow calls past after each answer.
type slow struct {
	http.RoundTripper
	past func()
}

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.RoundTripper.RoundTrip(r)
	s.past()
	return resp, err
}

func TestWrongCredentialsSayWhatToDo(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	for name, change := range map[string]func(*hubspot.Config){
		"static token":  func(cfg *hubspot.Config) { cfg.OAuth, cfg.StaticToken = nil, "pat-na1-secret" },
		"refresh token": func(cfg *hubspot.Config) { cfg.OAuth.RefreshToken = "secret" },
		"client secret": func(cfg *hubspot.Config) { cfg.OAuth.ClientSecret = "secret" },
		"client id":     func(cfg *hubspot.Config) { cfg.OAuth.ClientID = "secret" },
	} {
		c := connect(t, p, change)
		_, err := c.Identity(t.Context())
		e := asError(t, err)
		if e.Class != core.ClassAuth || e.Mend == "" || strings.Contains(e.Error()+e.Mend, "secret-") {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestARevokedTokenAndALostScope(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	c := connect(t, p, static(p))
	ensure(t, c, core.Companies)
	if err := p.Configure(hubspotsim.Settings{RemoveScopes: []string{"crm.objects.companies.write", "crm.schemas.companies.write"}}); err != nil {
		t.Fatal(err)
	}
	got, err := c.Write(t.Context(), []core.Op{company(1)})
	if err == nil {
		err = fmt.Errorf("no error; %+v", got)
	}
	if len(got) == 1 && got[0].Class == core.ClassSchema {
		err = nil // the op alone is refused: other objects go on
	}
	if err != nil {
		t.Errorf("write without the scope: %v", err)
	}
	spec := connector.FieldSpec{Name: "another", Label: "Another", Type: "text", Group: "tandem"}
	results, err := c.Ensure(t.Context(), core.Companies, []connector.FieldSpec{spec, keySpec})
	if err != nil || results[0].State != "missing" || results[1].State != "present" || !strings.Contains(results[0].Message, "crm.schemas.companies.write") {
		t.Errorf("%+v, %v", results, err)
	}
	if err := p.Configure(hubspotsim.Settings{RevokeTokens: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Users(t.Context()); asError(t, err).Class != core.ClassAuth {
		t.Error(err)
	}
}

func TestEnsureTellsConflicts(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	c := connect(t, p, nil)
	plain := keySpec
	plain.Unique = false
	if _, err := c.Ensure(t.Context(), core.Companies, []connector.FieldSpec{plain}); err != nil {
		t.Fatal(err)
	}
	other := keySpec
	other.Type = "datetime"
	other.Unique = false
	readOnly := connector.FieldSpec{Name: "num_associated_contacts", Label: "x", Type: "text", Group: "tandem"}
	got, err := c.Ensure(t.Context(), core.Companies, []connector.FieldSpec{keySpec, plain, other, readOnly})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"conflict", "present", "conflict", "conflict"} {
		if got[i].State != want || (want == "conflict") != (got[i].Message != "") {
			t.Errorf("spec %d: %+v, want %s", i, got[i], want)
		}
	}
}

// TestAGroupIsAskedForOncePerObject, however many properties go into it, and not at all where
// none is missing.
func TestAGroupIsAskedForOncePerObject(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	c := connect(t, p, nil)
	specs := []connector.FieldSpec{{Name: "one", Label: "One", Type: "text", Group: "tandem"}, {Name: "two", Label: "Two", Type: "text", Group: "tandem"},
		{Name: "three", Label: "Three", Type: "bool", Group: "sales_news"}, {Name: "four", Label: "Four", Type: "text", Group: "tandem"}}
	for round, state := range []string{"created", "present"} {
		for _, object := range []core.Object{core.Companies, core.Deals} {
			got, err := c.Ensure(t.Context(), object, specs)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range got {
				if r.State != state {
					t.Errorf("round %d: %s of %s is %+v, want it %s", round, r.Name, object, r, state)
				}
			}
		}
		asked, made := groupCalls(p)
		if asked != 4 || made != 4 { // two groups of two objects
			t.Errorf("round %d: groups were asked for %d times and made %d times, want 4 of each", round, asked, made)
		}
	}
}

// groupCalls counts the calls that look for a property group, and those that make one.
func groupCalls(p *hubspotsim.Portal) (asked, made int) {
	for endpoint, calls := range p.Stats().ByEndpoint {
		switch {
		case !strings.Contains(endpoint, "/groups"):
		case strings.HasPrefix(endpoint, "GET"):
			asked += int(calls)
		case strings.HasPrefix(endpoint, "POST"):
			made += int(calls)
		}
	}
	return asked, made
}

func TestOwnersIncludeThoseWhoLeft(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	c := connect(t, p, nil)
	before, err := c.Users(t.Context())
	if err != nil || len(before) < 2 {
		t.Fatal(before, err)
	}
	i := slices.IndexFunc(before, func(u connector.User) bool { return u.Active })
	if err := p.Configure(hubspotsim.Settings{DeactivateOwner: before[i].ID}); err != nil {
		t.Fatal(err)
	}
	after, err := c.Users(t.Context())
	if err != nil || len(after) != len(before) || after[i].ID != before[i].ID || after[i].Active || after[i].Email != before[i].Email {
		t.Errorf("%+v, %v", after, err)
	}
}

// newList makes an active list as a person does, and gives its id.
func newList(t *testing.T, p *hubspotsim.Portal, name string) string {
	t.Helper()
	body := `{"name":"` + name + `","objectTypeId":"0-1","processingType":"DYNAMIC","filterBranch":{"filterBranchType":"OR","filters":[],"filterBranches":[
		{"filterBranchType":"AND","filterBranches":[],"filters":[{"filterType":"PROPERTY","property":"city","operation":{"operationType":"MULTISTRING","operator":"IS_EQUAL_TO","values":["Bonn"]}}]}]}}`
	req := httptest.NewRequest("POST", "/crm/v3/lists", strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+p.Info().AdminToken)
	rec := httptest.NewRecorder()
	p.ServeHTTP(rec, req)
	_, id, found := strings.Cut(rec.Body.String(), `"listId":"`)
	id, _, _ = strings.Cut(id, `"`)
	if !found {
		t.Fatalf("no list: %d %s", rec.Code, rec.Body)
	}
	return id
}

func TestListsAndTheirMembers(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	c := connect(t, p, nil)
	id := newList(t, p, "People of Bonn")
	for _, name := range []string{id, "People of Bonn"} {
		l, err := c.List(t.Context(), core.Contacts, name)
		if err != nil || l.ID != id || l.Name != "People of Bonn" || !l.Active || l.Object != core.Contacts || !bytes.Contains(l.Filters, []byte(`"city"`)) {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
	}
	if _, err := c.List(t.Context(), core.Contacts, "No such list"); asError(t, err).Class != core.ClassGone {
		t.Error(err)
	}
	var in, out []string
	for i := range 1200 {
		city, where := "Ulm", &out
		if i%2 == 0 {
			city, where = "Bonn", &in
		}
		made, err := p.As("Maria").Create("contacts", map[string]string{"lastname": fmt.Sprint(i), "city": city})
		if err != nil {
			t.Fatal(err)
		}
		*where = append(*where, made)
	}
	p.Advance(10 * time.Second)
	for _, n := range []int{1, 400} { // record by record, and through the list
		members, err := c.Members(t.Context(), id, append(slices.Clone(in[:n]), out[:n]...))
		if err != nil || len(members) != n || members[in[0]].IsZero() {
			t.Errorf("%d of each: %d members, %v", n, len(members), err)
		}
		if _, wrong := members[out[0]]; wrong {
			t.Error("a contact that is not in the list is a member")
		}
	}
	total, last := 0, connector.MemberPage{}
	err := c.Memberships(t.Context(), id, "", func(page connector.MemberPage) error { total += len(page.Members); last = page; return nil })
	if err != nil || total != len(in) || last.Total != len(in) {
		t.Errorf("%d members in all, %d told, %v", total, last.Total, err)
	}
	again := 0
	err = c.Memberships(t.Context(), id, last.Cursor, func(page connector.MemberPage) error { again += len(page.Members); return nil })
	if err != nil || again != len(last.Members) {
		t.Errorf("%d members on the last page, then %d, %v", len(last.Members), again, err)
	}
}

// follow listens in the background and gives what was heard so far.
func follow(t *testing.T, c *hubspot.Client) (heard func() []connector.Event, stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	var events []connector.Event
	done := make(chan error, 1)
	go func() {
		done <- c.Listen(ctx, "", func(_ context.Context, e connector.Events) error {
			mu.Lock()
			defer mu.Unlock()
			events = append(events, e.Events...)
			return nil
		})
	}()
	return func() []connector.Event {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(events)
		}, func() {
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("feed: %v", err)
			}
		}
}

func TestTheJournalTellsMergesAssociationsListsAndErasure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hubspotsim.New(hubspotsim.Options{Seed: 7, Limits: true})
		defer p.Close()
		list := newList(t, p, "Bonn")
		c := connect(t, p, func(cfg *hubspot.Config) { cfg.Journal.Lists = []string{list} })
		heard, stop := follow(t, c)
		time.Sleep(5 * time.Second)
		door := p.As("Maria")
		a, _ := door.Create("contacts", map[string]string{"email": "a@x.example", "city": "Bonn"})
		b, _ := door.Create("contacts", map[string]string{"email": "b@x.example"})
		firm, _ := door.Create("companies", map[string]string{"name": "Firm"})
		if err := door.Associate("contacts", a, "companies", firm); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second) // the list is evaluated
		kept, err := door.Merge("contacts", a, b)
		if err != nil {
			t.Fatal(err)
		}
		if err := door.GDPRDelete(kept); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		stop()
		events := heard()
		for name, want := range map[string]func(connector.Event) bool{
			"association from the contact": func(e connector.Event) bool {
				return e.Kind == connector.EventAssociate && e.Ref == contactRef(a) && e.Related == companyRef(firm)
			},
			"association from the company": func(e connector.Event) bool {
				return e.Kind == connector.EventAssociate && e.Ref == companyRef(firm) && e.Related == contactRef(a)
			},
			"list membership": func(e connector.Event) bool { return e.Kind == connector.EventGap && e.Ref == contactRef(a) },
			"merge of the primary": func(e connector.Event) bool {
				return e.Kind == connector.EventMerge && e.Ref == contactRef(a) && e.Into == contactRef(kept)
			},
			"merge of the other": func(e connector.Event) bool {
				return e.Kind == connector.EventMerge && e.Ref == contactRef(b) && e.Into == contactRef(kept)
			},
			"erasure": func(e connector.Event) bool { return e.Kind == connector.EventPrivacy && e.Ref == contactRef(kept) },
		} {
			if !slices.ContainsFunc(events, want) {
				t.Errorf("no %s in %+v", name, events)
			}
		}
		if n := p.Stats().Rejected; n != 0 {
			t.Errorf("%d calls of an idle feed were refused", n)
		}
	})
}

func TestSubscriptionsAreMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hubspotsim.New(hubspotsim.Options{Seed: 7})
		defer p.Close()
		made := 0
		count := counting{inProcess{p}, func(r *http.Request) {
			if strings.Contains(r.URL.Path, "/subscriptions/") && r.Method != "GET" {
				made++
			}
		}}
		c := connect(t, p, func(cfg *hubspot.Config) { cfg.Transport = count })
		for range 2 {
			_, stop := follow(t, c)
			time.Sleep(time.Second)
			stop()
		}
		if made != 5 {
			t.Errorf("%d subscriptions written in two starts, want 5", made)
		}
	})
}

type counting struct {
	http.RoundTripper
	saw func(*http.Request)
}

func (c counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.saw(r)
	return c.RoundTripper.RoundTrip(r)
}

// foreignDownload sends the journal's reader to another host.
type foreignDownload struct {
	http.RoundTripper
	hosts []string
}

func (f *foreignDownload) RoundTrip(r *http.Request) (*http.Response, error) {
	f.hosts = append(f.hosts, r.URL.Host)
	resp, err := f.RoundTripper.RoundTrip(r)
	if err != nil || !strings.Contains(r.URL.Path, "/batch/") {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte("http://127.0.0.1:1/"), []byte("http://evil.example/"))))
	return resp, err
}

func TestJournalDownloadsStayWithTheVendor(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	f := &foreignDownload{RoundTripper: inProcess{p}}
	c := connect(t, p, func(cfg *hubspot.Config) { cfg.Transport = f })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	err := c.Listen(ctx, "", func(_ context.Context, e connector.Events) error {
		_, err := p.As("Maria").Create("companies", map[string]string{"name": "x"})
		return err
	})
	if e := asError(t, err); e.Code != connector.CodeForeignHost || slices.Contains(f.hosts, "evil.example") {
		t.Errorf("%v; hosts %v", err, slices.Compact(f.hosts))
	}
}

func TestWebhooksOfThePortalAreVerifiedAndRead(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	hook := hubspot.Webhook{ClientSecret: p.Info().ClientSecret, PortalID: p.Info().PortalID, AppID: fmt.Sprint(p.Info().AppID)}
	heard := make(chan []connector.Event, 100)
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		events, err := hook.Parse(r.Method, server.URL+r.URL.RequestURI(), r.Header, body, time.Now())
		if err != nil {
			t.Errorf("delivery: %v", err)
		}
		heard <- events
	}))
	defer server.Close()
	p.Subscribe(server.URL+"/hook?x=a%2Fb", "", 0)
	c := connect(t, p, nil)
	if _, err := c.Write(t.Context(), []core.Op{{Key: "k", Kind: core.OpCreate, Target: companyRef(""), Fields: map[string]string{"name": "Told"}}}); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(5 * time.Minute)
	for {
		select {
		case events := <-heard:
			if slices.ContainsFunc(events, func(e connector.Event) bool { return e.Kind == connector.EventCreate && e.Own }) {
				return
			}
		case <-deadline:
			t.Fatal("our own create was not delivered as such")
		}
	}
}

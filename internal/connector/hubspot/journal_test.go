package hubspot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// journalClient has a portal that knows its subscriptions and whose journal
// answers by the function.
func journalClient(t *testing.T, answer func(seen) *http.Response) (*Client, *script) {
	t.Helper()
	s := &script{answer: func(c seen) *http.Response {
		switch {
		case c.path == tokenPath:
			return respond(200, `{"access_token":"J","expires_in":1800}`)
		case strings.Contains(c.path, "/subscriptions/"):
			return respond(200, `{"results":[]}`)
		case strings.HasPrefix(c.path, "/crm/v3/properties/"):
			return respond(200, `{"results":[{"name":"name"},{"name":"hs_lastmodifieddate"}]}`)
		case strings.HasPrefix(c.path, "/oauth/"):
			return respond(200, `{"appId":9}`)
		}
		return answer(c)
	}}
	c, err := New(Config{StaticToken: "pat-secret", Transport: s, Now: func() time.Time { return testNow }, PortalID: "77",
		Journal: &Journal{ClientID: "id", ClientSecret: "journal-secret"}})
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

func TestAnEmptyJournalIsFollowedFromItsFirstEntry(t *testing.T) {
	reads := 0
	c, s := journalClient(t, func(c seen) *http.Response {
		switch {
		case strings.HasSuffix(c.path, "/latest"), strings.Contains(c.path, "/earliest/") && reads == 0:
			reads++
			return respond(204, "")
		case strings.Contains(c.path, "/earliest/"):
			return respond(200, `{"results":[{"url":"https://files.hubspot.com/entry?sig=1","currentOffset":"o1"}]}`)
		case c.path == "/entry":
			if c.header.Get("Authorization") != "" {
				t.Error("the download carries a token")
			}
			return respond(200, `{"offset":"o1","journalEvents":[
				{"portalId":77,"action":"UPDATE","objectTypeId":"0-2","objectId":5,"occurredAt":"2026-11-03T11:00:00Z","propertyChanges":{"name":"x","employees":3},"changeSource":"INTEGRATION","sourceId":9},
				{"portalId":78,"action":"DELETE","objectTypeId":"0-2","objectId":6}, "broken"]}`)
		}
		return respond(404, `{}`)
	})
	stop := errors.New("enough")
	var got []connector.Events
	err := c.Listen(t.Context(), "", func(_ context.Context, e connector.Events) error {
		if got = append(got, e); len(got) == 2 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) {
		t.Fatal(err, s.paths())
	}
	if !strings.HasPrefix(got[0].Position, emptyMark) || got[1].Position != "o1" || !got[1].Clock.Equal(testNow) {
		t.Errorf("positions %q, %q at %v", got[0].Position, got[1].Position, got[1].Clock)
	}
	want := []connector.Event{{Kind: connector.EventUpdate, Ref: ref(core.Companies, "5"), At: testNow.Add(-time.Hour), Own: true,
		Changed: map[string]string{"name": "x", "employees": "3"}}}
	want = append(want, overflow(time.Time{}, core.Companies, core.Contacts)...)
	if compact(t, got[1].Events) != compact(t, want) {
		t.Errorf("events %s", compact(t, got[1].Events))
	}
}

func TestPositionsThatCannotBeResumed(t *testing.T) {
	for name, tc := range map[string]struct {
		position string
		answer   *http.Response
		want     string
	}{
		"expired offset": {"o1", respond(404, `{"category":"OBJECT_NOT_FOUND"}`), connector.CodePositionLost},
		"long empty":     {emptyMark + "1000", respond(204, ""), connector.CodePositionLost},
		"broken mark":    {emptyMark + "x", respond(204, ""), connector.CodePositionLost},
		"same offset":    {"o1", respond(200, `{"results":[{"url":"https://api.hubapi.com/e","currentOffset":"o1"}]}`), connector.CodeNotJSON},
		"page":           {"o1", respond(200, `<html>`), connector.CodeNotJSON},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := journalClient(t, func(seen) *http.Response { return tc.answer })
			err := c.Listen(t.Context(), tc.position, func(context.Context, connector.Events) error { t.Error("events"); return nil })
			if e := wantError(t, err); e.Code != tc.want {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestAnExpiredDownloadIsAPassingFailure(t *testing.T) {
	c, _ := journalClient(t, func(c seen) *http.Response {
		if strings.Contains(c.path, "/next/") {
			return respond(200, `{"results":[{"url":"https://api.hubapi.com/e","currentOffset":"o2"}]}`)
		}
		return respond(403, `{"message":"the link has expired"}`)
	})
	err := c.Listen(t.Context(), "o1", func(context.Context, connector.Events) error { t.Error("events"); return nil })
	if e := wantError(t, err); e.Class != core.ClassTransient || e.RetryAt.IsZero() {
		t.Errorf("%+v", e)
	}
}

func TestWithoutJournalCredentialsThePortalIsPolled(t *testing.T) {
	c, s := scripted(t, func(seen) *http.Response { return respond(200, `{}`) })
	if e := wantError(t, c.Listen(t.Context(), "", nil)); e.Code != connector.CodeUnsupported || len(s.calls) != 0 {
		t.Errorf("%+v after %d calls", e, len(s.calls))
	}
}

func TestDownloadHosts(t *testing.T) {
	local := mustURL(t, "http://127.0.0.1:8080")
	vendor := mustURL(t, "https://api.hubapi.com")
	for _, tc := range []struct {
		base    *url.URL
		address string
		ok      bool
	}{
		{vendor, "https://api.hubapi.com/x", true}, {vendor, "https://files.hubspot.com/x", true}, {vendor, "https://journal.example:8443/x", true},
		{vendor, "https://evilhubspot.com/x", false}, {vendor, "https://hubspot.com.evil.example/x", false}, {vendor, "http://api.hubapi.com/x", false},
		{vendor, "https://u:p@api.hubapi.com/x", false}, {vendor, "file:///etc/passwd", false}, {vendor, "https://169.254.169.254/x", false},
		{local, "http://127.0.0.1:8080/x", true}, {local, "http://127.0.0.1:9090/x", false}, {local, "https://files.hubspot.com/x", false},
	} {
		c := &Client{base: tc.base, cfg: Config{Journal: &Journal{Hosts: []string{"journal.example:8443"}}}}
		if got := c.downloadable(mustURL(t, tc.address)); got != tc.ok {
			t.Errorf("%s from %s: %v", tc.address, tc.base, got)
		}
	}
}

func mustURL(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestSubscriptionsThatCoverAreKept(t *testing.T) {
	have := wireSubscription{Actions: []string{"B", "A"}, Properties: []string{"x", "y"}}
	for name, tc := range map[string]struct {
		want wireSubscription
		ok   bool
	}{
		"same":          {have, true},
		"less":          {wireSubscription{Actions: []string{"A"}, Properties: []string{"y"}}, true},
		"more actions":  {wireSubscription{Actions: []string{"A", "C"}}, false},
		"more property": {wireSubscription{Properties: []string{"z"}}, false},
		"lists":         {wireSubscription{ListIDs: []int64{1}}, false},
	} {
		if got := covers(have, tc.want); got != tc.ok {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAReplacedSubscriptionIsRemoved(t *testing.T) {
	var deleted, posted []string
	c, s := journalClient(t, func(seen) *http.Response { return respond(204, "") })
	inner := s.answer
	s.answer = func(c seen) *http.Response {
		if !strings.Contains(c.path, "/subscriptions/") {
			return inner(c)
		}
		switch c.method {
		case "DELETE":
			deleted = append(deleted, c.path)
			return respond(204, "")
		case "POST":
			var w wireSubscription
			c.decode(t, &w)
			posted = append(posted, w.Type+w.ObjectType)
			return respond(200, `{"id":99}`)
		}
		return respond(200, `{"results":[
			{"id":1,"subscriptionType":"OBJECT","portalId":77,"objectTypeId":"0-2","actions":["CREATE","UPDATE","DELETE","MERGE","RESTORE"],"properties":["name","more"]},
			{"id":2,"subscriptionType":"OBJECT","portalId":77,"objectTypeId":"0-1","actions":["CREATE"],"properties":["name"]},
			{"id":3,"subscriptionType":"OBJECT","portalId":78,"objectTypeId":"0-1","actions":["CREATE"]}]}`)
	}
	if err := c.subscribe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(posted, " "), "ASSOCIATION0-2 OBJECT0-1 ASSOCIATION0-1 GDPR_PRIVACY_DELETION0-1"; got != want {
		t.Errorf("posted %s, want %s", got, want)
	}
	if len(deleted) != 1 || !strings.HasSuffix(deleted[0], "/2") {
		t.Errorf("deleted %v", deleted)
	}
}

func TestSubscriptionsAreSentInTheVendorsForm(t *testing.T) {
	text, err := json.Marshal(wireSubscription{Type: "OBJECT", PortalID: 77, ObjectType: "0-2", Actions: []string{"CREATE"}, Properties: []string{"name"}})
	if want := `{"subscriptionType":"OBJECT","portalId":77,"objectTypeId":"0-2","actions":["CREATE"],"properties":["name"]}`; err != nil || string(text) != want {
		t.Errorf("%s, %v", text, err)
	}
}

// Entries are downloaded ahead of each other, but stored in their order, and one
// that cannot be read keeps those behind it for the next time.
func TestJournalEntriesAreStoredInOrderUpToTheOneThatFails(t *testing.T) {
	c, _ := journalClient(t, func(c seen) *http.Response {
		name, isEntry := strings.CutPrefix(c.path, "/entry-")
		switch {
		case strings.Contains(c.path, "/next/"):
			var entries []string
			for i := range 9 {
				entries = append(entries, fmt.Sprintf(`{"url":"https://files.hubspot.com/entry-%d","currentOffset":"o%d"}`, i, i))
			}
			return respond(200, `{"results":[`+strings.Join(entries, ",")+`]}`)
		case name == "6":
			return respond(503, `{}`)
		case isEntry:
			return respond(200, `{"offset":"o`+name+`","journalEvents":[{"portalId":77,"action":"UPDATE","objectTypeId":"0-2","objectId":`+name+`}]}`)
		}
		return respond(404, `{}`)
	})
	var stored []string
	err := c.Listen(t.Context(), "o", func(_ context.Context, d connector.Events) error {
		stored = append(stored, d.Position+":"+d.Events[0].Ref.ID)
		return nil
	})
	if got, want := strings.Join(stored, " "), "o0:0 o1:1 o2:2 o3:3 o4:4 o5:5"; got != want || connector.ClassOf(err) != core.ClassTransient {
		t.Errorf("stored %s, %v; want %s and a passing failure", got, err, want)
	}
}

func TestJournalTellsAddedAssociationsFromRemovedOnes(t *testing.T) {
	for action, removed := range map[string]bool{"ASSOCIATION_ADDED": false, "ASSOCIATION_REMOVED": true} {
		item := `{"portalId":77,"action":"` + action + `","fromObjectTypeId":"0-1","toObjectTypeId":"0-2","fromObjectId":1,"toObjectId":2}`
		got := journalEvents([]byte(item), "77", "", nil)
		want := connector.Event{Kind: connector.EventAssociate, Ref: ref(core.Contacts, "1"), Related: ref(core.Companies, "2"), Removed: removed}
		if len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("%s: %+v", action, got)
		}
	}
}

// TestAnEventThatCannotBeReadIsAboutEveryObjectThatIsFollowed: it may have been about any.
func TestAnEventThatCannotBeReadIsAboutEveryObjectThatIsFollowed(t *testing.T) {
	followed := []core.Object{core.LineItems, core.Products, "2-77"}
	if got, want := journalEvents([]byte(`"what"`), "77", "", followed), overflow(time.Time{}, followed...); len(want) != 3 || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

package notify

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const (
	journalV   = "/webhooks-journal/journal/2026-03"
	subsV      = "/webhooks-journal/subscriptions/2026-03"
	snapshotsV = "/webhooks-journal/snapshots/2026-03/crm"
)

// desk is a journal with its clock and the token of an app's requests.
type desk struct {
	*Journal
	t     *testing.T
	now   time.Time
	token string
}

func newDesk(t *testing.T, change func(*JournalOptions)) *desk {
	d := &desk{t: t, now: time.Date(2026, 5, 13, 12, 0, 0, 0, time.UTC), token: "all"}
	all := []string{readScope, subscriptionsRead, subscriptionsWrite, snapshotsReadScope, snapshotsWriteScope}
	o := JournalOptions{Now: func() time.Time { return d.now }, Rand: rand.New(rand.NewPCG(1, 2)), PortalID: portal,
		Authorize: func(r *http.Request) (int64, []string, bool) {
			switch r.Header.Get("Authorization") {
			case "Bearer all":
				return 7, all, true
			case "Bearer other":
				return 8, all, true
			case "Bearer narrow":
				return 7, []string{subscriptionsRead}, true
			}
			return 0, nil, false
		},
		Snapshot: func(objectTypeID string, id int64, properties []string) (map[string]string, bool) {
			return map[string]string{properties[0]: "now"}, id == 1
		}}
	if change != nil {
		change(&o)
	}
	d.Journal = NewJournal(o)
	return d
}

func (d *desk) do(method, path, body string, status int, contains string) string {
	d.t.Helper()
	return step{method, path, body, status, contains}.run(d.t, d, "Authorization", "Bearer "+d.token)
}

func (d *desk) subscribe(body string) {
	d.t.Helper()
	d.do("POST", subsV, strings.ReplaceAll(body, "PORTAL", fmt.Sprint(portal)), 200, `"appId":`)
}

const contactSubscription = `{"subscriptionType":"OBJECT","portalId":PORTAL,"objectTypeId":"0-1",
	"actions":["CREATE","UPDATE","DELETE","MERGE","RESTORE"],"properties":["email","lastname"],"objectIds":[]}`

// tell publishes changes and lets their entry come out.
func (d *desk) tell(changes ...Change) {
	d.Publish(changes...)
	d.now = d.now.Add(time.Second)
}

type file struct {
	Offset        string
	PublishedAt   string
	JournalEvents []journalEvent
}

// fetch reads one entry: where it is, then the file.
func (d *desk) fetch(path string) (file, fetchedJSON) {
	d.t.Helper()
	var at fetchedJSON
	var f file
	if err := json.Unmarshal([]byte(d.do("GET", path, "", 200, `"currentOffset"`)), &at); err != nil {
		d.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(d.download(at.URL, 200)), &f); err != nil {
		d.t.Fatal(err)
	}
	if f.Offset != at.CurrentOffset || !uuid4.MatchString(f.Offset) {
		d.t.Errorf("file of offset %q, fetched %q", f.Offset, at.CurrentOffset)
	}
	return f, at
}

func (d *desk) download(link string, status int) string {
	d.t.Helper()
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequest("GET", link, nil))
	if w.Code != status {
		d.t.Errorf("GET %s: %d %s, want %d", link, w.Code, w.Body, status)
	}
	return w.Body.String()
}

func contactChange(kind Kind, id int64, property, value string, at time.Time) Change {
	return Change{PortalID: portal, ObjectTypeID: "0-1", ObjectType: "contact", ObjectID: id, Kind: kind,
		Property: property, Value: value, OccurredAt: at}
}

func TestJournalIsReadByOffset(t *testing.T) {
	d := newDesk(t, nil)
	d.do("GET", journalV+"/earliest", "", 204, "")
	d.do("GET", journalV+"/latest", "", 204, "")
	d.subscribe(contactSubscription)
	d.Publish(contactChange(Creation, 1, "", "", d.now))
	d.do("GET", journalV+"/earliest", "", 204, "")
	d.now = d.now.Add(250 * time.Millisecond)
	first, at := d.fetch(journalV + "/earliest")
	if first.PublishedAt != "2026-05-13T12:00:00.250Z" || len(first.JournalEvents) != 1 || at.ExpiresAt != "2026-05-13T12:05:00.250Z" {
		t.Errorf("first entry %+v, %+v", first, at)
	}
	if !strings.HasPrefix(at.URL, "http://api.local/webhooks-journal/download/") {
		t.Errorf("download URL %s", at.URL)
	}
	next := func(offset string) string { return journalV + "/offset/" + offset + "/next" }
	d.do("GET", next(first.Offset), "", 204, "")
	d.tell(contactChange(Deletion, 2, "", "", d.now))
	d.tell(contactChange(Restore, 3, "", "", d.now))
	// A reader that stopped after the first entry goes on where it was, twice the same.
	for range 2 {
		second, _ := d.fetch(next(first.Offset))
		third, _ := d.fetch(next(second.Offset))
		if second.JournalEvents[0].ObjectID != 2 || third.JournalEvents[0].ObjectID != 3 {
			t.Errorf("entries after the first: %+v, %+v", second, third)
		}
		d.do("GET", next(third.Offset), "", 204, "")
		if latest, _ := d.fetch(journalV + "/latest"); latest.Offset != third.Offset {
			t.Errorf("latest is %s, want %s", latest.Offset, third.Offset)
		}
	}
	if local, _ := d.fetch("/webhooks-journal/journal-local/2026-03/earliest"); local.Offset != first.Offset {
		t.Error("journal-local is another journal")
	}
	d.do("GET", next("00000000-0000-4000-8000-000000000000"), "", 404, "does not exist or has expired")
	d.do("GET", journalV+"/earliest?installPortalId=1", "", 400, "not installed")
	d.do("GET", journalV+"/earliest?installPortalId="+fmt.Sprint(portal), "", 200, "url")
	d.do("GET", journalV+"/sideways", "", 404, "resource not found")
	d.do("GET", journalV, "", 404, "resource not found")
	d.do("POST", journalV+"/earliest", "", 405, "")
	d.token = "other"
	d.do("GET", journalV+"/earliest", "", 204, "")
}

func TestJournalForgetsAfterThreeDays(t *testing.T) {
	d := newDesk(t, nil)
	d.subscribe(contactSubscription)
	d.tell(contactChange(Creation, 1, "", "", d.now))
	old, at := d.fetch(journalV + "/earliest")
	d.now = d.now.Add(72*time.Hour - 2*time.Second)
	d.tell(contactChange(Creation, 2, "", "", d.now))
	if got, _ := d.fetch(journalV + "/offset/" + old.Offset + "/next"); got.JournalEvents[0].ObjectID != 2 {
		t.Errorf("after almost three days the next entry is %+v", got)
	}
	d.now = d.now.Add(2 * time.Second)
	d.do("GET", journalV+"/offset/"+old.Offset+"/next", "", 404, "expired")
	if got, _ := d.fetch(journalV + "/earliest"); got.JournalEvents[0].ObjectID != 2 {
		t.Errorf("earliest is %+v", got)
	}
	d.download(at.URL, 403)
}

func TestDownloadURLs(t *testing.T) {
	d := newDesk(t, func(o *JournalOptions) { o.BaseURL = "https://files.example/" })
	d.subscribe(contactSubscription)
	d.tell(contactChange(Creation, 1, "", "", d.now))
	d.tell(contactChange(Creation, 2, "", "", d.now))
	first, at := d.fetch(journalV + "/earliest")
	second, _ := d.fetch(journalV + "/latest")
	if !strings.HasPrefix(at.URL, "https://files.example/webhooks-journal/download/") {
		t.Errorf("download URL %s", at.URL)
	}
	d.download(strings.Replace(at.URL, first.Offset, second.Offset, 1), 403)
	u, _ := url.Parse(at.URL)
	q := u.Query()
	for name, value := range map[string]string{"expires": "99999999999999", "app": "8", "signature": ""} {
		forged := url.Values{"expires": q["expires"], "app": q["app"], "signature": q["signature"]}
		forged.Set(name, value)
		d.download("https://files.example"+u.Path+"?"+forged.Encode(), 403)
	}
	d.now = d.now.Add(5 * time.Minute)
	d.download(at.URL, 200)
	d.now = d.now.Add(time.Millisecond)
	d.download(at.URL, 403)
}

func TestJournalTellsSubscribedPropertiesOnly(t *testing.T) {
	d := newDesk(t, nil)
	d.subscribe(contactSubscription)
	at := d.now
	d.tell(
		contactChange(Creation, 1, "", "", at),
		contactChange(PropertyChange, 1, "email", "a@x.com", at),
		contactChange(PropertyChange, 1, "phone", "1", at),
		contactChange(PropertyChange, 1, "lastname", "A", at),
		contactChange(PropertyChange, 2, "email", "b@x.com", at),
		contactChange(PropertyChange, 2, "lastname", "", at),
		contactChange(PropertyChange, 2, "email", "c@x.com", at.Add(time.Millisecond)),
		contactChange(PropertyChange, 3, "phone", "2", at),
		Change{PortalID: portal, ObjectTypeID: "0-2", ObjectID: 1, Kind: Creation, OccurredAt: at},
		Change{PortalID: portal + 1, ObjectTypeID: "0-1", ObjectID: 1, Kind: Creation, OccurredAt: at},
	)
	got, _ := d.fetch(journalV + "/earliest")
	want := `[{"type":"crmObject","portalId":49547190,"occurredAt":"2026-05-13T12:00:00.000Z","action":"CREATE","objectTypeId":"0-1","objectId":1,"propertyChanges":{"email":"a@x.com","lastname":"A"}},` +
		`{"type":"crmObject","portalId":49547190,"occurredAt":"2026-05-13T12:00:00.000Z","action":"UPDATE","objectTypeId":"0-1","objectId":2,"propertyChanges":{"email":"b@x.com","lastname":""}},` +
		`{"type":"crmObject","portalId":49547190,"occurredAt":"2026-05-13T12:00:00.001Z","action":"UPDATE","objectTypeId":"0-1","objectId":2,"propertyChanges":{"email":"c@x.com"}}]`
	if events, _ := json.Marshal(got.JournalEvents); string(events) != want {
		t.Errorf("events %s\nwant   %s", events, want)
	}
}

func TestJournalEventFamilies(t *testing.T) {
	at := time.Date(2026, 5, 13, 12, 0, 0, 0, time.UTC)
	tie := Change{PortalID: portal, ObjectTypeID: "0-1", ObjectType: "contact", ObjectID: 1, Kind: AssociationChange, OccurredAt: at,
		Association: Association{ToObjectTypeID: "0-2", ToObjectID: 9, TypeID: 279, ReverseTypeID: 280, Category: "HUBSPOT_DEFINED"}}
	untie := tie
	untie.Association.Removed = true
	list := Change{PortalID: portal, ObjectTypeID: "0-1", ObjectID: 1, Kind: ListMembership, OccurredAt: at, ListID: 4, ListAdded: true}
	left := list
	left.ListAdded = false
	merge := Change{PortalID: portal, ObjectTypeID: "0-1", ObjectID: 3, Kind: Merge, OccurredAt: at, Merge: Merged{1, []int64{2}, 3, 8}}
	privacy := contactChange(PrivacyDeletion, 1, "", "", at)
	sub := func(kind, rest string) string {
		return `{"subscriptionType":"` + kind + `","portalId":PORTAL,` + rest + `}`
	}
	for _, c := range []struct {
		subscription string
		change       Change
		want         string // what the only event contains; empty for none
	}{
		{sub("ASSOCIATION", `"objectTypeId":"0-1","actions":["ASSOCIATION_ADDED"]`), tie, `"fromObjectId":1,"toObjectTypeId":"0-2","toObjectId":9,"associationTypeId":279`},
		{sub("ASSOCIATION", `"objectTypeId":"0-2","actions":["ASSOCIATION_ADDED"]`), tie, `"fromObjectId":9,"toObjectTypeId":"0-1","toObjectId":1,"associationTypeId":280`},
		{sub("ASSOCIATION", `"objectTypeId":"0-1","actions":["ASSOCIATION_ADDED"]`), untie, ""},
		{sub("ASSOCIATION", `"objectTypeId":"0-1","actions":["ASSOCIATION_REMOVED"]`), untie, `"action":"ASSOCIATION_REMOVED"`},
		{sub("ASSOCIATION", `"objectTypeId":"0-1","actions":["ASSOCIATION_ADDED"],"associatedObjectTypeIds":["0-3"]`), tie, ""},
		{sub("ASSOCIATION", `"objectTypeId":"0-1","actions":["ASSOCIATION_ADDED"],"associatedObjectTypeIds":["0-2"]`), tie, `"type":"association"`},
		{sub("LIST_MEMBERSHIP", `"actions":["ADDED_TO_LIST"],"listIds":[4]`), list, `"action":"ADDED_TO_LIST","objectTypeId":"0-1","objectId":1,"listId":4`},
		{sub("LIST_MEMBERSHIP", `"actions":["ADDED_TO_LIST"],"listIds":[5]`), list, ""},
		{sub("LIST_MEMBERSHIP", `"actions":["ADDED_TO_LIST","REMOVED_FROM_LIST"]`), left, `"action":"REMOVED_FROM_LIST"`},
		{sub("GDPR_PRIVACY_DELETION", `"objectTypeId":"0-1","actions":["GDPR_DELETE"]`), privacy, `"action":"GDPR_DELETE"`},
		{sub("OBJECT", `"objectTypeId":"0-1","actions":["MERGE"]`), merge, `"objectId":3,"primaryObjectId":1,"mergedObjectIds":[2],"newObjectId":3`},
		{sub("OBJECT", `"objectTypeId":"0-1","actions":["DELETE"]`), merge, ""},
		{sub("OBJECT", `"objectTypeId":"0-1","actions":["MERGE"],"objectIds":[4]`), merge, ""},
		{sub("OBJECT", `"objectTypeId":"0-1","actions":["CREATE"],"properties":["email"]`), contactChange(PropertyChange, 1, "email", "x", at), ""},
	} {
		d := newDesk(t, nil)
		d.subscribe(c.subscription)
		d.tell(c.change)
		if c.want == "" {
			d.do("GET", journalV+"/earliest", "", 204, "")
			continue
		}
		got, _ := d.fetch(journalV + "/earliest")
		events, _ := json.Marshal(got.JournalEvents)
		if len(got.JournalEvents) != 1 || !strings.Contains(string(events), c.want) {
			t.Errorf("%s: %s, want one event with %s", c.subscription, events, c.want)
		}
	}
}

func TestJournalEntriesGroupAndSplit(t *testing.T) {
	d := newDesk(t, nil)
	d.subscribe(contactSubscription)
	for i := range int64(2 * maxEntryEvents) {
		d.Publish(contactChange(Creation, i+1, "", "", d.now))
	}
	d.now = d.now.Add(100 * time.Millisecond)
	d.Publish(contactChange(Creation, 9999, "", "", d.now))
	d.now = d.now.Add(200 * time.Millisecond)
	d.tell(contactChange(Creation, 10000, "", "", d.now))
	var at []fetchedJSON
	var batch struct{ Results []fetchedJSON }
	_ = json.Unmarshal([]byte(d.do("GET", journalV+"/batch/earliest/10", "", 200, `"status":"COMPLETE"`)), &batch)
	at = batch.Results
	var sizes []int
	for _, a := range at {
		var f file
		_ = json.Unmarshal([]byte(d.download(a.URL, 200)), &f)
		sizes = append(sizes, len(f.JournalEvents))
	}
	if fmt.Sprint(sizes) != "[1000 1000 1 1]" {
		t.Fatalf("entries of %v events, want 1000, 1000, 1 and 1", sizes)
	}
	results := func(body string) (offsets []string) {
		var b struct{ Results []fetchedJSON }
		_ = json.Unmarshal([]byte(body), &b)
		for _, r := range b.Results {
			offsets = append(offsets, r.CurrentOffset)
		}
		return offsets
	}
	for _, c := range []struct {
		path string
		want []fetchedJSON
	}{
		{"/batch/earliest/2", at[:2]},
		{"/batch/latest/3", at[1:]},
		{"/batch/" + at[0].CurrentOffset + "/next/2", at[1:3]},
		{"/batch/" + at[3].CurrentOffset + "/next/2", nil},
	} {
		var want []string
		for _, a := range c.want {
			want = append(want, a.CurrentOffset)
		}
		if got := results(d.do("GET", journalV+c.path, "", 200, `"completedAt"`)); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", c.path, got, want)
		}
	}
	d.do("POST", journalV+"/batch/read", `{"inputs":["`+at[1].CurrentOffset+`"]}`, 200, at[1].CurrentOffset)
	d.do("POST", journalV+"/batch/read", `{"inputs":["`+at[1].CurrentOffset+`","gone"]}`, 207, `"numErrors":1`)
	d.do("GET", journalV+"/batch/gone/next/2", "", 404, "expired")
	d.do("GET", journalV+"/batch/earliest/0", "", 400, "count")
	d.do("GET", journalV+"/batch/earliest/101", "", 400, "count")
	d.do("GET", journalV+"/batch/sideways/1", "", 404, "resource not found")
	d.do("GET", journalV+"/batch", "", 404, "resource not found")
}

func TestJournalSubscriptions(t *testing.T) {
	d := newDesk(t, nil)
	object := func(rest string) string {
		return `{"subscriptionType":"OBJECT","portalId":` + fmt.Sprint(portal) + rest + `}`
	}
	for _, s := range []step{
		{"POST", subsV, object(`,"objectTypeId":"0-1","actions":["CREATE"]`), 200, `{"id":1,"appId":7,"subscriptionType":"OBJECT","portalId":49547190,"objectTypeId":"0-1","actions":["CREATE"],"createdAt":"2026-05-13T12:00:00.000Z","updatedAt":"2026-05-13T12:00:00.000Z"}`},
		{"POST", subsV, object(`,"objectTypeId":"0-1","actions":["DELETE"]`), 200, `"id":1,`},
		{"POST", subsV, object(`,"objectTypeId":"0-2","actions":["DELETE"]`), 200, `"id":2,`},
		{"GET", subsV, "", 200, `"actions":["DELETE"]`},
		{"GET", subsV + "/2", "", 200, `"objectTypeId":"0-2"`},
		{"GET", subsV + "/3", "", 404, "not known"},
		{"PUT", subsV + "/2", "", 405, ""},
		{"DELETE", subsV + "/2", "", 204, ""},
		{"GET", subsV + "/2", "", 404, "not known"},
		{"DELETE", subsV + "/portals/1", "", 204, ""},
		{"GET", subsV + "/1", "", 200, ""},
		{"DELETE", subsV + "/portals/" + fmt.Sprint(portal), "", 204, ""},
		{"GET", subsV, "", 200, `{"results":[]}`},
		{"POST", subsV, `{"subscriptionType":"WEATHER"}`, 400, "WEATHER"},
		{"POST", subsV, object(`,"actions":["CREATE"]`), 400, "objectTypeId is required"},
		{"POST", subsV, object(`,"objectTypeId":"0-1","actions":[]`), 400, "actions"},
		{"POST", subsV, object(`,"objectTypeId":"0-1","actions":["ADDED_TO_LIST"]`), 400, "ADDED_TO_LIST"},
		{"POST", subsV, `{"subscriptionType":"OBJECT","portalId":1,"objectTypeId":"0-1","actions":["CREATE"]}`, 400, "not installed"},
		{"POST", subsV, `[`, 400, "Invalid input JSON"},
		{"POST", subsV, `"` + strings.Repeat("x", maxBody) + `"`, 400, "larger"},
		{"GET", "/webhooks-journal/weather/2026-03", "", 404, "resource not found"},
		{"GET", "/webhooks-journal/", "", 404, "resource not found"},
	} {
		d.do(s.method, s.path, s.body, s.status, s.contains)
	}
	d.subscribe(contactSubscription)
	d.tell(contactChange(Creation, 1, "", "", d.now))
	d.do("DELETE", subsV+"/portals/"+fmt.Sprint(portal), "", 204, "")
	d.tell(contactChange(Creation, 2, "", "", d.now))
	if got, _ := d.fetch(journalV + "/latest"); got.JournalEvents[0].ObjectID != 1 {
		t.Errorf("an app without subscription was told %+v", got)
	}
}

func TestJournalNeedsTokenAndScope(t *testing.T) {
	d := newDesk(t, nil)
	for _, path := range []string{journalV + "/earliest", subsV, snapshotsV} {
		d.token = "none"
		d.do("POST", path, "{}", 401, "INVALID_AUTHENTICATION")
		d.token = "narrow"
		d.do("POST", path, "{}", 403, "developer.webhooks_journal.")
	}
	d.do("GET", subsV, "", 200, "results")
	d.do("GET", "/webhooks-journal/journal/2026-03/status/x", "", 403, snapshotsReadScope)
}

func TestJournalLimits(t *testing.T) {
	for _, c := range []struct {
		method, path, body string
		most               int
	}{
		{"GET", journalV + "/earliest", "", 100},
		{"GET", subsV, "", 50},
		{"POST", snapshotsV, `{"snapshotRequests":[]}`, 10},
	} {
		d := newDesk(t, func(o *JournalOptions) { o.Limits = true })
		admitted := func() (n int) {
			for range 200 {
				w := httptest.NewRecorder()
				r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
				r.Header.Set("Authorization", "Bearer "+d.token)
				d.ServeHTTP(w, r)
				if w.Code != http.StatusTooManyRequests {
					n++
				} else if !strings.Contains(w.Body.String(), `"errorType":"RATE_LIMIT","policyName":"SECONDLY"`) {
					t.Fatalf("429 body %s", w.Body)
				}
			}
			return n
		}
		if got := admitted(); got != c.most {
			t.Errorf("%s: %d requests admitted, want %d", c.path, got, c.most)
		}
		d.token = "other"
		if got := admitted(); got != c.most {
			t.Errorf("%s: %d requests of another app admitted, want %d", c.path, got, c.most)
		}
		d.now = d.now.Add(999 * time.Millisecond)
		if got := admitted(); got != 0 {
			t.Errorf("%s: %d requests admitted within the same second", c.path, got)
		}
		d.now = d.now.Add(time.Millisecond)
		if got := admitted(); got != c.most {
			t.Errorf("%s: %d requests admitted a second later", c.path, got)
		}
	}
}

func TestSnapshots(t *testing.T) {
	d := newDesk(t, nil)
	request := func(id string) string {
		return `{"snapshotRequests":[{"portalId":` + fmt.Sprint(portal) + `,"objectTypeId":"0-1","objectId":` + id + `,"properties":["email"]}]}`
	}
	d.do("POST", snapshotsV, request("2"), 404, "does not exist")
	var out struct{ SnapshotResponses []snapshotJSON }
	if err := json.Unmarshal([]byte(d.do("POST", snapshotsV, request("1"), 200, `"snapshotStatusId"`)), &out); err != nil {
		t.Fatal(err)
	}
	id := out.SnapshotResponses[0].SnapshotStatusID
	d.now = d.now.Add(time.Second)
	got, _ := d.fetch(journalV + "/earliest")
	e := got.JournalEvents[0]
	if e.Action != "SNAPSHOT" || e.ObjectID != 1 || e.Properties["email"] != "now" || e.SnapshotStatusID != id {
		t.Errorf("snapshot event %+v", e)
	}
	status := "/webhooks-journal/journal/2026-03/status/"
	d.do("GET", status+id, "", 200, `"status":"SUCCESS"`)
	d.do("GET", status+"x", "", 404, "not known")
	d.do("GET", snapshotsV, "", 404, "resource not found")
	d.do("POST", snapshotsV, strings.Replace(request("1"), fmt.Sprint(portal), "1", 1), 404, "does not exist")
}

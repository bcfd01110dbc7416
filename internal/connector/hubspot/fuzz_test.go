package hubspot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/fuzzseed"
)

// told fails where an error is none that the engine can judge.
func told(t *testing.T, in string, err error) {
	t.Helper()
	var e *connector.Error
	if err != nil && (!errors.As(err, &e) || e.Code == "" || e.Class == core.ClassNone) {
		t.Fatalf("%q: an error without class or code: %v", in, err)
	}
}

// FuzzDelivered demands that no delivery stops the reader, that an unsigned one is
// always refused, and that a signed one tells of HubSpot's records alone.
func FuzzDelivered(f *testing.F) {
	fuzzseed.Add(f,
		`[{"portalId":77,"occurredAt":1742214467116,"subscriptionType":"contact.creation","objectId":106651134132,"changeSource":"INTEGRATION","sourceId":"9"}]`,
		`[{"portalId":77,"subscriptionType":"contact.merge","objectId":3,"primaryObjectId":1,"mergedObjectIds":[2],"newObjectId":3}]`,
		`[{"portalId":77,"subscriptionType":"object.associationChange","fromObjectTypeId":"0-2","toObjectTypeId":"0-1","fromObjectId":1,"toObjectId":2,"associationRemoved":true}]`,
		`[{"portalId":77,"subscriptionType":"company.propertyChange","objectId":1,"propertyName":"name","propertyValue":"A\ud83d\ude00","propertyValue":"B"}]`)
	hook := Webhook{ClientSecret: vectorSecret, PortalID: "77", AppID: "9"}
	f.Fuzz(func(t *testing.T, body string) {
		h := http.Header{}
		h.Set(headerTimestamp, "1693657560000")
		at := parseTime("1693657560000")
		if _, err := hook.Parse("POST", vectorURL, h, []byte(body), at); err == nil {
			t.Fatalf("%q is taken unsigned", body)
		}
		mac := hmac.New(sha256.New, []byte(vectorSecret))
		mac.Write([]byte("POST" + vectorURL + body + "1693657560000"))
		h.Set(headerV3, base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		events, err := hook.Parse("POST", vectorURL, h, []byte(body), at)
		told(t, body, err)
		for _, e := range events {
			if e.Ref.Side != core.HubSpot || e.Kind == "" || e.Ref.ID == "" && e.Kind != connector.EventOverflow {
				t.Fatalf("%q tells of %+v", body, e)
			}
		}
		h.Set(headerV3, base64.StdEncoding.EncodeToString(append(mac.Sum(nil)[:31], mac.Sum(nil)[31]^1)))
		if _, err := hook.Parse("POST", vectorURL, h, []byte(body), at); err == nil {
			t.Fatalf("%q is taken with a wrong signature", body)
		}
	})
}

// FuzzJournal demands that no event of the journal stops its reader.
func FuzzJournal(f *testing.F) {
	fuzzseed.Add(f,
		`{"portalId":77,"occurredAt":"2026-05-21T22:45:00.229Z","action":"UPDATE","objectTypeId":"0-2","objectId":5,"propertyChanges":{"name":"A","n":1}}`,
		`{"portalId":"77","action":"MERGE","objectTypeId":"0-1","primaryObjectId":1,"mergedObjectIds":["2",3],"newObjectId":3}`,
		`{"portalId":77,"action":"ASSOCIATION_REMOVED","fromObjectTypeId":"0-1","toObjectTypeId":"0-2","fromObjectId":1,"toObjectId":2}`)
	f.Fuzz(func(t *testing.T, item string) {
		for _, e := range journalEvents(json.RawMessage(item), "77", "9", []core.Object{core.Companies}) {
			if e.Ref.Side != core.HubSpot || e.Kind == "" || e.Ref.ID == "" && e.Kind != connector.EventOverflow {
				t.Fatalf("%q tells of %+v", item, e)
			}
		}
	})
}

// FuzzAnswers demands that no answer of the portal's stops the reader, and that what
// is no answer becomes an error and never an empty result.
func FuzzAnswers(f *testing.F) {
	fuzzseed.Add(f,
		`{"results":[{"id":"1","properties":{"name":"A\u00e9","n":null},"propertiesWithHistory":{"name":[{"value":"a","timestamp":"2026-05-21T22:45:00Z","sourceType":"CRM_UI"}]},"associations":{"contacts":{"results":[{"id":"2","type":"t"}]}},"createdAt":"2026-05-21T22:45:00Z","updatedAt":"2026-05-21T22:45:00Z","archived":false}],"paging":{"next":{"after":"2","link":"https://evil.example/x"}}}`,
		`{"results":[{"recordId":"1","membershipTimestamp":"2026-05-21T22:45:00Z"}],"paging":{}}`,
		`{"status":"error","category":"VALIDATION_ERROR","message":"Property values were not valid: [{\"isValid\":false}]","errors":[{"message":"m","code":"C","context":{"propertyName":["a"]}}],"correlationId":"x"}`,
		`{"results":[{"subscriberIdString":"a@edge.com","statuses":[{"status":"SUBSCRIBED","timestamp":"2026-05-21T22:45:00Z"}],"wideStatuses":[{"status":"UNSUBSCRIBED"}]}]}`,
		`{"results":[{"name":"name","label":"Name","type":"string","fieldType":"text","options":[{"value":"a","label":"A"}]}]}`, `<html>maintenance</html>`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, status := range []int{200, 207, 400, 409, 500} {
			calls := 0
			c, _ := scripted(t, func(seen) *http.Response {
				if calls++; calls > 20 {
					return respond(401, "{}")
				}
				return respond(status, body)
			})
			recs, err := c.Read(t.Context(), connector.Query{Object: core.Companies, Values: []string{"1"}, Fields: []string{"name"}})
			told(t, body, err)
			for i := range recs {
				if recs[i].Ref.Side != core.HubSpot {
					t.Fatalf("%q tells of %+v", body, recs[i])
				}
			}
			told(t, body, c.Scan(t.Context(), connector.Scan{Object: core.Companies, Fields: []string{"name"}}, func(connector.Page) error { return nil }))
			told(t, body, c.Memberships(t.Context(), "7", "", func(connector.MemberPage) error { return nil }))
			_, err = c.Consents(t.Context(), []string{"a@edge.com"})
			told(t, body, err)
			_, err = c.Describe(t.Context(), core.Companies)
			told(t, body, err)
		}
	})
}

// FuzzPositions demands that a place to resume at is understood or refused.
func FuzzPositions(f *testing.F) {
	fuzzseed.Add(f, "1762212973632:100", "0:x", "-1:a:b")
	f.Fuzz(func(t *testing.T, in string) {
		p, err := parsePosition(in)
		told(t, in, err)
		if err != nil {
			return
		}
		if again, err := parsePosition(p.String()); err != nil || again != p {
			t.Fatalf("%q comes back as %+v, %v", in, again, err)
		}
	})
}

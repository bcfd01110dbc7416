package notify

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// raw keeps the bodies as they come.
type raw struct{ bodies [][]byte }

func (r *raw) RoundTrip(req *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(req.Body)
	r.bodies = append(r.bodies, body)
	return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
}

// The shapes are those recorded on the wire.
func TestPayloadShapes(t *testing.T) {
	base := Change{PortalID: 49547190, ObjectTypeID: "0-1", ObjectType: "contact", ObjectID: 106651134132,
		Source: "INTEGRATION", SourceID: "9393361", OccurredAt: time.UnixMilli(1742214467116)}
	with := func(change func(c *Change)) Change {
		c := base
		change(&c)
		return c
	}
	head := func(id, subscription, kind string) string {
		return `{"eventId":` + id + `,"subscriptionId":` + subscription + `,"portalId":49547190,"appId":9393361,"occurredAt":1742214467116,` +
			`"subscriptionType":"` + kind + `","attemptNumber":0,`
	}
	source := `"changeSource":"INTEGRATION","sourceId":"9393361"`
	contact := `"objectId":106651134132,`
	association := Association{ToObjectTypeID: "0-8", ToObjectType: "line_item", ToObjectID: 2, TypeID: 19, ReverseTypeID: 20,
		Category: "HUBSPOT_DEFINED", Primary: true}
	for _, c := range []struct {
		name        string
		eventType   Subscription
		change      Change
		want, again string
	}{
		{"creation", Subscription{EventType: "contact.creation"}, with(func(c *Change) { c.Kind = Creation }),
			head("1", "1", "contact.creation") + contact + `"changeFlag":"CREATED",` + source + `}`, ""},
		{"deletion", Subscription{EventType: "contact.deletion"}, with(func(c *Change) { c.Kind = Deletion }),
			head("1", "1", "contact.deletion") + contact + `"changeFlag":"DELETED",` + source + `}`, ""},
		{"restore", Subscription{EventType: "contact.restore"}, with(func(c *Change) { c.Kind = Restore }),
			head("1", "1", "contact.restore") + contact + `"changeFlag":"RESTORED",` + source + `}`, ""},
		{"privacy deletion", Subscription{EventType: "contact.privacyDeletion"}, with(func(c *Change) { c.Kind = PrivacyDeletion }),
			head("1", "1", "contact.privacyDeletion") + contact + source + `}`, ""},
		{"cleared property", Subscription{EventType: "contact.propertyChange", PropertyName: "phone"},
			with(func(c *Change) { c.Kind, c.Property = PropertyChange, "phone" }),
			head("1", "1", "contact.propertyChange") + contact + source + `,"propertyName":"phone","propertyValue":""}`, ""},
		{"sensitive property", Subscription{EventType: "contact.propertyChange", PropertyName: "ssn"},
			with(func(c *Change) { c.Kind, c.Property, c.Value, c.Sensitive = PropertyChange, "ssn", "1", true }),
			head("1", "1", "contact.propertyChange") + contact + source + `,"propertyName":"ssn","propertyValue":"REDACTED","isSensitive":true}`, ""},
		{"generic", Subscription{EventType: "object.creation", ObjectTypeID: "0-1"}, with(func(c *Change) { c.Kind = Creation }),
			head("1", "1", "object.creation") + contact + `"objectTypeId":"0-1","changeFlag":"CREATED",` + source + `}`, ""},
		{"merge", Subscription{EventType: "contact.merge"}, with(func(c *Change) { c.Kind, c.ObjectID, c.Merge = Merge, 3, Merged{1, []int64{2}, 3, 8} }),
			head("1", "1", "contact.merge") + `"objectId":3,` + source + `,"primaryObjectId":1,"mergedObjectIds":[2],"newObjectId":3,"numberOfPropertiesMoved":8}`, ""},
		{"association from its own end", Subscription{EventType: "deal.associationChange"},
			with(func(c *Change) {
				c.Kind, c.ObjectTypeID, c.ObjectType, c.ObjectID, c.Association = AssociationChange, "0-3", "deal", 1, association
			}),
			head("1", "1", "deal.associationChange") + source + `,"associationType":"DEAL_TO_LINE_ITEM","fromObjectId":1,"toObjectId":2,` +
				`"associationRemoved":false,"isPrimaryAssociation":true}`, ""},
		{"association from the other end", Subscription{EventType: "line_item.associationChange"},
			with(func(c *Change) {
				c.Kind, c.ObjectTypeID, c.ObjectType, c.ObjectID, c.Association = AssociationChange, "0-3", "deal", 1, association
			}),
			head("1", "1", "line_item.associationChange") + source + `,"associationType":"LINE_ITEM_TO_DEAL","fromObjectId":2,"toObjectId":1,` +
				`"associationRemoved":false,"isPrimaryAssociation":true}`, ""},
		{"generic association", Subscription{EventType: "object.associationChange", ObjectTypeID: "0-8"},
			with(func(c *Change) {
				c.Kind, c.ObjectTypeID, c.ObjectType, c.ObjectID, c.Association = AssociationChange, "0-3", "deal", 1, association
			}),
			head("1", "1", "object.associationChange") + source + `,"fromObjectId":2,"toObjectId":1,"associationRemoved":false,"isPrimaryAssociation":true,` +
				`"fromObjectTypeId":"0-8","toObjectTypeId":"0-3","associationTypeId":20,"associationCategory":"HUBSPOT_DEFINED"}`, ""},
		{"association within a type is told from both ends", Subscription{EventType: "company.associationChange"},
			with(func(c *Change) {
				c.Kind, c.ObjectTypeID, c.ObjectType, c.ObjectID = AssociationChange, "0-2", "company", 1
				c.Association = Association{ToObjectTypeID: "0-2", ToObjectType: "company", ToObjectID: 2, TypeID: 13, ReverseTypeID: 14, Removed: true}
			}),
			head("1", "1", "company.associationChange") + source + `,"associationType":"COMPANY_TO_COMPANY","fromObjectId":1,"toObjectId":2,"associationRemoved":true,"isPrimaryAssociation":false}`,
			head("2", "1", "company.associationChange") + source + `,"associationType":"COMPANY_TO_COMPANY","fromObjectId":2,"toObjectId":1,"associationRemoved":true,"isPrimaryAssociation":false}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got raw
				w := NewWebhooks(WebhookOptions{Client: &http.Client{Transport: &got}, Now: time.Now, Rand: rand.New(rand.NewPCG(1, 2))})
				defer w.Close()
				w.SetApp(App{ID: appID, ClientSecret: "secret", TargetURL: target})
				c.eventType.Active = true
				if _, err := w.Subscribe(appID, c.eventType); err != nil {
					t.Fatal(err)
				}
				w.Publish(c.change)
				time.Sleep(time.Second)
				w.Close()
				want := "[" + c.want + "]"
				if c.again != "" {
					want = "[" + c.want + "," + c.again + "]"
				}
				if len(got.bodies) != 1 || numbered(got.bodies[0]) != want {
					t.Errorf("bodies %s\nwant   %s", got.bodies, want)
				}
			})
		})
	}
}

func TestIDsAreNumbersOnTheWire(t *testing.T) {
	e := newEvent(1, appID, &Subscription{ID: 2, EventType: "contact.creation"}, created(1<<53))
	body, err := json.Marshal(e)
	if err != nil || !bytes.Contains(body, []byte(`"objectId":9007199254740992,`)) {
		t.Errorf("%s %v", body, err)
	}
}

// numbered puts 1, 2 … in the place of event ids, which tell nothing.
func numbered(body []byte) string {
	n := 0
	return regexp.MustCompile(`"eventId":\d{3,}`).ReplaceAllStringFunc(string(body), func(string) string {
		n++
		return `"eventId":` + strconv.Itoa(n)
	})
}

package hubspot

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

const (
	vectorSecret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
	vectorURL    = "https://www.example.com/webhook_uri"
	// v1Signature is of the double-quoted body, by sha256sum.
	v1Signature = "54b2530692e3a3982727206aeee670ed1d85319cad55d4ddbafcf41725ebf2b3"
)

// Vectors of the request validation guide, the single-quoted body included.
func TestSignatureVectors(t *testing.T) {
	for _, tc := range []struct {
		body, stamp, signature string
		ok                     bool
	}{
		{`{'example_field':'example_value'}`, "1693657560000", "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=", true},
		{`{'example_field':'example_value'}`, "1700000300000", "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw=", true},
		{`{"example_field":"example_value"}`, "1693657560000", "oaA3M5dEtt6kFsseJD/Hv/x+JNl1vsoxFj4oxmwP6Go=", true},
		{`{"example_field":"example_valuE"}`, "1693657560000", "oaA3M5dEtt6kFsseJD/Hv/x+JNl1vsoxFj4oxmwP6Go=", false},
		{`{"example_field":"example_value"}`, "1693657560001", "oaA3M5dEtt6kFsseJD/Hv/x+JNl1vsoxFj4oxmwP6Go=", false},
		{`{"example_field":"example_value"}`, "1693657560000", "not base64", false},
	} {
		h := http.Header{}
		h.Set(headerV3, tc.signature)
		h.Set(headerTimestamp, tc.stamp)
		err := Webhook{ClientSecret: vectorSecret}.verify("POST", vectorURL, h, []byte(tc.body), parseTime(tc.stamp))
		if (err == nil) != tc.ok {
			t.Errorf("%s at %s: %v", tc.body, tc.stamp, err)
		}
	}
}

func TestSignaturesAgeAndFallBackOnlyWhenAllowed(t *testing.T) {
	at := parseTime("1693657560000")
	v3 := http.Header{}
	v3.Set(headerV3, "oaA3M5dEtt6kFsseJD/Hv/x+JNl1vsoxFj4oxmwP6Go=")
	v3.Set(headerTimestamp, "1693657560000")
	v1 := http.Header{}
	v1.Set(headerV1, "3b57863b0c6ad3c3ab66a1c8eb77a10b7ca1ff8b9b4a2b6fd97a5d3fc7d1e9aa")
	v1.Set(headerVersion, "v1")
	body := []byte(`{"example_field":"example_value"}`)
	both := v3.Clone()
	both.Set(headerV3, "AAAA")
	both.Set(headerV1, "3b57")
	for name, tc := range map[string]struct {
		hook   Webhook
		header http.Header
		now    time.Time
		ok     bool
	}{
		"at the limit":       {Webhook{ClientSecret: vectorSecret}, v3, at.Add(signatureAge), true},
		"too old":            {Webhook{ClientSecret: vectorSecret}, v3, at.Add(signatureAge + time.Millisecond), false},
		"from the future":    {Webhook{ClientSecret: vectorSecret}, v3, at.Add(-signatureAge - time.Millisecond), false},
		"no secret":          {Webhook{}, v3, at, false},
		"nothing signed":     {Webhook{ClientSecret: vectorSecret, AllowV1: true}, http.Header{}, at, false},
		"v1 not allowed":     {Webhook{ClientSecret: vectorSecret}, signedV1(), at, false},
		"v1 allowed":         {Webhook{ClientSecret: vectorSecret, AllowV1: true}, signedV1(), at, true},
		"v1 wrong":           {Webhook{ClientSecret: vectorSecret, AllowV1: true}, v1, at, false},
		"v3 wrong, v1 right": {Webhook{ClientSecret: vectorSecret, AllowV1: true}, merged(signedV1(), both), at, false},
	} {
		if err := tc.hook.verify("POST", vectorURL, tc.header, body, tc.now); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func signedV1() http.Header {
	h := http.Header{}
	h.Set(headerVersion, "v1")
	h.Set(headerV1, v1Signature)
	return h
}

func merged(a, b http.Header) http.Header {
	out := a.Clone()
	out[http.CanonicalHeaderKey(headerV3)] = b[http.CanonicalHeaderKey(headerV3)]
	out[http.CanonicalHeaderKey(headerTimestamp)] = b[http.CanonicalHeaderKey(headerTimestamp)]
	return out
}

func TestSignedAddressesAreNormalised(t *testing.T) {
	got := signedURL("https://x.example/a%2Fb%3Ac?q=%40%21%24%27%28%29%2A%2C%3B%3f&keep=%20%2B%25%3D")
	if want := "https://x.example/a/b:c?q=@!$'()*,;?&keep=%20%2B%25%3D"; got != want {
		t.Errorf("got %s", got)
	}
}

func parseEvents(t *testing.T, body string) []connector.Event {
	t.Helper()
	hook := Webhook{ClientSecret: "s", PortalID: "77", AppID: "9", AllowV1: true, Objects: []core.Object{core.Companies, core.LineItems, "2-77"}}
	var events []connector.Event
	// The signature is judged elsewhere; here only the events are.
	for _, item := range splitItems(t, body) {
		events = append(events, hook.events(item)...)
	}
	return events
}

func TestDeliveredEvents(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		want []connector.Event
	}{
		"own creation": {`{"portalId":77,"occurredAt":1742214467116,"subscriptionType":"contact.creation","objectId":106651134132,"changeSource":"INTEGRATION","sourceId":"9"}`,
			[]connector.Event{{Kind: connector.EventCreate, Ref: ref(core.Contacts, "106651134132"), At: time.UnixMilli(1742214467116).UTC(), Own: true}}},
		"another app": {`{"portalId":77,"subscriptionType":"company.deletion","objectId":1,"changeSource":"INTEGRATION","sourceId":"10"}`,
			[]connector.Event{{Kind: connector.EventDelete, Ref: ref(core.Companies, "1")}}},
		"property": {`{"portalId":77,"subscriptionType":"contact.propertyChange","objectId":123,"propertyName":"lifecyclestage","propertyValue":"","changeSource":"CRM_UI"}`,
			[]connector.Event{{Kind: connector.EventUpdate, Ref: ref(core.Contacts, "123"), Changed: map[string]string{"lifecyclestage": ""}}}},
		"sensitive": {`{"portalId":77,"subscriptionType":"contact.propertyChange","objectId":123,"propertyName":"ssn","propertyValue":"REDACTED","isSensitive":true}`,
			[]connector.Event{{Kind: connector.EventUpdate, Ref: ref(core.Contacts, "123")}}},
		"generic": {`{"portalId":77,"subscriptionType":"object.restore","objectTypeId":"0-2","objectId":5}`,
			[]connector.Event{{Kind: connector.EventUndelete, Ref: ref(core.Companies, "5")}}},
		"merge to a third": {`{"portalId":77,"subscriptionType":"contact.merge","objectId":3,"primaryObjectId":1,"mergedObjectIds":[2],"newObjectId":3}`,
			[]connector.Event{{Kind: connector.EventMerge, Ref: ref(core.Contacts, "2"), Into: ref(core.Contacts, "3")},
				{Kind: connector.EventMerge, Ref: ref(core.Contacts, "1"), Into: ref(core.Contacts, "3")}}},
		"merge that keeps": {`{"portalId":77,"subscriptionType":"company.merge","objectId":1,"primaryObjectId":1,"mergedObjectIds":[2],"newObjectId":1}`,
			[]connector.Event{{Kind: connector.EventMerge, Ref: ref(core.Companies, "2"), Into: ref(core.Companies, "1")}}},
		"association": {`{"portalId":77,"subscriptionType":"contact.associationChange","associationType":"CONTACT_TO_COMPANY","fromObjectId":1,"toObjectId":2}`,
			[]connector.Event{{Kind: connector.EventAssociate, Ref: ref(core.Contacts, "1"), Related: ref(core.Companies, "2")}}},
		"association removed": {`{"portalId":77,"subscriptionType":"contact.associationChange","associationType":"CONTACT_TO_COMPANY","fromObjectId":1,"toObjectId":2,"associationRemoved":true}`,
			[]connector.Event{{Kind: connector.EventAssociate, Ref: ref(core.Contacts, "1"), Related: ref(core.Companies, "2"), Removed: true}}},
		"generic association": {`{"portalId":77,"subscriptionType":"object.associationChange","fromObjectTypeId":"0-2","toObjectTypeId":"0-1","fromObjectId":1,"toObjectId":2}`,
			[]connector.Event{{Kind: connector.EventAssociate, Ref: ref(core.Companies, "1"), Related: ref(core.Contacts, "2")}}},
		"privacy":        {`{"portalId":77,"subscriptionType":"contact.privacyDeletion","objectId":4}`, []connector.Event{{Kind: connector.EventPrivacy, Ref: ref(core.Contacts, "4")}}},
		"unknown kind":   {`{"portalId":77,"subscriptionType":"company.levitation","objectId":4}`, []connector.Event{{Kind: connector.EventGap, Ref: ref(core.Companies, "4")}}},
		"no id":          {`{"portalId":77,"subscriptionType":"company.creation"}`, []connector.Event{{Kind: connector.EventOverflow, Ref: ref(core.Companies, "")}}},
		"another portal": {`{"portalId":78,"subscriptionType":"company.creation","objectId":4}`, nil},
		"malformed": {`"what"`, []connector.Event{{Kind: connector.EventOverflow, Ref: ref(core.Companies, "")},
			{Kind: connector.EventOverflow, Ref: ref(core.LineItems, "")}, {Kind: connector.EventOverflow, Ref: ref("2-77", "")}}},
		"line item": {`{"portalId":77,"subscriptionType":"line_item.propertyChange","objectId":5,"propertyName":"price","propertyValue":"7.5"}`,
			[]connector.Event{{Kind: connector.EventUpdate, Ref: ref(core.LineItems, "5"), Changed: map[string]string{"price": "7.5"}}}},
		"line item of a deal": {`{"portalId":77,"subscriptionType":"line_item.associationChange","associationType":"LINE_ITEM_TO_DEAL","fromObjectId":1,"toObjectId":2}`,
			[]connector.Event{{Kind: connector.EventAssociate, Ref: ref(core.LineItems, "1"), Related: ref(core.Deals, "2")}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := compact(t, parseEvents(t, tc.body)); got != compact(t, tc.want) {
				t.Errorf("got  %s\nwant %s", got, compact(t, tc.want))
			}
		})
	}
}

func TestADeliveryIsReadOnlyWhenSigned(t *testing.T) {
	hook := Webhook{ClientSecret: vectorSecret, AllowV1: true}
	if _, err := hook.Parse("POST", vectorURL, http.Header{}, []byte(`[]`), testNow); wantError(t, err).Code != CodeSignature {
		t.Error(err)
	}
	_, err := hook.Parse("POST", vectorURL, signedV1(), []byte(`{"example_field":"example_value"}`), testNow)
	if e := wantError(t, err); e.Code != connector.CodeNotJSON || !strings.Contains(e.Message, "list") {
		t.Errorf("signed, but no list: %v", err)
	}
}

// One item of a delivery that cannot be read costs none of the others.
func TestE4_OneMalformedItemOfAHundredCostsNoOther(t *testing.T) {
	var items []string
	for i := range 100 {
		items = append(items, fmt.Sprintf(`{"portalId":77,"subscriptionType":"company.propertyChange","objectId":%d,"propertyName":"name","propertyValue":"x"}`, i+1))
	}
	items[41] = `{"portalId":77,"subscriptionType":["company"],"objectId":{}}`
	body := []byte("[" + strings.Join(items, ",") + "]")
	sum := sha256.Sum256(append([]byte(vectorSecret), body...))
	header := http.Header{}
	header.Set(headerVersion, "v1")
	header.Set(headerV1, hex.EncodeToString(sum[:]))
	events, err := Webhook{ClientSecret: vectorSecret, PortalID: "77", AllowV1: true}.Parse("POST", vectorURL, header, body, testNow)
	if err != nil {
		t.Fatal(err)
	}
	updated, lost := map[string]bool{}, 0
	for _, e := range events {
		if e.Kind == connector.EventUpdate {
			updated[e.Ref.ID] = true
		} else if e.Kind == connector.EventOverflow {
			lost++
		}
	}
	if len(updated) != 99 || updated["42"] || lost == 0 {
		t.Errorf("%d records are told of, and %d objects whose records are not named", len(updated), lost)
	}
}

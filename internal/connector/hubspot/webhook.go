package hubspot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// CodeSignature is the code of a delivery whose signature is not the app's.
const CodeSignature = "bad_signature"

// Webhook verifies and reads the deliveries of an app's webhooks for one portal
// (webhooks and request validation guides).
type Webhook struct {
	ClientSecret string
	PortalID     string // deliveries may mix portals: others' events are left out
	AppID        string // marks our own changes; may be blank
	// Objects are those whose records are looked at: all of them, where an event cannot be
	// read. Nil is companies and contacts.
	Objects []core.Object
	// AllowV1 accepts the older signature where a delivery has no version 3 one:
	// it covers neither the address nor the time.
	AllowV1 bool
}

const (
	signatureAge = 5 * time.Minute
	// maxDelivered is ten times the most events that a delivery has (webhooks guide).
	maxDelivered    = 1000
	headerV3        = "X-HubSpot-Signature-v3"
	headerTimestamp = "X-HubSpot-Request-Timestamp"
	headerV1        = "X-HubSpot-Signature"
	headerVersion   = "X-HubSpot-Signature-Version"
)

// Parse checks the signature and gives the portal's events. fullURL is the
// public address that HubSpot called, whatever a proxy made of it. An event of
// an unknown type is a gap event, a malformed one an overflow of all objects;
// neither fails the delivery.
func (h Webhook) Parse(method, fullURL string, header http.Header, body []byte, now time.Time) ([]connector.Event, error) {
	if err := h.verify(method, fullURL, header, body, now); err != nil {
		return nil, err
	}
	var items []json.RawMessage
	if err := json.Unmarshal(body, &items); err != nil {
		return nil, &connector.Error{Side: core.HubSpot, Class: core.ClassRejected, Code: connector.CodeNotJSON,
			Message: "the webhook delivery is not a JSON list", Err: err}
	}
	if len(items) > maxDelivered {
		return overflow(time.Time{}, followed(h.Objects)...), nil
	}
	var events []connector.Event
	for _, item := range items {
		events = append(events, h.events(item)...)
	}
	return events, nil
}

// Glance refuses a delivery that its headers alone show not to be the app's, so
// that its body need not be read. It accepts much that Parse refuses.
func (h Webhook) Glance(header http.Header, now time.Time) error {
	switch {
	case h.ClientSecret == "":
		return badSignature("no client secret is configured")
	case header.Get(headerV3) != "":
		_, err := timely(header, now)
		return err
	case !h.AllowV1 || header.Get(headerV1) == "" || header.Get(headerVersion) != "v1":
		return badSignature("the delivery carries no version 3 signature")
	}
	return nil
}

func badSignature(message string) error {
	return &connector.Error{Side: core.HubSpot, Class: core.ClassAuth, Code: CodeSignature, Message: message,
		Mend: "check the app's client secret and that public_url is the address HubSpot calls"}
}

func (h Webhook) verify(method, fullURL string, header http.Header, body []byte, now time.Time) error {
	if err := h.Glance(header, now); err != nil {
		return err
	}
	if header.Get(headerV3) != "" {
		return h.verifyV3(method, fullURL, header, body)
	}
	sum := sha256.Sum256(append([]byte(h.ClientSecret), body...))
	if !hmac.Equal([]byte(hex.EncodeToString(sum[:])), []byte(strings.ToLower(header.Get(headerV1)))) {
		return badSignature("the delivery's version 1 signature is wrong")
	}
	return nil
}

// timely gives the time that a delivery says it was signed at, where that is now.
func timely(header http.Header, now time.Time) (stamp string, err error) {
	stamp = header.Get(headerTimestamp)
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return "", badSignature("the delivery carries no time")
	}
	if age := now.Sub(time.UnixMilli(ms)); age > signatureAge || age < -signatureAge {
		return "", badSignature("the delivery is older than 5 minutes, or our clock is wrong")
	}
	return stamp, nil
}

func (h Webhook) verifyV3(method, fullURL string, header http.Header, body []byte) error {
	mac := hmac.New(sha256.New, []byte(h.ClientSecret))
	for _, part := range []string{method, signedURL(fullURL)} {
		_, _ = io.WriteString(mac, part) // a hash takes everything
	}
	_, _ = mac.Write(body)
	_, _ = io.WriteString(mac, header.Get(headerTimestamp))
	given, err := base64.StdEncoding.DecodeString(header.Get(headerV3))
	if err != nil || !hmac.Equal(mac.Sum(nil), given) {
		return badSignature("the delivery's signature is wrong")
	}
	return nil
}

// signedEscapes are the escapes that a signed address has decoded (request
// validation guide, version 3).
var signedEscapes = strings.NewReplacer("%3A", ":", "%2F", "/", "%3F", "?", "%40", "@", "%21", "!", "%24", "$", "%27", "'",
	"%28", "(", "%29", ")", "%2A", "*", "%2C", ",", "%3B", ";",
	"%3a", ":", "%2f", "/", "%3f", "?", "%2a", "*", "%2c", ",", "%3b", ";")

func signedURL(fullURL string) string { return signedEscapes.Replace(fullURL) }

// wireDelivered is one webhook event; the wire names its type subscriptionType.
type wireDelivered struct {
	PortalID   text   `json:"portalId"`
	OccurredAt text   `json:"occurredAt"`
	Type       string `json:"subscriptionType"`
	ObjectID   text   `json:"objectId"`
	TypeID     string `json:"objectTypeId"`
	Property   string `json:"propertyName"`
	Value      text   `json:"propertyValue"`
	Sensitive  bool   `json:"isSensitive"`
	Source     string `json:"changeSource"`
	SourceID   text   `json:"sourceId"`
	change
}

// change is what webhooks and the journal tell alike about merges and
// associations.
type change struct {
	PrimaryID       text   `json:"primaryObjectId"`
	MergedIDs       texts  `json:"mergedObjectIds"`
	NewID           text   `json:"newObjectId"`
	FromID          text   `json:"fromObjectId"`
	ToID            text   `json:"toObjectId"`
	FromTypeID      string `json:"fromObjectTypeId"`
	ToTypeID        string `json:"toObjectTypeId"`
	AssociationType string `json:"associationType"`
	Removed         bool   `json:"associationRemoved"`
}

func (h Webhook) events(item json.RawMessage) []connector.Event {
	var w wireDelivered
	if err := json.Unmarshal(item, &w); err != nil {
		return overflow(time.Time{}, followed(h.Objects)...)
	}
	if h.PortalID != "" && string(w.PortalID) != h.PortalID {
		return nil
	}
	family, kind, _ := strings.Cut(w.Type, ".")
	object := objectNamed(family)
	if family == "object" {
		object = objectNamed(w.TypeID)
	}
	e := connector.Event{Kind: deliveredKinds[kind], Ref: ref(object, string(w.ObjectID)), At: parseTime(string(w.OccurredAt)),
		Own: ownChange(h.AppID, w.Source, string(w.SourceID))}
	switch {
	case e.Kind == connector.EventMerge:
		return w.merges(e)
	case e.Kind == connector.EventAssociate:
		return w.association(e, object)
	case e.Ref.ID == "":
		return overflow(e.At, object)
	case e.Kind == "":
		e.Kind = connector.EventGap
	case e.Kind == connector.EventUpdate && w.Property != "" && !w.Sensitive:
		e.Changed = map[string]string{w.Property: string(w.Value)}
	}
	return []connector.Event{e}
}

var deliveredKinds = map[string]connector.EventKind{
	"creation": connector.EventCreate, "propertyChange": connector.EventUpdate, "deletion": connector.EventDelete,
	"restore": connector.EventUndelete, "merge": connector.EventMerge, "associationChange": connector.EventAssociate,
	"privacyDeletion": connector.EventPrivacy,
}

// objectNamed is an object by type id or singular name; one that we do not know
// keeps the name given.
func objectNamed(name string) core.Object {
	if object, ok := objectOf(name); ok {
		return object
	}
	return core.Object(name)
}

// merges tells each absorbed record into what it went. A merge makes a third
// record, so that the record a person chose to keep is absorbed as well (merge
// guide).
func (w *change) merges(e connector.Event) []connector.Event {
	into := w.NewID
	if into == "" {
		into = w.PrimaryID
	}
	var out []connector.Event
	for _, id := range unique(append([]string(w.MergedIDs), string(w.PrimaryID))) {
		if id == string(into) {
			continue
		}
		m := e
		m.Ref.ID, m.Into = id, ref(e.Ref.Object, string(into))
		out = append(out, m)
	}
	if len(out) == 0 {
		return overflow(e.At, e.Ref.Object)
	}
	return out
}

// association tells one direction of a change; the other comes by itself.
func (w *change) association(e connector.Event, object core.Object) []connector.Event {
	from, to := object, core.Object("")
	if w.FromTypeID != "" {
		from, to = objectNamed(w.FromTypeID), objectNamed(w.ToTypeID)
	} else if a, b, ok := strings.Cut(strings.ToLower(w.AssociationType), "_to_"); ok {
		from, to = objectNamed(a), objectNamed(b)
	}
	if w.FromID == "" {
		return overflow(e.At, from)
	}
	e.Ref, e.Related, e.Removed = ref(from, string(w.FromID)), ref(to, string(w.ToID)), w.Removed
	return []connector.Event{e}
}

// followed are the objects chosen, or those that are followed without a choice.
func followed(chosen []core.Object) []core.Object {
	if chosen == nil {
		return []core.Object{core.Companies, core.Contacts}
	}
	return chosen
}

// overflow asks to look at all records of objects: the event names none.
func overflow(at time.Time, objects ...core.Object) []connector.Event {
	out := make([]connector.Event, 0, len(objects))
	for _, o := range objects {
		out = append(out, connector.Event{Kind: connector.EventOverflow, Ref: ref(o, ""), At: at})
	}
	return out
}

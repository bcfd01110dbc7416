package notify

import (
	"slices"
	"strings"
)

// event is one webhook notification. The wire names the event type
// subscriptionType, whatever the documentation calls it.
type event struct {
	EventID          int64  `json:"eventId"`
	SubscriptionID   int64  `json:"subscriptionId"`
	PortalID         int64  `json:"portalId"`
	AppID            int64  `json:"appId"`
	OccurredAt       int64  `json:"occurredAt"` // milliseconds
	SubscriptionType string `json:"subscriptionType"`
	AttemptNumber    int    `json:"attemptNumber"`
	ObjectID         int64  `json:"objectId,omitempty"`
	ObjectTypeID     string `json:"objectTypeId,omitempty"` // object.* only
	ChangeFlag       string `json:"changeFlag,omitempty"`
	ChangeSource     string `json:"changeSource"`
	SourceID         string `json:"sourceId,omitempty"`

	PropertyName  string  `json:"propertyName,omitempty"`
	PropertyValue *string `json:"propertyValue,omitempty"`
	IsSensitive   bool    `json:"isSensitive,omitempty"`

	*associationEvent
	*mergeEvent
}

type associationEvent struct {
	AssociationType      string `json:"associationType,omitempty"` // legacy types only
	FromObjectID         int64  `json:"fromObjectId"`
	ToObjectID           int64  `json:"toObjectId"`
	AssociationRemoved   bool   `json:"associationRemoved"`
	IsPrimaryAssociation bool   `json:"isPrimaryAssociation"`
	FromObjectTypeID     string `json:"fromObjectTypeId,omitempty"` // object.* only, as the rest
	ToObjectTypeID       string `json:"toObjectTypeId,omitempty"`
	AssociationTypeID    int    `json:"associationTypeId,omitempty"`
	AssociationCategory  string `json:"associationCategory,omitempty"`
}

type mergeEvent struct {
	PrimaryObjectID         int64   `json:"primaryObjectId"`
	MergedObjectIDs         []int64 `json:"mergedObjectIds"`
	NewObjectID             int64   `json:"newObjectId"`
	NumberOfPropertiesMoved int     `json:"numberOfPropertiesMoved"`
}

// genericType is the prefix of event types that name their object type by id.
const genericType = "object"

// newEvent makes the notification of c, already seen from the subscribed end.
func newEvent(id, appID int64, s *Subscription, c Change) event {
	e := event{EventID: id, SubscriptionID: s.ID, PortalID: c.PortalID, AppID: appID,
		OccurredAt: c.OccurredAt.UnixMilli(), SubscriptionType: s.EventType,
		ObjectID: c.ObjectID, ChangeSource: c.Source, SourceID: c.SourceID}
	generic := strings.HasPrefix(s.EventType, genericType+".")
	if generic {
		e.ObjectTypeID = c.ObjectTypeID
	}
	switch c.Kind {
	case Creation:
		e.ChangeFlag = "CREATED"
	case Deletion:
		e.ChangeFlag = "DELETED"
	case Restore:
		e.ChangeFlag = "RESTORED"
	case PropertyChange:
		value := c.value()
		e.PropertyName, e.PropertyValue, e.IsSensitive = c.Property, &value, c.Sensitive
	case Merge:
		e.mergeEvent = &mergeEvent{c.Merge.PrimaryID, c.Merge.MergedIDs, c.Merge.NewID, c.Merge.PropertiesMoved}
	case AssociationChange:
		e.ObjectID, e.ObjectTypeID = 0, ""
		e.associationEvent = newAssociationEvent(c, generic)
	}
	return e
}

func newAssociationEvent(c Change, generic bool) *associationEvent {
	a := c.Association
	e := &associationEvent{FromObjectID: c.ObjectID, ToObjectID: a.ToObjectID,
		AssociationRemoved: a.Removed, IsPrimaryAssociation: a.Primary}
	if generic {
		e.FromObjectTypeID, e.ToObjectTypeID = c.ObjectTypeID, a.ToObjectTypeID
		e.AssociationTypeID, e.AssociationCategory = a.TypeID, a.Category
		return e
	}
	to := a.ToObjectType
	if to == "" {
		to = a.ToObjectTypeID
	}
	e.AssociationType = strings.ToUpper(c.ObjectType + "_TO_" + to)
	return e
}

// wants says whether the subscription covers c as seen from c's record.
func (s *Subscription) wants(c Change) bool {
	object, kind, _ := strings.Cut(s.EventType, ".")
	switch {
	case !s.Active || kind != string(c.Kind):
		return false
	case object == genericType && s.ObjectTypeID != c.ObjectTypeID:
		return false
	case object != genericType && object != c.ObjectType:
		return false
	}
	return c.Kind != PropertyChange || s.PropertyName == c.Property || s.PropertyName == AnyProperty
}

// legacyTypes are the object types with event types of their own.
var legacyTypes = []string{"contact", "company", "deal", "ticket", "product", "line_item"}

// eventTypes are the values of eventType that this portal can tell about, after
// the Webhooks v3 specification.
var eventTypes = func() []string {
	out := []string{"contact." + string(PrivacyDeletion)}
	for _, object := range append(slices.Clone(legacyTypes), genericType) {
		for _, kind := range []Kind{Creation, Deletion, PropertyChange, Merge, Restore, AssociationChange} {
			if object != "product" || kind != AssociationChange {
				out = append(out, object+"."+string(kind))
			}
		}
	}
	return out
}()

// untold are properties that have no propertyChange events.
var untold = []string{"num_unique_conversion_events", "hs_lastmodifieddate"}

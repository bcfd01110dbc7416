package notify

import (
	"slices"
	"time"
)

// Subscription types of the journal, after its 2026-03 specification.
const (
	objectSubscription      = "OBJECT"
	associationSubscription = "ASSOCIATION"
	listSubscription        = "LIST_MEMBERSHIP"
	privacySubscription     = "GDPR_PRIVACY_DELETION"
)

// journalActions are the actions each subscription type can name.
var journalActions = map[string][]string{
	objectSubscription:      {"CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE", "SNAPSHOT"},
	associationSubscription: {"ASSOCIATION_ADDED", "ASSOCIATION_REMOVED"},
	listSubscription:        {"ADDED_TO_LIST", "REMOVED_FROM_LIST"},
	privacySubscription:     {"GDPR_DELETE"},
	"APP_LIFECYCLE_EVENT":   {"APP_INSTALL", "APP_UNINSTALL"},
}

// journalSubscription is what an app wants to find in its journal. Empty id
// lists do not limit; an empty property list means no property.
type journalSubscription struct {
	ID                      int64    `json:"id"`
	AppID                   int64    `json:"appId"`
	SubscriptionType        string   `json:"subscriptionType"`
	PortalID                int64    `json:"portalId,omitempty"`
	ObjectTypeID            string   `json:"objectTypeId"`
	Actions                 []string `json:"actions"`
	Properties              []string `json:"properties,omitempty"`
	ObjectIDs               []int64  `json:"objectIds,omitempty"`
	ListIDs                 []int64  `json:"listIds,omitempty"`
	AssociatedObjectTypeIDs []string `json:"associatedObjectTypeIds,omitempty"`
	EventTypeID             string   `json:"eventTypeId,omitempty"`
	CreatedAt               string   `json:"createdAt"`
	UpdatedAt               string   `json:"updatedAt"`
}

// journalEvent is one event of an entry. The specification leaves the shape to
// the downloaded file; fields beyond those of the guide's sample are this
// portal's reading.
type journalEvent struct {
	Type            string            `json:"type"`
	PortalID        int64             `json:"portalId"`
	OccurredAt      string            `json:"occurredAt"`
	Action          string            `json:"action"`
	ObjectTypeID    string            `json:"objectTypeId,omitempty"`
	ObjectID        int64             `json:"objectId,omitempty"`
	PropertyChanges map[string]string `json:"propertyChanges,omitempty"`
	ChangeSource    string            `json:"changeSource,omitempty"`
	SourceID        string            `json:"sourceId,omitempty"`

	PrimaryObjectID int64   `json:"primaryObjectId,omitempty"`
	MergedObjectIDs []int64 `json:"mergedObjectIds,omitempty"`
	NewObjectID     int64   `json:"newObjectId,omitempty"`

	FromObjectTypeID    string `json:"fromObjectTypeId,omitempty"`
	FromObjectID        int64  `json:"fromObjectId,omitempty"`
	ToObjectTypeID      string `json:"toObjectTypeId,omitempty"`
	ToObjectID          int64  `json:"toObjectId,omitempty"`
	AssociationTypeID   int    `json:"associationTypeId,omitempty"`
	AssociationCategory string `json:"associationCategory,omitempty"`
	IsPrimary           bool   `json:"isPrimaryAssociation,omitempty"`

	ListID           int64             `json:"listId,omitempty"`
	SnapshotStatusID string            `json:"snapshotStatusId,omitempty"`
	Properties       map[string]string `json:"properties,omitempty"` // of a snapshot
}

// events turns one commit's changes into the events this app subscribed to.
func (r *reader) events(changes []Change, source bool) []*journalEvent {
	var out []*journalEvent
	var joined Change // the change that the last event of out was made of
	for _, c := range changes {
		for _, seen := range c.directions() {
			subscribed := r.subscribed(seen)
			if len(subscribed) == 0 {
				continue
			}
			if seen.Kind == PropertyChange && len(out) > 0 && seen.joins(joined) {
				out[len(out)-1].add(seen)
				continue
			}
			if e := newJournalEvent(seen, subscribed); e != nil {
				if source {
					e.ChangeSource, e.SourceID = seen.Source, seen.SourceID
				}
				out, joined = append(out, e), seen
			}
		}
	}
	return out
}

// joins says whether a property change belongs to the event of an earlier change.
func (c Change) joins(earlier Change) bool {
	return (earlier.Kind == Creation || earlier.Kind == PropertyChange) &&
		c.ObjectTypeID == earlier.ObjectTypeID && c.ObjectID == earlier.ObjectID && c.OccurredAt.Equal(earlier.OccurredAt)
}

func (e *journalEvent) add(c Change) {
	if e.PropertyChanges == nil {
		e.PropertyChanges = map[string]string{}
	}
	e.PropertyChanges[c.Property] = c.value()
}

// subscribed gives the subscriptions that a change concerns.
func (r *reader) subscribed(c Change) []*journalSubscription {
	var out []*journalSubscription
	for _, s := range r.subscriptions {
		if s.concerns(c) {
			out = append(out, s)
		}
	}
	return out
}

// concerns holds for a property change also when the subscription only wants
// creations: its value then belongs to the creation's event.
func (s *journalSubscription) concerns(c Change) bool {
	if s.SubscriptionType != subscriptionType(c.Kind) || s.PortalID != 0 && s.PortalID != c.PortalID {
		return false
	}
	if len(s.ObjectIDs) > 0 && !slices.Contains(s.ObjectIDs, c.ObjectID) {
		return false
	}
	if c.Kind == ListMembership {
		return slices.Contains(s.Actions, c.action()) && (len(s.ListIDs) == 0 || slices.Contains(s.ListIDs, c.ListID))
	}
	if s.ObjectTypeID != c.ObjectTypeID {
		return false
	}
	switch c.Kind {
	case PropertyChange:
		return slices.Contains(s.Properties, c.Property) &&
			(slices.Contains(s.Actions, "UPDATE") || slices.Contains(s.Actions, "CREATE"))
	case AssociationChange:
		return slices.Contains(s.Actions, c.action()) && (len(s.AssociatedObjectTypeIDs) == 0 ||
			slices.Contains(s.AssociatedObjectTypeIDs, c.Association.ToObjectTypeID))
	}
	return slices.Contains(s.Actions, c.action())
}

func subscriptionType(k Kind) string {
	switch k {
	case AssociationChange:
		return associationSubscription
	case ListMembership:
		return listSubscription
	case PrivacyDeletion:
		return privacySubscription
	}
	return objectSubscription
}

// action is the journal's name of what happened.
func (c Change) action() string {
	switch c.Kind {
	case Creation:
		return "CREATE"
	case PropertyChange:
		return "UPDATE"
	case Deletion:
		return "DELETE"
	case Merge:
		return "MERGE"
	case Restore:
		return "RESTORE"
	case PrivacyDeletion:
		return "GDPR_DELETE"
	case AssociationChange:
		return choose(c.Association.Removed, "ASSOCIATION_REMOVED", "ASSOCIATION_ADDED")
	}
	return choose(c.ListAdded, "ADDED_TO_LIST", "REMOVED_FROM_LIST")
}

func choose(yes bool, then, otherwise string) string {
	if yes {
		return then
	}
	return otherwise
}

// newJournalEvent makes the event of a change; nil when nobody wants it by itself.
func newJournalEvent(c Change, subscribed []*journalSubscription) *journalEvent {
	wanted := slices.ContainsFunc(subscribed, func(s *journalSubscription) bool {
		return slices.Contains(s.Actions, c.action())
	})
	if !wanted {
		return nil
	}
	e := &journalEvent{PortalID: c.PortalID, OccurredAt: stamp(c.OccurredAt), Action: c.action(),
		ObjectTypeID: c.ObjectTypeID, ObjectID: c.ObjectID, Type: eventFamily(c.Kind)}
	switch c.Kind {
	case PropertyChange:
		e.add(c)
	case Merge:
		e.PrimaryObjectID, e.MergedObjectIDs, e.NewObjectID = c.Merge.PrimaryID, c.Merge.MergedIDs, c.Merge.NewID
	case ListMembership:
		e.ListID = c.ListID
	case AssociationChange:
		a := c.Association
		e.FromObjectTypeID, e.FromObjectID = c.ObjectTypeID, c.ObjectID
		e.ToObjectTypeID, e.ToObjectID = a.ToObjectTypeID, a.ToObjectID
		e.AssociationTypeID, e.AssociationCategory, e.IsPrimary = a.TypeID, a.Category, a.Primary
	}
	return e
}

func eventFamily(k Kind) string {
	switch k {
	case AssociationChange:
		return "association"
	case ListMembership:
		return "listMembership"
	case PrivacyDeletion:
		return "gdprPrivacyDeletion"
	}
	return "crmObject"
}

// newSnapshot is the event that delivers a record's current values.
func newSnapshot(portalID int64, objectTypeID string, objectID int64, values map[string]string, statusID string, at time.Time) *journalEvent {
	return &journalEvent{Type: "crmObject", PortalID: portalID, OccurredAt: stamp(at), Action: "SNAPSHOT",
		ObjectTypeID: objectTypeID, ObjectID: objectID, SnapshotStatusID: statusID, Properties: values}
}

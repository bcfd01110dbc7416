package notify

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
)

func (j *Journal) serveSubscriptions(c call) answer {
	switch {
	case len(c.path) == 0 && c.Method == http.MethodPost:
		return j.subscribe(c)
	case len(c.path) == 0 && c.Method == http.MethodGet:
		return j.listSubscriptions(c)
	case len(c.path) == 1:
		return j.serveSubscription(c, c.path[0])
	case len(c.path) == 2 && c.path[0] == "portals" && c.Method == http.MethodDelete:
		return j.unsubscribePortal(c, c.path[1])
	}
	return failed(notFound("resource not found"))
}

// subscribe adds a subscription, or replaces the one of the same type, object
// type and portal.
func (j *Journal) subscribe(c call) answer {
	var s journalSubscription
	if err := readJSON(c.Request, &s); err != nil {
		return failed(err)
	}
	if err := j.check(s); err != nil {
		return failed(err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.reader(c.appID)
	now := stamp(j.opts.Now())
	s.AppID, s.CreatedAt, s.UpdatedAt = c.appID, now, now
	same := slices.IndexFunc(r.subscriptions, func(o *journalSubscription) bool {
		return o.SubscriptionType == s.SubscriptionType && o.ObjectTypeID == s.ObjectTypeID && o.PortalID == s.PortalID
	})
	if same >= 0 {
		s.ID, s.CreatedAt = r.subscriptions[same].ID, r.subscriptions[same].CreatedAt
		r.subscriptions[same] = &s
		return ok(s)
	}
	j.subscriptions++
	s.ID = j.subscriptions
	r.subscriptions = append(r.subscriptions, &s)
	return ok(s)
}

func (j *Journal) check(s journalSubscription) *wireError {
	actions, known := journalActions[s.SubscriptionType]
	if !known {
		return badRequest("subscriptionType %q is not one of %v", s.SubscriptionType, slices.Sorted(maps.Keys(journalActions)))
	}
	for _, a := range s.Actions {
		if !slices.Contains(actions, a) {
			return badRequest("action %q is not valid for subscriptions of type %s", a, s.SubscriptionType)
		}
	}
	if s.SubscriptionType == "APP_LIFECYCLE_EVENT" {
		return nil
	}
	switch {
	case s.PortalID != j.opts.PortalID:
		return badRequest("the app is not installed in portal %d", s.PortalID)
	case len(s.Actions) == 0:
		return badRequest("actions must not be empty")
	case s.ObjectTypeID == "" && s.SubscriptionType != listSubscription:
		return badRequest("objectTypeId is required for subscriptions of type %s", s.SubscriptionType)
	}
	return nil
}

func (j *Journal) listSubscriptions(c call) answer {
	j.mu.Lock()
	defer j.mu.Unlock()
	results := []journalSubscription{}
	for _, s := range j.reader(c.appID).subscriptions {
		results = append(results, *s)
	}
	return ok(map[string]any{"results": results})
}

func (j *Journal) serveSubscription(c call, id string) answer {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.reader(c.appID)
	i := slices.IndexFunc(r.subscriptions, func(s *journalSubscription) bool { return strconv.FormatInt(s.ID, 10) == id })
	if i < 0 {
		return failed(notFound("subscription %s is not known", id))
	}
	switch c.Method {
	case http.MethodGet:
		return ok(*r.subscriptions[i])
	case http.MethodDelete:
		r.subscriptions = slices.Delete(r.subscriptions, i, i+1)
		return noContent
	}
	return answer{code: http.StatusMethodNotAllowed}
}

func (j *Journal) unsubscribePortal(c call, portal string) answer {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.reader(c.appID)
	r.subscriptions = slices.DeleteFunc(r.subscriptions, func(s *journalSubscription) bool {
		return strconv.FormatInt(s.PortalID, 10) == portal
	})
	return noContent
}

type snapshotJSON struct {
	PortalID         int64    `json:"portalId"`
	ObjectTypeID     string   `json:"objectTypeId"`
	ObjectID         int64    `json:"objectId"`
	Properties       []string `json:"properties,omitempty"`
	SnapshotStatusID string   `json:"snapshotStatusId"`
}

// snapshot puts the current values of records into the app's journal.
func (j *Journal) snapshot(c call) answer {
	if !slices.Equal(c.path, []string{"crm"}) || c.Method != http.MethodPost {
		return failed(notFound("resource not found"))
	}
	var in struct{ SnapshotRequests []snapshotJSON }
	if err := readJSON(c.Request, &in); err != nil {
		return failed(err)
	}
	events := make([]*journalEvent, 0, len(in.SnapshotRequests))
	responses := make([]snapshotJSON, 0, len(in.SnapshotRequests))
	now := j.opts.Now()
	for _, s := range in.SnapshotRequests {
		values, live := j.values(s)
		if !live {
			return failed(notFound("record %d of type %s does not exist in portal %d", s.ObjectID, s.ObjectTypeID, s.PortalID))
		}
		s.SnapshotStatusID = j.ids.uuid()
		events = append(events, newSnapshot(s.PortalID, s.ObjectTypeID, s.ObjectID, values, s.SnapshotStatusID, now))
		s.Properties = nil
		responses = append(responses, s)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.reader(c.appID)
	for _, e := range events {
		j.append(r, e, now)
		r.snapshots[e.SnapshotStatusID] = now
	}
	return ok(map[string]any{"snapshotResponses": responses})
}

func (j *Journal) values(s snapshotJSON) (map[string]string, bool) {
	if j.opts.Snapshot == nil || s.PortalID != j.opts.PortalID {
		return nil, false
	}
	return j.opts.Snapshot(s.ObjectTypeID, s.ObjectID, s.Properties)
}

// status tells how far a snapshot is: here it is taken at once.
func (r *reader) status(id string) answer {
	at, known := r.snapshots[id]
	if !known {
		return failed(notFound("snapshot %s is not known", id))
	}
	return ok(map[string]any{"id": id, "status": "SUCCESS", "initiatedAt": at.UnixMilli(), "completedAt": at.UnixMilli()})
}

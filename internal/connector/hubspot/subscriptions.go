package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"tandem/internal/connector"
	"tandem/internal/core"
)

const subscriptionsPath = journalRoot + "subscriptions/2026-03"

// wireSubscription is what an app wants to find in its journal.
type wireSubscription struct {
	ID         text     `json:"id,omitempty"`
	Type       string   `json:"subscriptionType"`
	PortalID   int64    `json:"portalId"`
	ObjectType string   `json:"objectTypeId,omitempty"`
	Actions    []string `json:"actions"`
	Properties []string `json:"properties,omitempty"`
	ListIDs    []int64  `json:"listIds,omitempty"`
}

// subscribe makes the journal's subscriptions what this client needs; one that
// covers it already stays.
func (c *Client) subscribe(ctx context.Context) error {
	wanted, err := c.wantedSubscriptions(ctx)
	if err != nil {
		return err
	}
	have, err := c.subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, w := range wanted {
		if err := c.ensureSubscription(ctx, w, have); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) subscriptions(ctx context.Context) ([]wireSubscription, error) {
	var have struct {
		Results []wireSubscription `json:"results"`
	}
	_, err := c.journalCall(ctx, request{method: http.MethodGet, path: subscriptionsPath}, &have)
	return have.Results, err
}

// Subscribed is how many kinds of changes the journal is subscribed to. It
// changes nothing; an error says why the app may not read the journal.
func (c *Client) Subscribed(ctx context.Context) (int, error) {
	if c.journal == nil {
		return 0, unsupported("read subscriptions: no journal credentials are configured")
	}
	have, err := c.subscriptions(ctx)
	return len(have), err
}

func (c *Client) wantedSubscriptions(ctx context.Context) ([]wireSubscription, error) {
	id, err := c.portal(ctx)
	if err != nil {
		return nil, err
	}
	portal, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, &connector.Error{Side: core.HubSpot, Class: core.ClassAuth, Code: "bad_portal_id", Err: err,
			Message: fmt.Sprintf("portal id %q is not a number", id), Mend: "set hubspot.portal_id to the portal's number, or leave it out"}
	}
	var out []wireSubscription
	for _, object := range c.cfg.Events {
		properties, err := c.followedProperties(ctx, object)
		if err != nil {
			return nil, err
		}
		typeID := typeOf(object).typeID
		out = append(out,
			wireSubscription{Type: "OBJECT", PortalID: portal, ObjectType: typeID, Properties: properties,
				Actions: []string{"CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE"}},
			wireSubscription{Type: "ASSOCIATION", PortalID: portal, ObjectType: typeID,
				Actions: []string{"ASSOCIATION_ADDED", "ASSOCIATION_REMOVED"}})
	}
	out = append(out, wireSubscription{Type: "GDPR_PRIVACY_DELETION", PortalID: portal, ObjectType: typeOf(core.Contacts).typeID,
		Actions: []string{"GDPR_DELETE"}})
	return append(out, c.listSubscriptions(portal)...), nil
}

func (c *Client) listSubscriptions(portal int64) []wireSubscription {
	var ids []int64
	for _, id := range c.cfg.Journal.Lists {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			ids = append(ids, n)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return []wireSubscription{{Type: "LIST_MEMBERSHIP", PortalID: portal, ListIDs: ids,
		Actions: []string{"ADDED_TO_LIST", "REMOVED_FROM_LIST"}}}
}

// followedProperties: an update is announced for named properties only, so that
// without a choice all are named but the stamps, which every change moves.
func (c *Client) followedProperties(ctx context.Context, object core.Object) ([]string, error) {
	if chosen := c.cfg.Journal.Properties[object]; len(chosen) > 0 {
		return chosen, nil
	}
	fields, err := c.fields(ctx, object)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(fields))
	for _, f := range fields {
		if f.Name != stampOfOthers && f.Name != typeOf(object).stamp {
			names = append(names, f.Name)
		}
	}
	return names, nil
}

func (c *Client) ensureSubscription(ctx context.Context, want wireSubscription, have []wireSubscription) error {
	i := slices.IndexFunc(have, func(h wireSubscription) bool {
		return h.Type == want.Type && h.PortalID == want.PortalID && h.ObjectType == want.ObjectType
	})
	if i >= 0 && covers(have[i], want) {
		return nil
	}
	var made wireSubscription
	if _, err := c.journalCall(ctx, request{method: http.MethodPost, path: subscriptionsPath, body: want}, &made); err != nil {
		return err
	}
	if i < 0 || made.ID == have[i].ID {
		return nil
	}
	_, err := c.journalCall(ctx, request{method: http.MethodDelete, path: pathOf(subscriptionsPath, string(have[i].ID))}, nil)
	return err
}

func covers(have, want wireSubscription) bool {
	return contains(have.Actions, want.Actions) && contains(have.Properties, want.Properties) && contains(have.ListIDs, want.ListIDs)
}

func contains[T comparable](have, want []T) bool {
	set := make(map[T]bool, len(have))
	for _, h := range have {
		set[h] = true
	}
	return !slices.ContainsFunc(want, func(w T) bool { return !set[w] })
}

package salesforce

import (
	"context"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

const (
	userObject  core.Object = "User"
	groupObject core.Object = "Group"
)

// Users lists all users, inactive ones included, and all queues.
func (c *Client) Users(ctx context.Context) ([]connector.User, error) {
	rows, err := c.queryAll(ctx, "query", "SELECT Id,Name,Email,IsActive FROM User ORDER BY Id")
	if err != nil {
		return nil, err
	}
	var out []connector.User
	for _, r := range rows {
		v := record(userObject, r, nil).Values
		out = append(out, connector.User{ID: v["Id"], Name: v["Name"], Email: v["Email"], Active: v["IsActive"] == "true"})
	}
	rows, err = c.queryAll(ctx, "query", "SELECT Id,Name,Email FROM Group WHERE Type = 'Queue' ORDER BY Id")
	for _, r := range rows {
		v := record(groupObject, r, nil).Values
		out = append(out, connector.User{ID: v["Id"], Name: v["Name"], Email: v["Email"], Active: true, Queue: true})
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// List is unsupported: lists are HubSpot's.
func (c *Client) List(context.Context, core.Object, string) (connector.List, error) {
	return connector.List{}, unsupported("lists")
}

// Members is unsupported: lists are HubSpot's.
func (c *Client) Members(context.Context, string, []string) (map[string]time.Time, error) {
	return nil, unsupported("lists")
}

// Memberships is unsupported: lists are HubSpot's.
func (c *Client) Memberships(context.Context, string, string, func(connector.MemberPage) error) error {
	return unsupported("lists")
}

func unsupported(what string) error {
	return &connector.Error{Side: core.Salesforce, Class: core.ClassRejected, Code: connector.CodeUnsupported, Message: "Salesforce has no " + what}
}

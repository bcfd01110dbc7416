package salesforce

import (
	"context"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
)

const organization core.Object = "Organization"

// Identity says whose credentials these are. It asks every time, because a
// changed org is a brake.
func (c *Client) Identity(ctx context.Context) (connector.Identity, error) {
	info, err := c.userInfo(ctx)
	if err != nil {
		return connector.Identity{}, err
	}
	id := connector.Identity{ID: orElse(ID18(info.OrganizationID), info.OrganizationID), UserID: info.UserID, Username: info.Username, TimeZone: info.ZoneInfo}
	var versions []versionInfo
	if _, err := c.get(ctx, "/services/data", "", &versions); err != nil {
		return connector.Identity{}, err
	}
	for _, v := range versions {
		id.Versions = append(id.Versions, "v"+v.Version)
	}
	if err := c.offered(id.Versions); err != nil {
		return connector.Identity{}, err
	}
	if err := c.organization(ctx, &id); err != nil {
		return connector.Identity{}, err
	}
	id.Clock = c.meter.clock()
	return id, nil
}

// offered refuses a version of the REST API that the org does not list: each call
// would be answered as if the resource were not there.
func (c *Client) offered(versions []string) error {
	if len(versions) == 0 || slices.Contains(versions, c.cfg.APIVersion) {
		return nil
	}
	return &connector.Error{Side: core.Salesforce, Class: core.ClassRejected, Code: "api_version",
		Message: "the org does not offer version " + c.cfg.APIVersion + " of the REST API; it lists " + versions[0] + " to " + versions[len(versions)-1],
		Mend:    "set salesforce.api_version to one of them, or leave it out"}
}

// organization adds what the org says of itself. The currency is a field only where
// there are several, and is there only where the user sees it: the description tells.
func (c *Client) organization(ctx context.Context, id *connector.Identity) error {
	fields := []string{"Id", "Name", "OrganizationType", "IsSandbox", "TimeZoneSidKey", "DefaultCurrencyIsoCode"}
	if c.lately(organization) == nil {
		if _, err := c.lookForHidden(ctx, organization, fields); err != nil && !refusedForGood(err) {
			return err
		}
	}
	return c.visible(ctx, organization, fields, func(fields []string) error {
		rows, err := c.queryAll(ctx, "query", selectFrom(organization, fields, ""))
		if err != nil || len(rows) == 0 {
			return err
		}
		org := record(organization, rows[0], fields).Values
		id.Name, id.Edition, id.Sandbox, id.Currency = org["Name"], org["OrganizationType"], org["IsSandbox"] == "true", org["DefaultCurrencyIsoCode"]
		id.TimeZone = orElse(org["TimeZoneSidKey"], id.TimeZone)
		return nil
	})
}

func (c *Client) userInfo(ctx context.Context) (userInfo, error) {
	var info userInfo
	ans, err := c.get(ctx, "/services/oauth2/userinfo", "", &info)
	if err == nil && info.OrganizationID == "" {
		err = c.unreadable(ans, ans.body)
	}
	if err == nil {
		c.meter.remember(info)
	}
	return info, err
}

// userID is the running user, asked once; a connection keeps its user.
func (c *Client) userID(ctx context.Context) (string, error) {
	if info := c.meter.remembered(); info.UserID != "" {
		return info.UserID, nil
	}
	info, err := c.userInfo(ctx)
	return info.UserID, err
}

// orgID is the org behind the session, from the token where it says so.
func (c *Client) orgID(ctx context.Context, tok token) (string, error) {
	if tok.org != "" {
		return tok.org, nil
	}
	if info := c.meter.remembered(); info.OrganizationID != "" {
		return ID18(info.OrganizationID), nil
	}
	info, err := c.userInfo(ctx)
	return ID18(info.OrganizationID), err
}

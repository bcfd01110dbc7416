package hubspot

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tandem/internal/connector"
	"tandem/internal/connector/pace"
	"tandem/internal/core"
)

const accountPath = "/account-info/v3/details"

type wireAccount struct {
	PortalID        text   `json:"portalId"`
	AccountType     string `json:"accountType"`
	TimeZone        string `json:"timeZone"`
	CompanyCurrency string `json:"companyCurrency"`
	UIDomain        string `json:"uiDomain"`
}

// Identity asks whose portal the token opens. Account types other than STANDARD
// (SANDBOX, DEVELOPER_TEST, APP_DEVELOPER) count as sandboxes.
func (c *Client) Identity(ctx context.Context) (connector.Identity, error) {
	var w wireAccount
	_, err := c.call(ctx, request{method: http.MethodGet, path: accountPath}, &w)
	if err != nil {
		return connector.Identity{}, err
	}
	id := connector.Identity{ID: string(w.PortalID), Name: "HubSpot portal " + string(w.PortalID), Edition: w.AccountType,
		Sandbox: w.AccountType != "" && w.AccountType != "STANDARD", TimeZone: w.TimeZone, Currency: w.CompanyCurrency}
	if id.ID == "" {
		return id, &connector.Error{Side: core.HubSpot, Class: core.ClassTransient, Code: connector.CodeNotJSON,
			RetryAt: c.cfg.Now().Add(serverPause), Message: "the account details name no portal"}
	}
	app := c.app(ctx)
	id.UserID, id.Username = app.id, app.user
	id.Clock, _ = c.clock.read()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.portalID = id.ID
	return id, nil
}

// portal is the portal's id, asked for once.
func (c *Client) portal(ctx context.Context) (string, error) {
	c.mu.Lock()
	id := c.portalID
	c.mu.Unlock()
	if id != "" {
		return id, nil
	}
	who, err := c.Identity(ctx)
	return who.ID, err
}

// appInfo is what the portal tells about our own token; blank where it does not.
type appInfo struct {
	id, user string
	scopes   []string // nil: not known
	asked    bool
}

type wireTokenInfo struct {
	AppID    text     `json:"app_id"`
	AppID2   text     `json:"appId"`
	User     string   `json:"user"`
	Scopes   []string `json:"scopes"`
	ClientID string   `json:"client_id"`
}

// app asks about our token. Service keys have no such endpoint, so a refusal
// only means that nothing is known.
func (c *Client) app(ctx context.Context) appInfo {
	info := appInfo{id: c.cfg.AppID, asked: true}
	var w wireTokenInfo
	if err := c.introspect(ctx, &w); err == nil {
		info.user, info.scopes = w.User, w.Scopes
		info.id = cmp.Or(info.id, string(w.AppID), string(w.AppID2))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.appInfo = info
	return info
}

// knownApp asks only once.
func (c *Client) knownApp(ctx context.Context) appInfo {
	c.mu.Lock()
	info := c.appInfo
	c.mu.Unlock()
	if info.asked {
		return info
	}
	return c.app(ctx)
}

func (c *Client) introspect(ctx context.Context, w *wireTokenInfo) error {
	token, err := c.tokens.get(ctx, "")
	if err != nil {
		return err
	}
	if c.cfg.OAuth == nil {
		_, err = c.call(ctx, request{method: http.MethodPost, path: "/oauth/v2/private-apps/get/access-token-info",
			body: map[string]string{"tokenKey": token}}, w)
		return err
	}
	_, err = c.callAs(ctx, request{method: http.MethodPost, path: "/oauth/v3/token/introspect",
		form: url.Values{"client_id": {c.cfg.OAuth.ClientID}, "client_secret": {c.cfg.OAuth.ClientSecret},
			"token_type_hint": {"access_token"}, "token": {token}, "access_token": {token}}}, w)
	return err
}

// ownApp is our app's id as far as known.
func (c *Client) ownApp() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.appInfo.id
}

// observeUsage keeps the daily use that answers to private apps carry.
func (c *Client) observeUsage(h http.Header) {
	most, err1 := strconv.Atoi(h.Get("X-HubSpot-RateLimit-Daily"))
	left, err2 := strconv.Atoi(h.Get("X-HubSpot-RateLimit-Daily-Remaining"))
	if err1 != nil || err2 != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.usage = connector.Usage{Used: most - left, Max: most, At: c.cfg.Now()}
}

// usageAge is how old a told use may be before it is asked for.
const usageAge = 10 * time.Minute

type wireUsage struct {
	Results []struct {
		Name    string `json:"name"`
		Limit   int    `json:"usageLimit"`
		Current int    `json:"currentUsage"`
	} `json:"results"`
}

// Usage is the account's use today. Portals tell it to private apps only; with
// OAuth, Max stays 0.
func (c *Client) Usage(ctx context.Context) (connector.Usage, error) {
	u, err := c.toldUsage(ctx)
	u.Ours, u.Limit = c.Spent()
	u.Forecast = pace.Forecast(c.cfg.Transport)
	return u, err
}

// Spent is what the account's paced transport counted.
func (c *Client) Spent() (calls, limit int) { return pace.Spent(c.cfg.Transport) }

func (c *Client) toldUsage(ctx context.Context) (connector.Usage, error) {
	c.mu.Lock()
	u := c.usage
	c.mu.Unlock()
	if c.cfg.OAuth != nil || (!u.At.IsZero() && c.cfg.Now().Sub(u.At) < usageAge) {
		return u, nil
	}
	var w wireUsage
	if _, err := c.call(ctx, request{method: http.MethodGet, path: "/account-info/v3/api-usage/daily/private-apps"}, &w); err != nil {
		return u, err
	}
	for _, r := range w.Results {
		u = connector.Usage{Used: r.Current, Max: r.Limit, At: c.cfg.Now()}
	}
	return u, nil
}

type wireOwners struct {
	Results []wireOwner `json:"results"`
	Paging  paging      `json:"paging"`
}

type wireOwner struct {
	ID        text   `json:"id"`
	Email     string `json:"email"`
	Type      string `json:"type"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Archived  bool   `json:"archived"`
}

// Users lists the owners, deactivated ones included, by id.
func (c *Client) Users(ctx context.Context) ([]connector.User, error) {
	var out []connector.User
	for _, archived := range []bool{false, true} {
		owners, err := c.owners(ctx, archived)
		if err != nil {
			return nil, err
		}
		out = append(out, owners...)
	}
	slices.SortStableFunc(out, func(a, b connector.User) int { return byID(a.ID, b.ID) })
	return slices.CompactFunc(out, func(a, b connector.User) bool { return a.ID == b.ID }), nil
}

func (c *Client) owners(ctx context.Context, archived bool) ([]connector.User, error) {
	var out []connector.User
	query := url.Values{"limit": {"500"}, "archived": {strconv.FormatBool(archived)}}
	for {
		var w wireOwners
		if _, err := c.call(ctx, request{method: http.MethodGet, path: "/crm/v3/owners", query: query}, &w); err != nil {
			return nil, err
		}
		for _, o := range w.Results {
			out = append(out, o.user(archived))
		}
		next := string(w.Paging.Next.After)
		if next == "" || next == query.Get("after") {
			return out, nil
		}
		query.Set("after", next)
	}
}

func (o *wireOwner) user(archived bool) connector.User {
	name := o.FirstName
	if o.LastName != "" && name != "" {
		name += " "
	}
	return connector.User{ID: string(o.ID), Name: name + o.LastName, Email: o.Email,
		Active: !archived && !o.Archived, Queue: o.Type == "QUEUE"}
}

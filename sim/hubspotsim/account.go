package hubspotsim

import (
	"strings"
	"time"
)

func (p *Portal) accountRoutes(rt routeTable) {
	rt.add(route{handle: p.accountDetails}, "GET", "account-info/details")
	rt.add(route{handle: p.apiUsage}, "GET", "account-info/api-usage/daily/private-apps")
	rt.add(route{handle: p.listOwners, scopes: scope("crm.objects.owners.read")}, "GET", "owners")
	rt.add(route{handle: p.getOwner, scopes: scope("crm.objects.owners.read")}, "GET", "owners/{id}")
}

func (p *Portal) accountDetails(*call) (reply, *apiError) {
	at := p.clock().In(p.zone)
	_, seconds := at.Zone()
	return ok(struct {
		PortalID   int64    `json:"portalId"`
		Type       string   `json:"accountType"`
		Zone       string   `json:"timeZone"`
		Currency   string   `json:"companyCurrency"`
		Currencies []string `json:"additionalCurrencies"`
		Offset     string   `json:"utcOffset"`
		OffsetMS   int      `json:"utcOffsetMilliseconds"`
		UIDomain   string   `json:"uiDomain"`
		Location   string   `json:"dataHostingLocation"`
	}{p.portalNumber, "STANDARD", p.zone.String(), homeCurrency, p.currencies, at.Format("-07:00"), seconds * 1000, uiDomain, "na1"})
}

// homeCurrency is the account's own.
const homeCurrency = "USD"

// setCurrencies makes these the account's beside its own: deals take no others.
func (p *Portal) setCurrencies(codes []string) {
	p.currencies = codes
	d := p.names[typeDeal].schema.find("deal_currency_code")
	d.options = nil
	for i, code := range append([]string{homeCurrency}, codes...) {
		d.options = append(d.options, option{Label: code, Value: code, DisplayOrder: i})
	}
	products := p.names["product"].schema
	for _, code := range codes {
		if name := "hs_price_" + strings.ToLower(code); products.find(name) == nil {
			products.addLines([]string{name + "|Unit price " + code + "|number|number|productinformation|$|"})
		}
	}
}

// apiUsage tells the daily count that all private apps share.
func (p *Portal) apiUsage(*call) (reply, *apiError) {
	p.meter.mu.Lock()
	today := p.meter.today
	p.meter.mu.Unlock()
	now := p.clock()
	y, m, d := now.In(p.zone).Date()
	resets := time.Date(y, m, d+1, 0, 0, 0, 0, p.zone)
	return ok(map[string]any{"results": []any{map[string]any{"name": "private-apps-api-calls-daily", "usageLimit": p.tier.daily,
		"currentUsage": today, "collectedAt": formatMS(now.UnixMilli()), "fetchStatus": "SUCCESS", "resetsAt": formatMS(resets.UnixMilli())}}})
}

type teamBody struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Primary bool   `json:"primary"`
}

// ownerBody: a user who left has no userId any more.
type ownerBody struct {
	ID           string     `json:"id"`
	Email        string     `json:"email"`
	Type         string     `json:"type"`
	FirstName    string     `json:"firstName"`
	LastName     string     `json:"lastName"`
	UserID       *int       `json:"userId"`
	UserIDAlways int        `json:"userIdIncludingInactive"`
	CreatedAt    string     `json:"createdAt"`
	UpdatedAt    string     `json:"updatedAt"`
	Archived     bool       `json:"archived"`
	Teams        []teamBody `json:"teams,omitempty"`
}

func (o *owner) body() ownerBody {
	b := ownerBody{ID: o.ID, Email: o.Email, Type: "PERSON", FirstName: o.FirstName, LastName: o.LastName, UserIDAlways: o.UserID,
		CreatedAt: formatMS(catalogStamp), UpdatedAt: formatMS(catalogStamp), Archived: o.Inactive}
	if !o.Inactive {
		b.UserID = &o.UserID
	}
	if o.Team != "" {
		b.Teams = []teamBody{{ID: "178588", Name: o.Team, Primary: true}}
	}
	return b
}

func (p *Portal) listOwners(c *call) (reply, *apiError) {
	q := c.r.URL.Query()
	limit, e := queryInt(q, "limit", 100, 500)
	if e != nil {
		return reply{}, e
	}
	list := []ownerBody{}
	next := ""
	for i := range p.owners {
		o := &p.owners[i]
		if o.Inactive != queryBool(q, "archived") || q.Get("email") != "" && !strings.EqualFold(q.Get("email"), o.Email) {
			continue
		}
		if after := q.Get("after"); after != "" && o.ID <= after {
			continue
		}
		if len(list) == limit {
			next = list[limit-1].ID
			break
		}
		list = append(list, o.body())
	}
	return ok(struct {
		Results []ownerBody `json:"results"`
		Paging  *paging     `json:"paging,omitempty"`
	}{list, pagingAfter(next)})
}

func (p *Portal) getOwner(c *call) (reply, *apiError) {
	byUser := c.r.URL.Query().Get("idProperty") == "userId"
	for i := range p.owners {
		o := &p.owners[i]
		key := o.ID
		if byUser {
			key = appendText(o.UserID)
		}
		if key == c.vars["id"] && o.Inactive == queryBool(c.r.URL.Query(), "archived") {
			return ok(o.body())
		}
	}
	return reply{}, notFound()
}

func appendText(n int) string { return string(appendInt(nil, n)) }

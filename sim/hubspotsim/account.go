package hubspotsim

import (
	"net/http"
	"strings"
	"time"
)

func (p *Portal) accountRoutes(rt routeTable) {
	rt.add(route{handle: p.accountDetails}, "GET", "account-info/details")
	rt.add(route{handle: p.apiUsage}, "GET", "account-info/api-usage/daily/private-apps")
	rt.add(route{handle: p.listOwners, scopes: scope("crm.objects.owners.read")}, "GET", "owners")
	rt.add(route{handle: p.getOwner, scopes: scope("crm.objects.owners.read")}, "GET", "owners/{id}")
	rt.add(route{handle: p.listPipelines, scopes: reads}, "GET", "pipelines/{type}")
	rt.add(route{handle: p.getPipeline, scopes: reads}, "GET", "pipelines/{type}/{id}")
	rt.add(route{handle: p.listStages, scopes: reads}, "GET", "pipelines/{type}/{id}/stages")
	rt.add(route{handle: p.getStage, scopes: reads}, "GET", "pipelines/{type}/{id}/stages/{stage}")
	rt.add(route{handle: p.listSchemas}, "GET", "schemas")
	rt.add(route{handle: p.createSchema, write: true}, "POST", "schemas")
	rt.add(route{handle: p.getSchema, scopes: readsSchema}, "GET", "schemas/{type}")
}

func (p *Portal) accountDetails(*call) (reply, *apiError) {
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
	}{p.portalNumber, "STANDARD", "US/Eastern", "USD", []string{}, "-04:00", -14400000, uiDomain, "na1"})
}

// apiUsage tells the daily count that all private apps share.
func (p *Portal) apiUsage(*call) (reply, *apiError) {
	p.meter.mu.Lock()
	today := p.meter.today
	p.meter.mu.Unlock()
	now := p.clock()
	y, m, d := now.In(portalZone).Date()
	resets := time.Date(y, m, d+1, 0, 0, 0, 0, portalZone)
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

func (p *Portal) listPipelines(c *call) (reply, *apiError) {
	list := p.pipelines[c.t.id]
	if list == nil {
		list = []pipeline{}
	}
	return ok(map[string]any{"results": list})
}

func (p *Portal) getPipeline(c *call) (reply, *apiError) {
	l := p.findPipeline(c.t, c.vars["id"])
	if l == nil {
		return reply{}, notFound()
	}
	return ok(l)
}

func (p *Portal) listStages(c *call) (reply, *apiError) {
	l := p.findPipeline(c.t, c.vars["id"])
	if l == nil {
		return reply{}, notFound()
	}
	return ok(map[string]any{"results": l.Stages})
}

func (p *Portal) getStage(c *call) (reply, *apiError) {
	s, found := p.findPipeline(c.t, c.vars["id"]).stage(c.vars["stage"])
	if !found {
		return reply{}, notFound()
	}
	return ok(s)
}

// flatScopes is how the schemas API alone words a missing scope: without the
// list of errors, and by the scope's older name.
func flatScopes(name string) *apiError {
	return &apiError{Status: http.StatusForbidden, Category: "MISSING_SCOPES", Message: "One or more of the following scopes are required.",
		Context: map[string][]string{"requiredGranularScopes": {name}, "links": {"https://developers.hubspot.com/scopes"}}}
}

type labelsBody struct {
	Singular string `json:"singular"`
	Plural   string `json:"plural"`
}

type schemaBody struct {
	ID           string         `json:"id"`
	TypeID       string         `json:"objectTypeId"`
	Name         string         `json:"name"`
	Qualified    string         `json:"fullyQualifiedName"`
	Labels       labelsBody     `json:"labels"`
	Required     []string       `json:"requiredProperties"`
	Searchable   []string       `json:"searchableProperties"`
	Primary      string         `json:"primaryDisplayProperty"`
	Secondary    []string       `json:"secondaryDisplayProperties"`
	Properties   []propertyBody `json:"properties"`
	Associations []any          `json:"associations"`
	Archived     bool           `json:"archived"`
	CreatedAt    string         `json:"createdAt"`
	UpdatedAt    string         `json:"updatedAt"`
}

func (p *Portal) schemaOf(t *table) schemaBody {
	b := schemaBody{ID: t.id, TypeID: t.id, Name: t.singular, Qualified: strings.ToUpper(t.singular), Labels: labelsBody{t.title, t.plural},
		Required: []string{}, Searchable: t.queried, Secondary: []string{}, Associations: []any{},
		CreatedAt: formatMS(catalogStamp), UpdatedAt: formatMS(catalogStamp)}
	if t.custom() {
		b.ID, b.Qualified, b.Labels.Plural = t.id[2:], "p"+p.portalID+"_"+t.singular, t.plural
	}
	for _, anyOf := range t.required {
		b.Required = append(b.Required, anyOf[0])
	}
	if len(t.defaults) > 0 {
		b.Primary = t.defaults[0]
	}
	for _, d := range t.schema.sorted(false) {
		b.Properties = append(b.Properties, bodyOf(d, false))
	}
	return b
}

func (t *table) custom() bool { return strings.HasPrefix(t.id, "2-") }

func (p *Portal) listSchemas(c *call) (reply, *apiError) {
	if c.b.kind != grantPerson && !c.b.has("crm.schemas.custom.read") {
		return reply{}, flatScopes("custom-object-read")
	}
	list := []schemaBody{}
	for _, t := range p.tables {
		if t.custom() {
			list = append(list, p.schemaOf(t))
		}
	}
	return ok(map[string]any{"results": list})
}

func (p *Portal) getSchema(c *call) (reply, *apiError) { return ok(p.schemaOf(c.t)) }

// createSchema adds a custom object; only the enterprise tier has them.
func (p *Portal) createSchema(c *call) (reply, *apiError) {
	var in struct {
		Name       string        `json:"name"`
		Labels     labelsBody    `json:"labels"`
		Required   []string      `json:"requiredProperties"`
		Searchable []string      `json:"searchableProperties"`
		Primary    string        `json:"primaryDisplayProperty"`
		Properties []newProperty `json:"properties"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	switch {
	case !p.tier.enterprise || c.b.kind != grantPerson && !c.b.has("crm.schemas.custom.write"):
		return reply{}, flatScopes("custom-object-write")
	case !propertyName.MatchString(in.Name) || in.Labels.Singular == "":
		return reply{}, invalid("A custom object needs a name of lower case letters, digits and underscores, and labels")
	case p.names[in.Name] != nil:
		return reply{}, &apiError{Status: http.StatusConflict, Category: "OBJECT_ALREADY_EXISTS", Message: "An object named '" + in.Name + "' already exists."}
	}
	t := p.addCustom(in.Name, in.Labels, in.Required, in.Primary, in.Searchable)
	for i := range in.Properties {
		group := t.singular + "_information"
		t.schema.ensureGroup(group)
		if in.Properties[i].GroupName == nil {
			in.Properties[i].GroupName = &group
		}
		if _, e := p.addProperty(&call{p: p, b: c.b, t: t}, in.Properties[i]); e != nil {
			p.dropTable(t)
			return reply{}, e
		}
	}
	return reply{status: http.StatusCreated, body: p.schemaOf(t)}, nil
}

func (p *Portal) addCustom(name string, labels labelsBody, required []string, primary string, searchable []string) *table {
	o := objectType{id: "2-" + appendText(30_000_000+len(p.tables)), singular: name, plural: name, title: labels.Singular,
		modified: stampProperty, created: "hs_createdate", scope: "custom", merges: true, queried: searchable}
	for _, r := range required {
		o.required = append(o.required, []string{r})
	}
	if primary != "" {
		o.defaults = []string{primary}
	}
	t := p.addTable(o)
	p.names["p"+p.portalID+"_"+name] = t
	t.schema.addLines(catalogSection("*"))
	for _, d := range t.schema.list {
		d.derive = derivation(t.id, d.name)
	}
	return t
}

// dropTable takes back a custom object whose definition turned out bad.
func (p *Portal) dropTable(t *table) {
	for _, key := range sortedKeys(p.names) {
		if p.names[key] == t {
			delete(p.names, key)
		}
	}
	p.tables = p.tables[:len(p.tables)-1]
}

package hubspotsim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func (p *Portal) schemaRoutes(rt routeTable) {
	change := func(method, pattern string, handle func(*call) (reply, *apiError)) {
		rt.add(route{handle: func(c *call) (reply, *apiError) { return p.changeSchemas(c, handle) }, write: true}, method, "schemas"+pattern)
	}
	rt.add(route{handle: p.listSchemas}, "GET", "schemas")
	rt.add(route{handle: p.readSchemas}, "POST", "schemas/batch/read")
	rt.add(route{handle: p.getSchema, scopes: readsSchema}, "GET", "schemas/{type}")
	change("POST", "", p.createSchema)
	change("PATCH", "/{type}", p.patchSchema)
	change("DELETE", "/{type}", p.deleteSchema)
	change("POST", "/{type}/associations", p.createSchemaLink)
	change("DELETE", "/{type}/associations/{association}", p.deleteSchemaLink)
}

// flatScopes is how the schemas API alone words a missing scope: without the
// list of errors, and by the scope's older name.
func flatScopes(name string) *apiError {
	return &apiError{Status: http.StatusForbidden, Category: "MISSING_SCOPES", Message: "One or more of the following scopes are required.",
		Context: map[string][]string{"requiredGranularScopes": {name}, "links": {"https://developers.hubspot.com/scopes"}}}
}

// changeSchemas admits who may define custom objects: only the enterprise tier has them.
func (p *Portal) changeSchemas(c *call, handle func(*call) (reply, *apiError)) (reply, *apiError) {
	if !p.tier.enterprise || c.b.kind != grantPerson && !c.b.has("crm.schemas.custom.write") {
		return reply{}, flatScopes("custom-object-write")
	}
	return handle(c)
}

type labelsBody struct {
	Singular string `json:"singular"`
	Plural   string `json:"plural"`
}

type schemaLink struct {
	ID        string  `json:"id"`
	From      string  `json:"fromObjectTypeId"`
	To        string  `json:"toObjectTypeId"`
	Name      string  `json:"name"`
	CreatedAt *string `json:"createdAt"`
	UpdatedAt *string `json:"updatedAt"`
}

type schemaBody struct {
	ID           string         `json:"id"`
	TypeID       string         `json:"objectTypeId"`
	Name         string         `json:"name"`
	Qualified    string         `json:"fullyQualifiedName"`
	Labels       labelsBody     `json:"labels"`
	Description  *string        `json:"description,omitempty"`
	Required     []string       `json:"requiredProperties"`
	Searchable   []string       `json:"searchableProperties"`
	Primary      string         `json:"primaryDisplayProperty"`
	Secondary    []string       `json:"secondaryDisplayProperties"`
	Properties   []propertyBody `json:"properties,omitzero"`
	Associations []schemaLink   `json:"associations,omitzero"`
	Archived     bool           `json:"archived"`
	CreatedBy    *int           `json:"createdByUserId"`
	UpdatedBy    *int           `json:"updatedByUserId"`
	CreatedAt    string         `json:"createdAt"`
	UpdatedAt    string         `json:"updatedAt"`
}

// definition is what an administrator says of a custom object.
type definition struct {
	Name        string      `json:"name"`
	Labels      *labelsBody `json:"labels"`
	Description *string     `json:"description"`
	Required    *[]string   `json:"requiredProperties"`
	Searchable  *[]string   `json:"searchableProperties"`
	Primary     *string     `json:"primaryDisplayProperty"`
	Secondary   *[]string   `json:"secondaryDisplayProperties"`
}

// custom is what only a custom object's table knows.
type custom struct {
	plural           string
	description      *string
	secondary        []string
	created, updated int64 // ms
	archived         int64 // ms, 0 while in use
}

// maxSearchable is the most properties that a custom object's search covers.
const maxSearchable = 20

func (t *table) custom() bool { return strings.HasPrefix(t.id, "2-") }

// schemaOf spells a type out; the short form has no properties or associations.
func (p *Portal) schemaOf(t *table, short bool) schemaBody {
	b := schemaBody{ID: t.id, TypeID: t.id, Name: t.singular, Qualified: strings.ToUpper(t.singular), Labels: labelsBody{t.title, t.plural},
		Required: []string{}, Searchable: orEmpty(t.queried), Secondary: []string{},
		CreatedAt: formatMS(catalogStamp), UpdatedAt: formatMS(catalogStamp)}
	if o := t.own; o != nil {
		b.ID, b.Qualified, b.Labels.Plural = t.id[2:], "p"+p.portalID+"_"+t.singular, o.plural
		b.Description, b.Secondary, b.Archived = o.description, orEmpty(o.secondary), o.archived != 0
		b.CreatedAt, b.UpdatedAt = formatMS(o.created), formatMS(o.updated)
	}
	for _, anyOf := range t.required {
		b.Required = append(b.Required, anyOf[0])
	}
	if len(t.defaults) > 0 {
		b.Primary = t.defaults[0]
	}
	if short {
		return b
	}
	for _, d := range t.schema.sorted(false) {
		b.Properties = append(b.Properties, bodyOf(d, false))
	}
	b.Associations = p.schemaLinks(t)
	return b
}

// schemaLinks lists the association types of a table in both directions.
func (p *Portal) schemaLinks(t *table) []schemaLink {
	out := []schemaLink{}
	for _, l := range p.labels {
		if l.gone || l.from != t.n && l.to != t.n {
			continue
		}
		out = append(out, p.schemaLink(l))
	}
	return out
}

func (p *Portal) schemaLink(l *label) schemaLink {
	from, to := p.tables[l.from], p.tables[l.to]
	name := l.name
	if name == "" {
		name = from.singular + "_to_" + to.singular
	}
	return schemaLink{ID: strconv.Itoa(l.typeID), From: from.id, To: to.id, Name: name}
}

func (p *Portal) listSchemas(c *call) (reply, *apiError) {
	if e := readsCustom(c); e != nil {
		return reply{}, e
	}
	archived := queryBool(c.r.URL.Query(), "archived")
	list := []schemaBody{}
	for _, t := range p.tables {
		if t.own != nil && (t.own.archived != 0) == archived {
			list = append(list, p.schemaOf(t, false))
		}
	}
	return ok(map[string]any{"results": list})
}

func readsCustom(c *call) *apiError {
	if c.b.kind != grantPerson && !c.b.has("crm.schemas.custom.read") {
		return flatScopes("custom-object-read")
	}
	return nil
}

func (p *Portal) getSchema(c *call) (reply, *apiError) { return ok(p.schemaOf(c.t, false)) }

func (p *Portal) readSchemas(c *call) (reply, *apiError) {
	var in struct {
		Inputs []string `json:"inputs"`
	}
	if e := readsCustom(c); e != nil {
		return reply{}, e
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	list := []schemaBody{}
	for _, name := range in.Inputs {
		if t, e := p.table(name); e == nil {
			list = append(list, p.schemaOf(t, false))
		}
	}
	return c.batchOf(http.StatusOK, list, nil)
}

func (p *Portal) createSchema(c *call) (reply, *apiError) {
	var in struct {
		definition
		Properties []newProperty `json:"properties"`
		Associated []string      `json:"associatedObjects"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	switch {
	case !propertyName.MatchString(in.Name) || in.Labels == nil || in.Labels.Singular == "":
		return reply{}, invalid("A custom object needs a name of lower case letters, digits and underscores, and labels")
	case p.names[in.Name] != nil:
		return reply{}, &apiError{Status: http.StatusConflict, Category: "OBJECT_ALREADY_EXISTS", Message: "An object named '" + in.Name + "' already exists."}
	}
	with, e := p.associated(in.Associated)
	if e != nil {
		return reply{}, e
	}
	t := p.addCustom(in.Name, *in.Labels)
	e = p.defineProperties(c, t, in.Properties)
	if e == nil {
		e = p.define(t, in.definition)
	}
	if e != nil {
		p.dropTable(t)
		return reply{}, e
	}
	for _, name := range activitiesOfAll {
		p.plainLabel(t, p.names[name])
	}
	for _, ot := range with {
		p.plainLabel(t, ot)
	}
	return reply{status: http.StatusCreated, body: p.schemaOf(t, false)}, nil
}

// activitiesOfAll can be associated with any custom object, whatever its definition names
// (custom objects guide).
var activitiesOfAll = []string{"call", "email", "meeting", "note", "task"}

func (p *Portal) associated(names []string) ([]*table, *apiError) {
	out := make([]*table, 0, len(names))
	for _, name := range names {
		t, e := p.table(name)
		if e != nil {
			return nil, e
		}
		out = append(out, t)
	}
	return out, nil
}

func (p *Portal) defineProperties(c *call, t *table, list []newProperty) *apiError {
	group := t.singular + "_information"
	t.schema.ensureGroup(group)
	for i := range list {
		if list[i].GroupName == nil {
			list[i].GroupName = &group
		}
		if _, e := p.addProperty(&call{p: p, b: c.b, t: t}, list[i]); e != nil {
			return e
		}
	}
	return nil
}

// addCustom adds the table of a custom object.
func (p *Portal) addCustom(name string, labels labelsBody) *table {
	o := objectType{id: "2-" + appendText(30_000_000+len(p.tables)), singular: name, plural: name, title: labels.Singular,
		modified: stampProperty, created: "hs_createdate", scope: "custom", merges: true}
	t := p.addTable(o)
	t.own = &custom{plural: labels.Plural, created: p.nowMS(), updated: p.nowMS()}
	p.names["p"+p.portalID+"_"+name] = t
	t.schema.addLines(catalogSection("*"))
	for _, d := range t.schema.list {
		d.derive = derivation(t.id, d.name)
	}
	return t
}

// define gives a custom object what a body says; nothing changes on an error.
func (p *Portal) define(t *table, in definition) *apiError {
	names := []string{}
	for _, list := range []*[]string{in.Required, in.Searchable, in.Secondary} {
		if list != nil {
			names = append(names, *list...)
		}
	}
	if in.Primary != nil {
		names = append(names, *in.Primary)
	}
	for _, name := range names {
		if t.schema.find(name) == nil {
			return invalid("Property '" + name + "' does not exist on object type " + t.singular)
		}
	}
	if in.Searchable != nil && len(*in.Searchable) > maxSearchable {
		return invalid("An object type can have at most " + strconv.Itoa(maxSearchable) + " searchable properties")
	}
	t.adoptDefinition(in)
	t.own.updated = p.nowMS()
	return nil
}

func (t *table) adoptDefinition(in definition) {
	if in.Labels != nil {
		t.title, t.own.plural = in.Labels.Singular, in.Labels.Plural
	}
	if in.Required != nil {
		t.required = nil
		for _, name := range *in.Required {
			t.required = append(t.required, []string{name})
		}
	}
	if in.Primary != nil {
		t.defaults = []string{*in.Primary}
	}
	if in.Description != nil {
		t.own.description = in.Description
	}
	set(&t.queried, in.Searchable)
	set(&t.own.secondary, in.Secondary)
}

// dropTable takes back a custom object whose definition turned out bad.
func (p *Portal) dropTable(t *table) {
	p.forgetNames(t)
	p.tables = p.tables[:len(p.tables)-1]
}

func (p *Portal) forgetNames(t *table) {
	for _, key := range sortedKeys(p.names) {
		if p.names[key] == t {
			delete(p.names, key)
		}
	}
}

// ownTable is the custom object of the path; the vendor's own types cannot change.
func ownTable(c *call) (*table, *apiError) {
	if c.t.own == nil {
		return nil, invalid("Object type " + c.t.id + " is defined by HubSpot and cannot be changed")
	}
	return c.t, nil
}

func (p *Portal) patchSchema(c *call) (reply, *apiError) {
	var in definition
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	t, e := ownTable(c)
	if e == nil {
		e = p.define(t, in)
	}
	if e != nil {
		return reply{}, e
	}
	return ok(p.schemaOf(t, true))
}

// deleteSchema archives a custom object; records have to be gone first.
func (p *Portal) deleteSchema(c *call) (reply, *apiError) {
	t, e := ownTable(c)
	if e != nil {
		return reply{}, e
	}
	if slices.ContainsFunc(t.order, (*record).live) {
		return reply{}, invalid("Object type " + t.singular + " still has records and cannot be deleted")
	}
	t.own.archived = p.nowMS()
	p.forgetNames(t)
	return noContent()
}

func (p *Portal) createSchemaLink(c *call) (reply, *apiError) {
	var in struct {
		From string `json:"fromObjectTypeId"`
		To   string `json:"toObjectTypeId"`
		Name string `json:"name"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	ot, e := p.table(in.To)
	if e != nil {
		return reply{}, e
	}
	l := p.plainLabel(c.t, ot)
	if in.Name != "" && l.name == "" {
		l.name = in.Name
	}
	return reply{status: http.StatusCreated, body: p.schemaLink(l)}, nil
}

// deleteSchemaLink takes an association type of a custom object away.
func (p *Portal) deleteSchemaLink(c *call) (reply, *apiError) {
	t, e := ownTable(c)
	if e != nil {
		return reply{}, e
	}
	for _, l := range p.labels {
		if !l.gone && l.from == t.n && strconv.Itoa(l.typeID) == c.vars["association"] {
			p.unregister(l)
			p.unregister(p.labels[l.inverse])
			return noContent()
		}
	}
	return reply{}, notFound()
}

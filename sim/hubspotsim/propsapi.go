package hubspotsim

import (
	"net/http"
	"regexp"
	"strings"
)

func (p *Portal) propertyRoutes(rt routeTable) {
	read, change := route{scopes: readsSchema}, route{scopes: editsSchema, write: true}
	with := func(r route, handle func(*call) (reply, *apiError)) route { r.handle = handle; return r }
	rt.add(with(read, p.listGroups), "GET", "properties/{type}/groups")
	rt.add(with(change, p.createGroup), "POST", "properties/{type}/groups")
	rt.add(with(read, p.getGroup), "GET", "properties/{type}/groups/{group}")
	rt.add(with(change, p.patchGroup), "PATCH", "properties/{type}/groups/{group}")
	rt.add(with(change, p.deleteGroup), "DELETE", "properties/{type}/groups/{group}")
	rt.add(with(read, p.readProperties), "POST", "properties/{type}/batch/read")
	rt.add(with(change, p.createProperties), "POST", "properties/{type}/batch/create")
	rt.add(with(change, p.archiveProperties), "POST", "properties/{type}/batch/archive")
	rt.add(with(read, p.listProperties), "GET", "properties/{type}")
	rt.add(with(change, p.createProperty), "POST", "properties/{type}")
	rt.add(with(read, p.getProperty), "GET", "properties/{type}/{name}")
	rt.add(with(change, p.patchProperty), "PATCH", "properties/{type}/{name}")
	rt.add(with(change, p.deleteProperty), "DELETE", "properties/{type}/{name}")
	p.validationRoutes(rt)
}

// propertyBody is a definition on the wire.
type propertyBody struct {
	UpdatedAt     string     `json:"updatedAt,omitempty"`
	CreatedAt     string     `json:"createdAt,omitempty"`
	ArchivedAt    string     `json:"archivedAt,omitempty"`
	Name          string     `json:"name"`
	Label         string     `json:"label"`
	Type          string     `json:"type"`
	FieldType     string     `json:"fieldType"`
	Description   string     `json:"description"`
	GroupName     string     `json:"groupName"`
	Options       []option   `json:"options"`
	CreatedUserID string     `json:"createdUserId,omitempty"`
	UpdatedUserID string     `json:"updatedUserId,omitempty"`
	Refers        string     `json:"referencedObjectType,omitempty"`
	DisplayOrder  int        `json:"displayOrder"`
	Calculated    bool       `json:"calculated"`
	External      bool       `json:"externalOptions"`
	Archived      *bool      `json:"archived,omitempty"`
	Unique        bool       `json:"hasUniqueValue"`
	Hidden        bool       `json:"hidden"`
	Vendor        bool       `json:"hubspotDefined,omitempty"`
	Currency      bool       `json:"showCurrencySymbol,omitempty"`
	Shown         string     `json:"numberDisplayHint,omitempty"`
	Modification  changeable `json:"modificationMetadata"`
	FormField     bool       `json:"formField"`
	Sensitivity   string     `json:"dataSensitivity"`
}

type changeable struct {
	Archivable         bool  `json:"archivable"`
	ReadOnlyDefinition bool  `json:"readOnlyDefinition"`
	ReadOnlyOptions    *bool `json:"readOnlyOptions,omitempty"`
	ReadOnlyValue      bool  `json:"readOnlyValue"`
}

// bodyOf spells out a definition; the short form is what a batch create answers.
func bodyOf(d *property, short bool) propertyBody {
	b := propertyBody{Name: d.name, Label: d.label, Type: d.kind, FieldType: d.field, Description: d.description,
		GroupName: d.group, Options: d.options, Refers: d.refers, DisplayOrder: d.order, Calculated: d.calculated,
		External: d.external, Unique: d.unique, Hidden: d.hidden, Currency: d.currency, Shown: d.shown, FormField: d.formField,
		Sensitivity: d.sensitivity, Modification: changeable{true, d.readOnlyDefinition, d.readOnlyOptions, !d.writable()}}
	if b.Options == nil {
		b.Options = []option{}
	}
	if short {
		return b
	}
	b.CreatedAt, b.UpdatedAt, b.Vendor = formatMS(d.created), formatMS(d.updated), d.vendor
	if !d.vendor {
		gone := d.archived != 0
		b.Archived, b.CreatedUserID, b.UpdatedUserID = &gone, d.createdBy, d.createdBy
	}
	if d.archived != 0 {
		b.ArchivedAt = formatMS(d.archived)
	}
	return b
}

// newProperty is the body of a create or a patch; absent fields are nil.
type newProperty struct {
	Name         string       `json:"name"`
	Label        *string      `json:"label"`
	Type         *string      `json:"type"`
	FieldType    *string      `json:"fieldType"`
	GroupName    *string      `json:"groupName"`
	Description  *string      `json:"description"`
	Options      *[]newOption `json:"options"`
	DisplayOrder *int         `json:"displayOrder"`
	Unique       bool         `json:"hasUniqueValue"`
	Hidden       *bool        `json:"hidden"`
	FormField    *bool        `json:"formField"`
	Shown        *string      `json:"numberDisplayHint"`
	External     bool         `json:"externalOptions"`
	Refers       string       `json:"referencedObjectType"`
	Sensitivity  string       `json:"dataSensitivity"`
}

var fieldTypes = map[string][]string{
	typeString: {"text", "textarea", "html", "phonenumber", "file", "calculation_equation"},
	typeNumber: {"number", "calculation_equation"}, typeBool: {"booleancheckbox", "calculation_equation"},
	typeEnumeration: {"select", "radio", "checkbox", "booleancheckbox", "calculation_equation"},
	typeDate:        {"date"}, typeDatetime: {"date"}, typePhone: {"phonenumber"},
}

var propertyName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}$`)

const (
	maxUnique = 10
	maxCustom = 1000
)

func (p *Portal) listProperties(c *call) (reply, *apiError) {
	q := c.r.URL.Query()
	want := q.Get("dataSensitivity")
	if want == "" {
		want = notSensitive
	}
	list := []propertyBody{}
	for _, d := range c.t.schema.sorted(queryBool(q, "archived")) {
		if d.sensitivity == want {
			list = append(list, bodyOf(d, false))
		}
	}
	return ok(map[string]any{"results": list})
}

func (p *Portal) getProperty(c *call) (reply, *apiError) {
	d, e := c.named(queryBool(c.r.URL.Query(), "archived"))
	if e != nil {
		return reply{}, e
	}
	return ok(bodyOf(d, false))
}

// named finds the property of the path.
func (c *call) named(archived bool) (*property, *apiError) {
	d := c.t.schema.byName[strings.ToLower(c.vars["name"])]
	if d == nil || (d.archived != 0) != archived {
		return nil, noProperty(c.vars["name"])
	}
	return d, nil
}

func noProperty(name string) *apiError {
	return &apiError{Status: http.StatusNotFound, Category: categoryNotFound, SubCategory: "Properties.PROPERTY_NOT_FOUND",
		Message: "The property named '" + name + "' does not exist."}
}

func (p *Portal) createProperty(c *call) (reply, *apiError) {
	var in newProperty
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	d, e := p.addProperty(c, in)
	if e != nil {
		return reply{}, e
	}
	return reply{status: http.StatusCreated, body: bodyOf(d, false)}, nil
}

// addProperty checks a definition and adds it.
func (p *Portal) addProperty(c *call, in newProperty) (*property, *apiError) {
	in.Name = strings.ToLower(in.Name)
	if e := p.checkDefinition(c.t, in); e != nil {
		return nil, e
	}
	at := p.nowMS()
	d := &property{name: in.Name, kind: *in.Type, field: *in.FieldType, group: *in.GroupName, order: -1, unique: in.Unique,
		external: in.External, refers: in.Refers, sensitivity: notSensitive, created: at, updated: at,
		createdBy: formatUser(c.b.by)}
	if in.Sensitivity != "" {
		d.sensitivity = in.Sensitivity
	}
	d.adopt(in)
	return c.t.schema.add(d), nil
}

// adopt takes over what a patch may change.
func (d *property) adopt(in newProperty) {
	set(&d.label, in.Label)
	set(&d.description, in.Description)
	set(&d.order, in.DisplayOrder)
	set(&d.hidden, in.Hidden)
	set(&d.formField, in.FormField)
	set(&d.shown, in.Shown)
	if in.Options == nil {
		return
	}
	d.options = nil
	for _, o := range *in.Options {
		d.options = append(d.options, o.option)
		if o.DisplayOrder != nil {
			d.options[len(d.options)-1].DisplayOrder = *o.DisplayOrder
		}
	}
	d.placeOptions(*in.Options)
}

// differs says whether a change of the definition itself is asked for.
func (d *property) differs(in newProperty) bool {
	other := func(asked *string, have string) bool { return asked != nil && *asked != have }
	return other(in.Label, d.label) || other(in.Description, d.description) || other(in.FieldType, d.field)
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func (p *Portal) checkDefinition(t *table, in newProperty) *apiError {
	var absent []string
	for name, missing := range map[string]bool{"name": in.Name == "", "label": in.Label == nil, "type": in.Type == nil,
		"fieldType": in.FieldType == nil, "groupName": in.GroupName == nil} {
		if missing {
			absent = append(absent, name)
		}
	}
	switch {
	case absent != nil:
		return badJSON("Cannot build PropertyCreate, some of required attributes are not set [" + strings.Join(sortedCopy(absent), ", ") + "]")
	case t.schema.find(in.Name) != nil:
		return propertyExists(in.Name)
	case !propertyName.MatchString(in.Name):
		return invalid("Property name '" + in.Name + "' is not valid: it must start with a letter and hold only lower case letters, digits and underscores")
	case strings.HasPrefix(in.Name, "hs_") && in.Name != "hs_salesforceopportunityid":
		return invalid("Property name '" + in.Name + "' is not valid: the prefix hs_ is reserved")
	case !contains(fieldTypes[*in.Type], *in.FieldType):
		return invalid("Property '" + in.Name + "': field type " + *in.FieldType + " is not valid for type " + *in.Type)
	case t.schema.group(*in.GroupName) == nil:
		return invalid("Property group '" + *in.GroupName + "' does not exist")
	case in.Unique && t.schema.uniques() >= maxUnique:
		return invalid("You have reached the limit of 10 unique properties")
	case t.schema.custom() >= maxCustom:
		return invalid("You have reached the limit of 1000 custom properties")
	}
	return checkOptions(t.id, in.Name, in)
}

func (s *schema) custom() int {
	n := 0
	for _, d := range s.list {
		if !d.vendor && d.archived == 0 {
			n++
		}
	}
	return n
}

func propertyExists(name string) *apiError {
	return &apiError{Status: http.StatusConflict, Category: "OBJECT_ALREADY_EXISTS", SubCategory: "Properties.PROPERTY_WITH_NAME_EXISTS",
		Message: "A property named '" + name + "' already exists."}
}

// patchProperty changes a definition; options are replaced as a whole. Type and
// field type of a custom property may change, as they may in the settings.
func (p *Portal) patchProperty(c *call) (reply, *apiError) {
	var in newProperty
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	d, e := c.named(false)
	if e != nil {
		return reply{}, e
	}
	if d.vendor && (in.Type != nil && *in.Type != d.kind || in.GroupName != nil && *in.GroupName != d.group) {
		return reply{}, invalid("Property '" + d.name + "' is read only; its definition cannot be changed")
	}
	if d.readOnlyDefinition && d.differs(in) {
		return reply{}, invalid("Property '" + d.name + "' is read only; its definition cannot be changed")
	}
	if in.Options != nil && d.readOnlyOptions != nil && *d.readOnlyOptions {
		return reply{}, invalid("Property '" + d.name + "' is read only; its options cannot be changed")
	}
	if in.GroupName != nil && c.t.schema.group(*in.GroupName) == nil {
		return reply{}, invalid("Property group '" + *in.GroupName + "' does not exist")
	}
	if e := checkOptions(c.t.id, d.name, in); e != nil {
		return reply{}, e
	}
	set(&d.kind, in.Type)
	set(&d.field, in.FieldType)
	set(&d.group, in.GroupName)
	d.adopt(in)
	d.updated = p.nowMS()
	return ok(bodyOf(d, false))
}

func (p *Portal) deleteProperty(c *call) (reply, *apiError) {
	d, e := c.named(false)
	if e != nil {
		return reply{}, e
	}
	return noContentOr(p.archiveProperty(c.t, d))
}

func noContentOr(e *apiError) (reply, *apiError) {
	if e != nil {
		return reply{}, e
	}
	return noContent()
}

// archiveProperty takes a property out of use; its values stay behind.
func (p *Portal) archiveProperty(t *table, d *property) *apiError {
	if d.vendor {
		return invalid("Property '" + d.name + "' is defined by HubSpot and cannot be archived")
	}
	d.archived = p.nowMS()
	t.schema.inUse = nil
	return nil
}

// nameList is the body of a batch over properties.
type nameList struct {
	Archived bool `json:"archived"`
	Inputs   []struct {
		Name string `json:"name"`
	} `json:"inputs"`
}

func (p *Portal) readProperties(c *call) (reply, *apiError) {
	var in nameList
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	list := []propertyBody{}
	var errs []errorItem
	for _, want := range in.Inputs {
		d := c.t.schema.byName[want.Name]
		if d == nil || (d.archived != 0) != in.Archived {
			errs = append(errs, noProperty(want.Name).item(""))
			continue
		}
		list = append(list, bodyOf(d, false))
	}
	return c.batchOf(http.StatusOK, list, errs)
}

func (p *Portal) createProperties(c *call) (reply, *apiError) {
	var in struct {
		Inputs []newProperty `json:"inputs"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	list := []propertyBody{}
	var errs []errorItem
	for _, one := range in.Inputs {
		d, e := p.addProperty(c, one)
		if e != nil {
			item := e.item("")
			item.Context["name"] = []string{one.Name}
			errs = append(errs, item)
			continue
		}
		list = append(list, bodyOf(d, true))
	}
	return c.batchOf(http.StatusCreated, list, errs)
}

func (p *Portal) archiveProperties(c *call) (reply, *apiError) {
	var in nameList
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	for _, one := range in.Inputs {
		if d := c.t.schema.find(one.Name); d != nil {
			if e := p.archiveProperty(c.t, d); e != nil {
				return reply{}, e
			}
		}
	}
	return noContent()
}

// batchOf is a batch answer of anything but records.
func (c *call) batchOf(status int, results any, errs []errorItem) (reply, *apiError) {
	out := map[string]any{"completedAt": formatMS(c.p.nowMS()), "startedAt": formatMS(c.started), "status": "COMPLETE", "results": results}
	if errs != nil {
		status = http.StatusMultiStatus
		out["errors"], out["numErrors"] = errs, len(errs)
	}
	return reply{status: status, body: out}, nil
}

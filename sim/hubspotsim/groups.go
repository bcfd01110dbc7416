package hubspotsim

import "net/http"

func (p *Portal) listGroups(c *call) (reply, *apiError) {
	list := []*group{}
	for _, g := range c.t.schema.groups {
		if g.Archived == queryBool(c.r.URL.Query(), "archived") {
			list = append(list, g)
		}
	}
	return ok(map[string]any{"results": list})
}

func (p *Portal) getGroup(c *call) (reply, *apiError) {
	g := c.t.schema.group(c.vars["group"])
	if g == nil {
		return reply{}, noGroup(c.vars["group"])
	}
	return ok(g)
}

func noGroup(name string) *apiError {
	return &apiError{Status: http.StatusNotFound, Category: categoryNotFound, SubCategory: "Properties.PROPERTY_GROUP_NOT_FOUND",
		Message: "The property group named '" + name + "' does not exist."}
}

// groupBody is a group in a create or patch.
type groupBody struct {
	Name         string  `json:"name"`
	Label        *string `json:"label"`
	DisplayOrder *int    `json:"displayOrder"`
}

func (p *Portal) createGroup(c *call) (reply, *apiError) {
	var in groupBody
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	if in.Name == "" || in.Label == nil {
		return reply{}, badJSON("Cannot build PropertyGroupCreate, some of required attributes are not set [name, label]")
	}
	if c.t.schema.group(in.Name) != nil {
		return reply{}, &apiError{Status: http.StatusConflict, Category: "OBJECT_ALREADY_EXISTS",
			SubCategory: "Properties.PROPERTY_GROUP_WITH_NAME_EXISTS", Message: "A property group named '" + in.Name + "' already exists."}
	}
	g := &group{Name: in.Name, Label: *in.Label, DisplayOrder: len(c.t.schema.groups)}
	set(&g.DisplayOrder, in.DisplayOrder)
	c.t.schema.groups = append(c.t.schema.groups, g)
	return reply{status: http.StatusCreated, body: g}, nil
}

func (p *Portal) patchGroup(c *call) (reply, *apiError) {
	var in groupBody
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	g := c.t.schema.group(c.vars["group"])
	if g == nil {
		return reply{}, noGroup(c.vars["group"])
	}
	set(&g.Label, in.Label)
	set(&g.DisplayOrder, in.DisplayOrder)
	return ok(g)
}

func (p *Portal) deleteGroup(c *call) (reply, *apiError) {
	g := c.t.schema.group(c.vars["group"])
	if g == nil {
		return reply{}, noGroup(c.vars["group"])
	}
	for _, d := range c.t.schema.list {
		if d.archived == 0 && d.group == g.Name {
			return reply{}, invalid("Property group '" + g.Name + "' still has properties and cannot be archived")
		}
	}
	g.Archived = true
	return noContent()
}

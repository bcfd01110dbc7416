package hubspotsim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// templateToken is a value that events of a template carry.
type templateToken struct {
	Name     string          `json:"name"`
	Label    string          `json:"label"`
	Type     string          `json:"type"`
	Property string          `json:"objectPropertyName,omitempty"` // written with the event
	Options  json.RawMessage `json:"options,omitempty"`
}

// eventTemplate is a kind of event that an app puts on records' timelines.
type eventTemplate struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Object    string          `json:"objectType"`
	Header    string          `json:"headerTemplate,omitempty"`
	Detail    string          `json:"detailTemplate,omitempty"`
	Tokens    []templateToken `json:"tokens"`
	CreatedAt string          `json:"createdAt"`
	UpdatedAt string          `json:"updatedAt"`
}

type timelineEvent struct {
	ID        string            `json:"id"`
	Template  string            `json:"eventTemplateId"`
	Object    string            `json:"objectType"`
	ObjectID  string            `json:"objectId"`
	Email     string            `json:"email,omitempty"`
	Tokens    map[string]string `json:"tokens"`
	Extra     json.RawMessage   `json:"extraData,omitempty"`
	Timestamp string            `json:"timestamp"`
	CreatedAt string            `json:"createdAt"`
}

// maxTemplates is the most event templates of one app.
const maxTemplates = 750

type timeline struct {
	templates []*eventTemplate
	events    []timelineEvent
	last      int
}

func (p *Portal) timelineRoutes(rt routeTable) {
	developer := func(method, pattern string, handle func(*call) (reply, *apiError)) {
		rt.add(route{open: true, write: true, budget: unmetered, handle: func(c *call) (reply, *apiError) {
			if c.r.URL.Query().Get("hapikey") != p.info.ClientSecret || c.vars["app"] != strconv.Itoa(p.info.AppID) {
				return reply{}, &apiError{Status: http.StatusUnauthorized, Message: noCredentials, Category: "INVALID_AUTHENTICATION"}
			}
			return handle(c)
		}}, method, "timeline/"+pattern)
	}
	app := func(method, pattern string, handle func(*call) (reply, *apiError)) {
		rt.add(route{scopes: scope("timeline"), write: true, handle: handle}, method, "timeline/"+pattern)
	}
	app("POST", "events", p.createEvent)
	app("POST", "events/batch/create", p.createEvents)
	app("GET", "events/{template}/{event}", p.getEvent)
	developer("GET", "{app}/event-templates", p.listTemplates)
	developer("POST", "{app}/event-templates", p.createTemplate)
	developer("GET", "{app}/event-templates/{template}", p.getTemplate)
	developer("PUT", "{app}/event-templates/{template}", p.replaceTemplate)
	developer("DELETE", "{app}/event-templates/{template}", p.deleteTemplate)
}

func (p *Portal) listTemplates(*call) (reply, *apiError) {
	list := p.timeline.templates
	if list == nil {
		list = []*eventTemplate{}
	}
	return ok(map[string]any{"results": list})
}

func (p *Portal) template(id string) *eventTemplate {
	i := slices.IndexFunc(p.timeline.templates, func(t *eventTemplate) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return p.timeline.templates[i]
}

func (p *Portal) getTemplate(c *call) (reply, *apiError) {
	t := p.template(c.vars["template"])
	if t == nil {
		return reply{}, notFound()
	}
	return ok(t)
}

func (p *Portal) createTemplate(c *call) (reply, *apiError) {
	t := &eventTemplate{}
	if e := c.decode(t); e != nil {
		return reply{}, e
	}
	if len(p.timeline.templates) >= maxTemplates {
		return reply{}, invalid("An app can have at most " + strconv.Itoa(maxTemplates) + " event templates")
	}
	if e := p.checkTemplate(t); e != nil {
		return reply{}, e
	}
	p.timeline.last++
	t.ID = strconv.Itoa(1_000_000 + p.timeline.last)
	t.CreatedAt, t.UpdatedAt = formatMS(p.nowMS()), formatMS(p.nowMS())
	p.timeline.templates = append(p.timeline.templates, t)
	return reply{status: http.StatusCreated, body: t}, nil
}

// checkTemplate: tokens that write a property need one that exists.
func (p *Portal) checkTemplate(t *eventTemplate) *apiError {
	table, e := p.table(t.Object)
	switch {
	case e != nil:
		return e
	case t.Name == "":
		return invalid("An event template needs a name")
	}
	if t.Tokens == nil {
		t.Tokens = []templateToken{}
	}
	for _, token := range t.Tokens {
		if token.Property != "" && table.schema.find(token.Property) == nil {
			return invalid("Property '" + token.Property + "' does not exist on object type " + table.id)
		}
	}
	return nil
}

func (p *Portal) replaceTemplate(c *call) (reply, *apiError) {
	have := p.template(c.vars["template"])
	if have == nil {
		return reply{}, notFound()
	}
	next := *have
	if e := c.decode(&next); e != nil {
		return reply{}, e
	}
	if e := p.checkTemplate(&next); e != nil {
		return reply{}, e
	}
	next.ID, next.Object, next.CreatedAt, next.UpdatedAt = have.ID, have.Object, have.CreatedAt, formatMS(p.nowMS())
	*have = next
	return ok(have)
}

func (p *Portal) deleteTemplate(c *call) (reply, *apiError) {
	p.timeline.templates = slices.DeleteFunc(p.timeline.templates, func(t *eventTemplate) bool { return t.ID == c.vars["template"] })
	return noContent()
}

// newEvent is an event as an app sends it.
type newEvent struct {
	ID        string          `json:"id"`
	Template  text            `json:"eventTemplateId"`
	Email     string          `json:"email"`
	ObjectID  text            `json:"objectId"`
	Tokens    values          `json:"tokens"`
	Extra     json.RawMessage `json:"extraData"`
	Timestamp text            `json:"timestamp"`
}

func (p *Portal) createEvent(c *call) (reply, *apiError) {
	var in newEvent
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	out, e := p.addEvent(c, in)
	if e != nil {
		return reply{}, e
	}
	return reply{status: http.StatusCreated, body: out}, nil
}

func (p *Portal) createEvents(c *call) (reply, *apiError) {
	var in struct {
		Inputs []newEvent `json:"inputs"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	list := []timelineEvent{}
	var errs []errorItem
	for _, one := range in.Inputs {
		out, e := p.addEvent(c, one)
		if e != nil {
			errs = append(errs, e.item(""))
			continue
		}
		list = append(list, out)
	}
	return c.batchOf(http.StatusCreated, list, errs)
}

// addEvent puts an event on a record's timeline and writes the properties its
// tokens name. A contact that an address names is made where there is none.
func (p *Portal) addEvent(c *call, in newEvent) (timelineEvent, *apiError) {
	t := p.template(string(in.Template))
	if t == nil {
		return timelineEvent{}, invalid("Event template " + string(in.Template) + " does not exist")
	}
	table, e := p.table(t.Object)
	if e != nil {
		return timelineEvent{}, e
	}
	props, e := t.properties(in.Tokens.plain())
	if e != nil {
		return timelineEvent{}, e
	}
	r, e := p.eventRecord(c, table, in, props)
	if e != nil {
		return timelineEvent{}, e
	}
	at := p.nowMS()
	if ms, given := parseMS(string(in.Timestamp)); given {
		at = ms
	}
	out := timelineEvent{ID: in.ID, Template: t.ID, Object: t.Object, ObjectID: formatID(r.id), Email: in.Email, Tokens: in.Tokens.plain(),
		Extra: in.Extra, Timestamp: formatMS(at), CreatedAt: formatMS(p.nowMS())}
	if out.ID == "" {
		out.ID = p.newUUID()
	}
	p.timeline.events = append(p.timeline.events, out)
	return out, nil
}

// properties are what an event's tokens write; a token the template does not
// know is refused.
func (t *eventTemplate) properties(tokens map[string]string) (map[string]string, *apiError) {
	out := map[string]string{}
	for _, name := range sortedKeys(tokens) {
		i := slices.IndexFunc(t.Tokens, func(have templateToken) bool { return have.Name == name })
		if i < 0 {
			return nil, invalid("Token '" + name + "' does not exist on event template " + t.ID)
		}
		if property := t.Tokens[i].Property; property != "" {
			out[property] = tokens[name]
		}
	}
	return out, nil
}

// eventRecord finds the record of an event and writes to it.
func (p *Portal) eventRecord(c *call, t *table, in newEvent, props map[string]string) (*record, *apiError) {
	if t.id != typeContact || in.ObjectID != "" {
		r, e := p.findLive(t, string(in.ObjectID))
		if e == nil && len(props) > 0 {
			e = p.update(t, r, c.b.by, props)
		}
		return r, e
	}
	if id, known := t.emails[strings.ToLower(in.Email)]; known {
		r := t.records[id]
		return r, p.update(t, r, c.b.by, props)
	}
	props["email"] = in.Email
	return p.create(t, c.b.by, props, nil)
}

// forgetTimeline drops the events of an erased record.
func (p *Portal) forgetTimeline(t *table, id uint64) {
	p.timeline.events = slices.DeleteFunc(p.timeline.events, func(e timelineEvent) bool {
		return e.ObjectID == formatID(id) && p.names[strings.ToLower(e.Object)] == t
	})
}

func (p *Portal) getEvent(c *call) (reply, *apiError) {
	for _, e := range p.timeline.events {
		if e.Template == c.vars["template"] && e.ID == c.vars["event"] {
			return ok(e)
		}
	}
	return reply{}, notFound()
}

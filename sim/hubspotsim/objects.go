package hubspotsim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// find gets the record a path or an input names, by id or by a unique property.
// A merged id leads to the survivor.
func (p *Portal) find(t *table, key, idProperty string) (*record, *apiError) {
	if idProperty == "" || idProperty == "hs_object_id" {
		id, ok := parseID(key)
		if !ok {
			return nil, noSuchID(key)
		}
		if r := t.resolve(id); r != nil {
			return r, nil
		}
		return nil, notFound()
	}
	d, e := p.keyProperty(t, idProperty)
	if e != nil {
		return nil, e
	}
	if r := p.byKey(t, d, key); r != nil {
		return r, nil
	}
	return nil, notFound()
}

// keyProperty checks that a property identifies records.
func (p *Portal) keyProperty(t *table, name string) (*property, *apiError) {
	d := t.schema.find(name)
	email := t.id == typeContact && name == "email"
	domain := t.id == typeCompany && name == "domain" && p.domainAsKey
	if d == nil || !d.unique && !email && !domain {
		return nil, p.notUnique(t, name)
	}
	return d, nil
}

// notUnique refuses to find records by a property that does not identify them.
func (p *Portal) notUnique(t *table, name string) *apiError {
	return invalid("Unable to perform update/upsert by non-unique " + t.id + " property " + name + " in portal ID " + p.portalID)
}

// byKey finds a live record by a key property.
func (p *Portal) byKey(t *table, d *property, key string) *record {
	if d.name == "domain" && !d.unique {
		return p.byDomain(normaliseDomain(key))
	}
	id, ok := t.holder(d, strings.ToLower(strings.TrimSpace(key)))
	if !ok {
		return nil
	}
	return t.records[id]
}

// byDomain finds the oldest company with a domain.
func (p *Portal) byDomain(domain string) *record {
	t := p.names[typeCompany]
	d := t.schema.find("domain")
	for _, r := range t.order {
		if domain != "" && r.live() && d != nil && r.cur.text(d.id) == domain {
			return r
		}
	}
	return nil
}

// readSelection reads the parameters that pick properties.
func (c *call) readSelection() (selection, *apiError) {
	q := c.r.URL.Query()
	s := c.t.selected(queryList(q, "properties"), queryList(q, "propertiesWithHistory"))
	for _, name := range queryList(q, "associations") {
		ot, e := c.p.table(name)
		if e != nil {
			return s, e
		}
		s.others = append(s.others, ot)
	}
	return s, nil
}

func (p *Portal) getRecord(c *call) (reply, *apiError) {
	r, e := p.find(c.t, c.vars["id"], c.r.URL.Query().Get("idProperty"))
	if e != nil {
		return reply{}, e
	}
	if r.live() == queryBool(c.r.URL.Query(), "archived") {
		return reply{}, notFound()
	}
	s, e := c.readSelection()
	if e != nil {
		return reply{}, e
	}
	return ok(p.appendRecord(nil, p.see(c.t, r), s, ""))
}

const (
	pageLimit        = 100
	historyPageLimit = 50
)

func (p *Portal) listRecords(c *call) (reply, *apiError) {
	q := c.r.URL.Query()
	s, e := c.readSelection()
	if e != nil {
		return reply{}, e
	}
	most := pageLimit
	if len(s.history) > 0 {
		most = historyPageLimit
	}
	limit, e := queryInt(q, "limit", 10, most)
	if e != nil {
		return reply{}, e
	}
	var after uint64
	if cursor := q.Get("after"); cursor != "" {
		n, err := strconv.ParseUint(cursor, 10, 63)
		if err != nil {
			return reply{}, invalid("Invalid paging cursor: " + cursor)
		}
		after = n
	}
	page, next := c.t.page(after, limit, queryBool(q, "archived"))
	b := []byte(`{"results":[`)
	for i, r := range page {
		if i > 0 {
			b = append(b, ',')
		}
		b = p.appendRecord(b, p.see(c.t, r), s, "")
	}
	b = append(b, ']')
	if next != "" {
		b = appendPaging(b, next, p.nextLink(c, next))
	}
	return ok(append(b, '}'))
}

// page cuts records with at least id after, by id, and the cursor of the next page.
func (t *table) page(after uint64, limit int, archived bool) (page []*record, next string) {
	for _, r := range t.order[t.from(after):] {
		if r.live() == archived {
			continue
		}
		if len(page) == limit {
			return page, formatID(page[limit-1].id + 1)
		}
		page = append(page, r)
	}
	return page, ""
}

func appendPaging(b []byte, after, link string) []byte {
	b = append(b, `,"paging":{"next":{"after":`...)
	b = appendJSON(b, after)
	if link != "" {
		b = appendJSON(append(b, `,"link":`...), link)
	}
	return append(b, "}}"...)
}

// nextLink repeats the request with the next cursor, on the public host.
func (p *Portal) nextLink(c *call, after string) string {
	var kept []string
	for _, part := range strings.Split(c.r.URL.RawQuery, "&") {
		if part != "" && !strings.HasPrefix(part, "after=") {
			kept = append(kept, part)
		}
	}
	kept = append(kept, "after="+url.QueryEscape(after))
	return "https://api.hubapi.com" + c.r.URL.Path + "?" + strings.Join(kept, "&")
}

func (p *Portal) createRecord(c *call) (reply, *apiError) {
	var in input
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	d, e := p.checkNew(c, in)
	if e != nil {
		return reply{}, e
	}
	r := p.save(d)
	body := p.appendRecord(nil, p.see(c.t, r), d.echo(true), traceOf(in))
	return reply{status: http.StatusCreated, body: body, location: "https://api.hubapi.com/crm/v3/objects/" + c.t.plural + "/" + formatID(r.id)}, nil
}

func traceOf(in input) string {
	if in.Trace == "" {
		return ""
	}
	return string(appendJSON([]byte(`,"objectWriteTraceId":`), string(in.Trace)))
}

// checkNew checks a create with its associations.
func (p *Portal) checkNew(c *call, in input) (*draft, *apiError) {
	links, e := p.wishes(c.t, in.Associations)
	if e != nil {
		return nil, e
	}
	d, e := c.check(nil, in.Properties.plain())
	if e != nil {
		return nil, e
	}
	d.links = append(d.links, links...)
	return d, p.leadNeedsContact(d)
}

// leadNeedsContact: a lead is made for a contact that is there (leads guide).
func (p *Portal) leadNeedsContact(d *draft) *apiError {
	if d.t.id != typeLead || slices.ContainsFunc(d.links, func(w wish) bool { return w.to.id == typeContact }) {
		return nil
	}
	return invalid("A lead must be associated with an existing contact.")
}

func (p *Portal) patchRecord(c *call) (reply, *apiError) {
	var in input
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	r, e := p.find(c.t, c.vars["id"], c.r.URL.Query().Get("idProperty"))
	if e != nil {
		return reply{}, e
	}
	if !r.live() {
		return reply{}, notFound()
	}
	wanted := in.Properties.plain()
	if len(wanted) == 0 {
		return reply{}, nothingToUpdate()
	}
	d, e := c.check(r, wanted)
	if e != nil {
		return reply{}, e
	}
	p.save(d)
	return ok(p.appendRecord(nil, p.see(c.t, r), d.echo(false), ""))
}

func nothingToUpdate() *apiError {
	e := invalid("No properties found to update, please provide at least one.")
	e.Context = map[string][]string{"properties": {"{}"}}
	return e
}

// deleteRecord answers the same for a record that is gone already.
func (p *Portal) deleteRecord(c *call) (reply, *apiError) {
	if id, ok := parseID(c.vars["id"]); ok {
		if r := c.t.resolve(id); r != nil && (r.id == id || !p.readings.deletesExactly) {
			p.archive(c.t, r, c.b.by)
		}
	}
	return noContent()
}

func (p *Portal) mergeRecords(c *call) (reply, *apiError) {
	var in struct {
		Primary text `json:"primaryObjectId"`
		Other   text `json:"objectIdToMerge"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	if !c.t.merges {
		return reply{}, invalid("Merging is not supported for " + c.t.plural)
	}
	a, e := p.find(c.t, string(in.Primary), "")
	if e != nil {
		return reply{}, e
	}
	b, e := p.find(c.t, string(in.Other), "")
	if e != nil {
		return reply{}, e
	}
	if !a.live() || !b.live() {
		return reply{}, notFound()
	}
	survivor, e := p.merge(c.t, a, b, c.b.by)
	if e != nil {
		return reply{}, e
	}
	return ok(p.appendRecord(nil, p.see(c.t, survivor), selection{defs: c.t.schema.live(), skipEmpty: true}, ""))
}

// eraseRecord deletes a contact for privacy; an address without contact is
// put on the block list all the same.
func (p *Portal) eraseRecord(c *call) (reply, *apiError) {
	var in struct {
		ID         text   `json:"objectId"`
		IDProperty string `json:"idProperty"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	if c.t.id != typeContact {
		return reply{}, invalid("Privacy deletion is not supported for " + c.t.plural)
	}
	r, e := p.find(c.t, string(in.ID), in.IDProperty)
	switch {
	case e == nil:
		p.erase(c.t, r, c.b.by)
	case e.Status != http.StatusNotFound:
		return reply{}, e
	case in.IDProperty == "email":
		p.block(strings.ToLower(string(in.ID)))
	}
	return noContent()
}

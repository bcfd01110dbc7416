package hubspotsim

import "strings"

// route is one endpoint in all its spellings.
type route struct {
	method  string
	pattern []string // area and segments; {type} and {other} name object types
	name    string   // for the statistics
	budget  budget
	write   bool   // needs the lock for writing
	open    bool   // without a bearer token
	body    string // media type of the body, where it is not JSON
	scopes  func(c *call) [][]string
	handle  func(c *call) (reply, *apiError)
}

// routeTable finds routes by area and number of segments.
type routeTable map[string][]*route

func (rt routeTable) add(r route, method, pattern string) {
	r.method, r.pattern = method, strings.Split(pattern, "/")
	r.name = method + " /" + pattern
	area := r.pattern[0]
	rt[area] = append(rt[area], &r)
}

func (r *route) match(seg []string) (map[string]string, bool) {
	if len(seg) != len(r.pattern) {
		return nil, false
	}
	var vars map[string]string
	for i, want := range r.pattern {
		if want[0] != '{' {
			if want != seg[i] {
				return nil, false
			}
			continue
		}
		if vars == nil {
			vars = map[string]string{}
		}
		vars[want[1:len(want)-1]] = seg[i]
	}
	return vars, true
}

func reads(c *call) [][]string       { return objectScopes(c.t, false) }
func writes(c *call) [][]string      { return objectScopes(c.t, true) }
func readsSchema(c *call) [][]string { return schemaScopes(c.t, false) }
func editsSchema(c *call) [][]string { return schemaScopes(c.t, true) }

func scope(names ...string) func(*call) [][]string {
	return func(*call) [][]string { return [][]string{names} }
}

// buildRoutes is the whole surface of the API.
func (p *Portal) buildRoutes() routeTable {
	rt := routeTable{}
	p.objectRoutes(rt)
	p.propertyRoutes(rt)
	p.associationRoutes(rt)
	p.listRoutes(rt)
	p.accountRoutes(rt)
	p.pipelineRoutes(rt)
	p.schemaRoutes(rt)
	p.importRoutes(rt)
	p.timelineRoutes(rt)
	p.mailRoutes(rt)
	p.formRoutes(rt)
	p.occurrenceRoutes(rt)
	p.consentRoutes(rt)
	p.oauthRoutes(rt)
	return rt
}

func (p *Portal) objectRoutes(rt routeTable) {
	read, change := route{scopes: reads}, route{scopes: writes, write: true}
	with := func(r route, handle func(*call) (reply, *apiError)) route { r.handle = handle; return r }
	rt.add(with(route{scopes: reads, budget: search}, p.searchRecords), "POST", "objects/{type}/search")
	rt.add(with(read, p.batchRead), "POST", "objects/{type}/batch/read")
	rt.add(with(change, p.batchCreate), "POST", "objects/{type}/batch/create")
	rt.add(with(change, p.batchUpdate), "POST", "objects/{type}/batch/update")
	rt.add(with(change, p.batchUpsert), "POST", "objects/{type}/batch/upsert")
	rt.add(with(change, p.batchArchive), "POST", "objects/{type}/batch/archive")
	rt.add(with(change, p.mergeRecords), "POST", "objects/{type}/merge")
	rt.add(with(change, p.eraseRecord), "POST", "objects/{type}/gdpr-delete")
	rt.add(with(read, p.listRecords), "GET", "objects/{type}")
	rt.add(with(change, p.createRecord), "POST", "objects/{type}")
	rt.add(with(read, p.getRecord), "GET", "objects/{type}/{id}")
	rt.add(with(change, p.patchRecord), "PATCH", "objects/{type}/{id}")
	rt.add(with(change, p.deleteRecord), "DELETE", "objects/{type}/{id}")
}

package hubspotsim

import "net/http"

// listBulkRoutes change or read the members of a list as a whole.
func (p *Portal) listBulkRoutes(rt routeTable) {
	change := route{scopes: scope("crm.lists.write"), write: true}
	with := func(r route, handle func(*call) (reply, *apiError)) route { r.handle = handle; return r }
	rt.add(with(change, p.emptyList), "DELETE", "lists/{list}/memberships")
	rt.add(with(change, p.addFromList), "PUT", "lists/{list}/memberships/add-from/{source}")
	rt.add(route{scopes: scope("crm.lists.read"), write: true, handle: p.listsOfRecords}, "POST", "lists/records/memberships/batch/read")
}

func (p *Portal) emptyList(c *call) (reply, *apiError) {
	ids, err := p.lists.Members(c.vars["list"])
	if err != nil {
		return reply{}, listError(err)
	}
	return p.changeQuietly(c, nil, ids)
}

// maxListCopy is the most members that one list can take over from another.
const maxListCopy = 100_000

func (p *Portal) addFromList(c *call) (reply, *apiError) {
	ids, err := p.lists.Members(c.vars["source"])
	if err != nil {
		return reply{}, listError(err)
	}
	if len(ids) > maxListCopy {
		return reply{}, invalid("The source list has more than 100000 members")
	}
	return p.changeQuietly(c, ids, nil)
}

// changeQuietly changes members and answers without a body.
func (p *Portal) changeQuietly(c *call, add, remove []string) (reply, *apiError) {
	done, err := p.lists.Change(c.vars["list"], add, remove)
	if err != nil {
		return reply{}, listError(err)
	}
	p.publishMemberships(done.Changes)
	return noContent()
}

func (p *Portal) listsOfRecords(c *call) (reply, *apiError) {
	var in struct {
		Inputs []struct {
			TypeID string `json:"objectTypeId"`
			Record text   `json:"recordId"`
		} `json:"inputs"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	out := []map[string]any{}
	for _, one := range in.Inputs {
		out = append(out, map[string]any{"objectTypeId": one.TypeID, "recordId": string(one.Record),
			"recordListMemberships": p.membershipsOf(one.TypeID, string(one.Record))})
	}
	return c.batchOf(http.StatusOK, out, nil)
}

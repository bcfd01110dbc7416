package hubspotsim

import (
	"net/http"
	"strconv"
)

func (p *Portal) associationRoutes(rt routeTable) {
	scopes := func(c *call) [][]string { return objectScopes(c.t, c.r.Method != http.MethodGet) }
	read := route{scopes: reads, budget: associationsV4}
	change := route{scopes: scopes, budget: associationsV4, write: true}
	with := func(r route, handle func(*call) (reply, *apiError)) route { r.handle = handle; return r }
	const one = "objects/{type}/{id}/associations/"
	rt.add(with(read, p.listLinks), "GET", one+"{other}")
	rt.add(with(change, p.putDefaultLink), "PUT", one+"default/{other}/{to}")
	rt.add(with(change, p.putLink), "PUT", one+"{other}/{to}")
	rt.add(with(change, p.deleteLink), "DELETE", one+"{other}/{to}")
	const pair = "associations/{type}/{other}/"
	rt.add(with(route{scopes: reads, budget: associationsV4}, p.readLinks), "POST", pair+"batch/read")
	rt.add(with(change, p.createLinks), "POST", pair+"batch/create")
	rt.add(with(change, p.createDefaultLinks), "POST", pair+"batch/associate/default")
	rt.add(with(change, p.archiveLinks), "POST", pair+"batch/archive")
	rt.add(with(change, p.archiveLabels), "POST", pair+"batch/labels/archive")
	rt.add(with(read, p.listLabels), "GET", pair+"labels")
	rt.add(with(change, p.createLabel), "POST", pair+"labels")
	rt.add(with(change, p.renameLabel), "PUT", pair+"labels")
	rt.add(with(change, p.deleteLabel), "DELETE", pair+"labels/{label}")
	p.linkLimitRoutes(rt)
	rt.add(with(route{scopes: reads}, p.listLinksV3), "GET", "v3-"+one+"{other}")
	rt.add(with(route{scopes: scopes, write: true}, p.putLinkV3), "PUT", "v3-"+one+"{other}/{to}/{label}")
	rt.add(with(route{scopes: scopes, write: true}, p.deleteLinkV3), "DELETE", "v3-"+one+"{other}/{to}/{label}")
	rt.add(with(route{scopes: reads}, p.listTypesV3), "GET", "v3-"+pair+"types")
	rt.add(with(route{scopes: reads}, p.readLinksV3), "POST", "v3-"+pair+"batch/read")
	rt.add(with(route{scopes: writes, write: true}, p.createLinksV3), "POST", "v3-"+pair+"batch/create")
	rt.add(with(route{scopes: writes, write: true}, p.archiveLinksV3), "POST", "v3-"+pair+"batch/archive")
}

// linkPage is how many associations of one record an answer holds.
const linkPage = 500

type typeBody struct {
	Category string  `json:"category"`
	TypeID   int     `json:"typeId"`
	Label    *string `json:"label"`
}

// linkBody has a number for an id where the rest of the API has texts.
type linkBody struct {
	To    uint64     `json:"toObjectId"`
	Types []typeBody `json:"associationTypes"`
}

func (l *label) body() typeBody {
	b := typeBody{Category: l.category, TypeID: l.typeID}
	if l.text != "" {
		b.Label = &l.text
	}
	return b
}

// linkBodies gives one page of associations and the cursor of the next.
func (p *Portal) linkBodies(r *record, ot *table, after uint64, limit int) (out []linkBody, next string) {
	out = []linkBody{}
	for _, l := range r.linksTo(ot.n) {
		if other := ot.records[l.to]; l.to < after || other == nil || !other.live() {
			continue
		}
		if len(out) == limit {
			return out, formatID(out[limit-1].To + 1)
		}
		body := linkBody{To: l.to}
		for _, n := range l.labels {
			body.Types = append(body.Types, p.labels[n].body())
		}
		out = append(out, body)
	}
	return out, ""
}

type paging struct {
	Next struct {
		After string `json:"after"`
		Link  string `json:"link,omitempty"`
	} `json:"next"`
}

func pagingAfter(after string) *paging {
	if after == "" {
		return nil
	}
	out := &paging{}
	out.Next.After = after
	return out
}

func (p *Portal) listLinks(c *call) (reply, *apiError) {
	r, e := p.findLive(c.t, c.vars["id"])
	if e != nil {
		return reply{}, e
	}
	limit, e := queryInt(c.r.URL.Query(), "limit", linkPage, linkPage)
	if e != nil {
		return reply{}, e
	}
	after, _ := parseID(c.r.URL.Query().Get("after"))
	list, next := p.linkBodies(r, c.t2, after, limit)
	return ok(struct {
		Results []linkBody `json:"results"`
		Paging  *paging    `json:"paging,omitempty"`
	}{list, pagingAfter(next)})
}

func (p *Portal) findLive(t *table, id string) (*record, *apiError) {
	r, e := p.find(t, id, "")
	if e == nil && !r.live() {
		return nil, notFound()
	}
	return r, e
}

// ends finds both records of an association.
func (p *Portal) ends(t, ot *table, from, to string) (r, other *record, e *apiError) {
	if r, e = p.findLive(t, from); e != nil {
		return nil, nil, e
	}
	if other, e = p.findLive(ot, to); e != nil {
		return nil, nil, e
	}
	if t == ot && r == other {
		id := formatID(r.id)
		return nil, nil, invalid("Object " + id + " cannot be associated to itself (" + id + ")")
	}
	return r, other, nil
}

// linkSpec is one direction of a made association.
type linkSpec struct {
	From struct {
		ID string `json:"id"`
	} `json:"from"`
	To struct {
		ID string `json:"id"`
	} `json:"to"`
	Spec struct {
		Category string `json:"associationCategory"`
		TypeID   int    `json:"associationTypeId"`
	} `json:"associationSpec"`
}

func specBetween(from, to uint64, l *label) linkSpec {
	var s linkSpec
	s.From.ID, s.To.ID = formatID(from), formatID(to)
	s.Spec.Category, s.Spec.TypeID = l.category, l.typeID
	return s
}

func (p *Portal) putDefaultLink(c *call) (reply, *apiError) {
	r, other, e := p.tieable(c, c.vars["id"], c.vars["to"], nil)
	if e != nil {
		return reply{}, e
	}
	return c.batchOf(http.StatusOK, p.linkPlain(c, r, other), nil)
}

func (p *Portal) linkPlain(c *call, r, other *record) []linkSpec {
	p.associate(c.b.by, c.t, r, wish{to: c.t2, id: other.id})
	plain := p.plainLabel(c.t, c.t2)
	return []linkSpec{specBetween(r.id, other.id, plain), specBetween(other.id, r.id, p.labels[plain.inverse])}
}

// putLink sets the labels of a pair: what is not named is taken away.
func (p *Portal) putLink(c *call) (reply, *apiError) {
	var in []specRef
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	labels, e := p.labelsOf(c.t, c.t2, in)
	if e != nil {
		return reply{}, e
	}
	r, other, e := p.tieable(c, c.vars["id"], c.vars["to"], labels)
	if e != nil {
		return reply{}, e
	}
	p.setLabels(c, r, other, labels)
	return reply{status: http.StatusCreated, body: p.putAnswer(c, r, other)}, nil
}

func (p *Portal) putAnswer(c *call, r, other *record) any {
	names := []string{}
	if l := r.linkTo(c.t2.n, other.id); l != nil {
		for _, n := range l.labels {
			if text := p.labels[n].text; text != "" {
				names = append(names, text)
			}
		}
	}
	return struct {
		FromType string   `json:"fromObjectTypeId"`
		From     uint64   `json:"fromObjectId"`
		ToType   string   `json:"toObjectTypeId"`
		To       uint64   `json:"toObjectId"`
		Labels   []string `json:"labels"`
	}{c.t.id, r.id, c.t2.id, other.id, names}
}

func (p *Portal) setLabels(c *call, r, other *record, labels []uint16) {
	p.associate(c.b.by, c.t, r, wish{to: c.t2, id: other.id, labels: labels})
	have := r.linkTo(c.t2.n, other.id)
	for _, n := range append([]uint16(nil), have.labels...) {
		l := p.labels[n]
		if l.plain() || hasLabel(labels, n) || p.onlyPrimary(c.t, r, c.t2, other, l) {
			continue
		}
		p.untie(c.b.by, c.t, r, c.t2, other, l)
	}
}

// onlyPrimary keeps a record from losing its primary company while it has one
// company: the first is primary by itself.
func (p *Portal) onlyPrimary(t *table, r *record, ot *table, _ *record, l *label) bool {
	return l.primary && len(r.linksTo(ot.n)) == 1 && p.primaryLabel(t, ot) != nil
}

func hasLabel(labels []uint16, n uint16) bool {
	for _, have := range labels {
		if have == n {
			return true
		}
	}
	return false
}

// labelsOf finds the types a body names, in the direction of the call.
func (p *Portal) labelsOf(t, ot *table, specs []specRef) ([]uint16, *apiError) {
	var out []uint16
	for _, s := range specs {
		l := p.labelOf(t, ot, s.Category, s.TypeID.number(-1))
		if l == nil {
			return nil, invalid("One or more associations are invalid: type " + string(s.TypeID) + " (" + s.Category +
				") does not go from object type " + t.id + " to " + ot.id)
		}
		out = append(out, l.n)
	}
	if out == nil {
		return nil, invalid("One or more associations are invalid")
	}
	return out, nil
}

func (p *Portal) deleteLink(c *call) (reply, *apiError) {
	r, other, e := p.ends(c.t, c.t2, c.vars["id"], c.vars["to"])
	if e == nil {
		p.separate(c.b.by, c.t, r, c.t2, other)
	}
	return noContent()
}

func badIdentifier(id string) errorItem {
	return errorItem{Status: "error", Category: categoryValidation, SubCategory: "crm.associations.INVALID_IDENTIFIER",
		Message: strconv.Quote(id) + " is not a valid ID", Context: map[string][]string{"id": {id}}}
}

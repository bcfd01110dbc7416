package hubspotsim

import (
	"net/http"
	"strconv"
)

func (p *Portal) linkLimitRoutes(rt routeTable) {
	const pair = "associations/definitions/configurations/{type}/{other}"
	change := func(pattern string, handle func(*call) (reply, *apiError)) {
		rt.add(route{scopes: editsSchema, write: true, handle: handle}, "POST", pair+pattern)
	}
	rt.add(route{handle: p.allLinkLimits}, "GET", "associations/definitions/configurations/all")
	rt.add(route{scopes: reads, handle: p.linkLimits}, "GET", pair)
	change("/batch/create", p.setLinkLimits)
	change("/batch/update", p.setLinkLimits)
	change("/batch/purge", p.dropLinkLimits)
}

// limitBody is how many records one record may be tied to by an association type.
type limitBody struct {
	Category string `json:"category"`
	TypeID   int    `json:"typeId"`
	Most     int    `json:"userEnforcedMaxToObjectIds"`
	Label    string `json:"label,omitempty"`
}

func (l *label) limitBody() limitBody { return limitBody{l.category, l.typeID, l.most, l.text} }

func (p *Portal) allLinkLimits(*call) (reply, *apiError) {
	list := []limitBody{}
	for _, l := range p.labels {
		if !l.gone && l.most > 0 {
			list = append(list, l.limitBody())
		}
	}
	return ok(map[string]any{"results": list})
}

// linkLimits tells the limits of a pair: one primary record, and what an
// administrator said.
func (p *Portal) linkLimits(c *call) (reply, *apiError) {
	list := []limitBody{}
	for _, l := range p.labelsBetween(c.t, c.t2) {
		switch {
		case l.most > 0:
			list = append(list, l.limitBody())
		case l.primary:
			list = append(list, limitBody{l.category, l.typeID, 1, l.text})
		}
	}
	return ok(map[string]any{"results": list})
}

type limitInput struct {
	Category string `json:"category"`
	TypeID   text   `json:"typeId"`
	Most     int    `json:"maxToObjectIds"`
}

// limited reads a batch of limits with the association types it names.
func (p *Portal) limited(c *call) ([]limitInput, []*label, *apiError) {
	var in struct {
		Inputs []limitInput `json:"inputs"`
	}
	if e := c.decode(&in); e != nil {
		return nil, nil, e
	}
	labels := make([]*label, len(in.Inputs))
	for i, one := range in.Inputs {
		labels[i] = p.labelOf(c.t, c.t2, one.Category, one.TypeID.number(-1))
		if labels[i] == nil {
			return nil, nil, invalid("One or more associations are invalid: type " + string(one.TypeID) + " (" + one.Category + ")")
		}
	}
	return in.Inputs, labels, nil
}

func (p *Portal) setLinkLimits(c *call) (reply, *apiError) {
	inputs, labels, e := p.limited(c)
	if e != nil {
		return reply{}, e
	}
	list := make([]limitBody, len(inputs))
	for i, one := range inputs {
		if one.Most < 1 {
			return reply{}, invalid("maxToObjectIds must be at least 1")
		}
		labels[i].most = one.Most
		list[i] = labels[i].limitBody()
	}
	return c.batchOf(http.StatusOK, list, nil)
}

func (p *Portal) dropLinkLimits(c *call) (reply, *apiError) {
	_, labels, e := p.limited(c)
	if e != nil {
		return reply{}, e
	}
	for _, l := range labels {
		l.most = 0
	}
	return noContent()
}

// withinLimits refuses an association beyond what an administrator allows, seen
// from either end. Every association has the unlabeled type.
func (p *Portal) withinLimits(t *table, r *record, ot *table, other *record, labels []uint16) *apiError {
	for _, n := range append([]uint16{p.plainLabel(t, ot).n}, labels...) {
		l := p.labels[n]
		if full(l, r, ot, other.id) || full(p.labels[l.inverse], other, t, r.id) {
			return invalid("Limit exceeded: a record can be associated with the label " + strconv.Itoa(l.typeID) + " (" + l.category +
				") no more often than its limit allows")
		}
	}
	return nil
}

// tieable finds both records of an association that is to be made.
func (p *Portal) tieable(c *call, from, to string, labels []uint16) (r, other *record, e *apiError) {
	if r, other, e = p.ends(c.t, c.t2, from, to); e == nil {
		e = p.withinLimits(c.t, r, c.t2, other, labels)
	}
	return r, other, e
}

// full says whether a record already has all the associations of a type that
// it may have, the one asked for not among them.
func full(l *label, r *record, ot *table, id uint64) bool {
	if l.most == 0 {
		return false
	}
	n := 0
	for _, have := range r.linksTo(ot.n) {
		if have.has(l.n) && ot.alive(have.to) {
			if have.to == id {
				return false
			}
			n++
		}
	}
	return n >= l.most
}

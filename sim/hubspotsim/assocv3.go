package hubspotsim

import (
	"net/http"
	"strconv"
)

// The third version of associations, which still answers: ids are texts and
// types are named.

type linkV3 struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

func (p *Portal) linksV3(t *table, r *record, ot *table) []linkV3 {
	out := []linkV3{}
	for _, l := range r.linksTo(ot.n) {
		if other := ot.records[l.to]; other == nil || !other.live() {
			continue
		}
		for _, n := range l.labels {
			out = append(out, linkV3{formatID(l.to), p.typeName(t, ot, p.labels[n])})
		}
	}
	return out
}

func (p *Portal) listLinksV3(c *call) (reply, *apiError) {
	r, e := p.findLive(c.t, c.vars["id"])
	if e != nil {
		return reply{}, e
	}
	return ok(map[string]any{"results": p.linksV3(c.t, r, c.t2)})
}

// listTypesV3 names the types between two object types, each with its number.
func (p *Portal) listTypesV3(c *call) (reply, *apiError) {
	type row struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	list := []row{}
	for _, l := range p.labelsBetween(c.t, c.t2) {
		list = append(list, row{strconv.Itoa(l.typeID), p.typeName(c.t, c.t2, l)})
	}
	return ok(map[string]any{"results": list})
}

// labelV3 finds a type by its name or by its vendor number.
func (p *Portal) labelV3(t, ot *table, name string) *label {
	number, _ := strconv.Atoi(name)
	for _, l := range p.labelsBetween(t, ot) {
		if p.typeName(t, ot, l) == name || l.category == hubspotDefined && l.typeID == number {
			return l
		}
	}
	return nil
}

func (p *Portal) putLinkV3(c *call) (reply, *apiError) {
	r, other, e := p.ends(c.t, c.t2, c.vars["id"], c.vars["to"])
	if e != nil {
		return reply{}, e
	}
	l := p.labelV3(c.t, c.t2, c.vars["label"])
	if l == nil {
		return reply{}, invalid("Unknown association type: " + c.vars["label"])
	}
	p.associate(c.b.by, c.t, r, wish{to: c.t2, id: other.id, labels: []uint16{l.n}})
	return ok(p.appendRecord(nil, p.see(c.t, r), c.t.selected(nil, nil), ""))
}

func (p *Portal) deleteLinkV3(c *call) (reply, *apiError) {
	r, other, e := p.ends(c.t, c.t2, c.vars["id"], c.vars["to"])
	l := p.labelV3(c.t, c.t2, c.vars["label"])
	if e != nil || l == nil {
		return noContent()
	}
	if l.plain() {
		p.separate(c.b.by, c.t, r, c.t2, other)
	} else {
		p.untie(c.b.by, c.t, r, c.t2, other, l)
	}
	return noContent()
}

func (p *Portal) readLinksV3(c *call) (reply, *apiError) {
	inputs, e := c.inputsV3()
	if e != nil {
		return reply{}, e
	}
	type row struct {
		From linkEnd  `json:"from"`
		To   []linkV3 `json:"to"`
	}
	results := []row{}
	failed := failures{}
	for _, in := range inputs {
		r, e := p.findLive(c.t, string(in.ID))
		if e != nil || len(r.linksTo(c.t2.n)) == 0 {
			failed.add(noAssociations(c, string(in.ID)))
			continue
		}
		results = append(results, row{linkEnd{string(in.ID)}, p.linksV3(c.t, r, c.t2)})
	}
	return failed.reply(c, http.StatusOK, results)
}

type linkEnd struct {
	ID string `json:"id"`
}

type inputV3 struct {
	ID   text   `json:"id"`
	From ref    `json:"from"`
	To   ref    `json:"to"`
	Type string `json:"type"`
}

func (c *call) inputsV3() ([]inputV3, *apiError) {
	var in struct {
		Inputs []inputV3 `json:"inputs"`
	}
	if e := c.decode(&in); e != nil {
		return nil, e
	}
	if len(in.Inputs) > linkReadLimit {
		return nil, tooMany(linkReadLimit)
	}
	return in.Inputs, nil
}

func (p *Portal) createLinksV3(c *call) (reply, *apiError) {
	inputs, e := c.inputsV3()
	if e != nil {
		return reply{}, e
	}
	type row struct {
		From linkEnd `json:"from"`
		To   linkEnd `json:"to"`
		Type string  `json:"type"`
	}
	results := []row{}
	failed := failures{}
	for _, in := range inputs {
		r, other, e := p.ends(c.t, c.t2, string(in.From.ID), string(in.To.ID))
		l := p.labelV3(c.t, c.t2, in.Type)
		if e == nil && l == nil {
			e = invalid("Unknown association type: " + in.Type)
		}
		if e != nil {
			failed.add(p.linkError(e, pairInput{From: in.From, To: in.To}))
			continue
		}
		p.associate(c.b.by, c.t, r, wish{to: c.t2, id: other.id, labels: []uint16{l.n}})
		results = append(results, row{linkEnd{formatID(r.id)}, linkEnd{formatID(other.id)}, in.Type})
	}
	return failed.reply(c, http.StatusCreated, results)
}

func (p *Portal) archiveLinksV3(c *call) (reply, *apiError) {
	inputs, e := c.inputsV3()
	if e != nil {
		return reply{}, e
	}
	for _, in := range inputs {
		if r, other, e := p.ends(c.t, c.t2, string(in.From.ID), string(in.To.ID)); e == nil {
			p.separate(c.b.by, c.t, r, c.t2, other)
		}
	}
	return noContent()
}

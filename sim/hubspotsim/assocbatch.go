package hubspotsim

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

const (
	linkReadLimit  = 1000
	linkWriteLimit = 2000
	customLabels   = 10
)

type readResult struct {
	From struct {
		ID string `json:"id"`
	} `json:"from"`
	To     []linkBody `json:"to"`
	Paging *paging    `json:"paging,omitempty"`
}

// readLinks leaves records without associations out and tells of them in one
// error, however many there are.
func (p *Portal) readLinks(c *call) (reply, *apiError) {
	var in struct {
		Inputs []struct {
			ID    text `json:"id"`
			After text `json:"after"`
		} `json:"inputs"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	if len(in.Inputs) > linkReadLimit {
		return reply{}, tooMany(linkReadLimit)
	}
	results := []readResult{}
	failed := failures{}
	for _, one := range in.Inputs {
		id, valid := parseID(string(one.ID))
		if !valid {
			failed.add(badIdentifier(string(one.ID)))
			continue
		}
		list, next := p.linksOf(c, id, string(one.After))
		if len(list) == 0 {
			failed.add(noAssociations(c, string(one.ID)))
			continue
		}
		row := readResult{To: list, Paging: pagingAfter(next)}
		row.From.ID = string(one.ID)
		results = append(results, row)
	}
	return failed.reply(c, http.StatusOK, results)
}

func (p *Portal) linksOf(c *call, id uint64, cursor string) ([]linkBody, string) {
	r := c.t.resolve(id)
	if r == nil || !r.live() {
		return nil, ""
	}
	after, _ := parseID(cursor)
	return p.linkBodies(r, c.t2, after, linkPage)
}

func noAssociations(c *call, id string) errorItem {
	return errorItem{Status: "error", Category: categoryNotFound, SubCategory: "crm.associations.NO_ASSOCIATIONS_FOUND",
		Message: "No " + c.t2.singular + " is associated with " + c.t.singular + " " + id + ".",
		Context: map[string][]string{"fromObjectId": {id}, "fromObjectType": {c.t.singular}, "toObjectType": {c.t2.singular}}}
}

// failures collects errors of an association batch: the first of each sort is
// spelled out, all are counted.
type failures struct {
	list  []errorItem
	seen  map[string]bool
	count int
}

func (f *failures) add(item errorItem) {
	f.count++
	if f.seen == nil {
		f.seen = map[string]bool{}
	}
	if !f.seen[item.SubCategory] {
		f.seen[item.SubCategory] = true
		f.list = append(f.list, item)
	}
}

func (f *failures) reply(c *call, status int, results any) (reply, *apiError) {
	out, e := c.batchOf(status, results, f.list)
	if body, ok := out.body.(map[string]any); ok && f.count > 0 {
		body["numErrors"] = f.count
	}
	return out, e
}

type pairInput struct {
	From  ref       `json:"from"`
	To    ref       `json:"to"`
	Types []specRef `json:"types"`
}

func (c *call) pairs() ([]pairInput, *apiError) {
	var in struct {
		Inputs []pairInput `json:"inputs"`
	}
	if e := c.decode(&in); e != nil {
		return nil, e
	}
	if len(in.Inputs) > linkWriteLimit {
		return nil, tooMany(linkWriteLimit)
	}
	return in.Inputs, nil
}

type createdLink struct {
	FromType string   `json:"fromObjectTypeId"`
	From     uint64   `json:"fromObjectId"`
	ToType   string   `json:"toObjectTypeId"`
	To       uint64   `json:"toObjectId"`
	Labels   []string `json:"labels"`
}

// createLinks adds labels; a wrong type refuses the batch, an unknown record only itself.
func (p *Portal) createLinks(c *call) (reply, *apiError) {
	inputs, e := c.pairs()
	if e != nil {
		return reply{}, e
	}
	wanted := make([][]uint16, len(inputs))
	for i, in := range inputs {
		if wanted[i], e = p.labelsOf(c.t, c.t2, in.Types); e != nil {
			return reply{}, e
		}
	}
	if e := p.linkedTwice(c, inputs, wanted); e != nil {
		return reply{}, e
	}
	results := []createdLink{}
	failed := failures{}
	for i, in := range inputs {
		r, other, e := p.tieable(c, string(in.From.ID), string(in.To.ID), wanted[i])
		if e != nil {
			failed.add(p.linkError(e, in))
			continue
		}
		p.associate(c.b.by, c.t, r, wish{to: c.t2, id: other.id, labels: wanted[i]})
		row := createdLink{c.t.id, r.id, c.t2.id, other.id, []string{}}
		for _, n := range wanted[i] {
			if text := p.labels[n].text; text != "" {
				row.Labels = append(row.Labels, text)
			}
		}
		results = append(results, row)
	}
	return failed.reply(c, http.StatusCreated, results)
}

// linkedTwice refuses inputs that name one association, its types included, more than once.
func (p *Portal) linkedTwice(c *call, inputs []pairInput, wanted [][]uint16) *apiError {
	seen := map[string]bool{}
	for i, in := range inputs {
		r, other, e := p.ends(c.t, c.t2, string(in.From.ID), string(in.To.ID))
		if e != nil {
			continue
		}
		key := fmt.Sprint(r.id, other.id, slices.Sorted(slices.Values(wanted[i])))
		if seen[key] {
			return duplicateIDs([]string{string(in.From.ID), string(in.To.ID)})
		}
		seen[key] = true
	}
	return nil
}

func (p *Portal) linkError(e *apiError, in pairInput) errorItem {
	for _, id := range []string{string(in.From.ID), string(in.To.ID)} {
		if _, ok := parseID(id); !ok {
			return badIdentifier(id)
		}
	}
	item := e.item("")
	if item.Category == "" {
		item.Category, item.SubCategory = categoryNotFound, "crm.associations.OBJECT_NOT_FOUND"
	}
	item.Context["fromObjectId"], item.Context["toObjectId"] = []string{string(in.From.ID)}, []string{string(in.To.ID)}
	return item
}

func (p *Portal) createDefaultLinks(c *call) (reply, *apiError) {
	inputs, e := c.pairs()
	if e != nil {
		return reply{}, e
	}
	results := []linkSpec{}
	failed := failures{}
	for _, in := range inputs {
		r, other, e := p.tieable(c, string(in.From.ID), string(in.To.ID), nil)
		if e != nil {
			failed.add(p.linkError(e, in))
			continue
		}
		results = append(results, p.linkPlain(c, r, other)...)
	}
	return failed.reply(c, http.StatusOK, results)
}

func (p *Portal) archiveLinks(c *call) (reply, *apiError) {
	var in struct {
		Inputs []struct {
			From ref   `json:"from"`
			To   []ref `json:"to"`
		} `json:"inputs"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	for _, one := range in.Inputs {
		for _, to := range one.To {
			if r, other, e := p.ends(c.t, c.t2, string(one.From.ID), string(to.ID)); e == nil {
				p.separate(c.b.by, c.t, r, c.t2, other)
			}
		}
	}
	return c.archived()
}

// archived: the date-based versions answer with a body where v4 has none.
func (c *call) archived() (reply, *apiError) {
	if !c.dated() {
		return noContent()
	}
	return c.batchOf(http.StatusOK, []any{}, nil)
}

// archiveLabels removes labels; without the unlabeled type nothing is left.
func (p *Portal) archiveLabels(c *call) (reply, *apiError) {
	inputs, e := c.pairs()
	if e != nil {
		return reply{}, e
	}
	for _, in := range inputs {
		labels, e := p.labelsOf(c.t, c.t2, in.Types)
		if e != nil {
			return reply{}, e
		}
		r, other, e := p.ends(c.t, c.t2, string(in.From.ID), string(in.To.ID))
		if e != nil {
			continue
		}
		for _, n := range labels {
			if p.labels[n].plain() {
				p.separate(c.b.by, c.t, r, c.t2, other)
				break
			}
			p.untie(c.b.by, c.t, r, c.t2, other, p.labels[n])
		}
	}
	return c.archived()
}

func (p *Portal) listLabels(c *call) (reply, *apiError) {
	list := []typeBody{}
	for _, l := range p.labelsBetween(c.t, c.t2) {
		list = append(list, l.body())
	}
	return ok(map[string]any{"results": list})
}

type labelBody struct {
	Label   string `json:"label"`
	Name    string `json:"name"`
	Inverse string `json:"inverseLabel"`
	TypeID  text   `json:"associationTypeId"`
}

// createLabel makes a custom label; its numbers are the portal's own and may
// equal those of the vendor.
func (p *Portal) createLabel(c *call) (reply, *apiError) {
	var in labelBody
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	n := 0
	for _, l := range p.labelsBetween(c.t, c.t2) {
		if l.category != userDefined {
			continue
		}
		if n++; l.name == in.Name {
			return reply{}, invalid("An association label named '" + in.Name + "' already exists")
		}
	}
	if in.Label == "" || in.Name == "" {
		return reply{}, badJSON("Cannot build label, some of required attributes are not set [label, name]")
	}
	if n >= customLabels {
		return reply{}, invalid("You have reached the limit of " + strconv.Itoa(customLabels) + " association labels")
	}
	p.nextLabel += 2
	row := pairing{there: p.nextLabel - 1, back: p.nextLabel, label: in.Label, backLabel: in.Label}
	if in.Inverse != "" {
		row.backLabel = in.Inverse
	} else if c.t == c.t2 {
		row.back = row.there
	}
	l := p.addLabels(c.t, c.t2, row, userDefined, in.Name)
	results := []typeBody{l.body()}
	if l.inverse != l.n {
		results = append(results, p.labels[l.inverse].body())
	}
	return ok(map[string]any{"results": results})
}

func (p *Portal) renameLabel(c *call) (reply, *apiError) {
	var in labelBody
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	l := p.labelOf(c.t, c.t2, userDefined, in.TypeID.number(-1))
	if l == nil {
		return reply{}, notFound()
	}
	l.text = in.Label
	if in.Inverse != "" {
		p.labels[l.inverse].text = in.Inverse
	}
	return noContent()
}

// deleteLabel removes a custom label in both directions and from all records.
func (p *Portal) deleteLabel(c *call) (reply, *apiError) {
	n, err := strconv.Atoi(c.vars["label"])
	l := p.labelOf(c.t, c.t2, userDefined, n)
	if err != nil || l == nil {
		return reply{}, notFound()
	}
	for _, r := range c.t.order {
		for _, have := range append([]link(nil), r.linksTo(c.t2.n)...) {
			if have.has(l.n) {
				p.untie(c.b.by, c.t, r, c.t2, c.t2.records[have.to], l)
			}
		}
	}
	p.unregister(l)
	if l.inverse != l.n {
		p.unregister(p.labels[l.inverse])
	}
	return noContent()
}

// unregister takes a label out of use; its number stays taken.
func (p *Portal) unregister(l *label) {
	l.gone = true
	pair := [2]int{l.from, l.to}
	var kept []*label
	for _, have := range p.pairs[pair] {
		if have != l {
			kept = append(kept, have)
		}
	}
	p.pairs[pair] = kept
}

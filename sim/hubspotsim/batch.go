package hubspotsim

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
)

// Sizes of batches of records.
const (
	batchLimit        = 100
	historyBatchLimit = 50
)

// batch collects the body of a batch answer.
type batch struct {
	c       *call
	results []byte
	starts  []int // where each result begins
	errors  []errorItem
	count   int // numErrors: what failed, which may be more than errors has items
}

func (b *batch) add(w view, s selection, extra string) {
	if len(b.starts) > 0 {
		b.results = append(b.results, ',')
	}
	b.starts = append(b.starts, len(b.results))
	b.results = b.c.p.appendRecord(b.results, w, s, extra)
}

func (b *batch) fail(item errorItem, records int) {
	b.errors = append(b.errors, item)
	b.count += records
}

// ordered are the results as they were asked for, or in any order where the portal does so.
func (b *batch) ordered() []byte {
	if !b.c.p.readings.shuffles || len(b.starts) < 2 {
		return b.results
	}
	rows := make([][]byte, len(b.starts))
	for i, from := range b.starts {
		to := len(b.results)
		if i+1 < len(b.starts) {
			to = b.starts[i+1] - 1
		}
		rows[i] = b.results[from:to]
	}
	order := rand.New(rand.NewPCG(uint64(b.c.started), uint64(len(rows))))
	order.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return bytes.Join(rows, []byte{','})
}

// reply makes the answer: 207 as soon as something failed.
func (b *batch) reply(status int) (reply, *apiError) {
	out := []byte(`{"completedAt":"`)
	out = append(append(out, formatMS(b.c.p.nowMS())...), `","status":"COMPLETE","startedAt":"`...)
	out = append(append(append(out, formatMS(b.c.started)...), `","results":[`...), b.ordered()...)
	out = append(out, ']')
	if len(b.errors) > 0 {
		status = http.StatusMultiStatus
		text, err := json.Marshal(b.errors)
		if err != nil {
			return reply{}, &apiError{Status: http.StatusInternalServerError, Message: "internal error"}
		}
		out = append(append(out, `,"errors":`...), text...)
		out = append(out, `,"numErrors":`...)
		out = appendInt(out, b.count)
	}
	return reply{status: status, body: append(out, '}')}, nil
}

// inputs reads the items of a batch and checks their number.
func (c *call) inputs() ([]input, *apiError) {
	var in struct {
		Inputs []input `json:"inputs"`
	}
	if e := c.decode(&in); e != nil {
		return nil, e
	}
	if len(in.Inputs) > batchLimit {
		return nil, tooMany(batchLimit)
	}
	return in.Inputs, nil
}

func (p *Portal) batchRead(c *call) (reply, *apiError) {
	var in struct {
		Properties []string `json:"properties"`
		History    []string `json:"propertiesWithHistory"`
		IDProperty string   `json:"idProperty"`
		Inputs     []ref    `json:"inputs"`
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	if len(in.Inputs) > batchLimit {
		return reply{}, tooMany(batchLimit)
	}
	if len(in.History) > 0 && len(in.Inputs) > historyBatchLimit {
		return reply{}, invalid("The maximum number of inputs supported in a batch request for property histories is 50")
	}
	if in.IDProperty != "" && in.IDProperty != "hs_object_id" {
		if _, e := p.keyProperty(c.t, in.IDProperty); e != nil {
			return reply{}, e
		}
	}
	return p.readAll(c, in.Inputs, in.IDProperty, c.t.selected(in.Properties, in.History))
}

// readAll answers each record once; what is missing is told in one grouped error.
func (p *Portal) readAll(c *call, refs []ref, idProperty string, s selection) (reply, *apiError) {
	out := &batch{c: c}
	archived := queryBool(c.r.URL.Query(), "archived")
	var missing []string
	seen := map[*record]bool{}
	for _, in := range refs {
		r, e := p.find(c.t, string(in.ID), idProperty)
		if e != nil || r.live() == archived {
			missing = append(missing, string(in.ID))
			continue
		}
		if !seen[r] {
			seen[r] = true
			out.add(p.see(c.t, r), s, "")
		}
	}
	if missing != nil {
		out.fail(missingRecords(c.t, missing), len(missing))
	}
	return out.reply(http.StatusOK)
}

// traced says whether every input carries a trace id of its own; only then are
// failures told for each record.
func traced(inputs []input) bool {
	seen := map[text]bool{}
	for _, in := range inputs {
		if in.Trace == "" || seen[in.Trace] {
			return false
		}
		seen[in.Trace] = true
	}
	return len(inputs) > 0
}

func (p *Portal) batchCreate(c *call) (reply, *apiError) {
	inputs, e := c.inputs()
	if e != nil {
		return reply{}, e
	}
	out := &batch{c: c}
	if !traced(inputs) {
		if e := p.createAll(c, inputs, out); e != nil {
			return reply{}, e
		}
		return out.reply(http.StatusCreated)
	}
	for _, in := range inputs {
		d, e := p.checkNew(c, in)
		if e != nil {
			out.fail(e.item(string(in.Trace)), 1)
			continue
		}
		r := p.save(d)
		out.add(p.see(c.t, r), d.echo(true), traceOf(in))
	}
	return out.reply(http.StatusCreated)
}

// createAll writes all records or none.
func (p *Portal) createAll(c *call, inputs []input, out *batch) *apiError {
	drafts := make([]*draft, 0, len(inputs))
	var problems []propError
	for _, in := range inputs {
		d, e := p.checkNew(c, in)
		if e != nil && e.problems == nil {
			return e.forBatch()
		}
		if e != nil {
			problems = append(problems, e.problems...)
			continue
		}
		drafts = append(drafts, d)
	}
	if problems != nil {
		return badBatch(problems)
	}
	if e := p.clash(drafts); e != nil {
		return e.forBatch()
	}
	for i, d := range drafts {
		r := p.save(d)
		out.add(p.see(c.t, r), d.echo(true), traceOf(inputs[i]))
	}
	return nil
}

// forBatch is what an error says when it refuses a whole batch.
func (e *apiError) forBatch() *apiError {
	if e.batchMessage != "" {
		e.Message, e.Context = e.batchMessage, nil
	}
	return e
}

// clash finds a unique key that two drafts of one batch want.
func (p *Portal) clash(drafts []*draft) *apiError {
	type claim struct {
		prop uint16
		key  string
	}
	seen := map[claim]bool{}
	for _, d := range drafts {
		for _, s := range d.sets {
			for _, key := range uniqueKeys(d.t, s) {
				at := claim{s.d.id, key}
				if key == "" {
					continue
				}
				if seen[at] {
					return alreadyExists(d.t, 0)
				}
				seen[at] = true
			}
		}
	}
	return nil
}

// batchUpdate: a bad value refuses the whole batch, an unknown id only itself.
func (p *Portal) batchUpdate(c *call) (reply, *apiError) {
	inputs, e := c.inputs()
	if e != nil {
		return reply{}, e
	}
	if e := p.refuseTwice(c.t, inputs); e != nil {
		return reply{}, e
	}
	out := &batch{c: c}
	drafts, traces, e := p.checkUpdates(c, inputs, out)
	if e != nil {
		return reply{}, e
	}
	for i, d := range drafts {
		if e := p.checkUnique(d); e != nil {
			out.fail(e.item(traces[i]), 1)
			continue
		}
		p.save(d)
		out.add(p.see(c.t, d.r), d.echo(false), "")
	}
	return out.reply(http.StatusOK)
}

// refuseTwice refuses inputs that name one record more than once, in whatever
// way, and equal ids.
func (p *Portal) refuseTwice(t *table, inputs []input) *apiError {
	seen, named := map[string]bool{}, map[string]bool{}
	twice := map[string]bool{}
	for _, in := range inputs {
		id, name := string(in.ID), p.nameOf(t, in)
		if seen[id] || named[name] {
			twice[id] = true
		}
		seen[id], named[name] = true, true
	}
	if len(twice) == 0 {
		return nil
	}
	return duplicateIDs(sortedKeys(twice))
}

// nameOf tells inputs for one record, or for one that is to be made, from others.
func (p *Portal) nameOf(t *table, in input) string {
	if r, e := p.findExact(t, string(in.ID), in.IDProperty); e == nil {
		return formatID(r.id)
	}
	return in.IDProperty + "=" + strings.ToLower(strings.TrimSpace(string(in.ID)))
}

func (p *Portal) checkUpdates(c *call, inputs []input, out *batch) (drafts []*draft, traces []string, e *apiError) {
	var missing []string
	var problems []propError
	perRow := traced(inputs)
	for _, in := range inputs {
		r, e := p.findUpdated(c.t, in)
		if e != nil && e.Status == http.StatusBadRequest {
			return nil, nil, e
		}
		if e != nil || !r.live() {
			missing = append(missing, string(in.ID))
			continue
		}
		d, e := c.check(r, in.Properties.plain())
		switch {
		case e == nil:
			drafts, traces = append(drafts, d), append(traces, string(in.Trace))
		case e.problems != nil:
			problems = append(problems, e.problems...)
		case perRow:
			out.fail(e.item(string(in.Trace)), 1)
		default:
			return nil, nil, e.forBatch()
		}
	}
	if problems != nil {
		return nil, nil, badBatch(problems)
	}
	if missing != nil {
		out.fail(missingRecords(c.t, missing), len(missing))
	}
	return drafts, traces, nil
}

// findExact is find without following merges: a batch update by an absorbed id
// finds nothing.
func (p *Portal) findExact(t *table, key, idProperty string) (*record, *apiError) {
	if idProperty == "" {
		if id, ok := parseID(key); !ok || t.records[id] == nil {
			return nil, notFound()
		}
	}
	return p.find(t, key, idProperty)
}

// findUpdated finds what a batch update names. Addresses do there what other
// values that are not unique do.
func (p *Portal) findUpdated(t *table, in input) (*record, *apiError) {
	if t.id == typeContact && in.IDProperty == "email" && !p.readings.emailUpdates {
		return nil, p.notUnique(t, in.IDProperty)
	}
	return p.findExact(t, string(in.ID), in.IDProperty)
}

// batchUpsert creates or updates by a unique property, for each input its own.
func (p *Portal) batchUpsert(c *call) (reply, *apiError) {
	inputs, e := c.inputs()
	if e != nil {
		return reply{}, e
	}
	for _, in := range inputs {
		if in.IDProperty == "" {
			return reply{}, p.notUnique(c.t, "hs_object_id")
		}
		if _, e := p.keyProperty(c.t, in.IDProperty); e != nil {
			return reply{}, e
		}
		if strings.TrimSpace(string(in.ID)) == "" {
			return reply{}, invalid("Every input needs an id: the value of " + in.IDProperty)
		}
	}
	if e := p.refuseTwice(c.t, inputs); e != nil {
		return reply{}, e
	}
	return p.upsertAll(c, inputs)
}

func (p *Portal) upsertAll(c *call, inputs []input) (reply, *apiError) {
	out := &batch{c: c}
	drafts := make([]*draft, len(inputs))
	for i, in := range inputs {
		d, e := p.checkUpsert(c, in)
		switch {
		case e == nil:
			drafts[i] = d
		case !traced(inputs):
			return reply{}, e.forBatch()
		default:
			out.fail(e.item(string(in.Trace)), 1)
		}
	}
	for i, d := range drafts {
		if d == nil {
			continue
		}
		if e := p.checkUnique(d); e != nil {
			out.fail(e.item(string(inputs[i].Trace)), 1)
			continue
		}
		isNew, extra := d.r == nil, `,"new":false`
		if isNew {
			extra = `,"new":true`
		}
		r := p.save(d)
		out.add(p.see(c.t, r), d.echo(isNew), extra+traceOf(inputs[i]))
	}
	return out.reply(http.StatusOK)
}

func (p *Portal) checkUpsert(c *call, in input) (*draft, *apiError) {
	key, e := p.keyProperty(c.t, in.IDProperty)
	if e != nil {
		return nil, e
	}
	props := in.Properties.plain()
	r := p.byKey(c.t, key, string(in.ID))
	if r == nil {
		if _, given := props[in.IDProperty]; !given {
			props[in.IDProperty] = string(in.ID)
		}
	}
	return c.check(r, props)
}

func (p *Portal) batchArchive(c *call) (reply, *apiError) {
	inputs, e := c.inputs()
	if e != nil {
		return reply{}, e
	}
	for _, in := range inputs {
		if id, ok := parseID(string(in.ID)); ok {
			if r := c.t.records[id]; r != nil {
				p.archive(c.t, r, c.b.by)
			}
		}
	}
	return noContent()
}

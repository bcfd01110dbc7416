package engine

import (
	"context"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
	"tandem/internal/store"
)

// Found is a record that a person looked for.
type Found struct {
	Pair   core.Pair  `json:"pair"`
	Record RecordView `json:"record"`
	Note   string     `json:"note,omitempty"` // what tells it from others of its name
	Gone   string     `json:"gone,omitempty"` // that it is deleted, or into which record it was merged or converted
	Link   *LinkView  `json:"link,omitempty"`
}

// foundShown is how many records of an object a search gives.
const foundShown = 20

// Find looks for records on both sides: by an id of either side, an e-mail address, a
// domain, or the whole name of a company, person or deal, in whatever case. It gives up
// to 20 of each object, in the order of core.Ref.
func (e *Engine) Find(ctx context.Context, c *Conn, text string) ([]Found, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	recs, err := e.findNamed(ctx, c, text)
	if err != nil {
		return nil, err
	}
	for _, q := range c.questions(text) {
		more, err := c.findBy(ctx, q.seek)
		if err != nil {
			return nil, err
		}
		more = slices.DeleteFunc(more, func(r core.Record) bool { return r.Presence != core.Live || !q.takes(&r) })
		recs = append(recs, more[:min(len(more), foundShown)]...)
	}
	slices.SortFunc(recs, func(a, b core.Record) int { return a.Ref.Compare(b.Ref) })
	recs = slices.CompactFunc(recs, func(a, b core.Record) bool { return a.Ref == b.Ref })
	return e.found(ctx, c, recs)
}

// findNamed reads the records that an id may mean.
func (e *Engine) findNamed(ctx context.Context, c *Conn, id string) (out []core.Record, err error) {
	for _, p := range c.Pairs.Names() {
		if CheckID(c.Pairs, p, id) != nil {
			continue
		}
		refs := slices.DeleteFunc(refsFor(c.Pairs, p, id), func(r core.Ref) bool { return !c.sees(r) })
		got, err := e.fetch(ctx, &batch{conn: c, pair: p}, refs)
		if err != nil {
			return nil, err
		}
		for _, r := range sortedRefs(got) {
			if rec := got[r]; rec.Presence != core.Absent {
				out = append(out, *rec)
			}
		}
	}
	return out, nil
}

func (c *Conn) sees(r core.Ref) bool {
	_, visible := c.Schemas[r.Side][r.Object]
	return visible
}

// question is a seek for what a person typed, and which of its answers count.
type question struct {
	seek
	takes func(*core.Record) bool
}

// questions are the seeks for a text, as it looks like an address, a domain or a name.
func (c *Conn) questions(text string) (out []question) {
	for side, objects := range c.findable() {
		for _, o := range objects {
			at, t := core.Ref{Side: core.Side(side), Object: o}, conn.TraitsIn[o]
			ask := func(field string, takes func(*core.Record) bool, values ...string) {
				if field != "" && c.sees(at) && len(c.Present(at.Side, o, []string{field})) > 0 {
					out = append(out, question{seek{side: at.Side, object: o, field: field, values: values}, takes})
				}
			}
			switch domain, ok := mapping.DomainOf(text); {
			case strings.Contains(text, "@"):
				ask(t.Email, all, strings.ToLower(text))
			case ok && t.Domain != "" && strings.Contains(text, "."):
				ask(t.Domain, all, spellings(at.Side, domain)...)
			case t.Family != "" && (at.Side == core.HubSpot || !strings.Contains(text, " ")):
				words := strings.Fields(text)
				ask(t.Family, isCalled(text), words[len(words)-1])
			}
			if !strings.Contains(text, "@") {
				ask(nameField(o), all, text)
			}
		}
	}
	return out
}

// findable are the objects that people look for by name, by side.
func (c *Conn) findable() (out [2][]core.Object) {
	for _, p := range []core.Pair{core.CompanyPair, core.ContactPair, core.DealPair} {
		for side, objects := range c.Pairs.Objects(p) {
			out[side] = append(out[side], objects...)
		}
	}
	return out
}

// nameField is the field that holds the whole name of a record, blank where it is kept in
// parts alone.
func nameField(o core.Object) string {
	switch o {
	case core.Opportunity, core.Contact, core.Lead: // Salesforce joins the parts of a person's name in Name
		return "Name"
	case core.Deals:
		return "dealname"
	}
	return conn.TraitsIn[o].Name
}

func all(*core.Record) bool { return true }

// isCalled takes people by their whole name, or by the family name alone.
func isCalled(name string) func(*core.Record) bool {
	one := len(strings.Fields(name)) == 1
	return func(r *core.Record) bool {
		return one || strings.EqualFold(personName(r), strings.Join(strings.Fields(name), " "))
	}
}

// personName is the name of a person of HubSpot, blank of any other record.
func personName(r *core.Record) string {
	if r.Ref.Object != core.Contacts {
		return ""
	}
	t := conn.TraitsIn[r.Ref.Object]
	return strings.TrimSpace(valueOf(r, t.Given) + " " + valueOf(r, t.Family))
}

// found tells of records that were read.
func (e *Engine) found(ctx context.Context, c *Conn, recs []core.Record) (out []Found, err error) {
	refs := make([]core.Ref, len(recs))
	for i := range recs {
		refs[i] = recs[i].Ref
	}
	var links map[core.Ref]*core.Link
	err = e.View(ctx, func(tx *store.Tx) (err error) { links, err = tx.LinksOf(c.ID, refs); return err })
	for i := range recs {
		r := recs[i].Ref
		pair, _ := c.Pairs.Of(r.Side, r.Object)
		f := Found{Pair: pair, Link: linkView(links[r]), Record: RecordView{Side: r.Side.String(), Object: r.Object, ID: r.ID, Name: c.NameOf(&recs[i])}}
		if name := personName(&recs[i]); name != "" {
			f.Record.Name = name
		}
		if f.Note = conn.EmailOf(&recs[i]); f.Note == "" {
			f.Note = valueOf(&recs[i], conn.TraitsIn[r.Object].Domain)
		}
		f.Gone = goneWords(&recs[i])
		out = append(out, f)
	}
	return out, err
}

// goneWords say what became of a record that its side shows no more, or lets nobody write.
func goneWords(r *core.Record) string {
	switch into := conn.ConvertedTo(r); {
	case r.MergedInto != "":
		return "merged into " + r.MergedInto
	case r.Presence == core.Deleted:
		return "deleted"
	case into != "":
		return "converted into " + into
	}
	return ""
}

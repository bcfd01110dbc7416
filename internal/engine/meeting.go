package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/likeness"
	"tandem/internal/store"
)

// Meeting is what linking two records would mean.
type Meeting struct {
	// Records are the two, by side.
	Records [2]RecordView `json:"records"`
	// Writes are the values that the next sync would change, by side and field.
	Writes []MeetingWrite `json:"writes"`
	// Fields are the mapped values of both.
	Fields []FieldView `json:"fields,omitempty"`
	// Score orders how alike the two are, by what Evidence tells; Certain says that a rule
	// would link them where nobody else is like them.
	Score    float64  `json:"score"`
	Certain  bool     `json:"certain,omitempty"`
	Evidence []string `json:"evidence,omitempty"`
}

// MeetingWrite is a value that the meeting of two records would change.
type MeetingWrite struct {
	Side   string `json:"side"`
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Meet looks at two records as the sync after a Link would, and writes nothing. It refuses
// what Link refuses.
func (e *Engine) Meet(ctx context.Context, c *Conn, p core.Pair, salesforce, hubspot string) (*Meeting, error) {
	l, err := e.linkOf(ctx, c, p, salesforce, hubspot)
	if err != nil {
		return nil, err
	}
	err = e.View(ctx, func(tx *store.Tx) error {
		links, err := tx.LinksOf(c.ID, l.Refs[:])
		return cmp.Or(err, linkedAlready(links, l))
	})
	if err != nil {
		return nil, err
	}
	b, err := e.readAs(ctx, c, p, []core.Dirty{{Ref: l.Refs[core.Salesforce], Pair: p, Reasons: core.ReasonPerson}}, l)
	if err != nil {
		return nil, err
	}
	b.dry = true
	e.decide(b)
	if err := e.consent(ctx, b); err != nil {
		return nil, err
	}
	it, m := b.items[0], &Meeting{}
	for _, side := range core.Sides {
		m.Records[side] = RecordView{Side: side.String(), Object: l.Refs[side].Object, ID: l.Refs[side].ID}
		if rec := it.recs[side]; rec != nil {
			m.Records[side].Name = c.NameOf(rec)
		}
		m.Writes = append(m.Writes, b.meetingWrites(it, side)...)
	}
	m.Fields = b.fieldViews(it)
	m.resemble(it)
	return m, nil
}

// resemble says how alike the two are.
func (m *Meeting) resemble(it *item) {
	var of [2]likeness.Normal
	for _, side := range core.Sides {
		if it.recs[side] == nil {
			return
		}
		of[side] = conn.TraitsOf(it.recs[side]).Normal()
	}
	like := likeness.Compare(&of[core.Salesforce], &of[core.HubSpot])
	m.Score, m.Certain, m.Evidence = like.Score, like.Degree == likeness.Certain, like.Evidence
}

// meetingWrites are the changed values of a side, without Tandem's own fields.
func (b *batch) meetingWrites(it *item, side core.Side) (out []MeetingWrite) {
	own := map[string]bool{}
	for _, need := range b.conn.FieldSpecs(side) {
		for _, spec := range need.All() {
			own[spec.Name] = true
		}
	}
	for _, op := range it.sent() {
		if op.Target.Side != side || op.Kind != core.OpUpdate && op.Kind != core.OpUnsubscribe {
			continue
		}
		for _, f := range room.SortedKeys(op.Fields) {
			if !own[f] {
				out = append(out, MeetingWrite{Side: side.String(), Field: f, Before: op.Before[f], After: op.Fields[f]})
			}
		}
	}
	return out
}

// suppose lets the only item of a batch have a link that is not stored.
func (b *batch) suppose(l *core.Link) {
	it := b.items[0]
	it.link = l
	for _, r := range l.Refs {
		b.links[r] = l
	}
}

// linkedAlready refuses a link one of whose records stands in another active one.
func linkedAlready(links map[core.Ref]*core.Link, l *core.Link) error {
	for _, r := range l.Refs {
		if have := links[r]; have != nil && have.State == core.LinkActive {
			return &room.Error{Code: room.CodeUsage, Message: r.Label() + " is linked already, with " + have.Partner(r.Side).Label() + " (ACC-14)",
				Mend: "end that link first: tandem links unlink " + string(have.Pair) + " " + r.ID}
		}
	}
	return nil
}

// Names are what people call records, by ref; those without a name, and those that are
// hidden or gone, are left out.
func (e *Engine) Names(ctx context.Context, c *Conn, refs []core.Ref) (map[core.Ref]string, error) {
	byPair := map[core.Pair][]core.Ref{}
	for _, r := range refs {
		if p, known := c.Pairs.Of(r.Side, r.Object); known {
			byPair[p] = append(byPair[p], r)
		}
	}
	out := map[core.Ref]string{}
	for _, p := range slices.Sorted(maps.Keys(byPair)) {
		got, err := e.fetch(ctx, &batch{conn: c, pair: p}, byPair[p])
		if err != nil {
			return nil, err
		}
		for r, rec := range got {
			if name := c.NameOf(rec); name != "" {
				out[r] = name
			}
		}
	}
	return out, nil
}

package soql

import "slices"

// shape says how a record is built from a row: one cell a member, parents nested.
type shape struct {
	cells []cellPlan
}

// cellPlan builds one cell; one of its forms is set.
type cellPlan struct {
	column *Column
	expr   *boundExpr  // a value computed from the row
	leaf   *leaf       // a value of a row reached by hops
	hop    *hop        // a parent …
	sub    *shape      // … and its record
	child  *childPlan  // a sub-select
	typeOf *typeOfPlan // TYPEOF
}

// childPlan is a sub-select: the rows of plan whose field holds the id of the row around it.
type childPlan struct {
	plan  *Plan
	field *Field
}

// typeOfPlan chooses the shape of a polymorphic parent by its object.
type typeOfPlan struct {
	hop       hop
	cases     []typeShape
	otherwise *shape
}

type typeShape struct {
	object *Object
	shape  *shape
}

func (s *shape) build(c at) *Record {
	r := &Record{Object: c.object, ID: c.row.ID(), Cells: make([]Cell, len(s.cells))}
	for i := range s.cells {
		s.cells[i].fill(&r.Cells[i], c)
	}
	return r
}

func (p *cellPlan) fill(cell *Cell, c at) {
	cell.Column = p.column
	switch {
	case p.leaf != nil:
		cell.Value = c.leafValue(*p.leaf)
	case p.expr != nil:
		cell.Value = p.expr.rowValue(c)
	case p.hop != nil:
		if parent, ok := c.parent(*p.hop); ok {
			cell.Parent = p.sub.build(parent)
		}
	case p.child != nil:
		cell.Children = p.child.records(c)
	case p.typeOf != nil:
		cell.Parent = p.typeOf.record(c)
	}
}

func (p *childPlan) records(c at) []*Record {
	var all []*Record
	probe := Probe{Field: p.field, In: []Value{Text(c.row.ID())}}
	p.plan.rows(c.source, &probe, func(child at) bool {
		all = append(all, p.plan.shape.build(child))
		return true
	})
	return all
}

func (p *typeOfPlan) record(c at) *Record {
	parent, ok := c.parent(p.hop)
	if !ok {
		return nil
	}
	for _, t := range p.cases {
		if t.object.Name == parent.object.Name {
			return t.shape.build(parent)
		}
	}
	if p.otherwise == nil {
		return nil
	}
	return p.otherwise.build(parent)
}

// add puts a field path into the shape, in the cell of its parent if there is one already, and gives its place.
func (s *shape) add(path boundPath) []int {
	if len(path.hops) == 0 {
		s.cells = append(s.cells, leafCell(path.leaf))
		return []int{len(s.cells) - 1}
	}
	h := path.hops[0]
	i := slices.IndexFunc(s.cells, func(c cellPlan) bool { return c.hop != nil && c.hop.relationship == h.relationship })
	if i < 0 {
		i = len(s.cells)
		s.cells = append(s.cells, cellPlan{column: &Column{Name: h.relationship, Kind: ColumnParent, Polymorphic: len(h.targets) > 1}, hop: &h, sub: &shape{}})
	}
	return append([]int{i}, s.cells[i].sub.add(boundPath{hops: path.hops[1:], leaf: path.leaf})...)
}

func leafCell(l leaf) cellPlan {
	column := &Column{Name: l.name, Type: "string"}
	if len(l.fields) > 0 {
		column.Field = l.fields[0].field
		column.Type = column.Field.Type
	}
	return cellPlan{column: column, leaf: &l}
}

// flatColumn finds one selected field inside a record: a bulk result's column.
type flatColumn struct {
	name  string
	place []int
}

// Header lists the selected fields as dotted names in SELECT order: the header of a bulk result.
func (p *Plan) Header() []string {
	names := make([]string, len(p.flat))
	for i, f := range p.flat {
		names[i] = f.name
	}
	return names
}

// Flat appends the values of a record in the order of Header.
func (p *Plan) Flat(dst []Value, rec *Record) []Value {
	for _, f := range p.flat {
		dst = append(dst, flatValue(rec, f.place))
	}
	return dst
}

func flatValue(rec *Record, place []int) Value {
	for rec != nil {
		cell := &rec.Cells[place[0]]
		if place = place[1:]; len(place) == 0 {
			return cell.Value
		}
		rec = cell.Parent
	}
	return Null()
}

// BulkRefusal names the first part of the query that Bulk API 2.0 refuses (GROUP BY, OFFSET, TYPEOF, aggregates, sub-selects,
// compound fields, FIELDS()), or "".
func (p *Plan) BulkRefusal() string { return p.refusal }

func (p *Plan) refuse(what string) {
	if p.refusal == "" {
		p.refusal = what
	}
}

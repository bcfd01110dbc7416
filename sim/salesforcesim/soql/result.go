package soql

// Record is one row of a result: neutral between JSON and CSV, names canonical, cells in SELECT order. Fields of one parent
// are gathered in the cell where that parent is first named, as the REST API does.
type Record struct {
	Object *Object // nil for an aggregate row ("AggregateResult")
	ID     string  // empty for an aggregate row
	Cells  []Cell
}

// Cell is one member of a record.
type Cell struct {
	*Column
	Value    Value     // ColumnValue
	Parent   *Record   // ColumnParent; nil means null
	Children []*Record // ColumnChildren; empty means null
}

// Column describes a cell; it is shared by all records of one shape.
type Column struct {
	Name  string     // as rendered: field, relationship, alias or expr0
	Kind  ColumnKind // which member of the cell is set
	Field *Field     // the field a value comes from; nil for an aggregate
	Type  string     // describe type of a value (int for counts)

	Polymorphic bool // the parent is one of several objects, and not chosen by TYPEOF
}

// ColumnKind tells what a cell holds.
type ColumnKind uint8

// The kinds of cells.
const (
	ColumnValue ColumnKind = iota
	ColumnParent
	ColumnChildren
)

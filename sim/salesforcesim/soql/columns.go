package soql

// ColumnInfo describes one column of a result without running the query.
type ColumnInfo struct {
	Name      string // as rendered
	Display   string // the expression of an aggregate, else the name
	Aggregate bool   // an aggregate expression or a sub-select
	Field     *Field // nil where the column is no field
	Type      string // describe type; empty for a parent or a sub-select
	Join      []ColumnInfo
}

// Columns describes the columns in the order of the result, those of a parent and of a sub-select as its Join.
func (p *Plan) Columns() []ColumnInfo {
	if p.grouped {
		return p.outputColumns()
	}
	return p.shape.columns()
}

func (p *Plan) outputColumns() (out []ColumnInfo) {
	for _, o := range p.outputs {
		c := ColumnInfo{Name: o.column.Name, Display: o.column.Name, Field: o.column.Field, Type: o.column.Type}
		if function := o.expr.aggregate + o.expr.function; function != "" {
			c.Aggregate, c.Display = true, function+"("+o.expr.path.dotted()+")"
		}
		out = append(out, c)
	}
	return out
}

func (s *shape) columns() (out []ColumnInfo) {
	if s == nil {
		return nil
	}
	for _, cell := range s.cells {
		c := ColumnInfo{Name: cell.column.Name, Display: cell.column.Name, Field: cell.column.Field, Type: cell.column.Type, Join: cell.sub.columns()}
		if cell.child != nil {
			c.Aggregate, c.Join = true, cell.child.plan.Columns()
		}
		out = append(out, c)
	}
	return out
}

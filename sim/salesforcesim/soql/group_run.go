package soql

import "slices"

// groups runs an aggregate query. Groups come in the order in which their first row was scanned, unless ORDER BY says else.
func (p *Plan) groups(src Source, yield func(*Record) bool) {
	g := grouper{plan: p, byKey: map[string]*group{}, masks: p.masks()}
	p.scan(src, nil, g.add)
	if len(p.keys) == 0 && len(g.all) == 0 {
		g.open(make([]Value, 0), 0)
	}
	having := func(at) bool { return true }
	if p.having != nil {
		having = p.having.ready()
	}
	w := window{skip: p.offset, left: p.limit, yield: func(c at) bool { return yield(p.aggregateRecord(c)) }}
	if p.limit == 0 {
		return
	}
	for _, c := range p.sortedGroups(g.all) {
		if having(c) && !w.pass(c) {
			return
		}
	}
}

func (p *Plan) sortedGroups(groups []*group) []at {
	s := sorter{keys: p.order, keep: -1}
	for _, g := range groups {
		s.add(at{object: p.object, group: g})
	}
	var all []at
	for _, e := range s.sorted() {
		all = append(all, e.at)
	}
	return all
}

func (p *Plan) aggregateRecord(c at) *Record {
	r := &Record{Cells: make([]Cell, len(p.outputs))}
	for i, o := range p.outputs {
		r.Cells[i] = Cell{Column: o.column, Value: o.expr.value(c)}
	}
	return r
}

// masks lists which keys are left out, one mask a grouping set: ROLLUP(a, b) groups by (a, b), (a) and ().
func (p *Plan) masks() []uint {
	n := len(p.keys)
	masks := []uint{0}
	switch p.query.sets {
	case groupRollup:
		for i := n - 1; i >= 0; i-- {
			masks = append(masks, masks[len(masks)-1]|1<<i)
		}
	case groupCube:
		for m := uint(1); m < 1<<n; m++ {
			masks = append(masks, m)
		}
	}
	return masks
}

type grouper struct {
	plan  *Plan
	masks []uint
	byKey map[string]*group
	all   []*group
	key   []byte
}

func (g *grouper) add(c at) bool {
	keys := make([]Value, len(g.plan.keys))
	for i, k := range g.plan.keys {
		keys[i] = k.rowValue(c)
	}
	for _, m := range g.masks {
		into := g.find(keys, m)
		for i, e := range g.plan.totals {
			into.totals[i].add(e, e.input(c))
		}
	}
	return true
}

// input is the value that a row adds to an aggregate; COUNT() counts rows.
func (e *boundExpr) input(c at) Value {
	if e.path.leaf.name == "" {
		return Bool(true)
	}
	return e.path.value(c)
}

func (g *grouper) find(keys []Value, omitted uint) *group {
	g.key = append(g.key[:0], byte(omitted), byte(omitted>>8))
	for i, v := range keys {
		if omitted&(1<<i) == 0 {
			g.key = appendKey(g.key, v, g.plan.keys[i].exact)
		}
	}
	if found, ok := g.byKey[string(g.key)]; ok {
		return found
	}
	opened := g.open(keys, omitted)
	g.byKey[string(g.key)] = opened
	return opened
}

func (g *grouper) open(keys []Value, omitted uint) *group {
	own := slices.Clone(keys)
	for i := range own {
		if omitted&(1<<i) != 0 {
			own[i] = Null()
		}
	}
	n := &group{keys: own, omitted: omitted, totals: make([]total, len(g.plan.totals))}
	g.all = append(g.all, n)
	return n
}

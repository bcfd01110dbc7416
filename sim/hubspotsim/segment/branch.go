package segment

import (
	"encoding/json"
	"slices"
)

type branchJSON struct {
	Type                string            `json:"filterBranchType"`
	Operator            string            `json:"operator"`
	Branches            []json.RawMessage `json:"filterBranches"`
	Filters             []json.RawMessage `json:"filters"`
	ObjectTypeID        string            `json:"objectTypeId"`
	AssociationTypeID   int               `json:"associationTypeId"`
	AssociationCategory string            `json:"associationCategory"`
}

type filterJSON struct {
	Type                string          `json:"filterType"`
	Property            string          `json:"property"`
	Operation           json.RawMessage `json:"operation"`
	Operator            string          `json:"operator"`
	ListID              string          `json:"listId"`
	ShouldAccept        bool            `json:"shouldAccept"`
	ToObjectTypeID      string          `json:"toObjectTypeId"`
	AssociationTypeID   int             `json:"associationTypeId"`
	AssociationCategory string          `json:"associationCategory"`
}

// parser walks a tree; objectTypes is the chain of types it has descended to.
type parser struct {
	objectTypes []string
	depth       int
	filters     int
	lists       []string
	paths       [][]string
	timed       bool
}

// checkRoot holds the structure the product enforces: OR, then AND, then filters.
func checkRoot(tree json.RawMessage) error {
	var b branchJSON
	if err := decode(tree, &b, ""); err != nil {
		return err
	}
	switch {
	case b.Type != "OR":
		return refuse("filterBranchType", "the root filter branch must be of type OR, not %q", b.Type)
	case len(b.Filters) > 0:
		return refuse("filters", "the root filter branch cannot hold filters; put them into an AND branch")
	case len(b.Branches) == 0:
		return refuse("filterBranches", "the root filter branch needs at least one AND branch")
	}
	for i, raw := range b.Branches {
		var sub branchJSON
		at := indexed("", "filterBranches", i)
		if err := decode(raw, &sub, at); err != nil {
			return err
		}
		if sub.Type != "AND" {
			return refuse(join(at, "filterBranchType"), "branches of the root must be of type AND, not %q", sub.Type)
		}
	}
	return nil
}

func (p *parser) branch(raw json.RawMessage, at string) (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, refuse(at, "filter branches are nested deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()
	var b branchJSON
	if err := decode(raw, &b, at); err != nil {
		return nil, err
	}
	switch b.Type {
	case "OR":
		parts, err := p.parts(b, at)
		return anyOf(parts), err
	case "AND":
		parts, err := p.parts(b, at)
		return allOf(parts), err
	case "NOT_ALL":
		parts, err := p.parts(b, at)
		return not{allOf(parts)}, err
	case "NOT_ANY":
		parts, err := p.parts(b, at)
		return not{anyOf(parts)}, err
	case "ASSOCIATION":
		return p.associationBranch(b, at)
	}
	return nil, refuse(join(at, "filterBranchType"), "filter branch type %q is not supported", b.Type)
}

func (p *parser) parts(b branchJSON, at string) ([]node, error) {
	nodes := make([]node, 0, len(b.Filters)+len(b.Branches))
	for i, raw := range b.Filters {
		n, err := p.filter(raw, indexed(at, "filters", i))
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	for i, raw := range b.Branches {
		n, err := p.branch(raw, indexed(at, "filterBranches", i))
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

func (p *parser) associationBranch(b branchJSON, at string) (node, error) {
	if b.ObjectTypeID == "" {
		return nil, refuse(join(at, "objectTypeId"), "an ASSOCIATION branch needs objectTypeId")
	}
	if b.Operator != "IN_LIST" {
		return nil, refuse(join(at, "operator"), "operator %q is not valid for an ASSOCIATION branch", b.Operator)
	}
	from := p.enter(b.ObjectTypeID)
	defer p.leave()
	parts, err := p.parts(b, at)
	if err != nil {
		return nil, err
	}
	via := AssociationType{Category: b.AssociationCategory, ID: b.AssociationTypeID}
	return associated{from: from, to: b.ObjectTypeID, via: via, each: allOf(parts)}, nil
}

// enter descends to an associated type and gives the one it comes from.
func (p *parser) enter(objectTypeID string) (from string) {
	from = p.objectTypes[len(p.objectTypes)-1]
	p.objectTypes = append(p.objectTypes, objectTypeID)
	p.paths = append(p.paths, slices.Clone(p.objectTypes[1:]))
	return from
}

func (p *parser) leave() { p.objectTypes = p.objectTypes[:len(p.objectTypes)-1] }

func (p *parser) filter(raw json.RawMessage, at string) (node, error) {
	if p.filters++; p.filters > maxFilters {
		return nil, refuse(at, "a list can have at most %d filters", maxFilters)
	}
	var f filterJSON
	if err := decode(raw, &f, at); err != nil {
		return nil, err
	}
	switch f.Type {
	case "PROPERTY":
		if f.Property == "" {
			return nil, refuse(join(at, "property"), "a PROPERTY filter needs a property")
		}
		return p.property(f.Property, f.Operation, join(at, "operation"))
	case "IN_LIST":
		return p.inList(f, at)
	case "ASSOCIATION":
		return p.associationFilter(f, at)
	case "CONSTANT":
		return constant(f.ShouldAccept), nil
	}
	return nil, refuse(join(at, "filterType"), "filter type %q is not supported", f.Type)
}

func (p *parser) inList(f filterJSON, at string) (node, error) {
	if f.ListID == "" {
		return nil, refuse(join(at, "listId"), "an %s filter needs listId", f.Type)
	}
	p.lists = append(p.lists, f.ListID)
	switch f.Operator {
	case "IN_LIST":
		return member{f.ListID}, nil
	case "NOT_IN_LIST":
		return not{member{f.ListID}}, nil
	}
	return nil, refuse(join(at, "operator"), "operator %q is not valid for an %s filter", f.Operator, f.Type)
}

// associationFilter asks whether some associated record is a member of a list.
func (p *parser) associationFilter(f filterJSON, at string) (node, error) {
	if f.ToObjectTypeID == "" {
		return nil, refuse(join(at, "toObjectTypeId"), "an ASSOCIATION filter needs toObjectTypeId")
	}
	from := p.enter(f.ToObjectTypeID)
	defer p.leave()
	each, err := p.inList(f, at)
	if err != nil {
		return nil, err
	}
	via := AssociationType{Category: f.AssociationCategory, ID: f.AssociationTypeID}
	return associated{from: from, to: f.ToObjectTypeID, via: via, each: each}, nil
}

type allOf []node

func (a allOf) matches(r Record, e *Env) bool {
	for _, n := range a {
		if !n.matches(r, e) {
			return false
		}
	}
	return true
}

type anyOf []node

func (a anyOf) matches(r Record, e *Env) bool {
	return slices.ContainsFunc(a, func(n node) bool { return n.matches(r, e) })
}

type not struct{ node }

func (n not) matches(r Record, e *Env) bool { return !n.node.matches(r, e) }

type constant bool

func (c constant) matches(Record, *Env) bool { return bool(c) }

type member struct{ listID string }

func (m member) matches(r Record, e *Env) bool { return e.inList(m.listID, r.ID()) }

// associated holds when at least one associated record passes each.
type associated struct {
	from, to string
	via      AssociationType
	each     node
}

func (a associated) matches(r Record, e *Env) bool {
	return slices.ContainsFunc(e.associated(a.from, r, a.to, a.via),
		func(other Record) bool { return a.each.matches(other, e) })
}

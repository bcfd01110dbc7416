package conn

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/mapping"
)

// FieldSheet is what a list of mappings may join, and what is wrong with the list.
type FieldSheet struct {
	// Fields are those of both sides, by what people call them.
	Fields [2][]mapping.FieldDef
	// Only has the fields of Salesforce that one alone of several objects has.
	Only     map[string]core.Object
	Problems []mapping.Problem
	// Passing is, by side, what becomes of the choices of the mapping that was asked for.
	Passing [2][]mapping.Passing
}

// FieldSheet compiles a list of mappings as settings have it or would have it, and tells
// the choices of the mapping of two fields. The schemas of what does not sync are read for it.
func (c *Known) FieldSheet(ctx context.Context, list config.MappingList, all []config.Mapping, of [2]string) (s FieldSheet, err error) {
	defs, err := c.fieldsOf(ctx, list)
	if err != nil {
		return s, err
	}
	var compiled []*mapping.Mapping
	compiled, s.Problems = c.compileList(list, all, defs)
	for _, m := range compiled {
		f := m.Field(core.Salesforce, of[core.Salesforce])
		if f == nil || f.Names != of {
			continue
		}
		s.Passing = [2][]mapping.Passing{f.Passing(core.Salesforce), f.Passing(core.HubSpot)}
		break
	}
	s.Only = map[string]core.Object{}
	for _, side := range core.Sides {
		s.Fields[side] = merged(list.Objects[side], defs[side], s.Only)
	}
	return s, nil
}

// DraftMappings compiles a list of mappings as settings have it or would have it, by the
// Salesforce objects that it serves.
func (c *Known) DraftMappings(ctx context.Context, list config.MappingList, all []config.Mapping) (map[core.Object]*mapping.Mapping, error) {
	defs, err := c.fieldsOf(ctx, list)
	if err != nil {
		return nil, err
	}
	compiled, _ := c.compileList(list, all, defs)
	out := map[core.Object]*mapping.Mapping{}
	for i, m := range compiled {
		out[list.Objects[core.Salesforce][i]] = m
	}
	return out, nil
}

// ListedMappings are the mappings of a list, and whether they are only proposed: types of
// activities have some where the settings name none.
func ListedMappings(settings config.Connection, list config.MappingList) (all []config.Mapping, proposed bool) {
	if all = settings.Mappings[list.Name]; len(all) > 0 || list.Pair != core.ActivityPair {
		return all, false
	}
	for _, m := range mapping.ActivityMaps(list.Objects[core.HubSpot][0]) {
		all = append(all, config.Mapping{Salesforce: m.Salesforce, HubSpot: m.HubSpot, Rule: m.Rule.String(), Values: m.Values,
			ToSalesforce: m.Transform[core.Salesforce], ToHubSpot: m.Transform[core.HubSpot]})
	}
	return all, true
}

// fieldsOf are the fields of the objects of a list, by side and object.
func (c *Known) fieldsOf(ctx context.Context, list config.MappingList) (out [2]map[core.Object][]mapping.FieldDef, err error) {
	for _, side := range core.Sides {
		out[side] = map[core.Object][]mapping.FieldDef{}
		var unknown []core.Object
		for _, o := range list.Objects[side] {
			if defs, known := c.Defs[side][o]; known {
				out[side][o] = defs
			} else {
				unknown = append(unknown, o)
			}
		}
		var read map[core.Object]connector.Schema
		if read, err = c.DescribeEach(ctx, side, unknown); err != nil {
			return out, err
		}
		for o, schema := range read {
			out[side][o] = FieldDefs(schema)
		}
	}
	return out, nil
}

// compileList compiles a list for each Salesforce object that it serves, in their order.
func (c *Known) compileList(list config.MappingList, all []config.Mapping, defs [2]map[core.Object][]mapping.FieldDef) (out []*mapping.Mapping, problems []mapping.Problem) {
	maps, hs := c.workable(all), defs[core.HubSpot][list.Objects[core.HubSpot][0]]
	switch list.Pair {
	case core.ContactPair:
		of, problems := mapping.CompilePeople(maps, defs[core.Salesforce][core.Lead], defs[core.Salesforce][core.Contact], hs)
		return []*mapping.Mapping{of[core.Contact], of[core.Lead]}, problems
	case core.ActivityPair:
		for _, o := range list.Objects[core.Salesforce] {
			m, found := mapping.CompileActivity(maps, false, "", defs[core.Salesforce][o], hs)
			out, problems = append(out, m), append(problems, found...)
		}
		return out, problems
	}
	m, problems := mapping.Compile(list.Pair, mapping.WithStage(maps, c.Stages[list.Pair]), defs[core.Salesforce][list.Objects[core.Salesforce][0]], hs)
	return []*mapping.Mapping{m}, problems
}

// merged are the fields of several objects, each name once. A field that one of several
// lacks is noted in only.
func merged(objects []core.Object, defs map[core.Object][]mapping.FieldDef, only map[string]core.Object) (out []mapping.FieldDef) {
	have := map[string]int{}
	for _, o := range objects {
		for _, d := range defs[o] {
			if have[d.Name]++; have[d.Name] > 1 {
				delete(only, d.Name)
				continue
			}
			out = append(out, d)
			if len(objects) > 1 {
				only[d.Name] = o
			}
		}
	}
	slices.SortFunc(out, func(a, b mapping.FieldDef) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)), strings.Compare(a.Name, b.Name))
	})
	return out
}

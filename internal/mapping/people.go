package mapping

import (
	"fmt"
	"slices"

	"tandem/internal/core"
)

// CompilePeople is Compile for people: one list of mappings serves Contact and Lead,
// each field where the object has it (MAP-9). MAP-1 holds for each object by itself,
// so that a property may be joined with City of leads and MailingCity of contacts. A
// field that neither object shows is a problem of its own (ERR-8).
func CompilePeople(maps []FieldMap, lead, contact, contacts []FieldDef) (map[core.Object]*Mapping, []Problem) {
	objects := core.StandardPairs.Objects(core.ContactPair)[core.Salesforce]
	defs := map[core.Object][]FieldDef{core.Lead: lead, core.Contact: contact}
	known, problems := nowhere(maps, lead, contact)
	byObject := map[core.Object]*Mapping{}
	found := map[core.Object][]Problem{}
	for _, o := range objects {
		byObject[o], found[o] = Compile(core.ContactPair, having(known, defs[o]), defs[o], contacts)
	}
	for i, o := range objects {
		other := found[objects[1-i]]
		for _, p := range found[o] {
			switch shared := slices.Contains(other, p); {
			case !shared:
				p.Object = o
			case i > 0:
				continue // told already
			}
			problems = append(problems, p)
		}
	}
	return byObject, inOrder(maps, problems)
}

// having are the mappings whose Salesforce field is among the definitions.
func having(maps []FieldMap, defs []FieldDef) []FieldMap {
	known := index(defs)
	return slices.DeleteFunc(slices.Clone(maps), func(m FieldMap) bool { return known[m.Salesforce] == nil })
}

// nowhere takes out the mappings of a field that neither object shows.
func nowhere(maps []FieldMap, lead, contact []FieldDef) (known []FieldMap, problems []Problem) {
	some := index(slices.Concat(lead, contact))
	for _, m := range maps {
		if some[m.Salesforce] != nil {
			known = append(known, m)
			continue
		}
		problems = append(problems, Problem{Salesforce: m.Salesforce, HubSpot: m.HubSpot, Rule: "ERR-8", Severity: Error,
			Message: fmt.Sprintf("Salesforce shows no field %q to the integration user, neither on leads nor on contacts", m.Salesforce),
			Mend:    "correct the name, or give the integration user read access to the field"})
	}
	return known, problems
}

// inOrder sorts problems as the settings list their mappings.
func inOrder(maps []FieldMap, problems []Problem) []Problem {
	type pair struct{ salesforce, hubspot string }
	at := map[pair]int{}
	for i, m := range slices.Backward(maps) {
		at[pair{m.Salesforce, m.HubSpot}] = i
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return at[pair{a.Salesforce, a.HubSpot}] - at[pair{b.Salesforce, b.HubSpot}]
	})
	return problems
}

// CompilePeoplePredicate compiles one filter over the fields of leads and contacts,
// for each of the two. A field that an object lacks is blank there.
func CompilePeoplePredicate(text string, lead, contact []FieldDef) (map[core.Object]*Predicate, error) {
	p, err := CompilePredicate(text, slices.Concat(lead, contact))
	if err != nil {
		return nil, err
	}
	out := map[core.Object]*Predicate{}
	for o, defs := range map[core.Object]map[string]*FieldDef{core.Lead: index(lead), core.Contact: index(contact)} {
		of := &Predicate{program: p.program}
		for _, name := range p.program.fields {
			if defs[name] == nil {
				of.lacks = append(of.lacks, name)
			}
		}
		out[o] = of
	}
	return out, nil
}

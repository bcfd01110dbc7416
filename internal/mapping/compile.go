package mapping

import (
	"fmt"
	"slices"

	"tandem/internal/core"
)

// Compile checks the settings' mappings of an object pair against both schemas
// and makes them ready to use. A problem with severity Error disables its
// mapping only; the others work.
func Compile(pair core.Pair, maps []FieldMap, sf, hs []FieldDef) (*Mapping, []Problem) {
	c := compiler{
		mapping: &Mapping{Pair: pair, byName: [2]map[string]*Field{{}, {}}},
		defs:    [2]map[string]*FieldDef{index(sf), index(hs)},
		all:     [2][]FieldDef{sf, hs},
		taken:   [2]map[string]bool{{}, {}},
	}
	for i := range maps {
		c.add(&maps[i])
	}
	for _, side := range core.Sides {
		c.mapping.reads[side] = sortedSet(c.reads[side])
	}
	return c.mapping, c.problems
}

type compiler struct {
	mapping  *Mapping
	defs     [2]map[string]*FieldDef
	all      [2][]FieldDef
	taken    [2]map[string]bool // names in a mapping that works, synced or not
	reads    [2][]string
	problems []Problem
}

// refusal is why one mapping does not work.
type refusal struct{ rule, message, mend string }

func index(defs []FieldDef) map[string]*FieldDef {
	out := make(map[string]*FieldDef, len(defs))
	for i := range defs {
		out[defs[i].Name] = &defs[i]
	}
	return out
}

func (c *compiler) add(m *FieldMap) {
	f := &Field{Key: m.Salesforce + " = " + m.HubSpot, Names: [2]string{m.Salesforce, m.HubSpot}, zone: m.Zone, byName: m.Reference == "name"}
	for _, step := range []func(*FieldMap, *Field) *refusal{c.find, c.permitted, c.typed, c.parted, c.transformed, c.ruled} {
		if no := step(m, f); no != nil {
			c.report(f, Error, no)
			return
		}
	}
	for _, side := range core.Sides {
		c.taken[side][f.Names[side]] = true
	}
	if f.Rule == core.DontSync {
		return
	}
	f.values, f.owners = newChoiceMap(m.Values, &f.Defs[core.Salesforce]), m.Owners
	c.compareOptions(f)
	c.keep(f)
}

func (c *compiler) keep(f *Field) {
	c.mapping.fields = append(c.mapping.fields, f)
	for _, side := range core.Sides {
		c.mapping.byName[side][f.Names[side]] = f
		c.reads[side] = append(c.reads[side], f.readName(side))
		if f.Kind == Stage {
			c.reads[side] = append(c.reads[side], f.stages.Way(side))
		}
		if t := f.transform[side]; t != nil {
			c.reads[side.Other()] = append(c.reads[side.Other()], t.fields...)
		}
	}
}

func (c *compiler) report(f *Field, s Severity, r *refusal) {
	c.problems = append(c.problems, Problem{Salesforce: f.Names[core.Salesforce], HubSpot: f.Names[core.HubSpot],
		Rule: r.rule, Severity: s, Message: r.message, Mend: r.mend})
}

// find takes the definitions; a field hidden from the user is not in a schema.
func (c *compiler) find(_ *FieldMap, f *Field) *refusal {
	for _, side := range core.Sides {
		d, ok := c.defs[side][f.Names[side]]
		if !ok {
			return &refusal{"ERR-8", fmt.Sprintf("%s shows no field %q to the integration user", side.Label(), f.Names[side]),
				"correct the name, or give the integration user read access to the field"}
		}
		f.Defs[side] = *d
		if d.Created != "" {
			f.Key += " " + d.Created
		}
	}
	return nil
}

// permitted refuses what may never be a mapped field.
func (c *compiler) permitted(_ *FieldMap, f *Field) *refusal {
	hs := &f.Defs[core.HubSpot]
	switch {
	case c.taken[core.Salesforce][f.Names[core.Salesforce]] || c.taken[core.HubSpot][f.Names[core.HubSpot]]:
		return &refusal{"MAP-1", "the field or the property is in another mapping already", "keep one of the two mappings"}
	case named(consent, f.Names):
		return &refusal{"OPT-1", "consent is not a mapped field", "remove the mapping; opt-outs pass by rules of their own"}
	case named(identity, f.Names):
		return &refusal{"PROP-12", "the field belongs to the sync itself or is an id", "remove the mapping"}
	case misplaced(stagesOf(c.mapping.Pair), f.Names):
		return &refusal{"DEAL-3", "pipeline and record type are kept by themselves along with the stage, and a stage stands for a stage only",
			"map the stage of one side with the stage of the other, or take the mapping out"}
	case isOwner(hs) && hs.Name != "hubspot_owner_id":
		return &refusal{"MAP-3", "properties of type HubSpot user cannot be mapped", "map the record owner, or use a text property"}
	}
	return nil
}

// typed applies the table of MAP-2. A transform makes its own type, so that only
// the side it makes the value for counts.
func (c *compiler) typed(m *FieldMap, f *Field) *refusal {
	if f.stages = m.Stages; f.stages != nil && isStage(&f.stages.fields, f.Names) {
		f.Kind = Stage
		return nil
	}
	if side, ok := transformed(m); ok {
		f.Kind = ownKind(&f.Defs[side])
	} else {
		kind, message := pairKind(&f.Defs[core.Salesforce], &f.Defs[core.HubSpot])
		if message != "" {
			return &refusal{"MAP-2", fmt.Sprintf("%s: %s and %s", message, f.Defs[core.Salesforce].TypeText(), f.Defs[core.HubSpot].TypeText()),
				"map the field to a property of a type that goes with it, or give the mapping a transform"}
		}
		f.Kind = kind
		c.placed(f)
		f.adapted()
	}
	if f.Kind == "" {
		return &refusal{"MAP-2", mismatchedTypes + ": the target holds nothing that can be mapped", "map another field"}
	}
	return nil
}

// placed ties a day that meets a moment to the zone in which days are taken: under
// another one the two meet for the first time, and nobody edited either.
func (c *compiler) placed(f *Field) {
	if f.Kind != Date || (f.Defs[core.Salesforce].Type == "datetime") == (f.Defs[core.HubSpot].Type == "datetime") {
		return
	}
	f.Key += " " + f.location().String()
	if f.zone == nil {
		c.report(f, Warning, &refusal{"AMB-15", "nobody told the time zone of the org, so the day of a moment is taken in UTC",
			"set time_zone of the connection, or let the integration user read the organization"})
	}
}

// adapted notes where the two sides have one thing in forms that are not alike. Each has
// its own key, because what was agreed on before in another form would pass for an edit.
func (f *Field) adapted() {
	sf, hs := &f.Defs[core.Salesforce], &f.Defs[core.HubSpot]
	f.share = sf.Type == "percent" && hs.Share
	f.plain = f.Kind == Text && sf.Rich != hs.Rich
	if f.share {
		f.Key += " percent"
	}
	if f.plain {
		f.Key += " plain"
	}
}

// TypeText is the type of a field as its side calls it.
func (d *FieldDef) TypeText() string {
	if d.FieldType == "" {
		return d.Type
	}
	return d.Type + " (" + d.FieldType + ")"
}

// transformed is the side in whose form a mapping with transforms is compared.
func transformed(m *FieldMap) (core.Side, bool) {
	switch {
	case m.Transform[core.HubSpot] != "":
		return core.HubSpot, true
	case m.Transform[core.Salesforce] != "":
		return core.Salesforce, true
	}
	return 0, false
}

func (c *compiler) transformed(m *FieldMap, f *Field) *refusal {
	both := m.Transform[core.Salesforce] != "" && m.Transform[core.HubSpot] != ""
	for _, side := range core.Sides {
		if m.Transform[side] == "" {
			continue
		}
		fields := c.all[side.Other()]
		if both {
			fields = nil
		}
		p, err := compileTransform(m.Transform[side], fields, ownKind(&f.Defs[side.Other()]))
		if err != nil {
			return &refusal{"ERR-8", fmt.Sprintf("the transform to %s does not compile: %v", side.Label(), err), "correct the expression"}
		}
		f.transform[side] = p
	}
	return nil
}

// ruled finds the effective rule: the schema and the transforms may leave one
// direction only.
func (c *compiler) ruled(m *FieldMap, f *Field) *refusal {
	f.Rule = m.Rule
	if f.Kind == Owner {
		if m.Rule != core.TwoWay {
			c.report(f, Warning, &refusal{"MAP-8", "an owner mapping is always two-way", "set rule: two_way"})
		}
		f.Rule = core.TwoWay
		return nil
	}
	if m.Rule == core.DontSync {
		return nil
	}
	forced, why, no := direction(f)
	if no != nil || why == nil || forced == m.Rule {
		return no
	}
	f.Rule = forced
	c.report(f, Warning, why)
	return nil
}

// direction says which rule the schema and the transforms force, and why; why is
// nil where they force none.
func direction(f *Field) (core.Rule, *refusal, *refusal) {
	toHubSpot := f.Defs[core.Salesforce].Calculated || f.byName || oneWay(f, core.HubSpot)
	hs := &f.Defs[core.HubSpot]
	toSalesforce := hs.Calculated || !hs.Updatable || oneWay(f, core.Salesforce)
	switch {
	case toHubSpot && toSalesforce:
		return 0, nil, &refusal{"MAP-15", "neither side can be written", "remove the mapping or choose another field"}
	case toHubSpot:
		return core.AlwaysSalesforce, &refusal{"MAP-15", "the Salesforce field can only be read here, so Salesforce is always used", "set rule: always_salesforce"}, nil
	case toSalesforce:
		return core.HubSpotOnly, &refusal{"MAP-15", "the HubSpot property can only be read here, so values pass to Salesforce only", "expect no values from Salesforce in this property"}, nil
	}
	return 0, nil, nil
}

// oneWay reports whether a value can only be made for the given side.
func oneWay(f *Field, side core.Side) bool {
	return f.transform[side] != nil && f.transform[side.Other()] == nil
}

// Passes reports whether the rule lets values of a side through to the other.
func (f *Field) Passes(from core.Side) bool { return f.Rule != core.DontSync && passes(f.Rule, from) }

// passes reports whether a rule lets values of the side through to the other.
func passes(rule core.Rule, from core.Side) bool {
	return !(rule == core.AlwaysSalesforce && from == core.HubSpot || rule == core.HubSpotOnly && from == core.Salesforce)
}

func sortedSet(items []string) []string {
	out := slices.Clone(items)
	slices.Sort(out)
	return slices.Compact(out)
}

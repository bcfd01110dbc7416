package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tandem/internal/core"
)

// parted refuses a value map of multiple choices to or from a text with a semicolon,
// which parts the choices on both sides (MAP-17).
func (c *compiler) parted(m *FieldMap, f *Field) *refusal {
	if f.Kind != Choices {
		return nil
	}
	for _, from := range slices.Sorted(maps.Keys(m.Values)) {
		if to := m.Values[from]; strings.Contains(from+to, ";") {
			return &refusal{"MAP-17", fmt.Sprintf("the value map turns %s into %s, and a semicolon parts choices", shown(from), shown(to)), "map single choices"}
		}
	}
	return nil
}

// Passing is what becomes of a choice of one side on the other.
type Passing struct {
	Value, Label string
	Becomes      string // there
	Refused      string // why it does not pass, blank where it does
}

// Passing tells what becomes of each choice that a side offers; none where the field
// holds no choices.
func (f *Field) Passing(from core.Side) (out []Passing) {
	if f.Kind != Choice && f.Kind != Choices {
		return nil
	}
	for _, o := range f.Defs[from].Options {
		if !o.Active {
			continue
		}
		one := Passing{Value: o.Value, Label: o.Label}
		becomes, issue := f.ToSide(from.Other(), f.Canon(from, o.Value))
		one.Becomes = becomes
		if issue != nil {
			one.Refused = issue.Message
		}
		out = append(out, one)
	}
	return out
}

// compareOptions warns of choices that one side knows and the other would refuse
// (MAP-14, ERR-7), so that they are seen before a record meets them.
func (c *compiler) compareOptions(f *Field) {
	if f.Kind != Choice && f.Kind != Choices {
		return
	}
	for _, side := range core.Sides {
		var lost []string
		for _, p := range f.Passing(side) {
			if p.Refused != "" {
				lost = append(lost, p.Value)
			}
		}
		if len(lost) > 0 && passes(f.Rule, side) {
			c.report(f, Warning, &refusal{"ERR-7", fmt.Sprintf("%s does not know %d of the %s values: %s",
				side.Other().Label(), len(lost), side.Label(), shortList(lost)), "add the options there, or a value map here"})
		}
	}
	c.compareOpen(f)
	c.compareValues(f)
	c.compareCodes(f)
}

// compareOpen warns of HubSpot's internal values that a Salesforce picklist, which
// is not restricted, would take in without having them among its choices.
func (c *compiler) compareOpen(f *Field) {
	d := &f.Defs[core.Salesforce]
	if d.Restricted || len(d.Options) == 0 || !passes(f.Rule, core.HubSpot) {
		return
	}
	var raw []string
	for _, o := range f.Defs[core.HubSpot].Options {
		value, issue := f.ToSide(core.Salesforce, f.Canon(core.HubSpot, o.Value))
		if issue == nil && o.Active && value == o.Value && !slices.ContainsFunc(d.Options, func(have Option) bool { return have.Value == value && have.Active }) {
			raw = append(raw, value)
		}
	}
	if len(raw) > 0 {
		c.report(f, Warning, &refusal{"ERR-7", fmt.Sprintf("Salesforce does not list %d of the HubSpot values and stores them as they are: %s",
			len(raw), shortList(raw)), "give each a Salesforce value under values here, or add them to the picklist"})
	}
}

// compareValues warns of a value map that leads to what HubSpot does not know.
func (c *compiler) compareValues(f *Field) {
	d := &f.Defs[core.HubSpot]
	for _, from := range slices.Sorted(maps.Keys(f.values.to)) {
		if to := f.values.to[from]; !accepts(core.HubSpot, d, to) {
			c.report(f, Warning, &refusal{"ERR-7", fmt.Sprintf("the value map turns %s into %s, which HubSpot does not know", shown(from), shown(to)),
				"name the internal value of one of HubSpot's options"})
		}
	}
}

// compareCodes warns of a value map for a code that stands for several things, as WA
// does for Washington and for Western Australia in a picklist of states: what it means
// follows from another field, and the map knows but one of them (MAP-14).
func (c *compiler) compareCodes(f *Field) {
	several := ambiguous(f.Defs[core.Salesforce].Options)
	var lost []string
	for _, code := range slices.Sorted(maps.Keys(several)) {
		if _, mapped := f.values.to[code]; mapped {
			lost = append(lost, fmt.Sprintf("%s (%s)", code, strings.Join(several[code], " or ")))
		}
	}
	if len(lost) > 0 {
		c.report(f, Warning, &refusal{"MAP-14", "the value map has codes that stand for several things in Salesforce: " + shortList(lost),
			"map the field that holds the name, such as BillingState, or take these values out of the map"})
	}
}

// ambiguous are the values under which a picklist has several labels, with these.
func ambiguous(options []Option) map[string][]string {
	labels := map[string][]string{}
	for _, o := range options {
		if !slices.Contains(labels[o.Value], o.Label) {
			labels[o.Value] = append(labels[o.Value], o.Label)
		}
	}
	maps.DeleteFunc(labels, func(_ string, have []string) bool { return len(have) < 2 })
	return labels
}

func shortList(items []string) string {
	const most = 5
	if len(items) <= most {
		return strings.Join(items, ", ")
	}
	return strings.Join(items[:most], ", ") + fmt.Sprintf(" and %d more", len(items)-most)
}

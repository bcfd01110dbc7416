package mapping

import (
	"slices"
	"strings"

	"tandem/internal/core"
)

// choiceMap translates choices. Canonical is HubSpot's internal value, so that
// several Salesforce values may stand for one HubSpot value.
type choiceMap struct {
	to   map[string]string // Salesforce value → HubSpot value
	from map[string]string // HubSpot value → the Salesforce value written for it
}

func newChoiceMap(values map[string]string, sf *FieldDef) choiceMap {
	c := choiceMap{to: values, from: map[string]string{}}
	order := salesforceOrder(values, sf)
	alike := func(value string) bool { return spelling(value) == spelling(values[value]) }
	for _, value := range append(slices.DeleteFunc(slices.Clone(order), func(v string) bool { return !alike(v) }), order...) {
		if hs, ok := values[value]; ok {
			if _, taken := c.from[hs]; !taken {
				c.from[hs] = value
			}
		}
	}
	for _, o := range sf.Options {
		if _, mapped := values[o.Value]; !mapped && o.Active {
			c.from[o.Value] = o.Value
		}
	}
	return c
}

// salesforceOrder lists the values in the order in which they are preferred as
// the one written: active options as Salesforce orders them, then the rest.
func salesforceOrder(values map[string]string, sf *FieldDef) []string {
	var order, rest []string
	for _, o := range sf.Options {
		if o.Active {
			order = append(order, o.Value)
		}
	}
	for value := range values {
		if !slices.Contains(order, value) {
			rest = append(rest, value)
		}
	}
	slices.Sort(rest)
	return append(order, rest...)
}

// canon is the canonical form of a Salesforce value.
func (c choiceMap) canon(value string) string {
	if hs, ok := c.to[value]; ok {
		return hs
	}
	return value
}

// salesforce is the Salesforce value for a canonical one; ok is false where the
// value of the same spelling means something else there.
func (c choiceMap) salesforce(canonical string) (string, bool) {
	if value, ok := c.from[canonical]; ok {
		return value, true
	}
	_, other := c.to[canonical]
	return canonical, !other
}

// items splits a multiple choice into its set. Blank items, which HubSpot would
// read as an order to append, are dropped.
func items(v string) []string {
	var out []string
	for item := range strings.SplitSeq(v, ";") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return sortedSet(out)
}

func (f *Field) canonChoice(side core.Side, raw string) string {
	raw = strings.TrimSpace(raw)
	if side == core.Salesforce {
		return f.values.canon(raw)
	}
	return raw
}

func (f *Field) canonChoices(side core.Side, raw string) string {
	set := items(raw)
	for i := range set {
		set[i] = f.canonChoice(side, set[i])
	}
	return strings.Join(sortedSet(set), ";")
}

// choiceTo gives a side's value for one canonical choice.
func (f *Field) choiceTo(side core.Side, canonical string) (string, *FieldIssue) {
	value, known := canonical, true
	if side == core.Salesforce {
		value, known = f.values.salesforce(canonical)
	}
	d := &f.Defs[side]
	if !known || !accepts(side, d, value) {
		return "", issueOption(side, d, canonical)
	}
	return f.fit(side, value)
}

func (f *Field) choicesTo(side core.Side, canonical string) (string, *FieldIssue) {
	set := items(canonical)
	for i := range set {
		value, issue := f.choiceTo(side, set[i])
		if issue != nil {
			return "", issue
		}
		set[i] = value
	}
	return f.fit(side, strings.Join(sortedSet(set), ";"))
}

// accepts reports whether a side takes the value as a choice. HubSpot takes all
// listed values, hidden ones too, and no others; Salesforce takes any unless the
// picklist is restricted, and then only active ones.
func accepts(side core.Side, d *FieldDef, value string) bool {
	enumerated := side == core.Salesforce && d.Restricted || side == core.HubSpot && d.Type == "enumeration" && len(d.Options) > 0
	if !enumerated {
		return true
	}
	return slices.ContainsFunc(d.Options, func(o Option) bool {
		return o.Value == value && (o.Active || side == core.HubSpot)
	})
}

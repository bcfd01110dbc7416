package mapping

import (
	"maps"

	"tandem/internal/core"
)

// Carry is the base of a link whose Salesforce record went over to another object, from
// whose mapping to the other's, as at a conversion: what was agreed for a property of
// HubSpot stays agreed, whichever field stands for it now. A property whose values are
// compared in another form meets its new field for the first time.
func Carry(base core.Base, from, to *Mapping) core.Base {
	if from == to || from == nil || to == nil {
		return base
	}
	next := maps.Clone(base)
	for _, f := range to.fields {
		old := from.Field(core.HubSpot, f.Names[core.HubSpot])
		if old == nil || old.Key == f.Key || !old.comparesAs(f) {
			continue
		}
		if agreed, ok := base[old.Key]; ok {
			next[f.Key] = agreed
		}
	}
	return next
}

// comparesAs reports that values of both fields have one canonical form.
func (f *Field) comparesAs(other *Field) bool {
	return f.Kind == other.Kind && f.Kind != Stage && f.plain == other.plain && f.share == other.share && f.byName == other.byName &&
		f.location().String() == other.location().String() && f.transform == [2]*program{} && other.transform == [2]*program{} &&
		maps.Equal(f.values.to, other.values.to)
}

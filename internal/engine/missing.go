package engine

import (
	"strings"

	"tandem/internal/core"
	"tandem/internal/mapping"
)

// missingIssue is that of a field which the target side demands of a new record; its mend
// names what to fill in on which record (ERR-9).
func (b *batch) missingIssue(it *item, target core.Side, miss *mapping.FieldIssue) core.Issue {
	i := b.mappingIssue(it, target, miss, "")
	var from []string
	for _, f := range b.mapping(it).Synced() {
		if f.Names[target] == miss.Field && f.Names[target.Other()] != "" {
			from = append(from, f.Names[target.Other()])
		}
	}
	source := b.label(it.recs[target.Other()].Ref)
	switch {
	case len(from) > 0:
		i.Mend = "fill " + strings.Join(from, " or ") + " of " + source + ", or map a field that is always filled"
	default:
		i.Mend = "map a property to " + miss.Field + " and fill it at " + source
	}
	if target == core.Salesforce && b.object(it, target) == core.Lead && miss.Field == "Company" { // which contacts lack
		i.Mend += "; or let HubSpot contacts become contacts (contacts.from_hubspot)"
	}
	return i
}

package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
)

// halfYear is long enough for clocks to be set forward or back in between.
const halfYear = 182 * 24 * time.Hour

// zone is where days begin: that of the settings, else the org's.
func (p *preflight) zone() *time.Location { return conn.Zone(p.settings, p.ids[core.Salesforce]) }

// days tells of Salesforce days that HubSpot has as moments, where the portal lies in
// another zone: its people may see the day before or after.
func (p *preflight) days(object string, mappings ...*mapping.Mapping) {
	zone, portal := p.zone(), p.ids[core.HubSpot].TimeZone
	shown, err := time.LoadLocation(portal)
	if zone == nil || portal == "" || err != nil || p.agree(zone, shown) {
		return
	}
	var names []string
	for _, m := range mappings {
		for _, f := range m.Synced() {
			if f.Kind == mapping.Date && f.Defs[core.HubSpot].Type == "datetime" && f.Defs[core.Salesforce].Type == "date" {
				names = append(names, f.Names[core.HubSpot])
			}
		}
	}
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	p.add(yellow, core.HubSpot, "days of "+object, fmt.Sprintf("%s hold days that begin in %s, and the portal shows them in %s, where it may be the day before or after",
		strings.Join(slices.Compact(names), ", "), zone, portal), "map them to date properties, or set time_zone: "+portal+" for days to begin there", "AMB-15")
}

// agree reports that the clocks of two zones show the same, summer and winter.
func (p *preflight) agree(a, b *time.Location) bool {
	for _, at := range []time.Time{p.app.now(), p.app.now().Add(halfYear)} {
		_, one := at.In(a).Zone()
		if _, other := at.In(b).Zone(); one != other {
			return false
		}
	}
	return true
}

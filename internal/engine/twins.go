package engine

import (
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
)

// Twins are records that a plan creates although the side has one with the same
// website: companies match by a stored id and by their people, not by their domain
// (DEDUP-7, AMB-3).
type Twins struct {
	Count int `json:"count"`
	// Domain is that of one of them, Source the record that it would be made from,
	// and Beside the one that is there.
	Domain string   `json:"domain"`
	Source core.Ref `json:"source"`
	Beside core.Ref `json:"beside"`
}

// domains gathers the websites of a plan's records: those that each side has, and
// those of the records that would be made there.
type domains struct {
	have  [2]map[string]core.Ref
	makes [2]map[string]core.Ref
}

// domainField is where a side keeps the website that companies are known by.
var domainField = [2]string{core.Salesforce: "Website", core.HubSpot: "domain"}

func newDomains() *domains {
	return &domains{have: [2]map[string]core.Ref{{}, {}}, makes: [2]map[string]core.Ref{{}, {}}}
}

func (d *domains) note(it *item) {
	for _, side := range core.Sides {
		if !it.live(side) {
			continue
		}
		value, _ := it.recs[side].Get(domainField[side])
		domain, ok := mapping.DomainOf(value)
		if !ok {
			continue
		}
		d.have[side][domain] = it.recs[side].Ref
		if op := it.ops[side.Other()]; op != nil && op.Kind == core.OpCreate {
			d.makes[side.Other()][domain] = it.recs[side].Ref
		}
	}
}

// twins are the records that would be made beside one with the same website, by
// the name of their side.
func (d *domains) twins() map[string]Twins {
	out := map[string]Twins{}
	for _, side := range core.Sides {
		var t Twins
		for _, domain := range room.SortedKeys(d.makes[side]) {
			beside, there := d.have[side][domain]
			if !there {
				continue
			}
			if t.Count++; t.Count == 1 {
				t.Domain, t.Source, t.Beside = domain, d.makes[side][domain], beside
			}
		}
		if t.Count > 0 {
			out[side.String()] = t
		}
	}
	return out
}

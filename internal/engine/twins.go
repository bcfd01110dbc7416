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
	// Names are what these two are called; Several how many have the website there, where
	// it is more than one: which of them is meant is not known then.
	Names   [2]string `json:"names"`
	Several int       `json:"several,omitempty"`
}

// domains gathers the websites of a plan's records: those that each side has, and
// those of the records that would be made there.
type domains struct {
	have  [2]map[string][]core.Ref
	makes [2]map[string]core.Ref
	names map[core.Ref]string
}

// domainField is where a side keeps the website that companies are known by.
var domainField = [2]string{core.Salesforce: "Website", core.HubSpot: "domain"}

func newDomains() *domains {
	return &domains{have: [2]map[string][]core.Ref{{}, {}}, makes: [2]map[string]core.Ref{{}, {}}, names: map[core.Ref]string{}}
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
		r := it.recs[side].Ref
		d.have[side][domain], d.names[r] = append(d.have[side][domain], r), valueOf(it.recs[side], nameField(r.Object))
		if op := it.ops[side.Other()]; op != nil && op.Kind == core.OpCreate {
			d.makes[side.Other()][domain] = r
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
				t.Domain, t.Source, t.Beside = domain, d.makes[side][domain], beside[0]
				t.Names[side], t.Names[side.Other()] = d.names[t.Beside], d.names[t.Source]
				if t.Several = len(beside); t.Several == 1 {
					t.Several = 0
				}
			}
		}
		if t.Count > 0 {
			out[side.String()] = t
		}
	}
	return out
}

package config

import (
	"slices"

	"tandem/internal/core"
)

// MappingList is a list of mappings that settings may have: that of an object pair, or of
// a type of activities.
type MappingList struct {
	Name string // its key under mappings
	Pair core.Pair
	// Objects are those that its fields belong to, by side, the preferred one first.
	Objects [2][]core.Object
	Syncs   bool
}

// MappingLists are the lists that the connection may have, parents first.
func (c *Connection) MappingLists() (out []MappingList) {
	pairs := c.Pairs()
	for _, p := range pairs.Names() {
		if p != core.ActivityPair {
			out = append(out, MappingList{Name: string(p), Pair: p, Objects: pairs.Objects(p), Syncs: c.Syncs(p)})
			continue
		}
		for _, of := range pairs.Objects(p)[core.HubSpot] {
			one := MappingList{Name: ActivityLists[of], Pair: p, Objects: [2][]core.Object{{core.Task}, {of}}, Syncs: c.Activities.Of(of).On()}
			if of == core.Meetings {
				one.Objects[core.Salesforce] = []core.Object{core.Event, core.Task}
			}
			out = append(out, one)
		}
	}
	return out
}

// MappingList is the list of a name; ok is false where the connection has none.
func (c *Connection) MappingList(name string) (l MappingList, ok bool) {
	all := c.MappingLists()
	if i := slices.IndexFunc(all, func(l MappingList) bool { return l.Name == name }); i >= 0 {
		return all[i], true
	}
	return l, false
}

// Remapped gives settings with another list of mappings. Defaults and checks are Apply's.
func Remapped(c Connection, list string, all []Mapping) (Connection, error) {
	text, err := Export(c)
	if err != nil {
		return c, err
	}
	next, err := Stored(c, text) // shares nothing with what was given
	if err != nil {
		return c, err
	}
	if next.Mappings == nil {
		next.Mappings = map[string][]Mapping{}
	}
	next.Mappings[list] = all
	if len(all) == 0 {
		delete(next.Mappings, list)
	}
	return next, nil
}

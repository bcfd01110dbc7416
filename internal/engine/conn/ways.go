package conn

import (
	"tandem/internal/core"
	"tandem/internal/policy"
)

// Way is a direction in which the records of a pair, or of one type of activities, pass,
// and which the settings switch by itself.
type Way struct {
	// Name is under what the moment is kept at which it was switched on.
	Name core.Pair
	Pair core.Pair
	// Object is HubSpot's of a type of activities, blank for all records of the pair.
	Object core.Object
	On     bool
}

// Ways are those of all types of activities, and of the pairs whose directions are set one
// by one.
func (c *Known) Ways() (out []Way) {
	for _, side := range core.Sides {
		for _, o := range c.Pairs.Objects(core.ActivityPair)[core.HubSpot] {
			out = append(out, Way{ActivitySwitch(o, side), core.ActivityPair, o, c.Wanted.Activities.Of(o).From(side)})
		}
		for _, d := range c.Pairs {
			if on := c.Wanted.Syncs(d.Name) && c.Wanted.Pair(d.Name).From[side] != policy.DoNothing; d.Carried {
				out = append(out, Way{core.Pair(string(d.Name) + "/" + side.String()), d.Name, "", on})
			}
		}
	}
	return out
}

package engine

import (
	"context"
	"maps"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// versions are the past values of a record's properties, the newest first.
type versions map[string][]connector.Version

// pasts reads the past values of properties of records of HubSpot, of whichever objects
// they are.
func pasts(ctx context.Context, h historian, refs []core.Ref, fields []string) (map[core.Ref]versions, error) {
	slices.Sort(fields)
	out := map[core.Ref]versions{}
	for _, g := range groupRefs(refs) {
		past, err := h.History(ctx, g.object, g.ids, slices.Compact(fields))
		if err != nil {
			return nil, err
		}
		for id, of := range maps.All(past) {
			out[core.Ref{Side: g.side, Object: g.object, ID: id}] = of
		}
	}
	return out, nil
}

// hubspotNamed is the record of HubSpot that an id names, of an activity with its type
// before it.
func hubspotNamed(pairs core.PairSet, p core.Pair, id string) core.Ref {
	if p == core.ActivityPair {
		return conn.ActivityNamed(id)
	}
	return core.Ref{Side: core.HubSpot, Object: pairs.Objects(p)[core.HubSpot][0], ID: id}
}

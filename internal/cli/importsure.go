package cli

import (
	"context"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// sureOfImport says before an import which settings it does not heed: on a terminal it looks
// at the records first, tells how many partners it makes all the same, and asks.
func (s *session) sureOfImport(ctx context.Context, rq request) error {
	base, err := s.request()
	if err != nil {
		return err
	}
	rq.Connection = base.Connection
	keys, err := s.unheeded(ctx, rq)
	if err != nil || len(keys) == 0 {
		return err
	}
	if s.app.json || !s.app.asks() {
		s.app.note("%s is update_only; whom an import lists gets a partner all the same (IMP-1). tandem plan %s says how many these are", strings.Join(keys, " and "), rq.Pair)
		return nil
	}
	var p planned
	if err := s.do(ctx, "plan", rq, &p); err != nil || len(p.Overrides) == 0 {
		return err
	}
	s.app.describeOverrides(p.Overrides)
	yes, err := s.app.confirm(ctx, "Import all the same?")
	if err == nil && !yes {
		err = refused("nothing was imported", "say yes, or give --yes")
	}
	return err
}

// unheeded are the settings that keep from happening by itself what an import does.
func (s *session) unheeded(ctx context.Context, rq request) (keys []string, err error) {
	f, err := s.app.load()
	if err != nil {
		return nil, err
	}
	settings, err := s.app.storedSettings(ctx, s.store(), f, rq.Connection)
	if err != nil {
		return nil, err
	}
	for _, side := range core.Sides {
		if settings.Pair(rq.Pair).From[side] == policy.UpdateOnly && (len(rq.Sides) == 0 || slices.Contains(rq.Sides, side)) {
			keys = append(keys, strings.TrimSuffix(settings.SwitchKey(rq.Pair), "sync")+"from_"+side.String())
		}
	}
	return keys, nil
}

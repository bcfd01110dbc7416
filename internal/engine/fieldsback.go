package engine

import (
	"maps"
	"slices"
	"time"

	"tandem/internal/core"
	"tandem/internal/mapping"
	"tandem/internal/store"
)

// fieldsBack notes which mapped fields work, and since when one does no longer. What was
// edited while a side hid it is announced by nobody once it is shown again: those records
// are compared then that agreed on it before, or were linked meanwhile. A mapping that is
// new is no reason (TRIG-7).
func (e *Engine) fieldsBack(tx *store.Tx, c *Conn) error {
	known, err := tx.Fields(c.ID)
	if err != nil {
		return err
	}
	now, back := map[store.Field]time.Time{}, map[*mapping.Mapping][]fieldBack{}
	for of, m := range c.Mappings {
		for _, f := range m.Synced() {
			field := store.Field{Of: of, Names: fieldNames(f.Names)}
			if at := known[field]; !at.IsZero() {
				back[m] = append(back[m], fieldBack{f.Key, at})
			}
			now[field] = time.Time{}
		}
	}
	wanted := c.wantedFields()
	for field, at := range known {
		if _, works := now[field]; !works && wanted[field.Names] {
			if now[field] = at; at.IsZero() {
				now[field] = e.Now().Truncate(time.Millisecond) // as the store keeps it
			}
		}
	}
	if maps.Equal(now, known) {
		return nil
	}
	if err := tx.FieldsSet(c.ID, now); err != nil || len(back) == 0 {
		return err
	}
	for _, p := range c.Pairs.Names() {
		err := e.compareLinked(tx, c, p, func(l *core.Link) bool {
			return slices.ContainsFunc(back[c.MappingOf(l)], func(f fieldBack) bool { return f.concerns(l) })
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fieldBack is a field that works again: its key in a base, and when it ceased to work.
type fieldBack struct {
	key string
	at  time.Time
}

func (f fieldBack) concerns(l *core.Link) bool {
	_, agreed := l.Base[f.key]
	return agreed || !l.Created.Before(f.at)
}

// wantedFields are the mappings that the settings name, and those that are proposed.
func (c *Conn) wantedFields() map[string]bool {
	out := map[string]bool{}
	for _, list := range c.Settings.Mappings {
		for _, m := range list {
			out[fieldNames([2]string{m.Salesforce, m.HubSpot})] = true
		}
	}
	for _, o := range c.Pairs.Objects(core.ActivityPair)[core.HubSpot] {
		for _, m := range mapping.ActivityMaps(o) {
			out[fieldNames([2]string{m.Salesforce, m.HubSpot})] = true
		}
	}
	return out
}

func fieldNames(of [2]string) string { return of[core.Salesforce] + " = " + of[core.HubSpot] }

package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
	"tandem/internal/store"
)

// PlanDraft has a plan show what other mappings would alter in records that are linked. Such
// a plan is never applied: once the settings count, a backfill does the same.
type PlanDraft struct {
	List string `json:"list"` // of the mappings that are others
	Base int64  `json:"base"` // the version of the settings that they were made from
	// Settings are those that would count, as YAML.
	Settings string `json:"settings"`
	// Fields are those of the other mappings, by side: only what is written to them is shown.
	Fields [2][]string `json:"fields"`
}

// Shows reports that a plan shows settings that do not count.
func (m PlanMeta) Shows() bool { return m.Draft != nil }

// errEnough ends a look at as many records as were asked for.
var errEnough = errors.New("enough records were looked at")

func unlessEnough(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// PreviewMeta is the plan of what a list of mappings of other settings would alter.
func PreviewMeta(was config.Connection, d PlanDraft) (m PlanMeta, err error) {
	next, err := config.Stored(was, []byte(d.Settings))
	if err != nil {
		return m, err
	}
	list, ok := next.MappingList(d.List)
	if !ok {
		return m, &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("there is no list of mappings named %q", d.List), Mend: "name an object of the settings"}
	}
	d.Fields = otherFields(was, next, list)
	return PlanMeta{Connection: was.Name, Pair: list.Pair, Linked: true, Draft: &d}, nil
}

// otherFields are the fields of the mappings of a list that differ between settings, by side.
func otherFields(was, next config.Connection, list config.MappingList) (out [2][]string) {
	before, _ := conn.ListedMappings(was, list)
	after, _ := conn.ListedMappings(next, list)
	for _, m := range after {
		if !slices.ContainsFunc(before, func(old config.Mapping) bool { return reflect.DeepEqual(old, m) }) {
			out[core.Salesforce] = append(out[core.Salesforce], m.Salesforce)
			out[core.HubSpot] = append(out[core.HubSpot], m.HubSpot)
		}
	}
	return out
}

// drafted is the connection as it would be by the settings of a draft. It stands beside the
// one that is at work and does nothing but look.
func (e *Engine) drafted(ctx context.Context, c *Conn, d *PlanDraft) (*Conn, error) {
	settings, err := config.Stored(c.Wanted, []byte(d.Settings))
	if err != nil {
		return nil, err
	}
	out := newConn(settings, c.Sides)
	out.ID, out.Accounts, out.Offsets, out.Switched, out.Linked, out.since = c.ID, c.Accounts, c.Offsets, c.Switched, c.Linked, c.since
	out.Schemas, out.Defs = c.Schemas, [2]map[core.Object][]mapping.FieldDef{maps.Clone(c.Defs[core.Salesforce]), maps.Clone(c.Defs[core.HubSpot])}
	out.schema.doubt, out.schema.at = make(chan struct{}, 1), e.Now()
	out.HoldBack()
	if err := out.Compile(ctx, e.Now()); err != nil {
		return nil, err
	}
	return out, e.openPipelines(ctx, out)
}

// linkedOnly keeps the entries of records that have a partner.
func (p *planner) linkedOnly(ctx context.Context, entries []core.Dirty) (out []core.Dirty, err error) {
	refs := make([]core.Ref, len(entries))
	for i := range entries {
		refs[i] = entries[i].Ref
	}
	err = p.e.View(ctx, func(tx *store.Tx) error {
		links, err := tx.LinksOf(p.c.ID, refs)
		out = slices.DeleteFunc(slices.Clone(entries), func(d core.Dirty) bool {
			l := links[d.Ref]
			return l == nil || l.State != core.LinkActive
		})
		return err
	})
	return out, err
}

// narrow leaves of a record's writes what the draft is about, and what the record is called.
func (d *PlanDraft) narrow(c *Conn, it *item) {
	it.extra = nil
	for _, side := range core.Sides {
		op, rec := it.ops[side], it.recs[side]
		if op == nil || op.Kind != core.OpUpdate || rec == nil {
			it.ops[side] = nil
			continue
		}
		only := *op
		only.Fields = maps.Clone(op.Fields)
		maps.DeleteFunc(only.Fields, func(name, _ string) bool { return !slices.Contains(d.Fields[side], name) })
		only.Before = map[string]string{}
		maps.Copy(only.Before, op.Before)
		for _, name := range c.NameFields(side, op.Target.Object) {
			if called, shown := rec.Get(name); shown {
				only.Before[name] = called
			}
		}
		if it.ops[side] = &only; len(only.Fields) == 0 {
			it.ops[side] = nil
		}
	}
}

package dst

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// broken records that an invariant does not hold.
func (r *run) broken(id, format string, args ...any) {
	r.result.Broken = append(r.result.Broken, id+": "+fmt.Sprintf(format, args...))
}

// judge holds what came of the run against the invariants.
func (r *run) judge() {
	r.learn()
	r.all, _ = r.behind(place{})
	if err := r.keepLog(); err != nil {
		r.broken("I12", "the conflict log cannot be read: %v", err)
	}
	var all []*core.Link
	met := map[core.Ref]bool{}
	for _, c := range r.conns() {
		for _, l := range r.judgeConnection(c) {
			if met[l.Refs[sf]] {
				r.situations["a record with a partner in each of two portals"]++
			}
			met[l.Refs[sf]], all = true, append(all, l)
		}
	}
	r.result.State, r.result.Writes = r.state(all)
	r.honest()
	r.onceEach()
	r.journalled()
	r.inScope()
	r.consentKept()
	r.nothingDeleted()
}

// judgeConnection holds the links of a connection against the invariants, and gives them.
func (r *run) judgeConnection(c *engine.Conn) []*core.Link {
	links, issues := r.engines(c)
	if r.canary.links != nil {
		links = r.canary.links(links)
	}
	r.inStep(links, issues)
	r.bijective(links)
	for _, l := range links {
		r.values(l, issues)
		r.consentArrived(l, issues)
		r.tied(l, links, issues)
	}
	return links
}

// engines is what only the engine knows of a connection: links and issues.
func (r *run) engines(c *engine.Conn) (links []*core.Link, issues []core.Issue) {
	err := r.world.Store.View(context.Background(), func(tx *store.Tx) (err error) {
		for pair := range mapped {
			of, err := tx.Links(c.ID, pair, core.LinkActive, 0, 100000)
			if err != nil {
				return err
			}
			links = append(links, of...)
		}
		issues, err = tx.Issues(c.ID, store.IssueFilter{Limit: 100000})
		return err
	})
	if err != nil {
		r.broken("I12", "the store cannot be read: %v", err)
	}
	slices.SortFunc(links, func(a, b *core.Link) int { return strings.Compare(a.Refs[sf].ID, b.Refs[sf].ID) })
	return links, issues
}

// keepLog adds the values that the conflict logs have to those known.
func (r *run) keepLog() error {
	return r.world.Store.View(context.Background(), func(tx *store.Tx) error {
		for _, c := range r.conns() {
			entries, err := tx.Conflicts(c.ID, 0, 100000)
			if err != nil {
				return err
			}
			for _, e := range entries {
				var body engine.Entry
				if err := json.Unmarshal(e.Body, &body); err != nil {
					return err
				}
				for _, c := range body.Conflicts {
					r.known[c.Lost] = true
				}
			}
		}
		return nil
	})
}

// keepUnderWay adds the values that updates without a stored outcome were to overwrite: with
// them the next process would have told what was lost.
func (r *run) keepUnderWay() error {
	return r.world.Store.View(context.Background(), func(tx *store.Tx) error {
		for _, c := range r.conns() {
			open, err := tx.IntentsOpen(c.ID)
			if err != nil {
				return err
			}
			for _, in := range open {
				for _, before := range in.Op.Before {
					r.known[before] = true
				}
			}
		}
		return nil
	})
}

// told is what the engine says is open, for a person who asks why.
func (r *run) told() string {
	r.bus.end()
	var out []string
	for _, c := range r.conns() {
		_, issues := r.engines(c)
		for _, i := range issues {
			out = append(out, fmt.Sprintf("%s %s %s %s: %s", i.Ref, i.Field, i.Rule, i.Code, i.Message))
		}
		_ = r.world.Store.View(context.Background(), func(tx *store.Tx) error {
			unsettled, err := tx.IntentsOpen(c.ID)
			for _, in := range unsettled {
				out = append(out, fmt.Sprintf("%s of %s for %s has no outcome", in.Op.Kind, in.Op.Target, in.Dirty))
			}
			return err
		})
	}
	return strings.Join(out, "; ")
}

// inStep: linked records agree on each mapped field, or an open issue names them (I1),
// and both are there.
func (r *run) inStep(links []*core.Link, issues []core.Issue) {
	for _, l := range links {
		for _, f := range mapped[l.Pair] {
			a, here := r.shown(l.Refs[sf], f.of(l.Refs[sf].Object))
			b, there := r.shown(l.Refs[hs], f.hubspot)
			switch {
			case !here || !there:
				if !excused(issues, l, "") {
					r.broken("I1", "an active link of %s and %s, of which one is not there", l.Refs[sf], l.Refs[hs])
				}
			case canonical(f, a) != canonical(f, b) && !r.further(f, l.Refs[hs], a) && !excused(issues, l, f.hubspot, f.of(l.Refs[sf].Object)):
				r.broken("I1", "%s is %q on %s and %q on %s, and no issue says so", f.hubspot, a, l.Refs[sf], b, l.Refs[hs])
			}
		}
	}
}

// further reports an address that is a further one of a contact, whose first one stays.
func (r *run) further(f field, contact core.Ref, address string) bool {
	all, _ := r.shown(contact, "hs_additional_emails")
	return f.hubspot == "email" && slices.Contains(strings.Split(strings.ToLower(all), ";"), strings.ToLower(address))
}

// canonical is what a value is compared by: composed letters are those taken apart.
func canonical(f field, v string) string {
	if f.hubspot == "email" {
		return strings.ToLower(v)
	}
	return composed.Replace(v)
}

// excused reports an open issue of a link's records that names a field, or the whole
// record.
func excused(issues []core.Issue, l *core.Link, fields ...string) bool {
	return slices.ContainsFunc(issues, func(i core.Issue) bool {
		return (i.Ref == l.Refs[sf] || i.Ref == l.Refs[hs]) && (i.Field == "" || slices.ContainsFunc(fields, func(f string) bool { return strings.EqualFold(f, i.Field) }))
	})
}

// onceEach: for each record at most one was made on the other side, and each that we
// made says by its key for which (I2).
func (r *run) onceEach() {
	made, keyed := map[string][]core.Ref{}, map[string]bool{}
	note := func(where string, side core.Side, object, id, field string, value any) {
		if _, synced := fieldNames[core.Object(object)]; !synced {
			return // our own fields
		}
		keyed[object+" "+id] = keyed[object+" "+id] || isKey(field)
		if isKey(field) && fmt.Sprint(value) != "" {
			key := fmt.Sprint(personal(object), " of ", where, " for ", value)
			made[key] = append(made[key], core.Ref{Side: side, Object: core.Object(object), ID: id})
		}
	}
	for _, e := range r.orgLedger() {
		if e.Op == "create" && strings.HasPrefix(e.Client, "tandem") {
			note(portalOf(e.Field), sf, e.Object, e.ID, e.Field, e.After)
		}
	}
	for n, rows := range r.all.portals {
		for _, e := range rows {
			if e.Op == "create" && e.Source == "INTEGRATION" {
				note(fmt.Sprint("portal ", n), hs, e.Object, e.ID, e.Property, e.After)
			}
		}
	}
	for _, what := range slices.Sorted(maps.Keys(made)) {
		if ids := slices.DeleteFunc(made[what], r.outOfReach); len(ids) > 1 {
			r.broken("I2", "%s: %d were made: %v", what, len(ids), ids)
		}
	}
	for _, who := range slices.Sorted(maps.Keys(keyed)) {
		if !keyed[who] {
			r.broken("I2", "%s was made by us and carries no key", who)
		}
	}
}

// outOfReach reports a record that a user merged away before anybody could find it by its
// key, or archived in HubSpot before any answer told of it, or deleted before a store was put
// back that does not know of it.
func (r *run) outOfReach(ref core.Ref) bool {
	t := r.find(ref)
	return t != nil && t.gone && (r.restored || t.into != core.Ref{} || r.unseen(ref))
}

// portalOf is what a key field of Salesforce says of the portal that it is for.
func portalOf(field string) string {
	_, portal, _ := strings.Cut(strings.ToLower(field), "key_")
	return portal
}

// isKey reports a field that says for which record another one was made.
func isKey(field string) bool {
	field = strings.ToLower(field)
	return strings.HasPrefix(field, "tandem_") && strings.Contains(field, "key_")
}

// personal is one name for what one HubSpot contact may become.
func personal(object string) string {
	if object == "Lead" {
		return "Contact"
	}
	return object
}

// nothingDeleted: we delete where that is set, and what a user deleted the partner of,
// and nothing else (I10).
func (r *run) nothingDeleted() {
	deleted := func(op, who string) {
		if r.h.Shape.Deleted == "nothing" {
			r.broken("I10", "we did %s %s, and no setting says so", op, who)
		}
	}
	for _, e := range r.orgLedger() {
		if strings.HasPrefix(e.Client, "tandem") && e.Op == "delete" {
			deleted("delete", e.Object+" "+e.ID)
		}
	}
	for _, e := range r.ledger() {
		if e.Source == "INTEGRATION" && (e.Op == "archive" || e.Op == "gdpr_delete" || e.Op == "merge") {
			deleted(e.Op, e.Object+" "+e.ID)
		}
	}
}

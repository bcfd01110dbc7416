package dst

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
	"tandem/sim/salesforcesim"
)

// honest: who says that all is in step while the sides differ lies (I22).
func (r *run) honest() {
	if !r.last.Converged {
		return
	}
	for _, b := range slices.Clone(r.result.Broken) {
		if what, differs := strings.CutPrefix(b, "I1: "); differs {
			r.broken("I22", "the last sync said converged, and %s", what)
			return
		}
	}
}

// bijective: a record is in one active link at most, and each joins records of its pair's
// objects (I3).
func (r *run) bijective(links []*core.Link) {
	seen := map[core.Ref]*core.Link{}
	for _, l := range links {
		for _, side := range core.Sides {
			ref := l.Refs[side]
			if other := seen[ref]; other != nil {
				r.broken("I3", "%s is linked with %s and with %s", ref, l.Refs[side.Other()], other.Refs[side.Other()])
			}
			seen[ref] = l
			if !slices.Contains(core.StandardPairs.Objects(l.Pair)[side], ref.Object) {
				r.broken("I3", "a link of %s holds %s", l.Pair, ref)
			}
		}
	}
}

// journalled: each record that we made or changed has an entry in the journal (I12). A
// restored store forgets what came after its backup.
func (r *run) journalled() {
	if r.restored {
		return
	}
	touched := r.touched()
	var told map[core.Ref]bool
	err := r.world.Store.View(context.Background(), func(tx *store.Tx) error {
		told = map[core.Ref]bool{}
		for _, c := range r.conns() {
			for _, ref := range touched {
				knows, err := tellsOf(tx, c.ID, r.kin(ref))
				if err != nil {
					return err
				}
				told[ref] = told[ref] || knows
			}
			if err := r.tellAlong(tx, c.ID, told); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		r.broken("I12", "the journal cannot be read: %v", err)
	}
	for _, ref := range touched {
		if t := r.find(ref); !told[ref] && (t == nil || !t.erased) && !r.unseen(ref) {
			r.broken("I12", "we wrote %s, and the journal does not know", ref)
		}
	}
}

// kin is a record with all that it goes on for, and what goes on for it: a record whose
// create had no answer may be merged away before anybody knows it.
func (r *run) kin(ref core.Ref) []core.Ref {
	out := r.lineage(ref)
	if t := r.find(ref); t != nil && t.into != (core.Ref{}) {
		out = append(out, t.into)
	}
	return out
}

// tellsOf reports that the journal of a connection has an entry of one of the records.
func tellsOf(tx *store.Tx, conn int64, refs []core.Ref) (bool, error) {
	links, err := tx.LinksOf(conn, refs)
	if err != nil {
		return false, err
	}
	for _, l := range links { // what was made for a record stands in that one's history
		refs = append(refs, l.Refs[0], l.Refs[1])
	}
	for _, ref := range refs { // and in that of who went into it
		former, err := tx.Former(conn, ref)
		if err != nil {
			return false, err
		}
		refs = append(refs, former...)
	}
	entries, err := tx.History(conn, refs, 0, 1)
	return len(entries) > 0, err
}

// tellAlong notes the records that an entry of another one says we wrote to, as whoever else
// has an address that is opted out.
func (r *run) tellAlong(tx *store.Tx, conn int64, told map[core.Ref]bool) error {
	var all []core.Ref
	for _, t := range r.things {
		all = append(all, t.Ref)
	}
	entries, err := tx.History(conn, all, 0, 100000)
	if err != nil {
		return err
	}
	for _, e := range entries {
		var body engine.Entry
		if err := json.Unmarshal(e.Body, &body); err != nil {
			return err
		}
		for _, w := range body.Writes {
			for _, side := range core.Sides {
				if w.Side == side.String() && w.ID != "" {
					told[core.Ref{Side: side, Object: w.Object, ID: w.ID}] = true
				}
			}
		}
	}
	return nil
}

// touched are the synced records that we wrote to, in the order of the first writes.
func (r *run) touched() (out []core.Ref) {
	add := func(ref core.Ref) {
		if _, synced := fieldNames[ref.Object]; synced && !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	for _, e := range r.orgLedger() {
		if r.isOurs(e) && !r.wentAlong(e) {
			add(core.Ref{Side: sf, Object: core.Object(e.Object), ID: e.ID})
		}
	}
	for _, e := range r.ledger() {
		if e.Source == "INTEGRATION" && (e.Op == "create" || e.Op == "update") {
			add(core.Ref{Side: hs, Object: core.Object(e.Object), ID: e.ID})
		}
	}
	return out
}

// wentAlong reports a deletion that Salesforce made of that of an account, whose contacts go
// with it.
func (r *run) wentAlong(e salesforcesim.Entry) bool {
	return e.Op == "delete" && e.Object != string(core.Account) && slices.ContainsFunc(r.orgLedger(), func(o salesforcesim.Entry) bool {
		return o.Op == "delete" && o.Object == string(core.Account) && o.Tx == e.Tx
	})
}

// beside are fields that we write besides the mapped ones: who stands for whom, whose
// company a person is of, consent, and what HubSpot's own integration keeps there; and
// those that the sides compute.
var beside = []string{"email", "accountid", "company", "hasoptedoutofemail", "ownerid", "hubspot_owner_id", "lifecyclestage", "isdeleted", "masterrecordid", "cleanstatus", "associatedcompanyid"}

// inScope: we write mapped fields, and what the sync itself needs, and nothing else (I16).
// What Salesforce fills in by itself stands in its ledger under who created the record.
func (r *run) inScope() {
	check := func(object, id, field string) {
		names, synced := fieldNames[core.Object(object)]
		field = strings.ToLower(field)
		if !synced || field == "" || strings.HasPrefix(field, "tandem_") || strings.HasPrefix(field, "hs_") || strings.HasPrefix(field, "salesforce") || slices.Contains(beside, field) {
			return
		}
		for _, mapped := range names {
			if strings.EqualFold(mapped, field) {
				return
			}
		}
		r.broken("I16", "we wrote %s of %s %s, which nothing maps", field, object, id)
	}
	for _, e := range r.orgLedger() {
		if strings.HasPrefix(e.Client, "tandem") && e.Op == "update" {
			check(e.Object, e.ID, e.Field)
		}
	}
	for _, e := range r.ledger() {
		if e.Source == "INTEGRATION" && (e.Op == "create" || e.Op == "update") {
			check(e.Object, e.ID, e.Property)
		}
	}
}

package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// A contact role joins an opportunity with a contact; HubSpot has an association with a
// label for it. Each contact of a deal is compared as a field of its own, under a key of
// the link's base: blank where the contact is none of the deal's, otherwise roleMark and
// the roles that both sides know, sorted.
const (
	roleKey  = "role/"
	roleMark = "="
)

// The fields of a contact role.
const (
	roleDeal    = "OpportunityId"
	roleContact = "ContactId"
	roleName    = "Role"
)

// roleFacts are the contacts of the deals of a batch.
type roleFacts struct {
	book roleBook
	rows map[string][]core.Record // contact roles by opportunity
	// links are those of the contacts on both sides.
	links map[core.Ref]*core.Link
}

// readRoles reads the contact roles of the batch's opportunities, and who their contacts
// and those of the deals are on the other side.
func (e *Engine) readRoles(ctx context.Context, b *batch) error {
	book, on := b.conn.roles()
	if !on {
		return nil
	}
	b.roles = &roleFacts{book: book, rows: map[string][]core.Record{}}
	var ids []string
	var refs []core.Ref
	for _, it := range b.items {
		if it.live(core.Salesforce) {
			ids = append(ids, it.recs[core.Salesforce].Ref.ID)
		}
		if it.live(core.HubSpot) {
			for _, rel := range it.recs[core.HubSpot].Related[core.Contacts] {
				refs = append(refs, core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: rel.ID})
			}
		}
	}
	if len(ids) > 0 {
		rows, err := b.conn.Sides[core.Salesforce].Read(ctx, roleQuery(roleDeal, ids))
		if err != nil {
			return err
		}
		for _, r := range rows {
			deal, _ := r.Get(roleDeal)
			b.roles.rows[core.ID18(deal)] = append(b.roles.rows[core.ID18(deal)], r)
			refs = append(refs, contactOf(&r))
		}
	}
	for _, it := range b.items {
		b.settleRole(it)
	}
	return e.View(ctx, func(tx *store.Tx) (err error) {
		b.roles.links, err = tx.LinksOf(b.conn.ID, refs)
		return err
	})
}

func roleQuery(by string, values []string) connector.Query {
	slices.Sort(values)
	return connector.Query{Object: core.ContactRole, By: by, Values: slices.Compact(values), Fields: []string{roleDeal, roleContact, roleName}}
}

func contactOf(row *core.Record) core.Ref {
	id, _ := row.Get(roleContact)
	return core.Ref{Side: core.Salesforce, Object: core.Contact, ID: core.ID18(id)}
}

// settleRole lets an item go on whose creates of contact roles had no answer, where all
// of them are there now.
func (b *batch) settleRole(it *item) {
	if len(it.heldRoles) == 0 || !it.live(core.Salesforce) {
		return
	}
	rows := b.roles.rows[it.recs[core.Salesforce].Ref.ID]
	missing := func(op core.Op) bool {
		return !slices.ContainsFunc(rows, func(r core.Record) bool {
			name, _ := r.Get(roleName)
			return contactOf(&r).ID == op.Fields[roleContact] && name == op.Fields[roleName]
		})
	}
	if !slices.ContainsFunc(it.heldRoles, missing) {
		it.unknown = time.Time{}
	}
}

// dealContact is one contact of a deal, on each side where it is one.
type dealContact struct {
	link   *core.Link
	rows   []core.Record // its contact roles
	there  bool          // associated in HubSpot
	labels []string
}

// contactsOf are the linked contacts of a deal by their Salesforce id. Whoever is linked
// with a lead, or with nobody, has no role on the other side.
func (b *batch) contactsOf(it *item) map[string]*dealContact {
	out := map[string]*dealContact{}
	of := func(r core.Ref) *dealContact {
		l := b.roles.links[r]
		if l == nil || l.State != core.LinkActive || l.Refs[core.Salesforce].Object != core.Contact {
			return nil
		}
		id := l.Refs[core.Salesforce].ID
		if out[id] == nil {
			out[id] = &dealContact{link: l}
		}
		return out[id]
	}
	for _, r := range b.roles.rows[it.recs[core.Salesforce].Ref.ID] {
		if dc := of(contactOf(&r)); dc != nil {
			dc.rows = append(dc.rows, r)
		}
	}
	for _, rel := range it.recs[core.HubSpot].Related[core.Contacts] {
		if dc := of(core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: rel.ID}); dc != nil {
			dc.there, dc.labels = true, rel.Labels
		}
	}
	return out
}

// now are the canonical values of a contact of a deal.
func (dc *dealContact) now(book roleBook) (now [2]string) {
	if len(dc.rows) > 0 {
		var texts []string
		for _, r := range dc.rows {
			name, _ := r.Get(roleName)
			texts = append(texts, name)
		}
		now[core.Salesforce] = book.canon(texts)
	}
	if dc.there {
		now[core.HubSpot] = book.canon(dc.labels)
	}
	return now
}

// relateRoles compares the contacts of a linked deal three ways and gives each side what
// the other one changed (DEAL-9).
func (b *batch) relateRoles(it *item, l *core.Link) {
	if b.roles == nil || !it.live(core.Salesforce) || !it.live(core.HubSpot) {
		return
	}
	if _, asked := it.recs[core.HubSpot].Related[core.Contacts]; !asked {
		return
	}
	all := b.contactsOf(it)
	for _, id := range room.SortedKeys(all) {
		in := core.FieldInput{Key: roleKey + id, Rule: core.TwoWay, Now: all[id].now(b.roles.book), Readable: [2]bool{true, true}, Writable: [2]bool{true, true}}
		in.Base, in.HasBase = l.Base[in.Key]
		r := core.Reconcile([]core.FieldInput{in})[0]
		rel := roleRelating{in: in, result: r}
		switch {
		case r.Write[core.Salesforce]:
			rel.ops = b.roleRows(it, id, all[id].rows, in.Now[core.HubSpot])
		case r.Write[core.HubSpot]:
			rel.ops = b.roleLinks(it, all[id], in.Now[core.Salesforce])
		}
		it.roles = append(it.roles, rel)
		it.extra = append(it.extra, rel.ops...)
	}
	for key := range l.Base { // on neither side any more
		if id, role := strings.CutPrefix(key, roleKey); role && all[id] == nil && b.gone(it, id) {
			it.dropRoles = append(it.dropRoles, key)
		}
	}
	if n := len(it.extra); n > 0 {
		it.decisions = append(it.decisions, core.Decision{Rule: "DEAL-9", Outcome: policy.Link, Facts: map[string]string{"because": "the contacts of the deal differ", "contacts": fmt.Sprint(len(all))}})
	}
}

// gone reports that a contact has no role and no association that could be hidden behind
// a link that is not active.
func (b *batch) gone(it *item, contact string) bool {
	return !slices.ContainsFunc(b.roles.rows[it.recs[core.Salesforce].Ref.ID], func(r core.Record) bool { return contactOf(&r).ID == contact })
}

// roleRelating is one contact of a deal under way.
type roleRelating struct {
	in     core.FieldInput
	result core.FieldResult
	ops    []core.Op
}

// roleRows are the writes that give an opportunity the roles of a contact that the deal
// has. A row is changed before another is made, so that who is primary stays.
func (b *batch) roleRows(it *item, contact string, rows []core.Record, want string) (ops []core.Op) {
	wants := named(want)
	if want != "" && len(wants) == 0 {
		wants = []string{""}
	}
	var spare []core.Record
	for _, r := range rows {
		name, _ := r.Get(roleName)
		if i := slices.Index(wants, b.roles.book.of(name)); i >= 0 {
			wants = slices.Delete(wants, i, i+1)
			continue
		}
		spare = append(spare, r)
	}
	for i, r := range spare {
		name, _ := r.Get(roleName)
		op := core.Op{Kind: core.OpArchive, Target: r.Ref, Before: map[string]string{roleName: name}}
		if i < len(wants) {
			op.Kind, op.Fields = core.OpUpdate, map[string]string{roleName: wants[i]}
		}
		ops = append(ops, op)
	}
	for _, name := range wants[min(len(spare), len(wants)):] {
		ops = append(ops, core.Op{Kind: core.OpCreate, Target: core.Ref{Side: core.Salesforce, Object: core.ContactRole},
			Fields: map[string]string{roleDeal: it.recs[core.Salesforce].Ref.ID, roleContact: contact, roleName: name}})
	}
	return b.finishRoles(it, contact, it.recs[core.HubSpot].Ref, ops)
}

// roleLinks are the writes that give a deal a contact with the roles that the opportunity
// has.
func (b *batch) roleLinks(it *item, dc *dealContact, want string) (ops []core.Op) {
	deal, contact := it.recs[core.HubSpot].Ref, dc.link.Refs[core.HubSpot]
	have, wants := b.roles.book.all(dc.labels), named(want)
	less := func(a, b []string) []string {
		return slices.DeleteFunc(slices.Clone(a), func(x string) bool { return slices.Contains(b, x) })
	}
	more, fewer := less(wants, have), less(have, wants)
	switch {
	case want == "":
		ops = append(ops, core.Op{Kind: core.OpDissociate, Target: deal, Associate: contact})
	default:
		if !dc.there || len(more) > 0 {
			ops = append(ops, core.Op{Kind: core.OpAssociate, Target: deal, Associate: contact, Labels: more})
		}
		if len(fewer) > 0 {
			ops = append(ops, core.Op{Kind: core.OpDissociate, Target: deal, Associate: contact, Labels: fewer})
		}
	}
	return b.finishRoles(it, dc.link.Refs[core.Salesforce].ID, it.recs[core.Salesforce].Ref, ops)
}

func (b *batch) finishRoles(it *item, contact string, source core.Ref, ops []core.Op) []core.Op {
	for i := range ops {
		op := &ops[i]
		op.Pair, op.Source, op.Rule = b.pair, source, "DEAL-9"
		op.Key = fmt.Sprintf("%s/%s/%d", b.opKey("role-"+string(op.Kind), it.recs[op.Target.Side].Ref), contact, i)
	}
	return ops
}

// advanceRoles moves the base of a deal's link once both sides have a contact in the same
// roles.
func (b *batch) advanceRoles(it *item) {
	l := it.activeLink()
	if l == nil {
		return
	}
	for _, rel := range it.roles {
		at := rel.in.Now[core.Salesforce]
		switch {
		case rel.result.Write[core.Salesforce]:
			at = rel.in.Now[core.HubSpot]
		case rel.result.Write[core.HubSpot]:
		case !rel.result.InSync:
			continue
		}
		done := !slices.ContainsFunc(rel.ops, func(op core.Op) bool { return it.outcomes[op.Key].Status != core.Applied })
		if done {
			l.Base = core.AdvanceField(l.Base, rel.in.Key, at, at)
		}
	}
	if len(it.dropRoles) > 0 {
		l.Base = core.Forget(l.Base, it.dropRoles...)
	}
}

// isRole reports an op that writes a contact role.
func isRole(op *core.Op) bool { return op.Target.Object == core.ContactRole }

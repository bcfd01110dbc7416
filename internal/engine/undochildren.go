package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/store"
)

// brood are the records of an object of Salesforce that are deleted with the record of
// another one that they name in a field.
type brood struct {
	object core.Object
	field  string
	with   core.Object
}

// broods are those of a connection: the contacts and opportunities of accounts (Salesforce's
// Object Reference, "Account": these go with it), and the records of the pairs that the
// settings declare, where their object says so of a reference.
func broods(c *Conn) []brood {
	out := []brood{{core.Contact, conn.RelationKey, core.Account}, {core.Opportunity, conn.RelationKey, core.Account}}
	for _, d := range c.Pairs {
		object := d.Objects[core.Salesforce][0]
		if !d.Custom {
			continue
		}
		for _, f := range c.Schemas[core.Salesforce][object].Fields {
			for _, with := range f.References {
				if f.Cascade {
					out = append(out, brood{object, f.Name, with})
				}
			}
		}
	}
	return out
}

// readChildren finds out which records of Salesforce that a run made have others that it did
// not make and that would be deleted with them.
func (e *Engine) readChildren(ctx context.Context, b *batch) error {
	made, ids := map[string]*undoing{}, map[core.Object][]string{}
	for _, it := range b.items {
		if it.undo == nil || !it.undo.args.DeleteCreated {
			continue
		}
		for _, c := range it.undo.changes {
			if c.created && c.ref.Side == core.Salesforce {
				made[c.ref.ID], ids[c.ref.Object] = it.undo, append(ids[c.ref.Object], c.ref.ID)
			}
		}
	}
	for _, of := range broods(b.conn) {
		if err := e.readBrood(ctx, b, of, ids[of.with], made); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) readBrood(ctx context.Context, b *batch, of brood, ids []string, made map[string]*undoing) error {
	if len(ids) == 0 {
		return nil
	}
	recs, err := b.conn.Sides[core.Salesforce].Read(ctx, connector.Query{Object: of.object, By: of.field, Values: ids, Fields: []string{of.field}})
	if class := connector.ClassOf(err); class == core.ClassSchema || class == core.ClassRejected {
		for _, id := range ids {
			made[id].children = fmt.Sprintf("it cannot be told whether the %s has records of %s", b.conn.Pairs.Word(of.with), b.conn.Pairs.Title(of.object))
		}
		return nil
	}
	if err != nil {
		return err
	}
	return e.strangers(ctx, b, recs, of.field, made)
}

// strangers notes the records, among those that name one that the run made, that it did not
// make.
func (e *Engine) strangers(ctx context.Context, b *batch, recs []core.Record, field string, made map[string]*undoing) error {
	return e.View(ctx, func(tx *store.Tx) error {
		for i := range recs {
			with, _ := recs[i].Get(field)
			u := made[core.ID18(with)]
			if u == nil || u.children != "" {
				continue
			}
			own, err := madeByRun(tx, b.conn.ID, recs[i].Ref, u.args.Run)
			if err != nil {
				return err
			}
			if !own {
				u.children = fmt.Sprintf("%s, which the run did not make, belongs to it and would be deleted with it", b.label(recs[i].Ref))
			}
		}
		return nil
	})
}

// madeByRun reports that a run made a record, by the journal of the record's partner.
func madeByRun(tx *store.Tx, connection int64, ref core.Ref, run int64) (bool, error) {
	return toldOf(tx, connection, ref, func(en store.Entry, w Write) bool { return en.Run == run && w.Kind == core.OpCreate })
}

// archivedByUs reports that Tandem archived a record, by whichever run.
func archivedByUs(tx *store.Tx, connection int64, ref core.Ref) (bool, error) {
	return toldOf(tx, connection, ref, func(_ store.Entry, w Write) bool { return w.Kind == core.OpArchive })
}

// toldOf reports that the journal of a record and of its partner tells of such a write of the
// record.
func toldOf(tx *store.Tx, connection int64, ref core.Ref, is func(store.Entry, Write) bool) (bool, error) {
	links, err := tx.LinksOf(connection, []core.Ref{ref})
	if err != nil {
		return false, err
	}
	refs := []core.Ref{ref}
	if l := links[ref]; l != nil {
		refs = append(refs, l.Partner(ref.Side))
	}
	past, err := tx.History(connection, refs, 0, toldPage)
	for _, en := range past {
		var body Entry
		if json.Unmarshal(en.Body, &body) != nil {
			continue
		}
		for _, w := range body.Writes {
			if w.Status == core.Applied && w.ref() == ref && is(en, w) {
				return true, err
			}
		}
	}
	return false, err
}

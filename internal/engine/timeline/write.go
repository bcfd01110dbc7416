package timeline

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/gate"
	"tandem/internal/engine/owners"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// writePage is how many happenings are looked at together, and at most sent with one call.
const writePage = 200

// item is one happening on its way to its task.
type item struct {
	row      store.Happening
	body     stored
	kind     *kind
	link     *core.Link
	decision core.Decision
	op       *core.Op
	note     string
	trigger  bool // its person is to be looked at: TRIG-2
}

// write makes the tasks that are due by now, or a little ahead of their time, until none is
// or those of a day are used up.
func (w *worker) write(ctx context.Context, ahead time.Duration) error {
	if may, err := w.mayMake(ctx); err != nil || !may {
		return err
	}
	if err := w.settle(ctx); err != nil {
		return err
	}
	for {
		items, err := w.due(ctx, w.Now().Add(ahead))
		if err != nil {
			return err
		}
		if len(items) == 0 {
			return w.settle(ctx) // what got no answer just now may have been made
		}
		if err := w.decide(ctx, items); err != nil {
			return err
		}
		if err := w.send(ctx, items); err != nil {
			return err
		}
	}
}

// due are the next happenings whose time has come by a moment, as many as may still be
// sent within a day.
func (w *worker) due(ctx context.Context, by time.Time) (out []*item, err error) {
	err = w.View(ctx, func(tx *store.Tx) error {
		out = nil
		spent, err := tx.HappeningsSpent(w.c.ID, w.Now().Add(-24*time.Hour))
		if err != nil {
			return err
		}
		left := min(w.settings().TasksADay-spent, writePage)
		for _, state := range []store.HappeningState{store.HappeningDue, store.HappeningRefused} {
			if left <= len(out) {
				return nil
			}
			rows, err := tx.HappeningsIn(w.c.ID, state, by, left-len(out))
			if err == nil {
				err = w.items(&out, rows)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (w *worker) items(out *[]*item, rows []store.Happening) error {
	for _, row := range rows {
		it := &item{row: row, kind: w.kindNamed(row.Kind)}
		if len(row.Body) > 0 {
			if err := json.Unmarshal(row.Body, &it.body); err != nil {
				return err
			}
		}
		*out = append(*out, it)
	}
	return nil
}

// decide finds out whose happenings they are and what becomes of each.
func (w *worker) decide(ctx context.Context, items []*item) error {
	if err := w.findPeople(ctx, items); err != nil {
		return err
	}
	facts, err := w.facts(ctx, items)
	if err != nil {
		return err
	}
	for i, it := range items {
		if it.kind != nil && facts[i].Linked {
			if err := w.tell(ctx, it); err != nil {
				return err
			}
			facts[i].Filter, facts[i].FilterNote = it.filter()
		}
		it.decision = policy.Happening(facts[i])
		it.trigger = facts[i].Known && it.decision.Outcome == policy.Wait && it.row.Tries == 0
	}
	return w.compose(ctx, items)
}

// findPeople asks HubSpot for the contacts behind addresses.
func (w *worker) findPeople(ctx context.Context, items []*item) error {
	var addresses []string
	for _, it := range items {
		if it.row.Person.IsZero() && it.body.Address != "" && !slices.Contains(addresses, it.body.Address) {
			addresses = append(addresses, it.body.Address)
		}
	}
	if len(addresses) == 0 {
		return nil
	}
	const further = "hs_additional_emails"
	recs, err := w.c.Sides[core.HubSpot].Read(ctx, connector.Query{Object: core.Contacts, By: conn.AddressField[core.HubSpot], Values: addresses, Fields: []string{conn.AddressField[core.HubSpot], further}})
	if err != nil {
		return err
	}
	people := map[string]core.Ref{}
	for i := range recs {
		for _, a := range append(conn.FurtherEmails(&recs[i]), conn.EmailOf(&recs[i])) {
			people[a] = recs[i].Ref
		}
	}
	for _, it := range items {
		if it.row.Person.IsZero() {
			it.row.Person = people[it.body.Address]
		}
	}
	return nil
}

// facts are what decides, as the store knows it.
func (w *worker) facts(ctx context.Context, items []*item) ([]policy.HappeningFacts, error) {
	out := make([]policy.HappeningFacts, len(items))
	var refs []core.Ref
	graves := make([]store.Grave, 0, 2*len(items))
	for _, it := range items {
		if !it.row.Person.IsZero() {
			refs = append(refs, it.row.Person)
			graves = append(graves, store.RecordGrave(it.row.Person))
		}
		if it.body.Address != "" {
			graves = append(graves, store.AddressGrave(it.body.Address))
		}
	}
	err := w.View(ctx, func(tx *store.Tx) error {
		links, err := tx.LinksOf(w.c.ID, refs)
		if err != nil {
			return err
		}
		erased, err := tx.Tombstones(w.c.ID, graves...)
		if err != nil {
			return err
		}
		members, err := w.members(tx, links)
		for i, it := range items {
			f := policy.HappeningFacts{Kind: it.row.Kind, On: it.kind != nil, Known: !it.row.Person.IsZero(), Waited: w.Now().Sub(it.row.At.Add(-w.c.Offsets[core.HubSpot])), Wait: w.settings().Wait.D(),
				Listed: policy.Member, Filter: policy.Member}
			_, gone := erased[store.RecordGrave(it.row.Person)]
			_, barred := erased[store.AddressGrave(it.body.Address)]
			f.Erased = f.Known && gone || it.body.Address != "" && barred
			if l := links[it.row.Person]; f.Known && l != nil && l.State == core.LinkActive {
				it.link, f.Linked, f.Partner = l, true, l.Refs[core.Salesforce]
				f.Listed = members(l.Refs[core.HubSpot])
			}
			out[i] = f
		}
		return err
	})
	return out, err
}

// members says who is in the inclusion list, as it was listed last.
func (w *worker) members(tx *store.Tx, links map[core.Ref]*core.Link) (func(core.Ref) policy.Membership, error) {
	if w.c.Lists.Of(core.Contacts) == nil {
		return func(core.Ref) policy.Membership { return policy.Member }, nil
	}
	var refs []core.Ref
	for _, l := range links {
		refs = append(refs, l.Refs[core.HubSpot])
	}
	slices.SortFunc(refs, core.Ref.Compare)
	in, err := tx.MembersOf(w.c.ID, refs)
	return func(r core.Ref) policy.Membership {
		if _, member := in[r]; member {
			return policy.Member
		}
		return policy.NotMember
	}, err
}

func (it *item) filter() (policy.Membership, string) {
	switch ok, err := it.kind.matches(it.body.Values); {
	case err != nil:
		return policy.UnknownMembership, err.Error()
	case ok:
		return policy.Member, ""
	}
	return policy.NotMember, it.kind.set.Filter
}

// compose makes the tasks of those for whom one is made.
func (w *worker) compose(ctx context.Context, items []*item) error {
	assigned, err := w.assigned(ctx, items)
	if err != nil {
		return err
	}
	for _, it := range items {
		if it.decision.Outcome == policy.Create {
			it.op, it.note = w.task(it, assigned[it.link.Refs[core.HubSpot]])
		}
	}
	return nil
}

// assigned are the Salesforce users whom the owners of linked contacts stand for (AMB-17),
// where owners are matched; of those without one Salesforce takes the integration user.
func (w *worker) assigned(ctx context.Context, items []*item) (map[core.Ref]string, error) {
	out := map[core.Ref]string{}
	var ids []string
	for _, it := range items {
		if it.decision.Outcome == policy.Create && !slices.Contains(ids, it.link.Refs[core.HubSpot].ID) {
			ids = append(ids, it.link.Refs[core.HubSpot].ID)
		}
	}
	if w.c.Owners == nil || len(ids) == 0 {
		return out, nil
	}
	users := map[string]string{}
	for _, p := range w.c.Owners.Owners().Pairings() {
		if p.Salesforce != nil && p.HubSpot != nil && p.Salesforce.Active && !p.Salesforce.Queue {
			users[p.HubSpot.ID] = p.Salesforce.ID
		}
	}
	recs, err := w.c.Sides[core.HubSpot].Read(ctx, connector.Query{Object: core.Contacts, Values: ids, Fields: []string{owners.Property}})
	for i, id := range ids {
		if i < len(recs) {
			owner, _ := recs[i].Get(owners.Property)
			out[core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: id}] = users[owner]
		}
	}
	return out, err
}

// send stores what was decided, sends the tasks, and stores what came of them.
func (w *worker) send(ctx context.Context, items []*item) error {
	var out []*item
	var ops []core.Op
	rows := make([]store.Happening, len(items))
	var trigger []core.Ref
	for i, it := range items {
		w.advance(it)
		rows[i] = it.row
		if it.op != nil {
			out, ops = append(out, it), append(ops, *it.op)
		}
		if it.trigger {
			trigger = append(trigger, it.row.Person)
		}
	}
	defer w.Gate.Flight()()
	shut, _ := w.Gate.State()
	err := w.Update(ctx, func(tx *store.Tx) error {
		if err := gate.MayWork(tx, w.c); err != nil {
			return err
		}
		if err := tx.Mark(w.c.ID, room.DirtyOf(w.c.Pairs, trigger, core.ReasonEdit, 0, w.Now())); err != nil {
			return err
		}
		return tx.HappeningsPut(w.c.ID, rows)
	})
	if err != nil || len(ops) == 0 {
		return err
	}
	outs, err := w.c.Sides[core.Salesforce].Write(connector.WithStop(ctx, shut), ops)
	if ctx.Err() != nil {
		return ctx.Err() // the rows say that the tasks are sent: the next round looks for them
	}
	return w.told(ctx, out, outs, err)
}

// advance moves a row on by what was decided.
func (w *worker) advance(it *item) {
	row := &it.row
	row.Reason = it.decision.Rule + ": " + it.decision.Facts["because"]
	switch it.decision.Outcome {
	case policy.Create:
		row.State, row.Due, row.Reason = store.HappeningSent, w.Now(), ""
	case policy.Wait:
		row.State, row.Due, row.Tries = store.HappeningDue, w.Now().Add(waits(row.Tries)), row.Tries+1
	default:
		row.State, row.Due, row.Body = store.HappeningLeft, w.Now(), nil
	}
}

// waits is how long something rests whose person is not linked: a contact that was just
// made is linked within a minute.
func waits(tries int) time.Duration { return min(30*time.Second<<min(2*tries, 12), 4*time.Hour) }

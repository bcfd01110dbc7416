package dst

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// moreOps are acts of users who meet odd cases, of administrators, and of the one who
// runs the engine.
func moreOps() []op {
	return []op{
		{"new person without a last name", 1, nil, newNameless},
		{"recreate", 2, nil, recreate},
		{"swap addresses", 2, nil, swapAddresses},
		{"address in another case", 1, nil, recase},
		{"flurry", 3, []string{"name", "city", "phone"}, flurry},
		{"there and back", 2, []string{"city", "phone"}, thereAndBack},
		{"erase", 1, nil, erase},
		{"mass delete", 1, nil, massDelete},
		{"off for days", 1, nil, offForDays},
		{"back up", 2, nil, backUp},
		{"restore backup", 1, nil, restoreBackup},
		{"attend", 2, nil, func(r *run, _ Step) string { return r.attend() }},
		{"import", 1, nil, importAll},
		{"plan", 1, nil, plan},
		{"retry issues", 1, nil, retryIssues},
		{"same in another form", 1, []string{"name", "city"}, again},
	}
}

// newNameless makes a person with one name, who lacks what Salesforce requires.
func newNameless(r *run, s Step) string {
	return r.create(s.Thing, core.Contacts, map[string]string{"firstname": "P" + s.Value, "company": "Co", "email": address(s.Other)})
}

// recreate deletes a person and enters the same address anew.
func recreate(r *run, s Step) string {
	t := r.which(s.Thing, core.Contact, core.Lead, core.Contacts)
	if t == nil {
		return ""
	}
	mail := r.address(t.Ref)
	if mail == "" || r.remove(t) != nil {
		return ""
	}
	last, email := fieldNames[t.Object]["name"], map[bool]string{true: "email", false: "Email"}[t.Side == hs]
	fields := map[string]string{last: "R" + s.Value, email: mail}
	if t.Object == core.Lead {
		fields["Company"] = "Co"
	}
	return t.String() + " as " + r.create(r.homes[t.ID], t.Object, fields)
}

// remove deletes a record as a user does.
func (r *run) remove(t *thing) (err error) {
	if t.Side == hs {
		r.missed = true // where HubSpot is polled, only a sweep shows what was archived
		err = r.portal(t.ID).As(user).Archive(string(t.Object), t.ID)
	} else {
		err = r.world.Org.As(user).Delete(string(t.Object), t.ID)
	}
	t.gone, t.odd = t.gone || err == nil, true
	return err
}

// swapAddresses gives two people of Salesforce each other's address.
func swapAddresses(r *run, s Step) string {
	a := r.which(s.Thing, core.Contact)
	if a == nil {
		return ""
	}
	b := r.among(s.Other, func(o *thing) bool { return o != a && !o.gone && o.Object == core.Contact })
	if b == nil {
		return ""
	}
	one, two := r.address(a.Ref), r.address(b.Ref)
	if one == two || r.change(a, "Email", two) != nil || r.change(b, "Email", one) != nil {
		return ""
	}
	return fmt.Sprintf("%s and %s", a, b)
}

func recase(r *run, s Step) string {
	t := r.which(s.Thing, core.Contact, core.Lead)
	if t == nil || r.change(t, "Email", strings.ToUpper(r.address(t.Ref))) != nil {
		return ""
	}
	return t.String()
}

// flurry is five edits of one field within three seconds.
func flurry(r *run, s Step) string {
	what := ""
	for n := range 5 {
		last := s
		last.Value = fmt.Sprintf("%s.%d", s.Value, n)
		what = edit(r, last)
		r.travel(600 * time.Millisecond)
	}
	return what
}

// thereAndBack changes a field and changes it back.
func thereAndBack(r *run, s Step) string {
	t := r.which(s.Thing, core.Account, core.Contact, core.Lead, core.Companies, core.Contacts)
	if t == nil {
		return ""
	}
	field := fieldNames[t.Object][s.Field]
	was, _ := r.shown(t.Ref, field)
	for _, v := range []string{s.Value, was} {
		if r.change(t, field, v) != nil {
			return ""
		}
		r.wrote(t, field, v)
		r.travel(2 * time.Second)
	}
	return fmt.Sprintf("%s %s=%q", t, field, was)
}

// erase is a deletion for privacy: for good.
func erase(r *run, s Step) string {
	t := r.which(s.Thing, core.Contacts)
	if t == nil || r.portal(t.ID).As(user).GDPRDelete(t.ID) != nil {
		return ""
	}
	t.gone, t.erased = true, true
	return t.String()
}

// massDelete leaves one record of an object of one side, or none.
func massDelete(r *run, s Step) string {
	first := r.which(s.Thing, core.Account, core.Contact, core.Companies, core.Contacts)
	if first == nil {
		return ""
	}
	n := 0
	for _, t := range r.things {
		if (t != first || s.Other%3 == 0) && !t.gone && t.Object == first.Object && r.remove(t) == nil {
			n++
		}
	}
	return fmt.Sprintf("%d %s", n, first.Object)
}

// offForDays stops the engine for longer than its cursors may be, one time in four.
func offForDays(r *run, s Step) string {
	off := 30 * time.Hour
	if s.Other%4 == 0 {
		off = 100 * time.Hour
	}
	r.rest()
	r.pass(off)
	r.revive()
	return off.String()
}

// backUp copies the store of an engine that was stopped.
func backUp(r *run, _ Step) string {
	if r.isDead() {
		return ""
	}
	r.rest()
	r.closed()
	body, err := os.ReadFile(r.world.Path())
	if err == nil {
		r.backup = body
	}
	r.revive()
	return "the store"
}

// restoreBackup puts back the last copy of the store.
func restoreBackup(r *run, _ Step) string {
	if r.backup == nil || r.isDead() {
		return ""
	}
	r.rest()
	r.remember()
	r.closed()
	if err := os.WriteFile(r.world.Path(), r.backup, 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.restored = true
	r.revive()
	return "the store"
}

// forgetting is the act of a metamorphic relation, which is drawn in no history: what a
// store knew that no record shows is gone with it.
const forgetting = "forget the store"

// forget throws the store away; the engine begins with a new one.
func forget(r *run, _ Step) string {
	if r.isDead() {
		return ""
	}
	r.rest()
	r.remember()
	r.closed()
	for _, end := range []string{"", "-wal", "-shm", ".beat"} {
		if err := os.Remove(r.world.Path() + end); err != nil && !os.IsNotExist(err) {
			r.t.Fatal(err)
		}
	}
	r.restored = true
	r.revive()
	return "the store"
}

// closed ends the store of an engine that rests.
func (r *run) closed() {
	_ = r.during(r.world.Store.Close)
	r.world.Store = nil
}

// remember keeps what the conflict log says and what writes under way may have overwritten,
// which a restored store does not know.
func (r *run) remember() {
	err := r.during(func() error { return cmp.Or(r.keepLog(), r.keepUnderWay()) })
	if err != nil {
		r.broken("I12", "the store cannot be read: %v", err)
	}
}

// attend is the person who looks at what stopped the connection and lets it go on.
func (r *run) attend() string {
	if r.asked(func(e *engine.Engine, ctx context.Context, c *engine.Conn) error {
		s, err := e.Status(ctx, c)
		if err != nil || len(s.Brakes) == 0 && s.Suspended == "" && !s.Paused {
			return err
		}
		var kinds []string
		for _, b := range s.Brakes {
			kinds = append(kinds, b.Kind)
			r.situations["brake "+b.Kind]++
		}
		return e.Resume(ctx, c, kinds...)
	}) != nil {
		return ""
	}
	return "what is stopped"
}

func importAll(r *run, s Step) string {
	pair := core.CompanyPair
	if s.Thing%2 == 1 {
		pair = core.ContactPair
	}
	if r.asked(func(e *engine.Engine, ctx context.Context, c *engine.Conn) error {
		_, err := e.StartImport(ctx, c, "import", engine.ImportArgs{Pair: pair, Sides: []core.Side{sf, hs}})
		return err
	}) != nil {
		return ""
	}
	return string(pair)
}

// plan has a dry run, which writes nothing (I13).
func plan(r *run, s Step) string {
	if r.isDead() {
		return ""
	}
	r.rest()
	defer r.serve()
	before := r.here()
	r.planning = true
	defer func() { r.planning = false }()
	err := r.asked(func(e *engine.Engine, ctx context.Context, c *engine.Conn) error {
		_, _, err := e.Plan(ctx, c, engine.PlanMeta{Connection: c.Settings.Name, Pair: core.CompanyPair, Due: s.Thing%2 == 0, Sides: []core.Side{sf, hs}}, nil)
		return err
	})
	for _, w := range r.writtenSince(before) {
		r.broken("I13", "a plan wrote: %s", w)
	}
	if err != nil {
		return ""
	}
	return "companies"
}

func retryIssues(r *run, _ Step) string {
	if r.asked(func(e *engine.Engine, ctx context.Context, c *engine.Conn) error {
		_, err := e.Retry(ctx, c, store.IssueFilter{Limit: 1000})
		return err
	}) != nil {
		return ""
	}
	return "all"
}

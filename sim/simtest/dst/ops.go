package dst

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// op is a kind of act: what users, administrators and the one who runs the engine do.
type op struct {
	name   string
	weight int
	fields []string // drawn one of
	// do acts and says on what; blank where there was nothing to act on or a CRM
	// refused the act, as it may refuse any user.
	do func(r *run, s Step) string
}

// ops are all kinds of acts.
var ops []op

func init() { // what acts on a run is declared by functions that look acts up
	ops = append([]op{
		{"new account", 3, nil, newAccount},
		{"new company", 3, nil, newCompany},
		{"new contact", 3, nil, newContact},
		{"new lead", 3, nil, newLead},
		{"new person", 3, nil, newPerson},
		{"edit", 40, []string{"name", "city", "phone"}, edit},
		{"clear", 4, []string{"city", "phone"}, func(r *run, s Step) string { s.Value = ""; return edit(r, s) }},
		{"unmapped edit", 3, nil, unmappedEdit},
		{"change address", 3, nil, changeAddress},
		{"delete", 3, nil, deleteThing},
		{"undelete", 2, nil, undelete},
		{"merge", 3, nil, merge},
		{"convert", 3, nil, convert},
		{"associate", 3, nil, associate},
		{"dissociate", 1, nil, dissociate},
		{"move company", 3, nil, moveCompany},
		{"opt out", 3, nil, optOut},
		{"tick opt-out", 3, nil, func(r *run, s Step) string { return tick(r, s, true) }},
		{"untick opt-out", 2, nil, func(r *run, s Step) string { return tick(r, s, false) }},
		{"opt in by the person", 2, nil, optIn},
		{"bulk edit", 1, []string{"city", "phone"}, bulkEdit},
		{"hide record", 1, nil, hide},
		{"show records", 1, nil, func(r *run, _ Step) string { return r.showAll() }},
		{"hide field", 1, []string{"city", "phone"}, hideField},
		{"show fields", 1, nil, func(r *run, _ Step) string { return r.showFields() }},
		{"validation rule", 1, nil, validationRule},
		{"no validation rule", 1, nil, func(r *run, _ Step) string { r.world.Org.ClearRules(); return "all" }},
		{"restart", 1, nil, func(r *run, _ Step) string { r.restart(); return "the engine" }},
		{"sweep", 1, nil, sweep},
		{"pause and resume", 1, nil, pauseAndResume},
	}, moreOps()...)
}

func opNamed(name string) op {
	for _, o := range ops {
		if o.name == name {
			return o
		}
	}
	if name == forgetting {
		return op{name: name, do: forget}
	}
	return op{name: name, do: func(*run, Step) string { return "" }}
}

const addresses = 9 // few enough that people meet

func address(n int) string { return fmt.Sprintf("p%d@x%d.com", n%addresses, n%3) }

// create makes a record as a user does; one of HubSpot in the n-th of the portals.
func (r *run) create(n int, object core.Object, fields map[string]string) string {
	var id string
	var err error
	side := sf
	if object == core.Contacts || object == core.Companies {
		side = hs
		n %= len(r.worlds)
		id, err = r.worlds[n].Portal.As(user).Create(string(object), fields)
		r.homes[id] = n
	} else {
		row := map[string]any{}
		for k, v := range fields {
			row[k] = v
		}
		id, err = r.world.Org.As(user).Create(string(object), row)
	}
	if err != nil {
		return ""
	}
	t := r.know(side, object, id)
	for k, v := range fields {
		r.wrote(t, k, v)
	}
	return t.String()
}

func newAccount(r *run, s Step) string {
	return r.create(s.Thing, core.Account, map[string]string{"Name": "A" + s.Value, "BillingCity": s.Value})
}

func newCompany(r *run, s Step) string {
	id := r.create(s.Thing, core.Companies, map[string]string{"name": "H" + s.Value, "city": s.Value})
	if p := r.which(s.Thing, core.Contacts); p != nil && id != "" {
		_ = r.portal(p.ID).As(user).Associate("contacts", p.ID, "companies", r.things[len(r.things)-1].ID)
	}
	return id
}

func newContact(r *run, s Step) string {
	fields := map[string]string{"LastName": "C" + s.Value, "Email": address(s.Other)}
	if a := r.which(s.Thing, core.Account); a != nil {
		fields["AccountId"] = a.ID
	}
	return r.create(s.Thing, core.Contact, fields)
}

func newLead(r *run, s Step) string {
	return r.create(s.Thing, core.Lead, map[string]string{"LastName": "L" + s.Value, "Company": "Co", "Email": address(s.Other)})
}

func newPerson(r *run, s Step) string {
	return r.create(s.Thing, core.Contacts, map[string]string{"lastname": "P" + s.Value, "company": "Co", "email": address(s.Other)})
}

// edit writes a value that no other edit writes.
func edit(r *run, s Step) string {
	return editOf(r, s, core.Account, core.Contact, core.Lead, core.Companies, core.Contacts)
}

// editOrg is an edit in the org, which commits late where that was asked for: nobody else's
// transaction does, since none begins before its request arrives.
func editOrg(r *run, s Step) string {
	what := editOf(r, s, core.Account, core.Contact, core.Lead)
	if what == "" {
		r.world.Org.ClearFaults()
	}
	return what
}

func editOf(r *run, s Step, objects ...core.Object) string {
	t := r.which(s.Thing, objects...)
	if t == nil {
		return ""
	}
	field := fieldNames[t.Object][s.Field]
	if r.change(t, field, s.Value) != nil {
		return ""
	}
	r.wrote(t, field, s.Value)
	return fmt.Sprintf("%s %s=%q", t, field, s.Value)
}

func unmappedEdit(r *run, s Step) string {
	t := r.which(s.Thing, core.Account, core.Contact, core.Companies)
	if t == nil {
		return ""
	}
	field := map[core.Object]string{core.Account: "Fax", core.Contact: "Department", core.Companies: "address2"}[t.Object]
	if r.change(t, field, "f"+strconv.Itoa(s.Other)) != nil {
		return ""
	}
	return t.String() + " " + field
}

func changeAddress(r *run, s Step) string {
	t := r.which(s.Thing, core.Contact, core.Lead, core.Contacts)
	if t == nil {
		return ""
	}
	field := map[bool]string{true: "email", false: "Email"}[t.Side == hs]
	if r.change(t, field, address(s.Other)) != nil {
		return ""
	}
	return t.String() + " is " + address(s.Other)
}

func deleteThing(r *run, s Step) string {
	t := r.which(s.Thing, core.Account, core.Contact, core.Lead, core.Companies, core.Contacts)
	if t == nil {
		return ""
	}
	if r.remove(t) != nil {
		return ""
	}
	return t.String()
}

func undelete(r *run, s Step) string {
	t := r.among(s.Thing, func(t *thing) bool { return t.gone && !t.erased && t.into == core.Ref{} })
	if t == nil {
		return ""
	}
	var err error
	if t.Side == hs {
		err = r.portal(t.ID).As(user).Restore(string(t.Object), t.ID)
	} else {
		err = r.world.Org.As(user).Undelete(string(t.Object), t.ID)
	}
	if err != nil {
		return ""
	}
	t.gone = false
	return t.String()
}

// merge joins two records of an object; HubSpot's survivor has an id of its own.
func merge(r *run, s Step) string {
	t := r.which(s.Thing, core.Account, core.Contact, core.Lead, core.Companies, core.Contacts)
	if t == nil {
		return ""
	}
	o := r.among(s.Other, func(o *thing) bool {
		return o != t && !o.gone && o.Side == t.Side && o.Object == t.Object && r.homes[o.ID] == r.homes[t.ID]
	})
	if o == nil {
		return ""
	}
	what := fmt.Sprintf("%s into %s", o, t)
	if t.Side == sf {
		if r.world.Org.As(user).Merge(string(t.Object), t.ID, o.ID) != nil {
			return ""
		}
		r.becomes(o, t.Ref)
		return what
	}
	id, err := r.portal(t.ID).As(user).Merge(string(t.Object), t.ID, o.ID)
	if err != nil {
		return ""
	}
	r.homes[id] = r.homes[t.ID]
	into := core.Ref{Side: hs, Object: t.Object, ID: id}
	r.becomes(o, into)
	if id != t.ID {
		r.becomes(t, into)
	}
	return what + " as " + id
}

func convert(r *run, s Step) string {
	t := r.which(s.Thing, core.Lead)
	if t == nil {
		return ""
	}
	res, err := r.world.Org.As(user).ConvertLead(t.ID, salesforcesim.Convert{Status: "Closed - Converted", NoOpportunity: true})
	if err != nil {
		return ""
	}
	r.know(sf, core.Account, res.AccountID).odd = true
	r.becomes(t, core.Ref{Side: sf, Object: core.Contact, ID: res.ContactID})
	return t.String() + " to " + res.ContactID
}

func associate(r *run, s Step) string {
	return r.tie(s, func(d hubspotsim.Door, p, c string) error { return d.Associate("contacts", p, "companies", c) })
}

func dissociate(r *run, s Step) string {
	return r.tie(s, func(d hubspotsim.Door, p, c string) error { return d.Dissociate("contacts", p, "companies", c) })
}

func (r *run) tie(s Step, act func(d hubspotsim.Door, person, company string) error) string {
	p, c := r.which(s.Thing, core.Contacts), r.which(s.Other, core.Companies)
	if p == nil || c == nil || act(r.portal(p.ID).As(user), p.ID, c.ID) != nil {
		return ""
	}
	return fmt.Sprintf("%s and %s", p, c)
}

func moveCompany(r *run, s Step) string {
	p, a := r.which(s.Thing, core.Contact), r.which(s.Other, core.Account)
	if p == nil || a == nil || r.change(p, "AccountId", a.ID) != nil {
		return ""
	}
	return fmt.Sprintf("%s to %s", p, a)
}

func optOut(r *run, s Step) string {
	t := r.which(s.Thing, core.Contacts)
	if t == nil || r.address(t.Ref) == "" || r.portal(t.ID).As(user).OptOut(r.address(t.Ref)) != nil {
		return ""
	}
	r.consent = append(r.consent, said{r.now(), r.address(t.Ref), true, ""})
	return r.address(t.Ref)
}

// tick sets the opt-out box of a lead or contact. To tick one that is ticked says nothing
// that Salesforce could tell.
func tick(r *run, s Step, on bool) string {
	t := r.which(s.Thing, core.Contact, core.Lead)
	if t == nil {
		return ""
	}
	was, _ := r.shown(t.Ref, "HasOptedOutOfEmail")
	if r.world.Org.As(user).Update(string(t.Object), t.ID, map[string]any{"HasOptedOutOfEmail": on}) != nil {
		return ""
	}
	if on && was != "true" {
		r.consent = append(r.consent, said{r.now(), r.address(t.Ref), true, t.ID})
	}
	return t.String()
}

// marketing is the kind of e-mail to which people come back.
const marketing = 39644612

func optIn(r *run, s Step) string {
	t := r.which(s.Thing, core.Contacts)
	if t == nil || r.address(t.Ref) == "" || r.portal(t.ID).As(user).Resubscribe(r.address(t.Ref), marketing, "", "came back") != nil {
		return ""
	}
	r.consent = append(r.consent, said{r.now(), r.address(t.Ref), false, ""})
	return r.address(t.Ref)
}

func bulkEdit(r *run, s Step) string {
	n := 0
	for i, t := range r.things {
		if t.gone || t.Side != core.Side(s.Thing%2) {
			continue
		}
		value := fmt.Sprintf("%s-%d", s.Value, i)
		if field := fieldNames[t.Object][s.Field]; r.change(t, field, value) == nil {
			r.wrote(t, field, value)
			n++
		}
	}
	return fmt.Sprintf("%d records", n)
}

// hide takes a record out of the integration's sight: that is no deletion.
func hide(r *run, s Step) string {
	t := r.which(s.Thing, core.Account, core.Contact, core.Lead)
	if t == nil {
		return ""
	}
	if r.world.Org.SetHidden(salesforcesim.Hidden{Hide: []string{t.ID}}) != nil {
		return ""
	}
	r.hidden, r.hid, t.odd = append(r.hidden, t.ID), true, true
	return t.String()
}

// showAll brings back into sight what was hidden.
func (r *run) showAll() string {
	for _, id := range r.hidden {
		_ = r.world.Org.SetHidden(salesforcesim.Hidden{Show: []string{id}}) // what was purged is not there to be shown
	}
	r.hidden = nil
	return "all"
}

// hideField takes a field out of the integration's sight, on all records of an object.
func hideField(r *run, s Step) string {
	object := []core.Object{core.Account, core.Contact, core.Lead}[s.Thing%3]
	right := salesforcesim.Right{Object: string(object), Field: fieldNames[object][s.Field]}
	if r.world.Org.SetRight(right) != nil {
		return ""
	}
	r.veiled = append(r.veiled, right)
	r.anew()
	return right.Object + "." + right.Field
}

// showFields gives the integration back all rights on fields.
func (r *run) showFields() string {
	if len(r.veiled) == 0 {
		return ""
	}
	for _, right := range r.veiled {
		right.Edit = true
		if err := r.world.Org.SetRight(right); err != nil {
			r.t.Fatal(err)
		}
	}
	r.veiled, r.unveiled = nil, r.now()
	r.anew()
	return "all"
}

// anew opens an engine that is called for each sync as the next call does; one that
// serves finds out by itself what has changed.
func (r *run) anew() {
	if r.h.Shape.Cycle > 0 && !r.isDead() {
		r.restart()
	}
}

func validationRule(r *run, _ Step) string {
	err := r.world.Org.AddValidationRule(salesforcesim.ValidationRule{Object: "Account", Name: "No_X", Formula: `BEGINS(BillingCity, "v1")`, Message: "Cities do not begin with v1", Field: "BillingCity"})
	if err != nil {
		return ""
	}
	return "cities that begin with v1"
}

func sweep(r *run, _ Step) string {
	if r.asked((*engine.Engine).QueueSweeps) != nil {
		return ""
	}
	return "both sides"
}

func pauseAndResume(r *run, _ Step) string {
	if r.asked((*engine.Engine).Pause) != nil {
		return ""
	}
	if r.asked(resume) != nil {
		return "paused"
	}
	return "the connection"
}

func resume(e *engine.Engine, ctx context.Context, c *engine.Conn) error { return e.Resume(ctx, c) }

var errClosed = errors.New("the engine is not open")

// asked has the one who runs the engine do something, while requests go on.
func (r *run) asked(f func(*engine.Engine, context.Context, *engine.Conn) error) error {
	if r.world.Engine == nil || r.isDead() {
		return errClosed
	}
	return r.during(func() error {
		for _, w := range r.worlds {
			if err := f(r.world.Engine, context.Background(), w.Conn); err != nil {
				return err
			}
		}
		return nil
	})
}

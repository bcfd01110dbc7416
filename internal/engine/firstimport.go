package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// FirstImport is what waits for a person's yes after an object was switched on:
// records that existed before stay away until they are imported or edited (ACC-4).
type FirstImport struct {
	Pair core.Pair `json:"pair"`
	// Plan shows what the import would write. It is 0 where more than
	// firstPlanLimit records exist: a plan of those is made when it is asked for.
	Plan     int64          `json:"plan,omitempty"`
	Existing map[string]int `json:"existing,omitempty"` // records without a partner by object; of the first ones where Plan is 0
	Planned  time.Time      `json:"planned,omitzero"`
	// Linked is how many records of the pair had a partner when that was counted.
	Linked int `json:"linked,omitempty"`
}

// firstPlanLimit bounds what is read without being asked for.
const firstPlanLimit = 10000

// recountEvery is how long an offer stands while edits bring in what it counted. An import of
// some of them has it counted again at once, and so alone where there were too many to count.
const recountEvery = 24 * time.Hour

// firstImportOf is the name under which the wish for a first import of a pair stands.
// It concerns both sides and stands under the first.
func firstImportOf(p core.Pair) string {
	switch p {
	case core.CompanyPair:
		return "first_import"
	case core.ContactPair:
		return "first_import_people"
	case core.DealPair:
		return "first_import_deals"
	}
	return "first_import/" + string(p)
}

var errTooMany = errors.New("more records than a plan may look at unasked")

// String is the offer as a person at a terminal reads it.
func (f *FirstImport) String() string {
	if f.Plan == 0 {
		return fmt.Sprintf("%s%s; `tandem plan %s` shows what an import would write, `tandem import %s` brings them in", f.Waits(), f.counted(), f.Pair, f.Pair)
	}
	return fmt.Sprintf("%s%s; plan %d says what an import would write, `tandem import %s` brings them in", f.Waits(), f.counted(), f.Plan, f.Pair)
}

// counted says when the records were counted that wait, blank where that is not known: edits
// may have brought in some of them since.
func (f *FirstImport) counted() string {
	if f.Planned.IsZero() {
		return ""
	}
	return ", as counted at " + f.Planned.Local().Format(time.DateTime)
}

// Waits says which records wait for an import, and why.
func (f *FirstImport) Waits() string {
	which := f.existing()
	if f.Plan == 0 {
		which = fmt.Sprintf("more than %d %s", firstPlanLimit, f.several())
	}
	return fmt.Sprintf("%s existed before the switch and stay away until they are edited or imported (%s)", which, f.rule())
}

// rule is the requirement by which older records stay away.
func (f *FirstImport) rule() string {
	return policy.OlderRule(f.Pair)
}

// several is the word for the records that the offer is about.
func (f *FirstImport) several() string {
	switch f.Pair {
	case core.ContactPair:
		return "people"
	case core.DealPair:
		return "deals and opportunities"
	case core.TicketPair:
		return "tickets and cases"
	case core.ProductPair:
		return "products"
	case core.LineItemPair:
		return "line items"
	}
	return "records"
}

func (f *FirstImport) existing() string {
	n := func(o core.Object) int { return f.Existing[string(o)] }
	switch f.Pair {
	case core.ContactPair:
		return fmt.Sprintf("%d leads, %d contacts of Salesforce and %d of HubSpot", n(core.Lead), n(core.Contact), n(core.Contacts))
	case core.DealPair:
		return fmt.Sprintf("%d opportunities and %d deals", n(core.Opportunity), n(core.Deals))
	case core.TicketPair:
		return fmt.Sprintf("%d cases and %d tickets", n(core.SupportCase), n(core.Tickets))
	case core.ProductPair:
		return fmt.Sprintf("%d products of Salesforce and %d of HubSpot", n(core.Product), n(core.Products))
	case core.LineItemPair:
		return fmt.Sprintf("%d products of opportunities and %d line items", n(core.LineItem), n(core.LineItems))
	case core.CompanyPair:
	default:
		var all []string
		for _, object := range room.SortedKeys(f.Existing) {
			all = append(all, fmt.Sprintf("%d of %s", f.Existing[object], object))
		}
		return strings.Join(all, " and ")
	}
	return fmt.Sprintf("%d accounts and %d companies", n(core.Account), n(core.Companies))
}

func (f *FirstImport) none() bool {
	for _, n := range f.Existing {
		if n > 0 {
			return false
		}
	}
	return true
}

// wantFirstImport notes that records which existed before the switch are to be
// planned for; the profile classic leaves them to a person. An import that was
// asked for before the sides were first reached is a yes already.
func (c *Conn) wantFirstImport(tx *store.Tx, p core.Pair) error {
	if c.Settings.Profile == config.Classic || !c.Syncs(p) {
		return nil
	}
	if asked, err := openImport(tx, c, p); err != nil || asked {
		return err
	}
	return tx.CursorSet(c.ID, core.Salesforce, firstImportOf(p), "{}")
}

// firstImport is the wish as it stands; wanted is false where a person has decided
// or none was ever meant.
func firstImport(tx *store.Tx, conn int64, p core.Pair) (f FirstImport, wanted bool, err error) {
	cur, wanted, err := tx.Cursor(conn, core.Salesforce, firstImportOf(p))
	if err == nil && wanted {
		err = json.Unmarshal([]byte(cur.Value), &f)
	}
	f.Pair = p
	return f, wanted, err
}

// Offered are the first imports of a connection's object pairs that wait for a yes.
func Offered(tx *store.Tx, conn int64, pairs core.PairSet) (out []FirstImport, err error) {
	for _, p := range pairs.Names() {
		f, wanted, err := firstImport(tx, conn, p)
		if err != nil {
			return nil, err
		}
		if wanted && !f.Planned.IsZero() {
			out = append(out, f)
		}
	}
	return out, nil
}

func decideFirstImport(tx *store.Tx, conn int64, p core.Pair) error {
	return tx.CursorClear(conn, core.Salesforce, firstImportOf(p))
}

// offerFirst makes the offers of a connection that is served, and logs them: nobody waits
// for what comes of it, as who syncs once does.
func (e *Engine) offerFirst(ctx context.Context, c *Conn) error {
	made, err := e.planFirst(ctx, c)
	for _, f := range made {
		e.Log.Warn(f.String(), "connection", c.Settings.Name)
	}
	return err
}

// planFirst makes the plans of the first imports that are wanted and not made yet, and
// gives those it made. It writes nothing to either side.
func (e *Engine) planFirst(ctx context.Context, c *Conn) (made []FirstImport, err error) {
	for _, p := range c.Pairs.Names() {
		f, offered, err := e.planFirstOf(ctx, c, p)
		if err != nil {
			return made, err
		}
		if offered {
			made = append(made, f)
		}
	}
	return made, nil
}

func (e *Engine) planFirstOf(ctx context.Context, c *Conn, p core.Pair) (f FirstImport, offered bool, err error) {
	if !c.Syncs(p) || c.Settings.Profile == config.Classic {
		return f, false, nil
	}
	var due bool
	var linked int
	err = e.View(ctx, func(tx *store.Tx) (err error) { due, linked, err = e.firstDue(tx, c, p); return err })
	if err != nil || !due {
		return f, false, err
	}
	id, counts, err := e.Plan(ctx, c, PlanMeta{Connection: c.Settings.Name, Pair: p, Limit: firstPlanLimit}, nil)
	if err != nil && !errors.Is(err, errTooMany) {
		return f, false, fmt.Errorf("plan the first import: %w", err)
	}
	f = FirstImport{Pair: p, Plan: id, Existing: counts.Existing, Planned: e.Now(), Linked: linked}
	err = e.Update(ctx, func(tx *store.Tx) (err error) { offered, err = storeFirst(tx, c, f); return err })
	return f, offered, err
}

// firstDue reports that a first import is wanted and what it would bring in is to be counted,
// for the first time or again since some of it has a partner by now, and how many have one.
func (e *Engine) firstDue(tx *store.Tx, c *Conn, p core.Pair) (due bool, linked int, err error) {
	f, wanted, err := firstImport(tx, c.ID, p)
	if err != nil || !wanted {
		return false, 0, err
	}
	if !f.Planned.IsZero() && (f.Plan == 0 || e.Now().Sub(f.Planned) < recountEvery) {
		r, found, err := tx.RunLast(c.ID, runImport)
		if err != nil || !found || !r.Ended.After(f.Planned) {
			return false, 0, err
		}
	}
	links, err := tx.LinkCounts(c.ID)
	linked = links[p][core.LinkActive]
	return f.Planned.IsZero() || linked != f.Linked, linked, err
}

// storeFirst keeps the offer, unless a person decided meanwhile or nothing is there
// to bring in. The plan of the offer whose place it takes goes: nobody asked for it.
func storeFirst(tx *store.Tx, c *Conn, f FirstImport) (kept bool, err error) {
	was, wanted, err := firstImport(tx, c.ID, f.Pair)
	if err != nil {
		return false, err
	}
	none := f.Plan != 0 && f.none()
	drop := []int64{was.Plan}
	if !wanted || none {
		drop = append(drop, f.Plan)
	}
	for _, plan := range drop {
		if plan == 0 {
			continue
		}
		if err := tx.PlanDrop(plan); err != nil {
			return false, err
		}
	}
	switch {
	case !wanted:
		return false, nil
	case none:
		return false, decideFirstImport(tx, c.ID, f.Pair)
	}
	return true, tx.CursorSet(c.ID, core.Salesforce, firstImportOf(f.Pair), string(room.MustJSON(f)))
}

// appliedFirst takes the applying of the offered plan for a yes.
func appliedFirst(tx *store.Tx, c *Conn, plan int64) error {
	all, err := Offered(tx, c.ID, c.Pairs)
	for _, f := range all {
		if err == nil && f.Plan == plan {
			err = decideFirstImport(tx, c.ID, f.Pair)
		}
	}
	return err
}

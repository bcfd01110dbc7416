package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/store"
)

// FirstImport is what waits for a person's yes after an object was switched on:
// records that existed before stay away until they are imported or edited (ACC-4).
type FirstImport struct {
	// Plan shows what the import would write. It is 0 where more than
	// firstPlanLimit records exist: a plan of those is made when it is asked for.
	Plan     int64          `json:"plan,omitempty"`
	Existing map[string]int `json:"existing,omitempty"` // records without a partner by object; of the first ones where Plan is 0
	Planned  time.Time      `json:"planned,omitzero"`
}

// firstPlanLimit bounds what is read without being asked for.
const firstPlanLimit = 10000

// firstImportCursor is the name under which the wish for a first import stands. It
// concerns both sides and stands under the first.
const firstImportCursor = "first_import"

var errTooMany = errors.New("more records than a plan may look at unasked")

// String is the offer as a person reads it.
func (f *FirstImport) String() string {
	if f.Plan == 0 {
		return fmt.Sprintf("more than %d records existed before the switch and stay away until they are edited or imported (ACC-4); `tandem plan company` shows what an import would write, `tandem import company` brings them in", firstPlanLimit)
	}
	return fmt.Sprintf("%d accounts and %d companies existed before the switch and stay away until they are edited or imported (ACC-4); plan %d says what an import would write, `tandem import company` brings them in",
		f.Existing[string(core.Account)], f.Existing[string(core.Companies)], f.Plan)
}

// wantFirstImport notes that records which existed before the switch are to be
// planned for; the profile classic leaves them to a person. An import that was
// asked for before the sides were first reached is a yes already.
func (c *Conn) wantFirstImport(tx *store.Tx, p core.Pair) error {
	if p != core.CompanyPair || c.Settings.Profile == config.Classic {
		return nil
	}
	if asked, err := openImport(tx, c); err != nil || asked {
		return err
	}
	return tx.CursorSet(c.ID, core.Salesforce, firstImportCursor, "{}")
}

// firstImport is the wish as it stands; wanted is false where a person has decided
// or none was ever meant.
func firstImport(tx *store.Tx, conn int64) (f FirstImport, wanted bool, err error) {
	cur, wanted, err := tx.Cursor(conn, core.Salesforce, firstImportCursor)
	if err != nil || !wanted {
		return f, false, err
	}
	return f, true, json.Unmarshal([]byte(cur.Value), &f)
}

// offered is the first import that waits for a yes; nil where none does.
func offered(tx *store.Tx, conn int64) (*FirstImport, error) {
	f, wanted, err := firstImport(tx, conn)
	if err != nil || !wanted || f.Planned.IsZero() {
		return nil, err
	}
	return &f, nil
}

func decideFirstImport(tx *store.Tx, conn int64) error {
	return tx.CursorClear(conn, core.Salesforce, firstImportCursor)
}

// planFirst makes the plan of the first import where one is wanted and not made
// yet. It writes nothing to either side.
func (e *Engine) planFirst(ctx context.Context, c *Conn) error {
	var f FirstImport
	var wanted bool
	err := e.view(ctx, func(tx *store.Tx) (err error) { f, wanted, err = firstImport(tx, c.ID); return err })
	if err != nil || !wanted || !f.Planned.IsZero() || !c.Settings.Companies.Sync || c.Settings.Profile == config.Classic {
		return err
	}
	id, counts, err := e.Plan(ctx, c, PlanMeta{Connection: c.Settings.Name, Pair: core.CompanyPair, Limit: firstPlanLimit}, nil)
	if err != nil && !errors.Is(err, errTooMany) {
		return fmt.Errorf("plan the first import: %w", err)
	}
	f = FirstImport{Plan: id, Existing: counts.Existing, Planned: e.now()}
	return e.update(ctx, func(tx *store.Tx) error { return e.storeFirst(tx, c, f) })
}

// storeFirst keeps the offer, unless a person decided meanwhile or nothing is there
// to bring in.
func (e *Engine) storeFirst(tx *store.Tx, c *Conn, f FirstImport) error {
	_, wanted, err := firstImport(tx, c.ID)
	if err != nil {
		return err
	}
	none := f.Plan != 0 && f.Existing[string(core.Account)]+f.Existing[string(core.Companies)] == 0
	if f.Plan != 0 && (!wanted || none) {
		if err := tx.PlanDrop(f.Plan); err != nil {
			return err
		}
	}
	switch {
	case !wanted:
		return nil
	case none:
		return decideFirstImport(tx, c.ID)
	}
	e.log.Warn(f.String(), "connection", c.Settings.Name)
	return tx.CursorSet(c.ID, core.Salesforce, firstImportCursor, string(mustJSON(f)))
}

// appliedFirst takes the applying of the offered plan for a yes.
func appliedFirst(tx *store.Tx, c *Conn, plan int64) error {
	f, err := offered(tx, c.ID)
	if err != nil || f == nil || f.Plan != plan {
		return err
	}
	return decideFirstImport(tx, c.ID)
}

package store

import (
	"database/sql"
	"fmt"
	"slices"
	"time"

	"tandem/internal/core"
)

// PlanState is how far a plan has come.
type PlanState string

// Plan states.
const (
	PlanBuilding  PlanState = "building"
	PlanReady     PlanState = "ready"
	PlanApplying  PlanState = "applying"
	PlanApplied   PlanState = "applied"
	PlanAbandoned PlanState = "abandoned"
)

// Plan is the head of a stored plan; its items are read page by page.
type Plan struct {
	ID      int64
	Conn    int64
	Meta    []byte // JSON: what it was made from
	State   PlanState
	Counts  []byte // JSON
	Created time.Time
}

// ItemState is what became of a plan's item.
type ItemState string

// Plan item states.
const (
	ItemPending ItemState = "pending"
	ItemApplied ItemState = "applied"
	ItemRefused ItemState = "refused" // the record changed since the plan was made
	ItemFailed  ItemState = "failed"
)

// PlanItem is what a plan means to do about one record.
type PlanItem struct {
	Seq       int64 // from 1, given by the caller: the order of applying
	Ref       core.Ref
	Reasons   core.Reasons
	Ops       []byte // JSON
	Decisions []byte // JSON
	State     ItemState
	Note      string
	// Writes are the kinds of writes that the item has, for PlanItemsOf. They are stored
	// beside the item, which is read without them.
	Writes []string
}

const planColumns = `id, conn, meta, state, counts, created`

// PlanCreate begins a plan in the state building.
func (t *Tx) PlanCreate(conn int64, meta []byte) (id int64, err error) {
	if err := t.own(conn); err != nil {
		return 0, err
	}
	id, err = t.insert(`INSERT INTO plans (created, conn, state, meta, counts) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
		ms(t.now), conn, string(PlanBuilding), blob(meta), []byte("{}"))
	if err != nil {
		return 0, fmt.Errorf("create plan: %w", err)
	}
	return id, nil
}

// insert runs an INSERT that returns the id it gave.
func (t *Tx) insert(query string, args ...any) (id int64, err error) {
	if !t.writes {
		return 0, ErrReadOnly
	}
	err = t.one(query, args, &id)
	return id, err
}

var planAppend = newBulk("plan int, seq int, kind int, id text, reasons int, state text, note text, ops blob, decisions blob",
	`INSERT INTO plan_items (plan, seq, kind, id, reasons, state, note, ops, decisions)
	SELECT r.plan, r.seq, r.kind, r.id, r.reasons, r.state, r.note, r.ops, r.decisions FROM {rows}`)

// PlanAppend adds items; a blank State is pending. Conflict when a Seq is taken.
func (t *Tx) PlanAppend(plan int64, items []PlanItem) error {
	rows := make([][]any, len(items))
	for i, item := range items {
		kind, err := t.kindID(item.Ref)
		if err != nil {
			return fmt.Errorf("plan %s: %w", item.Ref, err)
		}
		if item.State == "" {
			item.State = ItemPending
		}
		rows[i] = []any{plan, item.Seq, kind, item.Ref.ID, int64(item.Reasons), string(item.State), item.Note, blob(item.Ops), blob(item.Decisions)}
	}
	_, err := t.execRows(planAppend, rows)
	if err == nil {
		_, err = t.execRows(planWrites, writesRows(plan, items))
	}
	if err != nil {
		return fmt.Errorf("append %d items to plan %d: %w", len(items), plan, err)
	}
	return nil
}

var planWrites = newBulk("plan int, what text, seq int", `INSERT INTO plan_writes (plan, what, seq) SELECT r.plan, r.what, r.seq FROM {rows}`)

func writesRows(plan int64, items []PlanItem) (rows [][]any) {
	for _, item := range items {
		for _, what := range slices.Compact(slices.Sorted(slices.Values(item.Writes))) {
			rows = append(rows, []any{plan, what, item.Seq})
		}
	}
	return rows
}

// Plan gives the head of a plan; NotFound without it.
func (t *Tx) Plan(id int64) (Plan, error) {
	p, ok, err := only(t, scanPlan, `SELECT `+planColumns+` FROM plans WHERE id = $1`, id)
	if err != nil {
		return p, fmt.Errorf("read plan %d: %w", id, err)
	}
	if !ok {
		return p, errorf(NotFound, "the store has no plan %d", id)
	}
	return p, nil
}

// Plans lists up to limit of the connection's plans, the newest first.
func (t *Tx) Plans(conn int64, limit int) ([]Plan, error) {
	out, err := list(t, scanPlan, `SELECT `+planColumns+` FROM plans WHERE conn = $1 ORDER BY id DESC LIMIT CAST($2 AS BIGINT)`, conn, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list plans: %w", err)
	}
	return out, nil
}

func scanPlan(r *sql.Rows) (Plan, error) {
	var p Plan
	var created int64
	err := r.Scan(&p.ID, &p.Conn, into(&p.Meta), &p.State, into(&p.Counts), &created)
	p.Created = instant(created)
	return p, err
}

// PlanSave stores a plan's meta, state and counts; NotFound without the plan.
func (t *Tx) PlanSave(p Plan) error {
	n, err := t.exec(`UPDATE plans SET meta = $1, state = $2, counts = $3 WHERE id = $4`, blob(p.Meta), string(p.State), blob(p.Counts), p.ID)
	return t.saved(n, err, "plan", p.ID)
}

// PlanItems lists up to limit items by Seq, behind afterSeq.
func (t *Tx) PlanItems(plan, afterSeq int64, limit int) ([]PlanItem, error) {
	out, err := list(t, t.scanPlanItem, `SELECT seq, kind, id, reasons, ops, decisions, state, note FROM plan_items
		WHERE plan = $1 AND seq > $2 ORDER BY seq LIMIT CAST($3 AS BIGINT)`, plan, afterSeq, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("read items of plan %d: %w", plan, err)
	}
	return out, nil
}

// PlanItemsOf is PlanItems of those that have a kind of writes.
func (t *Tx) PlanItemsOf(plan int64, what string, afterSeq int64, limit int) ([]PlanItem, error) {
	out, err := list(t, t.scanPlanItem, `SELECT i.seq, i.kind, i.id, i.reasons, i.ops, i.decisions, i.state, i.note
		FROM plan_writes w JOIN plan_items i ON i.plan = w.plan AND i.seq = w.seq
		WHERE w.plan = $1 AND w.what = $2 AND w.seq > $3 ORDER BY w.seq LIMIT CAST($4 AS BIGINT)`, plan, what, afterSeq, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("read items of plan %d: %w", plan, err)
	}
	return out, nil
}

// PlanItem gives one item; NotFound without it.
func (t *Tx) PlanItem(plan, seq int64) (PlanItem, error) {
	item, ok, err := only(t, t.scanPlanItem, `SELECT seq, kind, id, reasons, ops, decisions, state, note FROM plan_items WHERE plan = $1 AND seq = $2`, plan, seq)
	if err != nil {
		return item, fmt.Errorf("read item %d of plan %d: %w", seq, plan, err)
	}
	if !ok {
		return item, errorf(NotFound, "plan %d has no item %d", plan, seq)
	}
	return item, nil
}

func (t *Tx) scanPlanItem(r *sql.Rows) (PlanItem, error) {
	var item PlanItem
	var kind int64
	err := r.Scan(&item.Seq, &kind, &item.Ref.ID, &item.Reasons, into(&item.Ops), into(&item.Decisions), &item.State, &item.Note)
	if err != nil {
		return item, err
	}
	item.Ref, err = t.ref(kind, item.Ref.ID)
	return item, err
}

// PlanItemDone notes what became of an item; NotFound without it.
func (t *Tx) PlanItemDone(plan, seq int64, state ItemState, note string) error {
	n, err := t.exec(`UPDATE plan_items SET state = $1, note = $2 WHERE plan = $3 AND seq = $4`, string(state), note, plan, seq)
	return t.saved(n, err, fmt.Sprintf("item of plan %d, number", plan), seq)
}

// PlanEmpty removes the items of a plan, to make it anew.
func (t *Tx) PlanEmpty(id int64) error {
	_, err := t.exec(`DELETE FROM plan_items WHERE plan = $1`, id)
	if err == nil {
		_, err = t.exec(`DELETE FROM plan_writes WHERE plan = $1`, id)
	}
	if err != nil {
		return fmt.Errorf("empty plan %d: %w", id, err)
	}
	return nil
}

// PlanDrop removes a plan with its items.
func (t *Tx) PlanDrop(id int64) error {
	err := t.PlanEmpty(id)
	if err == nil {
		_, err = t.exec(`DELETE FROM plans WHERE id = $1`, id)
	}
	if err != nil {
		return fmt.Errorf("drop plan %d: %w", id, err)
	}
	return nil
}

package timeline

import (
	"context"
	"errors"
	"fmt"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// told stores what came of tasks. Of a call that was not sent, as a whole or in part, the
// rows are due again.
func (w *worker) told(ctx context.Context, items []*item, outs []core.Outcome, cause error) error {
	rows := make([]store.Happening, 0, len(items))
	var sent []Sent
	worst := map[string]core.Outcome{}
	for i, it := range items {
		o := core.Outcome{Status: core.Rejected, Class: core.ClassTransient, Code: connector.CodeStopped}
		if cause == nil && i < len(outs) {
			o = outs[i]
		}
		w.settleRow(&it.row, o)
		rows = append(rows, it.row)
		if o.Code == connector.CodeStopped {
			continue
		}
		if it.row.State == store.HappeningRefused {
			worst[it.row.Kind] = o
		}
		o.Key = it.op.Key
		sent = append(sent, Sent{Person: it.link.Refs[core.HubSpot], LinkID: it.link.ID, Op: *it.op, Outcome: o, Decision: it.decision, Note: it.note})
	}
	err := w.Update(ctx, func(tx *store.Tx) error {
		if err := tx.HappeningsPut(w.c.ID, rows); err != nil {
			return err
		}
		if err := w.raise(tx, worst); err != nil {
			return err
		}
		return w.Tell(tx, sent)
	})
	if err != nil || cause == nil {
		return err
	}
	var ce *connector.Error
	if errors.As(cause, &ce) && ce.Code == connector.CodeStopped {
		return &room.Error{Code: room.CodePaused, Message: "connection " + w.c.Settings.Name + " was stopped in between", Mend: "it goes on by itself"}
	}
	return cause
}

// settleRow moves a row that was sent on by what came of its task.
func (w *worker) settleRow(row *store.Happening, o core.Outcome) {
	switch {
	case o.Status == core.Applied:
		w.made(row, o.ID)
	case o.Status == core.Unknown, o.Class == core.ClassDuplicate:
		// The next round reads it by its key.
	case o.Code == connector.CodeStopped:
		row.State, row.Due = store.HappeningDue, w.Now()
	case o.Class == core.ClassTransient, o.Class == core.ClassQuota, o.Class == core.ClassAuth:
		row.State, row.Due, row.Tries, row.Reason = store.HappeningDue, w.Now().Add(room.Backoff(row.Tries+1)), row.Tries+1, o.Code+": "+o.Message
		row.Due = room.Latest(row.Due, o.RetryAt)
	default:
		row.State, row.Due, row.Tries, row.Reason = store.HappeningRefused, w.Now().Add(w.c.RetryEvery()), row.Tries+1, o.Code+": "+o.Message
	}
}

func (w *worker) made(row *store.Happening, task string) {
	row.State, row.Due, row.Task, row.Reason, row.Body = store.HappeningMade, w.Now(), task, "", nil
}

// raise tells of tasks that Salesforce refuses, once for each kind.
func (w *worker) raise(tx *store.Tx, worst map[string]core.Outcome) error {
	counts, err := tx.HappeningCounts(w.c.ID)
	if err != nil {
		return err
	}
	refused := map[string]int{}
	for _, n := range counts {
		if n.State == store.HappeningRefused {
			refused[n.Kind] = n.Count
		}
	}
	for _, x := range w.kinds {
		o, fresh := worst[x.name]
		switch n := refused[x.name]; {
		case n == 0:
			err = tx.IssueClose(w.c.ID, feedRef(x.name), taskIssue)
		case fresh:
			category, code, mend := policy.Categorize(core.Salesforce, o.Class, o.Code, o.Message, o.Fields)
			err = tx.IssueOpen(w.c.ID, core.Issue{Pair: core.ContactPair, Ref: feedRef(x.name), Field: taskIssue, Category: category, Code: code, Mend: mend, Rule: "ACT-1",
				Message: fmt.Sprintf("Salesforce refuses tasks of %s (%d wait): %s: %s", x.name, n, o.Code, o.Message)})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// taskIssue is where the issue about refused tasks stands on a kind, beside the one about
// reading it.
const taskIssue = "task"

// settle looks for tasks that were sent and of which nothing was heard: the process ended,
// or no answer came. One that is nowhere is due again, once the call can surely no longer
// take effect. One that a person deleted meanwhile was made.
func (w *worker) settle(ctx context.Context) error {
	for {
		var rows []store.Happening
		err := w.View(ctx, func(tx *store.Tx) (err error) {
			rows, err = tx.HappeningsIn(w.c.ID, store.HappeningSent, w.Now(), writePage)
			return err
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		open, err := w.settlePage(ctx, rows)
		if err != nil || open > 0 {
			return err
		}
	}
}

// settlePage gives how many of the rows stay open.
func (w *worker) settlePage(ctx context.Context, rows []store.Happening) (open int, err error) {
	keys := make([]string, len(rows))
	for i, r := range rows {
		keys[i] = r.Key
	}
	field := w.c.KeyField(core.Salesforce, core.Task)
	recs, err := w.c.Sides[core.Salesforce].Read(ctx, connector.Query{Object: core.Task, By: field, Values: keys, Fields: []string{field}, Deleted: true})
	if err != nil {
		return 0, err
	}
	tasks := map[string]string{}
	for i := range recs {
		key, _ := recs[i].Get(field)
		tasks[key] = recs[i].Ref.ID
	}
	var moved []store.Happening
	for _, row := range rows {
		switch task, there := tasks[row.Key]; {
		case there:
			w.made(&row, task)
		case w.Now().Sub(row.Due) >= w.c.SettleAfter(core.Salesforce):
			row.State, row.Due = store.HappeningDue, w.Now()
		default:
			open++
			continue
		}
		moved = append(moved, row)
	}
	return open, w.Update(ctx, func(tx *store.Tx) error { return tx.HappeningsPut(w.c.ID, moved) })
}

// allKinds is under what name a problem of every kind is told.
const allKinds = "tasks"

// mayMake reports whether tasks can be made at all; what keeps them from it is an issue,
// and what happened waits.
func (w *worker) mayMake(ctx context.Context) (bool, error) {
	lack := w.c.RequireTasks()
	if was, told := w.refused[allKinds]; lack == nil && told && !was {
		return true, nil
	}
	w.refused[allKinds] = lack != nil
	return lack == nil, w.Update(ctx, func(tx *store.Tx) error {
		if lack == nil {
			return tx.IssueClose(w.c.ID, feedRef(allKinds), "")
		}
		return tx.IssueOpen(w.c.ID, core.Issue{Pair: core.ContactPair, Ref: feedRef(allKinds), Category: core.CategoryPermissions, Code: "task_fields_missing", Rule: "ACT-1",
			Message: "no tasks are made of what people did: " + lack.Message, Mend: lack.Mend})
	})
}

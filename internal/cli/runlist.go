package cli

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// runCounts is what a run's journal and its leftovers say.
type runCounts struct {
	counts  engine.Counts
	pending int64
}

// Record states of a run.
const (
	runRecordDone    = "done"
	runRecordFailed  = "failed"
	runRecordPartly  = "field issue" // all but single fields is in step
	runRecordPending = "pending"
	runRecordSkipped = "skipped"    // by a rule
	runRecordLeft    = "left alone" // by an undo, in part or as a whole
)

// eachEntry calls fn for every entry of a run in their order: of each record all that was
// done, or with last the end of it alone.
func (s *session) eachEntry(ctx context.Context, run int64, last bool, fn func(ref core.Ref, e *engine.Entry) error) error {
	return s.eachEntryIn(ctx, run, last, func(_ *store.Tx, ref core.Ref, e *engine.Entry) error { return fn(ref, e) })
}

// eachEntryIn is eachEntry with the transaction that reads the entries.
func (s *session) eachEntryIn(ctx context.Context, run int64, last bool, fn func(tx *store.Tx, ref core.Ref, e *engine.Entry) error) error {
	for after, more := int64(0), true; more; {
		err := s.store().View(ctx, func(tx *store.Tx) error {
			read := tx.JournalOfRun
			if last {
				read = tx.JournalEndOfRun
			}
			entries, err := read(run, after, 1000)
			more = len(entries) > 0
			for _, en := range entries {
				after = en.Seq
				var body engine.Entry
				if err := json.Unmarshal(en.Body, &body); err != nil {
					return fmt.Errorf("read journal entry %d: %w", en.Seq, err)
				}
				if err := fn(tx, en.Ref, &body); err != nil {
					return err
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eachPending calls fn for every record of a run that was not worked on yet, with when it
// is due.
func (s *session) eachPending(ctx context.Context, run int64, fn func(ref core.Ref, due string) error) error {
	for after, more := (core.Ref{}), true; more; {
		err := s.store().View(ctx, func(tx *store.Tx) error {
			left, err := tx.RunPending(run, after, 1000)
			more = len(left) > 0
			for _, d := range left {
				after = d.Ref
				tried, err := triedBy(tx, run, d)
				if err != nil {
					return err
				}
				if tried {
					continue // what became of it stands in the journal
				}
				if err := fn(d.Ref, "due "+d.NotBefore.Format("2006-01-02 15:04:05")); err != nil {
					return err
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// triedBy reports that a run has worked on a record which is in the dirty set:
// also where an event has marked it anew since.
func triedBy(tx *store.Tx, run int64, d core.Dirty) (bool, error) {
	if d.Tries > 0 {
		return true, nil
	}
	r, err := tx.Run(run)
	if err != nil {
		return false, err
	}
	past, err := tx.History(r.Conn, []core.Ref{d.Ref}, 0, 10)
	return slices.ContainsFunc(past, func(e store.Entry) bool { return e.Run == run }), err
}

// stateOf is how a run left a record, and why it is not in step.
func stateOf(e *engine.Entry) (state, why string) {
	if len(e.Issues) > 0 {
		why = strings.Join(e.Issues, " ")
	} else if n := len(e.Decisions); n > 0 {
		why = e.Decisions[n-1].Rule + ": " + e.Decisions[n-1].Facts["because"]
	}
	switch {
	case len(e.Left) > 0 && e.Verdict == engine.InSync:
		return runRecordLeft, leftWords(e.Left)
	case e.FieldsLeft > 0:
		return runRecordPartly, why
	case len(e.Issues) > 0 || e.Verdict == engine.Blocked:
		return runRecordFailed, why
	case e.Verdict == engine.Pending:
		return runRecordPending, why
	case e.Verdict == engine.OutOfScope || e.Verdict == engine.NotFound:
		return runRecordSkipped, why
	}
	return runRecordDone, ""
}

// leftWords say what an undo left of a record, and why.
func leftWords(left []engine.Left) string {
	parts := make([]string, len(left))
	for i, l := range left {
		parts[i] = strings.TrimPrefix(l.Field+": "+l.Why, ": ")
	}
	return strings.Join(parts, "; ")
}

func (s *session) countRun(ctx context.Context, r store.Run) (n runCounts, err error) {
	err = s.eachEntry(ctx, r.ID, false, func(_ core.Ref, e *engine.Entry) error {
		if state, _ := stateOf(e); state == runRecordFailed || state == runRecordPartly {
			n.counts.Issues += int64(len(e.Issues))
		}
		for _, w := range e.Writes {
			switch {
			case w.Status != core.Applied:
			case w.Kind == core.OpCreate:
				n.counts.Created++
			case w.Kind == core.OpUpdate && w.Rule != engine.KeyRule:
				n.counts.Updated++
			case w.Kind == core.OpArchive:
				n.counts.Deleted++
			}
		}
		return nil
	})
	if err != nil {
		return n, err
	}
	return n, s.eachPending(ctx, r.ID, func(core.Ref, string) error { n.pending++; return nil })
}

// exportRun writes the exact list of a run's records to a CSV file, a line each.
func (s *session) exportRun(ctx context.Context, run int64, file string) error {
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("write list: %w", err)
	}
	w := csv.NewWriter(f)
	_ = w.Write([]string{"side", "object", "id", "state", "why"})
	line := func(r core.Ref, state, why string) error {
		return w.Write(engine.Harmless([]string{r.Side.String(), string(r.Object), r.ID, state, why}))
	}
	err = s.eachEntryIn(ctx, run, true, func(tx *store.Tx, r core.Ref, e *engine.Entry) error {
		state, why := stateOf(e)
		if told, err := toldBy(tx, run, r, e); err != nil || told != "" {
			return cmp.Or(err, line(r, state, told))
		}
		return line(r, state, why)
	})
	if err == nil {
		err = s.eachPending(ctx, run, func(r core.Ref, due string) error { return line(r, runRecordPending, due) })
	}
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write list of run %d to %s: %w", run, file, err)
	}
	return nil
}

// toldBy is what the open issues of a record say that an entry names by code: the field,
// what is wrong and what to do; blank where none of them is open any more.
func toldBy(tx *store.Tx, run int64, r core.Ref, e *engine.Entry) (string, error) {
	if len(e.Issues) == 0 {
		return "", nil
	}
	of, err := tx.Run(run)
	if err != nil {
		return "", err
	}
	open, err := tx.IssuesOf(of.Conn, []core.Ref{r})
	var words []string
	for _, i := range open[r] {
		if slices.Contains(e.Issues, i.Code) {
			words = append(words, i.Code+": "+i.Message+". "+upperFirst(i.Mend)+".")
		}
	}
	return strings.Join(words, " "), err
}

package cli

import (
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
)

// eachRecord calls fn for every record of a run: once for each time it was
// worked on, in that order, so that the last call counts, and once for each
// record that is still to be worked on.
func (s *session) eachRecord(ctx context.Context, run int64, fn func(ref core.Ref, state, why string, e *engine.Entry) error) error {
	for after, more := int64(0), true; more; {
		err := s.store().View(ctx, func(tx *store.Tx) error {
			entries, err := tx.JournalOfRun(run, after, 1000)
			more = len(entries) > 0
			for _, en := range entries {
				after = en.Seq
				var body engine.Entry
				if err := json.Unmarshal(en.Body, &body); err != nil {
					return fmt.Errorf("read journal entry %d: %w", en.Seq, err)
				}
				if err := fn(en.Ref, stateOf(&body), strings.Join(body.Issues, " "), &body); err != nil {
					return err
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return s.eachPending(ctx, run, fn)
}

func (s *session) eachPending(ctx context.Context, run int64, fn func(core.Ref, string, string, *engine.Entry) error) error {
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
				if err := fn(d.Ref, runRecordPending, "due "+d.NotBefore.Format("2006-01-02 15:04:05"), nil); err != nil {
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

func stateOf(e *engine.Entry) string {
	if e.FieldsLeft > 0 {
		return runRecordPartly
	}
	if len(e.Issues) > 0 || e.Verdict == engine.Blocked {
		return runRecordFailed
	}
	return runRecordDone
}

func (s *session) countRun(ctx context.Context, r store.Run) (n runCounts, err error) {
	err = s.eachRecord(ctx, r.ID, func(_ core.Ref, state, _ string, e *engine.Entry) error {
		switch state {
		case runRecordPending:
			n.pending++
			return nil
		case runRecordFailed, runRecordPartly:
			n.counts.Issues += int64(len(e.Issues))
		}
		for _, w := range e.Writes {
			switch {
			case w.Status != core.Applied:
			case w.Kind == core.OpCreate:
				n.counts.Created++
			case w.Kind == core.OpUpdate && w.Rule != engine.KeyRule:
				n.counts.Updated++
			}
		}
		return nil
	})
	return n, err
}

// exportRun writes the exact list of a run's records to a CSV file.
func (s *session) exportRun(ctx context.Context, connection string, run int64, file string) error {
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("write list: %w", err)
	}
	w := csv.NewWriter(f)
	_ = w.Write([]string{"side", "object", "id", "state", "why"})
	err = s.eachRecord(ctx, run, func(r core.Ref, state, why string, _ *engine.Entry) error {
		return w.Write(harmless([]string{r.Side.String(), string(r.Object), r.ID, state, why}))
	})
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write list of run %d of %s to %s: %w", run, connection, file, err)
	}
	return nil
}

// harmless keeps a spreadsheet from taking a cell for a formula.
func harmless(cells []string) []string {
	for i, c := range cells {
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
			cells[i] = "'" + c
		}
	}
	return cells
}

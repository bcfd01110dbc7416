package engine

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/store"
)

// States of a record of a run.
const (
	RunRecordDone    = "done"
	RunRecordFailed  = "failed"
	RunRecordPartly  = "field issue" // all but single fields is in step
	RunRecordPending = "pending"
	RunRecordSkipped = "skipped"    // by a rule
	RunRecordLeft    = "left alone" // by an undo, in part or as a whole, or by a plan since it had changed
)

// RunRecordStates are all of them, in the order that people are asked in.
var RunRecordStates = []string{RunRecordDone, RunRecordFailed, RunRecordPartly, RunRecordPending, RunRecordSkipped, RunRecordLeft}

// RunRecord is how a run left one of its records.
type RunRecord struct {
	Ref   core.Ref
	Pair  core.Pair
	State string
	Why   string // it is not in step, or which later run wrote it; blank for neither
}

// RunPlace is where the list of a run's records goes on; the zero one is its beginning. What
// was worked on comes first, as the journal has it, then what is left, by its ref.
type RunPlace struct {
	Seq  int64    // of the journal, behind which it goes on
	Left core.Ref // behind which it goes on, once the journal is at its end
	rest bool     // the journal is at its end
}

// runLeft begins each place behind the journal.
const runLeft = "left:"

// String is the place as ParseRunPlace reads it.
func (p RunPlace) String() string {
	switch {
	case p.Left != core.Ref{}:
		return runLeft + p.Left.String()
	case p.rest:
		return runLeft
	}
	return fmt.Sprint(p.Seq)
}

// ParseRunPlace reads what String writes; a blank text is the beginning.
func ParseRunPlace(text string) (p RunPlace, ok bool) {
	ref, behind := strings.CutPrefix(text, runLeft)
	switch {
	case text == "":
		return p, true
	case behind && ref == "":
		return RunPlace{rest: true}, true
	case behind:
		p.rest = true
		p.Left, ok = core.ParseRef(ref)
		return p, ok
	}
	_, err := fmt.Sscanf(text, "%d", &p.Seq)
	return p, err == nil && p.Seq >= 0 && text == fmt.Sprint(p.Seq)
}

// RunList reads the records of one run from its store.
type RunList struct {
	Store *store.Store
	Run   int64
}

// runPage is how many records of a run are read at a time. A page of a list looks at no more,
// so that it is quick however few of them it is about.
const runPage = 1000

// Page gives up to limit records that a state chooses, blank for all, behind a place, and
// where the list goes on; more is false at its end. It may give fewer before that.
func (l RunList) Page(ctx context.Context, state string, from RunPlace, limit int) (out []RunRecord, next RunPlace, more bool, err error) {
	err = l.Store.View(ctx, func(tx *store.Tx) error {
		next = from
		looked := 0
		step := func(r RunRecord, at RunPlace) bool {
			looked++
			next = at
			if state == "" || r.State == state {
				out = append(out, r)
			}
			return len(out) < limit
		}
		if !from.rest {
			n, err := l.worked(tx, from.Seq, step)
			if err != nil || len(out) >= limit || n == runPage {
				more = true
				return err
			}
			next = RunPlace{rest: true}
		}
		n, last, err := l.left(tx, next.Left, step)
		next.Left, more = last, len(out) >= limit || n == runPage
		return err
	})
	if err != nil {
		return nil, from, false, fmt.Errorf("list the records of run %d: %w", l.Run, err)
	}
	return out, next, more, nil
}

// Each calls fn for every record of the run.
func (l RunList) Each(ctx context.Context, fn func(RunRecord) error) error {
	for at, more := (RunPlace{}), true; more; {
		var page []RunRecord
		var err error
		if page, at, more, err = l.Page(ctx, "", at, runPage); err != nil {
			return err
		}
		for _, r := range page {
			if err := fn(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// Export writes the run's records as CSV with a heading, a line each.
func (l RunList) Export(ctx context.Context, out io.Writer) error {
	w := csv.NewWriter(out)
	_ = w.Write([]string{"side", "object", "id", "state", "why"}) // Flush tells the error
	err := l.Each(ctx, func(r RunRecord) error {
		return w.Write(Harmless([]string{r.Ref.Side.String(), string(r.Ref.Object), r.Ref.ID, r.State, r.Why}))
	})
	w.Flush()
	return cmp.Or(err, w.Error())
}

// worked steps through up to a page of the records that were worked on, each with how the run
// left it, until step says no.
func (l RunList) worked(tx *store.Tx, after int64, step func(RunRecord, RunPlace) bool) (n int, err error) {
	entries, err := tx.JournalEndOfRun(l.Run, after, runPage)
	if err != nil {
		return 0, err
	}
	for _, en := range entries {
		r, err := l.record(tx, en)
		if err != nil {
			return n, err
		}
		n++
		if !step(r, RunPlace{Seq: en.Seq}) {
			break
		}
	}
	return n, nil
}

// left steps through up to a page of the records that were not worked on yet, and gives how
// many it has looked at and the last of them.
func (l RunList) left(tx *store.Tx, after core.Ref, step func(RunRecord, RunPlace) bool) (n int, last core.Ref, err error) {
	waiting, err := tx.RunPending(l.Run, after, runPage)
	if err != nil {
		return 0, after, err
	}
	for _, d := range waiting {
		n, after = n+1, d.Ref
		tried, err := l.tried(tx, d)
		if err != nil {
			return n, after, err
		}
		if tried {
			continue // what became of it stands in the journal
		}
		r := RunRecord{Ref: d.Ref, Pair: d.Pair, State: RunRecordPending, Why: "due " + d.NotBefore.UTC().Format("2006-01-02 15:04:05 UTC")}
		if !step(r, RunPlace{rest: true, Left: d.Ref}) {
			break
		}
	}
	return n, after, nil
}

// tried reports that the run has worked on a record which is in the dirty set: also where an
// event has marked it anew since.
func (l RunList) tried(tx *store.Tx, d core.Dirty) (bool, error) {
	if d.Tries > 0 {
		return true, nil
	}
	r, err := tx.Run(l.Run)
	if err != nil {
		return false, err
	}
	past, err := tx.History(r.Conn, []core.Ref{d.Ref}, 0, 10)
	return slices.ContainsFunc(past, func(e store.Entry) bool { return e.Run == l.Run }), err
}

// record is what the last entry of a record says, in the words of its issues where these are
// open still.
func (l RunList) record(tx *store.Tx, en store.Entry) (r RunRecord, err error) {
	var body Entry
	if err := json.Unmarshal(en.Body, &body); err != nil {
		return r, fmt.Errorf("read journal entry %d: %w", en.Seq, err)
	}
	r = RunRecord{Ref: en.Ref, Pair: en.Pair}
	r.State, r.Why = body.runState()
	if r.State == RunRecordDone && body.Later != 0 {
		r.Why = fmt.Sprintf("written later, by run %d", body.Later)
	}
	told, err := l.told(tx, en.Ref, &body)
	r.Why = cmp.Or(told, r.Why)
	return r, err
}

// runState is how a run left a record, and why it is not in step.
func (e *Entry) runState() (state, why string) {
	if len(e.Issues) > 0 {
		why = strings.Join(e.Issues, " ")
	} else if n := len(e.Decisions); n > 0 {
		why = e.Decisions[n-1].Rule + ": " + e.Decisions[n-1].Facts["because"]
	}
	switch {
	case len(e.Left) > 0 && e.Verdict == InSync:
		return RunRecordLeft, leftWords(e.Left)
	case len(e.Decisions) > 0 && e.Decisions[len(e.Decisions)-1].Outcome == outcomeRefused:
		return RunRecordLeft, why
	case e.FieldsLeft > 0:
		return RunRecordPartly, why
	case len(e.Issues) > 0 || e.Verdict == Blocked:
		return RunRecordFailed, why
	case e.Verdict == Pending:
		return RunRecordPending, why
	case e.Verdict == OutOfScope || e.Verdict == NotFound:
		return RunRecordSkipped, why
	}
	return RunRecordDone, ""
}

// leftWords say what an undo left of a record, and why.
func leftWords(left []Left) string {
	parts := make([]string, len(left))
	for i, l := range left {
		parts[i] = strings.TrimPrefix(l.Field+": "+l.Why, ": ")
	}
	return strings.Join(parts, "; ")
}

// told is what the open issues of a record say that an entry names by code: the field, what
// is wrong and what to do; blank where none of them is open any more.
func (l RunList) told(tx *store.Tx, r core.Ref, e *Entry) (string, error) {
	if len(e.Issues) == 0 {
		return "", nil
	}
	of, err := tx.Run(l.Run)
	if err != nil {
		return "", err
	}
	open, err := tx.IssuesOf(of.Conn, []core.Ref{r})
	var words []string
	for _, i := range open[r] {
		if slices.Contains(e.Issues, i.Code) {
			words = append(words, i.Code+": "+i.Message+". "+sentence(i.Mend))
		}
	}
	return strings.Join(words, " "), err
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// Counts are what a run has written and the issues that it met, by its journal, and how many
// of its records are left.
func (l RunList) Counts(ctx context.Context) (n Counts, left int64, err error) {
	for after, more := int64(0), true; more; {
		err = l.Store.View(ctx, func(tx *store.Tx) error {
			entries, err := tx.JournalOfRun(l.Run, after, runPage)
			more = len(entries) > 0
			for _, en := range entries {
				after = en.Seq
				var body Entry
				if err := json.Unmarshal(en.Body, &body); err != nil {
					return fmt.Errorf("read journal entry %d: %w", en.Seq, err)
				}
				body.count(&n)
			}
			return err
		})
		if err != nil {
			return n, 0, err
		}
	}
	for after, more := (core.Ref{}), true; more; {
		err = l.Store.View(ctx, func(tx *store.Tx) error {
			looked, last, err := l.left(tx, after, func(RunRecord, RunPlace) bool { left++; return true })
			after, more = last, looked == runPage
			return err
		})
		if err != nil {
			return n, left, err
		}
	}
	return n, left, nil
}

// count adds what an entry wrote.
func (e *Entry) count(n *Counts) {
	if state, _ := e.runState(); state == RunRecordFailed || state == RunRecordPartly {
		n.Issues += int64(len(e.Issues))
	}
	for _, w := range e.Writes {
		if w.Status == core.Applied {
			n.opted(optOf(w.Kind, w.Object, w.After))
		}
		switch {
		case w.Status != core.Applied:
		case w.Kind == core.OpCreate:
			n.Created++
		case w.Kind == core.OpUpdate && w.Rule != KeyRule:
			n.Updated++
		case w.Kind == core.OpArchive:
			n.Deleted++
		}
	}
}

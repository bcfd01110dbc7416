package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// runRecordsShown is how many records of a run a page lists.
const runRecordsShown = 50

// sheetSuffix makes the address of a run that of its records as CSV.
const sheetSuffix = ".csv"

// runRecords is a page of the records of a run.
type runRecords struct {
	run   int64
	state string // chosen; blank for all
	all   []engine.RunRecord
	names map[core.Ref]string
	after string // which place they are; blank for the first page
	next  string // where the list goes on, blank at its end
}

// recordsOf are the records of a run that a request asks for. While the run is open nobody is
// asked what they are called.
func (c *Console) recordsOf(v *visit, s *runState) (l runRecords, err error) {
	q := v.r.URL.Query()
	l.run, l.state, l.after = s.ID, q.Get("state"), q.Get("after")
	if l.state != "" && !slices.Contains(engine.RunRecordStates, l.state) {
		return l, misused("There is no such state of a run's records.")
	}
	from, ok := engine.ParseRunPlace(l.after)
	if !ok {
		return l, misused("The list cannot go on from there.")
	}
	all, next, more, err := engine.RunList{Store: c.Store, Run: s.ID}.Page(v.r.Context(), l.state, from, runRecordsShown)
	if l.all = all; more {
		l.next = next.String()
	}
	refs := make([]core.Ref, len(l.all))
	for i := range l.all {
		refs[i] = l.all[i].Ref
	}
	if l.names = c.namesKnown(v, refs); err == nil && !s.open() {
		l.names = c.namesOf(v, refs)
	}
	return l, err
}

// recordsAt is the address of a page of a run's records.
func (v *visit) recordsAt(run int64, state, after string) string {
	return chosenAt(v.at("runs", strconv.FormatInt(run, 10)), state, after) + "#records"
}

// chosenAt is an address that asks for a page of a run's records.
func chosenAt(address, state, after string) string {
	q := url.Values{}
	for k, s := range map[string]string{"state": state, "after": after} {
		if s != "" {
			q.Set(k, s)
		}
	}
	return strings.TrimSuffix(address+"?"+q.Encode(), "?")
}

// runSheet gives all records of a run as CSV, in which no cell is a formula.
func (c *Console) runSheet(v *visit) error {
	s, err := c.runOf(v.r.Context(), v)
	if err != nil {
		return err
	}
	if err := c.note(v, v.who.Name, "export run", map[string]string{"connection": v.connection, "run": strconv.FormatInt(s.ID, 10)}); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="run-`+strconv.FormatInt(s.ID, 10)+`.csv"`)
	if err := (engine.RunList{Store: c.Store, Run: s.ID}).Export(v.r.Context(), v.w); err != nil {
		c.Log.Error("export run", "connection", v.connection, "run", s.ID, "cause", err)
		panic(http.ErrAbortHandler) // a part of the list must not pass for all of it
	}
	return nil
}

// recordTone is how a state of a run's record is coloured.
func recordTone(state string) string {
	switch state {
	case engine.RunRecordDone:
		return "good"
	case engine.RunRecordPending:
		return "busy"
	case engine.RunRecordFailed, engine.RunRecordPartly:
		return "bad"
	}
	return "idle"
}

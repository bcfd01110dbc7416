package cli

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine"
)

const (
	// mostIDs is how many records one list may name: the list is kept with its run.
	mostIDs = 100_000
	// wrongShown is how many lines without an id are told.
	wrongShown = 5
)

// idColumns are the headings of a column of ids in the exports of both vendors,
// without case and punctuation.
var idColumns = []string{"id", "recordid", "contactid", "leadid", "accountid", "companyid", "hsobjectid", "salesforceid", "18digitid", "caseinsensitiveid"}

// readIDs reads the records of an object pair that a file names, each once. - is
// standard input. A line without an id is refused with its number, and nothing is
// taken then.
func (a *app) readIDs(ctx context.Context, p core.Pair, file string) ([]core.Ref, error) {
	in := a.In
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, usage("read ids: "+err.Error(), "name a file with one id a line, or - for standard input")
		}
		defer f.Close()
		in = f
	}
	return refsNamed(a.pairs(ctx), p, file, in)
}

// refsNamed reads the records of an object pair that a list from somewhere names.
func refsNamed(pairs core.PairSet, p core.Pair, from string, in io.Reader) ([]core.Ref, error) {
	refs, err := parseIDs(pairs, p, in)
	switch {
	case err != nil:
		return nil, usage(fmt.Sprintf("read ids of %s from %s: %v", p, from, err), "correct it; ids of Salesforce have 15 or 18 characters, those of HubSpot are numbers")
	case len(refs) == 0:
		return nil, usage(from+" names no record", "write one id a line")
	case len(refs) > mostIDs:
		return nil, usage(fmt.Sprintf("%s names %d records, and a list may name %d", from, len(refs), mostIDs), "split it, or import all")
	}
	return refs, nil
}

func parseIDs(pairs core.PairSet, p core.Pair, in io.Reader) ([]core.Ref, error) {
	rows := csv.NewReader(in)
	rows.FieldsPerRecord, rows.TrimLeadingSpace, rows.LazyQuotes = -1, true, true
	l := idList{pairs: pairs, pair: p, seen: map[core.Ref]bool{}}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return l.refs, l.problem()
		}
		if err != nil {
			return nil, err
		}
		line, _ := rows.FieldPos(0)
		l.add(line, row)
	}
}

// idList gathers the records that the rows of a file name.
type idList struct {
	pairs  core.PairSet
	pair   core.Pair
	column int
	begun  bool
	refs   []core.Ref
	seen   map[core.Ref]bool
	wrong  []string
	more   int
}

func (l *idList) add(line int, row []string) {
	first := !l.begun
	l.begun = true
	if first && l.heading(row) {
		return
	}
	text := ""
	if l.column < len(row) {
		text = strings.TrimSpace(row[l.column])
	}
	ref, ok := engine.RefNamed(l.pairs, l.pair, text)
	switch {
	case ok && !l.seen[ref]:
		l.seen[ref] = true
		l.refs = append(l.refs, ref)
	case ok:
	case len(l.wrong) == wrongShown:
		l.more++
	default:
		l.wrong = append(l.wrong, fmt.Sprintf("line %d: %q is no id of a %s", line, clip(printable(text)), wordOf(l.pair)))
	}
}

// heading takes a first row without any id for the names of the columns, and finds
// the column of ids by them.
func (l *idList) heading(row []string) bool {
	row[0] = strings.TrimPrefix(row[0], "\ufeff") // the mark that spreadsheets begin a file with
	if slices.ContainsFunc(row, func(cell string) bool { _, ok := engine.RefNamed(l.pairs, l.pair, strings.TrimSpace(cell)); return ok }) {
		return false
	}
	named := slices.IndexFunc(row, func(cell string) bool { return slices.Contains(idColumns, letters(cell)) })
	l.column = max(named, 0)
	return named >= 0
}

// letters are the letters and digits of a heading in lower case.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

func (l *idList) problem() error {
	if len(l.wrong) == 0 {
		return nil
	}
	text := strings.Join(l.wrong, "; ")
	if l.more > 0 {
		text += fmt.Sprintf("; and %d more", l.more)
	}
	return errors.New(text)
}

func wordOf(p core.Pair) string {
	switch p {
	case core.ContactPair:
		return "contact or lead"
	case core.DealPair:
		return "deal or opportunity"
	case core.ActivityPair:
		return "activity, task or event"
	case core.TicketPair:
		return "ticket or case"
	case core.CompanyPair:
		return "company or account"
	}
	return string(p)
}

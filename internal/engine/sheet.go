package engine

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"tandem/internal/core"
	"tandem/internal/store"
)

// beginnings are the characters by which a cell becomes a formula; some programs take
// the wide forms of the signs as well.
const beginnings = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"

// Harmless keeps a spreadsheet from taking a cell for a formula: such a cell begins with
// an apostrophe. It changes the slice.
func Harmless(cells []string) []string {
	for i, c := range cells {
		if first, _ := utf8.DecodeRuneInString(c); c != "" && strings.ContainsRune(beginnings, first) {
			cells[i] = "'" + c
		}
	}
	return cells
}

// issuePage is how many issues are read at a time.
const issuePage = 1000

// EachIssue calls fn for every open issue that the filter chooses, in their order; its
// limit does not count.
func (e *Engine) EachIssue(ctx context.Context, c *Conn, f store.IssueFilter, fn func(core.Issue) error) error {
	f.Limit = issuePage
	for {
		var page []core.Issue
		err := e.View(ctx, func(tx *store.Tx) (err error) { page, err = tx.Issues(c.ID, f); return err })
		if err != nil || len(page) == 0 {
			return err
		}
		for _, i := range page {
			f.After = i.ID
			if err := fn(i); err != nil {
				return err
			}
		}
	}
}

// ExportIssues writes those of the open issues that the filter chooses, and takes accepts,
// as CSV with a heading, and gives their number. Times are RFC 3339.
func (e *Engine) ExportIssues(ctx context.Context, c *Conn, f store.IssueFilter, takes func(core.Issue) bool, out io.Writer) (n int, err error) {
	w := csv.NewWriter(out)
	_ = w.Write([]string{"category", "code", "side", "object", "id", "field", "message", "mend", "rule", "first", "last", "count"}) // Flush tells the error
	err = e.EachIssue(ctx, c, f, func(i core.Issue) error {
		if !takes(i) {
			return nil
		}
		n++
		return w.Write(Harmless([]string{string(i.Category), i.Code, i.Ref.Side.String(), string(i.Ref.Object), i.Ref.ID, i.Field, i.Message, i.Mend, i.Rule,
			i.First.Format(sheetTime), i.Last.Format(sheetTime), strconv.Itoa(i.Count)}))
	})
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	return n, err
}

const sheetTime = "2006-01-02T15:04:05Z07:00"

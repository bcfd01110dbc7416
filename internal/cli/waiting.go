package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/store"
)

func (a *app) waiting() *cobra.Command {
	limit := 50
	c := &cobra.Command{
		Use:   "waiting",
		Short: "List the records that are to be looked at again, why and when",
		Long: `Every record that is due or put off for later, with what asks for it, how often it
was tried, and the issue that holds it back where there is one. Two linked records
that both wait are one line. Reads the store only.`,
		Example: "  tandem waiting\n  tandem waiting --json",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			return a.read(ctx, func(ctx context.Context, r *reading) error { return r.showWaiting(ctx, limit) })
		}),
	}
	limitFlag(c, &limit)
	return c
}

// waitingRow is one record that is to be looked at again.
type waitingRow struct {
	Side    string    `json:"side"`
	Object  string    `json:"object"`
	ID      string    `json:"id"`
	Reasons []string  `json:"reasons"`
	Due     time.Time `json:"due"`
	Tries   int       `json:"tries"`
	Run     int64     `json:"run,omitempty"`
	Issue   string    `json:"issue,omitempty"`
}

func (r *reading) showWaiting(ctx context.Context, limit int) error {
	var rows [][]string
	n := 0
	records, err := r.eachWaiting(ctx, func(w waitingRow) error {
		if n++; limit > 0 && n > limit {
			return nil
		}
		if r.app.json {
			return r.app.printJSON(w)
		}
		due := "now"
		if w.Due.After(r.app.now()) {
			due = when(w.Due)
		}
		rows = append(rows, []string{r.app.place(w.Side, core.Object(w.Object), w.ID), strings.Join(w.Reasons, ", "), due, w.Issue})
		return nil
	})
	if err != nil || r.app.json {
		return err
	}
	if n == 0 {
		r.app.printf("Nothing waits.\n")
		return nil
	}
	r.app.printed.table([]string{"Record", "Because of", "Due", "Issue"}, rows)
	if more := records - n; more > 0 {
		r.app.printf("%s here and %s in tandem status, which counts both records of a linked pair.\n", counted(n, [2]string{"line", "lines"}), counted(records, [2]string{"record", "records"}))
	}
	if limit > 0 && n > limit {
		r.app.printf("%d more; --limit 0 shows all.\n", n-limit)
	}
	return nil
}

// eachWaiting calls fn for every dirty entry with the first open issue of its record
// or of the record's partner; for a linked pair once. It counts the entries.
func (r *reading) eachWaiting(ctx context.Context, fn func(waitingRow) error) (n int, err error) {
	seen := map[int64]bool{}
	for after, more := (core.Ref{}), true; more; {
		err := r.store.View(ctx, func(tx *store.Tx) error {
			page, err := tx.DirtyList(r.conn.ID, after, issuePage)
			if err != nil {
				return err
			}
			more = len(page) > 0
			why, pairs, err := holding(tx, r.conn.ID, page)
			n += len(page)
			for _, d := range page {
				after = d.Ref
				if err != nil {
					return err
				}
				if l := pairs[d.Ref]; l != nil {
					if seen[l.ID] {
						continue
					}
					seen[l.ID] = true
				}
				err = fn(waitingRow{Side: d.Ref.Side.String(), Object: string(d.Ref.Object), ID: d.Ref.ID, Reasons: d.Reasons.Names(),
					Due: d.NotBefore, Tries: d.Tries, Run: d.Run, Issue: why[d.Ref]})
			}
			return err
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// holding are the messages of the issues that hold entries back, and the links of the
// entries, by record.
func holding(tx *store.Tx, conn int64, entries []core.Dirty) (map[core.Ref]string, map[core.Ref]*core.Link, error) {
	refs := make([]core.Ref, len(entries))
	for i, d := range entries {
		refs[i] = d.Ref
	}
	links, err := tx.LinksOf(conn, refs)
	if err != nil {
		return nil, nil, err
	}
	all := refs
	for _, l := range links {
		all = append(all, l.Refs[:]...)
	}
	issues, err := tx.IssuesOf(conn, all)
	out := map[core.Ref]string{}
	for _, d := range entries {
		open := issues[d.Ref]
		if l := links[d.Ref]; l != nil {
			open = append(open, issues[l.Partner(d.Ref.Side)]...)
		}
		if len(open) > 0 {
			out[d.Ref] = open[0].Message
		}
	}
	return out, links, err
}

package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"tandem/internal/store"
)

func (a *app) storeCopy() *cobra.Command {
	return &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Copy a store into an empty one, and compare",
		Long: `Copies all that a store holds: links, base values, journal, issues, settings, what is
due. FROM and TO are addresses as in the settings, of SQLite or PostgreSQL. No engine may
run on either, and TO must be empty. Everything is copied in one transaction and read
back; where it fails or is stopped, TO stays empty and the copy is given anew.

Afterwards set store in the settings to TO and start the service. FROM stays as it is, and
must not be worked with any more.`,
		Example: "  tandem store copy sqlite:///var/lib/tandem/tandem.db postgres://tandem@db.example/tandem",
		Args:    cobra.ExactArgs(2),
		RunE: a.do(func(ctx context.Context, args []string) error {
			tables, err := a.copyStore(ctx, args[0], args[1])
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]any{"tables": tables})
			}
			var rows int64
			for _, t := range tables {
				rows += t.Rows
			}
			a.printf("Copied %d rows of %d tables, and read them back: counts and digests are equal.\nSet store in the settings to the new address, then start the service. Leave the old store alone.\n", rows, len(tables))
			return nil
		}),
	}
}

// copyStore copies one store into another, and gives what was copied.
func (a *app) copyStore(ctx context.Context, source, target string) (tables []store.Copied, err error) {
	probe, err := store.Open(ctx, source, store.Options{Now: a.now, ReadOnly: true}) // no store is made where none is
	if err == nil {
		err = probe.Close()
	}
	if err != nil && store.CodeOf(err) != store.OlderSchema {
		return nil, err
	}
	from, err := store.Open(ctx, source, store.Options{Now: a.now})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := store.Open(ctx, target, store.Options{Now: a.now})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	err = store.Copy(ctx, from, to, func(c store.Copied) {
		tables = append(tables, c)
		if !a.json {
			a.note("%-16s %d rows", c.Table, c.Rows)
		}
	})
	if err != nil {
		return nil, err
	}
	return tables, to.Analyze(ctx)
}

package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"tandem/internal/store"
)

func (a *app) storeRestored() *cobra.Command {
	return &cobra.Command{
		Use:   "restored",
		Short: "Say that the store was put back from a backup",
		Long: `A SQLite file that was put back, and a PostgreSQL store that was read from a dump, are
known as such at the next start. A snapshot of PostgreSQL's disk and a recovery to a point
in time are not: say so with this verb, with the service stopped. The next start then pulls
the brake "store" on every connection, so that no old value passes for a new one.`,
		Example: "  tandem store restored\n  tandem store restored --json",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			if err := a.markRestored(ctx); err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]bool{"restored": true})
			}
			a.printf("Noted. The next start pulls the brake \"store\" on every connection; tandem status says how to go on.\n")
			return nil
		}),
	}
}

func (a *app) markRestored(ctx context.Context) error {
	f, err := a.load()
	if err != nil {
		return err
	}
	w, err := a.openWorld(ctx, f)
	if store.CodeOf(err) == store.Locked {
		return refused("a service or another verb works with the store", "stop it, run tandem store restored, and start it again")
	}
	if err != nil {
		return err
	}
	err = w.store.Update(ctx, func(tx *store.Tx) error {
		return errors.Join(tx.RestoredSet(), tx.AuditAppend(actor(), "restored", []byte("{}")))
	})
	return errors.Join(err, w.Close())
}

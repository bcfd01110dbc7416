package cli

import (
	"context"

	"github.com/spf13/cobra"

	"tandem/internal/store"
)

func (a *app) store() *cobra.Command {
	c := &cobra.Command{Use: "store", Short: "Look after the store", Example: "  tandem store rekey"}
	c.AddCommand(&cobra.Command{
		Use:   "rekey",
		Short: "Encrypt the store's secrets with a new key",
		Long: `Encrypts every secret in the store with the secrets_key of the settings. Until then
what the key before has encrypted is read by secrets_key_before, which can be taken
out of the settings afterwards. Either all secrets are encrypted anew or none is.
Stop the service first.`,
		Example: "  tandem store rekey\n  tandem store rekey --json",
		Args:    cobra.NoArgs,
		RunE:    a.do(func(ctx context.Context, _ []string) error { return a.rekey(ctx) }),
	})
	c.AddCommand(a.storeCopy(), a.storeRestored())
	return c
}

func (a *app) rekey(ctx context.Context) error {
	f, err := a.load()
	if err != nil {
		return err
	}
	w, err := a.openWorld(ctx, f)
	if store.CodeOf(err) == store.Locked {
		return refused("a service or another verb works with the store, and by the key that it was started with", "stop it, run tandem store rekey, and start it with the new settings")
	}
	if err != nil {
		return err
	}
	var all, anew int
	err = w.store.Update(ctx, func(tx *store.Tx) (err error) {
		all, anew, err = rekeyed(tx, vaultOf(f))
		if err == nil && anew > 0 {
			err = tx.AuditAppend(actor(), "rekey", []byte("{}"))
		}
		return err
	})
	if closed := w.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]int{"secrets": all, "encrypted_anew": anew})
	}
	a.printf("The store has %d secret(s), %d of them encrypted anew. secrets_key_before can be taken out of the settings.\n", all, anew)
	return nil
}

// rekeyed encrypts with the key what only the key before opens.
func rekeyed(tx *store.Tx, v vault) (all, anew int, err error) {
	secrets, err := tx.Secrets()
	if err != nil {
		return 0, 0, err
	}
	for _, s := range secrets {
		place := s.Connection + "/" + s.Name
		text, old, err := v.open(place, s.Value)
		if err != nil {
			return 0, 0, err
		}
		if !old {
			continue
		}
		anew++
		sealed, err := v.seal(place, text)
		if err == nil {
			err = tx.SecretSet(s.Conn, s.Name, sealed)
		}
		if err != nil {
			return 0, 0, err
		}
	}
	told, more, err := rekeyedNotify(tx, v)
	return len(secrets) + told, anew + more, err
}

// rekeyedNotify is rekeyed for who is told by what was settled at the console.
func rekeyedNotify(tx *store.Tx, v vault) (all, anew int, err error) {
	additions, err := tx.Additions()
	for _, one := range additions {
		if one.Kind != store.AddedNotify {
			continue
		}
		all++
		text, old, err := v.open(placeNotify, one.Body)
		if err != nil || !old {
			return all, 0, err
		}
		if one.Body, err = v.seal(placeNotify, text); err != nil {
			return all, 0, err
		}
		return all, 1, tx.AdditionPut(one)
	}
	return all, 0, err
}

package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"tandem/internal/config"
	"tandem/internal/store"
)

// Names of the secrets that the store keeps.
const (
	secretSalesforce = "salesforce.refresh_token"
	secretHubSpot    = "hubspot.refresh_token"
)

// keeper keeps the refresh tokens that a side has exchanged for new ones, since
// the one in the settings is dead then.
type keeper struct {
	store *store.Store
	conn  int64
	name  string
	vault vault
	from  map[string]string // fingerprints of the configured tokens
}

// kept is a refresh token and which configured token it came from: a person who
// signs in anew configures another one, and that one counts.
type kept struct {
	From  string `json:"from"`
	Token string `json:"token"`
}

func fingerprint(s config.Secret) string {
	sum := sha256.Sum256([]byte(s.Reveal()))
	return hex.EncodeToString(sum[:16])
}

// latest puts in what somebody gave at the console, and the kept tokens in place of those
// that they came from.
func (k *keeper) latest(ctx context.Context, c *config.Connection) error {
	k.from = map[string]string{}
	if err := k.granted(ctx, c); err != nil {
		return err
	}
	if left := outside(*c); len(left) > 0 {
		return notConnected(*c, left)
	}
	if err := k.renew(ctx, secretSalesforce, &c.Salesforce.Auth.RefreshToken); err != nil {
		return err
	}
	return k.renew(ctx, secretHubSpot, &c.HubSpot.Auth.OAuth)
}

func (k *keeper) renew(ctx context.Context, name string, slot **config.RefreshToken) error {
	if *slot == nil {
		return nil
	}
	k.from[name] = fingerprint((*slot).Token)
	have, err := k.open(ctx, name)
	if err != nil || have.From != k.from[name] {
		return err
	}
	renewed := **slot
	renewed.Token = config.Secret(have.Token)
	*slot = &renewed
	return nil
}

// changed stores a rotated token before it is used; nil where none can rotate.
func (k *keeper) changed(name string) func(context.Context, string) error {
	if k.from[name] == "" {
		return nil
	}
	return func(ctx context.Context, token string) error {
		sealed, err := k.sealed(name, kept{From: k.from[name], Token: token})
		if err != nil {
			return err
		}
		return k.store.Update(ctx, func(tx *store.Tx) error { return tx.SecretSet(k.conn, name, sealed) })
	}
}

// kept looks up the token that counts now, blank where the configured one was never
// exchanged; nil where none can rotate.
func (k *keeper) kept(name string) func(context.Context) (string, error) {
	if k.from[name] == "" {
		return nil
	}
	return func(ctx context.Context) (string, error) {
		have, err := k.open(ctx, name)
		if err != nil || have.From != k.from[name] {
			return "", err
		}
		return have.Token, nil
	}
}

// beside is the keeper of a process that is not the store's engine: it works by the
// token that counts and keeps what that is exchanged for, since otherwise looking at
// a side would end the connection to it. Nothing is opened where no token can rotate.
func (a *app) beside(ctx context.Context, f *config.File, c *config.Connection) (*keeper, func() error, error) {
	if len(outside(*c)) == 0 && c.Salesforce.Auth.RefreshToken == nil && c.HubSpot.Auth.OAuth == nil {
		return &keeper{}, func() error { return nil }, nil
	}
	s, err := a.openGuest(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	k := &keeper{store: s, vault: vaultOf(f), name: c.Name}
	err = s.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.ConnectionEnsure(c.Name)
		k.conn = row.ID
		return err
	})
	if err == nil {
		err = k.latest(ctx, c)
	}
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return k, s.Close, nil
}

// openGuest opens the store beside its engine, made or migrated where it has to be.
func (a *app) openGuest(ctx context.Context, f *config.File) (*store.Store, error) {
	guest := store.Options{Now: a.now, Guest: true}
	s, err := store.Open(ctx, f.Store, guest)
	if code := store.CodeOf(err); code != store.NotFound && code != store.OlderSchema {
		return s, err
	}
	made, err := store.Open(ctx, f.Store, store.Options{Now: a.now})
	if err == nil {
		err = made.Close()
	}
	if err != nil && store.CodeOf(err) != store.Locked {
		return nil, err
	}
	return store.Open(ctx, f.Store, guest)
}

func (k *keeper) open(ctx context.Context, name string) (out kept, err error) {
	err = k.store.View(ctx, func(tx *store.Tx) error { _, err := k.unseal(tx, name, &out); return err })
	return out, err
}

// place binds a secret to the names of its connection and its own.
func (k *keeper) place(name string) string { return k.name + "/" + name }

package cli

import (
	"context"
	"fmt"

	"tandem/internal/config"
	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// Added reports that the settings file says nothing of a connection.
func (g gate) Added(connection string) bool { return g.w.file().Added(connection) }

// Add stores a connection as it could stand in the settings file, with its first settings,
// and has it taken up.
func (g gate) Add(ctx context.Context, n console.NewConnection) error {
	f := g.w.file()
	if f.SecretsKey == "" {
		return refused("what is signed in to at the console is kept encrypted, and secrets_key is not set", "set secrets_key: ${TANDEM_SECRETS_KEY} in the settings file, and restart tandem serve")
	}
	c, err := g.newConnection(ctx, n)
	if err != nil {
		return err
	}
	if err := f.MayAdd(c); err != nil {
		return err
	}
	whole, err := config.AddedText(c)
	if err != nil {
		return err
	}
	settings, err := config.Export(c)
	if err != nil {
		return err
	}
	err = g.w.store.Update(ctx, func(tx *store.Tx) error { return addConnection(tx, c.Name, n.By, whole, settings) })
	if err != nil {
		return err
	}
	return g.w.refresh(ctx)
}

// addConnection stores a connection and its first version. One that was there before keeps
// its links, and would bring them along.
func addConnection(tx *store.Tx, name, by string, whole, settings []byte) error {
	_, err := tx.Connection(name)
	if err == nil {
		return refused("there was a connection named "+name+" before, whose links and settings are kept", "choose another name")
	}
	if store.CodeOf(err) != store.NotFound {
		return err
	}
	row, err := tx.ConnectionEnsure(name)
	if err != nil {
		return err
	}
	if _, err := tx.SettingsAppend(row.ID, settings, by); err != nil {
		return err
	}
	return tx.AdditionPut(store.Addition{Kind: store.AddedConnection, Name: name, By: by, Body: whole})
}

// newConnection are the settings of a connection that is to be. It reaches HubSpot the way
// that the others do.
func (g gate) newConnection(ctx context.Context, n console.NewConnection) (c config.Connection, err error) {
	f := g.w.file()
	c = config.Connection{Name: n.Name, Profile: n.Profile}
	c.HubSpot = config.HubSpot{BaseURL: f.Connections[0].HubSpot.BaseURL, PortalID: n.Portal}
	if n.Beside == "" {
		if c.Salesforce.LoginURL, err = loginBeside(f, n.LoginURL); err != nil {
			return c, err
		}
	} else if c.Salesforce, err = g.orgOf(ctx, n.Beside); err != nil {
		return c, err
	}
	if n.UpdateOnly {
		c.Contacts.FromSalesforce = policy.UpdateOnly
	}
	c.Complete()
	return c, nil
}

// orgOf is how the org of a connection is reached, pinned, without the way to sign in.
func (g gate) orgOf(ctx context.Context, name string) (s config.Salesforce, err error) {
	other, err := g.w.file().Connection(name)
	if err != nil {
		return s, usage(err.Error(), "choose one that the page offers")
	}
	k, row, err := g.w.keeper(ctx, name)
	if err != nil {
		return s, err
	}
	if a, ok, err := k.access(ctx, core.Salesforce); err != nil {
		return s, err
	} else if ok {
		other.Salesforce.LoginURL = orElse(a.LoginURL, other.Salesforce.LoginURL)
	}
	s = other.Salesforce
	s.Auth = config.SalesforceAuth{}
	s.OrgID = orElse(s.OrgID, row.Accounts[core.Salesforce])
	return s, nil
}

// loginBeside is where the org of a new connection is signed in to: an address of
// Salesforce's, or one that the settings file trusts already.
func loginBeside(f *config.File, raw string) (string, error) {
	var refused error
	for _, c := range f.Connections {
		at, err := loginAt(c, raw)
		if err == nil {
			return at, nil
		}
		refused = err
	}
	return "", refused
}

// Remove takes a connection back. What the store knows of it stays, under its name.
func (g gate) Remove(ctx context.Context, connection, by string) error {
	if !g.Added(connection) {
		return refused("the settings file has connection "+connection, "take it out there, and restart tandem serve")
	}
	k, _, err := g.w.keeper(ctx, connection)
	if err != nil {
		return err
	}
	for _, side := range core.Sides {
		if _, ok, err := k.access(ctx, side); err != nil || ok {
			if err == nil {
				err = refused(fmt.Sprintf("connection %s is signed in to %s", connection, side.Label()), "forget that sign-in first: nothing syncs from then on")
			}
			return err
		}
	}
	err = g.w.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.AdditionDrop(store.AddedConnection, connection); err != nil {
			return err
		}
		return tx.AuditAppend(by, "remove connection", fmt.Appendf(nil, `{"connection":%q}`, connection))
	})
	if err != nil {
		return err
	}
	if err := g.w.refresh(ctx); err != nil {
		return err
	}
	in := g.w.here(connection)
	return in.exclusive(ctx, connection, func() error { in.unwire(connection); return nil })
}

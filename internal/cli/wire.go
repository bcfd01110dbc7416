package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/connector/hubspot"
	"tandem/internal/connector/salesforce"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/fleet"
	"tandem/internal/store"
)

// world is a store with this process as its engine, and the connections that
// were wired up so far.
type world struct {
	app      *app
	read     *config.File                // the settings file, as it was read
	current  atomic.Pointer[config.File] // with what was added at the console
	store    *store.Store
	accounts *accounts

	wiring sync.Mutex // held while a connection is being wired or unwired: that calls both sides

	// edited are the connections as the settings file has them since it was read,
	// by name, where tandem settings apply took an edit of it over.
	edited sync.Map

	// delivered are the bytes of webhooks that are being read.
	delivered atomic.Int64

	// served says that a connection could be wired since the start.
	served atomic.Bool

	// group are the connections of a hold, nil where this process has the whole store;
	// held are the worlds of this process's holds, nil where it is no worker of a fleet.
	group fleet.Group
	held  *held

	mu        sync.Mutex
	wired     map[string]*wired
	turns     map[string]*turn
	additions []store.Addition // at the console, as they were read last
	turned    chan struct{}    // closed once current is another
}

// wired is one connection with its connectors and its engine.
type wired struct {
	sides  [2]connector.Connector
	engine *engine.Engine
	conn   *engine.Conn
}

// openWorld becomes the engine of the store that the settings name. It calls no
// side; connections are wired when they are needed.
func (a *app) openWorld(ctx context.Context, f *config.File) (*world, error) {
	s, err := store.Open(ctx, f.Store, store.Options{Now: a.now})
	if err != nil {
		return nil, err
	}
	w := a.newWorld(f, s)
	if err := w.refresh(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return w, nil
}

func (a *app) newWorld(f *config.File, s *store.Store) *world {
	w := &world{app: a, read: f, store: s, accounts: newAccounts(a.now), wired: map[string]*wired{}, turns: map[string]*turn{}, turned: make(chan struct{})}
	w.current.Store(f)
	return w
}

// Close ends feeds, keeps the counts of calls, and closes the store.
func (w *world) Close() error {
	for _, c := range w.wired {
		c.close()
	}
	err := w.saveCalls(context.Background())
	if closed := w.store.Close(); err == nil {
		err = closed
	}
	return err
}

func (c *wired) close() {
	for _, s := range c.sides {
		if open, ok := s.(interface{ Close() error }); ok {
			_ = open.Close() // nothing is buffered in a connector
		}
	}
}

// wire gives a connection with both sides reached, schemas read and mappings
// compiled.
func (w *world) wire(ctx context.Context, name string) (*wired, error) {
	w.wiring.Lock()
	defer w.wiring.Unlock()
	if c := w.live(name); c != nil {
		return c, nil
	}
	settings, err := w.effective(ctx, name)
	if err != nil {
		return nil, err
	}
	c, err := w.join(ctx, settings)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wired[name] = c
	return c, nil
}

// live is a connection that is wired, or nil.
func (w *world) live(name string) *wired {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.wired[name]
}

// unwire forgets a connection, so that the next wire reads its settings anew.
func (w *world) unwire(name string) {
	w.wiring.Lock()
	defer w.wiring.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.wired[name]; c != nil {
		c.close()
		delete(w.wired, name)
	}
}

func (w *world) join(ctx context.Context, settings config.Connection) (*wired, error) {
	sides, err := w.connect(ctx, settings)
	if err != nil {
		return nil, fmt.Errorf("connection %s: %w", settings.Name, err)
	}
	c := &wired{sides: sides}
	c.engine, err = engine.New(ctx, w.options(), []engine.Setup{{Settings: settings, Sides: sides}})
	if err != nil {
		c.close()
		return nil, err
	}
	c.conn = c.engine.Conns()[0]
	return c, nil
}

// options are those of every engine here.
func (w *world) options() engine.Options {
	return engine.Options{Store: w.store, Now: w.app.now, Log: w.app.log(), By: actor()}
}

// connect makes the two connectors of a connection, with budgets and refresh
// tokens as the store kept them.
func (w *world) connect(ctx context.Context, c config.Connection) (out [2]connector.Connector, err error) {
	k, row, err := w.keeper(ctx, c.Name)
	if err != nil {
		return out, err
	}
	if err := k.latest(ctx, &c); err != nil {
		return out, err
	}
	sf, hs := k.configs(c, w.app.now)
	sf.Transport, hs.Transport = w.accounts.salesforce(c, row), w.accounts.hubspot(c, row)
	if err := w.restoreCalls(ctx); err != nil {
		return out, err
	}
	return connectors(sf, hs)
}

// keeper keeps the secrets of a connection, whose row it gives along.
func (w *world) keeper(ctx context.Context, name string) (*keeper, store.Connection, error) {
	row, err := w.row(ctx, name)
	return &keeper{store: w.store, conn: row.ID, vault: vaultOf(w.file()), name: name}, row, err
}

// configs are those of both clients, which tell the keeper of a rotated refresh token
// and ask it for the one that counts.
func (k *keeper) configs(c config.Connection, now func() time.Time) (salesforce.Config, hubspot.Config) {
	sf, hs := salesforceConfig(c, now), hubspotConfig(c, now)
	sf.TokenChanged, sf.TokenKept = k.changed(secretSalesforce), k.kept(secretSalesforce)
	if hs.OAuth != nil {
		hs.OAuth.TokenChanged, hs.OAuth.TokenKept = k.changed(secretHubSpot), k.kept(secretHubSpot)
	}
	return sf, hs
}

// connectors makes both clients; neither calls its side yet.
func connectors(sf salesforce.Config, hs hubspot.Config) (out [2]connector.Connector, err error) {
	s, err := salesforce.New(sf)
	if err != nil {
		return out, usage(err.Error(), "correct the settings under salesforce")
	}
	h, err := hubspot.New(hs)
	if err != nil {
		return out, usage(err.Error(), "correct the settings under hubspot")
	}
	out[core.Salesforce], out[core.HubSpot] = s, h
	return out, nil
}

// row is the connection's row in the store, made at its first use.
func (w *world) row(ctx context.Context, name string) (row store.Connection, err error) {
	err = w.store.Update(ctx, func(tx *store.Tx) error {
		row, err = tx.ConnectionEnsure(name)
		return err
	})
	return row, err
}

func salesforceConfig(c config.Connection, now func() time.Time) salesforce.Config {
	s := c.Salesforce
	cfg := salesforce.Config{LoginURL: s.LoginURL, APIVersion: s.APIVersion, ClientName: "tandem-" + c.Name, PubSubAddr: s.PubSub, PriceBook: c.Products.PriceBook, Now: now, Events: c.FollowedObjects(core.Salesforce)}
	switch a := s.Auth; {
	case a.ClientCredentials != nil:
		cfg.Auth.ClientCredentials = &salesforce.ClientCredentials{ID: a.ClientCredentials.ClientID, Secret: a.ClientCredentials.ClientSecret.Reveal()}
	case a.JWT != nil:
		cfg.Auth.JWT = &salesforce.JWT{ClientID: a.JWT.ClientID, Username: a.JWT.Username, KeyPEM: []byte(a.JWT.Key.Reveal()), Audience: a.JWT.Audience}
	case a.RefreshToken != nil:
		cfg.Auth.RefreshToken = &salesforce.RefreshToken{ClientID: a.RefreshToken.ClientID, ClientSecret: a.RefreshToken.ClientSecret.Reveal(), Token: a.RefreshToken.Token.Reveal()}
	case a.AccessToken != nil:
		cfg.Auth.AccessToken = &salesforce.AccessToken{Token: a.AccessToken.Token.Reveal(), InstanceURL: a.AccessToken.InstanceURL}
	}
	return cfg
}

func hubspotConfig(c config.Connection, now func() time.Time) hubspot.Config {
	h := c.HubSpot
	cfg := hubspot.Config{BaseURL: h.BaseURL, StaticToken: h.Auth.StaticToken.Reveal(), PortalID: h.PortalID, IndexLag: h.IndexLag.D(), Now: now, Events: c.FollowedObjects(core.HubSpot)}
	if o := h.Auth.OAuth; o != nil {
		cfg.OAuth = &hubspot.OAuth{ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), RefreshToken: o.Token.Reveal()}
	}
	if j := h.Events.Journal; j != nil {
		cfg.Journal = &hubspot.Journal{ClientID: j.ClientID, ClientSecret: j.ClientSecret.Reveal()}
	}
	if wh := h.Events.Webhooks; wh != nil {
		cfg.AppID = wh.AppID
	}
	return cfg
}

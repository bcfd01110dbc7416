package cli

import (
	"cmp"
	"context"
	"strings"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/connector/hubspot"
	"tandem/internal/connector/salesforce"
	"tandem/internal/console"
	"tandem/internal/core"
)

// gate signs connections in for the console.
type gate struct{ w *world }

// SignedIn tells how each side of a connection is signed in to.
func (g gate) SignedIn(ctx context.Context, connection string) (out [2]console.SignedIn, err error) {
	c, err := g.w.file().Connection(connection)
	if err != nil {
		return out, usage(err.Error(), "")
	}
	k, _, err := g.w.keeper(ctx, connection)
	if err != nil {
		return out, err
	}
	hosts := [2]string{c.Salesforce.LoginURL, c.HubSpot.BaseURL}
	for _, side := range core.Sides {
		out[side] = console.SignedIn{Way: wayInFile(c, side), Host: hosts[side]}
		if out[side].InFile = out[side].Way != ""; out[side].InFile {
			continue
		}
		a, ok, err := k.access(ctx, side)
		if err != nil {
			return out, err
		}
		if ok {
			out[side] = console.SignedIn{Way: a.Way, Host: orElse(a.LoginURL, hosts[side]), By: a.By, At: a.At}
		}
	}
	return out, nil
}

// Enter keeps credentials once the side has let them in.
func (g gate) Enter(ctx context.Context, c console.Credentials) error {
	a, err := g.given(c)
	if err != nil {
		return err
	}
	return g.enter(ctx, c.Connection, c.Side, a)
}

// given is what credentials give access by, with what they lack refused.
func (g gate) given(c console.Credentials) (a access, err error) {
	f, err := g.w.file().Connection(c.Connection)
	if err != nil {
		return a, usage(err.Error(), "")
	}
	if wayInFile(f, c.Side) != "" {
		return a, refused("the settings file says how "+c.Side.Label()+" is signed in to", "take auth out of it there, then sign in here")
	}
	if g.w.file().SecretsKey == "" {
		return a, noKey()
	}
	a = access{Way: c.Way, By: c.By, At: g.w.app.now(), ClientID: c.ClientID, ClientSecret: c.ClientSecret.Reveal(), Username: c.Username, Secret: c.Token.Reveal() + c.Key.Reveal()}
	if c.Side == core.Salesforce {
		if a.LoginURL, err = loginAt(f, c.LoginURL); err != nil {
			return a, err
		}
	}
	return a, a.whole(c.Side)
}

// loginAt is where Salesforce is signed in to: an address of its own, or the one that the
// settings file names.
func loginAt(f config.Connection, raw string) (string, error) {
	raw = strings.TrimRight(strings.TrimSpace(raw), "/")
	if raw == f.Salesforce.LoginURL {
		return raw, nil
	}
	if raw != "" && !strings.Contains(raw, "://") {
		raw = "https://" + raw
	}
	return salesforce.LoginOrigin(raw)
}

// whole refuses what a way of signing in lacks.
func (a *access) whole(side core.Side) error {
	needs := map[string][][2]string{
		console.WayBrowser:     {{a.ClientID, "the app's client id"}},
		console.WayApp:         {{a.ClientID, "the app's client id"}, {a.ClientSecret, "its secret"}},
		console.WayCertificate: {{a.ClientID, "the app's client id"}, {a.Username, "the user's name"}, {a.Secret, "the private key"}},
		console.WayToken:       {{a.Secret, "the token"}},
	}
	if side == core.HubSpot && a.Way == console.WayBrowser {
		needs[a.Way] = append(needs[a.Way], [2]string{a.ClientSecret, "its secret"})
	}
	all, known := needs[a.Way]
	if !known || (a.Way == console.WayToken) != (side == core.HubSpot) && a.Way != console.WayBrowser {
		return usage("there is no such way to sign in to "+side.Label(), "choose one that the page offers")
	}
	for _, n := range all {
		if n[0] == "" {
			return usage(n[1]+" is missing", "fill it in")
		}
	}
	return nil
}

// enter tries access, keeps it, and has the connection take it up.
func (g gate) enter(ctx context.Context, connection string, side core.Side, a access) error {
	k, row, err := g.w.keeper(ctx, connection)
	if err != nil {
		return err
	}
	settings, err := g.w.app.storedSettings(ctx, g.w.store, g.w.file(), connection)
	if err != nil {
		return err
	}
	a.into(&settings, side)
	id, err := g.identity(ctx, settings, side, &a)
	if err != nil {
		return err
	}
	pinned := [2]string{settings.Salesforce.OrgID, settings.HubSpot.PortalID}[side]
	if b := core.CheckIdentity(side, orElse(row.Accounts[side], pinned), id.ID); b != nil {
		return refused(b.Reason, "sign in to the account of this connection, or make a new connection for the other one (INST-6)")
	}
	if err := k.admit(ctx, side, a, id.ID); err != nil {
		return err
	}
	return g.w.perform(ctx, "rewire", console.Order{Connection: connection, By: a.By}, nil)
}

// Forget drops what was kept of a sign-in, and has the connection stop using it.
func (g gate) Forget(ctx context.Context, connection, by string, side core.Side) error {
	k, _, err := g.w.keeper(ctx, connection)
	if err != nil {
		return err
	}
	if _, ok, err := k.access(ctx, side); err != nil || !ok {
		return cmp.Or(err, refused("nobody has signed in to "+side.Label()+" at the console", "where the settings file says how to sign in, take auth out of it there"))
	}
	if err := k.forget(ctx, side); err != nil {
		return err
	}
	if err := g.w.perform(ctx, "rewire", console.Order{Connection: connection, By: by}, nil); err != nil {
		return err
	}
	return k.forget(ctx, side) // a token that was exchanged meanwhile
}

// identity asks a side who is let in by access. A refresh token that is exchanged at that is
// dead: the next one is kept.
func (g gate) identity(ctx context.Context, c config.Connection, side core.Side, a *access) (connector.Identity, error) {
	next := func(_ context.Context, token string) error { a.Secret = token; return nil }
	paced := newAccounts(g.w.app.now)
	if side == core.Salesforce {
		cfg := salesforceConfig(c, g.w.app.now)
		cfg.Transport, cfg.TokenChanged = paced.salesforce(c, noStore), next
		sf, err := salesforce.New(cfg)
		if err != nil {
			return connector.Identity{}, usage(err.Error(), "correct what was filled in")
		}
		defer sf.Close()
		return sf.Identity(ctx)
	}
	cfg := hubspotConfig(c, g.w.app.now)
	cfg.Transport = paced.hubspot(c, noStore)
	if cfg.OAuth != nil {
		cfg.OAuth.TokenChanged = next
	}
	hs, err := hubspot.New(cfg)
	if err != nil {
		return connector.Identity{}, usage(err.Error(), "correct what was filled in")
	}
	return hs.Identity(ctx)
}

// doRewire has a connection sign in anew.
func doRewire(ctx context.Context, w *world, rq request) (any, error) {
	return nil, w.exclusive(ctx, rq.Connection, func() error { w.unwire(rq.Connection); return nil })
}

package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/fleet"
	"tandem/internal/store"
)

// inFleet reports that a service on these settings is one worker of a fleet, be it the
// only one.
func inFleet(f *config.File) bool { return strings.HasPrefix(f.Store, "postgres") }

// serveFleet is tandem serve as one worker of a fleet.
func (a *app) serveFleet(ctx context.Context, f *config.File) error {
	a.boundMemory()
	worker := workerName(a.now().UnixMilli())
	s, err := store.Open(ctx, f.Store, store.Options{Now: a.now, Worker: worker})
	if err != nil {
		return err
	}
	w := a.newWorld(f, s)
	if err := w.refresh(ctx); err != nil {
		return errors.Join(err, s.Close())
	}
	w.held = &held{worker: worker, by: map[string]*world{}}
	err = a.daemon(ctx, w)
	if closed := w.Close(); err == nil {
		err = closed
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // being stopped is how a daemon ends
	}
	return err
}

// joinFleet works on what falls to this worker until ctx ends. Where a connection is added
// the groups are others, and it joins anew.
func (w *world) joinFleet(ctx context.Context) error {
	for ctx.Err() == nil {
		same, stop := w.untilTurned(ctx)
		err := w.workInFleet(same)
		stop()
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return ctx.Err()
}

func (w *world) workInFleet(ctx context.Context) error {
	groups, err := w.groups(ctx)
	if err != nil {
		return err
	}
	return fleet.Run(ctx, fleet.Config{Address: w.file().Store, Store: w.store, Worker: w.held.worker, Groups: groups,
		Lease: w.file().Fleet.Lease.D(), Now: w.app.now, Log: w.app.log(), Serve: w.serveHold})
}

// workerName says where a worker runs. The moment of its start tells it from one before
// that had the same number.
func workerName(started int64) string {
	host, err := os.Hostname()
	if err != nil {
		host = "unnamed"
	}
	return fmt.Sprintf("%.30s/%d-%x", host, os.Getpid(), started)
}

// groups are the connections by the accounts that they share, as far as the settings and
// the store tell: budgets belong to accounts, so that one worker at a time has an account.
func (w *world) groups(ctx context.Context) (out []fleet.Group, err error) {
	rows := map[string]store.Connection{}
	err = w.store.View(ctx, func(tx *store.Tx) error {
		all, err := tx.Connections()
		for _, r := range all {
			rows[r.Name] = r
		}
		return err
	})
	at := map[string]fleet.Group{} // by account, the group so far
	for _, c := range w.file().Connections {
		group := fleet.Group{c.Name}
		for _, account := range accountsOf(c, rows[c.Name]) {
			group = append(group, at[account]...)
		}
		slices.Sort(group)
		group = slices.Compact(group)
		for _, account := range accountsOf(c, rows[c.Name]) {
			at[account] = group
		}
		for account, other := range at {
			if slices.ContainsFunc(other, func(name string) bool { return slices.Contains(group, name) }) {
				at[account] = group
			}
		}
	}
	for _, group := range at {
		if !slices.ContainsFunc(out, func(g fleet.Group) bool { return slices.Equal(g, group) }) {
			out = append(out, group)
		}
	}
	slices.SortFunc(out, func(a, b fleet.Group) int { return cmp.Compare(a[0], b[0]) })
	return out, err
}

// accountsOf name the org and the portal of a connection.
func accountsOf(c config.Connection, row store.Connection) [2]string {
	return [2]string{"salesforce/" + accountKey(row.Accounts[core.Salesforce], c.Salesforce.OrgID, c.Salesforce.LoginURL),
		"hubspot/" + accountKey(row.Accounts[core.HubSpot], c.HubSpot.PortalID, c.HubSpot.BaseURL+"/"+c.Name)}
}

// held are the worlds of a worker's holds, by connection.
type held struct {
	worker string
	mu     sync.Mutex
	by     map[string]*world
}

func (h *held) put(g fleet.Group, w *world) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range g {
		if h.by[name] = w; w == nil {
			delete(h.by, name)
		}
	}
}

// here is the world that works on a connection in this process; a worker's own, which
// works on none, where another process does.
func (w *world) here(name string) *world {
	if w.held == nil {
		return w
	}
	w.held.mu.Lock()
	defer w.held.mu.Unlock()
	return cmp.Or(w.held.by[name], w)
}

// serveHold works on the connections of a hold until ctx ends.
func (w *world) serveHold(ctx context.Context, h *fleet.Hold) error {
	in := w.under(h)
	w.held.put(h.Group, in)
	defer w.held.put(h.Group, nil)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return in.commands(ctx) })
	for _, name := range h.Group {
		g.Go(func() error { return in.serveConnection(ctx, name) })
	}
	if in.first() {
		g.Go(func() error { return in.upkeep(ctx) })
		g.Go(func() error { return w.tell(ctx, in.store) })
	}
	return errors.Join(g.Wait(), in.Close())
}

// under is a world for the work under a hold. It reads the settings file anew: who had the
// connections before may have taken an edit of it over.
func (w *world) under(h *fleet.Hold) *world {
	file := w.file()
	if f, err := w.app.load(); err == nil && !slices.ContainsFunc(h.Group, func(name string) bool { _, err := f.Connection(name); return err != nil }) {
		file = f
	}
	in := w.app.newWorld(file, h.Store)
	in.group, in.accounts.fresh = h.Group, h.Fresh
	in.served.Store(true) // what a person has to mend on one connection ends no worker
	return in
}

// first reports that this world does what is done once for the whole store.
func (w *world) first() bool { return slices.Contains(w.group, w.file().Connections[0].Name) }

// concerns reports that a command is for this world: for a connection of its hold, or for
// none that the settings know.
func (w *world) concerns(c store.Command) bool {
	if w.group == nil {
		return true
	}
	var rq request
	if json.Unmarshal(c.Args, &rq) != nil {
		return w.first()
	}
	if _, err := w.file().Connection(rq.Connection); err != nil {
		return w.first()
	}
	return slices.Contains(w.group, rq.Connection)
}

// stored is a connection without its sides. A worker that does not work on it takes its
// settings as they count, and makes no edit of the file count.
func (w *world) stored(ctx context.Context, name string) (*wired, error) {
	if w.held == nil {
		return w.offline(ctx, name)
	}
	in, err := w.app.inForce(ctx, w.store, w.file(), name)
	if err != nil {
		return nil, err
	}
	e, err := engine.New(ctx, w.options(), nil)
	if err != nil {
		return nil, err
	}
	conn, err := e.Offline(ctx, in.settings)
	return &wired{engine: e, conn: conn}, err
}

// hook is a connection whose webhooks are taken here, and what stores them; nil where it
// has none or is not known yet.
func (w *world) hook(ctx context.Context, name string) (*wired, func(context.Context, []connector.Event) error) {
	if c := w.here(name).live(name); c != nil {
		return c, func(ctx context.Context, events []connector.Event) error {
			return c.engine.CaptureWebhooks(ctx, c.conn, events)
		}
	}
	if w.held == nil {
		return nil, nil
	}
	c, err := w.stored(ctx, name)
	if err != nil || c.conn.Accounts[core.HubSpot].ID == "" {
		return nil, nil
	}
	return c, func(ctx context.Context, events []connector.Event) error { return w.forward(ctx, name, events) }
}

// webhookVerb is the command by which a worker leaves a webhook for the one that works on
// the connection: that one alone has the mappings, which say what is news.
const webhookVerb = "webhook"

func (w *world) forward(ctx context.Context, name string, events []connector.Event) error {
	args, err := json.Marshal(request{Connection: name, Events: events})
	if err != nil {
		return err
	}
	return w.store.Update(ctx, func(tx *store.Tx) error { _, err := tx.CommandPut(webhookVerb, args); return err })
}

// doWebhook captures events that another worker took. It waits for the connection to be
// wired, and goes on trying until they are stored or the process stops: then the next one
// finds them.
func doWebhook(ctx context.Context, w *world, rq request) (any, error) {
	for {
		if c := w.live(rq.Connection); c != nil {
			err := c.engine.CaptureWebhooks(ctx, c.conn, rq.Events)
			if err == nil || store.CodeOf(err) == store.Locked {
				return nil, err
			}
			w.app.log().Warn("store webhooks", "connection", rq.Connection, "cause", err)
		}
		if err := connector.Pause(ctx, commandEvery); err != nil {
			return nil, err
		}
	}
}

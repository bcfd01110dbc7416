package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

func (a *app) serve() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Keep all connections in step until stopped",
		Long: `The daemon: follows change events, polls and sweeps both sides, works on what is
due and carries out what other tandem commands ask for. At the listen address of the
settings it serves the console for a browser, answers /healthz, /readyz, /status and /metrics, and takes
HubSpot's webhooks at /webhooks/hubspot/CONNECTION. Where nobody has an account of the
console yet, it prints a link by which the first admin makes one; a start makes the
link of the last one useless. On a PostgreSQL store any number of machines may serve:
they share the connections, and take over from one that falls silent.`,
		Example: "  tandem serve\n  tandem serve --json --config /etc/tandem.yaml",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			f, err := a.load()
			if err != nil {
				return err
			}
			if inFleet(f) {
				return a.serveFleet(ctx, f)
			}
			s := &session{app: a}
			if err := s.become(ctx, f); err != nil {
				return err
			}
			err = a.daemon(ctx, s.world)
			if closed := s.close(); err == nil {
				err = closed
			}
			if ctx.Err() != nil && errors.Is(err, context.Canceled) {
				return nil // being stopped is how a daemon ends
			}
			return err
		}),
	}
}

// daemon serves the web handler and every connection until ctx ends.
func (a *app) daemon(ctx context.Context, w *world) error {
	l, err := net.Listen("tcp", w.file().Listen)
	if err != nil {
		return usage("listen on "+w.file().Listen+": "+err.Error(), "set another listen address in the settings")
	}
	web := w.console(false)
	welcome, err := web.Invite(ctx)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return serveWeb(ctx, l, w.handler(web)) })
	if w.held != nil {
		g.Go(func() error { return w.joinFleet(ctx) })
		g.Go(func() error { return w.keepFresh(ctx) })
	} else {
		w.serveAll(ctx, g)
	}
	return errors.Join(a.printServing(len(w.file().Connections), httpURL(l), welcome), g.Wait())
}

// serving tells where the daemon answers. Welcome is the link by which the first admin
// makes an account, blank where there is one.
type serving struct {
	Console string `json:"console"`
	Welcome string `json:"welcome,omitempty"`
}

func (a *app) printServing(connections int, address, welcome string) error {
	s := serving{Console: address}
	if welcome != "" {
		s.Welcome = address + welcome
	}
	if a.json {
		return a.printJSON(s)
	}
	a.note("serving %d connection(s); the console is at %s. Stop with Ctrl-C", connections, address)
	if welcome != "" {
		a.note("Nobody has an account of the console yet. Make the first one here; the link is good once:\n  %s", s.Welcome)
	}
	return nil
}

// serveWeb answers at a listener until ctx ends.
func serveWeb(ctx context.Context, l net.Listener, h http.Handler) error {
	web := &http.Server{Handler: h, ReadHeaderTimeout: 30 * time.Second, ReadTimeout: time.Minute}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return served(web.Serve(l)) })
	g.Go(func() error {
		<-ctx.Done()
		return web.Close()
	})
	return g.Wait()
}

// serveAll serves every connection, as the one process of its store.
func (w *world) serveAll(ctx context.Context, g *errgroup.Group) {
	g.Go(func() error { w.serveEach(ctx, g); return nil })
	g.Go(func() error { return w.outlast(ctx, func() error { return w.upkeep(ctx) }) })
	g.Go(func() error { return w.outlast(ctx, func() error { return w.tell(ctx, w.store) }) })
}

// serveEach serves every connection of the settings, and those that are added meanwhile.
func (w *world) serveEach(ctx context.Context, g *errgroup.Group) {
	served := map[string]bool{}
	for ctx.Err() == nil {
		same, stop := w.untilTurned(ctx)
		named := map[string]bool{}
		for _, c := range w.file().Connections {
			named[c.Name] = true
			if served[c.Name] {
				continue
			}
			g.Go(func() error {
				return w.outlast(ctx, func() error {
					w.unwire(c.Name) // what it holds in memory may say what was not stored
					return w.serveConnection(ctx, c.Name)
				})
			})
		}
		served = named
		<-same.Done()
		stop()
	}
}

// storeRetry is the pause after the store had no space or was locked by another program.
const storeRetry = 5 * time.Second

// outlast does its work again after a pause for as long as the store has no space or
// another program holds its lock. Nothing is written to either side meanwhile, since every
// write is noted in the store before.
func (w *world) outlast(ctx context.Context, work func() error) error {
	for {
		err := work()
		if !store.Passes(err) || ctx.Err() != nil {
			return err
		}
		w.app.log().Error("will try again", "in", storeRetry, "code", problemOf(err).Code, "cause", err)
		if err := connector.Pause(ctx, storeRetry); err != nil {
			return err
		}
	}
}

// serveConnection keeps one connection in step; whoever needs the turn, or
// applies new settings, interrupts it for that long. Where the fields of a side
// change it begins anew. It ends once the settings do not name the connection any more.
func (w *world) serveConnection(ctx context.Context, name string) error {
	for ctx.Err() == nil && w.names(name) {
		err := w.turn(name).hold(ctx, func(ctx context.Context) error {
			c, err := w.wireAgain(ctx, name) // within the turn: who had it before may have changed the settings
			if err != nil {
				return err
			}
			err = c.engine.Serve(ctx, c.conn)
			if engine.SchemaChanged(err) {
				w.unwire(name)
				return nil
			}
			return err
		})
		if err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("serve connection %s: %w", name, err)
		}
	}
	return nil
}

// names reports that the settings name a connection.
func (w *world) names(name string) bool {
	_, err := w.file().Connection(name)
	return err == nil
}

const (
	wireRetry    = time.Second
	wireRetryMax = 5 * time.Minute
	wireMend     = 30 * time.Second // between looks whether a person has mended the cause
)

// wireAgain wires a connection, and tries again while a side does not answer. What
// a person has to mend suspends the connection until it is mended, so that the
// others go on; where nothing was ever served it ends the daemon instead, unless it is mended
// at the console that the daemon serves.
func (w *world) wireAgain(ctx context.Context, name string) (*wired, error) {
	for pause := wireRetry; ; pause = min(2*pause, wireRetryMax) {
		c, err := w.wire(ctx, name)
		if err == nil {
			w.served.Store(true)
			return c, nil
		}
		if connector.ClassOf(err) != core.ClassTransient {
			if ctx.Err() != nil || w.hopeless(name) {
				return nil, err
			}
			if err := w.unopened(ctx, name, err); err != nil {
				return nil, err
			}
			pause = wireMend
		}
		w.app.log().Warn("will try again", "connection", name, "in", pause, "cause", err)
		if err := connector.Pause(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// hopeless reports that this process has never served anything and nobody can mend that at
// the console that it serves: a person waits for it at a terminal, or a supervisor does.
func (w *world) hopeless(name string) bool {
	c, err := w.file().Connection(name)
	return len(w.file().Connections) == 1 && !w.served.Load() && (err != nil || len(outside(c)) == 0)
}

// unopened notes in the store why a connection does not work.
func (w *world) unopened(ctx context.Context, name string, cause error) error {
	e, err := engine.New(ctx, w.options(), nil)
	if err != nil {
		return err
	}
	p := problemOf(cause)
	return e.Unopened(ctx, name, connector.ClassOf(cause), &engine.Error{Code: p.Code, Message: p.Message, Mend: p.Mend})
}

const upkeepEvery = time.Minute

// upkeep keeps the journal within its bounds, and the mark by which a restored
// store is known.
func (w *world) upkeep(ctx context.Context) error {
	for connector.Pause(ctx, upkeepEvery) == nil {
		err := w.prune(ctx)
		if err == nil {
			err = w.store.Beat(ctx)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// prune removes journal entries that are too old or too many, a few thousand a
// transaction.
func (w *world) prune(ctx context.Context) error {
	for removed := int64(1); removed > 0 && ctx.Err() == nil; {
		err := w.store.Update(ctx, func(tx *store.Tx) (err error) {
			removed, err = tx.JournalPrune(w.app.now().Add(-w.file().Journal.Keep.D()), int64(w.file().Journal.MaxSize))
			return err
		})
		if err != nil {
			return fmt.Errorf("prune journal: %w", err)
		}
	}
	return nil
}

package cli

import (
	"context"
	"reflect"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/store"
)

// inMemory is the store of a process that leaves nothing behind.
const inMemory = "sqlite::memory:"

// lookAdditions bounds for how long a verb waits for what was added at the console. Where the
// store does not answer, whatever the verb does with it says so.
const lookAdditions = 10 * time.Second

// withAdditions is a settings file with what was added at the console.
func (a *app) withAdditions(f *config.File) *config.File {
	if f.Store == inMemory {
		return f
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookAdditions)
	defer cancel()
	s, err := store.Open(ctx, f.Store, store.Options{Now: a.now, ReadOnly: true})
	if err != nil {
		return f // nothing was added to a store that is not there, or whoever opens it says what is wrong
	}
	defer s.Close()
	all, err := additions(ctx, s)
	if err != nil {
		return f
	}
	return a.merged(f, all)
}

func additions(ctx context.Context, s *store.Store) (all []store.Addition, err error) {
	err = s.View(ctx, func(tx *store.Tx) (err error) { all, err = tx.Additions(); return err })
	return all, err
}

// merged is a settings file with additions. One that cannot be read is left out, which is
// logged: the rest of the file goes on counting.
func (a *app) merged(f *config.File, all []store.Addition) *config.File {
	for _, one := range all {
		var err error
		switch one.Kind {
		case store.AddedConnection:
			var c config.Connection
			if c, err = config.ReadConnection(one.Body); err == nil {
				f = f.With(c)
			}
		case store.AddedNotify:
			var n config.Notify
			if n, err = openNotify(vaultOf(f), one.Body); err == nil {
				f = f.Telling(n)
			}
		}
		if err != nil {
			a.log().Error("what was added at the console cannot be read", "kind", one.Kind, "name", one.Name, "cause", err)
		}
	}
	return f
}

// file are the settings that this process works by.
func (w *world) file() *config.File { return w.current.Load() }

// refresh takes up what was added at the console, or taken back there, since the last look.
func (w *world) refresh(ctx context.Context) error {
	all, err := additions(ctx, w.store)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if reflect.DeepEqual(all, w.additions) {
		return nil
	}
	w.additions = all
	w.current.Store(w.app.merged(w.read, all))
	close(w.turned)
	w.turned = make(chan struct{})
	return nil
}

// untilTurned is ctx until other settings of this process count.
func (w *world) untilTurned(ctx context.Context) (context.Context, context.CancelFunc) {
	w.mu.Lock()
	turned := w.turned
	w.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-turned:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// refreshEvery is how often a worker of a fleet looks what was added by another one.
const refreshEvery = 3 * time.Second

func (w *world) keepFresh(ctx context.Context) error {
	for connector.Pause(ctx, refreshEvery) == nil {
		if err := w.refresh(ctx); err != nil && ctx.Err() == nil {
			w.app.log().Warn("look what was added at the console", "cause", err)
		}
	}
	return nil
}

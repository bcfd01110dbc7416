package cli

import (
	"context"
	"fmt"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

const watchEvery = time.Second

// watch shows how work goes on until the function returned is called. A run of
// 0 shows all runs and whatever else is due.
func (s *session) watch(ctx context.Context, connection string, run int64) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		most := int64(0) // that was ever due, where no run tells a total
		for connector.Pause(ctx, watchEvery) == nil {
			g, err := s.glance(ctx, connection, run)
			if err != nil || g.total == 0 {
				continue
			}
			most = max(most, g.total)
			s.app.printed.progress(s.app.now(), most-g.due, most, g.text)
		}
	}()
	return func() { cancel(); <-done; s.app.printed.clear() }
}

// glance is how far the work of a connection has come.
type glance struct {
	total, due int64
	running    bool
	text       string
}

func (s *session) glance(ctx context.Context, connection string, run int64) (g glance, err error) {
	err = s.store().View(ctx, func(tx *store.Tx) error {
		row, err := tx.Connection(connection)
		if err != nil {
			return err
		}
		runs, err := tx.RunsOpen(row.ID)
		if err != nil {
			return err
		}
		g.addRuns(s.app.known(), runs, run)
		due, err := tx.DueCount(row.ID)
		g.due = int64(due)
		return err
	})
	g.total = max(g.total, g.due)
	if g.text == "" {
		g.text = "changes"
	}
	return g, err
}

func (g *glance) addRuns(pairs core.PairSet, runs []store.Run, only int64) {
	for _, r := range runs {
		if !engine.Lists(r.Kind) || only != 0 && r.ID != only {
			continue
		}
		g.running = true
		g.total += r.Total
		g.text = fmt.Sprintf("%s %d", r.Kind, r.ID)
		if !engine.Listed(pairs, r) {
			g.text += " (still listing)" // the total grows
		}
	}
}

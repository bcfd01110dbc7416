package engine

import (
	"encoding/json"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/store"
)

// captureOverflow turns "something happened to any record" into a run that lists
// what changed since before the gap, and sweeps for what a list of changes does
// not show.
func (e *Engine) captureOverflow(tx *store.Tx, c *Conn, side core.Side, events []connector.Event) error {
	for _, ev := range events {
		if ev.Kind != connector.EventOverflow {
			continue
		}
		a := sweepArgs{Side: side, Object: ev.Ref.Object, Lost: true}
		if !ev.At.IsZero() {
			a.Since = ev.At.Add(-gapMargin)
		}
		if err := e.queueLost(tx, c, a); err != nil {
			return err
		}
	}
	return nil
}

// gapMargin is how far before its announcement a gap may begin: longer than any
// transaction takes from the first stamp to the commit.
const gapMargin = 15 * time.Minute

// queueLost queues a run for lost events, unless one that has not begun covers
// them: a mass change announces one overflow after the other.
func (e *Engine) queueLost(tx *store.Tx, c *Conn, a sweepArgs) error {
	all, err := tx.Runs(c.ID, 100)
	if err != nil {
		return err
	}
	for _, r := range all {
		var have sweepArgs
		if r.Kind != runSweep || r.State != store.RunQueued || json.Unmarshal(r.Args, &have) != nil {
			continue
		}
		if have.Lost && have.Side == a.Side && have.Object == a.Object && have.Since.IsZero() == a.Since.IsZero() && !have.Since.After(a.Since) {
			return nil
		}
	}
	_, err = tx.RunCreate(store.Run{Conn: c.ID, Kind: runSweep, Args: a.json(), State: store.RunQueued, Created: e.Now()})
	return err
}

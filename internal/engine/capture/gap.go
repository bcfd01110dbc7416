package capture

import (
	"encoding/json"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// captureOverflow turns "something happened to any record" into a run that lists
// what changed since before the gap, and sweeps for what a list of changes does
// not show.
func captureOverflow(e *room.Env, tx *store.Tx, c *conn.Known, side core.Side, events []connector.Event) error {
	for _, ev := range events {
		if ev.Kind != connector.EventOverflow {
			continue
		}
		a := SweepArgs{Side: side, Object: ev.Ref.Object, Lost: true}
		if !ev.At.IsZero() {
			a.Since = ev.At.Add(-gapMargin)
		}
		if err := QueueLost(e, tx, c, a); err != nil {
			return err
		}
	}
	return nil
}

// gapMargin is how far before its announcement a gap may begin: longer than any
// transaction takes from the first stamp to the commit.
const gapMargin = 15 * time.Minute

// QueueLost queues a run for lost events, unless one that has not begun covers
// them: a mass change announces one overflow after the other.
func QueueLost(e *room.Env, tx *store.Tx, c *conn.Known, a SweepArgs) error {
	all, err := tx.RunsOpen(c.ID)
	if err != nil {
		return err
	}
	for _, r := range all {
		var have SweepArgs
		if r.Kind != SweepRun || r.State != store.RunQueued || json.Unmarshal(r.Args, &have) != nil {
			continue
		}
		if have.Lost && have.Side == a.Side && have.Object == a.Object && have.Since.IsZero() == a.Since.IsZero() && !have.Since.After(a.Since) {
			return nil
		}
	}
	_, err = tx.RunCreate(store.Run{Conn: c.ID, Kind: SweepRun, Args: a.JSON(), State: store.RunQueued, Created: e.Now()})
	return err
}

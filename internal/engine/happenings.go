package engine

import (
	"context"

	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/engine/timeline"
	"tandem/internal/store"
)

// happen reads what people did and makes the tasks that are due.
func (e *Engine) happen(ctx context.Context, c *Conn) error {
	defer c.poke()
	return c.line.Round(ctx, &e.Env, e.taskHands(c))
}

// taskHands are what the room of happenings needs of a connection.
func (e *Engine) taskHands(c *Conn) timeline.Hands {
	return timeline.Hands{Gate: c.gate, Tell: func(tx *store.Tx, all []timeline.Sent) error { return e.tellTasks(tx, c, all) }}
}

// tellTasks puts tasks that were sent for people into the journal, under the run of the
// sync that is under way.
func (e *Engine) tellTasks(tx *store.Tx, c *Conn, all []timeline.Sent) error {
	entries := make([]told, len(all))
	for i, s := range all {
		w := Write{Kind: s.Op.Kind, Side: core.Salesforce.String(), Object: s.Op.Target.Object, ID: s.Outcome.ID, Rule: s.Op.Rule, After: s.Op.Fields,
			Status: s.Outcome.Status, Code: s.Outcome.Code, Message: s.Outcome.Message}
		body := Entry{Decisions: []core.Decision{s.Decision}, Writes: []Write{w}, Note: s.Note}
		entries[i] = told{Entry: store.Entry{At: e.Now(), Pair: core.ContactPair, Ref: s.Person, LinkID: s.LinkID, Kind: store.EntryOutcome, Body: room.MustJSON(body)}, wrote: w.took()}
	}
	if err := e.tellRun(tx, c, entries); err != nil {
		return err
	}
	journal := make([]store.Entry, len(entries))
	for i := range entries {
		journal[i] = entries[i].Entry
	}
	return tx.JournalAppend(c.ID, journal)
}

// activitiesOf are the last things that the HubSpot contact among some records did.
func activitiesOf(tx *store.Tx, c *Conn, refs []core.Ref) (out []timeline.Told, err error) {
	for _, r := range refs {
		if r.Side == core.HubSpot && r.Object == core.Contacts && err == nil {
			out, err = timeline.Of(tx, &c.Known, r, historyShown)
		}
	}
	return out, err
}

// retryTasks makes what Salesforce refused a task for due again.
func retryTasks(tx *store.Tx, c *Conn) error { return tx.HappeningsRetry(c.ID) }

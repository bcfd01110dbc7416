package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// learnStages has outputs call the stages of a connection by Salesforce's names of them.
func (a *app) learnStages(ctx context.Context, st *store.Store, conn int64) error {
	return st.View(ctx, func(tx *store.Tx) (err error) {
		a.stages, err = engine.StageNames(tx, conn)
		return err
	})
}

// learnStages reads them for a connection by its name; one that has never begun has none.
func (s *session) learnStages(ctx context.Context, connection string) error {
	var row store.Connection
	err := s.store().View(ctx, func(tx *store.Tx) (err error) { row, err = tx.Connection(connection); return err })
	if store.CodeOf(err) == store.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return s.app.learnStages(ctx, s.store(), row.ID)
}

// valueOf is a value of a field as lists show it: HubSpot's id of a stage has the stage's
// name before it.
func (a *app) valueOf(field, value string) string {
	if name := a.stages[value]; name != "" && isStage(field) {
		return clip(name) + " (" + value + ")"
	}
	return clip(value)
}

// isStage reports the fields by which the records of a pair say where they stand.
func isStage(field string) bool {
	return slices.ContainsFunc([]core.Pair{core.DealPair, core.TicketPair}, func(p core.Pair) bool {
		stage := core.StandardPairs.Def(p).Stages.Stage
		return slices.Contains(stage[:], field)
	})
}

// withWords names the other end of an association, with its labels.
func (a *app) withWords(w engine.Write) string {
	if w.Associate == nil {
		return ""
	}
	words := " with " + a.label(*w.Associate)
	if len(w.Labels) > 0 {
		words += fmt.Sprintf(" (%s)", strings.Join(w.Labels, ", "))
	}
	return words
}

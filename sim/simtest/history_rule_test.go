package simtest

import (
	"slices"
	"testing"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/engine/conn"
)

// TestLIFE2_HistoryNamesTheRuleThatMovedAStage, and not the rule of the note that is written
// along with it.
func TestLIFE2_HistoryNamesTheRuleThatMovedAStage(t *testing.T) {
	w := New(t, people(becomesContact), stages(automatic))
	sf, hs := w.colleague("", "Ada")
	w.role(w.opportunity("Open"), sf)
	w.again()
	rows, err := w.Engine.History(t.Context(), w.Conn, core.ContactPair, hs, 10)
	w.must(err)
	var writes []engine.Write
	for _, row := range rows {
		writes = append(writes, row.Writes...)
	}
	i := slices.IndexFunc(writes, func(op engine.Write) bool { return op.Before[stageOf] != "" })
	if i < 0 || writes[i].Rule != "LIFE-2" || writes[i].After[conn.NoteStage] == "" {
		t.Errorf("the writes are %+v, want one of the stage by LIFE-2 with the note beside", writes)
	}
}

package engine

import (
	"encoding/json"
	"fmt"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/store"
)

// kindWords are what the kinds of runs are called, and what follows for those that are of one
// object pair.
var kindWords = map[string][2]string{
	runSync:          {"sync of changes"},
	runApply:         {"plan applied"},
	runImport:        {"import", " of "},
	runBackfill:      {"back-fill", " of "},
	runResync:        {"resync", " of "},
	runUndo:          {"undo"},
	runRelations:     {"comparison of associations", " of "},
	runFormulas:      {"comparison of calculated fields", " of "},
	runOptOuts:       {"search for who is opted out"},
	capture.SweepRun: {"comparison of all records"},
}

// stateWords are what the states of runs are called.
var stateWords = map[store.RunState]string{
	store.RunQueued:  "waiting",
	store.RunRunning: "under way",
}

// RunWords say what a run is, and of what.
func RunWords(pairs core.PairSet, r store.Run) string {
	words := kindWords[r.Kind]
	if words[0] == "" {
		return r.Kind
	}
	of := runOf(r)
	switch {
	case r.Kind == capture.SweepRun:
		return sweepWords(pairs, r.Args)
	case of == nil:
	case of.Run != 0:
		return fmt.Sprintf("%s of run %d", words[0], of.Run)
	case of.Plan != 0:
		return fmt.Sprintf("plan %d applied", of.Plan)
	case of.Pair != "" && words[1] != "":
		return words[0] + words[1] + strings.ReplaceAll(pairs.Records(of.Pair), "_", " ")
	}
	return words[0]
}

// sweepWords say whose records a sweep compares.
func sweepWords(pairs core.PairSet, args []byte) string {
	var a capture.SweepArgs
	if json.Unmarshal(args, &a) != nil || a.Object == "" {
		return kindWords[capture.SweepRun][0]
	}
	return "comparison of every " + a.Side.Label() + " " + pairs.Word(a.Object)
}

// StateWords say how far a run has come.
func StateWords(s store.RunState) string {
	if words := stateWords[s]; words != "" {
		return words
	}
	return string(s)
}

// leftCodes are what the codes of what an undo leaves alone mean.
var leftCodes = map[string]string{
	leftChanged:    "changed since",
	leftGone:       "gone, converted or merged since",
	leftOwner:      "had no owner before",
	leftReadOnly:   "fields that do not take writes",
	leftUnreadable: "fields that their side does not show",
	leftConsent:    "opt-outs, which no undo takes back",
	leftCreated:    "records that it made",
	leftLinked:     "links that it made",
	leftDeleted:    "records that it deleted, to be restored by hand",
	leftJoined:     "associations, roles and memberships",
	leftErased:     "erased on request",
	leftRefused:    "refused by their side",
	leftRule:       "values that the other side's counts for",
	leftSummed:     "amounts that follow their products",
}

// LeftWords say what an undo leaves alone, of its code.
func LeftWords(code string) string {
	if words := leftCodes[code]; words != "" {
		return words
	}
	return code
}

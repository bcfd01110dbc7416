package engine

import (
	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// What a write does to an opt-out. Beside an unsubscription in HubSpot it is part of an update
// or a create in Salesforce, and counts there as well.
const (
	optOut = "opt-out"
	optIn  = "opt-in"
)

// optOf is what a write does to an opt-out, blank for nothing. A record that is made without
// one is nobody who came back.
func optOf(kind core.OpKind, object core.Object, fields map[string]string) string {
	box := ""
	if object == core.Lead || object == core.Contact {
		box = fields[conn.OptOutField[core.Salesforce]]
	}
	switch {
	case kind == core.OpUnsubscribe, box == "true":
		return optOut
	case kind == core.OpUpdate && box == "false":
		return optIn
	}
	return ""
}

// opted counts one.
func (n *Counts) opted(what string) {
	switch what {
	case optOut:
		n.OptOuts++
	case optIn:
		n.OptIns++
	}
}

// opted counts one.
func (n *counters) opted(what string) {
	switch what {
	case optOut:
		n.optOuts.Add(1)
	case optIn:
		n.optIns.Add(1)
	}
}

package engine

import (
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// verdictWords say a verdict to a person.
var verdictWords = map[Verdict]string{InSync: "in step", Pending: "waiting", Blocked: "blocked", OutOfScope: "not to be synced",
	NotFound: "not found on either side, or hidden from the integration"}

// Words say a verdict to a person.
func (v Verdict) Words() string { return verdictWords[v] }

// FieldsLeft counts the fields that differ where nothing but single fields blocks, and
// all others of a linked record sync.
func (x *Explanation) FieldsLeft() (n int) {
	if x.Verdict != Blocked || x.Link == nil || x.Link.State != core.LinkActive {
		return 0
	}
	for _, i := range x.Issues {
		if i.Field == "" {
			return 0
		}
	}
	for _, f := range x.Fields {
		if !f.InSync {
			n++
		}
	}
	return n
}

// Words say to a person how the two values of a field stand to each other: an owner whom
// the other side does not know is in step, and yet not the same.
func (f FieldView) Words() string {
	switch {
	case !f.InSync:
		return "differs"
	case !core.Same(f.Compared.Salesforce, f.Compared.HubSpot):
		return "left apart"
	}
	return "same"
}

// Soon says to a person at a moment when what a sync would do is done. That a record is in no
// queue says nothing of what changed since the last poll.
func (x *Explanation) Soon(now time.Time) string {
	switch {
	case x.Halt != nil:
		return "Once the connection goes on, a sync would"
	case len(x.Pending) == 0:
		return "Once something has it looked at (a change since the last sync, or the sweep of sweep_every), a sync would"
	case x.Due != nil && x.Due.After(now):
		return "That sync would"
	}
	return "A sync would now"
}

// reasonWords say why a record is looked at again.
var reasonWords = map[string]string{"edit": "an edit", "create": "its creation", "delete": "a deletion, merge or privacy request",
	"import": "an import", "person": "a person's request", "sweep": "a sweep that found another version", "parent": "a change of a related record",
	"schema": "changed settings or fields", "retry": "an issue that is tried again", "gap": "events that were lost", "own": "a write of our own"}

// ReasonWords say to a person why a record is looked at again, by the names of
// core.Reasons.
func ReasonWords(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		if out[i] = reasonWords[n]; out[i] == "" {
			out[i] = n
		}
	}
	return strings.Join(out, ", ")
}

// States of a connection as a whole.
const (
	StateInStep       = "in_step"
	StateDue          = "due"
	StateLimited      = "limited" // no call is left for today
	StatePaused       = "paused"
	StateSuspended    = "suspended"
	StateDisconnected = "disconnected"
	StateHalted       = "halted" // by a brake
)

// State is how the connection stands, in one word.
func (s *Status) State() string {
	switch {
	case s.Ended:
		return StateDisconnected
	case s.Paused:
		return StatePaused
	case s.Suspended != "":
		return StateSuspended
	case len(s.Brakes) > 0:
		return StateHalted
	}
	for _, side := range s.Sides {
		if UsedUp(side.Usage) {
			return StateLimited
		}
	}
	if s.Due() > 0 {
		return StateDue
	}
	return StateInStep
}

// Due is how many records are due now.
func (s *Status) Due() (n int) {
	for _, w := range s.Work {
		n += w.Due
	}
	return n
}

// UsedUp reports that no call is left of what is allotted to us for 24 hours.
func UsedUp(u connector.Usage) bool { return u.Limit > 0 && u.Ours >= u.Limit }

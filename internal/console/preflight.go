package console

import (
	"encoding/json"
	"fmt"
	"slices"

	"tandem/internal/store"
)

// Colours of a finding and of a whole preflight.
const (
	Green  = "GREEN"
	Yellow = "YELLOW"
	Red    = "RED"
)

// Finding is one thing that a preflight looked at.
type Finding struct {
	State string `json:"state"`
	Side  string `json:"side,omitempty"`
	What  string `json:"what"`
	Found string `json:"found"`
	Mend  string `json:"mend,omitempty"`
	Rule  string `json:"rule,omitempty"`
	// Each says of every field that it is about what may be done with it.
	Each []string `json:"each,omitempty"`
}

// Preflight is what a look at both sides of a connection found.
type Preflight struct {
	By       string    `json:"by"`
	State    string    `json:"state"` // the worst of the findings
	Findings []Finding `json:"findings"`
	// Missing are the fields of Tandem's own that are not there or hidden.
	Missing []OwnField `json:"missing,omitempty"`
}

// OwnField is a field that Tandem needs on a side and can make there.
type OwnField struct {
	Side string `json:"side"`
	Name string `json:"name"` // with its object's
	Kind string `json:"kind"`
	Why  string `json:"why"`
}

// Prepared tells what is left to do for an admin of a side once what could be made was made.
type Prepared struct {
	Left []string `json:"left"`
}

// Worst is the colour of all findings together.
func Worst(all []Finding) string {
	for _, state := range []string{Red, Yellow} {
		if slices.ContainsFunc(all, func(f Finding) bool { return f.State == state }) {
			return state
		}
	}
	return Green
}

// preflightOf is the last preflight of a connection; ok is false before the first.
func preflightOf(tx *store.Tx, conn int64) (p Preflight, kept store.Preflight, ok bool, err error) {
	if kept, ok, err = tx.Preflight(conn); err != nil || !ok {
		return p, kept, false, err
	}
	if err = json.Unmarshal(kept.Body, &p); err != nil {
		return p, kept, false, fmt.Errorf("read preflight: %w", err)
	}
	return p, kept, true, nil
}

// in are the findings of a colour, in the order of the preflight.
func (p *Preflight) in(state string) (out []Finding) {
	for _, f := range p.Findings {
		if f.State == state {
			out = append(out, f)
		}
	}
	return out
}

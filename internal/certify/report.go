package certify

import (
	"fmt"
	"io"
	"time"
)

// Outcome of a check.
type Outcome string

// The outcomes: as expected; different; could not run (unreachable, a right is
// missing, the side is busy); does not apply to this account or this run.
const (
	Same      Outcome = "same"
	Different Outcome = "different"
	NotRun    Outcome = "not_run"
	Skipped   Outcome = "skipped"
)

// Report is what a run found. It holds no value of either side and no secret.
type Report struct {
	Tandem     string          `json:"tandem,omitempty"`
	APIVersion string          `json:"salesforce_api_version"`
	Write      bool            `json:"write"`
	Counts     map[Outcome]int `json:"counts"`
	Checks     []Result        `json:"checks"`
	// Left is the number of made records that are still to be removed.
	Left int `json:"left"`
}

// Result is what one check found.
type Result struct {
	ID          string       `json:"id"`
	Side        string       `json:"side"`
	Relies      string       `json:"relies_on"`
	Fact        string       `json:"fact"`
	Outcome     Outcome      `json:"outcome"`
	Reason      string       `json:"reason,omitempty"`
	Took        string       `json:"took,omitempty"`
	Differences []Difference `json:"differences,omitempty"`
}

// Kind says what a difference is about.
type Kind string

// The kinds of difference.
const (
	KindStatus Kind = "status"
	KindShape  Kind = "shape"
	KindCode   Kind = "code"
	KindHeader Kind = "header"
	KindEffect Kind = "effect" // what the service did, or did not
	KindTiming Kind = "timing"
)

// Difference is one thing that is not as expected. At is a path of API field
// names; Seen is made of types, lengths and known API words only.
type Difference struct {
	Kind     Kind   `json:"kind"`
	Endpoint string `json:"endpoint"`
	At       string `json:"at,omitempty"`
	Expected string `json:"expected"`
	Seen     string `json:"seen"`
}

func (r *Report) count() {
	r.Counts = map[Outcome]int{Same: 0, Different: 0, NotRun: 0, Skipped: 0}
	for _, c := range r.Checks {
		r.Counts[c.Outcome]++
	}
}

// Print writes the report for people: differences in full, the rest a line each.
func (r Report) Print(w io.Writer) {
	for _, c := range r.Checks {
		fmt.Fprintf(w, "%-9s  %-10s  %-28s  %s\n", c.Outcome, c.Side, c.ID, orElse(c.Reason, c.Took))
		if c.Outcome == Different {
			fmt.Fprintf(w, "           relies on: %s\n           see: %s\n", c.Relies, c.Fact)
		}
		for _, d := range c.Differences {
			fmt.Fprintf(w, "           %s %s %s: expected %s, seen %s\n", d.Endpoint, d.Kind, d.At, d.Expected, d.Seen)
		}
	}
	fmt.Fprintf(w, "\n%d as expected, %d different, %d could not run, %d do not apply\n",
		r.Counts[Same], r.Counts[Different], r.Counts[NotRun], r.Counts[Skipped])
	if r.Left > 0 {
		fmt.Fprintf(w, "%d marked records could not be removed yet; the next run removes them\n", r.Left)
	}
}

// timingClass coarsens a duration, which could otherwise tell one account from
// another.
func timingClass(d time.Duration) string {
	for _, c := range []struct {
		below time.Duration
		name  string
	}{{time.Second, "<1s"}, {10 * time.Second, "<10s"}, {time.Minute, "<60s"}, {10 * time.Minute, "<10min"}} {
		if d < c.below {
			return c.name
		}
	}
	return ">=10min"
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

package policy

import (
	"strconv"
	"time"

	"tandem/internal/core"
)

// Outcomes of a decision.
const (
	Create     = "create"       // make a partner
	Link       = "link"         // an existing record is the partner
	Update     = "update"       // the pair is linked and its fields pass
	None       = "none"         // nothing is due
	Wait       = "wait"         // decided again when what is missing is known
	Review     = "review"       // a person must choose
	OutOfScope = "out_of_scope" // a filter or a list leaves the record out
	Unlink     = "unlink"       // close the link, keep the partner
	Flag       = "flag"         // close the link, keep the partner, mark it
	Archive    = "archive"      // close the link, archive the partner
	Delete     = "delete"       // close the link, delete the partner
	Relink     = "relink"       // the link moves to the survivor of a merge
	Park       = "park"         // the link stops until a person or a rule decides
)

// facts collects what a decision saw, in words.
type facts map[string]string

func (f facts) text(key, value string) facts {
	if value != "" {
		f[key] = value
	}
	return f
}

func (f facts) flag(key string, value bool) facts {
	f[key] = strconv.FormatBool(value)
	return f
}

func (f facts) count(key string, n int) facts {
	f[key] = strconv.Itoa(n)
	return f
}

func (f facts) moment(key string, t time.Time) facts {
	if !t.IsZero() {
		f[key] = t.UTC().Format(time.RFC3339)
	}
	return f
}

// decide is the decision with the facts and its reason in words.
func (f facts) decide(rule, outcome, because string) core.Decision {
	return core.Decision{Rule: rule, Outcome: outcome, Facts: f.text("because", because)}
}

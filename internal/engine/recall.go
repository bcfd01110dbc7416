package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
)

// Otherwise is what a cause other than a change would make a sync decide.
type Otherwise struct {
	By string `json:"by"` // import or resync
	core.Decision
}

// causes are the reasons that count for a record from before the switch and that the
// journal remembers. A person's word counts once, when it is given.
var causes = []core.Reasons{core.ReasonEdit, core.ReasonCreate, core.ReasonGap, core.ReasonParent, core.ReasonImport, core.ReasonListed}

// idle reports a decision that says no more than that nothing asked for one.
func idle(d core.Decision) bool {
	return d.Outcome == policy.None && slices.Contains([]string{"ACC-4", "CON-1", "INST-8"}, d.Rule)
}

// lastLook is the newest of the entries since the switch that was made for a cause and
// was answered, with that answer and those causes; none without causes.
func lastLook(history []HistoryView, since time.Time) (at time.Time, d core.Decision, why core.Reasons) {
	for _, h := range history {
		n := len(h.Decisions)
		if h.At.Before(since) || n == 0 || idle(h.Decisions[n-1]) {
			continue
		}
		for _, r := range causes {
			if slices.Contains(h.Reasons, r.Names()[0]) {
				why |= r
			}
		}
		if why != 0 {
			return h.At, h.Decisions[n-1], why
		}
	}
	return at, d, 0
}

// recall lets an explanation answer for a record from before the switch with what its
// last look for a cause saw, rather than that nothing asks for one now.
func (b *batch) recall(it *item, history []HistoryView) {
	n := len(it.decisions)
	if !it.alone || n == 0 || !idle(it.decisions[n-1]) {
		return
	}
	at, was, why := lastLook(history, b.conn.SwitchedOn(it.recs[it.from].Ref))
	if why == 0 {
		return
	}
	d := b.answerTo(it, why)
	if idle(d) || d.Outcome != policy.None && d.Outcome != policy.OutOfScope {
		d = it.decisions[n-1]
		d.Facts["because"] = "when it was last looked at for " + strings.Join(why.Names(), " and ") + ", " + was.Rule +
			" kept it away: " + cmp.Or(was.Facts["because"], was.Outcome) + "; nothing asks for another look since"
	}
	d.Facts["looked"] = at.UTC().Format(time.RFC3339)
	it.decisions[n-1], it.verdict = d, outcomeVerdict(d.Outcome)
}

// answerTo is what policy says of a record without a partner when it is looked at for a
// cause.
func (b *batch) answerTo(it *item, why core.Reasons) core.Decision {
	was := it.reasons
	defer func() { it.reasons = was }()
	it.reasons |= why
	return b.mayCreate(it)
}

// otherwise is what an import and a resync would decide of a record that a sync leaves
// without a partner.
func (b *batch) otherwise(it *item) []Otherwise {
	if !it.alone || it.newLink != nil || len(it.issues) > 0 {
		return nil
	}
	return []Otherwise{{"import", b.tryFor(it, core.ReasonImport)}, {"resync", b.tryFor(it, core.ReasonPerson)}}
}

// tryFor is what would come of a look for a cause: nothing is made that lacks what the
// other side demands.
func (b *batch) tryFor(it *item, why core.Reasons) core.Decision {
	d := b.answerTo(it, why)
	if d.Outcome != policy.Create {
		return d
	}
	would := *it
	would.newLink = b.newLink(&would, d.Rule)
	b.reconcile(&would, d.Rule)
	b.requireFields(&would)
	return would.lacking(d)
}

// mendOf is what a person can do where a rule makes nothing for the item. A command that
// would leave the item as it is mends nothing: what keeps it from doing more comes first.
func (b *batch) mendOf(it *item) string {
	n := len(it.decisions)
	if n == 0 || it.newLink != nil {
		return ""
	}
	d := it.decisions[n-1]
	if mend := it.lack(d); mend != "" {
		return mend
	}
	if why := policy.MendsBy(d); why != 0 && it.alone && len(it.issues) == 0 {
		if would := b.tryFor(it, why); would.Outcome != policy.Create && would.Outcome != policy.Link {
			d = would
		}
	}
	return policy.Mend(d)
}

// unsynced says what of a linked pair does not sync, whatever the verdict.
func (b *batch) unsynced(it *item) string {
	if b.pair == core.ActivityPair {
		return beyondFirst(it.recs[core.Salesforce])
	}
	if b.pair != core.ContactPair || it.activeLink() == nil || b.conn.SyncsPeople() {
		return ""
	}
	why := "while contacts.sync is off (SET-2)"
	if lack := b.conn.Held[b.pair]; lack != nil {
		why = "while people are held back: " + lack.Message + " (" + lack.Mend + ")"
	}
	return "the fields of people do not sync " + why + "; what is in step is whose account the person belongs to"
}

// beyondFirst says of a task of several people, where Salesforce shares activities, that it
// passes as one of the first of them; blank for others.
func beyondFirst(rec *core.Record) string {
	if rec == nil {
		return ""
	}
	n, err := strconv.ParseFloat(valueOf(rec, conn.WhoCount), 64)
	if err != nil || n < 2 {
		return ""
	}
	return fmt.Sprintf("Salesforce relates the task to %.0f people, and it passes as one of the first, whom its field Name names: whom it is shared with is not passed (ACT-4)", n)
}

package policy

import (
	"slices"

	"tandem/internal/core"
)

// Stages of HubSpot's lifecycle that sales alone decide ("Use lifecycle stages").
const (
	StageOpportunity = "opportunity"
	StageCustomer    = "customer"
)

// How a row of the stage map may move a stage.
const (
	MoveForward = "forward" // never back, as the original
	MoveAny     = "any"     // also back
	MoveFill    = "fill"    // only where there is none
)

// Where an opportunity stands.
const (
	OpportunityOpen = "open"
	OpportunityWon  = "won"
	OpportunityLost = "lost"
)

// StageRule is a row of the stage map: what a lead status, or the stage of an
// opportunity on which the person has a role, makes of the lifecycle stage (LIM-31).
type StageRule struct {
	LeadStatus       string
	OpportunityStage string
	Stage            string
	From             []string // stages that may be left; empty for any. A blank one always may
	Move             string
}

// SalesFact is what Salesforce says of a person: the status of the lead, or the stage
// of one opportunity.
type SalesFact struct {
	Lead   bool
	Name   string // the status or the stage
	State  string // OpportunityOpen, OpportunityWon or OpportunityLost; blank of a lead
	Met    bool   // some earlier word of it was acted on
	New    bool   // this word was not acted on yet
	Turned bool   // it has another state than the one acted on
}

// LifecycleFacts are what is known where the lifecycle stage of a person is decided.
type LifecycleFacts struct {
	Current string
	Order   []string // the stages of the portal, the first one first
	// Automatic says that roles on opportunities move the stage (LIFE-1).
	Automatic bool
	Rules     []StageRule
	Sales     []SalesFact
	// Company is the stage of the person's company where the person is to follow it and
	// has not followed it there yet; blank otherwise.
	Company string
	// Cleared is the stage that the blank one was cleared for.
	Cleared string
}

// LifecycleAnswer is a decision about a lifecycle stage.
type LifecycleAnswer struct {
	core.Decision
	// Stage is what it becomes, blank for what it is.
	Stage string
	// Clear says that HubSpot wants it blank before, because it moves back.
	Clear bool
	// Unknown is a stage of the settings that the portal does not have.
	Unknown string
}

// wish is a stage that something asks for.
type wish struct {
	rule, stage, why, move string
	from                   []string
	fresh                  bool
}

// LifecycleStage decides the lifecycle stage of a person: what is new in Salesforce, or
// in the stage of the company, moves it forward (LIFE-2, LIFE-3, LIFE-6), and never back
// (LIFE-4) but where a row of the stage map says so (LIM-31). What was acted on before
// moves nothing again, so that a stage set by hand stays.
func LifecycleStage(l LifecycleFacts) LifecycleAnswer {
	wishes := l.wishes()
	for _, w := range wishes {
		if w.fresh && l.rank(w.stage) < 0 {
			d := facts{}.text("stage", w.stage).decide(w.rule, None, "the portal has no such lifecycle stage")
			return LifecycleAnswer{Decision: d, Unknown: w.stage}
		}
	}
	best := l.best(wishes)
	if best == nil {
		return LifecycleAnswer{Decision: facts{}.text("stage", l.Current).decide("LIFE-4", None, "nothing new moves the lifecycle stage")}
	}
	f := facts{}.text("from", l.Current).text("to", best.stage)
	switch back := l.Current != "" && l.rank(best.stage) < l.rank(l.Current); {
	case l.Current != "" && l.rank(l.Current) < 0:
		return LifecycleAnswer{Decision: f.decide("LIFE-4", None, best.why+", and where the present stage stands in the portal's order is not told")}
	case best.stage == l.Current:
		return LifecycleAnswer{Decision: f.decide(best.rule, None, best.why+", which is its stage already")}
	case back && best.move != MoveAny:
		return LifecycleAnswer{Decision: f.decide("LIFE-4", None, best.why+", and a lifecycle stage never moves back by itself")}
	default:
		return LifecycleAnswer{Decision: f.decide(best.rule, Update, best.why), Stage: best.stage, Clear: back}
	}
}

// best is the wish that counts: of the new ones the furthest, and where that is a step
// back no further than what still holds asks for.
func (l *LifecycleFacts) best(wishes []wish) *wish {
	var fresh *wish
	for i := range wishes {
		w := &wishes[i]
		if w.fresh && l.may(w) && (fresh == nil || l.rank(w.stage) > l.rank(fresh.stage)) {
			fresh = w
		}
	}
	if fresh == nil || l.rank(fresh.stage) >= l.rank(l.Current) {
		return fresh
	}
	for i := range wishes {
		if w := &wishes[i]; w.move != MoveFill && l.rank(w.stage) > l.rank(fresh.stage) {
			held := *fresh
			held.stage, held.why = w.stage, fresh.why+"; "+w.why
			fresh = &held
		}
	}
	if l.rank(fresh.stage) > l.rank(l.Current) {
		fresh.stage = l.Current
	}
	return fresh
}

// may reports that a wish may leave the stage that stands.
func (l *LifecycleFacts) may(w *wish) bool {
	switch {
	case l.Current == "" || l.Current == w.stage:
		return true
	case w.move == MoveFill:
		return false
	}
	return len(w.from) == 0 || slices.Contains(w.from, l.Current)
}

func (l *LifecycleFacts) rank(stage string) int { return slices.Index(l.Order, stage) }

// wishes are what the facts ask for, new or not.
func (l *LifecycleFacts) wishes() (out []wish) {
	for i := range l.Sales {
		if w, asks := l.wish(&l.Sales[i]); asks {
			out = append(out, w)
		}
	}
	if l.Company != "" {
		out = append(out, wish{rule: "LIFE-6", stage: l.Company, why: "the company is at stage " + l.Company, move: MoveForward, fresh: true})
	}
	if l.Cleared != "" && l.Current == "" {
		out = append(out, wish{rule: "LIM-31", stage: l.Cleared, why: "it was cleared to move back", move: MoveForward, fresh: true})
	}
	return out
}

func (l *LifecycleFacts) wish(s *SalesFact) (wish, bool) {
	for _, r := range l.Rules {
		switch {
		case s.Lead && r.LeadStatus == s.Name && s.Name != "":
			return wish{"LIM-31", r.Stage, "the lead has the status " + s.Name, r.Move, r.From, s.New}, true
		case !s.Lead && r.OpportunityStage == s.Name && s.Name != "":
			return wish{"LIM-31", r.Stage, "an opportunity has the stage " + s.Name, r.Move, r.From, s.New}, true
		}
	}
	fresh := s.New && (!s.Met || s.Turned)
	switch {
	case !l.Automatic || s.Lead:
		return wish{}, false
	case s.State == OpportunityWon && !s.Met:
		return wish{"LIFE-3", StageCustomer, "the contact has a role on an opportunity that is won", MoveForward, nil, fresh}, true
	case s.State == OpportunityWon:
		return wish{"LIFE-2", StageCustomer, "an opportunity on which the contact has a role was won", MoveForward, nil, fresh}, true
	case s.State == OpportunityOpen:
		return wish{"LIFE-2", StageOpportunity, "the contact has a role on an open opportunity", MoveForward, nil, fresh}, true
	}
	return wish{}, false
}

// CompanyStage decides whether a company takes the lifecycle stage of one of its
// contacts: forward only (ACC-12, LIFE-7).
func CompanyStage(order []string, company, contact string) LifecycleAnswer {
	f := facts{}.text("company", company).text("contact", contact)
	at, to := slices.Index(order, company), slices.Index(order, contact)
	switch {
	case to < 0 || company != "" && at < 0:
		return LifecycleAnswer{Decision: f.decide("ACC-12", None, "companies do not have the stage of the contact")}
	case at >= to:
		return LifecycleAnswer{Decision: f.decide("LIFE-4", None, "the company is at that stage or further")}
	}
	return LifecycleAnswer{Decision: f.decide("ACC-12", Update, "the lifecycle stage of its contact changed"), Stage: contact}
}

package policy

import (
	"cmp"

	"tandem/internal/core"
)

// RecordFacts are what is known of a record of a pair whose records are the same by the
// id that one carries, and by nothing else: an opportunity, a case, a record of a custom
// object. None is de-duplicated by its values (DEAL-11).
type RecordFacts struct {
	Scope
	// Listed is what the inclusion list of its HubSpot object says (INC-8).
	Listed
	// Way is what a record of this side does on the other: CreateOrUpdate, UpdateOnly or
	// DoNothing. Blank is CreateOrUpdate.
	Way string
	// Pipeline says whether the record stands in a pipeline, or has a record type, that
	// syncs; Member where the pair has none. Place names it.
	Pipeline Membership
	Place    string
	// Parent is what is known of the records that it belongs to.
	Parent Parent
}

// recordRule are the ids and words by which decisions about the records of a pair are
// told.
type recordRule struct {
	create, noun [2]string // by the side that the record is of
	off, update  string
	elsewhere    string
	way          string // what may pass in a direction
}

var recordRules = map[core.Pair]*recordRule{
	core.DealPair: {create: [2]string{"DEAL-7", "DEAL-8"}, noun: [2]string{"the opportunity", "the deal"}, off: "DEAL-2", update: "DEAL-11", elsewhere: "DEAL-5", way: "DEAL-8"},
	core.TicketPair: {create: [2]string{"CASE-1", "CASE-1"}, noun: [2]string{"the case", "the ticket"}, off: "CASE-1", update: "CASE-1", elsewhere: "CASE-2",
		way: "AMB-18"},
	core.ProductPair:  catalogueRule("the product"),
	core.LineItemPair: catalogueRule("the line item"),
}

// catalogueRule are the words for what the original does not sync at all (LIM-14).
func catalogueRule(noun string) *recordRule {
	const id = "LIM-14"
	return &recordRule{create: [2]string{id, id}, noun: [2]string{noun, noun}, off: id, update: id, elsewhere: id, way: id}
}

var customRule = &recordRule{create: [2]string{"CO-5", "CO-5"}, noun: [2]string{"the record", "the record"}, off: "CO-3", update: "CO-5", elsewhere: "CO-5", way: "CO-3"}

// record are the rules of the scope's pair.
func (s *Scope) record() *recordRule { return cmp.Or(recordRules[s.Pair], customRule) }

// Off is the rule by which nothing of such a pair syncs while its switch is off.
func Off(p core.Pair, custom bool) string {
	s := Scope{Pair: p, Custom: custom}
	return s.record().off
}

// OlderRule is the rule by which records of a pair that existed before its switch stay
// away until they are imported or edited.
func OlderRule(p core.Pair) string {
	switch p {
	case core.CompanyPair:
		return "ACC-4"
	case core.ContactPair:
		return "CON-1"
	}
	return cmp.Or(recordRules[p], customRule).create[core.Salesforce]
}

// ElsewhereRule is the rule by which a record in a pipeline that does not sync stops.
func ElsewhereRule(p core.Pair) string { return cmp.Or(recordRules[p], customRule).elsewhere }

// CreateRecord decides whether a partner is made for a record of a side: DEAL-2, DEAL-3,
// DEAL-5, DEAL-7, DEAL-8, CASE-1, CO-5. It waits for the records that it belongs to to
// be decided, and needs none of them (DEAL-1). Of a record of HubSpot its inclusion list has
// a say (INC-8), of one of Salesforce never (INC-9).
func CreateRecord(side core.Side, d RecordFacts) core.Decision {
	f, rules := d.facts(), d.record()
	if no := d.barred(f); no != nil {
		return *no
	}
	if no := d.unlisted(f, rules.noun[side]); no != nil {
		return *no
	}
	if no := d.elsewhere(f); no != nil {
		return *no
	}
	why, due := d.due(rules.noun[side], string(d.Pair))
	switch asked := d.Reasons.Has(core.ReasonPerson); {
	case d.Way == DoNothing && !asked:
		return f.decide(rules.way, None, "nothing passes from "+side.Label())
	case d.Way == UpdateOnly && !asked && !d.Reasons.Has(core.ReasonImport):
		return f.decide(rules.way, None, "nothing is made by itself for what "+side.Label()+" has")
	case !due:
		return f.decide(rules.create[side], None, why)
	case d.Parent == ParentPending:
		return f.decide("ERR-3", Wait, "Waiting for "+d.parentNoun()+" to sync")
	}
	return f.decide(rules.create[side], Create, why)
}

// parentNoun is what a record waits for: a deal has nothing but its account before it.
func (d *RecordFacts) parentNoun() string {
	if d.Pair == core.DealPair {
		return "account"
	}
	return "a record that it names"
}

// due tells a record that gives cause to sync from one that only existed before the
// switch. A sweep is no cause.
func (d *RecordFacts) due(what, pair string) (why string, due bool) {
	began := d.began(pair + " sync was switched on")
	switch {
	case d.isNew():
		return what + " is new since " + began, true
	case d.Reasons.Has(core.ReasonPerson):
		return "a person asked for it", true
	case d.Reasons.Has(core.ReasonImport):
		return what + " was imported", true
	case d.Reasons.Has(core.ReasonListed):
		return what + " joined the inclusion list", true
	case d.Reasons.Has(core.ReasonEdit | core.ReasonGap):
		return what + " was edited", true
	case awaited(d.Reasons):
		return what + " was due before and is tried again", true
	}
	return what + " existed before " + began + ", and was neither imported nor edited since", false
}

// MayUpdateRecord decides whether a linked record syncs. One that was moved to a pipeline
// that is not synced, or given such a record type, stops, and goes on once it is moved
// back (DEAL-5).
func MayUpdateRecord(d RecordFacts) core.Decision {
	f := d.facts()
	if no := d.blocked(f); no != nil {
		return *no
	}
	if no := d.stopped(f, d.word()); no != nil {
		return *no
	}
	if no := d.elsewhere(f); no != nil {
		return *no
	}
	return f.decide(d.record().update, Update, "the two are linked and in scope")
}

// elsewhere is the decision about a record in a pipeline that does not sync; nil for
// any other.
func (d *RecordFacts) elsewhere(f facts) *core.Decision {
	var out core.Decision
	switch rule := d.record().elsewhere; d.Pipeline {
	case NotMember:
		out = f.decide(rule, OutOfScope, "its pipeline or record type does not sync")
	case UnknownMembership:
		out = f.decide(rule, Wait, "its pipeline or record type is not shown")
	default:
		return nil
	}
	return &out
}

func (d *RecordFacts) facts() facts {
	f := d.tell(d.describe(facts{})).text("parent", d.Parent.String())
	if d.Place == "" {
		return f
	}
	return f.text("pipeline", d.Place).text("pipeline_syncs", d.Pipeline.String())
}

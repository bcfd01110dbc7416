package engine

import (
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// batch is what walks through the stages together: at most batchSize dirty
// entries of one object pair.
type batch struct {
	conn *Conn
	pair core.Pair
	at   time.Time // fixed for the batch
	// readAt is when the first of the records was read.
	readAt time.Time
	// due says that its entries were claimed, and that others may be due behind them.
	due   bool
	items []*item
	folk  *people
	// links are the stored links of every ref the batch met.
	links map[core.Ref]*core.Link
	// issues are the open issues of the refs in the batch.
	issues map[core.Ref][]core.Issue
	// personLinks are links between people found on the way, stored by advance.
	personLinks []*core.Link
	// parents are the links of the accounts and companies around people.
	parents map[core.Ref]*core.Link
	// undecided are those of them that wait to be looked at themselves.
	undecided map[core.Ref]bool
	// converted are the leads that contacts of the batch were converted from.
	converted []core.Record
	// heirs are the contacts that are to take over the link of a converted lead, with
	// the lead.
	heirs map[core.Ref]core.Ref
	// takenUp are links that an undo ended and of which an import names a record.
	takenUp []*core.Link
	// rivalLinks are the links of every candidate of the batch.
	rivalLinks map[core.Ref]*core.Link
	// carriers are the companies that hold an account's id, by that id, and
	// storedLinks the links they stand in.
	carriers    map[string][]core.Ref
	storedLinks map[core.Ref]*core.Link
	// kin are the records that have a match key in common with unlinked ones, doubts the
	// people of whom a person must say who they are.
	kin    *kin
	doubts map[core.Ref]policy.Match
	apart  apart // who of the candidates a person found to be different
	past   past  // what persons said of the records of the batch under other ids
	// roles are the contacts of its deals, nil where contact roles do not sync.
	roles *roleFacts
	// losers are the records of Salesforce that were merged into linked ones, where that
	// is asked for, and claimants the partners of links that claim a record of the batch.
	losers    map[core.Ref][]core.Ref
	claimants map[core.Ref]*core.Record
	// departed are the survivors of merges that are known to be deleted.
	departed map[core.Ref]bool
	// keysLeft are the links of people whom keys of HubSpot contacts name that are another's
	// partner.
	keysLeft map[core.Ref]*core.Link
	// purged are the records of Salesforce of which nothing but their deletion is known.
	purged map[core.Ref]bool
	// cascades are the deleted records of Salesforce whose account was deleted for its
	// company, with that account.
	cascades map[core.Ref]core.Ref
	// erased are the records that were erased on request, with since when.
	erased map[core.Ref]time.Time
	// consents are the opt-outs of its people, nil where people do not sync.
	consents *consents
	// evaluated is when HubSpot last put each record into the inclusion list of its object.
	evaluated map[core.Ref]time.Time
	// stages are the lifecycle stages around its people, nil where none move, and below the
	// linked people of companies whose stage changed.
	stages *stages
	below  map[core.Ref][]core.Ref
	// families are the linked people of the accounts and companies that others of its
	// linked ones were merged into.
	families map[core.Ref][]core.Ref
	// pricing are the prices of its line items, nil where none is asked for.
	pricing *pricing
	// soldIn are the currencies of the deals and opportunities of its line items, as far as
	// they are read.
	soldIn map[core.Ref]string
	// enrolment are the campaigns of its people, nil where campaigns do not sync.
	enrolment *enrolment
	// dry says that nothing will be written: a plan or an explanation.
	dry bool
	// planned says that a person applies a plan: what is written was looked at.
	planned bool
}

// item is one thing being decided: a linked pair, or one record without a link.
type item struct {
	entries []core.Dirty
	reasons core.Reasons
	run     int64
	link    *core.Link
	recs    [2]*core.Record
	// from is the side whose record was named by the entries; for an unlinked
	// item the only side there is.
	from core.Side

	verdict   Verdict
	decisions []core.Decision
	inputs    []core.FieldInput
	results   []core.FieldResult
	ops       [2]*core.Op
	extra     []core.Op // archive and associate ops
	outcomes  map[string]core.Outcome
	issues    []core.Issue
	match     *policy.Match // what identity said about an unlinked record
	hidden    core.Ref      // the record whose id this one carries and that nobody shows us
	rivals    core.Ref      // the account that several companies claim, this one among them
	newLink   *core.Link
	makes     core.Object    // what a HubSpot contact becomes in Salesforce
	asPerson  bool           // it becomes a person account, and the contact behind that
	roles     []roleRelating // the contacts of a deal
	dropRoles []string       // keys of contacts that are none any more
	// recurrenced says that the currency of a deal became another one on either side.
	recurrenced bool
	heldRoles   []core.Op    // creates of contact roles that had no answer
	relation    *relating    // how the account of a person stands
	staging     *staging     // how the lifecycle stage of a person stands
	enrolled    *enrolled    // how the campaigns of a person stand
	about       []abouting   // who and what an activity is about
	lookups     []looking    // the other references of a record
	filled      []string     // fields of a create that its partner left blank
	relink      *core.Link   // an existing link whose state or refs change
	crossed     bool         // each of its records absorbed the other's partner
	absorbs     []*core.Link // links that close because relink takes their place
	alias       []core.Ref
	marks       []core.Dirty
	onceMade    bool // looked at again once its partner is made, for what it refers to
	postpone    time.Time
	late        bool                 // a write was refused for a passing reason
	written     [2]map[string]string // values as stored after our writes
	stamps      [2]time.Time
	moved       bool                  // a side changed while the batch was reading
	overtaken   bool                  // the link was changed by another hand while the batch was under way
	alone       bool                  // nobody is its partner: policy said whether one is made
	recency     map[string]core.Later // per field, where both sides changed
	adopted     bool                  // a create of ours is found to have taken effect
	brought     []brought             // writes without a stored outcome, to or from its record
	lost        []Conflict            // values found overwritten after the write
	refused     bool                  // not as planned
	instead     string                // why it was refused
	unknown     time.Time             // since when a create's outcome is open
	unseen      bool                  // written, but the stored values could not be read back
	openKeys    []string              // intents of earlier lives, settled with this item
	recalled    []Write               // what these are found to have written
	ended       endedRun              // the run that named it, where that had ended before
	undo        *undoing              // what an undo is to put back
	consented   bool                  // the base notes what both sides show of an opt-out
	undoDue     bool                  // an undo that ended the link is still to look at one of its records
}

// Verdict sums up a record's state for a person.
type Verdict string

// Verdicts, as the explain verb prints them.
const (
	InSync     Verdict = "in_sync"
	Pending    Verdict = "pending"
	Blocked    Verdict = "blocked"
	OutOfScope Verdict = "out_of_scope"
	NotFound   Verdict = "not_found"
)

// ref names the item in messages and in the journal.
func (it *item) ref() core.Ref {
	if len(it.entries) > 0 {
		return it.entries[0].Ref
	}
	return it.recs[it.from].Ref
}

// refs are all refs the item stands for.
func (it *item) refs() []core.Ref {
	var out []core.Ref
	for _, d := range it.entries {
		out = append(out, d.Ref)
	}
	if it.link != nil {
		out = append(out, it.link.Refs[0], it.link.Refs[1])
	}
	slices.SortFunc(out, core.Ref.Compare)
	return slices.Compact(out)
}

func (it *item) live(side core.Side) bool {
	return it.recs[side] != nil && it.recs[side].Presence == core.Live
}

// say notes a decision; the last one's outcome is the item's answer.
func (it *item) say(v Verdict, d ...core.Decision) {
	it.verdict = v
	it.decisions = append(it.decisions, d...)
}

// raise opens an issue on the item.
func (it *item) raise(i core.Issue) {
	if i.Ref.IsZero() {
		i.Ref = it.ref()
	}
	it.issues = append(it.issues, i)
}

// says reports an issue of a field.
func (it *item) says(field string) bool {
	return slices.ContainsFunc(it.issues, func(i core.Issue) bool { return strings.EqualFold(i.Field, field) })
}

// later asks for another look not before t.
func (it *item) later(t time.Time) {
	if it.postpone.IsZero() || t.Before(it.postpone) {
		it.postpone = t
	}
}

// again asks for another look: at once the first time, then ever later.
func (it *item) again(now time.Time) {
	if n := it.tries(); n > 0 {
		now = now.Add(room.Backoff(n))
	}
	it.later(now)
}

// mapping is what maps the fields of an item; nil where none of them pass, as those
// of people while contact sync is off.
func (b *batch) mapping(it *item) *mapping.Mapping {
	if b.pair == core.ActivityPair {
		return b.conn.ActivityMapping(b.object(it, core.Salesforce), b.object(it, core.HubSpot), b.madeOfHubSpot(it), conn.WholeDay(it.recs[core.Salesforce]))
	}
	return b.conn.Mappings[b.object(it, core.Salesforce)]
}

// object is the object of the item's record on a side, were it one that is yet to
// be made.
func (b *batch) object(it *item, side core.Side) core.Object {
	switch {
	case it.recs[side] != nil:
		return it.recs[side].Ref.Object
	case it.link != nil && it.link.State == core.LinkActive:
		return it.link.Refs[side].Object
	case it.makes != "" && side == core.Salesforce:
		return it.makes
	case b.pair == core.ActivityPair && side == core.HubSpot && it.recs[core.Salesforce] != nil:
		return conn.ActivityOf(it.recs[core.Salesforce])
	}
	return b.conn.Pairs.Objects(b.pair)[side][0]
}

func (b *batch) reasons() core.Reasons {
	var all core.Reasons
	for _, it := range b.items {
		all |= it.reasons
	}
	return all
}

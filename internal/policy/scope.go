package policy

import (
	"cmp"
	"strings"
	"time"

	"tandem/internal/core"
)

// Membership says whether a record is in a list or passes a filter.
type Membership uint8

// Memberships. Unknown is not no: the decision waits.
const (
	UnknownMembership Membership = iota
	Member
	NotMember
)

// String is the membership in words.
func (m Membership) String() string {
	return [...]string{"unknown", "yes", "no"}[m]
}

// Scope are the facts that decide whether a record may sync at all, before any
// rule about creating.
type Scope struct {
	// Pair is the object pair whose switch counts; companies where it is blank.
	Pair core.Pair
	// Custom says that the settings declare the pair.
	Custom bool
	// Plural is the block of the settings that switches it.
	Plural string
	// Paused is the master switch (INST-10); SyncOn is the pair's own: companies.sync
	// (SET-7), contacts.sync (SET-2) or deals.sync (SET-8).
	Paused, SyncOn bool
	// Lack is what a side does not show of the pair's objects and of our fields on them, so
	// that it does not sync though it is switched on; blank where nothing is missing.
	Lack    string
	Reasons core.Reasons
	// SwitchedOn is when the pair's sync was switched on, Created when the record
	// was made, both in the clock of the record's side.
	SwitchedOn, Created time.Time
	// Since says what happened at SwitchedOn; blank where the pair's sync was switched on.
	Since string
	// Filter is the answer of the setting's filter for this direction; Member
	// where there is none. FilterNote says what it looked at, or why it is
	// unknown.
	Filter     Membership
	FilterNote string
	// Parted says that the record had a partner once: its link was closed because
	// the partner was deleted, or by a person.
	Parted bool
	// Undone says that an undo closed the link.
	Undone bool
	// MadeBy is the other connection that made the record from one of its own
	// account on the other side; blank where a person or another program did.
	MadeBy string
}

// blocked is the decision of what stops every record alike; nil where nothing
// does.
func (s *Scope) blocked(f facts) *core.Decision {
	var d core.Decision
	switch {
	case s.Paused:
		d = f.decide("INST-10", Wait, "the connection is paused")
	case s.Lack != "":
		d = f.decide("INST-3", Wait, s.Lack)
	case !s.SyncOn:
		d = s.off(f)
	case s.Filter == NotMember:
		d = f.decide("LIM-11", OutOfScope, "the filter of this direction leaves the record out")
	case s.Filter == UnknownMembership:
		d = f.decide("LIM-11", Wait, "the filter of this direction cannot be answered yet")
	case s.Parted && s.Undone && !s.Reasons.Has(core.ReasonPerson):
		d = f.decide("AMB-13", None, "the run that gave it a partner was undone; an import or a resync takes it again")
	case s.Parted && !s.Reasons.Has(core.ReasonPerson):
		d = f.decide("AMB-13", None, "its partner was deleted or unlinked; a resync makes or links a new one")
	default:
		return nil
	}
	return &d
}

// barred is the decision of what keeps a partner from being made; nil where nothing
// does. What another connection brought into an org or a portal that several share
// stays between the two, unless somebody imports it or asks for it (LIM-25, INST-7).
func (s *Scope) barred(f facts) *core.Decision {
	if d := s.blocked(f); d != nil || s.MadeBy == "" || s.Reasons.Has(core.ReasonPerson|core.ReasonImport) {
		return d
	}
	d := f.text("made_by", s.MadeBy).decide("LIM-25", None, "another connection made the record, so nothing is made of it here; an import or a resync brings it")
	return &d
}

// off is the decision while the pair's own switch is off.
func (s *Scope) off(f facts) core.Decision {
	switch {
	case s.Pair == core.ContactPair:
		return f.decide("SET-2", None, "contact sync is off")
	case recordRules[s.Pair] != nil || s.Custom:
		return f.decide(s.record().off, None, string(s.Pair)+" sync is off")
	case s.Reasons.Has(core.ReasonImport):
		return f.decide("ACC-2", None, "company sync is off, so an import creates nothing")
	}
	return f.decide("ACC-1", None, "company sync is off")
}

// isNew reports a record made after the switch. A record whose creation was
// announced counts, whatever the clocks say.
func (s *Scope) isNew() bool {
	return s.Reasons.Has(core.ReasonCreate) || !s.SwitchedOn.IsZero() && !s.Created.Before(s.SwitchedOn)
}

// began says what happened at SwitchedOn, which words tell of the pair's own switch.
func (s *Scope) began(words string) string { return cmp.Or(s.Since, words) }

// awaited reports that an earlier decision to sync the record is behind its reasons: it was
// due before and is tried again. What was merely met at first, by a sweep, for a relative or
// with an opt-out, is so however often it is tried.
func awaited(r core.Reasons) bool {
	return r.Has(core.ReasonRetry) && !r.Has(core.ReasonSweep|core.ReasonParent|core.ReasonConsent)
}

// describe notes the facts that every explanation shows.
func (s *Scope) describe(f facts) facts {
	f.flag("paused", s.Paused).flag(s.switchKey(), s.SyncOn)
	f.text("reasons", strings.Join(s.Reasons.Names(), ", "))
	f.moment("switched_on", s.SwitchedOn).moment("created", s.Created)
	return f.text("filter", s.Filter.String()).text("filter_note", s.FilterNote)
}

// word is what a record of the pair is called in HubSpot.
func (s *Scope) word() string {
	if s.Pair == "" {
		return string(core.CompanyPair)
	}
	return string(s.Pair)
}

// switchKey is the setting that switches the pair on.
func (s *Scope) switchKey() string {
	if s.Pair == "" {
		return "companies.sync"
	}
	return s.Plural + ".sync"
}

// Listed is what an inclusion list says of a HubSpot record: Segment is the answer, Member
// where there is no list (INC-1), ListNote who gave it and why.
type Listed struct {
	Segment  Membership
	ListNote string
}

func (l *Listed) tell(f facts) facts {
	if l.ListNote == "" {
		return f
	}
	return f.text("inclusion_list", l.ListNote).text("listed", l.Segment.String())
}

// unevaluated is why a record waits for its inclusion list.
const unevaluated = "membership in the inclusion list is not evaluated on the new values yet"

// stopped is the decision of a list that keeps a linked pair from syncing; nil where it
// does not. Both directions stop (INC-3, AMB-16), and what was made stays (INC-10).
func (l *Listed) stopped(f facts, record string) *core.Decision {
	var d core.Decision
	switch l.Segment {
	case NotMember:
		d = f.decide("INC-3", OutOfScope, "the "+record+" is not in the inclusion list, so nothing passes in either direction")
	case UnknownMembership:
		d = f.decide("INC-6", Wait, unevaluated)
	default:
		return nil
	}
	return &d
}

// unlisted is the decision of a list that keeps a partner from being made; nil where it
// does not.
func (l *Listed) unlisted(f facts, record string) *core.Decision {
	var d core.Decision
	switch l.Segment {
	case NotMember:
		d = f.decide("INC-3", OutOfScope, record+" is not in the inclusion list")
	case UnknownMembership:
		d = f.decide("INC-6", Wait, unevaluated)
	default:
		return nil
	}
	return &d
}

// PairFacts are what is known of a linked pair of which an inclusion list may have a say
// (INC-8).
type PairFacts struct {
	Scope
	Listed
}

// MayUpdate decides whether a linked pair syncs. What made the link does not
// matter any more: it is fixed, and the field rules decide (ACC-14).
func MayUpdate(p PairFacts) core.Decision {
	f := p.tell(p.describe(facts{}))
	if d := p.blocked(f); d != nil {
		return *d
	}
	if d := p.stopped(f, p.word()); d != nil {
		return *d
	}
	return f.decide("ACC-14", Update, "the pair is linked and in scope")
}

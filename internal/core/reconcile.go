package core

import "time"

// Later says which side's value of a field is the more recent one.
type Later uint8

// What can be known about recency. Uncertain covers unknown stamps and stamps
// closer together than the clocks are known; Salesforce wins then.
const (
	Uncertain Later = iota
	SalesforceLater
	HubSpotLater
)

// LaterOf compares the moments at which the two sides last changed a field, both
// in one clock. Stamps that are unknown (zero) or no further apart than the
// clocks are known are Uncertain.
func LaterOf(salesforce, hubspot time.Time, uncertainty time.Duration) Later {
	apart := hubspot.Sub(salesforce)
	switch {
	case salesforce.IsZero() || hubspot.IsZero() || apart.Abs() <= uncertainty:
		return Uncertain
	case apart > 0:
		return HubSpotLater
	}
	return SalesforceLater
}

// Case names what the three-way comparison of one field found.
type Case string

// The cases. The first four say why nothing was compared or written.
const (
	NotSynced      Case = "not_synced"       // the rule is none
	Unreadable     Case = "unreadable"       // a side did not answer the field, which is no clear
	TargetReadOnly Case = "target_read_only" // the side to write refuses writes to this field
	BlankKept      Case = "blank_kept"       // the side that always wins was never filled: no clear, nothing passes

	Apart Case = "apart" // the other side has no place for the value: each side keeps its own, knowingly

	SameUnchanged    Case = "same_unchanged"    // both sides are at the base
	ConvergentChange Case = "convergent_change" // the sides are equal, the base is older

	FirstMeetingEqual  Case = "first_meeting_equal"  // no base, equal
	FirstMeetingFill   Case = "first_meeting_fill"   // no base, one side blank
	FirstMeetingDiffer Case = "first_meeting_differ" // no base, two values

	OnlySalesforceChanged Case = "only_salesforce_changed"
	OnlyHubSpotChanged    Case = "only_hubspot_changed"
	SalesforceCleared     Case = "salesforce_cleared" // only Salesforce changed, to blank
	HubSpotCleared        Case = "hubspot_cleared"    // only HubSpot changed, to blank
	DivergentChange       Case = "divergent_change"   // both changed, to two values
	DivergentClear        Case = "divergent_clear"    // both changed, one of them to blank
)

// FieldInput is one mapped field of a linked pair as both sides show it.
type FieldInput struct {
	Key  string
	Rule Rule
	// Base is the agreed value, where HasBase says there is one.
	Base    Agreed
	HasBase bool
	// Heir says of which sides the record took the place of the one that agreed, by a
	// merge or a conversion. Where it shows what was agreed it goes on as that record. A
	// blank of its own is no clear: the field meets its partner for the first time. Another
	// value passes as a change, and the one it replaces stands in the conflict log.
	Heir [2]bool
	// Now are the canonical values, "" for blank.
	Now [2]string
	// Readable says which sides answered the field, Writable which ones take it.
	Readable, Writable [2]bool
	// Later decides where both sides changed.
	Later Later
}

// FieldResult is what is to be done for one field.
type FieldResult struct {
	Key  string
	Case Case
	// Write says which side is to be written with the other's value: one at most.
	Write [2]bool
	// Conflict says that a value which a side was given is overwritten by rule
	// or by recency: Lost (may be blank: an undone clear) of LostSide.
	Conflict bool
	Lost     string
	LostSide Side
	// Rule is the id of the requirement that decided.
	Rule string
	// InSync says that nothing is left to do for the field.
	InSync bool
}

// Reconcile compares each field three ways with its base and says what is to be
// written where. Results come in the order given.
func Reconcile(fields []FieldInput) []FieldResult {
	out := make([]FieldResult, len(fields))
	for i := range fields {
		out[i] = reconcileField(&fields[i])
	}
	return out
}

// Agreements are the observations that a read alone justifies: fields whose
// sides show the same value while the base does not hold it yet, or not as the heir's
// own, or differ knowingly.
func Agreements(fields []FieldInput, results []FieldResult) []Observed {
	var seen []Observed
	for i := range results {
		switch results[i].Case {
		case FirstMeetingEqual, ConvergentChange, Apart:
			seen = append(seen, Observed{Key: fields[i].Key, Values: fields[i].Now})
		case SameUnchanged:
			if fields[i].Heir != [2]bool{} {
				seen = append(seen, Observed{Key: fields[i].Key, Values: fields[i].Now})
			}
		}
	}
	return seen
}

func reconcileField(in *FieldInput) FieldResult {
	f := in.met()
	r := FieldResult{Key: f.Key, Case: classify(f), Rule: f.Rule.Requirement()}
	switch r.Case {
	case Unreadable:
	case NotSynced, SameUnchanged, ConvergentChange, FirstMeetingEqual:
		r.InSync = true
	default:
		from := winner(f, r.Case)
		if f.oneWay() && f.neverFilled(from) {
			r.Case, r.InSync = BlankKept, true
			break
		}
		carry(f, &r, from)
	}
	return r
}

// met is the field without what was agreed where an heir is blank that agreed on
// nothing itself.
func (f *FieldInput) met() *FieldInput {
	met := *f
	for _, side := range Sides {
		if f.Heir[side] && f.Now[side] == "" && f.Base[side] != "" {
			met.Base, met.HasBase = Agreed{}, false
		}
	}
	return &met
}

func (f *FieldInput) oneWay() bool { return f.Rule == AlwaysSalesforce || f.Rule == HubSpotOnly }

// neverFilled tells a blank that was always there from one that was just
// cleared. Only the latter is a value to pass on.
func (f *FieldInput) neverFilled(side Side) bool {
	return f.Now[side] == "" && (!f.HasBase || f.Base[side] == "")
}

// carry writes the winner's value to the other side. A value that the other side
// was given since the base, brought to the first meeting or agreed on with a predecessor
// of the winner is kept as lost.
func carry(f *FieldInput, r *FieldResult, from Side) {
	to := from.Other()
	if !f.Writable[to] {
		r.Case = TargetReadOnly
		return
	}
	r.Write[to] = true
	if given := f.Now[to] != ""; given && (!f.HasBase || f.Heir[from]) || f.HasBase && f.changed(to) {
		r.Conflict, r.Lost, r.LostSide = true, f.Now[to], to
	}
}

func (f *FieldInput) changed(side Side) bool { return Digest(f.Now[side]) != f.Base[side] }

func classify(f *FieldInput) Case {
	switch {
	case f.Rule == DontSync:
		return NotSynced
	case !f.Readable[Salesforce] || !f.Readable[HubSpot]:
		return Unreadable
	case f.HasBase:
		return classifyChange(f)
	case Same(f.Now[Salesforce], f.Now[HubSpot]):
		return FirstMeetingEqual
	case f.Now[Salesforce] == "" || f.Now[HubSpot] == "":
		return FirstMeetingFill
	}
	return FirstMeetingDiffer
}

func classifyChange(f *FieldInput) Case {
	changed := [2]bool{f.changed(Salesforce), f.changed(HubSpot)}
	switch {
	case !changed[Salesforce] && !changed[HubSpot]:
		return SameUnchanged
	case Same(f.Now[Salesforce], f.Now[HubSpot]):
		return ConvergentChange
	case changed[Salesforce] && changed[HubSpot]:
		return pick(f.Now[Salesforce] == "" || f.Now[HubSpot] == "", DivergentClear, DivergentChange)
	case changed[Salesforce]:
		return pick(f.Now[Salesforce] == "", SalesforceCleared, OnlySalesforceChanged)
	}
	return pick(f.Now[HubSpot] == "", HubSpotCleared, OnlyHubSpotChanged)
}

func pick(cond bool, yes, no Case) Case {
	if cond {
		return yes
	}
	return no
}

// winner is the side whose value stands, for cases in which the sides differ.
func winner(f *FieldInput, c Case) Side {
	switch f.Rule {
	case AlwaysSalesforce:
		return Salesforce
	case HubSpotOnly:
		return HubSpot
	case PreferSalesforce:
		return preferred(f)
	}
	return latest(f, c)
}

// preferred lets HubSpot fill what was never filled, while a clear in Salesforce
// clears HubSpot (AMB-6).
func preferred(f *FieldInput) Side {
	if f.neverFilled(Salesforce) {
		return HubSpot
	}
	return Salesforce
}

// latest is the side that changed; where both did, the later one (AMB-7).
func latest(f *FieldInput, c Case) Side {
	switch c {
	case OnlyHubSpotChanged, HubSpotCleared:
		return HubSpot
	case OnlySalesforceChanged, SalesforceCleared:
		return Salesforce
	case FirstMeetingFill:
		if f.Now[Salesforce] == "" {
			return HubSpot
		}
		return Salesforce
	}
	if f.Later == HubSpotLater {
		return HubSpot
	}
	return Salesforce
}

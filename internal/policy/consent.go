package policy

import (
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
)

// OptOutBox is the opt-out box of a Salesforce record that has the address, or whose
// partner has it.
type OptOutBox struct {
	Ref    core.Ref
	Ticked bool
	// Shown says that the record answers the field at all: a hidden box is neither
	// ticked nor clear.
	Shown bool
	// Until is the latest moment at which the box can have been ticked, in HubSpot's
	// clock.
	Until time.Time
	// Gone says that the record was converted, merged away or deleted: what its box said
	// counts, and nobody can write it.
	Gone bool
	// Held says that another connection of the org knows an opt-out of the record: the box
	// is one for all of them. Beside says that it stayed ticked for that reason alone when
	// the address came back here.
	Held, Beside bool
	// Other says that the box was ticked for another address and means that one alone: it
	// says nothing about this one (OPT-7).
	Other bool
}

// ConsentFacts are what both sides and the store say about one address.
type ConsentFacts struct {
	Address string
	Stored  core.Consent
	// Hint is what the property of the HubSpot contact shows. It lags.
	Hint bool
	// Status is HubSpot's answer about the address; nil where it was not asked or gave
	// none.
	Status *core.ConsentStatus
	// Contact is the HubSpot contact with the address, zero for none; InHubSpot says
	// that HubSpot is to know of an opt-out: there is a contact, or one is being made.
	Contact   core.Ref
	InHubSpot bool
	Boxes     []OptOutBox
	// Replaces is the opt-out of another address of the same person, which this one takes
	// the place of in HubSpot although nobody changed it: the two records had one each
	// when they met. Zero for none.
	Replaces core.Consent
	// Outside says that the pair does not sync and that only those that do count.
	Outside bool
}

// ConsentAnswer is what is due for an address.
type ConsentAnswer struct {
	core.Decision
	// Next is what is to be stored; equal to what is stored where nothing changes.
	Next        core.Consent
	Unsubscribe bool
	Tick, Clear []core.Ref
}

// Consent decides what an opt-out asks for. Opt-outs pass both ways (OPT-2), and
// unticking the box in Salesforce lifts none (OPT-3, OPT-5, AMB-9). The one way back is
// a subscription in HubSpot that is later than the opt-out that HubSpot knew, made by
// the contact or with a legal basis; it clears only boxes that were surely ticked before
// it (OPT-6). Whatever is in doubt stays opted out (LIM-13).
func Consent(f ConsentFacts) ConsentAnswer {
	a := ConsentAnswer{Next: f.Stored}
	switch {
	case f.Outside:
		a.Decision = f.facts().decide("OPT-4", None, "an opt-out passes once the pair syncs")
	case f.out():
		f.optOut(&a)
	case f.lifted():
		a.Clear = f.boxes(f.clears)
		a.Next.State, a.Next.Back, a.Next.Source, a.Next.Basis, a.Next.Rule = core.Resubscribed, f.Status.Back, f.Status.Source, f.Status.Basis, "OPT-6"
		a.Decision = f.facts().decide("OPT-6", Update, f.backBecause())
	case f.withdrawn():
		a.Next = core.Consent{Address: f.Address}
		a.Decision = f.facts().decide("OPT-3", None, "the box was cleared in Salesforce before HubSpot knew of the opt-out")
	case f.Stored.State == core.Resubscribed:
		a.Decision = f.facts().decide("OPT-6", None, "the address was subscribed again in HubSpot")
	case len(f.boxes(func(b OptOutBox) bool { return b.Ticked && b.Other })) > 0:
		a.Decision = f.facts().decide("OPT-7", None, "the box was ticked when the record had another address; an opt-out belongs to its address")
	default:
		a.Decision = f.facts().decide("OPT-2", None, "nobody opted out")
	}
	return a
}

// out reports that the address is opted out, whoever says so.
func (f *ConsentFacts) out() bool {
	if f.Status != nil && f.Status.Out || f.Status == nil && f.Hint || f.Replaces.State == core.OptedOut {
		return true
	}
	lifted := f.lifted()
	if f.Stored.State == core.OptedOut && !lifted && !f.withdrawn() {
		return true
	}
	return slices.ContainsFunc(f.Boxes, func(b OptOutBox) bool {
		return b.Ticked && !b.Other && !b.Beside && !(lifted && b.Until.Before(f.Status.Back))
	})
}

// clears reports a box that goes with an opt-out that was lifted.
func (f *ConsentFacts) clears(b OptOutBox) bool {
	return b.Ticked && !b.Other && !b.Gone && !b.Held && (!b.Beside || b.Until.Before(f.Status.Back))
}

// backBecause says that the address came back, and what keeps a box ticked all the same.
func (f *ConsentFacts) backBecause() string {
	because := "the address was subscribed again in HubSpot, later than it opted out"
	if len(f.boxes(func(b OptOutBox) bool { return b.Ticked && b.Held })) > 0 {
		because += "; the box stays ticked, since another portal of the org knows an opt-out"
	}
	return because
}

// notBackBecause says why an address that HubSpot subscribed again stays opted out.
func (f *ConsentFacts) notBackBecause() string {
	if f.lifted() {
		return "HubSpot subscribed the address again, but a box in Salesforce is of a version of its record that may be later than that, so it counts as opted out anew; the contact has to subscribe once more (LIM-13)"
	}
	return "HubSpot subscribed the address again without the contact's own word or a legal basis, or not surely later than it opted out (LIM-13)"
}

// lifted reports a subscription later than the opt-out that HubSpot knew, by the person
// or by somebody who stated a legal basis.
func (f *ConsentFacts) lifted() bool {
	s := f.Status
	return s != nil && !s.Out && !f.Stored.Known.IsZero() && s.Back.After(f.Stored.Known) && (s.Basis != "" || byPerson(s.Source))
}

// byPerson reports a status that the person behind the address set: HubSpot words its
// sources as "Self Service Resubscription" (communication preferences guide).
func byPerson(source string) bool { return strings.HasPrefix(strings.ToLower(source), "self service") }

// withdrawn reports an opt-out that only Salesforce ever knew and no longer shows on
// the record it came from.
func (f *ConsentFacts) withdrawn() bool {
	s := f.Stored
	return s.State == core.OptedOut && s.Known.IsZero() && f.Status != nil && !f.Status.Out &&
		slices.ContainsFunc(f.Boxes, func(b OptOutBox) bool { return b.Ref == s.Origin && b.Shown && !b.Ticked })
}

func (f *ConsentFacts) optOut(a *ConsentAnswer) {
	rule, because := "OPT-2", "the address is opted out"
	known := f.Stored.State == core.OptedOut
	switch {
	case !known:
		f.begin(a)
	case f.Status != nil && !f.Status.Out && !f.Stored.Known.IsZero():
		rule, because = "OPT-3", f.notBackBecause()
	case len(f.boxes(unticked)) > 0 && !f.Stored.Known.IsZero():
		rule, because = "OPT-5", "the box is clear in Salesforce, which opts nobody in, and is ticked again (AMB-9)"
	}
	if f.Status != nil && f.Status.Out && f.Status.At.After(a.Next.Known) {
		a.Next.Known = f.Status.At
	}
	a.Tick = f.boxes(unticked)
	a.Unsubscribe = f.InHubSpot && f.untold(known)
	if a.Next != f.Stored {
		a.Next.Rule = rule
	}
	a.Decision = f.facts().decide(rule, Update, because)
}

// untold reports that HubSpot is to be told: it says that the address is not opted out,
// or was not asked and was never seen to know.
func (f *ConsentFacts) untold(known bool) bool {
	if f.Status != nil {
		return !f.Status.Out
	}
	return !f.Hint && !(known && !f.Stored.Known.IsZero())
}

func unticked(b OptOutBox) bool { return b.Shown && !b.Ticked && !b.Gone }

// begin notes where a new opt-out comes from: HubSpot's answer, its property, or the
// box that was ticked last.
func (f *ConsentFacts) begin(a *ConsentAnswer) {
	next := core.Consent{Address: f.Address, State: core.OptedOut, Origin: f.Contact}
	switch {
	case f.Status != nil && f.Status.Out:
		next.Since = f.Status.At
	case f.Hint:
	case f.Replaces.State == core.OptedOut:
		next.Since, next.Origin = f.Replaces.Since, f.Replaces.Origin
	default:
		for _, b := range f.Boxes {
			if b.Ticked && !b.Other && !b.Beside && b.Until.After(next.Since) {
				next.Since, next.Origin = b.Until, b.Ref
			}
		}
	}
	a.Next = next
}

func (f *ConsentFacts) boxes(which func(OptOutBox) bool) []core.Ref {
	var out []core.Ref
	for _, b := range f.Boxes {
		if which(b) {
			out = append(out, b.Ref)
		}
	}
	return out
}

func (f *ConsentFacts) facts() facts {
	ticked := f.boxes(func(b OptOutBox) bool { return b.Ticked })
	out := facts{}.flag("hubspot_property", f.Hint).count("salesforce_boxes", len(f.Boxes)).count("ticked", len(ticked)).text("stored", string(f.Stored.State))
	out.moment("known_to_hubspot", f.Stored.Known)
	if s := f.Status; s != nil {
		out.flag("hubspot_status", s.Out).moment("hubspot_status_since", s.At).moment("subscribed", s.Back).text("source", s.Source).text("legal_basis", s.Basis)
	}
	return out
}

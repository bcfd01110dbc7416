package policy

import (
	"time"

	"tandem/internal/core"
)

// HappeningFacts decide whether what a person did in HubSpot becomes a Salesforce task.
type HappeningFacts struct {
	Kind string
	// On is the switch of its kind (ACT-2).
	On bool
	// Known says that the contact was found, Linked that it has the partner Partner.
	Known, Linked bool
	Partner       core.Ref
	// Erased says that the person was erased on request.
	Erased bool
	// Listed is whether the contact is in the inclusion list, Filter the answer of the
	// kind's filter; Member where there is none.
	Listed, Filter Membership
	FilterNote     string
	// Waited is how long ago it happened, Wait how long it may wait for a partner.
	Waited, Wait time.Duration
}

// Happening decides what becomes of something that a person did: ACT-1, ACT-2, LIM-8.
func Happening(h HappeningFacts) core.Decision {
	f := facts{}.text("kind", h.Kind).flag("linked", h.Linked)
	if h.Linked {
		f.text("partner", h.Partner.String())
	}
	switch {
	case !h.On:
		return f.decide("ACT-2", None, "this kind of activity is switched off")
	case h.Erased:
		return f.decide("AMB-13", None, "the person was erased on request")
	case h.Listed == NotMember:
		return f.decide("INC-3", OutOfScope, "the contact is not in the inclusion list")
	case !h.Linked && h.Waited >= h.Wait:
		return f.decide("ACT-1", None, "nobody in Salesforce is linked with the contact, and the time to wait for that is over")
	case !h.Known:
		return f.decide("ACT-1", Wait, "no contact has the e-mail address yet")
	case !h.Linked:
		return f.decide("ACT-1", Wait, "nobody in Salesforce is linked with the contact yet")
	case h.Filter == UnknownMembership:
		return f.text("filter", h.FilterNote).decide("LIM-8", OutOfScope, "the filter cannot be evaluated on it")
	case h.Filter == NotMember:
		return f.text("filter", h.FilterNote).decide("LIM-8", OutOfScope, "the filter leaves it out")
	}
	return f.decide("ACT-1", Create, "a task is made of it")
}

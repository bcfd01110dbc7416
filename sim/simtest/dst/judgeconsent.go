package dst

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// consentKept: we subscribe nobody, and lift no opt-out unless the very person came back
// after it (I6).
func (r *run) consentKept() {
	for _, e := range r.orgLedger() {
		if r.isOurs(e) && isBox(e) && fmt.Sprint(e.Before) == "true" && fmt.Sprint(e.After) != "true" && !r.lawful(e) {
			r.broken("I6", "the opt-out of %s %s was lifted at %s, and nobody who has one of %v had come back after it", e.Object, e.ID, e.Time, r.addressesOf(e.ID))
		}
	}
	for _, e := range r.ledger() {
		if e.Source == "INTEGRATION" && e.Op == "consent" && strings.Contains(strings.ToUpper(e.After), "SUBSCRIBED") && !strings.Contains(strings.ToUpper(e.After), "UNSUBSCRIBED") {
			r.broken("I6", "we subscribed %s: %s to %s", e.ID, e.Before, e.After)
		}
	}
}

func isBox(e salesforcesim.Entry) bool { return e.Field == "HasOptedOutOfEmail" }

// lawful reports a lift before which one of the record's addresses came back, and nothing
// else was said of it since, or only after the portal was asked and before we could write. The
// org's stamps are whole seconds, so that the lift came at either end of one. The portal's
// ledger would tell as well, but for those whom it had to forget.
func (r *run) lawful(lift salesforcesim.Entry) bool {
	from := lift.Time.Add(-time.Duration(r.h.Shape.Ahead[sf]))
	return slices.ContainsFunc(r.addressesOf(lift.ID), func(address string) bool {
		return r.cameBack(address, from) || r.cameBack(address, from.Add(time.Second)) || (r.cameBackWhenAsked(address, from) || r.tickedBeside(lift, address, from)) && r.madeGood(lift, address)
	})
}

// askedBefore is how old what the portal said of an address may be when a box is cleared by
// it: no API lets us write to the org on the condition that the portal still says so.
const askedBefore = 2 * time.Second

// cameBackWhenAsked reports that the last time that the portal answered for an address, just
// before a box was cleared in the second that begins at a moment, it had come back.
func (r *run) cameBackWhenAsked(address string, lifted time.Time) bool {
	for _, a := range slices.Backward(r.answered) {
		if a.address == address && a.at.Before(lifted.Add(time.Second)) {
			return lifted.Sub(a.at) <= askedBefore && r.cameBack(address, a.at)
		}
	}
	return false
}

// tickedBeside reports that the last that was said of an address when a box was cleared, in the
// second that begins at a moment, is the tick of another record's box just before, and that it
// had come back until then: Salesforce lets us write a record on no condition about others.
func (r *run) tickedBeside(lift salesforcesim.Entry, address string, lifted time.Time) bool {
	for _, s := range slices.Backward(r.consent) {
		if s.address == address && s.at.Before(lifted.Add(time.Second)) {
			return s.out && s.box != "" && s.box != lift.ID && lifted.Sub(s.at) <= askedBefore && r.cameBack(address, s.at)
		}
	}
	return false
}

// madeGood reports that a box that was cleared while its address opted out anew was ticked
// again since, or that nothing asks for it any more.
func (r *run) madeGood(lift salesforcesim.Entry, address string) bool {
	t := r.find(core.Ref{Side: sf, Object: core.Object(lift.Object), ID: lift.ID})
	return t == nil || t.gone || r.cameBack(address, r.now()) || slices.ContainsFunc(r.orgLedger(), func(e salesforcesim.Entry) bool {
		return isBox(e) && e.ID == lift.ID && e.Tx != lift.Tx && !e.Time.Before(lift.Time) && fmt.Sprint(e.After) == "true"
	})
}

// statuses is where the portal tells what was said of an address.
const statuses = "/communication-preferences/v4/statuses/"

// tellsConsent keeps that the portal tells the engine of addresses now.
func (r *run) tellsConsent(c *call) {
	if c.side != hs || !hasPath(c, statuses) {
		return
	}
	_, address, _ := strings.Cut(c.req.URL.Path, statuses)
	asked := []string{strings.TrimSuffix(address, "/unsubscribe-all")}
	for _, raw := range c.inputs() {
		var one string
		_ = json.Unmarshal(raw, &one)
		asked = append(asked, one)
	}
	for _, address := range asked {
		r.answered = append(r.answered, said{at: r.now(), address: strings.ToLower(address)})
	}
}

// cameBack reports that the last that was said of an address before a moment is that it
// may be written to again.
func (r *run) cameBack(address string, before time.Time) (back bool) {
	for _, s := range r.consent {
		if s.address == address && s.at.Before(before) {
			back = !s.out
		}
	}
	return back
}

// addressesOf are all that a lead or contact ever had, with those of whom it goes on for
// and of its partners in HubSpot.
func (r *run) addressesOf(id string) (out []string) {
	ids := r.family(id)
	for _, e := range r.orgLedger() {
		if e.Field == "Email" && slices.Contains(ids, e.ID) {
			out = append(out, fmt.Sprint(e.Before), fmt.Sprint(e.After))
		}
	}
	ledger := r.ledger()
	var partners []string
	for _, e := range ledger {
		if e.Object == string(core.Contacts) && slices.Contains(ids, e.After) {
			partners = append(partners, r.family(e.ID)...)
		}
	}
	for _, e := range ledger {
		if e.Property == "email" && slices.Contains(partners, e.ID) {
			out = append(out, e.Before, e.After)
		}
	}
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(s string) bool { return !strings.Contains(s, "@") })
}

// family are the ids of a record, of those it goes on for and of the one that goes on for
// it.
func (r *run) family(id string) []string {
	out := []string{id}
	for _, t := range r.things {
		if t.ID != id && (t.into == core.Ref{} || t.into.ID != id) {
			continue
		}
		out = append(out, t.ID)
		if t.into.ID != "" {
			out = append(out, t.into.ID)
		}
		for _, p := range t.past {
			out = append(out, p.ID)
		}
	}
	return out
}

package engine

import (
	"slices"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
)

// ConsentView is the opt-out of one address as a person reads it.
type ConsentView struct {
	Address string            `json:"address"`
	State   core.ConsentState `json:"state,omitempty"`
	// Salesforce is the record's box, HubSpot the contact's property, as they are now.
	Salesforce bool `json:"salesforce"`
	HubSpot    bool `json:"hubspot"`
	// Since and Origin say since when at the latest the opt-out stood, also where it was
	// taken back, and on which record it was met; Known is since when HubSpot knows of it.
	Since  *time.Time `json:"since,omitempty"`
	Origin string     `json:"origin,omitempty"`
	Known  *time.Time `json:"known_to_hubspot,omitempty"`
	// Back says when the address was taken back in HubSpot, with its source and legal
	// basis in HubSpot's words.
	Back   *time.Time    `json:"back,omitempty"`
	Source string        `json:"source,omitempty"`
	Basis  string        `json:"legal_basis,omitempty"`
	Rule   core.Decision `json:"rule"`
}

// consentViews are the opt-outs of an item's addresses, where anybody opted out.
func (b *batch) consentViews(it *item) (out []ConsentView) {
	if b.consents == nil {
		return nil
	}
	var seen []string
	for _, side := range core.Sides {
		rec := it.person(side)
		if rec == nil || conn.EmailOf(rec) == "" || slices.Contains(seen, conn.EmailOf(rec)) {
			continue
		}
		seen = append(seen, conn.EmailOf(rec))
		if v := b.consentView(it, conn.EmailOf(rec)); v.State != "" || v.Salesforce || v.HubSpot {
			out = append(out, v)
		}
	}
	return append(out, b.furtherViews(it)...)
}

// furtherViews are the further addresses of an item's HubSpot contact that are, or were, opted
// out: whoever is shown under the first one may have them.
func (b *batch) furtherViews(it *item) (out []ConsentView) {
	hs := it.person(core.HubSpot)
	if hs == nil {
		return nil
	}
	for _, address := range conn.FurtherEmails(hs) {
		if sf := it.person(core.Salesforce); b.consents.voices[address] == nil || sf != nil && conn.EmailOf(sf) == address {
			continue
		}
		if v := b.consentView(it, address); v.State != "" {
			v.HubSpot = b.consents.status[address].Out
			out = append(out, v)
		}
	}
	return out
}

func (b *batch) consentView(it *item, address string) ConsentView {
	v := b.consents.voices[address]
	outside := v == nil
	if outside {
		v = it.voiceOf(address)
	}
	a, decided := b.consents.answers[address]
	if !decided {
		f := b.consentFacts(v)
		f.Outside = outside
		a = policy.Consent(f)
	}
	view := ConsentView{Address: address, State: a.Next.State, HubSpot: v.hint(), Since: moment(optedOutBy(a.Next)), Known: moment(a.Next.Known),
		Back: moment(a.Next.Back), Source: a.Next.Source, Basis: a.Next.Basis, Rule: a.Decision}
	if sf := it.person(core.Salesforce); sf != nil {
		view.Salesforce = ticked(sf)
	}
	if !a.Next.Origin.IsZero() {
		view.Origin = a.Next.Origin.Label()
	}
	return view
}

// optedOutBy is when the opt-out stood at the latest: a box was met with a version of its
// record that later edits may have made, and HubSpot may have known by then.
func optedOutBy(c core.Consent) time.Time {
	if c.Since.IsZero() || !c.Known.IsZero() && c.Known.Before(c.Since) {
		return c.Known
	}
	return c.Since
}

// voiceOf is an address with nobody but the item's own records.
func (it *item) voiceOf(address string) *voice {
	v := &voice{address: address, it: it, boxes: map[core.Ref]*core.Record{}, contact: it.person(core.HubSpot)}
	if sf := it.person(core.Salesforce); sf != nil {
		v.boxes[sf.Ref] = sf
	}
	return v
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
)

// optWorld is one address in a small world: HubSpot's word on it, two boxes in
// Salesforce, what Tandem stored, and, for the judge alone, who really said what when.
type optWorld struct {
	now     int
	out     bool // in HubSpot
	outAt   int
	back    core.ConsentStatus
	hint    bool // the property, which follows late
	boxes   [2]bool
	stamps  [2]int
	stored  core.Consent
	said    int    // when a person last opted out, as far as HubSpot knows
	ticked  [2]int // when a person ticked a box that HubSpot has not learnt of
	revoked int    // when a person last came back, by right
}

func at(n int) time.Time { return time.Date(2026, 3, 1, 9, 0, n, 0, time.UTC) }

var optRefs = [2]core.Ref{{Side: core.Salesforce, Object: core.Contact, ID: "1"}, {Side: core.Salesforce, Object: core.Lead, ID: "2"}}

func (w *optWorld) facts(asked bool) ConsentFacts {
	f := ConsentFacts{Address: "a@x.com", Stored: w.stored, Hint: w.hint, InHubSpot: true}
	for i, r := range optRefs {
		f.Boxes = append(f.Boxes, OptOutBox{Ref: r, Ticked: w.boxes[i], Shown: true, Until: at(w.stamps[i])})
	}
	if asked {
		s := w.back
		if w.out {
			s = core.ConsentStatus{Out: true, At: at(w.outAt)}
		}
		f.Status = &s
	}
	return f
}

// optEvents are what people do, and Tandem's looks that end early or in full.
var optEvents = map[string]func(*optWorld) string{
	"tick":       func(w *optWorld) string { return w.set(0, true) },
	"tick two":   func(w *optWorld) string { return w.set(1, true) },
	"untick":     func(w *optWorld) string { return w.set(0, false) },
	"edit":       func(w *optWorld) string { w.stamps[0] = w.now; return "" },
	"opt out":    func(w *optWorld) string { w.say(true); return "" },
	"come back":  func(w *optWorld) string { w.comeBack("Self Service Resubscription", ""); return "" },
	"taken back": func(w *optWorld) string { w.comeBack("Manual update", "CONSENT_WITH_NOTICE"); return "" },
	"by API":     func(w *optWorld) string { w.comeBack("Public status API", ""); return "" },
	"forgotten":  func(w *optWorld) string { w.out = w.out && !w.stored.Known.Equal(at(w.outAt)); return "" }, // an older subscription shows again
	"property":   func(w *optWorld) string { w.hint = w.out; return "" },
	"look":       func(w *optWorld) string { return w.look(3) },
	"stored":     func(w *optWorld) string { return w.look(0) },
	"told only":  func(w *optWorld) string { return w.look(1) },
	"lost":       func(w *optWorld) string { return w.look(2) },
}

func (w *optWorld) set(box int, ticked bool) string {
	switch {
	case ticked && !w.boxes[box] && w.out:
		w.said = w.now
	case ticked && !w.boxes[box]:
		w.ticked[box] = w.now
	case !ticked:
		w.ticked[box] = 0 // taken back before HubSpot knew; else it is said there
	}
	w.boxes[box], w.stamps[box] = ticked, w.now
	return ""
}

func (w *optWorld) say(person bool) {
	if w.out {
		return
	}
	w.out, w.outAt = true, w.now
	w.said, w.ticked = max(w.said, w.ticked[0], w.ticked[1]), [2]int{}
	if person {
		w.said = w.now
	}
}

func (w *optWorld) comeBack(source, basis string) {
	if !w.out {
		return
	}
	w.out, w.back = false, core.ConsentStatus{Back: at(w.now), Source: source, Basis: basis}
	if source != "Public status API" {
		w.revoked = w.now
	}
}

// look decides as the engine does, and stops after storing (0), after telling HubSpot
// and before its answer was stored (2), or after storing that (1).
func (w *optWorld) look(until int) string {
	first := w.stored.State == "" && !w.hint
	a := Consent(w.facts(!first))
	if wrong := w.judge(a); wrong != "" {
		return wrong
	}
	w.stored = a.Next
	if until == 0 {
		return ""
	}
	if a.Unsubscribe {
		w.say(false)
		if until != 2 {
			w.stored.Known = at(w.outAt)
		}
	}
	if until < 3 {
		return ""
	}
	for i, r := range optRefs {
		if slices.Contains(a.Tick, r) || slices.Contains(a.Clear, r) {
			w.boxes[i], w.stamps[i] = slices.Contains(a.Tick, r), w.now
		}
	}
	return ""
}

// judge finds a box that is cleared although nobody took back the last opt-out.
func (w *optWorld) judge(a ConsentAnswer) string {
	if said := max(w.said, w.ticked[0], w.ticked[1]); len(a.Clear) > 0 && (w.out || w.revoked == 0 || w.revoked < said) {
		return fmt.Sprintf("cleared %v, opted out at %d, back at %d: %v", a.Clear, said, w.revoked, a.Decision)
	}
	return ""
}

// settled finds an opt-out of Salesforce or HubSpot that did not get to the other side.
func (w *optWorld) settled() string {
	some := w.boxes[0] || w.boxes[1]
	if some != w.out || some && !(w.boxes[0] && w.boxes[1]) {
		return fmt.Sprintf("boxes %v, HubSpot %v, stored %+v", w.boxes, w.out, w.stored)
	}
	return ""
}

// TestOPT3_NoOrderOfEventsLiftsAnOptOut walks through every order of a few events: no
// decision clears a box unless somebody came back later than the last opt-out, in the end
// both sides say the same, and what HubSpot knew once is forgotten by no other word.
func TestOPT3_NoOrderOfEventsLiftsAnOptOut(t *testing.T) {
	names := make([]string, 0, len(optEvents))
	for name := range optEvents {
		names = append(names, name)
	}
	slices.Sort(names)
	depth := 5
	var cleared, walks int
	var walk func(w optWorld, path []string)
	walk = func(w optWorld, path []string) {
		walks++
		end := w
		held := w.stored.State == core.OptedOut && !w.stored.Known.IsZero() && w.revoked < max(w.said, w.ticked[0], w.ticked[1])
		for range 3 { // the property follows, and two looks
			end.now++
			end.hint = end.out
			before := end.boxes
			if wrong := end.look(3); wrong != "" {
				t.Fatalf("%v: %s", path, wrong)
			}
			if before != end.boxes && !end.out {
				cleared++
			}
		}
		if wrong := end.settled(); wrong != "" {
			t.Fatalf("after %v: %s", path, wrong)
		}
		if held && !end.out {
			t.Fatalf("after %v nobody is opted out any more, and nobody took it back: %+v", path, end.stored)
		}
		if len(path) == depth {
			return
		}
		for _, name := range names {
			next := w
			next.now++
			if wrong := optEvents[name](&next); wrong != "" {
				t.Fatalf("%v, %s: %s", path, name, wrong)
			}
			walk(next, append(slices.Clip(path), name))
		}
	}
	walk(optWorld{}, nil)
	if cleared == 0 || walks < 100000 {
		t.Errorf("%d walks cleared %d boxes", walks, cleared)
	}
}

// TestOPT6_WhatLiftsAnOptOut and what does not, one thing at a time.
func TestOPT6_WhatLiftsAnOptOut(t *testing.T) {
	lifted := func() ConsentFacts {
		return ConsentFacts{Address: "a@x.com", InHubSpot: true, Stored: core.Consent{Address: "a@x.com", State: core.OptedOut, Known: at(10)},
			Status: &core.ConsentStatus{Back: at(20), Source: "Self Service Resubscription"},
			Boxes:  []OptOutBox{{Ref: optRefs[0], Ticked: true, Shown: true, Until: at(5)}}}
	}
	for _, tt := range []struct {
		name   string
		change func(*ConsentFacts)
		rule   string
		clear  int
	}{
		{"by the person", func(*ConsentFacts) {}, "OPT-6", 1},
		{"with a legal basis", func(f *ConsentFacts) { f.Status.Source, f.Status.Basis = "Manual update", "CONSENT_WITH_NOTICE" }, "OPT-6", 1},
		{"by an integration", func(f *ConsentFacts) { f.Status.Source = "Public status API" }, "OPT-3", 0},
		{"before the opt-out", func(f *ConsentFacts) { f.Status.Back = at(10) }, "OPT-3", 0},
		{"before HubSpot knew of it", func(f *ConsentFacts) { f.Stored.Known = time.Time{} }, "OPT-2", 0},
		{"not asked", func(f *ConsentFacts) { f.Status = nil }, "OPT-2", 0},
		{"opted out since", func(f *ConsentFacts) { f.Status.Out, f.Status.At = true, at(30) }, "OPT-2", 0},
		{"ticked since", func(f *ConsentFacts) { f.Boxes[0].Until = at(20) }, "OPT-3", 0},
		{"ticked under another address", func(f *ConsentFacts) { f.Boxes[0].Other = true }, "OPT-6", 0},
		{"hidden", func(f *ConsentFacts) { f.Boxes[0].Ticked, f.Boxes[0].Shown = false, false }, "OPT-6", 0},
		{"another box ticked since", func(f *ConsentFacts) {
			f.Boxes = append(f.Boxes, OptOutBox{Ref: optRefs[1], Ticked: true, Shown: true, Until: at(30)})
		}, "OPT-3", 0},
		{"outside what syncs", func(f *ConsentFacts) { f.Outside = true }, "OPT-4", 0},
	} {
		f := lifted()
		tt.change(&f)
		if a := Consent(f); a.Rule != tt.rule || len(a.Clear) != tt.clear || len(a.Tick) != 0 {
			t.Errorf("%s: %+v, clears %v, want %s", tt.name, a.Decision, a.Clear, tt.rule)
		}
	}
}

// TestOPT3_ExplainSaysWhyASubscriptionDoesNotCount: the contact's own word that is not surely
// later than a box is another case than a subscription that nobody may make.
func TestOPT3_ExplainSaysWhyASubscriptionDoesNotCount(t *testing.T) {
	for source, want := range map[string]string{"Self Service Resubscription": "the contact has to subscribe once more", "Public status API": "without the contact's own word or a legal basis"} {
		a := Consent(ConsentFacts{Address: "a@x.com", InHubSpot: true, Stored: core.Consent{Address: "a@x.com", State: core.OptedOut, Known: at(10)},
			Status: &core.ConsentStatus{Back: at(20), Source: source}, Boxes: []OptOutBox{{Ref: optRefs[0], Ticked: true, Shown: true, Until: at(21)}}})
		if because := a.Facts["because"]; a.Rule != "OPT-3" || !strings.Contains(because, want) {
			t.Errorf("%s: %s, because %s, want %q", source, a.Rule, because, want)
		}
	}
}

// TestOPT3_OnlyItsOwnBoxWithdrawsAnOptOut that HubSpot never knew of: a clear box of somebody
// else with the address, or one that is hidden, says nothing about it.
func TestOPT3_OnlyItsOwnBoxWithdrawsAnOptOut(t *testing.T) {
	own, other := OptOutBox{Ref: optRefs[0], Shown: true}, OptOutBox{Ref: optRefs[1], Shown: true}
	for _, tt := range []struct {
		name  string
		boxes []OptOutBox
		rule  string
		left  core.ConsentState
	}{
		{"its own is cleared", []OptOutBox{own, other}, "OPT-3", ""},
		{"its own is gone", []OptOutBox{other}, "OPT-2", core.OptedOut},
		{"its own is hidden", []OptOutBox{{Ref: own.Ref}, other}, "OPT-2", core.OptedOut},
	} {
		a := Consent(ConsentFacts{Address: "a@x.com", Status: &core.ConsentStatus{}, Boxes: tt.boxes,
			Stored: core.Consent{Address: "a@x.com", State: core.OptedOut, Origin: own.Ref}})
		if a.Rule != tt.rule || a.Next.State != tt.left {
			t.Errorf("%s: %+v, then %q, want %s", tt.name, a.Decision, a.Next.State, tt.rule)
		}
	}
}

package policy

import (
	"fmt"
	"slices"
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
// decision clears a box unless somebody came back later than the last opt-out, and in
// the end both sides say the same.
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

package core

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"
)

// walk is one field of a linked pair over time: what users write, syncs that come
// through, and syncs whose write or whose answer is lost.
type walk struct {
	rng    *rand.Rand
	rule   Rule
	now    [2]string
	at     [2]time.Time // of the last change, by whomever
	clock  time.Time
	base   Base
	users  [2][]string // values that users wrote, on each side
	passed []string    // values that both sides showed at one time
	lost   []string    // the conflict log
	loud   bool        // keeps the story, for a person
	story  []string
}

func newWalk(seed uint64, loud bool) *walk {
	rules := []Rule{TwoWay, PreferSalesforce, AlwaysSalesforce, HubSpotOnly}
	return &walk{rng: rand.New(rand.NewPCG(seed, 1)), rule: rules[seed%uint64(len(rules))], clock: time.Unix(0, 0), base: Base{}, loud: loud}
}

func (w *walk) tell(format string, args ...any) {
	if w.loud {
		w.story = append(w.story, fmt.Sprintf(format, args...))
	}
}

// walked takes some steps and says what is wrong once it has come to rest.
func (w *walk) walked() string {
	for range 2 + w.rng.IntN(9) {
		w.step()
	}
	return w.broken()
}

func (w *walk) step() {
	w.clock = w.clock.Add(time.Duration(1+w.rng.IntN(5)) * time.Second)
	side := Sides[w.rng.IntN(2)]
	switch n := w.rng.IntN(10); {
	case n < 4:
		w.write(side, side.String()+strconv.Itoa(len(w.users[0])+len(w.users[1])))
	case n < 5:
		w.write(side, "")
	case n < 6:
		w.write(side, w.now[side.Other()])
	case n < 7:
		w.base = Inherit(w.base, side)
		w.tell("the record on %s is replaced by one that shows the same", side)
	default:
		w.sync(w.rng.IntN(3))
	}
	w.look()
}

func (w *walk) write(side Side, v string) {
	w.now[side], w.at[side] = v, w.clock
	w.users[side] = append(w.users[side], v)
	w.tell("%s is %q", side, v)
}

func (w *walk) look() {
	if w.now[0] == w.now[1] {
		w.passed = append(w.passed, w.now[0])
	}
}

// The ends of a sync: what was decided is done and known, done and not known, or not done.
const (
	known = iota
	unknown
	undone
)

func (w *walk) sync(end int) (wrote bool) {
	f := FieldInput{Key: "F", Rule: w.rule, Now: w.now, Readable: [2]bool{true, true}, Writable: [2]bool{true, true},
		Later: LaterOf(w.at[Salesforce], w.at[HubSpot], 2*time.Second)}
	f.Base, f.Heir, f.HasBase = w.base.Of("F")
	r := one(f)
	w.tell("sync: %s writes %v loses %q, ends %d", r.Case, r.Write, r.Lost, end)
	if end == undone {
		return false
	}
	for _, side := range Sides {
		if r.Write[side] {
			wrote = true
			w.now[side], w.at[side] = w.now[side.Other()], w.clock
		}
	}
	if r.Conflict { // its entry stands before the call
		w.lost = append(w.lost, r.Lost)
	}
	switch {
	case end == unknown:
	case wrote:
		w.base = AdvanceField(w.base, "F", w.now[Salesforce], w.now[HubSpot])
	default:
		w.base = Advance(w.base, Agreements([]FieldInput{f}, []FieldResult{r}))
	}
	w.look()
	return wrote
}

// broken says which invariant does not hold once a walk has come to rest.
func (w *walk) broken() string {
	rounds := 0
	for w.sync(known) {
		if rounds++; rounds > 2 {
			return "I7: it writes for ever"
		}
	}
	if w.rule == TwoWay && w.now[0] != w.now[1] {
		return fmt.Sprintf("I1: %q and %q", w.now[0], w.now[1])
	}
	for _, side := range Sides {
		v := w.now[side]
		if v != "" && !slices.Contains(w.users[side], v) && !slices.Contains(w.users[side.Other()], v) {
			return fmt.Sprintf("I5: nobody wrote %q", v)
		}
		if last := w.last(side); last != "" && w.now[side] != last && !slices.Contains(w.passed, last) && !slices.Contains(w.lost, last) {
			return fmt.Sprintf("I4: %q of %s is nowhere", last, side)
		}
	}
	return ""
}

// last is what users wrote last on a side; blank for nothing.
func (w *walk) last(side Side) string {
	if all := w.users[side]; len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// Whatever users do and whatever gets lost on the way: the sides come to agree (I1), the
// last value of each side is kept, passed or stands in the conflict log (I4), nothing is
// shown that nobody wrote (I5), and it ends (I7).
func TestI1_I4_I5_I7_EveryWalkEndsWell(t *testing.T) {
	for seed := range uint64(200_000) {
		if newWalk(seed, false).walked() != "" {
			w := newWalk(seed, true)
			t.Fatalf("walk %d, rule %v: %s\n%q", seed, w.rule, w.walked(), w.story)
		}
	}
}

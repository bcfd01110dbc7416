package dst

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
)

// relation is a change of a history that must change nothing in what comes of it: the
// metamorphic relations of the reliability catalogue.
type relation struct {
	id, what string
	change   func(h *History, rng *rand.Rand)
	// writes says that not a single write may be added either.
	writes bool
}

// relations are those that histories can be changed by.
var relations = []relation{
	{"MR1", "every event is told twice", func(h *History, _ *rand.Rand) { h.everyEvent("E1") }, true},
	{"MR2", "events are told in another order", func(h *History, _ *rand.Rand) { h.everyEvent("E2") }, false},
	{"MR3", "changes are polled", func(h *History, _ *rand.Rand) { h.Shape.Feed = "poll" }, false},
	{"MR5", "one batch in flight", func(h *History, _ *rand.Rand) { h.Shape.Workers = 1 }, true},
	{"MR5", "sixteen batches in flight", func(h *History, _ *rand.Rand) { h.Shape.Workers = 16 }, true},
	{"MR6", "the store is in memory", func(h *History, _ *rand.Rand) { h.Shape.Memory = true }, true},
	{"MR7", "users wait for no sync between two edits of different fields", func(h *History, _ *rand.Rand) { h.hasty() }, false},
	{"MR8", "the process dies again and again", func(h *History, rng *rand.Rand) {
		h.struck(rng, "P1 before send", "P1 after send", "P1 at a read", "P1 before commit", "P1 after commit")
	}, false},
	{"MR9", "what fails is tried again", func(h *History, rng *rand.Rand) {
		h.struck(rng, "N1", "N2", "N5", "N5 before", "N5 after", "N6", "N7", "N8", "N9", "A1", "B6 shorter")
	}, false},
	{"MR10", "idle syncs and sweeps are inserted", func(h *History, rng *rand.Rand) { h.insert(rng, "sweep", "restart", "retry issues") }, true},
	{"MR11", "fields that nothing maps are edited", func(h *History, rng *rand.Rand) { h.insert(rng, "unmapped edit") }, true},
	{"MR13", "records have other ids", func(h *History, _ *rand.Rand) { h.Shape.IDs = 7 }, false},
	{"MR15", "all clocks are 37 days ahead", func(h *History, _ *rand.Rand) { h.Shape.Ahead = [2]Duration{days37, days37} }, false},
	{"MR15", "Salesforce's clock alone is an hour ahead", func(h *History, _ *rand.Rand) { h.Shape.Ahead[sf] = Duration(time.Hour) }, false},
	{"MR16", "plans are made in between", func(h *History, rng *rand.Rand) { h.insert(rng, "plan") }, true},
	{"MR17", "in the end the store is thrown away, and an import finds who belongs to whom", func(h *History, _ *rand.Rand) { h.forgetful() }, true},
	{"MR20", "values are entered again in another form of the same", func(h *History, rng *rand.Rand) { h.insert(rng, "same in another form") }, true},
}

const days37 = Duration(37 * 24 * time.Hour)

// calmly are the acts of histories whose end does not depend on what is in flight: each
// rests until the sync has come to rest.
var calmly = []string{"new account", "new company", "new contact", "new lead", "new person", "edit", "edit", "edit", "edit", "clear",
	"change address", "convert", "associate", "move company", "opt out", "tick opt-out", "address in another case"}

// calm is how long such a history rests: two syncs, and the retry of what was refused.
const calm = 65 * time.Minute

// DrawCalm makes a history of a seed in which users act one after the other.
func DrawCalm(seed uint64, steps int) History {
	rng := rand.New(rand.NewPCG(seed, 4))
	h := History{Seed: seed, Shape: drawShape(rng)}
	h.Shape.Cycle, h.Shape.Feed, h.Shape.Workers = Duration(20*time.Minute), "journal", 6
	d := &drawing{rng: rng}
	for n := range steps {
		from := calmly
		if n < 5 {
			from = warmUp
		}
		h.Steps = append(h.Steps, d.step(opNamed(from[rng.IntN(len(from))])))
		h.Steps[n].rest(calm)
	}
	return h
}

func (s *Step) rest(d time.Duration) { s.Calls, s.Wait = math.MaxInt32, Duration(d) }

// changed is a history that a relation changed.
func (rel relation) changed(h History) History {
	h.Steps, h.Strikes = slices.Clone(h.Steps), nil
	rel.change(&h, rand.New(rand.NewPCG(h.Seed, 6)))
	return h
}

// everyEvent has a fault strike whenever events are asked for.
func (h *History) everyEvent(fault string) {
	for at := range 400 {
		h.Strikes = append(h.Strikes, Strike{At: at * 5, Fault: fault})
	}
}

// struck has faults strike one after the other, for as long as it lasts.
func (h *History) struck(rng *rand.Rand, faults ...string) {
	for at := range 20 {
		h.Strikes = append(h.Strikes, Strike{At: 60 + at*40 + rng.IntN(30), Fault: pick(rng, faults...)})
	}
}

// insert puts an act between any two.
func (h *History) insert(rng *rand.Rand, acts ...string) {
	var all []Step
	for _, s := range h.Steps {
		extra := Step{Op: pick(rng, acts...), Thing: s.Thing, Other: s.Other, Field: "name"}
		extra.rest(calm)
		all = append(all, s, extra)
	}
	h.Steps = all
}

// forgetful throws the store away once all has come to rest, and imports both pairs.
func (h *History) forgetful() {
	for _, s := range []Step{{Op: forgetting}, {Op: "import", Thing: 0}, {Op: "import", Thing: 1}} {
		s.rest(calm)
		h.Steps = append(h.Steps, s)
	}
}

// hasty leaves no time between edits that follow each other and are of different fields.
func (h *History) hasty() {
	for i := 1; i < len(h.Steps); i++ {
		if a, b := h.Steps[i-1], &h.Steps[i]; a.Op == "edit" && b.Op == "edit" && a.Field != b.Field {
			b.rest(3 * time.Second)
		}
	}
}

// again enters a value of a record once more, in another form that both sides take for
// the same: composed letters taken apart.
func again(r *run, s Step) string {
	t := r.which(s.Thing, core.Account, core.Contact, core.Lead, core.Companies, core.Contacts)
	if t == nil {
		return ""
	}
	field := fieldNames[t.Object][s.Field]
	was, ok := r.shown(t.Ref, field)
	other := decomposed.Replace(was)
	if !ok || other == was || r.change(t, field, other) != nil {
		return ""
	}
	r.wrote(t, field, other)
	return fmt.Sprintf("%s %s=%q", t, field, other)
}

// decomposed takes the composed letters of drawn values apart.
var decomposed = strings.NewReplacer("Ü", "U\u0308", "ï", "i\u0308", "ö", "o\u0308", "ë", "e\u0308")

// state is what stands in the end, apart from ids: linked pairs and lone records by their
// values, and how often we wrote a mapped field.
func (r *run) state(links []*core.Link) (lines []string, writes int) {
	linked := map[core.Ref]bool{}
	for _, l := range links {
		lines = append(lines, fmt.Sprintf("%s %s with %s", l.Pair, r.facts(l.Refs[sf]), r.facts(l.Refs[hs])))
		linked[l.Refs[sf]], linked[l.Refs[hs]] = true, true
	}
	for _, t := range r.things {
		if !t.gone && !linked[t.Ref] {
			lines = append(lines, "alone "+r.facts(t.Ref))
		}
	}
	slices.Sort(lines)
	for _, e := range r.orgLedger() {
		if strings.HasPrefix(e.Client, "tandem") && mapsField(core.Object(e.Object), e.Field) {
			writes++
		}
	}
	for _, e := range r.ledger() {
		if e.Source == "INTEGRATION" && mapsField(core.Object(e.Object), e.Property) {
			writes++
		}
	}
	return lines, writes
}

func mapsField(o core.Object, name string) bool {
	for _, f := range fieldNames[o] {
		if strings.EqualFold(f, name) {
			return true
		}
	}
	return false
}

// facts are a record's object, address and mapped fields.
func (r *run) facts(ref core.Ref) string {
	out := string(ref.Object) + " " + r.address(ref)
	for _, f := range []string{"name", "city", "phone"} {
		v, _ := r.shown(ref, fieldNames[ref.Object][f])
		out += fmt.Sprintf(" %q", composed.Replace(v))
	}
	return out
}

// composed undoes decomposed: both forms are the same.
var composed = strings.NewReplacer("U\u0308", "Ü", "i\u0308", "ï", "o\u0308", "ö", "e\u0308", "ë")

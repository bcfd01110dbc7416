package dst

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Card is the score of many histories: a run that hit nothing proves nothing.
type Card struct {
	Histories, Acts, Requests           int
	Virtual                             time.Duration
	Hit                                 map[string]int
	Pairs                               map[[2]string]int
	Done, Met                           map[string]int // acts, situations
	Sets                                [2]int
	Broken, Twice, Unequal, Regressions int
	Relations                           map[string]int // metamorphic ones, by how many histories were held against each
}

// Add counts a history.
func (c *Card) Add(h History, res Result) {
	c.Join(Card{Histories: 1, Acts: len(h.Steps), Requests: res.Requests, Virtual: res.Virtual, Hit: res.Hit, Pairs: res.Pairs, Done: res.Acts, Met: res.Met,
		Sets: res.Sets, Broken: len(res.Broken)})
}

// Join adds what other histories scored.
func (c *Card) Join(o Card) {
	c.Histories += o.Histories
	c.Acts += o.Acts
	c.Requests += o.Requests
	c.Virtual += o.Virtual
	for n := range c.Sets {
		c.Sets[n] += o.Sets[n]
	}
	c.Broken += o.Broken
	c.Twice += o.Twice
	c.Unequal += o.Unequal
	c.Regressions += o.Regressions
	addAll(&c.Hit, o.Hit)
	addAll(&c.Pairs, o.Pairs)
	addAll(&c.Done, o.Done)
	addAll(&c.Met, o.Met)
	addAll(&c.Relations, o.Relations)
}

// addAll adds counts to counts.
func addAll[K comparable](to *map[K]int, counts map[K]int) {
	for k, n := range counts {
		if *to == nil {
			*to = map[K]int{}
		}
		(*to)[k] += n
	}
}

// relate counts a history that was held against a metamorphic relation.
func (c *Card) relate(id string) {
	addAll(&c.Relations, map[string]int{id: 1})
}

// year is how the virtual time is told.
const year = 365 * 24 * time.Hour

// Print writes the card: what was played, what was hit, and what was not.
func (c *Card) Print(out io.Writer) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(out, "sim: "+format+"\n", args...) }
	struck := 0
	for _, n := range c.Hit {
		struck += n
	}
	say("%d histories of %d acts in all, %d played twice with %d unequal traces, %d that failed once replayed", c.Histories, c.Acts, c.Twice, c.Unequal, c.Regressions)
	say("%d requests, %.2f virtual years, %.2f values allowed a field, %d broken invariants", c.Requests, float64(c.Virtual)/float64(year), float64(c.Sets[1])/float64(max(1, c.Sets[0])), c.Broken)
	say("%d faults struck, of %d kinds out of %d; %d fault-act pairs out of %d; %d kinds of acts done out of %d", struck, len(c.Hit), len(faults), len(c.Pairs), len(faults)*len(ops), len(c.Done), len(ops))
	say("never struck: %s", orNone(missing(faults, c.Hit, func(f fault) string { return f.id })))
	say("never done: %s", orNone(missing(ops, c.Done, func(o op) string { return o.name })))
	for _, m := range c.measures() {
		say("%s: %.2f of %g, which is %.1f %%", m.what, m.have, m.want, 100*m.have/m.want)
	}
	by := catalogue()
	c.relations(say)
	say("of the 203 faults of the catalogue histories have %d as strikes and %d in acts, %d have tests of their own, %d are open: %s",
		len(by["strike"]), len(by["act"]), len(by["test"]), len(by[""]), strings.Join(by[""], " "))
	for _, id := range by[""] {
		say("open %s: %s", id, outside[id])
	}
	c.met(say)
}

// measure is how far a run comes towards what the catalogue demands of every change.
type measure struct {
	what       string
	have, want float64
}

// often is how many hits of a fault count as enough.
const often = 50

func (c *Card) measures() []measure {
	enough, runs := 0, 0
	for _, n := range c.Hit {
		if n >= often {
			enough++
		}
	}
	for _, n := range c.Relations {
		runs += n
	}
	return []measure{
		{"histories that were played twice", float64(c.Twice), 2000},
		{"acts in them", float64(c.Acts), 2000 * 300},
		{"virtual years", float64(c.Virtual) / float64(year), 10},
		{fmt.Sprintf("kinds of faults that struck %d times", often), float64(enough), float64(len(faults))},
		{"fault-act pairs", float64(len(c.Pairs)), 0.6 * float64(len(faults)*len(ops))},
		{"histories held against relations", float64(runs), 300 * 6},
	}
}

// relations says how many histories were held against which metamorphic relation.
func (c *Card) relations(say func(string, ...any)) {
	var all []string
	n := 0
	for _, id := range slices.SortedFunc(maps.Keys(c.Relations), func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) }) {
		all, n = append(all, fmt.Sprintf("%s %d", id, c.Relations[id])), n+c.Relations[id]
	}
	say("%d histories held against %d of 20 metamorphic relations: %s", n, len(all), orNone(all))
}

func (c *Card) met(say func(string, ...any)) {
	for _, what := range slices.Sorted(maps.Keys(c.Met)) {
		say("met %s: %d times", what, c.Met[what])
	}
}

// missing are the rows of a table that were not counted.
func missing[T any](table []T, counted map[string]int, name func(T) string) (out []string) {
	for _, row := range table {
		if counted[name(row)] == 0 {
			out = append(out, name(row))
		}
	}
	return out
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

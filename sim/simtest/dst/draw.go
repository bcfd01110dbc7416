package dst

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Draw makes the history of a seed with so many steps. A random part of the acts and
// faults takes part in it, at random rates: one history in ten has no fault, which
// finds plain faults of logic the fastest, one in twenty has a single kind, often.
func Draw(seed uint64, steps int) History {
	rng := rand.New(rand.NewPCG(seed, 3))
	h := History{Seed: seed, Shape: drawShape(rng)}
	if seed%12 == 4 {
		h.Shape.Portals = 2
	}
	d := &drawing{rng: rng, ops: some(rng, ops, 0.6), burst: drawBurst(rng, seed)}
	d.longest, d.patience, d.pause = time.Minute, 2*time.Minute, 2*time.Second
	for range 6 {
		h.Steps = append(h.Steps, d.step(opNamed(warmUp[rng.IntN(len(warmUp))])))
	}
	if cycle := time.Duration(h.Shape.Cycle); cycle > 0 { // an engine that serves looks at its work every second, which takes its time
		d.longest, d.patience, d.pause = min(12*time.Hour, 12*cycle), 10*time.Minute, 20*time.Second
	}
	for len(h.Steps) < steps {
		h.Steps = append(h.Steps, d.together()...)
	}
	h.Steps = h.Steps[:steps]
	h.Strikes = drawStrikes(rng, seed, steps, d.requests(steps))
	return h
}

// drawBurst draws how many acts come together, about: users work in bursts. One history in
// forty has acts that come one by one, for which the engine works the most.
func drawBurst(rng *rand.Rand, seed uint64) int {
	if seed%40 == 7 {
		return 1
	}
	return pick(rng, 6, 15, 30, 30, 60, 60)
}

// requests is how many requests so many acts bring about, roughly.
func (d *drawing) requests(acts int) int { return acts + 12*acts/d.burst }

// warmUp are the acts that begin a history: there is something to sync.
var warmUp = []string{"new account", "new company", "new contact", "new lead", "new person"}

func drawShape(rng *rand.Rand) Shape {
	return Shape{Profile: pick(rng, "classic", "tandem"), Person: pick(rng, "lead", "contact"), Feed: pick(rng, "poll", "journal"),
		Deleted: pick(rng, "nothing", "archive"), Conflict: pick(rng, "conflict", "validation"), Workers: pick(rng, 1, 2, 6),
		Cycle: Duration(drawCycle(rng))}
}

// drawCycle draws the time between two syncs; one engine in fifteen serves.
func drawCycle(rng *rand.Rand) time.Duration {
	if rng.IntN(15) == 0 {
		return 0
	}
	return pick(rng, 5*time.Minute, 20*time.Minute, 20*time.Minute, time.Hour, time.Hour, 3*time.Hour)
}

type drawing struct {
	rng  *rand.Rand
	ops  []op
	made int
	// burst is how many acts come together, about.
	burst int
	// longest is how long users rest at most, patience how long they wait for requests to
	// pass.
	longest, patience time.Duration
	// pause is the longest between two acts of a burst.
	pause time.Duration
}

// together draws acts that come in one go and the rest before them: within seconds of each
// other, or while a sync works.
func (d *drawing) together() (steps []Step) {
	for range 1 + d.rng.IntN(2*d.burst) {
		steps = append(steps, d.step(d.op()))
	}
	busy := d.rng.IntN(2) == 0
	for i := range steps[1:] {
		s := &steps[1+i]
		if s.Calls, s.Wait = math.MaxInt32, Duration(d.rng.Int64N(int64(d.pause))); busy {
			s.Calls, s.Wait = 1+d.rng.IntN(8), Duration(d.pause)
		}
	}
	if busy && d.burst > 1 {
		steps[0].Calls, steps[0].Wait = 1+d.rng.IntN(20), Duration(d.longest)
	}
	return steps
}

// operators are the acts of those who run the engine and the CRMs. Most of them end what is
// under way, and they are rare beside what users do.
var operators = []string{"restart", "sweep", "pause and resume", "off for days", "back up", "restore backup", "attend", "import", "plan", "retry issues",
	"hide field", "show fields"}

// share is how often an act is drawn, beside others.
func (o op) share() int {
	if slices.Contains(operators, o.name) {
		return o.weight
	}
	return 4 * o.weight
}

// op draws an act by its share.
func (d *drawing) op() op {
	total := 0
	for _, o := range d.ops {
		total += o.share()
	}
	n := d.rng.IntN(total)
	for _, o := range d.ops {
		if n -= o.share(); n < 0 {
			return o
		}
	}
	panic("unreachable: the shares sum up to their total")
}

func (d *drawing) step(o op) Step {
	d.made++
	s := Step{Op: o.name, Thing: d.hot(), Other: d.hot(), Value: d.value()}
	if len(o.fields) > 0 {
		s.Field = pick(d.rng, o.fields...)
	}
	if d.rng.IntN(2) == 0 {
		s.Calls, s.Wait = 1+d.rng.IntN(40), Duration(d.patience)
	} else {
		s.Calls, s.Wait = math.MaxInt32, Duration(d.between(time.Second, d.longest))
	}
	return s
}

// hot is a thing: one of the first few most of the time, since conflicts need
// collisions.
func (d *drawing) hot() int {
	if d.rng.IntN(10) < 7 {
		return d.rng.IntN(3)
	}
	return d.rng.IntN(40)
}

// between draws a time log-uniformly.
func (d *drawing) between(low, high time.Duration) time.Duration {
	return time.Duration(float64(low) * math.Pow(float64(high)/float64(low), d.rng.Float64())).Truncate(time.Second)
}

// value is a text that no other step has, ordinary most of the time.
func (d *drawing) value() string {
	v := fmt.Sprintf("v%d", d.made)
	switch n := d.rng.IntN(20); {
	case n < 12:
		return v
	case n < 17:
		return pick(d.rng, boundary...) + v
	default:
		return pick(d.rng, hostile...) + v
	}
}

var (
	boundary = []string{"Ünïcödé ", "👩‍👩‍👧 ", "e\u0301 ", "a  b ", "0", "1e3 ", "null ", "true ", "-", "Ａ"}
	hostile  = []string{"' OR Name LIKE '%", `\`, `"`, "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "{{.}}", "%00", "../../", "; DROP TABLE links;--", "&amp;"}
)

// drawStrikes draws which faults befall a history, and when.
func drawStrikes(rng *rand.Rand, seed uint64, steps, requests int) (out []Strike) {
	kinds := some(rng, faults, 0.3)
	rate := math.Pow(10, -0.6-1.2*rng.Float64()) // one in sixty steps to one in four
	switch seed % 20 {
	case 0, 10:
		return nil
	case 5:
		kinds, rate = []fault{pick(rng, faults...)}, 0.4
	}
	for range int(rate * float64(steps)) {
		out = append(out, Strike{At: rng.IntN(requests), Fault: pick(rng, kinds...).id})
	}
	slices.SortStableFunc(out, func(a, b Strike) int { return a.At - b.At })
	return out
}

func pick[T any](rng *rand.Rand, of ...T) T { return of[rng.IntN(len(of))] }

// some keeps a random part of a table, and at least one row.
func some[T any](rng *rand.Rand, table []T, share float64) (out []T) {
	for _, row := range table {
		if rng.Float64() < share {
			out = append(out, row)
		}
	}
	if len(out) == 0 {
		return []T{pick(rng, table...)}
	}
	return out
}

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
	if seed%6 == 4 {
		h.Shape.Portals = 2
	}
	d := &drawing{rng: rng, ops: some(rng, ops, 0.6)}
	d.longest, d.patience = time.Minute, 2*time.Minute
	for range 6 {
		h.Steps = append(h.Steps, d.step(opNamed(warmUp[rng.IntN(len(warmUp))])))
	}
	if cycle := time.Duration(h.Shape.Cycle); cycle > 0 { // an engine that serves looks at its work every second, which takes its time
		d.longest, d.patience = min(8*time.Hour, 12*cycle), 10*time.Minute
	}
	for len(h.Steps) < steps {
		h.Steps = append(h.Steps, d.step(d.op()))
	}
	h.Strikes = drawStrikes(rng, seed, steps)
	return h
}

// warmUp are the acts that begin a history: there is something to sync.
var warmUp = []string{"new account", "new company", "new contact", "new lead", "new person"}

func drawShape(rng *rand.Rand) Shape {
	return Shape{Profile: pick(rng, "classic", "tandem"), Person: pick(rng, "lead", "contact"), Feed: pick(rng, "poll", "journal"),
		Deleted: pick(rng, "nothing", "archive"), Conflict: pick(rng, "conflict", "validation"), Workers: pick(rng, 1, 2, 6),
		Cycle: Duration(pick(rng, 0, 5*time.Minute, 5*time.Minute, 20*time.Minute, 20*time.Minute, time.Hour, time.Hour, time.Hour, time.Hour))}
}

type drawing struct {
	rng  *rand.Rand
	ops  []op
	made int
	// longest is how long users rest at most, patience how long they wait for requests to
	// pass.
	longest, patience time.Duration
}

// op draws an act by its weight.
func (d *drawing) op() op {
	total := 0
	for _, o := range d.ops {
		total += o.weight
	}
	n := d.rng.IntN(total)
	for _, o := range d.ops {
		if n -= o.weight; n < 0 {
			return o
		}
	}
	panic("unreachable: the weights sum up to their total")
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
func drawStrikes(rng *rand.Rand, seed uint64, steps int) (out []Strike) {
	kinds := some(rng, faults, 0.3)
	rate := math.Pow(10, -1.2*rng.Float64()) // one in sixteen steps to each
	switch seed % 20 {
	case 0, 10:
		return nil
	case 5:
		kinds, rate = []fault{pick(rng, faults...)}, 1
	}
	for range int(rate * float64(steps)) {
		out = append(out, Strike{At: rng.IntN(steps * 12), Fault: pick(rng, kinds...).id})
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

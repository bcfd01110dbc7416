// Package metrics tells Prometheus how the connections of a process stand. Whatever it
// counts is read at the scrape, from where the status verb and the console read it too.
// No value of a record and no name of a person is among the labels.
package metrics

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tandem/internal/engine"
)

// patience bounds how long a scrape waits for a connection.
const patience = 8 * time.Second

// Source is what is scraped. Its functions are safe for concurrent use.
type Source struct {
	Now         func() time.Time
	Version     string
	Connections func() []string // by name
	// Status tells how a connection stands.
	Status func(ctx context.Context, connection string) (engine.Status, error)
}

// Handler answers a scrape in the formats of Prometheus and OpenMetrics. A connection whose
// state cannot be told shows as tandem_up 0, and the others still show.
func Handler(s Source) http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(collector{s}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "tandem_build_info", Help: "The version that runs.", ConstLabels: prometheus.Labels{"version": s.Version}})
	build.Set(1)
	r.MustRegister(build)
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: 2})
}

// collector reads all connections at each scrape.
type collector struct{ Source }

// Describe implements [prometheus.Collector].
func (c collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range described {
		out <- d.desc
	}
}

// Collect implements [prometheus.Collector].
func (c collector) Collect(out chan<- prometheus.Metric) {
	for _, name := range c.Connections() {
		c.collect(name, out)
	}
}

func (c collector) collect(name string, out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := c.Status(ctx, name)
	g := gauges{out: out, connection: name, now: c.Now()}
	g.set(up, yes(err == nil))
	if err == nil {
		g.state(&s)
		g.work(&s)
		g.sides(&s)
	}
}

// gauges are those of one connection at one scrape.
type gauges struct {
	out        chan<- prometheus.Metric
	connection string
	now        time.Time
}

func (g gauges) set(m metric, value float64, labels ...string) {
	g.out <- prometheus.MustNewConstMetric(m.desc, prometheus.GaugeValue, value, append([]string{g.connection}, labels...)...)
}

func (g gauges) state(s *engine.Status) {
	g.set(paused, yes(s.Paused))
	g.set(suspended, yes(s.Suspended != ""))
	g.set(disconnected, yes(s.Ended))
	g.set(held, float64(len(s.Held)))
	g.set(problems, float64(len(s.Problems)))
	if !s.Swept.IsZero() {
		g.set(sweptAge, g.since(s.Swept))
	}
	for _, b := range s.Brakes {
		g.set(brake, 1, b.Kind)
	}
	for _, i := range s.Issues {
		g.set(issues, float64(i.Count), string(i.Pair), string(i.Category))
	}
	for _, p := range s.Pairs.Names() {
		for state, n := range s.Links[p] {
			g.set(links, float64(n), string(p), string(state))
		}
	}
}

func (g gauges) work(s *engine.Status) {
	for _, p := range s.Pairs.Names() {
		w, object := s.Work[p], string(p)
		g.set(due, float64(w.Due), object)
		g.set(waiting, float64(w.Waiting), object)
		g.set(late, float64(w.Late), object)
		lag := 0.0
		if !w.Oldest.IsZero() {
			lag = g.since(w.Oldest)
		}
		g.set(lagSeconds, lag, object)
	}
}

func (g gauges) sides(s *engine.Status) {
	for name, side := range s.Sides {
		g.set(feed, 1, name, side.Feed)
		g.set(ourCalls, float64(side.Usage.Ours), name)
		if side.Usage.Limit > 0 {
			g.set(callShare, float64(side.Usage.Limit), name)
		}
		if side.Usage.Max > 0 {
			g.set(calls, float64(side.Usage.Used), name)
			g.set(callLimit, float64(side.Usage.Max), name)
		}
		if !side.Covered.IsZero() {
			g.set(covered, g.since(side.Covered), name)
		}
	}
}

// since is the age of a moment in seconds; clocks that differ make nothing negative.
func (g gauges) since(t time.Time) float64 { return max(0, g.now.Sub(t).Seconds()) }

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

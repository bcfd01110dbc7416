package simtest

import (
	"fmt"
	"testing"

	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// BenchmarkFirstImport is the CPU cost of a first import, both simulators and the
// engine in one process, without latency and limits.
func BenchmarkFirstImport(b *testing.B) {
	const n = 5000
	for b.Loop() {
		b.StopTimer()
		w := New(b, Before(func(w *World) {
			for i := range n {
				w.account(fmt.Sprintf("Account %d", i), "BillingCity", "Austin", "Phone", "123", "Website", fmt.Sprintf("https://www.a%d.example", i))
			}
		}), Org(func(*salesforcesim.Options) {}), Portal(func(*hubspotsim.Options) {}))
		b.StartTimer()
		w.Import()
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "records/s")
}

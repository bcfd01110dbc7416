package hubspotsim

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// TestManyClientsAtOnce holds the portal to its promise of being safe for
// concurrent use: run with the race detector it also finds unguarded state.
func TestManyClientsAtOnce(t *testing.T) {
	p := New(Options{Seed: 1, IndexLag: time.Millisecond, AutoCompanies: true})
	defer p.Close()
	r := &rig{t: t, p: p, token: p.Info().IntegrationToken}
	r.want(200, "POST", "/crm/v3/lists", map[string]any{"name": "Known", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": knownEmail})
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 25 {
				email := fmt.Sprintf("p%d@w%d.example", i, worker)
				r.call("POST", contacts, props("email", email))
				r.call("POST", contacts, props("email", fmt.Sprintf("shared%d@x.example", i)))
				r.call("POST", contacts+"/search", map[string]any{"query": "p"})
				r.call("GET", "/crm/v3/lists/1/memberships", nil)
				r.call("GET", contacts+"?limit=5", nil)
				p.Ledger()
				p.Stats()
			}
		})
	}
	wg.Wait()
	if n := r.count("contacts"); n != 4*25+25 {
		t.Fatalf("%d contacts, want 125: an address was taken twice", n)
	}
}

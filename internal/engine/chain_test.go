package engine

import (
	"testing"
	"time"

	"tandem/internal/core"
)

// TestI7_RecordsThatSendEachOtherRoundWait: two records have each other looked at for ever,
// and nothing changes. The marks come at once for a while and then ever later, whoever
// changed something begins anew.
func TestI7_RecordsThatSendEachOtherRoundWait(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	refs := [2]core.Ref{{Side: core.Salesforce, Object: core.Contact, ID: "1"}, {Side: core.Salesforce, Object: core.Contact, ID: "2"}}
	c := &Conn{}
	round := func(n int, relink *core.Link) time.Duration {
		it := &item{entries: []core.Dirty{{Ref: refs[n%2]}}, marks: []core.Dirty{{Ref: refs[(n+1)%2], NotBefore: at}}, relink: relink}
		b := &batch{conn: c, at: at, items: []*item{it}}
		next := map[core.Ref]int{}
		marks := b.spaced(it, next)
		c.chains.settle(b.looked(), next)
		return marks[0].NotBefore.Sub(at)
	}
	var waits []time.Duration
	for n := range chainFree + 12 {
		waits = append(waits, round(n, nil))
	}
	if waits[chainFree-1] != 0 || waits[chainFree] != 2*time.Second || waits[len(waits)-1] != 15*time.Minute {
		t.Errorf("the marks wait for %v", waits)
	}
	if wait := round(0, &core.Link{}); wait != 0 {
		t.Errorf("after a change the mark waits for %v", wait)
	}
	if wait := round(1, nil); wait != 0 {
		t.Errorf("the first mark after a change waits for %v", wait)
	}
	if n := len(c.chains.of); n != 1 {
		t.Errorf("%d records are remembered, want the one that is marked", n)
	}
}

package engine

import (
	"testing"

	"tandem/internal/core"
)

// A batch that ends while the next one is being claimed keeps its records reserved: that
// claim may have looked at the dirty set before the batch took its entries out.
func TestABatchThatEndsIsReservedUntilTheNextClaim(t *testing.T) {
	account, company := core.Ref{Side: core.Salesforce, Object: core.Account, ID: "a"}, core.Ref{Side: core.HubSpot, Object: core.Companies, ID: "c"}
	d := &drainer{busy: map[core.Ref]bool{}, held: map[core.Ref][]core.Ref{}}
	batch := []core.Dirty{{Ref: account}}
	link := &core.Link{State: core.LinkActive, Refs: [2]core.Ref{account, company}}
	if !d.take(batch, link) || d.take([]core.Dirty{{Ref: company}}, nil) {
		t.Fatal("a record and its partner are not in one batch at a time")
	}
	d.settled(batch)
	if d.take(batch, link) {
		t.Error("a claim under way takes what has just been settled")
	}
	d.free()
	if !d.idle() || !d.take(batch, link) {
		t.Error("the next claim does not get what an ended batch had")
	}
}

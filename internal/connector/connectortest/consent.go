package connectortest

import (
	"strings"
	"testing"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// keeper is the connector of a side that keeps opt-outs by address; on the other side the
// test is skipped.
func (w *world) keeper() connector.ConsentKeeper {
	w.t.Helper()
	keeper, ok := w.Connector.(connector.ConsentKeeper)
	if !ok {
		w.t.Skip("the side keeps an opt-out on each record, not by address")
	}
	return keeper
}

func (w *world) unsubscribe(addresses ...string) []core.Op {
	var ops []core.Op
	for _, a := range addresses {
		ops = append(ops, core.Op{Key: "unsubscribe/" + a, Kind: core.OpUnsubscribe, Target: w.ref(""), UniqueField: "email", UniqueValue: a})
	}
	return ops
}

// testConsents: whoever is asked about has an answer, by the address as it was asked, and
// an opt-out is known by its time.
func testConsents(t *testing.T, w *world) {
	keeper := w.keeper()
	w.OptOut("out@x.example")
	asked := []string{"never@x.example", "Out@X.example", "plus+tag/slash@x.example", "out@x.example"}
	w.want(w.write(w.unsubscribe(asked[2])...)[0], core.Applied, "")
	said, err := keeper.Consents(w.ctx(), asked)
	if err != nil || len(said) != len(asked) {
		t.Fatalf("%d answers about %d addresses: %v", len(said), len(asked), err)
	}
	for _, a := range asked {
		if s := said[a]; s.Out != !strings.HasPrefix(a, "never") || s.Out == s.At.IsZero() {
			t.Errorf("%s: %+v", a, s)
		}
	}
	if said, err := keeper.Consents(w.ctx(), nil); err != nil || len(said) != 0 {
		t.Errorf("about nobody: %v, %v", said, err)
	}
}

// testUnsubscribe: one outcome for each op, in their order; telling it twice changes
// nothing, and the side's own time of the opt-out is given.
func testUnsubscribe(t *testing.T, w *world) {
	keeper := w.keeper()
	addresses := []string{"b@x.example", "a@x.example", "c@x.example"}
	first := w.write(w.unsubscribe(addresses...)...)
	said, err := keeper.Consents(w.ctx(), addresses)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range append(first, w.write(w.unsubscribe(addresses...)...)...) {
		a := addresses[i%len(addresses)]
		if o.Status != core.Applied || o.Stamp.Before(said[a].At) || !w.OptedOut(a) {
			t.Errorf("%s: %+v, the side says %+v", a, o, said[a])
		}
	}
}

// testConsentsPage: an answer that is none opts nobody in.
func testConsentsPage(t *testing.T, w *world) {
	keeper := w.keeper()
	w.OptOut("out@x.example")
	w.arm(PageOnConsents)
	if said, err := keeper.Consents(w.ctx(), []string{"out@x.example"}); err == nil {
		t.Errorf("a page is taken for %+v", said)
	}
	said, err := keeper.Consents(w.ctx(), []string{"out@x.example"})
	if err != nil || !said["out@x.example"].Out {
		t.Errorf("asked again: %+v, %v", said, err)
	}
}

// testUnsubscribeLost: what had no answer is not known to have happened, and can be told
// again.
func testUnsubscribeLost(t *testing.T, w *world) {
	w.keeper()
	w.arm(LostUnsubscribe)
	w.want(w.write(w.unsubscribe("lost@x.example")...)[0], core.Unknown, "")
	w.want(w.write(w.unsubscribe("lost@x.example")...)[0], core.Applied, "")
	if !w.OptedOut("lost@x.example") {
		t.Error("the address is not opted out")
	}
}

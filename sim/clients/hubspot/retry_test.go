package hubspot

import (
	"slices"
	"testing"

	"tandem/sim/hubspotsim"
)

func TestTheClientsOwnRetriesGetThroughBothLimits(t *testing.T) {
	w := serve(t, hubspotsim.Options{Limits: true, Burst: 5, SearchPerSecond: 1})
	var found struct {
		Made              []string
		Rolling, Secondly []int
	}
	w.run("retry.mjs", &found)
	if !slices.Equal(found.Rolling, []int{10_000}) {
		t.Errorf("waits for the ten-second limit: %v ms", found.Rolling)
	}
	if len(found.Secondly) == 0 {
		t.Error("no search met the limit of a second")
	}
	for _, id := range found.Made {
		if _, live := w.person.Get("contacts", id); !live {
			t.Errorf("contact %s was refused by a limit and never made", id)
		}
	}
	if len(found.Made) != 7 {
		t.Errorf("%d contacts, want 7", len(found.Made))
	}
}

package hubspot

import (
	"testing"

	"tandem/sim/hubspotsim"
)

func TestRecordsOfEveryFamilyLiveTheirLives(t *testing.T) {
	w := serve(t, hubspotsim.Options{})
	var found map[string]struct {
		Title, Kept, Fresh string
		Gone               []string
	}
	w.run("records.mjs", &found)
	if len(found) != 15 {
		t.Errorf("%d families, want 15", len(found))
	}
	for family, f := range found {
		w.want(family, f.Kept, f.Title, "third")
		w.want(family, f.Fresh, "outer_key", "k2")
		for _, id := range f.Gone {
			w.gone(family, id)
		}
	}
}

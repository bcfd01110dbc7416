package dst

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
)

var histories = flag.Uint64("histories", 1, "how many histories to hold against each metamorphic relation")

// TestRelations plays calm histories in varied ways, which must come to the same end.
func TestRelations(t *testing.T) {
	if *replay != "" {
		t.Skip("a history is replayed")
	}
	for seed := *first; seed < *first+*histories; seed++ {
		h := DrawCalm(seed, 12)
		plain := played(t, h)
		for _, b := range plain.Broken {
			t.Errorf("%d: %s", seed, b)
		}
		for _, rel := range relations {
			t.Run(fmt.Sprintf("%d/%s %s", seed, rel.id, rel.what), func(t *testing.T) {
				c := rel.changed(h)
				res := played(t, c)
				card.relate(rel.id)
				if err := c.Save(kept(c)); err != nil {
					t.Error(err)
				}
				for _, b := range res.Broken {
					t.Error(b)
				}
				if a, b := apart(plain.State, res.State); len(a)+len(b) > 0 {
					t.Errorf("another end:\n- %s\n+ %s", strings.Join(a, "\n- "), strings.Join(b, "\n+ "))
				}
				if rel.writes && res.Writes != plain.Writes {
					t.Errorf("%d writes of fields, %d without", res.Writes, plain.Writes)
				}
			})
		}
	}
}

// apart are the lines that are in one list alone.
func apart(a, b []string) (onlyA, onlyB []string) {
	for _, l := range a {
		if !slices.Contains(b, l) {
			onlyA = append(onlyA, l)
		}
	}
	for _, l := range b {
		if !slices.Contains(a, l) {
			onlyB = append(onlyB, l)
		}
	}
	return onlyA, onlyB
}

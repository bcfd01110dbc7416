package salesforce

import (
	"slices"
	"testing"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// A scan of those whose box is ticked gives nobody else, pages, and is resumed.
func TestLIM12_AScanOfTickedBoxes(t *testing.T) {
	org, c := simulated(t, func(c *Config) { c.BulkFrom = 1 }) // a bulk query would read everybody
	door := org.As("admin")
	var want []string
	for i := range pageRows + 3 {
		id, err := door.Create("Contact", map[string]any{"LastName": "L", "HasOptedOutOfEmail": true})
		if err != nil {
			t.Fatal(err)
		}
		if want = append(want, id); i < 3 {
			must(door.Create("Contact", map[string]any{"LastName": "L"}))
		}
	}
	scan := connector.Scan{Object: core.Contact, True: "HasOptedOutOfEmail"}
	var got, next []string
	for range 2 {
		err := c.Scan(t.Context(), scan, func(p connector.Page) error {
			for _, r := range p.Records {
				got = append(got, r.Ref.ID)
			}
			next = append(next, p.Next)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		scan.After = next[0]
	}
	if want = append(want, want[pageRows:]...); !slices.Equal(got, want) || len(next) != 3 || next[1] != "" {
		t.Errorf("%d records in %d pages, want %d in 3", len(got), len(next), len(want))
	}
}

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/console"
)

// TestLIM17_ApplyTellsWhomAnotherOwnersMapReaches: with --dry-run how many, and in any case
// what brings existing records in line.
func TestLIM17_ApplyTellsWhomAnotherOwnersMapReaches(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.edit(func(f *config.File) {
		c := &f.Connections[0]
		c.Mappings["company"] = append(c.Mappings["company"], config.Mapping{HubSpot: "hubspot_owner_id", Salesforce: "OwnerId", Rule: "two_way"})
	})
	r.must(0, "import", "company")
	r.soleOwner()
	r.must(0, "sync", "--once")
	next := r.load().Connections[0]
	next.Owners.Map = map[string]string{"solo@org.example": "sam.seller@portal.example"}
	text, err := config.Export(next)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(r.dir, "owners.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	linked := strings.Count(r.must(0, "links", "list", "company", "--json", "--limit", "0"), "\n")
	count := fmt.Sprintf("of %d linked records of company, 1 have an owner", linked)
	way := "tandem backfill company --to hubspot"
	contains(t, r.must(0, "settings", "apply", file, "--dry-run"), "owners are matched otherwise", count, way)
	if res := lastJSON[console.Applied](t, r.must(0, "settings", "apply", file, "--dry-run", "--json")); res.Calls["salesforce"] == 0 || res.Calls["hubspot"] == 0 {
		t.Errorf("it does not say what looking took: %v", res.Calls)
	}
	contains(t, r.must(0, "settings", "apply", file), "Version 2 counts now", "owners are matched otherwise", way)
}

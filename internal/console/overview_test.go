package console

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// TestLIM1_TheLagIsTold of each object and side.
func TestLIM1_TheLagIsTold(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	o := overview{name: "acme", Status: engine.Status{Pairs: core.StandardPairs[:2], Work: map[core.Pair]store.Stats{
		core.CompanyPair: {Due: 3, Since: [2]time.Time{core.HubSpot: now.Add(-3 * time.Minute)}},
		core.ContactPair: {Due: 1, Since: [2]time.Time{core.Salesforce: now.Add(-2 * time.Second), core.HubSpot: now.Add(-5 * time.Hour)}},
	}}}
	var page strings.Builder
	if err := workTable(&visit{now: now}, o).Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`<[^>]*>|\s+`).ReplaceAllString(page.String(), " ")
	text := strings.Join(strings.Fields(shown), " ")
	for _, part := range []string{"Lag from Salesforce Lag from HubSpot", "Companies and accounts 0 3 0 none 3 min", "Contacts and leads 0 1 0 seconds 5 h"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in: %s", part, text)
		}
	}
}

package engine

import (
	"testing"
	"time"

	"tandem/internal/core"
)

// TestLIM12_AnOptOutIsNotToldAsLaterThanItWasKnown: the version of a record on which a box
// was met may be that of a later edit.
func TestLIM12_AnOptOutIsNotToldAsLaterThanItWasKnown(t *testing.T) {
	at := func(second int) time.Time {
		if second == 0 {
			return time.Time{}
		}
		return time.Date(2026, 5, 1, 12, 0, second, 0, time.UTC)
	}
	for name, c := range map[string]struct{ since, known, want int }{
		"HubSpot does not know":   {5, 0, 5},
		"HubSpot knew it later":   {5, 9, 5},
		"the record was edited":   {9, 5, 5},
		"nothing but HubSpot's":   {5, 5, 5},
		"nobody knows since when": {0, 0, 0},
		"since HubSpot knows":     {0, 5, 5},
	} {
		if got := optedOutBy(core.Consent{Since: at(c.since), Known: at(c.known)}); !got.Equal(at(c.want)) {
			t.Errorf("%s: %s, want %s", name, got, at(c.want))
		}
	}
}

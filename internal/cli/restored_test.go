package cli

import (
	"strings"
	"testing"
)

// TestP7_APersonSaysThatTheStoreWasRestored: from then on nothing is written until somebody
// releases the brake.
func TestP7_APersonSaysThatTheStoreWasRestored(t *testing.T) {
	r := newRig(t)
	r.must(exitDone, "import", "company")
	r.must(exitDone, "store", "restored")
	for range 2 { // a restart is no release
		if code, _, errs := r.run("sync", "--once"); code != exitNot || !strings.Contains(errs, "brake store") {
			t.Fatalf("sync: exit %d\n%s", code, errs)
		}
	}
	r.must(exitDone, "resume", "--clear-brake", "store")
	r.must(exitDone, "sync", "--once")
}

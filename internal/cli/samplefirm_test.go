package cli

import (
	"strings"
	"testing"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestACC4_TheSampleIsOlderThanTheSwitch of a connection that is made right after it: whether a
// second of the clock passed in between decides about none of its records, and the service makes
// only what is imported. An account made later shows when the service has looked.
func TestACC4_TheSampleIsOlderThanTheSwitch(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	res := lastJSON[engine.Result](t, r.must(0, "sync", "--once", "--json"))
	if len(res.First) == 0 || res.First[0].Existing[string(core.Account)] == 0 {
		t.Fatalf("nothing existed before the switch: %+v", res)
	}
	_, stop := r.serve()
	if _, err := r.sims.org.As("admin").Create("Account", map[string]any{"Name": "Late"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a partner is made", func() bool { return r.partners() > 0 })
	stop()
	if n := r.partners(); n != 1 {
		t.Errorf("the service made %d partners, want that of the late account alone", n)
	}
}

// TestACC4_AnOfferIsToldOnce: by what a sync prints, and not by the log beside it; and it says
// when it was counted.
func TestACC4_AnOfferIsToldOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	code, out, errs := r.run("sync", "--once")
	if code != 0 || strings.Count(out+errs, "existed before the switch") != 1 || !strings.Contains(out, ", as counted at 2") {
		t.Errorf("code %d\n%s\n%s", code, out, errs)
	}
}

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/store/storetest/pgtest"
)

// A store goes to PostgreSQL and back: the links are the same, nothing is written to
// either side, and the old numbers are not given again.
func TestStoreCopy(t *testing.T) {
	r := newRig(t)
	r.must(0, "import", "company")
	links, first := r.links(3), r.load().Store
	postgres, file := pgtest.Address(t), "sqlite://"+filepath.Join(r.dir, "back.db")
	from := first
	for _, to := range []string{postgres, file} {
		out := r.must(0, "store", "copy", from, to)
		if !strings.Contains(out, "counts and digests are equal") {
			t.Errorf("copy says\n%s", out)
		}
		r.edit(func(f *config.File) { f.Store = to })
		before := len(r.sims.org.Ledger()) + len(r.sims.portal.Ledger())
		r.must(0, "sync", "--once")
		if after := len(r.sims.org.Ledger()) + len(r.sims.portal.Ledger()); after != before {
			t.Errorf("%d writes after the copy to %s", after-before, to)
		}
		if got := r.links(3); !sameLinks(got, links) {
			t.Errorf("links %v became %v", links, got)
		}
		from = to
	}
	if code, _, errs := r.run("store", "copy", first, postgres); code != exitNot || !strings.Contains(errs, "holds a store already") {
		t.Errorf("a copy over a store: exit %d, %s", code, errs)
	}
	nowhere := filepath.Join(r.dir, "nowhere.db")
	if code, _, errs := r.run("store", "copy", "sqlite://"+nowhere, "sqlite://"+filepath.Join(r.dir, "new.db")); code != exitNot || !strings.Contains(errs, "no store at") {
		t.Errorf("a copy of nothing: exit %d, %s", code, errs)
	}
	if _, err := os.Stat(nowhere); err == nil {
		t.Error("a copy of nothing made a store")
	}
}

func sameLinks(a, b []linkRow) bool {
	for i := range a {
		if a[i].Salesforce != b[i].Salesforce || a[i].HubSpot != b[i].HubSpot {
			return false
		}
	}
	return len(a) == len(b)
}

// A store on which an engine runs is not copied: it changes meanwhile.
func TestStoreCopyBesideAnEngine(t *testing.T) {
	r := newRig(t)
	r.must(0, "import", "company")
	r.serve()
	if code, _, errs := r.run("store", "copy", r.load().Store, "sqlite://"+filepath.Join(r.dir, "new.db")); code != exitNot || !strings.Contains(errs, "running") {
		t.Errorf("a copy beside the service: exit %d, %s", code, errs)
	}
}

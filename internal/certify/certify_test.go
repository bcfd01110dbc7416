package certify_test

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"tandem/internal/certify"
)

func TestTheSimulatorsAreAsTheVendorsSay(t *testing.T) {
	w := newWorld(t)
	r := w.run()
	if r.Counts[certify.Same] != len(certify.Checks()) {
		t.Errorf("not all as expected:\n%s", text(t, r))
	}
	if live := w.live(); r.Left != 0 || len(live) != 0 {
		t.Errorf("%d records are on the list, these are left: %v", r.Left, live)
	}
	if w.writes() == 0 {
		t.Error("no record was made: the writing checks proved nothing")
	}
	if _, err := os.Stat(w.file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the empty list was kept: %v", err)
	}
}

package dst

import (
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// Each fault that is said to be provoked is: by an act that there is, or by a test of that
// name.
func TestTheCatalogueNamesWhatThereIs(t *testing.T) {
	var tests strings.Builder
	root := os.DirFS("../../..")
	err := fs.WalkDir(root, ".", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "_test.go") {
			var body []byte
			body, err = fs.ReadFile(root, path)
			tests.Write(body)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for id, name := range elsewhere {
		if !strings.Contains(tests.String(), "\nfunc "+name+"(") {
			t.Errorf("%s: there is no %s", id, name)
		}
	}
	all := slices.Concat(slices.Collect(maps.Values(catalogue()))...)
	for act, ids := range provoked {
		if opNamed(act).weight == 0 {
			t.Errorf("there is no act %q", act)
		}
		for _, id := range ids {
			if !slices.Contains(all, id) {
				t.Errorf("%s: there is no fault %s", act, id)
			}
		}
	}
	if open, told := slices.Sorted(slices.Values(catalogue()[""])), slices.Sorted(maps.Keys(outside)); !slices.Equal(open, told) {
		t.Errorf("nothing provokes %v, and reasons are given for %v", open, told)
	}
	if len(all) != 203 {
		t.Errorf("%d faults, want 203", len(all))
	}
}

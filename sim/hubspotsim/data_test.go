package hubspotsim

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestStringsThatBreakSoftware stores each string and reads it back: what comes
// out is what went in but for line ends and control characters, and reading it
// twice gives the same.
func TestStringsThatBreakSoftware(t *testing.T) {
	data := os.Getenv("TANDEM_DATA")
	if data == "" {
		data = filepath.Join("..", "..", "..", "shared", "data")
	}
	b, err := os.ReadFile(filepath.Join(data, "dirty-naughty-strings", "blns.json"))
	if err != nil {
		t.Skipf("the strings are not here (set TANDEM_DATA): %v", err)
	}
	var list []string
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, Options{})
	for _, s := range list {
		got := r.want(201, "POST", companies, props("domain", "x.example", "name", s))
		stored := got.str("properties", "name")
		if !utf8.ValidString(stored) || strip(stored) != strip(s) {
			t.Errorf("%q came back as %q", s, stored)
		}
		r.want(200, "PATCH", companies+"/"+got.str("id"), props("name", stored))
		if again := r.want(200, "GET", companies+"/"+got.str("id")+"?properties=name", nil); again.str("properties", "name") != stored {
			t.Errorf("%q is not stable: %q", stored, again.str("properties", "name"))
		}
	}
}

// strip leaves out what the portal may drop or rewrite.
func strip(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

package store

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// SQLite looks at the value of a bare LIMIT $1 when it plans, and so prepares the
// statement anew each time a value is bound, which costs more than most queries. A cast
// keeps it from that.
func TestNoLimitIsABareParameter(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	bare := regexp.MustCompile(`LIMIT \$\d`)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if at := bare.FindIndex(text); at != nil && f != "sqlite_limit_test.go" {
			t.Errorf("%s: %s: write LIMIT CAST($n AS BIGINT)", f, text[at[0]:at[1]])
		}
	}
}

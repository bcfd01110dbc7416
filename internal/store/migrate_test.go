package store

import (
	"io/fs"
	"path"
	"strconv"
	"testing"
)

// TestMigrationsAreNumberedInTurn: the place of a file is its version, so two of one number
// would change places with their names.
func TestMigrationsAreNumberedInTurn(t *testing.T) {
	files, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for i, file := range files {
		if n, err := strconv.Atoi(path.Base(file)[:4]); err != nil || n != i+1 {
			t.Errorf("%s is version %d", file, i+1)
		}
	}
}

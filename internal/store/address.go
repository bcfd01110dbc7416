package store

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// address is a parsed store address (DSN).
type address struct {
	postgres    string // the whole address, for the driver
	path        string // of the SQLite file
	memory      bool
	synchronous string // SQLite: normal or full
}

// parseAddress reads "sqlite:///abs/path", "sqlite://rel/path",
// "sqlite::memory:" and "postgres://…". An SQLite address may end in
// "?synchronous=full", which makes a commit survive a power cut as well.
func parseAddress(dsn string) (address, error) {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return address{postgres: dsn}, nil
	}
	rest, ok := strings.CutPrefix(dsn, "sqlite:")
	if !ok {
		return address{}, errorf(BadReference, "the store address must begin with sqlite:// or postgres://")
	}
	if rest == ":memory:" {
		return address{memory: true}, nil
	}
	return parseSQLite(strings.TrimPrefix(rest, "//"))
}

// CanMake reports what would keep a store from being made at an address where none
// is. It leaves nothing behind, and knows of SQLite files only.
func CanMake(dsn string) error {
	a, err := parseAddress(dsn)
	if err != nil || a.path == "" {
		return err
	}
	dir := filepath.Dir(a.path)
	for _, err = os.Stat(dir); errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir); _, err = os.Stat(dir) {
		dir = filepath.Dir(dir)
	}
	f, err := os.CreateTemp(dir, ".tandem-*")
	if err != nil {
		return &Error{Code: BadReference, Message: "the store cannot be made at " + a.path + ": give another path or the right to write there", Err: err}
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func parseSQLite(rest string) (address, error) {
	path, query, _ := strings.Cut(rest, "?")
	params, err := url.ParseQuery(query)
	if err != nil || path == "" {
		return address{}, errorf(BadReference, "the store address must be sqlite:///path/to/file")
	}
	a := address{path: filepath.Clean(path), synchronous: "normal"}
	for key, values := range params {
		if key != "synchronous" || (values[0] != "normal" && values[0] != "full") {
			return address{}, errorf(BadReference, "the store address takes only synchronous=normal or synchronous=full, not %s", key)
		}
		a.synchronous = values[0]
	}
	return a, nil
}

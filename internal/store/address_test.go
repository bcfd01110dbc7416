package store

import "testing"

func TestParseAddress(t *testing.T) {
	file := func(path, synchronous string) address { return address{path: path, synchronous: synchronous} }
	for dsn, want := range map[string]address{
		"sqlite:///var/lib/tandem/tandem.db": file("/var/lib/tandem/tandem.db", "normal"),
		"sqlite://data/../tandem.db":         file("tandem.db", "normal"),
		"sqlite:tandem.db":                   file("tandem.db", "normal"),
		"sqlite:///a%b.db?synchronous=full":  file("/a%b.db", "full"),
		"sqlite::memory:":                    {memory: true},
		"postgres://u@h/d":                   {postgres: "postgres://u@h/d"},
		"postgresql://u@h/d":                 {postgres: "postgresql://u@h/d"},
	} {
		got, err := parseAddress(dsn)
		if err != nil || got != want {
			t.Errorf("%s is %+v, %v; want %+v", dsn, got, err, want)
		}
	}
	for _, dsn := range []string{"", "tandem.db", "mysql://h/d", "sqlite://", "sqlite:///a.db?mode=ro", "sqlite:///a.db?synchronous=off",
		"sqlite:///a.db?_pragma=foreign_keys(1)"} {
		if got, err := parseAddress(dsn); CodeOf(err) != BadReference {
			t.Errorf("%s is %+v, %v; want bad_reference", dsn, got, err)
		}
	}
}

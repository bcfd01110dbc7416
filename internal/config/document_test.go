package config

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/settings.md anew")

const document = "../../docs/settings.md"

func TestSettingsDocumentIsCurrent(t *testing.T) {
	want := Document()
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Errorf("%s is not what the settings are now: run go generate ./internal/config", document)
	}
}

func TestEveryKeyIsDescribed(t *testing.T) {
	known := map[string]bool{}
	for _, k := range Keys() {
		known[k.Path] = true
		if k.Text == "" {
			t.Errorf("no text for %s", k.Path)
		}
		if notYet[k.Path] != "" {
			t.Errorf("%s is a key and is refused as one of a later release", k.Path)
		}
	}
	for path := range described {
		if !known[path] {
			t.Errorf("there is a text for %s, which is no key", path)
		}
	}
	for path := range describedActivities {
		tasks := strings.NewReplacer("mappings.TYPE", "mappings.task", "TYPE", "tasks").Replace(path)
		if !known[tasks] {
			t.Errorf("there is a text for %s, which is no key", tasks)
		}
	}
}

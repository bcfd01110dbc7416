package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

const plainHead = "store: sqlite::memory:\nlisten: 127.0.0.1:0\n"

// bomb is a text whose aliases stand for 10^9 words.
func bomb() string {
	b := strings.Builder{}
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 9; i++ {
		d, p := string(rune('0'+i)), string(rune('0'+i-1))
		b.WriteString("a" + d + ": &a" + d + " [" + strings.TrimSuffix(strings.Repeat("*a"+p+",", 10), ",") + "]\n")
	}
	return b.String()
}

// Settings that are made to exhaust the reader are refused at once.
func TestX14_SettingsCannotExhaustTheReader(t *testing.T) {
	nobody := func(string) (string, bool) { return "", false }
	for name, text := range map[string]string{
		"aliases of aliases":        plainHead + bomb() + "connections: *a8\n",
		"aliases in a list of text": plainHead + "x: &x [a@b.example]\nnotify: {to: " + "[" + strings.Repeat("*x,", 1000) + "*x]}\n",
		"an alias of itself":        plainHead + "connections: &a [*a]\n",
		"a merge of itself":         plainHead + "connections:\n- &a\n  <<: *a\n  name: x\n",
		"nested lists":              plainHead + "connections: " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "\n",
		"open lists":                strings.Repeat("[", 1_000_000),
		"nested blocks":             strings.Repeat("{a: ", 100_000),
		"nested dashes":             strings.Repeat("- ", 100_000) + "x",
		"indented blocks":           indented(3000),
		"nested quotes":             strings.Repeat("? ", 100_000),
		"a long line":               "x: " + strings.Repeat("x", 1<<20-4),
		"more than settings are":    plainHead + "x: " + strings.Repeat("x", 1<<20),
		"many keys":                 strings.Repeat("k: v\n", 200_000),
		"no text":                   "\x00\x01\x02",
		"another encoding":          "\xff\xfes\x00t\x00o\x00r\x00e\x00",
		"a key twice":               plainHead + "store: sqlite::memory:\n",
		"a tag":                     plainHead + "journal: !!binary aGVsbG8=\n",
		"a document of nothing":     "--- # c\nx: y\n---\n",
		"two documents":             plainHead + "---\n" + plainHead,
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := Parse([]byte(text), nobody)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			var refused *Error
			if !errors.As(err, &refused) {
				t.Fatalf("not refused as a setting: %v", err)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; took > time.Minute || grown > 2<<30 {
				t.Errorf("refused after %s and %d MiB", took, grown>>20)
			}
			if len(err.Error()) > 400 {
				t.Errorf("the refusal has %d letters", len(err.Error()))
			}
		})
	}
}

func indented(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestX14_SettingsLargerThanAnyAreNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tandem.yaml")
	if err := os.WriteFile(path, make([]byte, 100<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "MiB") {
		t.Errorf("100 MiB of settings: %v", err)
	}
	if _, err := os.Stat("/dev/zero"); err == nil {
		if _, err := Load("/dev/zero"); err == nil || !strings.Contains(err.Error(), "MiB") {
			t.Errorf("a file without an end: %v", err)
		}
	}
}

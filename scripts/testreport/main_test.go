package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// lines are events as go test -json writes them.
func lines(events ...event) string {
	var b strings.Builder
	for _, e := range events {
		text, err := json.Marshal(e)
		if err != nil {
			panic(err)
		}
		b.Write(text)
		b.WriteByte('\n')
	}
	return b.String()
}

func output(pkg, test, text string) event {
	return event{Action: "output", Package: pkg, Test: test, Output: text}
}

func end(action, pkg, test string) event { return event{Action: action, Package: pkg, Test: test} }

func TestReport(t *testing.T) {
	cases := []struct {
		name string
		in   string
		ok   bool
		has  []string
		not  []string
	}{
		{"all pass", lines(output("a", "TestX", "noise\n"), end("pass", "a", "TestX"), output("a", "", "ok  \ta\t0.1s\n"), end("pass", "a", "")), true,
			[]string{"ok  \ta\t0.1s", "tests: 1 passed, 0 failed, 0 skipped, in 1 packages"}, []string{"noise"}},
		{"a test fails", lines(output("a", "TestX", "    x_test.go:3: broken\n"), end("fail", "a", "TestX"), end("fail", "a", "")), false,
			[]string{"broken", "failed: a TestX\nfailed: a\n"}, nil},
		{"a skip says why", lines(output("a", "TestX", "=== RUN   TestX\n"), output("a", "TestX", "    x_test.go:3: no data here\n"), end("skip", "a", "TestX"), end("pass", "a", "")), true,
			[]string{"skipped, no data here:\n    a TestX", "1 skipped"}, nil},
		{"a panic outside of a test", lines(output("a", "", "panic: boom\n"), end("fail", "a", "")), false, []string{"panic: boom", "failed: a"}, nil},
		{"a test that never ended", lines(output("a", "TestX", "was here\n"), end("fail", "a", "")), false, []string{"was here"}, nil},
		{"a process that dies", lines(output("a", "TestX", "=== RUN   TestX\n"), output("a", "TestY", "panic: boom\n"), output("a", "TestY", "goroutine 1\n"),
			end("fail", "a", "TestY"), end("fail", "a", "")), false,
			[]string{"1 tests had not ended: TestX\n", "failed: a TestY\npanic: boom\ngoroutine 1\nfailed: a\n"}, []string{"=== RUN"}},
		{"a package that does not build", lines(event{Action: "build-output", ImportPath: "a", Output: "a.go:1: bad\n"}, end("fail", "a", "")), false, []string{"a.go:1: bad"}, nil},
		{"nothing ran", "", false, []string{"in 0 packages"}, nil},
		{"a message that is no event", "go: cannot find module\n", false, []string{"go: cannot find module"}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			ok, err := run(strings.NewReader(c.in), &out)
			if err != nil || ok != c.ok {
				t.Errorf("ok is %v (%v), want %v", ok, err, c.ok)
			}
			for _, want := range c.has {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q is not in:\n%s", want, out.String())
				}
			}
			for _, no := range c.not {
				if strings.Contains(out.String(), no) {
					t.Errorf("%q is in:\n%s", no, out.String())
				}
			}
		})
	}
}

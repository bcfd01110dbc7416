package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// step is one command of the README with the lines that it shows.
type step struct {
	command string
	shows   []string
}

// tour are the commands of the README, in order.
func tour(t *testing.T) (out []step) {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		command, is := strings.CutPrefix(line, "$ bin/tandem ")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = false
		case is:
			inside = true
			out = append(out, step{command: command})
		case inside && line != "" && line != "…":
			out[len(out)-1].shows = append(out[len(out)-1].shows, line)
		}
	}
	if len(out) < 7 {
		t.Fatalf("the README shows %d commands only", len(out))
	}
	return out
}

// What differs from one run to the next: ports, seconds, and a call or two where a
// feed was read once more.
var passing = regexp.MustCompile(`127\.0\.0\.1:\d+|\d+\.\d s|\d+ calls?|and \d+ to HubSpot|\d+ and \d+ of them`)

func steady(line string) string { return passing.ReplaceAllString(line, "#") }

// expect holds the output of a command to what the README shows of it.
func (s step) expect(t *testing.T, out string) {
	t.Helper()
	have := map[string]bool{}
	for line := range strings.Lines(out) {
		have[steady(strings.TrimRight(line, "\n"))] = true
	}
	for _, want := range s.shows {
		begin, cut := strings.CutSuffix(want, "…")
		found := have[steady(want)]
		for line := range have {
			found = found || cut && strings.HasPrefix(line, steady(begin))
		}
		if !found {
			t.Errorf("the README shows for %s\n%s\nwhich is not in\n%s", s.command, want, out)
		}
	}
}

// A stranger who types the commands of the README sees what it shows.
func TestREADME_TheTourCanBeRepeated(t *testing.T) {
	t.Parallel()
	steps := tour(t)
	r := &rig{t: t, dir: t.TempDir()}
	r.file = filepath.Join(r.dir, "tandem.yaml")
	for _, s := range steps {
		if strings.HasPrefix(s.command, "demo") {
			s.expect(t, untilWays(t))
			continue
		}
		if strings.HasPrefix(s.command, "simulate") {
			shown, ends := r.simulateInBackground(s.command)
			s.expect(t, shown)
			readOn(t, ends)
			continue
		}
		code, out, errs := r.run(strings.Fields(s.command)...)
		if code != 0 {
			t.Fatalf("tandem %s: exit %d\n%s%s", s.command, code, out, errs)
		}
		s.expect(t, out)
	}
}

// readOn is the time a person takes before the next command. A program is faster
// than the clocks of both sides can be told apart by, and the sample would be as new
// as the connection.
func readOn(t *testing.T, ends []byte) {
	t.Helper()
	var sides map[string]struct {
		URL   string
		Token string `json:"admin_token"`
	}
	if err := json.Unmarshal(ends, &sides); err != nil {
		t.Fatal(err)
	}
	for _, side := range sides {
		req, err := http.NewRequest(http.MethodPost, side.URL+"/_sim/clock", strings.NewReader(`{"advance":"3s"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+side.Token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode >= 300 {
			t.Fatalf("%s/_sim/clock answers %s", side.URL, resp.Status)
		}
	}
}

// simulateInBackground runs the simulators until the test ends and gives what they
// said when they were up, and where they are.
func (r *rig) simulateInBackground(command string) (shown string, ends []byte) {
	r.t.Helper()
	command = strings.TrimSuffix(strings.ReplaceAll(command, "tandem.yaml", r.file), " &")
	said := &lines{want: regexp.MustCompile(`stop with`), found: make(chan string, 1)}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan int, 1)
	var out bytes.Buffer // written before the last of what is said
	go func() {
		done <- Run(ctx, strings.Fields(command), Streams{In: strings.NewReader(""), Out: &out, Err: said})
	}()
	r.t.Cleanup(func() { stop(); <-done })
	select {
	case <-said.found:
	case <-time.After(patience):
		r.t.Fatalf("the simulators are not up: %s", said.text())
	}
	return strings.ReplaceAll(said.text(), r.file, "tandem.yaml"), out.Bytes()
}

// untilWays runs the demo until it has said which edits go which way.
func untilWays(t *testing.T) string {
	t.Helper()
	said := &lines{want: regexp.MustCompile(`Here Salesforce wins`), found: make(chan string, 1)}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan int, 1)
	var errs bytes.Buffer
	go func() { done <- Run(ctx, []string{"demo"}, Streams{In: strings.NewReader(""), Out: said, Err: &errs}) }()
	select {
	case <-said.found:
	case <-time.After(patience):
		t.Errorf("the demo does not come up: %s", said.text())
	}
	stop()
	if code := <-done; code != 0 {
		t.Errorf("the demo ends with %d: %s", code, errs.String())
	}
	return said.text()
}

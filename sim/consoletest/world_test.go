package consoletest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/cli"
	"tandem/internal/config"
)

// patience bounds whatever a test waits for.
const patience = 3 * time.Minute

// world is an org, a portal and the daemon between them.
type world struct {
	t       *testing.T
	file    string
	sims    simulators
	address string // of the console
	welcome string // the link by which the first admin makes an account
	stop    func() // ends the daemon
}

// simulators is the line that tandem simulate begins with, as far as tests need it.
type simulators struct {
	Salesforce struct {
		URL          string `json:"url"`
		PubSub       string `json:"pubsub"`
		AdminToken   string `json:"admin_token"`
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	} `json:"salesforce"`
	HubSpot struct {
		URL           string `json:"url"`
		AdminToken    string `json:"admin_token"`
		Token         string `json:"token"`
		JournalID     string `json:"journal_client_id"`
		JournalSecret string `json:"journal_client_secret"`
		ClientID      string `json:"client_id"`
		ClientSecret  string `json:"client_secret"`
	} `json:"hubspot"`
}

// newWorld starts the simulators with the sample records, and the daemon with settings that
// change may alter.
func newWorld(t *testing.T, change func(*config.Connection)) *world {
	t.Helper()
	return newWorldOf(t, func(f *config.File) {
		if change != nil {
			change(&f.Connections[0])
		}
	})
}

// newWorldOf is newWorld, where change may alter the settings of the process as well.
func newWorldOf(t *testing.T, change func(*config.File)) *world {
	t.Helper()
	t.Parallel() // nothing is shared
	w := &world{t: t, file: filepath.Join(t.TempDir(), "tandem.yaml")}
	w.decode(w.start("simulate", "--json", "--sample", "--people", "--limits", "off", "--write-config", w.file), &w.sims)
	w.edit(change)
	w.serve()
	return w
}

// serve starts the daemon.
func (w *world) serve() {
	w.t.Helper()
	line, stop := w.begin("serve", "--json", "--config", w.file)
	w.t.Cleanup(stop)
	var up struct{ Console, Welcome string }
	w.decode(line, &up)
	w.address, w.welcome, w.stop = up.Console, up.Welcome, stop
}

// restart ends the daemon and starts it again at the same address, with settings that change
// may alter.
func (w *world) restart(change func(*config.File)) {
	w.t.Helper()
	w.stop()
	w.edit(func(f *config.File) {
		f.Listen = strings.TrimPrefix(w.address, "http://")
		if change != nil {
			change(f)
		}
	})
	w.serve()
}

// edit changes the settings file.
func (w *world) edit(change func(*config.File)) {
	w.t.Helper()
	f, err := config.Load(w.file)
	if err != nil {
		w.t.Fatal(err)
	}
	f.Listen = "127.0.0.1:0"
	change(f)
	text, err := config.Text(f)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(w.file, text, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// start runs a command until the test ends, and gives its first line.
func (w *world) start(args ...string) string {
	w.t.Helper()
	line, stop := w.begin(args...)
	w.t.Cleanup(stop)
	return line
}

// begin runs a command until it is ended, and gives its first line.
func (w *world) begin(args ...string) (line string, end func()) {
	w.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	in, out := io.Pipe()
	var errs bytes.Buffer
	done := make(chan int, 1)
	go func() {
		done <- cli.Run(ctx, args, cli.Streams{In: strings.NewReader(""), Out: out, Err: &errs})
		_ = out.Close()
	}()
	first := make(chan string, 1)
	go func() {
		var line bytes.Buffer
		lines := io.TeeReader(in, &line)
		one := make([]byte, 1)
		for sent := false; ; {
			if _, err := lines.Read(one); err != nil {
				return
			}
			if one[0] == '\n' && !sent {
				sent = true
				first <- line.String()
			}
		}
	}()
	end = sync.OnceFunc(func() { stop(); <-done })
	select {
	case line = <-first:
		return line, end
	case code := <-done:
		done <- code
		w.t.Fatalf("tandem %s ended with %d: %s", args[0], code, errs.String())
	case <-time.After(patience):
		end()
		w.t.Fatalf("tandem %s said nothing", args[0])
	}
	return "", end
}

func (w *world) decode(line string, into any) {
	w.t.Helper()
	if err := json.Unmarshal([]byte(line), into); err != nil {
		w.t.Fatalf("%v: %s", err, line)
	}
}

// run runs a command to its end, as from another terminal.
func (w *world) run(args ...string) string {
	w.t.Helper()
	return w.ends(0, args...)
}

// fails runs a command that does not do all of what was asked, and gives what it says.
func (w *world) fails(args ...string) string {
	w.t.Helper()
	return w.ends(1, args...)
}

func (w *world) ends(want int, args ...string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var out, errs bytes.Buffer
	if code := cli.Run(ctx, append(args, "--config", w.file), cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != want {
		w.t.Fatalf("tandem %s: exit %d\n%s%s", strings.Join(args, " "), code, out.String(), errs.String())
	}
	return out.String()
}

// call is a person's call to a side's API.
func (w *world) call(method, address, token string, body, into any) {
	w.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, address, bytes.NewReader(text))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		w.t.Fatalf("%s %s: %d %s %v", method, address, res.StatusCode, answer, err)
	}
	if into != nil {
		w.decode(string(answer), into)
	}
}

// create makes a record and gives its id: an sObject of the org, or an object of the portal.
func (w *world) create(object string, fields map[string]any) string {
	w.t.Helper()
	var made struct{ ID string }
	if strings.ToLower(object) == object {
		w.call(http.MethodPost, w.sims.HubSpot.URL+"/crm/v3/objects/"+object, w.sims.HubSpot.AdminToken, map[string]any{"properties": fields}, &made)
	} else {
		w.call(http.MethodPost, w.sims.Salesforce.URL+"/services/data/v64.0/sobjects/"+object, w.sims.Salesforce.AdminToken, fields, &made)
	}
	return made.ID
}

// named counts the records of an org's object by name.
func (w *world) named(object, name string) int {
	w.t.Helper()
	var got struct{ TotalSize int }
	q := fmt.Sprintf("SELECT+Id+FROM+%s+WHERE+Name='%s'", object, strings.ReplaceAll(name, " ", "+"))
	w.call(http.MethodGet, w.sims.Salesforce.URL+"/services/data/v64.0/query?q="+q, w.sims.Salesforce.AdminToken, nil, &got)
	return got.TotalSize
}

// eventually waits until a condition holds.
func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); !ok(); {
		select {
		case <-tick.C:
		case <-deadline:
			w.t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

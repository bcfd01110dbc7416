//go:build unix

package killtest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// victim is a world between whose sides, store and program something stands that breaks
// what passes and kills the program, and in which people work.
type victim struct {
	*world
	rng    *rand.Rand
	side   [2]*faulty // Salesforce, HubSpot
	events *cutter
	db     *pgGate // nil on SQLite
	killed int
	at     map[string]int // kills by their moment
	pairs  int            // accounts there are, and companies
	people int
	given  map[field]string // what a user gave last
	number int
}

// field is a value that users give on one side only, and where it has to arrive.
type field struct{ object, id, name string }

// Shares of requests and of commits that are struck.
const (
	struckCalls   = 0.05
	struckCommits = 0.02
)

func newVictim(t *testing.T, store string, seed uint64) *victim {
	t.Helper()
	v := &victim{world: &world{t: t, dir: t.TempDir()}, rng: rand.New(rand.NewPCG(seed, 1)), at: map[string]int{}, pairs: pairs, people: pairs, given: map[field]string{}}
	if store != "" {
		v.db = newPGGate(t, store, seed)
		store = v.db.address
	}
	v.begin(exports(), store, "--people", "--latency", "3ms", "--seed", fmt.Sprint(seed))
	v.side[0] = newFaulty(t, v.world.at.Salesforce.URL, 2*seed)
	v.side[1] = newFaulty(t, v.world.at.HubSpot.URL, 2*seed+1)
	v.events = newCutter(t, v.world.at.Salesforce.Events, seed)
	v.rewrite(func(text string) string {
		text = strings.Replace(text, "pubsub: "+v.world.at.Salesforce.Events, "pubsub: "+v.events.url, 1)
		text = strings.Replace(text, "login_url: "+v.world.at.Salesforce.URL, "login_url: "+v.side[0].url, 1)
		text = strings.Replace(text, "base_url: "+v.world.at.HubSpot.URL, "base_url: "+v.side[1].url, 1)
		// Each value is given on one side; it is to arrive, whichever that is.
		text = strings.ReplaceAll(text, "salesforce: Phone\n      rule: prefer_salesforce", "salesforce: Phone\n      rule: two_way")
		if v.db != nil {
			text = strings.Replace(text, "\nconnections:", "\nfleet: {lease: 3s}\nconnections:", 1)
		}
		return text
	})
	return v
}

// calm ends all faults.
func (v *victim) calm() { v.strike(0, 0) }

func (v *victim) strike(calls, commits float64) {
	for _, f := range v.side {
		f.strike(calls)
	}
	v.events.striking.Store(calls > 0)
	if v.db != nil {
		v.db.strike(commits)
	}
}

func (v *victim) hits() map[string]int {
	out := map[string]int{}
	for _, f := range v.side {
		add(out, f.hits)
	}
	out["streams of events cut"] = int(v.events.cuts.Load())
	if v.db != nil {
		out["commits without an answer"] = v.db.lost
	}
	return out
}

// cycle runs a verb amid faults until it is killed. One that ends before is no cycle.
func (v *victim) cycle(verb ...string) {
	v.t.Helper()
	calls, commits := struckCalls, struckCommits
	if v.rng.IntN(3) == 0 {
		calls, commits = 0, 0 // some moments are reached by those alone who get so far
	}
	v.strike(calls, commits)
	cmd, out := v.command(verb...)
	v.must(cmd.Start())
	moment, disarm := v.arm(cmd)
	latest := time.AfterFunc(lastMoment, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait()
	late := !latest.Stop()
	disarm()
	for _, f := range v.side {
		f.outlive(v.t)
	}
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !status.Signaled() {
		v.idle++
		if code := cmd.ProcessState.ExitCode(); code != 0 && code != 1 && code != 3 {
			v.t.Errorf("tandem %v: exit %d\n%s", verb, code, out)
		}
		if v.idle > 50 {
			v.t.Fatalf("tandem %v always ends before it is killed:\n%s", verb, out)
		}
		return
	}
	if late {
		moment = "while waiting"
	}
	v.killed, v.idle = v.killed+1, 0
	v.at[moment]++
}

// lastMoment is when a process is killed that did not reach the moment drawn for it, and
// latest is the last of the random moments.
const (
	lastMoment = 2500 * time.Millisecond
	latest     = 900 * time.Millisecond
)

// arm draws a moment at which the process is killed.
func (v *victim) arm(cmd *exec.Cmd) (moment string, disarm func()) {
	kill := func() { _ = cmd.Process.Kill() }
	switch n := v.rng.IntN(10); {
	case n < 2:
		timer := time.AfterFunc(60*time.Millisecond+time.Duration(v.rng.Int64N(int64(latest))), kill)
		return "at random", func() { timer.Stop() }
	case n < 7:
		f, at := v.side[v.rng.IntN(2)], steps[v.rng.IntN(len(steps))]
		f.set(&trap{at, 1 + v.rng.IntN(3), kill})
		return atWrite(at), func() { f.set(nil) }
	case v.db != nil:
		at := []step{beforeSend, afterDone}[n%2]
		v.db.set(&trap{at, 1 + v.rng.IntN(30), kill})
		return "at a commit, " + string(at), func() { v.db.set(nil) }
	default:
		return "at a commit", onWrites(v.t, filepath.Join(v.dir, "tandem.db"), 1+v.rng.IntN(60), kill)
	}
}

func atWrite(s step) string { return "at a write, " + string(s) }

// edit has users change records on both sides and make new ones. Each value is given on
// one side alone, and no two are equal.
func (v *victim) edit() {
	v.t.Helper()
	as, cs := v.accounts(), v.companies()
	for range 4 {
		a := as[v.rng.IntN(len(as))]
		name, city := v.word("Renamed"), v.word("Town")
		v.onOrg(http.MethodPatch, "Account/"+a.ID, map[string]any{"Name": name, "BillingCity": city}, nil)
		v.given[field{"Account", a.ID, "Name"}], v.given[field{"Account", a.ID, "BillingCity"}] = name, city
	}
	for range 2 {
		c := cs[v.rng.IntN(len(cs))]
		phone := v.word("777-")
		v.onPortal(http.MethodPatch, "companies/"+c.ID, map[string]any{"properties": map[string]any{"phone": phone}}, nil)
		v.given[field{"companies", c.ID, "phone"}] = phone
	}
	ps := v.salesforcePeople()
	p := ps[v.rng.IntN(len(ps))]
	title := v.word("Title")
	v.onOrg(http.MethodPatch, "Contact/"+p.ID, map[string]any{"Title": title}, nil)
	v.given[field{"Contact", p.ID, "Title"}] = title
	v.enter()
}

// enter has users make an account with a person, or a company with one.
func (v *victim) enter() {
	v.t.Helper()
	name := v.word("New")
	var made struct {
		ID string `json:"id"`
	}
	if v.rng.IntN(2) == 0 {
		v.onOrg(http.MethodPost, "Account", map[string]any{"Name": name}, &made)
		v.onOrg(http.MethodPost, "Contact", map[string]any{"LastName": name, "Email": strings.ToLower(name) + "@new.example", "AccountId": made.ID}, nil)
	} else {
		v.onPortal(http.MethodPost, "companies", map[string]any{"properties": map[string]any{"name": name}}, &made)
		v.onPortal(http.MethodPost, "contacts", map[string]any{"properties": map[string]any{"lastname": name, "email": strings.ToLower(name) + "@new.example"},
			"associations": []any{map[string]any{"to": map[string]any{"id": made.ID}, "types": []any{map[string]any{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}}}}}, nil)
	}
	v.pairs++
	v.people++
}

// word is a value that no other one equals.
func (v *victim) word(prefix string) string {
	v.number++
	return fmt.Sprintf("%s%06d", prefix, v.number)
}

func (w *world) onOrg(method, path string, body, out any) {
	w.t.Helper()
	w.call(method, w.at.Salesforce.URL+"/services/data/v65.0/sobjects/"+path, w.at.Salesforce.Token, body, out)
}

func (w *world) onPortal(method, path string, body, out any) {
	w.t.Helper()
	w.call(method, w.at.HubSpot.URL+"/crm/v3/objects/"+path, w.at.HubSpot.Token, body, out)
}

// rewrite changes the settings file.
func (w *world) rewrite(change func(string) string) {
	w.t.Helper()
	text, err := os.ReadFile(w.config)
	w.must(err)
	w.must(os.WriteFile(w.config, []byte(change(string(text))), 0o600))
}

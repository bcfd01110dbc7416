//go:build unix

package killtest

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tandem/internal/store/storetest/pgtest"
)

// short is how long the workers of most of these tests may be silent.
const short = 3 * time.Second

// worker is one tandem serve on the world's store.
type worker struct {
	cmd *exec.Cmd
	out *output
	end chan struct{} // closed when it has ended
}

// output collects what a process prints while it runs.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// A fleet's world is small: what counts is who works on it.
const (
	fleetAccounts  = 30
	fleetCompanies = 10
	fleetPairs     = fleetAccounts + fleetCompanies
)

func fleetExports() map[string]string {
	var accounts, contacts, companies, people strings.Builder
	accounts.WriteString("Id,Name,Phone,BillingCity\n")
	contacts.WriteString("Id,LastName,Email,AccountId\n")
	companies.WriteString("Record ID,Company name\n")
	people.WriteString("Record ID,email,Last Name,Associated Company IDs\n")
	for i := range fleetAccounts {
		id := fmt.Sprintf("001%012d", i+1)
		fmt.Fprintf(&accounts, "%s,Account %d,555-%04d,City %d\n", id, i, i, i%50)
		fmt.Fprintf(&contacts, "003%012d,Person %d,p%d@a%d.example,%s\n", i+1, i, i, i, id)
	}
	for i := range fleetCompanies {
		fmt.Fprintf(&companies, "%d,Company %d\n", 6000+i, i)
		fmt.Fprintf(&people, "%d,q%d@c%d.example,Other %d,%d\n", 9500+i, i, i, i, 6000+i)
	}
	return map[string]string{"salesforce/Account.csv": accounts.String(), "salesforce/Contact.csv": contacts.String(),
		"hubspot/companies.csv": companies.String(), "hubspot/contacts.csv": people.String()}
}

// newFleet is a world on a PostgreSQL store whose pairs are in step, and so many workers.
func newFleet(t *testing.T, store string, lease time.Duration, workers int) (*world, []*worker) {
	t.Helper()
	w := newWorld(t, fleetExports(), store)
	w.append("fleet: {lease: " + lease.String() + "}")
	w.finishImport("company")
	w.finish()
	return w, w.workers(workers)
}

func (w *world) workers(n int) (all []*worker) {
	w.t.Helper()
	for range n {
		all = append(all, w.serve())
	}
	return all
}

// edit has users change records on both sides.
func (w *world) edit(rng *rand.Rand) {
	w.t.Helper()
	as, cs := w.accounts(), w.companies()
	for range 25 {
		a := as[rng.IntN(len(as))]
		w.onOrg(http.MethodPatch, "Account/"+a.ID, map[string]any{"BillingCity": fmt.Sprintf("Town %d", rng.IntN(1_000_000)), "Name": fmt.Sprintf("Renamed %d", rng.IntN(1_000_000))}, nil)
	}
	for range 10 {
		c := cs[rng.IntN(len(cs))]
		w.onPortal(http.MethodPatch, "companies/"+c.ID, map[string]any{"properties": map[string]any{"phone": fmt.Sprintf("777-%d", rng.IntN(1_000_000))}}, nil)
	}
}

// append adds a line to the settings.
func (w *world) append(text string) {
	w.t.Helper()
	have, err := os.ReadFile(w.config)
	w.must(err)
	w.must(os.WriteFile(w.config, []byte(strings.TrimRight(string(have), "\n")+"\n"+text+"\n"), 0o600))
}

// serve starts a worker.
func (w *world) serve() *worker {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), lifetime())
	cmd := exec.CommandContext(ctx, tandem(w.t), "serve", "--json", "--verbose", "--config", w.config)
	p := &worker{cmd: cmd, out: &output{}, end: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.out, p.out
	w.must(cmd.Start())
	go func() {
		_ = cmd.Wait()
		close(p.end)
	}()
	w.t.Cleanup(func() {
		defer cancel()
		_ = cmd.Process.Signal(syscall.SIGCONT)
		if w.t.Failed() {
			_ = cmd.Process.Signal(syscall.SIGQUIT) // it ends with what each goroutine does
		} else {
			_ = cmd.Process.Kill()
		}
		<-p.end
		if w.t.Failed() {
			w.t.Logf("worker %d:\n%s", cmd.Process.Pid, p.out)
		}
	})
	return p
}

func (p *worker) signal(sig syscall.Signal) { _ = p.cmd.Process.Signal(sig) }

// ends waits until the worker has ended, and gives its exit code.
func (w *world) ends(p *worker, within time.Duration) int {
	w.t.Helper()
	w.eventually(within, "the worker ends", func() bool {
		select {
		case <-p.end:
			return true
		default:
			return false
		}
	})
	return p.cmd.ProcessState.ExitCode()
}

// eventually waits for something to become true.
func (w *world) eventually(within time.Duration, what string, ok func() bool) {
	w.t.Helper()
	for end := time.Now().Add(within); !ok(); {
		if time.Now().After(end) {
			cmd, out := w.command("status")
			_ = cmd.Run() // its exit code speaks of the connection
			w.t.Fatalf("not within %s: %s\n%s", within, what, out)
		}
		time.Sleep(100 * time.Millisecond) // between two looks
	}
}

// worksOn are the connections that a worker works on, by what status says.
func (w *world) worksOn(p *worker) []string {
	w.t.Helper()
	var status struct {
		Workers []struct {
			Name    string   `json:"name"`
			WorksOn []string `json:"works_on"`
		} `json:"workers"`
	}
	cmd := exec.CommandContext(w.t.Context(), tandem(w.t), "status", "--json", "--connection", "simulated", "--config", w.config)
	text, _ := cmd.Output() // its exit code speaks of the connection
	if len(text) == 0 {
		return nil // the store knows nothing of the connection yet
	}
	w.must(json.Unmarshal(text, &status))
	for _, one := range status.Workers {
		if strings.Contains(one.Name, fmt.Sprintf("/%d-", p.cmd.Process.Pid)) {
			return one.WorksOn
		}
	}
	return nil
}

// holder waits until one of the workers works on the connection, and gives it and the
// others.
func (w *world) holder(of []*worker) (holder *worker, others []*worker) {
	w.t.Helper()
	w.eventually(takeover, "a worker works on the connection", func() bool {
		for i, p := range of {
			if len(w.worksOn(p)) > 0 {
				holder, others = p, slices.Delete(slices.Clone(of), i, i+1)
			}
		}
		return holder != nil
	})
	return holder, others
}

// takeover is how long the work of a worker that is gone may lie: the lease, and what
// River takes to notice.
const takeover = 90 * time.Second

// passes waits until an edit of an account is in its company.
func (w *world) passes(within time.Duration, city string) {
	w.t.Helper()
	a := w.accounts()[7]
	w.call(http.MethodPatch, w.at.Salesforce.URL+"/services/data/v65.0/sobjects/Account/"+a.ID, w.at.Salesforce.Token, map[string]any{"BillingCity": city}, nil)
	w.arrives(within, a.ID, city)
}

func (w *world) arrives(within time.Duration, account, city string) {
	w.t.Helper()
	w.eventually(within, "the company has the city "+city, func() bool {
		return slices.ContainsFunc(w.companies(), func(c company) bool { return c.Properties.Account == account && c.Properties.City == city })
	})
}

// TestC10_AKilledWorkerIsTakenOver kills the worker that works on the connection in the
// middle of many edits: another one goes on, and nothing is lost or written twice.
func TestC10_AKilledWorkerIsTakenOver(t *testing.T) {
	store := pgtest.Address(t)
	t.Parallel()
	w, all := newFleet(t, store, short, 3)
	at, others := w.holder(all)
	w.passes(takeover, "Before")
	rng := rand.New(rand.NewPCG(1, 1))
	w.edit(rng)
	at.signal(syscall.SIGKILL)
	w.ends(at, 10*time.Second)
	w.edit(rng)
	w.passes(takeover, "After")
	if next, _ := w.holder(others); next == nil {
		t.Error("nobody works on the connection")
	}
	w.settles()
}

// TestC10_AFrozenWorkerWritesNothing freezes the worker that works on the connection in
// the middle of edits, until another one has done them: woken, it writes nothing and ends.
func TestC10_AFrozenWorkerWritesNothing(t *testing.T) {
	store := pgtest.Address(t)
	t.Parallel()
	w, all := newFleet(t, store, short, 2)
	at, _ := w.holder(all)
	w.passes(takeover, "Before")
	w.edit(rand.New(rand.NewPCG(2, 1)))
	at.signal(syscall.SIGSTOP)
	w.passes(takeover, "After")
	w.settles()
	before := w.ledgers()
	at.signal(syscall.SIGCONT)
	if code := w.ends(at, 30*time.Second); code == 0 || !strings.Contains(at.out.String(), "taken") {
		t.Errorf("the woken worker ends with %d and says\n%s", code, at.out)
	}
	if after := w.ledgers(); after != before {
		t.Errorf("%d writes after the frozen worker woke", after-before)
	}
	w.passes(takeover, "Later")
}

// TestC10_RollingRestart replaces one worker after the other. The lease is so long that
// nobody waits for it: who stops gives back what it holds.
func TestC10_RollingRestart(t *testing.T) {
	store := pgtest.Address(t)
	t.Parallel()
	w, all := newFleet(t, store, 5*time.Minute, 2)
	rng := rand.New(rand.NewPCG(3, 1))
	for i := range all {
		w.holder(all)
		w.edit(rng)
		all[i].signal(syscall.SIGTERM)
		if code := w.ends(all[i], time.Minute); code != 0 {
			t.Errorf("a worker that was asked to stop ends with %d", code)
		}
		w.passes(takeover, fmt.Sprintf("Round %d", i))
		all[i] = w.serve()
	}
	w.settles()
}

// TestP6_PostgreSQLIsRestarted takes the database away for longer than the lease: the
// workers go on when it is back, without another process having been started.
func TestP6_PostgreSQLIsRestarted(t *testing.T) {
	server := pgtest.Private(t)
	t.Parallel()
	w, all := newFleet(t, server.Address(), short, 2)
	w.holder(all)
	w.passes(takeover, "Before")
	w.edit(rand.New(rand.NewPCG(4, 1)))
	server.Stop(t)
	w.edit(rand.New(rand.NewPCG(5, 1)))
	for down := time.Now(); time.Since(down) < 2*short; time.Sleep(100 * time.Millisecond) { // nobody answers meanwhile
		w.companies()
	}
	server.Start(t)
	w.passes(takeover, "After")
	w.settles()
	for _, p := range all {
		select {
		case <-p.end:
			t.Errorf("a worker ended:\n%s", p.out)
		default:
		}
	}
}

// TestC10_GroupsAreShared gives each of two workers one of two connections, and both to
// the one that is left.
func TestC10_GroupsAreShared(t *testing.T) {
	store := pgtest.Address(t)
	t.Parallel()
	w, other := newWorld(t, fleetExports(), store), newWorld(t, fleetExports(), "", "--seed", "2")
	text, err := os.ReadFile(other.config)
	w.must(err)
	_, second, _ := strings.Cut(string(text), "\nconnections:\n")
	have, err := os.ReadFile(w.config)
	w.must(err)
	before, first, _ := strings.Cut(string(have), "\nconnections:\n")
	w.must(os.WriteFile(w.config, []byte(before+"\nfleet: {lease: 3s}\nconnections:\n"+first+strings.Replace(second, "name: simulated", "name: second", 1)), 0o600))
	all := w.workers(2)
	each := func(n int) func() bool {
		return func() bool {
			return !slices.ContainsFunc(all, func(p *worker) bool { return len(w.worksOn(p)) != n })
		}
	}
	w.eventually(takeover, "each worker has a connection", each(1))
	all[0].signal(syscall.SIGKILL)
	w.ends(all[0], 10*time.Second)
	all = all[1:]
	w.eventually(takeover, "the worker that is left has both connections", each(2))
	all = append(all, w.serve())
	w.eventually(takeover, "a new worker gets one of them", each(1))
}

// settles waits until everything is in step, by what is in both systems, and judges.
func (w *world) settles() {
	w.t.Helper()
	w.eventually(takeover, "everything is in step", w.inStep)
	w.judge(fleetPairs)
}

// inStep reports that every account has a company with its values.
func (w *world) inStep() bool {
	partner := map[string]company{}
	for _, c := range w.companies() {
		partner[c.Properties.Account] = c
	}
	as := w.accounts()
	return !slices.ContainsFunc(as, func(a account) bool {
		p := partner[a.ID].Properties
		return a.Name != p.Name || a.Phone != p.Phone || a.City != p.City
	}) && len(as) == fleetPairs && len(partner) == fleetPairs
}

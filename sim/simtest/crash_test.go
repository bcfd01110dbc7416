package simtest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// firstImport is eight accounts with their contacts, one of which meets its
// company by a common contact, and a company that becomes an account.
func firstImport(t testing.TB) *trial {
	w := newTrial(t, Before(func(w *World) {
		for i := range 8 {
			id := w.account(fmt.Sprintf("Account %d", i), "BillingCity", fmt.Sprintf("City %d", i))
			w.contact(fmt.Sprintf("C%d", i), fmt.Sprintf("c%d@x%d.com", i, i), id)
		}
		for i := range 3 {
			w.person(fmt.Sprintf("C%d", i), fmt.Sprintf("c%d@x%d.com", i, i))
		}
		w.company("Seventh", w.person("C7", "c7@x7.com"))
		w.Advance(time.Hour)
	}), Settings(func(c *config.Connection) {
		c.Salesforce.SettleUnknown, c.HubSpot.SettleUnknown = config.Duration(time.Second), config.Duration(time.Second)
	}))
	w.company("Ninth", w.person("P", "p@ninth.com"))
	w.Through(new(schemas).carry)
	return w
}

// importArgs are those of the first import, both sides.
var importArgs = engine.ImportArgs{Pair: core.CompanyPair, Sides: []core.Side{core.Salesforce, core.HubSpot}}

// importing is an import that is put through crashes: the world it begins in, what it
// names, and the end it comes to.
type importing struct {
	world  func(testing.TB) *trial
	args   engine.ImportArgs
	finish func(*trial) string
	// sparse has the process die on one side of each commit, in turn, not on both.
	sparse bool
	// every is how many commits lie between two deaths; 0 for one at each.
	every int64
	// parents are imported before it, in the same go.
	parents []core.Pair
	// dies tells the calls at which the process may die; nil for every write.
	dies func(*http.Request) bool
}

var ofCompanies = importing{world: firstImport, args: importArgs, finish: (*trial).finish}

// start starts the import, and those of what its records belong to.
func (imp importing) start(w *trial) error {
	args := imp.args
	for _, args.Pair = range append(slices.Clone(imp.parents), imp.args.Pair) {
		if _, err := w.Engine.StartImport(w.T.Context(), w.Conn, "import", args); err != nil {
			return err
		}
	}
	return nil
}

// finish drives an import to its end and gives the state of both sides in a form
// that two runs can be compared by: by names, since ids depend on the order of
// the creates.
func (w *trial) finish() string {
	w.T.Helper()
	w.heal()
	var out []string
	for _, p := range w.settledAfter(1) {
		contacts, err := w.Org.As(admin).Query("SELECT Email FROM Contact WHERE AccountId = '" + p.account + "' ORDER BY Email")
		w.must(err)
		out = append(out, fmt.Sprint(w.accountValue(p.account, "Name"), w.accountValue(p.account, "BillingCity"), w.companyValue(p.company, "name"), w.companyValue(p.company, "city"),
			contacts, len(w.Portal.As(admin).Associated("companies", p.company, "contacts"))))
	}
	if open := w.issues(); len(open) > 0 {
		w.T.Errorf("%d open issues: %s", len(open), open[0].Message)
	}
	return strings.Join(out, "\n")
}

// TestP1_CrashAtEveryCommitOfAFirstImport lets the process die before and after
// each commit of a first import. The next start goes on; the end is the same as
// without a crash, and nothing was created twice.
func TestP1_CrashAtEveryCommitOfAFirstImport(t *testing.T) { ofCompanies.crash(t, 9) }

// crash has the import end as it does without a crash, with so many lines.
func (imp importing) crash(t *testing.T, lines int) {
	t.Helper()
	var want string
	var commits int64
	inBubble(t, func(t testing.TB) {
		w := imp.world(t)
		commits = imp.countCommits(w)
		want = imp.once(t, w)
	})
	if len(strings.Split(want, "\n")) != lines || commits < 8 {
		t.Fatalf("uncrashed import: %d commits, end\n%s", commits, want)
	}
	for n := int64(1); n <= commits; n += max(imp.every, 1) {
		for _, after := range []bool{false, true} {
			if imp.sparse && after != (n%2 == 0) {
				continue
			}
			t.Run(fmt.Sprintf("commit %d after %v", n, after), func(t *testing.T) {
				bubble(t, func(t testing.TB) {
					w := imp.world(t)
					w.dieAt(n, after)
					if got := imp.once(t, w); got != want {
						t.Errorf("end state\n%s\nwant\n%s", got, want)
					}
				})
			})
		}
	}
	t.Logf("%d commits", commits)
}

// countCommits imports and counts the commits from the opening to the end.
func (imp importing) countCommits(w *trial) (n int64) {
	w.T.Helper()
	w.shut()
	w.AfterCommit = func(at int64) error { n = at; return nil }
	w.Open()
	w.must(imp.start(w))
	_, err := w.syncFor(time.Hour)
	w.must(err)
	w.AfterCommit = nil
	w.Restart()
	return n
}

// dieAt has the store fail at its n-th commit, counted from the opening, and at
// every one after it: a dead process commits nothing more.
func (w *trial) dieAt(n int64, after bool) {
	w.T.Helper()
	w.shut()
	at := func(dead func(int64) bool) func(int64) error {
		return func(i int64) error {
			if dead(i) {
				return errCrash
			}
			return nil
		}
	}
	w.BeforeCommit = at(func(i int64) bool { return i > n || i == n && !after })
	w.AfterCommit = at(func(i int64) bool { return i >= n && after })
	if err := w.TryOpen(); err != nil {
		w.revive(err)
		return
	}
	w.BeforeCommit, w.AfterCommit = nil, nil
}

// revive opens the store again after a crash; other errors end the test.
func (w *trial) revive(err error) {
	w.T.Helper()
	if !errors.Is(err, errCrash) {
		w.T.Fatalf("want a crash, got: %v", err)
	}
	w.shut()
	w.BeforeCommit, w.AfterCommit = nil, nil
	w.Open()
}

// once starts an import and syncs; where the process dies it starts again,
// as a person does who types the command a second time.
func (imp importing) once(t testing.TB, w *trial) string {
	t.Helper()
	for {
		err := imp.start(w)
		if err == nil {
			_, err = w.syncFor(time.Hour)
		}
		if err == nil {
			return imp.finish(w)
		}
		w.revive(err)
	}
}

// TestP1_KillAroundTheCall kills the process between intent and call, and
// between call and answer, for every write call of a first import.
func TestP1_KillAroundTheCall(t *testing.T) { ofCompanies.kill(t) }

// kill goes from call to call until an import ends first: which records share a
// call is the workers' to choose, so their number is not the same in every run.
func (imp importing) kill(t *testing.T) {
	t.Helper()
	for _, sent := range []bool{false, true} {
		t.Run(fmt.Sprintf("sent %v", sent), func(t *testing.T) {
			t.Parallel()
			calls := 0
			for came := true; came && !t.Failed(); {
				inBubble(t, func(t testing.TB) { came = imp.killAtCall(t, calls+1, sent) })
				if came {
					calls++
				}
			}
			if calls < 4 {
				t.Errorf("%d write calls in a first import", calls)
			}
		})
	}
}

// isWrite tells calls that write records from those that read by POST.
func isWrite(r *http.Request) bool {
	p := r.URL.Path
	return r.Method != http.MethodGet && (strings.HasSuffix(p, "/composite") || strings.HasSuffix(p, "/composite/sobjects") || strings.HasSuffix(p, "/batch/create") || strings.HasSuffix(p, "/batch/update") || strings.Contains(p, "/pipelines/"))
}

// killAtCall says whether the kill came: not where an import has fewer calls.
func (imp importing) killAtCall(t testing.TB, n int, sent bool) bool {
	w := imp.world(t)
	died := make(chan struct{})
	seen, dies := 0, imp.dies
	if dies == nil {
		dies = isWrite
	}
	w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if dies(r) {
			seen++
		}
		if !dies(r) || seen != n {
			return next.RoundTrip(r)
		}
		if sent {
			_, _ = next.RoundTrip(r)
		}
		close(died)
		return hung(r)
	})
	came := imp.killed(w, died)
	if came != (seen >= n) {
		t.Errorf("%d calls were sent and the kill at call %d came: %t", seen, n, came)
	}
	w.Through(new(schemas).carry)
	imp.once(t, w)
	return came
}

// killed runs an import until the kill: its context ends, as a process's
// calls do, and the store is not told anything. It says whether the import was killed.
func (imp importing) killed(w *trial, died <-chan struct{}) bool {
	w.T.Helper()
	w.must(imp.start(w))
	ctx, cancel := cancelOn(died)
	defer cancel()
	_, err := w.Engine.Once(ctx, w.Conn)
	w.shut()
	w.Open()
	return err != nil
}

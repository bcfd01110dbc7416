//go:build unix

package killtest

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/store/storetest/pgtest"
)

// kills is how often the program is killed, on all databases together.
var (
	kills = flag.Int("kills", 200, "how often to kill the program, in all")
	seed  = flag.Uint64("seed", 1, "what is drawn, as far as the machine repeats it")
)

// summary is what the tests tell at the end of the run.
var summary struct {
	sync.Mutex
	lines []string
}

// say adds a line to what is printed at the end. It begins with "kills: ", by which the
// report of all tests knows it.
func say(format string, args ...any) {
	summary.Lock()
	defer summary.Unlock()
	summary.lines = append(summary.lines, fmt.Sprintf("kills: "+format, args...))
}

// TestMain lets more worlds run than there are processors, most of whose time is spent
// waiting.
func TestMain(m *testing.M) {
	flag.Parse()
	if p := flag.Lookup("test.parallel"); p != nil && p.Value.String() == p.DefValue {
		_ = flag.Set("test.parallel", "8")
	}
	code := pgtest.Main(m)
	if buildDir != "" {
		_ = os.RemoveAll(buildDir)
	}
	for _, line := range summary.lines {
		fmt.Fprintln(os.Stdout, line)
	}
	os.Exit(code)
}

// What every world begins with: accounts without companies, accounts whose
// company is found by a contact in common, companies that become accounts.
const (
	lonely   = 160
	matching = 20
	onlyHS   = 30
	pairs    = lonely + matching + onlyHS
)

func exports() map[string]string {
	var accounts, contacts, companies, people strings.Builder
	accounts.WriteString("Id,Name,Phone,BillingCity\n")
	contacts.WriteString("Id,LastName,Email,AccountId\n")
	companies.WriteString("Record ID,Company name\n")
	people.WriteString("Record ID,email,Last Name,Associated Company IDs\n")
	for i := range lonely + matching {
		id := fmt.Sprintf("001%012d", i+1)
		fmt.Fprintf(&accounts, "%s,Account %d,555-%04d,City %d\n", id, i, i, i%50)
		fmt.Fprintf(&contacts, "003%012d,Person %d,p%d@a%d.example,%s\n", i+1, i, i, i, id)
		if i < matching {
			fmt.Fprintf(&companies, "%d,Account %d\n", 5000+i, i)
			fmt.Fprintf(&people, "%d,p%d@a%d.example,Person %d,%d\n", 9000+i, i, i, i, 5000+i)
		}
	}
	for i := range onlyHS {
		fmt.Fprintf(&companies, "%d,Company %d\n", 6000+i, i)
		fmt.Fprintf(&people, "%d,q%d@c%d.example,Other %d,%d\n", 9500+i, i, i, i, 6000+i)
	}
	return map[string]string{"salesforce/Account.csv": accounts.String(), "salesforce/Contact.csv": contacts.String(),
		"hubspot/companies.csv": companies.String(), "hubspot/contacts.csv": people.String()}
}

// importShare of the kills strike the first import, and after so many others everything
// has to come into step and is judged.
const (
	importShare = 5
	judgeEvery  = 25
)

// TestP1_KilledAgainAndAgain kills first imports, syncs and the daemon at random moments
// and at each step of a write and of a commit, while people edit, the network breaks and
// commits lose their answers, on both databases.
func TestP1_KilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	worlds := []string{"sqlite", "postgres", "sqlite", "postgres"}
	began := time.Now()
	var mu sync.Mutex
	done, at, hits := map[string]int{}, map[string]int{}, map[string]int{}
	t.Run("worlds", func(t *testing.T) {
		for n, db := range worlds {
			t.Run(fmt.Sprintf("%d %s", n, db), func(t *testing.T) {
				store := ""
				if db == "postgres" {
					store = pgtest.Address(t)
				}
				t.Parallel()
				v := newVictim(t, store, *seed+uint64(n))
				v.torture((*kills + len(worlds) - 1) / len(worlds))
				mu.Lock()
				defer mu.Unlock()
				done[db] += v.killed
				add(at, v.at)
				add(hits, v.hits())
			})
		}
	})
	say("%d cycles on SQLite, %d on PostgreSQL in %s", done["sqlite"], done["postgres"], time.Since(began).Round(time.Second))
	say("killed %s", told(at))
	say("struck by %s", told(hits))
	if *kills >= 200 && !t.Failed() && os.Getenv(pgtest.SkipVariable) != "1" {
		for _, kind := range faultKinds {
			if hits[kind] == 0 {
				t.Errorf("no request was struck by %q", kind)
			}
		}
		for _, s := range steps {
			if at[atWrite(s)] == 0 {
				t.Errorf("no process was killed %s", atWrite(s))
			}
		}
	}
}

func add(to, what map[string]int) {
	for k, n := range what {
		to[k] += n
	}
}

func told(counts map[string]int) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, fmt.Sprintf("%d %s", counts[k], k))
	}
	return strings.Join(out, ", ")
}

// torture kills so often, and judges in between and at the end.
func (v *victim) torture(kills int) {
	v.t.Helper()
	for v.killed < kills/importShare {
		v.cycle("import", "company")
	}
	v.calm()
	v.finishImport("company")
	for v.killed < kills*2/importShare {
		v.cycle("import", "contact")
	}
	v.calm()
	v.finishImport("contact")
	for next := v.killed + judgeEvery; v.killed < kills; {
		v.edit()
		v.cycle(v.verb()...)
		if v.killed >= next {
			v.reckon()
			next += judgeEvery
		}
	}
	v.edit()
	v.calm()
	v.terminate(v.rng)
	v.reckon()
}

// reckon lets everything come into step in peace, and judges.
func (v *victim) reckon() {
	v.t.Helper()
	v.calm()
	v.finish()
	v.judge(v.pairs)
	v.judgePeople()
	v.judgeEdits()
}

// verb draws what is killed next: half of the time a sync.
func (v *victim) verb() []string {
	verbs := [][]string{{"serve"}, {"serve"}, {"resync", "company", "--all"}, {"resync", "contact", "--all"}, {"backfill", "company"}, {"import", "contact"}}
	if n := v.rng.IntN(2 * len(verbs)); n < len(verbs) {
		return verbs[n]
	}
	return []string{"sync", "--once"}
}

// terminate asks the program to stop in the middle: it does so cleanly, and says that
// it was not done. A process that has not come as far as to listen is asked again, later.
func (w *world) terminate(rng *rand.Rand) {
	w.t.Helper()
	for _, verb := range [][]string{{"sync", "--once"}, {"import", "company"}, {"serve"}} {
		after := time.Duration(400+rng.IntN(700)) * time.Millisecond
		e := w.stop(after, verb...)
		for tries := 0; e.killed && tries < 4; tries++ {
			after *= 2
			e = w.stop(after, verb...)
		}
		switch {
		case e.killed:
			w.t.Errorf("%v: SIGTERM after %s killed the process instead of stopping it", verb, after)
		case e.code != 0 && e.code != 1:
			w.t.Errorf("%v: SIGTERM after %s: exit %d\n%s", verb, after, e.code, e.out)
		}
	}
}

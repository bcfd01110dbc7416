//go:build unix

package killtest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tandem/internal/store/storetest/pgtest"
)

func TestMain(m *testing.M) {
	code := pgtest.Main(m)
	if buildDir != "" {
		_ = os.RemoveAll(buildDir)
	}
	os.Exit(code)
}

// What every world begins with: accounts without companies, accounts whose
// company is found by a contact in common, companies that become accounts.
const (
	lonely   = 560
	matching = 40
	onlyHS   = 60
	pairs    = lonely + matching + onlyHS
)

// Kills a world takes in its first import and in each of its later syncs, by sync
// and by the daemon, and the latest moment of one: about as long as a sync takes.
const (
	killsOfImport = 14
	killsOfSync   = 3
	killsOfServe  = 1
	latestImport  = 1500 * time.Millisecond
	latestSync    = 900 * time.Millisecond
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

// TestP1_KilledAgainAndAgain kills first imports and syncs at random moments,
// more than a hundred times in all, on both databases.
func TestP1_KilledAgainAndAgain(t *testing.T) {
	var kills atomic.Int64
	t.Run("worlds", func(t *testing.T) {
		for n, db := range []string{"sqlite", "postgres", "sqlite", "postgres"} {
			t.Run(fmt.Sprintf("%d %s", n, db), func(t *testing.T) {
				store := ""
				if db == "postgres" {
					store = pgtest.Address(t)
				}
				t.Parallel()
				w := newWorld(t, exports(), store)
				w.torture(rand.New(rand.NewPCG(uint64(n), 1)))
				kills.Add(int64(w.kills))
			})
		}
	})
	t.Logf("%d kills", kills.Load())
	if kills.Load() < 100 && !t.Failed() && os.Getenv(pgtest.SkipVariable) != "1" {
		t.Errorf("only %d kills, want 100 at least", kills.Load())
	}
}

func (w *world) torture(rng *rand.Rand) {
	w.t.Helper()
	w.kill(rng, killsOfImport, latestImport, "import", "company")
	w.finishImport()
	for range 3 {
		w.edit(rng)
		w.kill(rng, killsOfSync, latestSync, "sync", "--once")
		w.kill(rng, killsOfServe, latestSync, "serve")
	}
	w.edit(rng)
	w.terminate(rng)
	w.finish()
	w.judge(pairs)
}

// kill runs a verb until it was killed n times in the middle.
func (w *world) kill(rng *rand.Rand, n int, latest time.Duration, args ...string) {
	w.t.Helper()
	for tries := 0; n > 0; tries++ {
		if tries > 4*killsOfImport {
			w.t.Fatalf("tandem %v always ends before it is killed", args)
		}
		after := 80*time.Millisecond + time.Duration(rng.Int64N(int64(latest)))
		if w.run(syscall.SIGKILL, after, args...).killed {
			w.kills++
			n--
		}
	}
}

// finishImport lets the import come to its end.
func (w *world) finishImport() {
	w.t.Helper()
	if e := w.run(0, 0, "import", "company"); e.code > 1 {
		w.t.Fatalf("import after kills: exit %d\n%s", e.code, e.out)
	}
}

// edit has users change records on both sides.
func (w *world) edit(rng *rand.Rand) {
	w.t.Helper()
	as, cs := w.accounts(), w.companies()
	for range 25 {
		a := as[rng.IntN(len(as))]
		w.call(http.MethodPatch, w.at.Salesforce.URL+"/services/data/v65.0/sobjects/Account/"+a.ID, w.at.Salesforce.Token,
			map[string]any{"BillingCity": fmt.Sprintf("Town %d", rng.IntN(1_000_000)), "Name": fmt.Sprintf("Renamed %d", rng.IntN(1_000_000))}, nil)
	}
	for range 10 {
		c := cs[rng.IntN(len(cs))]
		w.call(http.MethodPatch, w.at.HubSpot.URL+"/crm/v3/objects/companies/"+c.ID, w.at.HubSpot.Token,
			map[string]any{"properties": map[string]any{"phone": fmt.Sprintf("777-%d", rng.IntN(1_000_000))}}, nil)
	}
}

// terminate asks the program to stop in the middle: it does so cleanly, and says that
// it was not done. A process that has not come as far as to listen is asked again, later.
func (w *world) terminate(rng *rand.Rand) {
	w.t.Helper()
	for _, verb := range [][]string{{"sync", "--once"}, {"import", "company"}, {"serve"}} {
		after := time.Duration(400+rng.IntN(700)) * time.Millisecond
		e := w.run(syscall.SIGTERM, after, verb...)
		for tries := 0; e.killed && tries < 4; tries++ {
			after *= 2
			e = w.run(syscall.SIGTERM, after, verb...)
		}
		switch {
		case e.killed:
			w.t.Errorf("%v: SIGTERM after %s killed the process instead of stopping it", verb, after)
		case e.code != 0 && e.code != 1:
			w.t.Errorf("%v: SIGTERM after %s: exit %d\n%s", verb, after, e.code, e.out)
		}
	}
}

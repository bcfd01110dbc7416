package simtest

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

var (
	oneSeed = flag.Uint64("seed", 0, "play only this seed of the random fault runs")
	seeds   = flag.Uint64("seeds", 40, "how many random fault runs to play")
)

// TestI_RandomFaultsThenHealing plays random edits and random faults of the
// network, crashes included, over a small world, heals it, and judges the end by
// records and ledgers: I1, I2, I4, I5, I7.
func TestI_RandomFaultsThenHealing(t *testing.T) { bySeed(t, "RandomFaults", playSeed) }

// bySeed plays a world for each seed, and says how to play one that failed again.
func bySeed(t *testing.T, name string, play func(testing.TB, uint64)) {
	t.Helper()
	from, to := uint64(1), *seeds
	if *oneSeed != 0 {
		from, to = *oneSeed, *oneSeed
	}
	for seed := from; seed <= to; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			bubble(t, func(t testing.TB) { play(t, seed) })
			if t.Failed() {
				t.Logf("replay with: go test ./sim/simtest -run %s -seed %d", name, seed)
			}
		})
	}
}

// storm is a world under random faults.
type storm struct {
	*trial
	seed  uint64
	rate  uint64 // faults in a thousand calls
	rng   *rand.Rand
	mu    sync.Mutex
	met   map[string]uint64
	edits []edit
	fails map[string]int
	acts  func() // what a user does next

	schemas schemas
}

// edit is one value that a user wrote.
type edit struct {
	side      core.Side
	id, field string
	value     string
}

func playSeed(t testing.TB, seed uint64) {
	s := &storm{seed: seed, rng: rand.New(rand.NewPCG(seed, 7)), met: map[string]uint64{}, fails: map[string]int{}}
	s.rate = []uint64{0, 15, 40, 100}[seed%4]
	s.trial, s.acts = newTrial(t), s.userActs
	conflict := []string{"conflict", "validation"}[seed%2] // the two ways in which portals refuse a taken key
	s.must(s.Portal.Configure(hubspotsim.Settings{UniqueConflict: &conflict}))
	for i := range 3 {
		id := s.account("")
		s.contact(fmt.Sprintf("C%d", i), fmt.Sprintf("c%d@example.com", i), id)
	}
	s.newCompany()
	s.newCompany()
	s.Through(s.travel)
	for range 4 + s.rng.IntN(4) {
		s.round()
	}
	s.mu.Lock()
	s.rate = 0
	s.mu.Unlock()
	s.heal()
	s.judge(s.settledAfter(2))
	t.Logf("seed %d: %d edits, faults %v", seed, len(s.edits), s.fails)
}

// account makes an account whose values no other edit uses.
func (s *storm) account(city string) string {
	id := s.trial.account(s.value("N"))
	s.note(core.Salesforce, id, "name", s.accountValue(id, "Name"))
	if city != "" {
		s.edit(core.Salesforce, id, "city")
	}
	return id
}

func (s *storm) newCompany() {
	n := s.value("P")
	id := s.company(n, s.person(n, n+"@example.org"))
	s.note(core.HubSpot, id, "name", n)
}

func (s *storm) value(prefix string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.met["value"]++
	return prefix + strconv.FormatUint(s.met["value"], 10)
}

func (s *storm) note(side core.Side, id, field, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.edits = append(s.edits, edit{side, id, field, value})
}

var fieldNames = map[string]string{"name": "Name", "city": "BillingCity", "phone": "Phone"}

// edit has a user write a fresh value.
func (s *storm) edit(side core.Side, id, field string) {
	v := s.value(field)
	var err error
	if side == core.Salesforce {
		err = s.Org.As(admin).Update("Account", id, map[string]any{fieldNames[field]: v})
	} else {
		err = s.Portal.As(admin).Update("companies", id, map[string]string{field: v})
	}
	s.must(err)
	s.note(side, id, field, v)
}

// round is some edits, a pause and a sync that may be cut short by a crash.
func (s *storm) round() {
	for range s.rng.IntN(5) {
		s.acts()
		if s.rng.IntN(3) > 0 {
			time.Sleep(time.Duration(s.rng.IntN(5000)) * time.Millisecond)
		}
	}
	if s.rate > 0 && s.rng.IntN(2) == 0 {
		s.crashSoon()
	}
	if s.AfterCommit != nil || s.rng.IntN(5) == 0 {
		s.reopen()
	}
	if _, err := s.syncFor(20 * time.Minute); err != nil {
		s.fails["sync ended early"]++
	}
	if s.AfterCommit != nil { // dead or not: the next life begins here
		s.BeforeCommit, s.AfterCommit = nil, nil
		s.reopen()
	}
	time.Sleep(time.Duration(s.rng.IntN(120)) * time.Second)
}

// crashSoon has the store die before or after a commit of the next sync.
func (s *storm) crashSoon() {
	at := int64(s.rng.IntN(25)) + 12 // opening takes some commits
	die := func(n int64) error {
		if n < at {
			return nil
		}
		return errCrash
	}
	s.BeforeCommit, s.AfterCommit = nil, die
	if s.rng.IntN(2) == 0 {
		s.BeforeCommit, s.AfterCommit = die, func(int64) error { return nil }
	}
	s.fails["crash"]++
}

// reopen closes the engine and opens it again, as often as it takes: the faults
// strike here too.
func (s *storm) reopen() {
	s.T.Helper()
	s.shut()
	var err error
	for range 60 {
		if err = s.TryOpen(); err == nil {
			return
		}
		time.Sleep(time.Minute)
	}
	s.T.Fatalf("cannot open after an hour: %v", err)
}

func (s *storm) userActs() {
	switch s.rng.IntN(12) {
	case 0:
		s.account("x")
	case 1:
		s.newCompany()
	default:
		side := core.Side(s.rng.IntN(2))
		ids := s.ids(side)
		s.edit(side, ids[s.rng.IntN(len(ids))], []string{"name", "city", "phone"}[s.rng.IntN(3)])
	}
}

// ids are the records of a side that users know of, in the order they were made.
func (s *storm) ids(side core.Side) []string {
	var out []string
	if side == core.Salesforce {
		for _, e := range s.Org.Ledger() {
			if e.Object == "Account" && e.Op == "create" && !slices.Contains(out, e.ID) {
				out = append(out, e.ID)
			}
		}
		return out
	}
	for _, e := range s.Portal.Ledger() {
		if e.Object == "companies" && e.Op == "create" && !slices.Contains(out, e.ID) {
			out = append(out, e.ID)
		}
	}
	return out
}

// travel carries a request, most of the time unharmed. What befalls it depends
// on the seed and on how often the same request was sent, not on the order in
// which workers send.
func (s *storm) travel(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
	s.mu.Lock()
	key := fmt.Sprint(side, r.Method, r.URL.Path, r.URL.RawQuery)
	s.met[key]++
	h := fnv.New64a()
	fmt.Fprint(h, key, s.met[key])
	rng := rand.New(rand.NewPCG(s.seed, h.Sum64()))
	harm := ""
	if rng.Uint64N(1000) < s.rate {
		harm = harms[rng.IntN(len(harms))]
		s.fails[harm]++
	}
	meanwhile := s.rate > 0 && s.seed%3 == 0 && rng.IntN(15) == 0
	s.mu.Unlock()
	if meanwhile {
		s.editMeanwhile(rng)
	}
	return befall(harm, rng, r, viaSchemas{&s.schemas, next})
}

// editMeanwhile has a user edit a company while a batch is under way. Accounts
// are left alone then: Salesforce keeps no history that would tell what a write
// overwrote a moment after it was read.
func (s *storm) editMeanwhile(rng *rand.Rand) {
	ids := s.ids(core.HubSpot)
	if len(ids) == 0 {
		return
	}
	s.edit(core.HubSpot, ids[rng.IntN(len(ids))], []string{"name", "city"}[rng.IntN(2)])
	s.mu.Lock()
	s.fails["edit meanwhile"]++
	s.mu.Unlock()
}

// judge checks what happened to every value that a user wrote.
func (s *storm) judge(ps []pair) {
	s.T.Helper()
	lost := s.lostValues()
	for _, p := range ps {
		ids := [2]string{p.account, p.company}
		for _, field := range []string{"name", "city"} {
			final := s.companyValue(p.company, field)
			last := [2]string{}
			known := final == ""
			for _, e := range s.edits {
				if e.field == field && e.id == ids[e.side] {
					last[e.side] = e.value
					known = known || e.value == final
				}
			}
			if !known {
				s.T.Errorf("%v %s is %q, which no user wrote (I5)", p, field, final)
			}
			for side, v := range last {
				other := core.Side(side).Other()
				if v != "" && v != final && !lost[v] && !s.shown(other, ids[other], field, v) {
					s.T.Errorf("%v: the user's %s %q on %s is neither kept nor in the conflict log; final %q (I4)", p, field, v, core.Side(side), final)
				}
			}
		}
	}
}

// lostValues are the values that the conflict log keeps.
func (s *storm) lostValues() map[string]bool {
	s.T.Helper()
	out := map[string]bool{}
	for _, c := range s.lost() {
		out[c.Lost] = true
	}
	return out
}

// shown reports that a record showed a value at some time.
func (s *storm) shown(side core.Side, id, field, value string) bool {
	if side == core.Salesforce {
		return slices.ContainsFunc(s.Org.Ledger(), func(e ledgerOrg) bool {
			return e.ID == id && e.Field == fieldNames[field] && e.After == any(value)
		})
	}
	return slices.ContainsFunc(s.Portal.Ledger(), func(e ledgerPortal) bool {
		return e.ID == id && e.Property == field && e.After == value
	})
}

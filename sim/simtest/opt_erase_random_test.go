package simtest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// erasureHistories is how many random histories are played in each profile.
const erasureHistories = 8

// TestOPT2_R19_AnOptOutOutlivesAnErasure: people opt out on either side and are erased on
// request in HubSpot, before and after each other, while the process dies, calls fail and the
// two sides are synced or not. In the end whoever opted out while both were there is opted out
// wherever the address is left, and nothing of ours has lifted an opt-out.
func TestOPT2_R19_AnOptOutOutlivesAnErasure(t *testing.T) {
	for _, profile := range []config.Profile{config.Classic, config.Tandem} {
		for seed := range uint64(erasureHistories) {
			t.Run(fmt.Sprint(profile, " ", seed), func(t *testing.T) {
				bubble(t, func(t testing.TB) { erasureHistory(t, profile, rand.New(rand.NewPCG(seed, 1165))) })
			})
		}
	}
}

// optedPerson is a person of an erasure history.
type optedPerson struct {
	object    core.Object
	id, hs    string
	email     string
	out, gone bool
}

// erasureWorld is a world with its people, and what was done in it.
type erasureWorld struct {
	*trial
	rng    *rand.Rand
	people []*optedPerson
	log    []string
}

func erasureHistory(t testing.TB, profile config.Profile, rng *rand.Rand) {
	opts := []Option{people(func(c *config.Connection) {
		c.Profile = profile
		c.Salesforce.SettleUnknown, c.HubSpot.SettleUnknown = config.Duration(time.Second), config.Duration(time.Second)
	})}
	if rng.IntN(2) == 0 {
		opts = append(opts, events())
	}
	w := &erasureWorld{trial: newTrial(t, opts...), rng: rng}
	w.crowd()
	for i := range 3 {
		p := &optedPerson{object: core.Contact, email: fmt.Sprintf("p%d@x.com", i)}
		fields := []string{"LastName", fmt.Sprint("P", i), "Email", p.email}
		if rng.IntN(2) == 0 {
			p.object, fields = core.Lead, append(fields, "Company", "Co")
		}
		p.id = w.made(p.object, fields...)
		w.people = append(w.people, p)
	}
	w.made(core.Contact, "LastName", "Bystander", "Email", "by@x.com") // so that HubSpot is never emptied
	w.Sync()
	for _, p := range w.people {
		p.hs = w.wantMate(p.id)
	}
	time.Sleep(time.Minute)
	for range 4 + rng.IntN(8) {
		w.act()
		time.Sleep(time.Duration(rng.IntN(90)) * time.Second)
	}
	w.rest()
	time.Sleep(25 * time.Hour) // a poll does not tell of an erasure, a sweep does
	w.rest()
	w.judge()
}

// act does one thing that the seed draws.
func (w *erasureWorld) act() {
	p := w.people[w.rng.IntN(len(w.people))]
	switch what := w.rng.IntN(9); what {
	case 0, 1:
		w.log = append(w.log, "tick "+p.email)
		w.tick(p.object, p.id, true)
		p.out = true
	case 2, 3:
		if !p.gone {
			w.log = append(w.log, "out "+p.email)
			w.optOut(p.email)
			p.out = true
		}
	case 4, 5:
		if !p.gone {
			w.log = append(w.log, "erase "+p.email)
			w.must(w.Portal.As(admin).GDPRDelete(p.hs))
			p.gone = true
		}
	case 6:
		w.log = append(w.log, "fault")
		w.breakPortal([]string{"reset", "reset_after", "timeout_after"}[w.rng.IntN(3)], "", "", 1+w.rng.IntN(6))
		w.sync()
	case 7:
		n, after := int64(1+w.rng.IntN(12)), w.rng.IntN(2) == 0
		w.log = append(w.log, fmt.Sprint("die at ", n))
		w.dieAt(n, after)
		w.sync()
		w.BeforeCommit, w.AfterCommit = nil, nil
	default:
		w.log = append(w.log, "sync")
		w.sync()
	}
}

// sync syncs, for as long as it takes; where the process dies it starts again.
func (w *erasureWorld) sync() {
	_, err := w.syncFor(10 * time.Minute)
	w.mend()
	if err != nil {
		w.log = append(w.log, "restart")
		w.shut()
		w.BeforeCommit, w.AfterCommit = nil, nil
		w.Open()
	}
}

func (w *erasureWorld) judge() {
	for _, p := range w.people {
		if p.out && !w.box(p.object, p.id) {
			w.T.Errorf("%s has opted out, and the box of the %s is clear, after %v", p.email, p.object, w.log)
		}
		if p.out && !p.gone && !w.Portal.As(admin).Consent(p.email).OptedOut {
			w.T.Errorf("%s has opted out, and HubSpot may mail it, after %v", p.email, w.log)
		}
		if !p.out && w.box(p.object, p.id) {
			w.T.Errorf("%s has never opted out, and the box is ticked, after %v", p.email, w.log)
		}
	}
	w.wantLifts()
	if w.T.Failed() {
		for _, p := range w.people {
			w.T.Logf("%+v, %+v", *p, w.openIssues())
		}
	}
}

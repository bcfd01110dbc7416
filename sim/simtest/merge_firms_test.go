package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// twinFirms are two accounts with a company each that turn out to be one firm, and are merged on
// both sides; a third account with the domain of one of them is made meanwhile.
type twinFirms struct {
	keeps   [2]int // whom each side keeps
	first   core.Side
	synced  bool // between the merges
	company bool // the third one is a company
	has     int  // whose domain it has
	ids     [2][2]string
	third   string
	stays   [2]string
}

func (f *twinFirms) String() string {
	return fmt.Sprintf("Salesforce keeps %d, HubSpot %d, %s first, synced between %v, third is a company %v with the domain of %d", f.keeps[0], f.keeps[1], f.first, f.synced, f.company, f.has)
}

func everyFirms() (out []*twinFirms) {
	for n := range 1 << 6 {
		bit := func(i int) int { return n >> i & 1 }
		out = append(out, &twinFirms{keeps: [2]int{bit(0), bit(1)}, first: core.Side(bit(2)), synced: bit(3) == 1, company: bit(4) == 1, has: bit(5)})
	}
	return out
}

// mergeFirms merges two firms on one side.
func (w *World) mergeFirms(f *twinFirms, side core.Side) {
	w.T.Helper()
	stays, goes := f.ids[side][f.keeps[side]], f.ids[side][1-f.keeps[side]]
	f.stays[side] = stays
	if side == core.Salesforce {
		w.must(w.Org.As(admin).Merge("Account", stays, goes))
		return
	}
	id, err := w.Portal.As(admin).Merge("companies", stays, goes)
	w.must(err)
	f.stays[side] = id
}

// TestLIM7_LIM4_FirmsThatAreMergedOnBothSidesStayLinked in every order, whoever is kept, where
// companies match by their domains: nobody is made, and who is made meanwhile with the domain
// of one of them takes no survivor away.
func TestLIM7_LIM4_FirmsThatAreMergedOnBothSidesStayLinked(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, mode := range []string{"new_id", "keep_primary"} {
			t.Run(mode, func(t *testing.T) {
				w := New(t, profile, companyKeys("id", "domain"), Portal(func(o *hubspotsim.Options) { o.MergeMode = mode }))
				all := everyFirms()
				for n, f := range all {
					for who := range 2 {
						f.ids[core.Salesforce][who] = w.account(fmt.Sprintf("F%d-%d", n, who), "Website", fmt.Sprintf("https://f%d-%d.example", n, who))
					}
				}
				w.again()
				for _, f := range all {
					for who := range 2 {
						if f.ids[core.HubSpot][who] = w.partner(f.ids[core.Salesforce][who]); f.ids[core.HubSpot][who] == "" {
							t.Fatalf("%v: not linked", f)
						}
					}
				}
				w.Advance(time.Minute)
				for _, f := range all {
					w.mergeFirms(f, f.first)
					if !f.synced {
						w.mergeFirms(f, f.first.Other())
					}
				}
				for n, f := range all {
					domain := fmt.Sprintf("f%d-%d.example", n, f.has)
					if f.company {
						f.third = w.company(fmt.Sprintf("T%d", n))
						w.must(w.Portal.As(admin).Update("companies", f.third, map[string]string{"domain": domain}))
					} else {
						f.third = w.account(fmt.Sprintf("T%d", n), "Website", "https://"+domain)
					}
				}
				w.thrice()
				w.Advance(time.Minute)
				for _, f := range all {
					if f.synced {
						w.mergeFirms(f, f.first.Other())
					}
				}
				w.thrice()
				w.Advance(time.Minute)
				w.thrice()
				for _, f := range all {
					if got := w.partner(f.stays[core.Salesforce]); got != f.stays[core.HubSpot] {
						t.Errorf("%v: the account that is kept is linked with %q, want %s", f, got, f.stays[core.HubSpot])
					}
				}
				since := w.Now()
				w.Advance(time.Hour)
				w.thrice()
				if n := w.ours(since); n != [2]int{} {
					t.Errorf("%v writes while nobody did anything", n)
				}
			})
		}
	})
}

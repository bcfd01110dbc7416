package simtest

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// optFigures count the calls that opt-outs cost beside reading and comparing the pairs.
type optFigures struct{ consent, writes, lookups atomic.Int64 }

func (f *optFigures) count(side core.Side, r *http.Request) error {
	switch {
	case strings.HasPrefix(r.URL.Path, "/communication-preferences/"):
		f.consent.Add(1)
	case side == core.Salesforce && isWrite(r):
		f.writes.Add(1)
	case side == core.Salesforce && strings.Contains(r.URL.RawQuery, "Email+IN"):
		f.lookups.Add(1)
	}
	return nil
}

// TestOPT2_WhatOptOutsCost counts the calls of opt-outs of either side, with and without
// HubSpot's batches, which its enterprise tier alone has. It logs them per 1,000.
func TestOPT2_WhatOptOutsCost(t *testing.T) {
	const n = 200
	for tier, most := range map[string]int64{"enterprise": n/100*2 + 4, "professional": n + 2} {
		for _, from := range core.Sides {
			t.Run(tier+" from "+from.String(), func(t *testing.T) {
				w := New(t, people(func(c *config.Connection) { c.Brakes.Changed = config.BrakeLimit{AtLeast: 10 * n, Share: 1} }), Portal(func(o *hubspotsim.Options) { o.Tier = tier }), Workers(1))
				var contacts []string
				for i := range n {
					contacts = append(contacts, w.made(core.Contact, "LastName", "P", "Email", fmt.Sprintf("p%d@x.com", i)))
				}
				w.Sync()
				w.again()
				for i, id := range contacts {
					if from == core.Salesforce {
						w.tick(core.Contact, id, true)
					} else {
						w.optOut(fmt.Sprintf("p%d@x.com", i))
					}
				}
				f := &optFigures{}
				w.On(f.count)
				w.again()
				w.again()
				w.On(nil)
				for i, id := range contacts {
					w.wantOptOut(core.Contact, id, fmt.Sprintf("p%d@x.com", i))
				}
				if got := f.consent.Load(); got > most {
					t.Errorf("%d calls to communication preferences, want %d at most", got, most)
				}
				t.Logf("per 1,000 opt-outs from %s, %s: %d calls to communication preferences, %d writes to Salesforce and %d look-ups by address",
					from, tier, f.consent.Load()*1000/n, f.writes.Load()*1000/n, f.lookups.Load()*1000/n)
			})
		}
	}
}

package simtest

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// optFigures count the calls that opt-outs cost beside reading and comparing the pairs.
// Of the look-ups in Salesforce it counts the addresses: a sync under load may meet the
// opt-outs in two parts, and the document tells of full calls.
type optFigures struct{ consent, writes, addresses atomic.Int64 }

// addressesACall is how many addresses one look-up asks for at most.
const addressesACall = 200

func (f *optFigures) lookups() int64 {
	return (f.addresses.Load() + addressesACall - 1) / addressesACall
}

func (f *optFigures) count(side core.Side, r *http.Request) error {
	switch {
	case strings.HasPrefix(r.URL.Path, "/communication-preferences/"):
		f.consent.Add(1)
	case side == core.Salesforce && isWrite(r):
		f.writes.Add(1)
	case side == core.Salesforce:
		if _, asked, is := strings.Cut(r.URL.Query().Get("q"), "Email IN ("); is {
			f.addresses.Add(int64(strings.Count(asked[:strings.IndexByte(asked, ')')], "'")) / 2)
		}
	}
	return nil
}

// consentCalls finds the calls of a row of the table "What it costs", by column.
var consentCalls = regexp.MustCompile(`(?m)^\| ([^|]+) \| ([\d,]+) calls[^|]*\| ([\d,]+|the same)`)

// asDocumented fails where docs/consent.md tells other figures for 1,000 opt-outs.
func (f *optFigures) asDocumented(t *testing.T, from core.Side, tier string, n int64) {
	t.Helper()
	doc, err := os.ReadFile("../../docs/consent.md")
	if err != nil {
		t.Fatal(err)
	}
	measured := map[string]int64{"HubSpot, communication preferences": f.consent.Load(), "Salesforce, who else has the addresses": f.lookups()}
	if from == core.HubSpot {
		measured["Salesforce, for opt-outs of HubSpot"] = f.writes.Load()
	}
	for _, row := range consentCalls.FindAllStringSubmatch(string(doc), -1) {
		got, counted := measured[row[1]]
		if delete(measured, row[1]); !counted {
			continue
		}
		told := row[2]
		if tier != "enterprise" && row[3] != "the same" {
			told, got = row[3], got-1 // the call that tells that there are no batches
		}
		if want, err := strconv.ParseInt(strings.ReplaceAll(told, ",", ""), 10, 64); err != nil || got*1000 != want*n {
			t.Errorf("%s: %d calls for %d opt-outs, documented %s for 1,000", row[1], got, n, told)
		}
	}
	if len(measured) > 0 {
		t.Errorf("docs/consent.md does not tell of %v", slices.Sorted(maps.Keys(measured)))
	}
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
				f.asDocumented(t, from, tier, n)
				t.Logf("per 1,000 opt-outs from %s, %s: %d calls to communication preferences, %d writes to Salesforce and %d look-ups by address",
					from, tier, f.consent.Load()*1000/n, f.writes.Load()*1000/n, f.lookups()*1000/n)
			})
		}
	}
}

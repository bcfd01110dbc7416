package simtest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// disturbance is one way in which the change feeds of both sides misbehave.
type disturbance struct {
	name string
	opts []Option
	org  salesforcesim.Fault // of change events; blank Do for none
	// portal spoils the portal's feed.
	portal Carry
	// again feeds past events of the portal again, in any order.
	again bool
}

func pollOnly(s *setup) {
	Settings(func(c *config.Connection) { c.Salesforce.Events, c.HubSpot.Events.Journal = "poll", nil })(s)
}

// deafEvery loses the journal's answers: each n-th call fails.
func deafEvery(n int) Carry {
	calls := 0
	return func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if side == core.HubSpot && strings.Contains(r.URL.Path, "journal") {
			if calls++; calls%n == 0 {
				return nil, errReset
			}
		}
		return next.RoundTrip(r)
	}
}

var disturbances = []disturbance{
	{name: "E1 every event twice", org: salesforcesim.Fault{Do: "dup_event"}, again: true},
	{name: "E2 events held back", org: salesforcesim.Fault{Do: "hold_event", Every: 2}, again: true},
	{name: "E3 events lost", org: salesforcesim.Fault{Do: "drop_event", Every: 2}, portal: deafEvery(3)},
	{name: "E3 all events lost", org: salesforcesim.Fault{Do: "drop_event"}},
	{name: "E6 gaps", org: salesforcesim.Fault{Do: "gap_event", Every: 2}},
	{name: "E8 stream cut", org: salesforcesim.Fault{Do: "cut_stream", Every: 3}},
	{name: "MR3 polls alone", opts: []Option{pollOnly}},
}

// TestI9_MR_EventsChangeOnlyWhenNotWhat plays one history of edits under every
// disturbance of the feeds; the end is that of the undisturbed run.
func TestI9_MR_EventsChangeOnlyWhenNotWhat(t *testing.T) {
	for seed := range uint64(1) {
		var want string
		inBubble(t, func(t testing.TB) { want = history(t, seed, disturbance{}) })
		if n := len(strings.Split(want, "\n")); n < 5 {
			t.Fatalf("only %d pairs came about:\n%s", n, want)
		}
		for _, d := range disturbances {
			t.Run(fmt.Sprintf("seed %d %s", seed, d.name), func(t *testing.T) {
				bubble(t, func(t testing.TB) {
					if got := history(t, seed, d); got != want {
						t.Errorf("end\n%s\nwant\n%s", got, want)
					}
				})
			})
		}
	}
}

func history(t testing.TB, seed uint64, d disturbance) string {
	w := newTrial(t, append([]Option{events(), Settings(func(c *config.Connection) {
		c.PollEvery, c.SweepEvery = config.Duration(6*time.Second), config.Duration(2*time.Minute)
	})}, d.opts...)...)
	w.heal()
	if d.org.Do != "" {
		w.breakOrg(d.org)
	}
	w.Through(d.portal)
	w.serving()
	rng := rand.New(rand.NewPCG(seed, 3))
	records := [2][]string{}
	for n := range 24 {
		w.act(rng, n, &records)
		time.Sleep(7 * time.Second) // more than the doubt about the clocks
		if d.again {
			w.toldAgain(rand.New(rand.NewPCG(seed, uint64(n))))
		}
	}
	time.Sleep(5 * time.Minute)
	w.stop()
	w.mend()
	w.heal()
	return w.endState()
}

// act is the n-th edit of a history: it depends on the seed alone, since the
// records are those that users made.
func (w *trial) act(rng *rand.Rand, n int, records *[2][]string) {
	w.T.Helper()
	side := core.Side(rng.IntN(2))
	if n < 6 || rng.IntN(6) == 0 {
		records[side] = append(records[side], w.madeOn(side, n))
		return
	}
	if len(records[side]) == 0 {
		side = side.Other()
	}
	id := records[side][rng.IntN(len(records[side]))]
	where := core.Side(rng.IntN(2))
	if where != side {
		partner := w.partner(id)
		if partner == "" {
			where = side // not made yet in a disturbed run: users edit what is there
		} else {
			id = partner
		}
	}
	value := fmt.Sprintf("value %d", n)
	if where == core.Salesforce {
		w.editAccount(id, []string{"Name", "BillingCity"}[rng.IntN(2)], value)
	} else {
		w.editCompany(id, []string{"name", "city"}[rng.IntN(2)], value)
	}
}

func (w *trial) madeOn(side core.Side, n int) string {
	if side == core.Salesforce {
		return w.account(fmt.Sprintf("Account %d", n))
	}
	return w.company(fmt.Sprintf("Company %d", n), w.person(fmt.Sprintf("P%d", n), fmt.Sprintf("p%d@c%d.com", n, n)))
}

// toldAgain delivers some of the portal's past events once more, shuffled.
func (w *trial) toldAgain(rng *rand.Rand) {
	w.T.Helper()
	var events []connector.Event
	for _, e := range w.Portal.Ledger() {
		if e.Object != "companies" || rng.IntN(4) > 0 {
			continue
		}
		events = append(events, connector.Event{Kind: connector.EventUpdate, At: e.Time, Changed: map[string]string{e.Property: e.After},
			Ref: core.Ref{Side: core.HubSpot, Object: core.Companies, ID: e.ID}})
	}
	rng.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	w.must(w.Engine.CaptureWebhooks(w.T.Context(), w.Conn, events))
}

// endState is both sides in a form in which two runs compare: ids depend on the
// order of creates, values do not.
func (w *trial) endState() string {
	w.T.Helper()
	var out []string
	for _, p := range w.settledAfter(1) {
		out = append(out, fmt.Sprintf("%s|%s|%s|%s", w.accountValue(p.account, "Name"), w.accountValue(p.account, "BillingCity"), w.companyValue(p.company, "name"), w.companyValue(p.company, "city")))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

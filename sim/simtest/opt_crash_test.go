package simtest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// optTrial is a world in virtual time in which three people have opted out or come back
// and nobody has synced since: one in Salesforce, one in HubSpot, one who came back; the
// first two stand in Salesforce twice.
func optTrial(t testing.TB) *trial {
	w := newTrial(t, people(), Settings(func(c *config.Connection) {
		c.Salesforce.SettleUnknown, c.HubSpot.SettleUnknown = config.Duration(time.Second), config.Duration(time.Second)
	}))
	for _, name := range []string{"sf", "hs", "back"} {
		w.made(core.Contact, "LastName", name, "Email", name+"@x.com")
	}
	w.Sync()
	w.optOut("back@x.com")
	w.again()
	time.Sleep(time.Minute)
	w.again()
	w.made(core.Lead, "LastName", "sf", "Company", "Co", "Email", "sf@x.com")
	w.made(core.Lead, "LastName", "hs", "Company", "Co", "Email", "hs@x.com")
	w.tick(core.Contact, w.idOf("sf"), true)
	w.optOut("hs@x.com")
	w.optBack("back@x.com", "")
	time.Sleep(5 * time.Second)
	return w
}

func (w *World) idOf(lastName string) string {
	w.T.Helper()
	rows, err := w.Org.As(admin).Query("SELECT Id FROM Contact WHERE LastName = '" + lastName + "'")
	w.must(err)
	return fmt.Sprint(rows[0]["Id"])
}

// rest ends all faults and syncs until nobody has anything to add. The second record of
// an address never comes to rest: it waits to be merged (DEDUP-9).
func (w *trial) rest() {
	w.T.Helper()
	w.mend()
	for range 4 {
		if _, err := w.syncFor(time.Hour); err != nil {
			w.revive(err)
		}
		time.Sleep(11 * time.Minute)
	}
}

// optEnd judges the end: every opt-out stands on both sides, and who came back is back. Who
// only has the address is opted out in tandem (LIM-12), and not in classic (OPT-4).
func (w *trial) optEnd() {
	w.T.Helper()
	w.rest()
	for _, name := range []string{"sf", "hs"} {
		w.wantOptOut(core.Contact, w.idOf(name), name+"@x.com")
		rows, err := w.Org.As(admin).Query("SELECT Id FROM Lead WHERE LastName = '" + name + "'")
		w.must(err)
		w.wantBox(core.Lead, fmt.Sprint(rows[0]["Id"]), w.settings.Profile != config.Classic)
	}
	w.wantBox(core.Contact, w.idOf("back"), false)
	w.wantOut("back@x.com", false)
	w.wantLifts(w.idOf("back"))
}

// TestOPT2_ACrashAtEveryCommitLosesNoOptOut lets the process die before or after each
// commit; in classic at a few.
func TestOPT2_ACrashAtEveryCommitLosesNoOptOut(t *testing.T) {
	optCrashes(t, 1)
	t.Run("classic", func(t *testing.T) { optCrashes(t, 15) })
}

// optCrashes lets it die at every nth commit.
func optCrashes(t *testing.T, every int64) {
	t.Helper()
	var commits int64
	inBubble(t, func(t testing.TB) {
		w := optTrial(t)
		w.shut()
		w.AfterCommit = func(at int64) error { commits = at; return nil }
		w.Open()
		w.optEnd()
	})
	if commits < 8 {
		t.Fatalf("%d commits", commits)
	}
	for n := int64(1); n <= commits; n += every {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w := optTrial(t)
				w.dieAt(n, n%2 == 0)
				if _, err := w.syncFor(time.Hour); err != nil {
					w.revive(err)
				}
				w.BeforeCommit, w.AfterCommit = nil, nil
				w.optEnd()
			})
		})
	}
}

// TestOPT2_AKillAroundEveryCallLosesNoOptOut kills the process around each call that
// writes, sent or not.
func TestOPT2_AKillAroundEveryCallLosesNoOptOut(t *testing.T) {
	for _, sent := range []bool{false, true} {
		t.Run(fmt.Sprintf("sent %v", sent), func(t *testing.T) {
			t.Parallel()
			kills := 0
			for came := true; came && !t.Failed(); {
				inBubble(t, func(t testing.TB) { came = optKill(t, kills+1, sent) })
				kills++
			}
			if kills < 4 {
				t.Errorf("%d calls wrote", kills)
			}
		})
	}
}

func optKill(t testing.TB, n int, sent bool) bool {
	w := optTrial(t)
	died, seen := make(chan struct{}), 0
	w.Through(func(_ core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		writes := isWrite(r) || r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/unsubscribe-all")
		if writes {
			seen++
		}
		if !writes || seen != n {
			return next.RoundTrip(r)
		}
		if sent {
			_, _ = next.RoundTrip(r)
		}
		close(died)
		return hung(r)
	})
	ctx, cancel := cancelOn(died)
	defer cancel()
	_, err := w.Engine.Once(ctx, w.Conn)
	w.shut()
	w.Open()
	w.optEnd()
	return err != nil
}

// TestOPT3_RandomEditsOnBothSidesLiftNoOptOut lets people of both sides act in a random
// order, with syncs between, and looks for an opt-out that a write of ours lifted.
func TestOPT3_RandomEditsOnBothSidesLiftNoOptOut(t *testing.T) {
	for _, profile := range []config.Profile{config.Classic, config.Tandem} {
		for seed := range uint64(12) {
			t.Run(fmt.Sprint(profile, " ", seed), func(t *testing.T) {
				bubble(t, func(t testing.TB) { randomConsent(t, profile, rand.New(rand.NewPCG(seed, 4))) })
			})
		}
	}
}

func randomConsent(t testing.TB, profile config.Profile, rng *rand.Rand) {
	const email = "a@x.com"
	w := newTrial(t, people(func(c *config.Connection) { c.Profile = profile }))
	contact := w.made(core.Contact, "LastName", "A", "Email", email)
	w.Sync()
	hs := w.wantMate(contact)
	lead := w.made(core.Lead, "LastName", "A", "Company", "Co", "Email", email)
	var log []string
	acts := []struct {
		name string
		do   func()
	}{
		{"tick", func() { w.tick(core.Contact, contact, true) }},
		{"untick", func() { w.tick(core.Contact, contact, false) }},
		{"tick lead", func() { w.tick(core.Lead, lead, true) }},
		{"untick lead", func() { w.tick(core.Lead, lead, false) }},
		{"out", func() { w.optOut(email) }},
		{"back", func() { w.optBack(email, "") }},
		{"basis", func() { w.optBack(email, "CONSENT_WITH_NOTICE") }},
		{"api", func() { w.subscribeByAPI(email) }},
		{"edit", func() { w.change(core.Contact, contact, "Phone", fmt.Sprint(rng.Int())) }},
		{"edit hs", func() { w.change(core.Contacts, hs, "city", fmt.Sprint(rng.Int())) }},
		{"sync", func() { w.Sync() }},
		{"sync", func() { w.Sync() }},
		{"sync", func() { w.Sync() }},
		{"wait", func() { time.Sleep(time.Minute) }},
	}
	for range 60 {
		a := acts[rng.IntN(len(acts))]
		log = append(log, a.name)
		a.do()
		time.Sleep(time.Duration(rng.IntN(4000)) * time.Millisecond)
	}
	w.rest()
	out := w.Portal.As(admin).Consent(email).OptedOut
	known := profile == config.Tandem // classic passes nothing for who is not linked (OPT-4, LIM-12)
	if w.box(core.Contact, contact) != out || known && w.box(core.Lead, lead) != out {
		t.Errorf("in the end HubSpot says %v, the contact %v, the lead %v, after %v", out, w.box(core.Contact, contact), w.box(core.Lead, lead), log)
	}
	w.wantLawfulLifts(email, log)
}

// subscribeByAPI is an integration that subscribes an address and states no basis.
func (w *World) subscribeByAPI(email string) {
	w.T.Helper()
	r, err := http.NewRequestWithContext(w.T.Context(), http.MethodPost, "http://portal/communication-preferences/v4/statuses/"+email,
		strings.NewReader(fmt.Sprintf(`{"subscriptionId":%d,"statusState":"SUBSCRIBED","channel":"EMAIL"}`, marketing)))
	w.must(err)
	r.Header.Set("Authorization", "Bearer "+w.Portal.Info().IntegrationToken)
	r.Header.Set("Content-Type", "application/json")
	resp, err := Transport(w.Portal).RoundTrip(r)
	w.must(err)
	if resp.StatusCode != http.StatusOK {
		w.T.Fatalf("subscribe by API: %s", resp.Status)
	}
}

// wantLawfulLifts judges each box that we cleared by the ledgers: before it somebody came
// back in HubSpot by right, nobody opted out there since, and the box was ticked earlier.
func (w *World) wantLawfulLifts(email string, log []string) {
	w.T.Helper()
	tickedAt := map[string]time.Time{}
	for _, e := range w.Org.Ledger() {
		if e.Field != "HasOptedOutOfEmail" {
			continue
		}
		if fmt.Sprint(e.After) == "true" {
			tickedAt[e.ID] = e.Time
			continue
		}
		if e.Client != w.client() || fmt.Sprint(e.Before) != "true" {
			continue
		}
		if back, right := w.lastWord(email, e.Time); !right || !tickedAt[e.ID].Before(back) {
			w.T.Errorf("cleared %s at %s: ticked %s, back %s (by right %v), after %v", e.ID, e.Time, tickedAt[e.ID], back, right, log)
		}
	}
}

// lastWord is when the address was last said to be back before a moment, and whether
// that was by right and nothing else was said since.
func (w *World) lastWord(email string, before time.Time) (at time.Time, right bool) {
	for _, e := range w.Portal.Ledger() {
		if e.Op == "consent" && e.ID == email && e.Property == "unsubscribe-all" && e.Time.Before(before) {
			at, right = e.Time, e.After == "SUBSCRIBED" && !strings.Contains(e.Source, "INTEGRATION")
		}
	}
	return at, right
}

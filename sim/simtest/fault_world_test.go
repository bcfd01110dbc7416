package simtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// serial hides that a test could run in parallel: a bubble is one test's own.
type serial struct{ testing.TB }

// bubble runs a test beside others in virtual time, where an hour of waiting
// costs nothing and every timeout of the engine happens at the moment it is due.
func bubble(t *testing.T, f func(t testing.TB)) {
	t.Helper()
	t.Parallel()
	inBubble(t, f)
}

// inBubble is bubble for a part of a test.
func inBubble(t *testing.T, f func(t testing.TB)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(serial{t}) })
}

// trial is a world that is put through faults and judged by ledgers and records.
type trial struct{ *World }

// newTrial makes a world whose administrator may see our key field.
func newTrial(t testing.TB, opts ...Option) *trial {
	t.Helper()
	w := &trial{New(t, opts...)}
	w.must(w.Org.GrantField("Account", w.orgKey()))
	return w
}

// shut closes the store, if it came to be open.
func (w *trial) shut() {
	if w.Store != nil {
		_ = w.Store.Close()
	}
}

// syncFor is TrySync with a bound in virtual time that outlasts the vendors'
// longest requests.
func (w *trial) syncFor(d time.Duration) (engine.Result, error) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return w.Engine.Once(ctx, w.Conn)
}

// heal ends all faults and syncs over virtual hours until nothing is due, waits
// or is unsettled; it fails the test where that does not come about.
func (w *trial) heal() engine.Result {
	w.T.Helper()
	w.mend()
	var res engine.Result
	var err error
	for range 12 {
		if res, err = w.syncFor(time.Hour); err == nil && res.Converged && res.Waiting == 0 {
			return res
		}
		if errors.Is(err, errCrash) {
			w.revive(err) // the run had fewer commits than the one that was counted
		}
		time.Sleep(11 * time.Minute)
	}
	w.T.Fatalf("not healed after two hours: %+v %v; open: %v", res, err, w.openIssues())
	return res
}

func (w *trial) mend() {
	w.On(nil)
	w.Through(nil)
	w.Org.ClearFaults()
	w.Portal.Mend()
}

func (w *trial) breakOrg(f salesforcesim.Fault) {
	w.T.Helper()
	w.must(w.Org.AddFault(f))
}

func (w *trial) breakPortal(do, method, path string, times int) {
	w.T.Helper()
	f := hubspotsim.Fault{Do: do, Times: times}
	f.Match.Method, f.Match.Path = method, path
	w.must(w.Portal.Break(f))
}

// orgKey and portalKey are the fields in which the other side's id stands.
func (w *trial) orgKey() string    { return "Tandem_Key_" + w.Portal.Info().PortalID + "__c" }
func (w *trial) portalKey() string { return "tandem_key_" + strings.ToLower(w.Org.Info().OrgID) }

// created counts, by the counterpart's id, what the integration created on each
// side as the ledgers tell.
func (w *trial) created() (out [2]map[string][]string) {
	out = [2]map[string][]string{{}, {}}
	for _, e := range w.Org.Ledger() {
		if e.Op == "create" && e.Object == "Account" && strings.EqualFold(e.Field, w.orgKey()) {
			out[core.Salesforce][fmt.Sprint(e.After)] = append(out[core.Salesforce][fmt.Sprint(e.After)], e.ID)
		}
	}
	for _, e := range w.Portal.Ledger() {
		if e.Op == "create" && e.Object == "companies" && e.Property == w.portalKey() {
			out[core.HubSpot][e.After] = append(out[core.HubSpot][e.After], e.ID)
		}
	}
	return out
}

// pair is an account and its company, as their own key fields tell.
type pair struct{ account, company string }

// pairs reads all accounts and companies and fails the test where one has no
// partner, two partners, or a partner that does not point back.
func (w *trial) pairs() []pair {
	w.T.Helper()
	rows, err := w.Org.As(admin).Query("SELECT Id, " + w.orgKey() + " FROM Account ORDER BY Id")
	w.must(err)
	var out []pair
	companies := w.companies()
	for _, r := range rows {
		id, company := r["Id"].(string), fmt.Sprint(r[w.orgKey()])
		if companies[company] != id {
			w.T.Errorf("account %s points to company %q, which points to %q", id, company, companies[company])
			continue
		}
		delete(companies, company)
		out = append(out, pair{id, company})
	}
	for id, account := range companies {
		w.T.Errorf("company %s points to account %q, which does not point back", id, account)
	}
	return out
}

// companies are the live companies with the account each one points to.
func (w *trial) companies() map[string]string {
	w.T.Helper()
	out := map[string]string{}
	for _, e := range w.Portal.Ledger() {
		if e.Object != "companies" || e.Op != "create" {
			continue
		}
		if got, ok := w.Portal.As(admin).Get("companies", e.ID); ok {
			out[e.ID] = got[w.portalKey()]
		}
	}
	return out
}

// noTwins fails the test where the integration created a thing twice.
func (w *trial) noTwins() {
	w.T.Helper()
	for side, made := range w.created() {
		for source, ids := range made {
			if len(ids) > 1 {
				w.T.Errorf("%s: %d records were created for %s: %v", core.Side(side), len(ids), source, ids)
			}
		}
	}
}

// same fails the test where a mapped field of a pair differs.
func (w *trial) same(ps []pair) {
	w.T.Helper()
	for _, p := range ps {
		for _, m := range w.settings.Mappings["company"] {
			sf, hs := w.accountValue(p.account, m.Salesforce), w.companyValue(p.company, m.HubSpot)
			if m.HubSpot == "domain" {
				sf = strings.TrimPrefix(strings.TrimPrefix(sf, "https://"), "www.")
			}
			if sf != hs && !w.excused(p, m.Salesforce, m.HubSpot) {
				w.T.Errorf("account %s %s %q, company %s %s %q", p.account, m.Salesforce, sf, p.company, m.HubSpot, hs)
			}
		}
	}
}

// excused reports an open issue that names a field of the pair.
func (w *trial) excused(p pair, fields ...string) bool {
	for _, i := range w.Explain(p.account).Issues {
		for _, f := range fields {
			if strings.EqualFold(i.Field, f) {
				return true
			}
		}
	}
	return false
}

// writes are what the integration wrote on both sides.
func (w *trial) writes() (out []string) {
	for _, e := range w.Org.Ledger() {
		if strings.HasPrefix(e.Client, "tandem") || strings.Contains(strings.ToLower(e.Who), "integration") {
			out = append(out, fmt.Sprintf("%+v", e))
		}
	}
	for _, e := range w.Portal.Ledger() {
		if e.Source == "INTEGRATION" {
			out = append(out, fmt.Sprintf("%+v", e))
		}
	}
	return out
}

// settled checks that everything is in step, and that more cycles, a sweep
// in each, write nothing (I7).
func (w *trial) settled() []pair { return w.settledAfter(2) }

func (w *trial) settledAfter(cycles int) []pair {
	w.T.Helper()
	ps := w.pairs()
	w.noTwins()
	w.same(ps)
	before := w.writes()
	for range cycles {
		w.must(w.Engine.QueueSweeps(context.Background(), w.Conn))
		time.Sleep(time.Minute)
		if res, err := w.syncFor(time.Hour); err != nil || !res.Converged {
			w.T.Fatalf("idle sync: %+v %v", res, err)
		}
	}
	after := w.writes()
	if len(after) != len(before) {
		after = slices.DeleteFunc(after, func(s string) bool { return slices.Contains(before, s) })
		w.T.Errorf("%d writes while idle (I7):\n%s", len(after), strings.Join(after, "\n"))
	}
	return ps
}

// lost are the values in the conflict log, which another one was preferred to.
func (w *trial) lost() (out []engine.Conflict) {
	w.T.Helper()
	w.must(w.Store.View(context.Background(), func(tx *store.Tx) error {
		entries, err := tx.Conflicts(w.Conn.ID, 0, 100000)
		for _, e := range entries {
			var body engine.Entry
			if err := json.Unmarshal(e.Body, &body); err != nil {
				return err
			}
			out = append(out, body.Conflicts...)
		}
		return err
	}))
	return out
}

// issues are the open issues of the connection.
func (w *trial) issues() (out []core.Issue) {
	w.T.Helper()
	w.must(w.Store.View(context.Background(), func(tx *store.Tx) (err error) {
		out, err = tx.Issues(w.Conn.ID, store.IssueFilter{Limit: 1000})
		return err
	}))
	return out
}

// cancelOn is a context that ends with a channel.
func cancelOn(done <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		select {
		case <-done:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

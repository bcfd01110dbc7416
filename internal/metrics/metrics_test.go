package metrics

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func source(of map[string]engine.Status) Source {
	return Source{Now: func() time.Time { return at }, Version: "v1", Connections: func() []string { return []string{"acme", "gone"} }, Status: func(_ context.Context, name string) (engine.Status, error) {
		if s, ok := of[name]; ok {
			return s, nil
		}
		return engine.Status{}, errors.New("no store")
	}}
}

func full() engine.Status {
	return engine.Status{
		Pairs: core.StandardPairs[:2], Paused: true, Suspended: "token", Held: []string{"deal"}, Problems: []string{"a", "b"},
		Brakes: []store.Brake{{Kind: "emptied", Reason: "Ann Example"}}, Swept: at.Add(-time.Hour),
		Links:  map[core.Pair]map[core.LinkState]int{core.CompanyPair: {core.LinkActive: 7, core.LinkClosed: 1}},
		Work:   map[core.Pair]store.Stats{core.CompanyPair: {Due: 3, Waiting: 2, Late: 1, Oldest: at.Add(-90 * time.Second)}},
		Issues: []store.IssueCount{{Pair: core.ContactPair, Category: core.CategoryDuplicate, Count: 4}},
		Sides: map[string]engine.SideStatus{
			"salesforce": {Feed: "cdc", Covered: at.Add(time.Minute), Usage: connector.Usage{Used: 50, Max: 100, Ours: 20, Limit: 40}},
			"hubspot":    {Feed: "poll", Covered: at.Add(-time.Minute), Usage: connector.Usage{Ours: 5}},
		},
	}
}

// TestAScrapeTellsTheStateOfEachConnection: everything that a connection tells is there
// once, what it does not tell is absent, and one that cannot be asked hides no other.
func TestAScrapeTellsTheStateOfEachConnection(t *testing.T) {
	const want = `
# HELP tandem_up 1 where the state of the connection can be told.
# TYPE tandem_up gauge
tandem_up{connection="acme"} 1
tandem_up{connection="gone"} 0
`
	c := collector{source(map[string]engine.Status{"acme": full()})}
	if err := testutil.CollectAndCompare(c, strings.NewReader(want), "tandem_up"); err != nil {
		t.Error(err)
	}
	page := scrape(t, c.Source)
	for _, line := range []string{
		`tandem_paused{connection="acme"} 1`,
		`tandem_suspended{connection="acme"} 1`,
		`tandem_disconnected{connection="acme"} 0`,
		`tandem_held_back{connection="acme"} 1`,
		`tandem_mapping_problems{connection="acme"} 2`,
		`tandem_brake{connection="acme",kind="emptied"} 1`,
		`tandem_sweep_age_seconds{connection="acme"} 3600`,
		`tandem_links{connection="acme",object="company",state="active"} 7`,
		`tandem_links{connection="acme",object="company",state="closed"} 1`,
		`tandem_records_due{connection="acme",object="company"} 3`,
		`tandem_records_waiting{connection="acme",object="company"} 2`,
		`tandem_records_late{connection="acme",object="company"} 1`,
		`tandem_lag_seconds{connection="acme",object="company"} 90`,
		`tandem_lag_seconds{connection="acme",object="contact"} 0`,
		`tandem_issues{category="` + string(core.CategoryDuplicate) + `",connection="acme",object="contact"} 4`,
		`tandem_feed{connection="acme",feed="cdc",side="salesforce"} 1`,
		`tandem_covered_age_seconds{connection="acme",side="salesforce"} 0`, // its clock is ahead
		`tandem_covered_age_seconds{connection="acme",side="hubspot"} 60`,
		`tandem_api_calls{connection="acme",side="salesforce"} 20`,
		`tandem_api_calls_share{connection="acme",side="salesforce"} 40`,
		`tandem_api_calls_all{connection="acme",side="salesforce"} 50`,
		`tandem_api_calls_limit{connection="acme",side="salesforce"} 100`,
		`tandem_api_calls{connection="acme",side="hubspot"} 5`,
		`tandem_build_info{version="v1"} 1`,
	} {
		if strings.Count(page, "\n"+line+"\n") != 1 {
			t.Errorf("not there once: %s", line)
		}
	}
	for _, absent := range []string{`tandem_api_calls_limit{connection="acme",side="hubspot"}`, `connection="gone",`, "Ann Example"} {
		if strings.Contains(page, absent) {
			t.Errorf("is there: %s", absent)
		}
	}
}

// TestEveryMetricIsScraped: no metric is declared that a connection in full never shows.
func TestEveryMetricIsScraped(t *testing.T) {
	page := scrape(t, source(map[string]engine.Status{"acme": full()}))
	for _, m := range described {
		name, _, _ := strings.Cut(strings.TrimPrefix(m.desc.String(), `Desc{fqName: "`), `"`)
		if !strings.Contains(page, "\n"+name+"{") {
			t.Errorf("%s is never told", name)
		}
	}
	lint, err := testutil.CollectAndLint(collector{source(map[string]engine.Status{"acme": full()})})
	if err != nil || len(lint) > 0 {
		t.Errorf("names: %v %v", lint, err)
	}
}

func scrape(t *testing.T, s Source) string {
	t.Helper()
	w := httptest.NewRecorder()
	Handler(s).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

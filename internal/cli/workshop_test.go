package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestRoundTrip_TheWorkshopOrgComesBackEqual takes a whole org of real exports to an empty
// portal, edits a field of every record on one side or the other, and compares: every
// mapped field of every linked record is equal on both sides, or an open issue names it.
func TestRoundTrip_TheWorkshopOrgComesBackEqual(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	for _, d := range w.pairs {
		w.must(0, "import", string(d.Name))
	}
	w.must(0, "import", string(core.ActivityPair))
	w.readStages("deals")
	w.readStages("tickets")
	w.inStep("after the import")
	w.editAll()
	w.editTasks()
	campaign, joins, leaves := w.editCampaigns()
	w.must(exitNot, "sync", "--once") // so many edits at once are for a person to look at
	w.must(0, "resume", "--clear-brake", "changed")
	w.must(0, "sync", "--once")
	w.inStep("after the edits")
	w.wantMember(campaign, joins, 1)
	w.wantMember(campaign, leaves, 0)
	before := w.ours()
	w.must(0, "sync", "--once")
	if n := w.ours() - before; n != 0 {
		t.Errorf("%d writes of a sync with nothing to do", n)
	}
}

// workshop is a rig whose org holds the workshop's export, and whose portal is empty.
type workshop struct {
	*rig
	pairs    core.PairSet
	mappings map[string][]config.Mapping
	stages   map[string]string // the label of each stage of the portal, by its id
}

func newWorkshop(t *testing.T) *workshop {
	t.Helper()
	dir := filepath.Join(os.Getenv("TANDEM_DATA"), "salesforce-data-cloud-workshop")
	if _, err := os.Stat(dir); err != nil || os.Getenv("TANDEM_DATA") == "" {
		t.Skip("TANDEM_DATA names no folder with salesforce-data-cloud-workshop")
	}
	r := newRigWith(t, func(s *simulators) error {
		_, err := s.org.Load(dir)
		return err
	})
	r.edit(func(f *config.File) {
		c := &f.Connections[0]
		c.Companies.Sync, c.Contacts.Sync, c.Deals.Sync, c.Tickets.Sync = true, true, true, true
		withActivities(c)
	})
	r.must(0, "init", "--fields", "--yes")
	c := r.load().Connections[0]
	w := &workshop{rig: r, pairs: slices.DeleteFunc(slices.Clone(c.Pairs()), func(d core.PairDef) bool { return d.Name == core.ActivityPair || !c.Syncs(d.Name) }), mappings: c.Mappings, stages: map[string]string{}}
	return w
}

// readStages learns what the stages of an object's pipelines are called.
func (w *workshop) readStages(object string) {
	w.t.Helper()
	var got struct {
		Results []struct {
			Stages []struct{ ID, Label string }
		}
	}
	rec := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodGet, "/crm/v3/pipelines/"+object, nil)
	req.Header.Set("Authorization", "Bearer "+w.sims.portal.Info().AdminToken)
	w.sims.portal.ServeHTTP(rec, req)
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		w.t.Fatal(err)
	}
	for _, p := range got.Results {
		for _, s := range p.Stages {
			w.stages[s.ID] = s.Label
		}
	}
}

// linked are the links of a pair.
func (w *workshop) linked(p core.Pair) (out []linkRow) {
	w.t.Helper()
	for line := range strings.Lines(w.must(0, "links", "list", string(p), "--limit", "0", "--json")) {
		out = append(out, lastJSON[linkRow](w.t, line))
	}
	return out
}

// inStep compares all mapped fields of all links, and counts the records that lack a
// partner without an issue.
func (w *workshop) inStep(when string) {
	w.t.Helper()
	excused := w.excused()
	for _, d := range w.pairs {
		links, fields := w.linked(d.Name), 0
		if len(links) == 0 {
			w.t.Errorf("%s: no %s are linked", when, d.Plural)
		}
		for _, l := range links {
			for _, m := range w.mappings[string(d.Name)] {
				a, b, there := w.both(d, l, m)
				if !there {
					continue
				}
				fields++
				if !w.same(m, a, b) && !excused.names(l, m) {
					w.t.Errorf("%s: %s %s.%s is %q, %s %s.%s is %q", when, d.Name, l.Salesforce, m.Salesforce, a, d.Name, l.HubSpot, m.HubSpot, b)
				}
			}
		}
		w.lonely(d, links, when)
		w.t.Logf("%s: %d %s linked, %d fields compared", when, len(links), d.Plural, fields)
	}
	w.tiesInStep(when)
	w.tasksInStep(when)
	w.campaignsInStep(when)
}

// lonely checks that a record of the org without a partner says why.
func (w *workshop) lonely(d core.PairDef, links []linkRow, when string) {
	w.t.Helper()
	for _, o := range d.Objects[core.Salesforce] {
		rows, err := w.sims.org.As("admin").Query("SELECT Id FROM " + string(o))
		if err != nil {
			w.t.Fatal(err)
		}
		for _, row := range rows {
			id := row["Id"].(string)
			if slices.ContainsFunc(links, func(l linkRow) bool { return l.Salesforce == id }) {
				continue
			}
			_, out, _ := w.run("explain", string(d.Name), id)
			w.t.Errorf("%s: %s %s has no partner: %s", when, o, id, out)
			return
		}
	}
}

// excuses are the open issues of fields.
type excuses []core.Issue

func (w *workshop) excused() (out excuses) {
	w.t.Helper()
	for line := range strings.Lines(w.must(0, "issues", "--limit", "100000", "--json")) {
		out = append(out, lastJSON[core.Issue](w.t, line))
	}
	return out
}

// names reports an issue of one of a link's records that names the field, by its name on
// either side.
func (all excuses) names(l linkRow, m config.Mapping) bool {
	return slices.ContainsFunc(all, func(i core.Issue) bool {
		return (i.Ref.ID == l.Salesforce || i.Ref.ID == l.HubSpot) && (strings.EqualFold(i.Field, m.Salesforce) || strings.EqualFold(i.Field, m.HubSpot))
	})
}

// both are a mapped field's values as persons see them. There is none where the
// Salesforce object of the link has no such field.
func (w *workshop) both(d core.PairDef, l linkRow, m config.Mapping) (sf, hs string, there bool) {
	w.t.Helper()
	row := w.sims.org.As("admin").Get(string(l.Object), l.Salesforce)
	company, ok := w.sims.portal.As("").Get(string(d.Objects[core.HubSpot][0]), l.HubSpot)
	if row == nil || !ok {
		w.t.Fatalf("%s %s or %s is gone", d.Name, l.Salesforce, l.HubSpot)
	}
	v, has := row[m.Salesforce]
	if !has {
		return "", "", false
	}
	if v != nil {
		sf = fmt.Sprint(v)
	}
	return sf, company[m.HubSpot], true
}

// same compares values of both CRMs as people read them, apart from what the engine
// thinks of them.
func (w *workshop) same(m config.Mapping, sf, hs string) bool {
	if label, ok := w.stages[hs]; ok && strings.HasSuffix(m.HubSpot, "stage") {
		hs = label
	}
	if v, ok := m.Values[sf]; ok && v == hs {
		return true
	}
	if strings.EqualFold(bare(sf), bare(hs)) {
		return true
	}
	a, errA := strconv.ParseFloat(sf, 64)
	b, errB := strconv.ParseFloat(hs, 64)
	if errA == nil && errB == nil {
		return a == b || a == b*100
	}
	x, okX := instantOf(sf)
	y, okY := instantOf(hs)
	return okX && okY && (x.Equal(y) || x.Truncate(24*time.Hour).Equal(y.Truncate(24*time.Hour)) && (len(sf) == len(time.DateOnly) || len(hs) == len(time.DateOnly)))
}

// bare is a text without what the CRMs write differently: line ends, the scheme of a web
// address, the order of choices.
func bare(v string) string {
	v = strings.TrimSpace(strings.ReplaceAll(v, "\r\n", "\n"))
	for _, prefix := range []string{"https://", "http://", "www."} {
		v = strings.TrimPrefix(v, prefix)
	}
	parts := strings.Split(strings.TrimSuffix(v, "/"), ";")
	slices.Sort(parts)
	return strings.Join(parts, ";")
}

func instantOf(v string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02T15:04:05.000-0700", time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, v); err == nil {
			return t, true
		}
	}
	n, err := strconv.ParseInt(v, 10, 64)
	return time.UnixMilli(n), err == nil && len(v) > 10
}

// editAll edits a two-way text of every linked record, in turn on either side.
func (w *workshop) editAll() {
	w.t.Helper()
	for _, d := range w.pairs {
		m := w.editable(d)
		for i, l := range w.linked(d.Name) {
			value := fmt.Sprintf("Edited %d", i)
			var err error
			if i%2 == 0 {
				err = w.sims.org.As("admin").Update(string(l.Object), l.Salesforce, map[string]any{m.Salesforce: value})
			} else {
				err = w.sims.portal.As("").Update(string(d.Objects[core.HubSpot][0]), l.HubSpot, map[string]string{m.HubSpot: value})
			}
			if err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// editable is the field of a pair that is edited: the name that every record has.
func (w *workshop) editable(d core.PairDef) config.Mapping {
	w.t.Helper()
	for _, name := range []string{"name", "lastname", "dealname", "subject", "hs_task_subject"} {
		if i := slices.IndexFunc(w.mappings[string(d.Name)], func(m config.Mapping) bool { return m.HubSpot == name }); i >= 0 {
			return w.mappings[string(d.Name)][i]
		}
	}
	w.t.Fatalf("no mapping of %s names its records", d.Plural)
	return config.Mapping{}
}

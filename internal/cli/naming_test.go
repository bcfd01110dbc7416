package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// site makes a custom object on both sides and gives its type id in HubSpot.
func (r *rig) site() string {
	r.t.Helper()
	if err := r.sims.org.AddObject(salesforcesim.CustomObject{Name: "Site__c", Label: "Site", Plural: "Sites", Fields: []salesforcesim.FieldSpec{{Name: "Note__c", Label: "Note", Type: "Text", Length: 255}}}); err != nil {
		r.t.Fatal(err)
	}
	body := `{"name":"site","labels":{"singular":"Site","plural":"Sites"},"requiredProperties":["title"],"primaryDisplayProperty":"title","associatedObjects":["COMPANY"],
		"properties":[{"name":"title","label":"Title","type":"string","fieldType":"text"},{"name":"note","label":"Note","type":"string","fieldType":"text"}]}`
	rec := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodPost, "/crm-object-schemas/v3/schemas", strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+r.sims.portal.Info().AdminToken)
	req.Header.Set("Content-Type", "application/json")
	r.sims.portal.ServeHTTP(rec, req)
	var made struct{ ObjectTypeID string }
	if err := json.Unmarshal(rec.Body.Bytes(), &made); err != nil || made.ObjectTypeID == "" {
		r.t.Fatalf("no custom object was made: %d %s", rec.Code, rec.Body)
	}
	return made.ObjectTypeID
}

// TestCO1_RecordsAreCalledByTheirNames: in headlines, lists and sums a custom object has the
// name that the settings give it, and records without a Name the subject that people see.
func TestCO1_RecordsAreCalledByTheirNames(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	object := r.site()
	r.edit(func(f *config.File) {
		c := &f.Connections[0]
		c.Tickets.Sync, c.Activities.Tasks.FromSalesforce = true, true
		c.CustomObjects = []config.CustomObject{{Name: "site", Salesforce: "Site__c", HubSpot: object, Sync: true}}
		c.Mappings["site"] = []config.Mapping{{HubSpot: "title", Salesforce: "Name"}, {HubSpot: "note", Salesforce: "Note__c"}}
	})
	_, _, said := r.run("init", "--fields", "--yes")
	r.announced(said)
	r.must(0, "import", "company")
	company := r.links(1)[0].Salesforce
	site := r.person("Site__c", map[string]any{"Name": "North Field"})
	ticket := r.person("Case", map[string]any{"Subject": "Seller does not answer", "Status": "New", "AccountId": company})
	r.must(0, "sync", "--once")
	task := r.person("Task", map[string]any{"Subject": "Ring them up", "WhatId": company, "Status": "Not Started", "Priority": "Normal"})
	plan := r.must(0, "plan", "activity")
	contains(t, plan, "create tasks")
	r.must(0, "sync", "--once")
	outs := r.must(0, "explain", "site", site)
	contains(t, outs, "North Field (salesforce Site__c "+site+")")
	contains(t, r.must(0, "explain", "ticket", ticket), "Seller does not answer (salesforce Case "+ticket+")")
	contains(t, r.must(0, "explain", "task", task), "Ring them up (salesforce Task "+task+")")
	hs := r.linksOf("site")[0].HubSpot
	of := r.must(0, "explain", "site", hs)
	contains(t, of, "North Field (hubspot site "+hs+")")
	runs := r.must(0, "runs")
	contains(t, runs, "create site: 1")
	_, checked, _ := r.run("check")
	for _, out := range []string{said, checked, outs, of, plan, runs, r.must(0, "status"), r.must(0, "history", "site", hs), r.must(0, "links", "list", "site"), r.must(0, "plan", "site")} {
		if strings.Contains(out, object) {
			t.Errorf("the custom object is called by its number:\n%s", out)
		}
	}
	r.must(0, "links", "unlink", "site", site)
	r.must(0, "links", "link", "site", site, hs)
	contains(t, r.must(0, "explain", "site", site), "by a person (tandem links link)")
	before, after, _ := strings.Cut(r.must(0, "settings", "export"), "name: site\n")
	res, _ := r.apply(0, before+"name: site\n"+strings.Replace(after, "sync: true", "sync: false", 1))
	contains(t, strings.Join(res.Meaning, "\n"), "site records are neither read nor written")
}

// linksOf are the links of a pair.
func (r *rig) linksOf(p core.Pair) (out []linkRow) {
	r.t.Helper()
	for line := range strings.Lines(r.must(0, "links", "list", string(p), "--limit", "0", "--json")) {
		out = append(out, lastJSON[linkRow](r.t, line))
	}
	if len(out) == 0 {
		r.t.Fatalf("no %s is linked", p)
	}
	return out
}

// announced fails where a field was made that the list before it does not name under its
// object.
func (r *rig) announced(said string) {
	r.t.Helper()
	made := regexp.MustCompile(`(?m)^  (\S+ \S+)\.(\S+): created$`).FindAllStringSubmatch(said, -1)
	if len(made) < 20 {
		r.t.Fatalf("%d fields were made:\n%s", len(made), said)
	}
	listed, object := map[string]bool{}, ""
	for line := range strings.Lines(said) {
		line = strings.TrimRight(line, "\n")
		if name, field := strings.CutPrefix(line, "    "); field {
			name, _, _ = strings.Cut(name, ":")
			listed[object+" "+name] = true
		} else if name, of := strings.CutPrefix(line, "  "); of {
			object = name
		}
	}
	for _, m := range made {
		if !listed[m[1]+" "+m[2]] {
			r.t.Errorf("%s of %s was made and is not listed", m[2], m[1])
		}
	}
	if strings.Contains(said, "this task was kept") != strings.Contains(said, "HubSpot tasks") {
		r.t.Error(fmt.Sprint("a property speaks of tasks and is on none:\n", said))
	}
}

// TestHelpNamesEveryObject of the verbs that take one.
func TestHelpNamesEveryObject(t *testing.T) {
	t.Parallel()
	r := &rig{t: t}
	for _, verb := range [][]string{{"plan"}, {"import"}, {"explain"}, {"history"}, {"resync"}, {"backfill"}, {"issues"}, {"links", "list"}, {"links", "review"}, {"links", "link"}, {"links", "apart"}, {"links", "unlink"}} {
		out := r.must(0, append(verb, "--help")...)
		for _, word := range []string{"company", "contact", "lead", "deal", "ticket", "activity", "NAME", "case", "event", "custom object"} {
			if !strings.Contains(out, word) {
				t.Errorf("tandem %s --help does not say %q", strings.Join(verb, " "), word)
			}
		}
	}
}

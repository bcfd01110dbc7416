package cli

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestAPI_AnAdminsProgramPlansDecidesAndSaves what the console does too: each answer is as
// described, and who asked stands in the audit log.
func TestAPI_AnAdminsProgramPlansDecidesAndSaves(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	r.edit(func(f *config.File) { f.Connections[0].Contacts.Similar = config.SimilarReview })
	contact, hs := r.similarPair()
	r.must(0, "import", "company")
	l := r.someLink()
	r.editsBoth(l)
	r.run("sync", "--once")
	address, _ := r.serve()
	admin := strings.TrimSpace(r.must(0, "token", "create", "desk", "--role", "admin"))
	p := &program{client: newClient(t, address, admin), r: r, name: r.load().Connections[0].Name}
	p.decides(contact, hs)
	p.reads(l)
	p.plans()
	p.saves()
	p.lists()
}

// editsBoth edits one field of a linked pair on both sides.
func (r *rig) editsBoth(l linkRow) {
	r.t.Helper()
	if err := r.sims.org.As("admin").Update("Account", l.Salesforce, map[string]any{"BillingCity": "Austin"}); err != nil {
		r.t.Fatal(err)
	}
	if err := r.sims.portal.As("").Update("companies", l.HubSpot, map[string]string{"city": "Boston"}); err != nil {
		r.t.Fatal(err)
	}
}

// question is what waits for a person.
type question struct {
	Ref        core.Ref
	Candidates []core.Ref
	Code       string
}

func (p *program) decides(contact, hs string) {
	p.t.Helper()
	var list struct{ Issues []question }
	p.get("/review", p.with(), "?kind=similar_record&object=contact", &list)
	if len(list.Issues) != 1 || list.Issues[0].Ref.ID != contact || len(list.Issues[0].Candidates) != 1 || list.Issues[0].Candidates[0].ID != hs {
		p.t.Fatalf("in review: %+v", list)
	}
	p.call(http.StatusUnprocessableEntity, "GET", "/connections/{connection}/review", p.with(), "?kind=nonsense", nil, nil)
	var kept struct{ Couples int }
	if p.post("/apart", p.with(), map[string]any{"object": "contact", "ids": []string{contact, hs}}, &kept); kept.Couples != 1 {
		p.t.Errorf("kept apart: %+v", kept)
	}
	eventually(p.t, "nothing is in review", func() bool {
		p.get("/review", p.with(), "", &list)
		return len(list.Issues) == 0
	})
}

// conflictPage is a page of values that were given up.
type conflictPage struct {
	Conflicts []struct {
		Ref         core.Ref
		Field, Lost string
	}
	Next int64
}

func (p *program) conflicts(query string) (page conflictPage) {
	p.t.Helper()
	p.get("/conflicts", p.with(), query, &page)
	return page
}

func (p *program) reads(l linkRow) {
	p.t.Helper()
	lost := p.conflicts("?object=company")
	if len(lost.Conflicts) != 1 || lost.Conflicts[0].Lost != "Boston" || lost.Next != 0 {
		p.t.Errorf("conflicts of %v: %+v", l, lost)
	}
	if lost = p.conflicts("?object=contact&limit=1"); len(lost.Conflicts) != 0 || lost.Next == 0 {
		p.t.Errorf("conflicts of contacts: %+v", lost)
	}
	if lost = p.conflicts("?limit=1&before=" + strconv.FormatInt(lost.Next, 10)); len(lost.Conflicts) != 0 || lost.Next != 0 {
		p.t.Errorf("conflicts behind the last: %+v", lost)
	}
	var runs []struct {
		Run  int64
		Kind string
	}
	p.get("/runs", p.with(), "", &runs)
	for _, run := range runs {
		if run.Kind != "import" {
			continue
		}
		seen, after := map[core.Ref]bool{}, ""
		for {
			var page struct {
				Records []struct{ Ref core.Ref }
				Next    string
			}
			p.get("/runs/{run}/records", p.with("run", strconv.FormatInt(run.Run, 10)), "?limit=7&after="+after, &page)
			for _, one := range page.Records {
				if seen[one.Ref] {
					p.t.Errorf("%s is listed twice", one.Ref)
				}
				seen[one.Ref] = true
			}
			if after = page.Next; after == "" {
				break
			}
		}
		if len(seen) < 10 {
			p.t.Errorf("the import has %d records", len(seen))
		}
	}
	p.call(http.StatusUnprocessableEntity, "GET", "/connections/{connection}/runs/{run}/records", p.with("run", strconv.FormatInt(runs[0].Run, 10)), "?after=nonsense", nil, nil)
}

// planStands is how a plan stands.
type planStands struct {
	Plan             int64
	State, Of        string
	Records, Pending int
	Writes           map[string]int
}

func (p *program) plans() {
	p.t.Helper()
	p.r.person("Account", map[string]any{"Name": "Planned One"})
	p.r.person("Account", map[string]any{"Name": "Planned Two"})
	p.r.must(0, "sync", "--once") // so that nothing of what is new goes on by itself meanwhile
	var made planStands
	p.post("/plans", p.with(), map[string]string{"object": "contact", "of": "all"}, &made)
	on := p.with("plan", strconv.FormatInt(made.Plan, 10))
	var plan planStands
	eventually(p.t, "the plan is made", func() bool { p.get("/plans/{plan}", on, "", &plan); return plan.State == "ready" })
	if plan.Of != "all" || plan.Records == 0 || plan.Pending != plan.Records {
		p.t.Fatalf("the plan stands so: %+v", plan)
	}
	var all []planStands
	if p.get("/plans", p.with(), "", &all); len(all) == 0 || all[0].Plan != made.Plan {
		p.t.Errorf("the plans are %+v", all)
	}
	var page struct {
		Records []struct {
			Record int64
			State  string
			Writes []struct{ After map[string]string }
		}
		Next int64
	}
	p.get("/plans/{plan}/records", on, "?limit=1", &page)
	if len(page.Records) != 1 || len(page.Records[0].Writes) == 0 || (page.Next == 0) != (plan.Records == 1) {
		p.t.Fatalf("its records are %+v of %+v", page, plan)
	}
	p.post("/plans/{plan}/apply", on, map[string]any{"records": []int64{page.Records[0].Record}}, nil)
	eventually(p.t, "the record is written", func() bool {
		p.get("/plans/{plan}/records", on, "?limit=1", &page)
		return page.Records[0].State == "applied"
	})
	p.call(http.StatusNotFound, "GET", "/connections/{connection}/plans/{plan}", p.with("plan", "999"), "", nil, nil)
}

func (p *program) saves() {
	p.t.Helper()
	type versioned struct {
		Version  int64
		Settings string
		By       string
	}
	var now versioned
	p.get("/settings", p.with(), "", &now)
	if now.Version == 0 || !strings.Contains(now.Settings, "every: 30m") {
		p.t.Fatalf("the settings are %+v", now)
	}
	next := map[string]any{"settings": strings.Replace(now.Settings, "every: 30m", "every: 45m", 1), "base": now.Version, "dry_run": true}
	var did struct {
		Version int64
		Changed bool
	}
	if p.post("/settings", p.with(), next, &did); !did.Changed {
		p.t.Errorf("a dry run says %+v", did)
	}
	var same versioned
	if p.get("/settings", p.with(), "", &same); same != now {
		p.t.Errorf("a dry run has saved %+v", same)
	}
	next["dry_run"] = false
	if p.post("/settings", p.with(), next, &did); did.Version != now.Version+1 {
		p.t.Errorf("saving says %+v", did)
	}
	var refused struct{ Code string }
	p.call(http.StatusUnprocessableEntity, "POST", "/connections/{connection}/settings", p.with(), "", next, &refused)
	if refused.Code != "settings_changed" {
		p.t.Errorf("settings made from an older version are refused with %+v", refused)
	}
	var list struct{ Versions []versioned }
	if p.get("/settings/versions", p.with(), "?limit=1", &list); len(list.Versions) != 1 || list.Versions[0].Version != did.Version || list.Versions[0].By != "token desk" {
		p.t.Errorf("the versions are %+v", list)
	}
	var changes []config.Change
	p.get("/settings/changes", p.with(), "?from="+strconv.FormatInt(now.Version, 10)+"&to="+strconv.FormatInt(did.Version, 10), &changes)
	if len(changes) != 1 || changes[0].Key != "retry.every" || changes[0].After != `"45m"` {
		p.t.Errorf("what differs is %+v", changes)
	}
	if p.get("/settings", p.with(), "?version="+strconv.FormatInt(now.Version, 10), &same); same != now {
		p.t.Errorf("the version before is %+v", same)
	}
	p.call(http.StatusNotFound, "GET", "/connections/{connection}/settings", p.with(), "?version=999", nil, nil)
}

// lists reads the audit log by pages, which a lower role may not.
func (p *program) lists() {
	p.t.Helper()
	found := map[string]bool{}
	for before := int64(0); ; {
		var page struct {
			Entries []struct{ Who, Action string }
			Next    int64
		}
		p.call(http.StatusOK, "GET", "/audit", nil, "?limit=2&who=token+desk&before="+strconv.FormatInt(before, 10), nil, &page)
		for _, e := range page.Entries {
			found[e.Action] = true
		}
		if before = page.Next; before == 0 {
			break
		}
	}
	for _, want := range []string{"apart", "make plan", "apply plan", "save settings"} {
		if !found[want] {
			p.t.Errorf("the audit log lacks %q: %v", want, found)
		}
	}
	admin := p.token
	p.token = strings.TrimSpace(p.r.must(0, "token", "create", "hands", "--role", "operator"))
	p.call(http.StatusForbidden, "GET", "/audit", nil, "", nil, nil)
	p.call(http.StatusForbidden, "POST", "/connections/{connection}/settings", p.with(), "", map[string]any{"settings": "{}", "base": 1}, nil)
	p.token = admin
}

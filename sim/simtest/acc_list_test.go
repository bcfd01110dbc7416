package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

func fromHubSpot(object string) Option {
	return Settings(func(c *config.Connection) { c.Contacts.FromHubSpot.Object = object })
}

// inclusion makes an active list before the engine opens and chooses it.
func inclusion(filters ...map[string]any) Option {
	return func(s *setup) {
		Before(func(w *World) { w.list("Salesforce", filters...) })(s)
		Settings(func(c *config.Connection) { c.Contacts.InclusionList = "Salesforce" })(s)
	}
}

// lastDecision is the newest decision in a record's history.
func (w *World) lastDecision(id string) core.Decision {
	w.T.Helper()
	for _, h := range w.Explain(id).History {
		if len(h.Decisions) > 0 {
			return h.Decisions[len(h.Decisions)-1]
		}
	}
	return core.Decision{}
}

func TestACC7a_CompanyThatHubSpotMadeFromAContact(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, c := range []struct{ object, rule string }{{"contact", "ACC-7a"}, {"lead", "ACC-7c"}} {
			t.Run("default object "+c.object, func(t *testing.T) {
				w := New(t, profile, fromHubSpot(c.object), Portal(func(o *hubspotsim.Options) { o.AutoCompanies = true }))
				person := w.person("Gonzalez", "rose@edge.com")
				w.Advance(3 * time.Second)
				w.Sync()
				made := w.Portal.As(admin).Associated("contacts", person, "companies")
				if len(made) != 1 {
					t.Fatalf("HubSpot made %d companies", len(made))
				}
				if w.partner(made[0]) == "" || w.linkRule(made[0]) != c.rule {
					t.Errorf("account %q by %s, want %s", w.partner(made[0]), w.linkRule(made[0]), c.rule)
				}
			})
		}
	})
}

func TestACC7a_AMB1_TheBlockWins(t *testing.T) {
	w := New(t, fromHubSpot("contact"), Portal(func(o *hubspotsim.Options) { o.AutoCompanies = true }))
	w.lead("Gonzalez", "rose@edge.com")
	person := w.person("Gonzalez", "rose@edge.com")
	w.Advance(3 * time.Second)
	w.Sync()
	company := w.Portal.As(admin).Associated("contacts", person, "companies")[0]
	w.wantRule(company, "ACC-8b", engine.OutOfScope)
	w.Resync(company)
	if w.partner(company) == "" || w.linkRule(company) != "ACC-10" {
		t.Errorf("account %q by %s after a person asked", w.partner(company), w.linkRule(company))
	}
}

func TestACC7c_ACC8c_INC6_ListIsEvaluatedOnTheNewValues(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, inclusion(propertyIs("city", "Austin")))
		person := w.person("Gonzalez", "rose@edge.com")
		company := w.company("Edge", person)
		w.Sync()
		w.wantRule(company, "ACC-8c", engine.OutOfScope)
		if got := w.lastDecision(company).Facts["inclusion_list"]; got == "" {
			t.Error("explain does not say how the list was evaluated")
		}
		w.Advance(3 * time.Second)
		w.must(w.Portal.As(admin).Update("contacts", person, map[string]string{"city": "Austin"}))
		w.Sync() // at once: HubSpot has not evaluated the list yet
		if w.partner(company) == "" || w.linkRule(company) != "ACC-7c" {
			t.Errorf("account %q by %s: %+v", w.partner(company), w.linkRule(company), w.Explain(company))
		}
	})
}

// touchedSince is a filter that nobody but HubSpot can evaluate: its answer
// changes with the clock.
func touchedSince() map[string]any {
	return map[string]any{"filterType": "PROPERTY", "property": "createdate", "operation": map[string]any{
		"operationType": "TIME_POINT", "operator": "IS_AFTER", "includeObjectsWithNoValueSet": false, "type": "TIME_POINT", "endpointBehavior": "INCLUSIVE",
		"timePoint": map[string]any{"timeType": "DATE", "year": 2000, "month": 1, "day": 1, "zoneId": "UTC"}}}
}

func TestACC7c_ListThatOnlyHubSpotReadsIsWaitedFor(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, inclusion(touchedSince(), propertyIs("city", "Austin")))
		in := w.person("Gonzalez", "rose@edge.com")
		out := w.person("Boyle", "lauren@boyle.com")
		w.must(w.Portal.As(admin).Update("contacts", in, map[string]string{"city": "Austin"}))
		edge, boyle := w.company("Edge", in), w.company("Boyle", out)
		w.Sync()
		for _, id := range []string{edge, boyle} {
			w.wantRule(id, "INC-6", engine.Pending)
			if got := w.lastDecision(id).Facts["inclusion_list"]; got == "" {
				t.Error("explain does not say who evaluates the list")
			}
		}
		w.Advance(5 * time.Second) // HubSpot evaluates, which stamps the contacts
		w.Sync()
		w.Advance(11 * time.Minute) // by then its answer counts
		w.Sync()
		if w.partner(edge) == "" || w.linkRule(edge) != "ACC-7c" {
			t.Errorf("account %q by %s: %+v", w.partner(edge), w.linkRule(edge), w.Explain(edge))
		}
		w.wantRule(boyle, "ACC-8c", engine.OutOfScope)
	})
}

func TestINC4_OnlyAnActiveListIsTaken(t *testing.T) {
	w := New(t, Unopened(), Before(func(w *World) {
		w.portalCall("POST", "/crm/v3/lists", map[string]any{"name": "Static", "objectTypeId": "0-1", "processingType": "MANUAL"})
	}), Settings(func(c *config.Connection) { c.Contacts.InclusionList = "Static" }))
	wantCode(t, w.TryOpen(), engine.CodeUsage)
}

func TestACC9_AMB1_LeadInTheListMakesNoAccount(t *testing.T) {
	w := New(t, inclusion(propertyIs("city", "Austin")))
	w.lead("Gonzalez", "rose@edge.com")
	person := w.person("Gonzalez", "rose@edge.com")
	w.must(w.Portal.As(admin).Update("contacts", person, map[string]string{"city": "Austin"}))
	company := w.company("Edge", person)
	w.Sync()
	w.wantRule(company, "ACC-8b", engine.OutOfScope)
}

func TestACC18_EvaluatedAgainWheneverTheContactsChange(t *testing.T) {
	cases := []struct {
		name   string
		opts   []Option
		before func(w *World, person string)
		change func(w *World, person string)
	}{
		{"a contact enters the inclusion list", []Option{inclusion(propertyIs("city", "Austin"))}, func(*World, string) {},
			func(w *World, person string) {
				w.must(w.Portal.As(admin).Update("contacts", person, map[string]string{"city": "Austin"}))
			}},
		{"a lead is converted to a contact", nil, func(w *World, _ string) { w.lead("Gonzalez", "rose@edge.com") },
			func(w *World, _ string) {
				rows, err := w.Org.As(admin).Query("SELECT Id FROM Lead")
				w.must(err)
				_, err = w.Org.As(admin).ConvertLead(rows[0]["Id"].(string), salesforcesim.Convert{Status: "Closed - Converted", AccountID: w.account("Elsewhere")})
				w.must(err)
			}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := New(t, c.opts...)
			person := w.person("Gonzalez", "rose@edge.com")
			c.before(w, person)
			company := w.company("Edge", person)
			w.Sync()
			if w.partner(company) != "" {
				t.Fatal("an account too early")
			}
			w.Advance(3 * time.Second)
			c.change(w, person)
			w.Sync()
			w.Sync()
			if w.partner(company) == "" {
				t.Errorf("no account: %+v", w.Explain(company).Rules)
			}
		})
	}
}

func TestACC15_AMB2_LIM11_CompanyFilters(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Settings(func(c *config.Connection) {
			c.Companies.Filter = config.Filter{FromSalesforce: `Type == "Customer - Direct"`, FromHubSpot: `city == "Austin"`}
		}))
		out := w.account("Prospect", "Type", "Prospect")
		in := w.account("Customer", "Type", "Customer - Direct")
		outside := w.company("Outside", w.person("A", "a@a.com"))
		inside := w.company("Inside", w.person("B", "b@b.com"))
		w.editCompany(inside, "city", "Austin")
		w.Sync()
		w.wantRule(out, "LIM-11", engine.OutOfScope)
		w.wantRule(outside, "LIM-11", engine.OutOfScope)
		if w.partner(inside) == "" {
			t.Errorf("the company inside the filter has no account: %+v", w.Explain(inside).Rules)
		}
		w.Advance(3 * time.Second)
		w.editAccount(out, "Type", "Customer - Direct")
		w.Sync()
		if w.partner(out) == "" || w.partner(in) == "" && w.companyCount() < 4 {
			t.Errorf("entering the filter made no company: %+v", w.Explain(out).Rules)
		}
	})
}

func TestLIM10_CreationPolicyIsExplicit(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for mode, created := range map[string]bool{"always": true, "never": false, `name == "Alone"`: true, `name == "Other"`: false} {
			t.Run(mode, func(t *testing.T) {
				w := New(t, profile, Settings(func(c *config.Connection) { c.Companies.CreateAccount = mode }))
				id := w.company("Alone")
				w.Sync()
				if got := w.partner(id) != ""; got != created {
					t.Errorf("account made %v, want %v", got, created)
				}
				if d := w.lastDecision(id); d.Rule != "LIM-10" {
					t.Errorf("decided by %+v", d)
				}
			})
		}
	})
}

func TestACC17_AMB3_DomainOfAnotherCompanyInBothProfiles(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile)
		comp := w.company("United Oil")
		w.editCompany(comp, "domain", "uos.com")
		id := w.account("United Oil & Gas, UK", "Website", "http://www.uos.com")
		w.Sync()
		if got := w.partner(id); got == "" || got == comp {
			t.Errorf("linked with %q (existing %q)", got, comp)
		}
	})
}

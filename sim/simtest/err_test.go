package simtest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
	"tandem/sim/salesforcesim"
)

// trouble is one way in which a record cannot sync.
type trouble struct {
	name     string
	opts     []Option
	cause    func(w *World, account, company string) // makes the write fail, and edits
	category core.Category
	code     string
	field    string
	mend     func(w *World, account, company string)
}

// troubles of an update that HubSpot sends: city is what fails, name is good.
func troubles() []trouble {
	return []trouble{
		{"ERR-4 validation rule on a field", nil, func(w *World, _, company string) {
			w.must(w.Org.AddValidationRule(salesforcesim.ValidationRule{Object: "Account", Name: "No_Nowhere", Formula: `BillingCity = "Nowhere"`, Message: "there is no Nowhere", Field: "BillingCity"}))
			w.editCompany(company, "city", "Nowhere")
		}, core.CategoryCustomCode, "custom_code", "BillingCity", func(w *World, _, _ string) { w.Org.ClearRules() }},
		{"ERR-6 field permission", nil, func(w *World, _, company string) {
			w.must(w.Org.SetRight(salesforcesim.Right{Object: "Account", Field: "BillingAddress", Read: true}))
			w.editCompany(company, "city", "Bern")
		}, core.CategoryPermissions, "field_permission", "BillingCity", func(w *World, _, _ string) {
			w.must(w.Org.SetRight(salesforcesim.Right{Object: "Account", Field: "BillingAddress", Read: true, Edit: true}))
		}},
		{"ERR-7 picklist value", []Option{tiers()}, func(w *World, _, company string) {
			w.editCompany(company, "tier", "Lead")
		}, core.CategoryPicklist, "option_unknown", "Tier__c", func(w *World, _, company string) {
			w.editCompany(company, "tier", "Gold")
		}},
		{"ERR-7 picklist value that Salesforce dropped", []Option{tiers()}, func(w *World, _, company string) {
			w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Tier", Label: "Tier", Type: "Picklist", Values: []string{"Gold"}, Restricted: true}))
			w.editCompany(company, "tier", "Silver")
		}, core.CategoryPicklist, "picklist_value", "Tier__c", func(w *World, _, company string) {
			w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Tier", Label: "Tier", Type: "Picklist", Values: []string{"Gold", "Silver"}, Restricted: true}))
		}},
		{"ERR-9 too long", []Option{Before(func(w *World) { w.property("site", "string", "text") }), Mappings(nameTwoWay, config.Mapping{HubSpot: "site", Salesforce: "Site", Rule: "two_way"})},
			func(w *World, _, company string) { w.editCompany(company, "site", strings.Repeat("long ", 40)) },
			core.CategoryValue, "too_long", "Site", func(w *World, _, company string) { w.editCompany(company, "site", "short") }},
		{"S5 a field that became shorter", []Option{mottos()}, func(w *World, _, company string) {
			w.must(w.Org.AddField(motto(10)))
			w.editCompany(company, "motto", "longer than ten")
		}, core.CategoryValue, "too_long", "Motto__c", func(w *World, _, company string) { w.editCompany(company, "motto", "short") }},
	}
}

func motto(length int) salesforcesim.FieldSpec {
	return salesforcesim.FieldSpec{Object: "Account", Name: "Motto", Label: "Motto", Type: "Text", Length: length}
}

func mottos() Option {
	return func(s *setup) {
		Before(func(w *World) {
			w.must(w.Org.AddField(motto(40)))
			w.property("motto", "string", "text")
		})(s)
		Mappings(nameTwoWay, config.Mapping{HubSpot: "motto", Salesforce: "Motto__c", Rule: "two_way"})(s)
	}
}

var nameTwoWay = config.Mapping{HubSpot: "name", Salesforce: "Name", Rule: "two_way"}

func tiers() Option {
	return func(s *setup) {
		Before(func(w *World) {
			w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Tier", Label: "Tier", Type: "Picklist", Values: []string{"Gold", "Silver"}, Restricted: true}))
			w.property("tier", "enumeration", "select", "Gold", "Silver", "Lead")
		})(s)
		Mappings(nameTwoWay, config.Mapping{HubSpot: "tier", Salesforce: "Tier__c", Rule: "two_way"})(s)
	}
}

func TestERR4_ERR6_ERR7_ERR9_LIM22_LIM23_BadFieldDoesNotStopTheGoodOnes(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, c := range troubles() {
			t.Run(c.name, func(t *testing.T) {
				w := New(t, append([]Option{profile}, c.opts...)...)
				account, company := w.linked("Edge")
				w.editCompany(company, "name", "Edge Two")
				c.cause(w, account, company)
				w.Sync()
				if got := w.accountValue(account, "Name"); got != "Edge Two" {
					t.Errorf("the good field is %q", got)
				}
				issue := w.wantIssue(c.category, c.code, c.field)
				if issue.Mend == "" || issue.Message == "" {
					t.Errorf("issue without words: %+v", issue)
				}
				if x := w.Explain(account); x.Verdict != engine.Blocked || len(x.Issues) != 1 {
					t.Errorf("CARD-2: explain says %s with %d issues", x.Verdict, len(x.Issues))
				}
				w.Advance(3 * time.Second)
				c.mend(w, account, company)
				w.Advance(31 * time.Minute)
				w.Sync()
				w.wantNoIssues() // ERR-11
				if x := w.Explain(company); x.Verdict != engine.InSync {
					t.Errorf("explain says %s: %+v", x.Verdict, x.Fields)
				}
			})
		}
	})
}

func TestERR_RecordThatIsRefusedAsAWhole(t *testing.T) {
	cases := []trouble{
		{"ERR-4 validation rule on the record", nil, func(w *World, _, company string) {
			w.must(w.Org.AddValidationRule(salesforcesim.ValidationRule{Object: "Account", Name: "Closed", Formula: `Name = "Closed"`, Message: "closed accounts stay closed"}))
			w.editCompany(company, "name", "Closed")
		}, core.CategoryCustomCode, "custom_code", "", func(w *World, _, _ string) { w.Org.ClearRules() }},
		{"ERR-4 automation fails", nil, func(w *World, _, company string) {
			w.must(w.Org.AddFault(salesforcesim.Fault{Do: "row_error", Match: salesforcesim.Match{Object: "Account"}, Code: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Body: "AccountTrigger: execution of BeforeUpdate"}))
			w.editCompany(company, "name", "Closed")
		}, core.CategoryCustomCode, "custom_code", "", func(w *World, _, _ string) { w.Org.ClearFaults() }},
		{"ERR-2 a code nobody knows", nil, func(w *World, _, company string) {
			w.must(w.Org.AddFault(salesforcesim.Fault{Do: "row_error", Match: salesforcesim.Match{Object: "Account"}, Code: "BRAND_NEW_REFUSAL", Body: "no"}))
			w.editCompany(company, "name", "Closed")
		}, core.CategoryOther, "other", "", func(w *World, _, _ string) { w.Org.ClearFaults() }},
	}
	inBoth(t, func(t *testing.T, profile Option) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				w := New(t, profile)
				account, company := w.linked("Edge")
				other, otherCompany := w.linked("Other")
				w.editCompany(otherCompany, "city", "Bern")
				c.cause(w, account, company)
				w.Sync()
				if c.name == "ERR-4 validation rule on the record" && w.accountValue(other, "BillingCity") != "Bern" {
					t.Error("one bad record stopped another")
				}
				issues := w.openIssues()
				if len(issues) == 0 || issues[0].Category != c.category || issues[0].Code != c.code || issues[0].Field != c.field {
					t.Fatalf("issues %+v, want %s %s", issues, c.category, c.code)
				}
				c.mend(w, account, company)
				w.Advance(31 * time.Minute)
				w.Sync()
				w.wantNoIssues()
				if got := w.accountValue(account, "Name"); got != "Closed" {
					t.Errorf("name %q after mending", got)
				}
			})
		}
	})
}

func TestERR5_DEDUP8_DuplicateRuleBlocksTheCreate(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile)
		w.must(w.Org.AddDuplicateRule(salesforcesim.DuplicateRule{Object: "Account", Fields: []string{"Name"}, Action: "block"}))
		other := w.account("Edge")
		w.Sync()
		w.Advance(3 * time.Second)
		company := w.company("Edge", w.person("Rose", "rose@edge.com"))
		w.Sync()
		issue := w.wantIssue(core.CategoryDuplicate, "salesforce_duplicate_rule", "")
		if issue.Ref.ID != company || len(issue.Candidates) != 1 || issue.Candidates[0].ID != other || !strings.Contains(issue.Message, other) || issue.Mend == "" {
			t.Errorf("the issue does not name both records and the mend: %+v", issue)
		}
		if n := w.accounts(); n != 1 {
			t.Errorf("%d accounts", n)
		}
		w.Org.ClearRules()
		w.Advance(31 * time.Minute)
		w.Sync()
		w.wantNoIssues()
		if n := w.accounts(); n != 2 {
			t.Errorf("%d accounts after the rule is gone", n)
		}
	})
}

func TestERR5_DEDUP9_EmailAlreadyInUse(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for object, another := range map[string]func(*World) string{
			"Contact": func(w *World) string { return w.contact("Gonzalez", "Rose@Edge.com", "") },
			"Lead":    func(w *World) string { return w.lead("Gonzalez", "Rose@Edge.com") },
		} {
			t.Run(object, func(t *testing.T) {
				w := New(t, profile)
				first, person := w.contact("Gonzalez", "rose@edge.com", ""), w.person("Gonzalez", "rose@edge.com")
				w.Sync()
				w.wantNoIssues()
				w.Advance(3 * time.Second)
				second := another(w)
				w.Sync()
				issue := w.wantIssue(core.CategoryDuplicate, "email_already_in_use", "")
				if issue.Ref.ID != second || issue.Mend == "" || len(issue.Candidates) != 2 || issue.Candidates[0].ID != person || issue.Candidates[1].ID != first {
					t.Errorf("the issue does not name the records and the mend: %+v", issue)
				}
				if x := w.explainPerson(second); x.Verdict != engine.Blocked || lastRule(x) != "DEDUP-9" {
					t.Errorf("explain says %s by %+v", x.Verdict, x.Rules)
				}
				if l := w.explainPerson(person).Link; l == nil || l.Salesforce != first {
					t.Errorf("the link moved: %+v", l)
				}
				w.must(w.Org.As(admin).Update(object, second, map[string]any{"Email": "other@edge.com"}))
				w.Advance(3 * time.Second)
				w.Sync()
				w.wantNoIssues() // ERR-11
			})
		}
	})
}

// A person's word after the cause is gone closes an issue as well as the next try
// by itself; while the cause stands, neither does.
func TestERR11_CARD1_IssuesCloseWhenTheRecordSyncs(t *testing.T) {
	for name, again := range map[string]func(*World, string){
		"resync": func(w *World, company string) { w.Resync(company) },
		"retry": func(w *World, _ string) {
			_, err := w.Engine.Retry(w.T.Context(), w.Conn, store.IssueFilter{})
			w.must(err)
			w.Sync()
		},
		"edit":      func(w *World, company string) { w.editCompany(company, "city", "Bern"); w.Sync() },
		"by itself": func(w *World, _ string) { w.Advance(31 * time.Minute); w.Sync() },
	} {
		t.Run(name, func(t *testing.T) {
			w := New(t)
			account, company := w.blocked()
			again(w, company)
			first := w.wantIssue(core.CategoryCustomCode, "custom_code", "")
			w.Org.ClearRules()
			w.Advance(3 * time.Second)
			again(w, company)
			w.wantNoIssues()
			if got := w.accountValue(account, "Name"); got != "Stop" || first.Count < 2 {
				t.Errorf("name %q; the issue was met %d times", got, first.Count)
			}
		})
	}
}

func TestERR9_RequiredFieldWithoutAValue(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(func(w *World) {
			w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Region", Label: "Region", Type: "Text", Length: 40, Required: true}))
		}))
		w.company("Edge", w.person("Rose", "rose@edge.com"))
		w.Sync()
		w.wantIssue(core.CategoryValue, "required_missing", "Region__c")
		if n := w.accounts(); n != 0 {
			t.Errorf("%d accounts", n)
		}
	})
}

func TestERR8_MappedPropertyIsDeleted(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(func(w *World) { w.property("site", "string", "text") }), Mappings(nameTwoWay, config.Mapping{HubSpot: "site", Salesforce: "Site", Rule: "two_way"}))
		account, company := w.linked("Edge", "Site", "A")
		w.portalCall("DELETE", "/crm/v3/properties/companies/site", nil)
		w.must(w.Org.As(admin).Update("Account", account, map[string]any{"Name": "Edge Two", "Site": "B"}))
		w.Sync()
		if got := w.companyValue(company, "name"); got != "Edge Two" {
			t.Errorf("the good field is %q", got)
		}
		w.Restart()
		if len(w.Conn.Problems) != 1 || w.Conn.Problems[0].Rule != "ERR-8" {
			t.Errorf("problems %+v", w.Conn.Problems)
		}
		w.Sync()
	})
}

func TestERR6_ObjectPermissionTakenAway(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile)
		account, company := w.linked("Edge")
		w.must(w.Org.SetRight(salesforcesim.Right{Object: "Account", Read: true, View: true}))
		w.editCompany(company, "name", "Edge Two")
		w.Sync()
		issues := w.openIssues()
		if len(issues) != 1 || issues[0].Category != core.CategoryPermissions {
			t.Fatalf("issues %+v", issues)
		}
		w.must(w.Org.SetRight(salesforcesim.Right{Object: "Account", Read: true, Edit: true, Create: true, View: true}))
		w.Advance(31 * time.Minute)
		w.Sync()
		w.wantNoIssues()
		w.wantValues(account, "Name", "Edge Two", company, "name", "Edge Two")
	})
}

func TestERR3_WaitingForAccountResolvesItself(t *testing.T) {
	var account string
	w := New(t, Before(func(w *World) { account = w.account("Old"); w.Advance(time.Hour) }))
	w.contact("Gonzalez", "rose@edge.com", account)
	person := w.person("Gonzalez", "rose@edge.com")
	w.Sync()
	w.wantIssue(core.CategoryAssociation, "waiting_for_account", "")
	w.Import()
	w.Sync()
	w.wantNoIssues()
	if got := w.Portal.As(admin).Associated("contacts", person, "companies"); len(got) != 1 || got[0] != w.partner(account) {
		t.Errorf("companies %v, want %s", got, w.partner(account))
	}
}

// blocked makes a pair whose next write is refused, and syncs into the issue.
func (w *World) blocked() (account, company string) {
	w.T.Helper()
	account, company = w.linked("Edge")
	w.must(w.Org.AddValidationRule(salesforcesim.ValidationRule{Object: "Account", Name: "Stop", Formula: `Name = "Stop"`, Message: "stop"}))
	w.editCompany(company, "name", "Stop")
	w.Sync()
	w.wantIssue(core.CategoryCustomCode, "custom_code", "")
	w.Advance(3 * time.Second)
	w.Sync() // the poll's cursor passes the edit for sure
	return account, company
}

func TestERR10_RetriedEveryThirtyMinutes(t *testing.T) {
	w := New(t)
	account, _ := w.blocked()
	w.Org.ClearRules()
	w.Advance(28 * time.Minute)
	w.Sync()
	if got := w.accountValue(account, "Name"); got != "Edge" {
		t.Errorf("tried again after 28 minutes: %q", got)
	}
	w.Advance(3 * time.Minute)
	w.Sync()
	if got := w.accountValue(account, "Name"); got != "Stop" {
		t.Errorf("not tried again after 31 minutes: %q", got)
	}
	w.wantNoIssues()
}

func TestERR10_NoRetryPastTheShareOfTheAllocation(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.HubSpot.DailyAPICalls, c.Retry.StopAtShare = 1000, 0.001 }))
	account, _ := w.blocked()
	w.Org.ClearRules()
	w.Advance(31 * time.Minute)
	w.Sync()
	if got := w.accountValue(account, "Name"); got != "Edge" {
		t.Errorf("tried again although the share is used: %q", got)
	}
	n, err := w.Engine.Retry(t.Context(), w.Conn, store.IssueFilter{})
	w.must(err)
	w.Sync()
	if got := w.accountValue(account, "Name"); n != 1 || got != "Stop" {
		t.Errorf("a person's retry of %d issues left %q", n, got)
	}
	w.wantNoIssues()
}

func TestI4_OwnWriteThatCouldNotBeReadBackIsNoChangeOfThatSide(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge", "BillingCity", "Bern")
	w.editCompany(company, "city", "Rome")
	wrote, cut := false, false
	w.On(func(side core.Side, r *http.Request) error {
		switch {
		case side != core.Salesforce:
		case strings.HasSuffix(r.URL.Path, "/composite"): // an update that names the version it was decided by
			wrote = true
		case wrote && !cut && strings.HasSuffix(r.URL.Path, "/composite/sobjects/Account"):
			cut = true
			return errReset
		}
		return nil
	})
	_, err := w.TrySync() // converges only once the value was seen
	w.must(err)
	if !cut || w.accountValue(account, "BillingCity") != "Rome" {
		t.Fatalf("read-back cut %v, city %q", cut, w.accountValue(account, "BillingCity"))
	}
	w.editCompany(company, "city", "Oslo") // before anyone looks again
	w.Advance(time.Minute)
	w.Sync()
	w.wantValues(account, "BillingCity", "Oslo", company, "city", "Oslo")
	if log := w.conflicts(); len(log) != 0 {
		t.Errorf("our own write was taken for a change: %s", bodies(w))
	}
}

func TestERR1_IssuesAreCountedByKindAndRetriedByKind(t *testing.T) {
	w := New(t)
	w.blocked()
	var counts []store.IssueCount
	w.must(w.Store.View(t.Context(), func(tx *store.Tx) (err error) { counts, err = tx.IssueCounts(w.Conn.ID); return err }))
	if len(counts) != 1 || counts[0].Category != core.CategoryCustomCode {
		t.Errorf("counts %+v", counts)
	}
}

func TestERR10_PassingTroubleMendsItselfAndLastingTroubleIsSeen(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge")
	w.must(w.Org.AddFault(salesforcesim.Fault{Do: "row_error", Match: salesforcesim.Match{Object: "Account"}, Code: "UNABLE_TO_LOCK_ROW", Times: 1}))
	w.editCompany(company, "name", "Two")
	w.Sync()
	w.wantNoIssues()
	w.Advance(time.Minute)
	w.Sync()
	if got := w.accountValue(account, "Name"); got != "Two" {
		t.Errorf("name %q after a passing lock", got)
	}
	w.must(w.Org.AddFault(salesforcesim.Fault{Do: "row_error", Match: salesforcesim.Match{Object: "Account"}, Code: "UNABLE_TO_LOCK_ROW"}))
	w.Advance(time.Minute)
	w.editCompany(company, "name", "Three")
	for range 5 {
		w.Sync()
		w.Advance(20 * time.Minute)
	}
	w.wantIssue(core.CategoryOther, "temporarily_refused", "")
	w.Org.ClearFaults()
	w.Sync()
	w.wantNoIssues()
	w.wantValues(account, "Name", "Three", company, "name", "Three")
}

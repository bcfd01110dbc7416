package simtest

import (
	"strconv"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// admin is a person at work in the org.
const admin = "admin"

func (w *World) account(name string, more ...string) string {
	w.T.Helper()
	f := map[string]any{"Name": name}
	for i := 0; i+1 < len(more); i += 2 {
		f[more[i]] = more[i+1]
	}
	id, err := w.Org.As(admin).Create("Account", f)
	w.must(err)
	return id
}

func (w *World) contact(last, email, account string) string {
	w.T.Helper()
	f := map[string]any{"LastName": last}
	if email != "" {
		f["Email"] = email
	}
	if account != "" {
		f["AccountId"] = account
	}
	id, err := w.Org.As(admin).Create("Contact", f)
	w.must(err)
	return id
}

func (w *World) lead(last, email string) string {
	w.T.Helper()
	id, err := w.Org.As(admin).Create("Lead", map[string]any{"LastName": last, "Company": "Somewhere", "Email": email})
	w.must(err)
	return id
}

func (w *World) company(name string, contacts ...string) string {
	w.T.Helper()
	id, err := w.Portal.As(admin).Create("companies", map[string]string{"name": name})
	w.must(err)
	for _, c := range contacts {
		w.must(w.Portal.As(admin).Associate("contacts", c, "companies", id))
	}
	return id
}

func (w *World) person(last, email string) string {
	w.T.Helper()
	p := map[string]string{"lastname": last}
	if email != "" {
		p["email"] = email
	}
	id, err := w.Portal.As(admin).Create("contacts", p)
	w.must(err)
	return id
}

func (w *World) editAccount(id, field string, value any) {
	w.T.Helper()
	w.must(w.Org.As(admin).Update("Account", id, map[string]any{field: value}))
}

func (w *World) editCompany(id, property, value string) {
	w.T.Helper()
	w.must(w.Portal.As(admin).Update("companies", id, map[string]string{property: value}))
}

func (w *World) accountValue(id, field string) string {
	w.T.Helper()
	v := w.Org.As(admin).Get("Account", id)[field]
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case int64:
		return strconv.FormatInt(x, 10)
	case bool:
		return strconv.FormatBool(x)
	case time.Time:
		return x.UTC().Format(time.RFC3339)
	}
	w.T.Fatalf("%s is a %T", field, v)
	return ""
}

func (w *World) companyValue(id, property string) string {
	w.T.Helper()
	got, ok := w.Portal.As(admin).Get("companies", id)
	if !ok {
		w.T.Fatalf("company %s is gone", id)
	}
	return got[property]
}

// partner is the id that explain links a record with, blank for none.
func (w *World) partner(id string) string {
	w.T.Helper()
	x := w.Explain(id)
	if x.Link == nil || x.Link.State != core.LinkActive {
		return ""
	}
	if x.Link.Salesforce == core.ID18(id) {
		return x.Link.HubSpot
	}
	return x.Link.Salesforce
}

func (w *World) accounts() int {
	rows, err := w.Org.As(admin).Query("SELECT Id FROM Account")
	w.must(err)
	return len(rows)
}

// rule is the requirement id of the last decision that explain gives.
func lastRule(x *engine.Explanation) string {
	if len(x.Rules) == 0 {
		return ""
	}
	return x.Rules[len(x.Rules)-1].Rule
}

func (w *World) wantRule(id, rule string, verdict engine.Verdict) {
	w.T.Helper()
	x := w.Explain(id)
	if lastRule(x) != rule || x.Verdict != verdict {
		w.T.Errorf("explain %s: rule %s verdict %s, want %s %s (%+v)", id, lastRule(x), x.Verdict, rule, verdict, x.Rules)
	}
}

func TestACC1_NothingSyncsWhileCompanySyncIsOff(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.Companies.Sync = false }))
	id := w.account("Edge")
	w.Sync()
	if w.partner(id) != "" {
		t.Error("account was synced")
	}
	w.wantRule(id, "ACC-1", engine.OutOfScope)
}

func TestACC2_ImportIsRefusedWhileCompanySyncIsOff(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.Companies.Sync = false }))
	w.account("Edge")
	_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.CompanyPair, Sides: []core.Side{core.Salesforce}})
	if err == nil {
		t.Fatal("import was taken")
	}
}

func TestACC3_NewAccountBecomesACompany(t *testing.T) {
	w := New(t)
	id := w.account("Edge", "BillingCity", "Austin")
	w.Sync()
	hs := w.partner(id)
	if hs == "" || w.companyValue(hs, "name") != "Edge" || w.companyValue(hs, "city") != "Austin" {
		t.Errorf("company %q %+v", hs, w.Explain(id))
	}
	if got := w.companyValue(hs, "salesforceaccountid"); got != id {
		t.Errorf("salesforceaccountid %q, want %q", got, id)
	}
}

func TestACC4_OlderAccountWaitsForAnEditOrAnImport(t *testing.T) {
	var edited, imported, untouched string
	w := New(t, Before(func(w *World) {
		edited, imported, untouched = w.account("Edited"), w.account("Imported"), w.account("Untouched")
		w.Advance(time.Hour)
	}))
	w.Sync()
	w.wantRule(untouched, "ACC-4", engine.OutOfScope)
	w.Advance(2 * time.Second)
	w.editAccount(edited, "Phone", "1")
	w.Sync()
	if w.partner(edited) == "" || w.partner(untouched) != "" {
		t.Errorf("after the edit: edited %q untouched %q", w.partner(edited), w.partner(untouched))
	}
	w.Import()
	if w.partner(imported) == "" {
		t.Error("imported account has no company")
	}
}

func TestACC4_SweepIsNoEdit(t *testing.T) {
	var id string
	w := New(t, Before(func(w *World) { id = w.account("Old"); w.Advance(time.Hour) }))
	w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
	w.Sync()
	if w.partner(id) != "" {
		t.Error("a sweep made a company")
	}
}

func TestACC5_AMB21_ExistingCompanyWithTheSameContactIsLinked(t *testing.T) {
	var acct, comp string
	w := New(t, Before(func(w *World) {
		acct = w.account("Edge")
		w.contact("Gonzalez", "rose@edge.com", acct)
		comp = w.company("Edge Communications Inc", w.person("Gonzalez", "rose@edge.com"))
		w.Advance(time.Hour)
	}))
	w.Import()
	if got := w.partner(acct); got != comp {
		t.Errorf("linked with %q, want %q", got, comp)
	}
}

func TestACC6_AccountNeedsNoContact(t *testing.T) {
	w := New(t)
	id := w.account("Lonely")
	w.Sync()
	if w.partner(id) == "" {
		t.Error("no company")
	}
}

func TestACC7_ACC8_WhenACompanyMakesAnAccount(t *testing.T) {
	cases := []struct {
		name    string
		opts    []Option
		make    func(w *World) string
		rule    string
		created bool
	}{
		{"ACC-7b company of a private contact", nil, func(w *World) string {
			w.contact("Levy", "levy@x.com", "")
			return w.company("X", w.person("Levy", "levy@x.com"))
		}, "ACC-7b", true},
		{"ACC-7c contact qualifies", nil, func(w *World) string { return w.company("Y", w.person("Boyle", "boyle@y.com")) }, "ACC-7c", true},
		{"ACC-8a no contact", nil, func(w *World) string { return w.company("Alone") }, "ACC-8a", false},
		{"ACC-8b all contacts are leads", nil, func(w *World) string {
			w.lead("Snyder", "snyder@z.com")
			return w.company("Z", w.person("Snyder", "snyder@z.com"))
		}, "ACC-8b", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := New(t, c.opts...)
			id := c.make(w)
			w.Sync()
			got := w.partner(id)
			if (got != "") != c.created {
				t.Fatalf("account %q, want created %v: %+v", got, c.created, w.Explain(id))
			}
			x := w.Explain(id)
			rule := lastRule(x)
			if c.created {
				rule = x.History[len(x.History)-1].Decisions[0].Rule
			}
			if rule != c.rule {
				t.Errorf("rule %s, want %s", rule, c.rule)
			}
		})
	}
}

func TestACC10_PersonMakesAnAccountWhateverTheRulesSay(t *testing.T) {
	w := New(t)
	id := w.company("Alone")
	w.Sync()
	w.wantRule(id, "ACC-8a", engine.OutOfScope)
	w.Resync(id)
	if w.partner(id) == "" {
		t.Errorf("no account: %+v", w.Explain(id))
	}
}

func TestACC13_AMB20_CON9_PrivateContactGetsTheNewAccount(t *testing.T) {
	w := New(t)
	sf := w.contact("Levy", "levy@x.com", "")
	comp := w.company("X", w.person("Levy", "levy@x.com"))
	w.Sync()
	acct := w.partner(comp)
	if got := w.Org.As(admin).Get("Contact", sf)["AccountId"]; acct == "" || got != acct {
		t.Errorf("AccountId %v, want %q", got, acct)
	}
}

func TestACC13_ContactOfAnAccountIsAssociatedWithItsCompany(t *testing.T) {
	w := New(t)
	acct := w.account("Edge")
	w.contact("Gonzalez", "rose@edge.com", acct)
	hs := w.person("Gonzalez", "rose@edge.com")
	w.Sync()
	comp := w.partner(acct)
	if got := w.Portal.As(admin).Associated("contacts", hs, "companies"); len(got) != 1 || got[0] != comp {
		t.Errorf("companies %v, want %s; %+v", got, comp, w.Explain(acct).History)
	}
}

func TestACC14_LinkStaysWhenContactsMove(t *testing.T) {
	w := New(t)
	acct := w.account("Edge")
	sf := w.contact("Gonzalez", "rose@edge.com", acct)
	hs := w.person("Gonzalez", "rose@edge.com")
	w.Sync()
	comp := w.partner(acct)
	other := w.account("Other")
	w.Sync()
	otherComp := w.partner(other)
	w.Advance(3 * time.Second)
	w.must(w.Portal.As(admin).SetPrimary("contacts", hs, otherComp))
	w.must(w.Portal.As(admin).Update("contacts", hs, map[string]string{"firstname": "Rose"}))
	w.Sync()
	if got := w.partner(acct); got != comp {
		t.Errorf("account is linked with %q, was %q", got, comp)
	}
	if got := w.Org.As(admin).Get("Contact", sf)["AccountId"]; got != other {
		t.Errorf("contact's account %v, want %s", got, other)
	}
}

func TestACC17_SameDomainIsNotTheSameCompany(t *testing.T) {
	var comp string
	w := New(t, Before(func(w *World) {
		comp = w.company("United Oil")
		w.editCompany(comp, "domain", "uos.com")
	}))
	id := w.account("United Oil & Gas, UK", "Website", "http://www.uos.com")
	w.Sync()
	if got := w.partner(id); got == "" || got == comp {
		t.Errorf("linked with %q (existing %q)", got, comp)
	}
}

func TestACC18_AssociatingAContactLaterMakesTheAccount(t *testing.T) {
	w := New(t)
	comp := w.company("Late")
	w.Sync()
	if w.partner(comp) != "" {
		t.Fatal("account too early")
	}
	w.Advance(3 * time.Second)
	hs := w.person("Late", "late@late.com")
	w.must(w.Portal.As(admin).Associate("contacts", hs, "companies", comp))
	w.Sync()
	if w.partner(comp) == "" {
		t.Errorf("no account after a contact was associated: %+v", w.Explain(comp))
	}
}

func TestAMB5_SeveralCandidatesGoToReview(t *testing.T) {
	w := New(t)
	acct := w.account("Edge")
	w.contact("A", "a@edge.com", acct)
	w.contact("B", "b@edge.com", acct)
	w.company("One", w.person("A", "a@edge.com"))
	w.company("Two", w.person("B", "b@edge.com"))
	w.Import()
	w.wantRule(acct, "AMB-5", engine.Blocked)
	if n := len(w.Explain(acct).Issues); n != 1 {
		t.Errorf("%d issues: %+v", n, w.Explain(acct).Issues)
	}
}

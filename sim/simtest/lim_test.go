package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

func TestLIM30_ImportWritesAllMappedFieldsInOnePass(t *testing.T) {
	var account string
	w := New(t, Before(func(w *World) {
		account = w.account("Edge", "Phone", "1", "BillingCity", "Bern", "Website", "https://www.edge.com", "Description", "text")
		w.Advance(time.Hour)
	}))
	w.Import()
	company := w.partner(account)
	for property, want := range map[string]string{"name": "Edge", "phone": "1", "city": "Bern", "domain": "edge.com", "description": "text"} {
		if got := w.companyValue(company, property); got != want {
			t.Errorf("%s is %q, want %q", property, got, want)
		}
	}
	writes := map[int64]bool{}
	for _, e := range w.Portal.Ledger() {
		if e.ID == company && e.Object == "companies" && e.Source != "CALCULATED" {
			writes[e.Seq] = true
		}
	}
	if len(writes) != 1 {
		t.Errorf("%d writes of the company, want one", len(writes))
	}
}

func TestLIM29_CARD2_ExplainGivesTheDecisionHistory(t *testing.T) {
	w := New(t)
	company := w.company("Alone")
	w.Sync()
	w.Advance(3 * time.Second)
	w.must(w.Portal.As(admin).Associate("contacts", w.person("Rose", "rose@alone.com"), "companies", company))
	w.Sync()
	var rules []string
	for _, h := range w.History(company) {
		for _, d := range h.Decisions {
			rules = append(rules, d.Rule+" "+d.Outcome)
		}
	}
	has := func(want string) bool {
		for _, r := range rules {
			if r == want {
				return true
			}
		}
		return false
	}
	if !has("ACC-8a none") || !has("ACC-7c create") {
		t.Errorf("history %v", rules)
	}
}

func TestLIM29_ExplainShowsBothValuesBaseAndRule(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge", "BillingCity", "Bern")
	w.editCompany(company, "city", "Rome")
	x := w.Explain(account)
	if x.Verdict != engine.Pending {
		t.Errorf("verdict %s", x.Verdict)
	}
	for _, f := range x.Fields {
		if f.HubSpot == "city" && (f.SalesforceValue != "Bern" || f.HubSpotValue != "Rome" || f.Base != "Bern" || f.Rule != "two_way" || f.InSync) {
			t.Errorf("field %+v", f)
		}
	}
	w.Sync()
	if x := w.Explain(account[:15]); x.Verdict != engine.InSync || x.Record.ID != account {
		t.Errorf("after the sync: %s %s", x.Verdict, x.Record.ID)
	}
}

func TestLIM9_SwitchingOffAndOnTakesNothingAway(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge", "BillingCity", "Bern")
	contact := w.contact("Rose", "rose@edge.com", account)
	person := w.person("Rose", "rose@edge.com")
	w.Sync()
	for _, on := range []bool{false, true} {
		w.Restart(func(c *config.Connection) { c.Companies.Sync = on })
		w.Advance(time.Minute)
		w.Sync()
		if got := w.partner(account); got != company {
			t.Errorf("sync %v: linked with %q", on, got)
		}
		if got := w.Portal.As(admin).Associated("contacts", person, "companies"); len(got) != 1 || w.Org.As(admin).Get("Contact", contact)["AccountId"] != account {
			t.Errorf("sync %v: associations %v", on, got)
		}
	}
	w.wantValues(account, "BillingCity", "Bern", company, "city", "Bern")
}

func TestLIM1_LIM19_LagIsMeasured(t *testing.T) {
	w := New(t)
	w.linked("Edge")
	w.account("Waiting")
	st, err := w.Engine.Status(t.Context(), w.Conn)
	w.must(err)
	if st.Sides["hubspot"].Covered.IsZero() || st.Sides["salesforce"].Covered.IsZero() {
		t.Errorf("sides %+v", st.Sides)
	}
}

func TestPlanIsAppliedExactlyAndChangedItemsAreRefused(t *testing.T) {
	var a, b string
	w := New(t, Before(func(w *World) { a, b = w.account("A"), w.account("B"); w.Advance(time.Hour) }))
	id, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: core.CompanyPair}, nil)
	w.must(err)
	if counts.Ops["create companies"] != 2 || w.companyCount() != 0 {
		t.Fatalf("plan %+v", counts)
	}
	w.editAccount(b, "Name", "B changed")
	got, err := w.Engine.Apply(t.Context(), w.Conn, id)
	w.must(err)
	if got.Applied != 1 || got.Refused != 1 || w.partner(a) == "" || w.partner(b) != "" {
		t.Errorf("applied %+v: A with %q, B with %q", got, w.partner(a), w.partner(b))
	}
}

// owners is a mapping of the record owner that knows one person on both sides.
func owners(rule string) Option {
	return func(s *setup) {
		var user string
		Before(func(w *World) {
			var err error
			user, err = w.Org.AddUser(salesUser())
			w.must(err)
			w.settings.Mappings = map[string][]config.Mapping{"company": {nameTwoWay,
				{HubSpot: "hubspot_owner_id", Salesforce: "OwnerId", Rule: rule, Values: map[string]string{user: "41629780", w.Org.Info().IntegrationUserID: "41629779"}}}}
		})(s)
	}
}

func TestMAP8_OwnersAreTwoWayAndMatchExactly(t *testing.T) {
	for _, rule := range []string{"two_way", "always_salesforce"} {
		t.Run("rule "+rule, func(t *testing.T) {
			w := New(t, owners(rule))
			rows, err := w.Org.As(admin).Query("SELECT Id FROM User WHERE LastName = 'Seller'")
			w.must(err)
			seller := rows[0]["Id"].(string)
			account, company := w.linked("Edge", "OwnerId", seller)
			w.wantValues(account, "OwnerId", seller, company, "hubspot_owner_id", "41629780")
			w.editCompany(company, "hubspot_owner_id", "41629779")
			w.Sync()
			w.wantValues(account, "OwnerId", w.Org.Info().IntegrationUserID, company, "hubspot_owner_id", "41629779")
			w.Advance(3 * time.Second)
			w.editAccount(account, "OwnerId", w.Org.Info().AdminUserID)
			w.Sync()
			w.wantValues(account, "OwnerId", w.Org.Info().AdminUserID, company, "hubspot_owner_id", "41629779")
			w.want(core.Companies, company, "salesforceownerid", w.Org.Info().AdminUserID)
			w.wantNoIssues()
		})
	}
}

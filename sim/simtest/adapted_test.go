package simtest

import (
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// TestERR9_AnAdaptedValueStaysTold: Salesforce keeps a number of HubSpot rounded. That is told
// for as long as it is so, whatever else changes on either side, and no longer.
func TestERR9_AnAdaptedValueStaysTold(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(func(w *World) {
			w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Score", Label: "Score", Type: "Number", Precision: 10, Scale: 2}))
			w.property("score", "number", "number")
		}), Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name"}, config.Mapping{HubSpot: "score", Salesforce: "Score__c", Rule: "two_way"}))
		account := w.account("Edge")
		w.Sync()
		company := w.partner(account)
		told := func(want bool, why string) {
			t.Helper()
			w.again()
			open := w.openIssues()
			if want != (len(open) == 1 && open[0].Code == "adapted" && open[0].Field == "Score__c") || !want && len(open) > 0 {
				t.Errorf("%s: the issues are %+v", why, open)
			}
		}
		w.change(core.Companies, company, "score", "12.345")
		told(true, "a number with three digits")
		if got := w.accountValue(account, "Score__c"); got != "12.34" {
			t.Fatalf("Salesforce has %q", got)
		}
		w.change(core.Companies, company, "name", "Edge & Sons")
		told(true, "another field of HubSpot")
		w.editAccount(account, "Name", "Edge & Daughters")
		told(true, "another field of Salesforce")
		w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
		told(true, "a sweep")
		w.change(core.Companies, company, "score", "12.34")
		told(false, "the number that both can keep")
		w.change(core.Companies, company, "score", "77.777")
		told(true, "once more too long")
		w.editAccount(account, "Score__c", 78.5)
		told(false, "a number of Salesforce")
	})
}

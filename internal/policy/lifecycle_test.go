package policy

import "testing"

var order = []string{"subscriber", "lead", "mql", "sql", StageOpportunity, StageCustomer, "evangelist"}

func fact(state, stage string, met, fresh bool) SalesFact {
	return SalesFact{Name: stage, State: state, Met: met, New: fresh, Turned: fresh}
}

func TestLIFE2_LIM31_WhereALifecycleStageMoves(t *testing.T) {
	rules := []StageRule{
		{OpportunityStage: "Lost", Stage: "lead", Move: MoveAny},
		{OpportunityStage: "Demo", Stage: "sql", Move: MoveForward, From: []string{"lead"}},
		{OpportunityStage: "First", Stage: "mql", Move: MoveFill},
		{LeadStatus: "Working", Stage: "mql", Move: MoveForward},
	}
	for name, c := range map[string]struct {
		facts LifecycleFacts
		rule  string
		stage string
		clear bool
	}{
		"nothing known":                {LifecycleFacts{Current: "lead"}, "LIFE-4", "", false},
		"open":                         {LifecycleFacts{Current: "lead", Sales: []SalesFact{fact("open", "A", false, true)}}, "LIFE-2", "opportunity", false},
		"open and blank":               {LifecycleFacts{Sales: []SalesFact{fact("open", "A", false, true)}}, "LIFE-2", "opportunity", false},
		"open, acted on":               {LifecycleFacts{Current: "lead", Sales: []SalesFact{fact("open", "A", true, false)}}, "LIFE-4", "", false},
		"won later":                    {LifecycleFacts{Current: "lead", Sales: []SalesFact{fact("won", "W", false, true)}}, "LIFE-3", "customer", false},
		"won":                          {LifecycleFacts{Current: "opportunity", Sales: []SalesFact{fact("won", "W", true, true), fact("open", "A", false, true)}}, "LIFE-2", "customer", false},
		"already there":                {LifecycleFacts{Current: "customer", Sales: []SalesFact{fact("won", "W", true, true)}}, "LIFE-2", "", false},
		"never back":                   {LifecycleFacts{Current: "evangelist", Sales: []SalesFact{fact("won", "W", true, true)}}, "LIFE-4", "", false},
		"a stage of no known order":    {LifecycleFacts{Current: "custom", Sales: []SalesFact{fact("won", "W", true, true)}}, "LIFE-4", "", false},
		"another open stage":           {LifecycleFacts{Current: "lead", Sales: []SalesFact{{Name: "B", State: "open", Met: true, New: true}}}, "LIFE-4", "", false},
		"lost, not in the map":         {LifecycleFacts{Current: "lead", Sales: []SalesFact{fact("lost", "Gone", true, true)}}, "LIFE-4", "", false},
		"lost goes back":               {LifecycleFacts{Current: "opportunity", Sales: []SalesFact{fact("lost", "Lost", true, true)}}, "LIM-31", "lead", true},
		"lost beside one that is open": {LifecycleFacts{Current: "customer", Sales: []SalesFact{fact("lost", "Lost", true, true), fact("open", "A", true, false)}}, "LIM-31", "opportunity", true},
		"lost beside one that is won":  {LifecycleFacts{Current: "customer", Sales: []SalesFact{fact("lost", "Lost", true, true), fact("won", "W", true, false)}}, "LIM-31", "", false},
		"from another stage":           {LifecycleFacts{Current: "subscriber", Sales: []SalesFact{fact("open", "Demo", false, true)}}, "LIFE-4", "", false},
		"from its stage":               {LifecycleFacts{Current: "lead", Sales: []SalesFact{fact("open", "Demo", false, true)}}, "LIM-31", "sql", false},
		"fills a blank":                {LifecycleFacts{Sales: []SalesFact{fact("open", "First", false, true)}}, "LIM-31", "mql", false},
		"fills only a blank":           {LifecycleFacts{Current: "lead", Sales: []SalesFact{fact("open", "First", false, true)}}, "LIFE-4", "", false},
		"a lead's status":              {LifecycleFacts{Current: "lead", Sales: []SalesFact{{Lead: true, Name: "Working", New: true}}}, "LIM-31", "mql", false},
		"the company":                  {LifecycleFacts{Current: "lead", Company: "customer"}, "LIFE-6", "customer", false},
		"a company behind":             {LifecycleFacts{Current: "customer", Company: "lead"}, "LIFE-4", "", false},
		"cleared to move back":         {LifecycleFacts{Cleared: "lead"}, "LIM-31", "lead", false},
	} {
		c.facts.Order, c.facts.Automatic, c.facts.Rules = order, true, rules
		got := LifecycleStage(c.facts)
		if got.Rule != c.rule || got.Stage != c.stage || got.Clear != c.clear || got.Unknown != "" {
			t.Errorf("%s: %+v, want %s %q %t", name, got, c.rule, c.stage, c.clear)
		}
	}
	off := LifecycleStage(LifecycleFacts{Current: "lead", Order: order, Sales: []SalesFact{fact("won", "W", false, true)}})
	if off.Stage != "" {
		t.Errorf("LIFE-1: off, and it moves to %s", off.Stage)
	}
}

func TestACC12_ACompanyMovesForwardOnly(t *testing.T) {
	for _, c := range []struct{ company, contact, want string }{
		{"", "lead", "lead"}, {"lead", "customer", "customer"}, {"customer", "lead", ""}, {"lead", "lead", ""}, {"lead", "unknown", ""}, {"unknown", "lead", ""}, {"lead", "", ""},
	} {
		if got := CompanyStage(order, c.company, c.contact); got.Stage != c.want {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

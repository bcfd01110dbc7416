package simtest

import (
	"slices"
	"strconv"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// deals switches deal sync on, with the mappings that deals are proposed.
func deals(changes ...func(*config.Deals)) Option {
	return Settings(func(c *config.Connection) {
		c.Deals.Sync = true
		c.Mappings["deal"] = []config.Mapping{
			{HubSpot: "dealname", Salesforce: "Name", Rule: "two_way"},
			{HubSpot: "dealstage", Salesforce: "StageName", Rule: "two_way"},
			{HubSpot: "amount", Salesforce: "Amount", Rule: "two_way"},
			{HubSpot: "closedate", Salesforce: "CloseDate", Rule: "two_way"},
			{HubSpot: "description", Salesforce: "Description"},
		}
		for _, change := range changes {
			change(&c.Deals)
		}
	})
}

// opportunity makes one that closes in 2030, as a person does.
func (w *World) opportunity(name string, more ...string) string {
	w.T.Helper()
	pairs := append([]string{"Name", name, "CloseDate", "2030-05-31"}, more...)
	if !slices.Contains(more, "StageName") {
		pairs = append(pairs, "StageName", "Prospecting")
	}
	return w.made(core.Opportunity, pairs...)
}

// dealLink is the link that names a deal or an opportunity; nil without one.
func (w *World) dealLink(id string) (link *core.Link) {
	w.T.Helper()
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		links, err := tx.LinksOf(w.Conn.ID, engine.RefsFor(core.StandardPairs, core.DealPair, id))
		for _, l := range links {
			link = l
		}
		return err
	}))
	return link
}

// dealMate is the other id of a deal's active link, blank without one.
func (w *World) dealMate(id string) string {
	w.T.Helper()
	l := w.dealLink(id)
	switch {
	case l == nil || l.State != core.LinkActive:
		return ""
	case l.Refs[core.Salesforce].ID == core.ID18(id):
		return l.Refs[core.HubSpot].ID
	}
	return l.Refs[core.Salesforce].ID
}

func (w *World) explainDeal(id string) *engine.Explanation {
	w.T.Helper()
	x, err := w.Engine.Explain(w.T.Context(), w.Conn, core.DealPair, id)
	w.must(err)
	return x
}

func (w *World) wantDealMate(id string) string {
	w.T.Helper()
	mate := w.dealMate(id)
	if mate == "" {
		w.T.Fatalf("%s has no partner: %+v", id, w.explainDeal(id))
	}
	return mate
}

// wantNoDeal fails where a record has a partner or has none by another rule.
func (w *World) wantNoDeal(id, rule string) {
	w.T.Helper()
	x := w.explainDeal(id)
	if w.dealMate(id) != "" || len(x.Rules) == 0 || x.Rules[len(x.Rules)-1].Rule != rule {
		w.T.Errorf("%s: link %+v, rules %+v, want none by %s", id, x.Link, x.Rules, rule)
	}
}

// dealCount counts the live deals of the portal and the opportunities of the org.
func (w *World) dealCount() (opportunities, deals int) {
	w.T.Helper()
	rows, err := w.Org.As(admin).Query("SELECT Id FROM Opportunity")
	w.must(err)
	out := w.portalCall("POST", "/crm/v3/objects/deals/search", map[string]any{"limit": 1})
	return len(rows), int(out["total"].(float64))
}

func (w *World) wantDeals(opportunities, deals int) {
	w.T.Helper()
	if o, d := w.dealCount(); o != opportunities || d != deals {
		w.T.Errorf("%d opportunities and %d deals, want %d and %d", o, d, opportunities, deals)
	}
}

// pipeline is the pipeline of deals with a label: its id, and the ids of its stages by
// label.
func (w *World) pipeline(label string) (id string, stages map[string]string) {
	w.T.Helper()
	for _, one := range w.portalCall("GET", "/crm/v3/pipelines/deals", nil)["results"].([]any) {
		p := one.(map[string]any)
		if p["label"] != label {
			continue
		}
		stages = map[string]string{}
		for _, s := range p["stages"].([]any) {
			stage := s.(map[string]any)
			stages[stage["label"].(string)] = stage["id"].(string)
		}
		return p["id"].(string), stages
	}
	return "", nil
}

// companyOf are the companies of a deal, the primary one first.
func (w *World) companyOf(deal string) (ids []string) {
	w.T.Helper()
	out := w.portalCall("GET", "/crm/v4/objects/deals/"+deal+"/associations/companies", nil)
	for _, one := range out["results"].([]any) {
		row := one.(map[string]any)
		id := strconv.FormatFloat(row["toObjectId"].(float64), 'f', -1, 64)
		if slices.ContainsFunc(row["associationTypes"].([]any), func(t any) bool { return t.(map[string]any)["typeId"] == 5.0 }) {
			ids = append([]string{id}, ids...)
			continue
		}
		ids = append(ids, id)
	}
	return ids
}

// wantCompanies fails where a deal is of other companies.
func (w *World) wantCompanies(deal string, want ...string) {
	w.T.Helper()
	if got := w.companyOf(deal); !slices.Equal(got, want) {
		w.T.Errorf("deal %s is of the companies %v, want %v", deal, got, want)
	}
}

// wantStage fails where a stage stands otherwise in its pipeline.
func (w *World) wantStage(line, label string, order float64, probability, closed string) {
	w.T.Helper()
	for _, one := range w.portalCall("GET", "/crm/v3/pipelines/deals/"+line+"/stages", nil)["results"].([]any) {
		s := one.(map[string]any)
		meta := s["metadata"].(map[string]any)
		if s["label"] == label {
			if s["displayOrder"] != order || meta["probability"] != probability || meta["isClosed"] != closed {
				w.T.Errorf("stage %s stands as %v", label, s)
			}
			return
		}
	}
	w.T.Errorf("no stage %s", label)
}

// importDeals imports deals and opportunities of both sides and syncs.
func (w *World) importDeals() engine.Result {
	w.T.Helper()
	_, err := w.Engine.StartImport(w.T.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.DealPair, Sides: core.Sides[:]})
	w.must(err)
	return w.Sync()
}

// sweepAll compares every record of both sides with what was seen last.
func (w *World) sweepAll() {
	w.T.Helper()
	w.must(w.Engine.QueueSweeps(w.T.Context(), w.Conn))
	w.Sync()
}

package simtest

import (
	"slices"
	"strconv"
	"strings"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// tickets switches ticket sync on, with the mappings that tickets are proposed.
func tickets(changes ...func(*config.Tickets)) Option {
	return Settings(func(c *config.Connection) {
		c.Tickets.Sync = true
		c.Mappings["ticket"] = []config.Mapping{
			{HubSpot: "subject", Salesforce: "Subject", Rule: "two_way"},
			{HubSpot: "hs_pipeline_stage", Salesforce: "Status", Rule: "two_way"},
			{HubSpot: "content", Salesforce: "Description", Rule: "two_way"},
		}
		for _, change := range changes {
			change(&c.Tickets)
		}
		c.Complete()
	})
}

// ticketsBothWays lets tickets pass from HubSpot too, whatever the profile.
func ticketsBothWays(t *config.Tickets) { t.FromHubSpot = "create_or_update" }

// explainOf explains a record of any pair.
func (w *World) explainOf(pair core.Pair, id string) *engine.Explanation {
	w.T.Helper()
	x, err := w.Engine.Explain(w.T.Context(), w.Conn, pair, id)
	w.must(err)
	return x
}

// mateOf is the other id of a record's active link, blank without one.
func (w *World) mateOf(pair core.Pair, id string) string {
	w.T.Helper()
	x := w.explainOf(pair, id)
	switch {
	case x.Link == nil || x.Link.State != core.LinkActive:
		return ""
	case x.Link.Salesforce == core.ID18(id):
		return x.Link.HubSpot
	}
	return x.Link.Salesforce
}

func (w *World) wantMateOf(pair core.Pair, id string) string {
	w.T.Helper()
	mate := w.mateOf(pair, id)
	if mate == "" {
		w.T.Fatalf("%s %s has no partner: %+v", pair, id, w.explainOf(pair, id))
	}
	return mate
}

// wantNone fails where a record has a partner or has none by another rule.
func (w *World) wantNone(pair core.Pair, id, rule string) {
	w.T.Helper()
	x := w.explainOf(pair, id)
	if x.Link != nil && x.Link.State == core.LinkActive || len(x.Rules) == 0 || x.Rules[len(x.Rules)-1].Rule != rule {
		w.T.Errorf("%s %s: link %+v, rules %+v, want none by %s", pair, id, x.Link, x.Rules, rule)
	}
}

// associated are the records of an object that a record of the portal is associated with,
// each with its labels in order.
func (w *World) associated(from core.Object, id string, to core.Object) map[string][]string {
	w.T.Helper()
	out := map[string][]string{}
	for _, one := range w.portalCall("GET", "/crm/v4/objects/"+string(from)+"/"+id+"/associations/"+string(to), nil)["results"].([]any) {
		row := one.(map[string]any)
		other := strconv.FormatFloat(row["toObjectId"].(float64), 'f', -1, 64)
		out[other] = nil
		for _, t := range row["associationTypes"].([]any) {
			if label, _ := t.(map[string]any)["label"].(string); label != "" {
				out[other] = append(out[other], label)
			}
		}
		slices.Sort(out[other])
	}
	return out
}

// wantAssociated fails where a record of the portal is associated with others, each told
// as id or id=label.
func (w *World) wantAssociated(from core.Object, id string, to core.Object, want ...string) {
	w.T.Helper()
	var got []string
	for other, labels := range w.associated(from, id, to) {
		got = append(got, strings.TrimSuffix(other+"="+strings.Join(labels, "+"), "="))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.T.Errorf("%s %s is associated with the %s %v, want %v", from, id, to, got, want)
	}
}

// lineOf is a pipeline of an object by its label: its id, and the ids of its stages by
// label.
func (w *World) lineOf(object core.Object, label string) (id string, stages map[string]string) {
	w.T.Helper()
	for _, one := range w.portalCall("GET", "/crm/v3/pipelines/"+string(object), nil)["results"].([]any) {
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

// countOf counts the live records of an object.
func (w *World) countOf(object core.Object, inPortal bool) int {
	w.T.Helper()
	if inPortal {
		out := w.portalCall("POST", "/crm/v3/objects/"+string(object)+"/search", map[string]any{"limit": 1})
		return int(out["total"].(float64))
	}
	rows, err := w.Org.As(admin).Query("SELECT Id FROM " + string(object))
	w.must(err)
	return len(rows)
}

// importOf imports the records of a pair from both sides and syncs.
func (w *World) importOf(pair core.Pair) engine.Result {
	w.T.Helper()
	_, err := w.Engine.StartImport(w.T.Context(), w.Conn, "import", engine.ImportArgs{Pair: pair, Sides: core.Sides[:]})
	w.must(err)
	return w.Sync()
}

package simtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// ofDeals is an import of opportunities and deals, into a pipeline that lacks a stage.
var ofDeals = importing{world: dealImport, args: engine.ImportArgs{Pair: core.DealPair, Sides: core.Sides[:]}, finish: (*trial).finishDeals, sparse: true}

func dealImport(t testing.TB) *trial {
	w := newTrial(t, deals(), Before(func(w *World) {
		for i := range 5 {
			w.opportunity(fmt.Sprintf("D%d", i), "Amount", fmt.Sprint(i))
		}
		var stages []any // all but the last one
		for i, label := range []string{"Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers", "Perception Analysis",
			"Proposal/Price Quote", "Negotiation/Review", "Closed Won"} {
			chance := []string{"0.1", "0.1", "0.2", "0.5", "0.6", "0.7", "0.75", "0.9", "1.0"}[i]
			stages = append(stages, map[string]any{"label": label, "displayOrder": i, "metadata": map[string]string{"probability": chance}})
		}
		line := w.portalCall("POST", "/crm/v3/pipelines/deals", map[string]any{"label": "Salesforce - Default", "displayOrder": 1, "stages": stages})
		stage := line["stages"].([]any)[0].(map[string]any)["id"].(string)
		for i := range 2 {
			w.made(core.Deals, "dealname", fmt.Sprintf("H%d", i), "amount", "9", "closedate", "2031-01-02T00:00:00Z", "pipeline", line["id"].(string), "dealstage", stage)
		}
		w.Advance(time.Hour)
	}), Settings(func(c *config.Connection) {
		c.Salesforce.SettleUnknown, c.HubSpot.SettleUnknown = config.Duration(time.Second), config.Duration(time.Second)
	}))
	w.Through(new(schemas).carry)
	return w
}

// finishDeals is the end of an import of deals: each once on each side, with the same
// values.
func (w *trial) finishDeals() string {
	w.T.Helper()
	w.heal()
	rows, err := w.Org.As(admin).Query("SELECT Id FROM Opportunity")
	w.must(err)
	var out []string
	for _, r := range rows {
		id := fmt.Sprint(r["Id"])
		deal := w.wantDealMate(id)
		w.want(core.Deals, deal, "hs_salesforceopportunityid", id)
		out = append(out, strings.Join([]string{w.shown(core.Opportunity, id, "Name"), w.shown(core.Deals, deal, "dealname"), w.shown(core.Deals, deal, "amount")}, " "))
	}
	w.wantDeals(7, 7)
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// TestP1_CrashAtEveryCommitOfAnImportOfDeals lets the process die before or after each
// commit: no deal is made twice although none is matched by name (I2, DEAL-11).
func TestP1_CrashAtEveryCommitOfAnImportOfDeals(t *testing.T) { ofDeals.crash(t, 7) }

// TestP1_KillAroundTheCallOfAnImportOfDeals kills the process around every write call.
func TestP1_KillAroundTheCallOfAnImportOfDeals(t *testing.T) { ofDeals.kill(t) }

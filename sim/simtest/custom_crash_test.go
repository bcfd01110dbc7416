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

// ofTickets is an import of cases and tickets of an account, and ofProjects one of a
// custom object that refers to it.
var (
	ofTickets  = importing{world: ticketImport, args: engine.ImportArgs{Pair: core.TicketPair, Sides: core.Sides[:]}, finish: (*trial).finishTickets, sparse: true}
	ofProjects = importing{world: projectImport, args: engine.ImportArgs{Pair: "project", Sides: core.Sides[:]}, finish: (*trial).finishProjects, sparse: true}
)

// atOnce lets an unanswered create be settled within a second.
var atOnce = Settings(func(c *config.Connection) {
	c.Salesforce.SettleUnknown, c.HubSpot.SettleUnknown = config.Duration(time.Second), config.Duration(time.Second)
})

func ticketImport(t testing.TB) *trial {
	w := newTrial(t, tickets(ticketsBothWays), Before(func(w *World) {
		for i := range 5 {
			w.made(core.SupportCase, "Subject", fmt.Sprintf("C%d", i))
		}
		line := w.portalCall("POST", "/crm/v3/pipelines/tickets", map[string]any{"label": "Salesforce - Default", "displayOrder": 1,
			"stages": []any{map[string]any{"label": "New", "displayOrder": 0, "metadata": map[string]string{"ticketState": "OPEN"}}}})
		stage := line["stages"].([]any)[0].(map[string]any)["id"].(string)
		for i := range 2 {
			w.made(core.Tickets, "subject", fmt.Sprintf("H%d", i), "hs_pipeline", line["id"].(string), "hs_pipeline_stage", stage)
		}
		w.Advance(time.Hour)
	}), atOnce)
	w.Through(new(schemas).carry)
	return w
}

func projectImport(t testing.TB) *trial {
	w := newTrial(t, Before(func(w *World) {
		o := w.custom("project", "Account__c>company")
		for i := range 5 {
			w.made(core.Object(o.Salesforce), "Name", fmt.Sprintf("P%d", i))
		}
		for i := range 2 {
			w.made(core.Object(o.HubSpot), "title", fmt.Sprintf("H%d", i))
		}
		w.Advance(time.Hour)
	}), atOnce)
	w.Through(new(schemas).carry)
	return w
}

func (w *trial) finishTickets() string {
	return w.finishOf(core.TicketPair, core.SupportCase, core.Tickets, "Subject", "subject")
}

func (w *trial) finishProjects() string {
	sf, hs := w.ends("project")
	return w.finishOf("project", sf, hs, "Name", "title")
}

// finishOf is the end of an import: each once on each side, with the same values.
func (w *trial) finishOf(pair core.Pair, sf, hs core.Object, name, title string) string {
	w.T.Helper()
	w.heal()
	rows, err := w.Org.As(admin).Query("SELECT Id FROM " + string(sf))
	w.must(err)
	var out []string
	for _, r := range rows {
		id := fmt.Sprint(r["Id"])
		out = append(out, strings.Join([]string{w.shown(sf, id, name), w.shown(hs, w.wantMateOf(pair, id), title)}, " "))
	}
	if a, b := len(rows), w.countOf(hs, true); a != 7 || b != 7 {
		w.T.Errorf("%d and %d records, want 7 and 7", a, b)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// TestP1_CrashAtEveryCommitOfAnImportOfTickets lets the process die before or after each
// commit: no case and no ticket is made twice although none is matched by its subject (I2,
// CASE-1).
func TestP1_CrashAtEveryCommitOfAnImportOfTickets(t *testing.T) { ofTickets.crash(t, 7) }

// TestP1_KillAroundTheCallOfAnImportOfTickets kills the process around every write call.
func TestP1_KillAroundTheCallOfAnImportOfTickets(t *testing.T) { ofTickets.kill(t) }

// TestP1_CrashAtEveryCommitOfAnImportOfCustomObjects likewise (CO-5).
func TestP1_CrashAtEveryCommitOfAnImportOfCustomObjects(t *testing.T) { ofProjects.crash(t, 7) }

// TestP1_KillAroundTheCallOfAnImportOfCustomObjects kills the process around every write
// call.
func TestP1_KillAroundTheCallOfAnImportOfCustomObjects(t *testing.T) { ofProjects.kill(t) }

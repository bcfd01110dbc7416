package simtest

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// shape is an object pair whose records of HubSpot a list may limit (INC-8), with the
// fields by which these tests tell one from another.
type shape struct {
	pair        core.Pair
	sf, hs      core.Object
	title, text [2]string
	born        string // the property that says when a record was made
}

// inShape is the filter of a list that lets records with one of some texts pass.
func (s *shape) inShape(texts ...string) map[string]any {
	f := propertyIs(s.text[core.HubSpot], "")
	f["operation"].(map[string]any)["values"] = texts
	return f
}

// since is a filter that only HubSpot evaluates.
func (s *shape) since() map[string]any {
	f := touchedSince()
	f["property"] = s.born
	return f
}

// limitedTickets are tickets with the list Members of those that meet the filters.
func limitedTickets(s *shape, filters func(*shape) []map[string]any) Option {
	*s = shape{pair: core.TicketPair, sf: core.SupportCase, hs: core.Tickets, title: [2]string{"Subject", "subject"}, text: [2]string{"Description", "content"}, born: "createdate"}
	return func(set *setup) {
		tickets(ticketsBothWays, func(c *config.Tickets) { c.InclusionList = "Members" })(set)
		Before(func(w *World) { w.listOf(s.hs, "Members", filters(s)...) })(set)
	}
}

// limitedProjects are records of a custom object with such a list.
func limitedProjects(s *shape, filters func(*shape) []map[string]any) Option {
	return Before(func(w *World) {
		o := w.custom("project")
		o.InclusionList = "Members"
		*s = shape{pair: "project", sf: core.Object(o.Salesforce), hs: core.Object(o.HubSpot), title: [2]string{"Name", "title"}, text: [2]string{"Note__c", "note"}, born: "hs_createdate"}
		w.listOf(s.hs, "Members", filters(s)...)
	})
}

// inShapes runs a test with tickets and with a custom object, in both profiles.
func inShapes(t *testing.T, filters func(*shape) []map[string]any, run func(t *testing.T, w *World, s *shape), more ...func(*shape) Option) {
	t.Helper()
	for name, limited := range map[string]func(*shape, func(*shape) []map[string]any) Option{"tickets": limitedTickets, "custom object": limitedProjects} {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				s := &shape{}
				options := []Option{profile, limited(s, filters)}
				for _, m := range more {
					options = append(options, m(s))
				}
				run(t, New(t, options...), s)
			})
		})
	}
}

func inA(s *shape) []map[string]any { return []map[string]any{s.inShape("a")} }

func hubSpotsA(s *shape) []map[string]any { return []map[string]any{s.since(), s.inShape("a")} }

// shaped makes a record of HubSpot; a ticket stands in the pipeline that the first sync
// made.
func (w *World) shaped(s *shape, title, text string) string {
	w.T.Helper()
	fields := []string{s.title[core.HubSpot], title, s.text[core.HubSpot], text}
	if s.pair == core.TicketPair {
		line, stages := w.lineOf(core.Tickets, "Salesforce - Default")
		fields = append(fields, "hs_pipeline", line, "hs_pipeline_stage", stages["New"])
	}
	return w.made(s.hs, fields...)
}

// wantRuleOf fails where the last rule about a record of any pair, or its verdict, is
// another one.
func (w *World) wantRuleOf(pair core.Pair, id, rule string, verdict engine.Verdict) {
	w.T.Helper()
	x := w.explainOf(pair, id)
	if lastRule(x) != rule || x.Verdict != verdict {
		w.T.Errorf("explain %s %s: rule %s verdict %s, want %s %s (%+v)", pair, id, lastRule(x), x.Verdict, rule, verdict, x.Rules)
	}
}

// TestINC8_INC6_OnlyRecordsOfTheListPassToSalesforce, also where a person asks for another one,
// and the list is evaluated on the new values.
func TestINC8_INC6_OnlyRecordsOfTheListPassToSalesforce(t *testing.T) {
	inShapes(t, inA, func(t *testing.T, w *World, s *shape) {
		w.Sync()
		in, out := w.shaped(s, "In", "a"), w.shaped(s, "Out", "b")
		w.again()
		w.wantMateOf(s.pair, in)
		w.wantRuleOf(s.pair, out, "INC-3", engine.OutOfScope)
		w.must(w.Engine.Resync(t.Context(), w.Conn, s.pair, []string{out}))
		w.Sync()
		w.wantRuleOf(s.pair, out, "INC-3", engine.OutOfScope)
		if n := w.countOf(s.sf, false); n != 1 {
			t.Errorf("%d records in Salesforce, want 1", n)
		}
		w.change(s.hs, out, s.text[core.HubSpot], "a")
		w.again() // at once: HubSpot has not evaluated the list yet
		w.wantMateOf(s.pair, out)
	})
}

// TestINC8_INC9_OutsideTheListNothingPassesEitherWay: a record that leaves by an edit takes
// none of it along, nothing is deleted, coming back goes on; what Salesforce has makes its
// partner outside the list too, and edits stay where they are.
func TestINC8_INC9_OutsideTheListNothingPassesEitherWay(t *testing.T) {
	inShapes(t, inA, func(t *testing.T, w *World, s *shape) {
		id := w.made(s.sf, s.title[core.Salesforce], "First", s.text[core.Salesforce], "a")
		outside := w.made(s.sf, s.title[core.Salesforce], "Outside", s.text[core.Salesforce], "b")
		w.again()
		mate, other := w.wantMateOf(s.pair, id), w.wantMateOf(s.pair, outside)
		w.change(s.sf, outside, s.title[core.Salesforce], "Renamed")
		w.must(w.Portal.As(admin).Update(string(s.hs), mate, map[string]string{s.text[core.HubSpot]: "b", s.title[core.HubSpot]: "Left"}))
		w.again()
		w.want(s.hs, other, s.title[core.HubSpot], "Outside")
		w.wantRuleOf(s.pair, outside, "INC-3", engine.OutOfScope)
		w.want(s.sf, id, s.title[core.Salesforce], "First")
		w.wantRuleOf(s.pair, mate, "INC-3", engine.OutOfScope)
		w.change(s.hs, mate, s.text[core.HubSpot], "a")
		w.change(s.hs, other, s.text[core.HubSpot], "a")
		w.again()
		w.want(s.sf, id, s.title[core.Salesforce], "Left")
		w.want(s.hs, other, s.title[core.HubSpot], "Renamed")
		if a, b := w.countOf(s.sf, false), w.countOf(s.hs, true); a != 2 || b != 2 {
			t.Errorf("%d and %d records, want 2 and 2", a, b)
		}
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestINC8_TRIG8_INC10_RecordsJoinAndLeaveAListThatHubSpotEvaluates, though nobody edits
// them. Who only existed before the switch stays away until it joins.
func TestINC8_TRIG8_INC10_RecordsJoinAndLeaveAListThatHubSpotEvaluates(t *testing.T) {
	var old string
	inShapes(t, hubSpotsA, func(t *testing.T, w *World, s *shape) {
		w.Sync()
		in := w.shaped(s, "In", "a")
		w.settleLists()
		w.Sync()
		mate := w.wantMateOf(s.pair, in)
		if s.pair != core.TicketPair && w.mateOf(s.pair, old) != "" {
			t.Fatal("a record outside the list has a partner")
		}
		w.refiltered(s.hs, s.since(), s.inShape("b"))
		w.Sync()
		if s.pair != core.TicketPair {
			w.wantMateOf(s.pair, old)
		}
		w.change(s.sf, mate, s.title[core.Salesforce], "Renamed")
		w.again()
		w.want(s.hs, in, s.title[core.HubSpot], "In")
		if w.mateOf(s.pair, in) != mate {
			t.Error("leaving the list ended the link")
		}
		w.refiltered(s.hs, s.since(), s.inShape("a", "b"))
		w.Sync()
		w.want(s.hs, in, s.title[core.HubSpot], "Renamed")
	}, func(s *shape) Option {
		return existed(func(w *World) {
			if s.pair != core.TicketPair { // a ticket needs a pipeline that the first sync makes
				old = w.shaped(s, "Old", "b")
			}
		})
	})
}

// TestINC8_LIM16_AListOfRecordsEditedToNearlyNoneHalts.
func TestINC8_LIM16_AListOfRecordsEditedToNearlyNoneHalts(t *testing.T) {
	var s shape
	w := New(t, limitedProjects(&s, func(s *shape) []map[string]any { return []map[string]any{s.since(), s.inShape("a", "b")} }))
	for i := range 12 {
		w.shaped(&s, fmt.Sprintf("P%d", i), "b")
	}
	stays := w.shaped(&s, "Stays", "a")
	w.settleLists()
	w.Sync()
	mate := w.wantMateOf(s.pair, stays)
	w.refiltered(s.hs, s.since(), s.inShape("a"))
	_, err := w.TrySync()
	wantCode(t, err, engine.CodeBrake)
	if !strings.Contains(err.Error(), "12 of 13 linked project") {
		t.Errorf("the brake says %v", err)
	}
	w.must(w.Engine.Resume(t.Context(), w.Conn, string(core.BrakeScope)))
	w.Sync()
	w.change(s.sf, mate, "Name", "Renamed")
	w.again()
	w.want(s.hs, stays, "title", "Renamed")
}

// TestINC8_INC5_AListOfRecordsSaysWhatItAdmitsAndDrops before it is saved, and one of other
// records is refused.
func TestINC8_INC5_AListOfRecordsSaysWhatItAdmitsAndDrops(t *testing.T) {
	inShapes(t, hubSpotsA, func(t *testing.T, w *World, s *shape) {
		w.Sync()
		w.shaped(s, "In", "a")
		w.shaped(s, "Out", "b")
		w.listOf(s.hs, "Others", s.since(), s.inShape("b"))
		w.list("People", propertyIs("city", "Oslo"))
		w.settleLists()
		w.Sync()
		name := func(list string) func(c *config.Connection) {
			return func(c *config.Connection) {
				if s.pair == core.TicketPair {
					c.Tickets.InclusionList = list
					return
				}
				c.CustomObjects = append([]config.CustomObject(nil), c.CustomObjects...)
				c.CustomObjects[0].InclusionList = list
			}
		}
		out, _ := w.admissions(name("Others"))
		wantAdmission(t, out, 0, engine.Admission{Side: "hubspot", Object: s.hs, Records: 2, Now: 1, Then: 1, Enter: 1, Leave: 1, Linked: 1})
		if len(out) != 1 || !strings.HasSuffix(out[0].Keys[0], ".inclusion_list") {
			t.Errorf("admissions %+v", out)
		}
		next := w.settings
		name("People")(&next)
		_, _, err := w.Engine.Admissions(t.Context(), engine.Setup{Settings: w.settings, Sides: w.Conn.Sides}, engine.Setup{Settings: next, Sides: w.Conn.Sides})
		wantCode(t, err, engine.CodeUsage)
		if !strings.Contains(err.Error(), "is a list of contacts, not of "+string(s.hs)) {
			t.Errorf("a list of people is refused by %v", err)
		}
	})
}

// TestINC8_TRIG8_ADaemonFindsWhichRecordsJoin by itself, within list_every.
func TestINC8_TRIG8_ADaemonFindsWhichRecordsJoin(t *testing.T) {
	var s shape
	var joins string
	w := New(t, limitedProjects(&s, hubSpotsA), existed(func(w *World) {
		w.settings.CustomObjects[0].ListEvery = config.Duration(20 * time.Millisecond)
		joins = w.shaped(&s, "Joins", "b")
	}))
	w.Sync()
	var looks atomic.Int32
	w.On(func(_ core.Side, r *http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/memberships/join-order") {
			looks.Add(1)
		}
		return nil
	})
	edited := false
	w.serveUntil(func() bool {
		if looks.Load() > 1 && !edited { // it has looked, and found none
			w.refiltered(s.hs, s.since(), s.inShape("a", "b"))
			edited = true
		}
		return w.mateOf(s.pair, joins) != ""
	})
	if !edited {
		t.Error("a record outside the list has a partner")
	}
}

// TestINC8_INC4_TheListOfAPairThatIsOffIsNotMissed: it need not be there, and once the
// pair is on it must.
func TestINC8_INC4_TheListOfAPairThatIsOffIsNotMissed(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.Tickets.InclusionList = "Nope" }))
	id := w.account("Edge")
	w.Sync()
	w.wantAccount(w.partner(id))
	w.settings.Tickets.Sync = true
	w.ensure()
	_ = w.Store.Close()
	err := w.TryOpen()
	wantCode(t, err, engine.CodeUsage)
	if !strings.Contains(err.Error(), "tickets.inclusion_list") {
		t.Errorf("the missing list is told as %v", err)
	}
}

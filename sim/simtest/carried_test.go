package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// carriedKind are the objects of a pair whose records carry their partner's id, with the
// fields that name a record.
type carriedKind struct {
	pair        core.Pair
	sf, hs      core.Object
	name, title string
}

// ofCarried runs a test with tickets, products and a custom object, in both profiles. New makes
// its world and tells the objects.
func ofCarried(t *testing.T, test func(t *testing.T, start func(more ...Option) (*World, carriedKind))) {
	ofPairs(t, []core.Pair{core.TicketPair, core.ProductPair, "project"}, test)
}

func ofPairs(t *testing.T, pairs []core.Pair, test func(t *testing.T, start func(more ...Option) (*World, carriedKind))) {
	for _, pair := range pairs {
		t.Run(string(pair), func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				test(t, func(more ...Option) (*World, carriedKind) {
					return startCarried(t, pair, append([]Option{profile}, more...)...)
				})
			})
		})
	}
}

func startCarried(t testing.TB, pair core.Pair, more ...Option) (*World, carriedKind) {
	switch pair {
	case core.ProductPair:
		return New(t, append([]Option{products()}, more...)...), carriedKind{pair, core.Product, core.Products, "Name", "name"}
	case core.TicketPair:
		return New(t, append([]Option{tickets(ticketsBothWays)}, more...)...), carriedKind{pair, core.SupportCase, core.Tickets, "Subject", "subject"}
	}
	w := New(t, append([]Option{Before(func(w *World) { w.custom(string(pair)) })}, more...)...)
	sf, hs := w.ends(string(pair))
	return w, carriedKind{pair, sf, hs, "Name", "title"}
}

// inSalesforce makes a record and syncs it; both ids.
func (k carriedKind) inSalesforce(w *World, name string) (id, mate string) {
	w.T.Helper()
	id = w.made(k.sf, k.name, name)
	w.again()
	return id, w.wantMateOf(k.pair, id)
}

// TestI13_CASE1_CO5_LIM14_APlanWritesWhatItShows and nothing else; it tells of the records that
// existed before the switch.
func TestI13_CASE1_CO5_LIM14_APlanWritesWhatItShows(t *testing.T) {
	ofCarried(t, func(t *testing.T, start func(...Option) (*World, carriedKind)) {
		w, k := start()
		w.Sync() // the pipelines of cases stand once there was a sync
		w.Advance(time.Hour)
		old, other := w.made(k.sf, k.name, "Old"), w.made(k.sf, k.name, "Other")
		var shown []string
		plan, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: k.pair}, func(op core.Op) error {
			shown = append(shown, op.Source.ID+" "+op.Fields[k.title])
			return nil
		})
		w.must(err)
		if counts.Ops["create "+string(k.hs)] != 2 || !strings.Contains(strings.Join(shown, "; "), old+" Old") {
			t.Fatalf("planned are %+v: %q", counts, shown)
		}
		if n := w.countOf(k.hs, true); n != 0 {
			t.Fatalf("the plan made %d", n)
		}
		w.change(k.sf, other, k.name, "Edited since")
		done, err := w.Engine.Apply(t.Context(), w.Conn, plan)
		w.must(err)
		if done.Applied != 1 || done.Refused != 1 {
			t.Errorf("applied are %+v", done)
		}
		w.want(k.hs, w.wantMateOf(k.pair, old), k.title, "Old")
	})
}

// TestTRIG9_CARD1_CASE1_CO5_LIM14_RecordsByHand: a resync brings one that existed before, by its
// short id too, and explain and history tell of it by either id.
func TestTRIG9_CARD1_CASE1_CO5_LIM14_RecordsByHand(t *testing.T) {
	ofCarried(t, func(t *testing.T, start func(...Option) (*World, carriedKind)) {
		var id string
		w, k := start(Before(func(w *World) {
			object := core.SupportCase
			if w.settings.Products.Sync {
				object = core.Product
			}
			if len(w.settings.CustomObjects) > 0 {
				object = core.Object(w.settings.CustomObjects[0].Salesforce)
			}
			name := map[bool]string{true: "Subject", false: "Name"}[object == core.SupportCase]
			id = w.made(object, name, "Old")
			w.Advance(time.Hour)
		}))
		w.Sync()
		if mate := w.mateOf(k.pair, id); mate != "" {
			t.Fatalf("%s has the partner %s before anybody asked", id, mate)
		}
		w.must(w.Engine.Resync(t.Context(), w.Conn, k.pair, []string{id[:15]}))
		w.Sync()
		mate := w.wantMateOf(k.pair, id)
		for _, of := range []string{id, mate} {
			rows, err := w.Engine.History(t.Context(), w.Conn, k.pair, of, 10)
			w.must(err)
			told := false
			for _, h := range rows {
				for _, e := range h.Writes {
					told = told || e.ID == mate && e.Status == core.Applied
				}
			}
			if x := w.explainOf(k.pair, of); !told || x.Verdict != engine.InSync || len(x.Fields) == 0 {
				t.Errorf("of %s the history %+v and %+v are told", of, rows, x)
			}
		}
		wantCode(t, w.Engine.Resync(t.Context(), w.Conn, k.pair, []string{"a0X000000000001EAA"}), engine.CodeNotFound)
	})
}

// TestLIM16_CASE1_CO5_LIM14_AnUndo puts back what a run wrote, and deletes what it made where that is
// asked for.
func TestLIM16_CASE1_CO5_LIM14_AnUndo(t *testing.T) {
	ofCarried(t, func(t *testing.T, start func(...Option) (*World, carriedKind)) {
		w, k := start()
		id, mate := k.inSalesforce(w, "One")
		w.Advance(3 * time.Second)
		w.change(k.sf, id, k.name, "Two")
		w.again()
		w.want(k.hs, mate, k.title, "Two")
		w.Advance(3 * time.Second)
		if v := w.undo(engine.UndoArgs{Run: w.lastRun()}); v.Fields != 1 || len(v.Left) != 0 {
			t.Errorf("undone %+v", v)
		}
		w.want(k.hs, mate, k.title, "One")
		w.want(k.sf, id, k.name, "Two")
		w.wantStill(t)
		w.made(k.sf, k.name, "Three")
		w.again()
		made := w.lastRun()
		w.again()
		if n := w.countOf(k.hs, true); n != 2 {
			t.Fatalf("%d stand before the undo", n)
		}
		v := w.undo(engine.UndoArgs{Run: made, DeleteCreated: true})
		w.sweepAll()
		w.wantStill(t)
		if n := w.countOf(k.hs, true); n != 1 || len(v.Left) != 0 {
			t.Errorf("%d stand after the undo, left alone are %+v", n, v.Left)
		}
	})
}

// TestLIM1_CASE1_CO5_LIM14_RecordsArriveByTheFeeds of both sides within seconds, associations too.
func TestLIM1_CASE1_CO5_LIM14_RecordsArriveByTheFeeds(t *testing.T) {
	for _, pair := range []core.Pair{core.TicketPair, core.ProductPair, "project"} {
		t.Run(string(pair), func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w, k := startCarried(t, pair, events(), Before(func(w *World) {
					for _, o := range w.settings.CustomObjects {
						w.must(w.Org.SelectEntities(o.Salesforce))
					}
					w.must(w.Org.SelectEntities("Case"))
					if w.settings.Products.Sync {
						w.must(w.Org.SelectEntities("Product2"))
					}
				}))
				w.Sync()
				w.byFeeds()
				id := w.made(k.sf, k.name, "Made")
				var mate string
				w.eventually(func() bool { mate = w.mateOf(k.pair, id); return mate != "" })
				w.change(k.sf, id, k.name, "Changed")
				w.shows("the title", func() string { return w.shown(k.hs, mate, k.title) }, "Changed")
				w.change(k.hs, mate, k.title, "Changed back")
				w.shows("the name", func() string { return w.shown(k.sf, id, k.name) }, "Changed back")
				made := w.made(k.hs, append([]string{k.title, "Theirs"}, w.stageOf(k)...)...)
				w.eventually(func() bool { return w.mateOf(k.pair, made) != "" })
				if a, b := w.countOf(k.sf, false), w.countOf(k.hs, true); a != 2 || b != 2 {
					t.Errorf("%d and %d records, want 2 and 2", a, b)
				}
			})
		})
	}
}

// stageOf is where a new record of HubSpot stands, for a pair that has stages.
func (w *World) stageOf(k carriedKind) []string {
	if k.pair != core.TicketPair {
		return nil
	}
	line, stages := w.lineOf(core.Tickets, "Salesforce - Default")
	return []string{"hs_pipeline", line, "hs_pipeline_stage", stages["New"]}
}

// TestLIM7_CASE2_MergedCasesLeaveOneTicket: the survivor keeps its ticket, and the loser's is
// neither made again nor deleted.
func TestLIM7_CASE2_MergedCasesLeaveOneTicket(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w, k := startCarried(t, core.TicketPair, profile, Settings(func(c *config.Connection) { c.Tickets.WhenSalesforceDeleted = "archive" }))
		kept, keptMate := k.inSalesforce(w, "Kept")
		lost, lostMate := k.inSalesforce(w, "Lost")
		w.must(w.Org.As(admin).Merge("Case", kept, lost))
		w.again()
		w.sweepAll()
		if mate := w.mateOf(k.pair, kept); mate != keptMate {
			t.Errorf("the survivor is linked with %q, want %s", mate, keptMate)
		}
		x := w.explainOf(k.pair, lostMate)
		if n := w.countOf(k.hs, true); n != 2 || x.Link == nil || x.Link.State != core.LinkParked {
			t.Errorf("%d tickets stand, that of the loser with %+v", n, x.Link)
		}
		if n := w.countOf(k.sf, false); n != 1 {
			t.Errorf("%d cases stand, want 1", n)
		}
		w.wantStill(t)
	})
}

// TestLIM7_CASE2_CO5_MergedInHubSpot: the survivor, which has an id of its own there, keeps the
// partner of the one that it is.
func TestLIM7_CASE2_CO5_MergedInHubSpot(t *testing.T) {
	ofPairs(t, []core.Pair{core.TicketPair, "project"}, func(t *testing.T, start func(...Option) (*World, carriedKind)) {
		w, k := start()
		kept, keptMate := k.inSalesforce(w, "Kept")
		_, lostMate := k.inSalesforce(w, "Lost")
		survivor, err := w.Portal.As(admin).Merge(string(k.hs), keptMate, lostMate)
		w.must(err)
		w.again()
		w.sweepAll()
		if mate := w.mateOf(k.pair, survivor); mate != kept {
			t.Errorf("the survivor is linked with %q, want %s: %+v", mate, kept, w.explainOf(k.pair, survivor))
		}
		if a, b := w.countOf(k.sf, false), w.countOf(k.hs, true); a != 2 || b != 1 {
			t.Errorf("%d and %d records, want 2 and 1", a, b)
		}
		w.change(k.sf, kept, k.name, "Goes on")
		w.again()
		w.want(k.hs, survivor, k.title, "Goes on")
		w.wantStill(t)
	})
}

// TestOWN10_CASE1_ACaseOfAQueue gives its ticket no owner and names the queue there; a user
// passes both ways.
func TestOWN10_CASE1_ACaseOfAQueue(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := withOwners(t, profile, tickets(ticketsBothWays), Settings(func(c *config.Connection) {
			c.Mappings["ticket"] = append(c.Mappings["ticket"], config.Mapping{HubSpot: "hubspot_owner_id", Salesforce: "OwnerId", Rule: "two_way"})
		}))
		queue, err := w.Org.AddQueue(salesforcesim.Queue{Name: "Support", Objects: []string{"Case"}})
		w.must(err)
		w.Advance(time.Hour)
		id := w.made(core.SupportCase, "Subject", "Broken", "OwnerId", queue)
		w.again()
		ticket := w.wantMateOf(core.TicketPair, id)
		w.want(core.Tickets, ticket, "hubspot_owner_id", "")
		w.wantNote(core.Tickets, ticket, queue, "Support")
		w.wantNoIssues()
		w.wantStill(t)
		w.change(core.Tickets, ticket, "hubspot_owner_id", ownerSam)
		w.again()
		w.want(core.SupportCase, id, "OwnerId", w.sam)
		w.Advance(3 * time.Second)
		w.change(core.SupportCase, id, "OwnerId", queue)
		w.again()
		w.wantNote(core.Tickets, ticket, queue, "Support")
		w.want(core.SupportCase, id, "OwnerId", queue)
		w.wantStill(t)
	})
}

// TestACT10_AnActivityIsAboutATicket: its case in Salesforce, and the other way round. While
// tickets do not sync, nobody waits for them.
func TestACT10_AnActivityIsAboutATicket(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(bothWays), tickets(ticketsBothWays))
		_, contact, _, mate := w.friend()
		id := w.made(core.SupportCase, "Subject", "Broken")
		w.again()
		ticket := w.wantMateOf(core.TicketPair, id)
		task, call := w.made(core.Task, "Subject", "Ask", "WhoId", contact, "WhatId", id), w.logged(core.Calls, mate, "hs_call_title", "Rang")
		w.about(core.Calls, call, core.Tickets, ticket)
		w.again()
		hs := w.wantActivity(core.Task, task, core.Tasks)
		w.wantAbout(core.Tasks, hs, core.Tickets, ticket)
		w.wantAbout(core.Tasks, hs, core.Contacts, mate)
		w.want(core.Task, w.wantActivity(core.Calls, call, core.Task), "WhatId", id)
		other := w.made(core.SupportCase, "Subject", "Another")
		w.again()
		w.change(core.Task, task, "WhatId", other)
		w.again()
		w.wantAbout(core.Tasks, hs, core.Tickets, w.wantMateOf(core.TicketPair, other))
		w.wantStill(t)
		w.wantNoIssues()
	})
	w := New(t, activities(bothWays))
	_, contact, _, _ := w.friend()
	task := w.made(core.Task, "Subject", "Ask", "WhoId", contact, "WhatId", w.made(core.SupportCase, "Subject", "Broken"))
	w.again()
	w.minutes(3)
	w.wantActivity(core.Task, task, core.Tasks)
	w.wantNoIssues()
}

// TestERR3_CASE2_WhatCannotBeMadeIsNotLookedAtForWhatItRefersTo: a case and an opportunity in a
// stage that HubSpot lacks have an issue each, and the sync comes to its end.
func TestERR3_CASE2_WhatCannotBeMadeIsNotLookedAtForWhatItRefersTo(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), tickets(ticketsBothWays), deals())
		account, contact, _, _ := w.friend()
		id := w.made(core.SupportCase, "Subject", "Odd", "Status", "Elsewhere", "ContactId", contact, "AccountId", account)
		deal := w.opportunity("Odd", "AccountId", account, "StageName", "Elsewhere")
		w.made(core.ContactRole, "OpportunityId", deal, "ContactId", contact)
		w.again()
		codes := map[string]int{}
		for _, i := range w.openIssues() {
			codes[i.Ref.ID+" "+i.Code]++
		}
		if len(codes) != 2 || codes[id+" stage_unknown"] != 1 || codes[deal+" stage_unknown"] != 1 {
			t.Errorf("the issues are %v", codes)
		}
		w.change(core.SupportCase, id, "Status", "New")
		w.again()
		w.wantAssociated(core.Tickets, w.wantMateOf(core.TicketPair, id), core.Contacts, w.wantMate(contact))
	})
}

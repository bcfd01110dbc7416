package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestCASE2_ADeletedTicketDoesToItsCaseWhatIsSet: nothing by itself in either profile, and
// the case goes where the settings say so.
func TestCASE2_ADeletedTicketDoesToItsCaseWhatIsSet(t *testing.T) {
	for setting, live := range map[string]int{"": 2, "nothing": 2, "archive": 1, "delete": 1} {
		t.Run("set to "+setting, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, tickets(func(c *config.Tickets) { c.WhenHubSpotDeleted = setting }))
				gone, kept := w.made(core.SupportCase, "Subject", "Gone soon"), w.made(core.SupportCase, "Subject", "Kept")
				w.again()
				ticket := w.wantMateOf(core.TicketPair, gone)
				w.must(w.Portal.As(admin).Archive("tickets", ticket))
				w.again()
				w.sweepAll()
				if n := w.countOf(core.SupportCase, false); n != live {
					t.Errorf("%d cases after the deletion, want %d", n, live)
				}
				w.wantMateOf(core.TicketPair, kept)
				if n := w.countOf(core.Tickets, true); n != 1 {
					t.Errorf("%d tickets, want the one that was kept", n)
				}
				w.wantStill(t)
			})
		})
	}
}

// TestCASE2_ADeletedCaseIsFlaggedOnItsTicket where that is set, and left alone where nothing is.
func TestCASE2_ADeletedCaseIsFlaggedOnItsTicket(t *testing.T) {
	for setting, want := range map[string]string{"": "", "flag": "true"} {
		t.Run("set to "+setting, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, tickets(func(c *config.Tickets) { c.WhenSalesforceDeleted = setting }))
				id := w.made(core.SupportCase, "Subject", "Gone soon")
				w.again()
				ticket := w.wantMateOf(core.TicketPair, id)
				w.must(w.Org.As(admin).Delete("Case", id))
				w.again()
				w.want(core.Tickets, ticket, "subject", "Gone soon")
				w.want(core.Tickets, ticket, "salesforcedeleted", want)
				w.wantStill(t)
			})
		})
	}
}

// TestCO3_EachDirectionIsSetByItself: nothing from Salesforce and update_only from HubSpot, the
// other way round than above.
func TestCO3_EachDirectionIsSetByItself(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(func(w *World) { o := w.custom("project"); o.FromSalesforce, o.FromHubSpot = "nothing", "update_only" }))
		sf, hs := w.ends("project")
		id, made := w.made(sf, "Name", "Bridge"), w.made(hs, "title", "Tunnel")
		w.again()
		w.wantNone("project", id, "CO-3")
		w.wantNone("project", made, "CO-3")
		w.importOf("project")
		mate := w.wantMateOf("project", made)
		w.wantNone("project", id, "CO-3")
		w.change(sf, mate, "Note__c", "not back")
		w.change(hs, made, "title", "Deep tunnel")
		w.again()
		w.want(hs, made, "note", "")
		w.want(sf, mate, "Name", "Deep tunnel")
		w.wantStill(t)
	})
}

// TestCO3_TheLaterOneWins on whichever side it was, where nobody chose a winner.
func TestCO3_TheLaterOneWins(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(func(w *World) { w.custom("project") }))
		sf, hs := w.ends("project")
		id := w.made(sf, "Name", "Bridge", "Note__c", "first")
		w.again()
		mate := w.wantMateOf("project", id)
		w.change(hs, mate, "note", "hubspot")
		w.Advance(time.Minute)
		w.change(sf, id, "Note__c", "salesforce")
		w.again()
		w.want(sf, id, "Note__c", "salesforce")
		w.want(hs, mate, "note", "salesforce")
		w.wantStill(t)
	})
}

// TestCO3_DeletionsDoWhatEachDirectionSays: every answer, in both directions.
func TestCO3_DeletionsDoWhatEachDirectionSays(t *testing.T) {
	for setting, live := range map[string]int{"": 1, "nothing": 1, "flag": 1, "archive": 0, "delete": 0} {
		t.Run("set to "+setting, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, Before(func(w *World) {
					o := w.custom("project")
					o.WhenSalesforceDeleted, o.WhenHubSpotDeleted = setting, setting
				}))
				sf, hs := w.ends("project")
				one, two, kept := w.made(sf, "Name", "One"), w.made(sf, "Name", "Two"), w.made(sf, "Name", "Kept")
				w.again()
				w.wantMateOf("project", one)
				mate := w.wantMateOf("project", two)
				w.must(w.Org.As(admin).Delete(string(sf), one))
				w.must(w.Portal.As(admin).Archive(string(hs), mate))
				w.again()
				w.sweepAll()
				w.wantMateOf("project", kept)
				if a, b := w.countOf(sf, false), w.countOf(hs, true); a != 1+live || b != 1+live {
					t.Errorf("%d records of Salesforce and %d of HubSpot, want %d each", a, b, 1+live)
				}
				w.wantStill(t)
			})
		})
	}
}

// TestSET9_EachSwitchLetsItsTypePassAlone: of all types in both directions, one is on at a
// time, and of one activity of each type nothing passes but that one's.
func TestSET9_EachSwitchLetsItsTypePassAlone(t *testing.T) {
	type way struct {
		side core.Side
		of   core.Object
	}
	ways := []way{{core.HubSpot, core.Notes}}
	for _, o := range []core.Object{core.Tasks, core.Calls, core.Emails, core.Meetings} {
		ways = append(ways, way{core.Salesforce, o}, way{core.HubSpot, o})
	}
	for _, on := range ways {
		t.Run(on.side.String()+" "+string(on.of), func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, activities(func(a *config.Activities) {
					if on.side == core.Salesforce {
						a.Of(on.of).FromSalesforce = true
					} else {
						a.Of(on.of).FromHubSpot = true
					}
				}))
				_, contact, _, mate := w.friend()
				ours := map[core.Object]string{
					core.Tasks:    w.made(core.Task, "Subject", "Do it", "WhoId", contact),
					core.Calls:    w.made(core.Task, "Subject", "Rang", "TaskSubtype", "Call", "WhoId", contact),
					core.Emails:   w.made(core.Task, "Subject", "Wrote", "TaskSubtype", "Email", "WhoId", contact),
					core.Meetings: w.made(core.Event, "Subject", "Met", "WhoId", contact, "StartDateTime", "2030-06-01T09:00:00.000Z", "DurationInMinutes", "30"),
				}
				theirs := map[core.Object]string{core.Notes: w.logged(core.Notes, mate, "hs_note_body", "Note")}
				for o, title := range map[core.Object]string{core.Tasks: "hs_task_subject", core.Calls: "hs_call_title", core.Emails: "hs_email_subject", core.Meetings: "hs_meeting_title"} {
					theirs[o] = w.logged(o, mate, title, "Theirs")
				}
				w.again()
				w.sweepAll()
				if on.side == core.HubSpot {
					w.wantActivity(on.of, theirs[on.of], core.Task)
				} else if on.of == core.Meetings {
					w.wantActivity(core.Event, ours[on.of], core.Meetings)
				} else {
					w.wantActivity(core.Task, ours[on.of], on.of)
				}
				for o := range theirs {
					made := 1
					if on == (way{core.Salesforce, o}) {
						made = 2
					}
					w.wantCount(o, made)
				}
				tasks := 3
				if on.side == core.HubSpot {
					tasks++
				}
				w.wantCount(core.Task, tasks)
				w.wantCount(core.Event, 1)
				w.wantStill(t)
			})
		})
	}
}

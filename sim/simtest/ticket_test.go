package simtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// TestCASE1_ACaseMakesATicketAndEditsPass to HubSpot; what is edited there passes back in
// tandem, and never in classic unless it is set (AMB-18).
func TestCASE1_AMB18_ACaseMakesATicketAndEditsPass(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, tickets())
		id := w.made(core.SupportCase, "Subject", "It broke", "Status", "New", "Description", "At noon")
		w.again()
		ticket := w.wantMateOf(core.TicketPair, id)
		line, stages := w.lineOf(core.Tickets, "Salesforce - Default")
		for _, v := range [][2]string{{"subject", "It broke"}, {"content", "At noon"}, {"hs_pipeline", line}, {"hs_pipeline_stage", stages["New"]}} {
			w.want(core.Tickets, ticket, v[0], v[1])
		}
		w.wantStill(t)
		w.change(core.SupportCase, id, "Status", "Escalated")
		w.change(core.Tickets, ticket, "content", "At one")
		w.again()
		w.want(core.Tickets, ticket, "hs_pipeline_stage", stages["Escalated"])
		back, made := "At noon", w.made(core.Tickets, "subject", "From HubSpot", "hs_pipeline", line, "hs_pipeline_stage", stages["Working"])
		w.again()
		if w.Conn.Settings.Profile == config.Tandem {
			back = "At one"
			w.want(core.SupportCase, w.wantMateOf(core.TicketPair, made), "Status", "Working")
		} else {
			w.wantNone(core.TicketPair, made, "AMB-18")
		}
		w.want(core.SupportCase, id, "Description", back)
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestCASE2_EachSupportProcessHasItsPipeline with the stages of its process, open or
// closed as they are in Salesforce.
func TestCASE2_EachSupportProcessHasItsPipeline(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var types []string
		w := New(t, profile, tickets(ticketsBothWays), Before(func(w *World) {
			for name, values := range map[string][]string{"Repairs": {"New", "Working", "Closed"}, "Complaints": {"New", "Escalated", "Closed"}} {
				w.must(w.Org.AddBusinessProcess(salesforcesim.BusinessProcess{Object: "Case", Name: name, Values: values}))
				w.must(w.Org.AddRecordType(salesforcesim.RecordTypeSpec{Object: "Case", Name: name, Process: name}))
			}
			rows, err := w.Org.As(admin).Query("SELECT Id FROM RecordType WHERE SobjectType = 'Case' ORDER BY Name")
			w.must(err)
			for _, r := range rows {
				types = append(types, fmt.Sprint(r["Id"]))
			}
		}))
		id := w.made(core.SupportCase, "Subject", "Typed", "RecordTypeId", types[1], "Status", "Working")
		w.again()
		ticket := w.wantMateOf(core.TicketPair, id)
		complaints, stagesC := w.lineOf(core.Tickets, "Salesforce - "+types[0])
		repairs, stagesR := w.lineOf(core.Tickets, "Salesforce - "+types[1])
		if len(stagesC) != 3 || len(stagesR) != 3 {
			t.Fatalf("the pipelines have the stages %v and %v", stagesC, stagesR)
		}
		for _, one := range w.portalCall("GET", "/crm/v3/pipelines/tickets/"+repairs+"/stages", nil)["results"].([]any) {
			s := one.(map[string]any)
			if want := map[bool]string{true: "CLOSED", false: "OPEN"}[s["label"] == "Closed"]; s["metadata"].(map[string]any)["ticketState"] != want {
				t.Errorf("stage %v is not %s: %v", s["label"], want, s["metadata"])
			}
		}
		w.want(core.Tickets, ticket, "hs_pipeline", repairs)
		w.must(w.Portal.As(admin).Update("tickets", ticket, map[string]string{"hs_pipeline": complaints, "hs_pipeline_stage": stagesC["Escalated"]}))
		w.again()
		w.want(core.SupportCase, id, "RecordTypeId", types[0])
		w.want(core.SupportCase, id, "Status", "Escalated")
		w.must(w.Portal.As(admin).Update("tickets", ticket, map[string]string{"hs_pipeline": "0", "hs_pipeline_stage": "1"}))
		w.again()
		w.change(core.SupportCase, id, "Subject", "Not any more")
		w.again()
		w.want(core.Tickets, ticket, "subject", "Typed")
	})
}

// TestCASE2_AssociationsEachByItsSwitch: the account's company is the primary one, and the
// contact is associated; each stays away where it is switched off.
func TestCASE2_AssociationsEachByItsSwitch(t *testing.T) {
	for _, on := range [][2]bool{{true, true}, {true, false}, {false, true}, {false, false}} {
		t.Run(fmt.Sprint(on), func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, people(becomesContact), tickets(ticketsBothWays, func(c *config.Tickets) { c.AssociateCompany, c.AssociateContact = &on[0], &on[1] }))
				account := w.made(core.Account, "Name", "Acme")
				contact := w.made(core.Contact, "LastName", "Ann", "Email", "ann@acme.test", "AccountId", account)
				id := w.made(core.SupportCase, "Subject", "Theirs", "AccountId", account, "ContactId", contact)
				w.again()
				ticket := w.wantMateOf(core.TicketPair, id)
				var companies, contacts []string
				if on[0] {
					companies = []string{w.partner(account) + "=Primary"}
				}
				if on[1] {
					contacts = []string{w.wantMate(contact)}
				}
				w.wantAssociated(core.Tickets, ticket, core.Companies, companies...)
				w.wantAssociated(core.Tickets, ticket, core.Contacts, contacts...)
				w.wantNoIssues()
				w.wantStill(t)
			})
		})
	}
}

// TestCASE2_AssociationsFollowBothWays: another contact in Salesforce, none any more, and
// one that HubSpot gives.
func TestCASE2_AssociationsFollowBothWays(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), tickets(ticketsBothWays))
		ann, bob := w.made(core.Contact, "LastName", "Ann", "Email", "ann@acme.test"), w.made(core.Contact, "LastName", "Bob", "Email", "bob@acme.test")
		id := w.made(core.SupportCase, "Subject", "Moving", "ContactId", ann)
		w.again()
		ticket := w.wantMateOf(core.TicketPair, id)
		w.wantAssociated(core.Tickets, ticket, core.Contacts, w.wantMate(ann))
		w.change(core.SupportCase, id, "ContactId", bob)
		w.again()
		w.wantAssociated(core.Tickets, ticket, core.Contacts, w.wantMate(bob))
		w.portalCall("DELETE", "/crm/v4/objects/tickets/"+ticket+"/associations/contacts/"+w.wantMate(bob), nil)
		w.change(core.Tickets, ticket, "content", "nobody's")
		w.again()
		w.want(core.SupportCase, id, "ContactId", "")
		w.portalCall("PUT", "/crm/v4/objects/tickets/"+ticket+"/associations/default/contacts/"+w.wantMate(ann), nil)
		w.change(core.Tickets, ticket, "content", "Ann's")
		w.again()
		w.want(core.SupportCase, id, "ContactId", ann)
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestCASE2_ATicketMakesACaseOfItsCompanyAndContact in one go.
func TestCASE2_ATicketMakesACaseOfItsCompanyAndContact(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), tickets(ticketsBothWays))
		account := w.made(core.Account, "Name", "Acme")
		ann := w.made(core.Contact, "LastName", "Ann", "Email", "ann@acme.test", "AccountId", account)
		w.again()
		line, stages := w.lineOf(core.Tickets, "Salesforce - Default")
		id := w.made(core.Tickets, "subject", "Theirs", "hs_pipeline", line, "hs_pipeline_stage", stages["New"])
		w.portalCall("PUT", "/crm/v4/objects/tickets/"+id+"/associations/default/contacts/"+w.wantMate(ann), nil)
		w.portalCall("PUT", "/crm/v4/objects/tickets/"+id+"/associations/default/companies/"+w.partner(account), nil)
		w.again()
		made := w.wantMateOf(core.TicketPair, id)
		w.want(core.SupportCase, made, "ContactId", ann)
		w.want(core.SupportCase, made, "AccountId", account)
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestERR3_ATicketGetsItsCompanyOnceTheAccountIsLinked, and says so until then (CASE-2).
func TestERR3_ATicketGetsItsCompanyOnceTheAccountIsLinked(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var account string
		w := New(t, profile, tickets(), Before(func(w *World) { account = w.made(core.Account, "Name", "Old"); w.Advance(time.Hour) }))
		id := w.made(core.SupportCase, "Subject", "Early", "AccountId", account)
		w.again()
		ticket := w.wantMateOf(core.TicketPair, id)
		w.wantIssue(core.CategoryAssociation, "waiting_for_association", "AccountId")
		w.Import()
		w.wantAssociated(core.Tickets, ticket, core.Companies, w.partner(account)+"=Primary")
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestCASE2_ADeletedCaseDoesToItsTicketWhatIsSet: nothing by itself, the ticket goes where
// the settings say so, and a deleted ticket leaves its case.
func TestCASE2_ADeletedCaseDoesToItsTicketWhatIsSet(t *testing.T) {
	for setting, live := range map[string]int{"nothing": 1, "archive": 0, "delete": 0} {
		t.Run(setting, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, tickets(func(c *config.Tickets) { c.WhenSalesforceDeleted = setting }))
				id := w.made(core.SupportCase, "Subject", "Gone soon")
				w.again()
				w.wantMateOf(core.TicketPair, id)
				w.must(w.Org.As(admin).Delete("Case", id))
				w.again()
				if n := w.countOf(core.Tickets, true); n != live {
					t.Errorf("%d tickets after the deletion with %s, want %d", n, setting, live)
				}
				w.wantStill(t)
			})
		})
	}
}

// TestCASE1_NothingSyncsWhileTicketSyncIsOff, and older cases stay away until an import
// once it is on.
func TestCASE1_NothingSyncsWhileTicketSyncIsOff(t *testing.T) {
	w := New(t)
	id := w.made(core.SupportCase, "Subject", "Quiet")
	w.Sync()
	w.wantNone(core.TicketPair, id, "CASE-1")
	inBoth(t, func(t *testing.T, profile Option) {
		var id string
		w := New(t, profile, tickets(), Before(func(w *World) { id = w.made(core.SupportCase, "Subject", "Old"); w.Advance(time.Hour) }))
		w.Sync()
		w.wantNone(core.TicketPair, id, "CASE-1")
		w.importOf(core.TicketPair)
		w.wantMateOf(core.TicketPair, id)
		if n := w.countOf(core.Tickets, true); n != 1 {
			t.Errorf("%d tickets, want 1", n)
		}
	})
}

// TestCASE2_ATicketNeedsASubject: a case without one makes none and says what it lacks
// (ERR-9).
func TestCASE2_ATicketNeedsASubject(t *testing.T) {
	w := New(t, tickets())
	id := w.made(core.SupportCase, "Origin", "Phone")
	w.again()
	x := w.explainOf(core.TicketPair, id)
	if x.Link != nil || len(x.Issues) == 0 || !strings.Contains(x.Issues[0].Field+x.Issues[0].Message, "subject") {
		t.Errorf("link %+v, issues %+v", x.Link, x.Issues)
	}
}

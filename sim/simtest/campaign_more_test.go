package simtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/engine/conn"
	"tandem/sim/salesforcesim"
)

// TestCAMP3_OnlyAnActiveCampaignIsImported with its members and nobody else, of the leads
// and contacts that were there before the switch.
func TestCAMP3_OnlyAnActiveCampaignIsImported(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var fair, empty, lead, contact, other string
		w := New(t, profile, people(becomesContact), withCampaigns(), Before(func(w *World) {
			fair, empty = w.campaign("Fair", "inactive"), w.campaign("Empty")
			lead = w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "bo@x.com")
			contact = w.made(core.Contact, "LastName", "Ada", "Email", "ada@x.com")
			other = w.made(core.Contact, "LastName", "Other", "Email", "other@x.com")
			w.joins(fair, lead)
			w.joins(fair, contact)
			w.Advance(time.Hour)
		}))
		take := func(campaign string) error {
			_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ContactPair, Sides: core.Sides[:], Pick: engine.Pick{Campaign: campaign}})
			return err
		}
		for campaign, why := range map[string]string{fair: "CAMP-3", empty: "no member", "7015g000000AbcdAAC": "no campaign", "nonsense": "by its id"} {
			if err := take(campaign); err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("%s: %v, want %q", campaign, err, why)
			}
		}
		w.must(w.Org.As(admin).Update("Campaign", fair, map[string]any{"IsActive": true}))
		w.must(take(fair[:15]))
		w.again()
		w.wantListed(w.wantMate(lead), fair)
		w.wantListed(w.wantMate(contact), fair)
		w.wantPersons(1, 2, 2)
		if w.mate(other) != "" {
			t.Error("somebody who is no member was imported")
		}
		w.wantStill(t)
	})
}

// TestCAMP1_TheCampaignsOfARealOrg lists those of every lead and contact of an export, and
// after edits on both sides the two say the same.
func TestCAMP1_TheCampaignsOfARealOrg(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), withCampaigns(listEdits("both")), loadedOrg(t, "salesforce-data-cloud-workshop"))
		w.importing(core.ContactPair, core.Salesforce)
		w.again()
		linked := w.wantSameCampaigns(t)
		if linked < 40 {
			t.Fatalf("%d members are linked", linked)
		}
		member := w.rows("SELECT Id, ContactId FROM CampaignMember WHERE ContactId != null LIMIT 1", "ContactId")
		for _, row := range member {
			w.must(w.Org.As(admin).Delete("CampaignMember", fmt.Sprint(row["Id"])))
			w.change(core.Contact, fmt.Sprint(row["ContactId"]), "Title", "CFO")
		}
		w.Advance(time.Minute)
		w.again()
		w.wantSameCampaigns(t)
		w.wantStill(t)
	})
}

// wantSameCampaigns fails where a linked person lists others than Salesforce shows, and
// counts the memberships of linked people.
func (w *World) wantSameCampaigns(t *testing.T) (n int) {
	t.Helper()
	rows, err := w.Org.As(admin).Query("SELECT CampaignId, LeadId, ContactId FROM CampaignMember")
	w.must(err)
	want := map[string][]string{}
	for _, r := range rows {
		who := r["ContactId"]
		if who == nil {
			who = r["LeadId"]
		}
		want[fmt.Sprint(who)] = append(want[fmt.Sprint(who)], fmt.Sprint(r["CampaignId"]))
	}
	for who, in := range want {
		if hs := w.mate(who); hs != "" {
			slices.Sort(in)
			in = slices.Compact(in)
			n += len(in)
			w.wantListed(hs, in...)
		}
	}
	return n
}

// TestI2_CAMP2_AMembershipIsMadeOnce although the answer to its create is lost.
func TestI2_CAMP2_AMembershipIsMadeOnce(t *testing.T) {
	w := New(t, people(becomesContact), withCampaigns(), Settings(func(c *config.Connection) { c.Salesforce.SettleUnknown = config.Duration(time.Minute) }))
	fair := w.campaign("Fair")
	sf, hs := w.colleague("", "Ada")
	lost := 0
	w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		makes := lost == 0 && side == core.Salesforce && r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/composite/sobjects")
		resp, err := next.RoundTrip(r)
		if makes {
			lost++
			return nil, fmt.Errorf("the answer is lost")
		}
		return resp, err
	})
	w.change(core.Contacts, hs, conn.CampaignFormProperty, fair)
	w.Advance(3 * time.Second)
	_, _ = w.TrySync()
	for range 3 {
		w.Advance(time.Minute)
		_, _ = w.TrySync()
	}
	if lost != 1 {
		t.Fatalf("%d answers were lost", lost)
	}
	w.wantMembers(fair, sf+" Sent")
	w.wantListed(hs, fair)
	w.wantStill(t)
	w.wantNoIssues()
}

// TestCAMP4_ACrashAtEveryCommitJoinsOnce: whoever is to join joins once, and is listed,
// wherever the process dies.
func TestCAMP4_ACrashAtEveryCommitJoinsOnce(t *testing.T) {
	build := func(t testing.TB) (w *trial, fair, sf, hs string) {
		w = newTrial(t, people(becomesContact), withCampaigns(listEdits("both")))
		w.Through(new(schemas).carry)
		fair = w.campaign("Fair")
		sf = w.made(core.Contact, "LastName", "Ada", "Email", "ada@x.com")
		if _, err := w.syncFor(time.Hour); err != nil {
			t.Fatal(err)
		}
		hs = w.wantMate(sf)
		w.change(core.Contacts, hs, conn.CampaignFormProperty, fair)
		w.Advance(3 * time.Second)
		return w, fair, sf, hs
	}
	var commits int64
	inBubble(t, func(t testing.TB) {
		w, _, _, _ := build(t)
		w.shut()
		w.AfterCommit = func(at int64) error { commits = at; return nil }
		w.Open()
		if _, err := w.syncFor(time.Hour); err != nil {
			t.Fatal(err)
		}
	})
	for n := int64(1); n <= commits; n += 2 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w, fair, sf, hs := build(t)
				w.dieAt(n, n%4 == 1)
				if _, err := w.syncFor(time.Hour); err != nil {
					w.revive(err)
				}
				w.BeforeCommit, w.AfterCommit = nil, nil
				w.Restart()
				for range 2 {
					w.Advance(time.Minute)
					if _, err := w.syncFor(time.Hour); err != nil {
						t.Fatal(err)
					}
				}
				w.wantMembers(fair, sf+" Sent")
				w.wantListed(hs, fair)
			})
		})
	}
	if commits < 6 {
		t.Fatalf("%d commits", commits)
	}
}

// TestI10_ManyMembershipsThatEndWaitForAPerson: Salesforce has no recycle bin for members.
func TestI10_ManyMembershipsThatEndWaitForAPerson(t *testing.T) {
	w := New(t, people(becomesContact), withCampaigns(listEdits("both")))
	fair := w.campaign("Fair")
	var contacts []string
	for i := range 12 {
		contacts = append(contacts, w.made(core.Contact, "LastName", fmt.Sprint("P", i), "Email", fmt.Sprintf("p%d@x.com", i)))
		w.joins(fair, contacts[i])
	}
	w.again()
	w.again()
	for _, id := range contacts {
		w.wantListed(w.wantMate(id), fair)
		w.change(core.Contacts, w.wantMate(id), conn.CampaignsProperty, "")
	}
	w.Advance(3 * time.Second)
	if _, err := w.TrySync(); err == nil {
		t.Error("no brake halted the sync")
	}
	if n := len(w.members(fair)); n == 0 {
		t.Error("all memberships ended")
	}
}

// TestLIM24_PeoplePassWhereCampaignsAreHidden from the integration user, and stages stay
// where opportunities are.
func TestLIM24_PeoplePassWhereCampaignsAreHidden(t *testing.T) {
	w := New(t, people(becomesContact), withCampaigns(), stages(automatic))
	for _, object := range []string{"Campaign", "Opportunity"} {
		w.must(w.Org.SetRight(salesforcesim.Right{Object: object}))
	}
	fair := w.campaign("Fair")
	sf, hs := w.colleague("", "Ada")
	w.joins(fair, sf)
	w.role(w.opportunity("Won", "StageName", "Closed Won"), sf)
	w.change(core.Contact, sf, "FirstName", "Ada")
	w.again()
	w.want(core.Contacts, hs, "firstname", "Ada")
	w.want(core.Contacts, hs, stageOf, "lead")
	w.wantNoIssues()
}

// TestCAMP1_AnUndoLeavesMembershipsAlone: what lists them follows them.
func TestCAMP1_AnUndoLeavesMembershipsAlone(t *testing.T) {
	w := New(t, people(becomesContact), withCampaigns(listEdits("both")))
	fair, mail := w.campaign("Fair"), w.campaign("Mailing")
	sf, hs := w.colleague("", "Ada")
	w.joins(fair, sf)
	w.change(core.Contacts, hs, conn.CampaignFormProperty, mail)
	w.again()
	w.wantListed(hs, fair, mail)
	v := w.undo(engine.UndoArgs{Run: w.lastRun()})
	if len(v.Left) == 0 {
		t.Errorf("nothing is left alone: %+v", v)
	}
	w.again()
	w.wantListed(hs, fair, mail)
	w.wantMembers(fair, sf+" Sent")
	w.wantMembers(mail, sf+" Sent")
	w.wantStill(t)
}

// TestCAMP2_AFormThatNamesNoCampaignIsAnIssue until somebody corrects it: a form that has the
// campaign's name where its id belongs makes a member of nobody.
func TestCAMP2_AFormThatNamesNoCampaignIsAnIssue(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), withCampaigns(func(*config.Campaigns) {}))
		fair := w.campaign("Fair")
		sf, hs := w.colleague("", "Ada")
		w.change(core.Contacts, hs, conn.CampaignFormProperty, "Fair")
		w.again()
		if i := w.wantIssue(core.CategoryValue, "campaign_misnamed", conn.CampaignFormProperty); !strings.Contains(i.Message, `"Fair"`) {
			t.Errorf("the issue says %q", i.Message)
		}
		w.change(core.Contact, sf, "Title", "CFO")
		w.again()
		w.want(core.Contacts, hs, "jobtitle", "CFO")
		w.change(core.Contacts, hs, conn.CampaignFormProperty, fair)
		w.again()
		w.wantMembers(fair, sf+" Sent")
		w.wantNoIssues()
	})
}

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
	"tandem/internal/engine/conn"
	"tandem/sim/salesforcesim"
)

// withCampaigns switches campaigns on.
func withCampaigns(changes ...func(*config.Campaigns)) Option {
	return Settings(func(c *config.Connection) {
		c.Campaigns.Sync = true
		for _, change := range changes {
			change(&c.Campaigns)
		}
		c.Complete()
	})
}

func listEdits(how string) func(*config.Campaigns) {
	return func(c *config.Campaigns) { c.FromHubSpot = how }
}

// campaign makes an active one.
func (w *World) campaign(name string, more ...string) string {
	w.T.Helper()
	id, err := w.Org.As(admin).Create("Campaign", map[string]any{"Name": name, "IsActive": !slices.Contains(more, "inactive")})
	w.must(err)
	return id
}

// joins makes a lead or contact a member of a campaign, as a person does.
func (w *World) joins(campaign, person string, more ...string) string {
	w.T.Helper()
	who := "ContactId"
	if strings.HasPrefix(person, "00Q") {
		who = "LeadId"
	}
	return w.made(core.CampaignMember, append([]string{"CampaignId", campaign, who, person}, more...)...)
}

// wantListed fails where a HubSpot contact lists other campaigns.
func (w *World) wantListed(contact string, campaigns ...string) {
	w.T.Helper()
	slices.Sort(campaigns)
	if got := w.shown(core.Contacts, contact, conn.CampaignsProperty); got != strings.Join(campaigns, ";") {
		w.T.Errorf("contact %s lists the campaigns %q, want %v", contact, got, campaigns)
	}
}

// members are the members of a campaign as "person status", sorted.
func (w *World) members(campaign string) (out []string) {
	w.T.Helper()
	rows, err := w.Org.As(admin).Query("SELECT LeadId, ContactId, Status FROM CampaignMember WHERE CampaignId = '" + campaign + "'")
	w.must(err)
	for _, r := range rows {
		who := r["ContactId"]
		if who == nil {
			who = r["LeadId"]
		}
		out = append(out, fmt.Sprint(who, " ", r["Status"]))
	}
	slices.Sort(out)
	return out
}

func (w *World) wantMembers(campaign string, want ...string) {
	w.T.Helper()
	slices.Sort(want)
	if got := w.members(campaign); !slices.Equal(got, want) {
		w.T.Errorf("the members are %v, want %v", got, want)
	}
}

// TestCAMP1_PROP4_TheCampaignsOfAPersonAreListed of a lead as of a contact, active or not,
// also where the person comes later than the membership; and without the setting none is.
func TestCAMP1_PROP4_TheCampaignsOfAPersonAreListed(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), withCampaigns())
		fair, mail := w.campaign("Fair"), w.campaign("Mailing", "inactive")
		same := w.campaign("Fair") // labels of options are unique
		sf, hs := w.colleague("", "Ada")
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "bo@x.com")
		w.joins(mail, lead)
		w.again()
		bo := w.wantMate(lead)
		w.wantListed(bo, mail)
		w.wantListed(hs)
		w.joins(fair, sf)
		w.joins(same, sf)
		w.joins(same, lead)
		w.again()
		w.wantListed(hs, fair, same)
		w.wantListed(bo, mail, same)
		w.wantHistory(hs, "CAMP-1")
		w.wantStill(t)
		w.change(core.Contacts, hs, conn.CampaignsProperty, fair) // an edit in HubSpot is put back
		w.again()
		w.wantListed(hs, fair, same)
		w.wantMembers(same, sf+" Sent", lead+" Sent")
		w.wantStill(t)
		w.wantNoIssues()
	})
	w := New(t, people(becomesContact))
	sf, hs := w.colleague("", "Off")
	w.joins(w.campaign("Fair"), sf)
	w.again()
	w.wantListed(hs)
}

// TestLIM27_TRIG6_ARemovalIsReconciled in tandem by itself; in classic it shows with the
// next look at the person.
func TestLIM27_TRIG6_ARemovalIsReconciled(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), withCampaigns())
		fair := w.campaign("Fair")
		sf, hs := w.colleague("", "Ada")
		_, other := w.colleague("", "Bo")
		member := w.joins(fair, sf)
		w.again()
		w.wantListed(hs, fair)
		w.wantStill(t) // nothing asks for another look
		w.must(w.Org.As(admin).Delete("CampaignMember", member))
		w.Advance(2 * time.Minute)
		w.again()
		if w.settings.Profile == config.Classic {
			w.wantListed(hs, fair)
			w.change(core.Contact, sf, "Title", "CFO")
			w.again()
		}
		w.wantListed(hs)
		w.wantListed(other)
		w.wantHistory(hs, "LIM-27")
		w.joins(fair, sf)
		w.again()
		w.wantListed(hs, fair)
		w.wantStill(t)
	})
}

// TestCAMP2_PROP10_AFormMakesAMemberOfAnActiveCampaign once, with the status of the
// settings; one that is not active is an issue until it is.
func TestCAMP2_PROP10_AFormMakesAMemberOfAnActiveCampaign(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), withCampaigns(func(c *config.Campaigns) { c.Status = "Responded" }))
		fair, late := w.campaign("Fair"), w.campaign("Late", "inactive")
		sf, hs := w.colleague("", "Ada")
		w.change(core.Contacts, hs, conn.CampaignFormProperty, fair[:15])
		w.again()
		w.wantMembers(fair, sf+" Responded")
		w.wantListed(hs, fair)
		w.wantHistory(hs, "CAMP-2")
		fresh := w.made(core.Contacts, "email", "new@x.com", "lastname", "New", conn.CampaignFormProperty, fair)
		w.again()
		w.wantMembers(fair, sf+" Responded", w.wantMate(fresh)+" Responded")
		w.wantStill(t)

		w.change(core.Contacts, hs, conn.CampaignFormProperty, late)
		w.again()
		w.wantMembers(late)
		w.wantIssue(core.CategoryValue, "campaign_not_active", conn.CampaignFormProperty)
		w.must(w.Org.As(admin).Update("Campaign", late, map[string]any{"IsActive": true}))
		w.Advance(31 * time.Minute)
		w.again()
		w.wantMembers(late, sf+" Responded")
		w.wantNoIssues()

		rows, err := w.Org.As(admin).Query("SELECT Id FROM CampaignMember WHERE CampaignId = '" + fair + "' AND ContactId = '" + sf + "'")
		w.must(err)
		w.must(w.Org.As(admin).Delete("CampaignMember", fmt.Sprint(rows[0]["Id"]))) // the form acts once
		w.change(core.Contact, sf, "Title", "CFO")
		w.again()
		w.wantListed(hs, late)
		w.wantStill(t)
	})
}

// TestCAMP4_AnEditOfTheListChangesTheMembership as far as the setting says.
func TestCAMP4_AnEditOfTheListChangesTheMembership(t *testing.T) {
	for _, how := range []string{"nothing", "add", "both"} {
		t.Run(how, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, people(becomesContact), withCampaigns(listEdits(how)))
				fair, mail, old := w.campaign("Fair"), w.campaign("Mailing"), w.campaign("Old", "inactive")
				sf, hs := w.colleague("", "Ada")
				_, bo := w.colleague("", "Bo")
				w.joins(fair, sf)
				w.joins(mail, w.wantMate(bo)) // so that the property has their options
				w.joins(old, w.wantMate(bo))
				w.again()
				w.wantListed(hs, fair)
				w.change(core.Contacts, hs, conn.CampaignsProperty, strings.Join([]string{fair, mail, old}, ";"))
				w.again()
				if how == "nothing" {
					w.wantListed(hs, fair)
					w.wantMembers(mail, w.wantMate(bo)+" Sent")
					return
				}
				w.wantListed(hs, fair, mail)
				w.wantMembers(mail, sf+" Sent", w.wantMate(bo)+" Sent")
				w.wantMembers(old, w.wantMate(bo)+" Sent") // nobody joins one that is not active
				w.wantStill(t)
				w.change(core.Contacts, hs, conn.CampaignsProperty, mail)
				w.again()
				if how == "add" {
					w.wantListed(hs, fair, mail)
					w.wantMembers(fair, sf+" Sent")
				} else {
					w.wantListed(hs, mail)
					w.wantMembers(fair)
				}
				w.wantStill(t)
				w.wantNoIssues()
			})
		})
	}
}

// TestCAMP4_APropertyStandsForMembershipAndStatus both ways, and ends it where that is
// set.
func TestCAMP4_APropertyStandsForMembershipAndStatus(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var fair string
		w := New(t, profile, people(becomesContact), Unopened(), Before(func(w *World) {
			w.contactProperty("webinar", "Registered", "Attended", "Later")
			fair = w.campaign("Fair")
		}), withCampaigns())
		w.settings.Campaigns.Members = []config.CampaignMembers{{Campaign: fair, Property: "webinar", Values: map[string]string{"Registered": "Sent", "Attended": "Responded"}, Back: true, Remove: true}}
		w.Open()
		w.Advance(3 * time.Second)
		sf, hs := w.colleague("", "Ada")
		w.change(core.Contacts, hs, "webinar", "Registered")
		w.again()
		w.wantMembers(fair, sf+" Sent")
		w.wantListed(hs, fair)
		w.wantHistory(hs, "CAMP-4")
		w.change(core.Contacts, hs, "webinar", "Attended")
		w.again()
		w.wantMembers(fair, sf+" Responded")
		w.change(core.Contacts, hs, "webinar", "Later") // says nothing
		w.again()
		w.wantMembers(fair, sf+" Responded")
		rows, err := w.Org.As(admin).Query("SELECT Id FROM CampaignMember")
		w.must(err)
		w.change(core.Contacts, hs, "webinar", "Attended")
		w.again()
		w.change(core.CampaignMember, fmt.Sprint(rows[0]["Id"]), "Status", "Sent")
		w.again()
		w.want(core.Contacts, hs, "webinar", "Registered")
		w.wantStill(t)
		w.change(core.Contacts, hs, "webinar", "")
		w.again()
		w.wantMembers(fair)
		w.wantListed(hs)
		w.wantStill(t)
		bo, other := w.colleague("", "Bo")
		w.joins(fair, bo, "Status", "Responded")
		w.again()
		w.want(core.Contacts, other, "webinar", "Attended")
		w.wantStill(t)
		w.wantNoIssues()
	})
}

// contactProperty adds a property of contacts with choices.
func (w *World) contactProperty(name string, options ...string) {
	w.T.Helper()
	var opts []map[string]any
	for _, o := range options {
		opts = append(opts, map[string]any{"label": o, "value": o})
	}
	w.portalCall(http.MethodPost, "/crm/v3/properties/contacts", map[string]any{"name": name, "label": name, "type": "enumeration", "fieldType": "select", "groupName": "contactinformation", "options": opts})
}

// TestCAMP1_AConversionTakesTheMembershipAlong: the contact goes on as the member that the
// lead was.
func TestCAMP1_AConversionTakesTheMembershipAlong(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), withCampaigns(listEdits("both")))
		fair := w.campaign("Fair")
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "bo@x.com")
		w.again()
		hs := w.wantMate(lead)
		w.joins(fair, lead)
		w.again()
		w.wantListed(hs, fair)
		out, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
		w.must(err)
		contact := out.ContactID
		w.again()
		w.again()
		w.wantListed(hs, fair)
		w.wantMembers(fair, contact+" Sent")
		w.wantStill(t)
	})
}

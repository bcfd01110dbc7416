package policy

import "tandem/internal/core"

// Outcomes of a decision about one campaign of a person.
const (
	Join   = "join"   // become a member in Salesforce
	Leave  = "leave"  // be a member no more
	List   = "list"   // be listed in HubSpot
	Unlist = "unlist" // be listed no more
)

// What an edit of the list of campaigns in HubSpot does.
const (
	CampaignsNothing = "nothing" // it is put back
	CampaignsAdd     = "add"     // who is added becomes a member
	CampaignsBoth    = "both"    // and who is taken out is one no more
)

// CampaignFacts are what is known of one campaign and one person.
type CampaignFacts struct {
	Campaign string
	Active   Membership // whether the campaign is active
	// Member says what Salesforce shows, Listed what the property of HubSpot does.
	Member, Listed bool
	Agreed         bool   // both showed it once
	FromHubSpot    string // what an edit of the property does
	Form           bool   // a form named it, and that was not acted on yet
	// Held says that another property of the settings decides about the membership.
	Held bool
}

// Campaign decides about one campaign of a person. What Salesforce shows is listed in
// HubSpot (CAMP-1), removals too (LIM-27); a form of HubSpot (CAMP-2), and where that is
// set an edit of the list (CAMP-4), makes a member of an active campaign.
func Campaign(c CampaignFacts) core.Decision {
	f := facts{}.text("campaign", c.Campaign).text("active", c.Active.String()).flag("agreed", c.Agreed)
	edits := !c.Held && (c.FromHubSpot == CampaignsAdd || c.FromHubSpot == CampaignsBoth)
	switch {
	case c.Member && c.Listed:
		return f.decide("CAMP-1", None, "the person is a member, and listed")
	case c.Member && c.Agreed && !c.Held && c.FromHubSpot == CampaignsBoth:
		return f.decide("CAMP-4", Leave, "the campaign was taken out in HubSpot")
	case c.Member:
		return f.decide("CAMP-1", List, "the person is a member of the campaign")
	case c.Form && c.Active == Member:
		return f.decide("CAMP-2", Join, "a form of HubSpot names the campaign")
	case c.Form && c.Active == NotMember:
		return f.decide("CAMP-2", None, "a form of HubSpot names the campaign, which is not active")
	case c.Form:
		return f.decide("CAMP-2", None, "a form of HubSpot names a campaign that Salesforce does not show")
	case !c.Listed:
		return f.decide("CAMP-1", None, "the person is neither a member nor listed")
	case c.Agreed:
		return f.decide("LIM-27", Unlist, "the person is a member no more")
	case edits && c.Active == Member:
		return f.decide("CAMP-4", Join, "the campaign was added in HubSpot")
	case edits:
		return f.decide("CAMP-2", Unlist, "the campaign was added in HubSpot and is not active")
	}
	return f.decide("CAMP-1", Unlist, "Salesforce says who is a member of a campaign")
}

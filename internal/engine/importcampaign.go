package engine

import (
	"context"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/campaigns"
	"tandem/internal/engine/room"
)

// pickCampaign lets an import take the members of a campaign, as they are now. The campaign
// must be active (CAMP-3).
func (e *Engine) pickCampaign(ctx context.Context, c *Conn, a *ImportArgs) error {
	id, ok := core.SalesforceID(a.Pick.Campaign)
	if !ok || a.Pair != core.ContactPair {
		return &room.Error{Code: room.CodeUsage, Message: "an import takes the members of one campaign, by its id, as leads and contacts", Mend: "write tandem import contact --campaign 701…"}
	}
	known, err := campaigns.Named(ctx, &c.Known, []string{id})
	if class := connector.ClassOf(err); class == core.ClassSchema || class == core.ClassRejected {
		return &room.Error{Code: room.CodeUsage, Message: "Salesforce shows no campaigns to the integration: " + err.Error(), Mend: "give the integration user read access to campaigns"}
	}
	switch found, there := known[id]; {
	case err != nil:
		return err
	case !there:
		return &room.Error{Code: room.CodeUsage, Message: "Salesforce has no campaign " + id + " that the integration can see", Mend: "give the id of a campaign, and the integration user access to it"}
	case !found.Active:
		return &room.Error{Code: room.CodeUsage, Message: "the campaign " + found.Name + " is not active, and only an active one can be imported (CAMP-3)", Mend: "set it to active in Salesforce, or name its members with --ids"}
	}
	people, err := campaigns.People(ctx, &c.Known, id)
	if len(a.Pick.Objects) > 0 {
		people = slices.DeleteFunc(people, func(r core.Ref) bool { return !slices.Contains(a.Pick.Objects, r.Object) })
	}
	if err == nil && len(people) == 0 {
		err = &room.Error{Code: room.CodeUsage, Message: "the campaign " + known[id].Name + " has no member to import", Mend: "add members in Salesforce first"}
	}
	a.Pick.Campaign, a.Refs = id, people
	return err
}

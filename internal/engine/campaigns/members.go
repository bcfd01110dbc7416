package campaigns

import (
	"cmp"
	"context"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// Fields of campaign members (Object Reference, "CampaignMember"). A member is a lead or a
// contact; of a converted lead it is both.
const (
	OfCampaign = "CampaignId"
	OfLead     = "LeadId"
	OfContact  = "ContactId"
	Status     = "Status"
)

var memberFields = []string{OfCampaign, OfLead, OfContact, Status}

// Hidden reports an answer that campaigns, or a field of theirs, are not for this user.
func Hidden(err error) bool {
	class := connector.ClassOf(err)
	return class == core.ClassSchema || class == core.ClassRejected
}

// Of is the field by which the memberships of a person are found.
func Of(person core.Object) string {
	if person == core.Lead {
		return OfLead
	}
	return OfContact
}

// Member is one membership of a person.
type Member struct {
	Ref      core.Ref
	Campaign string
	Status   string
}

// Memberships are those of leads and contacts, each by campaign.
func Memberships(ctx context.Context, c *conn.Known, people []core.Ref) (map[core.Ref][]Member, error) {
	out := map[core.Ref][]Member{}
	for _, object := range []core.Object{core.Contact, core.Lead} {
		var ids []string
		for _, r := range people {
			if r.Object == object {
				ids = append(ids, r.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		slices.Sort(ids)
		q := connector.Query{Object: core.CampaignMember, By: Of(object), Values: slices.Compact(ids), Fields: memberFields}
		rows, err := c.Sides[core.Salesforce].Read(ctx, q)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			id, _ := rows[i].Get(Of(object))
			person := core.Ref{Side: core.Salesforce, Object: object, ID: core.ID18(id)}
			out[person] = append(out[person], memberOf(&rows[i]))
		}
	}
	for _, of := range out {
		slices.SortFunc(of, func(a, b Member) int { return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), a.Ref.Compare(b.Ref)) })
	}
	return out, nil
}

func memberOf(row *core.Record) Member {
	campaign, _ := row.Get(OfCampaign)
	status, _ := row.Get(Status)
	return Member{row.Ref, core.ID18(campaign), status}
}

// personOf is the lead or contact that a member is; zero where the row does not tell.
func personOf(row *core.Record) core.Ref {
	for _, object := range []core.Object{core.Contact, core.Lead} {
		if id, _ := row.Get(Of(object)); id != "" {
			return core.Ref{Side: core.Salesforce, Object: object, ID: core.ID18(id)}
		}
	}
	return core.Ref{}
}

// Campaign is one campaign of the org.
type Campaign struct {
	ID     string
	Name   string
	Active bool
}

// Named are the campaigns of some ids; those that the integration does not see are left
// out.
func Named(ctx context.Context, c *conn.Known, ids []string) (map[string]Campaign, error) {
	out := map[string]Campaign{}
	if len(ids) == 0 {
		return out, nil
	}
	slices.Sort(ids)
	recs, err := c.Sides[core.Salesforce].Read(ctx, connector.Query{Object: core.Campaign, Values: slices.Compact(ids), Fields: []string{"Name", "IsActive"}})
	for i := range recs {
		r := &recs[i]
		if r.Presence == core.Live {
			name, _ := r.Get("Name")
			active, _ := r.Get("IsActive")
			out[r.Ref.ID] = Campaign{r.Ref.ID, name, active == "true"}
		}
	}
	return out, err
}

// People are the leads and contacts that are members of a campaign, each once, in order.
func People(ctx context.Context, c *conn.Known, campaign string) (out []core.Ref, err error) {
	q := connector.Query{Object: core.CampaignMember, By: OfCampaign, Values: []string{campaign}, Fields: memberFields}
	rows, err := c.Sides[core.Salesforce].Read(ctx, q)
	for i := range rows {
		if p := personOf(&rows[i]); !p.IsZero() {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, core.Ref.Compare)
	return slices.Compact(out), err
}

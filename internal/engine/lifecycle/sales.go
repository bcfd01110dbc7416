package lifecycle

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
)

// Fields of contact roles and opportunities (Object Reference, "OpportunityContactRole",
// "Opportunity").
const (
	roleDeal    = "OpportunityId"
	roleContact = "ContactId"
	stage       = "StageName"
	won         = "IsWon"
	closed      = "IsClosed"
	modified    = "LastModifiedDate"
)

// Sale is one opportunity on which a contact has a role.
type Sale struct {
	ID      string
	Stage   string
	State   string // as in policy.SalesFact
	Changed string // as Salesforce writes it, so that the later one sorts behind
}

// Word is what is remembered of a sale once it was acted on.
func (s *Sale) Word() string { return s.State + "/" + s.Stage }

// Sales are the opportunities on which contacts have a role, by the contact's id, those
// that changed last first. Who may not see them has none: seen is false then.
func Sales(ctx context.Context, c *conn.Known, contacts []string) (out map[string][]Sale, seen bool, err error) {
	return salesBy(ctx, c, roleContact, contacts)
}

func salesBy(ctx context.Context, c *conn.Known, by string, ids []string) (map[string][]Sale, bool, error) {
	out := map[string][]Sale{}
	if len(ids) == 0 {
		return out, true, nil
	}
	slices.Sort(ids)
	fields := []string{roleDeal, roleContact}
	for _, f := range []string{stage, won, closed, modified} {
		fields = append(fields, "Opportunity."+f)
	}
	rows, err := c.Sides[core.Salesforce].Read(ctx, connector.Query{Object: core.ContactRole, By: by, Values: slices.Compact(ids), Fields: fields})
	if hidden(err) {
		return out, false, nil
	}
	for i := range rows {
		contact, s := saleOf(&rows[i])
		if contact == "" {
			continue // gone since it was listed
		}
		if !slices.ContainsFunc(out[contact], func(have Sale) bool { return have.ID == s.ID }) {
			out[contact] = append(out[contact], s)
		}
	}
	for _, of := range out {
		slices.SortFunc(of, func(a, b Sale) int { return cmp.Or(strings.Compare(b.Changed, a.Changed), strings.Compare(a.ID, b.ID)) })
	}
	return out, true, err
}

// hidden reports an answer that the object or a field is not for this user.
func hidden(err error) bool {
	class := connector.ClassOf(err)
	return class == core.ClassSchema || class == core.ClassRejected
}

func saleOf(row *core.Record) (contact string, s Sale) {
	get := func(name string) string { v, _ := row.Get(name); return v }
	s = Sale{ID: core.ID18(get(roleDeal)), Stage: get("Opportunity." + stage), Changed: get("Opportunity." + modified)}
	s.State = stateOf(get("Opportunity."+won), get("Opportunity."+closed))
	return core.ID18(get(roleContact)), s
}

// SaleOf is the sale that an opportunity is.
func SaleOf(deal *core.Record) Sale {
	get := func(name string) string { v, _ := deal.Get(name); return v }
	return Sale{ID: deal.Ref.ID, Stage: get(stage), State: stateOf(get(won), get(closed))}
}

func stateOf(won, closed string) string {
	switch {
	case won == "true":
		return policy.OpportunityWon
	case closed == "true":
		return policy.OpportunityLost
	}
	return policy.OpportunityOpen
}

// Facts are what Salesforce says of a person who is linked, against what was acted on
// before: of a lead the status, of a contact the sales.
func Facts(base core.Base, sf *core.Record, sales []Sale) (out []policy.SalesFact) {
	if sf.Ref.Object == core.Lead {
		name, told := sf.Get(conn.StatusField)
		if !told {
			return nil
		}
		_, met := base[conn.StageLeadKey]
		return []policy.SalesFact{{Lead: true, Name: name, Met: met, New: !base.Holds(core.HubSpot, conn.StageLeadKey, name)}}
	}
	for i := range sales {
		s := &sales[i]
		was, _, met := base.Of(conn.StageFactKey + s.ID)
		state, _, _ := strings.Cut(was[core.HubSpot], "/")
		out = append(out, policy.SalesFact{Name: s.Stage, State: s.State, Met: met,
			New: !base.Holds(core.HubSpot, conn.StageFactKey+s.ID, s.Word()), Turned: state != s.State})
	}
	return out
}

// Agree is the base once what Salesforce says of a person was acted on. What it says no
// more is forgotten: said again, it is news.
func Agree(base core.Base, sf *core.Record, sales []Sale) core.Base {
	if sf.Ref.Object == core.Lead {
		if name, told := sf.Get(conn.StatusField); told && !base.Holds(core.HubSpot, conn.StageLeadKey, name) {
			return core.AdvanceField(base, conn.StageLeadKey, name, name)
		}
		return base
	}
	for i := range sales {
		if key := conn.StageFactKey + sales[i].ID; !base.Holds(core.HubSpot, key, sales[i].Word()) {
			base = core.AdvanceField(base, key, sales[i].Word(), sales[i].Word())
		}
	}
	return core.Forget(base, over(base, sales)...)
}

// over are the keys of opportunities on which the contact has no role any more.
func over(base core.Base, sales []Sale) (keys []string) {
	for key := range base {
		id, fact := strings.CutPrefix(key, conn.StageFactKey)
		if fact && len(id) == idLength && !slices.ContainsFunc(sales, func(s Sale) bool { return s.ID == id }) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// idLength is the length of a record id of Salesforce in its long form.
const idLength = 18

// News reports that the base does not tell what Salesforce says of a person.
func News(base core.Base, sf core.Ref, sales []Sale) bool {
	if sf.Object != core.Contact {
		return false
	}
	return slices.ContainsFunc(sales, func(s Sale) bool { return !base.Holds(core.HubSpot, conn.StageFactKey+s.ID, s.Word()) })
}

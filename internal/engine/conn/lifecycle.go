package conn

import (
	"slices"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// StageProperty is where HubSpot keeps the lifecycle stage of a contact or a company;
// StatusField is the status of a lead.
const (
	StageProperty = "lifecyclestage"
	StatusField   = "Status"
)

// Keys of a link's base for lifecycle stages. What was acted on is kept, so that nothing
// acts twice and a stage that a person sets by hand stays.
const (
	// StageKey keeps the stage that was passed on: of a contact to its company, of a
	// company to its contacts.
	StageKey = "life"
	// StageAboveKey keeps the stage of the company that a contact has followed.
	StageAboveKey = "life/company"
	// StageToKey keeps the stage that the present one was cleared for.
	StageToKey = "life/to"
	// StageFactKey begins the keys of what Salesforce said: the status of the lead, and
	// where each opportunity stands, by its id.
	StageFactKey = "life/"
	// StageLeadKey is the key of the lead's status.
	StageLeadKey = StageFactKey + "lead"
)

// MovesStages reports that what happens in Salesforce moves the lifecycle stages of
// people.
func (c *Known) MovesStages() bool { return c.SyncsPeople() && c.Settings.Lifecycle.Moves() }

// CompanyFollows reports that companies take the stage of their contacts.
func (c *Known) CompanyFollows() bool {
	return c.SyncsPeople() && c.Settings.Companies.Sync && c.Settings.Lifecycle.CompanyFollows()
}

// ContactsFollow reports that contacts take the stage of their company.
func (c *Known) ContactsFollow() bool {
	return c.SyncsPeople() && c.Settings.Companies.Sync && c.Settings.Lifecycle.ContactsFollowCompany
}

// HasStages reports that lifecycle stages move for any reason.
func (c *Known) HasStages() bool {
	return c.MovesStages() || c.CompanyFollows() || c.ContactsFollow()
}

// readsStatus reports that the stage map looks at the status of leads.
func (c *Known) readsStatus() bool {
	return c.MovesStages() && slices.ContainsFunc(c.Settings.Lifecycle.Rules(), func(r policy.StageRule) bool { return r.LeadStatus != "" })
}

// StageFields are the fields of an object that decide about lifecycle stages.
func (c *Known) StageFields(object core.Object) []string {
	switch {
	case object == core.Lead && c.readsStatus():
		return []string{StatusField}
	case object == core.Opportunity && c.MovesStages():
		return []string{"StageName", "IsWon", "IsClosed"}
	case object == core.Contacts && c.HasStages(), object == core.Companies && (c.CompanyFollows() || c.ContactsFollow()):
		return []string{StageProperty}
	}
	return nil
}

// stageNews are those of them whose change makes for another look.
func (c *Known) stageNews(object core.Object) []string {
	switch {
	case object == core.Contacts && !c.CompanyFollows(), object == core.Companies && !c.ContactsFollow(), object == core.Opportunity:
		return nil
	}
	return c.StageFields(object)
}

// SameStage reports that what a record shows of a lifecycle stage, or of the status of a
// lead, was acted on.
func (c *Known) SameStage(l *core.Link, rec *core.Record) bool {
	for _, name := range c.stageNews(rec.Ref.Object) {
		key := StageKey
		if name == StatusField {
			key = StageLeadKey
		}
		if v, told := rec.Get(name); told && !l.Base.Holds(core.HubSpot, key, v) {
			return false
		}
	}
	return true
}

// StageOrder are the lifecycle stages of contacts or companies, the first one first.
func (c *Known) StageOrder(object core.Object) []string { return c.ChoicesOf(object, StageProperty) }

// ChoicesOf are the values that a property of HubSpot may have, in its order.
func (c *Known) ChoicesOf(object core.Object, property string) (out []string) {
	for _, f := range c.Schemas[core.HubSpot][object].Fields {
		if f.Name == property {
			for _, o := range f.Options {
				out = append(out, o.Value)
			}
		}
	}
	return out
}

package config

import (
	"fmt"

	"tandem/internal/policy"
)

// Lifecycle are the settings of HubSpot's lifecycle stages.
type Lifecycle struct {
	// AutomaticTransitions lets contact roles and won opportunities move the stage of a
	// contact (LIFE-1).
	AutomaticTransitions bool `yaml:"automatic_transitions,omitempty"`
	// CompanyFollowsContact is nil where it follows from ContactsFollowCompany; see
	// CompanyFollows.
	CompanyFollowsContact *bool `yaml:"company_follows_contact,omitempty"`
	ContactsFollowCompany bool  `yaml:"contacts_follow_company,omitempty"`
	// Stages are the stage map (LIM-31).
	Stages []StageRow `yaml:"stages,omitempty"`
}

// StageRow is one row of the stage map. Exactly one of LeadStatus and OpportunityStage
// is set.
type StageRow struct {
	LeadStatus       string   `yaml:"lead_status,omitempty"`
	OpportunityStage string   `yaml:"opportunity_stage,omitempty"`
	Stage            string   `yaml:"stage"`
	From             []string `yaml:"from,omitempty"`
	Move             string   `yaml:"move,omitempty"` // forward, any or fill
}

// Moves reports that what happens in Salesforce may move the stage of a contact.
func (l *Lifecycle) Moves() bool { return l.AutomaticTransitions || len(l.Stages) > 0 }

// CompanyFollows reports that a company takes the stage of its contacts: as set, and
// where nothing is said once contacts follow it, since one contact's change reaches the
// others by way of it (LIFE-6).
func (l *Lifecycle) CompanyFollows() bool {
	if l.CompanyFollowsContact != nil {
		return *l.CompanyFollowsContact
	}
	return l.ContactsFollowCompany
}

// Rules are the stage map as policy takes it.
func (l *Lifecycle) Rules() []policy.StageRule {
	out := make([]policy.StageRule, len(l.Stages))
	for i, s := range l.Stages {
		out[i] = policy.StageRule{LeadStatus: s.LeadStatus, OpportunityStage: s.OpportunityStage, Stage: s.Stage, From: s.From, Move: s.Move}
	}
	return out
}

func (l *Lifecycle) complete() {
	for i := range l.Stages {
		set(&l.Stages[i].Move, policy.MoveForward)
	}
}

// checkLifecycle refuses what could not work: stages move for people who sync, and pass
// between companies and people while both do.
func (c *Connection) checkLifecycle(at finder) error {
	at = at.under(".lifecycle")
	l := &c.Lifecycle
	const people = "set contacts.sync: true, or take the key out"
	const companies = "set companies.sync: true, or take the key out"
	switch {
	case l.AutomaticTransitions && !c.Contacts.Sync:
		return at.refuse(".automatic_transitions", "only contacts that sync have a lifecycle stage to move, and contact sync is off (LIFE-1)", people)
	case len(l.Stages) > 0 && !c.Contacts.Sync:
		return at.refuse(".stages", "only contacts that sync have a lifecycle stage to move, and contact sync is off (LIM-31)", people)
	case l.CompanyFollowsContact != nil && *l.CompanyFollowsContact && !c.Companies.Sync:
		return at.refuse(".company_follows_contact", "the lifecycle stage of companies cannot follow their contacts while company sync is off (ACC-12)", companies)
	case l.ContactsFollowCompany && !c.Companies.Sync:
		return at.refuse(".contacts_follow_company", "the lifecycle stage of contacts cannot follow their company while company sync is off (LIFE-6)", companies)
	case l.CompanyFollows() && !c.Contacts.Sync:
		return at.refuse(".company_follows_contact", "companies follow contacts that sync, and contact sync is off (ACC-12)", people)
	}
	for i := range l.Stages {
		if err := l.Stages[i].check(at.under(fmt.Sprintf(".stages[%d]", i))); err != nil {
			return err
		}
	}
	return nil
}

func (s *StageRow) check(at finder) error {
	switch {
	case s.Stage == "":
		return at.refuse(".stage", "a row of the stage map names the lifecycle stage it leads to", "write the internal name of a stage, such as customer")
	case (s.LeadStatus == "") == (s.OpportunityStage == ""):
		return at.refuse("", "a row of the stage map begins with a lead status or with an opportunity stage", "write exactly one of lead_status and opportunity_stage")
	}
	return oneOf(at, ".move", s.Move, policy.MoveForward, policy.MoveAny, policy.MoveFill)
}

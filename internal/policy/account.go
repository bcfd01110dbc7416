package policy

import (
	"strings"

	"tandem/internal/core"
)

// Mode is when a company gets an account: companies.create_account (LIM-10).
type Mode string

// Modes.
const (
	Classic    Mode = "classic" // ACC-7 and ACC-8
	Always     Mode = "always"
	Never      Mode = "never"
	Expression Mode = "expression"
)

// PersonKind is what a HubSpot contact syncs with.
type PersonKind string

// Person kinds.
const (
	WithLead       PersonKind = "lead"
	WithContact    PersonKind = "contact" // a contact of some account
	WithPrivate    PersonKind = "private" // a contact without account
	WithNothing    PersonKind = "none"
	UnresolvedKind PersonKind = "unresolved" // not read or not matched yet
)

// Person is one HubSpot contact associated with a company.
type Person struct {
	Ref       core.Ref
	Kind      PersonKind
	Qualifies Membership // for the inclusion list; Member where there is none (INC-1)
	// Creates is the object that the contact would become in Salesforce: the
	// setting contacts.from_hubspot, or the answer of its rules (LIM-5).
	Creates core.Object
}

// CompanyFacts are what is known of a HubSpot company without a partner, for
// which MatchRecord found none.
type CompanyFacts struct {
	Scope
	Mode Mode
	// Expression is the answer of the setting's expression.
	Expression Membership
	Source     RecordSource
	People     []Person
	// Listed is what the inclusion list of companies says (ACC-15, INC-8).
	Listed
	// PeopleNote says who evaluated the inclusion list of contacts, and why.
	PeopleNote string
}

// RecordSource is what HubSpot tells of a record's origin (hs_object_source and
// its details).
type RecordSource struct {
	Source string // hs_object_source
	Label  string // hs_object_source_label
	Detail string // hs_object_source_detail_1
}

// AutoCreated reports that HubSpot's "Automatically create and associate
// companies with contacts" made the record; known is false where HubSpot tells
// no source.
func (s RecordSource) AutoCreated() (auto, known bool) {
	if s.Source == "" && s.Label == "" {
		return false, false
	}
	return autoSources[sourceKey(s.Source)] || autoSources[sourceKey(s.Label)], true
}

// sourceKey is an internal value whether a property answers that or its label.
func sourceKey(text string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(text), " ", "_"))
}

// autoSources are the record sources of companies that HubSpot makes from their
// contacts: "CRM Setting", as the article "View and use record source
// properties" has it, and the older CONTACTS.
var autoSources = map[string]bool{"CRM_SETTING": true, "CONTACTS": true}

// CreateAccount decides whether a Salesforce account is made for a company: ACC-7
// to ACC-10, ACC-15, ACC-18. Where ACC-7 and ACC-8 both hold the block wins
// (AMB-1), except for a person's resync.
func CreateAccount(c CompanyFacts) core.Decision {
	f := c.facts()
	if d := c.barred(f); d != nil {
		return *d
	}
	switch {
	case c.Segment == NotMember:
		return f.decide("ACC-15", OutOfScope, "the company is not in the inclusion list of companies")
	case c.Segment == UnknownMembership:
		return f.decide("ACC-15", Wait, "the inclusion list of companies is not evaluated on the new values yet")
	case !c.due():
		return f.decide("INST-8", None, "the company existed before "+c.began("company sync was switched on")+", and nothing has touched it or its contacts since")
	case c.kinds(UnresolvedKind) > 0:
		return f.decide("DEDUP-7", Wait, "the company's contacts are not all known yet")
	case c.Reasons.Has(core.ReasonPerson):
		return f.decide("ACC-10", Create, "a person asked for it")
	case c.Mode == Classic || c.Mode == "":
		return c.classic(f)
	}
	return c.byMode(f)
}

// due reports whether anything gives cause to decide: a change of the company or
// of its contacts (ACC-18), joining the inclusion list (TRIG-8), an import, a person. A
// sweep is no change.
func (c *CompanyFacts) due() bool {
	const causes = core.ReasonEdit | core.ReasonGap | core.ReasonParent | core.ReasonListed | core.ReasonImport | core.ReasonPerson
	return c.isNew() || c.Reasons.Has(causes) || awaited(c.Reasons)
}

func (c *CompanyFacts) byMode(f facts) core.Decision {
	switch {
	case c.Mode == Always:
		return f.decide("LIM-10", Create, "create_account is always")
	case c.Mode == Never:
		return f.decide("LIM-10", None, "create_account is never")
	case c.Expression == Member:
		return f.decide("LIM-10", Create, "the expression of create_account holds")
	case c.Expression == NotMember:
		return f.decide("LIM-10", None, "the expression of create_account does not hold")
	}
	return f.decide("LIM-10", Wait, "the expression of create_account cannot be evaluated on this company")
}

// classic applies the blocks before the causes.
func (c *CompanyFacts) classic(f facts) core.Decision {
	switch {
	case len(c.People) == 0:
		return f.decide("ACC-8a", None, "no contact is associated with the company")
	case c.kinds(WithLead) == len(c.People):
		return f.decide("ACC-8b", None, "all associated contacts sync with leads")
	case c.qualifying(Member) == 0 && c.qualifying(UnknownMembership) > 0:
		return f.decide("INC-6", Wait, unevaluated)
	case c.qualifying(Member) == 0:
		return f.decide("ACC-8c", None, "no associated contact qualifies for the inclusion list")
	case c.autoCreatedForContact():
		return f.decide("ACC-7a", Create, "HubSpot created the company by itself, and its contact becomes a Salesforce contact")
	case c.kinds(WithPrivate) > 0:
		return f.decide("ACC-7b", Create, "an associated contact syncs with a private contact")
	}
	return f.decide("ACC-7c", Create, "an associated contact qualifies for the inclusion list")
}

func (c *CompanyFacts) autoCreatedForContact() bool {
	auto, _ := c.Source.AutoCreated()
	if !auto {
		return false
	}
	for _, p := range c.People {
		if p.Creates == core.Contact {
			return true
		}
	}
	return false
}

func (c *CompanyFacts) kinds(k PersonKind) int {
	n := 0
	for _, p := range c.People {
		if p.Kind == k {
			n++
		}
	}
	return n
}

func (c *CompanyFacts) qualifying(m Membership) int {
	n := 0
	for _, p := range c.People {
		if p.Qualifies == m {
			n++
		}
	}
	return n
}

func (c *CompanyFacts) facts() facts {
	f := c.describe(facts{}).count("contacts", len(c.People))
	for _, k := range []PersonKind{WithLead, WithContact, WithPrivate, WithNothing, UnresolvedKind} {
		f.count("contacts."+string(k), c.kinds(k))
	}
	f.count("qualify.yes", c.qualifying(Member)).count("qualify.unknown", c.qualifying(UnknownMembership))
	f.text("create_account", string(c.Mode)).text("source", c.Source.words())
	f.text("segment", c.Segment.String()).text("segment_note", c.ListNote).text("inclusion_list", c.PeopleNote)
	return f.text("default_object", c.defaultObjects())
}

func (s RecordSource) words() string {
	auto, known := s.AutoCreated()
	switch {
	case !known:
		return "unknown, so ACC-7a does not hold"
	case auto:
		return "created by HubSpot from a contact's e-mail domain"
	}
	return strings.TrimSpace(s.Source + " " + s.Detail)
}

// defaultObjects lists what the contacts would become, each once.
func (c *CompanyFacts) defaultObjects() string {
	var out []string
	for _, o := range []core.Object{core.Contact, core.Lead, PersonAccount} {
		for _, p := range c.People {
			if p.Creates == o {
				out = append(out, string(o))
				break
			}
		}
	}
	return strings.Join(out, ", ")
}

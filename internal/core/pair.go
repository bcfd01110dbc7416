package core

import "slices"

// Pair names an object pair: the two (or three) object types that may be the same
// thing on the two sides.
type Pair string

// The object pairs that every connection has. Others come from its settings.
const (
	CompanyPair Pair = "company" // Account ⇄ companies
	ContactPair Pair = "contact" // Contact | Lead ⇄ contacts
	DealPair    Pair = "deal"    // Opportunity ⇄ deals
	TicketPair  Pair = "ticket"  // Case ⇄ tickets
	ProductPair Pair = "product" // Product2 ⇄ products
	// LineItemPair is OpportunityLineItem ⇄ line_items: the products of a deal.
	LineItemPair Pair = "line_item"
	// ActivityPair is Task | Event ⇄ tasks, calls, emails, meetings, notes.
	ActivityPair Pair = "activity"
)

// PairDef declares an object pair. What works on any pair asks its declaration and
// names none.
type PairDef struct {
	Name Pair
	// Plural is the word for several of its records: what every output calls it, and
	// the block of the settings that switches a pair that every connection has.
	Plural  string
	Objects [2][]Object // the preferred one of a side first
	// Custom says that the settings declare it, and not Tandem.
	Custom bool
	// Carried says that a record's partner is told by the id that one of the two carries,
	// and by nothing else: such records are never matched by their values.
	Carried bool
	// Stages are the fields by which a record says where it stands; nil for a pair
	// whose records go no way.
	Stages *StageFields
	// Lookups are the references of a record that are associations in HubSpot, beside
	// the account of people and deals.
	Lookups []Lookup
}

// StageFields are the fields, by side, that hold the stage of a record, and the way that
// the stage is one of: a record type of Salesforce, a pipeline of HubSpot.
type StageFields struct{ Stage, Way [2]string }

// Lookup is a reference field of Salesforce that is an association in HubSpot, or a property
// that holds an id.
type Lookup struct {
	Field string // API name
	To    Pair   // whose records it names
	// Label is the text of the association's label; blank for whatever association
	// there is.
	Label string
	// Primary says that it is the primary company.
	Primary bool
	// Property is the HubSpot property that holds the id; blank for an association.
	Property string
	// Needed says that no record is made before what it names has a partner.
	Needed bool
}

// PairSet are the object pairs of a connection, parents first. No object of a side is
// in two of them. It is never changed once it is made.
type PairSet []PairDef

// StandardPairs are the pairs that every connection has.
var StandardPairs = PairSet{
	{Name: CompanyPair, Plural: "companies", Objects: [2][]Object{{Account}, {Companies}}},
	{Name: ContactPair, Plural: "contacts", Objects: [2][]Object{{Contact, Lead}, {Contacts}}},
	{Name: DealPair, Plural: "deals", Objects: [2][]Object{{Opportunity}, {Deals}}, Carried: true,
		Stages: &StageFields{Stage: [2]string{"StageName", "dealstage"}, Way: [2]string{"RecordTypeId", "pipeline"}}},
	{Name: TicketPair, Plural: "tickets", Objects: [2][]Object{{SupportCase}, {Tickets}}, Carried: true,
		Stages: &StageFields{Stage: [2]string{"Status", "hs_pipeline_stage"}, Way: [2]string{"RecordTypeId", "hs_pipeline"}}},
	{Name: ProductPair, Plural: "products", Objects: [2][]Object{{Product}, {Products}}, Carried: true},
	{Name: LineItemPair, Plural: "line_items", Objects: [2][]Object{{LineItem}, {LineItems}}, Carried: true,
		Lookups: []Lookup{{Field: "OpportunityId", To: DealPair, Needed: true}, {Field: "Product2Id", To: ProductPair, Property: "hs_product_id", Needed: true}}},
	{Name: ActivityPair, Plural: "activities", Objects: [2][]Object{{Task, Event}, {Tasks, Calls, Emails, Meetings, Notes}}},
}

// objectWords are what a person calls a record of an object.
var objectWords = map[Object]string{Account: "account", Contact: "contact", Lead: "lead", Opportunity: "opportunity", ContactRole: "contact role", Campaign: "campaign", CampaignMember: "campaign member",
	SupportCase: "case", Companies: "company", Contacts: "contact", Deals: "deal", Tickets: "ticket",
	Product: "product", Products: "product", LineItem: "opportunity product", LineItems: "line item",
	Task: "task", Event: "event", Tasks: "task", Calls: "call", Emails: "e-mail", Meetings: "meeting", Notes: "note"}

// Word is what a person calls a record of the object.
func (o Object) Word() string {
	if w := objectWords[o]; w != "" {
		return w
	}
	return string(o)
}

// Names lists the pairs, parents first.
func (s PairSet) Names() []Pair {
	out := make([]Pair, len(s))
	for i := range s {
		out[i] = s[i].Name
	}
	return out
}

// Def is the declaration of a pair; of an unknown one a blank.
func (s PairSet) Def(p Pair) *PairDef {
	if i := slices.IndexFunc(s, func(d PairDef) bool { return d.Name == p }); i >= 0 {
		return &s[i]
	}
	return &PairDef{}
}

// Objects are the object types of a pair on each side, the preferred one first.
func (s PairSet) Objects(p Pair) [2][]Object {
	own := s.Def(p).Objects
	return [2][]Object{slices.Clone(own[Salesforce]), slices.Clone(own[HubSpot])}
}

// Plural is the word for several records of a pair.
func (s PairSet) Plural(p Pair) string { return s.Def(p).Plural }

// Of is the pair an object type of a side belongs to; ok is false for a type that no
// pair knows.
func (s PairSet) Of(side Side, object Object) (pair Pair, ok bool) {
	for i := range s {
		if slices.Contains(s[i].Objects[side], object) {
			return s[i].Name, true
		}
	}
	return "", false
}

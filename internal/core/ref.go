package core

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Side is one of the two CRMs a connection joins.
type Side uint8

// The two sides. The values index every [2]T in the code and are stored.
const (
	Salesforce Side = iota
	HubSpot
)

// Sides lists both, in index order.
var Sides = [2]Side{Salesforce, HubSpot}

// Other is the opposite side.
func (s Side) Other() Side { return 1 - s }

// String is the lower-case name used in output and in the store.
func (s Side) String() string {
	if s == Salesforce {
		return "salesforce"
	}
	return "hubspot"
}

// Label is the vendor's name as a person reads it.
func (s Side) Label() string {
	if s == Salesforce {
		return "Salesforce"
	}
	return "HubSpot"
}

// MarshalJSON gives the name that programs read.
func (s Side) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// UnmarshalJSON takes the name, or the number by which a side is stored.
func (s *Side) UnmarshalJSON(text []byte) error {
	for _, side := range Sides {
		if string(text) == strconv.Quote(side.String()) || string(text) == strconv.Itoa(int(side)) {
			*s = side
			return nil
		}
	}
	return fmt.Errorf("read side: %s is neither salesforce nor hubspot", text)
}

// Object is an object type by the API name its side uses: Account, Contact,
// Lead on Salesforce; companies, contacts on HubSpot.
type Object string

// Object types of the pairs this package knows by name.
const (
	Account   Object = "Account"
	Contact   Object = "Contact"
	Lead      Object = "Lead"
	Companies Object = "companies"
	Contacts  Object = "contacts"

	Opportunity Object = "Opportunity"
	ContactRole Object = "OpportunityContactRole"
	Deals       Object = "deals"
	SupportCase Object = "Case"
	Tickets     Object = "tickets"

	Product        Object = "Product2"
	PriceBookEntry Object = "PricebookEntry"
	Products       Object = "products"
	LineItem       Object = "OpportunityLineItem"
	LineItems      Object = "line_items"

	Task     Object = "Task"
	Event    Object = "Event"
	Tasks    Object = "tasks"
	Calls    Object = "calls"
	Emails   Object = "emails"
	Meetings Object = "meetings"
	Notes    Object = "notes"

	Campaign       Object = "Campaign"
	CampaignMember Object = "CampaignMember"
)

// Ref names one record on one side. Salesforce ids are always in the
// 18-character form.
type Ref struct {
	Side   Side   `json:"side"`
	Object Object `json:"object"`
	ID     string `json:"id"`
}

// IsZero reports whether r names nothing.
func (r Ref) IsZero() bool { return r.ID == "" }

// String is "salesforce/Account/001…", for messages and logs.
func (r Ref) String() string { return fmt.Sprintf("%s/%s/%s", r.Side, r.Object, r.ID) }

// Label is "HubSpot company 123", as a person reads it.
func (r Ref) Label() string {
	return fmt.Sprintf("%s %s %s", r.Side.Label(), r.Object.Word(), r.ID)
}

// ParseRef reads what String writes.
func ParseRef(text string) (r Ref, ok bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 3 || parts[2] == "" {
		return r, false
	}
	for _, s := range Sides {
		if parts[0] == s.String() {
			return Ref{Side: s, Object: Object(parts[1]), ID: parts[2]}, true
		}
	}
	return r, false
}

// Compare orders refs by side, object and id, so that lists are stable.
func (r Ref) Compare(o Ref) int {
	return cmp.Or(cmp.Compare(r.Side, o.Side), cmp.Compare(r.Object, o.Object), cmp.Compare(r.ID, o.ID))
}

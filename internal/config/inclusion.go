package config

import (
	"fmt"
	"slices"
	"time"

	"tandem/internal/core"
)

// Inclusion is the inclusion list of an object pair as the settings name it.
type Inclusion struct {
	Pair   core.Pair
	Object core.Object // HubSpot's, of the list's members
	// Key is the setting that names the list.
	Key string
	// List is its id or name; blank where all records of the pair are in scope (INC-1).
	List string
	// Every is how often it is looked who joined or left.
	Every time.Duration
}

// inclusionOf are the settings of a pair's inclusion list; nil for a pair that can have
// none, as deals and activities (INC-8).
func (c *Connection) inclusionOf(p core.Pair) (list *string, every *Duration) {
	switch p {
	case core.CompanyPair:
		return &c.Companies.InclusionList, &c.Companies.ListEvery
	case core.ContactPair:
		return &c.Contacts.InclusionList, &c.Contacts.ListEvery
	case core.TicketPair:
		return &c.Tickets.InclusionList, &c.Tickets.ListEvery
	}
	for i := range c.CustomObjects {
		if o := &c.CustomObjects[i]; core.Pair(o.Name) == p {
			return &o.InclusionList, &o.ListEvery
		}
	}
	return nil, nil
}

// Inclusions are the inclusion lists of the pairs that can have one, parents first.
func (c *Connection) Inclusions() (out []Inclusion) {
	for _, d := range c.Pairs() {
		if list, every := c.inclusionOf(d.Name); list != nil {
			out = append(out, Inclusion{Pair: d.Name, Object: d.Objects[core.HubSpot][0], Key: d.Plural + ".inclusion_list", List: *list, Every: every.D()})
		}
	}
	return out
}

// Inclusion is the inclusion list of a pair; blank for one that can have none.
func (c *Connection) Inclusion(p core.Pair) Inclusion {
	for _, in := range c.Inclusions() {
		if in.Pair == p {
			return in
		}
	}
	return Inclusion{Pair: p}
}

func (c *Connection) completeInclusions() {
	for _, p := range c.Pairs().Names() {
		if _, every := c.inclusionOf(p); every != nil {
			set(every, Duration(10*time.Minute))
		}
	}
}

// leastListLook is the shortest time between two looks at an inclusion list.
const leastListLook = time.Minute

// block is where a document has the settings of a pair.
func (c *Connection) block(p core.Pair) string {
	if i := slices.IndexFunc(c.CustomObjects, func(o CustomObject) bool { return core.Pair(o.Name) == p }); i >= 0 {
		return fmt.Sprintf(".custom_objects[%d]", i)
	}
	return "." + c.Pairs().Plural(p)
}

func (c *Connection) checkInclusions(at finder) error {
	for _, in := range c.Inclusions() {
		if in.Every < leastListLook {
			return at.under(c.block(in.Pair)).refuse(".list_every", "looking this often would burn calls: HubSpot evaluates lists in minutes", "write 1m or more; 10m is the default")
		}
	}
	return nil
}

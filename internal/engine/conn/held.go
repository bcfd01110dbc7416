package conn

import (
	"fmt"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine/room"
)

// HeldCampaigns names, among the object pairs that are held back, the campaigns of people.
const HeldCampaigns core.Pair = "campaigns"

// Holdable are what can be held back, in order: campaigns, and the object pairs.
func (c *Known) Holdable() []core.Pair { return append(c.Pairs.Names(), HeldCampaigns) }

// HeldObjects are the objects of a side that what is held back waits for.
func (c *Known) HeldObjects(p core.Pair, side core.Side) []core.Object {
	if p == HeldCampaigns {
		p = core.ContactPair
	}
	return c.Pairs.Objects(p)[side]
}

// HeldWord is what every output calls what is held back.
func (c *Known) HeldWord(p core.Pair) string {
	if p == HeldCampaigns {
		return string(p)
	}
	return c.Pairs.Records(p)
}

// HoldBack leaves out of the sync those object pairs of which a side does not show an
// object, or our fields on it: what one pair lacks stops no other, and what campaigns lack
// no people. Settings then say what counts, Wanted what the settings ask for. Companies are
// never left out, and the people that companies are known by must be seen.
func (c *Known) HoldBack() {
	c.Held = map[core.Pair]*room.Error{}
	c.holdCampaigns()
	for _, p := range c.Pairs.Names() {
		if !c.Wanted.Syncs(p) {
			continue
		}
		lack := c.lack(p)
		if lack == nil {
			continue
		}
		c.Held[p] = lack
		if p != core.CompanyPair {
			c.Settings.SwitchOff(p)
		}
	}
}

// holdCampaigns leaves the campaigns of people out where their properties are missing.
func (c *Known) holdCampaigns() {
	need := ObjectFields{Object: core.Contacts, Specs: c.campaignSpecs(core.Contacts)}
	if _, visible := c.Schemas[core.HubSpot][core.Contacts]; !visible || len(need.Specs) == 0 {
		return
	}
	if lack := c.lacking(core.HubSpot, need); lack != nil {
		c.Held[HeldCampaigns], c.Settings.Campaigns.Sync = lack, false
	}
}

// lack says what of a pair's objects and of our fields on them a side does not show;
// nil where nothing is missing.
func (c *Known) lack(p core.Pair) *room.Error {
	if lack := c.otherObjects(p); lack != nil {
		return lack
	}
	for _, side := range core.Sides {
		objects := c.Pairs.Objects(p)[side]
		if o, hidden := c.hidden(side, objects); hidden {
			return &room.Error{Code: room.CodeSchema, Message: fmt.Sprintf("%s does not show the object %s to this user (INST-3)", side.Label(), c.sought(o)),
				Mend: "give the integration user read, create and edit rights on it; tandem check says exactly which"}
		}
		for _, need := range c.FieldSpecs(side) {
			if of, _ := c.Pairs.Of(side, need.Object); of != p {
				continue
			}
			if lack := c.lacking(side, need); lack != nil {
				return lack
			}
		}
	}
	return nil
}

// otherObjects says that the links of a pair that the settings declare are of other objects
// than it has now; nil where they are not. Its records would be taken for records that
// were never linked, and be made a second time.
func (c *Known) otherObjects(p core.Pair) *room.Error {
	l := c.Linked[p]
	if l == nil {
		return nil
	}
	was := [2]core.Object{l.Refs[core.Salesforce].Object, l.Refs[core.HubSpot].Object}
	if now := c.Pairs.Objects(p); was == [2]core.Object{now[core.Salesforce][0], now[core.HubSpot][0]} {
		return nil
	}
	return &room.Error{Code: room.CodeSchema, Message: fmt.Sprintf("the records linked under the name %s are of %s and %s, and the settings name other objects (CO-3)", p, was[core.Salesforce], was[core.HubSpot]),
		Mend: "name the objects that the pair had, and declare the others under a name of their own"}
}

// lacking says which of our fields on an object a side does not show; nil where all are
// there.
func (c *Known) lacking(side core.Side, need ObjectFields) *room.Error {
	miss := c.missing(side, need)
	if len(miss) == 0 {
		return nil
	}
	return &room.Error{Code: room.CodeSchema, Message: fmt.Sprintf("%s has no field %s on %s that this user can see", side.Label(), strings.Join(miss, ", "), c.Pairs.Title(need.Object)),
		Mend: "run tandem init --fields to create them, or ask an admin; tandem check says exactly what"}
}

// sought is an object that is not shown: of a custom one with the id that the settings may
// have wrong.
func (c *Known) sought(o core.Object) string {
	if title := c.Pairs.Title(o); title != string(o) {
		return title + " (" + string(o) + ")"
	}
	return string(o)
}

// hidden is the object of a pair that a side does not show: of leads and contacts one
// will do.
func (c *Known) hidden(side core.Side, objects []core.Object) (core.Object, bool) {
	for _, o := range objects {
		if _, visible := c.Schemas[side][o]; visible {
			return "", false
		}
	}
	return objects[0], true
}

// HeldBack is what holds a pair back, as an error that may be nil.
func (c *Known) HeldBack(p core.Pair) error {
	if lack := c.Held[p]; lack != nil {
		return lack
	}
	return nil
}

// RequireTasks is what keeps tasks from being made of what people did: without our key on
// them a task could be made twice.
func (c *Known) RequireTasks() *room.Error {
	for _, need := range c.FieldSpecs(core.Salesforce) {
		if need.Object == core.Task {
			if lack := c.lacking(core.Salesforce, need); lack != nil {
				return lack
			}
		}
	}
	return nil
}

package conn

import (
	"tandem/internal/connector"
	"tandem/internal/core"
)

// Notes are properties of HubSpot in which its users see what the Salesforce record
// has and HubSpot has no place for: an owner who is no user of the portal (OWN-3a), the
// account of a contact, and when the record was last written. They have the names that
// the original integration gave them, are written where they stand, and are never read
// as anything else (PROP-12).
const (
	NoteOwnerID   = "salesforceownerid" // PROP-9
	NoteOwnerName = "salesforceownername"
	NoteSyncTime  = "salesforcelastsynctime"     // PROP-7
	NoteStage     = "salesforceopportunitystage" // PROP-8
)

// noteNames are the notes that only notes are written to: the id of a contact's account
// is the key of a company.
var noteNames = []string{NoteOwnerID, NoteOwnerName, NoteSyncTime, NoteStage}

// noteSpecs are the properties for notes on an object; none on Salesforce's.
func (c *Known) noteSpecs(object core.Object) []connector.FieldSpec {
	if _, shown := c.Pairs.Of(core.HubSpot, object); !shown {
		return nil
	}
	of := c.Pairs.Word(object)
	out := []connector.FieldSpec{
		{Name: NoteOwnerID, Label: "Salesforce Owner ID", Type: "text", Group: propGroup, Description: "Id of the Salesforce user or queue that owns the record this " + of + " is in step with."},
		{Name: NoteOwnerName, Label: "Salesforce Owner", Type: "text", Group: propGroup, Description: "Name of that user or queue, who need not be a user of HubSpot."},
		{Name: NoteSyncTime, Label: "Last Salesforce Sync Time", Type: "datetime", Group: propGroup, Description: "When the sync with Salesforce last wrote to this " + of + "."},
	}
	if object == core.Contacts {
		out = append(out, connector.FieldSpec{Name: PropAccountID, Label: "Salesforce Account ID", Type: "text", Group: propGroup, Description: "Id of the Salesforce account that the contact belongs to."})
	}
	if object == core.Contacts && c.MovesStages() {
		out = append(out, connector.FieldSpec{Name: NoteStage, Label: "Opportunity Stage", Type: "text", Group: propGroup, Description: "Stage of the Salesforce opportunity on which the contact has a role, the one that changed last."})
	}
	return out
}

// noteFields are the fields of an object that notes are made of or stand in.
func (c *Known) noteFields(object core.Object) []string {
	side, pair, ok := c.sideOf(object)
	switch {
	case !ok || !c.Syncs(pair), pair == core.ActivityPair:
		return nil
	case side == core.HubSpot:
		return append([]string{PropDeleted, PropAccountID}, noteNames...)
	case c.Owners == nil:
		return []string{c.DeletedField(side)}
	}
	return []string{"OwnerId", c.DeletedField(side)}
}

// sideOf finds the side and the pair of an object: no two sides have one of the same
// name.
func (c *Known) sideOf(object core.Object) (core.Side, core.Pair, bool) {
	for _, side := range core.Sides {
		if pair, ok := c.Pairs.Of(side, object); ok {
			return side, pair, true
		}
	}
	return 0, "", false
}

package conn

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/owners"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// Names of what Tandem adds to a side. On Salesforce there is one key field per
// portal, on HubSpot one property set per org, so that several connections on
// one org or portal never meet in a field.
const (
	PropAccountID = "salesforceaccountid"        // PROP-6
	propContactID = "salesforcecontactid"        // PROP-2
	propLeadID    = "salesforceleadid"           // PROP-1
	propDealID    = "hs_salesforceopportunityid" // PROP-5
	PropDeleted   = "salesforcedeleted"          // PROP-3
	propGroup     = "salesforceinformation"
)

// NativeID is the HubSpot property in which the original integration keeps the id of
// a record of a Salesforce object; of others it keeps none.
var NativeID = map[core.Object]string{core.Account: PropAccountID, core.Contact: propContactID, core.Lead: propLeadID, core.Opportunity: propDealID}

// keyPrefixOf begins the key properties of every org that a portal is in step with. A
// HubSpot contact has one for the lead and one for the contact that it is linked
// with, one after the other.
func keyPrefixOf(of core.Object) string {
	switch of {
	case core.Contact:
		return "tandem_contact_key_"
	case core.Lead:
		return "tandem_lead_key_"
	}
	return "tandem_key_"
}

// KeyField is the unique field on a side that holds the counterpart's id, for
// records of a Salesforce object and their partners.
func (c *Known) KeyField(side core.Side, of core.Object) string {
	if side == core.Salesforce {
		return "Tandem_Key_" + c.Accounts[core.HubSpot].ID + "__c"
	}
	return keyPrefixOf(of) + strings.ToLower(c.Accounts[core.Salesforce].ID)
}

// IDFields names the fields of a side in which the counterpart's id may stand.
func (c *Known) IDFields(side core.Side, of core.Object) string {
	if NativeID[of] == "" {
		return c.KeyField(side, of)
	}
	return c.KeyField(side, of) + " and " + NativeID[of]
}

// partnerObject is the HubSpot object that a Salesforce object syncs with.
func (c *Known) partnerObject(of core.Object) core.Object {
	return c.Pairs.Objects(c.partnerPair(of))[core.HubSpot][0]
}

// partnerPair is the pair of a Salesforce object.
func (c *Known) partnerPair(of core.Object) core.Pair {
	pair, _ := c.Pairs.Of(core.Salesforce, of)
	return pair
}

// otherKeys are the key properties of the portal's other orgs.
func (c *Known) otherKeys(of core.Object) []string {
	var out []string
	for _, f := range c.Schemas[core.HubSpot][c.partnerObject(of)].Fields {
		if strings.HasPrefix(f.Name, keyPrefixOf(of)) && f.Name != c.KeyField(core.HubSpot, of) {
			out = append(out, f.Name)
		}
	}
	return out
}

// ForeignID reports that the id in the property of the original integration is
// another org's: several orgs share it, and each has its own key.
func (c *Known) ForeignID(rec *core.Record, of core.Object) bool {
	id, _ := rec.Get(NativeID[of])
	return id != "" && slices.ContainsFunc(c.otherKeys(of), func(key string) bool {
		theirs, _ := rec.Get(key)
		return theirs != "" && core.ID18(theirs) == core.ID18(id)
	})
}

// Origin fields begin alike for every portal of an org, and for every org of a portal.
var originPrefix = [2]string{core.Salesforce: "Tandem_Origin_", core.HubSpot: "tandem_origin_"}

// otherOrigins are the origin fields of the other connections that an object has.
func (c *Known) otherOrigins(side core.Side, object core.Object) (out []string) {
	for _, f := range c.Schemas[side][object].Fields {
		if strings.HasPrefix(f.Name, originPrefix[side]) && f.Name != c.OriginField(side) && f.Name != core.PersonField(c.OriginField(side)) {
			out = append(out, f.Name)
		}
	}
	return out
}

// OtherPortals are the ids of the portals besides our own that an org's object has fields
// of Tandem for.
func OtherPortals(s connector.Schema, own string) (out []string) {
	for _, f := range s.Fields {
		if id, ours := strings.CutPrefix(f.Name, originPrefix[core.Salesforce]); ours {
			if id = strings.TrimSuffix(strings.TrimSuffix(id, "__c"), "__pc"); id != own && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// MadeBy is the other connection that made a record, blank where none did.
func (c *Known) MadeBy(rec *core.Record) string {
	for _, f := range c.otherOrigins(rec.Ref.Side, rec.Ref.Object) {
		if name, _ := rec.Get(f); name != "" {
			return name
		}
	}
	return ""
}

// OriginField marks records that a connection created; it is set on nothing else.
func (c *Known) OriginField(side core.Side) string {
	if side == core.Salesforce {
		return originPrefix[side] + c.Accounts[core.HubSpot].ID + "__c"
	}
	return originPrefix[side] + strings.ToLower(c.Accounts[core.Salesforce].ID)
}

// DeletedField says on a record of a side that its partner was deleted, and it was kept (DEL-7).
func (c *Known) DeletedField(side core.Side) string {
	if side == core.Salesforce {
		return "Tandem_Deleted_" + c.Accounts[core.HubSpot].ID + "__c"
	}
	return PropDeleted
}

// marksDeleted reports that the settings mark the records of a Salesforce object whose partner
// is deleted.
func (c *Known) marksDeleted(of core.Object) bool {
	pair, ok := c.Pairs.Of(core.Salesforce, of)
	if !ok || pair == core.ActivityPair {
		return false
	}
	return c.Settings.Pair(pair).Deleted[c.Pairs.Objects(pair)[core.HubSpot][0]] == policy.Flag
}

// ObjectFields are the fields that Tandem needs on one object.
type ObjectFields struct {
	Object core.Object
	Specs  []connector.FieldSpec
	// Notes are fields that are written where they stand, and missed by nobody else.
	Notes []connector.FieldSpec
}

// All are the fields to create, those that must be there first.
func (o ObjectFields) All() []connector.FieldSpec { return slices.Concat(o.Specs, o.Notes) }

// FieldSpecs are the fields Tandem needs on each side for what the settings sync:
// those of companies always, since a connection without any is of no use.
func (c *Known) FieldSpecs(side core.Side) []ObjectFields {
	need := func(object core.Object, of ...core.Object) ObjectFields {
		return ObjectFields{Object: object, Specs: append(c.specsOf(side, object, of...), c.campaignSpecs(object)...), Notes: c.noteSpecs(object)}
	}
	out := []ObjectFields{need(core.StandardPairs.Objects(core.CompanyPair)[side][0], core.Account)}
	switch {
	case !c.Settings.Contacts.Sync:
	case side == core.Salesforce:
		out = append(out, need(core.Contact, core.Contact), need(core.Lead, core.Lead))
	default:
		out = append(out, need(core.Contacts, core.Contact, core.Lead))
	}
	for _, d := range c.carried() {
		out = append(out, need(d.Objects[side][0], d.Objects[core.Salesforce][0]))
	}
	return append(out, c.activitySpecs(side)...)
}

// specsOf are the fields on an object for records of Salesforce objects and their
// partners, the key first.
func (c *Known) specsOf(side core.Side, on core.Object, of ...core.Object) (out []connector.FieldSpec) {
	for _, o := range of {
		out = append(out, connector.FieldSpec{Name: c.KeyField(side, o), Label: c.keyLabel(side, o), Type: "text", Length: 64, Unique: true,
			Description: "Id of the record this one is kept in step with. Written by Tandem; makes a second copy impossible.", Group: propGroup})
	}
	out = append(out, connector.FieldSpec{Name: c.OriginField(side), Label: "Tandem origin", Type: "text", Length: 80,
		Description: "Name of the Tandem connection that created this record.", Group: propGroup})
	switch {
	case side == core.Salesforce && c.marksDeleted(on):
		return append(out, connector.FieldSpec{Name: c.DeletedField(side), Label: "HubSpot Deleted", Type: "bool",
			Description: "The HubSpot record was deleted and this one was kept."})
	case side == core.Salesforce:
		return out
	}
	for _, o := range of {
		if NativeID[o] == "" {
			continue
		}
		out = append(out, connector.FieldSpec{Name: NativeID[o], Label: fmt.Sprintf("Salesforce %s ID", o), Type: "text", Group: propGroup,
			Description: fmt.Sprintf("Id of the Salesforce %s this %s is in step with.", strings.ToLower(string(o)), c.Pairs.Word(on))})
	}
	return append(out, connector.FieldSpec{Name: PropDeleted, Label: "Salesforce Deleted", Type: "bool", Group: propGroup,
		Description: fmt.Sprintf("The Salesforce record was deleted and this %s was kept.", c.Pairs.Word(on))})
}

// keyLabel tells the two keys of a HubSpot contact apart.
func (c *Known) keyLabel(side core.Side, of core.Object) string {
	if side == core.Salesforce || len(c.Pairs.Objects(c.partnerPair(of))[core.Salesforce]) == 1 {
		return "Tandem key"
	}
	return "Tandem " + strings.ToLower(string(of)) + " key"
}

// RequireObjects refuses to work on objects that sync while one of them is hidden
// from the integration: nothing would sync, and nobody would know why. Of leads and
// contacts one will do.
func (c *Known) RequireObjects() error {
	var need [2][]core.Object
	if c.Settings.Companies.Sync {
		need = core.StandardPairs.Objects(core.CompanyPair)
	}
	if _, lead := c.Schemas[core.Salesforce][core.Lead]; c.Settings.Contacts.Sync {
		need[core.HubSpot] = append(need[core.HubSpot], core.Contacts)
		if !lead {
			need[core.Salesforce] = append(need[core.Salesforce], core.Contact)
		}
	}
	for _, side := range core.Sides {
		for _, d := range c.carried() {
			need[side] = append(need[side], d.Objects[side]...)
		}
		for _, object := range need[side] {
			if _, visible := c.Schemas[side][object]; !visible {
				return &room.Error{Code: room.CodeSchema, Message: fmt.Sprintf("%s does not show the object %s to this user (INST-3)", side.Label(), c.Pairs.Title(object)),
					Mend: "give the integration user read, create and edit rights on it; tandem check says exactly which"}
			}
		}
	}
	return nil
}

// missing are those of our fields that an object does not show us. An object that is
// hidden as a whole does not sync and needs none.
func (c *Known) missing(side core.Side, need ObjectFields) []string {
	schema, visible := c.Schemas[side][need.Object]
	if pair, _ := c.Pairs.Of(side, need.Object); !visible && pair == core.ContactPair {
		return nil
	}
	var out []string
	for _, s := range need.Specs {
		if !slices.ContainsFunc(schema.Fields, func(f connector.Field) bool { return strings.EqualFold(f.Name, s.Name) }) {
			out = append(out, s.Name)
		}
	}
	return out
}

// LinePrice is the price at which an opportunity sells a product; it is written along with
// a quantity.
const LinePrice = "UnitPrice"

// ReadFields are the fields wanted from a side's object: the mapped ones, ours,
// and what policy looks at.
func (c *Known) ReadFields(side core.Side, object core.Object) []string {
	out := slices.Concat(c.MappedFields(side, object), c.FilterFields(object), c.noteFields(object), c.otherOrigins(side, object), c.StageFields(object), c.CampaignFields(object), c.currencyFields(side, object), c.Lists.Of(object).Properties())
	switch object {
	case core.Account:
		out = append(out, "Name", "IsDeleted", personFlag, PersonContact, c.KeyField(side, object))
	case core.Companies:
		out = append(out, "name", "domain", "hs_object_source", "hs_object_source_label", "hs_object_source_detail_1", "hs_merged_object_ids")
		out = append(out, c.StoredFields(core.Account)...)
	case core.Opportunity:
		out = append(out, RelationKey, "HasOpportunityLineItem")
	case core.Deals:
		out = append(out, "dealname")
	case core.LineItem:
		out = append(out, LinePrice)
	case core.Contact:
		out = append(out, "Email", "AccountId", "Name", "IsDeleted", personFlag, c.KeyField(side, object))
	case core.Lead:
		out = append(out, "Email", "IsConverted", "ConvertedContactId", "ConvertedAccountId", "Name", "IsDeleted", c.KeyField(side, object))
	case core.Task, core.Event, core.Tasks, core.Calls, core.Emails, core.Meetings, core.Notes:
		out = append(out, c.activityFields(side, object)...)
	case core.Contacts:
		out = append(out, "email", "hs_additional_emails", "firstname", "lastname", "hs_merged_object_ids")
		out = append(out, slices.Concat(c.StoredFields(core.Contact), c.StoredFields(core.Lead))...)
	}
	if pair, _ := c.Pairs.Of(side, object); pair == core.ContactPair && c.SyncsPeople() {
		out = append(out, OptOutField[side])
	}
	out = append(out, c.recordFields(side, object)...)
	out = c.Present(side, object, append(out, c.matchFields(side, object)...))
	slices.Sort(out)
	return slices.Compact(out)
}

// MappedFields are the mapped fields of an object. A HubSpot contact has those that
// leads and those that contacts sync with.
func (c *Known) MappedFields(side core.Side, object core.Object) []string {
	var out []string
	for _, m := range c.MappingsOf(side, object) {
		out = append(out, m.Fields(side)...)
	}
	return out
}

// StoredFields are the HubSpot properties in which the id of a record of a Salesforce
// object may stand. Those of people are looked at once they sync.
func (c *Known) StoredFields(of core.Object) []string {
	if p := c.partnerPair(of); p != core.CompanyPair && !c.Syncs(p) {
		return nil
	}
	return append(c.otherKeys(of), NativeID[of], c.KeyField(core.HubSpot, of))
}

// Present keeps the fields that the schema shows, so that one hidden field
// never breaks a whole read.
func (c *Known) Present(side core.Side, object core.Object, names []string) []string {
	schema := c.Schemas[side][object]
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		shown := referenceOf(n)
		return !slices.ContainsFunc(schema.Fields, func(f connector.Field) bool { return f.Name == shown })
	})
}

// referenceOf is the field whose relationship a dotted name is read through:
// ParentId for Parent.Name, Region__c for Region__r.Name. Other names stand for
// themselves.
func referenceOf(name string) string {
	head, _, dotted := strings.Cut(name, ".")
	if !dotted {
		return name
	}
	if custom, ok := strings.CutSuffix(head, "__r"); ok {
		return custom + "__c"
	}
	return head + "Id"
}

// FieldDefs are a schema's fields as mappings look at them.
func FieldDefs(s connector.Schema) []mapping.FieldDef {
	out := make([]mapping.FieldDef, 0, len(s.Fields))
	for _, f := range s.Fields {
		d := mapping.FieldDef{Name: f.Name, Label: f.Label, Type: f.Type, FieldType: f.FieldType, Length: f.Length, Precision: f.Precision, Scale: f.Scale,
			Required: f.Required, Creatable: f.Creatable, Updatable: f.Updatable, Calculated: f.Calculated, Restricted: f.Restricted, Rich: f.Rich, Share: f.Share, Money: f.Money, Unique: f.Unique, Default: f.Default, Computed: f.Computed, Created: f.Created}
		for _, o := range f.Options {
			d.Options = append(d.Options, mapping.Option{Value: o.Value, Label: o.Label, Active: o.Active})
		}
		for _, r := range f.References {
			d.References = append(d.References, string(r))
		}
		out = append(out, d)
	}
	return out
}

// Zone is where a day begins (AMB-15): the settings' zone, else the org's; nil where
// neither is known.
func Zone(s config.Connection, org connector.Identity) *time.Location {
	for _, name := range []string{s.TimeZone, org.TimeZone} {
		if zone, err := time.LoadLocation(name); err == nil && name != "" {
			return zone
		}
	}
	return nil
}

// FieldMaps are the mappings of the settings as they are compiled, for an org whose days
// begin in a zone (see Zone).
func FieldMaps(ms []config.Mapping, zone *time.Location) []mapping.FieldMap {
	out := make([]mapping.FieldMap, 0, len(ms))
	for _, m := range ms {
		rule, _ := core.ParseRule(m.Rule)
		if m.Rule == "" && strings.EqualFold(m.HubSpot, owners.Property) {
			rule = core.TwoWay // MAP-8
		}
		out = append(out, mapping.FieldMap{Salesforce: m.Salesforce, HubSpot: m.HubSpot, Rule: rule, Values: m.Values, Reference: m.Reference,
			Transform: [2]string{m.ToSalesforce, m.ToHubSpot}, Zone: zone})
	}
	return out
}

// StoredID is the counterpart's id that a record carries.
func (c *Known) StoredID(rec *core.Record) string { return c.StoredRef(rec).ID }

// StoredRef is the counterpart that a record carries the id of, zero for none. Of the
// two that a HubSpot contact may carry the contact counts: its lead went before it.
func (c *Known) StoredRef(rec *core.Record) core.Ref {
	if rec.Ref.Side == core.Salesforce {
		id, _ := rec.Get(c.KeyField(core.Salesforce, rec.Ref.Object))
		if c.partnerPair(rec.Ref.Object) == core.ActivityPair {
			return ActivityNamed(id)
		}
		return core.Ref{Side: core.HubSpot, Object: c.partnerObject(rec.Ref.Object), ID: id}
	}
	if all := c.StoredRefs(rec); len(all) > 0 {
		return all[0]
	}
	return core.Ref{}
}

// StoredRefs are the records of Salesforce whose ids a HubSpot record carries, one of an
// object at most and the one that counts first.
func (c *Known) StoredRefs(rec *core.Record) (out []core.Ref) {
	pair, _ := c.Pairs.Of(rec.Ref.Side, rec.Ref.Object)
	for _, of := range c.Pairs.Objects(pair)[core.Salesforce] {
		if r := c.storedOf(rec, of); !r.IsZero() {
			out = append(out, r)
		}
	}
	return out
}

// Carries reports that a HubSpot record carries the id of a record of Salesforce.
func (c *Known) Carries(rec *core.Record, r core.Ref) bool { return c.storedOf(rec, r.Object) == r }

func (c *Known) storedOf(rec *core.Record, of core.Object) core.Ref {
	id, _ := rec.Get(c.KeyField(core.HubSpot, of))
	if id == "" && NativeID[of] != "" && !c.ForeignID(rec, of) {
		id, _ = rec.Get(NativeID[of])
	}
	switch {
	case id == "":
		return core.Ref{}
	case of == core.Task && strings.HasPrefix(id, eventPrefix):
		of = core.Event
	}
	return core.Ref{Side: core.Salesforce, Object: of, ID: core.ID18(id)}
}

// OwnFields are our bookkeeping fields on a side; they never count as a change.
func (c *Known) OwnFields(side core.Side) []string {
	own := append([]string{c.OriginField(side), c.DeletedField(side)}, noteNames...)
	for _, of := range []core.Object{core.Account, core.Contact, core.Lead} { // those of all others are called as the account's
		own = append(own, c.KeyField(side, of))
	}
	for _, native := range NativeID {
		own = append(own, native)
	}
	return own
}

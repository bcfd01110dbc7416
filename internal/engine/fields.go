package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/mapping"
)

// Names of what Tandem adds to a side. On Salesforce there is one key field per
// portal, on HubSpot one property set per org, so that several connections on
// one org or portal never meet in a field.
const (
	propAccountID = "salesforceaccountid"    // PROP-6
	propSyncTime  = "salesforcelastsynctime" // PROP-7
	propDeleted   = "salesforcedeleted"      // PROP-3
	propGroup     = "salesforceinformation"
)

// keyField is the unique field on a side that holds the counterpart's id.
func (c *Conn) keyField(side core.Side) string {
	if side == core.Salesforce {
		return "Tandem_Key_" + c.Accounts[core.HubSpot].ID + "__c"
	}
	return keyPrefix + strings.ToLower(c.Accounts[core.Salesforce].ID)
}

// keyPrefix begins the key property of every org that a portal is in step with.
const keyPrefix = "tandem_key_"

// otherKeys are the key properties of the portal's other orgs.
func (c *Conn) otherKeys() []string {
	var out []string
	for _, f := range c.Schemas[core.HubSpot][core.Companies].Fields {
		if strings.HasPrefix(f.Name, keyPrefix) && f.Name != c.keyField(core.HubSpot) {
			out = append(out, f.Name)
		}
	}
	return out
}

// foreignID reports that the account id on a company is another org's: several
// orgs share the property of the original integration, and each has its own key.
func (c *Conn) foreignID(company *core.Record) bool {
	id, _ := company.Get(propAccountID)
	return id != "" && slices.ContainsFunc(c.otherKeys(), func(key string) bool {
		theirs, _ := company.Get(key)
		return theirs != "" && core.ID18(theirs) == core.ID18(id)
	})
}

// originField marks records that a connection created; it is set on nothing else.
func (c *Conn) originField(side core.Side) string {
	if side == core.Salesforce {
		return "Tandem_Origin_" + c.Accounts[core.HubSpot].ID + "__c"
	}
	return "tandem_origin_" + strings.ToLower(c.Accounts[core.Salesforce].ID)
}

// FieldSpecs are the fields Tandem needs on each side for the company pair.
func (c *Conn) FieldSpecs(side core.Side) (core.Object, []connector.FieldSpec) {
	key := connector.FieldSpec{Name: c.keyField(side), Label: "Tandem key", Type: "text", Length: 64, Unique: true,
		Description: "Id of the record this one is kept in step with. Written by Tandem; makes a second copy impossible.", Group: propGroup}
	origin := connector.FieldSpec{Name: c.originField(side), Label: "Tandem origin", Type: "text", Length: 80,
		Description: "Name of the Tandem connection that created this record.", Group: propGroup}
	if side == core.Salesforce {
		return core.Account, []connector.FieldSpec{key, origin}
	}
	return core.Companies, []connector.FieldSpec{key, origin,
		{Name: propAccountID, Label: "Salesforce Account ID", Type: "text", Group: propGroup, Description: "Id of the Salesforce account this company is in step with."},
		{Name: propDeleted, Label: "Salesforce Deleted", Type: "bool", Group: propGroup, Description: "The Salesforce account was deleted and this company was kept."},
	}
}

// missingFields are those of our fields that a side does not show us.
func (c *Conn) missingFields(side core.Side) []string {
	object, specs := c.FieldSpecs(side)
	schema := c.Schemas[side][object]
	var out []string
	for _, s := range specs {
		if !slices.ContainsFunc(schema.Fields, func(f connector.Field) bool { return strings.EqualFold(f.Name, s.Name) }) {
			out = append(out, s.Name)
		}
	}
	return out
}

// requireObjects refuses to work on accounts and companies while one of the two is
// hidden from the integration: nothing would sync, and nobody would know why.
func (c *Conn) requireObjects() error {
	if !c.Settings.Companies.Sync {
		return nil
	}
	for _, side := range core.Sides {
		object := core.CompanyPair.Objects()[side][0]
		if _, visible := c.Schemas[side][object]; !visible {
			return &Error{Code: CodeSchema, Message: fmt.Sprintf("%s does not show the object %s to this user (INST-3)", side.Label(), object),
				Mend: "give the integration user read, create and edit rights on it; tandem check says exactly which"}
		}
	}
	return nil
}

// requireFields refuses to write before our own fields stand on both sides:
// without the unique key a repeated create would make a second record.
func (c *Conn) requireFields() error {
	for _, side := range core.Sides {
		if miss := c.missingFields(side); len(miss) > 0 {
			object, _ := c.FieldSpecs(side)
			return &Error{Code: CodeSchema, Message: fmt.Sprintf("%s has no field %s on %s that this user can see", side.Label(), strings.Join(miss, ", "), object),
				Mend: "run tandem init to create them, or ask an admin; tandem check says exactly what"}
		}
	}
	return nil
}

// readFields are the fields wanted from a side's object: the mapped ones, ours,
// and what policy looks at.
func (c *Conn) readFields(side core.Side, object core.Object) []string {
	var out []string
	switch object {
	case core.Account:
		out = append(c.Mappings[core.CompanyPair].Fields(side), "Name", "IsDeleted", c.keyField(side))
	case core.Companies:
		out = append(c.Mappings[core.CompanyPair].Fields(side), "name", "domain", "hs_object_source", "hs_object_source_label", "hs_object_source_detail_1", "hs_merged_object_ids", propAccountID, c.keyField(side))
		out = append(out, c.otherKeys()...)
	case core.Contact:
		out = []string{"Email", "AccountId", "Name", "IsDeleted"}
	case core.Lead:
		out = []string{"Email", "IsConverted", "ConvertedContactId", "ConvertedAccountId", "Name", "IsDeleted"}
	case core.Contacts:
		out = append([]string{"email", "hs_additional_emails", "firstname", "lastname", "hs_merged_object_ids"}, c.list.properties()...)
	}
	if object == core.Account || object == core.Companies {
		out = append(out, c.filterFields(side)...)
	}
	out = c.present(side, object, out)
	slices.Sort(out)
	return slices.Compact(out)
}

// present keeps the fields that the schema shows, so that one hidden field
// never breaks a whole read.
func (c *Conn) present(side core.Side, object core.Object, names []string) []string {
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

func fieldDefs(s connector.Schema) []mapping.FieldDef {
	out := make([]mapping.FieldDef, 0, len(s.Fields))
	for _, f := range s.Fields {
		d := mapping.FieldDef{Name: f.Name, Label: f.Label, Type: f.Type, FieldType: f.FieldType, Length: f.Length, Precision: f.Precision, Scale: f.Scale,
			Required: f.Required, Creatable: f.Creatable, Updatable: f.Updatable, Calculated: f.Calculated, Restricted: f.Restricted, Unique: f.Unique, Created: f.Created}
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

func fieldMaps(ms []config.Mapping) []mapping.FieldMap {
	out := make([]mapping.FieldMap, 0, len(ms))
	for _, m := range ms {
		rule, _ := core.ParseRule(m.Rule)
		if m.Rule == "" && strings.EqualFold(m.HubSpot, OwnerProperty) {
			rule = core.TwoWay // MAP-8
		}
		out = append(out, mapping.FieldMap{Salesforce: m.Salesforce, HubSpot: m.HubSpot, Rule: rule, Values: m.Values, Reference: m.Reference,
			Transform: [2]string{m.ToSalesforce, m.ToHubSpot}})
	}
	return out
}

const stampLayout = "2006-01-02T15:04:05.000Z"

func stampText(t time.Time) string { return t.UTC().Format(stampLayout) }

func parseStamp(s string) time.Time {
	t, _ := time.Parse(stampLayout, s)
	return t
}

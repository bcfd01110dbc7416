package conn

import (
	"slices"

	"tandem/internal/core"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// SyncsDeals reports that opportunities and deals sync.
func (c *Known) SyncsDeals() bool { return c.Settings.Deals.Sync }

// carried are the pairs that sync of which a record's partner is told by the id that one
// of the two carries.
func (c *Known) carried() (out []*core.PairDef) {
	for i := range c.Pairs {
		if c.Pairs[i].Carried && c.Syncs(c.Pairs[i].Name) {
			out = append(out, &c.Pairs[i])
		}
	}
	return out
}

// Staged are the pairs that sync whose records go through stages.
func (c *Known) Staged() (out []core.Pair) {
	for _, d := range c.carried() {
		if d.Stages != nil {
			out = append(out, d.Name)
		}
	}
	return out
}

// defOf is the declaration of the pair that an object of a side belongs to; of one that
// no pair knows a blank.
func (c *Known) defOf(side core.Side, object core.Object) *core.PairDef {
	pair, _ := c.Pairs.Of(side, object)
	return c.Pairs.Def(pair)
}

// compileRecords makes the mappings and filters of such pairs ready.
func (c *Known) compileRecords() error {
	for _, d := range c.carried() {
		if err := c.compileRecord(d); err != nil {
			return err
		}
	}
	return nil
}

func (c *Known) compileRecord(d *core.PairDef) error {
	var defs [2][]mapping.FieldDef
	for _, side := range core.Sides {
		defs[side] = c.Defs[side][d.Objects[side][0]]
	}
	m, problems := mapping.Compile(d.Name, mapping.WithStage(c.fieldMaps(d.Name), c.Stages[d.Name]), defs[core.Salesforce], defs[core.HubSpot])
	c.Mappings[d.Objects[core.Salesforce][0]], c.Problems = m, append(c.Problems, problems...)
	filter := c.Settings.Pair(d.Name).Filter
	for side, text := range [2]string{filter.FromSalesforce, filter.FromHubSpot} {
		object, side := d.Objects[side][0], core.Side(side)
		p, err := Predicate(text, defs[side])
		if err != nil {
			return Misfit(d.Plural+".filter.from_"+side.String(), side, object, err)
		}
		c.Filters[object] = p
	}
	return nil
}

// recordFields are the fields wanted of the objects of such a pair: those by which a
// person knows a record, its key, where it stands and what it refers to.
func (c *Known) recordFields(side core.Side, object core.Object) []string {
	d := c.defOf(side, object)
	if !d.Carried {
		return nil
	}
	out := []string{c.Schemas[side][object].UniqueName}
	if d.Stages != nil {
		out = append(out, d.Stages.Way[side])
	}
	if side == core.HubSpot {
		out = append(out, propertiesOf(d.Lookups)...)
		return append(append(out, "hs_merged_object_ids"), c.StoredFields(d.Objects[core.Salesforce][0])...)
	}
	for _, l := range d.Lookups {
		out = append(out, l.Field)
	}
	return append(out, "Name", "Subject", "IsDeleted", c.KeyField(side, object))
}

// Merges reports that records of a Salesforce object can be merged into one another:
// accounts, contacts, leads and cases can (Object Reference, "MasterRecordId").
func (c *Known) Merges(object core.Object) bool {
	if d := c.defOf(core.Salesforce, object); d.Name == core.CompanyPair || d.Name == core.ContactPair {
		return true
	}
	_, can := c.Field(object, "MasterRecordId")
	return can
}

// DeletesAccounts reports that the deletion of a company deletes its account.
func (c *Known) DeletesAccounts() bool {
	set := c.Settings.Companies.WhenHubSpotDeleted
	return set == policy.Archive || set == policy.Delete
}

// InPipeline reports whether a record stands in a pipeline, or has a record type, that
// syncs, and names it. A record of a pair without stages stands in none.
func (c *Known) InPipeline(rec *core.Record) (policy.Membership, string) {
	pair, _ := c.Pairs.Of(rec.Ref.Side, rec.Ref.Object)
	book := c.Stages[pair]
	if book == nil {
		return policy.Member, ""
	}
	id, told := rec.Get(book.Way(rec.Ref.Side))
	place := book.Way(rec.Ref.Side) + " " + id
	switch {
	case rec.Ref.Side == core.Salesforce && book.Process(id) != nil:
		return policy.Member, place
	case rec.Ref.Side == core.HubSpot && book.Pipeline(id) != nil:
		return policy.Member, place
	case !told || len(book.Links()) == 0:
		return policy.UnknownMembership, place
	}
	return policy.NotMember, place
}

// lookupFields are the reference fields of an object of Salesforce that are associations
// in HubSpot.
func (c *Known) lookupFields(side core.Side, object core.Object) (out []string) {
	if side == core.HubSpot {
		return propertiesOf(c.defOf(side, object).Lookups)
	}
	for _, l := range c.defOf(side, object).Lookups {
		out = append(out, l.Field)
	}
	return out
}

// propertiesOf are the properties of HubSpot that hold the ids of lookups.
func propertiesOf(lookups []core.Lookup) (out []string) {
	for _, l := range lookups {
		if l.Property != "" {
			out = append(out, l.Property)
		}
	}
	return out
}

// sameLookups reports that the references of a linked record, where rec answers them, are
// as both sides agreed.
func (c *Known) sameLookups(l *core.Link, rec *core.Record) bool {
	if rec.Ref.Side == core.HubSpot {
		return !slices.ContainsFunc(c.lookupFields(core.HubSpot, rec.Ref.Object), func(name string) bool {
			id, told := rec.Get(name)
			return told && !l.Base.Holds(core.HubSpot, name, id)
		})
	}
	for _, name := range c.lookupFields(rec.Ref.Side, rec.Ref.Object) {
		id, told := rec.Get(name)
		if _, kept := l.Base[name]; told && (kept || id != "") && !l.Base.Holds(core.Salesforce, name, id) {
			return false
		}
	}
	return true
}

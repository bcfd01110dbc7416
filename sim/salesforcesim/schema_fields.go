package salesforcesim

import (
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// These helpers declare standard fields. Lengths and flags follow the Object
// Reference; a field is nillable, writable and subject to field-level
// security unless a method says otherwise.

func plain(typ, name, label string, length int) field {
	return field{name: name, label: label, typ: typ, length: length, createable: true, updateable: true, permissionable: true}
}

func text(name, label string, length int) field { return plain("string", name, label, length) }
func area(name, label string, length int) field { return plain("textarea", name, label, length) }
func phone(name, label string) field            { return plain("phone", name, label, 40) }
func email(name, label string) field            { return plain("email", name, label, 80) }
func link(name, label string) field             { return plain("url", name, label, 255) }
func flag(name, label string) field {
	return withDefault(plain("boolean", name, label, 0), soql.Bool(false))
}
func date(name, label string) field              { return plain("date", name, label, 0) }
func moment(name, label string) field            { return plain("datetime", name, label, 0) }
func whole(name, label string, digits int) field { return number("int", name, label, digits, 0) }

func number(typ, name, label string, precision, scale int) field {
	f := plain(typ, name, label, 0)
	f.precision, f.scale = precision, scale
	return f
}

func money(name, label string) field { return number("currency", name, label, 18, 0) }

func choice(name, label, values string) field {
	f := plain("picklist", name, label, 255)
	f.picks = picksOf(values)
	return f
}

// picksOf reads "A|*B|C=See": a star marks the default value, and a label that
// differs from the value follows it.
func picksOf(values string) []pick {
	if values == "" {
		return nil
	}
	var out []pick
	for _, v := range strings.Split(values, "|") {
		bare, marked := strings.CutPrefix(v, "*")
		value, label, _ := strings.Cut(bare, "=")
		out = append(out, pick{value: value, label: label, byDefault: marked})
	}
	return out
}

func ref(name, label, relation, children string, targets ...string) field {
	f := plain("reference", name, label, 18)
	f.relation, f.childRelation, f.refTo = relation, children, targets
	return f
}

// preset gives a text field the value it has when a create names none.
func preset(f field, text string) field { return withDefault(f, soql.Text(text)) }

func presetTrue(f field) field { return withDefault(f, soql.Bool(true)) }

// lateDefault declares a column that has a default which other columns decide.
func lateDefault(f field) field { f.defaulted = true; return f }

func withDefault(f field, v value) field {
	f.def, f.defaulted = v, true
	return f
}

func (f field) must() field       { f.required, f.permissionable = true, false; return f }
func (f field) readonly() field   { f.createable, f.updateable = false, false; return f }
func (f field) createOnly() field { f.updateable = false; return f }
func (f field) naming() field     { f.nameField, f.permissionable = true, false; return f }
func (f field) fixed() field      { f.permissionable = false; return f }
func (f field) silent() field     { f.quiet = true; return f }
func (f field) cascading() field  { f.cascade = true; return f }
func (f field) loose() field      { f.cleared = true; return f }
func (f field) elastic() field    { f.cleared, f.restored = true, true; return f }
func (f field) distinct() field   { f.unique, f.indexed = true, true; return f }
func (f field) closed() field     { f.restricted = true; return f }
func (f field) in(c string) field { f.compound = c; return f }

func computed(f field, fn func(*Org, *record) value) field {
	f = f.readonly()
	f.compute = fn
	return f
}

// givenOnce declares a column that a create may give and that is read by a
// function from then on.
func givenOnce(f field, fn func(*Org, *record) value) field {
	f = f.createOnly()
	f.compute, f.once = fn, true
	return f
}

// overridable declares a column that is worked out until somebody writes it.
func overridable(f field, fn func(*Org, *record) value) field {
	f.compute, f.once, f.defaulted = fn, true, true
	return f
}

// owner declares OwnerId for objects that users, and for some also queues, own.
func owner(targets ...string) field {
	f := withDefault(ref("OwnerId", "Owner ID", "Owner", "", targets...), soql.Null())
	return f.fixed()
}

// master is the reference from a record lost in a merge to the winner.
func master(of string) field {
	return ref("MasterRecordId", "Master Record ID", "MasterRecord", "", of).readonly().fixed().silent()
}

// trail is a derived column that is always null here: nobody views records.
func trail(typ, name, label string) field {
	return plain(typ, name, label, 0).readonly().fixed().silent()
}

// address declares the parts of an address and the compound over them. Field-
// level security stands on the compound and reaches the parts.
func address(prefix, label string) []field {
	compound := prefix + "Address"
	lead := strings.TrimSpace(label + " ")
	name := func(part string) string { return strings.TrimSpace(lead + " " + part) }
	parts := []field{
		area(prefix+"Street", name("Street"), 255),
		text(prefix+"City", name("City"), 40),
		text(prefix+"State", name("State/Province"), 80),
		text(prefix+"PostalCode", name("Zip/Postal Code"), 20),
		text(prefix+"Country", name("Country"), 80),
		number("double", prefix+"Latitude", name("Latitude"), 18, 15),
		number("double", prefix+"Longitude", name("Longitude"), 18, 15),
		choice(prefix+"GeocodeAccuracy", name("Geocode Accuracy"), "Address|NearAddress|Block|Street|ExtendedZip|Zip|Neighborhood|City|County|State|Unknown"),
	}
	for i := range parts {
		parts[i] = parts[i].in(compound).fixed()
	}
	return append(parts, computed(plain("address", compound, name("Address"), 0), addressOf(prefix)))
}

// join strings several field lists together.
func join(lists ...[]field) []field {
	var out []field
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

const (
	salutations = "Mr.|Ms.|Mrs.|Dr.|Prof.|Mx."
	industries  = "Agriculture|Apparel|Banking|Biotechnology|Chemicals|Communications|Construction|Consulting|Education|Electronics|Energy|" +
		"Engineering|Entertainment|Environmental|Finance|Food & Beverage|Government|Healthcare|Hospitality|Insurance|Machinery|Manufacturing|" +
		"Media|Not For Profit|Recreation|Retail|Shipping|Technology|Telecommunications|Transportation|Utilities|Other"
	sources      = "Web|Phone Inquiry|Partner Referral|Purchased List|Other"
	ratings      = "Hot|Warm|Cold"
	cleanStates  = "Matched|Different|Acknowledged|NotFound|Inactive|*Pending|SelectMatch|Skipped"
	accountTypes = "Prospect|Customer - Direct|Customer - Channel|Channel Partner / Reseller|Installation Partner|Technology Partner|Other"
	stages       = "Prospecting|Qualification|Needs Analysis|Value Proposition|Id. Decision Makers|Perception Analysis|Proposal/Price Quote|Negotiation/Review|Closed Won|Closed Lost"
	leadStates   = "*Open - Not Contacted|Working - Contacted|Closed - Converted|Closed - Not Converted"
	taskStates   = "*Not Started|In Progress|Completed|Waiting on someone else|Deferred"
)

func sized(f field, length int) field {
	f.length = length
	return f
}

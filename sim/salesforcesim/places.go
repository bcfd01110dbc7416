package salesforcesim

import (
	"encoding/base64"
	"slices"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// An org may hold addresses to lists of states and countries. Every address then
// has a picklist of codes beside each text, the two follow each other, and what is
// in no list is refused (Salesforce Help, "State and Country/Territory Picklist
// Field-Syncing Logic").

// country is an entry of the list that this org has: some of the countries that
// the vendor fills in, and the states of three of the ten that come with states.
type country struct{ code, name, states string }

var countries = []country{
	{"AT", "Austria", ""}, {"AU", "Australia", "ACT=Australian Capital Territory|NSW=New South Wales|NT=Northern Territory|QLD=Queensland|SA=South Australia|TAS=Tasmania|VIC=Victoria|WA=Western Australia"},
	{"BE", "Belgium", ""}, {"CA", "Canada", "AB=Alberta|BC=British Columbia|MB=Manitoba|NB=New Brunswick|NL=Newfoundland and Labrador|NS=Nova Scotia|NT=Northwest Territories|NU=Nunavut|ON=Ontario|PE=Prince Edward Island|QC=Quebec|SK=Saskatchewan|YT=Yukon Territories"},
	{"CH", "Switzerland", ""}, {"DE", "Germany", ""}, {"DK", "Denmark", ""}, {"ES", "Spain", ""}, {"FI", "Finland", ""}, {"FR", "France", ""}, {"GB", "United Kingdom", ""},
	{"JP", "Japan", ""}, {"NL", "Netherlands", ""}, {"NO", "Norway", ""}, {"NZ", "New Zealand", ""}, {"PL", "Poland", ""}, {"PT", "Portugal", ""}, {"SE", "Sweden", ""},
	{"US", "United States", "AL=Alabama|AK=Alaska|AZ=Arizona|AR=Arkansas|CA=California|CO=Colorado|CT=Connecticut|DE=Delaware|DC=District of Columbia|FL=Florida|GA=Georgia|HI=Hawaii|ID=Idaho|IL=Illinois|" +
		"IN=Indiana|IA=Iowa|KS=Kansas|KY=Kentucky|LA=Louisiana|ME=Maine|MD=Maryland|MA=Massachusetts|MI=Michigan|MN=Minnesota|MS=Mississippi|MO=Missouri|MT=Montana|NE=Nebraska|NV=Nevada|NH=New Hampshire|" +
		"NJ=New Jersey|NM=New Mexico|NY=New York|NC=North Carolina|ND=North Dakota|OH=Ohio|OK=Oklahoma|OR=Oregon|PA=Pennsylvania|RI=Rhode Island|SC=South Carolina|SD=South Dakota|TN=Tennessee|TX=Texas|" +
		"UT=Utah|VT=Vermont|VA=Virginia|WA=Washington|WV=West Virginia|WI=Wisconsin|WY=Wyoming"},
}

func countryPicks() []pick {
	var out []pick
	for _, c := range countries {
		out = append(out, pick{value: c.code, label: c.name})
	}
	return out
}

// statePicks lists the states of all countries; a code that two countries use
// is one entry, valid for both.
func statePicks() []pick {
	var out []pick
	for _, c := range countries {
		for _, p := range picksOfStates(c) {
			if i := slices.IndexFunc(out, func(have pick) bool { return have.value == p.value && have.label == p.label }); i >= 0 {
				out[i].validFor = append(out[i].validFor, c.code)
				continue
			}
			p.validFor = []string{c.code}
			out = append(out, p)
		}
	}
	return out
}

func picksOfStates(c country) []pick { return picksOf(c.states) }

// EnablePlacePicklists switches the lists of states and countries on. Addresses
// that are there already stay as they are until somebody saves them.
func (o *Org) EnablePlacePicklists() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.places {
		return
	}
	o.places = true
	for _, name := range slices.Backward(sortedKeys(o.objects)) { // contacts before the accounts that show their addresses
		ob := o.objects[name]
		for _, f := range slices.Clone(ob.fields) {
			if f.typ == "address" {
				o.addCodes(ob, strings.TrimSuffix(f.name, "Address"))
			}
		}
	}
}

func (o *Org) addCodes(ob *object, prefix string) {
	for _, part := range []string{"State", "Country"} {
		beside := ob.field(prefix + part)
		if beside == nil {
			continue
		}
		f := choice(prefix+part+"Code", beside.label+" Code", "").in(beside.compound).fixed()
		f.length, f.picks = 10, countryPicks()
		if part == "State" {
			f.picks, f.controller = statePicks(), prefix+"CountryCode"
		}
		if of := beside.person; of != nil {
			f.person = of.object.field(of.name + "Code")
		}
		ob.addAfter(prefix+"GeocodeAccuracy", &f)
	}
	o.touchSchema(ob)
}

// placed is one address of a record as its columns have it.
type placed struct {
	after, before *record
	given         func(*field) bool
	prefix        string
}

func (p placed) column(name string) *field { return p.after.object.field(p.prefix + name) }

func (p placed) text(name string) string { return p.after.at(p.column(name)).Str() }

func (p placed) put(name, text string) { p.after.put(p.column(name), soql.Text(text)) }

// changed reports that the write sets a column to something else.
func (p placed) changed(name string) bool {
	f := p.column(name)
	return p.given(f) && (p.before == nil || p.before.at(f) != p.after.at(f))
}

// checkPlaces brings texts and codes of a write's addresses in line.
func (t *tx) checkPlaces(before, after *record, sets []assignment) rowErrors {
	if !t.o.places {
		return nil
	}
	given := func(f *field) bool { return slices.ContainsFunc(sets, func(a assignment) bool { return a.f == f }) }
	for _, f := range after.object.fields {
		p := placed{after, before, given, strings.TrimSuffix(f.name, "Address")}
		if f.typ != "address" || p.column("CountryCode") == nil {
			continue
		}
		if !p.changed("Country") && !p.changed("CountryCode") && !p.changed("State") && !p.changed("StateCode") {
			continue
		}
		if errs := p.settle(); errs != nil {
			return errs
		}
	}
	return nil
}

func (p placed) settle() rowErrors {
	if errs := p.match("Country", countryPicks(), "country/territory"); errs != nil {
		return errs
	}
	code := p.text("CountryCode")
	if code == "" && p.before != nil && p.before.at(p.column("CountryCode")).Str() != "" && !p.changed("State") && !p.changed("StateCode") {
		p.put("State", "")
		p.put("StateCode", "")
		return nil
	}
	if code == "" && p.text("State")+p.text("StateCode") != "" {
		return refuse("FIELD_INTEGRITY_EXCEPTION", "A country/territory must be specified before specifying a state value for field: "+p.column("State").label, p.column("State").name)
	}
	var states []pick
	for _, c := range countries {
		if c.code == code {
			states = picksOfStates(c)
		}
	}
	return p.match("State", states, "state")
}

// match makes the text and the code of one part say the same: what was changed
// leads, on a create the code, and an update of both must agree.
func (p placed) match(part string, list []pick, what string) rowErrors {
	if part == "Country" && !p.changed(part) && !p.changed(part+"Code") {
		return nil
	}
	name, code := p.column(part), p.column(part+"Code")
	byCode := p.changed(part+"Code") || !p.changed(part)
	if p.changed(part+"Code") && p.text(part+"Code") == "" && p.changed(part) && p.text(part) != "" {
		byCode = false
	}
	for _, entry := range list {
		switch {
		case byCode && strings.EqualFold(entry.value, p.text(part+"Code")):
			if p.before != nil && p.changed(part) && !strings.EqualFold(p.text(part), entry.label) {
				return refuse("FIELD_INTEGRITY_EXCEPTION", "The "+name.name+" and "+code.name+" fields do not name the same "+what, name.name)
			}
		case !byCode && strings.EqualFold(entry.label, p.text(part)):
		default:
			continue
		}
		p.put(part, entry.label)
		p.put(part+"Code", entry.value)
		return nil
	}
	switch {
	case byCode && p.text(part+"Code") == "", !byCode && p.text(part) == "":
		p.put(part, "")
		p.put(part+"Code", "")
		return nil
	case byCode:
		return refuse("FIELD_INTEGRITY_EXCEPTION", "The "+code.name+" field contains "+p.text(part+"Code")+", which isn't an available "+what+". Your administrator can add it for you.", code.name)
	}
	return refuse("FIELD_INTEGRITY_EXCEPTION", "There's a problem with this "+what+", even though it may appear correct. Please select a "+what+" from the list of valid "+plural(what)+".: "+name.label, name.name)
}

func plural(what string) string {
	if base, ok := strings.CutSuffix(what, "y"); ok {
		return "countries/" + strings.TrimPrefix(base, "country/") + "ies"
	}
	return what + "s"
}

// validFor is the bitmap of the controlling values that an entry goes with, from
// the left, in the order in which the controlling field lists them.
func (f *field) validFor(p pick) any {
	control := f.object.field(f.controller)
	if f.controller == "" || control == nil {
		return nil
	}
	values := control.picks
	if control.typ == "boolean" {
		values = []pick{{value: "false"}, {value: "true"}}
	}
	bits := make([]byte, (len(values)+7)/8)
	for i, v := range values {
		if slices.Contains(p.validFor, v.value) {
			bits[i/8] |= 0x80 >> (i % 8)
		}
	}
	return base64.StdEncoding.EncodeToString(bits)
}

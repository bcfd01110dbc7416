package mapping

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tandem/internal/core"
)

// people are leads, contacts and HubSpot contacts as fresh accounts of both vendors
// have them, as far as the defaults look.
func people() (lead, contact, contacts []FieldDef) {
	source, salutation, owner := sfDef("LeadSource", "picklist"), sfDef("Salutation", "picklist"), sfDef("OwnerId", "reference")
	source.Options, salutation.Options, owner.References = options("Web", "Other"), options("Mr.", "Ms."), []string{"Group", "User"}
	name := sfDef("Name", "string")
	name.Calculated, name.Creatable, name.Updatable = true, false, false
	both := []FieldDef{name, sfDef("Email", "email"), sfDef("FirstName", "string"), sfDef("LastName", "string"), sfDef("Title", "string"), sfDef("Phone", "phone"),
		sfDef("MobilePhone", "phone"), sfDef("Fax", "phone"), sfDef("Description", "textarea"), sfDef("HasOptedOutOfEmail", "boolean"), source, salutation, owner}
	status, industry, rating := sfDef("Status", "picklist"), sfDef("Industry", "picklist"), sfDef("Rating", "picklist")
	status.Options, industry.Options, rating.Options = options("Open - Not Contacted", "Closed - Not Converted", "New"), options("Banking"), options("Hot")
	lead = append(slices.Clone(both), sfDef("Company", "string"), sfDef("Street", "textarea"), sfDef("City", "string"), sfDef("State", "string"), sfDef("PostalCode", "string"),
		sfDef("Country", "string"), sfDef("Address", "address"), sfDef("Website", "url"), sfDef("AnnualRevenue", "currency"), sfDef("NumberOfEmployees", "int"), status, industry, rating)
	contact = append(slices.Clone(both), sfDef("MailingStreet", "textarea"), sfDef("MailingCity", "string"), sfDef("MailingState", "string"), sfDef("MailingPostalCode", "string"),
		sfDef("MailingCountry", "string"), sfDef("MailingAddress", "address"), sfDef("AccountId", "reference"))
	hsStatus, employees, hsSource := hsDef("hs_lead_status", "enumeration", "radio"), hsDef("numemployees", "enumeration", "select"), hsDef("leadsource", "enumeration", "select")
	hsStatus.Options, employees.Options = options("NEW", "OPEN", "UNQUALIFIED"), options("1-5", "5-25")
	hsSource.Options = []Option{{Value: "web", Label: "Web", Active: true}, {Value: "Other", Label: "Other", Active: true}}
	hsOwner := hsDef("hubspot_owner_id", "enumeration", "select")
	hsOwner.References = []string{"OWNER"}
	for _, text := range []string{"email", "firstname", "lastname", "salutation", "jobtitle", "company", "website", "address", "city", "state", "zip", "country", "industry", "annualrevenue"} {
		contacts = append(contacts, hsDef(text, "string", "text"))
	}
	for _, number := range []string{"phone", "mobilephone", "fax"} {
		contacts = append(contacts, hsDef(number, "string", "phonenumber"))
	}
	return lead, contact, append(contacts, hsDef("description", "string", "textarea"), hsDef("rating", "string", "textarea"),
		hsDef("hs_email_optout", "bool", "booleancheckbox"), hsStatus, employees, hsSource, hsOwner)
}

func TestMAP10_DefaultsOfPeople(t *testing.T) {
	lead, contact, contacts := people()
	defaults := PeopleDefaults(lead, contact, contacts)
	want := map[string]string{"Email": "email", "FirstName": "firstname", "LastName": "lastname", "Salutation": "salutation", "Title": "jobtitle", "Company": "company",
		"Phone": "phone", "MobilePhone": "mobilephone", "Fax": "fax", "Street": "address", "City": "city", "State": "state", "PostalCode": "zip", "Country": "country",
		"MailingStreet": "address", "MailingCity": "city", "MailingState": "state", "MailingPostalCode": "zip", "MailingCountry": "country", "Website": "website",
		"Industry": "industry", "AnnualRevenue": "annualrevenue", "Status": "hs_lead_status", "LeadSource": "leadsource", "Rating": "rating", "Description": "description",
		"OwnerId": "hubspot_owner_id"}
	if got := proposed(defaults); !maps.Equal(got, want) {
		t.Errorf("proposed %v\nwant     %v", got, want)
	}
	rules := map[string]core.Rule{"Email": core.TwoWay, "OwnerId": core.TwoWay, "Industry": core.AlwaysSalesforce, "AnnualRevenue": core.AlwaysSalesforce,
		"Salutation": core.AlwaysSalesforce, "Rating": core.AlwaysSalesforce}
	for _, m := range defaults {
		if m.Rule != rules[m.Salesforce] {
			t.Errorf("%s goes by %s, want %s", m.Salesforce, m.Rule, rules[m.Salesforce])
		}
		if oneWay := m.Transform[core.HubSpot] != ""; oneWay != (rules[m.Salesforce] == core.AlwaysSalesforce) {
			t.Errorf("%s has the transform %q", m.Salesforce, m.Transform[core.HubSpot])
		}
		switch m.Salesforce {
		case "Status":
			if want := map[string]string{"Open - Not Contacted": "OPEN", "Closed - Not Converted": "UNQUALIFIED", "New": "NEW"}; !maps.Equal(m.Values, want) {
				t.Errorf("status by %v, want %v", m.Values, want)
			}
		case "LeadSource":
			if want := map[string]string{"Web": "web"}; !maps.Equal(m.Values, want) {
				t.Errorf("source by %v, want %v", m.Values, want)
			}
		}
	}
}

// Leads have a company by name, contacts an account; addresses stand in fields of
// their own on each.
func TestCON7_MAP9_DefaultsOfPeopleServeBothObjects(t *testing.T) {
	lead, contact, contacts := people()
	byObject, problems := CompilePeople(PeopleDefaults(lead, contact, contacts), lead, contact, contacts)
	for _, p := range problems {
		if p.Severity == Error {
			t.Errorf("problem: %+v", p)
		}
	}
	for _, row := range []struct {
		object   core.Object
		property string
		want     string
	}{
		{core.Lead, "company", "Company"}, {core.Contact, "company", ""}, {core.Lead, "address", "Street"}, {core.Contact, "address", "MailingStreet"},
		{core.Lead, "city", "City"}, {core.Contact, "city", "MailingCity"}, {core.Lead, "email", "Email"}, {core.Contact, "email", "Email"},
		{core.Contact, "hs_lead_status", ""}, {core.Contact, "hubspot_owner_id", "OwnerId"},
	} {
		got := ""
		if f := byObject[row.object].Field(core.HubSpot, row.property); f != nil {
			got = f.Names[core.Salesforce]
		}
		if got != row.want {
			t.Errorf("%s of %s is joined with %q, want %q", row.property, row.object, got, row.want)
		}
	}
}

func TestMAP9_ProblemsOfPeople(t *testing.T) {
	for _, row := range []struct {
		name   string
		maps   []FieldMap
		want   []string // object, fields, requirement
		synced [2]int   // on contacts, on leads
	}{
		{"works on both", []FieldMap{{Salesforce: "Phone", HubSpot: "phone"}}, nil, [2]int{1, 1}},
		{"works on one", []FieldMap{{Salesforce: "Company", HubSpot: "company"}}, nil, [2]int{0, 1}},
		{"on neither", []FieldMap{{Salesforce: "Gone__c", HubSpot: "phone"}}, []string{"Gone__c ⇄ phone ERR-8"}, [2]int{0, 0}},
		{"no property", []FieldMap{{Salesforce: "Phone", HubSpot: "gone"}}, []string{"Phone ⇄ gone ERR-8"}, [2]int{0, 0}},
		{"no property, one object", []FieldMap{{Salesforce: "City", HubSpot: "gone"}}, []string{"Lead.City ⇄ gone ERR-8"}, [2]int{0, 0}},
		{"own fields of both", []FieldMap{{Salesforce: "City", HubSpot: "city"}, {Salesforce: "MailingCity", HubSpot: "city"}}, nil, [2]int{1, 1}},
		{"taken on contacts alone", []FieldMap{{Salesforce: "Phone", HubSpot: "phone"}, {Salesforce: "MailingCity", HubSpot: "phone"}}, []string{"Contact.MailingCity ⇄ phone MAP-1"}, [2]int{1, 1}},
		{"taken by one of contacts", []FieldMap{{Salesforce: "MailingCity", HubSpot: "phone"}, {Salesforce: "Phone", HubSpot: "phone"}}, []string{"Contact.Phone ⇄ phone MAP-1"}, [2]int{1, 1}},
		{"field twice", []FieldMap{{Salesforce: "Phone", HubSpot: "phone"}, {Salesforce: "Phone", HubSpot: "fax"}}, []string{"Phone ⇄ fax MAP-1"}, [2]int{1, 1}},
		{"consent", []FieldMap{{Salesforce: "HasOptedOutOfEmail", HubSpot: "hs_email_optout"}}, []string{"HasOptedOutOfEmail ⇄ hs_email_optout OPT-1"}, [2]int{0, 0}},
		{"consent renamed", []FieldMap{{Salesforce: "Phone", HubSpot: "hs_email_optout"}}, []string{"Phone ⇄ hs_email_optout OPT-1"}, [2]int{0, 0}},
		{"in the order of the settings", []FieldMap{{Salesforce: "Company", HubSpot: "nope"}, {Salesforce: "Gone__c", HubSpot: "phone"}, {Salesforce: "MailingCity", HubSpot: "nix"}},
			[]string{"Lead.Company ⇄ nope ERR-8", "Gone__c ⇄ phone ERR-8", "Contact.MailingCity ⇄ nix ERR-8"}, [2]int{0, 0}},
	} {
		t.Run(row.name, func(t *testing.T) {
			lead, contact, contacts := people()
			byObject, problems := CompilePeople(row.maps, lead, contact, contacts)
			var got []string
			for _, p := range problems {
				if p.Mend == "" || p.Severity != Error {
					t.Errorf("problem: %+v", p)
				}
				got = append(got, p.Pair()+" "+p.Rule)
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("problems %q, want %q", got, row.want)
			}
			if n := [2]int{len(byObject[core.Contact].Synced()), len(byObject[core.Lead].Synced())}; n != row.synced {
				t.Errorf("%v mappings work, want %v", n, row.synced)
			}
		})
	}
}

// A field that both objects have is compared by one key, so that what was agreed
// survives a conversion.
func TestCON5_BasesSurviveAConversion(t *testing.T) {
	lead, contact, contacts := people()
	byObject, _ := CompilePeople(PeopleDefaults(lead, contact, contacts), lead, contact, contacts)
	shared := 0
	for _, f := range byObject[core.Contact].Synced() {
		of := byObject[core.Lead].Field(core.Salesforce, f.Names[core.Salesforce])
		if of == nil {
			continue
		}
		shared++
		if of.Key != f.Key {
			t.Errorf("%s is kept as %q of leads and as %q of contacts", f.Names[core.Salesforce], of.Key, f.Key)
		}
	}
	if shared < 10 {
		t.Errorf("%d fields are shared", shared)
	}
}

// A property that stands for a field of another name on the contact stays agreed, and one
// that is compared in another form does not.
func TestCON5_MAP6_PropertiesStayAgreedAcrossAConversion(t *testing.T) {
	lead, contact, contacts := people()
	byObject, _ := CompilePeople(PeopleDefaults(lead, contact, contacts), lead, contact, contacts)
	from, to := byObject[core.Lead], byObject[core.Contact]
	base := core.Base{}
	for _, f := range from.Synced() {
		base[f.Key] = core.Agreed{f.Names[core.HubSpot], f.Names[core.HubSpot]}
	}
	carried := Carry(base, from, to)
	for _, property := range []string{"city", "address", "zip", "email", "leadsource"} {
		if f := to.Field(core.HubSpot, property); carried[f.Key] != (core.Agreed{property, property}) {
			t.Errorf("%s is agreed on as %v", property, carried[f.Key])
		}
	}
	to.Field(core.HubSpot, "city").values.to = map[string]string{"Oslo": "OSL"}
	if _, ok := Carry(base, from, to)[to.Field(core.HubSpot, "city").Key]; ok {
		t.Error("what is compared in another form stays agreed")
	}
	if _, ok := base[to.Field(core.HubSpot, "city").Key]; ok {
		t.Error("the base of before was changed")
	}
}

// Whatever the schemas are, what is proposed works, and each object is mapped as it
// would be by itself.
func TestMAP1_DefaultsOfPeopleWorkOnAnySchema(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 9))
	types := []string{"string", "textarea", "picklist", "double", "reference", "boolean", "date", "address", "email"}
	shapes := [][2]string{{"string", "text"}, {"string", "textarea"}, {"number", "number"}, {"enumeration", "select"}, {"bool", "booleancheckbox"}, {"date", "date"}, {"string", "html"}}
	shake := func(defs []FieldDef, hubspot bool) (out []FieldDef) {
		for _, d := range defs {
			switch n := rng.IntN(8); {
			case n == 0:
				continue
			case n == 1 && hubspot:
				shape := shapes[rng.IntN(len(shapes))]
				d.Type, d.FieldType = shape[0], shape[1]
			case n == 1:
				d.Type = types[rng.IntN(len(types))]
			case n == 2:
				d.Calculated = true
			case n == 3 && !hubspot:
				d.Creatable, d.Updatable = false, false
			}
			out = append(out, d)
		}
		return out
	}
	for round := range 2000 {
		lead, contact, contacts := people()
		lead = append(lead, sfDef("MailingCity", "string")) // an org may show what others lack
		lead, contact, contacts = shake(lead, false), shake(contact, false), shake(contacts, true)
		defaults := PeopleDefaults(lead, contact, contacts)
		byObject, problems := CompilePeople(defaults, lead, contact, contacts)
		for _, p := range problems {
			if p.Severity == Error || p.Rule == "MAP-15" {
				t.Fatalf("round %d: %+v", round, p)
			}
		}
		for o, defs := range map[core.Object][]FieldDef{core.Lead: lead, core.Contact: contact} {
			alone, _ := Compile(core.ContactPair, having(defaults, defs), defs, contacts)
			if got, want := keys(byObject[o]), keys(alone); !slices.Equal(got, want) {
				t.Fatalf("round %d: %s is mapped by %q, by itself by %q", round, o, got, want)
			}
		}
	}
}

func keys(m *Mapping) (out []string) {
	for _, f := range m.Synced() {
		out = append(out, fmt.Sprint(f.Key, f.Rule, f.Kind))
	}
	return out
}

// HubSpot keeps addresses in lower case; another case in Salesforce is no change.
func TestMAP10_AddressesAreComparedWithoutCase(t *testing.T) {
	f := pair(t, sfDef("Email", "email"), hsDef("email", "string", "text"))
	if got := f.Canon(core.Salesforce, " Ada@Acme.Example "); got != f.Canon(core.HubSpot, "ada@acme.example") {
		t.Errorf("the address is compared as %q", got)
	}
	if got, issue := f.ToSide(core.HubSpot, "ada@acme.example"); got != "ada@acme.example" || issue != nil {
		t.Errorf("written %q, %+v", got, issue)
	}
	long := sfDef("Email", "email")
	long.Length = 10
	if _, issue := pair(t, long, hsDef("email", "string", "text")).ToSide(core.Salesforce, "ada@acme.example"); issue == nil || issue.Code != "too_long" {
		t.Errorf("issue %+v", issue)
	}
	if f := pair(t, sfDef("Other__c", "email"), hsDef("work_email", "string", "text")); f.Canon(core.Salesforce, "Ada@X") != "Ada@X" {
		t.Error("another address changes its case")
	}
}

// A line of text shows a choice and a number of Salesforce as they are.
func TestMAP10_TextShowsChoicesAndNumbers(t *testing.T) {
	lead, contact, contacts := people()
	byObject, _ := CompilePeople(PeopleDefaults(lead, contact, contacts), lead, contact, contacts)
	for name, value := range map[string]string{"Industry": "Banking", "AnnualRevenue": "12500000", "Salutation": "Ms."} {
		f := byObject[core.Lead].Field(core.Salesforce, name)
		rec := core.Record{Values: map[string]string{name: value}}
		canonical, _ := f.FromRecord(core.Salesforce, &rec)
		if got, issue := f.ToSide(core.HubSpot, canonical); got != value || issue != nil || f.Kind != Text {
			t.Errorf("%s %q becomes %q, %+v", name, value, got, issue)
		}
		rec.Values[name] = ""
		if blank, ok := f.FromRecord(core.Salesforce, &rec); blank != "" || !ok {
			t.Errorf("a blank %s becomes %q", name, blank)
		}
	}
}

func TestLIM11_AFilterServesLeadsAndContacts(t *testing.T) {
	lead, contact, _ := people()
	byObject, err := CompilePeoplePredicate(`Company != "" or MailingCity == "Aarhus" or Phone == "1"`, lead, contact)
	if err != nil {
		t.Fatal(err)
	}
	if got := byObject[core.Lead].Fields(); !slices.Equal(got, []string{"Company", "Phone"}) {
		t.Errorf("of leads it reads %v", got)
	}
	if got := byObject[core.Contact].Fields(); !slices.Equal(got, []string{"MailingCity", "Phone"}) {
		t.Errorf("of contacts it reads %v", got)
	}
	for _, row := range []struct {
		object core.Object
		values map[string]string
		want   bool
	}{
		{core.Lead, map[string]string{"Company": "Acme", "Phone": ""}, true}, {core.Lead, map[string]string{"Company": "", "Phone": "2"}, false},
		{core.Contact, map[string]string{"MailingCity": "Aarhus", "Phone": ""}, true}, {core.Contact, map[string]string{"MailingCity": "", "Phone": "2"}, false},
	} {
		if got, err := byObject[row.object].Match(row.values); err != nil || got != row.want {
			t.Errorf("%s with %v passes %v, %v", row.object, row.values, got, err)
		}
	}
	if _, err := byObject[core.Lead].Match(map[string]string{"Phone": ""}); err == nil || !strings.Contains(err.Error(), "Company was not answered") {
		t.Errorf("an unread field gives %v", err)
	}
	if _, err := CompilePeoplePredicate(`Gone == ""`, lead, contact); err == nil {
		t.Error("a field that neither has is accepted")
	}
}

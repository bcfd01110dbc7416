package hubspotsim

import (
	"embed"
	"strings"
)

//go:embed catalog/*.txt
var catalogFiles embed.FS

// catalogStamp is when the vendor's own properties say they were defined.
const catalogStamp = 1593532657277 // 2020-06-30T15:57:37.277Z

var groupLabels = map[string]string{
	"contactinformation": "Contact information", "companyinformation": "Company information",
	"sales_properties": "Sales properties", "contact_activity": "Contact activity",
	"emailinformation": "Email information", "analyticsinformation": "Web analytics history",
	"conversioninformation": "Conversion information", "deal_information": "Deal information",
	"socialmediainformation": "Social media information", "dealinformation": "Deal information",
	"deal_activity": "Deal activity", "ticketinformation": "Ticket information",
	"productinformation": "Product information", "lineiteminformation": "Line item information",
	"leadinformation": "Lead information", "engagement": "Activity", "system": "System",
}

// loadCatalog gives every table its vendor-defined properties.
func (p *Portal) loadCatalog() {
	for _, t := range p.tables {
		switch t.id {
		case typeContact:
			t.schema.addLines(catalogLines("contact"))
		case typeCompany:
			t.schema.addLines(catalogLines("company"))
		default:
			t.schema.addLines(catalogSection(t.singular))
			t.schema.addLines(catalogSection("*"))
		}
		if t.schema.find(t.created) == nil {
			t.schema.addLines([]string{t.created + "|Create Date|datetime|date|system|x|"})
		}
		for _, d := range t.schema.list {
			d.derive = derivation(t.id, d.name)
		}
	}
}

func catalogLines(name string) []string {
	text, err := catalogFiles.ReadFile("catalog/" + name + ".txt")
	if err != nil {
		panic("read embedded property catalog: " + err.Error())
	}
	return strings.Split(string(text), "\n")
}

func catalogSection(name string) []string {
	var out []string
	inside := false
	for _, line := range catalogLines("other") {
		if strings.HasPrefix(line, "[") {
			inside = line == "["+name+"]"
			continue
		}
		if inside {
			out = append(out, line)
		}
	}
	return out
}

func (s *schema) addLines(lines []string) {
	for _, line := range lines {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		d := catalogProperty(strings.SplitN(line, "|", 7))
		d.order = len(s.list)
		s.add(d)
		s.ensureGroup(d.group)
	}
}

func (s *schema) ensureGroup(name string) {
	if s.group(name) == nil {
		s.groups = append(s.groups, &group{Name: name, Label: groupLabels[name], DisplayOrder: len(s.groups)})
	}
}

func catalogProperty(cell []string) *property {
	flag := func(f string) bool { return strings.Contains(cell[5], f) }
	d := &property{name: cell[0], label: cell[1], kind: cell[2], field: cell[3], group: cell[4],
		calculated: flag("c"), readOnly: flag("r"), hidden: flag("h"), external: flag("e"), currency: flag("$"),
		formField: !flag("x"), vendor: true, readOnlyDefinition: !flag("d"), sensitivity: notSensitive,
		created: catalogStamp, updated: catalogStamp}
	if flag("O") {
		d.refers = "OWNER"
	}
	if flag("C") {
		d.refers = "COMPANY"
	}
	if flag("o") || flag("p") {
		fixed := flag("o")
		d.readOnlyOptions = &fixed
	}
	for i, pair := range splitList(cell[6]) {
		v, label, _ := strings.Cut(pair, "=")
		d.options = append(d.options, option{Label: label, Value: v, DisplayOrder: i})
	}
	return d
}

const notSensitive = "non_sensitive"

// splitList cuts a semicolon list; an empty text has no items.
func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ";")
}

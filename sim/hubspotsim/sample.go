package hubspotsim

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// sampleCompany is a company of the built-in sample. All names are invented.
type sampleCompany struct {
	name, slug, city, country, industry string
	people                              []string
}

func sampleCompanies() []sampleCompany {
	return []sampleCompany{
		{"Northwind Turbines", "northwindturbines", "Aarhus", "Denmark", "RENEWABLES_ENVIRONMENT", []string{"Freja Lund", "Oskar Holm"}},
		{"Bluefin Robotics Works", "bluefinrobotics", "Boston", "United States", "MACHINERY", []string{"Maya Okafor", "Daniel Reyes"}},
		{"Harbor & Pine", "harborpine", "Seattle", "United States", "RETAIL", []string{"Nora Whitfield"}},
		{"Kessler Optik", "kessleroptik", "Jena", "Germany", "MEDICAL_DEVICES", []string{"Jonas Kessler", "Anke Vogt"}},
		{"Sundial Logistics", "sundiallogistics", "Valencia", "Spain", "LOGISTICS_AND_SUPPLY_CHAIN", []string{"Lucia Ferrer"}},
		{"Redwood Analytics", "redwoodanalytics", "Portland", "United States", "COMPUTER_SOFTWARE", []string{"Priya Raman", "Tom Abernathy"}},
	}
}

// LoadSample fills the portal with a few companies and contacts of its own
// invention. The seed picks numbers, owners and stages, not names.
func (p *Portal) LoadSample(seed uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rng := rand.New(rand.NewPCG(seed, 7))
	p.silent = true
	for _, c := range sampleCompanies() {
		id := p.sampleRecord(typeCompany, map[string]string{"name": c.name, "domain": c.slug + ".example", "city": c.city, "country": c.country,
			"industry": c.industry, "phone": samplePhone(rng), "numberofemployees": fmt.Sprint(20 + rng.IntN(900)),
			ownerProperty: p.owners[rng.IntN(3)].ID})
		for _, person := range c.people {
			first, last, _ := strings.Cut(person, " ")
			who := p.sampleRecord(typeContact, map[string]string{"firstname": first, "lastname": last, "company": c.name, "phone": samplePhone(rng),
				"email": strings.ToLower(first + "." + last + "@" + c.slug + ".example"), ownerProperty: p.owners[rng.IntN(3)].ID})
			if who != nil && id != nil {
				p.associate(imported, p.names[typeContact], who, wish{to: p.names[typeCompany], id: id.id})
			}
		}
	}
	p.indexLoaded()
	p.silent = false
}

// sampleRecord makes one record; nil when the portal already has its address.
func (p *Portal) sampleRecord(typeID string, props map[string]string) *record {
	r, e := p.create(p.names[typeID], imported, props, nil)
	if e != nil {
		return nil
	}
	return r
}

func samplePhone(rng *rand.Rand) string {
	return fmt.Sprintf("+1 555 %03d %04d", rng.IntN(1000), rng.IntN(10000))
}

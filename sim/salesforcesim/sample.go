package salesforcesim

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// The words from which sample data is put together.
var (
	sampleFirsts   = []string{"Aylin", "Bruno", "Carla", "Dario", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Katja", "Luca", "Mara", "Nils", "Olga", "Pavel", "Rosa", "Sven", "Tilda", "Yusuf"}
	sampleLasts    = []string{"Albers", "Brandt", "Castellan", "Dürr", "Eklund", "Ferrante", "Grünwald", "Haddad", "Iversen", "Jansen", "Kowalski", "Lindqvist", "Moreau", "Novák", "O'Hara", "Petrov", "Quist", "Rossi", "Sørensen", "Ziegler"}
	sampleHeads    = []string{"Northwind Lake", "Amber", "Blue Harbour", "Cedar", "Delta Ridge", "Evergreen", "Falcon", "Granite", "Hollow Oak", "Ironbridge", "Juniper", "Kestrel", "Lantern", "Meridian", "Nimbus", "Opal", "Pinecrest", "Quarry", "Riverstone", "Saltmarsh", "Thistle", "Umbra", "Violet Hill", "Willow"}
	sampleTails    = []string{"Foods", "Logistics", "Instruments", "Textiles", "Software", "Energy", "Clinics", "Printing", "Timber", "Robotics"}
	sampleForms    = []string{"GmbH", "Ltd", "Inc.", "SA", "AB"}
	sampleCities   = [][3]string{{"Hamburg", "20095", "Germany"}, {"Leeds", "LS1 4AP", "United Kingdom"}, {"Austin", "78701", "United States"}, {"Lyon", "69001", "France"}, {"Uppsala", "753 10", "Sweden"}}
	sampleTitles   = []string{"Head of Purchasing", "Managing Director", "IT Manager", "Office Manager", "Engineer", "Controller"}
	sampleSellers  = [][2]string{{"Marta", "Seller"}, {"Tom", "Closer"}, {"Ute", "Field"}}
	sampleSubjects = []string{"Call back", "Send offer", "Arrange a visit", "Check the invoice"}
)

// Sizes of the sample org.
const (
	sampleAccounts = 24
	sampleLeads    = 18
)

// LoadSample fills the org with invented companies, people and deals. The
// same seed gives the same data; the ledger and the event bus see none of it.
func (o *Org) LoadSample(seed uint64) {
	var owners []string
	for _, s := range sampleSellers {
		name := strings.ToLower(s[0] + "." + s[1])
		id, err := o.AddUser(UserSpec{Username: name + "@" + o.options().MyDomain + ".example.com", FirstName: s[0], LastName: s[1], Email: name + "@example.com"})
		if err != nil {
			panic("salesforcesim: " + err.Error())
		}
		owners = append(owners, id)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	s := &sampler{l: &loader{o: o}, rng: rand.New(rand.NewPCG(seed, 0x5a)), owners: owners, start: o.now().AddDate(0, -6, 0)}
	for i := range sampleAccounts {
		s.company(i)
	}
	for i := range sampleLeads {
		s.lead(i)
	}
	for _, ob := range o.objects {
		ob.records.tidy()
	}
}

type sampler struct {
	l      *loader
	rng    *rand.Rand
	owners []string
	start  time.Time
	people int
}

func (s *sampler) pick(list []string) string { return list[s.rng.IntN(len(list))] }

// add makes a record with an age of some months.
func (s *sampler) add(objectName string, pairs ...string) string {
	ob := s.l.o.objects[strings.ToLower(objectName)]
	r := &record{object: ob, id: s.l.o.newID(ob), createdBy: s.owners[0]}
	var sets []assignment
	for i := 0; i < len(pairs); i += 2 {
		f := ob.field(pairs[i])
		v, errs := f.coerce(pairs[i+1])
		if len(errs) > 0 {
			panic("salesforcesim: sample data: " + errs.Error())
		}
		sets = append(sets, assignment{f, v})
	}
	s.start = s.start.Add(time.Duration(10+s.rng.IntN(50)) * time.Minute)
	r.created = s.start.Unix()
	r.puts(sets)
	s.l.makeRecord(r)
	return r.id
}

func (s *sampler) company(i int) {
	head, tail := sampleHeads[i%len(sampleHeads)], s.pick(sampleTails)
	domain := strings.ToLower(strings.ReplaceAll(head+tail, " ", "")) + ".example"
	city := sampleCities[s.rng.IntN(len(sampleCities))]
	owner := s.pick(s.owners)
	id := s.add("Account", "Name", head+" "+tail+" "+s.pick(sampleForms), "Website", "https://www."+domain, "Industry", s.pick(strings.Split(industries, "|")),
		"Type", s.pick(strings.Split(accountTypes, "|")), "BillingStreet", fmt.Sprintf("%d Market Street", 1+s.rng.IntN(200)), "BillingCity", city[0], "BillingPostalCode", city[1],
		"BillingCountry", city[2], "Phone", s.phone(), "NumberOfEmployees", itoa(5+s.rng.IntN(4000)), "AnnualRevenue", itoa((1+s.rng.IntN(900))*100_000), "OwnerId", owner)
	contact := ""
	for range 1 + s.rng.IntN(4) {
		contact = s.contact(id, domain, owner)
	}
	if s.rng.IntN(3) > 0 {
		s.deal(id, contact, head, owner)
	}
}

func (s *sampler) phone() string {
	return fmt.Sprintf("+49 40 %07d", s.rng.IntN(10_000_000))
}

// person gives a name that no other sample person has.
func (s *sampler) person() (first, last string) {
	first, last = sampleFirsts[s.people%len(sampleFirsts)], sampleLasts[(s.people*7+s.people/len(sampleFirsts))%len(sampleLasts)]
	s.people++
	return first, last
}

var mailable = strings.NewReplacer("ü", "ue", "ø", "oe", "á", "a", "'", "")

func sampleEmail(first, last, domain string) string {
	return mailable.Replace(strings.ToLower(first+"."+last)) + "@" + domain
}

func (s *sampler) contact(account, domain, owner string) string {
	first, last := s.person()
	return s.add("Contact", "AccountId", account, "FirstName", first, "LastName", last, "Email", sampleEmail(first, last, domain), "Title", s.pick(sampleTitles),
		"Phone", s.phone(), "LeadSource", s.pick(strings.Split(sources, "|")), "OwnerId", owner)
}

func (s *sampler) deal(account, contact, head, owner string) {
	st := builtInStages[s.rng.IntN(len(builtInStages))]
	closing := s.start.AddDate(0, 1+s.rng.IntN(9), 0).Format(time.DateOnly)
	id := s.add("Opportunity", "AccountId", account, "Name", head+" - framework order", "StageName", st.name, "Probability", itoa(int(st.probability)),
		"Amount", itoa((1+s.rng.IntN(80))*2500), "CloseDate", closing, "OwnerId", owner)
	s.add("OpportunityContactRole", "OpportunityId", id, "ContactId", contact, "Role", "Decision Maker", "IsPrimary", "true")
	s.add("Task", "WhoId", contact, "WhatId", id, "Subject", s.pick(sampleSubjects), "ActivityDate", closing, "OwnerId", owner)
}

func (s *sampler) lead(i int) {
	first, last := s.person()
	company := sampleTails[i%len(sampleTails)] + " " + last
	domain := mailable.Replace(strings.ToLower(strings.ReplaceAll(company, " ", ""))) + ".example"
	s.add("Lead", "FirstName", first, "LastName", last, "Company", company, "Email", sampleEmail(first, last, domain), "Phone", s.phone(),
		"Status", s.pick([]string{"Open - Not Contacted", "Working - Contacted"}), "LeadSource", s.pick(strings.Split(sources, "|")), "OwnerId", s.pick(s.owners))
}

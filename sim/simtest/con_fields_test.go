package simtest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
	"tandem/sim/salesforcesim"
)

// proposed maps people as init proposes it for this org and this portal, but for the
// properties left out.
func proposed(leftOut ...string) Option {
	return Before(func(w *World) {
		w.ensurePeople()
		sides := w.connectors()
		defs := map[core.Object][]mapping.FieldDef{}
		for side, objects := range core.StandardPairs.Objects(core.ContactPair) {
			for _, o := range objects {
				s, err := sides[side].Describe(w.T.Context(), o)
				w.must(err)
				defs[o] = conn.FieldDefs(s)
			}
		}
		var out []config.Mapping
		for _, m := range mapping.PeopleDefaults(defs[core.Lead], defs[core.Contact], defs[core.Contacts]) {
			if !slices.Contains(leftOut, m.HubSpot) {
				out = append(out, config.Mapping{HubSpot: m.HubSpot, Salesforce: m.Salesforce, Rule: m.Rule.String(), Values: m.Values,
					ToSalesforce: m.Transform[core.Salesforce], ToHubSpot: m.Transform[core.HubSpot]})
			}
		}
		w.settings.Mappings["contact"] = out
	})
}

// TestMAP10_LIM21_ProposedMappingsServeAndCanBeTakenOut: what is proposed carries the
// values of both objects, and every one of them can be left away.
func TestMAP10_LIM21_ProposedMappingsServeAndCanBeTakenOut(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), proposed("jobtitle", "lastname"))
		contact := w.made(core.Contact, "LastName", "Gray", "FirstName", "Ada", "Email", "ada@x.com", "MailingCity", "Bergen", "MailingPostalCode", "5003", "Title", "CFO", "MobilePhone", "9", "Salutation", "Ms.")
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "bo@y.com", "City", "Oslo", "Street", "1 Gate", "Country", "Norway", "Website", "https://acme.example")
		hs := w.made(core.Contacts, "email", "cy@z.com", "lastname", "Cyan", "company", "Zeta")
		w.Sync()
		ada, bo := w.wantMate(contact), w.wantMate(lead)
		for _, v := range [][3]string{{ada, "firstname", "Ada"}, {ada, "city", "Bergen"}, {ada, "zip", "5003"}, {ada, "mobilephone", "9"}, {ada, "jobtitle", ""}, {ada, "lastname", ""},
			{bo, "company", "Acme"}, {bo, "city", "Oslo"}, {bo, "address", "1 Gate"}, {bo, "country", "Norway"}, {bo, "website", "https://acme.example"}} {
			w.want(core.Contacts, v[0], v[1], v[2])
		}
		w.change(core.Contacts, ada, "email", "ada@new.com")
		w.again()
		w.want(core.Contact, contact, "Email", "ada@new.com")
		w.wantPersons(1, 1, 3) // without the mapping of the last name no lead can be made
		if w.mate(hs) != "" {
			t.Error("somebody was made without a last name")
		}
		w.wantIssue(core.CategoryValue, "required_missing", "LastName")
		w.wantStill(t)
	})
}

// TestLIFE8_TheStatusOfALeadIsAMapping among those proposed, and Salesforce's choices are
// told as HubSpot has them.
func TestLIFE8_TheStatusOfALeadIsAMapping(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), proposed())
		m := slices.IndexFunc(w.settings.Mappings["contact"], func(m config.Mapping) bool { return m.HubSpot == "hs_lead_status" })
		if m < 0 || w.settings.Mappings["contact"][m].Salesforce != "Status" {
			t.Fatalf("proposed are %+v", w.settings.Mappings["contact"])
		}
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "bo@y.com")
		was := w.shown(core.Lead, lead, "Status")
		w.Sync()
		bo := w.wantMate(lead)
		w.change(core.Contacts, bo, "lifecyclestage", "customer")
		w.again()
		w.want(core.Lead, lead, "Status", was) // LIFE-5
		w.want(core.Lead, lead, "IsConverted", "false")
		w.want(core.Contacts, bo, "hs_lead_status", "OPEN")
		w.change(core.Lead, lead, "Status", "Working - Contacted")
		w.again()
		w.want(core.Contacts, bo, "hs_lead_status", "IN_PROGRESS")
		theirs := w.made(core.Contacts, "email", "cy@y.com", "lastname", "Cy", "company", "Acme", "hs_lead_status", "UNQUALIFIED")
		w.again()
		w.want(core.Lead, w.wantMate(theirs), "Status", "Closed - Not Converted")
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestMAP16_LIFE5_ALifecycleStageIsAPropertyAsOthers: it passes where a person made a field
// for it and mapped it, changes nothing else, and goes only forward in HubSpot.
func TestMAP16_LIFE5_ALifecycleStageIsAPropertyAsOthers(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		stage := func(c *config.Connection) {
			c.Mappings["contact"] = append(c.Mappings["contact"], config.Mapping{HubSpot: "lifecyclestage", Salesforce: "Stage__c", Rule: "two_way"})
		}
		w := New(t, profile, people(stage), Before(func(w *World) {
			for _, object := range []string{"Lead", "Contact"} {
				w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: object, Name: "Stage__c", Label: "Stage", Type: "Picklist", Values: []string{"subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist", "other"}}))
			}
		}))
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "bo@y.com", "Stage__c", "lead")
		w.Sync()
		bo := w.wantMate(lead)
		w.want(core.Contacts, bo, "lifecyclestage", "lead")
		w.Advance(3 * time.Second)
		w.change(core.Contacts, bo, "lifecyclestage", "customer")
		w.Sync()
		w.want(core.Lead, lead, "Stage__c", "customer")
		w.want(core.Lead, lead, "IsConverted", "false")
		w.wantPersons(1, 0, 1)
		w.wantStill(t)
	})
}

// TestCON7_TheCompanyNameIsOfLeadsAlone: a contact's company is its account, and the text
// in HubSpot neither makes nor changes one.
func TestCON7_TheCompanyNameIsOfLeadsAlone(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		account := w.account("Edge")
		contact := w.made(core.Contact, "LastName", "Gray", "Email", "ada@x.com", "AccountId", account)
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "bo@y.com")
		w.Sync()
		ada, bo := w.wantMate(contact), w.wantMate(lead)
		w.change(core.Contacts, ada, "company", "Typed")
		w.change(core.Contacts, bo, "company", "Acme Two")
		w.again()
		w.want(core.Lead, lead, "Company", "Acme Two")
		w.want(core.Contact, contact, "AccountId", account)
		w.want(core.Contacts, ada, "company", "Typed")
		if got := w.accountValue(account, "Name"); got != "Edge" || w.accounts() != 1 {
			t.Errorf("the account is %q, of %d", got, w.accounts())
		}
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestMAP14_StatesAndCountriesOfLists: an org that takes states and countries from lists
// gets the names that HubSpot has; one that is in no list is an issue of the address, and
// the rest passes.
func TestMAP14_StatesAndCountriesOfLists(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		twoWay := Before(func(w *World) {
			for i := range w.settings.Mappings["contact"] {
				w.settings.Mappings["contact"][i].Rule = "two_way"
			}
		})
		w := New(t, profile, Before(func(w *World) { w.Org.EnablePlacePicklists() }), people(), proposed("leadsource", "hs_lead_status", "industry"), twoWay)
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "bo@y.com", "State", "California", "Country", "United States")
		hs := w.made(core.Contacts, "email", "cy@z.com", "lastname", "Cyan", "company", "Zeta", "state", "Quebec", "country", "Canada")
		w.Sync()
		bo := w.wantMate(lead)
		w.want(core.Contacts, bo, "state", "California")
		w.want(core.Lead, w.wantMate(hs), "StateCode", "QC")
		w.change(core.Contacts, bo, "state", "Oregon")
		w.again()
		w.want(core.Lead, lead, "StateCode", "OR")
		w.wantNoIssues()
		w.change(core.Contacts, bo, "state", "Nowhere")
		w.change(core.Contacts, bo, "firstname", "Bo")
		w.again()
		w.want(core.Lead, lead, "StateCode", "OR")
		w.want(core.Lead, lead, "FirstName", "Bo")
		if len(w.openIssues()) == 0 {
			t.Error("a state that is in no list raised no issue")
		}
		w.change(core.Contacts, bo, "state", "Texas")
		w.again()
		w.want(core.Lead, lead, "StateCode", "TX")
		w.wantNoIssues()
	})
}

// TestSET3_ALeadsCompanyIsNoSecondOneLater: the company that HubSpot has for a lead's
// contact is the one that the account is linked with when the lead is converted.
func TestSET3_ALeadsCompanyIsNoSecondOneLater(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		hs := w.made(core.Contacts, "email", "cy@zeta.com", "lastname", "Cyan", "company", "Zeta")
		company := w.company("Zeta", hs)
		w.Sync()
		lead := w.wantMate(hs)
		w.wantRule(company, "ACC-8b", engine.OutOfScope)
		w.Advance(3 * time.Second)
		made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
		w.must(err)
		w.Sync()
		w.again()
		if got := w.mate(hs); got != made.ContactID {
			t.Errorf("linked with %q, want the contact %s", got, made.ContactID)
		}
		if got := w.partner(made.AccountID); got != company {
			t.Errorf("the account is linked with %q, want %s: %+v", got, company, w.Explain(made.AccountID).Rules)
		}
		if w.companyCount() != 1 || w.accounts() != 1 {
			t.Errorf("%d companies, %d accounts", w.companyCount(), w.accounts())
		}
		w.wantStill(t)
	})
}

// TestSET5_INC1_TheListIsChosenByNameOrID and only who is in it syncs.
func TestSET5_INC1_TheListIsChosenByNameOrID(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var id string
		w := New(t, profile, people(), Before(func(w *World) {
			id = w.list("Members", propertyIs("lastname", "In"))
			w.settings.Contacts.InclusionList = id
		}))
		in := w.made(core.Contacts, "email", "in@x.com", "lastname", "In", "company", "Co")
		out := w.made(core.Contacts, "email", "out@x.com", "lastname", "Out", "company", "Co")
		w.Sync()
		w.wantMate(in)
		w.wantLonely(out, "INC-3")
	})
}

// TestIMP4_AnImportOfPeopleIsRefusedWhileTheyDoNotSync and nobody is looked at.
func TestIMP4_AnImportOfPeopleIsRefusedWhileTheyDoNotSync(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		off := Settings(func(c *config.Connection) { c.Companies.Sync = false })
		w := New(t, profile, off, Before(func(w *World) { w.made(core.Contact, "LastName", "Old", "Email", "old@x.com") }))
		if _, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ContactPair, Sides: core.Sides[:]}); err == nil {
			t.Error("it was taken")
		}
		w.Sync()
		w.wantPersons(0, 1, 0)
	})
}

// TestPROP11_OurGroupOutlivesADisconnect with its properties and the ids in them.
func TestPROP11_OurGroupOutlivesADisconnect(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		contact := w.made(core.Contact, "LastName", "Gray", "Email", "ada@x.com")
		w.Sync()
		ada := w.wantMate(contact)
		groups := func() map[string]string {
			out := map[string]string{}
			for _, p := range w.portalCall(http.MethodGet, "/crm/v3/properties/contacts", nil)["results"].([]any) {
				p := p.(map[string]any)
				out[p["name"].(string)] = p["groupName"].(string)
			}
			return out
		}
		before := groups()
		for _, name := range []string{"salesforceleadid", "salesforcecontactid", "salesforcelastsynctime", "salesforcedeleted", "salesforceaccountid"} {
			if before[name] == "" || before[name] != before["salesforcecontactid"] || before[name] == "contactinformation" {
				t.Errorf("%s stands in the group %q", name, before[name])
			}
		}
		w.must(w.Engine.Disconnect(t.Context(), w.Conn))
		after := groups()
		for name, group := range before {
			if after[name] != group {
				t.Errorf("%s was in %q, now in %q", name, group, after[name])
			}
		}
		w.want(core.Contacts, ada, "salesforcecontactid", contact)
		w.want(core.Contacts, ada, "lastname", "Gray")
	})
}

// TestOWN3_AMB19_NamesCountOnlyWhereStrict: one address is enough, whatever its case, unless
// the settings want the names alike too, as classic does unless it is told otherwise.
func TestOWN3_AMB19_NamesCountOnlyWhereStrict(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		unset := ownerAda
		if strings.HasSuffix(t.Name(), "/classic") {
			unset = ""
		}
		for match, want := range map[string]string{config.MatchNameAndEmail: ownerAda, config.MatchStrict: "", "": unset} {
			t.Run(cmp.Or(match, "as the profile has it"), func(t *testing.T) {
				var ada string
				w := ownedPeople(t, func(s *setup) {
					profile(s)
					Before(func(w *World) { ada = w.user("Adelaide", "Other", "ADA.admin@portal.example") })(s)
				}, func(c *config.Connection) { c.Owners.Match = cmp.Or(match, c.Owners.Match) })
				contact := w.made(core.Contact, "LastName", "Gray", "Email", "ada@x.com", "OwnerId", ada)
				w.Sync()
				hs := w.wantMate(contact)
				w.want(core.Contacts, hs, "hubspot_owner_id", want)
				w.wantNote(core.Contacts, hs, ada, "Adelaide Other")
				w.wantNoIssues()
				w.wantStill(t)
			})
		}
	})
}

package cli

import (
	"errors"
	"fmt"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// showAll switches on what a demo shows: companies, people, deals with what they sell,
// tickets and activities.
func showAll(c *config.Connection) {
	c.Contacts.Sync, c.Contacts.FromHubSpot.Object = true, config.BecomesContact
	c.Deals.Sync, c.Products.Sync, c.LineItems.Sync, c.Tickets.Sync = true, true, true, true
	for _, o := range []core.Object{core.Tasks, core.Calls} {
		c.Activities.Of(o).FromSalesforce, c.Activities.Of(o).FromHubSpot = true, true
	}
}

// demoProducts are sold in the demo, each by one of the sample deals.
var demoProducts = []struct {
	name, code      string
	price, quantity float64
}{{"Circulation pump", "PU-100", 480, 4}, {"Control valve", "VA-20", 95.5, 12}, {"Maintenance, one year", "SV-12", 1200, 1}}

// sell adds to the sample records products, the deals that sell them, and what people do about
// them: a case of a contact, and a call in HubSpot, at the time given.
func (s *simulators) sell(at time.Time) error {
	admin := s.org.As("admin")
	books, err := admin.Query("SELECT Id FROM Pricebook2 WHERE IsStandard = true")
	if err != nil {
		return fmt.Errorf("read the price books of the sample: %w", err)
	}
	deals, err := admin.Query("SELECT Id FROM Opportunity WHERE IsClosed = false ORDER BY Id LIMIT 3")
	if err != nil {
		return fmt.Errorf("read the deals of the sample: %w", err)
	}
	book := books[0]["Id"]
	if err := admin.Update("Pricebook2", fmt.Sprint(book), map[string]any{"IsActive": true}); err != nil {
		return fmt.Errorf("activate the price book of the sample: %w", err)
	}
	for i, p := range demoProducts {
		product, err := admin.Create("Product2", map[string]any{"Name": p.name, "ProductCode": p.code, "IsActive": true})
		if err != nil {
			return fmt.Errorf("add product %s to the sample: %w", p.name, err)
		}
		entry, err := admin.Create("PricebookEntry", map[string]any{core.EntryBook: book, core.EntryProduct: product, core.EntryPrice: p.price, core.EntryActive: true})
		if err != nil {
			return fmt.Errorf("add the price of %s to the sample: %w", p.name, err)
		}
		deal := deals[i%len(deals)]["Id"]
		if _, err := admin.Create("OpportunityLineItem", map[string]any{"OpportunityId": deal, "PricebookEntryId": entry, "Quantity": p.quantity, "UnitPrice": p.price}); err != nil {
			return fmt.Errorf("sell %s in the sample: %w", p.name, err)
		}
	}
	return s.attend(at)
}

// attend adds a case of a contact of the org, and a call with a new contact of the portal.
func (s *simulators) attend(at time.Time) error {
	admin := s.org.As("admin")
	people, err := admin.Query("SELECT Id, AccountId FROM Contact ORDER BY Id LIMIT 1")
	if err != nil {
		return fmt.Errorf("read the contacts of the sample: %w", err)
	}
	if _, err := admin.Create("Case", map[string]any{"Subject": "The pump stands still", "Status": "New", "Priority": "High", "ContactId": people[0]["Id"], "AccountId": people[0]["AccountId"]}); err != nil {
		return fmt.Errorf("add a case to the sample: %w", err)
	}
	door := s.portal.As("")
	var ids [3]string
	for i, r := range [3]struct {
		object string
		values map[string]string
	}{
		{"companies", map[string]string{"name": "Harbour Lights", "domain": "harbourlights.example", "city": "Esbjerg"}},
		{"contacts", map[string]string{"firstname": "Ines", "lastname": "Calder", "email": "ines.calder@harbourlights.example"}},
		{"calls", map[string]string{"hs_timestamp": at.UTC().Format(time.RFC3339), "hs_call_title": "Asked about delivery", "hs_call_status": "COMPLETED"}},
	} {
		if ids[i], err = door.Create(r.object, r.values); err != nil {
			return fmt.Errorf("add to the %s of the sample: %w", r.object, err)
		}
	}
	return errors.Join(door.Associate("contacts", ids[1], "companies", ids[0]), door.Associate("calls", ids[2], "contacts", ids[1]))
}

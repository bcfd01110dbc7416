package simtest

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/store"
)

// shop are people of stores on both sides: each address once, stores of one name, and
// people who belong to two stores.
type shop struct {
	stores  map[string][2]string // by the store's own id: account and company
	persons map[string][2]string // by the person's own id: contact and HubSpot contact
	double  int                  // people of two stores
}

// shopSample is how many people of two stores, and of one or none, the shop has unless
// TANDEM_FULL asks for all.
const shopSample = 150

func (s *shop) fill(w *World, stores, people, at []map[string]string) {
	s.stores, s.persons = map[string][2]string{}, map[string][2]string{}
	of := map[string][]string{}
	for _, row := range at {
		of[row["PersonID"]] = append(of[row["PersonID"]], row["CustomerID"])
	}
	byID := map[string]map[string]string{}
	for _, row := range stores {
		byID[row["CustomerID"]] = row
	}
	left := [3]int{shopSample, shopSample, shopSample}
	for _, row := range people {
		if strings.ContainsFunc(row["EmailAddress"], func(r rune) bool { return r > unicode.MaxASCII }) {
			continue // HubSpot does not take the address
		}
		mine := of[row["PersonID"]]
		slices.Sort(mine)
		mine = slices.Compact(mine)
		if n := min(len(mine), 2); os.Getenv("TANDEM_FULL") == "" {
			if left[n]--; left[n] < 0 {
				continue
			}
		}
		s.person(w, row, mine, byID)
	}
}

func (s *shop) store(w *World, row map[string]string) [2]string {
	id := row["CustomerID"]
	if _, made := s.stores[id]; !made {
		s.stores[id] = [2]string{w.account(row["Name"], "AccountNumber", row["AccountNumber"]), w.made(core.Companies, "name", row["Name"], "customer_number", row["AccountNumber"])}
	}
	return s.stores[id]
}

func (s *shop) person(w *World, row map[string]string, mine []string, stores map[string]map[string]string) {
	account := ""
	hs := w.made(core.Contacts, pairsOf("firstname", row["FirstName"], "lastname", row["LastName"], "email", row["EmailAddress"], "phone", row["Phone"], "company", "Co")...)
	for i, id := range mine {
		both := s.store(w, stores[id])
		if w.must(w.Portal.As(admin).Associate("contacts", hs, "companies", both[core.HubSpot])); i == 0 {
			account = both[core.Salesforce]
		}
	}
	contact := w.made(core.Contact, pairsOf("FirstName", row["FirstName"], "LastName", row["LastName"], "Email", row["EmailAddress"], "Phone", row["Phone"], "AccountId", account)...)
	s.persons[row["PersonID"]] = [2]string{contact, hs}
	if len(mine) > 1 {
		s.double++
	}
}

// wrong counts the links that join two of the shop's records which are different.
func (s *shop) wrong(w *World, p core.Pair, pairs map[string][2]string) (right, wrong int) {
	partner := map[string]string{}
	for _, both := range pairs {
		partner[both[0]], partner[both[1]] = both[1], both[0]
	}
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		links, err := tx.Links(w.Conn.ID, p, core.LinkActive, 0, 100000)
		for _, l := range links {
			if want, known := partner[l.Refs[0].ID]; known && want == l.Refs[1].ID {
				right++
			} else if other := partner[l.Refs[1].ID]; known || other != "" {
				wrong++
			}
		}
		return err
	}))
	return right, wrong
}

// TestDEDUP1_PeopleOfTwoStores: 19,393 people of one mail domain, of whom 682 belong to
// two stores, and stores of which many share a name. Everybody meets their own.
func TestDEDUP1_PeopleOfTwoStores(t *testing.T) {
	stores, persons, at := realRows(t, "adventureworks", "stores.csv"), realRows(t, "adventureworks", "persons.csv"), realRows(t, "adventureworks", "store_contacts.csv")
	var s shop
	w := New(t, people(func(c *config.Connection) {
		c.Companies.Match = []string{"id", "external_key", "domain"}
		c.Companies.ExternalKey = config.FieldPair{Salesforce: "AccountNumber", HubSpot: "customer_number"}
		c.Contacts.Match = []string{"id", "email", "name_address"}
	}), Before(func(w *World) {
		withNumbers(w)
		s.fill(w, stores, persons, at)
		w.Advance(time.Hour)
	}))
	w.importing(core.CompanyPair, core.Sides[:]...)
	w.importing(core.ContactPair, core.Sides[:]...)
	t.Logf("%d people, %d of two stores, %d stores", len(s.persons), s.double, len(s.stores))
	if right, wrong := s.wrong(w, core.CompanyPair, s.stores); right != len(s.stores) || wrong != 0 {
		t.Errorf("%d of %d stores are linked rightly, %d wrongly", right, len(s.stores), wrong)
	}
	if right, wrong := s.wrong(w, core.ContactPair, s.persons); right != len(s.persons) || wrong != 0 {
		t.Errorf("%d of %d people are linked rightly, %d wrongly", right, len(s.persons), wrong)
	}
	w.wantPersons(0, len(s.persons), len(s.persons))
	w.wantNoIssues()
	w.wantStill(t)
	for _, both := range s.persons {
		if n := len(w.Portal.As(admin).Associated("contacts", both[core.HubSpot], "companies")); n > 2 {
			t.Errorf("a contact got %d companies", n)
		}
	}
}

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
	"tandem/internal/engine"
	"tandem/internal/store"
)

// shop are people of stores on both sides: each address once, stores of one name, and
// people who belong to two stores.
type shop struct {
	stores  map[string][2]string // by the store's own id: account and company
	persons map[string][2]string // by the person's own id: contact and HubSpot contact
	double  int                  // people of two stores
	// alone are the people whose address neither side takes, by the id of the record that
	// stands for them without it: those of two stores in HubSpot, where one can belong to
	// two, the others in Salesforce.
	alone [2][]string
}

// shopSample is how many people of two stores, of one and of none the shop has beside
// those whose address neither side takes, unless TANDEM_FULL asks for all.
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
		mine := of[row["PersonID"]]
		slices.Sort(mine)
		mine = slices.Compact(mine)
		if n := min(len(mine), 2); os.Getenv("TANDEM_FULL") == "" && !s.odd(row) {
			if left[n]--; left[n] < 0 {
				continue
			}
		}
		s.person(w, row, mine, byID)
	}
}

// odd reports an address that neither side takes: it has letters beyond ASCII.
func (s *shop) odd(row map[string]string) bool {
	return strings.ContainsFunc(row["EmailAddress"], func(r rune) bool { return r > unicode.MaxASCII })
}

func (s *shop) store(w *World, row map[string]string) [2]string {
	id := row["CustomerID"]
	if _, made := s.stores[id]; !made {
		s.stores[id] = [2]string{w.account(row["Name"], "AccountNumber", row["AccountNumber"]), w.made(core.Companies, "name", row["Name"], "customer_number", row["AccountNumber"])}
	}
	return s.stores[id]
}

func (s *shop) person(w *World, row map[string]string, mine []string, stores map[string]map[string]string) {
	var both [][2]string
	for _, id := range mine {
		both = append(both, s.store(w, stores[id]))
	}
	if len(mine) > 1 {
		s.double++
	}
	switch odd := s.odd(row); {
	case odd && len(mine) > 1:
		s.alone[core.HubSpot] = append(s.alone[core.HubSpot], s.inHubSpot(w, row, "", both))
	case odd:
		s.alone[core.Salesforce] = append(s.alone[core.Salesforce], s.inSalesforce(w, row, "", both))
	default:
		s.persons[row["PersonID"]] = [2]string{s.inSalesforce(w, row, row["EmailAddress"], both), s.inHubSpot(w, row, row["EmailAddress"], both)}
	}
}

func (s *shop) inHubSpot(w *World, row map[string]string, email string, stores [][2]string) string {
	id := w.made(core.Contacts, pairsOf("firstname", row["FirstName"], "lastname", row["LastName"], "email", email, "phone", row["Phone"], "company", "Co")...)
	for _, both := range stores {
		w.must(w.Portal.As(admin).Associate("contacts", id, "companies", both[core.HubSpot]))
	}
	return id
}

func (s *shop) inSalesforce(w *World, row map[string]string, email string, stores [][2]string) string {
	account := ""
	if len(stores) > 0 {
		account = stores[0][core.Salesforce]
	}
	return w.made(core.Contact, pairsOf("FirstName", row["FirstName"], "LastName", row["LastName"], "Email", email, "Phone", row["Phone"], "AccountId", account)...)
}

// everybody is how many people the shop has.
func (s *shop) everybody() int {
	return len(s.persons) + len(s.alone[core.Salesforce]) + len(s.alone[core.HubSpot])
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
// two stores, and stores of which many share a name. Everybody meets their own; the 41 who
// have no address that a side takes stay where they are, and it is said why.
func TestDEDUP1_PeopleOfTwoStores(t *testing.T) {
	stores, persons, at := realRows(t, "adventureworks", "stores.csv"), realRows(t, "adventureworks", "persons.csv"), realRows(t, "adventureworks", "store_contacts.csv")
	inBoth(t, func(t *testing.T, profile Option) {
		var s shop
		w := New(t, profile, people(func(c *config.Connection) {
			c.Companies.Match = []string{"id", "external_key", "domain"}
			c.Companies.ExternalKey = config.FieldPair{Salesforce: "AccountNumber", HubSpot: "customer_number"}
			c.Contacts.Match = []string{"id", "email", "name_address"}
		}), Before(func(w *World) {
			withNumbers(w)
			w.patience = time.Hour // for all of them on a busy machine
			s.fill(w, stores, persons, at)
			w.Advance(time.Hour)
		}))
		w.importing(core.CompanyPair, core.Sides[:]...)
		w.importing(core.ContactPair, core.Sides[:]...)
		t.Logf("%d people, %d of two stores, %d and %d without an address, %d stores", s.everybody(), s.double, len(s.alone[core.Salesforce]), len(s.alone[core.HubSpot]), len(s.stores))
		if os.Getenv("TANDEM_FULL") != "" && (s.everybody() != 19393 || s.double != 682) {
			t.Errorf("%d people, %d of two stores, want 19393 and 682", s.everybody(), s.double)
		}
		s.judge(t, w)
	})
}

// judge fails where somebody has not exactly the partner who is the same.
func (s *shop) judge(t *testing.T, w *World) {
	t.Helper()
	if right, wrong := s.wrong(w, core.CompanyPair, s.stores); right != len(s.stores) || wrong != 0 {
		t.Errorf("%d of %d stores are linked rightly, %d wrongly", right, len(s.stores), wrong)
	}
	if right, wrong := s.wrong(w, core.ContactPair, s.persons); right != len(s.persons) || wrong != 0 {
		t.Errorf("%d of %d people are linked rightly, %d wrongly", right, len(s.persons), wrong)
	}
	for side, rule := range []string{"IMP-3", "CON-6"} {
		for _, id := range s.alone[side] {
			w.wantRuleOf(core.ContactPair, id, rule, engine.OutOfScope)
		}
	}
	w.wantPersons(0, len(s.persons)+len(s.alone[core.Salesforce]), len(s.persons)+len(s.alone[core.HubSpot]))
	w.wantNoIssues()
	w.wantStill(t)
	for _, both := range s.persons {
		if n := len(w.Portal.As(admin).Associated("contacts", both[core.HubSpot], "companies")); n > 2 {
			t.Errorf("a contact got %d companies", n)
		}
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// perAccount is how many contacts an account of the scenario has.
const perAccount = 10

// people is the first sync of contacts with the company each belongs to, under the
// vendors' limits, and a second one with nothing changed.
func people(ctx context.Context, o options) ([]figure, error) {
	dir := filepath.Join(o.work, "people-load")
	if err := writePeople(dir, o); err != nil {
		return nil, err
	}
	s, err := start(ctx, o, "people", "--people", "--load", dir, "--limits", limits, "--hubspot-latency", hsDelay, "--salesforce-latency", sfDelay)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	if _, err := s.verb(ctx, o, "import", "company"); err != nil {
		return nil, err
	}
	before, err := s.both()
	if err != nil {
		return nil, err
	}
	m, err := s.verb(ctx, o, "import", "contact")
	if err != nil {
		return nil, err
	}
	after, err := s.both()
	if err != nil {
		return nil, err
	}
	rows := peopleFigures(o.records, m, before, after)
	again, err := s.verb(ctx, o, "sync", "--once")
	if err != nil {
		return rows, err
	}
	objects, _ := again.line["objects"].(map[string]any)
	return append(rows, figure{"people: second sync, nothing changed", fmt.Sprintf("%v, API calls %v", objects["contacts"], again.line["api_calls"]), "0 writes"}), nil
}

// both are the counts of the two sides, Salesforce first.
func (s *simulators) both() (out [2]stats, err error) {
	for i, url := range []string{s.Salesforce.URL, s.HubSpot.URL} {
		if out[i], err = s.stats(url); err != nil {
			return out, err
		}
	}
	return out, nil
}

// What one call of a vendor's takes (Salesforce: REST API Developer Guide, "Query",
// "sObject Collections" and "Composite"; HubSpot: CRM guides, "Batch").
const (
	rowsOfQuery  = 2000 // of a page
	idsOfRead    = 2000 // of a collection that is read by POST
	rowsOfWrite  = 200  // of a collection that is written
	rowsOfHSCall = 100  // of a batch that is read, created or updated
)

// peopleFigures set the calls beside the fewest by the vendors' limits that make nobody
// twice. Salesforce lists the contacts, reads them by id, and writes the keys of their
// partners. Right before somebody is made, each side is asked who has the address, since a
// partner who was added meanwhile must be found: Salesforce for those of one write, its
// contacts and leads in one composite call; HubSpot for those of one create, which brings
// the company along. HubSpot's upsert would save the question, and overwrite whoever it
// finds unseen. Opening the connection and looking at what changed meanwhile is not in it.
func peopleFigures(n int, m measured, before, after [2]stats) []figure {
	of := float64(n)
	fewest := [2]float64{of/rowsOfQuery + of/idsOfRead + 2*of/rowsOfWrite, 2 * of / rowsOfHSCall}
	var rows []figure
	for i, side := range []string{"Salesforce", "HubSpot"} {
		calls := after[i].Calls - before[i].Calls
		if i == 1 {
			calls -= journalCalls(after[i]) - journalCalls(before[i])
		}
		rows = append(rows, figure{fmt.Sprintf("people: %s API calls for %d contacts", side, n), fmt.Sprintf("%d (%s)", calls, busiest(before[i], after[i])), fmt.Sprintf("≤ %.0f, a tenth above %.0f", 1.1*fewest[i], fewest[i])})
	}
	rejected := after[0].Rejected + after[1].Rejected - before[0].Rejected - before[1].Rejected
	return append(rows, figure{"people: records/s", fmt.Sprintf("%.0f (%.1f s)", float64(n)/m.wall.Seconds(), m.wall.Seconds()), ""},
		figure{"people: calls rejected by a limit", fmt.Sprint(rejected), "0"},
		figure{"people: engine CPU per record", fmt.Sprintf("%.0f µs", float64(m.cpu.Microseconds())/float64(n)), ""},
		figure{"people: engine peak memory", fmt.Sprintf("%.0f MiB", float64(m.memory)/(1<<20)), "< 100 MiB"})
}

// busiest are the endpoints with most calls.
func busiest(before, after stats) string {
	type count struct {
		path string
		n    int
	}
	var all []count
	for path, n := range after.By {
		if n -= before.By[path]; n > 0 {
			all = append(all, count{path, n})
		}
	}
	slices.SortFunc(all, func(a, b count) int {
		if a.n != b.n {
			return b.n - a.n
		}
		return strings.Compare(a.path, b.path)
	})
	var out []string
	for _, c := range all[:min(len(all), 6)] {
		out = append(out, fmt.Sprintf("%s %d", c.path, c.n))
	}
	return strings.Join(out, ", ")
}

// writePeople writes real people of a shop, and accounts that they belong to.
func writePeople(dir string, o options) error {
	names, err := table(o, "adventureworks", "persons.csv")
	if err != nil {
		return err
	}
	names = slices.DeleteFunc(names, func(p map[string]string) bool { return !ascii(p["EmailAddress"]) }) // Salesforce refuses these
	accounts := [][]string{{"Id", "Name", "LastModifiedDate", "SystemModstamp"}}
	contacts := [][]string{{"Id", "FirstName", "LastName", "Email", "Phone", "AccountId", "LastModifiedDate", "SystemModstamp"}}
	for i := range o.records {
		if i%perAccount == 0 {
			accounts = append(accounts, []string{salesforceID("001", i+1), fmt.Sprintf("Account %d", i), lastEdit, lastEdit})
		}
		p := names[i%len(names)]
		email := p["EmailAddress"]
		if i >= len(names) {
			email = fmt.Sprintf("again%d.%s", i, email)
		}
		contacts = append(contacts, []string{salesforceID("003", i+1), p["FirstName"], p["LastName"], email, p["Phone"], salesforceID("001", i-i%perAccount+1), lastEdit, lastEdit})
	}
	return errors.Join(writeCSV(filepath.Join(dir, "salesforce/Account.csv"), accounts), writeCSV(filepath.Join(dir, "salesforce/Contact.csv"), contacts))
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

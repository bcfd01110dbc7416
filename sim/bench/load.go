package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"
)

// org is one organisation of the registry.
type org struct{ name, website, city string }

// table reads a CSV file of the data folder; each row has its values by heading.
func table(o options, path ...string) ([]map[string]string, error) {
	f, err := os.Open(filepath.Join(append([]string{o.data}, path...)...))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	head, err := r.Read()
	if err != nil {
		return nil, err
	}
	var out []map[string]string
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		named := make(map[string]string, len(head))
		for i, name := range head {
			named[name] = row[i]
		}
		out = append(out, named)
	}
}

// organisations reads n active organisations, going round again with a suffix
// where the registry has fewer.
func organisations(o options, n int) ([]org, error) {
	rows, err := table(o, "ror-organizations", "organizations.csv")
	if err != nil {
		return nil, err
	}
	var out []org
	for _, row := range rows {
		if row["status"] == "active" {
			out = append(out, org{name: row["name"], website: row["website"], city: row["city"]})
		}
	}
	for i := len(out); i < n; i++ {
		again := out[i%len(out)]
		again.name = fmt.Sprintf("%s (%d)", again.name, i/len(out))
		out = append(out, again)
	}
	return out[:n], nil
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// salesforceID is a 15-character id of a key prefix.
func salesforceID(prefix string, n int) string {
	digits := make([]byte, 12)
	for i := range digits {
		digits[i] = '0'
	}
	copy(digits, "zb")
	for i := len(digits) - 1; n > 0; i-- {
		digits[i] = base62[n%62]
		n /= 62
	}
	return prefix + string(digits)
}

// writeLoad writes export files for tandem simulate --load. With people, each
// organisation is on both sides, with one person of the same address.
func writeLoad(dir string, orgs []org, people bool) error {
	accounts := [][]string{{"Id", "Name", "Website", "BillingCity", "LastModifiedDate", "SystemModstamp"}}
	var contacts, companies, persons [][]string
	if people {
		contacts = [][]string{{"Id", "LastName", "Email", "AccountId"}}
		companies = [][]string{{"Record ID", "name", "city"}}
		persons = [][]string{{"Record ID", "lastname", "email", "Associated Company IDs"}}
	}
	for i, g := range orgs {
		id := salesforceID("001", i+1)
		accounts = append(accounts, []string{id, g.name, upTo(255, g.website), upTo(40, g.city), lastEdit, lastEdit})
		if people {
			email := fmt.Sprintf("office%d@organisation%d.example", i, i)
			hs := fmt.Sprint(9000000000 + i)
			contacts = append(contacts, []string{salesforceID("003", i+1), "Office", email, id})
			companies = append(companies, []string{hs, g.name, upTo(40, g.city)})
			persons = append(persons, []string{fmt.Sprint(8000000000 + i), "Office", email, hs})
		}
	}
	for name, rows := range map[string][][]string{"salesforce/Account.csv": accounts, "salesforce/Contact.csv": contacts, "hubspot/companies.csv": companies, "hubspot/contacts.csv": persons} {
		if len(rows) == 0 {
			continue
		}
		if err := writeCSV(filepath.Join(dir, name), rows); err != nil {
			return err
		}
	}
	return nil
}

// lastEdit is when the accounts were last touched: long before the sync, as
// almost all records of a real org are when it is connected.
const lastEdit = "2025-03-01T09:00:00.000+0000"

// upTo leaves out what is longer than a Salesforce field.
func upTo(n int, s string) string {
	if utf8.RuneCountInString(s) > n {
		return ""
	}
	return s
}

func writeCSV(path string, rows [][]string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	err = w.WriteAll(rows)
	return errors.Join(err, f.Close())
}

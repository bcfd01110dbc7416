//go:build unix

package killtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// call sends a request as an administrator of a side and decodes the answer.
func (w *world) call(method, address, token string, body, out any) {
	w.t.Helper()
	var text []byte
	if body != nil {
		var err error
		text, err = json.Marshal(body)
		w.must(err)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, address, bytes.NewReader(text))
	w.must(err)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	w.must(err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	w.must(err)
	if resp.StatusCode >= http.StatusBadRequest {
		w.t.Fatalf("%s %s: %d %s", method, address, resp.StatusCode, answer)
	}
	if out != nil {
		w.must(json.Unmarshal(answer, out))
	}
}

// account and company are what a user sees of the two records.
type account struct {
	ID    string `json:"Id"`
	Name  string `json:"Name"`
	Phone string `json:"Phone"`
	City  string `json:"BillingCity"`
}

type company struct {
	ID         string `json:"id"`
	Properties struct {
		Name    string `json:"name"`
		Phone   string `json:"phone"`
		City    string `json:"city"`
		Account string `json:"salesforceaccountid"`
	} `json:"properties"`
}

func (w *world) accounts() []account {
	w.t.Helper()
	var out []account
	next := "/services/data/v65.0/query?q=" + url.QueryEscape("SELECT Id, Name, Phone, BillingCity FROM Account ORDER BY Id")
	for next != "" {
		var page struct {
			Records []account `json:"records"`
			Next    string    `json:"nextRecordsUrl"`
		}
		w.call(http.MethodGet, w.at.Salesforce.URL+next, w.at.Salesforce.Token, nil, &page)
		out, next = append(out, page.Records...), page.Next
	}
	return out
}

func (w *world) companies() []company {
	w.t.Helper()
	var out []company
	after := ""
	for {
		var page struct {
			Results []company `json:"results"`
			Paging  struct {
				Next struct {
					After string `json:"after"`
				} `json:"next"`
			} `json:"paging"`
		}
		w.call(http.MethodGet, w.at.HubSpot.URL+"/crm/v3/objects/companies?limit=100&properties=name,phone,city,salesforceaccountid&after="+after, w.at.HubSpot.Token, nil, &page)
		out = append(out, page.Results...)
		if after = page.Paging.Next.After; after == "" {
			return out
		}
	}
}

// judge compares records and ledgers.
func (w *world) judge(pairs int) {
	w.t.Helper()
	as, cs := w.accounts(), w.companies()
	partner := map[string]company{}
	for _, c := range cs {
		if other, twice := partner[c.Properties.Account]; twice || c.Properties.Account == "" {
			w.t.Errorf("company %s %q belongs to account %q, as does %q", c.ID, c.Properties.Name, c.Properties.Account, other.ID)
		}
		partner[c.Properties.Account] = c
	}
	for _, a := range as {
		c, ok := partner[a.ID]
		if p := c.Properties; !ok || a.Name != p.Name || a.Phone != p.Phone || a.City != p.City {
			w.t.Errorf("account %+v, company %+v", a, c)
		}
	}
	if len(as) != pairs || len(cs) != pairs {
		w.t.Errorf("%d accounts and %d companies, want %d of each", len(as), len(cs), pairs)
	}
	w.noTwins()
}

// noTwins looks for two creates with the same counterpart's id in the ledgers.
func (w *world) noTwins() {
	w.t.Helper()
	made := map[string]string{}
	for _, side := range []string{w.at.Salesforce.URL, w.at.HubSpot.URL} {
		n := 0
		for _, e := range w.ledger(side) {
			name := strings.ToLower(e.Field + e.Property)
			if e.Op != "create" || !strings.HasPrefix(name, "tandem_key_") {
				continue
			}
			n++
			key := fmt.Sprint(side, e.After)
			if made[key] != "" {
				w.t.Errorf("%s: both %s and %s were created for %v", side, made[key], e.ID, e.After)
			}
			made[key] = e.ID
		}
		if n == 0 {
			w.t.Errorf("%s: the ledger tells of no create by us, so nothing was tested", side)
		}
	}
}

// line is what the two ledgers have in common.
type line struct {
	Op       string `json:"op"`
	ID       string `json:"id"`
	Field    string `json:"field"`
	Property string `json:"property"`
	After    any    `json:"after"`
}

func (w *world) ledger(side string) []line {
	w.t.Helper()
	resp, err := http.Get(side + "/_sim/ledger")
	w.must(err)
	defer resp.Body.Close()
	var out []line
	for d := json.NewDecoder(resp.Body); ; {
		var l line
		err := d.Decode(&l)
		if err == io.EOF {
			return out
		}
		w.must(err)
		out = append(out, l)
	}
}

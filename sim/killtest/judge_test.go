//go:build unix

package killtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
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
			w.explain(a.ID)
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
			key := fmt.Sprint(side, e.Object, e.After)
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
	Time     time.Time
	Who      string
	Op       string `json:"op"`
	Object   string `json:"object"`
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

// person is what a user sees of a contact.
type person struct {
	ID      string `json:"Id"`
	Name    string `json:"LastName"`
	Title   string `json:"Title"`
	Email   string `json:"Email"`
	Account string `json:"AccountId"`
}

func (w *world) salesforcePeople() (out []person) {
	w.t.Helper()
	next := "/services/data/v65.0/query?q=" + url.QueryEscape("SELECT Id, LastName, Title, Email, AccountId FROM Contact ORDER BY Id")
	for next != "" {
		var page struct {
			Records []person `json:"records"`
			Next    string   `json:"nextRecordsUrl"`
		}
		w.call(http.MethodGet, w.at.Salesforce.URL+next, w.at.Salesforce.Token, nil, &page)
		out, next = append(out, page.Records...), page.Next
	}
	return out
}

func (w *world) hubspotPeople() (out []person) {
	w.t.Helper()
	for after := ""; ; {
		var page struct {
			Results []struct {
				ID         string `json:"id"`
				Properties struct {
					Email string `json:"email"`
					Name  string `json:"lastname"`
					Title string `json:"jobtitle"`
				} `json:"properties"`
			} `json:"results"`
			Paging struct {
				Next struct {
					After string `json:"after"`
				} `json:"next"`
			} `json:"paging"`
		}
		w.call(http.MethodGet, w.at.HubSpot.URL+"/crm/v3/objects/contacts?limit=100&properties=email,lastname,jobtitle&after="+after, w.at.HubSpot.Token, nil, &page)
		for _, r := range page.Results {
			out = append(out, person{ID: r.ID, Name: r.Properties.Name, Title: r.Properties.Title, Email: r.Properties.Email})
		}
		if after = page.Paging.Next.After; after == "" {
			return out
		}
	}
}

// judgePeople compares the people of both sides, who have one address each.
func (v *victim) judgePeople() {
	v.t.Helper()
	left, right := byEmail(v.t, v.salesforcePeople()), byEmail(v.t, v.hubspotPeople())
	for email, p := range left {
		if q, ok := right[email]; !ok || p.Name != q.Name || p.Title != q.Title {
			v.t.Errorf("contact %+v of Salesforce, %+v of HubSpot", p, q)
		}
		if p.Account == "" {
			v.t.Errorf("contact %+v lost its account", p)
		}
	}
	if len(left) != v.people || len(right) != v.people {
		v.t.Errorf("%d contacts in Salesforce and %d in HubSpot, want %d", len(left), len(right), v.people)
	}
}

func byEmail(t *testing.T, all []person) map[string]person {
	t.Helper()
	out := map[string]person{}
	for _, p := range all {
		if other, twice := out[p.Email]; twice {
			t.Errorf("both %+v and %+v are there", p, other)
		}
		out[p.Email] = p
	}
	return out
}

// judgeEdits holds what stands on both sides against what users gave last, and the writes
// of the ledgers against the order in which users gave the values.
func (v *victim) judgeEdits() {
	v.t.Helper()
	stands := v.stands()
	for f, want := range v.given {
		if stands[f] != want {
			v.t.Errorf("%s %s %s: %q, and a user gave %q last", f.object, f.id, f.name, stands[f], want)
		}
	}
	for _, side := range []string{v.world.at.Salesforce.URL, v.world.at.HubSpot.URL} {
		newest := map[string]string{}
		for _, e := range v.ledger(side) {
			value, at := fmt.Sprint(e.After), e.ID+" "+e.Field+e.Property
			if given.MatchString(value) && newest[at] > value && newest[at][:3] == value[:3] {
				v.t.Errorf("%s: %s went back from %q to %q\n%s", side, at, newest[at], value, v.life(e.ID))
			}
			newest[at] = value
		}
	}
}

// life is what both ledgers tell of a record and of whom it names by id, and what the
// program's own history does.
func (v *victim) life(id string) string {
	v.t.Helper()
	var out strings.Builder
	about := map[string]bool{id: true}
	lines := append(v.ledger(v.world.at.Salesforce.URL), v.ledger(v.world.at.HubSpot.URL)...)
	for _, l := range lines {
		if named, ok := l.After.(string); ok && l.ID == id && len(named) == 18 {
			about[named] = true
		}
	}
	for _, l := range lines {
		if about[l.ID] {
			fmt.Fprintf(&out, "%+v\n", l)
		}
	}
	for _, pair := range []string{"company", "contact"} {
		out.WriteString(v.run("history", pair, id, "--limit", "100").out)
	}
	return out.String()
}

// given are the values of users, which are greater the later they were given.
var given = regexp.MustCompile(`^(Renamed|Town|777-|Title|New)\d{6}$`)

// stands is what stands in the fields that users edit.
func (v *victim) stands() map[field]string {
	v.t.Helper()
	out := map[field]string{}
	for _, a := range v.accounts() {
		out[field{"Account", a.ID, "Name"}], out[field{"Account", a.ID, "BillingCity"}] = a.Name, a.City
	}
	for _, c := range v.companies() {
		out[field{"companies", c.ID, "phone"}] = c.Properties.Phone
	}
	for _, p := range v.salesforcePeople() {
		out[field{"Contact", p.ID, "Title"}] = p.Title
	}
	return out
}

// explain logs what the program says of an account that is not as it has to be.
func (w *world) explain(id string) {
	w.t.Helper()
	w.t.Logf("%s", w.run("explain", "company", id).out)
}

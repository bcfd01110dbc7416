package consoletest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// mergeAccounts merges an account of the org into another, as a person does.
func (w *world) mergeAccounts(stays, goes string) {
	w.t.Helper()
	text := `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><SessionHeader><sessionId>` + w.sims.Salesforce.AdminToken + `</sessionId></SessionHeader></e:Header><e:Body>` +
		`<merge><request><masterRecord><type>Account</type><Id>` + stays + `</Id></masterRecord><recordToMergeIds>` + goes + `</recordToMergeIds></request></merge></e:Body></e:Envelope>`
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.sims.Salesforce.URL+"/services/Soap/u/64.0", strings.NewReader(text))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/xml")
	r.Header.Set("SOAPAction", `""`)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(answer), "<success>true</success>") {
		w.t.Fatalf("merge %s into %s: %d %s %v", goes, stays, res.StatusCode, answer, err)
	}
}

// mergeCompanies merges a company of the portal into another, as a person does, and gives the
// id of what it makes.
func (w *world) mergeCompanies(stays, goes string) string {
	w.t.Helper()
	var made struct{ ID string }
	w.call(http.MethodPost, w.sims.HubSpot.URL+"/crm/v3/objects/companies/merge", w.sims.HubSpot.AdminToken, map[string]string{"primaryObjectId": stays, "objectIdToMerge": goes}, &made)
	return made.ID
}

// partner waits until an account is linked, and gives the id of its company.
func (b *browser) partner(account string) (company string) {
	b.t.Helper()
	b.eventually("the account is linked", func() bool {
		b.open("/c/simulated/records/company/" + account)
		company = eval[string](b, `(document.body.innerText.match(/HubSpot (\d+) are linked/) || ["", ""])[1]`)
		return company != ""
	})
	return company
}

// follows waits until the review asks for the merge that a record's partner waits for, and
// reads of it on the pages of that record and of the one that went.
func (b *browser) follows(name, gone, into, other string) {
	b.t.Helper()
	b.asked(name)
	b.sees("Merges to follow")
	b.sees("was merged into " + into)
	b.press("Look at the record")
	b.sees("Blocked")
	b.sees("merge the two records in " + other + " as well")
	b.open("/c/simulated/records/company/" + gone)
	b.sees("was merged into " + into)
	b.sees("the link is parked")
	b.sees("park: the survivor has a partner of its own")
}

// settled waits until nothing waits in the review, and an account is linked with a company.
func (b *browser) settled(account, company string) {
	b.t.Helper()
	b.eventually("nothing waits any more", func() bool {
		b.open("/c/simulated/review")
		return strings.Contains(b.text(), "Nothing waits for you")
	})
	b.eventually("the survivors are linked", func() bool {
		b.open("/c/simulated/records/company/" + account)
		text := b.text()
		return strings.Contains(text, "In step") && strings.Contains(text, account+" and HubSpot "+company+" are linked")
	})
}

// TestLIM7_AMergeOnEitherSideIsFollowedInTheBrowser: the record page of the one that went says
// where it is now, its partner asks for the same merge in the review, and once that is done on
// the other side nothing waits any more, and nothing was made.
func TestLIM7_AMergeOnEitherSideIsFollowedInTheBrowser(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	var accounts, companies, names [4]string
	for i := range accounts {
		names[i] = fmt.Sprintf("Merging Mere %d", i)
		accounts[i] = w.create("Account", map[string]any{"Name": names[i]})
	}
	for i := range accounts {
		companies[i] = b.partner(accounts[i])
	}
	w.mergeAccounts(accounts[0], accounts[1])
	b.follows(names[1], accounts[1], "Salesforce account "+accounts[0], "HubSpot")
	b.settled(accounts[0], w.mergeCompanies(companies[0], companies[1]))
	survivor := w.mergeCompanies(companies[2], companies[3])
	b.follows(names[3], companies[3], "HubSpot company "+survivor, "Salesforce")
	w.mergeAccounts(accounts[2], accounts[3])
	b.settled(accounts[2], survivor)
	for i, want := range []int{1, 0, 1, 0} {
		if n := w.named("Account", names[i]); n != want {
			t.Errorf("%s is there %d times in Salesforce, want %d", names[i], n, want)
		}
		w.eventually(fmt.Sprintf("%s is there %d times in HubSpot, whose search runs behind", names[i], want), func() bool { return w.portalHas("companies", "name", names[i]) == want })
	}
}

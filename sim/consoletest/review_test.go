package consoletest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tandem/internal/config"
)

// asked waits until a question names a text, on the page of questions.
func (b *browser) asked(text string) {
	b.t.Helper()
	b.eventually("it is asked about "+text, func() bool {
		b.open("/c/simulated/review")
		return strings.Contains(b.text(), text)
	})
}

// found waits until the portal's search, which runs behind, shows a text.
func (b *browser) found(q, text string) {
	b.t.Helper()
	b.eventually(q+" is found", func() bool {
		b.open("/c/simulated/records?q=" + q)
		return strings.Contains(b.text(), text)
	})
}

// alike makes a HubSpot contact and a contact of Salesforce who may be the same person.
func (b *browser) alike() (contact, hs string) {
	b.t.Helper()
	hs = b.create("contacts", map[string]any{"firstname": "Evelin", "lastname": "Oakfield", "date_of_birth": "1990-03-03", "zip": "PO1 1AA", "email": "e.oakfield@new.example"})
	b.found("e.oakfield@new.example", "Oakfield")
	contact = b.create("Contact", map[string]any{"FirstName": "Evelyn", "LastName": "Oakfield", "Birthdate": "1990-03-03", "MailingPostalCode": "PO1 1AA", "Email": "evelyn.oakfield@old.example"})
	return contact, hs
}

func asksAboutSimilar(c *config.Connection) { c.Contacts.Similar = config.SimilarReview }

func TestDEDUP5_LIM4_SimilarRecordsAreComparedAndLinkedInTheReview(t *testing.T) {
	w := newWorld(t, asksAboutSimilar)
	b := w.visit()
	b.setUp()
	contact, hs := b.alike()
	b.asked("Evelyn Oakfield")
	b.sees("Similar records")
	b.press("e.oakfield@new.example")
	b.sees("Are these the same?")
	b.sees("For it: same date of birth")
	b.sees("Against it: another e-mail address")
	b.sees("e.oakfield@new.example")
	b.press("Link the two")
	b.sees("The two records are linked")
	b.sees("In step")
	b.eventually("HubSpot's contact is the partner", func() bool {
		b.open("/c/simulated/records/contact/" + contact)
		return strings.Contains(b.text(), "HubSpot "+hs+" are linked")
	})
	b.open("/c/simulated/review")
	b.sees("Nothing waits for you")
	b.open("/audit")
	b.sees("link")
}

// twins make two companies of one domain, and an account that may be either.
func (b *browser) twins(domain string, names ...string) (account string) {
	b.t.Helper()
	for _, name := range names {
		b.create("companies", map[string]any{"name": name, "domain": domain + ".example"})
	}
	b.found(domain+".example", "2 records")
	account = b.create("Account", map[string]any{"Name": domain + " Ltd", "Website": "https://" + domain + ".example"})
	b.asked(domain + " Ltd")
	return account
}

// partnered waits until a company of its own was made for an account.
func (b *browser) partnered(account string) {
	b.t.Helper()
	b.eventually("the account has a partner of its own", func() bool {
		b.open("/c/simulated/records/company/" + account)
		return strings.Contains(b.text(), "are linked")
	})
}

func TestAMB5_SeveralCandidatesAreToldApartAndOneIsMade(t *testing.T) {
	w := newWorld(t, func(c *config.Connection) { c.Companies.Match = []string{"id", "domain"} })
	b := w.visit()
	b.setUp()
	const evil = `<script>document.title="owned"</script>`
	account := b.twins("twin-tarn", "Twin Tarn", evil)
	b.sees("Several candidates")
	b.sees(evil)
	b.press("Ticked records are none of these")
	b.sees("No record is ticked")
	b.open("/c/simulated/review?kind=several_candidates&object=company")
	b.do(chromedp.Click(chromedp.CSS(`tbody input[type=checkbox]`)))
	b.press("Ticked records are none of these")
	b.sees("2 pairs of records are told apart")
	if strings.Contains(w.run("links", "review", "company"), "Nothing is in review") {
		t.Fatal("records were told apart before anybody was sure")
	}
	b.press("Tell 2 pairs apart")
	b.sees("2 pairs of records are kept apart")
	b.partnered(account)
	b.open("/c/simulated/review/apart")
	b.sees("twin-tarn Ltd")
	b.press("Propose again")
	b.sees("are looked at again")
	b.press("Propose again")
	b.sees("Nobody was told apart yet")
	account = b.twins("duo-dell", "Duo Dell", "Duo Dale")
	b.do(chromedp.Click(chromedp.CSS(`tbody td a`)))
	b.sees("Are these the same?")
	b.press("make a partner of its own")
	b.sees("2 pairs of records are kept apart")
	b.partnered(account)
	if title := eval[string](b, `document.title`); title == "owned" {
		t.Error("markup of a name was run")
	}
	b.open("/audit?action=apart")
	b.sees(adminName)
}

func TestMAP6_AConflictOfValuesIsListedAndTheOtherValueTaken(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	account := b.create("Account", map[string]any{"Name": "Contested Cove", "BillingCity": "Agreed Town"})
	record, hs := "/c/simulated/records/company/"+account, ""
	b.eventually("the account is linked", func() bool {
		b.open(record)
		hs = eval[string](b, `(document.body.innerText.match(/HubSpot (\d+) are linked/) || ["", ""])[1]`)
		return hs != ""
	})
	b.open("/")
	b.press("Pause…")
	b.press("Pause simulated")
	b.sees("Paused")
	w.call(http.MethodPatch, w.sims.HubSpot.URL+"/crm/v3/objects/companies/"+hs, w.sims.HubSpot.AdminToken, map[string]any{"properties": map[string]string{"city": "HubSpot Town"}}, nil)
	w.call(http.MethodPatch, w.sims.Salesforce.URL+"/services/data/v64.0/sobjects/Account/"+account, w.sims.Salesforce.AdminToken, map[string]any{"BillingCity": "Salesforce Town"}, nil)
	b.open("/")
	b.press("Resume")
	b.sees("Pause…")
	const conflicts = "/c/simulated/review/conflicts"
	b.eventually("the conflict is listed", func() bool {
		b.open(conflicts + "?object=company")
		return strings.Contains(b.text(), "Salesforce Town") && strings.Contains(b.text(), "HubSpot Town")
	})
	b.sees("given up")
	b.sees("Agreed Town")
	b.open(conflicts + "?object=deal")
	b.sees("No conflict")
	b.open(conflicts)
	b.press("Take HubSpot’s value")
	b.sees("Take the other value")
	b.sees("1 value would be put back")
	b.press("Put back 1 value")
	b.sees(": undo")
	b.eventually("Salesforce has HubSpot's value", func() bool {
		var got struct{ BillingCity string }
		w.call(http.MethodGet, w.sims.Salesforce.URL+"/services/data/v64.0/sobjects/Account/"+account, w.sims.Salesforce.AdminToken, nil, &got)
		return got.BillingCity == "HubSpot Town"
	})
	b.eventually("the write stands in the history", func() bool {
		b.open(record)
		return strings.Contains(b.text(), "Undo this write")
	})
	b.press("Undo this write")
	b.sees("would be put back")
	b.open("/audit?action=start+undo")
	b.sees(adminName)
}

func TestAViewerReadsTheReviewAndMayNotDecide(t *testing.T) {
	w := newWorld(t, nil)
	a := w.visit()
	a.setUp()
	v := a.invited("viewer")
	v.open("/c/simulated/review")
	v.sees("Nothing waits for you")
	for path, form := range map[string]string{"review/apart": `record: "company/1", sure: "yes"`, "review/again": `couple: "salesforce/Account/001000000000001AAA hubspot/companies/1"`} {
		post := func(b *browser, mode string) int {
			return eval[int](b, `fetch("/c/simulated/`+path+`", {method: "POST", body: new URLSearchParams({`+form+`})`+mode+`}).then(r => r.status)`)
		}
		if answer := post(v, ""); answer != http.StatusForbidden {
			t.Errorf("a viewer's %s is answered %d", path, answer)
		}
		if answer := post(a, ""); answer == http.StatusForbidden || answer >= 500 {
			t.Errorf("an admin's %s is answered %d", path, answer)
		}
	}
}

package hubspotsim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadReadsExports(t *testing.T) {
	r := newRig(t, Options{})
	dir := writeFiles(t, map[string]string{
		"all-companies.csv": "\ufeffRecord ID,Company name,Company Domain Name,Industry,Create Date,Company owner,My own\r\n" +
			"501,\"Acme, \"\"The\"\" Inc\r\nsecond line\",WWW.acme.example,Banking,2024-05-01 12:30,Sam Seller,x\r\n" +
			"7,Beta,,,,Jo Unknown,\r\n",
		"all-contacts.csv": "Record ID,email,First Name,Lifecycle Stage,Associated Company IDs\n9,Ann@Acme.example,Ann,Customer,501;7\n10,,Bob,,\n",
		"quotes.csv":       "Record ID\n1\n",
	})
	report, err := r.p.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if report.Companies != 2 || report.Contacts != 2 || report.Associations != 2 {
		t.Fatalf("%+v", report)
	}
	a, _ := r.p.As("ada").Get("companies", "501")
	want := map[string]string{"name": "Acme, \"The\" Inc\nsecond line", "domain": "acme.example", "industry": "BANKING", "hubspot_owner_id": "41629780",
		"my_own": "x", "createdate": "2024-05-01T16:30:00Z", "hs_object_source": "IMPORT", "num_associated_contacts": "1"}
	for name, text := range want {
		if a[name] != text {
			t.Errorf("%s is %q, want %q", name, a[name], text)
		}
	}
	c, _ := r.p.As("ada").Get("contacts", "9")
	if c["email"] != "ann@acme.example" || c["lifecyclestage"] != "customer" || c["associatedcompanyid"] != "501" {
		t.Errorf("%v", c)
	}
	if got := r.found(map[string]any{}); !strings.Contains(got, "Beta") {
		t.Errorf("loaded records must be found at once: %q", got)
	}
	if next := r.create("companies", "name", "new"); next == "501" || next == "7" {
		t.Errorf("id %s is taken", next)
	}
	if notes := strings.Join(report.Notes, "\n"); !strings.Contains(notes, "Jo Unknown") || !strings.Contains(notes, "quotes.csv") {
		t.Errorf("notes: %s", notes)
	}
}

// Deals come with their pipelines and stages, also those that the portal does not know.
func TestLoadReadsDeals(t *testing.T) {
	r := newRig(t, Options{})
	report, err := r.p.Load(writeFiles(t, map[string]string{
		"companies.csv": "Record ID,Company name\n501,Acme\n",
		"deals.csv": "Record ID,Deal Name,Amount,Pipeline,Deal Stage,Close Date,Associated Company IDs\n" +
			"7,Known,12.5,Sales Pipeline,Contract Sent,2026-03-01 00:00,501\n8,Own,,Renewals,Renewal won,,\n9,Bare,,,,,\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if report.Deals != 3 || report.Associations != 1 {
		t.Fatalf("%+v", report)
	}
	for id, want := range map[string]map[string]string{
		"7": {"dealname": "Known", "amount": "12.5", "pipeline": "default", "dealstage": "contractsent", "hs_is_closed_won": "false"},
		"8": {"dealname": "Own", "pipeline": "loaded-1", "dealstage": "loaded-1-0", "hs_is_closed_won": "true"},
		"9": {"dealname": "Bare", "pipeline": "default", "dealstage": "appointmentscheduled"},
	} {
		got, _ := r.p.As("ada").Get("deals", id)
		for name, text := range want {
			if got[name] != text {
				t.Errorf("deal %s: %s is %q, want %q", id, name, got[name], text)
			}
		}
	}
	if with := r.p.As("ada").Associated("deals", "7", "companies"); len(with) != 1 || with[0] != "501" {
		t.Errorf("deal 7 is associated with %v", with)
	}
	if _, err := newRig(t, Options{}).p.Load(writeFiles(t, map[string]string{"deals.csv": "Record ID,Deal Stage\n7,New here\nx,\n"})); err == nil {
		t.Error("a wrong id is taken")
	}
}

// An export's own people: owners by their addresses can be matched, and who unsubscribed
// from all e-mail is.
func TestLoadKeepsOwnersAndOptOuts(t *testing.T) {
	r := newRig(t, Options{})
	dir := writeFiles(t, map[string]string{
		"all-contacts.csv": "Record ID,Email,Contact owner,Unsubscribed from all email\n9,Ann@Acme.example,Jo.Owner@acme.example,Yes\n10,bob@acme.example,jo.owner@ACME.example,No\n11,cy@acme.example,,\n",
	})
	report, err := r.p.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for email, want := range map[string]bool{"ann@acme.example": true, "bob@acme.example": false, "cy@acme.example": false} {
		if got := r.p.As("ada").Consent(email).OptedOut; got != want {
			t.Errorf("%s is opted out: %v, want %v", email, got, want)
		}
	}
	ann, _ := r.p.As("ada").Get("contacts", "9")
	bob, _ := r.p.As("ada").Get("contacts", "10")
	if ann["hs_email_optout"] != "true" || ann["hubspot_owner_id"] == "" || ann["hubspot_owner_id"] != bob["hubspot_owner_id"] {
		t.Errorf("%v", ann)
	}
	if o := r.p.owner(ann["hubspot_owner_id"]); o == nil || o.Inactive || o.Email != "jo.owner@acme.example" || o.FirstName != "Jo" || o.LastName != "Owner" {
		t.Errorf("the owner is %+v", o)
	}
	if notes := strings.Join(report.Notes, "\n"); strings.Contains(notes, "left out") {
		t.Errorf("notes: %s", notes)
	}
	if n := len(r.p.Ledger()); n != 0 {
		t.Errorf("loading shows %d times in the ledger", n)
	}
	dir = writeFiles(t, map[string]string{"all-contacts.csv": "Record ID,Email,Unsubscribed from all email\n12,d@acme.example,perhaps\n"})
	if _, err := r.p.Load(dir); err == nil || !strings.Contains(err.Error(), "perhaps") {
		t.Errorf("a cell that is neither yes nor no: %v", err)
	}
}

func TestLoadRefusesABadFileAndLoadsNothing(t *testing.T) {
	good := "Record ID,Company name\n1,A\n"
	cases := map[string]struct {
		files map[string]string
		want  []string
	}{
		"bad value":           {map[string]string{"companies.csv": "Record ID,Number of Employees\n1,5\n2,many\n"}, []string{"companies.csv", "row 3", `"Number of Employees"`}},
		"same id twice":       {map[string]string{"companies.csv": good + "1,B\n"}, []string{"row 3", "Record ID"}},
		"same address twice":  {map[string]string{"contacts.csv": "Email\na@x.example\nA@X.example\n"}, []string{"contacts.csv", "row 3", "Email"}},
		"unknown company":     {map[string]string{"companies.csv": good, "contacts.csv": "Email,Associated Company IDs\na@x.example,77\n"}, []string{"contacts.csv", "row 2", "Associated Company IDs", "77"}},
		"id that is none":     {map[string]string{"companies.csv": "Record ID\nabc\n"}, []string{"row 2", "Record ID", "abc"}},
		"row too short":       {map[string]string{"companies.csv": good + "2\n"}, []string{"row 3"}},
		"open quote":          {map[string]string{"companies.csv": good + "2,\"B\n"}, []string{"row 3"}},
		"column twice":        {map[string]string{"companies.csv": "Company name,company Name\nA,B\n"}, []string{"row 1", "company Name"}},
		"empty file":          {map[string]string{"companies.csv": ""}, []string{"row 1", "empty"}},
		"second file is bad":  {map[string]string{"companies.csv": good, "contacts.csv": "Email,Mine\nnonsense,1\n"}, []string{"contacts.csv", "row 2"}},
		"enumeration unknown": {map[string]string{"companies.csv": "Company name,Industry\nA,Witchcraft\n"}, []string{"row 2", "Industry", "Witchcraft"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Options{})
			_, err := r.p.Load(writeFiles(t, c.files))
			if err == nil {
				t.Fatal("the load must be refused")
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not name %q", err, part)
				}
			}
			if r.count("companies")+r.count("contacts") != 0 || len(r.p.Ledger()) != 0 {
				t.Error("something was loaded")
			}
			if got := r.call("GET", "/crm/v3/properties/contacts/mine", nil); got.status != 404 {
				t.Error("a property was left behind")
			}
		})
	}
}

func TestLoadTellsNobody(t *testing.T) {
	r := newRig(t, Options{AutoCompanies: true})
	r.journalSubscribe("0-2", "name")
	if _, err := r.p.Load(writeFiles(t, map[string]string{"companies.csv": "Company name\nA\n", "contacts.csv": "Email\na@x.example\n"})); err != nil {
		t.Fatal(err)
	}
	r.pass(time5)
	if got := r.call("GET", "/webhooks-journal/journal/2026-03/earliest", nil); got.status != 204 {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	if r.count("companies") != 1 {
		t.Fatal("loaded contacts make no companies")
	}
}

func TestSampleIsTheSameForASeed(t *testing.T) {
	dump := func() string {
		r := newRig(t, Options{})
		r.p.LoadSample(3)
		if r.count("companies") != 6 || r.count("contacts") != 10 {
			t.Fatalf("%v", r.p.Stats().Records)
		}
		return r.call("GET", companies+"?limit=100&properties=name,phone,numberofemployees,hubspot_owner_id", nil).raw
	}
	if one, two := dump(), dump(); one != two {
		t.Fatal("the sample depends on something besides the seed")
	}
}

func TestLoadingIsNoWrite(t *testing.T) {
	r := newRig(t, Options{})
	dir := writeFiles(t, map[string]string{
		"companies.csv": "Record ID,Company name\n501,Acme\n",
		"contacts.csv":  "Record ID,email,Associated Company IDs\n9,ann@acme.example,501\n",
	})
	if _, err := r.p.Load(dir); err != nil {
		t.Fatal(err)
	}
	r.p.LoadSample(1)
	if list := r.p.Ledger(); len(list) != 0 || r.p.Stats().Writes != 0 {
		t.Errorf("%d writes are booked: %+v", r.p.Stats().Writes, list)
	}
}

// The ledger keeps the latest writes under their numbers, and counts the others.
func TestLedgerCap(t *testing.T) {
	r := newRig(t, Options{LedgerCap: 5})
	for range 23 {
		r.create("companies", "name", "A")
	}
	first, seqs := int64(0), map[int64]bool{}
	for _, e := range r.p.Ledger() {
		if len(seqs) == 0 {
			first = e.Seq
		}
		seqs[e.Seq] = true
	}
	if s := r.p.Stats(); first != 19 || len(seqs) != 5 || s.Writes != 23 || s.LedgerDropped != 18 || len(r.p.ledger) > 10 {
		t.Errorf("%d writes from %d, %d of %d dropped, %d held", len(seqs), first, s.LedgerDropped, s.Writes, len(r.p.ledger))
	}
	if _, next := r.p.ledgerPortion(21); next != 23 {
		t.Errorf("reading from 21 ends at %d", next)
	}
}

// TestLoadedRecordsWereLastChangedWhenTheFileSays, and those of whom it names the creation
// alone were not changed since; associations of the file change nobody.
func TestLoadedRecordsWereLastChangedWhenTheFileSays(t *testing.T) {
	r := newRig(t, Options{})
	now := formatMS(r.p.stamp())
	_, err := r.p.Load(writeFiles(t, map[string]string{
		"companies.csv": "Record ID,Company name,Create Date,Last Modified Date\n501,Both,2024-05-01 12:30,2025-05-01T10:00:00Z\n502,Created,2024-05-01,\n503,None,,\n504,Modified,,2025-05-01T10:00:00Z\n",
		"contacts.csv":  "Record ID,email,Create Date,Associated Company IDs\n9,ann@acme.example,2024-05-01T16:30:00Z,502\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string][2]string{
		"501": {"2024-05-01T16:30:00Z", "2025-05-01T10:00:00Z"}, "502": {"2024-05-01T00:00:00Z", "2024-05-01T00:00:00Z"},
		"503": {now, now}, "504": {"2025-05-01T10:00:00Z", "2025-05-01T10:00:00Z"},
	} {
		c, _ := r.p.As("ada").Get("companies", id)
		if got := [2]string{c["createdate"], c["hs_lastmodifieddate"]}; got != want {
			t.Errorf("company %s: %v, want %v", id, got, want)
		}
	}
	if c, _ := r.p.As("ada").Get("contacts", "9"); c["lastmodifieddate"] != "2024-05-01T16:30:00Z" {
		t.Errorf("the contact: %v", c)
	}
}

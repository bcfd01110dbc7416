package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/engine"
)

// contains fails where a text lacks one of the words.
func contains(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is missing in:\n%s", w, text)
		}
	}
}

// similarPair is a contact and a HubSpot contact that may be the same person, the latter
// from before the first sync.
func (r *rig) similarPair() (contact, hs string) {
	r.t.Helper()
	hs, err := r.sims.portal.As("").Create("contacts", map[string]string{"firstname": "Evelin", "lastname": "Oakfield", "date_of_birth": "1990-03-03", "zip": "PO1 1AA", "email": "e.oakfield@new.example"})
	if err != nil {
		r.t.Fatal(err)
	}
	r.run("sync", "--once")                // no lead is made of it, for want of a company
	r.sims.portal.Advance(5 * time.Second) // its search shows the contact by now
	contact = r.person("Contact", map[string]any{"FirstName": "Evelyn", "LastName": "Oakfield", "Birthdate": "1990-03-03", "MailingPostalCode": "PO1 1AA", "Email": "evelyn.oakfield@old.example"})
	return contact, hs
}

// TestDEDUP5_LIM4_ReviewNamesTheRecords: who may be the same is listed by name, and a word
// that they are not, or that they are, ends it.
func TestDEDUP5_LIM4_ReviewNamesTheRecords(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	r.edit(func(f *config.File) { f.Connections[0].Contacts.Similar = config.SimilarReview })
	contact, hs := r.similarPair()
	r.run("sync", "--once")
	x := lastJSON[engine.Explanation](t, r.must(0, "explain", "contact", contact, "--json"))
	contains(t, x.Rules[len(x.Rules)-1].Facts["because"], "similar records are there", hs)
	contains(t, r.must(0, "links", "review"), contact, "Evelyn Oakfield", hs, "same", "tandem links link")
	contains(t, r.must(0, "links", "review", "contact", "--json"), contact, hs, `"code":"similar_record"`)
	if out := r.must(0, "links", "review", "company"); !strings.Contains(out, "Nothing is in review") {
		t.Errorf("companies in review:\n%s", out)
	}
	contains(t, r.must(0, "links", "apart", "contact", contact, hs), "will not be taken for the same")
	r.run("sync", "--once")
	if out := r.must(0, "links", "review", "contact"); strings.Contains(out, hs) {
		t.Errorf("told apart, and still in review:\n%s", out)
	}
	contains(t, r.must(0, "links", "apart", "contact", contact, hs, "--undo"), "may be the same again")
	if code, _, errs := r.run("links", "apart", "contact", contact, hs, "--undo"); code != exitNot || !strings.Contains(errs, "nobody has said") {
		t.Errorf("taken back twice: %d %s", code, errs)
	}
	if code, _, errs := r.run("links", "apart", "contact", contact); code != exitNot || !strings.Contains(errs, "no candidates in review") {
		t.Errorf("nobody to be apart from: exit %d, %s", code, errs)
	}
}

// TestDEDUP5_ReviewShowsMergesThatWait beside the questions.
func TestDEDUP5_ReviewShowsMergesThatWait(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	links := r.links(2)
	if err := r.sims.org.As("admin").Merge("Account", links[0].Salesforce, links[1].Salesforce); err != nil {
		t.Fatal(err)
	}
	r.run("sync", "--once")
	contains(t, r.must(0, "links", "review"), links[1].HubSpot, "was merged into", "tandem links unlink company")
	if out := r.must(0, "links", "review", "--json"); !strings.Contains(out, "partner_merged") {
		t.Errorf("JSON lacks the merge:\n%s", out)
	}
}

// TestCARD1_LinkShowsWhatItMeans before it does it, and asks on a terminal.
func TestCARD1_LinkShowsWhatItMeans(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	links := r.links(2)
	for _, l := range links {
		r.must(0, "links", "unlink", "company", l.Salesforce)
	}
	r.must(0, "sync", "--once")
	one, other := links[0].Salesforce, links[1].HubSpot
	company, _ := r.sims.portal.As("").Get("companies", other)
	names := [2]string{r.sims.org.As("admin").Get("Account", one)["Name"].(string), company["name"]}
	said, err := r.answered("n\n", "links", "link", "company", one, other)
	if err == nil {
		t.Error("linked against the word of a person")
	}
	contains(t, said, names[0], names[1], "The next sync would change", "name", "Link the two?")
	if out := r.must(0, "links", "list", "--limit", "0"); strings.Contains(out, other) {
		t.Fatalf("linked in spite of a no:\n%s", out)
	}
	if said, err = r.answered("y\n", "links", "link", "company", one, other); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if code, _, errs := r.run("links", "link", "company", one, other); code != exitNot || !strings.Contains(errs, one+" is linked already, with HubSpot company "+other) || !strings.Contains(errs, "tandem links unlink company "+one) {
		t.Errorf("a second time: exit %d, %s", code, errs)
	}
	r.must(0, "links", "unlink", "company", one)
	if out := r.must(0, "links", "link", "company", one, other, "--yes"); strings.Contains(out, "would change") {
		t.Errorf("--yes looks all the same:\n%s", out)
	}
}

// TestAGroupOfCommandsNeedsOne says so with exit 2, and shows help where nothing is asked.
func TestAGroupOfCommandsNeedsOne(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	code, _, errs := r.run("links", "company")
	if code != exitUsage {
		t.Errorf("exit %d", code)
	}
	contains(t, errs, "tandem links has no command company", "list|review")
	contains(t, r.must(0, "links"), "tandem links review")
}

// TestIMP4_ERR9_TheListSaysWhatToDo: the list of an import names the field and the mend,
// not codes alone.
func TestIMP4_ERR9_TheListSaysWhatToDo(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	hs, err := r.sims.portal.As("").Create("contacts", map[string]string{"firstname": "Evelin", "lastname": "Oakfield", "email": "e.oakfield@new.example"})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(r.dir, "list.csv")
	r.run("import", "contact", "--from", "hubspot", "--export", list)
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, hs) {
			contains(t, line, "failed", "required_missing", "Company", "Fill company of HubSpot contact "+hs, "contacts.from_hubspot")
			return
		}
	}
	t.Errorf("%s is not in the list:\n%s", hs, text)
}

// TestExplainWaitsOutALimitOfCallsASecond, and a plan does, instead of giving up.
func TestExplainWaitsOutALimitOfCallsASecond(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	l := r.someLink()
	limited := `{"do":"rate_limit","policy":"SECONDLY","match":{"path":"objects/companies"},"times":2}`
	fault := httptest.NewRequest(http.MethodPost, "/_sim/faults", strings.NewReader(limited))
	fault.Header.Set("Authorization", "Bearer "+r.sims.portal.Info().AdminToken)
	answer := httptest.NewRecorder()
	r.sims.portal.ServeHTTP(answer, fault)
	if answer.Code != http.StatusOK {
		t.Fatalf("faults: %d %s", answer.Code, answer.Body)
	}
	contains(t, r.must(0, "explain", "company", l.HubSpot), "in step")
	answer = httptest.NewRecorder()
	fault.Body = io.NopCloser(strings.NewReader(limited))
	r.sims.portal.ServeHTTP(answer, fault)
	r.must(0, "plan", "company")
	if answer.Code != http.StatusOK {
		t.Fatalf("faults: %d %s", answer.Code, answer.Body)
	}
}

package cli

import (
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestLIM4_TheReviewQueueIsListedAndDecided by the verbs that a person has for it.
func TestLIM4_TheReviewQueueIsListedAndDecided(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	r.edit(func(f *config.File) { f.Connections[0].Contacts.Similar = config.SimilarReview })
	_, _, _ = r.run("sync", "--once")
	if out := r.must(0, "links", "review"); !strings.Contains(out, "Nothing is in review") {
		t.Errorf("at first: %s", out)
	}
	contact := r.person("Contact", map[string]any{"FirstName": "Ottoline", "LastName": "Quist", "MailingPostalCode": "5003", "MailingStreet": "9 Fjellveien", "Email": "ottoline@old.example"})
	hs, err := r.sims.portal.As("admin").Create("contacts", map[string]string{"firstname": "Otoline", "lastname": "Quist", "zip": "5003", "address": "9 Fjellveien", "email": "quist@new.example", "company": "Quist"})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the queue has the contact", func() bool {
		_, _, _ = r.run("sync", "--once")
		return strings.Contains(r.must(0, "links", "review", "contact"), contact)
	})
	out := r.must(0, "links", "review")
	if !strings.Contains(out, hs) || !strings.Contains(out, "same family name") || !strings.Contains(out, "same postal code") {
		t.Errorf("the queue says %s", out)
	}
	i := lastJSON[core.Issue](t, r.must(0, "links", "review", "--json"))
	if i.Code != "similar_record" || len(i.Candidates) != 1 || len(i.Evidence) != 1 {
		t.Errorf("as JSON %+v", i)
	}
	if out := r.must(0, "explain", "contact", contact); !strings.Contains(out, "HubSpot contact "+hs+": ") || !strings.Contains(out, "same street") {
		t.Errorf("explain says %s", out)
	}
	if out := r.must(0, "links", "apart", "contact", contact); !strings.Contains(out, contact) {
		t.Errorf("apart says %s", out)
	}
	_, _, _ = r.run("sync", "--once")
	if out := r.must(0, "links", "review"); !strings.Contains(out, "Nothing is in review") {
		t.Errorf("after the decision: %s", out)
	}
	if code, _, errs := r.run("links", "apart", "contact", contact); code == 0 || !strings.Contains(errs, "no candidates in review") {
		t.Errorf("a second time: exit %d, %s", code, errs)
	}
}

package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// portalReading is one answer to what HubSpot's documents leave open: whether
// journal events name their source, and whether roll-ups move the modified stamp.
type portalReading struct{ source, keep bool }

func (r portalReading) option() Option {
	return Before(func(w *World) {
		w.must(w.Portal.Configure(hubspotsim.Settings{JournalSource: &r.source, RollupsKeepStamp: &r.keep}))
	})
}

// inEveryReading runs a test under each reading of the documents.
func inEveryReading(t *testing.T, test func(t *testing.T, reading Option)) {
	for _, source := range []bool{false, true} {
		for _, keep := range []bool{false, true} {
			t.Run(fmt.Sprintf("journal_source=%v,rollups_keep_stamp=%v", source, keep), func(t *testing.T) {
				test(t, portalReading{source, keep}.option())
			})
		}
	}
}

func TestPortalReadings_FirstImportEditsAndIdle(t *testing.T) {
	inEveryReading(t, func(t *testing.T, reading Option) {
		var account, met, company string
		w := New(t, events(), reading, Before(func(w *World) {
			account = w.account("Edge", "BillingCity", "Austin")
			w.contact("Gonzalez", "rose@edge.com", account)
			met = w.company("Edge Comms", w.person("Gonzalez", "rose@edge.com"))
			company = w.company("Grand", w.person("Barr", "tim@grand.com"))
		}))
		w.Import(core.Salesforce, core.HubSpot)
		if w.partner(account) != met || w.partner(company) == "" || w.companyCount() != 2 || w.accounts() != 2 {
			t.Fatalf("account with %q, want %s; company with %q; %d companies, %d accounts", w.partner(account), met, w.partner(company), w.companyCount(), w.accounts())
		}
		w.serving()
		w.editAccount(account, "Name", "Edge SF")
		w.companyShows(met, "name", "Edge SF")
		w.editCompany(met, "city", "Bern")
		w.accountShows(account, "BillingCity", "Bern")
		w.editCompany(company, "name", "Grand Hotels")
		w.accountShows(w.partner(company), "Name", "Grand Hotels")
		w.stop()
		w.wantIdle()
	})
}

func TestPortalReadings_AssociationsPassAndAnnounceNoFurtherWrite(t *testing.T) {
	inEveryReading(t, func(t *testing.T, reading Option) {
		w := New(t, events(), reading)
		account, company := w.linked("Edge")
		contact, person := w.contact("Gonzalez", "rose@edge.com", ""), w.person("Gonzalez", "rose@edge.com")
		w.Sync()
		w.serving()
		w.Advance(time.Minute)
		w.must(w.Org.As(admin).Update("Contact", contact, map[string]any{"AccountId": account}))
		w.eventually(func() bool {
			got := w.Portal.As(admin).Associated("companies", company, "contacts")
			return len(got) == 1 && got[0] == person
		})
		made := w.company("Acme", w.person("Barr", "tim@acme.com"))
		w.accountShows(w.linkedByNow(made), "Name", "Acme")
		w.stop()
		w.wantIdle()
	})
}

// wantIdle lets roll-ups and our own announcements come in, and fails where they
// make the engine write or leave an entry behind.
func (w *World) wantIdle() {
	w.T.Helper()
	w.Advance(time.Minute)
	w.Sync()
	w.Advance(time.Minute)
	at := w.Now()
	for range 3 {
		w.Sync()
		w.Advance(time.Minute)
	}
	if n := w.ours(at); n != [2]int{} {
		w.T.Errorf("%v writes while nobody edits", n)
	}
	w.wantNoIssues()
}

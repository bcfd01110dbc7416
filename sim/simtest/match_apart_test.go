package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestLIM6_CompaniesThatAPersonTookApartStayApart whichever they become by a merge with
// others, on either side.
func TestLIM6_CompaniesThatAPersonTookApartStayApart(t *testing.T) {
	says := map[string]func(w *World, account, company string){
		"unlinked": func(*World, string, string) {},
		"told apart": func(w *World, account, company string) {
			_, err := w.Engine.Apart(w.T.Context(), w.Conn, core.CompanyPair, account, company)
			w.must(err)
		},
	}
	merges := map[string]func(w *World, account, company string) (string, string){
		"merged in HubSpot": func(w *World, account, company string) (string, string) {
			id, err := w.Portal.As(admin).Merge("companies", w.made(core.Companies, "name", "Stray"), company)
			w.must(err)
			w.must(w.Portal.As(admin).Update("companies", id, map[string]string{"customer_number": "7"}))
			return account, id
		},
		"merged in Salesforce": func(w *World, account, company string) (string, string) {
			master := w.account("Master")
			w.must(w.Org.As(admin).Merge("Account", master, account))
			w.must(w.Org.As(admin).Update("Account", master, map[string]any{"AccountNumber": "7"}))
			return master, company
		},
	}
	for word, say := range says {
		for how, merge := range merges {
			t.Run(word+", "+how, func(t *testing.T) {
				w := New(t, companyKeys("id", "external_key"), Before(withNumbers))
				account := w.account("Edge", "AccountNumber", "7")
				w.Sync()
				company := w.partner(account)
				w.must(w.Portal.As(admin).Update("companies", company, map[string]string{"customer_number": "7"}))
				w.must(w.Engine.Unlink(t.Context(), w.Conn, core.CompanyPair, account))
				say(w, account, company)
				w.again()
				w.Advance(time.Minute)
				account, company = merge(w, account, company)
				w.again()
				w.editAccount(account, "Phone", "1")
				w.editCompany(company, "city", "Bern")
				w.again()
				w.again()
				if w.partner(account) == company {
					t.Errorf("linked again: %+v", w.Explain(account).Rules)
				}
				if word == "unlinked" {
					w.Resync(company)
					if x := w.Explain(company); x.Verdict == engine.OutOfScope {
						t.Errorf("a person's word is not heard: %+v", x.Rules)
					}
				}
			})
		}
	}
}

package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/store"
	"tandem/sim/salesforcesim"
)

// forget takes away what the sides agreed on about an account.
func (w *World) forget(account string) {
	w.T.Helper()
	ref := core.Ref{Side: core.Salesforce, Object: core.Account, ID: account}
	w.must(w.Store.Update(w.T.Context(), func(tx *store.Tx) error {
		links, err := tx.LinksOf(w.Conn.ID, []core.Ref{ref})
		if err != nil {
			return err
		}
		links[ref].Base = nil
		return tx.LinkSave(w.Conn.ID, links[ref])
	}))
}

// TestP18_WithoutABaseAPairMeetsForTheFirstTime: what is equal is agreed on, what is not goes
// by the rule of its mapping, and the value that gave way stands in the conflict log.
func TestP18_WithoutABaseAPairMeetsForTheFirstTime(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile)
		equal, mate := w.linked("Equal", "BillingCity", "Bern")
		differs, other := w.linked("Differs", "BillingCity", "Bern")
		w.forget(equal)
		w.forget(differs)
		w.editCompany(other, "city", "Oslo")
		w.Advance(time.Minute)
		w.editAccount(differs, "BillingCity", "Rome")
		at := w.Now()
		w.settle()
		w.settle()
		w.wantValues(equal, "BillingCity", "Bern", mate, "city", "Bern")
		w.wantValues(differs, "BillingCity", "Rome", other, "city", "Rome")
		if log := w.conflicts(); len(log) != 1 || log[0].Ref.ID != differs && log[0].Ref.ID != other {
			t.Errorf("the conflict log holds %s", bodies(w))
		}
		if n := w.ours(at); n != [2]int{core.HubSpot: 1} {
			t.Errorf("%v writes, want the one of the city", n)
		}
	})
}

// TestC16_WhatWaitsIsDecidedByTheMappingInForce, not by the one it began to wait under.
func TestC16_WhatWaitsIsDecidedByTheMappingInForce(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		phone := config.Mapping{HubSpot: "phone", Salesforce: "Phone", Rule: "two_way"}
		w := New(t, profile, Mappings(nameTwoWay, phone))
		account, company := w.linked("Edge", "Phone", "1")
		w.editAccount(account, "Phone", "2")
		w.must(w.Engine.Resync(t.Context(), w.Conn, core.CompanyPair, []string{account}))
		if w.waitsBecause(core.CompanyPair, account) == "" {
			t.Fatal("the account does not wait")
		}
		phone.HubSpot = "state"
		w.Restart(func(c *config.Connection) { c.Mappings["company"] = []config.Mapping{nameTwoWay, phone} })
		w.Sync()
		w.wantValues(account, "Phone", "2", company, "state", "2")
		if got := w.companyValue(company, "phone"); got != "1" {
			t.Errorf("the property that is mapped no more is %q", got)
		}
	})
}

// TestC18_ADealIsReopenedAndItsStageGoesBack on either side.
func TestC18_ADealIsReopenedAndItsStageGoesBack(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		id := w.opportunity("Reopened", "StageName", "Closed Won")
		w.again()
		deal := w.wantDealMate(id)
		_, stages := w.pipeline("Salesforce - Default")
		for i, stage := range []string{"Qualification", "Closed Lost", "Prospecting", "Closed Won", "Qualification"} {
			w.Advance(time.Minute)
			if i%2 == 0 {
				w.change(core.Deals, deal, "dealstage", stages[stage])
			} else {
				w.change(core.Opportunity, id, "StageName", stage)
			}
			w.again()
			w.want(core.Opportunity, id, "StageName", stage)
			w.want(core.Deals, deal, "dealstage", stages[stage])
		}
		w.wantStill(t)
		w.wantNoIssues()
	})
}

// TestD21_TheLinesOfAStreetComeBackAsTheyWere: an address of several lines stays one.
func TestD21_TheLinesOfAStreetComeBackAsTheyWere(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		street := config.Mapping{HubSpot: "address", Salesforce: "BillingStreet", Rule: "two_way"}
		w := New(t, profile, Mappings(nameTwoWay, street))
		account, company := w.linked("Edge", "BillingStreet", "1 Gate\nRear house")
		w.wantValues(account, "BillingStreet", "1 Gate\nRear house", company, "address", "1 Gate\nRear house")
		w.editCompany(company, "address", "2 Gate\nFront\nDoor B")
		w.Sync()
		w.wantValues(account, "BillingStreet", "2 Gate\nFront\nDoor B", company, "address", "2 Gate\nFront\nDoor B")
		w.wantIdle()
	})
}

// TestD10_AnotherRateIsNoEditOfAnAmount that is below zero and in a currency without digits
// behind the point.
func TestD10_AnotherRateIsNoEditOfAnAmount(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals(), Settings(withCurrency), Before(func(w *World) {
			w.portalCall("POST", "/_sim/settings", map[string]any{"currencies": []string{"JPY"}})
			w.must(w.Org.EnableCurrencies(salesforcesim.Currencies{List: []salesforcesim.Currency{{Code: "USD"}, {Code: "JPY", Rate: 150}}}))
		}))
		id := w.opportunity("Far", "Amount", "-1200", "CurrencyIsoCode", "JPY")
		w.again()
		deal := w.wantDealMate(id)
		w.want(core.Deals, deal, "amount", "-1200")
		w.want(core.Deals, deal, "deal_currency_code", "JPY")
		yen := w.whose("SELECT Id FROM CurrencyType WHERE IsoCode = 'JPY'")
		w.must(w.Org.As(admin).Update("CurrencyType", yen, map[string]any{"ConversionRate": 90}))
		w.wantStill(t)
		w.want(core.Deals, deal, "amount", "-1200")
		w.want(core.Opportunity, id, "Amount", "-1200")
		w.wantNoIssues()
	})
}

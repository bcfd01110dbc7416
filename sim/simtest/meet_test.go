package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// alike is an account and a company that carries its id and differs from it, both
// older than the switch.
func alike(t *testing.T, c func(*config.Connection)) (w *World, account, company string) {
	w = New(t, Settings(c), Before(func(w *World) {
		w.property("salesforceaccountid", "string", "text")
		account = w.account("Edge")
		company = w.company("Edge Inc")
		w.editCompany(company, "salesforceaccountid", account)
		w.Advance(time.Hour)
	}))
	return w, account, company
}

// TestLIM11_WhatAFilterLeavesOutDoesNotMeet has the two be the same by a stored id,
// and a filter leave one of them out.
func TestLIM11_WhatAFilterLeavesOutDoesNotMeet(t *testing.T) {
	for name, f := range map[string]config.Filter{"of the account": {FromSalesforce: `BillingCity == "Rome"`}, "of the company": {FromHubSpot: `city == "Rome"`}} {
		t.Run(name, func(t *testing.T) {
			w, account, company := alike(t, func(c *config.Connection) { c.Companies.Filter = f })
			at := w.Now()
			w.editAccount(account, "BillingCity", "Austin")
			w.editCompany(company, "city", "Austin")
			w.Sync()
			if n := w.ours(at); n != [2]int{} {
				t.Errorf("%v writes to records that the filter leaves out", n)
			}
			w.wantRule(account, "LIM-11", engine.OutOfScope)
			w.editAccount(account, "BillingCity", "Rome")
			w.editCompany(company, "city", "Rome")
			w.Sync()
			if w.partner(account) != company {
				t.Errorf("in the filter's scope the account is linked with %q", w.partner(account))
			}
		})
	}
}

// TestACC1_NothingMeetsWhileCompanySyncIsOff plans and applies while the switch is
// off.
func TestACC1_NothingMeetsWhileCompanySyncIsOff(t *testing.T) {
	w, account, _ := alike(t, func(c *config.Connection) { c.Companies.Sync = false })
	id, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: w.Conn.Settings.Name, Pair: core.CompanyPair}, nil)
	w.must(err)
	if len(counts.Ops) != 0 {
		t.Errorf("planned %v", counts.Ops)
	}
	_, err = w.Engine.Apply(t.Context(), w.Conn, id)
	wantCode(t, err, engine.CodeSyncOff)
	if w.partner(account) != "" {
		t.Error("linked while company sync is off")
	}
}

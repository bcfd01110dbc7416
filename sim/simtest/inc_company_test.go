package simtest

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// firms is company sync with the inclusion list Members of companies, of all that meet the
// filters.
func firms(filters ...map[string]any) Option {
	return func(s *setup) {
		Settings(func(c *config.Connection) { c.Companies.InclusionList = "Members" })(s)
		Before(func(w *World) { w.listOf(core.Companies, "Members", filters...) })(s)
	}
}

// firm makes a company in a city with one contact.
func (w *World) firm(name, city string) string {
	w.T.Helper()
	return w.firmOf(w.person(name, strings.ToLower(name)+"@x.com"), city)
}

// firmOf makes a company in a city of a contact.
func (w *World) firmOf(contact, city string) string {
	w.T.Helper()
	id := w.company("Firm", contact)
	w.editCompany(id, "city", city)
	return id
}

// wantAccount is the account of a company.
func (w *World) wantAccount(company string) string {
	w.T.Helper()
	account := w.partner(company)
	if account == "" {
		w.T.Fatalf("company %s has no account: %+v", company, w.Explain(company).Rules)
	}
	return account
}

// TestINC8_ACC15_OnlyCompaniesOfTheListGetAccounts, also where a person asks for another
// one, and the list is evaluated on the new values.
func TestINC8_ACC15_OnlyCompaniesOfTheListGetAccounts(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, firms(propertyIs("city", "Oslo")))
		in, out := w.firm("In", "Oslo"), w.firm("Out", "Rome")
		w.Sync()
		w.wantAccount(in)
		w.wantRule(out, "ACC-15", engine.OutOfScope)
		if note := w.lastDecision(out).Facts["segment_note"]; !strings.Contains(note, "Members is evaluated here") {
			t.Errorf("explain does not say who evaluated the list: %q", note)
		}
		w.Resync(out)
		w.wantRule(out, "ACC-15", engine.OutOfScope)
		w.Advance(3 * time.Second)
		w.editCompany(out, "city", "Oslo")
		w.Sync() // at once: HubSpot has not evaluated the list yet
		w.wantAccount(out)
	})
}

// TestINC8_AMB16_INC6_OutsideTheListOfCompaniesNothingPasses in either direction: a record
// that leaves by an edit takes none of it along, nothing is deleted, and coming back goes on.
func TestINC8_AMB16_INC6_OutsideTheListOfCompaniesNothingPasses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, firms(propertyIs("city", "Oslo")))
		firm := w.firm("Firm", "Oslo")
		w.Sync()
		account := w.wantAccount(firm)
		w.Advance(3 * time.Second)
		w.must(w.Portal.As(admin).Update("companies", firm, map[string]string{"city": "Rome", "name": "Renamed"}))
		w.editAccount(account, "Phone", "+47 1")
		w.Sync()
		w.want(core.Account, account, "Name", "Firm")
		w.want(core.Account, account, "BillingCity", "Oslo")
		w.want(core.Companies, firm, "phone", "")
		w.wantRule(firm, "INC-3", engine.OutOfScope)
		if w.partner(firm) != account {
			t.Error("leaving the list ended the link")
		}
		w.editAccount(account, "Description", "meanwhile")
		w.again()
		w.want(core.Companies, firm, "description", "")
		w.editCompany(firm, "city", "Oslo")
		w.again()
		w.want(core.Account, account, "Name", "Renamed")
		w.want(core.Companies, firm, "phone", "+47 1")
		w.want(core.Companies, firm, "description", "meanwhile")
	})
}

// TestINC8_INC9_AnAccountMakesItsCompanyOutsideTheListToo, and what is edited afterwards
// stays where it is.
func TestINC8_INC9_AnAccountMakesItsCompanyOutsideTheListToo(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, firms(propertyIs("city", "Oslo")))
		account := w.account("Boyle", "BillingCity", "Rome")
		w.Sync()
		company := w.partner(account)
		if company == "" {
			t.Fatalf("no company: %+v", w.Explain(account).Rules)
		}
		w.again()
		w.editAccount(account, "Phone", "+39 2")
		w.again()
		w.want(core.Companies, company, "phone", "")
		w.wantRule(account, "INC-3", engine.OutOfScope)
	})
}

// TestINC8_ACC7c_ACC8c_ThePeopleOfACompanyAreAskedOfTheirOwnList: both lists must let a
// company pass.
func TestINC8_ACC7c_ACC8c_ThePeopleOfACompanyAreAskedOfTheirOwnList(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, firms(propertyIs("city", "Oslo")), inclusion(propertyIs("lastname", "Listed")))
		both := w.firmOf(w.person("Listed", "a@x.com"), "Oslo")
		people, company := w.firmOf(w.person("Listed", "b@x.com"), "Rome"), w.firmOf(w.person("Stranger", "c@x.com"), "Oslo")
		w.Sync()
		w.wantAccount(both)
		if w.linkRule(both) != "ACC-7c" {
			t.Errorf("made by %s", w.linkRule(both))
		}
		w.wantRule(people, "ACC-15", engine.OutOfScope)
		w.wantRule(company, "ACC-8c", engine.OutOfScope)
	})
}

// TestINC8_TRIG8_INC10_CompaniesJoinAndLeaveAListThatHubSpotEvaluates, though nobody
// edits them.
func TestINC8_TRIG8_INC10_CompaniesJoinAndLeaveAListThatHubSpotEvaluates(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var old string
		w := New(t, profile, firms(touchedSince(), inCities("Oslo")), existed(func(w *World) { old = w.firm("Old", "Rome") }))
		firm := w.firm("Firm", "Oslo")
		w.settleLists()
		w.Sync()
		account := w.wantAccount(firm)
		if w.partner(old) != "" {
			t.Fatal("a company outside the list has an account")
		}
		w.refilterOf(core.Companies, "Rome")
		w.Sync()
		if other := w.wantAccount(old); other == account {
			t.Error("joining took another company's account")
		}
		w.editAccount(account, "Phone", "+47 1")
		w.again()
		w.want(core.Companies, firm, "phone", "")
		if w.partner(firm) != account {
			t.Error("leaving the list ended the link")
		}
		w.refilterOf(core.Companies, "Rome", "Oslo")
		w.Sync()
		w.want(core.Companies, firm, "phone", "+47 1")
	})
}

// TestINC8_LIM16_AListOfCompaniesEditedToNearlyNoneHalts, and a list of companies that
// replaces none does not touch the people's.
func TestINC8_LIM16_AListOfCompaniesEditedToNearlyNoneHalts(t *testing.T) {
	w := New(t, firms(touchedSince(), inCities("Oslo", "Rome")))
	for i := range 12 {
		w.firm(fmt.Sprintf("F%d", i), "Rome")
	}
	stays := w.firm("Stays", "Oslo")
	w.settleLists()
	w.Sync()
	account := w.wantAccount(stays)
	w.refilterOf(core.Companies, "Oslo")
	_, err := w.TrySync()
	wantCode(t, err, engine.CodeBrake)
	if !strings.Contains(err.Error(), "12 of 13 linked companies") {
		t.Errorf("the brake says %v", err)
	}
	w.must(w.Engine.Resume(t.Context(), w.Conn, string(core.BrakeScope)))
	w.Sync()
	w.editAccount(account, "Phone", "+47 1")
	w.again()
	w.want(core.Companies, stays, "phone", "+47 1")
}

// TestINC8_INC5_AListOfCompaniesSaysWhatItAdmitsAndDrops before it is saved.
func TestINC8_INC5_AListOfCompaniesSaysWhatItAdmitsAndDrops(t *testing.T) {
	w := New(t, Before(func(w *World) {
		w.listOf(core.Companies, "Members", touchedSince(), inCities("Oslo"))
		w.list("People", propertyIs("city", "Oslo"))
	}))
	w.firm("In", "Oslo")
	w.firm("Out", "Rome")
	w.settleLists()
	w.Sync()
	out, _ := w.admissions(func(c *config.Connection) { c.Companies.InclusionList = "Members" })
	wantAdmission(t, out, 0, engine.Admission{Side: "hubspot", Object: core.Companies, Records: 2, Now: 2, Then: 1, Leave: 1, Linked: 1})
	if len(out) != 1 || out[0].Keys[0] != "companies.inclusion_list" {
		t.Errorf("admissions %+v", out)
	}
	next := w.settings
	next.Companies.InclusionList = "People"
	_, _, err := w.Engine.Admissions(t.Context(), engine.Setup{Settings: w.settings, Sides: w.Conn.Sides}, engine.Setup{Settings: next, Sides: w.Conn.Sides})
	wantCode(t, err, engine.CodeUsage)
	if !strings.Contains(err.Error(), "is a list of contacts, not of companies") {
		t.Errorf("a list of people is refused by %v", err)
	}
}

// TestINC8_TRIG8_ADaemonFindsWhichCompaniesJoin by itself, within companies.list_every.
func TestINC8_TRIG8_ADaemonFindsWhichCompaniesJoin(t *testing.T) {
	var joins string
	w := New(t, firms(touchedSince(), inCities("Oslo")), Settings(func(c *config.Connection) { c.Companies.ListEvery = config.Duration(20 * time.Millisecond) }),
		existed(func(w *World) { joins = w.firm("Joins", "Rome") }))
	w.Sync()
	var looks atomic.Int32
	w.On(func(_ core.Side, r *http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/memberships/join-order") {
			looks.Add(1)
		}
		return nil
	})
	edited := false
	w.serveUntil(func() bool {
		if looks.Load() > 1 && !edited { // it has looked, and found none
			w.refilterOf(core.Companies, "Oslo", "Rome")
			edited = true
		}
		return w.partner(joins) != ""
	})
	if !edited {
		t.Error("a company outside the list has an account")
	}
}

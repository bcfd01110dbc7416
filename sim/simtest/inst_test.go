package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

func TestINST2_Editions(t *testing.T) {
	for edition, taken := range map[string]bool{"Group Edition": false, "Professional Edition": true, "Enterprise Edition": true, "Unlimited Edition": true, "Developer Edition": true} {
		t.Run(edition, func(t *testing.T) {
			w := New(t, Unopened(), WithoutFields(), Org(func(o *salesforcesim.Options) { o.Edition = edition }))
			err := w.TryOpen()
			if taken {
				w.must(err)
				return
			}
			wantCode(t, err, engine.CodeEdition)
		})
	}
}

func TestINST3_LIM24_MissingFieldIsOneMessageAndNothingIsTouched(t *testing.T) {
	w := New(t, WithoutFields())
	w.account("Edge")
	w.company("Acme", w.person("Rose", "rose@acme.com"))
	at := w.Now()
	_, err := w.TrySync()
	wantCode(t, err, engine.CodeSchema)
	if !strings.Contains(err.Error(), "Tandem_Key_") || strings.Count(err.Error(), "\n") > 0 {
		t.Errorf("message %q", err)
	}
	if n := w.ours(at); n != [2]int{} || w.companyCount() != 1 || w.accounts() != 1 {
		t.Errorf("%v writes", n)
	}
}

func TestINST3_LIM24_MissingObjectRightIsOneMessageAndNothingIsTouched(t *testing.T) {
	w := New(t, Unopened())
	w.company("Acme", w.person("Rose", "rose@acme.com"))
	w.must(w.Org.SetRight(salesforcesim.Right{Object: "Account"}))
	at := w.Now()
	err := w.TryOpen()
	if err == nil {
		_, err = w.TrySync()
	}
	wantCode(t, err, engine.CodeSchema)
	if n := w.ours(at); n != [2]int{} || w.companyCount() != 1 {
		t.Errorf("%v writes", n)
	}
}

func TestINST3_LIM24_MissingReadRightOnAMappedFieldDisablesThatMapping(t *testing.T) {
	w := New(t, Before(func(w *World) {
		w.must(w.Org.SetRight(salesforcesim.Right{Object: "Account", Field: "Phone"}))
	}))
	account, company := w.linked("Edge", "Phone", "1")
	if len(w.Conn.Problems) != 1 || w.Conn.Problems[0].Salesforce != "Phone" || w.Conn.Problems[0].Mend == "" {
		t.Errorf("problems %+v", w.Conn.Problems)
	}
	w.wantValues(account, "Phone", "1", company, "phone", "")
	w.wantValues(account, "Name", "Edge", company, "name", "Edge")
}

func TestLIM24_LeastPrivilegeIsEnough(t *testing.T) {
	w := New(t, Before(func(w *World) {
		w.must(w.Org.SetRight(salesforcesim.Right{Object: "Account", Read: true, Edit: true, Create: true, View: true}))
		w.must(w.Org.SetRight(salesforcesim.Right{System: "PermissionsModifyAllData"}))
	}))
	account, company := w.linked("Edge")
	w.editCompany(company, "city", "Bern")
	w.Sync()
	w.wantValues(account, "BillingCity", "Bern", company, "city", "Bern")
}

func TestINST5_WhatTheUserCannotSeeIsNotSynced(t *testing.T) {
	w := New(t)
	hidden := w.account("Hidden")
	w.must(w.Org.SetHidden(hide(hidden)))
	shown := w.account("Shown")
	w.Sync()
	if w.partner(shown) == "" || w.companyCount() != 1 {
		t.Errorf("%d companies", w.companyCount())
	}
	w.wantRule(hidden, "ERR-6", engine.NotFound)
}

func TestINST6_AnotherAccountIsRefused(t *testing.T) {
	t.Run("portal of the settings", func(t *testing.T) {
		w := New(t, Unopened(), Settings(func(c *config.Connection) { c.HubSpot.PortalID = "1" }))
		wantCode(t, w.TryOpen(), engine.CodeIdentity)
	})
	t.Run("org of the settings", func(t *testing.T) {
		w := New(t, Unopened(), Settings(func(c *config.Connection) { c.Salesforce.OrgID = "00D000000000001AAA" }))
		wantCode(t, w.TryOpen(), engine.CodeIdentity)
	})
	t.Run("org pinned at the first connection", func(t *testing.T) {
		w := New(t)
		_, company := w.linked("Edge")
		_ = w.Store.Close()
		w.Org = salesforcesim.New(salesforcesim.Options{Seed: 99, Now: w.Now})
		at := w.Now()
		wantCode(t, w.TryOpen(), engine.CodeIdentity)
		if n := w.ours(at); n[core.HubSpot] != 0 || w.companyValue(company, "name") != "Edge" {
			t.Errorf("%v writes", n)
		}
	})
	t.Run("portal pinned at the first connection", func(t *testing.T) {
		w := New(t)
		w.linked("Edge")
		_ = w.Store.Close()
		id := int64(7)
		w.must(w.Portal.Configure(hubspotsim.Settings{PortalID: &id}))
		wantCode(t, w.TryOpen(), engine.CodeIdentity)
	})
}

func TestINST8_NothingSyncsBecauseOfTheInstallation(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(func(w *World) {
			w.account("Old account")
			w.company("Old company", w.person("Rose", "rose@old.com"))
			w.Advance(5 * time.Second) // HubSpot's own roll-ups stamp the company once more
			w.Advance(time.Hour)
		}))
		at := w.Now()
		w.Sync()
		w.settle()
		if n := w.ours(at); n != [2]int{} || w.accounts() != 1 || w.companyCount() != 1 {
			t.Errorf("%v writes, %d accounts, %d companies", n, w.accounts(), w.companyCount())
		}
	})
}

func TestINST9_SandboxIsTold(t *testing.T) {
	w := New(t, Org(func(o *salesforcesim.Options) { o.Sandbox = true }))
	if !w.Conn.Accounts[core.Salesforce].Sandbox {
		t.Errorf("identity %+v", w.Conn.Accounts[core.Salesforce])
	}
	if w.Conn.Accounts[core.Salesforce].ID == "" || w.Conn.Accounts[core.HubSpot].ID != w.Portal.Info().PortalID {
		t.Errorf("accounts %+v", w.Conn.Accounts)
	}
}

func TestINST10_PauseStopsBothDirectionsAndResumeGoesOn(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge")
	w.must(w.Engine.Pause(t.Context(), w.Conn))
	w.editAccount(account, "Name", "Edge Two")
	w.editCompany(company, "city", "Bern")
	_, err := w.TrySync()
	wantCode(t, err, engine.CodePaused)
	w.wantValues(account, "BillingCity", "", company, "name", "Edge")
	w.Advance(24 * time.Hour)
	w.must(w.Engine.Resume(t.Context(), w.Conn))
	w.Sync()
	w.wantValues(account, "Name", "Edge Two", company, "name", "Edge Two")
	w.wantValues(account, "BillingCity", "Bern", company, "city", "Bern")
}

func TestINST10_PausedBySettings(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.Paused = true }))
	w.account("Edge")
	_, err := w.TrySync()
	wantCode(t, err, engine.CodePaused)
}

func TestINST11_LIM32_DisconnectKeepsAndReconnectResumesLinks(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge", "BillingCity", "Bern")
	properties := w.propertyNames()
	w.must(w.Engine.Disconnect(t.Context(), w.Conn))
	_, err := w.TrySync()
	wantCode(t, err, engine.CodePaused)
	if w.propertyNames() != properties || w.companyValue(company, "city") != "Bern" || w.companyValue(company, "salesforceaccountid") != account {
		t.Error("disconnecting took something away")
	}
	w.Advance(72 * time.Hour)
	w.editAccount(account, "Name", "Edge Two")
	meanwhile := w.account("Made while disconnected")
	w.Advance(time.Hour)
	w.Restart()
	if _, err := w.TrySync(); err == nil || !strings.Contains(err.Error(), "disconnected") {
		t.Errorf("opening it connected it again: %v", err)
	}
	opened := w.account("Made after the opening")
	w.Advance(time.Hour)
	w.must(w.Engine.Resume(t.Context(), w.Conn))
	w.Advance(3 * time.Second)
	w.Sync()
	w.wantValues(account, "Name", "Edge Two", company, "name", "Edge Two")
	w.wantRule(meanwhile, "ACC-4", engine.OutOfScope)
	w.wantRule(opened, "ACC-4", engine.OutOfScope)
	w.Advance(3 * time.Second)
	if got := w.partner(account); got != company {
		t.Errorf("linked with %q, want %s", got, company)
	}
	w.editCompany(company, "city", "Rome")
	w.Sync()
	w.wantValues(account, "BillingCity", "Rome", company, "city", "Rome")
	if w.accounts() != 3 || w.companyCount() != 1 {
		t.Errorf("%d accounts, %d companies", w.accounts(), w.companyCount())
	}
}

func TestINST14_VersionIsPinnedAndListed(t *testing.T) {
	w := New(t)
	if v := w.Conn.Accounts[core.Salesforce].Versions; len(v) == 0 {
		t.Error("no API versions are listed")
	}
	if w.settings.Salesforce.APIVersion == "" {
		t.Error("no API version is pinned")
	}
}

func TestSET7_SyncIsOffUnlessSetAndSwitchedByTheSettings(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var c config.Connection
		c.Complete()
		if c.Companies.Sync {
			t.Error("company sync is on by default")
		}
		w := New(t, profile, Settings(func(c *config.Connection) { c.Companies.Sync = false }))
		before := w.account("Before the switch")
		w.Sync()
		if w.partner(before) != "" {
			t.Fatal("synced while off")
		}
		w.Advance(time.Hour)
		w.Restart(func(c *config.Connection) { c.Companies.Sync = true })
		w.Advance(3 * time.Second)
		after := w.account("After the switch")
		w.Sync()
		w.wantRule(before, "ACC-4", engine.OutOfScope)
		if w.partner(after) == "" {
			t.Error("a new account did not sync after the switch")
		}
		company := w.partner(after)
		w.Restart(func(c *config.Connection) { c.Companies.Sync = false })
		w.editAccount(after, "Name", "Changed while off")
		w.Sync()
		if got := w.companyValue(company, "name"); got != "After the switch" {
			t.Errorf("synced after switching off: %q", got)
		}
	})
}

// TestAMB22_WhatIsNotSetIsAsDecided: people of Salesforce are made in HubSpot, those of HubSpot
// become leads, and a deletion on either side does nothing on the other.
func TestAMB22_WhatIsNotSetIsAsDecided(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		contact := w.made(core.Contact, "LastName", "Gray", "Email", "ada@x.com")
		hs := w.made(core.Contacts, "lastname", "Brown", "email", "bo@x.com", "company", "Co")
		account, company := w.linked("Edge")
		w.again()
		ada := w.wantMate(contact)
		w.want(core.Lead, w.wantMate(hs), "LastName", "Brown")
		w.must(w.Org.As(admin).Delete("Contact", contact))
		w.must(w.Portal.As(admin).Archive("contacts", hs))
		w.must(w.Portal.As(admin).Archive("companies", company))
		w.again()
		w.again()
		w.want(core.Contacts, ada, "lastname", "Gray")
		w.wantPersons(1, 0, 1)
		if got := w.accountValue(account, "Name"); got != "Edge" {
			t.Errorf("the account of a deleted company is called %q", got)
		}
	})
}

func TestSET10_LIM9_MappingsOfAnObjectThatIsOffChangeNothing(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.Companies.Sync = false }))
	account, company := w.account("Edge"), w.company("Edge")
	w.must(w.Portal.As(admin).Update("companies", company, map[string]string{"salesforceaccountid": account}))
	at := w.Now()
	w.Restart(func(c *config.Connection) {
		c.Mappings["company"] = append(c.Mappings["company"], config.Mapping{HubSpot: "state", Salesforce: "Fax", Rule: "two_way"})
	})
	w.editAccount(account, "Fax", "1")
	w.Sync()
	if n := w.ours(at); n != [2]int{} {
		t.Errorf("%v writes while company sync is off", n)
	}
}

func TestWrongCredentialsAreOneMessage(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge")
	w.must(w.Portal.Configure(hubspotsim.Settings{RevokeTokens: true}))
	w.editAccount(account, "Name", "Edge Two")
	_, err := w.TrySync()
	if err == nil || strings.Contains(err.Error(), w.Portal.Info().IntegrationToken) {
		t.Errorf("error %v", err)
	}
	if got := w.companyValue(company, "name"); got != "Edge" {
		t.Errorf("company name %q", got)
	}
}

// TestINST7_OneConnectionKeepsAnOrgAndAPortalInStep: a second one of the same two is refused
// by the older one's name until that is disconnected.
func TestINST7_OneConnectionKeepsAnOrgAndAPortalInStep(t *testing.T) {
	w := New(t)
	older := w.settings.Name
	w.must(w.Store.Close())
	w.settings.Name = "second"
	err := w.TryOpen()
	wantCode(t, err, engine.CodeIdentity)
	if err != nil && !strings.Contains(err.Error(), "connection "+older+" keeps") {
		t.Errorf("the error is %v", err)
	}
	w.settings.Name = older
	w.Open()
	w.must(w.Engine.Disconnect(t.Context(), w.Conn))
	w.Restart(func(c *config.Connection) { c.Name = "second" })
	w.company("Edge")
	w.Sync()
}

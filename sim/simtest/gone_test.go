package simtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/hubspotsim"
)

// whenDeleted sets what a deletion on a side does to the partner.
func whenDeleted(side core.Side, what string) Option {
	return Settings(func(c *config.Connection) {
		if side == core.Salesforce {
			c.Companies.WhenSalesforceDeleted = what
		} else {
			c.Companies.WhenHubSpotDeleted = what
		}
	})
}

// remove deletes a pair's record on a side, as a person would.
func (w *World) remove(side core.Side, account, company string) {
	w.T.Helper()
	if side == core.Salesforce {
		w.must(w.Org.As(admin).Delete("Account", account))
		return
	}
	w.must(w.Portal.As(admin).Archive("companies", company))
}

// stands reports whether the pair's record on a side is live.
func (w *World) stands(side core.Side, account, company string) bool {
	if side == core.Salesforce {
		return w.Org.As(admin).Get("Account", account) != nil
	}
	_, ok := w.Portal.As(admin).Get("companies", company)
	return ok
}

// settle sweeps both sides and syncs: what no poll shows is found.
func (w *World) settle() engine.Result {
	w.T.Helper()
	w.Advance(3 * time.Second)
	w.must(w.Engine.QueueSweeps(w.T.Context(), w.Conn))
	return w.Sync()
}

func TestAMB13_AMB22_LIM16_DeletionsDoWhatTheSettingSays(t *testing.T) {
	for _, side := range core.Sides {
		for _, what := range []string{"", "nothing", "flag", "archive", "delete"} {
			t.Run(fmt.Sprintf("deleted in %s, %q", side, what), func(t *testing.T) {
				w := New(t, whenDeleted(side, what))
				account, company := w.linked("Edge")
				other, otherCompany := w.linked("Other")
				w.remove(side, account, company)
				w.settle()
				if kept := what != "archive" && what != "delete"; w.stands(side.Other(), account, company) != kept {
					t.Errorf("partner stands %v, want %v", !kept, kept)
				}
				if side == core.Salesforce && what == "flag" && w.companyValue(company, "salesforcedeleted") != "true" {
					t.Error("the company is not marked")
				}
				if w.stands(side, account, company) {
					t.Error("the deleted record came back")
				}
				if w.partner(other) != otherCompany {
					t.Error("the other pair is no longer linked")
				}
				w.settle()
				if n := w.accounts() + w.companyCount(); what == "" && n != 3 {
					t.Errorf("%d records in all, want 3: nothing is made for the one that is left", n)
				}
			})
		}
	}
}

func TestLIM16_MassDeleteBrakes(t *testing.T) {
	for _, side := range core.Sides {
		t.Run(side.String(), func(t *testing.T) {
			w := New(t, whenDeleted(side, "archive"))
			var pairs [][2]string
			for i := range 15 {
				pairs = append(pairs, [2]string{w.account(fmt.Sprintf("Account %d", i))})
			}
			w.Sync()
			for i := range pairs {
				pairs[i][1] = w.partner(pairs[i][0])
			}
			w.Advance(3 * time.Second)
			for _, p := range pairs[:12] {
				w.remove(side, p[0], p[1])
			}
			w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
			_, err := w.TrySync()
			wantCode(t, err, engine.CodeBrake)
			if n := w.standing(side.Other(), pairs); n != 15 {
				t.Fatalf("%d partners stand after the brake, want 15", n)
			}
			_, err = w.TrySync()
			wantCode(t, err, engine.CodeBrake)
			w.must(w.Engine.Resume(t.Context(), w.Conn, string(core.BrakeDeletes)))
			w.Advance(time.Minute)
			w.Sync()
			if n := w.standing(side.Other(), pairs); n != 3 {
				t.Errorf("%d partners stand after the brake was cleared, want 3", n)
			}
		})
	}
}

func (w *World) standing(side core.Side, pairs [][2]string) (n int) {
	for _, p := range pairs {
		if w.stands(side, p[0], p[1]) {
			n++
		}
	}
	return n
}

// TestLIM16_ManySmallSyncsBrakeLikeALargeOne deletes a few accounts ahead of each
// of several runs, as a scheduler starts them.
func TestLIM16_ManySmallSyncsBrakeLikeALargeOne(t *testing.T) {
	w := New(t, whenDeleted(core.Salesforce, "archive"))
	var pairs [][2]string
	for i := range 20 {
		pairs = append(pairs, [2]string{w.account(fmt.Sprintf("Account %d", i))})
	}
	w.Sync()
	for i := range pairs {
		pairs[i][1] = w.partner(pairs[i][0])
	}
	var err error
	for n := 0; n < 15 && err == nil; n += 5 {
		w.Advance(3 * time.Second)
		for _, p := range pairs[n : n+5] {
			w.remove(core.Salesforce, p[0], p[1])
		}
		w.Restart()
		_, err = w.TrySync()
	}
	wantCode(t, err, engine.CodeBrake)
	if n := w.standing(core.HubSpot, pairs); n != 10 {
		t.Errorf("%d partners stand, want 10", n)
	}
}

func TestLIM16_FewDeletesOfManyDoNotBrake(t *testing.T) {
	w := New(t, whenDeleted(core.Salesforce, "archive"))
	var ids []string
	for i := range 20 {
		ids = append(ids, w.account(fmt.Sprintf("Account %d", i)))
	}
	w.Sync()
	w.Advance(3 * time.Second)
	for _, id := range ids[:9] {
		w.must(w.Org.As(admin).Delete("Account", id))
	}
	w.settle()
	if n := w.companyCount(); n != 11 {
		t.Errorf("%d companies, want 11", n)
	}
}

func TestUndeleteAndRestoreLinkAgain(t *testing.T) {
	for _, side := range core.Sides {
		t.Run(side.String(), func(t *testing.T) {
			w := New(t)
			w.linked("Bystander")
			account, company := w.linked("Edge")
			w.remove(side, account, company)
			w.settle()
			if x := w.Explain(account); x.Link != nil && x.Link.State == core.LinkActive {
				t.Fatal("the link still stands")
			}
			w.Advance(3 * time.Second)
			if side == core.Salesforce {
				w.must(w.Org.As(admin).Undelete("Account", account))
			} else {
				w.must(w.Portal.As(admin).Restore("companies", company))
			}
			w.settle()
			if got := w.partner(account); got != company {
				t.Errorf("linked with %q, want %s: %+v", got, company, w.Explain(account))
			}
			if w.accounts() != 2 || w.companyCount() != 2 {
				t.Errorf("%d accounts, %d companies", w.accounts(), w.companyCount())
			}
		})
	}
}

func TestLIM7_DEL4_DEL6_AccountMerge(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, setting := range []string{"nothing", "delete"} {
			t.Run("winner without link, deletions "+setting, func(t *testing.T) {
				var winner string
				w := New(t, profile, whenDeleted(core.Salesforce, setting), Before(func(w *World) { winner = w.account("Old winner"); w.Advance(time.Hour) }))
				loser, company := w.linked("Loser", "Phone", "1")
				w.must(w.Org.As(admin).Merge("Account", winner, loser))
				w.settle()
				if got := w.partner(winner); got != company {
					t.Errorf("the winner is linked with %q, want the loser's %s: %+v", got, company, w.Explain(winner))
				}
				if w.companyCount() != 1 || !w.stands(core.HubSpot, "", company) {
					t.Errorf("%d companies", w.companyCount())
				}
				w.wantNoIssues()
				if got := w.companyValue(company, "salesforceaccountid"); got != winner {
					t.Errorf("salesforceaccountid %q, want the winner's", got)
				}
				w.Advance(3 * time.Second)
				w.editCompany(company, "city", "Bern")
				w.Sync()
				if got := w.accountValue(winner, "BillingCity"); got != "Bern" {
					t.Errorf("the winner's city is %q", got)
				}
			})
			t.Run("both linked, deletions "+setting, func(t *testing.T) {
				w := New(t, profile, whenDeleted(core.Salesforce, setting))
				winner, kept := w.linked("Winner")
				loser, parked := w.linked("Loser")
				w.must(w.Org.As(admin).Merge("Account", winner, loser))
				w.settle()
				if w.partner(winner) != kept || !w.stands(core.HubSpot, "", parked) {
					t.Errorf("winner %q; loser's company stands %v", w.partner(winner), w.stands(core.HubSpot, "", parked))
				}
				w.wantRule(parked, "LIM-7", engine.Blocked)
				w.wantIssue(core.CategoryDuplicate, "partner_merged", "")
				w.Advance(3 * time.Second)
				w.editCompany(parked, "city", "Bern")
				w.settle()
				if n := w.accounts(); n != 1 || w.companyCount() != 2 {
					t.Errorf("%d accounts, %d companies: a parked partner was made again", n, w.companyCount())
				}
			})
		}
	})
}

func TestLIM7_ParkedPartnerIsMergedAsWell(t *testing.T) {
	for _, mode := range []string{"new_id", "keep_primary"} {
		t.Run(mode, func(t *testing.T) {
			w := New(t, Portal(func(o *hubspotsim.Options) { o.MergeMode = mode }))
			winner, kept := w.linked("Winner")
			loser, parked := w.linked("Loser")
			w.must(w.Org.As(admin).Merge("Account", winner, loser))
			w.settle()
			survivor, err := w.Portal.As(admin).Merge("companies", kept, parked)
			w.must(err)
			w.settle()
			if got := w.partner(winner); got != survivor {
				t.Errorf("linked with %q, want %s", got, survivor)
			}
			w.wantNoIssues()
			if w.accounts() != 1 || w.companyCount() != 1 {
				t.Errorf("%d accounts, %d companies", w.accounts(), w.companyCount())
			}
		})
	}
}

func TestLIM7_DEDUP10_CompanyMerge(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, mode := range someInClassic(t, 1, []string{"new_id", "keep_primary"}) {
			for _, linked := range []string{"primary", "other", "other, key dropped", "both"} {
				t.Run(mode+", linked "+linked, func(t *testing.T) {
					w := New(t, profile, whenDeleted(core.HubSpot, "delete"), Portal(func(o *hubspotsim.Options) { o.MergeMode = mode }))
					linked, keyDropped := strings.CutSuffix(linked, ", key dropped")
					if drop := "drop"; keyDropped {
						w.must(w.Portal.Configure(hubspotsim.Settings{MergeKeys: &drop}))
					}
					primary, other := w.mergeable(linked)
					accounts := w.accounts()
					survivor, err := w.Portal.As(admin).Merge("companies", primary.company, other.company)
					w.must(err)
					w.settle()
					w.settle()
					if w.accounts() != accounts || w.companyCount() != 1 {
						t.Fatalf("%d accounts of %d, %d companies", w.accounts(), accounts, w.companyCount())
					}
					want := primary.account
					if want == "" {
						want = other.account
					}
					if got := w.partner(survivor); got != want {
						t.Errorf("the survivor is linked with %q, want %q: %+v", got, want, w.Explain(survivor))
					}
					if linked == "both" {
						w.wantRule(other.account, "LIM-7", engine.Blocked)
					} else {
						w.wantNoIssues()
					}
				})
			}
		}
	})
}

type couple struct{ account, company string }

// mergeable makes two companies; those named are linked with an account.
func (w *World) mergeable(linked string) (primary, other couple) {
	build := func(on bool, name string) couple {
		if !on {
			return couple{company: w.company(name)}
		}
		account, company := w.linked(name)
		return couple{account, company}
	}
	primary = build(linked != "other", "Primary")
	other = build(linked != "primary", "Other")
	w.Sync()
	w.Advance(3 * time.Second)
	return primary, other
}

func TestDEL6_UnreadableIsNotDeleted(t *testing.T) {
	w := New(t, whenDeleted(core.Salesforce, "delete"))
	w.linked("Bystander")
	account, company := w.linked("Edge")
	w.must(w.Org.SetHidden(hide(account)))
	w.settle()
	if !w.stands(core.HubSpot, "", company) {
		t.Fatal("a hidden account's company was deleted")
	}
	if i := w.wantIssue(core.CategoryPermissions, "unreadable", ""); !strings.Contains(i.Mend, "tandem links unlink company "+account) || !strings.Contains(i.Mend, company) {
		t.Errorf("the mend names neither what to do nor with what: %s", i.Mend)
	}
	w.must(w.Org.SetHidden(show(account)))
	w.Advance(time.Hour)
	w.settle()
	w.wantNoIssues()
	if w.partner(account) != company {
		t.Error("the link did not stay")
	}
}

// TestO2_I10_AnEmptiedSideIsReleased: the brake names side and object; released, each record is
// looked at by itself, so that deletions pass, and what is only hidden is an issue and no
// brake any more.
func TestO2_I10_AnEmptiedSideIsReleased(t *testing.T) {
	const n = 5
	empty := map[string]struct {
		do     func(w *World, ids []string) // and hides them, so that no poll tells of deletions before the sweep
		shown  bool                         // again, before the brake is released
		stands int                          // companies in the end
		issues int
	}{
		"deleted": {func(w *World, ids []string) {
			for _, id := range ids {
				w.must(w.Org.As(admin).Delete("Account", id))
			}
			w.must(w.Org.SetHidden(hide(ids...)))
		}, true, 0, 0},
		"hidden": {func(w *World, ids []string) { w.must(w.Org.SetHidden(hide(ids...))) }, false, n, n},
	}
	for name, c := range empty {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, whenDeleted(core.Salesforce, "archive"))
				var ids []string
				for i := range n {
					ids = append(ids, w.account(fmt.Sprintf("Account %d", i)))
				}
				w.Import()
				c.do(w, ids)
				w.Restart() // what was announced before the sweep is not what is tested
				w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
				_, err := w.TrySync()
				wantCode(t, err, engine.CodeBrake)
				if err != nil && !strings.Contains(err.Error(), "Salesforce lists no record of Account, and 5 are linked") {
					t.Errorf("the brake says %q", err)
				}
				if got := w.companyCount(); got != n {
					t.Errorf("%d companies stand before anybody released the brake, want %d", got, n)
				}
				if c.shown {
					w.must(w.Org.SetHidden(show(ids...)))
				}
				w.must(w.Engine.Resume(t.Context(), w.Conn, string(core.BrakeEmptied)))
				w.settle()
				w.Advance(2 * time.Hour)
				w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
				w.settle()
				if got := w.companyCount(); got != c.stands {
					t.Errorf("%d companies stand, want %d", got, c.stands)
				}
				if got := len(w.openIssues()); got != c.issues {
					t.Errorf("%d issues, want %d", got, c.issues)
				}
			})
		})
	}
}

func TestPrivacyDeletionParksThePerson(t *testing.T) {
	w := New(t)
	account := w.account("Edge")
	contact := w.contact("Gonzalez", "rose@edge.com", account)
	w.contact("Bystander", "by@edge.com", account)
	w.person("Bystander", "by@edge.com")
	person := w.person("Gonzalez", "rose@edge.com")
	w.Sync()
	w.must(w.Portal.As(admin).GDPRDelete(person))
	w.settle()
	if w.Org.As(admin).Get("Contact", contact) == nil {
		t.Error("the Salesforce contact was deleted")
	}
	if got := len(w.Portal.As(admin).Associated("companies", w.partner(account), "contacts")); got != 1 {
		t.Errorf("%d contacts of the company, want the bystander alone", got)
	}
}

// TestLIM16_DeletionsAreCounted in what a sync says it did.
func TestLIM16_DeletionsAreCounted(t *testing.T) {
	for _, side := range core.Sides {
		t.Run(side.String(), func(t *testing.T) {
			w := New(t, whenDeleted(side, "archive"))
			account, company := w.linked("Edge")
			w.linked("Other")
			w.remove(side, account, company)
			if n := w.settle().Objects["companies"]; n.Deleted != 1 {
				t.Errorf("counts %+v, want one deletion", n)
			}
		})
	}
}

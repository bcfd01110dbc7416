package simtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// purging is a kind of record that leaves the recycle bin before anybody looks.
type purging struct {
	pair          core.Pair
	object, mates core.Object
	make          func(w *World, name string) string
	merges        bool
}

var purgings = map[string]purging{
	"account": {core.CompanyPair, core.Account, core.Companies, func(w *World, name string) string { return w.account(name) }, true},
	"contact": {core.ContactPair, core.Contact, core.Contacts, func(w *World, name string) string { return w.made(core.Contact, w.named(core.Contact, name)...) }, true},
	"lead":    {core.ContactPair, core.Lead, core.Contacts, func(w *World, name string) string { return w.made(core.Lead, w.named(core.Lead, name)...) }, true},
	"opportunity": {core.DealPair, core.Opportunity, core.Deals, func(w *World, name string) string {
		return w.made(core.Opportunity, "Name", name, "StageName", "Prospecting", "CloseDate", "2027-01-01")
	}, false},
	"case": {core.TicketPair, core.SupportCase, core.Tickets, func(w *World, name string) string { return w.made(core.SupportCase, "Subject", name) }, true},
}

// whenGone sets what every deletion in Salesforce does, and lets no brake hide it.
func whenGone(what string) Option {
	return Settings(func(c *config.Connection) {
		c.Companies.WhenSalesforceDeleted, c.Deals.WhenSalesforceDeleted, c.Tickets.WhenSalesforceDeleted = what, what, what
		c.Contacts.WhenSalesforceContactDeleted, c.Contacts.WhenSalesforceLeadDeleted = what, what
		c.Brakes.Deletes.AtLeast = 100
	})
}

// everyPurge runs a test for each kind of record, in a world where one of it is linked.
func everyPurge(t *testing.T, test func(w *World, k purging, sf, hs string), opts ...Option) {
	t.Helper()
	inBoth(t, func(t *testing.T, profile Option) {
		for name, k := range purgings {
			t.Run(name, func(t *testing.T) {
				w := New(t, append([]Option{profile, people(becomesContact), deals(), tickets()}, opts...)...)
				k.make(w, "bystander")
				sf := k.make(w, "edge")
				w.again()
				test(w, k, sf, w.wantMateOf(k.pair, sf))
			})
		}
	})
}

// purge deletes a record and empties the recycle bin of it, and lets so much time pass that
// nothing shows it any more.
func (w *World) purge(object core.Object, id string) {
	w.T.Helper()
	w.must(w.Org.As(admin).Delete(string(object), id))
	w.must(w.Org.As(admin).Empty(string(object), id))
	w.Advance(25 * time.Hour)
}

// wantLeft fails where the partner of what was purged is gone or linked, or is made anew
// after an edit.
func (w *World) wantLeft(k purging, sf, hs string) {
	w.T.Helper()
	if mate := w.mateOf(k.pair, hs); mate != "" || !w.stillStands(k.mates, hs) {
		w.T.Errorf("%s %s is linked with %q, stands %v", k.mates, hs, mate, w.stillStands(k.mates, hs))
	}
	field := map[core.Object]string{core.Companies: "name", core.Contacts: "lastname", core.Deals: "dealname", core.Tickets: "subject"}[k.mates]
	w.change(k.mates, hs, field, "Edited since")
	w.again()
	rows, err := w.Org.As(admin).Query("SELECT Id FROM " + string(k.object))
	w.must(err)
	if len(rows) != 1 {
		w.T.Errorf("%d stand, want the bystander alone: one was made for what is left of %s", len(rows), sf)
	}
}

// TestAMB13_APurgedRecordIsDeleted: the log of deletions names it, and nothing else any more. Its
// partner stays, as the setting says, and nobody has to settle an issue.
func TestAMB13_APurgedRecordIsDeleted(t *testing.T) {
	everyPurge(t, func(w *World, k purging, sf, hs string) {
		w.purge(k.object, sf)
		w.again()
		w.wantNoIssues()
		w.wantLeft(k, sf, hs)
		w.wantNoIssues()
	}, whenGone("nothing"))
}

// TestDEL6_LIM16_APurgedRecordMayHaveBeenMerged: where deletions pass, a deletion that is only
// logged passes for what cannot be merged. The partner of any other is kept for a person.
func TestDEL6_LIM16_APurgedRecordMayHaveBeenMerged(t *testing.T) {
	everyPurge(t, func(w *World, k purging, sf, hs string) {
		w.purge(k.object, sf)
		w.again()
		if !k.merges {
			if w.stillStands(k.mates, hs) {
				w.T.Error("the deletion did not pass")
			}
			w.wantNoIssues()
			return
		}
		i := w.wantIssue(core.CategoryOther, "deleted_for_good", "")
		if i.Ref.ID != hs || !strings.Contains(i.Mend, "tandem links unlink "+string(k.pair)+" "+hs) || !w.stillStands(k.mates, hs) {
			w.T.Errorf("%s stands %v; issue %+v", hs, w.stillStands(k.mates, hs), i)
		}
		w.settle()
		w.wantIssue(core.CategoryOther, "deleted_for_good", "")
		w.must(w.Portal.As(admin).Archive(string(k.mates), hs))
		w.settle()
		w.wantNoIssues()
	}, whenGone("delete"))
}

// TestDEL6_APurgedLoserOfAMergeTakesNobodyAlong: that it was merged cannot be told any more.
func TestDEL6_APurgedLoserOfAMergeTakesNobodyAlong(t *testing.T) {
	everyPurge(t, func(w *World, k purging, sf, hs string) {
		if !k.merges {
			return
		}
		master := k.make(w, "master")
		w.again()
		kept := w.wantMateOf(k.pair, master)
		w.must(w.Org.As(admin).Merge(string(k.object), master, sf))
		w.must(w.Org.As(admin).Empty(string(k.object), sf))
		w.Advance(25 * time.Hour)
		w.again()
		w.wantIssue(core.CategoryOther, "deleted_for_good", "")
		if mate := w.mateOf(k.pair, master); mate != kept || !w.stillStands(k.mates, hs) || !w.stillStands(k.mates, kept) {
			w.T.Errorf("the survivor is linked with %q, want %s", mate, kept)
		}
		survivor, err := w.Portal.As(admin).Merge(string(k.mates), kept, hs)
		w.must(err)
		w.settle()
		if mate := w.mateOf(k.pair, master); mate != survivor {
			w.T.Errorf("after the merge in HubSpot the survivor is linked with %q, want %s", mate, survivor)
		}
		w.wantNoIssues()
	}, whenGone("delete"))
}

// TestLIM16_APurgedOpportunityMayHaveGoneWithItsAccount, which the deletion of a company deletes
// where that is set: nobody deleted the opportunity itself then, and its deal is kept.
func TestLIM16_APurgedOpportunityMayHaveGoneWithItsAccount(t *testing.T) {
	k := purgings["opportunity"]
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals(), whenGone("delete"), Settings(func(c *config.Connection) { c.Companies.WhenHubSpotDeleted = "delete" }))
		k.make(w, "bystander")
		deal := k.make(w, "edge")
		w.again()
		hs := w.wantMateOf(k.pair, deal)
		w.purge(k.object, deal)
		w.again()
		if i := w.wantIssue(core.CategoryOther, "deleted_for_good", ""); !strings.Contains(i.Message, "gone with an account") || !w.stillStands(k.mates, hs) {
			t.Errorf("the deal stands %v; %s", w.stillStands(k.mates, hs), i.Message)
		}
		w.must(w.Engine.Unlink(t.Context(), w.Conn, k.pair, hs))
		w.again()
		w.wantNoIssues()
		w.wantLeft(k, deal, hs)
	})
}

// TestAMB13_WhoWasRestoredAndIsHiddenIsNotDeleted: what was read of a record after its deletion
// is the later word.
func TestAMB13_WhoWasRestoredAndIsHiddenIsNotDeleted(t *testing.T) {
	everyPurge(t, func(w *World, k purging, sf, hs string) {
		w.must(w.Org.As(admin).Delete(string(k.object), sf))
		w.Advance(5 * time.Second)
		restored := false
		w.On(func(side core.Side, r *http.Request) error {
			if side == core.Salesforce && strings.Contains(r.URL.Path, "/composite/sobjects/"+string(k.object)) && !restored {
				restored = true
				w.must(w.Org.As(admin).Undelete(string(k.object), sf))
			}
			return nil
		})
		w.Sync()
		w.On(nil)
		if !restored {
			w.T.Fatal("the record was not read: the test tells nothing")
		}
		w.must(w.Org.SetHidden(hide(sf)))
		w.must(w.Engine.Resync(w.T.Context(), w.Conn, k.pair, []string{hs}))
		w.again()
		w.wantIssue(core.CategoryPermissions, "unreadable", "")
		if !w.stillStands(k.mates, hs) {
			w.T.Error("the partner of a hidden record was deleted")
		}
	}, whenGone("delete"))
}

// TestAMB13_ERR6_WhatNobodyTellsAnyMoreIsSettledByAPerson: a deletion that is older than what the
// log reaches back. The issue says what to do, a resync says so again, and an unlink does it.
func TestAMB13_ERR6_WhatNobodyTellsAnyMoreIsSettledByAPerson(t *testing.T) {
	everyPurge(t, func(w *World, k purging, sf, hs string) {
		w.must(w.Org.As(admin).Delete(string(k.object), sf))
		w.Advance(16 * 24 * time.Hour)
		w.settle()
		i := w.wantIssue(core.CategoryPermissions, "unreadable", "")
		if !strings.Contains(i.Mend, "tandem links unlink "+string(k.pair)+" "+sf) {
			w.T.Errorf("the mend is %q", i.Mend)
		}
		w.must(w.Engine.Resync(w.T.Context(), w.Conn, k.pair, []string{hs}))
		w.again()
		w.wantIssue(core.CategoryPermissions, "unreadable", "")
		w.must(w.Engine.Unlink(w.T.Context(), w.Conn, k.pair, sf))
		w.again()
		w.wantNoIssues()
		w.wantLeft(k, sf, hs)
	}, whenGone("delete"))
}

// TestAMB13_AnEventIsEvidenceWhereTheLogIsTrimmed: Salesforce empties its log of deletions early
// where it grows large. The feed told of the end of the record while nobody listened.
func TestAMB13_AnEventIsEvidenceWhereTheLogIsTrimmed(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		inBubble(t, func(t testing.TB) {
			w := New(t, profile, events(), people(becomesContact), whenGone("nothing"))
			w.made(core.Contact, w.named(core.Contact, "bystander")...)
			contact := w.made(core.Contact, w.named(core.Contact, "a")...)
			w.again()
			hs := w.wantMate(contact)
			w.byFeeds()
			w.stop()
			w.purge(core.Contact, contact)
			w.Restart()
			w.Through(trimmedLog)
			w.serving()
			time.Sleep(pastStart)
			w.stop()
			if state := w.linkState(hs); state != core.LinkClosed {
				t.Errorf("the link is %s", state)
			}
			w.wantNoIssues()
			w.wantPersons(0, 1, 2)
		})
	})
}

// trimmedLog answers that no deletion is logged.
func trimmedLog(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
	resp, err := next.RoundTrip(r)
	if err != nil || side != core.Salesforce || !strings.HasSuffix(strings.TrimSuffix(r.URL.Path, "/"), "/deleted") {
		return resp, err
	}
	var log map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&log); err != nil {
		return nil, err
	}
	log["deletedRecords"] = []any{}
	raw, err := json.Marshal(log)
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	return resp, err
}

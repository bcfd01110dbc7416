package simtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestCO5_ACustomObjectPassesBothWays: what is new on a side makes its partner, and edits
// pass; nothing is written twice.
func TestCO5_ACustomObjectPassesBothWays(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(func(w *World) { w.custom("project") }))
		sf, hs := w.ends("project")
		id := w.made(sf, "Name", "Bridge", "Note__c", "steel")
		made := w.made(hs, "title", "Tunnel", "note", "stone")
		w.again()
		w.want(hs, w.wantMateOf("project", id), "title", "Bridge")
		back := w.wantMateOf("project", made)
		w.want(sf, back, "Name", "Tunnel")
		w.change(sf, back, "Note__c", "granite")
		w.change(hs, w.wantMateOf("project", id), "note", "iron")
		w.again()
		w.want(hs, made, "note", "granite")
		w.want(sf, id, "Note__c", "iron")
		w.wantStill(t)
		if a, b := w.countOf(sf, false), w.countOf(hs, true); a != 2 || b != 2 {
			t.Errorf("%d and %d records, want 2 and 2", a, b)
		}
		w.wantNoIssues()
	})
}

// TestCO3_NothingSyncsWhileItIsOff, and older records stay away until an import.
func TestCO3_NothingSyncsWhileItIsOff(t *testing.T) {
	w := New(t, Before(func(w *World) { w.custom("project").Sync = false }))
	sf, _ := w.ends("project")
	id := w.made(sf, "Name", "Quiet")
	w.again()
	w.wantNone("project", id, "CO-3")
	inBoth(t, func(t *testing.T, profile Option) {
		var id string
		w := New(t, profile, Before(func(w *World) {
			id = w.made(core.Object(w.custom("project").Salesforce), "Name", "Old")
			w.Advance(time.Hour)
		}))
		w.Sync()
		w.wantNone("project", id, "CO-5")
		w.importOf("project")
		w.wantMateOf("project", id)
	})
}

// TestCO3_TheDirectionsAreSet: update_only makes nothing by itself, nothing lets nothing
// pass.
func TestCO3_TheDirectionsAreSet(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(func(w *World) { o := w.custom("project"); o.FromHubSpot, o.FromSalesforce = "nothing", "update_only" }))
		sf, hs := w.ends("project")
		id, made := w.made(sf, "Name", "Bridge"), w.made(hs, "title", "Tunnel")
		w.again()
		w.wantNone("project", id, "CO-3")
		w.wantNone("project", made, "CO-3")
		w.importOf("project")
		mate := w.wantMateOf("project", id)
		w.wantNone("project", made, "CO-3")
		w.change(hs, mate, "note", "not back")
		w.change(sf, id, "Name", "Footbridge")
		w.again()
		w.want(sf, id, "Note__c", "")
		w.want(hs, mate, "title", "Footbridge")
		w.wantStill(t)
	})
}

// TestCO3_AConflictIsWonAsSet by a side whoever was later, or by the later one.
func TestCO3_AConflictIsWonAsSet(t *testing.T) {
	for wins, want := range map[string]string{"latest": "hubspot", "salesforce": "salesforce", "hubspot": "hubspot"} {
		t.Run(wins, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, Before(func(w *World) { w.custom("project").OnConflict = wins }))
				sf, hs := w.ends("project")
				id := w.made(sf, "Name", "Bridge", "Note__c", "first")
				w.again()
				mate := w.wantMateOf("project", id)
				w.change(sf, id, "Note__c", "salesforce")
				w.Advance(time.Minute)
				w.change(hs, mate, "note", "hubspot")
				w.again()
				w.want(sf, id, "Note__c", want)
				w.want(hs, mate, "note", want)
				w.wantStill(t)
			})
		})
	}
	w := New(t, Before(func(w *World) { w.custom("project").OnConflict = "hubspot" }))
	sf, hs := w.ends("project")
	id := w.made(sf, "Name", "Bridge", "Note__c", "first")
	w.again()
	mate := w.wantMateOf("project", id)
	w.change(hs, mate, "note", "hubspot")
	w.Advance(time.Minute)
	w.change(sf, id, "Note__c", "later, and loses")
	w.again()
	w.want(sf, id, "Note__c", "hubspot")
}

// TestCO3_DeletionsFollowAsSet in each direction.
func TestCO3_DeletionsFollowAsSet(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(func(w *World) {
			o := w.custom("project")
			o.WhenSalesforceDeleted, o.WhenHubSpotDeleted = "archive", "nothing"
		}))
		sf, hs := w.ends("project")
		gone, kept := w.made(sf, "Name", "Gone"), w.made(sf, "Name", "Kept")
		w.again()
		w.wantMateOf("project", gone)
		mate := w.wantMateOf("project", kept)
		w.must(w.Org.As(admin).Delete(string(sf), gone))
		w.must(w.Portal.As(admin).Archive(string(hs), mate))
		w.again()
		if a, b := w.countOf(sf, false), w.countOf(hs, true); a != 1 || b != 0 {
			t.Errorf("%d and %d records, want 1 and 0", a, b)
		}
		w.wantStill(t)
	})
}

// TestLIM15_CO2_TwelveCustomObjects with lookups of companies, contacts, deals and each
// other (CO-4).
func TestLIM15_CO2_TwelveCustomObjects(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), deals(), Before(func(w *World) {
			w.custom("thing0", "Account__c>company", "Person__c>contact", "Deal__c>deal")
			for i := 1; i < 12; i++ {
				w.custom(fmt.Sprint("thing", i), fmt.Sprintf("Before__c>thing%d", i-1))
			}
		}))
		account := w.made(core.Account, "Name", "Acme")
		ann := w.made(core.Contact, "LastName", "Ann", "Email", "ann@acme.test", "AccountId", account)
		deal := w.opportunity("Big one", "AccountId", account)
		w.again()
		last, sides := "", [12][2]core.Object{}
		ids := [12]string{}
		for i := range 12 {
			sides[i][0], sides[i][1] = w.ends(fmt.Sprint("thing", i))
			values := []string{"Name", fmt.Sprint("T", i)}
			if i == 0 {
				values = append(values, "Account__c", account, "Person__c", ann, "Deal__c", deal)
			} else {
				values = append(values, "Before__c", last)
			}
			last = w.made(sides[i][0], values...)
			ids[i] = last
		}
		w.again()
		w.again()
		first := w.wantMateOf("thing0", ids[0])
		w.wantAssociated(sides[0][1], first, core.Companies, w.partner(account))
		w.wantAssociated(sides[0][1], first, core.Contacts, w.wantMate(ann))
		w.wantAssociated(sides[0][1], first, core.Deals, w.wantDealMate(deal))
		for i := 1; i < 12; i++ {
			w.wantAssociated(sides[i][1], w.wantMateOf(core.Pair(fmt.Sprint("thing", i)), ids[i]), sides[i-1][1], w.wantMateOf(core.Pair(fmt.Sprint("thing", i-1)), ids[i-1]))
		}
		w.wantNoIssues()
		w.wantStill(t)
		made := w.made(sides[1][1], "title", "From HubSpot")
		w.portalCall("PUT", fmt.Sprintf("/crm/v4/objects/%s/%s/associations/default/%s/%s", sides[1][1], made, sides[0][1], first), nil)
		w.again()
		w.want(sides[1][0], w.wantMateOf("thing1", made), "Before__c", ids[0])
		w.wantStill(t)
	})
}

// TestCO4_LabelsTellLookupsApart that name the same object, in both directions.
func TestCO4_LabelsTellLookupsApart(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact), Before(func(w *World) { w.custom("project", "Builder__c>contact=Builder", "Owner__c>contact=Customer") }))
		sf, hs := w.ends("project")
		ann, bob := w.made(core.Contact, "LastName", "Ann", "Email", "ann@acme.test"), w.made(core.Contact, "LastName", "Bob", "Email", "bob@acme.test")
		id := w.made(sf, "Name", "Bridge", "Builder__c", ann, "Owner__c", bob)
		w.again()
		mate := w.wantMateOf("project", id)
		w.wantAssociated(hs, mate, core.Contacts, w.wantMate(ann)+"=Builder", w.wantMate(bob)+"=Customer")
		w.wantStill(t)
		w.change(sf, id, "Builder__c", bob)
		w.again()
		w.wantAssociated(hs, mate, core.Contacts, w.wantMate(ann), w.wantMate(bob)+"=Builder+Customer")
		w.change(sf, id, "Owner__c", "")
		w.again()
		w.wantAssociated(hs, mate, core.Contacts, w.wantMate(ann), w.wantMate(bob)+"=Builder")
		w.wantStill(t)
		w.wantNoIssues()
	})
}

// TestCO4_SeveralAssociationsAreAskedAbout: a lookup names one, and none is guessed.
func TestCO4_SeveralAssociationsAreAskedAbout(t *testing.T) {
	w := New(t, people(becomesContact), Before(func(w *World) { w.custom("project", "Builder__c>contact") }))
	sf, hs := w.ends("project")
	ann, bob := w.made(core.Contact, "LastName", "Ann", "Email", "ann@acme.test"), w.made(core.Contact, "LastName", "Bob", "Email", "bob@acme.test")
	id := w.made(sf, "Name", "Bridge")
	w.again()
	mate := w.wantMateOf("project", id)
	for _, c := range []string{ann, bob} {
		w.portalCall("PUT", fmt.Sprintf("/crm/v4/objects/%s/%s/associations/default/contacts/%s", hs, mate, w.wantMate(c)), nil)
	}
	w.change(hs, mate, "note", "two")
	w.again()
	w.wantIssue(core.CategoryAssociation, "several_associated", "Builder__c")
	w.want(sf, id, "Builder__c", "")
	w.change(sf, id, "Builder__c", bob)
	w.again()
	w.wantNoIssues()
	w.wantStill(t)
}

// TestMAP13_ALookupOfACustomObjectPassesAsText too, by id or by name.
func TestMAP13_ALookupOfACustomObjectPassesAsText(t *testing.T) {
	for reference, of := range map[string]func(account string) string{"id": func(a string) string { return a }, "name": func(string) string { return "Acme" }} {
		t.Run(reference, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, Before(func(w *World) {
					o := w.custom("project", "Account__c>company")
					o.Associations = nil
					w.settings.Mappings["project"] = []config.Mapping{{HubSpot: "title", Salesforce: "Name", Rule: "two_way"}, {HubSpot: "note", Salesforce: "Account__c", Rule: "always_salesforce", Reference: reference}}
				}))
				sf, hs := w.ends("project")
				account := w.made(core.Account, "Name", "Acme")
				id := w.made(sf, "Name", "Bridge", "Account__c", account)
				w.again()
				w.want(hs, w.wantMateOf("project", id), "note", of(account))
				w.wantStill(t)
			})
		})
	}
}

// TestCO1_TheCustomObjectMustExist: without it its records do not sync, what is missing is
// said, and everything else goes on.
func TestCO1_TheCustomObjectMustExist(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, WithoutFields(), Before(func(w *World) {
			o := w.custom("project")
			was := o.HubSpot
			w.ensure()
			o.HubSpot = "2-999999"
			if was == o.HubSpot {
				t.Fatal("the id that names no object names one")
			}
		}))
		sf, _ := w.ends("project")
		id, account := w.made(sf, "Name", "Bridge"), w.made(core.Account, "Name", "Acme")
		res, err := w.TrySync()
		w.must(err)
		if len(res.Held) != 1 || !strings.Contains(res.Held[0], "2-999999") || res.Converged {
			t.Errorf("a sync without the object answers %+v", res)
		}
		if w.mateOf("project", id) != "" || w.partner(account) == "" {
			t.Error("the record without its object was linked, or the account was not")
		}
	})
}

// TestCO3_APairWhoseObjectsWereExchangedIsHeldBack: what is linked under its name is of other
// objects. Nothing is made of them, all else goes on, and so does the pair once they are back.
func TestCO3_APairWhoseObjectsWereExchangedIsHeldBack(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var other config.CustomObject
		w := New(t, profile, Before(func(w *World) {
			w.custom("project")
			other = *w.custom("other")
			w.settings.CustomObjects = w.settings.CustomObjects[:1]
		}))
		sf, hs := w.ends("project")
		id := w.made(sf, "Name", "Bridge")
		w.again()
		mate, was := w.wantMateOf("project", id), w.settings.CustomObjects[0]
		w.Restart(func(c *config.Connection) {
			o := was
			o.Salesforce, o.HubSpot = other.Salesforce, other.HubSpot
			c.CustomObjects = []config.CustomObject{o}
		})
		w.made(core.Object(other.Salesforce), "Name", "Another")
		account := w.made(core.Account, "Name", "Acme")
		w.Advance(3 * time.Second)
		res, err := w.TrySync()
		w.must(err)
		if len(res.Held) != 1 || !strings.Contains(res.Held[0], string(sf)) || res.Converged {
			t.Errorf("a sync with other objects answers %+v", res)
		}
		if n := w.countOf(core.Object(other.HubSpot), true); n != 0 || w.partner(account) == "" {
			t.Errorf("%d were made of the other object, the account has the partner %q", n, w.partner(account))
		}
		w.Restart(func(c *config.Connection) { c.CustomObjects = []config.CustomObject{was} })
		w.change(sf, id, "Name", "Goes on")
		w.again()
		w.want(hs, mate, "title", "Goes on")
	})
}

package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// duplicates are two linked pairs of one kind, and a third that has nothing to do with
// them. No brake hides what a deletion does.
type duplicates struct {
	*World
	object, mates core.Object
	sf, hs        [2]string
}

func newDuplicates(t *testing.T, of core.Object, opts ...Option) *duplicates {
	t.Helper()
	d := &duplicates{World: New(t, append([]Option{people(deletes), Settings(func(c *config.Connection) {
		c.Companies.WhenSalesforceDeleted, c.Companies.WhenHubSpotDeleted = "delete", "delete"
		c.Brakes.Deletes.AtLeast = 100
	})}, opts...)...), object: of, mates: core.Contacts}
	if of == core.Account {
		d.mates = core.Companies
	}
	d.pair("bystander")
	for i, name := range []string{"a", "b"} {
		d.sf[i], d.hs[i] = d.pair(name)
	}
	d.Advance(time.Minute)
	return d
}

func (d *duplicates) pair(name string) (sf, hs string) {
	d.T.Helper()
	if d.object == core.Account {
		return d.linked(name)
	}
	sf = d.made(d.object, "LastName", name, "Company", "Co", "Email", name+"@x.com")
	d.Sync()
	return sf, d.wantMate(sf)
}

// looks lets everything be looked at, a sweep of the whole included.
func (d *duplicates) looks() {
	d.T.Helper()
	for range 3 {
		d.again()
	}
	d.Advance(25 * time.Hour)
	d.must(d.Engine.QueueSweeps(d.T.Context(), d.Conn))
	for range 2 {
		d.again()
	}
}

// wantPair wants two records to be there, linked with each other.
func (d *duplicates) wantPair(sf, hs string) {
	d.T.Helper()
	if d.Org.As(admin).Get(string(d.object), sf) == nil {
		d.T.Errorf("%s %s is gone", d.object, sf)
	}
	if _, there := d.Portal.As(admin).Get(string(d.mates), hs); !there {
		d.T.Errorf("%s %s is gone", d.mates, hs)
	}
	mate := d.mate(sf)
	if d.object == core.Account {
		mate = d.byLink(sf)
	}
	if mate != hs {
		d.T.Errorf("%s is linked with %q, want %s", sf, mate, hs)
	}
}

func (d *duplicates) merge(primary, other int) string {
	d.T.Helper()
	id, err := d.Portal.As(admin).Merge(string(d.mates), d.hs[primary], d.hs[other])
	d.must(err)
	return id
}

// everyMerge runs a test for leads and accounts, told of by polls or events, in portals
// that merge either way, and for either of two being chosen to stay.
func everyMerge(t *testing.T, test func(d *duplicates, stays, goes int)) {
	t.Helper()
	polls := Settings(func(*config.Connection) {})
	keeps := Portal(func(o *hubspotsim.Options) { o.MergeMode = "keep_primary" })
	for _, way := range []struct {
		name string
		of   core.Object
		how  Option
	}{{"leads", core.Lead, polls}, {"leads by events", core.Lead, events()}, {"leads, the primary keeps its id", core.Lead, keeps},
		{"accounts", core.Account, polls}, {"accounts, the primary keeps its id", core.Account, keeps}} {
		for stays, which := range []string{"older stays", "newer stays"} {
			t.Run(way.name+", "+which, func(t *testing.T) { test(newDuplicates(t, way.of, way.how), stays, 1-stays) })
		}
	}
}

// TestDEL6_ADeletionInSalesforceNeverReachesASurvivor cleans a duplicate up on both
// sides at once: deleted in Salesforce, merged in HubSpot.
func TestDEL6_ADeletionInSalesforceNeverReachesASurvivor(t *testing.T) {
	everyMerge(t, func(d *duplicates, stays, goes int) {
		d.must(d.Org.As(admin).Delete(string(d.object), d.sf[0]))
		survivor := d.merge(stays, goes)
		d.looks()
		d.wantPair(d.sf[1], survivor)
	})
}

// TestDEL6_ADeletionInHubSpotNeverReachesASurvivor deletes one of two in HubSpot and
// merges them in Salesforce, into the partner of either.
func TestDEL6_ADeletionInHubSpotNeverReachesASurvivor(t *testing.T) {
	everyMerge(t, func(d *duplicates, stays, goes int) {
		d.must(d.Portal.As(admin).Archive(string(d.mates), d.hs[0]))
		d.must(d.Org.As(admin).Merge(string(d.object), d.sf[stays], d.sf[goes]))
		d.looks()
		d.wantPair(d.sf[stays], d.hs[1])
	})
}

// TestDEL6_LIM7_WhatWaitsForAMergeTakesOver deletes what stands in the way of a parked
// link after the merge was seen.
func TestDEL6_LIM7_WhatWaitsForAMergeTakesOver(t *testing.T) {
	for _, of := range []core.Object{core.Lead, core.Account} {
		t.Run(string(of)+" merged in Salesforce", func(t *testing.T) {
			d := newDuplicates(t, of)
			d.must(d.Org.As(admin).Merge(string(of), d.sf[0], d.sf[1]))
			d.looks()
			d.wantPair(d.sf[0], d.hs[0])
			d.must(d.Portal.As(admin).Archive(string(d.mates), d.hs[0]))
			d.looks()
			d.wantPair(d.sf[0], d.hs[1])
			d.wantNoIssues()
		})
		t.Run(string(of)+" merged in HubSpot", func(t *testing.T) {
			d := newDuplicates(t, of)
			survivor := d.merge(0, 1)
			d.looks()
			d.wantPair(d.sf[0], survivor)
			d.must(d.Org.As(admin).Delete(string(of), d.sf[0]))
			d.looks()
			d.wantPair(d.sf[1], survivor)
			d.wantNoIssues()
		})
	}
}

// TestDEL6_PROP3_NoSurvivorIsFlagged marks nobody as deleted who lives on.
func TestDEL6_PROP3_NoSurvivorIsFlagged(t *testing.T) {
	d := newDuplicates(t, core.Lead, Settings(func(c *config.Connection) { c.Contacts.WhenSalesforceLeadDeleted = "flag" }))
	d.must(d.Org.As(admin).Delete("Lead", d.sf[0]))
	survivor := d.merge(1, 0)
	d.Sync()
	d.want(core.Contacts, survivor, "salesforcedeleted", "")
	d.looks()
	d.want(core.Contacts, survivor, "salesforcedeleted", "")
	d.wantPair(d.sf[1], survivor)
}

// TestLIM7_DEDUP4_ThePrimaryKeepsTheLink merges two linked ones in HubSpot: whoever was
// chosen to stay keeps its partner, whichever link is older and looked at first.
func TestLIM7_DEDUP4_ThePrimaryKeepsTheLink(t *testing.T) {
	everyMerge(t, func(d *duplicates, stays, goes int) {
		survivor := d.merge(stays, goes)
		if d.object == core.Lead {
			d.change(d.object, d.sf[goes], "FirstName", "Touched")
		}
		d.looks()
		d.wantPair(d.sf[stays], survivor)
		if d.object == core.Lead {
			d.want(d.object, d.sf[goes], "Email", []string{"b@x.com", "a@x.com"}[stays])
		}
	})
}

package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// inZone is an org whose days begin in a zone. It has a day that is joined with a
// moment of HubSpot, a moment joined with a day, and one of each joined alike.
func inZone(zone string, more ...Option) []Option {
	var maps []config.Mapping
	for _, hs := range []string{"day", "moment"} {
		for _, sf := range []string{"Day", "Moment"} {
			maps = append(maps, config.Mapping{HubSpot: hs + "_of_" + lower(sf), Salesforce: sf + "_of_" + hs + "__c", Rule: "two_way"})
		}
	}
	return append([]Option{Org(func(o *salesforcesim.Options) { o.TimeZone = zone }), Before(func(w *World) {
		for _, hs := range []string{"day", "moment"} {
			w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Day_of_" + hs, Label: "Day", Type: "Date"}))
			w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Moment_of_" + hs, Label: "Moment", Type: "DateTime"}))
		}
		for _, sf := range []string{"day", "moment"} {
			w.property("day_of_"+sf, "date", "date")
			w.property("moment_of_"+sf, "datetime", "date")
		}
	}), Mappings(append(maps, config.Mapping{HubSpot: "name", Salesforce: "Name"})...)}, more...)
}

func lower(s string) string { return string(s[0]|0x20) + s[1:] }

// dayRow is a day in a zone: its first and its last moment.
type dayRow struct{ zone, day, first, last string }

var dayRows = []dayRow{
	{"Pacific/Auckland", "2026-03-01", "2026-02-28T11:00:00Z", "2026-03-01T10:59:59Z"},
	{"Pacific/Auckland", "2026-04-05", "2026-04-04T11:00:00Z", "2026-04-05T11:59:59Z"},    // 25 hours
	{"America/Los_Angeles", "2026-03-08", "2026-03-08T08:00:00Z", "2026-03-09T06:59:59Z"}, // 23 hours
	{"America/Los_Angeles", "2024-02-29", "2024-02-29T08:00:00Z", "2024-03-01T07:59:59Z"},
	{"Pacific/Kiritimati", "2026-12-31", "2026-12-30T10:00:00Z", "2026-12-31T09:59:59Z"},
	{"Pacific/Kiritimati", "1995-01-01", "1994-12-31T10:00:00Z", "1995-01-01T09:59:59Z"}, // the day after the one that never was
	{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", "2026-04-24T20:59:59Z"},       // begins at one o'clock
}

// A day is the same day on both sides whatever the zone of the org, from either side,
// and what was written comes back without another write.
func TestCONV1_AMB15_DaysAndMomentsInTheOrgsZone(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, r := range someInClassic(t, 2, dayRows) {
			t.Run(r.zone+" "+r.day, func(t *testing.T) {
				w := New(t, inZone(r.zone, profile)...)
				account, company := w.linked("Edge", "Day_of_day__c", r.day, "Day_of_moment__c", r.day, "Moment_of_day__c", r.last, "Moment_of_moment__c", r.last)
				for property, want := range map[string]string{"day_of_day": r.day, "moment_of_day": r.first, "day_of_moment": r.day, "moment_of_moment": r.last} {
					if got := w.companyValue(company, property); got != want {
						t.Errorf("from Salesforce %s is %s, want %s", property, got, want)
					}
				}
				w.must(w.Portal.As(admin).Update("companies", company, map[string]string{"day_of_day": "", "moment_of_day": "", "day_of_moment": "", "moment_of_moment": ""}))
				w.Sync()
				w.Advance(3 * time.Second)
				w.must(w.Portal.As(admin).Update("companies", company, map[string]string{"day_of_day": r.day, "moment_of_day": r.last, "day_of_moment": r.day, "moment_of_moment": r.last}))
				w.Sync()
				for field, want := range map[string]string{"Day_of_day__c": r.day, "Day_of_moment__c": r.day, "Moment_of_day__c": r.first, "Moment_of_moment__c": r.last} {
					if got := w.accountValue(account, field); got != want {
						t.Errorf("from HubSpot %s is %s, want %s", field, got, want)
					}
				}
				w.wantNoIssues()
				w.wantQuiet(account)
			})
		}
	})
}

// wantQuiet fails where another look at a record writes anything.
func (w *World) wantQuiet(id string) {
	w.T.Helper()
	w.Advance(3 * time.Second)
	at := w.Now()
	w.Resync(id)
	if n := w.ours(at); n != [2]int{} {
		w.T.Errorf("what came back is written again: %v", n)
	}
}

// The settings name another zone than the org's.
func TestAMB15_TheZoneOfTheSettings(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, inZone("America/Los_Angeles", profile, Settings(func(c *config.Connection) { c.TimeZone = "Pacific/Auckland" }))...)
		_, company := w.linked("Edge", "Moment_of_day__c", "2026-02-28T12:00:00Z")
		if got := w.companyValue(company, "day_of_moment"); got != "2026-03-01" {
			t.Errorf("the day is %s, want 2026-03-01", got)
		}
	})
}

// Wherever the portal lies: its zone is only the one in which it shows moments.
func TestAMB15_ThePortalsZoneDecidesNothing(t *testing.T) {
	w := New(t, inZone("America/Los_Angeles", Portal(func(o *hubspotsim.Options) { o.TimeZone = "Pacific/Auckland" }))...)
	_, company := w.linked("Edge", "Moment_of_day__c", "2026-03-01T12:00:00Z", "Day_of_moment__c", "2026-03-01")
	for property, want := range map[string]string{"day_of_moment": "2026-03-01", "moment_of_day": "2026-03-01T08:00:00Z"} {
		if got := w.companyValue(company, property); got != want {
			t.Errorf("%s is %s, want %s", property, got, want)
		}
	}
}

// What Salesforce cannot hold stays in HubSpot as it is, and the rest of the record
// passes.
func TestCONV1_WhatDoesNotPassIsAFieldIssueAndKeepsTheOriginal(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, c := range someInClassic(t, 3, []struct{ zone, property, value, field, code string }{
			{"UTC", "day_of_day", "1699-12-31", "Day_of_day__c", "out_of_range"},
			{"UTC", "day_of_day", "4001-01-01", "Day_of_day__c", "out_of_range"},
			{"Pacific/Auckland", "day_of_moment", "1700-01-01", "Moment_of_day__c", "out_of_range"},
			{"America/Los_Angeles", "day_of_moment", "4000-12-31", "Moment_of_day__c", "out_of_range"},
			{"Pacific/Apia", "day_of_moment", "2011-12-30", "Moment_of_day__c", "wrong_format"},
		}) {
			t.Run(fmt.Sprint(c.zone, " ", c.value), func(t *testing.T) {
				w := New(t, inZone(c.zone, profile)...)
				account, company := w.linked("Edge", c.field, "2020-02-29"+map[bool]string{true: "T12:00:00Z"}[c.field == "Moment_of_day__c"])
				before := w.accountValue(account, c.field)
				w.must(w.Portal.As(admin).Update("companies", company, map[string]string{c.property: c.value, "moment_of_moment": "1700-01-01T00:00:00Z"}))
				w.Sync()
				w.wantIssue(core.CategoryValue, c.code, c.field)
				w.wantValues(account, c.field, before, company, c.property, c.value)
				w.wantValues(account, "Moment_of_moment__c", "1700-01-01T00:00:00Z", company, "moment_of_moment", "1700-01-01T00:00:00Z")
			})
		}
	})
}

// A change of the zone is nobody's edit: the moment stays as it is, and the day follows it.
func TestAMB15_AnotherZoneIsNoEdit(t *testing.T) {
	for _, rule := range []string{"two_way", "prefer_salesforce", "always_salesforce"} {
		t.Run(rule, func(t *testing.T) {
			w := New(t, inZone("America/Los_Angeles", Settings(func(c *config.Connection) {
				for i := range c.Mappings["company"] {
					c.Mappings["company"][i].Rule = rule
				}
			}))...)
			account, company := w.linked("Edge", "Moment_of_day__c", "2026-02-28T12:00:00Z")
			w.wantValues(account, "Moment_of_day__c", "2026-02-28T12:00:00Z", company, "day_of_moment", "2026-02-28")
			w.Restart(func(c *config.Connection) { c.TimeZone = "Pacific/Auckland" })
			w.Resync(account)
			w.wantValues(account, "Moment_of_day__c", "2026-02-28T12:00:00Z", company, "day_of_moment", "2026-03-01")
			w.wantQuiet(account)
		})
	}
}

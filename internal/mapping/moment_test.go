package mapping

import (
	"testing"
	"time"
	_ "time/tzdata" // the zones are the same on every machine

	"pgregory.net/rapid"

	"tandem/internal/core"
)

// zones are those whose days are odd: both ends of the clock, halves and quarters of
// an hour, clocks set at midnight, half an hour of daylight saving, and islands that
// crossed the date line.
var zones = []string{"UTC", "America/Los_Angeles", "Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Apia", "Pacific/Kwajalein", "Etc/GMT+12", "Asia/Kathmandu",
	"Pacific/Chatham", "Australia/Lord_Howe", "America/Havana", "America/Sao_Paulo", "America/Asuncion", "Africa/Cairo", "Asia/Beirut", "Asia/Amman", "Atlantic/Azores",
	"Europe/Lisbon", "America/St_Johns", "Antarctica/Troll"}

func inZone(name string) func(*FieldMap) {
	return func(m *FieldMap) {
		zone, err := time.LoadLocation(name)
		if err != nil {
			panic(err)
		}
		m.Zone = zone
	}
}

// dayPairs are a day joined with a moment, either way round, by the side of the moment.
func dayPairs(t testing.TB, zone string) [2]*Field {
	return [2]*Field{
		sfSide: pair(t, sfDef("T", "datetime"), hsDef("d", "date", "date"), inZone(zone)),
		hsSide: pair(t, sfDef("D", "date"), hsDef("t", "datetime", "date"), inZone(zone)),
	}
}

// days are every day from the year 1993 to 2030, and the first and the last ten weeks of
// 1700, 4000 and every century between.
func days(yield func(time.Time) bool) {
	for d := time.Date(1993, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2031; d = d.AddDate(0, 0, 1) {
		if !yield(d) {
			return
		}
	}
	for year := 1700; year <= 4000; year += 100 {
		for n := range 70 {
			if !yield(time.Date(year, 1, 1+n, 0, 0, 0, 0, time.UTC)) || !yield(time.Date(year, 12, 31-n, 0, 0, 0, 0, time.UTC)) {
				return
			}
		}
	}
}

// leftOut are the days that never were where an island crossed the date line.
var leftOut = map[string]string{"Pacific/Apia": "2011-12-30", "Pacific/Kiritimati": "1994-12-31", "Pacific/Kwajalein": "1993-08-21"}

// Every day goes to a field of moments and comes back as the same day, in any zone: it
// is written as its first moment, and the moment before is another day.
func TestCONV1_EveryDayComesBackFromAFieldOfMoments(t *testing.T) {
	for _, name := range zones {
		missing := 0
		for side, f := range dayPairs(t, name) {
			side := core.Side(side)
			for d := range days {
				day := d.Format(dateLayout)
				moment, issue := f.ToSide(side, day)
				if issue != nil {
					if atTheEdge := day == "1700-01-01" || day == "4000-12-31"; atTheEdge && side == sfSide && issue.Code == "out_of_range" {
						continue
					}
					if missing++; day != leftOut[name] || moment != "" || !issue.Refused {
						t.Errorf("%s: %s is refused: %+v", name, day, issue)
					}
					continue
				}
				at, err := time.Parse(momentLayout, moment)
				if before := at.Add(-time.Second).Format(momentLayout); err != nil || f.Canon(side, moment) != day || f.Canon(side, before) == day {
					t.Fatalf("%s: %s is written as %s (%v), which is %s, and the second before %s", name, day, moment, err, f.Canon(side, moment), f.Canon(side, before))
				}
			}
		}
		if want := len(leftOut[name]) / len(dateLayout) * 2; missing != want {
			t.Errorf("%s: %d days are missing, want %d", name, missing, want)
		}
	}
}

// Whatever moment a day is read from, the day is the one that a clock in the zone shows.
func TestCONV1_AMB15_TheDayOfAMomentIsTheZones(t *testing.T) {
	for _, row := range []struct{ zone, moment, day string }{
		{"Pacific/Auckland", "2026-03-01T10:59:59.000+0000", "2026-03-01"},
		{"Pacific/Auckland", "2026-03-01T11:00:00.000+0000", "2026-03-02"},
		{"America/Los_Angeles", "2026-03-01T07:59:59Z", "2026-02-28"},
		{"America/Los_Angeles", "2026-03-01T08:00:00Z", "2026-03-01"},
		{"America/Los_Angeles", "2026-03-09T06:59:59Z", "2026-03-08"}, // daylight saving began that day
		{"America/Los_Angeles", "2026-11-02T07:59:59Z", "2026-11-01"}, // and ended that day
		{"Pacific/Kiritimati", "2026-02-28T10:00:00Z", "2026-03-01"},
		{"Etc/GMT+12", "2026-03-01T11:59:59Z", "2026-02-28"},
		{"Asia/Kathmandu", "2024-02-28T18:15:00Z", "2024-02-29"},
		{"America/Los_Angeles", "2024-03-01T07:59:59Z", "2024-02-29"},
		{"UTC", "2026-03-01T00:00:00+14:00", "2026-02-28"},
		{"America/Los_Angeles", "1772352000000", "2026-03-01"},
		{"America/Los_Angeles", "1772323200000", "2026-02-28"},
	} {
		for side, f := range dayPairs(t, row.zone) {
			if got := f.Canon(core.Side(side), row.moment); got != row.day {
				t.Errorf("%s of %s in %s is the day %s, want %s", row.moment, core.Side(side), row.zone, got, row.day)
			}
		}
	}
}

// A field of days knows no zone: HubSpot's midnight in UTC, in milliseconds or as ISO
// 8601, is that day everywhere, and another hour is none.
func TestCONV1_AFieldOfDaysKnowsNoZone(t *testing.T) {
	for _, zone := range []string{"America/Los_Angeles", "Pacific/Kiritimati", "Etc/GMT+12"} {
		f := pair(t, sfDef("D", "date"), hsDef("d", "date", "date"), inZone(zone))
		for in, want := range map[string]string{"2024-02-29": "2024-02-29", "1709164800000": "2024-02-29", "2024-02-29T00:00:00Z": "2024-02-29", "2024-02-29T00:00:00.000+0000": "2024-02-29",
			"-8520336000000": "1700-01-01", "1709164800001": "1709164800001", "2024-02-29T08:00:00Z": "2024-02-29T08:00:00Z", "29.02.2024": "29.02.2024"} {
			if got := f.Canon(hsSide, in); got != want {
				t.Errorf("%s: %s is read as %s, want %s", zone, in, got, want)
			}
		}
		for d := range days {
			day := d.Format(dateLayout)
			for _, side := range []int{0, 1} {
				if got, issue := f.ToSide(core.Side(side), day); got != day || issue != nil || f.Canon(core.Side(side), got) != day {
					t.Fatalf("%s: %s becomes %s on %s, %+v", zone, day, got, core.Side(side), issue)
				}
			}
		}
	}
}

// Salesforce keeps days and moments from the first of 1700 to the last of 4000, and a
// day at the edge may be outside once it is a moment.
func TestCONV1_WhatIsOutsideOfSalesforcesYearsIsAFieldIssue(t *testing.T) {
	day := pair(t, sfDef("D", "date"), hsDef("d", "date", "date"))
	moment := pair(t, sfDef("T", "datetime"), hsDef("t", "datetime", "date"))
	west, east := dayPairs(t, "America/Los_Angeles"), dayPairs(t, "Pacific/Auckland")
	checkToSide(t, []sideRow{
		{"first day", day, sfSide, "1700-01-01", "1700-01-01", "", false},
		{"the day before", day, sfSide, "1699-12-31", "", "out_of_range", true},
		{"last day", day, sfSide, "4000-12-31", "4000-12-31", "", false},
		{"the day after", day, sfSide, "4001-01-01", "", "out_of_range", true},
		{"first moment", moment, sfSide, "1700-01-01T00:00:00Z", "1700-01-01T00:00:00Z", "", false},
		{"the second before", moment, sfSide, "1699-12-31T23:59:59Z", "", "out_of_range", true},
		{"last moment", moment, sfSide, "4000-12-31T00:00:00Z", "4000-12-31T00:00:00Z", "", false},
		{"the second after", moment, sfSide, "4000-12-31T00:00:01Z", "", "out_of_range", true},
		{"the last day begins too late in the west", west[sfSide], sfSide, "4000-12-31", "", "out_of_range", true},
		{"and in time in the east", east[sfSide], sfSide, "4000-12-31", "4000-12-30T11:00:00Z", "", false},
		{"the first day begins too early in the east", east[sfSide], sfSide, "1700-01-01", "", "out_of_range", true},
		{"HubSpot takes the days", day, hsSide, "1699-12-31", "1699-12-31", "", false},
		{"a year that no form of a date has", east[hsSide], hsSide, "0001-01-01", "", "out_of_range", true},
	})
}

// Any moment goes to the other side and comes back to the second.
func TestCONV1_MomentsComeBackToTheSecond(t *testing.T) {
	f := pair(t, sfDef("T", "datetime"), hsDef("t", "datetime", "date"))
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(earliest.UnixMilli(), latest.UnixMilli()).Draw(t, "ms")
		offset := rapid.IntRange(-12*60, 14*60).Draw(t, "offset")
		at, from := time.UnixMilli(ms).In(time.FixedZone("", offset*60)), core.Side(rapid.IntRange(0, 1).Draw(t, "from"))
		raw := at.Format(rapid.SampledFrom([]string{time.RFC3339Nano, "2006-01-02T15:04:05.000-0700", time.RFC3339}).Draw(t, "layout"))
		written, issue := f.ToSide(from.Other(), f.Canon(from, raw))
		if want := at.UTC().Truncate(time.Second).Format(momentLayout); written != want || issue != nil || f.Canon(from.Other(), written) != f.Canon(from, raw) {
			t.Fatalf("%s is written as %s, want %s: %+v", raw, written, want, issue)
		}
	})
}

// A zone that nobody told is a warning, and a change of the zone is no edit by a person.
func TestAMB15_TheZoneOfAMappingOfDaysAndMoments(t *testing.T) {
	sf, hs := []FieldDef{sfDef("T", "datetime"), sfDef("D", "date")}, []FieldDef{hsDef("d", "date", "date"), hsDef("e", "date", "date")}
	compile := func(zone *time.Location) ([]*Field, []Problem) {
		m, problems := Compile("company", []FieldMap{{Salesforce: "T", HubSpot: "d", Zone: zone}, {Salesforce: "D", HubSpot: "e", Zone: zone}}, sf, hs)
		return m.Synced(), problems
	}
	unknown, problems := compile(nil)
	if len(problems) != 1 || problems[0].Rule != "AMB-15" || problems[0].Severity != Warning || problems[0].Salesforce != "T" {
		t.Errorf("problems: %+v", problems)
	}
	zone, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	known, problems := compile(zone)
	if len(problems) != 0 || known[0].Key == unknown[0].Key || known[1].Key != unknown[1].Key {
		t.Errorf("the keys are %q and %q, before %q and %q: %+v", known[0].Key, known[1].Key, unknown[0].Key, unknown[1].Key, problems)
	}
}

// An hour of the day has no zone and no date; it passes as text.
func TestMAP2_HoursOfTheDay(t *testing.T) {
	f := pair(t, sfDef("At", "time"), hsDef("at", "string", "text"))
	for _, row := range []struct {
		side     core.Side
		in, want string
	}{
		{sfSide, "10:30:00.000Z", "10:30:00"}, {sfSide, "37800000", "10:30:00"}, {sfSide, "23:59:59.999Z", "23:59:59.999"}, {sfSide, "0", "00:00:00"},
		{hsSide, "9:05", "09:05:00"}, {hsSide, "09:05:07.5", "09:05:07.5"}, {hsSide, "1030", "1030"}, {hsSide, "10:30:00+02:00", "10:30:00+02:00"},
		{hsSide, "half past ten", "half past ten"}, {hsSide, "24:00", "24:00"}, {hsSide, "10:30:00.0001", "10:30:00.0001"}, {sfSide, "86400000", "86400000"},
	} {
		if got := f.Canon(row.side, row.in); got != row.want {
			t.Errorf("%s of %s is read as %s, want %s", row.in, row.side, got, row.want)
		}
	}
	checkToSide(t, []sideRow{
		{"to Salesforce", f, sfSide, "10:30:00", "10:30:00.000Z", "", false},
		{"to HubSpot", f, hsSide, "10:30:00", "10:30:00", "", false},
		{"no hour", f, sfSide, "half past ten", "", "wrong_format", true},
		{"another clock", f, sfSide, "10:30:00+02:00", "", "wrong_format", true},
	})
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(0, dayLength.Milliseconds()-1).Draw(t, "ms")
		raw := time.UnixMilli(ms).UTC().Format("15:04:05.000Z")
		there, issue := f.ToSide(hsSide, f.Canon(sfSide, raw))
		if back, again := f.ToSide(sfSide, f.Canon(hsSide, there)); back != raw || issue != nil || again != nil {
			t.Fatalf("%s is %s in HubSpot and came back as %s", raw, there, back)
		}
	})
}

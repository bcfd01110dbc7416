package soql

import (
	"testing"
	"time"
)

// Wednesday 18 November 2026, 10:30 in a zone five hours west; the fiscal year begins in February.
func TestRelativeDates(t *testing.T) {
	env := Env{Now: testNow, Zone: testZone, FiscalStart: time.February}
	tests := []struct {
		word     string
		n        int
		from, to string
	}{
		{"YESTERDAY", 0, "2026-11-17", "2026-11-18"},
		{"TODAY", 0, "2026-11-18", "2026-11-19"},
		{"TOMORROW", 0, "2026-11-19", "2026-11-20"},
		{"LAST_WEEK", 0, "2026-11-08", "2026-11-15"},
		{"THIS_WEEK", 0, "2026-11-15", "2026-11-22"},
		{"NEXT_WEEK", 0, "2026-11-22", "2026-11-29"},
		{"LAST_MONTH", 0, "2026-10-01", "2026-11-01"},
		{"THIS_MONTH", 0, "2026-11-01", "2026-12-01"},
		{"NEXT_MONTH", 0, "2026-12-01", "2027-01-01"},
		{"LAST_90_DAYS", 0, "2026-08-20", "2026-11-19"},
		{"NEXT_90_DAYS", 0, "2026-11-19", "2027-02-17"},
		{"LAST_N_DAYS", 7, "2026-11-11", "2026-11-19"},
		{"NEXT_N_DAYS", 2, "2026-11-19", "2026-11-21"},
		{"N_DAYS_AGO", 3, "2026-11-15", "2026-11-16"},
		{"LAST_N_WEEKS", 2, "2026-11-01", "2026-11-15"},
		{"NEXT_N_WEEKS", 1, "2026-11-22", "2026-11-29"},
		{"N_WEEKS_AGO", 1, "2026-11-08", "2026-11-15"},
		{"LAST_N_MONTHS", 11, "2025-12-01", "2026-11-01"},
		{"N_MONTHS_AGO", 12, "2025-11-01", "2025-12-01"},
		{"THIS_QUARTER", 0, "2026-10-01", "2027-01-01"},
		{"LAST_QUARTER", 0, "2026-07-01", "2026-10-01"},
		{"NEXT_N_QUARTERS", 2, "2027-01-01", "2027-07-01"},
		{"THIS_YEAR", 0, "2026-01-01", "2027-01-01"},
		{"LAST_N_YEARS", 2, "2024-01-01", "2026-01-01"},
		{"N_YEARS_AGO", 1, "2025-01-01", "2026-01-01"},
		{"THIS_FISCAL_QUARTER", 0, "2026-11-01", "2027-02-01"},
		{"LAST_FISCAL_QUARTER", 0, "2026-08-01", "2026-11-01"},
		{"N_FISCAL_QUARTERS_AGO", 2, "2026-05-01", "2026-08-01"},
		{"THIS_FISCAL_YEAR", 0, "2026-02-01", "2027-02-01"},
		{"NEXT_N_FISCAL_YEARS", 1, "2027-02-01", "2028-02-01"},
	}
	for _, tt := range tests {
		r, ok := parseRelative(tt.word, tt.n)
		if !ok {
			t.Errorf("%s is not known", tt.word)
			continue
		}
		got := r.resolve(env)
		if from, to := got.from.Format(time.DateOnly), got.to.Format(time.DateOnly); from != tt.from || to != tt.to {
			t.Errorf("%s:%d is %s to %s, want %s to %s", tt.word, tt.n, from, to, tt.from, tt.to)
		}
		if h := got.from.Hour(); h != 0 || got.from.Location() != testZone {
			t.Errorf("%s begins at %v", tt.word, got.from)
		}
	}
	for _, word := range []string{"THIS_DAY", "LAST_DECADE", "N_DAYS", "LAST_N_DAY", "NOW", "LAST_N_S"} {
		if isRelativeDate(word) {
			t.Errorf("%s is taken for a date", word)
		}
	}
}

func TestFiscalQuarterWrapsAroundTheYear(t *testing.T) {
	env := Env{Now: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), FiscalStart: time.February}
	r, _ := parseRelative("THIS_FISCAL_YEAR", 0)
	if got := r.resolve(env).from.Format(time.DateOnly); got != "2025-02-01" {
		t.Errorf("fiscal year of January begins %s", got)
	}
	r, _ = parseRelative("THIS_FISCAL_QUARTER", 0)
	if got := r.resolve(env).from.Format(time.DateOnly); got != "2025-11-01" {
		t.Errorf("fiscal quarter of January begins %s", got)
	}
}

func TestDateFunctions(t *testing.T) {
	env := Env{FiscalStart: time.April}
	at := DateTime(time.Date(2026, 11, 18, 15, 30, 0, 0, time.UTC))
	for function, want := range map[string]string{"CALENDAR_YEAR": "2026", "CALENDAR_QUARTER": "4", "CALENDAR_MONTH": "11", "DAY_IN_MONTH": "18",
		"DAY_IN_WEEK": "4", "DAY_IN_YEAR": "322", "HOUR_IN_DAY": "15", "WEEK_IN_MONTH": "3", "WEEK_IN_YEAR": "46", "FISCAL_MONTH": "8",
		"FISCAL_QUARTER": "3", "FISCAL_YEAR": "2027", "DAY_ONLY": "2026-11-18"} {
		if got := datePart(function, at, time.UTC, env).String(); got != want {
			t.Errorf("%s is %s, want %s", function, got, want)
		}
	}
	if got := datePart("HOUR_IN_DAY", at, testZone, env).String(); got != "10" {
		t.Errorf("hour in the user's zone is %s", got)
	}
}

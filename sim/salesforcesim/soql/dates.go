package soql

import (
	"strings"
	"time"
)

// span is a half-open range of time, its ends at midnight in the user's time zone.
type span struct{ from, to time.Time }

// relative describes a date literal: the units from first up to, not including, last, counted from the current one.
type relative struct {
	unit        string
	first, last int
}

var units = map[string]bool{"DAY": true, "WEEK": true, "MONTH": true, "QUARTER": true, "YEAR": true,
	"FISCAL_QUARTER": true, "FISCAL_YEAR": true}

func isRelativeDate(word string) bool {
	_, ok := parseRelative(word, 1)
	return ok
}

// parseRelative reads the date literals of SOQL ("Date Formats and Date Literals in WHERE"); n is the number after the colon.
func parseRelative(word string, n int) (relative, bool) {
	switch word {
	case "YESTERDAY":
		return relative{"DAY", -1, 0}, true
	case "TODAY":
		return relative{"DAY", 0, 1}, true
	case "TOMORROW":
		return relative{"DAY", 1, 2}, true
	case "LAST_90_DAYS":
		return relative{"DAY", -90, 1}, true
	case "NEXT_90_DAYS":
		return relative{"DAY", 1, 91}, true
	}
	if unit, ok := between(word, "N_", "S_AGO"); ok {
		return relative{unit, -n, -n + 1}, units[unit]
	}
	if unit, ok := between(word, "LAST_N_", "S"); ok {
		return relative{unit, -n, lastIncludesNow(unit)}, units[unit]
	}
	if unit, ok := between(word, "NEXT_N_", "S"); ok {
		return relative{unit, 1, n + 1}, units[unit]
	}
	return parseNeighbour(word)
}

// lastIncludesNow is 1 for days: LAST_N_DAYS reaches to the end of today, while LAST_N_WEEKS ends before this week.
func lastIncludesNow(unit string) int {
	if unit == "DAY" {
		return 1
	}
	return 0
}

func parseNeighbour(word string) (relative, bool) {
	which, unit, _ := strings.Cut(word, "_")
	at, ok := map[string]int{"LAST": -1, "THIS": 0, "NEXT": 1}[which]
	return relative{unit, at, at + 1}, ok && unit != "DAY" && units[unit]
}

func between(word, prefix, suffix string) (string, bool) {
	if len(word) < len(prefix)+len(suffix) {
		return "", false
	}
	rest, ok1 := strings.CutPrefix(word, prefix)
	rest, ok2 := strings.CutSuffix(rest, suffix)
	return rest, ok1 && ok2
}

// resolve turns the literal into a range around env.Now.
func (r relative) resolve(env Env) span {
	return span{from: unitStart(r.unit, r.first, env), to: unitStart(r.unit, r.last, env)}
}

// unitStart is the first midnight of the unit that lies k units after the current one.
func unitStart(unit string, k int, env Env) time.Time {
	now := env.Now.In(env.zone())
	y, m, d := now.Date()
	switch unit {
	case "DAY":
		d += k
	case "WEEK":
		d += 7*k - int(now.Weekday())
	case "MONTH":
		m, d = m+time.Month(k), 1
	case "QUARTER":
		m, d = m-(m-1)%3+time.Month(3*k), 1
	case "YEAR":
		y, m, d = y+k, 1, 1
	case "FISCAL_QUARTER":
		m, d = m-env.fiscalMonth(m)%3+time.Month(3*k), 1
	case "FISCAL_YEAR":
		m, d = m-env.fiscalMonth(m)+time.Month(12*k), 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, env.zone())
}

func (e Env) zone() *time.Location {
	if e.Zone == nil {
		return time.UTC
	}
	return e.Zone
}

// fiscalMonth counts months from 0 at the start of the fiscal year.
func (e Env) fiscalMonth(m time.Month) time.Month { return (m - e.fiscalStart() + 12) % 12 }

func (e Env) fiscalStart() time.Month {
	if e.FiscalStart == 0 {
		return time.January
	}
	return e.FiscalStart
}

// dateFunctions give the parts of a date ("Date Functions").
var dateFunctions = map[string]func(t time.Time, e Env) int{
	"CALENDAR_YEAR":    func(t time.Time, _ Env) int { return t.Year() },
	"CALENDAR_QUARTER": func(t time.Time, _ Env) int { return (int(t.Month())-1)/3 + 1 },
	"CALENDAR_MONTH":   func(t time.Time, _ Env) int { return int(t.Month()) },
	"DAY_IN_MONTH":     func(t time.Time, _ Env) int { return t.Day() },
	"DAY_IN_WEEK":      func(t time.Time, _ Env) int { return int(t.Weekday()) + 1 },
	"DAY_IN_YEAR":      func(t time.Time, _ Env) int { return t.YearDay() },
	"HOUR_IN_DAY":      func(t time.Time, _ Env) int { return t.Hour() },
	"WEEK_IN_MONTH":    func(t time.Time, _ Env) int { return (t.Day()-1)/7 + 1 },
	"WEEK_IN_YEAR":     func(t time.Time, _ Env) int { return (t.YearDay()-1)/7 + 1 },
	"FISCAL_MONTH":     func(t time.Time, e Env) int { return int(e.fiscalMonth(t.Month())) + 1 },
	"FISCAL_QUARTER":   func(t time.Time, e Env) int { return int(e.fiscalMonth(t.Month()))/3 + 1 },
	"FISCAL_YEAR":      fiscalYear,
}

// fiscalYear is named after the calendar year in which the fiscal year ends.
func fiscalYear(t time.Time, e Env) int {
	if e.fiscalStart() > time.January && t.Month() >= e.fiscalStart() {
		return t.Year() + 1
	}
	return t.Year()
}

func isDateFunction(name string) bool { return name == "DAY_ONLY" || dateFunctions[name] != nil }

// datePart applies a date function to a date or datetime value; datetimes are taken in zone.
func datePart(function string, v Value, zone *time.Location, env Env) Value {
	var t time.Time
	switch v.Kind() {
	case KindDateTime:
		t = v.Time().In(zone)
	case KindDate:
		t, _ = time.Parse(time.DateOnly, v.Str())
	default:
		return Null()
	}
	if function == "DAY_ONLY" {
		return Date(t.Format(time.DateOnly))
	}
	return Number(float64(dateFunctions[function](t, env)))
}

var dateTimeForms = []string{"2006-01-02T15:04:05.999Z07:00", "2006-01-02T15:04:05.999Z0700", "2006-01-02T15:04:05.999Z07"}

// parseDateTime reads a datetime literal with any of the offsets that SOQL takes.
func parseDateTime(s string) (time.Time, bool) {
	s = strings.ToUpper(s)
	for _, form := range dateTimeForms {
		if t, err := time.Parse(form, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

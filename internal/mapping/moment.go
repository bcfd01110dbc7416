package mapping

import (
	"strconv"
	"strings"
	"time"

	"tandem/internal/core"
)

const (
	dateLayout   = "2006-01-02"
	momentLayout = "2006-01-02T15:04:05Z"
	dayLength    = 24 * time.Hour
	// clockLayout has thousandths of a second where there are any, as Salesforce keeps.
	clockLayout = "15:04:05.999"
)

// earliest and latest are the first and the last day that Salesforce keeps, and the
// first and last moment: behind midnight UTC of the last day no moment is taken
// (Data Loader guide, "Data Import Dates"; help article 000383587).
var (
	earliest = time.Date(1700, time.January, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(4000, time.December, 31, 0, 0, 0, 0, time.UTC)
)

// momentLayouts are the forms in which the sides answer a date-time: Salesforce
// without a colon in the offset, HubSpot with a Z and any fraction. Parsing
// takes a fraction behind the seconds by itself.
var momentLayouts = []string{time.RFC3339, "2006-01-02T15:04:05-0700"}

// parseMoment reads a date-time, or the epoch milliseconds that some HubSpot
// properties answer.
func parseMoment(s string) (time.Time, bool) {
	for _, layout := range momentLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), writableYear(t.UTC())
		}
	}
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	t := time.UnixMilli(ms).UTC()
	return t, writableYear(t)
}

// writableYear reports a year of four digits, which all forms of a date have.
func writableYear(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

// closeDate is HubSpot's day on which a deal closes, which it keeps as a moment. Forms,
// imports and programs store a day there as they do in its fields of days: at midnight UTC.
const closeDate = "closedate"

// parseDay reads the day that a side's field holds. In a field of moments it is the
// day in the mapping's zone (CONV-1), but for a deal that closes at midnight UTC sharp. A field of days knows no zone: there a moment
// is HubSpot's other form of a day, midnight in UTC, and any other hour is no day.
func (f *Field) parseDay(side core.Side, s string) (time.Time, bool) {
	if t, err := time.Parse(dateLayout, s); err == nil {
		return t, true
	}
	t, ok := parseMoment(s)
	if !ok {
		return t, false
	}
	if f.Defs[side].Type == "datetime" {
		if side == core.HubSpot && f.Names[side] == closeDate && t.Equal(t.Truncate(dayLength)) {
			return t, true
		}
		t = t.In(f.location())
		return t, writableYear(t)
	}
	return t, t.Equal(t.Truncate(dayLength))
}

func (f *Field) location() *time.Location {
	if f.zone == nil {
		return time.UTC
	}
	return f.zone
}

// firstMoment is when a day begins in a zone, which need not be at 00:00: clocks may
// be set forward at midnight. ok is false for a day that the zone left out, as those
// west of the date line did that moved to its other side.
func firstMoment(day time.Time, zone *time.Location) (first time.Time, ok bool) {
	before := day.Add(-dayLength).In(zone)
	_, offset := before.Zone()
	_, later := day.Add(dayLength).In(zone).Zone()
	_, change := before.ZoneBounds()
	for _, t := range []time.Time{day.Add(-seconds(offset)), day.Add(-seconds(later)), change} {
		if t.In(zone).Format(dateLayout) == day.Format(dateLayout) && (!ok || t.Before(first)) {
			first, ok = t, true
		}
	}
	return first, ok
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// momentTo writes days and moments in the form of the field: a day in a field of
// moments is its first moment in the mapping's zone.
func (f *Field) momentTo(side core.Side, canonical string) (string, *FieldIssue) {
	d, layout := &f.Defs[side], dateLayout
	if f.Kind == DateTime {
		layout = momentLayout
	}
	t, err := time.Parse(layout, canonical)
	if err != nil {
		return "", issueFormat(side, d, canonical, "a date")
	}
	if f.Kind == Date && d.Type == "datetime" {
		day, ok := firstMoment(t, f.location())
		if !ok {
			return "", issueFormat(side, d, canonical, "a day of the time zone "+f.location().String())
		}
		t, layout = day.UTC(), momentLayout
	}
	if !writableYear(t) || side == core.Salesforce && (t.Before(earliest) || t.After(latest)) {
		return "", issueRange(side, d, canonical)
	}
	return t.Format(layout), nil
}

// parseClock reads an hour of the day. Salesforce answers it with a Z, which stands for
// no zone, and tells it in change events as milliseconds. An hour with an offset, or with
// more digits than Salesforce keeps, is none.
func parseClock(side core.Side, s string) (time.Time, bool) {
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.UnixMilli(ms).UTC(), side == core.Salesforce && ms >= 0 && ms < dayLength.Milliseconds()
	}
	s = strings.TrimSuffix(s, "Z")
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, t.Nanosecond()%int(time.Millisecond) == 0
		}
	}
	return time.Time{}, false
}

func (f *Field) clockTo(side core.Side, canonical string) (string, *FieldIssue) {
	t, err := time.Parse(clockLayout, canonical)
	switch {
	case err != nil:
		return "", issueFormat(side, &f.Defs[side], canonical, "an hour of the day such as 09:30")
	case side == core.Salesforce:
		return t.Format("15:04:05.000Z"), nil
	}
	return canonical, nil
}

package mapping

import (
	"strconv"
	"time"
)

const (
	dateLayout   = "2006-01-02"
	momentLayout = "2006-01-02T15:04:05Z"
	// The years Salesforce keeps dates for (data types guide).
	firstYear, lastYear = 1700, 4000
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
			return t.UTC(), true
		}
	}
	return parseEpoch(s)
}

// parseEpoch takes milliseconds within the years of four digits.
func parseEpoch(s string) (time.Time, bool) {
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	t := time.UnixMilli(ms).UTC()
	return t, t.Year() >= 1 && t.Year() <= 9999
}

// parseDay reads a date. A date-time is a day only in a zone; epoch milliseconds
// are a HubSpot date, which is midnight in UTC whatever the zone.
func parseDay(s string, zone *time.Location) (time.Time, bool) {
	if t, err := time.Parse(dateLayout, s); err == nil {
		return t, true
	}
	if t, ok := parseEpoch(s); ok {
		return t, true
	}
	t, ok := parseMoment(s)
	return t.In(zone), ok
}

func (f *Field) location() *time.Location {
	if f.zone == nil {
		return time.UTC
	}
	return f.zone
}

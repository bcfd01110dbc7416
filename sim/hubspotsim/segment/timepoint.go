package segment

import (
	"encoding/json"
	"strconv"
	"time"
	_ "time/tzdata" // filters name zones, and a bare machine may have none installed
)

// moment is a point in time that may depend on the record or on the present.
type moment struct {
	at   func(r Record, e *Env, zone *time.Location) (time.Time, bool)
	zone func(e *Env) *time.Location
}

func (m moment) resolve(r Record, e *Env) (time.Time, *time.Location, bool) {
	zone := m.zone(e)
	t, ok := m.at(r, e, zone)
	return t, zone, ok
}

type timePointJSON struct {
	TimeType       string `json:"timeType"`
	ZoneID         string `json:"zoneId"`
	TimezoneSource string `json:"timezoneSource"`
	Year           int    `json:"year"`
	Month          int    `json:"month"`
	Day            int    `json:"day"`
	clockJSON
	Property       string         `json:"property"`
	ReferenceType  string         `json:"referenceType"`
	IndexReference *referenceJSON `json:"indexReference"`
	Offset         offsetJSON     `json:"offset"`
}

type clockJSON struct {
	Hour        *int `json:"hour"`
	Minute      *int `json:"minute"`
	Second      *int `json:"second"`
	Millisecond *int `json:"millisecond"`
}

type referenceJSON struct {
	ReferenceType string `json:"referenceType"`
	DayOfWeek     string `json:"dayOfWeek"`
	Month         int    `json:"month"`
	Day           int    `json:"day"`
	clockJSON
}

type offsetJSON struct {
	Years        int   `json:"years"`
	Quarters     int   `json:"quarters"`
	Months       int   `json:"months"`
	Weeks        int   `json:"weeks"`
	Days         int   `json:"days"`
	Hours        int64 `json:"hours"`
	Minutes      int64 `json:"minutes"`
	Seconds      int64 `json:"seconds"`
	Milliseconds int64 `json:"milliseconds"`
}

func (o offsetJSON) addTo(t time.Time) time.Time {
	t = t.AddDate(o.Years, 3*o.Quarters+o.Months, 7*o.Weeks+o.Days)
	return t.Add(time.Duration(o.Hours)*time.Hour + time.Duration(o.Minutes)*time.Minute +
		time.Duration(o.Seconds)*time.Second + time.Duration(o.Milliseconds)*time.Millisecond)
}

// on puts the given clock parts onto t's day; parts left out keep t's own.
func (c clockJSON) on(t time.Time) time.Time {
	part := func(p *int, own int) int {
		if p == nil {
			return own
		}
		return *p
	}
	return time.Date(t.Year(), t.Month(), t.Day(), part(c.Hour, t.Hour()), part(c.Minute, t.Minute()),
		part(c.Second, t.Second()), part(c.Millisecond, t.Nanosecond()/1e6)*1e6, t.Location())
}

func compileDateTime(_ *parser, v verb, op operationJSON, at string) (test, error) {
	if op.Timestamp == nil {
		return nil, refuse(join(at, "timestamp"), "operation type DATETIME needs a timestamp in milliseconds")
	}
	want := time.UnixMilli(*op.Timestamp)
	return func(value string, _ Record, e *Env) bool {
		t, ok := wireTime(value, e.zone())
		return ok && inOrder(v.test, t, want, false)
	}, nil
}

func compileTimePoint(p *parser, v verb, op operationJSON, at string) (test, error) {
	if err := checkParser(op, at); err != nil {
		return nil, err
	}
	m, err := p.moment(op.TimePoint, join(at, "timePoint"))
	if err != nil {
		return nil, err
	}
	inclusive := op.Endpoint == "INCLUSIVE"
	return func(value string, r Record, e *Env) bool {
		want, zone, ok := m.resolve(r, e)
		t, parsed := wireTime(value, zone)
		return ok && parsed && inOrder(v.test, t, want, inclusive)
	}, nil
}

func compileTimeRange(p *parser, v verb, op operationJSON, at string) (test, error) {
	if err := checkParser(op, at); err != nil {
		return nil, err
	}
	low, err := p.moment(op.LowerTimePoint, join(at, "lowerBoundTimePoint"))
	if err != nil {
		return nil, err
	}
	high, err := p.moment(op.UpperTimePoint, join(at, "upperBoundTimePoint"))
	if err != nil {
		return nil, err
	}
	fromEnd, toEnd := op.LowerEndpoint != "EXCLUSIVE", op.UpperEndpoint != "EXCLUSIVE"
	return func(value string, r Record, e *Env) bool {
		from, zone, ok := low.resolve(r, e)
		to, _, ok2 := high.resolve(r, e)
		t, parsed := wireTime(value, zone)
		if !ok || !ok2 || !parsed {
			return v.negate
		}
		return inOrder("after", t, from, fromEnd) && inOrder("before", t, to, toEnd)
	}, nil
}

// checkParser refuses to look at when a property changed: only its value is kept.
func checkParser(op operationJSON, at string) error {
	if op.Parser == "" || op.Parser == "VALUE" {
		return nil
	}
	return refuse(join(at, "propertyParser"), "property parser %q is not supported", op.Parser)
}

func inOrder(name string, t, want time.Time, inclusive bool) bool {
	if t.Equal(want) {
		return inclusive || name == "equal"
	}
	return name == "before" && t.Before(want) || name == "after" && t.After(want)
}

func (p *parser) moment(raw json.RawMessage, at string) (moment, error) {
	var j timePointJSON
	if err := decode(raw, &j, at); err != nil {
		return moment{}, err
	}
	zone, err := zoneOf(j, at)
	if err != nil {
		return moment{}, err
	}
	m := moment{zone: zone}
	switch {
	case j.TimeType == "DATE" && validDay(j.Year, j.Month, j.Day):
		m.at = datePoint(j)
	case j.TimeType == "INDEXED" && j.IndexReference != nil && validReference(*j.IndexReference):
		p.timed = true
		m.at = indexedPoint(*j.IndexReference, j.Offset)
	case j.TimeType == "PROPERTY_REFERENCED" && j.Property != "" && (j.ReferenceType == "" || j.ReferenceType == "VALUE"):
		m.at = propertyPoint(j.Property)
	default:
		return moment{}, refuse(at, "time point of type %q is not valid or not supported", j.TimeType)
	}
	return m, nil
}

// zoneOf gives the zone that calendar fields refer to: the portal's, or one by IANA name.
func zoneOf(j timePointJSON, at string) (func(*Env) *time.Location, error) {
	if j.ZoneID == "" || j.TimezoneSource == "PORTAL" {
		return (*Env).zone, nil
	}
	zone, err := time.LoadLocation(j.ZoneID)
	if err != nil || j.ZoneID == "Local" {
		return nil, refuse(join(at, "zoneId"), "time zone %q is not known", j.ZoneID)
	}
	return func(*Env) *time.Location { return zone }, nil
}

func validDay(year, month, day int) bool {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return year > 0 && year <= 9999 && t.Month() == time.Month(month) && t.Day() == day
}

func datePoint(j timePointJSON) func(Record, *Env, *time.Location) (time.Time, bool) {
	return func(_ Record, _ *Env, zone *time.Location) (time.Time, bool) {
		midnight := time.Date(j.Year, time.Month(j.Month), j.Day, 0, 0, 0, 0, zone)
		return j.clockJSON.on(midnight), true
	}
}

func propertyPoint(name string) func(Record, *Env, *time.Location) (time.Time, bool) {
	return func(r Record, _ *Env, zone *time.Location) (time.Time, bool) {
		v, _ := r.Property(name)
		return wireTime(v, zone)
	}
}

var weekdays = map[string]time.Weekday{"MONDAY": time.Monday, "TUESDAY": time.Tuesday, "WEDNESDAY": time.Wednesday,
	"THURSDAY": time.Thursday, "FRIDAY": time.Friday, "SATURDAY": time.Saturday, "SUNDAY": time.Sunday}

func validReference(ref referenceJSON) bool {
	_, weekday := weekdays[ref.DayOfWeek]
	day, month := ref.Day >= 1 && ref.Day <= 31, ref.Month >= 1 && ref.Month <= 12
	switch ref.ReferenceType {
	case "NOW", "TODAY":
		return true
	case "WEEK":
		return weekday
	case "MONTH":
		return day
	case "QUARTER":
		return day && ref.Month >= 1 && ref.Month <= 3
	case "YEAR":
		return day && month
	}
	return false
}

func indexedPoint(ref referenceJSON, offset offsetJSON) func(Record, *Env, *time.Location) (time.Time, bool) {
	return func(_ Record, e *Env, zone *time.Location) (time.Time, bool) {
		return offset.addTo(ref.clockJSON.on(referenceDay(ref, e.Now.In(zone)))), true
	}
}

// referenceDay is the day a reference names within the present week, month, quarter or year.
func referenceDay(ref referenceJSON, now time.Time) time.Time {
	day := func(month time.Month, day int) time.Time {
		return time.Date(now.Year(), month, day, 0, 0, 0, 0, now.Location())
	}
	switch ref.ReferenceType {
	case "TODAY":
		return day(now.Month(), now.Day())
	case "WEEK":
		sinceMonday := (int(now.Weekday()) + 6) % 7
		wanted := (int(weekdays[ref.DayOfWeek]) + 6) % 7
		return day(now.Month(), now.Day()-sinceMonday+wanted)
	case "MONTH":
		return day(now.Month(), ref.Day)
	case "QUARTER":
		first := (now.Month()-1)/3*3 + 1
		return day(first+time.Month(ref.Month-1), ref.Day)
	case "YEAR":
		return day(time.Month(ref.Month), ref.Day)
	}
	return now
}

// wireTime reads a date or date-time property: RFC 3339, milliseconds since
// 1970, or a calendar date, which means midnight in zone.
func wireTime(v string, zone *time.Location) (time.Time, bool) {
	if t, err := time.ParseInLocation(time.DateOnly, v, zone); err == nil {
		return t, true
	}
	if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
		return t, true
	}
	ms, err := strconv.ParseInt(v, 10, 64)
	return time.UnixMilli(ms), err == nil
}

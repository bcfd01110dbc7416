package salesforcesim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/sim/salesforcesim/soql"
)

// maxOccurrences is how many occurrences a series has at most (Salesforce Help, "Considerations
// for Repeating Tasks", "Considerations for Creating Series").
const maxOccurrences = 100

// occursUnder are the columns that each type of recurrence needs (Object Reference, "Task",
// Recurrence Field Usage).
var occursUnder = map[string][]string{
	"RecursDaily": {"RecurrenceInterval"}, "RecursEveryWeekday": {"RecurrenceDayOfWeekMask"},
	"RecursWeekly":  {"RecurrenceInterval", "RecurrenceDayOfWeekMask"},
	"RecursMonthly": {"RecurrenceInterval", "RecurrenceDayOfMonth"}, "RecursMonthlyNth": {"RecurrenceInterval", "RecurrenceInstance", "RecurrenceDayOfWeekMask"},
	"RecursYearly": {"RecurrenceDayOfMonth", "RecurrenceMonthOfYear"}, "RecursYearlyNth": {"RecurrenceDayOfWeekMask", "RecurrenceInstance", "RecurrenceMonthOfYear"},
}

// seriesFields are the columns of a series that tasks and events share; start is the one
// that says when it begins.
func seriesFields(object, children string, start field) []field {
	return []field{
		ref("RecurrenceActivityId", "Recurrence Activity ID", "RecurrenceActivity", children, object).readonly().fixed().cascading(),
		flag("IsRecurrence", "Create Recurring Series of "+object+"s").createOnly(),
		start, date("RecurrenceEndDateOnly", "Recurrence End"), choice("RecurrenceTimeZoneSidKey", "Recurrence Time Zone", ""),
		choice("RecurrenceType", "Recurrence Type", "RecursDaily|RecursEveryWeekday|RecursMonthly|RecursMonthlyNth|RecursWeekly|RecursYearly|RecursYearlyNth"),
		whole("RecurrenceInterval", "Recurrence Interval", 9), whole("RecurrenceDayOfWeekMask", "Recurrence Day of Week Mask", 9), whole("RecurrenceDayOfMonth", "Recurrence Day of Month", 9),
		choice("RecurrenceInstance", "Recurrence Instance", "First|Second|Third|Fourth|Last"),
		choice("RecurrenceMonthOfYear", "Recurrence Month of Year", strings.Join(monthNames(), "|")),
	}
}

func monthNames() (out []string) {
	for m := time.January; m <= time.December; m++ {
		out = append(out, m.String())
	}
	return out
}

// patternFields are the columns of the series of Lightning Experience.
var patternFields = []field{
	flag("IsRecurrence2", "Repeat").readonly().fixed(), area("Recurrence2PatternText", "Recurrence Pattern", 512).createOnly().fixed(),
	flag("IsRecurrence2Exception", "Is Exception").readonly().fixed(), flag("IsRecurrence2Exclusion", "Historical Event, Not Following Recurrence").readonly().fixed(),
	preset(choice("GroupEventType", "Group Event Type", "*0=Non-group Event|1=Group Event|2=Proposed Event|3=IsRecurrence2 Series Pattern").closed(), "0").readonly().fixed(),
}

// checkSeries: what repeats says from when, until when and how, and can neither begin nor
// cease to.
func checkSeries(before, r *record) rowErrors {
	switch {
	case !r.named("IsRecurrence").Bool():
		return nil
	case before != nil && before.named("RecurrenceActivityId") != r.named("RecurrenceActivityId"):
		return nil
	case r.object.name == "Task" && before == nil && !r.named("ActivityDate").IsNull():
		return refuse("FIELD_INTEGRITY_EXCEPTION", "The due date of a recurring task cannot be set", "ActivityDate")
	}
	needed := append([]string{"RecurrenceType", "RecurrenceEndDateOnly", startOfSeries(r.object)}, occursUnder[r.named("RecurrenceType").Str()]...)
	for _, name := range needed {
		if r.named(name).IsNull() {
			return refuse("FIELD_INTEGRITY_EXCEPTION", name+" must be populated for a recurring series", name)
		}
	}
	return nil
}

func startOfSeries(ob *object) string {
	if ob.name == "Event" {
		return "RecurrenceStartDateTime"
	}
	return "RecurrenceStartDateOnly"
}

// repeat makes what a new task or event brings with it: the occurrences of a series. The
// record itself stands for the pattern; in Lightning Experience it is the first occurrence,
// and the pattern is an event that no API call reaches, though change events tell of it
// (Change Data Capture Developer Guide, "Recurring Activities").
func (t *tx) repeat(r *record) rowErrors {
	switch {
	case r.named("IsRecurrence").Bool():
		for _, day := range t.occurrences(r) {
			if errs := t.copyOf(r, occurrence(r, day)); errs != nil {
				return errs
			}
		}
	case r.object.name == "Event" && !r.named("Recurrence2PatternText").IsNull() && !r.named("IsRecurrence2").Bool():
		return t.repeatInLightning(r)
	}
	return nil
}

// occurrence is what an occurrence of a series has of its own.
func occurrence(r *record, day time.Time) map[string]value {
	own := map[string]value{"RecurrenceActivityId": soql.Text(r.id), "IsRecurrence": soql.Bool(false), "ActivityDate": soql.Date(day.Format(time.DateOnly))}
	for _, f := range r.object.fields {
		if strings.HasPrefix(f.name, "Recurrence") && f.name != "RecurrenceActivityId" {
			own[f.name] = value{}
		}
	}
	if r.object.name == "Event" {
		own["StartDateTime"], own["ActivityDateTime"] = soql.DateTime(day), soql.DateTime(day)
		own["EndDateTime"] = soql.DateTime(day.Add(time.Duration(r.named("DurationInMinutes").Num()) * time.Minute))
		own["ActivityDate"] = soql.Date(day.Format(time.DateOnly))
	}
	return own
}

// copyOf saves another record with the values of one, but for those of its own and for what
// is unique.
func (t *tx) copyOf(r *record, own map[string]value) rowErrors {
	next := &record{object: r.object, createdBy: t.by.userID, created: t.at}
	var sets []assignment
	for _, f := range r.object.fields {
		if f.sys != sysNone || f.compute != nil || f.formula != nil || f.unique {
			continue
		}
		v, given := own[f.name]
		if !given {
			v = r.at(f)
		}
		sets = append(sets, assignment{f, v})
	}
	next.puts(sets)
	next.id = t.o.newID(next.object)
	t.stamp(next)
	t.write(nil, next)
	return nil
}

// occurrences are the days, or the moments, on which a series falls.
func (t *tx) occurrences(r *record) (out []time.Time) {
	start := dayOf(r.named(startOfSeries(r.object)))
	if r.object.name == "Event" {
		start = r.named("RecurrenceStartDateTime").Time()
	}
	end := dayOf(r.named("RecurrenceEndDateOnly")).AddDate(0, 0, 1)
	for day := start; day.Before(end) && len(out) < maxOccurrences; day = day.AddDate(0, 0, 1) {
		if fallsOn(r, start, day) {
			out = append(out, day)
		}
	}
	return out
}

func dayOf(v value) time.Time {
	day, _ := time.Parse(time.DateOnly, v.Str())
	return day
}

// fallsOn reports that a series that begins on one day falls on another.
func fallsOn(r *record, start, day time.Time) bool {
	every := max(int(r.named("RecurrenceInterval").Num()), 1)
	days := int(day.Sub(start).Hours() / 24)
	months := (day.Year()-start.Year())*12 + int(day.Month()-start.Month())
	inWeek := int(r.named("RecurrenceDayOfWeekMask").Num())&(1<<day.Weekday()) != 0
	inYear := r.named("RecurrenceMonthOfYear").Str() == day.Month().String()
	ofMonth := int(r.named("RecurrenceDayOfMonth").Num()) == day.Day()
	switch r.named("RecurrenceType").Str() {
	case "RecursDaily":
		return days%every == 0
	case "RecursEveryWeekday":
		return inWeek
	case "RecursWeekly":
		return inWeek && (days+int(start.Weekday()))/7%every == 0
	case "RecursMonthly":
		return ofMonth && months%every == 0
	case "RecursMonthlyNth":
		return inWeek && nth(r, day) && months%every == 0
	case "RecursYearly":
		return ofMonth && inYear
	}
	return inWeek && nth(r, day) && inYear
}

// nth reports that a day is the one of its weekday in its month that a series names.
func nth(r *record, day time.Time) bool {
	at := slices.Index([]string{"First", "Second", "Third", "Fourth"}, r.named("RecurrenceInstance").Str())
	if at < 0 {
		return day.AddDate(0, 0, 7).Month() != day.Month()
	}
	return (day.Day()-1)/7 == at
}

// repeatInLightning makes the other occurrences of a pattern, and the event that stands for
// the pattern.
func (t *tx) repeatInLightning(first *record) rowErrors {
	rule, errs := ruleOf(first.named("Recurrence2PatternText").Str())
	if errs != nil {
		return errs
	}
	start := first.named("StartDateTime").Time()
	length := time.Duration(first.named("DurationInMinutes").Num()) * time.Minute
	on := map[string]value{"IsRecurrence2": soql.Bool(true)}
	made := 0
	for day := start; made < rule.count && !rule.until.Before(day); day = day.AddDate(0, 0, 1) {
		if !rule.fallsOn(start, day) {
			continue
		}
		if made++; day.Equal(start) {
			continue
		}
		on["StartDateTime"], on["ActivityDateTime"], on["EndDateTime"] = soql.DateTime(day), soql.DateTime(day), soql.DateTime(day.Add(length))
		on["ActivityDate"] = soql.Date(day.In(t.o.zone).Format(time.DateOnly))
		if errs := t.copyOf(first, on); errs != nil {
			return errs
		}
	}
	pattern := map[string]value{"IsRecurrence2": soql.Bool(true), "GroupEventType": soql.Text("3"), "WhoId": {}, "WhatId": {}}
	if errs := t.copyOf(first, pattern); errs != nil {
		return errs
	}
	t.o.hidden[t.steps[len(t.steps)-1].after.id] = true
	now := first.with([]assignment{{first.object.field("IsRecurrence2"), soql.Bool(true)}})
	t.write(first, now)
	return nil
}

// recurrenceRule is the part of RFC 5545 that this org takes: days and weeks.
type recurrenceRule struct {
	freq         string
	every, count int
	until        time.Time
	days         []string
}

var weekdays = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

func ruleOf(text string) (recurrenceRule, rowErrors) {
	rule := recurrenceRule{every: 1, count: maxOccurrences, until: time.Date(4000, 12, 31, 0, 0, 0, 0, time.UTC)}
	for _, part := range strings.Split(strings.TrimPrefix(text, "RRULE:"), ";") {
		name, v, _ := strings.Cut(part, "=")
		var err error
		switch name {
		case "FREQ":
			rule.freq = v
		case "INTERVAL":
			rule.every, err = strconv.Atoi(v)
		case "COUNT":
			rule.count, err = strconv.Atoi(v)
		case "UNTIL":
			rule.until, err = time.Parse("20060102T150405Z", v)
		case "BYDAY":
			rule.days = strings.Split(v, ",")
		default:
			err = fmt.Errorf("%s is not simulated", name)
		}
		if err != nil {
			return rule, refuse("FIELD_INTEGRITY_EXCEPTION", "Recurrence pattern: "+err.Error(), "Recurrence2PatternText")
		}
	}
	if rule.freq != "DAILY" && rule.freq != "WEEKLY" || rule.every < 1 || rule.freq == "WEEKLY" && len(rule.days) == 0 {
		return rule, refuse("FIELD_INTEGRITY_EXCEPTION", "Recurrence pattern: this org takes FREQ=DAILY, and FREQ=WEEKLY with BYDAY", "Recurrence2PatternText")
	}
	return rule, nil
}

func (rule recurrenceRule) fallsOn(start, day time.Time) bool {
	days := int(day.Sub(start).Hours() / 24)
	if rule.freq == "DAILY" {
		return days%rule.every == 0
	}
	return slices.Contains(rule.days, weekdays[day.Weekday()]) && (days+int(start.Weekday()))/7%rule.every == 0
}

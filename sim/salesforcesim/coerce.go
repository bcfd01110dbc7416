package salesforcesim

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tandem/sim/salesforcesim/soql"
)

// coerce turns a JSON value into the value of a field, or says in the words
// of the REST API why it is none. Numbers arrive as json.Number or as Go
// numbers from the door.
func (f *field) coerce(raw any) (value, rowErrors) {
	switch v := raw.(type) {
	case nil:
		return f.empty(), nil
	case string:
		return f.fromText(v)
	case bool:
		if f.typ == "boolean" {
			return soql.Bool(v), nil
		}
		return value{}, f.misread("VALUE_"+strings.ToUpper(strconv.FormatBool(v)), fmt.Sprint(v))
	case json.Number:
		return f.fromNumber(v.String())
	case int:
		return f.fromNumber(strconv.Itoa(v))
	case int64:
		return f.fromNumber(strconv.FormatInt(v, 10))
	case float64:
		return f.fromNumber(strconv.FormatFloat(v, 'f', -1, 64))
	case time.Time:
		return f.fromText(v.UTC().Format("2006-01-02T15:04:05.000Z"))
	case []any:
		return value{}, f.misread("START_ARRAY", "")
	case map[string]any:
		if f.typ == "complexvalue" {
			text, err := json.Marshal(v)
			if err == nil {
				return soql.Raw(string(text)), nil
			}
		}
	}
	return value{}, f.misread("START_OBJECT", "")
}

// empty is what null means for the field: false for a boolean.
func (f *field) empty() value {
	if f.typ == "boolean" {
		return soql.Bool(false)
	}
	return value{}
}

func (f *field) misread(token, text string) rowErrors {
	shown := ""
	if text != "" {
		shown = " value " + text
	}
	return rowErrors{{code: "JSON_PARSER_ERROR", parse: true, message: "Cannot deserialize instance of " + f.typ + " from " + token + shown +
		" or request may be missing a required field at [line:1, column:2]"}}
}

func (f *field) fromText(s string) (value, rowErrors) {
	switch f.typ {
	case "boolean":
		return f.boolFromText(s)
	case "int", "long", "double", "currency", "percent":
		s = strings.TrimSpace(s)
		if s == "" {
			return value{}, nil
		}
		if _, err := strconv.ParseFloat(s, 64); err != nil {
			return value{}, f.misread("VALUE_STRING", s)
		}
		return f.fromNumber(s)
	case "date":
		return f.dateFromText(s)
	case "datetime":
		return f.momentFromText(s)
	case "time":
		return f.timeFromText(s)
	case "id", "reference":
		return f.idFromText(s)
	}
	if f.html {
		s = cleanHTML(s)
	}
	return f.checkText(strings.TrimSpace(s))
}

func (f *field) boolFromText(s string) (value, rowErrors) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "1":
		return soql.Bool(true), nil
	case "false", "0", "":
		return soql.Bool(false), nil
	}
	return value{}, f.misread("VALUE_STRING", s)
}

// Dates are kept between the years 1700 and 4000 (Salesforce help, "Valid
// dates"); the error text is the one that triggers and the API give.
func (f *field) dateFromText(s string) (value, rowErrors) {
	s = strings.TrimSpace(s)
	if s == "" {
		return value{}, nil
	}
	day := s
	if t, ok := parseMoment(s); ok {
		day = t.Format(time.DateOnly)
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return value{}, f.misread("VALUE_STRING", s)
	}
	if outsideYears(t) {
		return value{}, f.invalidDate(t)
	}
	return soql.Date(day), nil
}

func (f *field) momentFromText(s string) (value, rowErrors) {
	s = strings.TrimSpace(s)
	if s == "" {
		return value{}, nil
	}
	t, ok := parseMoment(s)
	if !ok {
		return value{}, f.misread("VALUE_STRING", s)
	}
	if outsideYears(t) {
		return value{}, f.invalidDate(t)
	}
	return soql.DateTime(t), nil
}

// outsideYears: the last moment is the midnight in UTC with which the last day
// begins (Data Loader guide, "Data Import Dates").
func outsideYears(t time.Time) bool {
	return t.Year() < 1700 || t.After(time.Date(4000, time.December, 31, 0, 0, 0, 0, time.UTC))
}

func (f *field) invalidDate(t time.Time) rowErrors {
	return refuse("FIELD_INTEGRITY_EXCEPTION", f.label+": invalid date: "+t.Format("Mon Jan 02 15:04:05 GMT 2006"), f.name)
}

var momentLayouts = []string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999-0700", "2006-01-02T15:04Z07:00"}

// parseMoment reads the datetime forms that the REST API accepts.
func parseMoment(s string) (time.Time, bool) {
	for _, layout := range momentLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

var timeLayouts = []string{"15:04:05.999999999Z07:00", "15:04:05.999999999", "15:04Z07:00", "15:04"}

// timeFromText reads a time of day, which is kept in UTC to the millisecond.
func (f *field) timeFromText(s string) (value, rowErrors) {
	s = strings.TrimSpace(s)
	if s == "" {
		return value{}, nil
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return soql.TimeOfDay(t.UTC().Format("15:04:05.000Z")), nil
		}
	}
	return value{}, f.misread("VALUE_STRING", s)
}

func (f *field) fromNumber(s string) (value, rowErrors) {
	switch f.typ {
	case "int", "long", "double", "currency", "percent":
	default:
		token := "VALUE_NUMBER_INT"
		if strings.ContainsAny(s, ".eE") {
			token = "VALUE_NUMBER_FLOAT"
		}
		return value{}, f.misread(token, s)
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return value{}, f.outOfRange(s)
	}
	if f.typ == "int" && n != float64(int64(n)) {
		return value{}, f.misread("VALUE_NUMBER_FLOAT", s)
	}
	n, err = strconv.ParseFloat(strconv.FormatFloat(n, 'f', f.scale, 64), 64)
	if err != nil || !f.holds(n) {
		return value{}, f.outOfRange(s)
	}
	return soql.Number(n), nil
}

// holds checks the digits before the decimal point.
func (f *field) holds(n float64) bool {
	if f.bound != 0 && (n > f.bound || n < -f.bound) {
		return false
	}
	limit := 1.0
	for range f.precision - f.scale {
		limit *= 10
	}
	return f.precision == 0 || n < limit && n > -limit
}

func (f *field) outOfRange(s string) rowErrors {
	return refuse("NUMBER_OUTSIDE_VALID_RANGE", f.label+": value outside of valid range on numeric field: "+s, f.name)
}

func (f *field) idFromText(s string) (value, rowErrors) {
	s = strings.TrimSpace(s)
	if s == "" {
		return value{}, nil
	}
	id, ok := canonicalID(s)
	if !ok {
		return value{}, refuse("MALFORMED_ID", f.label+": id value of incorrect type: "+s, f.name)
	}
	return soql.Text(id), nil
}

// emailShape is what the org takes for an address. It is wider than what mail
// servers take: an ampersand in the domain passes.
var emailShape = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9&_-]+(\\.[A-Za-z0-9&_-]+)*\\.[A-Za-z0-9-]{2,}$")

func (f *field) checkText(s string) (value, rowErrors) {
	if s == "" {
		return value{}, nil
	}
	if f.length > 0 && len(s) > f.length && utf8.RuneCountInString(s) > f.length {
		return value{}, refuse("STRING_TOO_LONG", fmt.Sprintf("%s: data value too large: %s (max length=%d)", f.label, s, f.length), f.name)
	}
	switch {
	case f.typ == "email" && !emailShape.MatchString(s):
		return value{}, refuse("INVALID_EMAIL_ADDRESS", f.label+": invalid email address: "+s, f.name)
	case f.typ == "multipicklist":
		return f.checkPicks(s)
	case f.restricted:
		if p := f.pickNamed(s); p != "" {
			return soql.Text(p), nil
		}
		return value{}, f.badPick(s)
	}
	return soql.Text(s), nil
}

// pickNamed finds an active picklist value in any letter case.
func (f *field) pickNamed(s string) string {
	for _, p := range f.picks {
		if !p.inactive && strings.EqualFold(p.value, s) {
			return p.value
		}
	}
	return ""
}

func (f *field) badPick(s string) rowErrors {
	return refuse("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f.label+": bad value for restricted picklist field: "+s, f.name)
}

// checkPicks stores the chosen values in the order in which they are defined.
func (f *field) checkPicks(s string) (value, rowErrors) {
	chosen := map[string]bool{}
	var others []string
	for _, part := range strings.Split(s, ";") {
		part = strings.TrimSpace(part)
		switch p := f.pickNamed(part); {
		case part == "":
		case p != "":
			chosen[p] = true
		case f.restricted:
			return value{}, f.badPick(part)
		default:
			others = append(others, part)
		}
	}
	var sorted []string
	for _, p := range f.picks {
		if chosen[p.value] {
			sorted = append(sorted, p.value)
		}
	}
	return soql.Text(strings.Join(append(sorted, others...), ";")), nil
}

package soql

import (
	"strconv"
	"time"
)

// Kind is the kind of a [Value].
type Kind uint8

// The kinds of values.
const (
	KindNull     Kind = iota
	KindText          // every text-like type, ids and references included; multi-select picklists joined with ";"
	KindNumber        // int, double, currency, percent
	KindBool          // boolean
	KindDateTime      // datetime, milliseconds precise
	KindDate          // date
	KindTime          // time of day
	KindRaw           // a compound value, already rendered as JSON
)

// Value is the value of one field. The zero Value is null.
type Value struct {
	text string
	num  float64
	kind Kind
}

// Null is the null value.
func Null() Value { return Value{} }

// Text is a text value; the empty string is null, as in Salesforce.
func Text(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{text: s, kind: KindText}
}

// Number is a number of any numeric type.
func Number(n float64) Value { return Value{num: n, kind: KindNumber} }

// Bool is a boolean value.
func Bool(b bool) Value {
	v := Value{kind: KindBool}
	if b {
		v.num = 1
	}
	return v
}

// DateTime is an instant, to the millisecond; the zero time is null.
func DateTime(t time.Time) Value {
	if t.IsZero() {
		return Value{}
	}
	return Value{num: float64(t.UnixMilli()), kind: KindDateTime}
}

// Date is a calendar day in the form 2026-01-02; the empty string is null.
func Date(day string) Value {
	if day == "" {
		return Value{}
	}
	return Value{text: day, kind: KindDate}
}

// TimeOfDay is a time in the form 10:30:00.000Z; the empty string is null.
func TimeOfDay(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{text: s, kind: KindTime}
}

// Raw is a compound value (address, location) rendered as a JSON object; the empty string is null.
func Raw(json string) Value {
	if json == "" {
		return Value{}
	}
	return Value{text: json, kind: KindRaw}
}

// Kind tells which of the accessors below has the value.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether the value is null.
func (v Value) IsNull() bool { return v.kind == KindNull }

// Str is the text of a text, date, time or raw value.
func (v Value) Str() string { return v.text }

// Num is the number of a number value.
func (v Value) Num() float64 { return v.num }

// Bool is the truth of a boolean value.
func (v Value) Bool() bool { return v.num != 0 }

// Time is the instant of a datetime value, in UTC.
func (v Value) Time() time.Time { return time.UnixMilli(int64(v.num)).UTC() }

// String renders the value for logs and tests, as the REST API would inside quotes.
func (v Value) String() string {
	switch v.kind {
	case KindNull:
		return "null"
	case KindNumber:
		return strconv.FormatFloat(v.num, 'f', -1, 64)
	case KindBool:
		return strconv.FormatBool(v.Bool())
	case KindDateTime:
		return v.Time().Format(DateTimeLayout)
	default:
		return v.text
	}
}

// DateTimeLayout is how the REST API renders a datetime (REST API guide, "Valid Date and DateTime Formats").
const DateTimeLayout = "2006-01-02T15:04:05.000-0700"

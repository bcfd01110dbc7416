package pubsub

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// header is the ChangeEventHeader of one event, its field lists already bitmaps.
type header struct {
	entity         string
	ids            []string
	changeType     ChangeType
	origin, key    string
	sequence       int
	time           time.Time
	commit         int64
	user           string
	nulled         []string
	diffed, change []string
}

// The encoders below write Avro's binary form (Avro 1.11 specification, "Binary Encoding").

func appendLong(b []byte, n int64) []byte { return binary.AppendVarint(b, n) }

func appendString(b []byte, s string) []byte { return append(appendLong(b, int64(len(s))), s...) }

func appendStrings(b []byte, all []string) []byte {
	if len(all) > 0 {
		b = appendLong(b, int64(len(all)))
		for _, s := range all {
			b = appendString(b, s)
		}
	}
	return append(b, 0)
}

func (h *header) append(b []byte) []byte {
	b = appendString(b, h.entity)
	b = appendStrings(b, h.ids)
	b = appendLong(b, int64(h.changeType))
	b = appendString(b, h.origin)
	b = appendString(b, h.key)
	b = appendLong(b, int64(h.sequence))
	b = appendLong(b, h.time.UnixMilli())
	b = appendLong(b, h.commit)
	b = appendString(b, h.user)
	b = appendStrings(b, h.nulled)
	b = appendStrings(b, h.diffed)
	return appendStrings(b, h.change)
}

// unionNull, unionFirst and unionSecond select the branches of a nullable field.
const (
	unionNull   = 0
	unionFirst  = 2 // zigzag of 1
	unionSecond = 4
)

// branch is where the union of a compound has its record.
func (f *schemaField) branch() byte {
	if f.switchable {
		return unionSecond
	}
	return unionFirst
}

// appendBody writes every field of the schema; one without a value is null.
func (s *eventSchema) appendBody(b []byte, values map[string]any) ([]byte, error) {
	var err error
	for _, f := range s.fields {
		switch v := values[f.name]; {
		case f.required:
			b, err = appendPrimitive(b, f.prim, v)
		case !s.header && v == "" && f.prim == "string":
			b = appendString(append(b, unionFirst), "") // only a change event has null for it
		case len(f.parts) > 0 && !(f.switchable && present(v)):
			b, err = appendCompound(b, f, values)
		default:
			b, err = appendNullable(b, f.prim, v)
		}
		if err != nil {
			return nil, fmt.Errorf("encode field %s: %w", f.name, err)
		}
	}
	return b, nil
}

// appendCompound writes the record of a compound field, or null if all its parts are.
func appendCompound(b []byte, f schemaField, values map[string]any) ([]byte, error) {
	filled := false
	for _, p := range f.parts {
		filled = filled || present(values[p.api])
	}
	if !filled {
		return append(b, unionNull), nil
	}
	b = append(b, f.branch())
	var err error
	for _, p := range f.parts {
		if b, err = appendNullable(b, p.prim, values[p.api]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// present tells a value from null; the empty string is null in Salesforce.
func present(v any) bool { return v != nil && v != "" }

func appendNullable(b []byte, prim string, v any) ([]byte, error) {
	if !present(v) {
		return append(b, unionNull), nil
	}
	return appendPrimitive(append(b, unionFirst), prim, v)
}

func appendPrimitive(b []byte, prim string, v any) ([]byte, error) {
	switch prim {
	case "string":
		if s, ok := v.(string); ok {
			return appendString(b, s), nil
		}
	case "boolean":
		if t, ok := v.(bool); ok {
			return append(b, byteOf(t)), nil
		}
	case "double":
		if n, ok := float(v); ok {
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(n)), nil
		}
	case "int":
		if n, ok := float(v); ok && n == math.Trunc(n) && n >= math.MinInt32 && n <= math.MaxInt32 {
			return appendLong(b, int64(n)), nil
		}
	case "long":
		if n, ok := millis(v); ok {
			return appendLong(b, n), nil
		}
	}
	return nil, fmt.Errorf("value of type %T does not fit Avro type %s", v, prim)
}

func byteOf(t bool) byte {
	if t {
		return 1
	}
	return 0
}

func float(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	}
	return 0, false
}

var timeForms = []string{"2006-01-02T15:04:05.999Z07:00", "2006-01-02T15:04:05.999-0700", time.DateOnly, "15:04:05.999Z"}

// millis gives milliseconds since the epoch; of a time of day, since midnight.
func millis(v any) (int64, bool) {
	switch t := v.(type) {
	case time.Time:
		return t.UnixMilli(), true
	case int64:
		return t, true
	case int:
		return int64(t), true
	case float64:
		return int64(t), true
	case string:
		return parseMillis(t)
	}
	return 0, false
}

func parseMillis(s string) (int64, bool) {
	for _, form := range timeForms {
		t, err := time.Parse(form, s)
		if err != nil {
			continue
		}
		if t.Year() == 0 {
			return t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)).Milliseconds(), true
		}
		return t.UnixMilli(), true
	}
	return 0, false
}

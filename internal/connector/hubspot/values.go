package hubspot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// values are a record's properties as text. A page of records is mostly made of
// them, so the common form (no escapes, no nesting) is read by hand; the decoder
// has checked the syntax by then.
type values map[string]string

// UnmarshalJSON takes an object of scalars; null is "".
func (v *values) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	if utf8.Valid(b) && bytes.IndexByte(b, '\\') < 0 {
		if plain, ok := scanValues(b); ok {
			*v = plain
			return nil
		}
	}
	var slow map[string]text
	if err := json.Unmarshal(b, &slow); err != nil {
		return fmt.Errorf("decode properties: %w", err)
	}
	*v = make(values, len(slow))
	for name, value := range slow {
		(*v)[name] = string(value)
	}
	return nil
}

// scanValues reads a valid object of scalars without escapes; ok is false for a
// nested value.
func scanValues(b []byte) (out values, ok bool) {
	out = make(values, bytes.Count(b, []byte(`":`)))
	rest := bytes.TrimLeft(b, " \t\r\n{")
	for len(rest) > 0 && rest[0] == '"' {
		name, after := quoted(rest)
		after = bytes.TrimLeft(after, " \t\r\n:")
		value, after, scalar := scanScalar(after)
		if !scalar {
			return nil, false
		}
		out[name] = value
		rest = bytes.TrimLeft(after, " \t\r\n,")
	}
	return out, len(rest) > 0 && rest[0] == '}'
}

// quoted reads a string without escapes.
func quoted(b []byte) (s string, rest []byte) {
	end := bytes.IndexByte(b[1:], '"') + 1
	return string(b[1:end]), b[end+1:]
}

func scanScalar(b []byte) (value string, rest []byte, ok bool) {
	switch {
	case len(b) == 0 || b[0] == '{' || b[0] == '[':
		return "", b, false
	case b[0] == '"':
		value, rest = quoted(b)
		return value, rest, true
	}
	end := bytes.IndexAny(b, ",} \t\r\n")
	if end < 0 {
		return "", b, false
	}
	if value = string(b[:end]); value == "null" {
		value = ""
	}
	return value, b[end:], true
}

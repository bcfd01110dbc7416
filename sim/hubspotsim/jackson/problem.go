// Package jackson words what is wrong with a JSON body as the vendor's own
// parser, a Java library, words it: clients meet these texts in error messages.
package jackson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// Problem words an error that encoding/json gave for a body, and tells how many
// bytes of the body were read by then.
func Problem(body []byte, err error) (text string, offset int) {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return mismatch(kind), int(kind.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return unfinished, len(body)
	case errors.As(err, &syntax) && int(syntax.Offset) >= len(body) && strings.HasPrefix(syntax.Error(), "unexpected end"):
		return unfinished, len(body)
	case errors.As(err, &syntax):
		return unexpected(body, int(syntax.Offset)), int(syntax.Offset)
	}
	return "Unexpected token", 0
}

const unfinished = "Unexpected end-of-input: expected close marker"

func unexpected(body []byte, offset int) string {
	r, _ := utf8.DecodeRune(body[min(max(offset-1, 0), len(body)):])
	return fmt.Sprintf("Unexpected character ('%c' (code %d)): expected a valid value", r, r)
}

// tokens name the start of a value of another kind.
var tokens = map[string]string{
	"object": "Object value (token `JsonToken.START_OBJECT`)",
	"array":  "Array value (token `JsonToken.START_ARRAY`)",
	"string": "String value (token `JsonToken.VALUE_STRING`)",
	"bool":   "Boolean value (token `JsonToken.VALUE_TRUE`)",
	"number": "Integer value (token `JsonToken.VALUE_NUMBER_INT`)",
}

func mismatch(e *json.UnmarshalTypeError) string {
	found, _, _ := strings.Cut(e.Value, " ")
	from := tokens[found]
	if from == "" {
		from = tokens["object"]
	}
	return "Cannot deserialize value of type `" + javaType(e.Type) + "` from " + from
}

func javaType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return "java.util.ArrayList"
	case reflect.Map, reflect.Struct:
		return "java.util.LinkedHashMap"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Uint64:
		return "long"
	case reflect.Float64:
		return "double"
	}
	return "java.lang.String"
}

// Message is the whole text of the answer: the problem and its place.
func Message(body []byte, problem string, offset int) string {
	offset = min(max(offset, 0), len(body))
	line := 1 + bytes.Count(body[:offset], []byte("\n"))
	column := offset - (bytes.LastIndexByte(body[:offset], '\n') + 1)
	return fmt.Sprintf("Invalid input JSON on line %d, column %d: %s", line, max(column, 1), problem)
}

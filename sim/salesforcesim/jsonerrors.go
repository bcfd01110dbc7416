package salesforcesim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

const noBody = "The HTTP entity body is required, but this request has no entity body."

// jsonProblem says in the vendor's words why a body could not be read: its
// parser counts lines and columns from one.
func jsonProblem(body []byte, err error) rowErrors {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &typ):
		return refuse("JSON_PARSER_ERROR", fmt.Sprintf("Cannot deserialize instance of %s from %s value %s or request may be missing a required field at %s",
			orElse(typ.Field, "the request"), jsonTokens[typ.Value], typ.Value, placeIn(body, typ.Offset)))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.As(err, &syntax) && syntax.Offset >= int64(len(body)) && !json.Valid(body) && unfinished(body):
		return refuse("JSON_PARSER_ERROR", "Unexpected end-of-input: the JSON text is not complete at "+placeIn(body, int64(len(body))))
	case errors.As(err, &syntax):
		at := max(min(syntax.Offset, int64(len(body)))-1, 0)
		r, _ := utf8.DecodeRune(body[at:])
		return refuse("JSON_PARSER_ERROR", fmt.Sprintf("Unexpected character ('%c' (code %d)) at %s", r, r, placeIn(body, at)))
	}
	return refuse("JSON_PARSER_ERROR", "The request body cannot be read as JSON")
}

// unfinished tells a text that stops short from one that is wrong at its end.
func unfinished(body []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := dec.Token(); err != nil {
			return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
		}
	}
}

var jsonTokens = map[string]string{"string": "VALUE_STRING", "number": "VALUE_NUMBER_INT", "bool": "VALUE_TRUE", "array": "START_ARRAY", "object": "START_OBJECT"}

func placeIn(body []byte, offset int64) string {
	before := body[:max(min(offset, int64(len(body))), 0)]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("[line:%d, column:%d]", line, column)
}

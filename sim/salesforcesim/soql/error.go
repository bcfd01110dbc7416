package soql

import (
	"fmt"
	"strings"
)

// Error is a refusal in Salesforce's words; the REST layer renders it as [{"errorCode":Code,"message":Message}] with 400.
type Error struct {
	Code    string // MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE, INVALID_QUERY_FILTER_OPERATOR, NUMBER_OUTSIDE_VALID_RANGE
	Message string // with the query's excerpt, a caret, row and column where Salesforce gives them
}

// Error gives code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

const (
	codeMalformed  = "MALFORMED_QUERY"
	codeField      = "INVALID_FIELD"
	codeType       = "INVALID_TYPE"
	codeFilter     = "INVALID_QUERY_FILTER_OPERATOR"
	codeOutOfRange = "NUMBER_OUTSIDE_VALID_RANGE"
)

// errorAt makes an error that shows where in the statement it happened.
func errorAt(text string, pos int, code, message string) *Error {
	row, column := rowColumn(text, pos)
	excerpt, indent := excerptAt(text, pos)
	return &Error{Code: code, Message: fmt.Sprintf("\n%s\n%s^\nERROR at Row:%d:Column:%d\n%s",
		excerpt, strings.Repeat(" ", indent), row, column, message)}
}

// lexicalError is how Salesforce reports what is no token at all: a line and a column, no excerpt.
func lexicalError(text string, pos int, message string) *Error {
	row, column := rowColumn(text, pos)
	return &Error{Code: codeMalformed, Message: fmt.Sprintf("line %d:%d %s", row, column-1, message)}
}

func rowColumn(text string, pos int) (row, column int) {
	before := text[:pos]
	return 1 + strings.Count(before, "\n"), pos - strings.LastIndexByte(before, '\n')
}

// Salesforce shows about thirty characters on both sides of the place, widened to whole words (derived from recorded
// answers: the left end moves left to a blank or comma, the right end moves right).
const (
	excerptBefore = 30
	excerptAfter  = 31
)

// excerptAt cuts the piece of the statement around pos and tells how far in it pos lies.
func excerptAt(text string, pos int) (excerpt string, indent int) {
	start := max(0, pos-excerptBefore)
	for start > 0 && !isBreak(text[start-1]) {
		start--
	}
	end := min(len(text), pos+excerptAfter)
	for end < len(text) && !isBreak(text[end]) {
		end++
	}
	return text[start:end], pos - start
}

func isBreak(c byte) bool { return isSpace(c) || c == ',' }

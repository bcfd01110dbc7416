package store

import (
	"errors"
	"fmt"
)

// Code classifies a failure of the store.
type Code string

// Codes of store errors.
const (
	Locked       Code = "locked"        // an engine is running on this store, or took it over
	NewerSchema  Code = "newer_schema"  // written by a newer release
	OlderSchema  Code = "older_schema"  // to be migrated by an engine first
	Conflict     Code = "conflict"      // a ref is already in an open link: Error.Link
	NotFound     Code = "not_found"     // no such row, or no such store
	Corrupt      Code = "corrupt"       // stored bytes do not pass their check
	Stale        Code = "stale"         // settings were given that somebody has changed since
	ReadOnly     Code = "read_only"     // a write on a store opened for reading
	Full         Code = "full"          // no space left
	Busy         Code = "busy"          // another program holds the lock of the store's file
	Unavailable  Code = "unavailable"   // the database cannot be reached or answers with an I/O error
	Invalid      Code = "invalid"       // an argument that the schema forbids
	BadReference Code = "bad_reference" // the store address (DSN) cannot be used
)

// Error is a coded failure of the store.
type Error struct {
	Code    Code
	Message string // what happened, to what, and what to do; never a secret
	Link    int64  // for Conflict: the open link that already holds the ref
	Err     error  // the cause, where there is one
}

// Sentinels for errors.Is: any *Error of the same code matches.
var (
	ErrLocked   = &Error{Code: Locked, Message: "an engine is running on this store"}
	ErrConflict = &Error{Code: Conflict, Message: "already linked"}
	ErrNotFound = &Error{Code: NotFound, Message: "not found"}
	ErrReadOnly = &Error{Code: ReadOnly, Message: "store is open for reading only"}
)

// Error is the message and the cause in one line.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return fmt.Sprintf("%s: %v", e.Message, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is matches any store error of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Passes reports a failure that ends when somebody makes room or lets go of the store's
// file: whoever tries again later needs no fresh process. One of reading or writing the
// file itself is none, since what the system then holds of it is not known.
func Passes(err error) bool {
	c := CodeOf(err)
	return c == Full || c == Busy
}

// CodeOf is the code of the *Error in err's chain, blank without one.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

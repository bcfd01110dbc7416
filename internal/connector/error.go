package connector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tandem/internal/core"
)

// Codes of our own, beside the vendors' codes which are passed through.
const (
	CodeNoPriceBook  = "no_price_book"     // the price book of the settings is not there, or hidden
	CodePriceBlank   = "price_blank"       // an entry of a price book has a price
	CodePositionLost = "position_lost"     // the feed cannot resume at the stored position
	CodeChanged      = "changed_meanwhile" // the record changed between reading and writing
	CodeNotJSON      = "not_json"          // an answer that is not JSON where JSON was due
	CodeForeignHost  = "foreign_host"      // a redirect or next link to a host that is not configured
	CodeTooLarge     = "too_large"         // an answer above the size cap
	CodeNetwork      = "network"           // no answer
	CodeBudget       = "budget"            // our configured daily share is used up
	CodeUnsupported  = "unsupported"       // this side has no such thing
	CodeStopped      = "stopped"           // held back by the stop of its context
)

// Error is a classified failure of one call.
type Error struct {
	Side    core.Side
	Class   core.Class
	Code    string // vendor's code, or one of ours
	Message string // vendor's text, one line, no secrets
	Mend    string // what a person can do, where known
	Fields  []string
	RetryAt time.Time // for transient and quota
	// Sent reports that the request may have reached the server, so that a
	// write's effect is unknown.
	Sent bool
	Err  error
}

// Error is one line: side, code, message.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s: %s", e.Side, e.Code, e.Message)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// ClassOf is the class of the *Error in err's chain; ClassNone without one.
func ClassOf(err error) core.Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return core.ClassNone
}

// Denied reports that a side itself says that something is not there, or not for us. An
// answer that leads elsewhere or has no end says nothing of it.
func Denied(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.Code == CodeForeignHost || e.Code == CodeTooLarge {
		return false
	}
	return e.Class == core.ClassSchema || e.Class == core.ClassRejected
}

// Priority orders calls when a budget is short: live changes before retries
// before backfill.
type Priority int

// Priorities, the most urgent first.
const (
	Live Priority = iota
	Retry
	Backfill
)

type stopKey struct{}

// WithStop keeps calls made under ctx from being sent once stop is closed: those
// that wait for their turn are refused with CodeStopped, surely not sent. What is
// under way by then comes to its end.
func WithStop(ctx context.Context, stop <-chan struct{}) context.Context {
	return context.WithValue(ctx, stopKey{}, stop)
}

// StopOf is the stop of ctx; nil, which never comes, without one.
func StopOf(ctx context.Context) <-chan struct{} {
	stop, _ := ctx.Value(stopKey{}).(<-chan struct{})
	return stop
}

type priorityKey struct{}

// WithPriority labels the calls made under ctx.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

// PriorityOf is the label of ctx, Live without one.
func PriorityOf(ctx context.Context) Priority {
	p, _ := ctx.Value(priorityKey{}).(Priority)
	return p
}

// LostPosition reports that a side no longer tells what happened since the place that was
// asked for: whoever listens compares instead.
func LostPosition(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == CodePositionLost
}

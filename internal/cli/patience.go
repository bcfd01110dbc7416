package cli

import (
	"context"
	"errors"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// A look for a person waits out a side's limit of calls a second where that is at most
// maxPatience from now, and so often at most.
const (
	maxPatience = 15 * time.Second
	looksAgain  = 5
)

// patiently is onSides for a look that writes nothing.
func patiently(fn func(context.Context, *wired, request) (any, error)) task {
	return func(ctx context.Context, w *world, rq request) (any, error) {
		return w.app.patient(ctx, func() (any, error) { return onSides(fn)(ctx, w, rq) })
	}
}

// patient has a look at the sides that writes nothing: one that says to come again in some
// seconds is asked again then.
func (a *app) patient(ctx context.Context, look func() (any, error)) (out any, err error) {
	for range looksAgain {
		out, err = look()
		var ce *connector.Error
		if !errors.As(err, &ce) || ce.Class != core.ClassTransient || ce.RetryAt.IsZero() || ce.RetryAt.Sub(a.now()) > maxPatience {
			return out, err
		}
		if err := connector.Pause(ctx, ce.RetryAt.Sub(a.now())); err != nil {
			return nil, err
		}
	}
	return out, err
}

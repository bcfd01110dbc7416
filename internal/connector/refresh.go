package connector

import (
	"context"
	"time"

	"golang.org/x/sync/singleflight"
)

// A process that exchanged a rotating refresh token has its answer before another's
// use of the old one is refused; what it still needs is to store the new one.
const (
	renewedWithin = 3 * time.Second
	renewedLook   = 100 * time.Millisecond
)

// RenewedElsewhere is the refresh token that another process has exchanged sent for,
// asked of kept for up to three seconds; blank where sent is the one that counts, or
// none is kept. A refused token that nobody else renewed is dead for good.
func RenewedElsewhere(ctx context.Context, kept func(context.Context) (string, error), sent string) (string, error) {
	if kept == nil {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, renewedWithin)
	defer cancel()
	ticker := time.NewTicker(renewedLook)
	defer ticker.Stop()
	for {
		switch now, err := kept(ctx); {
		case ctx.Err() != nil:
			return "", nil
		case err != nil:
			return "", err
		case now != "" && now != sent:
			return now, nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return "", nil
		}
	}
}

// renewalGrace is how long a renewal that is under way holds up a caller who ends.
const renewalGrace = 20 * time.Second

// AwaitRenewal is what a renewal of tokens gives to one of its callers. Where tokens rotate a
// caller whose context has ended waits on, for 20 seconds at most, and is then told of that: the
// side may have exchanged the old token already, and a process that ended before the new one
// is stored would lose the connection.
func AwaitRenewal(ctx context.Context, done <-chan singleflight.Result, rotates bool) (any, error) {
	select {
	case r := <-done:
		return r.Val, r.Err
	case <-ctx.Done():
	}
	if rotates {
		grace := time.NewTimer(renewalGrace)
		defer grace.Stop()
		select {
		case <-done:
		case <-grace.C:
		}
	}
	return nil, context.Cause(ctx)
}

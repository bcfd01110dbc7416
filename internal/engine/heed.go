package engine

import "context"

// Far is how far a look that takes its time has come.
type Far struct {
	Stage       string
	Done, Total int // Total is 0 where nobody can tell, and an upper bound otherwise
}

type heedKey struct{}

// Heed has a look tell how far it is.
func Heed(ctx context.Context, far func(Far)) context.Context {
	return context.WithValue(ctx, heedKey{}, far)
}

// Tell says how far a look is, to whoever heeds it.
func Tell(ctx context.Context, f Far) {
	if far, ok := ctx.Value(heedKey{}).(func(Far)); ok {
		far(f)
	}
}

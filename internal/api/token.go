package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/console"
	"tandem/internal/store"
)

const (
	scheme  = "token" // the name of the security scheme
	roleKey = "role"  // of an operation, in its metadata
)

// usedNoted is how exactly it is noted when a token was used.
const usedNoted = time.Minute

type callerKey struct{}

// caller names for the audit log whose token a request came with.
func caller(ctx context.Context) string {
	name, _ := ctx.Value(callerKey{}).(string)
	return "token " + name
}

// enter lets a request through whose token has the role that its operation needs.
func (s *service) enter(c huma.Context, next func(huma.Context)) {
	role, guarded := c.Operation().Metadata[roleKey].(store.Role)
	if !guarded {
		next(c)
		return
	}
	k, err := s.token(c.Context(), c.Header("Authorization"))
	switch {
	case store.CodeOf(err) == store.NotFound:
		c.SetHeader("WWW-Authenticate", "Bearer")
		s.refuse(c, http.StatusUnauthorized, "The API needs a token: send Authorization: Bearer TOKEN. An admin makes one in the console, under Users.")
	case err != nil:
		s.Log.Error("api", "cause", err)
		s.refuse(c, http.StatusInternalServerError, "The token could not be looked up.")
	case k.Role < role:
		s.refuse(c, http.StatusForbidden, "The token's role is "+k.Role.String()+", and this needs "+role.String()+".")
	default:
		next(huma.WithValue(c, callerKey{}, k.Name))
	}
}

func (s *service) refuse(c huma.Context, status int, message string) {
	_ = huma.WriteErr(s.api, c, status, message) // a program that went away reads nothing
}

// token finds the token of a header; NotFound without one.
func (s *service) token(ctx context.Context, header string) (k store.Token, err error) {
	kind, secret, _ := strings.Cut(header, " ")
	if !strings.EqualFold(kind, "Bearer") || secret == "" {
		return k, store.ErrNotFound
	}
	key := console.TokenKey(strings.TrimSpace(secret))
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) { k, err = tx.Token(key); return err })
	if err == nil && s.Now().Sub(k.Used) >= usedNoted {
		err = s.Store.Update(ctx, func(tx *store.Tx) error { return tx.TokenUsed(key) })
	}
	return k, err
}

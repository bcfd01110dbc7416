package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"

	"tandem/internal/store"
)

// visit is one request of somebody, and what the page about it shows.
type visit struct {
	w   http.ResponseWriter
	r   *http.Request
	who store.Account // the zero one for nobody
	key string        // of the session
	now time.Time

	connections []string
	connection  string // that the page is about; blank for all
}

// cookieName names the cookie that holds the session's secret.
const cookieName = "tandem_session"

// A session ends when it was not used for sessionIdle, and sessionLife after it began.
// Its use is noted once in sessionNoted.
const (
	sessionIdle  = 12 * time.Hour
	sessionLife  = 7 * 24 * time.Hour
	sessionNoted = time.Minute
)

// open serves a page for everybody.
func (c *Console) open(page func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, now: c.Now()}
		if err := page(v); err != nil {
			c.fail(v, err)
		}
	}
}

// as serves a page for people who are signed in and have at least the role.
func (c *Console) as(role store.Role, page func(*visit) error) http.Handler {
	return c.open(func(v *visit) error {
		if err := c.enter(v); err != nil {
			return err
		}
		if v.who.Role < role {
			return &refusal{status: http.StatusForbidden, Trouble: Trouble{Code: "role_needed",
				Message: "Your role is " + v.who.Role.String() + ", and this needs " + role.String() + ".", Mend: "ask an admin to change your role, or to do it"}}
		}
		v.connections = c.Connections()
		v.connection = v.r.PathValue("connection")
		if v.connection != "" && !slices.Contains(v.connections, v.connection) {
			return notFound("There is no connection named " + v.connection + ".")
		}
		return page(v)
	})
}

// errSignIn asks for signing in.
var errSignIn = errors.New("not signed in")

// enter finds out who visits.
func (c *Console) enter(v *visit) error {
	cookie, err := v.r.Cookie(cookieName)
	if err != nil {
		return errSignIn
	}
	v.key = keyOf(cookie.Value)
	var s store.Session
	err = c.Store.View(v.r.Context(), func(tx *store.Tx) (err error) { s, v.who, err = tx.Session(v.key); return err })
	if store.CodeOf(err) == store.NotFound {
		return errSignIn
	}
	if err != nil || v.now.Sub(s.Used) < sessionNoted {
		return err
	}
	return c.Store.Update(v.r.Context(), func(tx *store.Tx) error { return tx.SessionUsed(v.key, expiry(s.Created, v.now)) })
}

// expiry is when a session ends that is used now.
func expiry(began, now time.Time) time.Time {
	end, idle := began.Add(sessionLife), now.Add(sessionIdle)
	if idle.Before(end) {
		return idle
	}
	return end
}

// begin starts a session for an account.
func (c *Console) begin(v *visit, tx *store.Tx, name string) (secret string, err error) {
	secret = newSecret()
	agent := v.r.UserAgent()
	return secret, tx.SessionPut(store.Session{Key: keyOf(secret), Account: name, Agent: agent[:min(len(agent), 200)], Expires: expiry(v.now, v.now)})
}

// keep has the browser keep the secret of a session; a blank one makes it forget.
func (v *visit) keep(secret string) {
	cookie := &http.Cookie{Name: cookieName, Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.secure(), MaxAge: int(sessionLife / time.Second)}
	if secret == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(v.w, cookie)
}

// secure reports that the browser came by TLS, to this process or to what stands in front
// of it.
func (v *visit) secure() bool {
	return v.r.TLS != nil || v.r.Header.Get("X-Forwarded-Proto") == "https"
}

// origin is the address of the console as the browser knows it.
func (v *visit) origin() string {
	if v.secure() {
		return "https://" + v.r.Host
	}
	return "http://" + v.r.Host
}

// refusal is what the console itself refuses.
type refusal struct {
	Trouble
	status int
}

func (r *refusal) Error() string { return r.Message }

// Refused is what the console itself has refused, and whether an error is that.
func Refused(err error) (Trouble, bool) {
	var own *refusal
	if errors.As(err, &own) {
		return own.Trouble, true
	}
	return Trouble{}, false
}

func notFound(message string) error {
	return &refusal{status: http.StatusNotFound, Trouble: Trouble{Code: "not_found", Message: message}}
}

func misused(message string) error {
	return &refusal{status: http.StatusBadRequest, Trouble: Trouble{Code: "usage", Message: message}}
}

// fail answers with what went wrong.
func (c *Console) fail(v *visit, err error) {
	var own *refusal
	switch {
	case errors.Is(err, context.Canceled) && v.r.Context().Err() != nil:
		return // nobody reads the answer
	case errors.Is(err, errSignIn):
		v.toSignIn()
		return
	case errors.As(err, &own):
	default:
		t := c.Tell(err)
		own = &refusal{Trouble: t, status: http.StatusUnprocessableEntity}
		if t.Code == "failed" {
			own.status = http.StatusInternalServerError
			c.Log.Error("console", "path", v.r.URL.Path, "cause", err)
		}
	}
	v.w.WriteHeader(own.status)
	_ = v.show(failedPage(v, own.Trouble)) // a browser that went away sees nothing
}

// toSignIn leads to the form, and back to the page asked for. A stream, which htmx asks for,
// is told instead, so that its page goes there.
func (v *visit) toSignIn() {
	if v.r.Method == http.MethodGet && v.r.Header.Get("HX-Request") != "" {
		v.w.WriteHeader(http.StatusUnauthorized)
		return
	}
	to := "/sign-in"
	if v.r.Method == http.MethodGet && v.r.URL.Path != "/" {
		to += "?to=" + url.QueryEscape(v.r.URL.RequestURI())
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
}

// show renders a page.
func (v *visit) show(page templ.Component) error {
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	return page.Render(v.r.Context(), v.w)
}

// to leads the browser to another page of the console.
func (v *visit) to(path string) error {
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// order is an order about the connection of the page.
func (v *visit) order() Order { return Order{Connection: v.connection, By: v.who.Name} }

// may reports that who visits has a role.
func (v *visit) may(role store.Role) bool { return v.who.Role >= role }

// at is the address of a page about a connection.
func at(connection string, parts ...string) string {
	out := "/c/" + url.PathEscape(connection)
	for _, p := range parts {
		out += "/" + url.PathEscape(p)
	}
	return out
}

// at is the address of a page about the connection of this one.
func (v *visit) at(parts ...string) string { return at(v.connection, parts...) }

// nearest is the connection of the page, or else the first one; blank where there is none.
func (v *visit) nearest() string {
	if v.connection == "" && len(v.connections) > 0 {
		return v.connections[0]
	}
	return v.connection
}

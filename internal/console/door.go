package console

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"tandem/internal/oidc"
	"tandem/internal/store"
)

// Door is the identity provider by which people sign in, and what it lets them do.
type Door struct {
	*oidc.Provider
	// Roles are the roles of groups. With any, the groups decide at each sign-in.
	Roles map[string]store.Role
	// Everybody is the role of whoever is in none of them and has no account; zero: nobody.
	Everybody store.Role
}

const (
	doorPath   = "/sign-in/oidc"
	ticketName = "tandem_sign_in" // of the cookie that a browser keeps while it is away
	ticketLife = 10 * time.Minute
	mostTo     = 1000 // bytes of the page asked for that a ticket keeps
)

// leave leads the browser to the identity provider.
func (c *Console) leave(v *visit) error {
	if c.Door == nil {
		return notFound("Nobody signs in by an identity provider here.")
	}
	address, t, err := c.Door.Begin(v.r.Context())
	if err != nil {
		return c.notIn(v, err)
	}
	to := v.r.URL.Query().Get("to")
	if len(to) > mostTo {
		to = "/"
	}
	v.keepTicket(url.Values{"state": {t.State}, "nonce": {t.Nonce}, "verifier": {t.Verifier}, "to": {to}}.Encode(), int(ticketLife/time.Second))
	return v.to(address)
}

func (v *visit) keepTicket(value string, age int) {
	http.SetCookie(v.w, &http.Cookie{Name: ticketName, Value: value, Path: doorPath, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.secure(), MaxAge: age})
}

// comeBack signs in whoever comes back from the identity provider.
func (c *Console) comeBack(v *visit) error {
	if c.Door == nil {
		return notFound("Nobody signs in by an identity provider here.")
	}
	kept := url.Values{}
	if cookie, err := v.r.Cookie(ticketName); err == nil {
		kept, _ = url.ParseQuery(cookie.Value) // what is no ticket fits no answer
	}
	v.keepTicket("", -1)
	t := oidc.Ticket{State: kept.Get("state"), Nonce: kept.Get("nonce"), Verifier: kept.Get("verifier")}
	who, err := c.Door.Finish(v.r.Context(), t, v.r.URL.Query())
	if err != nil {
		return c.notIn(v, err)
	}
	name, err := c.admit(v, who)
	if err != nil {
		return c.notIn(v, err)
	}
	return c.welcomed(v, name, kept.Get("to"), "sign in by the identity provider")
}

// notIn shows why the identity provider lets nobody in. What happened behind it stands in
// the log: it names no secret.
func (c *Console) notIn(v *visit, err error) error {
	var told *oidc.Error
	if !errors.As(err, &told) {
		return err
	}
	if cause := errors.Unwrap(told); cause != nil {
		c.Log.Warn("sign in by the identity provider", "code", told.Code, "cause", cause)
	}
	status := http.StatusForbidden
	if told.Code == oidc.Unreachable {
		status = http.StatusBadGateway
	}
	return &refusal{status: status, Trouble: Trouble{Code: told.Code, Message: told.Message, Mend: told.Mend}}
}

// admit finds or makes the account of somebody whom the provider knows, gives it the role
// that the groups say, and tells its name.
func (c *Console) admit(v *visit, who oidc.Identity) (name string, err error) {
	if badName(who.Name) {
		return "", misused("The identity provider tells a name that cannot be an account's: it is longer than 64 characters, or has line breaks.")
	}
	err = c.Store.Update(v.r.Context(), func(tx *store.Tx) error {
		a, err := accountOf(tx, who)
		if err != nil {
			return err
		}
		role, known := c.Door.role(a, who)
		if !known {
			name = ""
			return audited(tx, who.Name, "sign in refused", map[string]string{"why": "no role"})
		}
		name = a.Name
		if role, err = c.unlessLast(tx, a, role); err != nil {
			return err
		}
		if a.Role == role && a.Subject == who.Subject {
			return nil
		}
		a.Role, a.Subject = role, who.Subject
		if err := tx.AccountPut(a); err != nil {
			return err
		}
		return audited(tx, a.Name, "account by the identity provider", map[string]string{"role": role.String()})
	})
	if err == nil && name == "" {
		err = &refusal{status: http.StatusForbidden, Trouble: Trouble{Code: "no_role", Message: who.Name + " has no role here.",
			Mend: "ask an admin to invite you by this name, or to put you into a group that oidc.viewers, operators or admins names"}}
	}
	return name, err
}

// unlessLast is the role that somebody gets, but that the last admin stays one: nobody else
// could give the role back.
func (c *Console) unlessLast(tx *store.Tx, a store.Account, role store.Role) (store.Role, error) {
	err := c.keepAdmin(tx, a.Name, role)
	var kept *refusal
	if errors.As(err, &kept) {
		return a.Role, nil
	}
	return role, err
}

// accountOf is the account of a person: the one that the person signed in to before, or
// the one of that name that nobody has claimed yet, or a new one without a role.
func accountOf(tx *store.Tx, who oidc.Identity) (store.Account, error) {
	a, err := tx.AccountOf(who.Subject)
	if store.CodeOf(err) != store.NotFound {
		return a, err
	}
	a, err = tx.Account(who.Name)
	switch {
	case store.CodeOf(err) == store.NotFound:
		return store.Account{Name: who.Name, Password: store.NoPassword}, nil
	case err == nil && a.Subject != "":
		err = &refusal{status: http.StatusForbidden, Trouble: Trouble{Code: "name_taken", Message: "The account " + who.Name + " belongs to somebody else at the identity provider.",
			Mend: "ask an admin: if it was a predecessor's, remove that account, then sign in again"}}
	}
	return a, err
}

// role is what somebody may do, and whether anything at all: by groups where any counts,
// then by the account, then as everybody.
func (d *Door) role(a store.Account, who oidc.Identity) (store.Role, bool) {
	var role store.Role
	for _, g := range who.Groups {
		role = max(role, d.Roles[g])
	}
	if role == 0 && len(d.Roles) == 0 {
		role = a.Role
	}
	if role == 0 {
		role = d.Everybody
	}
	return role, role != 0
}

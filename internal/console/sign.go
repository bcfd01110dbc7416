package console

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"tandem/internal/store"
)

// inviteLife is how long a link is good by which somebody chooses a password.
const inviteLife = 72 * time.Hour

const (
	maxForm    = 1 << 20 // bytes of a posted form
	longName   = 64
	longSecret = 1024
)

func (c *Console) signInPage(v *visit) error {
	return v.show(signInForm(v, c.Door != nil, v.r.URL.Query().Get("to"), ""))
}

func (c *Console) signIn(v *visit) error {
	name, password := strings.TrimSpace(v.r.PostFormValue("name")), v.r.PostFormValue("password")
	to := v.r.PostFormValue("to")
	refuse := func(status int, why string) error {
		v.w.WriteHeader(status)
		return v.show(signInForm(v, c.Door != nil, to, why))
	}
	if name == "" || len(name) > longName || len(password) > longSecret {
		return refuse(http.StatusUnauthorized, wrongPassword)
	}
	if !c.tries.may(name) {
		return refuse(http.StatusTooManyRequests, "Too many tries for this name. Wait five minutes, then try again.")
	}
	var a store.Account
	err := c.Store.View(v.r.Context(), func(tx *store.Tx) (err error) { a, err = tx.Account(name); return err })
	if err != nil && store.CodeOf(err) != store.NotFound {
		return err
	}
	if !c.isPassword(password, a.Password) {
		if err := c.note(v, name, "sign in refused", nil); err != nil {
			return err
		}
		return refuse(http.StatusUnauthorized, wrongPassword)
	}
	c.tries.right(name)
	return c.welcomed(v, name, to, "sign in")
}

const wrongPassword = "This name and password do not go together."

// welcomed begins a session and leads to the page asked for.
func (c *Console) welcomed(v *visit, name, to, action string) error {
	var secret string
	err := c.Store.Update(v.r.Context(), func(tx *store.Tx) (err error) {
		if secret, err = c.begin(v, tx, name); err != nil {
			return err
		}
		return tx.AuditAppend(name, action, nil)
	})
	if err != nil {
		return err
	}
	v.keep(secret)
	return v.to(local(to))
}

// local is a path of the console itself; anything else leads to the first page.
func local(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}

func (c *Console) signOut(v *visit) error {
	err := c.Store.Update(v.r.Context(), func(tx *store.Tx) error {
		if err := tx.SessionsEnd(v.who.Name, v.key); err != nil {
			return err
		}
		return tx.AuditAppend(v.who.Name, "sign out", nil)
	})
	if err != nil {
		return err
	}
	v.keep("")
	return v.to("/sign-in")
}

// note writes an entry of the audit log by itself.
func (c *Console) note(v *visit, who, action string, details any) error {
	return c.Store.Update(v.r.Context(), func(tx *store.Tx) error { return audited(tx, who, action, details) })
}

func audited(tx *store.Tx, who, action string, details any) error {
	if details == nil {
		return tx.AuditAppend(who, action, nil)
	}
	text, err := json.Marshal(details)
	if err != nil {
		return err
	}
	return tx.AuditAppend(who, action, text)
}

// Invite gives the path of a link by which the first admin chooses a name and a password,
// blank where there is an account already. An earlier such link is no good any more. For
// a demo it is a link that lets in without a password, for as long as the process runs.
func (c *Console) Invite(ctx context.Context) (path string, err error) {
	secret := newSecret()
	err = c.Store.Update(ctx, func(tx *store.Tx) error {
		if c.Demo {
			c.demoKey = keyOf(secret)
			return tx.AccountPut(store.Account{Name: demoName, Role: store.Admin, Password: store.NoPassword})
		}
		all, err := tx.Accounts()
		if err != nil || len(all) > 0 {
			secret = ""
			return err
		}
		return tx.InvitePut(store.Invite{Key: keyOf(secret), Role: store.Admin, Expires: c.Now().Add(inviteLife)})
	})
	if err != nil || secret == "" {
		return "", err
	}
	return "/welcome/" + secret, nil
}

// demoName is the account of everybody in a demo.
const demoName = "demo"

func (c *Console) isDemo(v *visit) bool {
	return c.Demo && c.demoKey != "" && keyOf(v.r.PathValue("token")) == c.demoKey
}

func (c *Console) welcomePage(v *visit) error {
	if c.isDemo(v) {
		return v.show(demoDoor(v))
	}
	i, err := c.invited(v)
	if err != nil {
		return err
	}
	return v.show(welcomeForm(v, i, i.Name, ""))
}

func (c *Console) invited(v *visit) (i store.Invite, err error) {
	err = c.Store.View(v.r.Context(), func(tx *store.Tx) (err error) {
		i, err = tx.Invite(keyOf(v.r.PathValue("token")))
		return err
	})
	return i, usedUp(err)
}

// usedUp says of an invite that is not there what to do.
func usedUp(err error) error {
	if store.CodeOf(err) != store.NotFound {
		return err
	}
	return &refusal{status: http.StatusNotFound, Trouble: Trouble{Code: "link_used", Message: "This link was used already or is too old.",
		Mend: "sign in, or ask an admin for a new link; before the first account is made, a restart of tandem serve prints one"}}
}

// welcome takes the password that somebody chose, and signs in.
func (c *Console) welcome(v *visit) error {
	if c.isDemo(v) {
		return c.welcomed(v, demoName, "/", "sign in")
	}
	i, err := c.invited(v)
	if err != nil {
		return err
	}
	name, password := i.Name, v.r.PostFormValue("password")
	if name == "" {
		name = strings.TrimSpace(v.r.PostFormValue("name"))
	}
	if why := unfit(name, password); why != "" {
		v.w.WriteHeader(http.StatusUnprocessableEntity)
		return v.show(welcomeForm(v, i, name, why))
	}
	kept := c.hashPassword(password)
	err = c.Store.Update(v.r.Context(), func(tx *store.Tx) error {
		i, err := tx.InviteTake(i.Key)
		if err == nil && i.Name == "" {
			err = nobodyYet(tx)
		}
		if err != nil {
			return err
		}
		if err := tx.SessionsEnd(name, ""); err != nil { // whoever had the old password
			return err
		}
		a, err := tx.Account(name)
		if err != nil && store.CodeOf(err) != store.NotFound {
			return err
		}
		if err := tx.AccountPut(store.Account{Name: name, Role: i.Role, Password: kept, Subject: a.Subject}); err != nil {
			return err
		}
		return audited(tx, name, "choose password", map[string]string{"role": i.Role.String()})
	})
	if err != nil {
		return usedUp(err)
	}
	c.tries.right(name)
	return c.welcomed(v, name, "/", "sign in")
}

// nobodyYet refuses the link of the first admin once there is an account: its bearer could
// choose the name of that one.
func nobodyYet(tx *store.Tx) error {
	all, err := tx.Accounts()
	if err == nil && len(all) > 0 {
		err = store.ErrNotFound
	}
	return err
}

// unfit says what is wrong with a name and a password, blank for nothing.
func unfit(name, password string) string {
	switch {
	case badName(name):
		return "Write a name of 1 to 64 characters, such as your e-mail address."
	case utf8.RuneCountInString(password) < shortest:
		return "The password has fewer than 12 characters. A few words in a row are easy to keep and hard to guess."
	case len(password) > longSecret:
		return "The password is longer than 1024 bytes."
	case strings.EqualFold(name, password):
		return "The password is the name. Choose another one."
	}
	return ""
}

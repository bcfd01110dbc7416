package console

import (
	"net/http"
	"slices"
	"strings"

	"tandem/internal/store"
)

// people is the page of who may use the console.
type people struct {
	accounts []store.Account
	sessions []store.Session
	tokens   []store.Token
	token    string // that was just made, blank for none
	link     string // that was just made, blank for none
	linkFor  string
}

func (c *Console) peoplePage(v *visit) error { return c.showPeople(v, people{}) }

func (c *Console) showPeople(v *visit, p people) error {
	err := c.Store.View(v.r.Context(), func(tx *store.Tx) (err error) {
		if p.accounts, err = tx.Accounts(); err != nil {
			return err
		}
		if p.sessions, err = tx.Sessions(); err != nil {
			return err
		}
		p.tokens, err = tx.Tokens()
		return err
	})
	if err != nil {
		return err
	}
	return v.show(peopleView(v, p))
}

// roleNamed reads a role.
func roleNamed(word string) (store.Role, error) {
	i := slices.IndexFunc(store.Roles, func(r store.Role) bool { return r.String() == word })
	if i < 0 {
		return 0, misused("There is no such role.")
	}
	return store.Roles[i], nil
}

// invite makes a link by which somebody chooses a password: a new account's first one, or
// the next one of somebody who forgot it. It is shown once.
func (c *Console) invite(v *visit) error {
	name := strings.TrimSpace(v.r.PostFormValue("name"))
	role, err := roleNamed(v.r.PostFormValue("role"))
	if err != nil {
		return err
	}
	if badName(name) {
		return misused("Write a name of 1 to 64 characters, such as an e-mail address.")
	}
	secret := newSecret()
	err = c.Store.Update(v.r.Context(), func(tx *store.Tx) error {
		if err := c.keepAdmin(tx, name, role); err != nil {
			return err
		}
		if err := tx.InvitePut(store.Invite{Key: keyOf(secret), Name: name, Role: role, Expires: c.Now().Add(inviteLife)}); err != nil {
			return err
		}
		return audited(tx, v.who.Name, "invite", map[string]string{"name": name, "role": role.String()})
	})
	if err != nil {
		return err
	}
	return c.showPeople(v, people{link: v.origin() + "/welcome/" + secret, linkFor: name})
}

// badName reports a name that nobody may have.
func badName(name string) bool {
	return name == "" || len(name) > longName || strings.ContainsAny(name, "\r\n\t")
}

// keepAdmin refuses to give the last admin a lower role.
func (c *Console) keepAdmin(tx *store.Tx, name string, role store.Role) error {
	all, err := tx.Accounts()
	if err != nil || role == store.Admin {
		return err
	}
	admins := slices.DeleteFunc(all, func(a store.Account) bool { return a.Role != store.Admin })
	if len(admins) == 1 && admins[0].Name == name {
		return &refusal{status: http.StatusConflict, Trouble: Trouble{Code: "last_admin", Message: name + " is the only admin.", Mend: "make somebody else an admin first"}}
	}
	return nil
}

func (c *Console) changeRole(v *visit) error {
	name := v.r.PostFormValue("name")
	role, err := roleNamed(v.r.PostFormValue("role"))
	if err != nil {
		return err
	}
	return c.peopleAct(v, "change role", map[string]string{"name": name, "role": role.String()}, func(tx *store.Tx) error {
		a, err := tx.Account(name)
		if err != nil {
			return err
		}
		if err := c.keepAdmin(tx, name, role); err != nil {
			return err
		}
		a.Role = role
		return tx.AccountPut(a)
	})
}

func (c *Console) removeAccount(v *visit) error {
	name := v.r.PostFormValue("name")
	return c.peopleAct(v, "remove account", map[string]string{"name": name}, func(tx *store.Tx) error {
		if _, err := tx.Account(name); err != nil {
			return err
		}
		if err := c.keepAdmin(tx, name, 0); err != nil {
			return err
		}
		return tx.AccountDrop(name)
	})
}

// endSession ends one session of an account, or all of them.
func (c *Console) endSession(v *visit) error {
	name, key := v.r.PostFormValue("name"), v.r.PostFormValue("key")
	return c.peopleAct(v, "end session", map[string]string{"name": name}, func(tx *store.Tx) error { return tx.SessionsEnd(name, key) })
}

// peopleAct does something about accounts and notes who did it, in one transaction.
func (c *Console) peopleAct(v *visit, action string, details map[string]string, fn func(*store.Tx) error) error {
	err := c.Store.Update(v.r.Context(), func(tx *store.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return audited(tx, v.who.Name, action, details)
	})
	if err != nil {
		return err
	}
	return v.to("/people")
}

// sessionsOf are the sessions of an account.
func (p *people) sessionsOf(name string) (out []store.Session) {
	for _, s := range p.sessions {
		if s.Account == name {
			out = append(out, s)
		}
	}
	return out
}

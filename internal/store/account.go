package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Role is what somebody may do in the console. A higher one may do all that a lower
// one may.
type Role int

// Roles. A viewer sees, an operator acts on records and runs, an admin changes settings
// and who may use the console.
const (
	Viewer Role = iota + 1
	Operator
	Admin
)

// Roles are all roles, the lowest first.
var Roles = []Role{Viewer, Operator, Admin}

// String is the role's word.
func (r Role) String() string {
	switch r {
	case Viewer:
		return "viewer"
	case Operator:
		return "operator"
	case Admin:
		return "admin"
	}
	return "nobody"
}

// Account is somebody who may use the console.
type Account struct {
	Name     string
	Role     Role
	Password string // as it is kept: a salted digest, or NoPassword
	// Subject is who this is at an identity provider, blank for nobody.
	Subject string
	Created time.Time
}

// NoPassword is kept of an account that signs in without one.
const NoPassword = "none"

// Session is a browser in which somebody is signed in.
type Session struct {
	Key     string // a digest of what the browser holds
	Account string
	Agent   string // what the browser calls itself
	Created time.Time
	Used    time.Time // last, to the minute
	Expires time.Time
}

// Invite is a link by which somebody chooses a password, and gets an account by it
// where there is none of the name.
type Invite struct {
	Key     string // a digest of the link's secret
	Name    string // blank: to be chosen
	Role    Role
	Expires time.Time
}

// AccountPut stores an account, in place of the one of its name, which keeps when it was
// made.
func (t *Tx) AccountPut(a Account) error {
	_, err := t.exec(`INSERT INTO accounts (created, role, name, password, subject) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (name) DO UPDATE SET role = excluded.role, password = excluded.password, subject = excluded.subject`, ms(t.now), int64(a.Role), a.Name, a.Password, a.Subject)
	if err != nil {
		return fmt.Errorf("store account %s: %w", a.Name, err)
	}
	return nil
}

const accountColumns = `SELECT created, role, name, password, subject FROM accounts`

// Account gives an account by its name; NotFound without it.
func (t *Tx) Account(name string) (Account, error) {
	a, ok, err := only(t, scanAccount, accountColumns+` WHERE name = $1`, name)
	if err == nil && !ok {
		err = errorf(NotFound, "there is no account %q", name)
	}
	return a, err
}

// AccountOf gives the account of somebody at an identity provider; NotFound without it.
func (t *Tx) AccountOf(subject string) (Account, error) {
	a, ok, err := only(t, scanAccount, accountColumns+` WHERE subject = $1 AND subject <> ''`, subject)
	if err == nil && !ok {
		err = errorf(NotFound, "there is no account of %q", subject)
	}
	return a, err
}

// Accounts lists all accounts by name.
func (t *Tx) Accounts() ([]Account, error) {
	return list(t, scanAccount, accountColumns+` ORDER BY name`)
}

// AccountDrop removes an account with its sessions and invites.
func (t *Tx) AccountDrop(name string) error {
	for _, q := range []string{`DELETE FROM sessions WHERE account = $1`, `DELETE FROM invites WHERE name = $1`, `DELETE FROM accounts WHERE name = $1`} {
		if _, err := t.exec(q, name); err != nil {
			return fmt.Errorf("remove account %s: %w", name, err)
		}
	}
	return nil
}

func scanAccount(r *sql.Rows) (a Account, err error) {
	var created int64
	err = r.Scan(&created, &a.Role, &a.Name, &a.Password, &a.Subject)
	a.Created = instant(created)
	return a, err
}

// SessionPut begins a session at the transaction's time, and forgets those that have
// expired.
func (t *Tx) SessionPut(s Session) error {
	_, err := t.exec(`INSERT INTO sessions (created, used, expires, key, account, agent) VALUES ($1, $1, $2, $3, $4, $5)`, ms(t.now), ms(s.Expires), s.Key, s.Account, s.Agent)
	if err == nil {
		_, err = t.exec(`DELETE FROM sessions WHERE expires <= $1`, ms(t.now))
	}
	if err != nil {
		return fmt.Errorf("begin session of %s: %w", s.Account, err)
	}
	return nil
}

// SessionUsed notes that a session was used, and until when it lasts.
func (t *Tx) SessionUsed(key string, expires time.Time) error {
	_, err := t.exec(`UPDATE sessions SET used = $1, expires = $2 WHERE key = $3`, ms(t.now), ms(expires), key)
	return err
}

const sessionColumns = `SELECT created, used, expires, key, account, agent FROM sessions`

// Session gives a session that has not expired, with its account; NotFound without one.
func (t *Tx) Session(key string) (s Session, a Account, err error) {
	s, ok, err := only(t, scanSession, sessionColumns+` WHERE key = $1`, key)
	if err != nil {
		return s, a, err
	}
	if !ok || !s.Expires.After(t.now) {
		return s, a, errorf(NotFound, "the session has ended")
	}
	a, err = t.Account(s.Account)
	return s, a, err
}

// Sessions lists the sessions of all accounts that have not expired, by account, the one
// used last first.
func (t *Tx) Sessions() ([]Session, error) {
	return list(t, scanSession, sessionColumns+` WHERE expires > $1 ORDER BY account, used DESC, key`, ms(t.now))
}

// SessionsEnd ends a session, or with a blank key all of an account.
func (t *Tx) SessionsEnd(account, key string) error {
	_, err := t.exec(`DELETE FROM sessions WHERE account = $1 AND (key = $2 OR $2 = '')`, account, key)
	return err
}

func scanSession(r *sql.Rows) (s Session, err error) {
	var created, used, expires int64
	err = r.Scan(&created, &used, &expires, &s.Key, &s.Account, &s.Agent)
	s.Created, s.Used, s.Expires = instant(created), instant(used), instant(expires)
	return s, err
}

// InvitePut stores an invite in place of all others for its name, and forgets those
// that have expired.
func (t *Tx) InvitePut(i Invite) error {
	if _, err := t.exec(`DELETE FROM invites WHERE name = $1 OR expires <= $2`, i.Name, ms(t.now)); err != nil {
		return fmt.Errorf("store invite: %w", err)
	}
	_, err := t.exec(`INSERT INTO invites (expires, role, key, name) VALUES ($1, $2, $3, $4)`, ms(i.Expires), int64(i.Role), i.Key, i.Name)
	if err != nil {
		return fmt.Errorf("store invite: %w", err)
	}
	return nil
}

// Invite gives an invite that is still good; NotFound without it.
func (t *Tx) Invite(key string) (i Invite, err error) {
	var expires int64
	err = t.one(`SELECT expires, role, key, name FROM invites WHERE key = $1 AND expires > $2`, []any{key, ms(t.now)}, &expires, &i.Role, &i.Key, &i.Name)
	if errors.Is(err, sql.ErrNoRows) {
		err = errorf(NotFound, "the link was used already or is too old")
	}
	i.Expires = instant(expires)
	return i, err
}

// InviteTake is Invite, and uses it up: of several who take the same one gets it.
func (t *Tx) InviteTake(key string) (Invite, error) {
	i, err := t.Invite(key)
	if err != nil {
		return i, err
	}
	n, err := t.exec(`DELETE FROM invites WHERE key = $1`, key)
	if err == nil && n == 0 {
		err = errorf(NotFound, "the link was used already or is too old")
	}
	return i, err
}

package salesforcesim

import (
	"crypto/subtle"
	"fmt"
	"net/http"
)

// SetPassword lets a user sign in by name and password where
// [Options.PasswordLogins] allows that. Clients send the password with the
// user's security token behind it, so that is what to give here.
func (o *Org) SetPassword(user, passwordAndToken string) error {
	o.mu.RLock()
	u := o.userNamed(user)
	o.mu.RUnlock()
	if u == nil {
		return fmt.Errorf("set password: the org has no user %q", user)
	}
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	o.auth.passwords[u.id] = passwordAndToken
	return nil
}

// byPassword finds the active user with that name and password, or "".
func (o *Org) byPassword(name, password string) string {
	o.mu.RLock()
	u := o.userNamed(name)
	active := u != nil && u.named("IsActive").Bool()
	o.mu.RUnlock()
	if !active {
		return ""
	}
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	want := o.auth.passwords[u.id]
	if want == "" || subtle.ConstantTimeCompare([]byte(want), []byte(password)) != 1 {
		return ""
	}
	return u.id
}

// byPasswordGrant is the OAuth flow of that name, which new orgs block.
func (o *Org) byPasswordGrant(r *http.Request) (map[string]string, *oauthError) {
	o.auth.mu.Lock()
	a, oe := o.client(r, true)
	o.auth.mu.Unlock()
	if oe != nil {
		return nil, oe
	}
	user := ""
	if o.options().PasswordLogins {
		user = o.byPassword(r.PostForm.Get("username"), r.PostForm.Get("password"))
	}
	if user == "" {
		return nil, denied("invalid_grant", "authentication failure")
	}
	return o.issue(r, grant{userID: user, clientID: a.id, scope: "full"})
}

// endSession makes an access token useless.
func (o *Org) endSession(token string) {
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	delete(o.auth.sessions, token)
}

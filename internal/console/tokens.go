package console

import (
	"strings"

	"tandem/internal/store"
)

// tokenMark begins each token, so that a search for leaked secrets finds it.
const tokenMark = "tandem_"

// TokenKey is what the store keeps of a token, by which nobody can use the API.
func TokenKey(token string) string { return keyOf(token) }

// MakeToken makes a token by which a program uses the API, and notes who made it. It is
// kept nowhere. A name that is bad or taken, and a role that is none, are refused.
func MakeToken(tx *store.Tx, by, name, role string) (token string, err error) {
	name = strings.TrimSpace(name)
	if badName(name) {
		return "", misused("Write a name of 1 to 64 characters that tells what the token is for.")
	}
	r, err := roleNamed(role)
	if err != nil {
		return "", err
	}
	token = tokenMark + newSecret()
	if err := tx.TokenPut(store.Token{Name: name, Role: r, Key: TokenKey(token)}); err != nil {
		return "", err
	}
	return token, audited(tx, by, "make token", map[string]string{"name": name, "role": role})
}

// EndToken ends a token at once, and notes who did.
func EndToken(tx *store.Tx, by, name string) error {
	if err := tx.TokenDrop(name); err != nil {
		return err
	}
	return audited(tx, by, "end token", map[string]string{"name": name})
}

func (c *Console) makeToken(v *visit) error {
	var token string
	err := c.Store.Update(v.r.Context(), func(tx *store.Tx) (err error) {
		token, err = MakeToken(tx, v.who.Name, v.r.PostFormValue("name"), v.r.PostFormValue("role"))
		return err
	})
	if err != nil {
		return err
	}
	return c.showPeople(v, people{token: token})
}

func (c *Console) endToken(v *visit) error {
	err := c.Store.Update(v.r.Context(), func(tx *store.Tx) error { return EndToken(tx, v.who.Name, v.r.PostFormValue("name")) })
	if err != nil {
		return err
	}
	return v.to("/people")
}

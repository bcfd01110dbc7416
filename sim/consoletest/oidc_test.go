package consoletest

import (
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/oidc"
	"tandem/sim/idp"
)

// front stands in front of the daemon, as what speaks TLS does: its address is known before
// the daemon has one.
func front(t *testing.T) (address string, lead func(to string)) {
	t.Helper()
	var behind atomic.Pointer[url.URL]
	s := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(behind.Load())
		r.Out.Host = r.In.Host
	}})
	t.Cleanup(s.Close)
	return s.URL, func(to string) {
		u, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		behind.Store(u)
	}
}

// withProvider is a world where people sign in by an identity provider.
func withProvider(t *testing.T, change func(*config.OIDC)) (*world, *idp.Provider) {
	t.Helper()
	address, lead := front(t)
	p := idp.New(t, time.Now)
	w := newWorldOf(t, func(f *config.File) {
		f.OIDC = &config.OIDC{Issuer: p.URL, ClientID: idp.ClientID, ClientSecret: idp.ClientSecret, PublicURL: address}
		change(f.OIDC)
	})
	lead(w.address)
	w.address = address
	return w, p
}

func person(subject, address string, groups ...string) idp.Person {
	return idp.Person{Claims: map[string]any{"sub": subject, "email": address, "groups": groups}}
}

const byProvider = "identity provider"

// TestPeopleSignInByTheIdentityProvider: the groups say what somebody may do, a person stays
// the same under another address, and nobody gets the account of somebody else.
func TestPeopleSignInByTheIdentityProvider(t *testing.T) {
	w, p := withProvider(t, func(o *config.OIDC) { o.Admins, o.Viewers = []string{"crm"}, []string{"sales"} })
	ada := w.visit()
	p.Next(person("1", adminName, "crm"))
	ada.open("/audit")
	ada.press(byProvider)
	ada.sees("account by the identity provider") // on the page asked for, which is an admin's
	ada.sees("sign in by the identity provider")

	p.Next(person("1", "ada@married.example", "crm", "sales"))
	again := w.visit()
	again.open("/people")
	again.press(byProvider)
	again.sees(adminName)
	again.lacks("ada@married.example")

	other := w.visit()
	for _, tt := range []struct {
		who  idp.Person
		sees string
	}{
		{person("2", adminName, "crm"), "belongs to somebody else at the identity provider"},
		{person("3", "eve@example.com", "press"), "eve@example.com has no role here"},
		{idp.Person{Deny: true}, "The identity provider let nobody in: access_denied"},
	} {
		p.Next(tt.who)
		other.open("/sign-in")
		other.press(byProvider)
		other.sees(tt.sees)
	}
	other.open(oidc.AnswerPath + "?state=guessed&code=guessed")
	other.sees("was not begun in this browser")

	p.Next(person("4", "bo@example.com", "sales"))
	other.open("/people")
	other.press(byProvider)
	other.sees("Your role is viewer, and this needs admin")
}

// TestWithoutGroupsTheAccountSaysTheRole: whoever an admin invited keeps the role, anybody
// else gets everybody's, and the last admin stays one whatever the groups say.
func TestWithoutGroupsTheAccountSaysTheRole(t *testing.T) {
	w, p := withProvider(t, func(o *config.OIDC) { o.Everybody = "viewer" })
	first := w.visit()
	first.setUp()
	first.open("/people")
	first.sees(adminName)

	ada := w.visit()
	p.Next(person("1", adminName))
	ada.open("/people")
	ada.press(byProvider)
	ada.sees("Invite somebody")

	bo := w.visit()
	p.Next(person("2", "bo@example.com"))
	bo.open("/people")
	bo.press(byProvider)
	bo.sees("Your role is viewer, and this needs admin")
	ada.open("/people")
	ada.sees("bo@example.com")
}

// TestTheLastAdminStaysOne: a group that would make the only admin a viewer does not, for
// nobody could give the role back.
func TestTheLastAdminStaysOne(t *testing.T) {
	w, p := withProvider(t, func(o *config.OIDC) { o.Viewers = []string{"sales"} })
	w.visit().setUp()
	ada := w.visit()
	p.Next(person("1", adminName, "sales"))
	ada.open("/people")
	ada.press(byProvider)
	ada.sees("Invite somebody")
}

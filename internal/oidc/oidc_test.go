package oidc_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"tandem/internal/oidc"
	"tandem/sim/idp"
)

const console = "https://tandem.acme.example"

func newProvider(t *testing.T, change func(*oidc.Settings)) (*oidc.Provider, *idp.Provider) {
	t.Helper()
	sim := idp.New(t, time.Now)
	s := oidc.Settings{Issuer: sim.URL, ClientID: idp.ClientID, ClientSecret: idp.ClientSecret, PublicURL: console + "/", NameClaim: "email", GroupsClaim: "groups"}
	if change != nil {
		change(&s)
	}
	return oidc.New(s, time.Now), sim
}

// visit goes to the provider as a browser does, and gives the ticket and what it came back
// with.
func visit(t *testing.T, p *oidc.Provider) (oidc.Ticket, url.Values) {
	t.Helper()
	address, ticket, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	back, err := res.Location()
	if err != nil {
		t.Fatal(err)
	}
	if got := back.Scheme + "://" + back.Host + back.Path; got != console+oidc.AnswerPath {
		t.Fatalf("the browser comes back to %s", got)
	}
	return ticket, back.Query()
}

func ada(more map[string]any) idp.Person {
	claims := map[string]any{"sub": "7", "email": "ada@acme.example", "email_verified": true, "groups": []string{"ops", "crm"}}
	for k, v := range more {
		claims[k] = v
		if v == nil {
			delete(claims, k)
		}
	}
	return idp.Person{Claims: claims}
}

func TestAPersonIsWhoTheProviderSays(t *testing.T) {
	told := ada(map[string]any{"email": nil, "groups": nil})
	told.Info = map[string]any{"email": "ada@acme.example", "groups": "crm"}
	for name, tt := range map[string]struct {
		who    idp.Person
		groups []string
	}{
		"all in the token":          {ada(nil), []string{"crm", "ops"}},
		"told when asked":           {told, []string{"crm"}},
		"no groups":                 {ada(map[string]any{"groups": nil}), nil},
		"nothing about the address": {ada(map[string]any{"email_verified": nil}), []string{"crm", "ops"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, sim := newProvider(t, nil)
			sim.Next(tt.who)
			ticket, answer := visit(t, p)
			got, err := p.Finish(t.Context(), ticket, answer)
			if err != nil || got.Name != "ada@acme.example" || got.Subject != sim.URL+" 7" || !slices.Equal(got.Groups, tt.groups) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// TestNobodyElseIsLetIn: what does not prove who came is refused, each with its code.
func TestNobodyElseIsLetIn(t *testing.T) {
	claim := func(name string, value any) func(*idp.Provider) {
		return func(p *idp.Provider) { p.Forge(func(c map[string]any) { c[name] = value }) }
	}
	person := func(who idp.Person) func(*idp.Provider) { return func(p *idp.Provider) { p.Next(who) } }
	other := ada(map[string]any{"email": nil})
	other.Info = map[string]any{"sub": "8", "email": "eve@acme.example"}
	for name, tt := range map[string]struct {
		sim      func(*idp.Provider)
		settings func(*oidc.Settings)
		answer   func(oidc.Ticket, url.Values) oidc.Ticket
		code     string
	}{
		"for another app":             {sim: claim("aud", "another"), code: oidc.Refused},
		"of another provider":         {sim: claim("iss", "https://evil.example"), code: oidc.Refused},
		"too old":                     {sim: claim("exp", time.Now().Add(-time.Hour).Unix()), code: oidc.Refused},
		"for another sign-in":         {sim: claim("nonce", "another"), code: oidc.Mismatch},
		"the person said no":          {sim: person(idp.Person{Deny: true}), code: oidc.Refused},
		"an address that is unproven": {sim: person(ada(map[string]any{"email_verified": false})), code: oidc.Unnamed},
		"unproven as text":            {sim: person(ada(map[string]any{"email_verified": "false"})), code: oidc.Unnamed},
		"no name":                     {sim: person(ada(map[string]any{"email": nil})), code: oidc.Unnamed},
		"told of somebody else":       {sim: person(other), code: oidc.Refused},
		"a wrong secret":              {settings: func(s *oidc.Settings) { s.ClientSecret = "guessed" }, code: oidc.Refused},
		"a made-up code":              {answer: func(k oidc.Ticket, q url.Values) oidc.Ticket { q.Set("code", "guessed"); return k }, code: oidc.Refused},
		"another browser's state":     {answer: func(k oidc.Ticket, q url.Values) oidc.Ticket { q.Set("state", "another"); return k }, code: oidc.Mismatch},
		"no ticket":                   {answer: func(_ oidc.Ticket, q url.Values) oidc.Ticket { q.Del("state"); return oidc.Ticket{} }, code: oidc.Mismatch},
		"another browser's verifier":  {answer: func(k oidc.Ticket, _ url.Values) oidc.Ticket { k.Verifier += "x"; return k }, code: oidc.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			p, sim := newProvider(t, tt.settings)
			sim.Next(ada(nil))
			if tt.sim != nil {
				tt.sim(sim)
			}
			ticket, answer := visit(t, p)
			if tt.answer != nil {
				ticket = tt.answer(ticket, answer)
			}
			got, err := p.Finish(t.Context(), ticket, answer)
			var told *oidc.Error
			if !errors.As(err, &told) || told.Code != tt.code || told.Mend == "" {
				t.Errorf("got %+v, %v; want %s", got, err, tt.code)
			}
		})
	}
}

// TestACodeIsGoodOnce: an answer that was seen on its way lets nobody in a second time.
func TestACodeIsGoodOnce(t *testing.T) {
	p, sim := newProvider(t, nil)
	sim.Next(ada(nil))
	ticket, answer := visit(t, p)
	if _, err := p.Finish(t.Context(), ticket, answer); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Finish(t.Context(), ticket, answer); err == nil {
		t.Error("the code was taken twice")
	}
}

// TestAProviderThatIsAwayIsAskedAgain: what it did not tell once is asked for at the next sign-in.
func TestAProviderThatIsAwayIsAskedAgain(t *testing.T) {
	p, sim := newProvider(t, func(s *oidc.Settings) { s.Issuer = "http://127.0.0.1:1" })
	var told *oidc.Error
	if _, _, err := p.Begin(t.Context()); !errors.As(err, &told) || told.Code != oidc.Unreachable {
		t.Fatalf("got %v", err)
	}
	p.Issuer = sim.URL
	if _, _, err := p.Begin(t.Context()); err != nil {
		t.Error(err)
	}
}

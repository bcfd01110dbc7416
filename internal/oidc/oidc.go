// Package oidc lets people in by an identity provider that speaks OpenID Connect: it leads
// a browser there and reads who came back. What somebody may do is not its business.
package oidc

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	upstream "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// AnswerPath is where the provider sends browsers back to, below the public address.
const AnswerPath = "/sign-in/oidc/answer"

// Settings say which provider is asked, and how it is read.
type Settings struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	PublicURL    string   // what stands before AnswerPath
	Scopes       []string // besides openid, profile and email
	NameClaim    string   // that is the name of an account
	GroupsClaim  string
}

// Identity is somebody whom the provider knows.
type Identity struct {
	Subject string // issuer and subject: the same person for ever, whatever the name is
	Name    string
	Groups  []string
}

// Ticket is what a browser keeps while it is away, and nobody else learns.
type Ticket struct {
	State    string
	Nonce    string
	Verifier string
}

// Error is why somebody was not let in, for that person to read.
type Error struct {
	Code    string
	Message string
	Mend    string
	cause   error
}

// Codes of an Error.
const (
	Unreachable = "provider_unreachable"
	Refused     = "provider_refused"
	Mismatch    = "sign_in_mismatch" // the answer does not belong to what this browser began
	Unnamed     = "no_usable_name"
)

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Unwrap is the cause, nil for none.
func (e *Error) Unwrap() error { return e.cause }

// Provider is the identity provider of the settings. It is asked for its addresses when the
// first browser needs them. Safe for concurrent use.
type Provider struct {
	Settings
	now    func() time.Time
	client *http.Client

	mu    sync.Mutex
	known *upstream.Provider // nil until it answered
}

// patience bounds each call to the provider, mostAnswer the bytes of an answer.
const (
	patience   = 10 * time.Second
	mostAnswer = 1 << 20
)

// New makes a provider. It calls nobody.
func New(s Settings, now func() time.Time) *Provider {
	return &Provider{Settings: s, now: now, client: &http.Client{Timeout: patience, Transport: bounded{http.DefaultTransport}}}
}

// bounded ends answers that are too long.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, mostAnswer), res.Body}
	}
	return res, err
}

// Begin gives the address at the provider that a browser is led to, and the ticket that
// it comes back with.
func (p *Provider) Begin(ctx context.Context) (address string, t Ticket, err error) {
	app, _, err := p.app(ctx)
	if err != nil {
		return "", t, err
	}
	t = Ticket{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	return app.AuthCodeURL(t.State, upstream.Nonce(t.Nonce), oauth2.S256ChallengeOption(t.Verifier)), t, nil
}

// Finish reads who came back with an answer, which has to belong to the ticket.
func (p *Provider) Finish(ctx context.Context, t Ticket, answer url.Values) (Identity, error) {
	if t.State == "" || answer.Get("state") != t.State {
		return Identity{}, &Error{Code: Mismatch, Message: "This sign-in was not begun in this browser, or longer than ten minutes ago.", Mend: "begin again"}
	}
	if code := answer.Get("error"); code != "" {
		return Identity{}, &Error{Code: Refused, Message: fmt.Sprintf("The identity provider let nobody in: %s.", cmp.Or(brief(answer.Get("error_description")), brief(code))),
			Mend: "sign in there with an account that may use Tandem, or ask the provider's admin"}
	}
	app, known, err := p.app(ctx)
	if err != nil {
		return Identity{}, err
	}
	ctx = p.context(ctx)
	token, err := app.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(t.Verifier))
	if err != nil {
		return Identity{}, exchangeFailed(err)
	}
	claims, err := p.verified(ctx, known, token, t.Nonce)
	if err != nil {
		return Identity{}, err
	}
	return p.identity(claims)
}

// brief is a text of the provider's, short enough to be shown.
func brief(s string) string { return s[:min(len(s), 200)] }

func exchangeFailed(err error) error {
	var told *oauth2.RetrieveError
	if errors.As(err, &told) && told.ErrorCode != "" {
		return &Error{Code: Refused, Message: "The identity provider did not take the answer: " + brief(told.ErrorCode) + ".", Mend: "begin again; if it stays, an admin has to compare oidc.client_id, oidc.client_secret and the redirect address at the provider", cause: err}
	}
	return unreachable(err)
}

func unreachable(err error) error {
	return &Error{Code: Unreachable, Message: "The identity provider cannot be asked now.", Mend: "try again in a minute; if it stays, an admin has to look at oidc.issuer and the log", cause: err}
}

// app is Tandem as the provider knows it. The provider is asked for its addresses until it
// has told them once.
func (p *Provider) app(ctx context.Context) (*oauth2.Config, *upstream.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		// The keys are fetched later with the context given here, so it is none that ends.
		known, err := upstream.NewProvider(p.context(context.WithoutCancel(ctx)), p.Issuer)
		if err != nil {
			return nil, nil, unreachable(err)
		}
		p.known = known
	}
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: p.known.Endpoint(), RedirectURL: strings.TrimRight(p.PublicURL, "/") + AnswerPath,
		Scopes: append([]string{upstream.ScopeOpenID, "profile", "email"}, p.Scopes...)}, p.known, nil
}

func (p *Provider) context(ctx context.Context) context.Context {
	return upstream.ClientContext(ctx, p.client)
}

// verified are the claims of an ID token that the provider signed for this app and this
// sign-in, with those that it tells only when asked.
func (p *Provider) verified(ctx context.Context, known *upstream.Provider, token *oauth2.Token, nonce string) (map[string]any, error) {
	raw, _ := token.Extra("id_token").(string)
	id, err := known.Verifier(&upstream.Config{ClientID: p.ClientID, Now: p.now}).Verify(ctx, raw)
	if err != nil {
		return nil, &Error{Code: Refused, Message: "What the identity provider answered does not prove who came.", Mend: "begin again; if it stays, an admin has to look at the log, at oidc.client_id and at the clock", cause: err}
	}
	if id.Nonce != nonce {
		return nil, &Error{Code: Mismatch, Message: "The identity provider answered to another sign-in.", Mend: "begin again"}
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return nil, unreachable(err)
	}
	if claims[p.NameClaim] != nil && claims[p.GroupsClaim] != nil || known.UserInfoEndpoint() == "" {
		return claims, nil
	}
	return claims, p.more(ctx, known, token, id.Subject, claims)
}

// more adds the claims that the provider tells of the person when asked.
func (p *Provider) more(ctx context.Context, known *upstream.Provider, token *oauth2.Token, subject string, claims map[string]any) error {
	info, err := known.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return unreachable(err)
	}
	told := map[string]any{}
	if err := info.Claims(&told); err != nil {
		return unreachable(err)
	}
	if info.Subject != subject { // OpenID Connect Core 5.3.2
		return &Error{Code: Refused, Message: "The identity provider told of somebody else than who signed in.", Mend: "begin again; if it stays, ask the provider's admin"}
	}
	for name, value := range told {
		if _, there := claims[name]; !there {
			claims[name] = value
		}
	}
	return nil
}

// identity reads who somebody is from what the provider told.
func (p *Provider) identity(claims map[string]any) (Identity, error) {
	name, _ := claims[p.NameClaim].(string)
	name = strings.TrimSpace(name)
	if name == "" {
		return Identity{}, &Error{Code: Unnamed, Message: "The identity provider did not tell " + p.NameClaim + ".", Mend: "an admin has to release that claim there, or set oidc.name_claim to another one"}
	}
	if p.NameClaim == "email" && !proven(claims["email_verified"]) {
		return Identity{}, &Error{Code: Unnamed, Message: "The identity provider has not verified the e-mail address " + brief(name) + ".", Mend: "verify it there, then sign in again"}
	}
	subject, _ := claims["sub"].(string)
	return Identity{Subject: p.Issuer + " " + subject, Name: name, Groups: texts(claims[p.GroupsClaim])}, nil
}

// proven reports that an address is not said to be unproven. Providers of a company leave
// the claim out for addresses that the company itself gives; some write it as text.
func proven(verified any) bool { return verified != false && verified != "false" }

// texts are the texts of a claim that is one or a list.
func texts(claim any) (out []string) {
	switch c := claim.(type) {
	case string:
		out = []string{c}
	case []any:
		for _, one := range c {
			if s, ok := one.(string); ok {
				out = append(out, s)
			}
		}
	}
	slices.Sort(out)
	return out
}

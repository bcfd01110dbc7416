package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/oauth2"
)

// WebLogin is the web-server flow with PKCE, by which a person connects an org
// in the browser.
type WebLogin struct {
	LoginURL     string
	ClientID     string
	ClientSecret string // blank for a public app
	RedirectURL  string
	Transport    http.RoundTripper // nil is the default
}

func (w WebLogin) config() oauth2.Config {
	return oauth2.Config{ClientID: w.ClientID, ClientSecret: w.ClientSecret, RedirectURL: w.RedirectURL, Scopes: []string{"api", "refresh_token"},
		Endpoint: oauth2.Endpoint{AuthURL: w.LoginURL + "/services/oauth2/authorize", TokenURL: w.LoginURL + "/services/oauth2/token", AuthStyle: oauth2.AuthStyleInParams}}
}

// Verifier makes the secret of one login; AuthorizeURL and Exchange take the
// same one.
func (w WebLogin) Verifier() string { return oauth2.GenerateVerifier() }

// AuthorizeURL is where the browser is sent. state comes back to the redirect
// URL and must be compared there.
func (w WebLogin) AuthorizeURL(state, verifier string) string {
	cfg := w.config()
	return cfg.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("prompt", "login consent"))
}

// Exchange turns the code that came to the redirect URL into a refresh token.
// A code works once, for a quarter of an hour at most.
func (w WebLogin) Exchange(ctx context.Context, code, verifier string) (refreshToken string, err error) {
	h, err := newHosts(Config{LoginURL: w.LoginURL})
	if err != nil {
		return "", err
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: w.Transport, CheckRedirect: sameHostOnly})
	cfg := w.config()
	tok, err := cfg.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return "", fmt.Errorf("exchange salesforce code: %w; start the login again", plainOAuth(err))
	}
	instance, _ := tok.Extra("instance_url").(string)
	if _, err := h.instance(instance); err != nil {
		return "", err
	}
	if tok.RefreshToken == "" {
		return "", fmt.Errorf("exchange salesforce code: no refresh token came back; allow the scope refresh_token in the external client app")
	}
	return tok.RefreshToken, nil
}

// plainOAuth keeps the server's code and text and drops the raw answer.
func plainOAuth(err error) error {
	var r *oauth2.RetrieveError
	if errors.As(err, &r) && r.ErrorCode != "" {
		return fmt.Errorf("%s: %s", r.ErrorCode, oneLine(r.ErrorDescription))
	}
	return withoutURL(err)
}

package notify

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const secret = "0123456789abcdef0123456789abcdef"

func fixed() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

func message() *Message {
	return &Message{ID: "msg_one", At: fixed(), News: []News{{Connection: "acme", Kind: KindTest, Message: "This is a test"}}}
}

// The secret, the text and the signature are the sample of the Standard Webhooks
// specification, which every receiver's library is checked by.
func TestERR2_TheSignatureIsThatOfStandardWebhooks(t *testing.T) {
	h := http.Header{}
	w := &Webhook{Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
	w.sign(h, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if got := h.Get("Webhook-Signature"); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("signature %s", got)
	}
	if h.Get("Webhook-Timestamp") != "1614265330" || h.Get("Webhook-Id") != "msg_p5jXN8AQM9LWM0D4loKWxJek" {
		t.Errorf("headers %v", h)
	}
}

func TestERR2_WhatIsPostedIsSignedAsItArrives(t *testing.T) {
	var got *http.Request
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()
	w := &Webhook{URL: server.URL + "/in", Secret: secret, OwnNetwork: true, Now: fixed}
	if err := w.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	want := http.Header{}
	w.sign(want, "msg_one", fixed(), body)
	if got.Method != http.MethodPost || got.URL.Path != "/in" || got.Header.Get("Webhook-Signature") != want.Get("Webhook-Signature") {
		t.Errorf("got %s %s with %v", got.Method, got.URL, got.Header)
	}
	var m Message
	if err := json.Unmarshal(body, &m); err != nil || m.ID != "msg_one" || len(m.News) != 1 || m.News[0].Connection != "acme" {
		t.Errorf("body %s, %v", body, err)
	}
}

// A name may lead anywhere at the moment of the call: what counts is what is connected to.
func TestERR2_AWebhookLeadsNowhereIntoTheOwnNetwork(t *testing.T) {
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	for _, url := range []string{server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)} {
		w := &Webhook{URL: url, Secret: secret, Now: fixed}
		for what, err := range map[string]error{"send": w.Send(t.Context(), message()), "probe": w.Probe(t.Context())} {
			var own *Error
			if !errors.As(err, &own) || own.Code != CodeOwnNetwork || own.Mend == "" {
				t.Errorf("%s to %s: %v", what, url, err)
			}
		}
	}
	if asked {
		t.Error("the own network was asked")
	}
}

func TestERR2_ARedirectAndAnErrorAreNotTaken(t *testing.T) {
	asked := 0
	status := http.StatusFound
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	defer server.Close()
	w := &Webhook{URL: server.URL + "/path-that-is-secret", Secret: secret, OwnNetwork: true, Now: fixed}
	for _, status = range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusGone, http.StatusInternalServerError} {
		var own *Error
		if err := w.Send(t.Context(), message()); !errors.As(err, &own) || own.Code != CodeRefused {
			t.Errorf("%d: %v", status, err)
		}
	}
	if asked != 4 {
		t.Errorf("asked %d times", asked)
	}
	server.Close()
	err := w.Send(t.Context(), message())
	var own *Error
	if !errors.As(err, &own) || own.Code != CodeUnreachable || strings.Contains(err.Error(), "secret") {
		t.Errorf("a closed server: %v", err)
	}
}

package hubspotsim

import (
	"net/http"
	"testing"
	"time"
)

func TestBurstIsCountedExactlyInARollingWindow(t *testing.T) {
	r := newRig(t, Options{Limits: true})
	for i := range 190 {
		if i == 100 {
			r.clock.add(4 * time.Second)
		}
		r.want(200, "GET", "/account-info/v3/details", nil)
	}
	got := r.want(429, "GET", "/account-info/v3/details", nil)
	if got.str("policyName") != "TEN_SECONDLY_ROLLING" || got.str("errorType") != "RATE_LIMIT" || got.str("category") != "" ||
		got.str("message") != "You have reached your ten_secondly_rolling limit." || got.str("requestId") == "" {
		t.Fatal(got.raw)
	}
	r.clock.add(6 * time.Second)
	for range 100 {
		r.want(200, "GET", "/account-info/v3/details", nil)
	}
	r.want(429, "GET", "/account-info/v3/details", nil)
	r.clock.add(4 * time.Second)
	got = r.want(200, "GET", "/account-info/v3/details", nil)
	if got.header.Get("X-HubSpot-RateLimit-Max") != "190" || got.header.Get("X-HubSpot-RateLimit-Remaining") != "89" ||
		got.header.Get("X-HubSpot-RateLimit-Interval-Milliseconds") != "10000" {
		t.Fatal(got.header)
	}
	s := r.p.Stats()
	if s.Calls != 293 || s.Rejected != 2 || s.ByPolicy["TEN_SECONDLY_ROLLING"] != 2 || s.ByClient["integration"].Rejected != 2 {
		t.Fatalf("%+v", s)
	}
}

func TestSearchHasALimitOfItsOwnAndNoHeaders(t *testing.T) {
	r := newRig(t, Options{Limits: true})
	for range 5 {
		got := r.want(200, "POST", companies+"/search", map[string]any{})
		if got.header.Get("X-HubSpot-RateLimit-Max") != "" {
			t.Fatal("search answers carry no limit headers")
		}
	}
	if got := r.want(429, "POST", companies+"/search", map[string]any{}); got.str("policyName") != "SECONDLY" {
		t.Fatal(got.raw)
	}
	r.want(200, "GET", companies, nil)
	r.clock.add(time.Second)
	r.want(200, "POST", companies+"/search", map[string]any{})
}

func TestDailyLimitEndsAtMidnightOfThePortal(t *testing.T) {
	r := newRig(t, Options{Limits: true, Daily: 3})
	for range 3 {
		r.want(200, "GET", "/account-info/v3/details", nil)
	}
	if got := r.want(429, "GET", "/account-info/v3/details", nil); got.str("policyName") != "DAILY" {
		t.Fatal(got.raw)
	}
	r.clock.add(15*time.Hour + 59*time.Minute) // 12:00 UTC is 8:00 at the portal
	r.want(429, "GET", "/account-info/v3/details", nil)
	r.clock.add(time.Minute)
	got := r.want(200, "GET", "/account-info/v3/details", nil)
	if got.header.Get("X-HubSpot-RateLimit-Daily") != "3" || got.header.Get("X-HubSpot-RateLimit-Daily-Remaining") != "2" {
		t.Fatal(got.header)
	}
}

func TestLimitsByTierAndCaller(t *testing.T) {
	for tier, want := range map[string]string{"": "190", "professional": "190", "starter": "100"} {
		r := newRig(t, Options{Limits: true, Tier: tier})
		if got := r.want(200, "GET", companies, nil).header.Get("X-HubSpot-RateLimit-Max"); got != want {
			t.Errorf("tier %q: %s, want %s", tier, got, want)
		}
	}
	r := newRig(t, Options{Limits: true})
	r.token = r.oauthToken("v3").str("access_token")
	got := r.want(200, "GET", companies, nil)
	if got.header.Get("X-HubSpot-RateLimit-Max") != "110" || got.header.Get("X-HubSpot-RateLimit-Daily") != "" {
		t.Fatal(got.header)
	}
	r.token = r.p.Info().AdminToken
	for range 300 {
		r.want(200, "GET", "/account-info/v3/details", nil)
	}
}

func TestAssociationsHaveALowerLimit(t *testing.T) {
	r := newRig(t, Options{Limits: true})
	body := map[string]any{"inputs": []any{}}
	for range 150 {
		r.want(200, "POST", "/crm/v4/associations/contacts/companies/batch/read", body)
	}
	r.want(429, "POST", "/crm/v4/associations/contacts/companies/batch/read", body)
	r.want(200, "GET", companies, nil)
}

func TestLatencyIsWaitedOutsideTheLock(t *testing.T) {
	p := New(Options{Seed: 1, Latency: time.Hour})
	defer p.Close()
	r := &rig{t: t, p: p, token: p.Info().IntegrationToken}
	req := r.request(http.MethodGet, "/account-info/v3/details", nil)
	aborted := make(chan any)
	go func() {
		defer func() { aborted <- recover() }()
		r.send(req)
	}()
	if _, err := p.As("ada").Create("companies", map[string]string{"name": "A"}); err != nil {
		t.Fatal(err)
	}
	p.Close()
	if got := <-aborted; got != http.ErrAbortHandler {
		t.Fatalf("a held request must end when the portal closes, got %v", got)
	}
}

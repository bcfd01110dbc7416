package salesforce

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"tandem/internal/connector"
)

func TestInstanceAllowList(t *testing.T) {
	cases := []struct {
		login, instance string
		ok              bool
	}{
		{"https://login.salesforce.com", "https://na1.salesforce.com", true},
		{"https://login.salesforce.com", "https://acme--dev.sandbox.my.salesforce.com", true},
		{"https://login.salesforce.com", "https://acme.my.salesforce.mil", true},
		{"https://login.salesforce.com", "https://acme.my.sfcrmproducts.cn", true},
		{"https://login.salesforce.com", "http://na1.salesforce.com", false},
		{"https://login.salesforce.com", "https://salesforce.com.evil.example", false},
		{"https://login.salesforce.com", "https://evilsalesforce.com", false},
		{"https://login.salesforce.com", "https://acme.lightning.force.com", false},
		{"https://login.salesforce.com", "https://127.0.0.1", false},
		{"https://login.salesforce.com", "https://169.254.169.254", false},
		{"https://login.salesforce.com", "https://user@na1.salesforce.com", false},
		{"https://login.salesforce.com", "", false},
		{"https://crm.example.org", "https://crm.example.org", true},
		{"https://crm.example.org:8443", "https://crm.example.org", false},
		{"http://127.0.0.1:4711", "http://127.0.0.1:4711", true},
		{"http://127.0.0.1:4711", "http://localhost:4712", true},
		{"http://127.0.0.1:4711", "http://10.0.0.8:4711", false},
	}
	for _, tc := range cases {
		h, err := newHosts(Config{LoginURL: tc.login})
		if err != nil {
			t.Fatalf("login %s: %v", tc.login, err)
		}
		if _, err := h.instance(tc.instance); (err == nil) != tc.ok {
			t.Errorf("login %s, instance %q: %v, want ok=%v", tc.login, tc.instance, err, tc.ok)
		}
	}
}

// TestLoginOriginIsSalesforces: the secret of an app goes nowhere else, whatever somebody
// writes at the console.
func TestLoginOriginIsSalesforces(t *testing.T) {
	for raw, want := range map[string]string{
		"https://login.salesforce.com":                         "https://login.salesforce.com",
		"https://test.salesforce.com/":                         "https://test.salesforce.com",
		"https://Acme.my.salesforce.com":                       "https://acme.my.salesforce.com",
		"https://acme--test.sandbox.my.salesforce.com/setup?x": "https://acme--test.sandbox.my.salesforce.com",
		"https://acme.my.salesforce.mil":                       "https://acme.my.salesforce.mil",
		"http://login.salesforce.com":                          "",
		"http://127.0.0.1:8080":                                "",
		"https://127.0.0.1":                                    "",
		"https://169.254.169.254":                              "",
		"https://login.salesforce.com.evil.example":            "",
		"https://evilsalesforce.com":                           "",
		"https://login.salesforce.com@evil.example":            "",
		"https://login.salesforce.com:8443":                    "",
		"login.salesforce.com":                                 "",
		"":                                                     "",
	} {
		if got, err := LoginOrigin(raw); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v; want %q", raw, got, err, want)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	good := Config{LoginURL: testHost, ClientName: "tandem", Auth: Auth{AccessToken: &AccessToken{Token: "x"}}, Now: time.Now}
	bad := map[string]func(*Config){
		"clear text login":  func(c *Config) { c.LoginURL = "http://acme.my.salesforce.com" },
		"no login":          func(c *Config) { c.LoginURL = "" },
		"client name":       func(c *Config) { c.ClientName = "a;b" },
		"version":           func(c *Config) { c.APIVersion = "sixty" },
		"no grant":          func(c *Config) { c.Auth = Auth{} },
		"two grants":        func(c *Config) { c.Auth.ClientCredentials = &ClientCredentials{} },
		"bad key":           func(c *Config) { c.Auth = Auth{JWT: &JWT{KeyPEM: []byte("secret words")}} },
		"no clock":          func(c *Config) { c.Now = nil },
		"clear text bus":    func(c *Config) { c.PubSubAddr = "http://bus.example:7443" },
		"bus like loopback": func(c *Config) { c.PubSubAddr = "http://127.0.0.1.example:7443" },
	}
	if _, err := New(good); err != nil {
		t.Fatalf("a good configuration is refused: %v", err)
	}
	for name, spoil := range bad {
		cfg := good
		spoil(&cfg)
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// A token never leaves for another host: neither by a redirect nor by a next
// page link.
func TestForeignHostsAreRefused(t *testing.T) {
	foreign := 0
	w := newWire(t)
	w.on("GET /limits", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "https://evil.example/limits", http.StatusFound)
	})
	w.body("GET /query", 200, `{"done":false,"nextRecordsUrl":"https://evil.example/services/data/v65.0/query/01g-2000","records":[]}`)
	c := client(t, w, func(cfg *Config) {
		base := cfg.Transport
		cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host != "acme.my.salesforce.com" {
				foreign++
			}
			return base.RoundTrip(r)
		})
	})
	_, err := c.Usage(context.Background())
	wantCode(t, err, connector.CodeForeignHost)
	_, err = c.queryAll(context.Background(), "query", "SELECT Id FROM Account")
	wantCode(t, err, connector.CodeForeignHost)
	if foreign > 0 {
		t.Errorf("%d requests went to a foreign host", foreign)
	}
}

func TestRedirectWithinTheHostIsFollowed(t *testing.T) {
	w := newWire(t)
	w.on("GET /limits", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "/services/data/v65.0/limits/", http.StatusMovedPermanently)
	})
	w.body("GET /limits/", 200, `{"DailyApiRequests":{"Max":100,"Remaining":60}}`)
	u, err := client(t, w).Usage(context.Background())
	if err != nil || u.Used != 40 || u.Max != 100 {
		t.Errorf("usage %+v, %v; want 40 of 100", u, err)
	}
}

// A write must not be repeated at another place, nor turned into a read.
func TestRedirectOfAWriteIsRefused(t *testing.T) {
	w := newWire(t).describable()
	w.on("POST /composite/sobjects", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "/services/data/v65.0/elsewhere", http.StatusTemporaryRedirect)
	})
	out, err := client(t, w).Write(context.Background(), creates(1))
	if err != nil || out[0].Code != connector.CodeForeignHost {
		t.Errorf("outcome %+v, %v; want code %s", out, err, connector.CodeForeignHost)
	}
	if n := w.count("POST /elsewhere") + w.count("GET /elsewhere"); n > 0 {
		t.Errorf("the write was repeated %d times", n)
	}
}

func TestNextPageLoopEnds(t *testing.T) {
	w := newWire(t)
	page := `{"done":false,"nextRecordsUrl":"/services/data/v65.0/query/01g-2000","records":[]}`
	w.body("GET /query", 200, page)
	w.body("GET /query/01g-2000", 200, page)
	_, err := client(t, w).queryAll(context.Background(), "query", "SELECT Id FROM Account")
	wantCode(t, err, "INVALID_QUERY_LOCATOR")
}

func wantCode(t *testing.T, err error, code string) *connector.Error {
	t.Helper()
	var e *connector.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("error %v, want code %s", err, code)
	}
	return e
}

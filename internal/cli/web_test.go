package cli

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"tandem/internal/config"
)

// proxy stands where the public address of the daemon would be: it is known
// before the daemon has a port.
type proxy struct {
	*httptest.Server
	target atomic.Pointer[url.URL]
}

func newProxy(t *testing.T) *proxy {
	p := &proxy{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(&httputil.ReverseProxy{Rewrite: func(pr *httputil.ProxyRequest) { pr.SetURL(p.target.Load()) }}).ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *proxy) to(address string) {
	u, _ := url.Parse(address)
	p.target.Store(u)
}

func post(t *testing.T, address, body string) (int, string) {
	t.Helper()
	res, err := http.Post(address, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode, ""
}

func TestPublicAddressOfADelivery(t *testing.T) {
	for _, tt := range []struct{ public, called, want string }{
		{"https://t.example", "/webhooks/hubspot/acme", "https://t.example/webhooks/hubspot/acme"},
		{"https://t.example/", "/webhooks/hubspot/acme?x=1", "https://t.example/webhooks/hubspot/acme?x=1"},
		{"https://t.example/prefix", "/webhooks/hubspot/acme", "https://t.example/prefix/webhooks/hubspot/acme"},
		{"https://t.example/prefix/webhooks/hubspot/acme", "/webhooks/hubspot/acme?x=1", "https://t.example/prefix/webhooks/hubspot/acme?x=1"},
	} {
		r := httptest.NewRequest(http.MethodPost, tt.called, nil)
		if got := publicAddress(&config.Webhooks{PublicURL: tt.public}, r); got != tt.want {
			t.Errorf("%s called at %s is %s, want %s", tt.public, tt.called, got, tt.want)
		}
	}
}

package connector

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"tandem/internal/core"
)

// A name that the settings do not have must not lead into the own network, whatever
// the name service says.
func TestX10_I20_OnlyHostsOfTheSettingsMayBeInside(t *testing.T) {
	calls := 0
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	byName := "http://localhost:" + u.Port() // a look-up stands between this name and the address
	for name, tc := range map[string]struct {
		named  []string
		called string
		ok     bool
	}{
		"nothing is named":                {nil, byName, false},
		"the vendor is named":             {[]string{"https://acme.my.salesforce.com", ""}, byName, false},
		"an address inside":               {[]string{"https://acme.my.salesforce.com"}, srv.URL, false},
		"the name is in the settings":     {[]string{"http://LOCALHOST:1"}, byName, true},
		"another loopback address is":     {[]string{"http://127.0.0.1:1"}, byName, true},
		"a proxy without a scheme is":     {[]string{"localhost:3128"}, byName, true},
		"a name that begins like another": {[]string{"https://localhost.example"}, byName, false},
	} {
		before := calls
		client := &http.Client{Transport: &http.Transport{DialContext: NewDialer(core.Salesforce, tc.named...).DialContext, DisableKeepAlives: true}}
		res, err := client.Get(tc.called)
		if err == nil {
			_ = res.Body.Close()
		}
		var refused *Error
		switch {
		case tc.ok && err != nil:
			t.Errorf("%s: %v", name, err)
		case !tc.ok && (!errors.As(err, &refused) || refused.Code != CodeForeignHost || refused.Sent || calls != before):
			t.Errorf("%s: %v, %d calls", name, err, calls-before)
		}
	}
}

func TestX10_PublicAddresses(t *testing.T) {
	for _, in := range strings.Fields("127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 0.1.2.3 255.255.255.255 224.0.0.1 198.18.0.1 192.0.2.7 240.0.0.1 " +
		"::1 :: fe80::1 fd00::1 ff02::1 ::ffff:10.0.0.1 ::ffff:127.0.0.1 64:ff9b::a00:1 64:ff9b::7f00:1 64:ff9b:1::1 2002:a00:1::1 2001:db8::1 100::1") {
		if Public(netip.MustParseAddr(in).Unmap()) {
			t.Errorf("%s passes for public", in)
		}
		if err := NewDialer(core.HubSpot, "https://api.hubapi.com").allow("x", net.JoinHostPort(in, "443")); err == nil {
			t.Errorf("%s is connected to", in)
		}
	}
	for _, in := range strings.Fields("8.8.8.8 104.16.0.1 136.146.46.1 2606:4700::1111 2a00:1450:4001::1 64:ff9b::808:808") {
		if !Public(netip.MustParseAddr(in)) {
			t.Errorf("%s passes for inside", in)
		}
	}
}

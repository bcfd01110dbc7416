package consoletest

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
)

// gateway stands in front of the console and answers a number of streams itself, by turns with
// a fault of its own and with a line that breaks.
func (w *world) gateway(refused int64) (asked *atomic.Int64) {
	w.t.Helper()
	to, err := url.Parse(w.address)
	if err != nil {
		w.t.Fatal(err)
	}
	asked = &atomic.Int64{}
	proxy := &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host }}
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/live") {
			proxy.ServeHTTP(out, r)
			return
		}
		switch n := asked.Add(1); {
		case n > refused:
			proxy.ServeHTTP(out, r)
		case n%2 == 1:
			http.Error(out, "the gateway is in the way", http.StatusBadGateway)
		default:
			panic(http.ErrAbortHandler)
		}
	}))
	server.Config.ErrorLog = nil
	w.t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	w.address = server.URL
	return asked
}

// TestAPageWhoseStreamIsRefusedAsksAgain and is kept fresh then, without showing what was
// answered in place of the stream.
func TestAPageWhoseStreamIsRefusedAsksAgain(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	const refused = 2
	asked := w.gateway(refused)
	b.open("/")
	before := b.linkedCompanies()
	eval[bool](b, `window.stays = true`)
	w.eventually("the page asks for its stream again", func() bool { return asked.Load() > refused })
	b.lacks("in the way")
	w.create("Account", map[string]any{"Name": "Fresh Fjord"})
	w.eventually("the number of linked companies grows on the open page", func() bool { return b.linkedCompanies() > before })
	if !eval[bool](b, `window.stays === true`) {
		t.Error("the page was loaded anew")
	}
}

// TestAPageWhoseReaderWasSignedOutLeadsToSignIn, once its stream has ended.
func TestAPageWhoseReaderWasSignedOutLeadsToSignIn(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	v := b.invited("viewer")
	v.sees("In step")
	b.open("/people")
	b.do(chromedp.Click(`(//article[@aria-label="vi@example.com"]//button[contains(., "End session")])`))
	v.sees("Password")
	if path := eval[string](v, `location.pathname`); path != "/sign-in" {
		t.Errorf("the page of who was signed out is %s", path)
	}
}

// linkedCompanies is how many the overview tells of.
func (b *browser) linkedCompanies() int {
	b.t.Helper()
	return eval[int](b, `Number([...document.querySelectorAll("tr")].find(r => r.innerText.startsWith("Companies")).querySelector(".amount").innerText)`)
}

package hubspot_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"tandem/internal/connector/connectortest"
	"tandem/internal/connector/hubspot"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// inProcess serves requests by a portal without sockets: a connection that the
// portal gives up is an error, an answer it cuts off is a body that ends early.
type inProcess struct{ portal *hubspotsim.Portal }

var errReset = errors.New("connection reset by the portal")

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	if aborted := serve(p.portal, rec, in); aborted && rec.Body.Len() == 0 {
		return nil, errors.Join(errReset, r.Context().Err())
	}
	resp := rec.Result()
	if promised, err := strconv.Atoi(resp.Header.Get("Content-Length")); err == nil && promised > rec.Body.Len() {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(rec.Body.Bytes()), cutOff{}))
	}
	resp.Request = r
	return resp, nil
}

type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func serve(h http.Handler, w http.ResponseWriter, r *http.Request) (aborted bool) {
	defer func() {
		if v := recover(); v != nil {
			if v != http.ErrAbortHandler {
				panic(v)
			}
			aborted = true
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

const indexLag = 2 * time.Second

// newPortal is an empty portal that ends with the test.
func newPortal(t *testing.T, o hubspotsim.Options) *hubspotsim.Portal {
	t.Helper()
	o.Seed = 7
	if o.IndexLag == 0 {
		o.IndexLag = indexLag
	}
	p := hubspotsim.New(o)
	t.Cleanup(p.Close)
	return p
}

// connect makes an OAuth client of the portal, by loopback when in process is false.
func connect(t *testing.T, p *hubspotsim.Portal, change func(*hubspot.Config)) *hubspot.Client {
	t.Helper()
	info := p.Info()
	cfg := hubspot.Config{BaseURL: "http://127.0.0.1:1", Transport: inProcess{p}, Now: time.Now, IndexLag: indexLag,
		OAuth:   &hubspot.OAuth{ClientID: info.ClientID, ClientSecret: info.ClientSecret, RefreshToken: info.RefreshToken},
		Journal: &hubspot.Journal{ClientID: info.JournalClientID, ClientSecret: info.JournalClientSecret}}
	if change != nil {
		change(&cfg)
	}
	c, err := hubspot.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func static(p *hubspotsim.Portal) func(*hubspot.Config) {
	return func(cfg *hubspot.Config) { cfg.OAuth, cfg.StaticToken = nil, p.Info().IntegrationToken }
}

// faults are the suite's faults in the portal's words.
func faults(f connectortest.Fault) hubspotsim.Fault {
	write, read, consent := "/objects/.*/batch/(create|update)$", "/objects/.*/batch/read$", "^/communication-preferences/"
	kinds := map[connectortest.Fault]struct{ do, path string }{
		connectortest.LostAnswer: {"reset_after", write}, connectortest.HalfAnswer: {"truncate", write},
		connectortest.PageOnRead: {"html", read}, connectortest.PageOnWrite: {"html", write},
		connectortest.ExpiredToken: {"expire_token", write}, connectortest.Refused: {"rate_limit", write},
		connectortest.PageOnConsents: {"html", consent}, connectortest.LostUnsubscribe: {"reset_after", consent},
	}
	k := kinds[f]
	out := hubspotsim.Fault{Do: k.do, Times: 1}
	out.Match.Path = k.path
	return out
}

func account(t *testing.T, p *hubspotsim.Portal, c *hubspot.Client, object core.Object) *connectortest.Account {
	door, kind := p.As("Maria"), string(object)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	return &connectortest.Account{
		Connector: c, ID: p.Info().PortalID,
		Create: func(fields map[string]string) string {
			id, err := door.Create(kind, fields)
			must(err)
			return id
		},
		Update:  func(id string, fields map[string]string) { must(door.Update(kind, id, fields)) },
		Delete:  func(id string) { must(door.Archive(kind, id)) },
		Restore: func(id string) { must(door.Restore(kind, id)) },
		Merge: func(primary, other string) string {
			id, err := door.Merge(kind, primary, other)
			must(err)
			return id
		},
		Get: func(id string) (map[string]string, bool) { return door.Get(kind, id) },
		Settle: func() {
			p.Advance(3 * indexLag)
			_, err := c.Identity(t.Context()) // the client hears of the leap of the clock
			must(err)
		},
		Break:         func(f connectortest.Fault) { must(p.Break(faults(f))) },
		OptOut:        func(address string) { must(door.OptOut(address)) },
		OptedOut:      func(address string) bool { return door.Consent(address).OptedOut },
		LosePositions: func() { p.Advance(73 * time.Hour) },
	}
}

func setup(object core.Object, name, text, bad, badValue string, options hubspotsim.Options) connectortest.Setup {
	return connectortest.Setup{Side: core.HubSpot, Object: object, Name: name, Text: text, Key: "tandem_key", Group: "tandem",
		BadField: bad, BadValue: badValue, Missing: "999", Page: 100,
		New: func(t *testing.T) *connectortest.Account {
			p := newPortal(t, options)
			return account(t, p, connect(t, p, nil), object)
		}}
}

func TestConformanceOfCompanies(t *testing.T) {
	connectortest.Run(t, setup(core.Companies, "name", "city", "industry", "NO_SUCH_INDUSTRY", hubspotsim.Options{}))
}

func TestConformanceOfContacts(t *testing.T) {
	connectortest.Run(t, setup(core.Contacts, "lastname", "city", "email", "not an address", hubspotsim.Options{MergeMode: "keep_primary"}))
}

package cli

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/store"
)

const (
	hookSecret = "the app's own secret"
	hookPublic = "https://tandem.example"
)

// hooked is a daemon's handler that takes webhooks, without the loops that would work
// on what arrives.
func hooked(t *testing.T) (*world, http.Handler) {
	t.Helper()
	r := newRig(t)
	r.edit(func(f *config.File) {
		f.Connections[0].HubSpot.Events = config.HubSpotEvents{Webhooks: &config.Webhooks{PublicURL: hookPublic, AppID: "1", ClientSecret: hookSecret}}
	})
	r.must(0, "sync", "--once")
	a := &app{Streams: Streams{Out: io.Discard, Err: io.Discard}, now: time.Now, printed: newScreen(io.Discard, io.Discard)}
	w, err := a.openWorld(t.Context(), r.load())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	if _, err := w.wire(t.Context(), "simulated"); err != nil {
		t.Fatal(err)
	}
	return w, w.handler(w.console(false))
}

// due are the records that wait to be looked at.
func (w *world) due(t *testing.T) (n int) {
	t.Helper()
	err := w.store.View(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Connection("simulated")
		if err != nil {
			return err
		}
		list, err := tx.DirtyList(row.ID, core.Ref{}, 1000)
		n = len(list)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// signed is a delivery as HubSpot makes it.
func signed(body []byte, at time.Time) *http.Request {
	return signedBy(hookSecret, hookPublic, body, at)
}

func signedBy(secret, public string, body []byte, at time.Time) *http.Request {
	r := httptest.NewRequest(http.MethodPost, webhookRoot+"simulated", bytes.NewReader(body))
	stamp := strconv.FormatInt(at.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(http.MethodPost + public + webhookRoot + "simulated" + string(body) + stamp))
	r.Header.Set("X-HubSpot-Signature-v3", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	r.Header.Set("X-HubSpot-Request-Timestamp", stamp)
	return r
}

func answerTo(h http.Handler, r *http.Request) int {
	rw := httptest.NewRecorder()
	h.ServeHTTP(rw, r)
	return rw.Code
}

func edited(portal core.Ref) []byte {
	return []byte(`[{"portalId":` + portal.ID + `,"subscriptionType":"company.creation","objectId":4711}]`)
}

// Nothing that the app did not sign changes anything, and what it signed counts once.
func TestX1_X2_X15_I20_OnlyTheAppsOwnDeliveriesCount(t *testing.T) {
	t.Parallel()
	w, h := hooked(t)
	now := time.Now()
	body := edited(core.Ref{ID: w.live("simulated").conn.Accounts[core.HubSpot].ID})
	old := sha256.Sum256(append([]byte(hookSecret), body...))
	alter := func(r *http.Request, name, value string) *http.Request { r.Header.Set(name, value); return r }
	elsewhere := signed(body, now)
	elsewhere.URL.RawQuery, elsewhere.RequestURI = "x=1", webhookRoot+"simulated?x=1"
	changed := signed(body, now)
	changed.Body = io.NopCloser(bytes.NewReader(append(bytes.Clone(body[:len(body)-1]), ' ', ']')))
	downgrade := httptest.NewRequest(http.MethodPost, webhookRoot+"simulated", bytes.NewReader(body))
	downgrade.Header.Set("X-HubSpot-Signature-Version", "v1")
	unsigned := httptest.NewRequest(http.MethodPost, webhookRoot+"simulated", bytes.NewReader(body))
	for name, r := range map[string]*http.Request{
		"unsigned":                    unsigned,
		"another secret":              signedBy("another secret", hookPublic, body, now),
		"another host":                signedBy(hookSecret, "https://other.example", body, now),
		"another query":               elsewhere,
		"one byte more than signed":   changed,
		"six minutes old":             signed(body, now.Add(-6*time.Minute)),
		"from the future":             signed(body, now.Add(6*time.Minute)),
		"replayed with a later stamp": alter(signed(body, now.Add(-6*time.Minute)), "X-HubSpot-Request-Timestamp", strconv.FormatInt(now.UnixMilli(), 10)),
		"version 1":                   alter(downgrade, "X-HubSpot-Signature", hex.EncodeToString(old[:])),
	} {
		if code := answerTo(h, r); code != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, code)
		}
	}
	foreign := []byte(`[{"portalId":1,"subscriptionType":"company.creation","objectId":4711}]`)
	if code := answerTo(h, signed(foreign, now)); code != http.StatusNoContent {
		t.Errorf("another portal of the app: %d", code)
	}
	if n := w.due(t); n != 0 {
		t.Fatalf("%d records are due without a word of HubSpot's", n)
	}
	for range 3 {
		if code := answerTo(h, signed(body, now)); code != http.StatusNoContent {
			t.Errorf("a signed delivery: %d", code)
		}
	}
	if n := w.due(t); n != 1 {
		t.Errorf("a delivery that came three times makes %d records due, want 1", n)
	}
}

// Bodies that are made to exhaust are refused, the longest before a byte is read.
func TestX4_X5_HugeAndDeepDeliveriesAreRefused(t *testing.T) {
	t.Parallel()
	w, h := hooked(t)
	now := time.Now()
	announced := signed(nil, now)
	announced.ContentLength, announced.Body = 100<<20, io.NopCloser(iotest.ErrReader(errors.New("the body was read")))
	endless := signed(nil, now)
	endless.ContentLength, endless.Body = -1, io.NopCloser(forever{})
	cut := signed(nil, now)
	cut.Body = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(bytes.Repeat([]byte("[1,"), 10<<20))
	_ = z.Close()
	bomb := signed(packed.Bytes(), now)
	bomb.Header.Set("Content-Encoding", "gzip")
	for name, tc := range map[string]struct {
		r    *http.Request
		want int
	}{
		"announced as 100 MB": {announced, http.StatusRequestEntityTooLarge},
		"without an end":      {endless, http.StatusRequestEntityTooLarge},
		"cut":                 {cut, http.StatusBadRequest},
		"a packed bomb":       {bomb, http.StatusBadRequest},
		"100,000 deep":        {signed([]byte(strings.Repeat("[", 100_000)), now), http.StatusBadRequest},
		"deep in an event":    {signed([]byte(`[{"a":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+`}]`), now), http.StatusBadRequest},
		"two lists":           {signed([]byte(`[][]`), now), http.StatusBadRequest},
		"no JSON":             {signed([]byte("\x00\xff"), now), http.StatusBadRequest},
	} {
		if code := answerTo(h, tc.r); code != tc.want {
			t.Errorf("%s: %d, want %d", name, code, tc.want)
		}
	}
	if n := w.due(t); n != 0 {
		t.Errorf("%d records are due", n)
	}
	if n := w.delivered.Load(); n != 0 {
		t.Errorf("%d bytes are still held", n)
	}
}

type forever struct{}

func (forever) Read(p []byte) (int, error) { return len(p), nil }

// A flood from strangers has no body read and nothing stored, and HubSpot is heard
// beside it; what was announced as signed may hold only so much.
func TestX17_AFloodIsRefusedUnreadAndHubSpotIsHeard(t *testing.T) {
	t.Parallel()
	w, h := hooked(t)
	now := time.Now()
	flood := func() *http.Request {
		r := httptest.NewRequest(http.MethodPost, webhookRoot+"simulated", nil)
		r.ContentLength, r.Body = maxDelivery, io.NopCloser(iotest.ErrReader(errors.New("the body was read")))
		return r
	}
	var group sync.WaitGroup
	var wrong atomic.Int64
	for range 4 {
		group.Go(func() {
			for range 2500 {
				if answerTo(h, flood()) != http.StatusUnauthorized {
					wrong.Add(1)
				}
			}
		})
	}
	body := edited(core.Ref{ID: w.live("simulated").conn.Accounts[core.HubSpot].ID})
	if code := answerTo(h, signed(body, now)); code != http.StatusNoContent {
		t.Errorf("HubSpot is answered %d", code)
	}
	group.Wait()
	if n := wrong.Load(); n != 0 {
		t.Errorf("%d of 10,000 were read", n)
	}
	w.delivered.Add(heldDeliveries)
	defer w.delivered.Add(-heldDeliveries)
	large := signed(make([]byte, freeDelivery+1), now)
	if code := answerTo(h, large); code != http.StatusServiceUnavailable {
		t.Errorf("a large delivery where no memory is left: %d", code)
	}
	if code := answerTo(h, signed(body, now)); code != http.StatusNoContent {
		t.Errorf("HubSpot is answered %d", code)
	}
	if w.due(t) != 1 {
		t.Errorf("%d records are due, want 1", w.due(t))
	}
}

// The paced transport of an account reaches inside only where the settings do.
func TestX10_AnAccountReachesNoHostInsideThatTheSettingsDoNotName(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	for base, inside := range map[string]bool{"https://api.hubapi.com": false, srv.URL: true} {
		for side := range core.Sides {
			c, a := config.Connection{Name: base}, newAccounts(time.Now)
			c.HubSpot.BaseURL, c.Salesforce.LoginURL = base, base
			via := map[core.Side]http.RoundTripper{core.Salesforce: a.salesforce(c, store.Connection{}), core.HubSpot: a.hubspot(c, store.Connection{})}[core.Sides[side]]
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := via.RoundTrip(r)
			if err == nil {
				_ = res.Body.Close()
			}
			if (err == nil) != inside {
				t.Errorf("%s reached from %s: %v", core.Sides[side], base, err)
			}
		}
	}
}

// TestP5_AWebhookThatCannotBeStoredIsSentAgain: while another program holds the lock of the
// store's file HubSpot is told to deliver again; once it is gone, the delivery counts.
func TestP5_AWebhookThatCannotBeStoredIsSentAgain(t *testing.T) {
	t.Parallel()
	w, h := hooked(t)
	now := time.Now()
	body := edited(core.Ref{ID: w.live("simulated").conn.Accounts[core.HubSpot].ID})
	other, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(w.file().Store, "sqlite://")+"?_txlock=immediate&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if code := answerTo(h, signed(body, now)); code != http.StatusServiceUnavailable {
		t.Errorf("a delivery that cannot be stored is answered %d", code)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if code := answerTo(h, signed(body, now)); code != http.StatusNoContent || w.due(t) != 1 {
		t.Errorf("delivered again it is answered %d, and %d records are due", code, w.due(t))
	}
}

// The id of an event is no record's and no change's: one that is used again tells of
// something else.
func TestE22_AnEventIDThatIsUsedAgainIsAnotherEvent(t *testing.T) {
	t.Parallel()
	w, h := hooked(t)
	now, portal := time.Now(), w.live("simulated").conn.Accounts[core.HubSpot].ID
	for n := 1; n <= 2; n++ {
		body := fmt.Appendf(nil, `[{"eventId":1,"portalId":%s,"subscriptionType":"company.creation","objectId":471%d}]`, portal, n)
		if code := answerTo(h, signed(body, now)); code != http.StatusNoContent {
			t.Errorf("delivery %d is answered %d", n, code)
		}
		if due := w.due(t); due != n {
			t.Errorf("%d records are due after delivery %d", due, n)
		}
	}
}

// An event that cannot be read may be about any record, so that every object that syncs is
// compared as a whole, and none besides.
func TestLIM1_AnEventThatCannotBeReadSweepsWhatSyncs(t *testing.T) {
	t.Parallel()
	w, h := hooked(t)
	w.live("simulated").conn.Settings.Products.Sync = true
	if code := answerTo(h, signed([]byte(`["what"]`), time.Now())); code != http.StatusNoContent {
		t.Fatalf("the delivery is answered %d", code)
	}
	want := []core.Object{core.Companies, core.Contacts, core.Products}
	if got := w.lostObjects(t); !slices.Equal(got, want) {
		t.Errorf("sweeps of %v are queued, want %v", got, want)
	}
}

// lostObjects are those whose events were lost, by the runs that compare them.
func (w *world) lostObjects(t *testing.T) (out []core.Object) {
	t.Helper()
	err := w.store.View(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Connection("simulated")
		if err != nil {
			return err
		}
		runs, err := tx.RunsOpen(row.ID)
		for _, r := range runs {
			var args struct {
				Object core.Object `json:"object"`
				Lost   bool        `json:"lost"`
			}
			if err := json.Unmarshal(r.Args, &args); err != nil {
				return err
			}
			if args.Lost {
				out = append(out, args.Object)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

package simtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/store"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// inStep is a world of three pairs whose ledgers are remembered.
func inStep(t testing.TB, opts ...Option) (*trial, []pair) {
	w := smallWorld(t, opts...)
	return w, w.pairs()
}

// oneMessage fails unless an error is one line that says what to do, and no more
// was written than before.
func (w *trial) oneMessage(err error, before int, words ...string) {
	w.T.Helper()
	if err == nil {
		w.T.Fatal("no error")
	}
	text := err.Error()
	var ce *connector.Error
	if errors.As(err, &ce) && ce.Mend != "" {
		text += " " + ce.Mend
	}
	if strings.Contains(text, "\n") || len(text) > 600 {
		w.T.Errorf("message is not one line: %s", text)
	}
	for _, word := range words {
		if !strings.Contains(strings.ToLower(text), word) {
			w.T.Errorf("message %q does not say %q", text, word)
		}
	}
	if n := len(w.writes()) - before; n != 0 {
		w.T.Errorf("%d writes although refused", n)
	}
}

// TestA1_TokenThatExpiresIsRenewed lets sessions end in the middle of a sync.
func TestA1_TokenThatExpiresIsRenewed(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w, ps := inStep(t)
		calls := 0
		w.On(func(s core.Side, _ *http.Request) error {
			if calls++; s == core.Salesforce && calls%5 == 0 {
				w.Org.ExpireSessions()
			}
			return nil
		})
		for i, p := range ps {
			w.editAccount(p.account, "Name", fmt.Sprintf("Renamed %d", i))
			w.editCompany(p.company, "city", fmt.Sprintf("City %d", i))
		}
		if res, err := w.syncFor(time.Hour); err != nil || !res.Converged {
			t.Fatalf("sync with expiring sessions: %+v %v", res, err)
		}
		w.On(nil)
		w.settledAfter(1)
	})
}

// TestA2_SUS1_RevokedAccessStopsWithOneMessage takes each side's credentials away in
// the middle of a sync; with new ones everything goes on.
func TestA2_SUS1_RevokedAccessStopsWithOneMessage(t *testing.T) {
	cases := []struct {
		name   string
		revoke func(*trial)
		words  []string
	}{
		{"salesforce", func(w *trial) {
			w.must(w.Org.RegisterApp(salesforcesim.App{Secret: "another"}))
			w.Org.RevokeGrants()
			w.Org.ExpireSessions()
		}, []string{"salesforce", "client"}},
		{"hubspot", func(w *trial) { w.must(w.Portal.Configure(hubspotsim.Settings{RevokeTokens: true})) }, []string{"hubspot", "token"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w, ps := inStep(t)
				w.editAccount(ps[0].account, "Name", "Renamed")
				w.editCompany(ps[1].company, "city", "Town")
				before := len(w.writes())
				c.revoke(w)
				_, err := w.syncFor(time.Hour)
				w.oneMessage(err, before, c.words...)
				w.nothingRemoved()
			})
		})
	}
}

// TestA7_PermissionLostIsNotAValueCleared hides a mapped field from the
// integration in the middle of its life: the other side keeps the value.
func TestA7_PermissionLostIsNotAValueCleared(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w, ps := inStep(t)
				p := ps[0]
				w.editAccount(p.account, "BillingCity", "Austin")
				w.editAccount(p.account, "Description", "Wells")
				w.heal()
				w.must(w.Org.SetRight(salesforcesim.Right{Object: "Account", Field: "Description"}))
				if restart {
					w.Restart()
				}
				w.editAccount(p.account, "BillingCity", "Houston")
				time.Sleep(time.Minute)
				_, _ = w.syncFor(time.Hour)
				time.Sleep(time.Hour)
				_, err := w.syncFor(time.Hour)
				if got := w.companyValue(p.company, "description"); got != "Wells" {
					t.Errorf("description %q after the permission was taken, want Wells (%v)", got, err)
				}
				if got := w.companyValue(p.company, "city"); got != "Houston" {
					t.Errorf("city %q: the other mappings stopped (%v; %+v)", got, err, w.issues())
				}
				w.nothingRemoved()
			})
		})
	}
}

// TestA7_ObjectPermissionLostDeletesNothing takes the whole object away.
func TestA7_ObjectPermissionLostDeletesNothing(t *testing.T) {
	cases := map[string]func(*trial) error{
		"salesforce": func(w *trial) error { return w.Org.SetRight(salesforcesim.Right{Object: "Account"}) },
		"hubspot": func(w *trial) error {
			return w.Portal.Configure(hubspotsim.Settings{RemoveScopes: []string{"crm.objects.companies.read", "crm.objects.companies.write"}})
		},
	}
	for name, take := range cases {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w, _ := inStep(t)
				before := len(w.writes())
				w.must(take(w))
				w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
				_, err := w.syncFor(time.Hour)
				w.nothingRemoved()
				if n := len(w.writes()) - before; n != 0 {
					t.Errorf("%d writes", n)
				}
				if err == nil && len(w.issues()) == 0 && !w.braked() {
					t.Error("nothing tells that the object is not accessible any more")
				}
			})
		})
	}
}

func (w *trial) braked() bool {
	s, err := w.Engine.Status(context.Background(), w.Conn)
	w.must(err)
	return len(s.Brakes) > 0 || s.Suspended != ""
}

// TestA8_HiddenRecordIsNotDeletedNorMadeAgain hides a linked account and an
// account whose company is not linked yet.
func TestA8_HiddenRecordIsNotDeletedNorMadeAgain(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w, ps := inStep(t)
		p := ps[0]
		w.must(w.Org.SetHidden(hide(p.account)))
		w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
		w.editCompany(p.company, "city", "Elsewhere")
		_, _ = w.syncFor(time.Hour)
		w.must(w.Engine.Unlink(t.Context(), w.Conn, core.CompanyPair, p.company))
		w.must(w.Engine.Resync(t.Context(), w.Conn, core.CompanyPair, []string{p.company}))
		_, _ = w.syncFor(time.Hour)
		w.nothingRemoved()
		w.noTwins()
		if n := w.accounts(); n != len(ps) {
			t.Errorf("%d accounts, want %d: one was made for a company whose account is hidden", n, len(ps))
		}
		if w.companyValue(p.company, "name") == "" {
			t.Error("company lost its name")
		}
	})
}

// TestS4_DroppedFieldStopsItsMappingOnly deletes a mapped property while the
// engine runs.
func TestS4_DroppedFieldStopsItsMappingOnly(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w, _ := inStep(t, Before(func(w *World) { w.property("own_words", "string", "text") }), Settings(func(c *config.Connection) {
			c.Mappings["company"] = append(c.Mappings["company"], config.Mapping{HubSpot: "own_words", Salesforce: "Site", Rule: "two_way"})
		}))
		p := w.pairs()[0]
		w.editAccount(p.account, "Site", "here")
		w.heal()
		w.portalCall(http.MethodDelete, "/crm/v3/properties/companies/own_words", nil)
		w.editAccount(p.account, "Site", "there")
		w.editAccount(p.account, "BillingCity", "Oslo")
		_, err := w.syncFor(time.Hour)
		if got := w.companyValue(p.company, "city"); got != "Oslo" {
			t.Errorf("city %q, want Oslo: the other mappings stopped (%v; %+v)", got, err, w.issues())
		}
		if got := w.accountValue(p.account, "Site"); got != "there" {
			t.Errorf("site %q: a dropped property cleared the account's field", got)
		}
		w.Restart()
		w.editAccount(p.account, "BillingCity", "Bergen")
		_, err = w.syncFor(time.Hour)
		if got := w.companyValue(p.company, "city"); got != "Bergen" {
			t.Errorf("city %q after a restart, want Bergen (%v)", got, err)
		}
		if s, err := w.Engine.Status(t.Context(), w.Conn); err != nil || len(s.Problems) == 0 {
			t.Errorf("no problem is shown for the dropped property: %v", err)
		}
	})
}

// canary is a host that must never hear from us.
const canary = "evil.example"

// TestN13_X10_ForeignHostsNeverHearFromUs answers each call in turn with a
// redirect, and each query with a next page, on another host.
func TestN13_X10_ForeignHostsNeverHearFromUs(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308, 200} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			bubble(t, func(t testing.TB) { leadAstray(t, status) })
		})
	}
}

func leadAstray(t testing.TB, status int) {
	w, ps := inStep(t)
	hits := 0
	for k := range 12 {
		var mu sync.Mutex
		calls := 0
		w.Through(func(_ core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if strings.HasSuffix(r.URL.Hostname(), canary) {
				t.Errorf("%s %s went out, authorization %v", r.Method, r.URL, r.Header.Get("Authorization") != "")
				return nil, errReset
			}
			calls++
			if status == http.StatusOK {
				return foreignNext(r, next, &hits)
			}
			if calls-1 != k {
				return next.RoundTrip(r)
			}
			hits++
			resp := answerWith(r, status, "text/html", "moved")
			resp.Header.Set("Location", "https://login."+canary+r.URL.Path)
			return resp, nil
		})
		w.editAccount(ps[0].account, "Name", fmt.Sprintf("Renamed %d", k))
		_, _ = w.syncFor(time.Hour)
	}
	w.heal()
	w.settledAfter(1)
	if hits == 0 {
		t.Error("no call was led astray")
	}
}

// foreignNext lets every query go on, by its own word, on another host.
func foreignNext(r *http.Request, next http.RoundTripper, hits *int) (*http.Response, error) {
	resp, err := next.RoundTrip(r)
	if err != nil || !strings.Contains(r.URL.Path, "/query") {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	*hits++
	body = bytes.Replace(body, []byte(`"done":true`), []byte(`"done":false,"nextRecordsUrl":"https://`+canary+`/services/data/v65.0/query/01g-2000"`), 1)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// endless is a body that never ends, or only after a long while.
type endless struct {
	read *int64
	ctx  context.Context
	slow bool
}

func (e endless) Read(p []byte) (int, error) {
	if e.slow {
		select {
		case <-time.After(time.Second):
			p = p[:1]
		case <-e.ctx.Done():
			return 0, e.ctx.Err()
		}
	}
	for i := range p {
		p[i] = ' '
	}
	*e.read += int64(len(p))
	return len(p), nil
}

func (endless) Close() error { return nil }

// TestN10_BodiesAreBoundedInSizeAndTime answers with a body without end, fast
// and one byte a second.
func TestN10_BodiesAreBoundedInSizeAndTime(t *testing.T) {
	for _, side := range core.Sides {
		for _, slow := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s slow %v", side, slow), func(t *testing.T) {
				bubble(t, func(t testing.TB) {
					w, ps := inStep(t)
					var read int64
					struck := false
					w.Through(func(s core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
						if s != side || struck {
							return next.RoundTrip(r)
						}
						struck = true
						resp := answerWith(r, http.StatusOK, "application/json", "")
						resp.Body, resp.ContentLength = endless{&read, r.Context(), slow}, -1
						return resp, nil
					})
					w.editAccount(ps[0].account, "Name", "Renamed")
					began := w.Now()
					_, _ = w.syncFor(5 * time.Hour)
					if took := w.Now().Sub(began); took > 45*time.Minute {
						t.Errorf("the call took %v", took)
					}
					if read > 80<<20 || read == 0 {
						t.Errorf("%d bytes were read", read)
					}
					w.heal()
					w.settledAfter(1)
				})
			})
		}
	}
}

// TestX12_SecretsAppearInNoOutput echoes every request's headers and body in
// error answers, and looks for the known secrets in all that is kept or shown.
func TestX12_SecretsAppearInNoOutput(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w, ps := inStep(t)
		var log lockedBuffer
		w.Log = &log
		w.Restart()
		secrets := w.secrets()
		var mu sync.Mutex
		n := 0
		w.Through(func(_ core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if n++; n%3 != 0 {
				return next.RoundTrip(r)
			}
			secrets = append(secrets, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
			return answerWith(r, []int{500, 400, 401, 403, 200}[n%5], "text/plain", "echo: "+r.Header.Get("Authorization")), nil
		})
		var said strings.Builder
		for i := range 8 {
			w.editAccount(ps[i%3].account, "Name", fmt.Sprintf("Renamed %d", i))
			w.editCompany(ps[i%3].company, "city", fmt.Sprintf("City %d", i))
			_, err := w.syncFor(time.Hour)
			fmt.Fprintln(&said, err)
			_ = w.Engine.Resume(t.Context(), w.Conn)
			time.Sleep(40 * time.Minute)
		}
		w.shut()
		fmt.Fprintln(&said, w.TryOpen())
		w.Through(nil)
		w.Restart()
		said.WriteString(log.String() + w.everythingKept(ps))
		found := 0
		for _, s := range secrets {
			if len(s) > 8 {
				found++
				if strings.Contains(said.String(), s) {
					t.Errorf("a secret of %d characters appears in the output", len(s))
				}
			}
		}
		if found < 5 || said.Len() < 500 {
			t.Errorf("%d secrets looked for in %d bytes: nothing was tested", found, said.Len())
		}
	})
}

// lockedBuffer takes log lines from many goroutines.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (w *trial) secrets() []string {
	hs, sf := w.Portal.Info(), w.Org.Info()
	return []string{hs.IntegrationToken, hs.JournalClientSecret, sf.IntegrationClientSecret}
}

// everythingKept is the text of status, issues, journal, settings and
// explanations.
func (w *trial) everythingKept(ps []pair) string {
	w.T.Helper()
	var out strings.Builder
	status, err := w.Engine.Status(context.Background(), w.Conn)
	w.must(err)
	w.must(json.NewEncoder(&out).Encode([]any{status, w.issues(), w.settings}))
	fmt.Fprintf(&out, "%+v %v\n", w.settings, w.settings)
	for _, p := range ps {
		w.must(json.NewEncoder(&out).Encode(w.Explain(p.account)))
	}
	w.must(w.Store.View(context.Background(), func(tx *store.Tx) error {
		for _, p := range ps {
			entries, err := tx.History(w.Conn.ID, []core.Ref{{Side: core.Salesforce, Object: core.Account, ID: p.account}, {Side: core.HubSpot, Object: core.Companies, ID: p.company}}, 0, 1000)
			if err != nil {
				return err
			}
			for _, e := range entries {
				out.Write(e.Body)
			}
		}
		return nil
	}))
	return out.String()
}

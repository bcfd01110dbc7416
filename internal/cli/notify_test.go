package cli

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/notify"
	"tandem/internal/store"
	"tandem/sim/hubspotsim"
)

const noticeSecret = "0123456789abcdef0123456789abcdef"

// hookbox takes what webhooks tell on loopback, and refuses what is not signed.
func hookbox(t *testing.T) (address string, got <-chan notify.Message) {
	t.Helper()
	out := make(chan notify.Message, 8)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var m notify.Message
		if err != nil || json.Unmarshal(body, &m) != nil || !strings.HasPrefix(r.Header.Get("Webhook-Signature"), "v1,") || r.Header.Get("Webhook-Id") != m.ID {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		out <- m
	}))
	t.Cleanup(server.Close)
	return server.URL, out
}

// nextOf is the next of what is told.
func nextOf[T any](t *testing.T, what string, got <-chan T) (m T) {
	t.Helper()
	select {
	case m = <-got:
	case <-time.After(patience):
		t.Fatalf("nobody was told: %s", what)
	}
	return m
}

// brake stores a brake as the engine would.
func (r *rig) brake(kind core.BrakeKind) {
	r.t.Helper()
	s, err := store.Open(r.t.Context(), r.load().Store, store.Options{Now: time.Now, Guest: true})
	if err != nil {
		r.t.Fatal(err)
	}
	err = s.Update(r.t.Context(), func(tx *store.Tx) error {
		row, err := tx.Connection("simulated")
		if err != nil {
			return err
		}
		return tx.BrakeSet(row.ID, store.Brake{Kind: string(kind), Reason: "Ada Lovelace"})
	})
	if closed := s.Close(); err != nil || closed != nil {
		r.t.Fatal(err, closed)
	}
}

func (r *rig) notices() (all []console.Notice) {
	r.t.Helper()
	for line := range strings.Lines(r.must(0, "notify", "--json")) {
		all = append(all, lastJSON[console.Notice](r.t, line))
	}
	return all
}

func TestSUS1_ServeTellsByMailAndWebhookAndARestartRepeatsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	r.brake(core.BrakeDeletes)
	post, mails := postbox(t, false)
	hook, told := hookbox(t)
	r.notifyBy(post)
	r.edit(func(f *config.File) {
		f.Notify.Webhook = &config.NoticeHook{URL: hook, Secret: noticeSecret, OwnNetwork: true}
	})
	_, stop := r.serve()
	m, letter := nextOf(t, "webhook", told), nextOf(t, "mail", mails)
	if m.News[0].Connection != "simulated" || m.News[0].Kind != notify.KindBrake || m.News[0].Brake != string(core.BrakeDeletes) {
		t.Errorf("the webhook tells %+v", m.News)
	}
	if !strings.Contains(letter, "Message-ID: <"+m.ID+"@acme.example>") || !strings.Contains(letter, "Stopped for safety") || strings.Contains(letter, "Ada") {
		t.Errorf("the mail says %s", letter)
	}
	eventually(t, "both are noted as taken", func() bool {
		all := r.notices()
		return len(all) == 2 && !all[0].Sent.IsZero() && !all[1].Sent.IsZero()
	})
	stop()
	r.brake(core.BrakeEmptied)
	_, stop = r.serve()
	m = nextOf(t, "webhook after the restart", told)
	nextOf(t, "mail after the restart", mails)
	if len(m.News) != 1 || m.News[0].Brake != string(core.BrakeEmptied) {
		t.Errorf("after the restart the webhook tells %+v", m.News)
	}
	stop()
	if out := r.must(0, "notify"); !strings.Contains(out, "a side shows nothing any more") || !strings.Contains(out, "taken") {
		t.Errorf("the list says %s", out)
	}
}

func TestERR2_ATestIsSentWhetherTheServiceRunsOrNot(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if code, _, errs := r.run("notify", "--test"); code != exitNot || !strings.Contains(errs, "nobody is told") {
		t.Errorf("without anybody to tell: exit %d, %s", code, errs)
	}
	post, mails := postbox(t, false)
	hook, told := hookbox(t)
	r.notifyBy(post)
	r.edit(func(f *config.File) {
		f.Notify.Webhook = &config.NoticeHook{URL: hook, Secret: noticeSecret, OwnNetwork: true}
	})
	r.must(0, "notify", "--test")
	_, stop := r.serve()
	r.must(0, "notify", "--test")
	for range 2 {
		if m := nextOf(t, "webhook", told); m.News[0].Kind != notify.KindTest {
			t.Errorf("the webhook tells %+v", m.News)
		}
		if letter := nextOf(t, "mail", mails); !strings.Contains(letter, "test that") {
			t.Errorf("the mail says %s", letter)
		}
	}
	stop()
	r.edit(func(f *config.File) {
		f.Notify.Webhook.OwnNetwork, f.Notify.Webhook.URL = false, strings.Replace(hook, "http:", "https:", 1)
	})
	code, out, _ := r.run("notify", "--test", "--json")
	if tried := lastJSON[console.Tried](t, out); code != exitNot || tried.Trouble == nil || tried.Trouble.Code != notify.CodeOwnNetwork {
		t.Errorf("into the own network: exit %d, %+v", code, tried)
	}
	if out := r.must(0, "check"); !strings.Contains(out, "leads into the own network") {
		t.Errorf("check says %s", out)
	}
}

// Of a fleet one worker tells, and the one that takes over repeats nothing and forgets nothing.
func TestSUS1_OneWorkerOfAFleetTells(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.onPostgres(t)
	hook, told := hookbox(t)
	r.edit(func(f *config.File) {
		f.Notify.Webhook = &config.NoticeHook{URL: hook, Secret: noticeSecret, OwnNetwork: true}
	})
	r.must(0, "pause") // it makes the connection known, and nothing but brakes is told of one that is paused
	r.brake(core.BrakeDeletes)
	_, stop := r.serve()
	if m := nextOf(t, "the first worker tells", told); len(m.News) != 1 || m.News[0].Brake != string(core.BrakeDeletes) {
		t.Errorf("the first worker tells %+v", m.News)
	}
	r.serve()
	r.must(0, "notify", "--test")
	if m := nextOf(t, "a test beside a fleet", told); m.News[0].Kind != notify.KindTest {
		t.Errorf("beside a fleet %+v was told", m.News)
	}
	stop()
	r.brake(core.BrakeEmptied)
	if m := nextOf(t, "the second worker tells", told); len(m.News) != 1 || m.News[0].Brake != string(core.BrakeEmptied) {
		t.Errorf("the second worker tells %+v", m.News)
	}
	if all := r.notices(); len(all) != 2 {
		t.Errorf("told was %+v", all)
	}
}

// A sign-in that ends while the service runs is told by its kind, and that it is over.
func TestSUS1_ASignInThatEndsIsTold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	hook, told := hookbox(t)
	r.edit(func(f *config.File) {
		f.Connections[0].PollEvery = config.Duration(time.Second)
		f.Notify.Webhook = &config.NoticeHook{URL: hook, Secret: noticeSecret, OwnNetwork: true}
	})
	r.must(0, "import", "company")
	l := r.someLink()
	_, stop := r.serve()
	if err := r.sims.org.As("admin").Update("Account", l.Salesforce, map[string]any{"Name": "Served"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the service is at work", func() bool {
		got, _ := r.sims.portal.As("").Get("companies", l.HubSpot)
		return got["name"] == "Served"
	})
	if err := r.sims.portal.Configure(hubspotsim.Settings{RevokeTokens: true}); err != nil {
		t.Fatal(err)
	}
	for {
		m := nextOf(t, "the sign-in has ended", told)
		if m.News[0].Kind == notify.KindSignIn {
			break
		}
		t.Logf("told %+v", m.News)
	}
	stop()
}

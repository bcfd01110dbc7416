package simtest

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/store"
)

// TestLIM12_ASyncAloneHearsWhatWasSaidBeforeTheSwitch by searching for who is opted out:
// nobody else is looked at, nobody is brought over, and the next sync searches no more. In
// classic nobody is heard who does not sync (OPT-4).
func TestLIM12_ASyncAloneHearsWhatWasSaidBeforeTheSwitch(t *testing.T) {
	const crowd = 30
	inBoth(t, func(t *testing.T, profile Option) {
		var box, out string
		w := New(t, profile, people(), existed(func(w *World) {
			box = w.made(core.Contact, "LastName", "Gray", "Email", "a@x.com", "HasOptedOutOfEmail", "true")
			w.made(core.Contacts, "email", "a@x.com", "lastname", "Gray")
			out = w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "b@x.com")
			w.made(core.Contacts, "email", "b@x.com", "lastname", "Brown")
			w.optOut("b@x.com")
			for i := range crowd {
				w.made(core.Contact, "LastName", "Other", "Email", fmt.Sprintf("o%d@x.com", i))
			}
		}))
		hears := w.Conn.Settings.Profile != config.Classic
		w.must(w.Engine.HearOptOuts(t.Context(), w.Conn))
		w.Sync()
		w.wantOut("a@x.com", hears)
		w.wantBox(core.Lead, out, hears)
		w.wantBox(core.Contact, box, true)
		w.wantPersons(1, 1+crowd, 2)
		for _, id := range []string{box, out} {
			if w.mate(id) != "" {
				t.Errorf("%s was brought over", id)
			}
		}
		w.wantLifts()
		searched := map[bool]int{true: 1}[hears]
		if n := w.optOutRuns(); n != searched {
			t.Errorf("%d searches for opt-outs, want %d", n, searched)
		}
		w.must(w.Engine.HearOptOuts(t.Context(), w.Conn))
		w.Sync()
		if n := w.optOutRuns(); n != searched {
			t.Errorf("%d searches for opt-outs after the second sync", n)
		}
	})
}

// TestLIM12_AFirstSearchForOptOutsCostsThreeCalls where nobody is opted out, however many
// people there are, and none where a sweep has listed everybody.
func TestLIM12_AFirstSearchForOptOutsCostsThreeCalls(t *testing.T) {
	w := New(t, people(), existed(func(w *World) {
		for i := range 20 {
			w.made(core.Contact, "LastName", "Other", "Email", fmt.Sprintf("o%d@x.com", i))
		}
	}))
	var mu sync.Mutex
	asked := map[string]int{}
	w.On(func(side core.Side, r *http.Request) error {
		var body []byte
		var err error
		if r.Body != nil {
			body, err = io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		mu.Lock()
		defer mu.Unlock()
		if soql := r.URL.Query().Get("q"); strings.Contains(soql, "HasOptedOutOfEmail = true") || bytes.Contains(body, []byte(`"hs_email_optout","operator"`)) {
			asked[side.String()]++
		} else if strings.Contains(soql, "FROM Contact WHERE") && !strings.Contains(soql, "SystemModstamp") {
			asked["else"]++
		}
		return err
	})
	w.must(w.Engine.HearOptOuts(t.Context(), w.Conn))
	w.Sync()
	if want := map[string]int{"salesforce": 2, "hubspot": 1}; !maps.Equal(asked, want) {
		t.Errorf("the search asks %v, want %v", asked, want)
	}
	swept := New(serial{t}, people(), existed(func(*World) {}))
	swept.must(swept.Engine.QueueSweeps(t.Context(), swept.Conn))
	swept.Sync()
	swept.must(swept.Engine.HearOptOuts(t.Context(), swept.Conn))
	swept.Sync()
	if n := swept.optOutRuns(); n != 0 {
		t.Errorf("%d searches after a sweep", n)
	}
}

// optOutRuns are how often it was searched for who is opted out.
func (w *World) optOutRuns() (n int) {
	w.T.Helper()
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		runs, err := tx.Runs(w.Conn.ID, 100)
		for _, r := range runs {
			if r.Kind == "opt_outs" && r.State == store.RunDone {
				n++
			}
		}
		return err
	}))
	return n
}

package certify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/certify"
	"tandem/internal/core"
)

func TestReadOnlyRunWritesNothing(t *testing.T) {
	w := newWorld(t)
	w.options.Write = false
	r := w.run()
	if n := w.writes(); n != 0 {
		t.Errorf("%d rows were written", n)
	}
	for _, c := range certify.Checks() {
		i := slices.IndexFunc(r.Checks, func(res certify.Result) bool { return res.ID == c.ID })
		if skipped := r.Checks[i].Outcome == certify.Skipped; skipped != c.Writes {
			t.Errorf("%s is %s, makes records: %t", c.ID, r.Checks[i].Outcome, c.Writes)
		}
	}
	if _, err := os.Stat(w.file); err == nil {
		t.Error("a list of records to remove was written")
	}
}

// lost makes every call from the n-th making on fail: that one's answer is lost
// after the side did it, as when the process dies there.
type lost struct {
	next  certify.Door
	count *int
	n     int
	died  func() // sees the moment
}

func (l lost) send(req *http.Request) (*http.Response, error) {
	if *l.count >= l.n {
		return nil, errors.New("the process is gone")
	}
	making := req.Method == http.MethodPut || req.Method == http.MethodPost && !strings.HasSuffix(req.URL.Path, "/read") && !strings.HasSuffix(req.URL.Path, "/search")
	resp, err := l.next(req)
	if making {
		*l.count++
	}
	if *l.count >= l.n {
		l.died()
		return nil, errors.New("the answer is lost")
	}
	return resp, err
}

func TestNextRunRemovesWhatAnInterruptedOneLeft(t *testing.T) {
	w := newWorld(t)
	for n := 1; ; n++ {
		w.t = t
		w.connect()
		w.options.Mark = fmt.Sprintf("a1b2%d", n)
		doors, count, list := w.options.Doors, 0, []byte(nil)
		for side, next := range doors {
			w.options.Doors[side] = lost{next, &count, n, func() { list, _ = os.ReadFile(w.file) }}.send
		}
		w.run()
		if list != nil {
			w.must(os.WriteFile(w.file, list, 0o600)) // as it stood at that moment
		}
		w.advance(time.Hour) // the search index catches up, and what never was is given up
		left, err := certify.OpenLeftovers(w.file)
		w.must(err)
		w.options.Doors, w.options.Leftovers = doors, left
		ended, cancel := context.WithCancel(t.Context())
		cancel() // removes, checks nothing
		r, err := certify.Run(ended, w.options)
		if !errors.Is(err, context.Canceled) || len(r.Checks) != 0 {
			t.Fatalf("an ended run checked %d things: %v", len(r.Checks), err)
		}
		if live := w.live(); len(live) > 0 || r.Left > 0 {
			t.Fatalf("died at making %d: %d on the list, left behind %v", n, r.Left, live)
		}
		w.before[core.HubSpot] = len(w.portal.Ledger()) // what is gone now stays gone
		if count < n {
			if n < 40 {
				t.Fatalf("only %d makings", count)
			}
			return
		}
	}
}

func TestARecordWithoutOurMarkIsNotRemoved(t *testing.T) {
	w := newWorld(t)
	account, err := w.org.As("admin").Create("Account", map[string]any{"Name": values[0]})
	w.must(err)
	contact, err := w.portal.As("jane").Create("contacts", map[string]string{"email": "else@example.com"})
	w.must(err)
	list, _ := json.Marshal([]certify.Made{{Side: core.Salesforce, Object: "Account", Key: "tandem-certify-x", ID: account, At: epoch},
		{Side: core.HubSpot, Object: "contacts", Key: "tandem-certify-x@example.com", ID: contact, At: epoch}})
	w.must(os.WriteFile(w.file, list, 0o600))
	w.connect()
	r := w.run()
	if r.Left != 2 {
		t.Errorf("%d are left, want both", r.Left)
	}
	if w.org.As("admin").Get("Account", account) == nil {
		t.Error("somebody's account was deleted")
	}
	if _, ok := w.portal.As("jane").Get("contacts", contact); !ok {
		t.Error("somebody's contact was archived")
	}
}

// scramble puts values of the account into any place of an answer.
func scramble(rng *rand.Rand) func(*reply) {
	value := func() any {
		return []any{values[rng.IntN(len(values))], json.Number("987654321"), values[6], nil, []any{values[1]}, map[string]any{values[0]: values[6]}}[rng.IntN(6)]
	}
	var walk func(v any) any
	walk = func(v any) any {
		if rng.IntN(12) == 0 {
			return value()
		}
		switch v := v.(type) {
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		case map[string]any:
			for _, k := range sortedKeys(v) {
				v[k] = walk(v[k])
			}
			if rng.IntN(8) == 0 {
				v[values[rng.IntN(len(values))]] = value()
			}
		}
		return v
	}
	return func(r *reply) {
		if json.Valid(r.body) {
			edit(walk)(r)
		}
		for _, h := range []string{"Location", "Sforce-Limit-Info", "X-HubSpot-RateLimit-Max", "Sforce-Locator"} {
			if r.header.Get(h) != "" && rng.IntN(3) == 0 {
				r.header.Set(h, values[6])
			}
		}
	}
}

func sortedKeys(m map[string]any) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func TestNoValueEntersTheReport(t *testing.T) {
	w := newWorld(t)
	found := 0
	for seed := range uint64(12) {
		w.connect()
		w.advance(time.Hour)
		w.options.Mark = fmt.Sprintf("a1b2%d", seed)
		w.options.EventWithin = 50 * time.Millisecond
		for _, side := range core.Sides {
			w.plants = [2]*plant{}
			w.plants[side] = &plant{side: side, on: "^[A-Z]+ /(services/data|crm|account-info|webhooks)", change: scramble(rand.New(rand.NewPCG(seed, uint64(side))))}
			r := w.run()
			found += r.Counts[certify.Different]
			tellsNothing(t, w, r)
			if told := text(t, r); strings.Contains(told, "987654321") {
				at := strings.Index(told, "987654321")
				t.Errorf("the report tells a number: …%s…", told[max(0, at-300):min(len(told), at+100)])
			}
		}
	}
	if found < 200 {
		t.Errorf("only %d differences: the answers were hardly scrambled", found)
	}
}

func TestANumberInThePlaceOfAStatusIsNotTold(t *testing.T) {
	w := newWorld(t)
	w.options.Write = false
	w.plants[org] = &plant{side: core.Salesforce, on: "POST .*/composite(/batch)?$", change: pattern(`("(?:httpS|s)tatusCode"):\d+`, `${1}:987654321`)}
	r := w.run()
	if got := different(r); !slices.Equal(got, []string{"org.composite", "org.composite.batch"}) || strings.Contains(text(t, r), "987654321") {
		t.Errorf("named by %v\n%s", got, text(t, r))
	}
}

func TestABusyOrForbiddenSideIsNoDifference(t *testing.T) {
	w := newWorld(t)
	for _, code := range []int{401, 403, 429, 500, 503} {
		w.connect()
		w.plants[portal] = &plant{side: core.HubSpot, on: "GET /crm/v3/owners", change: answered(code, `{"status":"error","message":"x"}`)}
		r := w.run()
		if got := different(r); len(got) > 0 || r.Counts[certify.NotRun] != 1 {
			t.Errorf("status %d: different %v, %d not run", code, got, r.Counts[certify.NotRun])
		}
	}
}

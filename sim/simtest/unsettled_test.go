package simtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// TestI2_TheResultNamesWritesWithoutAnAnswer loses a create on its way: nobody knows whether it
// arrives.
func TestI2_TheResultNamesWritesWithoutAnAnswer(t *testing.T) {
	w := New(t)
	w.account("Edge")
	w.Through(func(s core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if s == core.HubSpot && strings.HasSuffix(r.URL.Path, "/batch/create") {
			return nil, errors.New("the line broke")
		}
		return next.RoundTrip(r)
	})
	res, err := w.Engine.Once(t.Context(), w.Conn)
	w.must(err)
	if res.Unsettled != 1 || res.Converged {
		t.Errorf("the result says %+v", res)
	}
}

// TestI2_AnUnansweredCreateThatIsGoneIsNotMadeAgain: the record was deleted or merged away
// by a user before anybody knew that it had been made, and its key tells so in the bin.
func TestI2_AnUnansweredCreateThatIsGoneIsNotMadeAgain(t *testing.T) {
	type fate struct {
		left    int // leads
		befalls func(w *World, made string)
	}
	fates := map[string]fate{
		"deleted": {1, func(w *World, made string) { w.must(w.Org.As(admin).Delete("Lead", made)) }},
		"merged into a linked lead": {1, func(w *World, made string) {
			rows, err := w.Org.As(admin).Query("SELECT Id FROM Lead WHERE Email = 'elder@x.com'")
			w.must(err)
			w.must(w.Org.As(admin).Merge("Lead", fmt.Sprint(rows[0]["Id"]), made))
		}},
		"merged into a free lead": {2, func(w *World, made string) {
			w.must(w.Org.As(admin).Merge("Lead", w.made(core.Lead, "LastName", "Master", "Company", "Co"), made))
		}},
	}
	for name, fate := range fates {
		t.Run(name, func(t *testing.T) {
			w := New(t, people(), Settings(func(c *config.Connection) { c.Salesforce.SettleUnknown = config.Duration(time.Second) }))
			elder := w.made(core.Lead, "LastName", "Elder", "Company", "Co", "Email", "elder@x.com")
			w.Sync()
			w.wantMate(elder)
			w.Advance(time.Minute)
			hs := w.made(core.Contacts, "email", "a@x.com", "lastname", "Fresh", "company", "Co")
			w.Advance(3 * time.Second)
			made := w.cutAfterCreate(elder)
			fate.befalls(w, made)
			w.Through(nil)
			w.Restart()
			for range 4 {
				w.Advance(3 * time.Minute)
				w.Sync()
			}
			if leads, _, _ := w.persons(); leads != fate.left {
				t.Errorf("%d leads, want %d", leads, fate.left)
			}
			if x := w.explainPerson(hs); x.Verdict == engine.Pending {
				t.Errorf("it waits for ever: %+v", x.Rules)
			}
			if name == "merged into a free lead" {
				w.wantMate(hs)
			}
		})
	}
}

// cutAfterCreate syncs until a lead beside the elder one is made, and loses the answer and
// all that follows.
func (w *World) cutAfterCreate(elder string) (made string) {
	w.T.Helper()
	fresh := func() string {
		rows, err := w.Org.As(admin).Query("SELECT Id FROM Lead WHERE Id != '" + elder + "'")
		w.must(err)
		if len(rows) == 0 {
			return ""
		}
		return fmt.Sprint(rows[0]["Id"])
	}
	var cut atomic.Bool
	w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if cut.Load() {
			return nil, errors.New("network is unreachable")
		}
		res, err := next.RoundTrip(r)
		if err == nil && side == core.Salesforce && r.Method != http.MethodGet && fresh() != "" {
			cut.Store(true)
			_ = res.Body.Close()
			return nil, errors.New("connection reset by peer")
		}
		return res, err
	})
	ctx, cancel := context.WithTimeout(w.T.Context(), 3*time.Second)
	defer cancel()
	_, _ = w.Engine.Once(ctx, w.Conn)
	if made = fresh(); made == "" {
		w.T.Fatal("no lead was made")
	}
	return made
}

// TestI12_AnUnansweredWriteForAnotherRecordIsSettled: an opt-out went to a namesake on behalf of
// a linked lead when the process ended. The look at that lead settles it, whose own records
// the write does not name.
func TestI12_AnUnansweredWriteForAnotherRecordIsSettled(t *testing.T) {
	w := New(t, people())
	lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "a@x.com")
	namesake := w.made(core.Lead, "LastName", "Grey", "Company", "Co", "Email", "b@x.com")
	w.Sync()
	w.wantMate(lead)
	w.Advance(time.Hour) // no poll tells of the namesake again
	w.Sync()
	of := func(id string) core.Ref { return core.Ref{Side: core.Salesforce, Object: core.Lead, ID: id} }
	box := map[string]string{"HasOptedOutOfEmail": "true"}
	w.must(w.Store.Update(t.Context(), func(tx *store.Tx) error {
		return tx.IntentsPut(w.Conn.ID, []store.Intent{{Dirty: of(lead), At: w.Now(), Op: core.Op{Key: "update/namesake", Kind: core.OpUpdate, Pair: core.ContactPair,
			Target: of(namesake), Rule: "LIM-12", Fields: box, Before: map[string]string{"HasOptedOutOfEmail": "false"}}}})
	}))
	w.Restart()
	if res := w.Sync(); res.Unsettled != 0 {
		t.Errorf("%d writes are unsettled after a look at the lead", res.Unsettled)
	}
}

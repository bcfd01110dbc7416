package simtest

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestI12_AWriteBeforeAStopStandsInTheJournal: the process ends behind its update of a
// contact that it has just found, so that no link names the contact yet.
func TestI12_AWriteBeforeAStopStandsInTheJournal(t *testing.T) {
	for name, deleted := range map[string]bool{"the contact stays": false, "a user deletes the contact": true} {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, people())
				contact, person := w.stoppedMeeting()
				if deleted {
					w.must(w.Org.As(admin).Delete("Contact", contact))
				}
				w.thrice()
				wrote := func(h engine.HistoryView) bool {
					return slices.ContainsFunc(h.Writes, func(o engine.Write) bool {
						return o.ID == contact && o.After["LastName"] == "Brown" && o.Before["LastName"] == "Green"
					})
				}
				named := func(h engine.HistoryView) bool {
					return strings.Contains(h.Note, person) && strings.Contains(h.Note, "LastName")
				}
				own, other := w.explainPerson(contact).History, w.explainPerson(person).History
				if !slices.ContainsFunc(own, wrote) && !(slices.ContainsFunc(own, named) && slices.ContainsFunc(other, wrote)) {
					t.Errorf("the history of the contact does not tell of the write: %+v, nor that of the person: %+v", own, other)
				}
			})
		})
	}
}

// stoppedMeeting are a contact and a person of one address, of whom the later name has been
// written to Salesforce before the process ended.
func (w *World) stoppedMeeting() (contact, person string) {
	w.T.Helper()
	contact = w.made(core.Contact, "LastName", "Green", "Email", "ann@x.com")
	w.Advance(time.Minute)
	person = w.made(core.Contacts, "lastname", "Brown", "email", "ann@x.com")
	w.Advance(time.Minute)
	w.stopBehindOrgUpdate()
	w.want(core.Contact, contact, "LastName", "Brown")
	return contact, person
}

// stopBehindOrgUpdate syncs until Salesforce has carried out an update, and stops there.
func (w *World) stopBehindOrgUpdate() {
	w.T.Helper()
	w.stopBehind(func(side core.Side, r *http.Request) bool {
		return side == core.Salesforce && (r.Method == http.MethodPatch || strings.HasSuffix(r.URL.Path, "/composite"))
	})
}

// stopBehind syncs until a side has carried out such a request: the process stores nothing
// any more. Another one begins.
func (w *World) stopBehind(such func(core.Side, *http.Request) bool) {
	w.T.Helper()
	var dead atomic.Bool
	w.BeforeCommit = func(int64) error {
		if dead.Load() {
			return errCrash
		}
		return nil
	}
	w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if such(side, r) {
			dead.Store(true)
		}
		return resp, err
	})
	w.Restart()
	if _, err := w.TrySync(); err == nil {
		w.T.Fatal("the process did not stop")
	}
	w.BeforeCommit = nil
	w.Through(nil)
	w.Restart()
}

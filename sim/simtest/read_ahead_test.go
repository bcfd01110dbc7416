package simtest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// throng are people with addresses in the org.
func (w *World) throng(n int) (ids []string) {
	for i := range n {
		ids = append(ids, w.made(core.Contact, "LastName", fmt.Sprintf("P%d", i), "Email", fmt.Sprintf("p%d@x.example", i)))
	}
	return ids
}

// TestDEDUP1_AnImportReadsManyPeopleByACall: those of the batches behind come with the
// first, and contacts and leads are asked for their addresses together.
func TestDEDUP1_AnImportReadsManyPeopleByACall(t *testing.T) {
	const n, batch = 700, 200
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), Workers(1), Before(func(w *World) { w.throng(n) }))
		most, together, apart := 0, 0, 0
		w.Through(func(_ core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			switch p := r.URL.Path; {
			case strings.HasSuffix(p, "/composite/sobjects/Contact"):
				most = max(most, bytes.Count(w.body(r), []byte(`"003`)))
			case strings.HasSuffix(p, "/composite"):
				together++
			case strings.Contains(r.URL.RawQuery, "Email+IN"):
				apart++
			}
			return next.RoundTrip(r)
		})
		w.importPeople(everybodyHere())
		w.wantPersons(0, n, n)
		if most <= batch {
			t.Errorf("no call read more than %d people by id", most)
		}
		if together == 0 || apart != 0 {
			t.Errorf("%d calls asked for contacts and leads together, %d apart", together, apart)
		}
		w.wantNoIssues()
	})
}

// body is what a request carries, which it goes on carrying.
func (w *World) body(r *http.Request) []byte {
	sent, err := io.ReadAll(r.Body)
	w.must(err)
	r.Body = io.NopCloser(bytes.NewReader(sent))
	return sent
}

// TestI4_WhatWasReadAheadIsReadAgainWhenItIsOld: an edit in between arrives with the
// contact that is made.
func TestI4_WhatWasReadAheadIsReadAgainWhenItIsOld(t *testing.T) {
	w, made := editedAhead(t, 31*time.Second)
	if made["before"] > 200 || made["before"]+made["edited"] != 400 {
		t.Errorf("made %v, want all behind the first batch of 200 as they are by then", made)
	}
	w.wantEdited()
}

// TestI4_AnEditOfWhatWasReadAheadArrives, with the next sync where the contact is made by
// what was read before.
func TestI4_AnEditOfWhatWasReadAheadArrives(t *testing.T) {
	w, made := editedAhead(t, 3*time.Second)
	if made["before"] != 400 {
		t.Errorf("made %v, want all by the one reading", made)
	}
	w.wantEdited()
}

// wantEdited fails unless the edit of everybody is in HubSpot.
func (w *World) wantEdited() {
	w.T.Helper()
	w.again()
	out := w.portalCall("POST", "/crm/v3/objects/contacts/search", map[string]any{"limit": 1,
		"filterGroups": []any{map[string]any{"filters": []any{map[string]any{"propertyName": "lastname", "operator": "EQ", "value": "Edited"}}}}})
	if n := out["total"].(float64); n != 400 {
		w.T.Errorf("%v of 400 contacts have the edit", n)
	}
}

// editedAhead imports 400 people of whom everybody is edited while the first are made,
// and says how many were made by what they were before.
func editedAhead(t *testing.T, later time.Duration) (*World, map[string]int) {
	t.Helper()
	var ids []string
	w := New(t, people(func(c *config.Connection) { c.Brakes.Changed = config.BrakeLimit{AtLeast: 1000, Share: 1} }), Workers(1), Before(func(w *World) { ids = w.throng(400) }))
	edited := false
	w.On(func(_ core.Side, r *http.Request) error {
		if !edited && strings.HasSuffix(r.URL.Path, "/contacts/batch/create") {
			edited = true
			for _, id := range ids {
				w.must(w.Org.As(admin).Update(string(core.Contact), id, map[string]any{"LastName": "Edited"}))
			}
			w.Advance(later)
		}
		return nil
	})
	made := map[string]int{}
	w.Through(func(_ core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/contacts/batch/create") {
			body := w.body(r)
			made["before"] += bytes.Count(body, []byte(`"lastname":"P`))
			made["edited"] += bytes.Count(body, []byte(`"lastname":"Edited"`))
		}
		return next.RoundTrip(r)
	})
	w.importPeople(everybodyHere())
	return w, made
}

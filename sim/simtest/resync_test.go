package simtest

import (
	"errors"
	"strings"
	"testing"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// Every object of the pair, by the ids of both sides.
func TestTRIG9_CARD1_ResyncOfAnyObjectByEitherId(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge")
	lead, led := w.lead("Smith", "smith@lead.com"), w.person("Smith", "smith@lead.com")
	contact, person := w.contact("Gonzalez", "rose@edge.com", account), w.person("Gonzalez", "rose@edge.com")
	w.Sync()
	looked := func(p core.Pair, id string) {
		t.Helper()
		w.must(w.Engine.Resync(t.Context(), w.Conn, p, []string{id}))
		if got := w.waitsBecause(p, id); got != "person" {
			t.Errorf("%s %s waits for %q, want the look that a person asked for", p, id, got)
		}
		w.Sync()
		if got := w.waitsBecause(p, id); got != "" {
			t.Errorf("%s %s still waits: %q", p, id, got)
		}
	}
	for _, id := range []string{account, account[:15], company} {
		looked(core.CompanyPair, id)
	}
	for _, id := range []string{lead, lead[:15], led, contact, person} {
		looked(core.ContactPair, id)
	}
}

func TestTRIG9_ResyncSaysNotFound(t *testing.T) {
	w := New(t)
	account, _ := w.linked("Edge")
	lead := w.lead("Smith", "smith@lead.com")
	for name, c := range map[string]struct {
		pair core.Pair
		id   string
	}{
		"no such account": {core.CompanyPair, "001000000000001AAA"}, "no such company": {core.CompanyPair, "999"},
		"no such lead": {core.ContactPair, "00Q000000000001EAA"}, "a lead is no company": {core.CompanyPair, lead},
		"no such object": {core.ContactPair, "006000000000001AAA"},
	} {
		t.Run(name, func(t *testing.T) {
			ids := []string{c.id}
			if c.pair == core.CompanyPair {
				ids = append(ids, account)
			}
			err := w.Engine.Resync(t.Context(), w.Conn, c.pair, ids)
			wantCode(t, err, engine.CodeNotFound)
			var e *engine.Error
			if errors.As(err, &e); !strings.Contains(e.Message, c.id) || strings.Contains(e.Message, account) {
				t.Errorf("message %q", e.Message)
			}
			if w.waitsBecause(core.CompanyPair, account) != "" {
				t.Error("the rest of the list was marked")
			}
		})
	}
	hidden := w.account("Hidden")
	w.must(w.Org.SetHidden(hide(hidden)))
	wantCode(t, w.Engine.Resync(t.Context(), w.Conn, core.CompanyPair, []string{hidden}), engine.CodeNotFound)
}

// waitsBecause are the reasons for which a record waits to be looked at.
func (w *World) waitsBecause(p core.Pair, id string) string {
	w.T.Helper()
	x, err := w.Engine.Explain(w.T.Context(), w.Conn, p, id)
	w.must(err)
	return strings.Join(x.Pending, " ")
}

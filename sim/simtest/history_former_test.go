package simtest

import (
	"slices"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// wantFormer checks that the history of a record tells of a write of one that went into it, and whose they are; its explanation does too.
func (w *World) wantFormer(id, former, now string) {
	w.T.Helper()
	h, err := w.Engine.History(w.T.Context(), w.Conn, core.ContactPair, id, 100)
	w.must(err)
	if !slices.ContainsFunc(h, func(v engine.HistoryView) bool {
		return v.Ref == former && v.Became == now && slices.ContainsFunc(v.Writes, func(x engine.Write) bool { return x.After["phone"] == "+1 111" })
	}) {
		w.T.Errorf("the history of %s tells no write of %s, now %s: %+v", id, former, now, h)
	}
	for _, v := range h {
		if v.Ref == now && v.Became != "" {
			w.T.Errorf("%s is told to have become %s", v.Ref, v.Became)
		}
	}
	x := w.explainPerson(id)
	if !slices.ContainsFunc(x.History, func(v engine.HistoryView) bool { return v.Became == now }) {
		w.T.Errorf("explain %s tells nothing of who became %s", id, now)
	}
}

// TestLIM29_TheHistoryOfAPersonBeginsWithWhomItWas before a conversion or a merge, on either
// side, whoever of the couple is asked for.
func TestLIM29_TheHistoryOfAPersonBeginsWithWhomItWas(t *testing.T) {
	moves := map[string]func(w *World, lead, hs string) (of core.Object, now, mate string){
		"converted": func(w *World, lead, hs string) (core.Object, string, string) {
			made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
			w.must(err)
			return core.Contact, made.ContactID, hs
		},
		"merged": func(w *World, lead, hs string) (core.Object, string, string) {
			stray := w.made(core.Lead, "LastName", "Stray", "Company", "Acme")
			w.must(w.Org.As(admin).Merge("Lead", stray, lead))
			return core.Lead, stray, hs
		},
		"merged with somebody who has a partner": func(w *World, lead, _ string) (core.Object, string, string) {
			other := w.made(core.Lead, "LastName", "Other", "Company", "Acme", "Email", "other@x.com")
			w.again()
			mate := w.wantMate(other)
			w.Advance(time.Minute)
			w.must(w.Org.As(admin).Merge("Lead", other, lead))
			return core.Lead, other, mate
		},
	}
	inBoth(t, func(t *testing.T, profile Option) {
		for name, move := range moves {
			t.Run(name, func(t *testing.T) {
				w := New(t, profile, people())
				lead := w.made(core.Lead, "LastName", "Gray", "Company", "Acme", "Email", "l@x.com")
				w.Sync()
				hs := w.wantMate(lead)
				w.Advance(time.Minute)
				w.change(core.Lead, lead, "Phone", "+1 111")
				w.again()
				w.want(core.Contacts, hs, "phone", "+1 111")
				w.Advance(time.Minute)
				of, now, mate := move(w, lead, hs)
				for range 3 {
					w.again()
				}
				former := core.Ref{Side: core.Salesforce, Object: core.Lead, ID: lead}
				is := core.Ref{Side: core.Salesforce, Object: of, ID: now}
				w.wantFormer(now, former.String(), is.String())
				w.wantFormer(mate, former.String(), is.String())
			})
		}
	})
}

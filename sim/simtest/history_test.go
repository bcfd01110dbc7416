package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
)

// stuck is a world with a record that does not sync, and what changes that.
type stuck struct {
	opts  []Option
	make  func(*World) (watched string)
	touch func(*World, string)
}

// stuckWorlds are records that are refused, in review, out of scope or waiting.
func stuckWorlds() map[string]stuck {
	worlds := map[string]stuck{
		"record refused": {nil, func(w *World) string {
			account, _ := w.blocked()
			return account
		}, func(w *World, account string) {
			w.Org.ClearRules()
			w.editCompany(w.byLink(account), "city", "Bern")
		}},
		"several candidates": {nil, func(w *World) string {
			account := w.account("Edge")
			w.contact("A", "a@edge.com", account)
			w.contact("B", "b@edge.com", account)
			w.company("One", w.person("A", "a@edge.com"))
			w.company("Two", w.person("B", "b@edge.com"))
			return account
		}, func(w *World, account string) {
			w.must(w.Engine.Link(w.T.Context(), w.Conn, core.CompanyPair, account, w.company("Three")))
			w.editAccount(account, "Name", "Edge Two")
		}},
		"out of scope": {nil, func(w *World) string { return w.company("Lonely") }, func(w *World, company string) {
			w.must(w.Portal.As(admin).Associate("contacts", w.person("A", "a@edge.com"), "companies", company))
		}},
		"list is waited for": {[]Option{inclusion(touchedSince(), propertyIs("city", "Austin"))}, func(w *World) string {
			return w.company("Edge", w.person("Gonzalez", "rose@edge.com"))
		}, nil},
	}
	for _, c := range troubles() {
		worlds[c.name] = stuck{c.opts, func(w *World) string {
			account, company := w.linked("Edge")
			c.cause(w, account, company)
			return account
		}, func(w *World, account string) { w.editCompany(w.byLink(account), "name", "Edge Two") }}
	}
	return worlds
}

// A look that finds what the last one found leaves nothing in the history, whoever
// asked for it; what is new is told.
func TestLIM29_HistoryGrowsOnlyWithNews(t *testing.T) {
	for name, c := range stuckWorlds() {
		t.Run(name, func(t *testing.T) {
			w := New(t, c.opts...)
			id := c.make(w)
			w.Sync()
			w.Advance(time.Minute)
			w.Sync()
			before := len(w.History(id))
			if before == 0 || w.Explain(id).Verdict == "in_sync" {
				t.Fatalf("%d entries: %+v", before, w.Explain(id))
			}
			for range 3 {
				w.Advance(31 * time.Minute)
				if partner := w.byLink(id); partner != "" {
					w.Resync(partner)
					w.Resync(id)
				}
				w.settle()
			}
			if h := w.History(id); len(h) != before && c.touch != nil || len(h) > before+2 {
				t.Errorf("%d entries after looks that found nothing new, %d before: %+v", len(h), before, h)
			}
			if c.touch == nil {
				return
			}
			c.touch(w, id)
			w.Advance(time.Minute)
			w.Sync()
			if len(w.History(id)) <= before {
				t.Error("the history does not tell what is new")
			}
		})
	}
}

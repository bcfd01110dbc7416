package simtest

import (
	"testing"
	"time"

	"tandem/sim/salesforcesim"
)

// Events that tell only that something happened: of one record, or of the whole
// object. Nothing polls meanwhile, and the sweep of the day is far.
func TestGapEventsLoseNothing(t *testing.T) {
	for _, do := range []string{"gap_event", "overflow_event"} {
		for _, profile := range []string{"classic", "tandem"} {
			t.Run(do+"/"+profile, func(t *testing.T) {
				bubble(t, func(t testing.TB) {
					var older, asleep string
					w := New(t, events(), Before(func(w *World) {
						older, asleep = w.account("Older, edited"), w.account("Older, asleep")
						w.Advance(time.Hour)
					}))
					edited, company := w.linked("Edited")
					gone, _ := w.linked("Gone")
					back, restored := w.linked("Back")
					w.byFeeds()
					w.must(w.Org.AddFault(salesforcesim.Fault{Do: do}))
					w.Advance(time.Minute)
					w.must(w.Org.As(admin).Delete("Account", back))
					w.eventually(func() bool { return w.byLink(back) == "" })
					w.editAccount(edited, "Name", "Edited twice")
					w.editAccount(older, "Phone", "2")
					fresh := w.account("Fresh")
					w.must(w.Org.As(admin).Delete("Account", gone))
					w.must(w.Org.As(admin).Undelete("Account", back))
					w.companyShows(company, "name", "Edited twice")
					for _, id := range []string{fresh, older} {
						w.eventually(func() bool { return w.byLink(id) != "" })
					}
					w.eventually(func() bool { return w.byLink(back) == restored && w.byLink(gone) == "" })
					w.stop()
					if w.byLink(asleep) != "" || w.companyCount() != 5 {
						t.Errorf("%d companies, want 5: nobody touched the account that sleeps (ACC-4)", w.companyCount())
					}
				})
			})
		}
	}
}

// People as well: a contact that moved within the gap takes its relation along.
func TestGapOfPeopleIsRead(t *testing.T) {
	for _, do := range []string{"gap_event", "overflow_event"} {
		t.Run(do, func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w := New(t, events())
				_, _ = w.linked("Here")
				there, company := w.linked("There")
				contact, person := w.contact("Gonzalez", "rose@edge.com", ""), w.person("Gonzalez", "rose@edge.com")
				w.Sync()
				w.byFeeds()
				w.must(w.Org.AddFault(salesforcesim.Fault{Do: do}))
				w.Advance(time.Minute)
				w.must(w.Org.As(admin).Update("Contact", contact, map[string]any{"AccountId": there}))
				w.eventually(func() bool { return len(w.Portal.As(admin).Associated("companies", company, "contacts")) == 1 })
				if got := w.Portal.As(admin).Associated("companies", company, "contacts"); got[0] != person {
					t.Errorf("%v is associated, want %s", got, person)
				}
				w.stop()
			})
		})
	}
}

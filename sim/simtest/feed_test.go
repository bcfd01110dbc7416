package simtest

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// events are worlds with both change feeds on: Pub/Sub and the journal.
func events() Option { return eventsOf("Account", "Contact", "Lead") }

// eventsOf selects other objects for change events.
func eventsOf(objects ...string) Option {
	return func(s *setup) {
		Settings(func(c *config.Connection) {
			c.Salesforce.Events = "cdc"
			c.HubSpot.Events.Journal = &config.ClientCredentials{ClientID: "journal", ClientSecret: "secret"}
			c.PollEvery = config.Duration(24 * time.Hour) // what arrives, arrives by the feeds
		})(s)
		Before(func(w *World) { w.must(w.Org.SelectEntities(objects...)) })(s)
	}
}

// serving runs the connection in the background until the test ends.
func (w *World) serving() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Engine.Serve(ctx, w.Conn) }()
	w.stop = func() {
		cancel()
		<-done
		w.stop = nil
	}
}

// pastStart is by when the polls at the start of a feed are over, and even a silent event bus
// has told where it stands.
const pastStart = 5 * time.Minute

// byFeeds serves, in a bubble, and returns where nothing but the feeds tells what changes.
func (w *World) byFeeds() {
	w.T.Helper()
	w.serving()
	time.Sleep(pastStart)
	if !w.hasPositions() {
		w.T.Fatal("a feed has no position after its start")
	}
}

// hasPositions is true once the feeds of both sides have told where they stand.
func (w *World) hasPositions() bool {
	w.T.Helper()
	return w.hasPosition(core.Salesforce) && w.hasPosition(core.HubSpot)
}

// hasPosition is true where the feed of a side goes on from where it was.
func (w *World) hasPosition(side core.Side) bool { return w.feedPosition(side) != "" }

// feedPosition is up to where the feed of a side was read, empty where it told nothing.
func (w *World) feedPosition(side core.Side) (at string) {
	w.T.Helper()
	w.must(w.Store.View(context.Background(), func(tx *store.Tx) error {
		cur, _, err := tx.Cursor(w.Conn.ID, side, "feed")
		at = cur.Value
		return err
	}))
	return at
}

// deafen makes both sides lose the events of all that happens from now on.
func (w *World) deafen() {
	w.T.Helper()
	w.must(w.Org.AddFault(salesforcesim.Fault{Do: "drop_event"}))
	w.must(w.Portal.Break(hubspotsim.Fault{Do: "drop_event", Times: math.MaxInt32}))
}

// shows waits until a record has a value.
func (w *World) shows(what string, read func() string, want string) {
	w.T.Helper()
	deadline := time.Now().Add(90 * time.Second)
	for read() != want {
		if time.Now().After(deadline) {
			w.T.Fatalf("%s is %q after 90 s, want %q", what, read(), want)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (w *World) accountShows(id, field, want string) {
	w.T.Helper()
	w.shows("account "+field, func() string { return w.accountValue(id, field) }, want)
}

func (w *World) companyShows(id, property, want string) {
	w.T.Helper()
	w.shows("company "+property, func() string { return w.companyValue(id, property) }, want)
}

// linkedByNow waits for the partner of a record.
func (w *World) linkedByNow(id string) (partner string) {
	w.T.Helper()
	w.eventually(func() bool { partner = w.partner(id); return partner != "" })
	return partner
}

// TestCanaryWithoutEventsNothingIsHeard in the worlds that are served by feeds alone: no poll
// stands in for an event there, so what arrives in them was announced.
func TestCanaryWithoutEventsNothingIsHeard(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := New(t, events())
		account, company := w.linked("Edge")
		w.byFeeds()
		w.deafen()
		w.editAccount(account, "Name", "Unheard")
		w.editCompany(company, "city", "Bern")
		made, fresh := w.account("Fresh"), w.company("New")
		w.must(w.Portal.As(admin).Associate("contacts", w.person("Rose", "rose@new.com"), "companies", fresh))
		time.Sleep(time.Hour)
		if name, city := w.companyValue(company, "name"), w.accountValue(account, "BillingCity"); name != "Edge" || city != "" {
			t.Errorf("the company is called %q and the account is in %q without an event", name, city)
		}
		if a, b := w.byLink(made), w.byLink(fresh); a != "" || b != "" {
			t.Errorf("without an event new records are linked with %q and %q", a, b)
		}
		w.stop()
	})
}

func TestLIM1_FeedsBringChangesOfBothSidesWithinSeconds(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := New(t, events())
		w.Sync()
		w.byFeeds()
		account := w.account("Edge")
		company := w.linkedByNow(account)
		w.editAccount(account, "Name", "Edge SF")
		w.companyShows(company, "name", "Edge SF")
		w.editCompany(company, "city", "Bern")
		w.accountShows(account, "BillingCity", "Bern")
		made := w.company("Acme", w.person("Rose", "rose@acme.com"))
		w.accountShows(w.linkedByNow(made), "Name", "Acme")
		w.stop()
		if n := w.companyCount() + w.accounts(); n != 4 {
			t.Errorf("%d records, want two pairs", n)
		}
	})
}

func TestLIM7_FeedsAnnounceMergesAndDeletes(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := New(t, events(), whenDeleted(core.Salesforce, "archive"))
		w.Sync()
		w.byFeeds()
		winner, loser, gone := w.account("Winner"), w.account("Loser"), w.account("Gone")
		kept, parked, lost := w.linkedByNow(winner), w.linkedByNow(loser), w.linkedByNow(gone)
		w.must(w.Org.As(admin).Merge("Account", winner, loser))
		w.eventually(func() bool { x := w.Explain(parked); return x.Link != nil && x.Link.State == core.LinkParked })
		w.must(w.Org.As(admin).Delete("Account", gone))
		w.eventually(func() bool { return !w.stands(core.HubSpot, "", lost) })
		if w.partner(winner) != kept || !w.stands(core.HubSpot, "", parked) {
			t.Errorf("winner with %q, the loser's company stands %v", w.partner(winner), w.stands(core.HubSpot, "", parked))
		}
		survivor, err := w.Portal.As(admin).Merge("companies", kept, parked)
		w.must(err)
		w.eventually(func() bool { return w.partner(winner) == survivor })
		w.stop()
	})
}

func TestDuplicateAndHeldEventsEndInTheSameState(t *testing.T) {
	for _, do := range []string{"dup_event", "hold_event", "cut_stream"} {
		t.Run(do, func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w := New(t, events())
				account, company := w.linked("Edge")
				w.must(w.Org.AddFault(salesforcesim.Fault{Do: do, Match: salesforcesim.Match{Object: "Account"}, Times: 2}))
				w.byFeeds()
				for _, name := range []string{"One", "Two", "Three", "Four", "Five", "Six"} {
					w.editAccount(account, "Name", name)
				}
				w.companyShows(company, "name", "Six")
				w.stop()
				if w.companyCount() != 1 {
					t.Errorf("%d companies", w.companyCount())
				}
			})
		})
	}
}

func TestExpiredPositionIsSweptNeverJumped(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := New(t, events())
		account, company := w.linked("Edge")
		w.byFeeds()
		w.editAccount(account, "Name", "Two")
		w.companyShows(company, "name", "Two")
		w.stop()
		w.editAccount(account, "Name", "Three") // nobody listens
		w.editAccount(w.account("New meanwhile"), "Phone", "1")
		w.Advance(time.Second)
		w.Org.Events().Expire(w.Now())
		w.serving()
		w.companyShows(company, "name", "Three")
		w.eventually(func() bool { return w.companyCount() == 2 })
		w.stop()
		var swept bool
		w.must(w.Store.View(t.Context(), func(tx *store.Tx) error {
			runs, err := tx.Runs(w.Conn.ID, 100)
			for _, r := range runs {
				swept = swept || r.Kind == "sweep"
			}
			return err
		}))
		if !swept {
			t.Error("the gap was jumped: no sweep ran")
		}
	})
}

func TestJournalThatForgotIsSwept(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := New(t, events())
		account, company := w.linked("Edge")
		w.byFeeds()
		w.editCompany(company, "city", "Bern")
		w.accountShows(account, "BillingCity", "Bern")
		w.stop()
		w.Restart()
		w.editCompany(company, "city", "Rome")
		w.Advance(5 * 24 * time.Hour)
		w.serving()
		w.eventually(func() bool { return slices.Contains(w.brakes(), string(core.BrakeCursor)) })
		wantCode(t, w.Engine.MayWork(t.Context(), w.Conn), engine.CodeBrake)
		w.must(w.Engine.Resume(t.Context(), w.Conn, string(core.BrakeCursor))) // once, for both sides
		w.eventually(func() bool { return w.accountValue(account, "BillingCity") == "Rome" })
		if got := w.brakes(); len(got) > 0 {
			t.Errorf("brakes %q after the release", got)
		}
		w.stop()
	})
}

func TestTRIG4_FeedsOfUnmappedFieldsTriggerNothing(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := New(t, events())
		account, company := w.linked("Edge")
		w.byFeeds()
		w.editAccount(account, "Name", "Two")
		w.companyShows(company, "name", "Two")
		calls := w.Calls(core.HubSpot)
		for range 5 {
			w.editAccount(account, "Fax", "1")
			w.editAccount(account, "Fax", "2")
		}
		w.editAccount(account, "Name", "Three")
		w.companyShows(company, "name", "Three")
		w.stop()
		if n := len(w.History(account)); n > 4 {
			t.Errorf("%d looks at the account, calls %d → %d", n, calls, w.Calls(core.HubSpot))
		}
	})
}

// TestStatusTellsHowFarAFeedHasCome: the polls behind a feed are rare, and what is
// covered is not what they cover.
func TestStatusTellsHowFarAFeedHasCome(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := New(t, events())
		account, company := w.linked("Edge")
		w.byFeeds()
		w.editAccount(account, "Name", "Two")
		w.companyShows(company, "name", "Two")
		w.Advance(2 * time.Minute)
		w.editAccount(account, "Name", "Three")
		w.editCompany(company, "city", "Bern")
		w.companyShows(company, "name", "Three")
		w.accountShows(account, "BillingCity", "Bern")
		w.eventually(func() bool {
			st, err := w.Engine.Status(t.Context(), w.Conn)
			w.must(err)
			return slices.IndexFunc([]core.Side{core.Salesforce, core.HubSpot}, func(side core.Side) bool {
				return w.Now().Sub(st.Sides[side.String()].Covered) > time.Minute
			}) < 0
		})
		w.stop()
	})
}

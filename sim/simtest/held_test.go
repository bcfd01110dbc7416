package simtest

import (
	"context"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/engine/conn"
)

// A serving connection whose deals lack their fields syncs the rest, and ends, to be
// opened anew, soon after the fields are there: the deals made meanwhile are seen then.
func TestI15_SET8_HeldBackUntilTheFieldsAreThere(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := newTrial(t, people())
		w.Restart(func(c *config.Connection) {
			s := &setup{}
			deals()(s)
			s.settings[0](c)
		})
		done := make(chan error, 1)
		go func() { done <- w.Engine.Serve(context.Background(), w.Conn) }()
		account := w.account("Edge")
		opportunity := w.opportunity("Big one", "AccountId", account)
		time.Sleep(3 * time.Minute)
		if w.partner(account) == "" || w.Conn.Held[core.DealPair] == nil || w.dealMate(opportunity) != "" {
			t.Fatalf("account with %q, deal with %q, held back: %v", w.partner(account), w.dealMate(opportunity), w.Conn.Held)
		}
		w.ensure()
		if err := <-done; !engine.SchemaChanged(err) {
			t.Fatalf("serving ended with %v", err)
		}
		w.Restart()
		w.Sync()
		if w.dealMate(opportunity) == "" {
			t.Errorf("the opportunity has no deal: %+v", w.openIssues())
		}
	})
}

// Campaigns that lack their properties hold up no people, and are caught up with once the
// properties are there.
func TestI15_CAMP1_CampaignsWithoutTheirPropertiesHoldUpNobody(t *testing.T) {
	w := New(t, people(becomesContact))
	fair := w.campaign("Fair")
	sf, hs := w.colleague("", "Ada")
	w.joins(fair, sf)
	w.Restart(func(c *config.Connection) { c.Campaigns.Sync = true; c.Complete() })
	w.change(core.Contact, sf, "FirstName", "Ada")
	w.Advance(3 * time.Second)
	res, err := w.TrySync()
	w.must(err)
	w.want(core.Contacts, hs, "firstname", "Ada")
	if len(res.Held) != 1 || res.Converged {
		t.Errorf("the sync ends with %+v", res)
	}
	if w.Conn.Held[conn.HeldCampaigns] == nil || w.Conn.Held[core.ContactPair] != nil {
		t.Fatalf("held back: %v", w.Conn.Held)
	}
	w.ensure()
	w.Restart()
	w.again()
	w.wantListed(hs, fair)
}

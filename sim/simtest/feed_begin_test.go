package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestI22_WhatCameBeforeTheFeedBeganPasses: a feed tells nothing of what came before it,
// so that a single sync looks at that itself, however seldom it polls.
func TestI22_WhatCameBeforeTheFeedBeganPasses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), events(), Settings(func(c *config.Connection) { c.PollEvery = config.Duration(24 * time.Hour) }))
		w.Advance(time.Minute)
		hs := w.made(core.Contacts, "email", "a@x.com", "lastname", "Gray", "company", "Co")
		w.again()
		w.again()
		if w.mate(hs) == "" {
			t.Error("a contact that was made after the switch and before the first sync has no partner")
		}
	})
}

// TestI22_ASyncByTheFeedPollsAsADaemonDoes: also what happened while the settings knew of
// no feed.
func TestI22_ASyncByTheFeedPollsAsADaemonDoes(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		contact, hs := w.optPair("a@x.com")
		w.again()
		w.Advance(time.Minute)
		w.change(core.Contacts, hs, "firstname", "Ada")
		w.Advance(time.Minute)
		w.Restart(func(c *config.Connection) {
			c.HubSpot.Events.Journal = &config.ClientCredentials{ClientID: "journal", ClientSecret: "secret"}
		})
		w.again()
		w.want(core.Contact, contact, "FirstName", "Ada")
	})
}

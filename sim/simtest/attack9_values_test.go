package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// TestAMB15_ADealThatClosesAtMidnightUTC closes on that day, as forms, imports and the API
// store it, in an org west of Greenwich too.
func TestAMB15_ADealThatClosesAtMidnightUTC(t *testing.T) {
	w := New(t, deals())
	w.opportunity("First")
	w.again()
	line, stages := w.pipeline("Salesforce - Default")
	deal := w.made(core.Deals, "dealname", "Eve", "pipeline", line, "dealstage", stages["Prospecting"], "closedate", "2030-12-24T00:00:00Z")
	w.again()
	made := w.wantDealMate(deal)
	w.want(core.Opportunity, made, "CloseDate", "2030-12-24")
	w.change(core.Deals, deal, "closedate", "2030-12-24T23:30:00Z")
	w.again()
	w.want(core.Opportunity, made, "CloseDate", "2030-12-24")
	w.change(core.Deals, deal, "closedate", "2030-12-26T05:00:00Z") // still the 25th in Los Angeles
	w.again()
	w.want(core.Opportunity, made, "CloseDate", "2030-12-25")
	w.change(core.Opportunity, made, "CloseDate", "2030-12-31")
	w.again()
	w.want(core.Deals, deal, "closedate", "2030-12-31T08:00:00Z")
	w.wantStill(t)
}

// TestACT5_AWholeDayIsTheSameDay on both sides: Salesforce stores whole days from midnight
// UTC, which is the day before in the west.
func TestACT5_AWholeDayIsTheSameDay(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(bothWays))
		_, contact, _, _ := w.friend()
		id, err := w.Org.As(admin).Create("Event", map[string]any{"Subject": "Fair", "WhoId": contact, "IsAllDayEvent": true, "ActivityDate": "2030-03-05"})
		w.must(err)
		w.again()
		hs := w.wantActivity(core.Event, id, core.Meetings)
		w.want(core.Meetings, hs, "hs_meeting_start_time", "2030-03-05T08:00:00Z")
		w.change(core.Meetings, hs, "hs_meeting_title", "Great fair")
		w.again()
		w.want(core.Event, id, "Subject", "Great fair")
		w.want(core.Event, id, "ActivityDate", "2030-03-05")
		w.change(core.Meetings, hs, "hs_meeting_start_time", "2030-03-07T17:00:00Z")
		w.again()
		w.want(core.Event, id, "ActivityDate", "2030-03-07")
		w.must(w.Org.As(admin).Update("Event", id, map[string]any{"ActivityDate": "2030-03-09"}))
		w.again()
		w.want(core.Meetings, hs, "hs_meeting_start_time", "2030-03-09T08:00:00Z")
		w.must(w.Org.As(admin).Update("Event", id, map[string]any{"IsAllDayEvent": false, "StartDateTime": "2030-03-09T20:00:00.000Z", "DurationInMinutes": 30}))
		w.again()
		w.want(core.Meetings, hs, "hs_meeting_start_time", "2030-03-09T20:00:00Z")
		w.want(core.Meetings, hs, "hs_meeting_end_time", "2030-03-09T20:30:00Z")
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestACT4_AnEventThatMayBePrivateStays: where the integration does not see whether events
// are private, none passes.
func TestACT4_AnEventThatMayBePrivateStays(t *testing.T) {
	w := New(t, activities(bothWays), Before(func(w *World) {
		w.must(w.Org.SetRight(salesforcesim.Right{Object: "Event", Field: "IsPrivate"}))
	}))
	_, contact, _, _ := w.friend()
	event := w.made(core.Event, "Subject", "Secret", "WhoId", contact, "StartDateTime", "2030-06-01T09:00:00.000Z", "DurationInMinutes", "30")
	task := w.made(core.Task, "Subject", "Open", "WhoId", contact)
	w.must(w.Org.As(admin).Update("Event", event, map[string]any{"IsPrivate": true}))
	w.again()
	w.wantNoActivity(core.Event, event, "ACT-4")
	w.wantActivity(core.Task, task, core.Tasks)
	w.wantCount(core.Meetings, 0)
}

// TestLIM1_WhatNoEventAnnouncesIsPolledAsWithoutEvents: an org announces five objects, and
// what is not among them does not wait ten times as long for it, which is longer here than
// the test waits.
func TestLIM1_WhatNoEventAnnouncesIsPolledAsWithoutEvents(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := New(t, events(), activities(bothWays), Settings(func(c *config.Connection) { c.PollEvery = config.Duration(10 * time.Second) }))
		_, contact, _, _ := w.friend()
		w.byFeeds()
		task := w.made(core.Task, "Subject", "Ask", "WhoId", contact)
		w.eventually(func() bool { return w.activityLink(core.Task, task) != nil })
	})
}

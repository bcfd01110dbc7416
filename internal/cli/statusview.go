package cli

import (
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// statusView is a status as programs read it.
type statusView struct {
	Connection string               `json:"connection"`
	State      string               `json:"state"`  // in_step, due, limited, paused, suspended, disconnected, halted
	Served     bool                 `json:"served"` // a process works on the store
	Suspended  string               `json:"suspended,omitempty"`
	Brakes     []brakeView          `json:"brakes,omitempty"`
	Sides      map[string]sideView  `json:"sides"`
	Objects    map[string]workView  `json:"objects"`
	Issues     map[string]int       `json:"issues"`               // by category
	Unsynced   []unsyncedView       `json:"not_synced,omitempty"` // by object and rule, as of the last look at each record
	Problems   []string             `json:"mapping_problems,omitempty"`
	Runs       []runView            `json:"runs,omitempty"`
	Warning    string               `json:"warning,omitempty"`      // about settings that do not count yet
	First      []engine.FirstImport `json:"first_import,omitempty"` // waits for a yes
	Workers    []workerView         `json:"workers,omitempty"`      // of a fleet
	Activities []activityView       `json:"activities,omitempty"`   // that are no records
}

type brakeView struct {
	Kind   string    `json:"kind"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

type sideView struct {
	Account string     `json:"account"`
	Feed    string     `json:"feed"` // cdc, journal, webhooks or poll
	Covered *time.Time `json:"covered_up_to,omitempty"`
	Calls   int        `json:"calls_24h"`
	Allowed int        `json:"calls_allotted,omitempty"`
	Used    int        `json:"account_used,omitempty"`
	Max     int        `json:"account_max,omitempty"`
}

type workView struct {
	Linked  int     `json:"linked"`
	Parked  int     `json:"parked"`
	Due     int     `json:"due"`
	Waiting int     `json:"waiting"`
	Lag     float64 `json:"lag_seconds"`
}

// unsyncedView are the records of an object that do not sync by a rule.
type unsyncedView struct {
	Pair    string `json:"pair"`
	Side    string `json:"side"`
	Object  string `json:"object"`
	Records int    `json:"records"`
	Rule    string `json:"rule"`
	Says    string `json:"says"`
}

type runView struct {
	ID      int64      `json:"id"`
	Kind    string     `json:"kind"`
	State   string     `json:"state"`
	Records int64      `json:"records"`
	Started *time.Time `json:"started,omitempty"`
	Ended   *time.Time `json:"ended,omitempty"`
	Error   string     `json:"error,omitempty"`
}

func viewOf(s engine.Status) statusView {
	v := statusView{Connection: s.Connection, State: s.State(), Served: !s.Unserved, Suspended: s.Suspended, Problems: s.Problems, First: s.First,
		Activities: activitiesView(s), Sides: map[string]sideView{}, Objects: map[string]workView{}, Issues: map[string]int{}}
	for name, one := range s.Sides {
		v.Sides[name] = sideView{Account: one.Account, Feed: one.Feed, Covered: moment(one.Covered), Calls: one.Usage.Ours, Allowed: one.Usage.Limit, Used: one.Usage.Used, Max: one.Usage.Max}
	}
	for _, p := range s.Pairs.Names() {
		w := s.Work[p]
		view := workView{Linked: s.Links[p][core.LinkActive], Parked: s.Links[p][core.LinkParked], Due: w.Due, Waiting: w.Waiting, Lag: s.Lag[string(p)].Seconds()}
		if p != core.CompanyPair && p != core.ContactPair && view == (workView{}) {
			continue // it does not sync, and never did
		}
		v.Objects[string(p)] = view
	}
	for _, i := range s.Issues {
		v.Issues[string(i.Category)] += i.Count
	}
	for _, n := range s.Unsynced {
		v.Unsynced = append(v.Unsynced, unsyncedView{Pair: string(n.Pair), Side: n.Side.String(), Object: string(n.Object), Records: n.Count, Rule: n.Rule, Says: n.Says})
	}
	for _, b := range s.Brakes {
		v.Brakes = append(v.Brakes, brakeView{Kind: b.Kind, Reason: b.Reason, Since: b.At})
	}
	for _, r := range s.Runs {
		v.Runs = append(v.Runs, viewOfRun(r))
	}
	return v
}

func viewOfRun(r store.Run) runView {
	return runView{ID: r.ID, Kind: r.Kind, State: string(r.State), Records: r.Total, Started: moment(r.Started), Ended: moment(r.Ended), Error: r.Error}
}

// moment is nil for a time that has not come.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

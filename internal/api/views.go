package api

import (
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// words has the schemas tell of types that pass as a word what they pass as.
func words(r huma.Registry) {
	text := reflect.TypeFor[string]()
	for _, t := range []reflect.Type{reflect.TypeFor[core.Side](), reflect.TypeFor[core.Rule]()} {
		r.RegisterTypeAlias(t, text)
	}
}

// Connection is how a connection stands.
type Connection struct {
	Name         string    `json:"name"`
	Paused       bool      `json:"paused"`
	Disconnected bool      `json:"disconnected" doc:"ended by a person"`
	Unserved     bool      `json:"unserved" doc:"no process works on it"`
	Suspended    string    `json:"suspended,omitempty" doc:"why a side refuses its calls"`
	Brakes       []Brake   `json:"brakes"`
	HeldBack     []string  `json:"held_back" doc:"objects that are switched on and do not sync, with what they lack"`
	Problems     []string  `json:"mapping_problems"`
	Objects      []Object  `json:"objects"`
	Sides        []Side    `json:"sides"`
	Swept        time.Time `json:"swept,omitzero" doc:"when all records were last compared"`
}

// Brake is something that stops all writes until a person releases it.
type Brake struct {
	Kind   string    `json:"kind"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Object is how the records of an object stand.
type Object struct {
	Object  string  `json:"object"`
	Linked  int     `json:"linked"`
	Due     int     `json:"due" doc:"records to look at now"`
	Waiting int     `json:"waiting" doc:"records to look at later"`
	Lag     float64 `json:"lag_seconds" doc:"for how long the oldest due record has been waiting"`
	Issues  int     `json:"issues"`
	// NotSynced has a row for each side, object and rule.
	NotSynced []NotSynced `json:"not_synced,omitempty" doc:"records that are there and do not sync, as of the last look at each"`
}

// NotSynced are records that do not sync by one rule.
type NotSynced struct {
	Side    string `json:"side" enum:"salesforce,hubspot"`
	Object  string `json:"object" doc:"as the side names it"`
	Records int    `json:"records"`
	Rule    string `json:"rule"`
	Says    string `json:"says" doc:"what the rule says"`
}

// Side is what is known of a side.
type Side struct {
	Side    string    `json:"side" enum:"salesforce,hubspot"`
	Account string    `json:"account"`
	Feed    string    `json:"changes_by" enum:"cdc,journal,webhooks,poll"`
	Covered time.Time `json:"covered,omitzero" doc:"up to when its changes are known"`
	Calls   Calls     `json:"calls"`
}

// Calls are counted within the side's window of a day.
type Calls struct {
	Ours  int `json:"ours"`
	Share int `json:"share,omitempty" doc:"what the settings allot; absent for no bound"`
	All   int `json:"all,omitempty" doc:"of everybody, where the side tells it"`
	Limit int `json:"limit,omitempty" doc:"what the side allows, where it tells it"`
}

func viewOf(s *engine.Status) Connection {
	out := Connection{Name: s.Connection, Paused: s.Paused, Disconnected: s.Ended, Unserved: s.Unserved, Suspended: s.Suspended,
		Brakes: []Brake{}, HeldBack: some(s.Held), Problems: some(s.Problems), Objects: []Object{}, Sides: []Side{}, Swept: s.Swept}
	for _, b := range s.Brakes {
		out.Brakes = append(out.Brakes, Brake{b.Kind, b.Reason, b.At})
	}
	issues := map[core.Pair]int{}
	for _, i := range s.Issues {
		issues[i.Pair] += i.Count
	}
	for _, p := range s.Pairs.Names() {
		w := s.Work[p]
		o := Object{Object: string(p), Linked: s.Links[p][core.LinkActive], Due: w.Due, Waiting: w.Waiting, Issues: issues[p]}
		if !w.Oldest.IsZero() {
			o.Lag = max(0, s.Lag[string(p)].Seconds())
		}
		for _, n := range s.Unsynced {
			if n.Pair == p {
				o.NotSynced = append(o.NotSynced, NotSynced{Side: n.Side.String(), Object: string(n.Object), Records: n.Count, Rule: n.Rule, Says: n.Says})
			}
		}
		out.Objects = append(out.Objects, o)
	}
	for _, side := range core.Sides {
		one := s.Sides[side.String()]
		u := one.Usage
		out.Sides = append(out.Sides, Side{Side: side.String(), Account: one.Account, Feed: one.Feed, Covered: one.Covered,
			Calls: Calls{Ours: u.Ours, Share: u.Limit, All: u.Used, Limit: u.Max}})
	}
	return out
}

// some is a list that is not nil: an empty one passes as [], not as null.
func some(all []string) []string { return append([]string{}, all...) }

// Run is an import, a resync, an undo, a sweep or another run.
type Run struct {
	Run     int64          `json:"run"`
	Kind    string         `json:"kind"`
	State   store.RunState `json:"state"`
	Total   int64          `json:"records" doc:"that it named"`
	Left    int64          `json:"left,omitempty" doc:"records that were not worked on yet"`
	Retried int64          `json:"retried,omitempty" doc:"records that are tried again later"`
	Wrote   map[string]int `json:"wrote,omitempty" doc:"what it wrote, as in update companies: 12"`
	Keyed   map[string]int `json:"keyed,omitempty" doc:"by side, records that got nothing but the id of their partner"`
	Error   string         `json:"error,omitempty"`
	Created time.Time      `json:"created"`
	Started time.Time      `json:"started,omitzero"`
	Ended   time.Time      `json:"ended,omitzero"`
}

func runView(r *store.Run) Run {
	return Run{Run: r.ID, Kind: r.Kind, State: r.State, Total: r.Total, Error: r.Error, Created: r.Created, Started: r.Started, Ended: r.Ended}
}

package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// halts are what keeps a connection from working, each by a key that stays the same for as
// long as it does, the most urgent first.
func halts(s engine.Status, stands *News) (keys []string, all []News) {
	add := func(key string, n News) {
		n.Connection = s.Connection
		keys, all = append(keys, key), append(all, n)
	}
	switch {
	case s.Suspended == "":
	case s.Cause == core.ClassAuth:
		add(string(KindSignIn), News{Kind: KindSignIn, Message: "A side refuses the sign-in or the rights of Tandem, so that nothing syncs",
			Mend: "look at the connection's page Connect, or at tandem check, sign in again and resume"})
	default:
		add(string(KindSuspended), News{Kind: KindSuspended, Message: "The connection is suspended: something has to be mended first", Mend: "tandem status and the overview say what; mend it and resume"})
	}
	for _, b := range s.Brakes {
		add(string(KindBrake)+" "+b.Kind, News{Kind: KindBrake, Brake: b.Kind, Message: "Stopped for safety: " + brakeWords[core.BrakeKind(b.Kind)],
			Mend: "look at the overview or at tandem status before anything is written, and let it go on where that is meant"})
	}
	if len(s.Held) > 0 {
		add(string(KindHeld), News{Kind: KindHeld, Message: counted(len(s.Held), "object is switched on and does", "objects are switched on and do") + " not sync for want of something on one of the sides",
			Mend: "tandem status and the overview say what is missing"})
	}
	if stands != nil {
		add(string(KindBehind), *stands)
	}
	return keys, all
}

// brakeWords say what each brake has seen. Its own reason may name a list or a field.
var brakeWords = map[core.BrakeKind]string{
	core.BrakeDeletes:  "more records would be deleted than the settings allow",
	core.BrakeEmptied:  "a side shows nothing any more",
	core.BrakeChanged:  "nearly all records have changed at once",
	core.BrakeIdentity: "the sign-in leads to another org or portal",
	core.BrakeScope:    "a filter or a list drops most of the records",
	core.BrakeCursor:   "changes of a time that nothing tells of any more may be missing",
	core.BrakeStore:    "the store is an older copy of itself",
}

// standsFor is for how long a standstill is watched before it is told: after a pause, or a
// time in which this process did not run, both sides are heard again within minutes.
const standsFor = 10 * time.Minute

// standstill is what to tell of a connection that stands still; nil for none.
func (t *Teller) standstill(tx *store.Tx, row store.Connection, s engine.Status) (*News, error) {
	n, err := t.late(tx, row, s)
	now := t.Now()
	if n == nil {
		delete(t.stands, s.Connection)
		return nil, err
	}
	since, known := t.stands[s.Connection]
	if !known {
		if t.stands == nil {
			t.stands = map[string]time.Time{}
		}
		t.stands[s.Connection], since = now, now
	}
	if now.Sub(since) < standsFor {
		return nil, nil
	}
	return n, nil
}

// late is what is late in a connection that may work: a side that was not heard for long, or
// work that is due for long; nil for nothing.
func (t *Teller) late(tx *store.Tx, row store.Connection, s engine.Status) (*News, error) {
	if st := s.State(); st == engine.StatePaused || st == engine.StateSuspended || st == engine.StateHalted || len(row.Switched) == 0 {
		return nil, nil
	}
	now, limit := t.Now(), max(t.Behind, pollsMissed*s.PollEvery)
	n := &News{Connection: s.Connection, Kind: KindBehind, Mend: "see whether tandem serve runs and reaches both sides: tandem status, tandem check"}
	for _, side := range core.Sides {
		if covered := s.Sides[side.String()].Covered; !covered.IsZero() && now.Sub(covered) > limit {
			n.Message = fmt.Sprintf("%s was last heard %s ago: what changes there waits", side.Label(), span(now.Sub(covered)))
			return n, nil
		}
	}
	open, err := tx.RunsOpen(row.ID)
	if err != nil || slices.ContainsFunc(open, func(r store.Run) bool { return engine.Lists(r.Kind) }) {
		return nil, err // a long import has work that waits for its turn
	}
	since, pair, err := tx.DueSince(row.ID)
	if err != nil || since.IsZero() || now.Sub(since) <= limit {
		return nil, err
	}
	n.Object, n.Message = string(pair), fmt.Sprintf("Nothing moves: %s was due %s ago and was not looked at", object(pair), span(now.Sub(since)))
	if s.State() == engine.StateLimited {
		n.Mend = "the calls that are allotted for 24 hours are used up: raise allocated_calls, or wait"
	}
	return n, nil
}

// pollsMissed is how many polls have to be missing before a side counts as late, however
// seldom it is asked.
const pollsMissed = 12

// object names a pair in words.
func object(p core.Pair) string { return strings.ReplaceAll(string(p), "_", " ") }

func span(d time.Duration) string {
	if d < 2*time.Hour {
		return counted(int(d.Minutes()), "minute", "minutes")
	}
	return counted(int(d.Hours()), "hour", "hours")
}

// newFailed are the runs that have failed and were not told yet.
func newFailed(tx *store.Tx, conn int64, name string, k *known, now time.Time) ([]News, error) {
	since := k.Since
	if week := now.Add(-runsKept); since.Before(week) {
		since = week
	}
	failed, err := tx.RunsFailed(conn, since)
	if err != nil {
		return nil, err
	}
	var out []News
	told := k.Runs
	k.Runs = nil
	for _, r := range failed {
		k.Runs = append(k.Runs, r.ID)
		if !slices.Contains(told, r.ID) {
			out = append(out, News{Connection: name, Kind: KindRunFailed, Run: r.ID, Message: fmt.Sprintf("Run %d (%s) has failed", r.ID, r.Kind), Mend: "the run's page and tandem runs say why"})
		}
	}
	return out, nil
}

// runsKept is for how long a run that has failed may go untold.
const runsKept = 7 * 24 * time.Hour

// newIssues are the categories with issues that were opened since they were told, as far as
// they may be told now.
func newIssues(tx *store.Tx, conn int64, s engine.Status, k *known, now time.Time, instant bool) ([]News, error) {
	var out []News
	open := map[string]bool{}
	for _, c := range s.Issues {
		key := string(c.Pair) + "/" + string(c.Category)
		open[key] = true
		was := k.Issues[key]
		n, newest, err := tx.IssuesBehind(conn, c, was.Behind)
		if err != nil {
			return nil, err
		}
		if n == 0 || instant && now.Sub(was.At) < was.gap() {
			continue
		}
		k.Issues[key] = category{Behind: newest, At: now, Open: true}
		out = append(out, News{Connection: s.Connection, Kind: KindIssues, Object: string(c.Pair), Category: c.Category, New: n, Open: c.Count,
			Message: fmt.Sprintf("%s of %s could not be synced as a whole or in part: category %s; %d open in all", counted(n, "new issue", "new issues"), object(c.Pair), object(core.Pair(c.Category)), c.Count),
			Mend:    "Sync health and tandem issues list them, each with what to do"})
	}
	for key, was := range k.Issues {
		if was.Open && !open[key] {
			was.Open = false
			k.Issues[key] = was
		}
	}
	return out, nil
}

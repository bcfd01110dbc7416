package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

const (
	limits  = "on"
	hsDelay = "80ms"
	sfDelay = "100ms"
)

// emptyPortal imports real organisations into an empty portal under the vendors'
// limits, then syncs again with nothing changed.
func emptyPortal(ctx context.Context, o options) ([]figure, error) {
	return importing(ctx, o, "empty", o.records, false)
}

// matching imports the same into a portal that has every company and a person of
// each already.
func matching(ctx context.Context, o options) ([]figure, error) {
	return importing(ctx, o, "match", o.records, true)
}

// large is the first import of more records, for the memory of the engine.
func large(ctx context.Context, o options) ([]figure, error) {
	return importing(ctx, o, "large", o.large, false)
}

func importing(ctx context.Context, o options, name string, n int, people bool) ([]figure, error) {
	s, err := loaded(ctx, o, name, n, people, "--limits", limits, "--hubspot-latency", hsDelay, "--salesforce-latency", sfDelay)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	before, err := s.stats(s.HubSpot.URL)
	if err != nil {
		return nil, err
	}
	m, err := s.verb(ctx, o, "import", "company")
	if err != nil {
		return nil, err
	}
	after, err := s.stats(s.HubSpot.URL)
	if err != nil {
		return nil, err
	}
	rows := s.importFigures(name, n, m, before, after)
	again, err := s.verb(ctx, o, "sync", "--once")
	if err != nil {
		return rows, err
	}
	return append(rows, s.secondSync(name, again)), nil
}

func loaded(ctx context.Context, o options, name string, n int, people bool, flags ...string) (*simulators, error) {
	orgs, err := organisations(o, n)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(o.work, name+"-load")
	if err := writeLoad(dir, orgs, people); err != nil {
		return nil, err
	}
	return start(ctx, o, name, append([]string{"--load", dir}, flags...)...)
}

func (s *simulators) importFigures(name string, n int, m measured, before, after stats) []figure {
	calls := after.Calls - before.Calls
	journal := journalCalls(after) - journalCalls(before)
	per := 1000 * float64(calls-journal) / float64(n)
	rows := []figure{
		{name + ": records", fmt.Sprint(n), ""},
		{name + ": records/s", fmt.Sprintf("%.0f (%.1f s)", float64(n)/m.wall.Seconds(), m.wall.Seconds()), aim(name, "≥ 1,800")},
		{name + ": HubSpot API calls per 1,000 records", fmt.Sprintf("%.2f (and %d journal fetches)", per, journal), aim(name, "≤ 10.5")},
		{name + ": calls rejected by a limit", fmt.Sprint(after.Rejected - before.Rejected), "0"},
		{name + ": engine CPU per record", fmt.Sprintf("%.0f µs", float64(m.cpu.Microseconds())/float64(n)), ""},
		{name + ": engine peak memory", fmt.Sprintf("%.0f MiB", float64(m.memory)/(1<<20)), "< 100 MiB"},
	}
	if size := s.storeSize(); size > 0 {
		rows = append(rows, figure{name + ": store per linked pair, journal included", fmt.Sprintf("%.0f bytes", float64(size)/float64(n)), ""})
	}
	return rows
}

// aim is the aim of the scenario that has one.
func aim(name, text string) string {
	if name == "match" {
		return ""
	}
	return text
}

func journalCalls(s stats) int {
	n := 0
	for path, k := range s.By {
		if strings.Contains(path, "webhooks-journal") || strings.Contains(path, "oauth") {
			n += k
		}
	}
	return n
}

func (s *simulators) secondSync(name string, m measured) figure {
	objects, _ := m.line["objects"].(map[string]any)
	return figure{name + ": second sync, nothing changed", fmt.Sprintf("%v, API calls %v, %.1f s", objects["companies"], m.line["api_calls"], m.wall.Seconds()), "0 writes, a handful of calls"}
}

// unlimited is what the engine can do without limits and latency.
func unlimited(ctx context.Context, o options) ([]figure, error) {
	s, err := loaded(ctx, o, "cpu", o.records, false, "--limits", "off")
	if err != nil {
		return nil, err
	}
	defer s.stop()
	m, err := s.verb(ctx, o, "import", "company")
	if err != nil {
		return nil, err
	}
	return []figure{
		{"no limits: records/s", fmt.Sprintf("%.0f", float64(o.records)/m.wall.Seconds()), ""},
		{"no limits: engine CPU per record", fmt.Sprintf("%.0f µs", float64(m.cpu.Microseconds())/float64(o.records)), ""},
	}, nil
}

// poll asks until ok or the deadline, and gives the time it took.
func poll(ctx context.Context, deadline time.Duration, ok func() (bool, error)) (time.Duration, error) {
	began := time.Now()
	for {
		done, err := ok()
		if err != nil || done {
			return time.Since(began), err
		}
		if time.Since(began) > deadline {
			return 0, fmt.Errorf("not there after %s", deadline)
		}
		timer := time.NewTimer(10 * time.Millisecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return 0, ctx.Err()
		}
	}
}

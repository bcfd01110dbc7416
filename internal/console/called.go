package console

import (
	"context"
	"sync"
	"time"

	"tandem/internal/core"
)

// What records are called is asked of both sides, since the store keeps no values of people
// beyond what it needs, and then kept in memory for namesLast: lists are looked at again and
// again. namesMost bounds how many are kept.
const (
	namesLast = 5 * time.Minute
	namesMost = 10_000
)

// nameOf says whose name is kept: a record of a connection.
type nameOf struct {
	connection string
	ref        core.Ref
}

// heard is what a record was called, blank where neither side tells, and when.
type heard struct {
	name string
	at   time.Time
}

// calledLately are what records were called not long ago.
type calledLately struct {
	mu  sync.Mutex
	all map[nameOf]heard
}

// known splits records into those whose names are known still and those that are to be asked
// for.
func (n *calledLately) known(now time.Time, connection string, refs []core.Ref) (out map[core.Ref]string, ask []core.Ref) {
	n.mu.Lock()
	defer n.mu.Unlock()
	out = map[core.Ref]string{}
	for _, r := range refs {
		h, ok := n.all[nameOf{connection, r}]
		if age := now.Sub(h.at); ok && age < namesLast && age >= 0 {
			out[r] = h.name
		} else {
			ask = append(ask, r)
		}
	}
	return out, ask
}

// keep keeps what records are called.
func (n *calledLately) keep(now time.Time, connection string, called map[core.Ref]string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.all == nil || len(n.all)+len(called) > namesMost {
		n.all = map[nameOf]heard{}
	}
	for r, name := range called {
		n.all[nameOf{connection, r}] = heard{name, now}
	}
}

// namesWithin bounds for how long a list waits for what records are called.
const namesWithin = 5 * time.Second

// namesOf tells what records are called. Without an answer of the sides the ids alone are
// shown.
func (c *Console) namesOf(v *visit, refs []core.Ref) map[core.Ref]string {
	out, ask := c.lately.known(c.Now(), v.connection, refs)
	if len(ask) == 0 {
		return out
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), namesWithin)
	defer cancel()
	o := v.order()
	o.Refs = ask
	var answer []struct {
		Ref  core.Ref `json:"ref"`
		Name string   `json:"name"`
	}
	if err := c.Do(ctx, "names", o, &answer); err != nil {
		c.Log.Warn("read the names of a list", "connection", v.connection, "cause", err)
		return out
	}
	fresh := map[core.Ref]string{}
	for _, r := range ask {
		fresh[r] = ""
	}
	for _, n := range answer {
		fresh[n.Ref], out[n.Ref] = n.Name, n.Name
	}
	c.lately.keep(c.Now(), v.connection, fresh)
	return out
}

// namesKnown tells what records are called as far as that was asked for lately: of a
// connection that answers nobody now, or of a page that is kept fresh.
func (c *Console) namesKnown(v *visit, refs []core.Ref) map[core.Ref]string {
	out, _ := c.lately.known(c.Now(), v.connection, refs)
	return out
}

// called is a record by its name and id.
func called(names map[core.Ref]string, r core.Ref) string {
	if names[r] == "" {
		return r.Label()
	}
	return names[r] + " (" + r.Label() + ")"
}

package console

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// overview is how one connection stands, or why that cannot be told.
type overview struct {
	name string
	engine.Status
	trouble *Trouble
}

func (c *Console) overviewPage(v *visit) error {
	all, err := c.overviews(v.r.Context())
	if err != nil {
		return err
	}
	return v.show(overviewView(v, all))
}

// overviews are how all connections stand.
func (c *Console) overviews(ctx context.Context) (out []overview, err error) {
	for _, name := range c.Connections() {
		g := c.glances.at(name)
		o, err := g.look(c.Now(), func() (overview, error) { return c.overviewOf(ctx, name) })
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

func (c *Console) overviewOf(ctx context.Context, name string) (o overview, err error) {
	o.name = name
	if o.Status, err = c.Status(ctx, name); err != nil {
		if ctx.Err() != nil {
			return o, err
		}
		t := c.Tell(err)
		o.trouble = &t
		return o, nil
	}
	return o, nil
}

// glances keep what was last seen of each connection, so that any number of open pages
// costs the store one look a moment.
type glances struct {
	mu sync.Mutex
	of map[string]*glance
}

func (g *glances) at(name string) *glance {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.of[name] == nil {
		g.of[name] = &glance{}
	}
	return g.of[name]
}

// glanceLasts is for how long what was seen counts as now.
const glanceLasts = time.Second

type glance struct {
	mu   sync.Mutex
	at   time.Time
	seen overview
}

func (g *glance) look(now time.Time, see func() (overview, error)) (overview, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.at.IsZero() && now.Sub(g.at) < glanceLasts && !now.Before(g.at) {
		return g.seen, nil
	}
	o, err := see()
	if err == nil {
		g.at, g.seen = now, o
	}
	return o, err
}

// A page that is kept fresh is looked at again every liveEvery; aliveEvery something is sent
// in any case, so that what stands between does not take the connection for dead.
const (
	liveEvery  = time.Second
	aliveEvery = 15 * time.Second
)

// overviewLive sends the overview whenever it has changed.
func (c *Console) overviewLive(v *visit) error {
	c.live(v, liveEvery, func(ctx context.Context) (templ.Component, error) {
		all, err := c.overviews(ctx)
		return overviewCards(v, all), err
	})
	return nil
}

// live sends what look gives, and then each time that it differs, until the browser leaves,
// its session ends or something goes wrong: then the browser asks again, and is told as a
// page. Nil stands for no change.
func (c *Console) live(v *visit, every time.Duration, look func(context.Context) (templ.Component, error)) {
	control := http.NewResponseController(v.w)
	_ = control.SetReadDeadline(time.Time{})  // a server may have one for requests; without it the stream
	_ = control.SetWriteDeadline(time.Time{}) // ends by itself and the browser comes back
	v.w.Header().Set("Content-Type", "text/event-stream")
	v.w.WriteHeader(http.StatusOK)
	last := ""
	for sent := c.Now(); ; {
		v.now = c.Now()
		text, err := drawn(v.r.Context(), look)
		if err != nil {
			return
		}
		switch {
		case text != "" && text != last:
			last, sent = text, v.now
			writeEvent(v.w, text)
		case v.now.Sub(sent) >= aliveEvery:
			sent = v.now
			_, _ = io.WriteString(v.w, ":\n\n")
		}
		if control.Flush() != nil || connector.Pause(v.r.Context(), every) != nil || c.enter(v) != nil {
			return
		}
	}
}

// drawn is what look gives as text, blank for nothing.
func drawn(ctx context.Context, look func(context.Context) (templ.Component, error)) (string, error) {
	part, err := look(ctx)
	if err != nil || part == nil {
		return "", err
	}
	var text strings.Builder
	err = part.Render(ctx, &text)
	return text.String(), err
}

// writeEvent writes one event of text/event-stream; the next Flush tells an error.
func writeEvent(w io.Writer, text string) {
	for line := range strings.Lines(text) {
		_, _ = fmt.Fprintf(w, "data: %s\n", strings.TrimRight(line, "\r\n"))
	}
	_, _ = io.WriteString(w, "\n")
}

func (c *Console) pause(v *visit) error {
	if err := c.Do(v.r.Context(), "pause", v.order(), nil); err != nil {
		return err
	}
	return v.to("/")
}

// resume ends a pause or a suspension, and lets go the brakes that the form names.
func (c *Console) resume(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return misused("The form cannot be read.")
	}
	o := v.order()
	o.Brakes = v.r.PostForm["brake"]
	if err := c.Do(v.r.Context(), "resume", o, nil); err != nil {
		return err
	}
	return v.to("/")
}

// stateWords say how a connection stands, and what becomes of changes meanwhile.
var stateWords = map[string][2]string{
	engine.StateInStep:       {"In step", "Nothing is due: every change that was seen was worked on."},
	engine.StateDue:          {"Syncing", "Changes are on their way."},
	engine.StateLimited:      {"Limited", "The API calls that are allotted for 24 hours are used up; changes wait."},
	engine.StatePaused:       {"Paused", "Nothing is written on either side until somebody resumes."},
	engine.StateSuspended:    {"Suspended", "Something has to be mended first; changes wait."},
	engine.StateDisconnected: {"Disconnected", "Nothing syncs. Links and settings stay for connecting again."},
	engine.StateHalted:       {"Stopped for safety", "A person has to look before anything is written."},
}

// tone is how a state is coloured.
func tone(state string) string {
	switch state {
	case engine.StateInStep:
		return "good"
	case engine.StateDue:
		return "busy"
	case engine.StateLimited, engine.StatePaused, engine.StateDisconnected:
		return "idle"
	}
	return "bad"
}

// shownPairs are the pairs that a connection tells of: companies and people, and what else
// has links or work.
func shownPairs(o overview) (out []core.Pair) {
	for _, p := range o.Pairs.Names() {
		w := o.Work[p]
		if p == core.CompanyPair || p == core.ContactPair || len(o.Links[p]) > 0 || w.Due+w.Waiting > 0 {
			out = append(out, p)
		}
	}
	return out
}

// issueCounts are the open issues by category.
func issueCounts(counts []store.IssueCount) (by map[core.Category]int, total int) {
	by = map[core.Category]int{}
	for _, c := range counts {
		by[c.Category] += c.Count
		total += c.Count
	}
	return by, total
}

package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// BeginDisconnect is the verb that ends a connection and has LookHandover begun.
const BeginDisconnect = "begin disconnect"

// Handover tells what a disconnect leaves for an admin to reassign, and who was told.
type Handover struct {
	Owners []engine.SoleOwner `json:"owners,omitempty"`
	// Problem is why the owners could not be read, nil where they were.
	Problem *Trouble `json:"problem,omitempty"`
	MailTo  []string `json:"mail_to,omitempty"` // none without a mail server in the settings
	Unsent  *Trouble `json:"unsent,omitempty"`  // why no mail was sent
}

// Ending tells how a connection has ended, and what that leaves.
type Ending struct {
	At     time.Time  // zero while the connection stands
	Look   store.Look // at who owns what, the zero one where none was begun since the end
	Failed *Trouble   // why that look found nothing
	Left   Handover
	Known  bool // Left was found since the end
}

// Ending tells how a connection has ended, and what that leaves.
func (d *Desk) Ending(ctx context.Context, connection string) (e Ending, err error) {
	if err := d.Store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Connection(connection)
		e.At = row.Disconnected
		return err
	}); err != nil && store.CodeOf(err) != store.NotFound {
		return e, err
	}
	if e.At.IsZero() {
		return e, nil
	}
	l, failed := d.Looked(ctx, connection, LookHandover)
	if l.Began.Before(e.At) {
		return e, nil
	}
	if e.Look = l; failed != nil {
		t := d.Tell(failed)
		e.Failed = &t
		return e, nil
	}
	e.Left, e.Known, err = foundBy[Handover](l)
	return e, err
}

// ending is the page on which a connection is ended, and what that has left.
type ending struct {
	Ending
	links   []linked
	due     int
	running int      // runs
	typed   string   // in place of the connection's name
	trouble *Trouble // why it was not ended
}

// linked is how many pairs of records of an object are linked.
type linked struct {
	pair core.Pair
	n    int
}

// disconnectRoutes are those of ending a connection. Connecting again is a resume.
func (c *Console) disconnectRoutes(mux *routes) {
	mux.Handle("GET /c/{connection}/disconnect", c.as(store.Admin, c.disconnectPage))
	mux.Handle("GET /c/{connection}/disconnect/live", c.as(store.Admin, c.disconnectLive))
	mux.Handle("POST /c/{connection}/disconnect", c.as(store.Admin, c.disconnect))
}

func (c *Console) disconnectPage(v *visit) error {
	s, err := c.ending(v.r.Context(), v)
	if err != nil {
		return err
	}
	return v.show(disconnectView(v, s))
}

func (c *Console) disconnectLive(v *visit) error {
	return c.followed(v, LookHandover, func(ctx context.Context) (templ.Component, error) {
		s, err := c.ending(ctx, v)
		return handoverFound(v, s), err
	})
}

func (c *Console) ending(ctx context.Context, v *visit) (*ending, error) {
	status, err := c.Status(ctx, v.connection)
	if err != nil {
		return nil, err
	}
	s := &ending{}
	for _, p := range status.Pairs.Names() {
		if n := status.Links[p][core.LinkActive]; n > 0 {
			s.links = append(s.links, linked{p, n})
		}
		s.due += status.Work[p].Due + status.Work[p].Waiting
	}
	for _, r := range status.Runs {
		if open := (&runState{Run: r}); open.open() {
			s.running++
		}
	}
	v.now = c.Now()
	s.Ending, err = c.Ending(ctx, v.connection)
	return s, err
}

// disconnect ends the connection for somebody who has typed its name. Where it has ended
// already, what is left to reassign is looked at and told anew.
func (c *Console) disconnect(v *visit) error {
	s, err := c.ending(v.r.Context(), v)
	if err != nil {
		return err
	}
	if s.typed = strings.TrimSpace(v.r.PostFormValue("name")); s.At.IsZero() && s.typed != v.connection {
		s.trouble = &Trouble{Message: "The name that was typed is not " + v.connection + ": nothing was disconnected.", Mend: "type " + v.connection + " to disconnect it"}
		v.w.WriteHeader(http.StatusUnprocessableEntity)
		return v.show(disconnectView(v, s))
	}
	if err := c.Do(v.r.Context(), BeginDisconnect, v.order(), nil); err != nil {
		return err
	}
	return v.to(v.at("disconnect"))
}

// soleWords name an owner who is in Salesforce only.
func soleWords(o engine.SoleOwner) string {
	kind := "user"
	switch {
	case o.Queue:
		kind = "queue"
	case !o.Active:
		kind = "inactive user"
	}
	about := strings.Join(slices.DeleteFunc([]string{o.Email, kind}, func(s string) bool { return s == "" }), ", ")
	return cmp.Or(o.Name, o.ID) + " (" + about + ")"
}

package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tandem/internal/connector"
	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/engine/owners"
	"tandem/internal/mail"
)

func (a *app) disconnect() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "disconnect --yes",
		Short: "End a connection; records, links, fields and settings stay",
		Long: `Stops all work on the connection and forgets what its feeds had reached. Nothing is
removed from either side, and the settings survive: tandem resume connects again and
takes up the links.

Says afterwards which records in HubSpot belong to owners who exist in Salesforce
only, and how to reassign them; with notify in the settings that is mailed as well.
Neither an unreachable side nor a mail that fails undoes the disconnect; given again,
the verb tells and mails it again.`,
		Example: "  tandem disconnect --connection acme --yes",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			if _, err := a.load(); err != nil {
				return err
			}
			if err := a.sure(ctx, yes); err != nil {
				return err
			}
			return a.act(ctx, a.runDisconnect)
		}),
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

func (a *app) sure(ctx context.Context, yes bool) error {
	if yes {
		return nil
	}
	yes, err := a.confirm(ctx, "Disconnect?")
	if err == nil && !yes {
		err = refused("nothing was disconnected", "say yes, or give --yes")
	}
	return err
}

func (a *app) runDisconnect(ctx context.Context, s *session) error {
	rq, err := s.request()
	if err != nil {
		return err
	}
	var end ended
	if err := s.do(ctx, "disconnect", rq, &end); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(end)
	}
	a.printf("%s", printableText(end.text()))
	switch m := end.Mail; {
	case m == nil:
		a.printf("\nNobody was told by mail: the settings have no notify.smtp.\n")
	case m.Error != nil:
		a.note("\nThe mail to %s was not sent: %s\n        %s", strings.Join(m.To, ", "), m.Error.Message, m.Error.Mend)
	default:
		a.printf("\nThis was mailed to %s.\n", strings.Join(m.To, ", "))
	}
	return nil
}

// ended tells how a connection was disconnected.
type ended struct {
	Connection string `json:"connection"`
	Done       string `json:"done"` // disconnect
	By         string `json:"by"`
	At         string `json:"at"`
	// Handover is nil where it could not be read; Problem says why.
	Handover *owners.Handover `json:"handover,omitempty"`
	Problem  *problem         `json:"problem,omitempty"`
	Mail     *mailed          `json:"mail,omitempty"` // nil without notify.smtp
}

// mailed tells what became of a mail.
type mailed struct {
	To    []string `json:"to"`
	Sent  bool     `json:"sent"`
	Error *problem `json:"error,omitempty"`
}

// doDisconnect disconnects first: what a side or a mail server does afterwards
// changes nothing about it. Work under way is stopped by that, not cut off.
func doDisconnect(ctx context.Context, w *world, rq request) (any, error) {
	c, err := w.ends(ctx, rq)
	if err != nil {
		return nil, err
	}
	end := w.leftBy(ctx, c, rq, w.app.now())
	err = w.exclusive(ctx, rq.Connection, func() error { w.unwire(rq.Connection); return nil })
	return end, err
}

// ends ends the connection.
func (w *world) ends(ctx context.Context, rq request) (*wired, error) {
	c, err := w.offline(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	return c, c.engine.As(rq.By).Disconnect(ctx, c.conn)
}

// leftBy finds what a disconnect leaves to reassign, and mails it.
func (w *world) leftBy(ctx context.Context, c *wired, rq request, at time.Time) ended {
	end := ended{Connection: rq.Connection, Done: "disconnect", By: rq.By, At: when(at)}
	if h, err := w.handover(ctx, c, rq.Connection); err != nil {
		end.Problem = problemOf(err)
	} else {
		end.Handover = &h
	}
	end.Mail = w.mail(ctx, end.subject(), end.text())
	return end
}

// doBeginDisconnect disconnects, and leaves what is told of it to a look: to read the owners
// of all records may take long.
func doBeginDisconnect(ctx context.Context, w *world, rq request) (any, error) {
	if _, err := w.ends(ctx, rq); err != nil {
		return nil, err
	}
	if err := w.exclusive(ctx, rq.Connection, func() error { w.unwire(rq.Connection); return nil }); err != nil {
		return nil, err
	}
	rq.Look = console.LookHandover
	return inStore(doBeginLook)(ctx, w, rq)
}

// doHandover looks at what a disconnect has left, for the console.
func doHandover(ctx context.Context, w *world, rq request) (any, error) {
	row, err := w.row(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	c, err := w.offline(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	engine.Tell(ctx, engine.Far{Stage: "who owns the linked records"})
	end := w.leftBy(ctx, c, rq, row.Disconnected)
	if ctx.Err() != nil { // the look is taken up anew, or was stopped
		return nil, ctx.Err()
	}
	out := console.Handover{Problem: end.Problem.trouble()}
	if end.Handover != nil {
		out.Owners = end.Handover.Owners
	}
	if end.Mail != nil {
		out.MailTo, out.Unsent = end.Mail.To, end.Mail.Error.trouble()
	}
	return out, nil
}

// handover asks both sides who owns what, over connectors of its own where the
// connection is not open.
func (w *world) handover(ctx context.Context, c *wired, name string) (owners.Handover, error) {
	sides := c.sides
	if sides == ([2]connector.Connector{}) {
		settings, err := w.effective(ctx, name)
		if err != nil {
			return owners.Handover{}, err
		}
		if sides, err = w.connect(ctx, settings); err != nil {
			return owners.Handover{}, err
		}
		defer (&wired{sides: sides}).close()
	}
	return c.engine.Handover(ctx, c.conn, sides)
}

// mail tells the people under notify; nil where there are none.
func (w *world) mail(ctx context.Context, subject, text string) *mailed {
	server, ok := mailServer(w.file().Notify)
	if !ok {
		return nil
	}
	n := w.file().Notify
	m := mail.Message{From: n.SMTP.From, To: n.To, Subject: subject, Text: text, Date: w.app.now(), ID: rand.Text()}
	if err := server.Send(ctx, m); err != nil {
		return &mailed{To: n.To, Error: problemOf(err)}
	}
	return &mailed{To: n.To, Sent: true}
}

func (e *ended) subject() string {
	return "Tandem: connection " + e.Connection + " was disconnected; what to reassign in HubSpot"
}

// text is what an admin reads, on the terminal and by mail.
func (e *ended) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Connection %s was disconnected by %s at %s.\nRecords, links, fields and settings stay; tandem resume connects again.\n\n", e.Connection, e.By, e.At)
	switch {
	case e.Handover == nil:
		fmt.Fprintf(&b, "Who owns records in Salesforce only could not be read: %s\nWhen both sides answer, tandem disconnect --connection %s --yes tells it.\n", e.Problem.Message, e.Connection)
	case len(e.Handover.Owners) == 0:
		b.WriteString("Nothing is to be reassigned: every owner of a linked account, contact or lead is an active owner in HubSpot.\n")
	default:
		b.WriteString("These owners exist in Salesforce only. Their records have no owner in HubSpot, or one\nthat is not kept up any more:\n\n")
		for _, o := range e.Handover.Owners {
			describeSole(&b, o)
		}
		b.WriteString(howToReassign)
	}
	return b.String()
}

// howToReassign are the steps in HubSpot (knowledge base: assign record owners,
// filter records, import to update records).
const howToReassign = `
To reassign them in HubSpot:
1. Decide who takes over from each owner. Who is to go on owning them needs a HubSpot user:
   invite that person under Settings > Users & Teams.
2. Open CRM > Companies (for people, CRM > Contacts) and filter by Record ID with the ids
   above. Where an owner has more companies than are listed here, take the ids of his
   accounts from a Salesforce report and filter by Salesforce Account ID.
3. Select all of them, choose Assign, and pick the new owner.
Many at once can be imported from a file with the columns Record ID and Company owner
(Contact owner).
`

func describeSole(b *strings.Builder, o owners.Sole) {
	kind := "user"
	switch {
	case o.Queue:
		kind = "queue"
	case !o.Active:
		kind = "inactive user"
	}
	fmt.Fprintf(b, "%s (%s%s %s)\n", orElse(o.Name, "unknown"), orSuffix(o.Email, ", "), kind, o.ID)
	for _, p := range pairsIn(o.Owned) {
		owned := o.Owned[p]
		if owned.Count == 0 {
			continue
		}
		more := ""
		if n := owned.Count - len(owned.IDs); n > 0 {
			more = fmt.Sprintf(" and %d more", n)
		}
		fmt.Fprintf(b, "  %s: %s%s\n", counted(owned.Count, core.StandardPairs.Nouns(p)), strings.Join(owned.IDs, ", "), more)
	}
}

func counted(n int, words [2]string) string {
	if n == 1 {
		return "1 " + words[0]
	}
	return fmt.Sprintf("%d %s", n, words[1])
}

// orSuffix is s with a suffix, or nothing.
func orSuffix(s, suffix string) string {
	if s == "" {
		return ""
	}
	return s + suffix
}

package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tandem/internal/config"
	"tandem/internal/console"
	"tandem/internal/mail"
	"tandem/internal/notify"
	"tandem/internal/store"
)

// mailServer is the server of the settings; ok is false where they name none.
func mailServer(n config.Notify) (s mail.Server, ok bool) {
	if n.SMTP == nil {
		return s, false
	}
	return mail.Server{Address: n.SMTP.Address, Username: n.SMTP.Username, Password: n.SMTP.Password.Reveal(), TLS: n.SMTP.TLS, Timeout: n.SMTP.Timeout.D()}, true
}

// teller tells people what needs them, by the ways of the settings; under is the store that it
// works in.
func (w *world) teller(under *store.Store) *notify.Teller {
	n := w.file().Notify
	t := &notify.Teller{Store: under, Now: w.app.now, Log: w.app.log(), Status: w.status, Every: n.Every, LeaveOut: n.LeaveOut, Behind: n.Behind.D(), Console: n.Console, Connections: w.connectionNames()}
	if server, ok := mailServer(n); ok {
		t.Ways = append(t.Ways, notify.Mail{Server: server, From: n.SMTP.From, Recipients: n.To})
	}
	if h := n.Webhook; h != nil {
		t.Ways = append(t.Ways, hookOf(h, w.app.now))
	}
	return t
}

func hookOf(h *config.NoticeHook, now func() time.Time) *notify.Webhook {
	return &notify.Webhook{URL: h.URL, Secret: h.Secret.Reveal(), OwnNetwork: h.OwnNetwork, Timeout: h.Timeout.D(), Now: now}
}

// tell tells people what needs them, until ctx ends.
func (w *world) tell(ctx context.Context, under *store.Store) error {
	for ctx.Err() == nil {
		same, stop := w.untilTurned(ctx)
		err := w.teller(under).Run(same)
		if err == nil {
			<-same.Done() // it ends at once where nobody is told
		}
		stop()
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *app) notifications() *cobra.Command {
	test, limit := false, 20
	c := &cobra.Command{
		Use:   "notify",
		Short: "List what people were told by mail and webhook, or send a test",
		Long: `tandem serve tells by mail, by a webhook or by both what needs a person: a brake, a
suspension, a sign-in that ended, a sync that stands still, runs that failed, and new
issues by category. Who is told, and how often, stands under notify in the settings.
With --test a message that says so is sent by every way at once.`,
		Example: "  tandem notify\n  tandem notify --test",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			if test {
				return a.act(ctx, func(ctx context.Context, s *session) error { return s.testNotifications(ctx) })
			}
			return a.listNotices(ctx, upTo(limit))
		}),
	}
	c.Flags().BoolVar(&test, "test", false, "send a test by every way of the settings")
	limitFlag(c, &limit)
	return c
}

// noWay refuses a test where the settings name nobody.
func noWay() error {
	return refused("nobody is told: the settings have neither notify.smtp nor notify.webhook", "set one of them, then restart tandem serve")
}

// doTestNotifications sends a test by every way of the settings of this process.
func doTestNotifications(ctx context.Context, w *world, rq request) (any, error) {
	t := w.teller(w.store)
	if len(t.Ways) == 0 {
		return nil, noWay()
	}
	tried, err := t.Test(ctx, rq.By)
	out := []console.Tried{}
	for _, one := range tried {
		row := console.Tried{Way: one.Way, To: one.To}
		if one.Error != nil {
			trouble := troubleOf(one.Error)
			row.Trouble = &trouble
		}
		out = append(out, row)
	}
	return out, err
}

func (s *session) testNotifications(ctx context.Context) error {
	var tried []console.Tried
	if err := s.do(ctx, console.TestNotifications, request{}, &tried); err != nil {
		return err
	}
	failed := false
	for _, one := range tried {
		failed = failed || one.Trouble != nil
		switch {
		case s.app.json:
			if err := s.app.printJSON(one); err != nil {
				return err
			}
		case one.Trouble != nil:
			s.app.printf("%s to %s failed: %s\n  %s.\n", one.Way, one.To, one.Trouble.Message, upperFirst(one.Trouble.Mend))
		default:
			s.app.printf("%s to %s was taken.\n", one.Way, one.To)
		}
	}
	if failed {
		return notDone()
	}
	return nil
}

// listNotices lists what people were told last.
func (a *app) listNotices(ctx context.Context, limit int) error {
	f, err := a.load()
	if err != nil {
		return err
	}
	s, err := a.openReading(ctx, f)
	if err != nil {
		return err
	}
	defer s.Close()
	var all []store.Notice
	if err := s.View(ctx, func(tx *store.Tx) (err error) { all, err = tx.Notices(limit); return err }); err != nil {
		return err
	}
	var cells [][]string
	for _, n := range all {
		row := console.NoticeOf(n)
		if a.json {
			if err := a.printJSON(row); err != nil {
				return err
			}
		}
		cells = append(cells, []string{when(n.Made), n.Way, console.Fate(n), n.Error, row.Says})
	}
	switch {
	case a.json:
	case len(cells) == 0:
		a.printf("Nobody was told anything yet.\n")
	default:
		a.printed.table([]string{"Made", "Way", "State", "Error", "Says"}, cells)
	}
	return nil
}

// notify checks that the mail server takes us and that the webhook's address may be asked. It
// sends nothing.
func (p *preflight) notify(ctx context.Context, n config.Notify) {
	if h := n.Webhook; h != nil {
		hook := hookOf(h, time.Now)
		f := finding{State: green, What: "webhook", Found: "news is sent to " + hook.To(), Rule: "ERR-2"}
		if err := hook.Probe(ctx); err != nil {
			e := problemOf(err)
			f.State, f.Found, f.Mend = yellow, e.Message, e.Mend
		}
		p.findings = append(p.findings, f)
	}
	server, ok := mailServer(n)
	if !ok {
		return
	}
	f := finding{State: green, What: "mail", Found: server.Address + " takes mail for " + strings.Join(n.To, ", "), Rule: "INST-12"}
	if err := server.Probe(ctx); err != nil {
		e := problemOf(err)
		f.State, f.Found, f.Mend = yellow, e.Message, e.Mend
	}
	p.findings = append(p.findings, f)
}

// printableText is printable for several lines.
func printableText(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}

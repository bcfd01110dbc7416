package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
	"tandem/internal/store/storetest"
)

// box is a way that keeps what it is given.
type box struct {
	name string
	got  []*Message
	fail error
}

func (b *box) Name() string { return b.name }
func (b *box) To() string   { return "somebody" }
func (b *box) Send(_ context.Context, m *Message) error {
	if b.fail == nil {
		b.got = append(b.got, m)
	}
	return b.fail
}

// desk is a store with one connection and whoever is told of it.
type desk struct {
	*testing.T
	now        time.Time
	store      *store.Store
	conn       int64
	status     engine.Status
	teller     *Teller
	mail, hook *box
}

func newDesk(t *testing.T, every string) *desk {
	t.Helper()
	d := &desk{T: t, now: storetest.Start, mail: &box{name: "mail"}, hook: &box{name: "webhook"}}
	d.store = storetest.Open(t, storetest.SQLite(t), store.Options{Now: func() time.Time { return d.now }})
	d.conn = storetest.Connect(t, d.store, "acme")
	d.status = engine.Status{Connection: "acme", Sides: map[string]engine.SideStatus{}}
	d.update(func(tx *store.Tx) error {
		row, err := tx.Connection("acme")
		if err != nil {
			return err
		}
		row.Switched = map[core.Pair]time.Time{core.CompanyPair: d.now}
		return tx.ConnectionSave(row)
	})
	d.restart(every)
	return d
}

// restart makes another teller of the same store, as another process would.
func (d *desk) restart(every string) {
	d.teller = &Teller{Store: d.store, Now: func() time.Time { return d.now }, Log: slog.New(slog.DiscardHandler), Connections: []string{"acme", "unknown"}, Every: every, Behind: time.Hour,
		Console: "https://tandem.acme.example", Ways: []Way{d.mail, d.hook},
		Status: func(ctx context.Context, name string) (engine.Status, error) {
			if name != "acme" {
				return engine.Status{}, &store.Error{Code: store.NotFound, Message: "nothing yet"}
			}
			s := d.status
			err := d.store.View(ctx, func(tx *store.Tx) (err error) { s.Issues, err = tx.IssueCounts(d.conn); return err })
			return s, err
		}}
}

func (d *desk) update(fn func(*store.Tx) error) {
	d.Helper()
	if err := d.store.Update(d.Context(), fn); err != nil {
		d.Fatal(err)
	}
}

// round lets time pass and the teller look, and gives what both ways were told by that.
func (d *desk) round(after time.Duration) []News {
	d.Helper()
	d.now = d.now.Add(after)
	mails, hooks := len(d.mail.got), len(d.hook.got)
	if err := d.teller.Round(d.Context()); err != nil {
		d.Fatal(err)
	}
	told := func(b *box, from int) (out []News) {
		for _, m := range b.got[from:] {
			out = append(out, m.News...)
		}
		return out
	}
	mail, hook := told(d.mail, mails), told(d.hook, hooks)
	if d.mail.fail == nil && d.hook.fail == nil && !slices.Equal(mail, hook) {
		d.Errorf("mail says %v, the webhook %v", mail, hook)
	}
	return mail
}

func (d *desk) wants(after time.Duration, want ...string) {
	d.Helper()
	got := []string{}
	for _, n := range d.round(after) {
		got = append(got, n.brief())
	}
	if !slices.Equal(got, append([]string{}, want...)) {
		d.Errorf("told %v, want %v", got, want)
	}
}

func (n News) brief() string {
	s := string(n.Kind)
	switch n.Kind {
	case KindIssues:
		s += fmt.Sprintf(" %s/%s %d of %d", n.Object, n.Category, n.New, n.Open)
	case KindBrake:
		s += " " + n.Brake
	case KindRunFailed:
		s += fmt.Sprint(" ", n.Run)
	}
	if n.Over {
		s += " over"
	}
	return s
}

var records int

// opens opens issues of a category, each of another account, and gives what ends them.
func (d *desk) opens(n int, category core.Category) (end func()) {
	d.Helper()
	var refs []core.Ref
	for range n {
		records++
		ref := core.Ref{Side: core.Salesforce, Object: "Account", ID: fmt.Sprintf("001%015d", records)}
		refs = append(refs, ref)
		d.update(func(tx *store.Tx) error {
			return tx.IssueOpen(d.conn, core.Issue{Pair: core.CompanyPair, Ref: ref, Category: category, Message: "Ada Lovelace is in the way", Value: "ada@acme.example"})
		})
	}
	return func() {
		d.Helper()
		d.update(func(tx *store.Tx) error {
			for _, ref := range refs {
				if err := tx.IssueClose(d.conn, ref); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func TestERR2_InstantTellsACategoryOnceAndMoreOfItDaily(t *testing.T) {
	d := newDesk(t, Instant)
	d.wants(0)
	end := d.opens(2, core.CategoryDuplicate)
	d.wants(time.Minute, "issues company/duplicate 2 of 2")
	d.wants(time.Minute)
	more := d.opens(1, core.CategoryDuplicate)
	other := d.opens(1, core.CategoryValue)
	d.wants(time.Minute, "issues company/"+string(core.CategoryValue)+" 1 of 1")
	d.restart(Instant)
	d.wants(23 * time.Hour)
	d.wants(time.Hour, "issues company/duplicate 1 of 3")
	end()
	more()
	other()
	d.wants(time.Minute)
	d.opens(1, core.CategoryDuplicate)
	d.wants(58 * time.Minute)
	d.wants(2*time.Minute, "issues company/duplicate 1 of 1")
}

func TestERR2_DailyAndWeeklyGatherWhatIsNew(t *testing.T) {
	for every, period := range map[string]time.Duration{Daily: 24 * time.Hour, Weekly: 7 * 24 * time.Hour} {
		t.Run(every, func(t *testing.T) {
			d := newDesk(t, every)
			d.opens(1, core.CategoryDuplicate)
			d.wants(0, "issues company/duplicate 1 of 1")
			d.opens(2, core.CategoryDuplicate)
			d.opens(1, core.CategoryOther)
			d.wants(period - time.Minute)
			d.restart(every)
			d.wants(time.Minute, "issues company/duplicate 2 of 3", "issues company/other 1 of 1")
			d.wants(period)
		})
	}
}

func TestSUS1_WhatStopsAConnectionIsToldAtOnceAndOnce(t *testing.T) {
	d := newDesk(t, Weekly)
	d.wants(0)
	d.status.Suspended, d.status.Cause = "salesforce: INVALID_GRANT: hunter2 of Ada Lovelace", core.ClassAuth
	d.wants(time.Minute, "sign_in")
	d.wants(time.Minute)
	d.restart(Weekly)
	d.wants(time.Minute)
	d.status.Suspended, d.status.Cause = "", ""
	d.status.Brakes = []store.Brake{{Kind: string(core.BrakeDeletes), Reason: "Ada's list"}}
	d.status.Held = []string{"deal: Ada"}
	d.wants(time.Minute, "brake deletes", "held_back", "sign_in over")
	d.status.Brakes, d.status.Held = nil, nil
	d.status.Suspended = "the list is gone"
	d.wants(time.Minute, "suspended", "brake deletes over", "held_back over")
	for _, m := range d.mail.got {
		for _, secret := range []string{"hunter2", "Ada", "ada@"} {
			if strings.Contains(m.Text()+m.Subject(), secret) {
				t.Errorf("a message names %q:\n%s\n%s", secret, m.Subject(), m.Text())
			}
		}
		if !strings.Contains(m.Text(), "https://tandem.acme.example") {
			t.Errorf("the console is not named:\n%s", m.Text())
		}
	}
}

func TestSUS1_AStandstillIsTold(t *testing.T) {
	d := newDesk(t, Instant)
	heard := func(age time.Duration) {
		d.status.Sides = map[string]engine.SideStatus{core.HubSpot.String(): {Covered: d.now.Add(-age)}, core.Salesforce.String(): {Covered: d.now}}
	}
	heard(2 * time.Hour)
	d.wants(0) // it may have begun to run just now
	d.wants(9 * time.Minute)
	d.wants(time.Minute, "behind")
	d.wants(time.Minute)
	heard(time.Minute)
	d.wants(0, "behind over")
	d.update(func(tx *store.Tx) error {
		return tx.Mark(d.conn, []core.Dirty{{Pair: core.CompanyPair, Ref: core.Ref{Side: core.HubSpot, Object: "companies", ID: "7"}, Reasons: core.ReasonEdit, NotBefore: d.now}})
	})
	heard(0)
	d.wants(time.Minute)
	d.now = d.now.Add(2 * time.Hour)
	heard(0)
	d.wants(0)
	d.wants(10*time.Minute, "behind")
	d.status.Paused = true
	d.wants(time.Minute, "behind over")
	d.wants(24 * time.Hour)
}

func TestSUS1_ARunThatFailedIsToldOnce(t *testing.T) {
	d := newDesk(t, Instant)
	fails := func() string {
		var id int64
		d.update(func(tx *store.Tx) (err error) {
			id, err = tx.RunCreate(store.Run{Conn: d.conn, Kind: "import", State: store.RunFailed, Ended: d.now, Error: "Ada Lovelace"})
			return err
		})
		return fmt.Sprint("run_failed ", id)
	}
	d.now = d.now.Add(-time.Hour)
	fails() // long before anybody was told anything
	d.now = d.now.Add(time.Hour)
	d.wants(0)
	first := fails()
	d.wants(time.Minute, first)
	d.wants(time.Minute)
	d.restart(Instant)
	second := fails()
	d.wants(time.Minute, second)
	d.wants(8 * 24 * time.Hour)
}

func TestERR2_WhatIsNotTakenIsTriedAgainByThatWayAlone(t *testing.T) {
	d := newDesk(t, Instant)
	d.hook.fail = errors.New("no answer")
	d.opens(1, core.CategoryOther)
	d.wants(0, "issues company/other 1 of 1")
	notices := func() (out []store.Notice) {
		if err := d.store.View(d.Context(), func(tx *store.Tx) (err error) { out, err = tx.Notices(9); return err }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	hook := notices()[0]
	if hook.Way != "webhook" || hook.Tries != 1 || !hook.Due.Equal(d.now.Add(time.Minute)) || hook.Error != "no answer" {
		t.Fatalf("after the first try %+v", hook)
	}
	d.wants(59 * time.Second)
	if n := notices()[0].Tries; n != 1 {
		t.Errorf("tried %d times before it was due", n)
	}
	d.restart(Instant)
	d.wants(time.Second)
	if again := notices()[0]; again.Tries != 2 || !again.Due.Equal(d.now.Add(2*time.Minute)) {
		t.Errorf("after the second try %+v", again)
	}
	d.hook.fail = nil
	d.now = d.now.Add(2 * time.Minute)
	if err := d.teller.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(d.hook.got) != 1 || d.hook.got[0].ID != d.mail.got[0].ID || len(d.mail.got) != 1 {
		t.Errorf("the webhook got %v, mail %v", d.hook.got, d.mail.got)
	}
	if n := notices()[0]; n.Sent.IsZero() || !n.Due.IsZero() || n.Error != "" {
		t.Errorf("after it was taken %+v", n)
	}
}

func TestERR2_WhatNobodyTakesIsGivenUpAndSaidSo(t *testing.T) {
	d := newDesk(t, Instant)
	d.hook.fail = errors.New("no answer")
	d.opens(1, core.CategoryOther)
	d.wants(0, "issues company/other 1 of 1")
	for range 100 {
		d.wants(time.Hour)
	}
	var last store.Notice
	var log []store.AuditEntry
	err := d.store.View(t.Context(), func(tx *store.Tx) error {
		all, err := tx.Notices(1)
		if err != nil {
			return err
		}
		last = all[0]
		log, err = tx.AuditBack(0, "", "notification given up", 9)
		return err
	})
	if err != nil || !last.Due.IsZero() || !last.Sent.IsZero() || last.Tries < 70 || last.Tries > 80 || len(log) != 1 {
		t.Errorf("after days %+v, %+v, %v", last, log, err)
	}
}

func TestERR2_ATestGoesAtOnceAndIsAudited(t *testing.T) {
	d := newDesk(t, Weekly)
	d.hook.fail = errors.New("no answer")
	tried, err := d.teller.Test(t.Context(), "ada")
	if err != nil || len(tried) != 2 || tried[0].Error != nil || tried[1].Error == nil || len(d.mail.got) != 1 {
		t.Fatalf("tried %+v, %v", tried, err)
	}
	d.wants(time.Hour)
	var log []store.AuditEntry
	if err := d.store.View(t.Context(), func(tx *store.Tx) (err error) { log, err = tx.Audit(0, 9); return err }); err != nil {
		t.Fatal(err)
	}
	if len(log) != 1 || log[0].Who != "ada" || string(log[0].Details) != `{"taken":{"mail":true,"webhook":false}}` {
		t.Errorf("audit log %+v", log)
	}
}

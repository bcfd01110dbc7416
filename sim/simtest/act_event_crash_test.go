package simtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// actTrial is a world in virtual time in which two people did three things each and nobody
// has synced since.
func actTrial(t testing.TB) *trial {
	w := newTrial(t, happening(func(l *config.Timeline) { l.Events = nil }), Settings(func(c *config.Connection) {
		c.Salesforce.SettleUnknown, c.HubSpot.SettleUnknown = config.Duration(time.Second), config.Duration(time.Second)
	}))
	form := w.Portal.As(admin).CreateForm("Contact us", "email")
	for _, name := range []string{"ann", "bob"} {
		w.made(core.Contacts, "email", name+"@x.example", "lastname", name)
	}
	w.again()
	for _, name := range []string{"ann", "bob"} {
		w.mail(name+"@x.example", "OPEN")
		w.mail(name+"@x.example", "CLICK")
		_, err := w.Portal.As(admin).SubmitForm(form, "https://x.example", map[string]string{"email": name + "@x.example"})
		w.must(err)
	}
	time.Sleep(5 * time.Second)
	return w
}

// actEnd judges the end: each of the six made one task, whatever died before.
func (w *trial) actEnd() {
	w.T.Helper()
	w.rest()
	w.wantTasks("E-mail clicked: E-mail 7", "E-mail clicked: E-mail 7", "E-mail opened: E-mail 7", "E-mail opened: E-mail 7", "Form submitted: Contact us", "Form submitted: Contact us")
	keys := map[any]bool{}
	for _, r := range w.taskRows() {
		keys[r[w.taskKey()]] = true
	}
	if len(keys) != 6 {
		w.T.Errorf("%d keys: %v", len(keys), keys)
	}
}

// TestACT1_ACrashAtEveryCommitMakesEachTaskOnce: the process dies before or after each
// commit.
func TestACT1_ACrashAtEveryCommitMakesEachTaskOnce(t *testing.T) {
	var commits int64
	inBubble(t, func(t testing.TB) {
		w := actTrial(t)
		w.shut()
		w.AfterCommit = func(at int64) error { commits = at; return nil }
		w.Open()
		_, err := w.syncFor(time.Hour)
		w.must(err)
		w.AfterCommit = nil
	})
	if commits < 8 {
		t.Fatalf("%d commits", commits)
	}
	for n := int64(1); n <= commits; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w := actTrial(t)
				w.dieAt(n, n%2 == 0)
				if _, err := w.syncFor(time.Hour); err != nil {
					w.revive(err)
				}
				w.BeforeCommit, w.AfterCommit = nil, nil
				w.actEnd()
			})
		})
	}
}

// TestACT1_ATaskWithoutAnAnswerIsMadeOnce whether or not the call came through, also where a
// person deletes the task before anybody looks for it.
func TestACT1_ATaskWithoutAnAnswerIsMadeOnce(t *testing.T) {
	for _, sent := range []bool{false, true} {
		for _, deleted := range []bool{false, true} {
			if deleted && !sent {
				continue
			}
			t.Run(fmt.Sprintf("sent %v deleted %v", sent, deleted), func(t *testing.T) {
				bubble(t, func(t testing.TB) {
					w := actTrial(t)
					lost := 0
					w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
						switch {
						case side == core.Salesforce && lost > 0 && deleted: // nobody can look before the person does
						case side != core.Salesforce || !isWrite(r) || lost > 0:
							return next.RoundTrip(r)
						default:
							if lost++; sent {
								_, _ = next.RoundTrip(r)
							}
						}
						return nil, fmt.Errorf("read tcp: connection reset by peer")
					})
					_, _ = w.syncFor(time.Hour)
					if lost != 1 {
						t.Fatalf("%d calls were lost", lost)
					}
					if !deleted {
						w.actEnd()
						return
					}
					rows := w.taskRows()
					for _, r := range rows {
						w.must(w.Org.As(admin).Delete("Task", fmt.Sprint(r["Id"])))
					}
					w.rest()
					if left := len(w.taskRows()); len(rows) != 6 || left != 0 {
						t.Errorf("%d tasks were made, and %d after they were deleted", len(rows), left)
					}
				})
			})
		}
	}
}

// TestLIM8_AMassMailingStaysWithinTasksADay and goes on when the day is over; nothing is lost.
func TestLIM8_AMassMailingStaysWithinTasksADay(t *testing.T) {
	w := New(t, happening(func(l *config.Timeline) { l.TasksADay = 3 }))
	for i := range 5 {
		w.made(core.Contacts, "email", fmt.Sprintf("m%d@x.example", i), "lastname", fmt.Sprint("M", i))
	}
	w.again()
	for i := range 5 {
		w.mail(fmt.Sprintf("m%d@x.example", i), "SENT")
	}
	w.again()
	w.again()
	if n := len(w.taskRows()); n != 3 {
		t.Errorf("%d tasks on the first day, want 3", n)
	}
	w.Advance(23 * time.Hour)
	w.again()
	if n := len(w.taskRows()); n != 3 {
		t.Errorf("%d tasks within 24 hours, want 3", n)
	}
	w.Advance(90 * time.Minute)
	w.again()
	if n := len(w.taskRows()); n != 5 {
		t.Errorf("%d tasks on the second day, want 5", n)
	}
}

// TestAMB11_ALongTextIsCutWithAWord and a long subject stands whole in the description (I18).
func TestAMB11_ALongTextIsCutWithAWord(t *testing.T) {
	w := New(t, happening())
	id, _ := w.reader("rea@x.example")
	subject, message := strings.Repeat("é", 300), strings.Repeat("ü", 40_000)
	w.Portal.As(admin).MailCampaign(7, "Letter", subject)
	w.mail("rea@x.example", "OPEN")
	form := w.Portal.As(admin).CreateForm("Contact us", "email")
	_, err := w.Portal.As(admin).SubmitForm(form, "https://x.example", map[string]string{"email": "rea@x.example", "message": message})
	w.must(err)
	w.again()
	rows := w.taskRows()
	if len(rows) != 2 {
		t.Fatalf("%d tasks", len(rows))
	}
	line, text := []rune(fmt.Sprint(rows[0]["Subject"])), fmt.Sprint(rows[0]["Description"])
	if len(line) != 255 || line[254] != '…' || !strings.HasPrefix(text, "E-mail opened: "+subject+"\n") {
		t.Errorf("the subject has %d characters; the description begins %.40q", len(line), text)
	}
	if text := fmt.Sprint(rows[1]["Description"]); len([]rune(text)) != 32_000 || !strings.Contains(text, "cut by Tandem") {
		t.Errorf("the description has %d characters and ends %q", len([]rune(text)), text[len(text)-80:])
	}
	told := false
	for _, h := range w.explainPerson(id).History {
		told = told || strings.Contains(h.Note, "longer than the 32,000")
	}
	if !told {
		t.Error("the history does not tell that the text was cut")
	}
}

// TestINC3_ACT1_WhoIsOutsideTheListGetsNoTask while somebody in it does.
func TestINC3_ACT1_WhoIsOutsideTheListGetsNoTask(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, happening())
		in, _ := w.reader("in@x.example")
		out, _ := w.reader("out@x.example")
		w.must(w.Portal.As(admin).Update("contacts", in, map[string]string{"jobtitle": "Buyer"}))
		list := w.list("customers", propertyIs("jobtitle", "Buyer"))
		w.Restart(func(c *config.Connection) { c.Contacts.InclusionList = list })
		w.again()
		w.Advance(time.Hour)
		w.again()
		w.mail("in@x.example", "OPEN")
		w.mail("out@x.example", "OPEN")
		w.again()
		w.wantTasks("E-mail opened: E-mail 7")
		if x := w.explainPerson(out); len(x.Activities) != 1 || !strings.Contains(x.Activities[0].Reason, "INC-3") {
			t.Errorf("explain says %+v", x.Activities)
		}
	})
}

// TestACT1_AnErasedPersonLeavesNoActivity: what waited is not made, and nothing of it is kept.
func TestACT1_AnErasedPersonLeavesNoActivity(t *testing.T) {
	w := New(t, happening())
	id, _ := w.reader("rea@x.example")
	w.mail("rea@x.example", "OPEN", func(m *hubspotsim.Mail) { m.At = w.Now() })
	w.again()
	w.mail("rea@x.example", "CLICK")
	w.must(w.Portal.As(admin).GDPRDelete(id))
	w.again()
	w.again()
	w.wantTasks("E-mail opened: E-mail 7")
}

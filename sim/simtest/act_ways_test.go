package simtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestACT6_AnEditPassesOnlyTheWaysThatAreOn: what is linked goes on in the direction that is
// left, and stays as it is where none is.
func TestACT6_AnEditPassesOnlyTheWaysThatAreOn(t *testing.T) {
	for _, on := range [][2]bool{{true, false}, {false, true}, {false, false}} {
		t.Run(fmt.Sprintf("from_salesforce=%v,from_hubspot=%v", on[core.Salesforce], on[core.HubSpot]), func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, activities(bothWays))
				_, contact, _, mate := w.friend()
				ours := w.made(core.Task, "Subject", "Ours", "WhoId", contact, "Status", "Not Started")
				theirs := w.logged(core.Tasks, mate, "hs_task_subject", "Theirs", "hs_task_status", "NOT_STARTED")
				w.again()
				there, here := w.wantActivity(core.Task, ours, core.Tasks), w.wantActivity(core.Tasks, theirs, core.Task)
				w.Restart(func(c *config.Connection) {
					c.Activities.Tasks.FromSalesforce, c.Activities.Tasks.FromHubSpot = on[core.Salesforce], on[core.HubSpot]
				})
				w.Advance(time.Minute)
				for _, task := range [][3]string{{ours, there, "Ours"}, {here, theirs, "Theirs"}} {
					w.change(core.Task, task[0], "Subject", "Edited here")
					w.change(core.Tasks, task[1], "hs_task_status", "COMPLETED")
				}
				w.again()
				w.again()
				for _, task := range [][3]string{{ours, there, "Ours"}, {here, theirs, "Theirs"}} {
					subject, status := task[2], "Not Started"
					if on[core.Salesforce] {
						subject = "Edited here"
					}
					if on[core.HubSpot] {
						status = "Completed"
					}
					w.want(core.Tasks, task[1], "hs_task_subject", subject)
					w.want(core.Task, task[0], "Status", status)
					rules := w.explainActivity(core.Task, task[0]).Rules
					if last := rules[len(rules)-1].Rule; on == [2]bool{} != (last == "SET-9") {
						t.Errorf("the last rule about %s is %s: %+v", task[2], last, rules)
					}
				}
			})
		})
	}
}

// TestACT2_WhatWaitsIsLeftOutOnceItsKindIsOff: somebody did it before there was anybody in
// Salesforce to tell it of, and nobody is to be told of its kind any more.
func TestACT2_WhatWaitsIsLeftOutOnceItsKindIsOff(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, happening())
		w.mail("late@x.example", "OPEN")
		w.mail("late@x.example", "CLICK")
		w.again()
		w.wantTasks()
		w.Restart(func(c *config.Connection) { c.Activities.Timeline.EmailOpens.Sync = false })
		id := w.made(core.Contacts, "email", "late@x.example", "lastname", "Late")
		for range 3 {
			w.Advance(10 * time.Minute)
			w.again()
		}
		w.wantTasks("E-mail clicked: E-mail 7")
		left := ""
		for _, a := range w.explainPerson(id).Activities {
			if a.State == "left out" {
				left += a.Kind + " " + a.Reason
			}
		}
		if !strings.HasPrefix(left, "email_opens ACT-2") {
			t.Errorf("explain tells of what was left out: %q", left)
		}
		w.wantStill(t)
	})
}

package simtest

import (
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestSET9_EditsOfATypeThatWasOffPassOnceItIsOn, as do those in a direction that was off,
// while another type kept the records followed.
func TestSET9_EditsOfATypeThatWasOffPassOnceItIsOn(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, activities(bothWays))
		f := w.talking()
		mate := [2]string{w.wantActivity(core.Task, f.tasks[0], core.Tasks), w.wantActivity(core.Task, f.tasks[1], core.Tasks)}
		w.Restart(func(c *config.Connection) {
			c.Activities.Tasks.FromSalesforce, c.Activities.Tasks.FromHubSpot = false, false
		})
		w.change(core.Task, f.tasks[0], "Subject", "Later")
		w.change(core.Tasks, mate[1], "hs_task_subject", "Later too")
		w.again()
		w.again()
		w.want(core.Tasks, mate[0], "hs_task_subject", "Task")
		w.Restart(func(c *config.Connection) { c.Activities.Tasks.FromHubSpot = true })
		w.again()
		w.again()
		w.want(core.Tasks, mate[0], "hs_task_subject", "Task")
		w.want(core.Task, f.tasks[1], "Subject", "Later too")
		w.Restart(func(c *config.Connection) { c.Activities.Tasks.FromSalesforce = true })
		w.again()
		w.again()
		w.want(core.Tasks, mate[0], "hs_task_subject", "Later")
		w.wantCount(core.Tasks, 2)
		w.wantStill(t)
	})
}

// TestCASE1_EditsInADirectionThatWasOffPassOnceItIsOn: what a ticket was given while none
// passed from HubSpot.
func TestCASE1_EditsInADirectionThatWasOffPassOnceItIsOn(t *testing.T) {
	w := New(t, tickets(ticketsBothWays))
	id := w.made(core.SupportCase, "Subject", "It broke", "Status", "New", "Description", "At noon")
	w.again()
	w.again()
	ticket := w.wantMateOf(core.TicketPair, id)
	w.Restart(func(c *config.Connection) { c.Tickets.FromHubSpot = "nothing" })
	w.change(core.Tickets, ticket, "content", "At one")
	w.again()
	w.again()
	w.want(core.SupportCase, id, "Description", "At noon")
	w.Restart(func(c *config.Connection) { c.Tickets.FromHubSpot = "create_or_update" })
	w.again()
	w.again()
	w.want(core.SupportCase, id, "Description", "At one")
	w.wantStill(t)
}

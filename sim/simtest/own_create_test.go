package simtest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// queued is a world in which the owners of people and of tickets are mapped, and a queue
// that nobody in HubSpot stands for.
type queued struct {
	*staffed
	queue string
}

func withQueue(t *testing.T, profile Option) *queued {
	t.Helper()
	owner := config.Mapping{HubSpot: "hubspot_owner_id", Salesforce: "OwnerId", Rule: "two_way"}
	w := withOwners(t, profile, people(becomesContact), tickets(ticketsBothWays), Settings(func(c *config.Connection) {
		for _, pair := range []string{"contact", "ticket"} {
			c.Mappings[pair] = append(c.Mappings[pair], owner)
		}
	}))
	queue, err := w.Org.AddQueue(salesforcesim.Queue{Name: "Inbound", Objects: []string{"Lead", "Case"}})
	w.must(err)
	w.Advance(time.Hour)
	return &queued{w, queue}
}

// TestOWN10_AnOwnerGivenRightAfterTheCreatePasses, whether or not our own create was looked
// at again before: what the create could not pass is no first meeting of two owners (I4).
func TestOWN10_AnOwnerGivenRightAfterTheCreatePasses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, looked := range map[string]bool{"at once": false, "after another look": true} {
			t.Run(name, func(t *testing.T) {
				w := withQueue(t, profile)
				lead := w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "bo@x.com", "OwnerId", w.queue)
				support := w.made(core.SupportCase, "Subject", "Broken", "OwnerId", w.queue)
				w.Sync()
				bo, ticket := w.wantMate(lead), w.wantMateOf(core.TicketPair, support)
				if looked {
					w.again()
				}
				w.change(core.Contacts, bo, "hubspot_owner_id", ownerSam)
				w.change(core.Tickets, ticket, "hubspot_owner_id", ownerSam)
				w.again()
				w.want(core.Lead, lead, "OwnerId", w.sam)
				w.want(core.SupportCase, support, "OwnerId", w.sam)
				w.wantNoIssues()
				w.wantStill(t)
			})
		}
	})
}

// TestOWN9_AnOwnerGivenRightAfterTheCreatePasses: a contact made of one without an owner
// belongs to the integration user, which is nobody's choice.
func TestOWN9_AnOwnerGivenRightAfterTheCreatePasses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, looked := range map[string]bool{"at once": false, "after another look": true} {
			t.Run(name, func(t *testing.T) {
				w := withQueue(t, profile)
				bo := w.made(core.Contacts, "email", "bo@x.com", "lastname", "Brown")
				w.Sync()
				contact := w.wantMate(bo)
				w.want(core.Contact, contact, "OwnerId", w.integrationUser())
				if looked {
					w.again()
				}
				w.change(core.Contacts, bo, "hubspot_owner_id", ownerSam)
				w.again()
				w.want(core.Contact, contact, "OwnerId", w.sam)
				w.want(core.Contacts, bo, "hubspot_owner_id", ownerSam)
				w.wantStill(t)
			})
		}
	})
}

// TestOWN10_AnOwnerGivenToARecordWhoseCreateHadNoAnswerPasses: the record is found by its
// key, with nothing agreed yet.
func TestOWN10_AnOwnerGivenToARecordWhoseCreateHadNoAnswerPasses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := withQueue(t, profile)
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "bo@x.com", "OwnerId", w.queue)
		w.Through(func(s core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if err != nil || s != core.HubSpot || !strings.HasSuffix(r.URL.Path, "/contacts/batch/create") {
				return resp, err
			}
			var made struct{ Results []struct{ ID string } }
			w.must(json.NewDecoder(resp.Body).Decode(&made))
			w.must(resp.Body.Close())
			for _, one := range made.Results {
				w.change(core.Contacts, one.ID, "hubspot_owner_id", ownerSam)
			}
			return nil, errors.New("the line broke")
		})
		w.Sync()
		w.Through(nil)
		w.again()
		w.again()
		w.want(core.Lead, lead, "OwnerId", w.sam)
		w.want(core.Contacts, w.wantMate(lead), "hubspot_owner_id", ownerSam)
		w.wantStill(t)
	})
}

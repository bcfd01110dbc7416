package simtest

import (
	"slices"
	"strconv"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// activities switches people on and the types that a change switches.
func activities(change func(*config.Activities)) Option {
	return people(becomesContact, func(c *config.Connection) {
		c.Deals.Sync = true
		change(&c.Activities)
	})
}

// bothWays switches all types on that a direction has.
func bothWays(a *config.Activities) {
	for _, o := range []core.Object{core.Tasks, core.Calls, core.Emails, core.Meetings, core.Notes} {
		a.Of(o).FromHubSpot, a.Of(o).FromSalesforce = true, o != core.Notes
	}
}

// friend is a contact of an account, linked with one of a company, as their ids.
func (w *World) friend() (account, contact, company, mate string) {
	w.T.Helper()
	account = w.made(core.Account, "Name", "Acme")
	contact = w.made(core.Contact, "LastName", "Friend", "Email", "friend@acme.example", "AccountId", account)
	w.again()
	return account, contact, w.partner(account), w.wantMate(contact)
}

// sideOf is the side of an object.
func sideOf(object core.Object) core.Side {
	if inPortal(object) {
		return core.HubSpot
	}
	return core.Salesforce
}

// activityLink is the link of an activity, nil without one.
func (w *World) activityLink(object core.Object, id string) (link *core.Link) {
	w.T.Helper()
	r := core.Ref{Side: sideOf(object), Object: object, ID: id}
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		links, err := tx.LinksOf(w.Conn.ID, []core.Ref{r})
		link = links[r]
		return err
	}))
	return link
}

// wantActivity is the partner of an activity, which must have one of an object.
func (w *World) wantActivity(object core.Object, id string, of core.Object) string {
	w.T.Helper()
	l := w.activityLink(object, id)
	if l == nil || l.State != core.LinkActive {
		w.T.Fatalf("%s %s has no partner: %+v", object, id, w.explainActivity(object, id))
	}
	for _, r := range l.Refs {
		if r.Object == of {
			return r.ID
		}
	}
	w.T.Fatalf("%s %s is linked as %+v, want a partner of %s", object, id, l.Refs, of)
	return ""
}

// explainActivity says why an activity did or did not sync.
func (w *World) explainActivity(object core.Object, id string) *engine.Explanation {
	w.T.Helper()
	x, err := w.Engine.Explain(w.T.Context(), w.Conn, core.ActivityPair, w.Conn.KeyValue(core.Ref{Side: sideOf(object), Object: object, ID: id}))
	w.must(err)
	return x
}

// minutes lets some pass, with a sync in each: what waits a moment comes to be looked at.
func (w *World) minutes(n int) {
	w.T.Helper()
	for range n {
		w.Advance(time.Minute)
		w.Sync()
	}
}

// wantNoActivity fails where an activity has a partner, or has none by another rule.
func (w *World) wantNoActivity(object core.Object, id, rule string) {
	w.T.Helper()
	x := w.explainActivity(object, id)
	if l := w.activityLink(object, id); l != nil && l.State == core.LinkActive || len(x.Rules) == 0 || x.Rules[len(x.Rules)-1].Rule != rule {
		w.T.Errorf("%s %s: link %+v, rules %+v, want none by %s", object, id, l, x.Rules, rule)
	}
}

// wantAbout fails where an activity of HubSpot is associated with other records of an
// object.
func (w *World) wantAbout(object core.Object, id string, with core.Object, want ...string) {
	w.T.Helper()
	got := []string{}
	for _, one := range w.portalCall("GET", "/crm/v4/objects/"+string(object)+"/"+id+"/associations/"+string(with), nil)["results"].([]any) {
		got = append(got, strconv.FormatFloat(one.(map[string]any)["toObjectId"].(float64), 'f', -1, 64))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.T.Errorf("%s %s is about the %s %v, want %v", object, id, with, got, want)
	}
}

// about associates an activity of HubSpot with another record.
func (w *World) about(object core.Object, id string, with core.Object, to string) {
	w.T.Helper()
	w.portalCall("PUT", "/crm/v4/objects/"+string(object)+"/"+id+"/associations/default/"+string(with)+"/"+to, nil)
}

// logged makes an activity of HubSpot about a contact, as a person does.
func (w *World) logged(object core.Object, contact string, pairs ...string) string {
	w.T.Helper()
	pairs = append([]string{"hs_timestamp", "2030-03-04T15:00:00Z"}, pairs...)
	if object == core.Emails {
		pairs = append(pairs, "hs_email_direction", "EMAIL")
	}
	id := w.made(object, pairs...)
	w.about(object, id, core.Contacts, contact)
	return id
}

// activityCount counts the live activities of an object.
func (w *World) activityCount(object core.Object) int {
	w.T.Helper()
	if inPortal(object) {
		return int(w.portalCall("POST", "/crm/v3/objects/"+string(object)+"/search", map[string]any{"limit": 1})["total"].(float64))
	}
	rows, err := w.Org.As(admin).Query("SELECT Id FROM " + string(object))
	w.must(err)
	return len(rows)
}

func (w *World) wantCount(object core.Object, n int) {
	w.T.Helper()
	if got := w.activityCount(object); got != n {
		w.T.Errorf("%d %s, want %d", got, object, n)
	}
}

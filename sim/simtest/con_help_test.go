package simtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// people switches contact sync on, with mappings that both leads and contacts have,
// and some that only one of the two has.
func people(change ...func(*config.Connection)) Option {
	return Settings(func(c *config.Connection) {
		c.Contacts.Sync = true
		c.Mappings["contact"] = []config.Mapping{
			{HubSpot: "email", Salesforce: "Email", Rule: "two_way"},
			{HubSpot: "firstname", Salesforce: "FirstName", Rule: "two_way"},
			{HubSpot: "lastname", Salesforce: "LastName", Rule: "two_way"},
			{HubSpot: "phone", Salesforce: "Phone", Rule: "prefer_salesforce"},
			{HubSpot: "jobtitle", Salesforce: "Title", Rule: "always_salesforce"},
			{HubSpot: "company", Salesforce: "Company", Rule: "two_way"},
			{HubSpot: "city", Salesforce: "City", Rule: "two_way"},
			{HubSpot: "city", Salesforce: "MailingCity", Rule: "two_way"},
		}
		for _, f := range change {
			f(c)
		}
	})
}

func becomesContact(c *config.Connection) {
	c.Contacts.FromHubSpot = config.PersonChoice{Object: config.BecomesContact}
}

// made makes a record of a side with fields as pairs.
func (w *World) made(object core.Object, pairs ...string) string {
	w.T.Helper()
	sf, hs := map[string]any{}, map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		sf[pairs[i]], hs[pairs[i]] = pairs[i+1], pairs[i+1]
	}
	var id string
	var err error
	if inPortal(object) {
		id, err = w.Portal.As(admin).Create(string(object), hs)
	} else {
		id, err = w.Org.As(admin).Create(string(object), sf)
	}
	w.must(err)
	return id
}

// inPortal reports an object of HubSpot.
func inPortal(object core.Object) bool {
	_, ok := core.StandardPairs.Of(core.HubSpot, object)
	return ok || strings.HasPrefix(string(object), "2-")
}

// change sets one field of a record, as a person does.
func (w *World) change(object core.Object, id, field, value string) {
	w.T.Helper()
	if inPortal(object) {
		w.must(w.Portal.As(admin).Update(string(object), id, map[string]string{field: value}))
		return
	}
	var v any = value
	if value == "" {
		v = nil
	}
	w.must(w.Org.As(admin).Update(string(object), id, map[string]any{field: v}))
}

// shown is a record's field as a person sees it.
func (w *World) shown(object core.Object, id, field string) string {
	w.T.Helper()
	if inPortal(object) {
		values, _ := w.Portal.As(admin).Get(string(object), id)
		return values[field]
	}
	v := w.Org.As(admin).Get(string(object), id)[field]
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func (w *World) want(object core.Object, id, field, value string) {
	w.T.Helper()
	if got := w.shown(object, id, field); got != value {
		w.T.Errorf("%s %s is %q, want %q", object, field, got, value)
	}
}

// mate is the other id of a person's active link.
func (w *World) mate(id string) string {
	w.T.Helper()
	if l, r := w.personLink(id); l != nil && l.State == core.LinkActive {
		return l.Partner(r.Side).ID
	}
	return ""
}

// linkState is the state of a person's link, blank without one.
func (w *World) linkState(id string) core.LinkState {
	w.T.Helper()
	if l, _ := w.personLink(id); l != nil {
		return l.State
	}
	return ""
}

// personLink is the link that names a person, and the person as it does.
func (w *World) personLink(id string) (link *core.Link, named core.Ref) {
	w.T.Helper()
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		refs := engine.RefsFor(core.StandardPairs, core.ContactPair, id)
		links, err := tx.LinksOf(w.Conn.ID, refs)
		for _, r := range refs {
			if l := links[r]; l != nil && l.Refs[r.Side] == r {
				link, named = l, r
			}
		}
		return err
	}))
	return link, named
}

// wantMate is mate, which must be there.
func (w *World) wantMate(id string) string {
	w.T.Helper()
	mate := w.mate(id)
	if mate == "" {
		w.T.Fatalf("%s has no partner: %+v", id, w.explainPerson(id))
	}
	return mate
}

func (w *World) wantLonely(id, rule string) {
	w.T.Helper()
	x := w.explainPerson(id)
	if x.Link != nil && x.Link.State == core.LinkActive || len(x.Rules) == 0 || x.Rules[len(x.Rules)-1].Rule != rule {
		w.T.Errorf("%s: link %+v, rules %+v, want none by %s", id, x.Link, x.Rules, rule)
	}
}

// persons counts the live leads, contacts and HubSpot contacts.
func (w *World) persons() (leads, contacts, hubspot int) {
	w.T.Helper()
	count := func(object string) int {
		rows, err := w.Org.As(admin).Query("SELECT Id FROM " + object)
		w.must(err)
		return len(rows)
	}
	return count("Lead"), count("Contact"), w.contactCount()
}

// contactCount counts the live contacts of the portal.
func (w *World) contactCount() int {
	w.T.Helper()
	out := w.portalCall("POST", "/crm/v3/objects/contacts/search", map[string]any{"limit": 1})
	return int(out["total"].(float64))
}

func (w *World) wantPersons(leads, contacts, hubspot int) {
	w.T.Helper()
	if l, c, h := w.persons(); l != leads || c != contacts || h != hubspot {
		w.T.Errorf("%d leads, %d contacts, %d HubSpot contacts, want %d, %d, %d", l, c, h, leads, contacts, hubspot)
	}
}

// again lets time pass and syncs.
func (w *World) again() engine.Result {
	w.T.Helper()
	w.Advance(3 * time.Second)
	return w.Sync()
}

// wantStill fails where a sync with nothing changed writes anything.
func (w *World) wantStill(t *testing.T) {
	t.Helper()
	w.again()
	at, before := w.Now(), len(w.Portal.Ledger())
	w.again()
	if n := len(w.Portal.Ledger()) - before; n != 0 {
		t.Errorf("%d property writes in a portal where nothing changed: %+v", n, w.Portal.Ledger()[before:])
	}
	for _, e := range w.Org.Ledger() {
		if e.Client == w.client() && !e.Time.Before(at) {
			t.Errorf("a write in an org where nothing changed: %+v", e)
		}
	}
}

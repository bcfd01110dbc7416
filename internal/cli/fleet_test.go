package cli

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/fleet"
	"tandem/internal/store"
	"tandem/internal/store/storetest/pgtest"
)

// onPostgres moves the rig to a PostgreSQL store.
func (r *rig) onPostgres(t *testing.T) {
	t.Helper()
	address := pgtest.Address(t)
	r.edit(func(f *config.File) { f.Store = address })
}

// workers are the workers that status tells of.
func (r *rig) workers() []workerView {
	_, out, _ := r.run("status", "--json")
	return lastJSON[statusView](r.t, out).Workers
}

// A webhook may arrive at a worker that does not work on the connection: it checks the
// signature, and whoever works on the connection is told.
func TestAnyWorkerTakesWebhooks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.onPostgres(t)
	info := r.sims.portal.Info()
	proxy := newProxy(t)
	r.edit(func(f *config.File) {
		c := &f.Connections[0]
		c.HubSpot.Events = config.HubSpotEvents{Webhooks: &config.Webhooks{PublicURL: proxy.URL, AppID: "1", ClientSecret: config.Secret(info.ClientSecret)}}
		c.PollEvery = config.Duration(time.Hour) // nothing but the webhook can bring the change in time
	})
	r.must(0, "import", "company")
	l := r.someLink()
	r.serve()
	eventually(t, "the first worker works on the connection", func() bool {
		return slices.ContainsFunc(r.workers(), func(w workerView) bool { return len(w.WorksOn) == 1 })
	})
	address, _ := r.serve()
	proxy.to(address)
	if code, _ := post(t, address+webhookRoot+"simulated", "[]"); code != http.StatusUnauthorized {
		t.Errorf("an unsigned delivery answers %d", code)
	}
	if code, _ := post(t, address+webhookRoot+"nobody", "[]"); code != http.StatusNotFound {
		t.Errorf("an unknown connection answers %d", code)
	}
	r.sims.portal.Subscribe(proxy.URL+webhookRoot+"simulated", "", 0)
	if err := r.sims.portal.As("").Update("companies", l.HubSpot, map[string]string{"description": "told by webhook"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the webhook's change reaches Salesforce", func() bool {
		return r.sims.org.As("admin").Get("Account", l.Salesforce)["Description"] == "told by webhook"
	})
	if on := r.workers(); len(on) != 2 || len(on[0].WorksOn)+len(on[1].WorksOn) != 1 {
		t.Errorf("workers %+v, want one that works and one that stands by", on)
	}
}

// A verb beside a fleet is carried out by whoever works on the connection, and a worker
// that stops gives it back at once.
func TestVerbsBesideAFleet(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.onPostgres(t)
	r.edit(func(f *config.File) { f.Fleet.Lease = config.Duration(5 * time.Minute) })
	_, stop := r.serve()
	r.must(0, "import", "company")
	r.serve()
	if code := stop(); code != exitDone {
		t.Errorf("a worker that is stopped ends with %d", code)
	}
	r.must(0, "sync", "--once")
	r.must(0, "pause")
	r.must(0, "resume")
}

// Connections that share an org or a portal, also by way of a third, are one group.
func TestGroups(t *testing.T) {
	connection := func(name, org, portal string) config.Connection {
		return config.Connection{Name: name, Salesforce: config.Salesforce{OrgID: org}, HubSpot: config.HubSpot{PortalID: portal}}
	}
	s, err := store.Open(t.Context(), "sqlite::memory:", store.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := (&app{now: time.Now}).newWorld(&config.File{Connections: []config.Connection{
		connection("d", "org4", "portal4"), connection("a", "org1", "portal1"), connection("c", "org3", "portal3"),
		connection("b", "org2", "portal1"), connection("e", "org3", "portal2"), connection("f", "org2", "portal2")}}, s)
	got, err := w.groups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := []fleet.Group{{"a", "b", "c", "e", "f"}, {"d"}}; !slices.EqualFunc(got, want, slices.Equal[fleet.Group]) {
		t.Errorf("groups %v, want %v", got, want)
	}
	another := connection("g", "org4", "portal9")
	another.Complete()
	body, err := config.AddedText(another)
	if err == nil {
		err = s.Update(t.Context(), func(tx *store.Tx) error {
			return tx.AdditionPut(store.Addition{Kind: store.AddedConnection, Name: "g", By: "ada", Body: body})
		})
	}
	same, stop := w.untilTurned(t.Context())
	defer stop()
	if err = errors.Join(err, w.refresh(t.Context())); err != nil {
		t.Fatal(err)
	}
	<-same.Done() // work in the fleet begins anew
	if got, err = w.groups(t.Context()); err != nil || !slices.Equal(got[1], fleet.Group{"d", "g"}) {
		t.Errorf("with one that was added at the console: groups %v, %v", got, err)
	}
}

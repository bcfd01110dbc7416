package hubspot

import (
	"io"
	"log"
	"net/http/httptest"
	"strconv"
	"testing"

	"tandem/sim/clients"
	"tandem/sim/hubspotsim"
)

// world is a portal that is served on loopback.
type world struct {
	t      *testing.T
	portal *hubspotsim.Portal
	info   hubspotsim.Info
	person hubspotsim.Door
	env    map[string]string
}

// serve starts a portal whose search follows at once, unless the options say
// otherwise.
func serve(t *testing.T, o hubspotsim.Options) *world {
	t.Helper()
	clients.Installed(t)
	o.Seed = 5
	if o.IndexLag == 0 {
		o.IndexLag = -1
	}
	portal := hubspotsim.New(o)
	t.Cleanup(portal.Close)
	server := httptest.NewUnstartedServer(portal)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	w := &world{t: t, portal: portal, info: portal.Info(), person: portal.As("ada")}
	w.env = map[string]string{"PORTAL_URL": server.URL, "TOKEN": w.info.IntegrationToken, "ADMIN_TOKEN": w.info.AdminToken,
		"PORTAL_ID": w.info.PortalID, "APP_ID": strconv.Itoa(w.info.AppID), "CLIENT_ID": w.info.ClientID, "CLIENT_SECRET": w.info.ClientSecret,
		"REFRESH_TOKEN": w.info.RefreshToken}
	return w
}

// run runs a script and decodes what it found.
func (w *world) run(script string, found any) {
	w.t.Helper()
	clients.Node(w.t, script, w.env, found)
}

// want fails unless a live record has a value.
func (w *world) want(objectType, id, property, value string) {
	w.t.Helper()
	got, live := w.person.Get(objectType, id)
	if !live || got[property] != value {
		w.t.Errorf("%s %s: %s is %q (live %v), want %q", objectType, id, property, got[property], live, value)
	}
}

// gone fails unless a record is archived, merged or erased.
func (w *world) gone(objectType, id string) {
	w.t.Helper()
	if _, live := w.person.Get(objectType, id); live {
		w.t.Errorf("%s %s still lives", objectType, id)
	}
}

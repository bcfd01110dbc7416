package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// simOptions say what org and portal to simulate and where they listen.
type simOptions struct {
	seed                         uint64
	limits                       bool
	latency                      [2]time.Duration // of the org and of the portal
	listen, pubsubListen, portal string
	webhooks                     string
}

// simulators are an org and a portal on loopback ports.
type simulators struct {
	org                *salesforcesim.Org
	portal             *hubspotsim.Portal
	orgNet, busNet     net.Listener
	portalNet          net.Listener
	orgHTTP, portalWeb *http.Server
	behind             atomic.Int64 // how far the clocks of both are behind
}

// simLedger is how many writes each side can tell of; older ones are counted only.
const simLedger = 1_000_000

// newSimulators makes both and takes their ports; they answer once serve runs.
func newSimulators(o simOptions) (*simulators, error) {
	s := &simulators{}
	for _, l := range []struct {
		to *net.Listener
		at string
	}{{&s.orgNet, o.listen}, {&s.busNet, o.pubsubListen}, {&s.portalNet, o.portal}} {
		var err error
		if *l.to, err = net.Listen("tcp", orElse(l.at, "127.0.0.1:0")); err != nil {
			s.closeListeners()
			return nil, usage("listen on "+l.at+": "+err.Error(), "choose another port; :0 takes a free one")
		}
	}
	now := func() time.Time { return time.Now().Add(-time.Duration(s.behind.Load())) }
	s.org = salesforcesim.New(salesforcesim.Options{Now: now, Seed: o.seed, Limits: o.limits, Latency: o.latency[0], LedgerCap: simLedger})
	s.portal = hubspotsim.New(hubspotsim.Options{Now: now, Seed: o.seed, Limits: o.limits, Latency: o.latency[1], LedgerCap: simLedger})
	if o.webhooks != "" {
		s.portal.Subscribe(o.webhooks, "", 0)
	}
	quiet := log.New(io.Discard, "", 0) // connections that a fault breaks are meant to break
	s.orgHTTP = &http.Server{Handler: s.org, ErrorLog: quiet, ReadHeaderTimeout: time.Minute, Protocols: new(http.Protocols)}
	s.orgHTTP.Protocols.SetHTTP1(true)
	s.orgHTTP.Protocols.SetUnencryptedHTTP2(true) // gRPC on the org's own port
	s.portalWeb = &http.Server{Handler: s.portal, ErrorLog: quiet, ReadHeaderTimeout: time.Minute}
	return s, nil
}

func (s *simulators) closeListeners() {
	for _, l := range []net.Listener{s.orgNet, s.busNet, s.portalNet} {
		if l != nil {
			_ = l.Close()
		}
	}
}

// serve answers until ctx ends.
func (s *simulators) serve(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	bus := s.org.GRPC()
	g.Go(func() error { return served(s.orgHTTP.Serve(s.orgNet)) })
	g.Go(func() error { return served(s.portalWeb.Serve(s.portalNet)) })
	g.Go(func() error { return served(bus.Serve(s.busNet)) })
	g.Go(func() error {
		<-ctx.Done()
		s.portal.Close()
		bus.Stop()
		_ = s.portalWeb.Close()
		return s.orgHTTP.Close()
	})
	return g.Wait()
}

// served is nil for a server that was told to stop.
func served(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, grpc.ErrServerStopped) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func httpURL(l net.Listener) string { return "http://" + l.Addr().String() }

// simInfo is the line that tells a program where the simulators are and as whom
// to edit records as a person.
type simInfo struct {
	Salesforce struct {
		URL        string `json:"url"`
		PubSub     string `json:"pubsub"`
		OrgID      string `json:"org_id"`
		AdminToken string `json:"admin_token"`
		Username   string `json:"username"`
		// ClientID and ClientSecret are those of the integration's own app.
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	} `json:"salesforce"`
	HubSpot struct {
		URL        string `json:"url"`
		PortalID   string `json:"portal_id"`
		AdminToken string `json:"admin_token"`
		// Token is the integration's own, the journal pair that of its app.
		Token         string `json:"token"`
		JournalID     string `json:"journal_client_id"`
		JournalSecret string `json:"journal_client_secret"`
		// ClientID and ClientSecret are those of an app that a person allows in the browser.
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	} `json:"hubspot"`
}

func (s *simulators) info() (i simInfo) {
	org, portal := s.org.Info(), s.portal.Info()
	i.Salesforce.URL, i.Salesforce.PubSub = httpURL(s.orgNet), httpURL(s.busNet)
	i.Salesforce.OrgID, i.Salesforce.AdminToken, i.Salesforce.Username = org.OrgID, org.AdminToken, org.AdminUsername
	i.Salesforce.ClientID, i.Salesforce.ClientSecret = org.IntegrationClientID, org.IntegrationClientSecret
	i.HubSpot.Token, i.HubSpot.JournalID, i.HubSpot.JournalSecret = portal.IntegrationToken, portal.JournalClientID, portal.JournalClientSecret
	i.HubSpot.ClientID, i.HubSpot.ClientSecret = portal.ClientID, portal.ClientSecret
	i.HubSpot.URL, i.HubSpot.PortalID, i.HubSpot.AdminToken = httpURL(s.portalNet), portal.PortalID, portal.AdminToken
	return i
}

// sampleAge is how old the sample is when it is there: clearly older than the switch of a
// connection that is made next, though clocks are compared by whole seconds, and than what
// polls look back for.
const sampleAge = time.Hour

// loadSample gives both sides the built-in sample records.
func (s *simulators) loadSample(seed uint64) {
	s.behind.Store(int64(sampleAge))
	s.org.LoadSample(seed)
	s.portal.LoadSample(seed)
	s.behind.Store(0)
	s.portal.Advance(0) // does what fell due meanwhile
}

// load takes the exports of a folder: those of the sub-folders salesforce and
// hubspot, or those that their names tell apart. It returns what was left out.
func (s *simulators) load(dir string) (notes []string, err error) {
	folders, done, err := exportFolders(dir)
	if err != nil {
		return nil, err
	}
	defer done()
	if folders[0] != "" {
		r, err := s.org.Load(folders[0])
		if err != nil {
			return nil, refused(err.Error(), "nothing was loaded; correct the file and start again")
		}
		notes = append(notes, r.Notes...)
	}
	if folders[1] != "" {
		r, err := s.portal.Load(folders[1])
		if err != nil {
			return nil, refused(err.Error(), "nothing is kept; correct the file and start again")
		}
		notes = append(notes, r.Notes...)
	}
	return notes, nil
}

// exportFolders are a folder of Salesforce exports and one of HubSpot exports,
// blank where there is none.
func exportFolders(dir string) (out [2]string, done func(), err error) {
	done = func() {}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return out, done, usage("load "+dir+": there is no such folder", "name a folder with exports of Salesforce (Account.csv, Contact.csv …) or HubSpot (companies.csv, contacts.csv, deals.csv)")
	}
	subs := [2]string{filepath.Join(dir, "salesforce"), filepath.Join(dir, "hubspot")}
	for i, sub := range subs {
		if st, err := os.Stat(sub); err == nil && st.IsDir() {
			out[i] = sub
		}
	}
	if out != [2]string{} {
		return out, done, nil
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	if err != nil || len(files) == 0 {
		return out, done, usage("load "+dir+": there is no .csv file in it", "name a folder with exports of Salesforce (Account.csv, Contact.csv …) or HubSpot (companies.csv, contacts.csv, deals.csv)")
	}
	return splitExports(files)
}

// splitExports copies the files of a mixed folder into one folder a side.
func splitExports(files []string) (out [2]string, done func(), err error) {
	tmp, err := os.MkdirTemp("", "tandem-load-")
	if err != nil {
		return out, func() {}, fmt.Errorf("load exports: %w", err)
	}
	done = func() { _ = os.RemoveAll(tmp) }
	for _, file := range files {
		side := 0
		if ofHubSpot(filepath.Base(file)) {
			side = 1
		}
		out[side] = filepath.Join(tmp, [2]string{"salesforce", "hubspot"}[side])
		if err := copyInto(out[side], file); err != nil {
			done()
			return out, func() {}, err
		}
	}
	return out, done, nil
}

// ofHubSpot tells HubSpot's exports, which carry the objects' plural names, from
// Salesforce's, which carry API names.
func ofHubSpot(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "companies") || strings.Contains(name, "contacts") || strings.Contains(name, "deals") || strings.Contains(name, "hubspot")
}

func copyInto(dir, file string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("load exports: %w", err)
	}
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, filepath.Base(file)), text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("load exports: %w", err)
	}
	return nil
}

package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/connector/hubspot"
	"tandem/internal/connector/pace"
	"tandem/internal/core"
	"tandem/internal/store"
)

// Salesforce lets 25 calls run at once that take longer than 20 seconds (API
// request limits); five are left to others. Its longest request takes ten
// minutes.
const (
	salesforceConcurrent = 20
	salesforceTimeout    = 11 * time.Minute
)

// accounts are the orgs and portals in use, each with one pace for all of its
// connections: burst limits and daily shares belong to the account.
type accounts struct {
	now    func() time.Time
	mu     sync.Mutex
	pacers map[string]*pacer
	fresh  func() error // says why no call may begin now; nil where calls always may
	books  sync.Mutex   // one at a time keeps counts or takes them up again
}

// pacer is one account's paced transport and the connection whose row keeps its
// count of calls.
type pacer struct {
	*pace.Transport
	side     core.Side
	row      store.Connection
	shares   map[int64]int // of the account's calls, by connection; 0 for no limit
	restored bool
	kept     string // the counts as last stored
}

func newAccounts(now func() time.Time) *accounts {
	return &accounts{now: now, pacers: map[string]*pacer{}}
}

func (a *accounts) salesforce(c config.Connection, row store.Connection) http.RoundTripper {
	id := accountKey(row.Accounts[core.Salesforce], c.Salesforce.OrgID, c.Salesforce.LoginURL)
	reach := connector.NewDialer(core.Salesforce, salesforceHosts(c.Salesforce)...)
	return a.pacer("salesforce/"+id, row, pace.Config{Base: transport(reach), Side: core.Salesforce, MaxConcurrent: salesforceConcurrent, Timeout: salesforceTimeout, DailyCalls: c.AllocatedCalls(core.Salesforce)})
}

func (a *accounts) hubspot(c config.Connection, row store.Connection) http.RoundTripper {
	id := accountKey(row.Accounts[core.HubSpot], c.HubSpot.PortalID, c.HubSpot.BaseURL+"/"+c.Name)
	reach := connector.NewDialer(core.HubSpot, append(proxies(), c.HubSpot.BaseURL)...)
	return a.pacer("hubspot/"+id, row, pace.Config{Base: transport(reach), Side: core.HubSpot, Classify: hubspot.Classify, Limits: hubspot.Limits(), Share: c.HubSpot.BurstShare, DailyCalls: c.AllocatedCalls(core.HubSpot)})
}

// accountKey names an account: by the pinned id, the id in the settings, or for
// a first connection by where it is reached.
func accountKey(pinned, given, address string) string {
	id := cmp.Or(pinned, given, address)
	if len(id) == 18 {
		id = id[:15] // an org's id with or without its checksum
	}
	return id
}

func (a *accounts) pacer(account string, row store.Connection, cfg pace.Config) *pacer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.pacers[account] == nil {
		cfg.Now, cfg.Base = a.now, whileFresh{RoundTripper: cfg.Base, side: cfg.Side, fresh: a.fresh}
		a.pacers[account] = &pacer{Transport: pace.New(cfg), side: cfg.Side, row: row, shares: map[int64]int{}}
	}
	a.pacers[account].share(row.ID, cfg.DailyCalls)
	return a.pacers[account]
}

// share takes up what a connection's settings allot of the account's calls by now. Of
// several connections the smallest number counts.
func (p *pacer) share(connection int64, calls int) {
	p.shares[connection] = calls
	least := 0
	for _, n := range p.shares {
		if n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	p.Allot(least)
}

// whileFresh holds back the calls of a worker of a fleet that may have been taken for dead
// while it stood still. It asks at the last moment, since calls wait for their turn.
type whileFresh struct {
	http.RoundTripper
	side  core.Side
	fresh func() error
}

// RoundTrip sends, or refuses with an error that says that nothing was sent.
func (t whileFresh) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.fresh == nil {
		return t.RoundTripper.RoundTrip(req)
	}
	if err := t.fresh(); err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // the RoundTripper's duty
		}
		return nil, &connector.Error{Side: t.side, Class: core.ClassTransient, Code: connector.CodeStopped, Message: "this call was held back", Err: err}
	}
	return t.RoundTripper.RoundTrip(req)
}

// all lists the pacers by the names of their accounts.
func (a *accounts) all() []*pacer {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []*pacer
	for _, name := range slices.Sorted(maps.Keys(a.pacers)) {
		out = append(out, a.pacers[name])
	}
	return out
}

// transport is a fresh HTTP transport with enough idle connections for the
// workers.
func transport(reach *connector.Dialer) http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost, t.DialContext = 64, 32, reach.DialContext
	return t
}

func salesforceHosts(s config.Salesforce) []string {
	out := append(proxies(), s.LoginURL)
	if s.Auth.AccessToken != nil {
		out = append(out, s.Auth.AccessToken.InstanceURL)
	}
	return out
}

// proxies are those that the environment names, which may be inside the own network.
func proxies() (out []string) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		out = append(out, os.Getenv(name))
	}
	return out
}

// callsCursor is the name under which a connection keeps the hourly counts of
// calls to its side.
const callsCursor = "calls"

// saveCallsEvery is how old the counts may be that other processes read.
const saveCallsEvery = 2 * time.Second

// saveCalls keeps the hourly counts of all accounts where they changed, so that a
// restart does not forget what was used of the daily share.
func (w *world) saveCalls(ctx context.Context) error {
	w.accounts.books.Lock()
	defer w.accounts.books.Unlock()
	for _, p := range w.accounts.all() {
		if !p.restored {
			continue // it does not know yet what was used before
		}
		value, err := json.Marshal(p.Snapshot())
		if err != nil {
			return fmt.Errorf("keep count of calls: %w", err)
		}
		if string(value) == p.kept {
			continue
		}
		err = w.store.Update(ctx, func(tx *store.Tx) error {
			return tx.CursorSet(p.row.ID, p.side, callsCursor, string(value))
		})
		if err != nil {
			return fmt.Errorf("keep count of calls: %w", err)
		}
		p.kept = string(value)
	}
	return nil
}

// restoreCalls gives new accounts the counts that an earlier process kept.
func (w *world) restoreCalls(ctx context.Context) error {
	w.accounts.books.Lock()
	defer w.accounts.books.Unlock()
	for _, p := range w.accounts.all() {
		if p.restored {
			continue
		}
		bins, err := keptCalls(ctx, w.store, p.side, p.row)
		if err != nil {
			return fmt.Errorf("read count of calls: %w", err)
		}
		p.Restore(bins)
		p.restored = true
	}
	return nil
}

// keptCalls are the counts of an account. Any of its connections may have kept
// them; the newest stand.
func keptCalls(ctx context.Context, s *store.Store, side core.Side, of store.Connection) (bins []pace.Bin, err error) {
	err = s.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Connections()
		if err != nil {
			return err
		}
		var newest store.Cursor
		for _, r := range rows {
			if r.ID != of.ID && (of.Accounts[side] == "" || r.Accounts[side] != of.Accounts[side]) {
				continue
			}
			c, ok, err := tx.Cursor(r.ID, side, callsCursor)
			if err != nil {
				return err
			}
			if ok && c.At.After(newest.At) {
				newest = c
			}
		}
		if newest.Value == "" {
			return nil
		}
		return json.Unmarshal([]byte(newest.Value), &bins)
	})
	return bins, err
}

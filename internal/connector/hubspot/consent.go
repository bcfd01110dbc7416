package hubspot

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// Communication preferences hang off the address, not off a contact (communication
// preferences guide). Batches are Marketing Hub Enterprise's: other portals answer 403.
const (
	statusesPath = "/communication-preferences/v4/statuses"
	allPath      = "unsubscribe-all"
	optedOut     = "UNSUBSCRIBED"
	optedIn      = "SUBSCRIBED"
)

// byEmail is the channel that every call names.
var byEmail = url.Values{"channel": {"EMAIL"}}

// wireStatus is what an address said to one subscription type, or to all of them.
type wireStatus struct {
	Address string `json:"subscriberIdString"`
	Wide    string `json:"wideStatusType"`
	Status  string `json:"status"`
	Source  string `json:"source"`
	Basis   string `json:"legalBasis"`
	At      text   `json:"timestamp"`
}

// wireStatuses answers for one address with the statuses themselves, and for a batch
// with a list of them for each address.
type wireStatuses struct {
	Results []struct {
		wireStatus
		Each []wireStatus `json:"statuses"`
		All  []wireStatus `json:"wideStatuses"`
	} `json:"results"`
}

func (w *wireStatuses) whole() bool { return w.Results != nil }

// byAddress are the statuses of each address, in lower case; asked is the one that was
// asked about where the answer names none.
func (w *wireStatuses) byAddress(asked string) map[string][]wireStatus {
	out := map[string][]wireStatus{}
	for _, r := range w.Results {
		address := strings.ToLower(cmp.Or(r.Address, asked))
		each := append(slices.Clone(r.Each), r.All...)
		if r.Status != "" {
			each = append(each, r.wireStatus)
		}
		out[address] = append(out[address], each...)
	}
	return out
}

// Consents asks what addresses say, past the contacts' properties, which lag. An
// address that HubSpot knows nothing of is not opted out. The error of an app that may
// not ask is of class rejected: no other work depends on it.
func (c *Client) Consents(ctx context.Context, addresses []string) (map[string]core.ConsentStatus, error) {
	out := make(map[string]core.ConsentStatus, len(addresses))
	var open []string
	for batch := range slices.Chunk(addresses, batchSize) {
		wide, at, err := c.statuses(ctx, batch, allPath)
		if err != nil {
			return nil, err
		}
		for _, a := range batch {
			if out[a] = wideStatus(wide[strings.ToLower(a)], at); !out[a].Out {
				open = append(open, a)
			}
		}
	}
	for batch := range slices.Chunk(open, batchSize) {
		each, _, err := c.statuses(ctx, batch, "")
		if err != nil {
			return nil, err
		}
		for _, a := range batch {
			out[a] = latestBack(each[strings.ToLower(a)])
		}
	}
	return out, nil
}

// wideStatus is the opt-out of everything; a business unit's counts as one.
func wideStatus(all []wireStatus, asked time.Time) (s core.ConsentStatus) {
	for _, w := range all {
		if w.Status != optedOut {
			continue
		}
		at := parseTime(string(w.At))
		if at.IsZero() {
			at = asked.Add(time.Second) // a Date has whole seconds
		}
		if s.Out = true; at.After(s.At) {
			s.At = at
		}
	}
	return s
}

// latestBack is the latest subscription to any type.
func latestBack(each []wireStatus) (s core.ConsentStatus) {
	for _, w := range each {
		if at := parseTime(string(w.At)); w.Status == optedIn && at.After(s.Back) {
			s.Back, s.Source, s.Basis = at, w.Source, w.Basis
		}
	}
	return s
}

// statuses reads one kind of status of addresses, and when the portal answered: in one
// call where its tier has batches, which only its answer tells.
func (c *Client) statuses(ctx context.Context, addresses []string, kind string) (map[string][]wireStatus, time.Time, error) {
	out := map[string][]wireStatus{}
	var at time.Time
	if len(addresses) > 1 && !c.noBatches.Load() {
		var w wireStatuses
		a, err := c.call(ctx, request{method: http.MethodPost, path: batchPath(kind, "read"), query: byEmail, body: wireAddresses{addresses}}, &w)
		switch {
		case err == nil: // a batch may be answered in part: who is not named is asked alone
			out, at = w.byAddress(""), a.at
			addresses = unnamed(addresses, out)
		case !c.refusesBatch(err):
			return nil, at, scopeError(err)
		}
	}
	for _, address := range addresses {
		var w wireStatuses
		a, err := c.call(ctx, request{method: http.MethodGet, path: onePath(address, kind), query: byEmail}, &w)
		if err != nil {
			return nil, at, scopeError(err)
		}
		at = a.at
		out[strings.ToLower(address)] = w.byAddress(address)[strings.ToLower(address)]
	}
	return out, at, nil
}

// unnamed are the addresses that an answer says nothing of.
func unnamed(addresses []string, said map[string][]wireStatus) []string {
	return slices.DeleteFunc(slices.Clone(addresses), func(a string) bool { _, named := said[strings.ToLower(a)]; return named })
}

type wireAddresses struct {
	Inputs []string `json:"inputs"`
}

func onePath(address, kind string) string {
	if kind == "" {
		return pathOf(statusesPath, address)
	}
	return pathOf(statusesPath, address, kind)
}

func batchPath(segments ...string) string {
	return pathOf(statusesPath, append([]string{"batch"}, slices.DeleteFunc(segments, func(s string) bool { return s == "" })...)...)
}

// refusesBatch notes that the portal has no batches, or the app not the scope for them.
func (c *Client) refusesBatch(err error) bool {
	e := asError(err)
	refused := e != nil && e.Class == core.ClassAuth && e.Code == categoryScopes
	if refused {
		c.noBatches.Store(true)
	}
	return refused
}

// scopeError makes the refusal of a missing scope that of the call alone: everything
// but consent goes on without it.
func scopeError(err error) error {
	if e := asError(err); e != nil && e.Class == core.ClassAuth && e.Code == categoryScopes {
		e.Class = core.ClassRejected
	}
	return err
}

// unsubscribe opts addresses out of everything.
func (w *writing) unsubscribe(ctx context.Context, batch []job) {
	query := url.Values{"channel": byEmail["channel"], "verbose": {"true"}}
	if len(batch) > 1 && !w.c.noBatches.Load() {
		in := wireAddresses{}
		for _, j := range batch {
			in.Inputs = append(in.Inputs, j.op.UniqueValue)
		}
		var out wireStatuses
		a, err := w.c.call(ctx, request{method: http.MethodPost, path: batchPath(allPath), query: query, body: in}, &out)
		switch {
		case err == nil: // in part, perhaps: who is not named is told alone
			said := out.byAddress("")
			var named, rest []job
			for _, j := range batch {
				if _, ok := said[strings.ToLower(j.op.UniqueValue)]; ok {
					named = append(named, j)
				} else {
					rest = append(rest, j)
				}
			}
			w.told(named, said, a.at)
			batch = rest
		case w.c.refusesBatch(err):
		case w.settleCall(batch, err):
			w.divide(ctx, batch, err)
			return
		default:
			return
		}
	}
	for _, j := range batch {
		w.unsubscribeOne(ctx, j, query)
	}
}

func (w *writing) unsubscribeOne(ctx context.Context, j job, query url.Values) {
	one := []job{j}
	if w.stopped != nil {
		w.reject(one, w.stopped)
		return
	}
	var out wireStatuses
	a, err := w.c.call(ctx, request{method: http.MethodPost, path: onePath(j.op.UniqueValue, allPath), query: query}, &out)
	if err == nil {
		w.told(one, out.byAddress(j.op.UniqueValue), a.at)
		return
	}
	if w.settleCall(one, scopeError(err)) {
		w.refuse(j, err)
	}
}

// told settles unsubscribes by what the portal says of each address since: its own
// times, or that of the answer where it tells none.
func (w *writing) told(batch []job, said map[string][]wireStatus, at time.Time) {
	w.answered = true
	for _, j := range batch {
		s := wideStatus(said[strings.ToLower(j.op.UniqueValue)], at)
		if s.At.IsZero() {
			s.At = at.Add(time.Second)
		}
		w.set(j, core.Outcome{Status: core.Applied, ID: j.op.Target.ID, Stamp: s.At})
	}
}

// ConsentScopes asks whether the app may read statuses, and what it may not otherwise.
// Whether it may write them no reading tells; the token's own scopes do, where the
// portal names them: missing lists the needed ones that are not among them.
func (c *Client) ConsentScopes(ctx context.Context) (missing []string, err error) {
	var w struct {
		Results []struct{} `json:"results"`
	}
	if _, err := c.call(ctx, request{method: http.MethodGet, path: "/communication-preferences/v4/definitions"}, &w); err != nil {
		return nil, scopeError(err)
	}
	scopes := c.knownApp(ctx).scopes
	if scopes == nil || slices.Contains(scopes, "communication_preferences.read_write") {
		return nil, nil
	}
	for _, need := range []string{"communication_preferences.read", "communication_preferences.write"} {
		if !slices.Contains(scopes, need) {
			missing = append(missing, need)
		}
	}
	return missing, nil
}

var _ connector.ConsentKeeper = (*Client)(nil)

package hubspot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

const (
	journalRoot    = "/webhooks-journal/"
	journalEntries = journalRoot + "journal/2026-03"
	// journalBatch entries are fetched at once, journalWait lies between two
	// looks at an empty journal.
	journalBatch = 50
	journalWait  = 300 * time.Millisecond
	// downloadsAhead entries are downloaded while earlier ones are stored: an
	// entry has an address of its own, and a busy hour makes hundreds.
	downloadsAhead = 4
	// idleEvery is how often a reader who has come to the end is told that nothing
	// newer is there.
	idleEvery = 15 * time.Second
	// journalKept is how long entries are kept (webhooks journal guide).
	journalKept = 72 * time.Hour
	// emptyMark is the position in a journal that had no entry yet, with the
	// time in ms.
	emptyMark = "empty:"
)

// Listen follows the webhooks journal. A position is the offset of the last
// entry stored. Without journal credentials it says CodeUnsupported: the portal
// is polled then, or pushes webhooks.
func (c *Client) Listen(ctx context.Context, position string, emit func(context.Context, connector.Events) error) error {
	if c.journal == nil {
		return unsupported("listen to hubspot: no journal credentials are configured")
	}
	if err := c.subscribe(ctx); err != nil {
		return err
	}
	c.knownApp(ctx) // so that our own changes can be told
	l := &listening{c: c, position: position, emit: emit}
	if position == "" {
		if err := l.start(ctx); err != nil {
			return err
		}
	}
	for told := (time.Time{}); ; {
		n, err := l.next(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			told = time.Time{}
			continue
		}
		if now := c.cfg.Now(); now.Sub(told).Abs() >= idleEvery { // whoever reads up to the present can stop here
			if err := l.idle(ctx); err != nil {
				return err
			}
			told = now
		}
		if err := connector.Pause(ctx, journalWait); err != nil {
			return err
		}
	}
}

// idle says that nothing newer is there.
func (l *listening) idle(ctx context.Context) error {
	clock, _ := l.c.clock.read()
	return l.emit(ctx, connector.Events{Position: l.position, Clock: clock})
}

type listening struct {
	c        *Client
	position string
	emit     func(context.Context, connector.Events) error
}

type wireFetched struct {
	URL     string `json:"url"`
	Current string `json:"currentOffset"`
}

// start takes the journal's end as the position and has it stored.
func (l *listening) start(ctx context.Context) error {
	var w wireFetched
	a, err := l.c.journalCall(ctx, request{method: http.MethodGet, path: journalEntries + "/latest"}, &w)
	if err != nil && connector.ClassOf(err) != core.ClassGone {
		return err
	}
	clock := a.at
	if clock.IsZero() {
		clock, _ = l.c.clock.read()
	}
	l.position = cmp.Or(w.Current, emptyMark+strconv.FormatInt(clock.UnixMilli(), 10))
	return l.emit(ctx, connector.Events{Position: l.position, Clock: clock})
}

// journalCall reads the journal; 204 leaves out as it is.
func (c *Client) journalCall(ctx context.Context, r request, out any) (answer, error) {
	r.tokens = c.journal
	portal, err := c.portal(ctx)
	if err != nil {
		return answer{}, err
	}
	if r.method == http.MethodGet && strings.HasPrefix(r.path, journalEntries) {
		r.query = url.Values{"installPortalId": {portal}}
	}
	a, err := c.authorized(ctx, r)
	if err != nil || a.status == http.StatusNoContent {
		return a, err
	}
	return a, c.decode(a, out)
}

// next fetches and stores the entries behind the position and gives their number.
func (l *listening) next(ctx context.Context) (int, error) {
	path, err := l.nextPath()
	if err != nil {
		return 0, err
	}
	var w struct {
		Results []wireFetched `json:"results"`
	}
	_, err = l.c.journalCall(ctx, request{method: http.MethodGet, path: path}, &w)
	if connector.ClassOf(err) == core.ClassGone {
		return 0, positionLost("the journal no longer knows the stored position; it keeps entries for 3 days")
	}
	if err != nil {
		return 0, err
	}
	return len(w.Results), l.deliverAll(ctx, w.Results)
}

// deliverAll stores entries in their order and downloads those that follow
// meanwhile.
func (l *listening) deliverAll(ctx context.Context, entries []wireFetched) error {
	ctx, cancel := context.WithCancel(ctx)
	ahead := make([]chan downloaded, len(entries))
	var downloads sync.WaitGroup
	defer downloads.Wait()
	defer cancel()
	begun := 0
	for i, f := range entries {
		for ; begun < min(i+downloadsAhead, len(entries)); begun++ {
			into, address := make(chan downloaded, 1), entries[begun].URL
			ahead[begun] = into
			downloads.Go(func() { into <- l.c.download(ctx, address) })
		}
		if err := l.deliver(ctx, f, <-ahead[i]); err != nil {
			return err
		}
		ahead[i] = nil
	}
	return nil
}

func (l *listening) nextPath() (string, error) {
	mark, empty := strings.CutPrefix(l.position, emptyMark)
	if !empty {
		return pathOf(journalEntries+"/batch", l.position, "next", strconv.Itoa(journalBatch)), nil
	}
	ms, err := strconv.ParseInt(mark, 10, 64)
	now, known := l.c.clock.read()
	if err != nil || (known && now.Sub(time.UnixMilli(ms)) >= journalKept) {
		return "", positionLost("the position is from an empty journal more than 3 days ago")
	}
	return pathOf(journalEntries+"/batch/earliest", strconv.Itoa(journalBatch)), nil
}

func positionLost(message string) error {
	return &connector.Error{Side: core.HubSpot, Class: core.ClassStale, Code: connector.CodePositionLost, Message: message,
		Mend: "the portal is compared as a whole, then followed from now"}
}

// wireEntry is a journal entry as downloaded.
type wireEntry struct {
	Events    []json.RawMessage `json:"journalEvents"`
	Published string            `json:"publishedAt"`
}

// downloaded is an entry or what kept it from being read, with the server's time.
type downloaded struct {
	entry wireEntry
	at    time.Time
	err   error
}

// deliver has the events of one entry stored with its offset.
func (l *listening) deliver(ctx context.Context, f wireFetched, d downloaded) error {
	if f.Current == "" || f.Current == l.position {
		return &connector.Error{Side: core.HubSpot, Class: core.ClassTransient, Code: connector.CodeNotJSON,
			RetryAt: l.c.cfg.Now().Add(serverPause), Message: "the journal gave an entry without a new offset"}
	}
	if d.err != nil {
		return d.err
	}
	portal, err := l.c.portal(ctx)
	if err != nil {
		return err
	}
	out := connector.Events{Position: f.Current, Clock: d.at}
	for _, item := range d.entry.Events {
		out.Events = append(out.Events, journalEvents(item, portal, l.c.ownApp(), l.c.cfg.Events)...)
	}
	if err := l.emit(ctx, out); err != nil {
		return err
	}
	l.position = f.Current
	return nil
}

// download reads an entry from its signed address, without a token.
func (c *Client) download(ctx context.Context, address string) (d downloaded) {
	u, err := url.Parse(address)
	if err != nil || !c.downloadable(u) {
		d.err = &connector.Error{Side: core.HubSpot, Class: core.ClassRejected, Code: connector.CodeForeignHost,
			Message: fmt.Sprintf("the journal names a download host that is not the API's: %q", hostOf(u)),
			Mend:    "add the host to hubspot.events.journal.hosts if it is HubSpot's"}
		return d
	}
	ctx, cancel := context.WithTimeout(ctx, callDeadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		d.err = c.failed(fmt.Errorf("build journal download: %w", err))
		return d
	}
	a, err := c.receive(req)
	if err != nil {
		d.err = expiredLink(err, c.cfg.Now())
		return d
	}
	d.at, d.err = a.at, c.decode(a, &d.entry)
	return d
}

// expiredLink makes a refused download a passing failure: its address lives for
// minutes only, and the next fetch gives a new one.
func expiredLink(err error, now time.Time) error {
	if e := asError(err); e != nil && e.Class != core.ClassTransient {
		again := *e
		again.Class, again.RetryAt = core.ClassTransient, now.Add(serverPause)
		return &again
	}
	return err
}

func hostOf(u *url.URL) string {
	if u == nil {
		return ""
	}
	return u.Host
}

// vendorHosts are the domains that HubSpot serves the API and its files from.
var vendorHosts = []string{".hubapi.com", ".hubspot.com", ".hubspotusercontent.com"}

// downloadable: the API's own host, a configured one, or the vendor's.
func (c *Client) downloadable(u *url.URL) bool {
	if u.User != nil || (u.Scheme != "https" && (u.Scheme != "http" || c.base.Scheme != "http")) {
		return false
	}
	if u.Host == c.base.Host || slices.Contains(c.cfg.Journal.Hosts, u.Host) {
		return true
	}
	return u.Scheme == "https" && strings.HasSuffix(c.base.Hostname(), ".hubapi.com") &&
		slices.ContainsFunc(vendorHosts, func(domain string) bool { return strings.HasSuffix(u.Hostname(), domain) })
}

// wireJournalEvent is one event of an entry. Events beyond the guide's samples
// are read as far as they can be.
type wireJournalEvent struct {
	PortalID   text            `json:"portalId"`
	OccurredAt text            `json:"occurredAt"`
	Action     string          `json:"action"`
	TypeID     string          `json:"objectTypeId"`
	ObjectID   text            `json:"objectId"`
	Changes    map[string]text `json:"propertyChanges"`
	Source     string          `json:"changeSource"`
	SourceID   text            `json:"sourceId"`
	change
}

var journalKinds = map[string]connector.EventKind{
	"CREATE": connector.EventCreate, "UPDATE": connector.EventUpdate, "DELETE": connector.EventDelete,
	"RESTORE": connector.EventUndelete, "MERGE": connector.EventMerge, "GDPR_DELETE": connector.EventPrivacy,
	"ASSOCIATION_ADDED": connector.EventAssociate, removedAction: connector.EventAssociate,
}

const removedAction = "ASSOCIATION_REMOVED"

// journalEvents maps one event. A list membership, a snapshot or an action that
// we do not know is a gap: the record is looked at. One that cannot be read is an
// overflow of the objects given.
func journalEvents(item json.RawMessage, portal, app string, objects []core.Object) []connector.Event {
	var w wireJournalEvent
	if err := json.Unmarshal(item, &w); err != nil {
		return overflow(time.Time{}, objects...)
	}
	if string(w.PortalID) != portal {
		return nil
	}
	object := objectNamed(w.TypeID)
	e := connector.Event{Kind: journalKinds[w.Action], Ref: ref(object, string(w.ObjectID)), At: parseTime(string(w.OccurredAt)),
		Own: ownChange(app, w.Source, string(w.SourceID))}
	switch {
	case e.Kind == connector.EventMerge:
		return w.merges(e)
	case e.Kind == connector.EventAssociate:
		w.Removed = w.Removed || w.Action == removedAction
		return w.association(e, object)
	case e.Ref.ID == "":
		return overflow(e.At, object)
	case e.Kind == "":
		e.Kind = connector.EventGap
	}
	for name, value := range w.Changes {
		if e.Changed == nil {
			e.Changed = make(map[string]string, len(w.Changes))
		}
		e.Changed[name] = string(value)
	}
	return []connector.Event{e}
}

package hubspotsim

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mailEventID names an e-mail event: neither part does alone.
type mailEventID struct {
	ID      string `json:"id"`
	Created int64  `json:"created"`
}

// mailEvent is what became of one marketing e-mail to one address (e-mail events
// API, version 1). What a kind of event does not have is left out.
type mailEvent struct {
	ID        string            `json:"id"`
	Type      string            `json:"type"`
	Created   int64             `json:"created"`
	Recipient string            `json:"recipient"`
	PortalID  int64             `json:"portalId"`
	AppID     int               `json:"appId"`
	AppName   string            `json:"appName,omitempty"`
	Campaign  int64             `json:"emailCampaignId"`
	SentBy    *mailEventID      `json:"sentBy,omitempty"`
	SMTPID    *string           `json:"smtpId"`
	Subject   string            `json:"subject,omitempty"` // of what was sent
	From      string            `json:"from,omitempty"`
	URL       string            `json:"url,omitempty"` // of a click
	Referer   *string           `json:"referer,omitempty"`
	LinkID    *int              `json:"linkId,omitempty"`
	Duration  *int              `json:"duration,omitempty"` // of an open, in ms
	UserAgent string            `json:"userAgent,omitempty"`
	Device    string            `json:"deviceType,omitempty"`
	Browser   map[string]string `json:"browser,omitempty"`
	Location  map[string]string `json:"location,omitempty"`
	Filtered  *bool             `json:"filteredEvent,omitempty"` // of what a reader does
}

func (m *mailEvent) id() mailEventID { return mailEventID{m.ID, m.Created} }

// Marketing e-mail is sent by an app of the vendor's own.
const (
	mailApp     = 113
	mailAppName = "Batch"
)

// mailKinds are the kinds of e-mail events, with the contact properties that
// count and date them.
var mailKinds = map[string]struct{ count, date string }{"SENT": {"", "hs_email_last_send_date"}, "DROPPED": {}, "PROCESSED": {},
	"DELIVERED": {}, "DEFERRED": {}, "BOUNCE": {}, "UNBOUNCE": {}, "PRINT": {}, "FORWARD": {}, "SPAMREPORT": {}, "STATUSCHANGE": {},
	"OPEN": {"hs_email_open", "hs_email_last_open_date"}, "CLICK": {"hs_email_click", "hs_email_last_click_date"}}

// Mail is something that happens to a marketing e-mail.
type Mail struct {
	Email string
	// Kind is SENT, OPEN, CLICK or another of the vendor's kinds.
	Kind     string
	Campaign int64
	// At is when it happened, zero for now: events may be told late, and out of order.
	At time.Time
	// URL is what a click led to.
	URL string
	// Bot says that the portal takes it for a machine's doing: it is filtered out of
	// reports, not out of the events.
	Bot bool
}

// MailEvent notes that a marketing e-mail was sent, opened, clicked and so on.
func (d Door) MailEvent(email, kind string, campaign int64) error {
	return d.Mail(Mail{Email: email, Kind: kind, Campaign: campaign})
}

// Mail notes what happened to a marketing e-mail. Whoever opens a mail that was
// forwarded counts as the person that it was sent to.
func (d Door) Mail(in Mail) error {
	return d.do(typeContact, func(t *table) *apiError {
		rollup, known := mailKinds[in.Kind]
		if !known {
			return invalid("E-mail event " + in.Kind + " is not known")
		}
		p := d.p
		p.mails = append(p.mails, p.mailEvent(in))
		id, ours := t.emails[strings.ToLower(in.Email)]
		if !ours || rollup.date == "" || in.Bot {
			return nil
		}
		r := t.records[id]
		next := map[string]string{rollup.date: formatMS(p.nowMS())}
		if rollup.count != "" {
			n, _ := strconv.Atoi(p.see(t, r).get(rollup.count)) // blank counts as none
			next[rollup.count] = strconv.Itoa(n + 1)
		}
		return p.update(t, r, calculated, next)
	})
}

func (p *Portal) mailEvent(in Mail) mailEvent {
	m := mailEvent{ID: p.newUUID(), Type: in.Kind, Created: p.stamp(), Recipient: strings.ToLower(in.Email), PortalID: p.portalNumber,
		AppID: mailApp, AppName: mailAppName, Campaign: in.Campaign}
	if !in.At.IsZero() {
		m.Created = in.At.UnixMilli()
	}
	campaign := p.mailCampaign(in.Campaign)
	switch in.Kind {
	case "SENT":
		m.Subject, m.From = campaign.Subject, "Newsletter <news@portal.example>"
	case "OPEN", "CLICK", "PRINT", "FORWARD":
		bot := in.Bot
		m.Filtered, m.SentBy = &bot, p.sentBefore(m)
		m.UserAgent, m.Device, m.Browser, m.Location = "Mozilla/5.0", "COMPUTER", map[string]string{"name": "Firefox"}, map[string]string{"country": "United States"}
	}
	zero, none := 0, ""
	switch in.Kind {
	case "OPEN":
		m.Duration = &zero
	case "CLICK":
		m.URL, m.Referer, m.LinkID = in.URL, &none, &zero
	}
	return m
}

// sentBefore is the sending that an event follows, where the portal knows it.
func (p *Portal) sentBefore(m mailEvent) *mailEventID {
	for i := range slices.Backward(p.mails) {
		if s := &p.mails[i]; s.Type == "SENT" && s.Recipient == m.Recipient && s.Campaign == m.Campaign {
			id := s.id()
			return &id
		}
	}
	return nil
}

// forgetMail drops what became of e-mails to an address.
func (p *Portal) forgetMail(email string) {
	p.mails = slices.DeleteFunc(p.mails, func(m mailEvent) bool { return m.Recipient == email })
}

func (p *Portal) mailRoutes(rt routeTable) {
	r := func(handle func(*call) (reply, *apiError)) route {
		return route{handle: handle, scopes: scope("content")}
	}
	rt.add(r(p.listMailEvents), "GET", "email/public/v1/events")
	rt.add(r(p.getMailEvent), "GET", "email/public/v1/events/{created}/{id}")
	rt.add(r(p.listMailCampaigns), "GET", "email/public/v1/campaigns")
	rt.add(r(p.listMailCampaigns), "GET", "email/public/v1/campaigns/by-id")
	rt.add(r(p.getMailCampaign), "GET", "email/public/v1/campaigns/{id}")
}

// How many e-mail events one answer holds, unless asked for others and at most.
const (
	mailPage    = 10
	mailPageMax = 1000
)

// listMailEvents answers newest first. The offset is an opaque token for the same
// query, whatever its limit, and lives for a short time.
func (p *Portal) listMailEvents(c *call) (reply, *apiError) {
	q := c.r.URL.Query()
	limit, e := queryInt(q, "limit", mailPage, mailPageMax)
	if e != nil {
		return reply{}, e
	}
	want, e := p.mailQuery(q)
	if e != nil {
		return reply{}, e
	}
	last, e := p.mailOffset(q)
	if e != nil {
		return reply{}, e
	}
	found := []mailEvent{}
	for _, m := range p.mails {
		if want.takes(&m) && (last == mailEventID{} || newestFirst(last, m.id()) < 0) {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b mailEvent) int { return newestFirst(a.id(), b.id()) })
	more := len(found) > limit
	found = found[:min(limit, len(found))]
	offset := q.Get("offset")
	if len(found) > 0 {
		offset = mailToken(q, found[len(found)-1].id(), p.nowMS())
	}
	return ok(map[string]any{"events": found, "hasMore": more, "offset": offset})
}

func newestFirst(a, b mailEventID) int {
	return cmp.Or(cmp.Compare(b.Created, a.Created), cmp.Compare(a.ID, b.ID))
}

// mailQuery are the conditions of a list of e-mail events.
type mailQuery struct {
	recipient, kind string
	app, campaign   int64
	since, until    int64
	unfiltered      bool
}

func (p *Portal) mailQuery(q url.Values) (w mailQuery, e *apiError) {
	w = mailQuery{recipient: strings.ToLower(q.Get("recipient")), kind: q.Get("eventType"), unfiltered: strings.EqualFold(q.Get("excludeFilteredEvents"), "true"),
		until: p.nowMS() + time.Hour.Milliseconds()}
	for name, to := range map[string]*int64{"appId": &w.app, "campaignId": &w.campaign, "startTimestamp": &w.since, "endTimestamp": &w.until} {
		if text := q.Get(name); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return w, invalid("Unable to parse value for query parameter: " + name)
			}
			*to = n
		}
	}
	return w, nil
}

func (w *mailQuery) takes(m *mailEvent) bool {
	return (w.recipient == "" || w.recipient == m.Recipient) && (w.kind == "" || w.kind == m.Type) &&
		(w.app == 0 || w.app == int64(m.AppID)) && (w.campaign == 0 || w.campaign == m.Campaign) &&
		m.Created >= w.since && m.Created <= w.until && !(w.unfiltered && m.Filtered != nil && *m.Filtered)
}

// offsetLife is how long an offset of e-mail events can be used; the vendor says
// "short-lived" and names no time.
const offsetLife = 10 * time.Minute

// mailToken is the offset behind an event.
func mailToken(q url.Values, last mailEventID, now int64) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d|%s|%d|%s", last.Created, last.ID, now, sameQuery(q)))
}

// sameQuery is a query without what may differ from page to page.
func sameQuery(q url.Values) string {
	rest := url.Values{}
	for k, v := range q {
		if k != "offset" && k != "limit" {
			rest[k] = v
		}
	}
	return rest.Encode()
}

func (p *Portal) mailOffset(q url.Values) (last mailEventID, e *apiError) {
	token := q.Get("offset")
	if token == "" {
		return last, nil
	}
	refused := invalid("The offset is not valid for this query")
	text, err := base64.RawURLEncoding.DecodeString(token)
	parts := strings.SplitN(string(text), "|", 4)
	if err != nil || len(parts) != 4 || parts[3] != sameQuery(q) {
		return last, refused
	}
	created, err1 := strconv.ParseInt(parts[0], 10, 64)
	made, err2 := strconv.ParseInt(parts[2], 10, 64)
	if err1 != nil || err2 != nil || p.nowMS()-made > offsetLife.Milliseconds() {
		return last, refused
	}
	return mailEventID{parts[1], created}, nil
}

func (p *Portal) getMailEvent(c *call) (reply, *apiError) {
	created, err := strconv.ParseInt(c.vars["created"], 10, 64)
	if err != nil {
		return reply{}, &apiError{Status: 400, Message: "Unable to parse value for path parameter: created"}
	}
	for _, m := range p.mails {
		if m.id() == (mailEventID{c.vars["id"], created}) {
			return ok(m)
		}
	}
	return reply{}, notFound()
}

package hubspotsim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// mailEvent is what became of one marketing e-mail to one address.
type mailEvent struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	Created   int64  `json:"created"`
	Recipient string `json:"recipient"`
	PortalID  int64  `json:"portalId"`
	AppID     int    `json:"appId"`
	Campaign  int64  `json:"emailCampaignId"`
}

// mailKinds are the kinds of e-mail events, with the contact properties that
// count and date them.
var mailKinds = map[string]struct{ count, date string }{"SENT": {"", "hs_email_last_send_date"}, "DELIVERED": {},
	"OPEN": {"hs_email_open", "hs_email_last_open_date"}, "CLICK": {"hs_email_click", "hs_email_last_click_date"},
	"BOUNCE": {}, "SPAMREPORT": {}, "STATUSCHANGE": {}}

// MailEvent notes that a marketing e-mail was sent, opened, clicked and so on.
// Kind is one of SENT, DELIVERED, OPEN, CLICK, BOUNCE, SPAMREPORT, STATUSCHANGE.
func (d Door) MailEvent(email, kind string, campaign int64) error {
	return d.do(typeContact, func(t *table) *apiError {
		rollup, known := mailKinds[kind]
		if !known {
			return invalid("E-mail event " + kind + " is not known")
		}
		p := d.p
		p.mails = append(p.mails, mailEvent{ID: p.newUUID(), Type: kind, Created: p.stamp(), Recipient: strings.ToLower(email),
			PortalID: p.portalNumber, AppID: p.info.AppID, Campaign: campaign})
		id, ours := t.emails[strings.ToLower(email)]
		if !ours || rollup.date == "" {
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

// forgetMail drops what became of e-mails to an address.
func (p *Portal) forgetMail(email string) {
	p.mails = slices.DeleteFunc(p.mails, func(m mailEvent) bool { return m.Recipient == email })
}

// mailPage is how many e-mail events one answer holds unless it is asked for others.
const mailPage = 100

// listMailEvents answers newest first, with an offset as cursor.
func (p *Portal) listMailEvents(c *call) (reply, *apiError) {
	q := c.r.URL.Query()
	limit, e := queryInt(q, "limit", mailPage, 1000)
	if e != nil {
		return reply{}, e
	}
	offset, _ := strconv.Atoi(q.Get("offset")) // blank begins
	since, _ := strconv.ParseInt(q.Get("startTimestamp"), 10, 64)
	until, err := strconv.ParseInt(q.Get("endTimestamp"), 10, 64)
	if err != nil {
		until = p.nowMS() + time.Hour.Milliseconds()
	}
	found := []mailEvent{}
	for _, m := range slices.Backward(p.mails) {
		if (q.Get("recipient") == "" || strings.EqualFold(q.Get("recipient"), m.Recipient)) &&
			(q.Get("eventType") == "" || q.Get("eventType") == m.Type) && m.Created >= since && m.Created <= until {
			found = append(found, m)
		}
	}
	from := min(max(offset, 0), len(found))
	to := min(from+limit, len(found))
	return ok(map[string]any{"events": found[from:to], "hasMore": to < len(found), "offset": strconv.Itoa(to)})
}

package hubspotsim

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
)

// mailCampaign is one marketing e-mail as the e-mail events name it.
type mailCampaign struct {
	ID       int64            `json:"id"`
	AppID    int              `json:"appId"`
	AppName  string           `json:"appName"`
	Content  int64            `json:"contentId"`
	Name     string           `json:"name"`
	Subject  string           `json:"subject"`
	Type     string           `json:"type"`
	SubType  string           `json:"subType"`
	Included int              `json:"numIncluded"`
	Queued   int              `json:"numQueued"`
	Counters map[string]int64 `json:"counters"`
}

// MailCampaign names a marketing e-mail and its subject; events of one that has no
// name yet give it one.
func (d Door) MailCampaign(id int64, name, subject string) {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	c := d.p.mailCampaign(id)
	c.Name, c.Subject = name, subject
}

func (p *Portal) mailCampaign(id int64) *mailCampaign {
	i := slices.IndexFunc(p.campaigns, func(c *mailCampaign) bool { return c.ID == id })
	if i >= 0 {
		return p.campaigns[i]
	}
	name := "E-mail " + strconv.FormatInt(id, 10)
	c := &mailCampaign{ID: id, AppID: mailApp, AppName: mailAppName, Content: 70_000_000 + id, Name: name, Subject: name, Type: "BATCH_EMAIL", SubType: "BATCH_EMAIL"}
	p.campaigns = append(p.campaigns, c)
	return c
}

// counted is a campaign with what became of it.
func (p *Portal) counted(c *mailCampaign) mailCampaign {
	out := *c
	out.Counters = map[string]int64{"sent": 0, "delivered": 0, "open": 0, "processed": 0}
	names := map[string]string{"SENT": "sent", "DELIVERED": "delivered", "OPEN": "open", "CLICK": "click", "PROCESSED": "processed"}
	for i := range p.mails {
		if m := &p.mails[i]; m.Campaign == c.ID && names[m.Type] != "" {
			out.Counters[names[m.Type]]++
		}
	}
	return out
}

func (p *Portal) getMailCampaign(c *call) (reply, *apiError) {
	for _, campaign := range p.campaigns {
		if strconv.FormatInt(campaign.ID, 10) == c.vars["id"] {
			return ok(p.counted(campaign))
		}
	}
	return reply{}, notFound()
}

// listMailCampaigns gives ids, newest first, and an offset behind them.
func (p *Portal) listMailCampaigns(c *call) (reply, *apiError) {
	q := c.r.URL.Query()
	limit, e := queryInt(q, "limit", mailPage, mailPageMax)
	if e != nil {
		return reply{}, e
	}
	all := slices.Clone(p.campaigns)
	slices.SortFunc(all, func(a, b *mailCampaign) int { return cmp.Compare(b.ID, a.ID) })
	text, _ := base64.StdEncoding.DecodeString(q.Get("offset")) // blank begins
	behind, _ := strconv.ParseInt(string(text), 10, 64)
	type row struct {
		ID      int64  `json:"id"`
		AppID   int    `json:"appId"`
		AppName string `json:"appName"`
	}
	out, more := []row{}, false
	for _, one := range all {
		if behind != 0 && one.ID >= behind {
			continue
		}
		if more = len(out) == limit; more {
			break
		}
		out = append(out, row{one.ID, one.AppID, one.AppName})
	}
	offset := q.Get("offset")
	if len(out) > 0 {
		offset = base64.StdEncoding.EncodeToString(strconv.AppendInt(nil, out[len(out)-1].ID, 10))
	}
	return ok(map[string]any{"campaigns": out, "hasMore": more, "offset": offset})
}

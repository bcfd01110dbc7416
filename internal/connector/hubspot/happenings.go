package hubspot

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// Largest pages: of e-mail events (email analytics API, version 1) and of submissions
// (form integrations API, version 1). No document names one for forms and occurrences.
const (
	mailPage       = 1000
	submissionPage = 50
	formPage       = 100
	occurrencePage = 100
)

// Happenings streams what happened in a window from one of the three lists that HubSpot
// keeps beside records.
func (c *Client) Happenings(ctx context.Context, of connector.HappeningSource, since, until time.Time, yield func([]connector.Happening) error) error {
	switch of.Kind {
	case connector.MailHappening:
		return besideError(c.mailEvents(ctx, of.Of, since, until, yield))
	case connector.FormHappening:
		return besideError(c.submissions(ctx, of.Of, since, yield))
	case connector.EventHappening:
		return besideError(c.occurrences(ctx, of.Of, since, until, yield))
	}
	return &connector.Error{Side: core.HubSpot, Class: core.ClassRejected, Code: connector.CodeUnsupported, Message: fmt.Sprintf("there are no happenings of the kind %q", of.Kind)}
}

// besideError makes the refusal of an app that may not read happenings, or of an account
// whose subscription has none, that of the call alone: everything else goes on.
func besideError(err error) error {
	if e := asError(err); e != nil && e.Class == core.ClassAuth && !isUnauthorized(err) {
		e.Class = core.ClassRejected
	}
	return err
}

type wireMail struct {
	Events []struct {
		ID        string `json:"id"`
		Created   int64  `json:"created"`
		Recipient string `json:"recipient"`
		Campaign  text   `json:"emailCampaignId"`
		Filtered  bool   `json:"filteredEvent"`
		URL       string `json:"url"`
	} `json:"events"`
	More   bool   `json:"hasMore"`
	Offset string `json:"offset"`
}

func (w *wireMail) whole() bool { return w.Events != nil }

// mailEvents lists newest first. The offset of a page is good for the same query only,
// so that a window has fixed ends; they are both inclusive.
func (c *Client) mailEvents(ctx context.Context, kind string, since, until time.Time, yield func([]connector.Happening) error) error {
	query := url.Values{"eventType": {kind}, "limit": {strconv.Itoa(mailPage)},
		"startTimestamp": {strconv.FormatInt(since.UnixMilli(), 10)}, "endTimestamp": {strconv.FormatInt(until.UnixMilli(), 10)}}
	for {
		var w wireMail
		if _, err := c.call(ctx, request{method: http.MethodGet, path: "/email/public/v1/events", query: query}, &w); err != nil {
			return err
		}
		page := make([]connector.Happening, len(w.Events))
		for i, e := range w.Events {
			page[i] = connector.Happening{ID: strconv.FormatInt(e.Created, 10) + "-" + e.ID, At: time.UnixMilli(e.Created).UTC(), Address: strings.ToLower(e.Recipient),
				Mailing: string(e.Campaign), Bot: e.Filtered, Values: map[string]string{"url": e.URL}}
		}
		if err := yield(page); err != nil || !w.More || w.Offset == query.Get("offset") {
			return err
		}
		query.Set("offset", w.Offset)
	}
}

type wireSubmissions struct {
	Results []struct {
		ID     string `json:"conversionId"`
		At     int64  `json:"submittedAt"`
		Page   string `json:"pageUrl"`
		Values []struct {
			Object string `json:"objectTypeId"`
			Name   string `json:"name"`
			Value  text   `json:"value"`
		} `json:"values"`
	} `json:"results"`
	Paging paging `json:"paging"`
}

func (w *wireSubmissions) whole() bool { return w.Results != nil }

// submissions lists newest first and takes no window, so that reading ends at the first
// page that reaches back behind since.
func (c *Client) submissions(ctx context.Context, form string, since time.Time, yield func([]connector.Happening) error) error {
	query := url.Values{"limit": {strconv.Itoa(submissionPage)}}
	for {
		var w wireSubmissions
		_, err := c.call(ctx, request{method: http.MethodGet, path: pathOf("/form-integrations/v1/submissions/forms", form), query: query}, &w)
		if connector.ClassOf(err) == core.ClassGone {
			return nil // kinds of forms without submissions answer so, as do forms that are gone
		}
		if err != nil {
			return err
		}
		page, reached := w.happenings(form, since)
		next := string(w.Paging.Next.After)
		if err := yield(page); err != nil || reached || next == "" || next == query.Get("after") {
			return err
		}
		query.Set("after", next)
	}
}

// happenings are the submissions of a page since a moment; reached says that an older one
// is on it.
func (w *wireSubmissions) happenings(form string, since time.Time) (page []connector.Happening, reached bool) {
	for _, s := range w.Results {
		h := connector.Happening{At: time.UnixMilli(s.At).UTC(), Values: map[string]string{"page": s.Page}}
		if reached = reached || h.At.Before(since); h.At.Before(since) {
			continue
		}
		for _, v := range s.Values {
			if _, taken := h.Values[v.Name]; !taken && cmp.Or(v.Object, "0-1") == "0-1" { // of the contact, not of its company
				h.Values[v.Name] = string(v.Value)
			}
		}
		h.Address = strings.ToLower(strings.TrimSpace(h.Values["email"]))
		h.ID = cmp.Or(s.ID, form+"-"+strconv.FormatInt(s.At, 10)+"-"+h.Address)
		page = append(page, h)
	}
	return page, reached
}

type wireOccurrences struct {
	Results []struct {
		ID         string          `json:"id"`
		Object     string          `json:"objectType"`
		ObjectID   text            `json:"objectId"`
		At         string          `json:"occurredAt"`
		Properties map[string]text `json:"properties"`
	} `json:"results"`
	Paging paging `json:"paging"`
}

func (w *wireOccurrences) whole() bool { return w.Results != nil }

// occurrences lists those of contacts, the oldest first (events API, Enterprise).
func (c *Client) occurrences(ctx context.Context, kind string, since, until time.Time, yield func([]connector.Happening) error) error {
	const layout = "2006-01-02T15:04:05.000Z"
	query := url.Values{"eventType": {kind}, "sort": {"occurredAt"}, "limit": {strconv.Itoa(occurrencePage)},
		"occurredAfter": {since.UTC().Format(layout)}, "occurredBefore": {until.UTC().Format(layout)}}
	for {
		var w wireOccurrences
		if _, err := c.call(ctx, request{method: http.MethodGet, path: "/events/v3/events", query: query}, &w); err != nil {
			return err
		}
		var page []connector.Happening
		for _, o := range w.Results {
			h := connector.Happening{ID: o.ID, At: parseTime(o.At), Person: string(o.ObjectID), Values: map[string]string{}}
			for name, value := range o.Properties {
				h.Values[name] = string(value)
			}
			if strings.EqualFold(o.Object, "contact") || o.Object == "0-1" {
				page = append(page, h)
			}
		}
		next := string(w.Paging.Next.After)
		if err := yield(page); err != nil || next == "" || next == query.Get("after") {
			return err
		}
		query.Set("after", next)
	}
}

type wireForms struct {
	Results []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"results"`
	Paging paging `json:"paging"`
}

func (w *wireForms) whole() bool { return w.Results != nil }

// Forms lists the forms that are not archived (forms API, version 3).
func (c *Client) Forms(ctx context.Context) ([]connector.Form, error) {
	var out []connector.Form
	query := url.Values{"limit": {strconv.Itoa(formPage)}, "formTypes": {"all"}}
	for {
		var w wireForms
		if _, err := c.call(ctx, request{method: http.MethodGet, path: "/marketing/v3/forms", query: query}, &w); err != nil {
			return nil, besideError(err)
		}
		for _, f := range w.Results {
			out = append(out, connector.Form{ID: f.ID, Name: f.Name})
		}
		next := string(w.Paging.Next.After)
		if next == "" || next == query.Get("after") {
			return out, nil
		}
		query.Set("after", next)
	}
}

// Mailing reads a marketing e-mail by the id that its events name (email analytics API).
func (c *Client) Mailing(ctx context.Context, id string) (connector.Mailing, error) {
	var w struct {
		Name    string `json:"name"`
		Subject string `json:"subject"`
	}
	_, err := c.call(ctx, request{method: http.MethodGet, path: pathOf("/email/public/v1/campaigns", id)}, &w)
	if connector.ClassOf(err) == core.ClassGone {
		err = nil
	}
	return connector.Mailing{ID: id, Name: w.Name, Subject: w.Subject}, besideError(err)
}

// EventTypes lists the types that the events API knows.
func (c *Client) EventTypes(ctx context.Context) ([]string, error) {
	var w struct {
		Types []string `json:"eventTypes"`
	}
	_, err := c.call(ctx, request{method: http.MethodGet, path: "/events/v3/events/event-types"}, &w)
	return w.Types, besideError(err)
}

var _ connector.Timeline = (*Client)(nil)

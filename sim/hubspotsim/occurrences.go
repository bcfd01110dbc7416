package hubspotsim

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// occurrence is something that happened to a record: a page view, an opened sequence
// e-mail, a viewed document, an event of another app (events API). Marketing e-mail is
// not among them.
type occurrence struct {
	Object     string            `json:"objectType"`
	ObjectID   string            `json:"objectId"`
	Type       string            `json:"eventType"`
	At         string            `json:"occurredAt"`
	ID         string            `json:"id"`
	Properties map[string]string `json:"properties"`

	at int64
}

// occurrenceTypes are those that every portal lists, whether or not it can have any.
var occurrenceTypes = []string{"e_visited_page", "e_call_started", "e_call_ended", "e_document_shared_v2", "e_form_view", "e_form_submission_v2",
	"e_form_completion_v2", "e_submitted_form", "e_v2_contact_replied_sequence_email", "e_v2_sequence_step_executed"}

// Occur notes that something happened to a contact; late events give an earlier time.
func (d Door) Occur(kind, contact string, at time.Time, properties map[string]string) error {
	return d.one(typeContact, contact, func(_ *table, r *record) *apiError {
		p := d.p
		o := occurrence{Object: "CONTACT", ObjectID: formatID(r.id), Type: kind, at: p.stamp(), Properties: properties}
		if !at.IsZero() {
			o.at = at.UnixMilli()
		}
		o.At, o.ID = formatMS(o.at), fmt.Sprintf("%s-%s-%d", p.newUUID()[:8], o.ObjectID, o.at)
		p.occurrences = append(p.occurrences, o)
		return nil
	})
}

// forgetOccurrences drops what happened to an erased contact.
func (p *Portal) forgetOccurrences(t *table, id uint64) {
	if t.id == typeContact {
		p.occurrences = slices.DeleteFunc(p.occurrences, func(o occurrence) bool { return o.ObjectID == formatID(id) })
	}
}

func (p *Portal) occurrenceRoutes(rt routeTable) {
	rt.add(route{handle: p.listOccurrenceTypes}, "GET", "events/events/event-types")
	rt.add(route{handle: p.listOccurrences}, "GET", "events/events")
}

func (p *Portal) listOccurrenceTypes(*call) (reply, *apiError) {
	types := slices.Clone(occurrenceTypes)
	for _, o := range p.occurrences {
		types = append(types, o.Type)
	}
	slices.Sort(types)
	return ok(map[string]any{"eventTypes": slices.Compact(types)})
}

// listOccurrences answers Enterprise portals, newest first unless asked otherwise.
func (p *Portal) listOccurrences(c *call) (reply, *apiError) {
	if !p.tier.enterprise {
		return reply{}, &apiError{Status: http.StatusForbidden, Category: "MISSING_SCOPES", Message: "The scope needed for this API call isn't available for this account."}
	}
	q := c.r.URL.Query()
	limit, e := queryInt(q, "limit", 20, 1000)
	if e != nil {
		return reply{}, e
	}
	found, e := p.occurred(q)
	if e != nil {
		return reply{}, e
	}
	out := found[:min(limit, len(found))]
	next := ""
	if len(found) > limit {
		last := out[limit-1]
		next = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d|%s", last.at, last.ID))
	}
	return ok(struct {
		Results []occurrence `json:"results"`
		Paging  *paging      `json:"paging,omitempty"`
	}{append([]occurrence{}, out...), pagingAfter(next)})
}

func (p *Portal) occurred(q url.Values) ([]occurrence, *apiError) {
	if q.Get("objectId") != "" && q.Get("objectType") == "" {
		return nil, invalid("objectId cannot be set without objectType")
	}
	since, until := int64(0), p.nowMS()+time.Hour.Milliseconds()
	for name, to := range map[string]*int64{"occurredAfter": &since, "occurredBefore": &until} {
		if text := q.Get(name); text != "" {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return nil, invalid("Invalid value for parameter " + name + ": " + text)
			}
			*to = at.UnixMilli()
		}
	}
	var found []occurrence
	for _, o := range p.occurrences {
		if (q.Get("eventType") == "" || q.Get("eventType") == o.Type) && (q.Get("objectType") == "" || strings.EqualFold(q.Get("objectType"), o.Object)) &&
			(q.Get("objectId") == "" || q.Get("objectId") == o.ObjectID) && o.at >= since && o.at <= until {
			found = append(found, o)
		}
	}
	slices.SortFunc(found, func(a, b occurrence) int { return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(b.ID, a.ID)) })
	if q.Get("sort") == "occurredAt" {
		slices.Reverse(found)
	}
	after := q.Get("after")
	if after == "" {
		return found, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(after)
	at := slices.IndexFunc(found, func(o occurrence) bool { return fmt.Sprintf("%d|%s", o.at, o.ID) == string(text) })
	if err != nil || at < 0 {
		return nil, invalid("Invalid value for parameter after: " + after)
	}
	return found[at+1:], nil
}

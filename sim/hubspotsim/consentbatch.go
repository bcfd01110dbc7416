package hubspotsim

import (
	"net/http"
	"sort"
)

// needsMarketing: consent in batches is for the enterprise tier.
func (p *Portal) needsMarketing(scopeName string) *apiError {
	if !p.tier.enterprise {
		return missingScopes([]string{scopeName})
	}
	return nil
}

type emailList struct {
	Inputs []string `json:"inputs"`
}

func (p *Portal) batchStatuses(c *call) (reply, *apiError) {
	var in emailList
	if e := p.needsMarketing("communication_preferences.statuses.batch.read"); e != nil {
		return reply{}, e
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	list := []map[string]any{}
	for _, email := range in.Inputs {
		list = append(list, map[string]any{"subscriberIdString": email, "statuses": p.statusesOf(email)})
	}
	return c.batchOf(http.StatusOK, list, nil)
}

func (p *Portal) batchUnsubscribe(c *call) (reply, *apiError) {
	var in emailList
	if e := p.needsMarketing("communication_preferences.statuses.batch.write"); e != nil {
		return reply{}, e
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	sort.Strings(in.Inputs)
	for _, email := range in.Inputs {
		p.optOut(email, c.b.by)
	}
	return c.batchOf(http.StatusOK, []any{}, nil)
}

// batchWide tells of each address whether it opted out of everything.
func (p *Portal) batchWide(c *call) (reply, *apiError) {
	var in emailList
	if e := p.needsMarketing("communication_preferences.statuses.batch.read"); e != nil {
		return reply{}, e
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	list := []map[string]any{}
	for _, email := range in.Inputs {
		list = append(list, p.wideStatus(email))
	}
	return c.batchOf(http.StatusOK, list, nil)
}

// batchSetStatuses notes statuses one by one; what is wrong with one spoils that one.
func (p *Portal) batchSetStatuses(c *call) (reply, *apiError) {
	var in struct {
		Inputs []struct {
			setStatusBody
			Email string `json:"subscriberIdString"`
		} `json:"inputs"`
	}
	if e := p.needsMarketing("communication_preferences.statuses.batch.write"); e != nil {
		return reply{}, e
	}
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	list := []statusBody{}
	var errs []errorItem
	for _, one := range in.Inputs {
		body, e := p.setOne(one.Email, one.setStatusBody, c.b.by)
		if e != nil {
			errs = append(errs, e.item(""))
			continue
		}
		list = append(list, body)
	}
	return c.batchOf(http.StatusOK, list, errs)
}

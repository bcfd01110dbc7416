package hubspotsim

import "net/http"

// Batches of consent are for the enterprise tier, with scopes of their own.

const (
	batchReadScope  = "communication_preferences.statuses.batch.read"
	batchWriteScope = "communication_preferences.statuses.batch.write"
)

// needsMarketing refuses portals that no app can be granted the scope for.
func (p *Portal) needsMarketing(scopeName string) *apiError {
	if !p.tier.enterprise {
		return missingScopes([]string{scopeName})
	}
	return nil
}

// emails reads the addresses of a batch in their order; one that is none spoils
// the batch.
func (c *call) emails(scopeName string) ([]string, *apiError) {
	var in struct {
		Inputs []string `json:"inputs"`
	}
	if e := c.p.needsMarketing(scopeName); e != nil {
		return nil, e
	}
	if e := needChannel(c); e != nil {
		return nil, e
	}
	if e := c.decode(&in); e != nil {
		return nil, e
	}
	if len(in.Inputs) > batchLimit {
		return nil, tooMany(batchLimit)
	}
	for _, email := range in.Inputs {
		if _, e := checkedAddress(email); e != nil {
			return nil, e
		}
	}
	return in.Inputs, nil
}

type addressStatuses struct {
	Address  string       `json:"subscriberIdString"`
	Statuses []statusBody `json:"statuses"`
}

func (p *Portal) batchStatuses(c *call) (reply, *apiError) {
	emails, e := c.emails(batchReadScope)
	if e != nil {
		return reply{}, e
	}
	list := []addressStatuses{}
	for _, email := range emails {
		list = append(list, addressStatuses{email, c.statuses(email, "")})
	}
	return c.batchOf(http.StatusOK, list, nil)
}

// batchUnsubscribe tells the statuses only where it is asked to be verbose.
func (p *Portal) batchUnsubscribe(c *call) (reply, *apiError) {
	emails, e := c.emails(batchWriteScope)
	if e != nil {
		return reply{}, e
	}
	list := []addressStatuses{}
	for _, email := range emails {
		reason := p.optOut(email, apiSource(c.b.by), c.b.by)
		if queryBool(c.r.URL.Query(), "verbose") {
			list = append(list, addressStatuses{email, c.statuses(email, reason)})
		}
	}
	return c.batchOf(http.StatusOK, list, nil)
}

// batchWide tells of each address what it said about everything: nothing where
// it never opted out, SUBSCRIBED where it came back.
func (p *Portal) batchWide(c *call) (reply, *apiError) {
	emails, e := c.emails(batchReadScope)
	if e != nil {
		return reply{}, e
	}
	list := []any{}
	for _, email := range emails {
		list = append(list, map[string]any{"subscriberIdString": email, "wideStatuses": p.wideStatuses(email)})
	}
	return c.batchOf(http.StatusOK, list, nil)
}

type consentInput struct {
	setStatusBody
	Email string `json:"subscriberIdString"`
}

// batchSetStatuses notes statuses one by one; what is wrong with one spoils that one.
func (p *Portal) batchSetStatuses(c *call) (reply, *apiError) {
	inputs, e := c.consentInputs()
	if e != nil {
		return reply{}, e
	}
	list := []statusBody{}
	var errs []errorItem
	for _, one := range inputs {
		body, e := c.setOne(one.Email, one.setStatusBody)
		if e != nil {
			item := e.item("")
			item.Context["subscriberIdString"] = []string{one.Email}
			errs = append(errs, item)
			continue
		}
		list = append(list, body)
	}
	return c.batchOf(http.StatusOK, list, errs)
}

func (c *call) consentInputs() ([]consentInput, *apiError) {
	var in struct {
		Inputs []consentInput `json:"inputs"`
	}
	if e := c.p.needsMarketing(batchWriteScope); e != nil {
		return nil, e
	}
	if e := c.decode(&in); e != nil {
		return nil, e
	}
	if len(in.Inputs) > batchLimit {
		return nil, tooMany(batchLimit)
	}
	for _, one := range in.Inputs {
		if e := one.check("PublicStatusRequest"); e != nil {
			return nil, e
		}
	}
	return in.Inputs, nil
}

package hubspotsim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func (p *Portal) consentRoutes(rt routeTable) {
	add := func(r route, method, pattern string, handle func(*call) (reply, *apiError)) {
		r.handle = handle
		rt.add(r, method, "communication-preferences/"+pattern)
	}
	read, change := route{scopes: consentScope(".read")}, route{scopes: consentScope(".write"), write: true}
	many, changeMany := route{scopes: scope(batchReadScope)}, route{scopes: scope(batchWriteScope), write: true}
	add(read, "GET", "definitions", p.listSubscriptions)
	add(many, "POST", "statuses/batch/read", p.batchStatuses)
	add(many, "POST", "statuses/batch/unsubscribe-all/read", p.batchWide)
	add(changeMany, "POST", "statuses/batch/write", p.batchSetStatuses)
	add(changeMany, "POST", "statuses/batch/unsubscribe-all", p.batchUnsubscribe)
	add(read, "GET", "statuses/{email}", p.getStatuses)
	add(change, "POST", "statuses/{email}", p.setStatus)
	add(read, "GET", "statuses/{email}/unsubscribe-all", p.getUnsubscribeAll)
	add(change, "POST", "statuses/{email}/unsubscribe-all", p.unsubscribeAll)
	add(read, "GET", "status/email/{email}", p.getStatusV3)
	add(change, "POST", "subscribe", p.subscribeV3)
	add(change, "POST", "unsubscribe", p.unsubscribeV3)
}

func consentScope(verb string) func(*call) [][]string {
	return func(*call) [][]string {
		return [][]string{{"communication_preferences" + verb}, {"communication_preferences.read_write"}}
	}
}

func (p *Portal) listSubscriptions(c *call) (reply, *apiError) {
	list := []map[string]any{}
	for _, s := range p.consent.types {
		one := map[string]any{"id": strconv.Itoa(s.id), "name": s.name, "description": s.description, "purpose": s.purpose,
			"communicationMethod": "Email", "isActive": true, "isDefault": s.byRule, "isInternal": s.internal, "businessUnitId": 0,
			"createdAt": formatMS(catalogStamp), "updatedAt": formatMS(catalogStamp)}
		if queryBool(c.r.URL.Query(), "includeTranslations") {
			one["subscriptionTranslations"] = []any{map[string]any{"languageCode": "en", "name": s.name, "description": s.description,
				"subscriptionId": s.id, "createdAt": catalogStamp, "updatedAt": catalogStamp}}
		}
		list = append(list, one)
	}
	if c.ver == "v3" {
		return ok(map[string]any{"subscriptionDefinitions": list})
	}
	return ok(map[string]any{"status": "COMPLETE", "results": list})
}

// statusBody has a number where the definition has a text.
type statusBody struct {
	BusinessUnit int     `json:"businessUnitId"`
	Channel      string  `json:"channel"`
	Address      string  `json:"subscriberIdString"`
	Subscription int     `json:"subscriptionId"`
	Status       string  `json:"status"`
	Source       string  `json:"source"`
	Basis        *string `json:"legalBasis"`
	Explanation  *string `json:"legalBasisExplanation"`
	Success      *string `json:"setStatusSuccessReason"`
	Timestamp    string  `json:"timestamp"`
}

// statuses tells what an address says to each subscription type.
func (c *call) statuses(email, reason string) []statusBody {
	list := []statusBody{}
	for _, s := range c.p.consent.types {
		list = append(list, c.status(email, s.id, reason))
	}
	return list
}

// status carries the time of the call where nothing was ever said.
func (c *call) status(email string, id int, reason string) statusBody {
	st := c.p.consent.peek(email).said(id)
	if st.state == notSpecified && st.at == 0 {
		st.at = c.p.nowMS()
	}
	return statusBody{Channel: "EMAIL", Address: email, Subscription: id, Status: st.state, Source: st.source,
		Basis: orNull(st.basis), Explanation: orNull(st.explanation), Success: orNull(reason), Timestamp: formatMS(st.at)}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (p *Portal) getStatuses(c *call) (reply, *apiError) {
	email, e := c.subscriber()
	if e != nil {
		return reply{}, e
	}
	return ok(map[string]any{"status": "SUCCESS", "results": c.statuses(email, "")})
}

// subscriber checks the address and the channel of a call.
func (c *call) subscriber() (string, *apiError) {
	if e := needChannel(c); e != nil {
		return "", e
	}
	return checkedAddress(c.vars["email"])
}

func checkedAddress(email string) (string, *apiError) {
	if validEmail(strings.TrimSpace(email)) {
		return email, nil
	}
	e := invalid("Email address " + email + " is invalid")
	e.Errors = []errorDetail{{Message: e.Message, Code: "INVALID_EMAIL", In: "subscriberIdString"}}
	return "", e
}

func needChannel(c *call) *apiError {
	if c.r.URL.Query().Get("channel") != "EMAIL" {
		return invalid("Query parameter channel is required and must be EMAIL")
	}
	return nil
}

type setStatusBody struct {
	Subscription text   `json:"subscriptionId"`
	State        string `json:"statusState"`
	Channel      string `json:"channel"`
	Basis        string `json:"legalBasis"`
	Explanation  string `json:"legalBasisExplanation"`
}

var (
	consentStates = []string{notSpecified, subscribed, unsubscribed}
	legalBases    = []string{"CONSENT_WITH_NOTICE", "LEGITIMATE_INTEREST_CLIENT", "LEGITIMATE_INTEREST_OTHER", "LEGITIMATE_INTEREST_PQL",
		"NON_GDPR", "PERFORMANCE_OF_CONTRACT", "PROCESS_AND_STORE"}
)

// check refuses what is missing or not one of the allowed words.
func (in setStatusBody) check(name string) *apiError {
	var missing []string
	for _, f := range []struct{ name, value string }{{"subscriptionId", string(in.Subscription)}, {"statusState", in.State}, {"channel", in.Channel}} {
		if f.value == "" {
			missing = append(missing, f.name)
		}
	}
	if missing != nil {
		return badJSON("Cannot build " + name + ", some of required attributes are not set [" + strings.Join(missing, ", ") + "]")
	}
	if e := oneOf("StatusState", in.State, consentStates); e != nil {
		return e
	}
	if e := oneOf("Channel", in.Channel, []string{"EMAIL"}); e != nil {
		return e
	}
	return checkBasis(in.Basis)
}

func checkBasis(basis string) *apiError {
	if basis == "" {
		return nil
	}
	return oneOf("LegalBasis", basis, legalBases)
}

func oneOf(kind, value string, allowed []string) *apiError {
	if slices.Contains(allowed, value) {
		return nil
	}
	return badJSON("Cannot deserialize value of type `" + kind + "` from String " + strconv.Quote(value) +
		": not one of the values accepted for Enum class: [" + strings.Join(allowed, ", ") + "]")
}

// needBasis: a portal with data privacy settings on takes no status without its reason.
func (p *Portal) needBasis(basis, explanation string) *apiError {
	if p.dataPrivacy && (basis == "" || explanation == "") {
		return invalid("legalBasis and legalBasisExplanation are required because data privacy settings are turned on in this account")
	}
	return nil
}

func (p *Portal) setStatus(c *call) (reply, *apiError) {
	var in setStatusBody
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	if e := in.check("PartialPublicStatusRequest"); e != nil {
		return reply{}, e
	}
	body, e := c.setOne(c.vars["email"], in)
	if e != nil {
		return reply{}, e
	}
	return c.batchOf(http.StatusOK, []statusBody{body}, nil)
}

func (c *call) setOne(email string, in setStatusBody) (statusBody, *apiError) {
	email, e := checkedAddress(email)
	if e != nil {
		return statusBody{}, e
	}
	id := in.Subscription.number(-1)
	if !c.p.consent.knows(id) {
		return statusBody{}, invalid("Subscription type " + string(in.Subscription) + " does not exist in this account")
	}
	if e := c.p.needBasis(in.Basis, in.Explanation); e != nil {
		return statusBody{}, e
	}
	reason := c.p.setConsent(email, id, status{state: in.State, source: apiSource(c.b.by), basis: in.Basis, explanation: in.Explanation}, c.b.by)
	return c.status(email, id, reason), nil
}

func apiSource(by *actor) string {
	if by.person {
		return sourcePerson
	}
	return sourceAPI
}

// getUnsubscribeAll answers an empty list for who has not opted out of everything.
func (p *Portal) getUnsubscribeAll(c *call) (reply, *apiError) {
	email, e := c.subscriber()
	if e != nil {
		return reply{}, e
	}
	list := []any{}
	if p.consent.peek(email).outOfAll() {
		list = p.wideStatuses(email)
	}
	return ok(map[string]any{"status": "SUCCESS", "results": list})
}

// wideStatuses tells what an address ever said about everything.
func (p *Portal) wideStatuses(email string) []any {
	all := p.consent.peek(email).all
	if all == nil {
		return []any{}
	}
	return []any{map[string]any{"subscriberIdString": email, "wideStatusType": "PORTAL_WIDE", "status": all.state, "channel": "EMAIL",
		"businessUnitId": 0, "timestamp": formatMS(all.at)}}
}

func (p *Portal) unsubscribeAll(c *call) (reply, *apiError) {
	email, e := c.subscriber()
	if e != nil {
		return reply{}, e
	}
	reason := p.optOut(email, apiSource(c.b.by), c.b.by)
	if !queryBool(c.r.URL.Query(), "verbose") {
		return noContent()
	}
	return c.batchOf(http.StatusOK, c.statuses(email, reason), nil)
}

package hubspotsim

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Settings are what an administrator of the portal, or the vendor, may change
// at any time: POST /_sim/settings. Absent fields stay as they are.
type Settings struct {
	AutoCompanies *bool   `json:"auto_companies"`
	MergeMode     *string `json:"merge_mode"` // new_id, keep_primary
	NoopBumps     *bool   `json:"noop_bumps"`
	IndexLag      *string `json:"index_lag"` // a Go duration
	// UniqueConflict is "conflict" (409 with the existing id) or "validation"
	// (400 CONFLICTING_UNIQUE_VALUE): no document settles which a portal gives.
	UniqueConflict *string `json:"unique_conflict"`
	// DomainAsKey lets companies be read and upserted by domain.
	DomainAsKey *bool `json:"domain_as_key"`
	// PortalID makes the same tokens lead to another portal.
	PortalID *int64 `json:"portal_id"`
	// RemoveScopes and AddScopes change what the integration may do, at once.
	RemoveScopes []string `json:"remove_scopes"`
	AddScopes    []string `json:"add_scopes"`
	// RevokeTokens makes the integration's tokens invalid, also its refresh token.
	RevokeTokens bool `json:"revoke_tokens"`
	// ExpireTokens ends the access tokens that expire anyway.
	ExpireTokens bool `json:"expire_tokens"`
	// Tier is enterprise, professional or starter, with its limits and features.
	Tier *string `json:"tier"`
	// Burst and Daily change the limits.
	Burst *int `json:"burst"`
	Daily *int `json:"daily"`
	// SignatureV2 has webhooks of the integration's app signed v2 in place of v1.
	SignatureV2 *bool `json:"signature_v2"`
	// RollupsKeepStamp lets recalculated roll-ups leave the modified stamp alone.
	RollupsKeepStamp *bool `json:"rollups_keep_stamp"`
	// JournalSource adds changeSource and sourceId to journal events, as webhooks
	// have them. The vendor's documents show none there.
	JournalSource *bool `json:"journal_source"`
	// ConsentLag is how far the opt-out properties run behind, a Go duration.
	ConsentLag *string `json:"consent_lag"`
	// DataPrivacy requires a legal basis with every status of a subscription.
	DataPrivacy *bool `json:"data_privacy"`
	// DealsAdvance has deals move the lifecycle stage of their contacts and companies:
	// to opportunity, and to customer once won.
	DealsAdvance *bool `json:"deals_advance"`
	// DealAmounts has a deal's amount follow the sum of its line items.
	DealAmounts *bool `json:"deal_amounts"`
	// CompanyFollows has a company's lifecycle stage follow its contacts'.
	CompanyFollows *bool `json:"company_follows"`
	// MergeKeys says what a merge does with a unique value that only the record
	// merged away has: "move" it to the survivor, or "drop" it.
	MergeKeys *string `json:"merge_keys"`
	// EmailUpdates lets batch updates name contacts by address, as single updates do.
	EmailUpdates *bool `json:"email_updates"`
	// MergedDeleteIgnored keeps a survivor that is deleted by an id it absorbed.
	MergedDeleteIgnored *bool `json:"merged_delete_ignored"`
	// ContactsNeedNames refuses new contacts without e-mail, first and last name, as
	// the newest contacts guide says.
	ContactsNeedNames *bool `json:"contacts_need_names"`
	// ClosingMovesDate has a deal's close date become the time at which an API call
	// closes it, as happens when a person does.
	ClosingMovesDate *bool `json:"closing_moves_date"`
	// WebsitesSet fills a new company's website from its domain, and gives a contact's
	// a scheme.
	WebsitesSet *bool `json:"websites_set"`
	// ShuffleResults answers batches in another order than they were asked.
	ShuffleResults *bool `json:"shuffle_results"`
	// Currencies are those of the account beside its own, as codes.
	Currencies []string `json:"currencies"`
	// DeactivateOwner makes the owner with this id leave.
	DeactivateOwner string `json:"deactivate_owner"`
}

func (p *Portal) postSettings(body []byte) error {
	var s Settings
	if err := strict(body, &s); err != nil {
		return err
	}
	return p.Configure(s)
}

// Configure changes the portal's settings. On an error nothing is changed.
func (p *Portal) Configure(s Settings) error {
	lag, err := duration(s.IndexLag)
	if err != nil {
		return err
	}
	consentLag, err := duration(s.ConsentLag)
	if err != nil {
		return err
	}
	if s.Tier != nil && !slices.Contains([]string{enterprise, professional, starter}, *s.Tier) {
		return fmt.Errorf("tier %q is not one of %s, %s, %s", *s.Tier, enterprise, professional, starter)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.Tier != nil {
		o := p.opts
		o.Tier = *s.Tier
		p.tier = tierOf(o)
	}
	set(&p.indexLag, lag)
	set(&p.consentLag, consentLag)
	set(&p.dataPrivacy, s.DataPrivacy)
	set(&p.dealsAdvance, s.DealsAdvance)
	set(&p.companyFollows, s.CompanyFollows)
	set(&p.dealAmounts, s.DealAmounts)
	set(&p.autoCompanies, s.AutoCompanies)
	set(&p.noopBumps, s.NoopBumps)
	set(&p.domainAsKey, s.DomainAsKey)
	set(&p.rollupsKeep, s.RollupsKeepStamp)
	p.readings.configure(s)
	if s.Currencies != nil {
		p.setCurrencies(s.Currencies)
	}
	p.configureNotify(s)
	set(&p.tier.daily, s.Daily)
	if s.Burst != nil {
		p.tier.burst, p.tier.oauthBurst = *s.Burst, *s.Burst
	}
	if s.MergeMode != nil {
		p.mergeKeeps = *s.MergeMode == mergeKeepsPrimary
	}
	if s.UniqueConflict != nil {
		p.uniqueAsValidation = *s.UniqueConflict == "validation"
	}
	if s.PortalID != nil {
		p.portalNumber, p.portalID = *s.PortalID, strconv.FormatInt(*s.PortalID, 10)
	}
	p.configureTokens(s)
	for i := range p.owners {
		if p.owners[i].ID == s.DeactivateOwner {
			p.owners[i].Inactive = true
		}
	}
	return nil
}

// readings are answers to questions that the documents leave open.
type readings struct {
	mergeDropsKeys bool // a unique value of the record merged away is gone
	emailUpdates   bool // a batch update takes addresses
	deletesExactly bool // a delete by an absorbed id does nothing
	needNames      bool // contacts have an address or a name
	closingMoves   bool // closing a deal by the API sets its date
	websitesSet    bool // websites come from domains, and have a scheme
	shuffles       bool // results of batches come in any order
}

func (r *readings) configure(s Settings) {
	set(&r.emailUpdates, s.EmailUpdates)
	set(&r.deletesExactly, s.MergedDeleteIgnored)
	set(&r.needNames, s.ContactsNeedNames)
	set(&r.closingMoves, s.ClosingMovesDate)
	set(&r.websitesSet, s.WebsitesSet)
	set(&r.shuffles, s.ShuffleResults)
	if s.MergeKeys != nil {
		r.mergeDropsKeys = *s.MergeKeys == "drop"
	}
}

// duration reads a setting that may be absent.
func duration(s *string) (*time.Duration, error) {
	if s == nil {
		return nil, nil
	}
	d, err := time.ParseDuration(*s)
	return &d, err
}

func (p *Portal) configureNotify(s Settings) {
	if s.SignatureV2 != nil {
		p.webhooks.SignV2(int64(p.info.AppID), *s.SignatureV2)
	}
	if s.JournalSource != nil {
		p.journal.TellSource(*s.JournalSource)
	}
}

func (p *Portal) configureTokens(s Settings) {
	for _, key := range sortedKeys(p.tokens) {
		b := p.tokens[key]
		if b.kind == grantPerson {
			continue
		}
		if b.kind != grantApp {
			b.scopes = without(b.scopes, s.RemoveScopes)
			b.scopes = append(b.scopes, without(s.AddScopes, b.scopes)...)
		}
		if s.RevokeTokens {
			delete(p.tokens, key)
		}
		if s.ExpireTokens && b.expires != 0 {
			b.expires = p.nowMS()
		}
	}
	if s.RevokeTokens {
		p.oauth.refresh = map[string][]string{}
	}
}

func without(list, drop []string) []string {
	var out []string
	for _, s := range list {
		if !contains(drop, s) {
			out = append(out, s)
		}
	}
	return out
}

// recordAction is what a person does to a record that the API cannot:
// POST /_sim/records {"do":"restore","type":"companies","id":"1"}, what became of
// a marketing e-mail: {"do":"mail_event","email":"a@b.c","event":"OPEN","campaign":1},
// or what the person behind an address says: {"do":"opt_out","email":"a@b.c"} of
// everything, with a subscription of that type; {"do":"resubscribe",…} takes an
// address back, with a legal_basis by a user of the portal. A form is made by
// {"do":"create_form","name":"Contact us","fields":["email","firstname"]}, whose answer has its id, and sent by
// {"do":"submit_form","id":"…","page":"https://…","values":{"email":"a@b.c"}};
// {"do":"occur","event":"e_visited_page","id":"…","values":{…}} is an event of the events API.
type recordAction struct {
	Do       string `json:"do"` // restore, mail_event, opt_out, resubscribe, create_form, submit_form, occur
	Type     string `json:"type"`
	ID       string `json:"id"`
	Email    string `json:"email"`
	Event    string `json:"event"`
	Campaign int64  `json:"campaign"`

	Subscription int    `json:"subscription"`
	Basis        string `json:"legal_basis"`
	Explanation  string `json:"explanation"`

	Name   string            `json:"name"`
	Fields []string          `json:"fields"` // of a form: contact properties, the address alone where absent
	Page   string            `json:"page"`
	Values map[string]string `json:"values"`
	URL    string            `json:"url"` // of a click
	Bot    bool              `json:"bot"`
}

// formFields are the fields of a form that is to be made.
func (in recordAction) formFields() []string {
	if len(in.Fields) == 0 {
		return []string{"email"}
	}
	return in.Fields
}

func (p *Portal) act(in recordAction) error {
	admin := p.As("admin")
	switch {
	case in.Do == "restore":
		return admin.Restore(in.Type, in.ID)
	case in.Do == "mail_event":
		return admin.Mail(Mail{Email: in.Email, Kind: in.Event, Campaign: in.Campaign, URL: in.URL, Bot: in.Bot})
	case in.Do == "submit_form":
		_, err := admin.SubmitForm(in.ID, in.Page, in.Values)
		return err
	case in.Do == "occur":
		return admin.Occur(in.Event, in.ID, time.Time{}, in.Values)
	case in.Do == "opt_out" && in.Subscription != everything:
		return admin.Unsubscribe(in.Email, in.Subscription)
	case in.Do == "opt_out":
		return admin.OptOut(in.Email)
	case in.Do == "resubscribe":
		return admin.Resubscribe(in.Email, in.Subscription, in.Basis, in.Explanation)
	}
	return errors.New(`send {"do":"restore","type":"companies","id":"…"} or {"do":"mail_event","email":"…","event":"OPEN"}, ` +
		`{"do":"opt_out","email":"…"} or {"do":"resubscribe","email":"…","subscription":39644612}, ` +
		`{"do":"create_form","name":"…"} or {"do":"submit_form","id":"…","page":"…","values":{"email":"…"}}`)
}

func (p *Portal) postRecords(w http.ResponseWriter, body []byte) {
	var in recordAction
	err := strict(body, &in)
	switch {
	case err != nil:
	case in.Do == "create_form":
		in.ID = p.As("admin").CreateForm(in.Name, in.formFields()...)
	default:
		err = p.act(in)
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"id": in.ID})
}

// Package config reads, validates and exports tandem.yaml: the process settings
// and, per connection, the credentials and the settings of what syncs and how.
//
// Loading is strict: an unknown key, a wrong type or an impossible combination
// is refused with file, line and the mend. Secrets come from the environment
// (${NAME}) or a file (file:PATH) and are never printed.
package config

import "tandem/internal/core"

// File is a whole tandem.yaml.
type File struct {
	Store      string `yaml:"store"`
	Listen     string `yaml:"listen"`
	SecretsKey Secret `yaml:"secrets_key,omitempty"`
	// SecretsKeyBefore is the key until it was changed; blank for none.
	SecretsKeyBefore Secret       `yaml:"secrets_key_before,omitempty"`
	Journal          Journal      `yaml:"journal,omitempty"`
	Notify           Notify       `yaml:"notify,omitempty"`
	Fleet            Fleet        `yaml:"fleet,omitempty"`
	OIDC             *OIDC        `yaml:"oidc,omitempty"` // nil where nobody signs in by a provider
	Connections      []Connection `yaml:"connections"`

	text  []byte   // that the file was read from
	added []string // connections that were added at the console
}

// Journal says how long the journal is kept.
type Journal struct {
	Keep    Duration `yaml:"keep,omitempty"`
	MaxSize Size     `yaml:"max_size,omitempty"`
}

// Fleet says how the processes that share a PostgreSQL store share the work.
type Fleet struct {
	Lease Duration `yaml:"lease,omitempty"` // how long one may be silent before another takes over
}

// Notify says who is told what an admin has to do, how and how often.
type Notify struct {
	Every    string      `yaml:"every,omitempty"`     // instant, daily or weekly
	LeaveOut []string    `yaml:"leave_out,omitempty"` // kinds of news that nobody is told
	Behind   Duration    `yaml:"behind,omitempty"`    // how late the sync may be until that is told
	Console  string      `yaml:"console,omitempty"`
	To       []string    `yaml:"to,omitempty"`
	SMTP     *SMTP       `yaml:"smtp,omitempty"`    // nil for no mail
	Webhook  *NoticeHook `yaml:"webhook,omitempty"` // nil for none
}

// NoticeHook is an address that is told by signed requests.
type NoticeHook struct {
	URL        string   `yaml:"url"`
	Secret     Secret   `yaml:"secret"`
	OwnNetwork bool     `yaml:"own_network,omitempty"`
	Timeout    Duration `yaml:"timeout,omitempty"`
}

// SMTP is where mail is handed in.
type SMTP struct {
	Address  string   `yaml:"address"`
	From     string   `yaml:"from"`
	TLS      string   `yaml:"tls,omitempty"` // offered, required or implicit
	Username string   `yaml:"username,omitempty"`
	Password Secret   `yaml:"password,omitempty"`
	Timeout  Duration `yaml:"timeout,omitempty"`
}

// Profile chooses between the original's behaviour and Tandem's defaults.
type Profile string

// Profiles.
const (
	Classic Profile = "classic"
	Tandem  Profile = "tandem"
)

// Connection is one portal, one org and the settings between them.
type Connection struct {
	Name          string               `yaml:"name"`
	Profile       Profile              `yaml:"profile,omitempty"`
	Paused        bool                 `yaml:"paused,omitempty"`
	Salesforce    Salesforce           `yaml:"salesforce"`
	HubSpot       HubSpot              `yaml:"hubspot"`
	PollEvery     Duration             `yaml:"poll_every,omitempty"`
	SweepEvery    Duration             `yaml:"sweep_every,omitempty"`
	Retry         Retry                `yaml:"retry,omitempty"`
	FormulaReread Duration             `yaml:"formula_reread,omitempty"`
	TimeZone      string               `yaml:"time_zone,omitempty"` // blank for the org's
	Brakes        Brakes               `yaml:"brakes,omitempty"`
	Allocated     Allocated            `yaml:"allocated_calls,omitempty"`
	Companies     Companies            `yaml:"companies,omitempty"`
	Contacts      Contacts             `yaml:"contacts,omitempty"`
	Deals         Deals                `yaml:"deals,omitempty"`
	Tickets       Tickets              `yaml:"tickets,omitempty"`
	Products      Products             `yaml:"products,omitempty"`
	LineItems     LineItems            `yaml:"line_items,omitempty"`
	CustomObjects []CustomObject       `yaml:"custom_objects,omitempty"`
	Activities    Activities           `yaml:"activities,omitempty"`
	Owners        Owners               `yaml:"owners,omitempty"`
	Lifecycle     Lifecycle            `yaml:"lifecycle,omitempty"`
	Campaigns     Campaigns            `yaml:"campaigns,omitempty"`
	Mappings      map[string][]Mapping `yaml:"mappings,omitempty"`
}

// Salesforce is how to reach an org.
type Salesforce struct {
	LoginURL      string         `yaml:"login_url"`
	OrgID         string         `yaml:"org_id,omitempty"`
	APIVersion    string         `yaml:"api_version,omitempty"`
	PubSub        string         `yaml:"pubsub,omitempty"`
	Events        string         `yaml:"events,omitempty"` // cdc or poll
	Auth          SalesforceAuth `yaml:"auth,omitempty"`
	DailyAPICalls int            `yaml:"daily_api_calls,omitempty"`
	SettleUnknown Duration       `yaml:"settle_unknown_after,omitempty"`
}

// SalesforceAuth is one way to sign in, or none where that is done at the console.
type SalesforceAuth struct {
	ClientCredentials *ClientCredentials `yaml:"client_credentials,omitempty"`
	JWT               *JWT               `yaml:"jwt,omitempty"`
	RefreshToken      *RefreshToken      `yaml:"refresh_token,omitempty"`
	AccessToken       *AccessToken       `yaml:"access_token,omitempty"`
}

// ClientCredentials sign in an app by itself.
type ClientCredentials struct {
	ClientID     string `yaml:"client_id"`
	ClientSecret Secret `yaml:"client_secret"`
}

// JWT signs in a user by a key registered with the app.
type JWT struct {
	ClientID string `yaml:"client_id"`
	Username string `yaml:"username"`
	Key      Secret `yaml:"key"` // PEM
	Audience string `yaml:"audience,omitempty"`
}

// RefreshToken signs in with what the browser flow gave.
type RefreshToken struct {
	ClientID     string `yaml:"client_id"`
	ClientSecret Secret `yaml:"client_secret,omitempty"`
	Token        Secret `yaml:"token"`
}

// AccessToken is a static session, for short trials.
type AccessToken struct {
	Token       Secret `yaml:"token"`
	InstanceURL string `yaml:"instance_url"`
}

// HubSpot is how to reach a portal.
type HubSpot struct {
	BaseURL       string        `yaml:"base_url,omitempty"`
	PortalID      string        `yaml:"portal_id,omitempty"`
	Auth          HubSpotAuth   `yaml:"auth,omitempty"`
	Events        HubSpotEvents `yaml:"events,omitempty"`
	IndexLag      Duration      `yaml:"index_lag,omitempty"`
	BurstShare    float64       `yaml:"burst_share,omitempty"` // of the vendor's burst limit, at most 0.98
	DailyAPICalls int           `yaml:"daily_api_calls,omitempty"`
	SettleUnknown Duration      `yaml:"settle_unknown_after,omitempty"`
}

// HubSpotAuth is one way to sign in, or none where that is done at the console.
type HubSpotAuth struct {
	StaticToken Secret        `yaml:"static_token,omitempty"`
	OAuth       *RefreshToken `yaml:"oauth,omitempty"`
}

// HubSpotEvents is at most one fast feed; polling runs besides.
type HubSpotEvents struct {
	Journal  *ClientCredentials `yaml:"journal,omitempty"`
	Webhooks *Webhooks          `yaml:"webhooks,omitempty"`
	Poll     bool               `yaml:"poll,omitempty"`
}

// Webhooks are signed pushes to a public address.
type Webhooks struct {
	PublicURL    string `yaml:"public_url"`
	AppID        string `yaml:"app_id"`
	ClientSecret Secret `yaml:"client_secret"`
	AllowV1      bool   `yaml:"allow_v1,omitempty"`
}

// Retry is ERR-10: records with an error are tried again, until a share of the
// daily allocation is used.
type Retry struct {
	Every       Duration `yaml:"every,omitempty"`
	StopAtShare float64  `yaml:"stop_at_share,omitempty"`
}

// Brakes are the limits above which a run halts for a person.
type Brakes struct {
	Deletes BrakeLimit `yaml:"deletes,omitempty"`
	Changed BrakeLimit `yaml:"changed,omitempty"`
	Scope   BrakeLimit `yaml:"scope,omitempty"`
}

// BrakeLimit is the larger of AtLeast records and Share of the linked records.
type BrakeLimit struct {
	AtLeast int     `yaml:"at_least,omitempty"`
	Share   float64 `yaml:"share,omitempty"`
}

// Limits are the limits as the brakes take them.
func (b BrakeLimit) Limits() core.BrakeLimits {
	return core.BrakeLimits{AtLeast: b.AtLeast, Share: b.Share}
}

// Companies are the settings of the company pair.
type Companies struct {
	Sync                  bool      `yaml:"sync"`                     // written even when off: it is what people look for
	CreateAccount         string    `yaml:"create_account,omitempty"` // classic, always, never or an expression
	Match                 []string  `yaml:"match,omitempty"`          // as in Matching, like the next three
	ExternalKey           FieldPair `yaml:"external_key,omitempty"`
	OnSeveral             string    `yaml:"on_several,omitempty"`
	Similar               string    `yaml:"similar,omitempty"`
	WhenSalesforceDeleted string    `yaml:"when_salesforce_deleted,omitempty"`
	WhenHubSpotDeleted    string    `yaml:"when_hubspot_deleted,omitempty"`
	Filter                Filter    `yaml:"filter,omitempty"`
	InclusionList         string    `yaml:"inclusion_list,omitempty"` // id or name; blank for all companies (INC-8)
	ListEvery             Duration  `yaml:"list_every,omitempty"`     // how often it is looked which joined or left
}

// Filter are expressions that a record of that side must meet to sync.
type Filter struct {
	FromSalesforce string `yaml:"from_salesforce,omitempty"`
	FromHubSpot    string `yaml:"from_hubspot,omitempty"`
}

// Ways to match owners: by e-mail address, or by name as well.
const (
	MatchNameAndEmail = "name_and_email"
	MatchStrict       = "strict"
)

// Owners say how HubSpot owners and Salesforce users are matched.
type Owners struct {
	Match    string            `yaml:"match,omitempty"`
	Map      map[string]string `yaml:"map,omitempty"`
	Fallback string            `yaml:"fallback,omitempty"`
}

// Mapping joins one HubSpot property with one Salesforce field under one rule.
type Mapping struct {
	HubSpot      string            `yaml:"hubspot"`
	Salesforce   string            `yaml:"salesforce"`
	Rule         string            `yaml:"rule,omitempty"`
	Values       map[string]string `yaml:"values,omitempty"`
	Reference    string            `yaml:"reference,omitempty"`
	ToSalesforce string            `yaml:"to_salesforce,omitempty"` // expression over value
	ToHubSpot    string            `yaml:"to_hubspot,omitempty"`
}

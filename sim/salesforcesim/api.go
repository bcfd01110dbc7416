package salesforcesim

import "time"

// Options configure a new org.
type Options struct {
	Seed             uint64           // ids, tokens and sample data follow from it
	Now              func() time.Time // base clock; time.Now when nil
	Limits           bool             // enforce the vendor's limits
	Latency          time.Duration    // added to every API answer
	Edition          string           // Organization.OrganizationType, "Enterprise Edition" when empty; those without API refuse it
	Sandbox          bool
	TimeZone         string        // of the org and its users, "America/Los_Angeles" when empty; not changed by Configure
	PersonAccounts   bool          // EnablePersonAccounts from the start
	SharedActivities bool          // EnableSharedActivities from the start
	PlacePicklists   bool          // EnablePlacePicklists from the start
	MyDomain         string        // first part of user names and hosts, "tandem-sim" when empty
	DailyAPICalls    int           // calls in 24 h; 100,000 when zero
	EventsPerDay     int           // change events delivered in 24 h before subscriptions are refused; no limit when zero
	AccessTokenTTL   time.Duration // 2 hours when zero; a session lives on while it is used
	BulkDelay        time.Duration // how long a bulk job waits in each state; 1 s when zero
	// ReplicationLag is how far the answers of /updated and /deleted are complete: up to
	// so long before now. Transactions that run long, anywhere on the instance, hold the
	// real latestDateCovered back for hours (SOAP API Developer Guide, "GetUpdatedResult").
	ReplicationLag time.Duration
	// RefuseFutureWindows refuses an /updated or /deleted whose start lies in the future,
	// which is answered with nothing otherwise: the documents tell neither.
	RefuseFutureWindows bool
	LedgerCap           int // record changes kept in the ledger; all when zero

	JWTCertificate      string         // PEM certificate of the integration's app for the JWT bearer flow
	RotateRefreshTokens bool           // each refresh kills the old refresh token and issues a new one
	Objects             []CustomObject // custom objects, in the order of their key prefixes a00, a01 …
	PasswordLogins      bool           // allows sign-in by user name and password, by OAuth and by SOAP login(), which new orgs block
}

// Info tells how to reach the org and as whom.
type Info struct {
	OrgID                   string
	AdminToken              string // a session of the administrator, a person; it does not expire
	AdminUsername           string
	AdminUserID             string
	IntegrationClientID     string
	IntegrationClientSecret string
	IntegrationUsername     string // run-as user of the client-credentials flow
	IntegrationUserID       string
}

// Entry is one line of the ledger: one field of one write.
type Entry struct {
	Time   time.Time `json:"time"`
	Who    string    `json:"who"`    // user name
	Client string    `json:"client"` // Sforce-Call-Options client, "" for people
	Object string    `json:"object"`
	ID     string    `json:"id"`
	Field  string    `json:"field,omitempty"` // "" where a whole record was deleted, restored or only touched
	Before any       `json:"before"`
	After  any       `json:"after"`
	Op     string    `json:"op"` // create, update, delete, undelete
	Tx     string    `json:"tx"` // transaction key, the same as in the change events
}

// Stats counts what was called and what happened.
type Stats struct {
	Calls           int64            `json:"calls"`
	ByEndpoint      map[string]int64 `json:"by_endpoint"` // "GET /query", ids left out
	ByClient        map[string]int64 `json:"by_client"`   // by Sforce-Call-Options client, else by user name
	RejectedByLimit int64            `json:"rejected_by_limit"`
	RecordsWritten  int64            `json:"records_written"`
	EventsPublished int64            `json:"events_published"`
	LedgerDropped   int64            `json:"ledger_dropped"` // record changes that the ledger has let go, oldest first
	GapEvents       int64            `json:"gap_events"`     // transactions of which a change could only be told as a gap
	Records         map[string]int64 `json:"records"`        // live records by object
}

// LoadReport tells what Load took and what it left out.
type LoadReport struct {
	Records map[string]int `json:"records"` // by object
	Notes   []string       `json:"notes"`   // files and columns left out, users made up
}

// Convert says how to convert a lead.
type Convert struct {
	AccountID           string // an existing account; "" creates one
	ContactID           string // an existing contact; "" creates one
	NoOpportunity       bool
	OpportunityName     string // the company when empty
	Status              string // a converted status; the org's own when empty
	OwnerID             string // the lead's owner when empty
	OverwriteLeadSource bool
}

// Converted names what a lead conversion made or used.
type Converted struct{ AccountID, ContactID, OpportunityID string }

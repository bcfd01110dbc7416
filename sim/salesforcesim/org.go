// Package salesforcesim is a Salesforce org over the real wire protocols.
package salesforcesim

import (
	"errors"
	"net/http"
	"time"

	"google.golang.org/grpc"
)

// Options configure a new org.
type Options struct {
	Seed           uint64           // ids, tokens and sample data follow from it
	Now            func() time.Time // base clock; time.Now when nil
	Limits         bool             // enforce the vendor's limits
	Latency        time.Duration    // added to every API answer
	Edition        string           // Organization.OrganizationType, "Enterprise Edition" when empty
	Sandbox        bool
	MyDomain       string        // host part of the org's own login host, "tandem-sim" when empty
	DailyAPICalls  int           // 100,000 when zero
	AccessTokenTTL time.Duration // 2 hours when zero; a session lives on while it is used
	BulkDelay      time.Duration // how long a bulk job waits in each state, 1 s when zero
	LedgerCap      int           // record changes kept in the ledger, all when zero
}

// Info tells how to reach the org.
type Info struct {
	OrgID                   string
	AdminToken              string
	AdminUsername           string
	AdminUserID             string
	IntegrationClientID     string
	IntegrationClientSecret string
	IntegrationUsername     string
	IntegrationUserID       string
}

// Entry is one line of the ledger: one field of one write.
type Entry struct {
	Time   time.Time `json:"time"`
	Who    string    `json:"who"`    // user name
	Client string    `json:"client"` // Sforce-Call-Options client, "" for people
	Object string    `json:"object"`
	ID     string    `json:"id"`
	Field  string    `json:"field,omitempty"` // "" for delete and undelete
	Before any       `json:"before"`
	After  any       `json:"after"`
	Op     string    `json:"op"` // create, update, delete, undelete
	Tx     string    `json:"tx"` // transaction key
}

// Stats counts what was called.
type Stats struct {
	Calls           int64            `json:"calls"`
	ByEndpoint      map[string]int64 `json:"by_endpoint"`
	ByClient        map[string]int64 `json:"by_client"`
	RejectedByLimit int64            `json:"rejected_by_limit"`
	RecordsWritten  int64            `json:"records_written"`
	EventsPublished int64            `json:"events_published"`
	Records         map[string]int64 `json:"records"`
}

// LoadReport tells what Load took and what it left.
type LoadReport struct {
	Records map[string]int `json:"records"`
	Notes   []string       `json:"notes"`
}

// Converted names what a lead conversion made or used.
type Converted struct{ AccountID, ContactID, OpportunityID string }

// Convert says how to convert a lead.
type Convert struct {
	AccountID           string // an existing account, "" creates one
	ContactID           string // an existing contact, "" creates one
	OpportunityName     string
	NoOpportunity       bool
	Status              string // a converted status, the org's first when empty
	OwnerID             string
	OverwriteLeadSource bool
}

// Org is the simulated org.
type Org struct{}

// Door edits records in process as one user.
type Door struct{}

var errUnbuilt = errors.New("salesforcesim: under construction")

// New makes an empty org.
func New(o Options) *Org                                        { return &Org{} }
func (o *Org) ServeHTTP(w http.ResponseWriter, r *http.Request) {}
func (o *Org) GRPC() *grpc.Server                               { return grpc.NewServer() }
func (o *Org) Info() Info                                       { return Info{} }
func (o *Org) Load(dir string) (LoadReport, error)              { return LoadReport{}, errUnbuilt }
func (o *Org) LoadSample(seed uint64)                           {}
func (o *Org) As(user string) Door                              { return Door{} }
func (o *Org) Ledger() []Entry                                  { return nil }
func (o *Org) Stats() Stats                                     { return Stats{} }

func (d Door) Create(object string, fields map[string]any) (string, error) { return "", errUnbuilt }
func (d Door) Update(object, id string, fields map[string]any) error       { return errUnbuilt }
func (d Door) Delete(object, id string) error                              { return errUnbuilt }
func (d Door) Undelete(object, id string) error                            { return errUnbuilt }
func (d Door) Merge(object, master string, losers ...string) error         { return errUnbuilt }
func (d Door) ConvertLead(lead string, how Convert) (Converted, error) {
	return Converted{}, errUnbuilt
}
func (d Door) Get(object, id string) map[string]any        { return nil }
func (d Door) Query(soql string) ([]map[string]any, error) { return nil, errUnbuilt }

package salesforce

import (
	"crypto/rsa"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"tandem/sim/clients"
	"tandem/sim/salesforcesim"
)

// jsforce runs a scenario of jsforce.mjs.
func (w *world) jsforce(scenario string, answer any) {
	w.t.Helper()
	w.env["SCENARIO"] = scenario
	clients.Node(w.t, "jsforce.mjs", w.env, answer)
}

func TestJSForceSignsInByClientCredentials(t *testing.T) {
	t.Parallel()
	w := serve(t)
	var got struct{ ID, Username string }
	w.jsforce("oauth", &got)
	w.want("Account", got.ID, "Name", "by client credentials")
	if got.Username != w.info.IntegrationUsername {
		t.Errorf("signed in as %s", got.Username)
	}
}

func TestJSForceSignsInByCodeWithProofKey(t *testing.T) {
	t.Parallel()
	w := serve(t)
	var got struct{ ID, Organization, Again, After string }
	w.jsforce("code", &got)
	w.want("Account", got.ID, "Name", "by code")
	if got.Organization != w.info.OrgID || got.Again != "invalid_grant" || got.After != "invalid_grant" {
		t.Errorf("%+v: want a code that works once and a refresh token that dies with the logout", got)
	}
}

func TestJSForceRefreshesOnceForSeveralCalls(t *testing.T) {
	t.Parallel()
	w := serve(t)
	token, err := w.org.IssueRefreshToken("integration")
	check(t, err)
	w.env["REFRESH_TOKEN"] = token
	var got struct {
		Refreshes       int
		IDs             []string
		Failed, Session string
	}
	w.jsforce("refresh", &got)
	if got.Refreshes != 1 || !strings.Contains(got.Failed, "expired access/refresh token") || got.Session != "INVALID_SESSION_ID" {
		t.Errorf("%+v", got)
	}
	for i, id := range got.IDs {
		w.want("Account", id, "Name", fmt.Sprintf("refreshed %d", i+1))
	}
	w.wantCount(3, "SELECT Id FROM Account")
}

func TestJSForceSignsInByAssertion(t *testing.T) {
	t.Parallel()
	w := serve(t)
	w.env["ASSERTION"] = w.assertion()
	var got struct{ Username string }
	w.jsforce("jwt", &got)
	if got.Username != w.info.IntegrationUsername {
		t.Errorf("signed in as %q", got.Username)
	}
}

// assertion is a signed claim to be the integration user.
func (w *world) assertion() string {
	w.t.Helper()
	var key *rsa.PrivateKey
	key, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(w.key))
	check(w.t, err)
	claims := jwt.MapClaims{"iss": w.info.IntegrationClientID, "sub": w.info.IntegrationUsername, "aud": "https://login.salesforce.com", "exp": time.Now().Add(3 * time.Minute).Unix()}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
	check(w.t, err)
	return signed
}

func TestJSForceSignsInByPasswordWhereTheOrgAllowsIt(t *testing.T) {
	t.Parallel()
	w := serve(t, func(o *salesforcesim.Options) { o.PasswordLogins = true })
	check(t, w.org.SetPassword("integration", "secretTOKEN"))
	w.env["PASSWORD"] = "secretTOKEN"
	var got struct {
		IDs                                  []string
		Organization, Wrong, Soap, Late, Out string
	}
	w.jsforce("password", &got)
	w.want("Account", got.IDs[0], "Name", "by password")
	w.want("Account", got.IDs[1], "Name", "by SOAP login")
	if got.Organization != w.info.OrgID || got.Wrong != "invalid_grant" || !strings.HasPrefix(got.Soap, "INVALID_LOGIN") ||
		!strings.HasPrefix(got.Late, "UNSUPPORTED_API_VERSION") || got.Out != "INVALID_SESSION_ID" {
		t.Errorf("%+v", got)
	}
}

func TestJSForceWritesRecords(t *testing.T) {
	t.Parallel()
	w := serve(t)
	var got struct{ ID, Removed, Gone, Required, Unknown, Never string }
	w.jsforce("records", &got)
	w.want("Account", got.ID, "Name", "Acme Inc")
	w.want("Account", got.ID, "BillingCity", nil)
	w.gone("Account", got.Removed)
	if codes := []string{got.Gone, got.Required, got.Unknown, got.Never}; !slices.Equal(codes, []string{"ENTITY_IS_DELETED", "REQUIRED_FIELD_MISSING", "INVALID_FIELD", "NOT_FOUND"}) {
		t.Errorf("codes %v", codes)
	}
}

func TestJSForceUpserts(t *testing.T) {
	t.Parallel()
	w := serve(t)
	var got struct {
		ID, Again, Several, NoField string
		URLs                        []string
	}
	w.jsforce("upsert", &got)
	w.want("Account", got.ID, "Name", "Two")
	if got.Again != got.ID || got.Several != "MULTIPLE_CHOICES" || len(got.URLs) != 2 || got.NoField != "NOT_FOUND" {
		t.Errorf("%+v", got)
	}
	w.wantCount(1, "SELECT Id FROM Account WHERE Ext__c = 'K 1'")
	w.wantCount(0, "SELECT Id FROM Account WHERE Name = 'c'")
}

// row is one result of a collections call.
type row struct {
	ID      string
	Success bool
	Created *bool
	Errors  []struct{ StatusCode string }
}

func (r row) code() string {
	if len(r.Errors) == 0 {
		return ""
	}
	return r.Errors[0].StatusCode
}

func TestJSForceWritesCollections(t *testing.T) {
	t.Parallel()
	w := serve(t)
	var got struct {
		IDs                            []string
		Mixed, None, Updated, Upserted []row
		Got                            []map[string]any
		Destroyed                      int
		TooMany                        string
	}
	w.jsforce("collections", &got)
	w.wantCount(400-1, "SELECT Id FROM Account WHERE Name LIKE 'Row %' OR Name LIKE 'Changed %'")
	w.want("Account", got.IDs[0], "Name", "Changed 0")
	w.want("Account", got.IDs[3], "Name", "Upserted")
	w.want("Account", got.Upserted[1].ID, "Ext__c", "new")
	w.gone("Account", got.IDs[449])
	w.wantCount(0, "SELECT Id FROM Account WHERE Name = 'rolled back'")
	w.wantCount(1, "SELECT Id FROM Account WHERE Name = 'good'")
	if *got.Upserted[0].Created || !*got.Upserted[1].Created || got.Mixed[1].code() != "REQUIRED_FIELD_MISSING" ||
		got.None[0].code() != "ALL_OR_NONE_OPERATION_ROLLED_BACK" || got.TooMany != "EXCEEDED_MAX_SIZE_REQUEST" {
		t.Errorf("%+v", got)
	}
	if len(got.Got) != 2 || got.Got[0]["Name"] != "Changed 0" || got.Got[1] != nil {
		t.Errorf("retrieved %v, want the record and null for the unknown id", got.Got)
	}
}

func TestJSForceRunsComposites(t *testing.T) {
	t.Parallel()
	w := serve(t)
	var got struct {
		Composite, Batch []int
		Read             string
		Tree             []string
		Graph            []bool
	}
	w.jsforce("composite", &got)
	if fmt.Sprint(got) != "{[201 201 200] [200 201] Composite [t1 t2] [true false]}" {
		t.Errorf("%v", got)
	}
	w.wantCount(1, "SELECT Id FROM Contact WHERE Account.Name = 'Composite'")
	w.wantCount(1, "SELECT Id FROM Contact WHERE LastName = 'Leaf' AND Account.Name = 'Tree'")
	w.wantCount(2, "SELECT Id FROM Account WHERE Name IN ('Batch', 'Graph', 'Fails')")
}

func TestJSForceDescribes(t *testing.T) {
	t.Parallel()
	w := serve(t)
	var got struct {
		KeyPrefix, Unknown string
		Children, Objects  []string
	}
	w.jsforce("describe", &got)
	if got.KeyPrefix != "001" || got.Unknown != "NOT_FOUND" || !slices.Contains(got.Children, "Contacts") || !slices.Contains(got.Objects, "Opportunity") {
		t.Errorf("%+v", got)
	}
}

func TestJSForceQueries(t *testing.T) {
	t.Parallel()
	w := serve(t)
	for i := range 2300 {
		w.make("Account", map[string]any{"Name": fmt.Sprintf("Page %04d", i)})
	}
	gone := w.make("Account", map[string]any{"Name": "gone"})
	check(t, w.org.As("admin").Delete("Account", gone))
	var got struct {
		Rows, Page, Counted, View                 int
		Found                                     []struct{ Name string }
		Grouped                                   []struct{ N int }
		Gone                                      []string
		Plan                                      struct{ LeadingOperationType string }
		Lost, Malformed, NoField, NoType, Unknown string
	}
	w.jsforce("query", &got)
	if got.Rows != 2300 || got.Page != 2200 || got.Counted != 2300 || got.View != 1 || len(got.Found) != 3 || got.Found[0].Name != "Page 0009" || got.Grouped[0].N != 2300 {
		t.Errorf("%+v", got)
	}
	if !slices.Equal(got.Gone, []string{gone}) || got.Plan.LeadingOperationType != "Index" {
		t.Errorf("queryAll gives %v, explain %v", got.Gone, got.Plan)
	}
	if codes := []string{got.Lost, got.Malformed, got.NoField, got.NoType}; !slices.Equal(codes, []string{"INVALID_QUERY_LOCATOR", "MALFORMED_QUERY", "INVALID_FIELD", "INVALID_TYPE"}) {
		t.Errorf("codes %v", codes)
	}
}

func TestJSForceReadsWhatChanged(t *testing.T) {
	t.Parallel()
	w := serve(t)
	var got struct {
		Kept, Dropped, Early string
		Updated              struct{ IDs []string }
		Deleted              struct{ DeletedRecords []struct{ ID string } }
	}
	w.jsforce("replication", &got)
	if !slices.Equal(got.Updated.IDs, []string{got.Kept}) || len(got.Deleted.DeletedRecords) != 1 || got.Deleted.DeletedRecords[0].ID != got.Dropped || got.Early != "INVALID_REPLICATION_DATE" {
		t.Errorf("%+v", got)
	}
}

func TestJSForceReadsLimitsAndIdentity(t *testing.T) {
	t.Parallel()
	w := serve(t)
	var got struct {
		Limits struct{ Max, Remaining int }
		Who    struct{ User, Org, Username string }
		Usage  struct{ Used, Limit int }
		Newest string
	}
	w.jsforce("meta", &got)
	if got.Limits.Max != 100_000 || got.Who.User != w.info.AdminUserID || got.Who.Org != w.info.OrgID || got.Who.Username != w.info.AdminUsername || got.Usage.Limit != 100_000 || got.Usage.Used == 0 || got.Newest != "68.0" {
		t.Errorf("%+v", got)
	}
}

func TestJSForceRunsBulkJobs(t *testing.T) {
	t.Parallel()
	w := serve(t)
	type cells map[string]string
	var got struct {
		Inserted, Empty []int
		Error, Bad      string
		Upserted, Rows  []cells
		All             []cells
		Removed         []string
		FailedQuery     struct{ Error string }
	}
	w.jsforce("bulk", &got)
	if !slices.Equal(got.Inserted, []int{2, 1, 0}) || !slices.Equal(got.Empty, []int{0, 0, 0}) || got.Error != "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --" {
		t.Errorf("insert: %v %v %q", got.Inserted, got.Empty, got.Error)
	}
	if got.Upserted[0]["sf__Created"] != "false" || got.Upserted[1]["sf__Created"] != "true" || !strings.Contains(got.Bad, "InvalidBatch : Field name not found : Nope__c") || got.FailedQuery.Error == "" {
		t.Errorf("upsert %v, bad %q, query %v", got.Upserted, got.Bad, got.FailedQuery)
	}
	if len(got.Rows) != 3 || got.Rows[1]["Name"] != "Bulk \"3\", x\ny" || got.Rows[0]["Owner.Name"] != "Ada Admin" || len(got.All) != 3 {
		t.Errorf("rows %v", got.Rows)
	}
	w.gone("Account", got.Removed[0])
	w.wantCount(2, "SELECT Id FROM Account WHERE Ext__c LIKE 'B%'")
}

func TestJSForceConvertsMergesAndRestoresOverSOAP(t *testing.T) {
	t.Parallel()
	w := serve(t)
	var got struct {
		Lead, Master, Loser, Organization, Session string
		Converted                                  struct {
			AccountID, ContactID string
			OpportunityID        *string
			Success              bool
		}
		Merged struct{ MergedRecordIDs []string }
		Again  struct {
			Success bool
			Errors  []struct{ StatusCode string }
		}
		Back, Made []row
	}
	w.jsforce("soap", &got)
	w.want("Lead", got.Lead, "ConvertedContactId", got.Converted.ContactID)
	w.want("Contact", got.Converted.ContactID, "AccountId", got.Converted.AccountID)
	w.want("Account", got.Master, "Phone", "42")
	w.gone("Account", got.Loser)
	w.want("Account", got.Back[0].ID, "Name", "Back again")
	w.wantCount(1, "SELECT Id FROM Account WHERE Name = 'SOAP' AND NumberOfEmployees = 3")
	if got.Converted.OpportunityID != nil || got.Again.Success || got.Again.Errors[0].StatusCode != "CANNOT_UPDATE_CONVERTED_LEAD" ||
		!slices.Equal(got.Merged.MergedRecordIDs, []string{got.Loser}) || got.Made[1].code() != "REQUIRED_FIELD_MISSING" || got.Organization != w.info.OrgID || got.Session != "sf:INVALID_SESSION_ID" {
		t.Errorf("%+v", got)
	}
}

func TestJSForceSearches(t *testing.T) {
	t.Parallel()
	w := serve(t)
	account := w.make("Account", map[string]any{"Name": "Needles & Co"})
	contact := w.make("Contact", map[string]any{"LastName": "Hay", "Description": "a needle in it"})
	w.make("Contact", map[string]any{"LastName": "Hay"})
	var got struct {
		Found []struct{ ID string }
		Bad   string
	}
	w.jsforce("search", &got)
	if len(got.Found) != 2 || got.Found[0].ID != account || got.Found[1].ID != contact || got.Bad != "MALFORMED_SEARCH" {
		t.Errorf("%+v", got)
	}
}

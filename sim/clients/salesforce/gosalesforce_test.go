package salesforce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gosf "github.com/k-capehart/go-salesforce/v3"
)

func (w *world) goClient(creds gosf.Creds, options ...gosf.Option) *gosf.Salesforce {
	w.t.Helper()
	creds.Domain = w.url
	client, err := gosf.Init(creds, options...)
	if err != nil {
		w.t.Fatal(err)
	}
	return client
}

func (w *world) goIntegration(options ...gosf.Option) *gosf.Salesforce {
	w.t.Helper()
	return w.goClient(gosf.Creds{ConsumerKey: w.info.IntegrationClientID, ConsumerSecret: w.info.IntegrationClientSecret}, options...)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestGoSalesforceSignsInEachWay(t *testing.T) {
	t.Parallel()
	w := serve(t)
	for name, creds := range map[string]gosf.Creds{
		"client credentials": {ConsumerKey: w.info.IntegrationClientID, ConsumerSecret: w.info.IntegrationClientSecret},
		"access token":       {AccessToken: w.info.AdminToken},
		"jwt":                {ConsumerKey: w.info.IntegrationClientID, Username: w.info.IntegrationUsername, ConsumerRSAPem: w.key},
	} {
		client := w.goClient(creds)
		made, err := client.InsertOne("Account", map[string]any{"Name": name})
		check(t, err)
		w.want("Account", made.Id, "Name", name)
	}
	if _, err := gosf.Init(gosf.Creds{Domain: w.url, AccessToken: w.info.OrgID[:15] + "!no"}); err == nil || !strings.Contains(err.Error(), "refresh") {
		t.Errorf("a wrong token gives %v, want a try to refresh that this flow has not", err)
	}
}

func TestGoSalesforceSignsInAgainWhenTheSessionExpires(t *testing.T) {
	t.Parallel()
	w := serve(t)
	client := w.goIntegration()
	before := client.GetAccessToken()
	w.org.ExpireSessions()
	made, err := client.InsertOne("Account", map[string]any{"Name": "after"})
	check(t, err)
	w.want("Account", made.Id, "Name", "after")
	if client.GetAccessToken() == before {
		t.Error("the expired token is still in use")
	}
}

func TestGoSalesforceWritesSingleRecords(t *testing.T) {
	t.Parallel()
	w := serve(t)
	client := w.goIntegration(gosf.WithCompressionHeaders(true))
	made, err := client.InsertOne("Account", map[string]any{"Name": "Acme", "Phone": "1"})
	check(t, err)
	check(t, client.UpdateOne("Account", map[string]any{"Id": made.Id, "Phone": "2", "Name": "Acme Inc"}))
	w.want("Account", made.Id, "Phone", "2")
	for _, want := range []string{"first", "second"} {
		result, err := client.UpsertOne("Account", "Ext__c", map[string]any{"Ext__c": "A-1", "Name": want})
		check(t, err)
		w.want("Account", result.Id, "Name", want)
	}
	w.wantCount(1, "SELECT Id FROM Account WHERE Ext__c = 'A-1'")
	check(t, client.DeleteOne("Account", map[string]any{"Id": made.Id}))
	w.gone("Account", made.Id)
	err = client.DeleteOne("Account", map[string]any{"Id": made.Id})
	if err == nil || !strings.Contains(err.Error(), "ENTITY_IS_DELETED") {
		t.Errorf("a second delete gives %v", err)
	}
}

func TestGoSalesforceWritesCollections(t *testing.T) {
	t.Parallel()
	w := serve(t)
	client := w.goIntegration()
	var rows []map[string]any
	for i := range 250 {
		rows = append(rows, map[string]any{"Name": fmt.Sprintf("Row %03d", i), "Ext__c": fmt.Sprintf("K%d", i)})
	}
	rows[7]["Name"] = ""
	made, err := client.InsertCollection("Account", rows, 200)
	check(t, err)
	if len(made.Results) != 250 || !made.HasSalesforceErrors || made.Results[7].Errors[0].StatusCode != "REQUIRED_FIELD_MISSING" {
		t.Fatalf("250 rows with one bad one give %+v", made.Results[7])
	}
	w.wantCount(249, "SELECT Id FROM Account")
	update := []map[string]any{{"Id": made.Results[0].Id, "Phone": "1"}, {"Id": made.Results[1].Id, "Phone": "1"}}
	changed, err := client.UpdateCollection("Account", update, 200)
	check(t, err)
	if changed.HasSalesforceErrors {
		t.Errorf("update: %+v", changed)
	}
	merged, err := client.UpsertCollection("Account", "Ext__c", []map[string]any{{"Ext__c": "K1", "Name": "known"}, {"Ext__c": "K9999", "Name": "new"}}, 200)
	check(t, err)
	w.want("Account", merged.Results[0].Id, "Name", "known")
	w.want("Account", merged.Results[1].Id, "Ext__c", "K9999")
	_, err = client.DeleteCollection("Account", update, 200)
	check(t, err)
	w.wantCount(248, "SELECT Id FROM Account")
}

func TestGoSalesforceWritesComposites(t *testing.T) {
	t.Parallel()
	w := serve(t)
	client := w.goIntegration()
	rows := []map[string]any{{"Name": "One"}, {"Name": "Two"}, {"Name": ""}}
	_, err := client.InsertComposite("Account", rows, 2, true)
	check(t, err)
	w.wantCount(0, "SELECT Id FROM Account")
	made, err := client.InsertComposite("Account", rows, 2, false)
	check(t, err)
	if len(made.Results) != 3 || !made.HasSalesforceErrors {
		t.Fatalf("composite: %+v", made)
	}
	w.wantCount(2, "SELECT Id FROM Account")
	ids := []map[string]any{{"Id": made.Results[0].Id, "Name": "Uno"}, {"Id": made.Results[1].Id, "Name": "Due"}}
	_, err = client.UpdateComposite("Account", ids, 2, true)
	check(t, err)
	w.want("Account", made.Results[1].Id, "Name", "Due")
	upserted, err := client.UpsertComposite("Account", "Ext__c", []map[string]any{{"Ext__c": "C1", "Name": "Tre"}}, 2, true)
	check(t, err)
	w.want("Account", upserted.Results[0].Id, "Name", "Tre")
	_, err = client.DeleteComposite("Account", ids, 2, true)
	check(t, err)
	w.wantCount(1, "SELECT Id FROM Account")
}

func TestGoSalesforceQueriesPageByPage(t *testing.T) {
	t.Parallel()
	w := serve(t)
	for i := range 2300 {
		w.make("Account", map[string]any{"Name": fmt.Sprintf("Page %04d", i)})
	}
	client := w.goIntegration()
	var rows []struct{ Id, Name string }
	check(t, client.Query("SELECT Id, Name FROM Account WHERE Name LIKE 'Page%' ORDER BY Name", &rows))
	if len(rows) != 2300 || rows[2299].Name != "Page 2299" {
		t.Fatalf("%d rows, the last is %+v", len(rows), rows[len(rows)-1])
	}
	var parsed []struct{ Id string }
	err := client.Query("SELECT Nope FROM Account", &parsed)
	if err == nil || !strings.Contains(err.Error(), "INVALID_FIELD") {
		t.Errorf("an unknown field gives %v", err)
	}
}

func TestGoSalesforceRunsBulkJobs(t *testing.T) {
	t.Parallel()
	w := serve(t)
	client := w.goIntegration()
	rows := []map[string]any{{"Name": "B 1", "Ext__c": "B1"}, {"Name": "", "Ext__c": "B2"}, {"Name": "B 3", "Ext__c": "B3"}}
	jobs, err := client.InsertBulk("Account", rows, 10_000, true)
	check(t, err)
	results, err := client.GetJobResults(jobs[0])
	check(t, err)
	if results.State != "JobComplete" || len(results.SuccessfulRecords) != 2 || len(results.FailedRecords) != 1 ||
		results.FailedRecords[0]["sf__Error"] != "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --" {
		t.Fatalf("insert: %+v", results)
	}
	w.wantCount(2, "SELECT Id FROM Account")
	_, err = client.UpsertBulk("Account", "Ext__c", []map[string]any{{"Ext__c": "B1", "Name": "B one"}, {"Ext__c": "B4", "Name": "B 4"}}, 100, true)
	check(t, err)
	w.wantCount(1, "SELECT Id FROM Account WHERE Name = 'B one' AND Ext__c = 'B1'")
	id, _ := results.SuccessfulRecords[0]["sf__Id"].(string)
	_, err = client.UpdateBulk("Account", []map[string]any{{"Id": id, "Phone": "7"}}, 100, true)
	check(t, err)
	w.want("Account", id, "Phone", "7")
	file := filepath.Join(t.TempDir(), "out.csv")
	check(t, client.QueryBulkExport("SELECT Id, Name FROM Account ORDER BY Name", file))
	w.seesAccounts(client, 3)
	_, err = client.DeleteBulk("Account", []map[string]any{{"Id": id}}, 100, true)
	check(t, err)
	w.gone("Account", id)
}

// seesAccounts reads all accounts by the client's bulk query iterator.
func (w *world) seesAccounts(client *gosf.Salesforce, want int) {
	w.t.Helper()
	it, err := client.QueryBulkIterator("SELECT Id, Name FROM Account")
	check(w.t, err)
	var all []struct{ Id, Name string }
	for it.Next() {
		var page []struct{ Id, Name string }
		check(w.t, it.Decode(&page))
		all = append(all, page...)
	}
	check(w.t, it.Error())
	if len(all) != want {
		w.t.Errorf("the bulk query gives %d accounts, want %d", len(all), want)
	}
}

func TestGoSalesforceReachesTheOtherResources(t *testing.T) {
	t.Parallel()
	w := serve(t)
	id := w.make("Account", map[string]any{"Name": "Described"})
	client := w.goIntegration()
	var described struct{ Fields []struct{ Name string } }
	w.get(client, "/sobjects/Account/describe", &described)
	if !slices.ContainsFunc(described.Fields, func(f struct{ Name string }) bool { return f.Name == "Ext__c" }) {
		t.Error("describe does not show Ext__c")
	}
	var limits map[string]struct{ Max, Remaining int }
	w.get(client, "/limits", &limits)
	if limits["DailyApiRequests"].Max != 100_000 {
		t.Errorf("limits: %+v", limits["DailyApiRequests"])
	}
	var record struct{ ID, Name string }
	w.get(client, "/sobjects/Account/"+id+"?fields=Id,Name", &record)
	if record.Name != "Described" {
		t.Errorf("record: %+v", record)
	}
}

// get reads a resource with the client.
func (w *world) get(client *gosf.Salesforce, path string, into any) {
	w.t.Helper()
	res, err := client.DoRequest(http.MethodGet, path, nil)
	check(w.t, err)
	defer func() { _ = res.Body.Close() }()
	check(w.t, json.NewDecoder(res.Body).Decode(into))
}
